// Waveforms: FST or VCD, whichever the model was built for. In a build without either every
// member is empty and costs nothing.
#pragma once

#include "Vmodel.h"
#include "wire.h"

#include <cstdint>
#include <memory>
#include <string>

#if VM_TRACE_FST
#include "verilated_fst_c.h"
#elif VM_TRACE
#include "verilated_vcd_c.h"
#endif

namespace deku {

#if VM_TRACE
#if VM_TRACE_FST
using TraceFile = VerilatedFstC;
#else
using TraceFile = VerilatedVcdC;
#endif

class Tracer {
  public:
    static constexpr bool available = true;

    void open(Vmodel& model, const std::string& path) {
        close();
        if (!file_) {
            file_ = std::make_unique<TraceFile>();
            model.trace(file_.get(), 99);
        }
        file_->open(path.c_str());
        open_ = file_->isOpen();
        if (!open_) throw BadRequest("cannot create the waveform file " + path);
    }
    void close() {
        if (open_) file_->close();
        open_ = false;
    }
    // Verilator wants strictly increasing times; coincident events are spread by a picosecond.
    void dump(uint64_t now_ps) {
        if (!open_) return;
        last_ps_ = now_ps > last_ps_ ? now_ps : last_ps_ + 1;
        file_->dump(last_ps_);
    }

  private:
    std::unique_ptr<TraceFile> file_;
    bool open_ = false;
    uint64_t last_ps_ = 0;
};
#else
class Tracer {
  public:
    static constexpr bool available = false;
    void open(Vmodel&, const std::string&) {
        throw BadRequest("this simulator was built without waveforms; build it with Trace::Fst or Trace::Vcd");
    }
    void close() {}
    void dump(uint64_t) {}
};
#endif

}  // namespace deku

// A Verilated deku_top as a program: takes commands on standard input, answers on standard
// output. wire.h describes the messages, sim/src/link/ is the other end.
#include "Vmodel.h"
#include "engine.h"
#include "memory.h"
#include "spi.h"
#include "verilated.h"
#include "wire.h"

#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#ifndef DEKU_KEY
#define DEKU_KEY "none"
#endif

namespace deku {
namespace {

constexpr uint32_t kProtocol = 1;

enum Opcode : uint8_t {
    kHello = 0x01,
    kReset = 0x02,
    kResetPin = 0x03,
    kRun = 0x04,
    kRunUntil = 0x05,
    kAdvance = 0x06,
    kSetClock = 0x07,
    kPins = 0x08,
    kSpiTiming = 0x10,
    kSpiTransfer = 0x11,
    kSpiLine = 0x12,
    kUartBitTime = 0x20,
    kUartSend = 0x21,
    kUartTake = 0x22,
    kUartRun = 0x23,
    kUartFlush = 0x24,
    kUartClear = 0x25,
    kStats = 0x30,
    kStatsReset = 0x31,
    kList = 0x40,
    kPeek = 0x41,
    kPoke = 0x42,
    kTraceOn = 0x50,
    kTraceOff = 0x51,
    kFaultPlan = 0x60,
};

class Harness {
  public:
    explicit Harness(VerilatedContext& context)
        : context_{context}, engine_{context}, spi_{engine_}, memories_{context} {
        engine_.power_on();
    }
    ~Harness() { engine_.tracer().close(); }

    void execute(Reader& in, Writer& out) {
        switch (in.get<uint8_t>()) {
        case kHello: return hello(out);
        case kReset: return reset(in);
        case kResetPin: return engine_.set_reset(in.get<uint8_t>() != 0);
        case kRun: return engine_.run(in.get<uint64_t>());
        case kRunUntil: return run_until(in, out);
        case kAdvance: return engine_.advance(in.get<uint64_t>());
        case kSetClock: return engine_.set_clock(in.get<uint64_t>());
        case kPins: return out.put(engine_.pins());
        case kSpiTiming: return spi_timing(in);
        case kSpiTransfer: return spi_transfer(in, out);
        case kSpiLine: return spi_line(in);
        case kUartBitTime: return uart_bit_time(in);
        case kUartSend: return uart_send(in);
        case kUartTake: return uart_take(in, out);
        case kUartRun: return uart_run(in, out);
        case kUartFlush: return uart_flush(in, out);
        case kUartClear: return engine_.uart().clear();
        case kStats: return stats(out);
        case kStatsReset: return engine_.reset_counters();
        case kList: return memories_.list(out);
        case kPeek: return peek(in, out);
        case kPoke: return poke(in);
        case kTraceOn: return engine_.tracer().open(engine_.model(), in.rest());
        case kTraceOff: return engine_.tracer().close();
        case kFaultPlan: return fault_plan(in);
        default: throw BadRequest("unknown command");
        }
    }

  private:
    void hello(Writer& out) {
        out.put(kProtocol);
        out.put(static_cast<uint8_t>(Tracer::available));
        out.put_string(DEKU_KEY);
        out.put_string(std::string(Verilated::productName()) + " " + Verilated::productVersion());
    }

    void reset(Reader& in) {
        engine_.set_reset(true);
        engine_.run(in.get<uint32_t>());
        engine_.set_reset(false);
    }

    void run_until(Reader& in, Writer& out) {
        const auto mask = in.get<uint8_t>();
        const auto value = in.get<uint8_t>();
        const auto limit = in.get<uint64_t>();
        const uint64_t from = engine_.total_cycles();
        const bool met =
            engine_.run_until([&] { return (engine_.pins() & mask) == value; }, limit);
        out.put(static_cast<uint8_t>(met));
        out.put(engine_.total_cycles() - from);
    }

    // One line of the bus by itself: 0 chip select, 1 SCK, 2 MOSI.
    void spi_line(Reader& in) {
        const auto line = in.get<uint8_t>();
        const auto level = static_cast<uint8_t>(in.get<uint8_t>() != 0);
        switch (line) {
        case 0: engine_.model().spi_cs_ni = level; break;
        case 1: engine_.model().spi_sck_i = level; break;
        case 2: engine_.model().spi_mosi_i = level; break;
        default: throw BadRequest("unknown line");
        }
        engine_.eval();
    }

    void spi_timing(Reader& in) {
        SpiTiming timing;
        timing.period_ps = in.get<uint64_t>();
        timing.phase = static_cast<Phase>(in.get<uint8_t>());
        timing.phase_ps = in.get<uint64_t>();
        timing.setup_ps = in.get<uint64_t>();
        timing.hold_ps = in.get<uint64_t>();
        timing.byte_gap_ps = in.get<uint64_t>();
        timing.frame_gap_ps = in.get<uint64_t>();
        spi_.set_timing(timing);
        spi_.seed_phase(in.get<uint64_t>());
    }

    void spi_transfer(Reader& in, Writer& out) {
        const auto limit = in.get<uint64_t>();
        std::vector<Pause> pauses(in.get<uint32_t>());
        for (Pause& pause : pauses) {
            pause.at = in.get<uint32_t>();
            pause.ps = in.get<uint64_t>();
        }
        const size_t size = in.left();
        spi_.transfer(in.take(size), size, limit, pauses, out.extend(size));
    }

    void uart_bit_time(Reader& in) {
        const auto bit_ps = in.get<uint64_t>();
        if (bit_ps < 2) throw BadRequest("the UART bit time must be at least 2 ps");
        engine_.uart().set_bit_time(bit_ps);
    }

    void uart_send(Reader& in) {
        const size_t size = in.left();
        engine_.uart().send(in.take(size), size, engine_.now());
    }

    void uart_take(Reader& in, Writer& out) {
        const auto most = in.get<uint32_t>();
        for (uint32_t i = 0; i < most && engine_.uart().received(); ++i) {
            out.put(engine_.uart().take());
        }
    }

    // Time-outs are in picoseconds; the condition is looked at once per clock cycle.
    uint64_t cycles_in(uint64_t ps) const { return ps / engine_.period() + 1; }

    void uart_run(Reader& in, Writer& out) {
        const auto wanted = in.get<uint32_t>();
        const uint64_t limit = cycles_in(in.get<uint64_t>());
        engine_.run_until([&] { return engine_.uart().received() >= wanted; }, limit);
        out.put(static_cast<uint32_t>(engine_.uart().received()));
    }

    void uart_flush(Reader& in, Writer& out) {
        const uint64_t limit = cycles_in(in.get<uint64_t>());
        const bool done = engine_.run_until([&] { return !engine_.uart().sending(); }, limit);
        out.put(static_cast<uint8_t>(done));
    }

    // The order is that of sim/src/stats.rs.
    void stats(Writer& out) {
        const Counters& c = engine_.counters;
        out.put(engine_.now());
        out.put(engine_.now() - engine_.counted_from());
        out.put(c.cycles);
        for (uint64_t n : c.activity_cycles) out.put(n);
        for (uint64_t n : c.activity_entries) out.put(n);
        out.put(c.irq_rises);
        out.put(c.spi_bytes);
        out.put(c.spi_frames);
        out.put(engine_.uart().bytes_to_module);
        out.put(engine_.uart().bytes_to_host);
        out.put(engine_.uart().framing_errors);
        for (const Fault& fault : engine_.faults().kind) out.put(fault.count());
    }

    void peek(Reader& in, Writer& out) {
        const auto id = in.get<uint32_t>();
        const auto start = in.get<uint64_t>();
        memories_.peek(id, start, in.get<uint64_t>(), out);
    }

    void poke(Reader& in) {
        const auto id = in.get<uint32_t>();
        const auto start = in.get<uint64_t>();
        const auto count = in.get<uint64_t>();
        memories_.poke(id, start, count, in);
    }

    void fault_plan(Reader& in) {
        const auto seed = in.get<uint64_t>();
        engine_.faults().stall_ps = in.get<uint64_t>();
        for (uint64_t i = 0; i < kFaultKinds; ++i) {
            engine_.faults().kind[i].plan(seed + i, in.get<uint64_t>());
        }
    }

    VerilatedContext& context_;
    Engine engine_;
    Spi spi_;
    Memories memories_;
};

void serve(VerilatedContext& context, Pipe& pipe) {
    Harness harness{context};
    Writer out;
    const uint8_t* data = nullptr;
    size_t size = 0;
    while (pipe.next(data, size)) {
        out.clear();
        uint8_t status = 0;
        try {
            Reader in{data, size};
            harness.execute(in, out);
        } catch (const BadRequest& error) {
            status = 1;
            const std::string text = error.what();
            out.clear();
            out.append(reinterpret_cast<const uint8_t*>(text.data()), text.size());
        }
        if (context.gotFinish()) throw std::runtime_error("the design called $finish or $stop");
        pipe.reply(status, out.bytes());
    }
}

}  // namespace
}  // namespace deku

int main(int argc, char** argv) {
    // What the design prints must not end up between the replies.
    const int replies = ::dup(STDOUT_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    auto context = std::make_unique<VerilatedContext>();
    context->commandArgs(argc, argv);
    context->traceEverOn(deku::Tracer::available);
    try {
        deku::Pipe pipe{STDIN_FILENO, replies};
        deku::serve(*context, pipe);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "simulator stopped: %s\n", error.what());
        return 3;
    }
    return 0;
}

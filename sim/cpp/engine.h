// Simulated time: the system clock, the UART beside it, and the counters.
//
// Time is in picoseconds. The system clock's edges are an endless schedule; everything else (SPI
// edges, UART bits, host commands) happens at any picosecond between them.
#pragma once

#include "Vmodel.h"
#include "faults.h"
#include "tracer.h"
#include "uart.h"
#include "wire.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace deku {

// Order of the STATS reply.
struct Counters {
    uint64_t cycles = 0;
    std::array<uint64_t, 4> activity_cycles{};
    std::array<uint64_t, 4> activity_entries{};
    uint64_t irq_rises = 0;
    uint64_t spi_bytes = 0;
    uint64_t spi_frames = 0;
};

class Engine {
  public:
    explicit Engine(VerilatedContext& context)
        : context_{context}, model_{&context, "TOP"}, uart_{faults_} {}

    // Inputs at rest. Asynchronous resets act on edges in a two-state simulator, so reset and
    // chip select each make one: real flip-flops see their level.
    void power_on() {
        model_.clk_i = 0;
        model_.spi_sck_i = 0;
        model_.spi_mosi_i = 0;
        model_.uart_rx_i = 1;
        model_.rst_ni = 1;
        model_.spi_cs_ni = 0;
        eval();
        model_.rst_ni = 0;
        model_.spi_cs_ni = 1;
        eval();
    }

    void set_clock(uint64_t period_ps) {
        if (period_ps < 2) throw BadRequest("the clock period must be at least 2 ps");
        period_ps_ = period_ps;
        half_ps_ = {period_ps / 2, period_ps - period_ps / 2};
        next_edge_ = now_ + half_ps_[0];
    }

    // Reset is a pin like any other; time goes on while it is held.
    void set_reset(bool active) {
        model_.rst_ni = !active;
        eval();
    }

    void advance_to(uint64_t time) {
        while (next_event() <= time) step();
        now_ = std::max(now_, time);
        publish_time();
    }
    void advance(uint64_t ps) { advance_to(now_ + ps); }

    void run(uint64_t cycles) {
        const uint64_t goal = total_cycles_ + cycles;
        while (total_cycles_ < goal) step();
        publish_time();
    }

    // Runs until done() holds, looked at after every rising edge; false after `limit` cycles.
    template <typename Done> bool run_until(Done done, uint64_t limit) {
        const uint64_t goal = total_cycles_ + limit;
        bool met = done();
        while (!met && total_cycles_ < goal) {
            const uint64_t before = total_cycles_;
            while (total_cycles_ == before) step();
            met = done();
        }
        publish_time();
        return met;
    }

    // Applies changed inputs at the present time.
    void eval() {
        model_.eval();
        tracer_.dump(now_);
    }

    // The clock stands still once for the planned time.
    void maybe_stall() {
        if (faults_[kClockStall].strikes()) next_edge_ += faults_.stall_ps;
    }

    // Time from now to the next rising clock edge.
    uint64_t to_rising_edge() const { return next_edge_ - now_ + (model_.clk_i ? half_ps_[0] : 0); }

    uint8_t pins() const {
        return static_cast<uint8_t>((model_.irq_o ? 1 : 0) | ((model_.activity_o & 3) << 1) |
                                    (model_.uart_tx_o ? 8 : 0) | (model_.spi_miso_o ? 16 : 0));
    }

    void reset_counters() {
        counters = Counters{};
        uart_.bytes_to_module = uart_.bytes_to_host = uart_.framing_errors = 0;
        for (Fault& fault : faults_.kind) fault.reset_count();
        counted_from_ = now_;
    }

    uint64_t now() const { return now_; }
    uint64_t counted_from() const { return counted_from_; }
    uint64_t total_cycles() const { return total_cycles_; }
    uint64_t period() const { return period_ps_; }
    Vmodel& model() { return model_; }
    Uart& uart() { return uart_; }
    Faults& faults() { return faults_; }
    Tracer& tracer() { return tracer_; }

    Counters counters;

  private:
    uint64_t next_event() const { return std::min(next_edge_, uart_.due()); }

    // The next clock edge or UART event, whichever comes first.
    void step() {
        if (__builtin_expect(uart_.due() < next_edge_, 0)) {
            uart_event();
        } else {
            clock_edge();
        }
    }

    void clock_edge() {
        now_ = next_edge_;
        const bool level = !model_.clk_i;
        model_.clk_i = level;
        eval();
        next_edge_ += half_ps_[level];
        if (level) after_rising_edge();
    }

    void after_rising_edge() {
        ++total_cycles_;
        ++counters.cycles;
        const unsigned activity = model_.activity_o & 3u;
        ++counters.activity_cycles[activity];
        counters.activity_entries[activity] += activity != last_activity_;
        last_activity_ = activity;
        const bool irq = model_.irq_o;
        counters.irq_rises += irq && !last_irq_;
        last_irq_ = irq;
        if (__builtin_expect(!model_.uart_tx_o, 0)) {
            uart_.line_low(now_);
        } else {
            uart_.line_high();
        }
    }

    void uart_event() {
        now_ = std::max(now_, uart_.due());
        if (uart_.act(model_, now_)) eval();
        if (uart_.byte_started()) maybe_stall();
    }

    // For $time in messages of the model.
    void publish_time() { context_.time(now_); }

    VerilatedContext& context_;
    Vmodel model_;
    Faults faults_;
    Uart uart_;
    Tracer tracer_;
    uint64_t now_ = 0;
    uint64_t next_edge_ = 5'000;
    uint64_t period_ps_ = 10'000;
    std::array<uint64_t, 2> half_ps_{5'000, 5'000};  // length of the low and of the high half
    uint64_t total_cycles_ = 0;
    uint64_t counted_from_ = 0;
    unsigned last_activity_ = 0;
    bool last_irq_ = false;
};

}  // namespace deku

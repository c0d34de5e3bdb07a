// The SPI master: mode 0, most significant bit first, independent of the system clock.
#pragma once

#include "engine.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace deku {

enum class Phase : uint8_t { free, aligned, random };

struct SpiTiming {
    uint64_t period_ps = 100'000;
    Phase phase = Phase::free;
    uint64_t phase_ps = 0;     // aligned: from a rising clock edge to the first rising SCK edge
    uint64_t setup_ps = 0;     // chip select to the first low half of SCK
    uint64_t hold_ps = 0;      // last falling SCK edge to the end of chip select
    uint64_t byte_gap_ps = 0;  // SCK pause after every byte
    uint64_t frame_gap_ps = 0; // chip select high after the frame
};

// A pause with chip select held, before the byte `at`.
struct Pause {
    uint32_t at;
    uint64_t ps;
};

class Spi {
  public:
    static constexpr uint64_t all_bits = ~uint64_t{0};

    explicit Spi(Engine& engine) : engine_{engine} {}

    void set_timing(const SpiTiming& timing) {
        if (timing.period_ps < 2) throw BadRequest("the SCK period must be at least 2 ps");
        timing_ = timing;
    }
    void seed_phase(uint64_t seed) { random_ = Xorshift64{seed}; }

    // One frame; after `limit` bits chip select rises and SCK stops. `rx` has room for `size`.
    void transfer(const uint8_t* tx, size_t size, uint64_t limit, const std::vector<Pause>& pauses,
                  uint8_t* rx) {
        Frame frame{tx, size, std::min<uint64_t>(limit, 8 * uint64_t{size}), all_bits};
        if (engine_.faults()[kCsDrop].strikes()) {
            frame.drop_at = engine_.faults()[kCsDrop].pick(frame.bits);
        }
        align();
        select(true);
        set_mosi(frame, 0);
        engine_.eval();
        engine_.advance(timing_.setup_ps);
        size_t pause = 0;
        for (size_t byte = 0; byte < size; ++byte) {
            for (; pause < pauses.size() && pauses[pause].at <= byte; ++pause) {
                engine_.advance(pauses[pause].ps);
            }
            if (8 * uint64_t{byte} < frame.bits) engine_.maybe_stall();
            rx[byte] = shift_byte(frame, byte);
            ++engine_.counters.spi_bytes;
        }
        for (; pause < pauses.size(); ++pause) engine_.advance(pauses[pause].ps);
        engine_.advance(timing_.hold_ps);
        select(false);
        engine_.eval();
        ++engine_.counters.spi_frames;
        engine_.advance(timing_.frame_gap_ps);
    }

  private:
    struct Frame {
        const uint8_t* tx;
        size_t size;
        uint64_t bits;
        uint64_t drop_at;  // chip select is lost before this bit; SCK goes on
    };

    uint8_t shift_byte(const Frame& frame, size_t byte) {
        unsigned in = 0;
        const uint64_t first = 8 * uint64_t{byte};
        for (unsigned i = 0; i < 8; ++i) {
            if (first + i < frame.bits) {
                in = (in << 1) | clock_bit(frame, first + i);
            } else {
                in = (in << 1) | 1u;  // nobody drives the line
            }
        }
        if (first + 8 <= frame.bits) engine_.advance(timing_.byte_gap_ps);
        return static_cast<uint8_t>(in);
    }

    // SCK low, MISO sampled as SCK rises, MOSI changed as it falls.
    unsigned clock_bit(const Frame& frame, uint64_t bit) {
        Vmodel& model = engine_.model();
        if (bit == frame.drop_at) {
            select(false);
            engine_.eval();
        }
        engine_.advance(timing_.period_ps / 2);
        unsigned in = model.spi_miso_o & 1u;
        if (engine_.faults()[kMisoBit].strikes()) in ^= 1u;
        model.spi_sck_i = 1;
        engine_.eval();
        engine_.advance(timing_.period_ps - timing_.period_ps / 2);
        model.spi_sck_i = 0;
        set_mosi(frame, bit + 1);
        engine_.eval();
        return in;
    }

    void set_mosi(const Frame& frame, uint64_t bit) {
        if (bit >= frame.bits) return;
        unsigned out = (frame.tx[bit / 8] >> (7 - bit % 8)) & 1u;
        if (engine_.faults()[kMosiBit].strikes()) out ^= 1u;
        engine_.model().spi_mosi_i = out & 1u;
    }

    void select(bool active) { engine_.model().spi_cs_ni = !active; }

    // Waits until the first rising SCK edge will fall on the wanted phase of the system clock.
    void align() {
        const uint64_t clock = engine_.period();
        if (timing_.phase == Phase::random) engine_.advance(random_.below(clock));
        if (timing_.phase != Phase::aligned) return;
        const uint64_t lead = timing_.setup_ps + timing_.period_ps / 2;
        const uint64_t wanted = engine_.to_rising_edge() + timing_.phase_ps % clock;
        engine_.advance((wanted + clock - lead % clock) % clock);
    }

    Engine& engine_;
    SpiTiming timing_;
    Xorshift64 random_;
};

}  // namespace deku

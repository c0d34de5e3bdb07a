// Injected faults. Every kind has its own random generator, so that enabling one kind does not
// move the others, and counts what it did.
#pragma once

#include <array>
#include <cstdint>

namespace deku {

// Marsaglia's 64-bit xorshift.
class Xorshift64 {
  public:
    explicit Xorshift64(uint64_t seed = 0) : state_{spread(seed)} {}
    uint64_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    uint64_t below(uint64_t limit) { return limit ? next() % limit : 0; }

  private:
    // splitmix64: neighbouring seeds become unrelated states, and never zero.
    static uint64_t spread(uint64_t seed) {
        uint64_t z = seed + 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        return z ? z : 1;
    }
    uint64_t state_;
};

// One kind of fault: happens with probability threshold / 2^64 at every opportunity.
class Fault {
  public:
    void plan(uint64_t seed, uint64_t threshold) {
        random_ = Xorshift64{seed};
        threshold_ = threshold;
    }
    bool strikes() {
        if (!threshold_ || random_.next() >= threshold_) return false;
        ++count_;
        return true;
    }
    uint64_t pick(uint64_t limit) { return random_.below(limit); }
    uint64_t count() const { return count_; }
    void reset_count() { count_ = 0; }

  private:
    Xorshift64 random_;
    uint64_t threshold_ = 0;
    uint64_t count_ = 0;
};

// The order is that of the FAULTS request and of the statistics.
enum FaultKind { kMosiBit, kMisoBit, kCsDrop, kClockStall, kUartToModule, kUartToHost, kFaultKinds };

struct Faults {
    std::array<Fault, kFaultKinds> kind;
    uint64_t stall_ps = 0;
    Fault& operator[](FaultKind k) { return kind[k]; }
};

}  // namespace deku

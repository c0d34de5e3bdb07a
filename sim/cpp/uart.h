// The far end of the UART: 8 data bits, no parity, one stop bit, sampled in the middle of a bit.
#pragma once

#include "Vmodel.h"
#include "faults.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>

namespace deku {

class Uart {
  public:
    static constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

    explicit Uart(Faults& faults) : faults_{faults} {}

    void set_bit_time(uint64_t bit_ps) { bit_ps_ = bit_ps; }
    uint64_t bit_time() const { return bit_ps_; }

    // When something happens next.
    uint64_t due() const { return due_; }

    // The module's output was seen low at a clock edge.
    void line_low(uint64_t now) {
        if (rx_due_ != never || wait_high_) return;
        rx_bits_ = 0;
        rx_shift_ = 0;
        rx_due_ = now + bit_ps_ / 2;
        reschedule();
    }
    void line_high() { wait_high_ = false; }

    void send(const uint8_t* data, size_t size, uint64_t now) {
        for (size_t i = 0; i < size; ++i) {
            if (!faults_[kUartToModule].strikes()) tx_queue_.push_back(data[i]);
        }
        if (tx_due_ == never && !tx_queue_.empty()) tx_due_ = now;
        reschedule();
    }
    bool sending() const { return tx_due_ != never; }

    // Does what is due; true if an input of the model changed.
    bool act(Vmodel& model, uint64_t now) {
        bool changed = false;
        if (rx_due_ <= now) sample(model.uart_tx_o);
        if (tx_due_ <= now) changed = drive(model, now);
        reschedule();
        return changed;
    }

    // True once after the first bit of every byte that is sent (for the clock stall fault).
    bool byte_started() {
        const bool started = started_;
        started_ = false;
        return started;
    }

    size_t received() const { return rx_queue_.size(); }
    uint8_t take() {
        const uint8_t byte = rx_queue_.front();
        rx_queue_.pop_front();
        return byte;
    }
    void clear() {
        rx_queue_.clear();
        tx_queue_.clear();
    }

    uint64_t bytes_to_module = 0;
    uint64_t bytes_to_host = 0;
    uint64_t framing_errors = 0;

  private:
    void reschedule() { due_ = std::min(tx_due_, rx_due_); }

    // Start bit, eight data bits from the lowest, stop bit.
    bool drive(Vmodel& model, uint64_t now) {
        if (tx_bits_ == 0) {
            if (tx_queue_.empty()) {
                tx_due_ = never;
                return false;
            }
            tx_shift_ = static_cast<uint16_t>((tx_queue_.front() << 1) | 0x200);
            tx_queue_.pop_front();
            tx_bits_ = 10;
            ++bytes_to_module;
            started_ = true;
        }
        model.uart_rx_i = tx_shift_ & 1;
        tx_shift_ = static_cast<uint16_t>(tx_shift_ >> 1);
        --tx_bits_;
        tx_due_ = now + bit_ps_;
        return true;
    }

    void sample(bool level) {
        const unsigned index = rx_bits_++;
        rx_due_ += bit_ps_;
        if (index == 0) {
            if (level) rx_due_ = never;  // a glitch, not a start bit
            return;
        }
        if (index <= 8) {
            rx_shift_ = static_cast<uint16_t>(rx_shift_ | (static_cast<unsigned>(level) << (index - 1)));
            return;
        }
        rx_due_ = never;
        if (!level) {
            ++framing_errors;
            wait_high_ = true;
            return;
        }
        ++bytes_to_host;
        if (!faults_[kUartToHost].strikes()) rx_queue_.push_back(static_cast<uint8_t>(rx_shift_));
    }

    Faults& faults_;
    uint64_t bit_ps_ = 1'000'000;
    uint64_t due_ = never;
    uint64_t tx_due_ = never;
    uint64_t rx_due_ = never;
    uint16_t tx_shift_ = 0;
    uint16_t rx_shift_ = 0;
    unsigned tx_bits_ = 0;
    unsigned rx_bits_ = 0;
    bool wait_high_ = false;
    bool started_ = false;
    std::deque<uint8_t> tx_queue_;
    std::deque<uint8_t> rx_queue_;
};

}  // namespace deku

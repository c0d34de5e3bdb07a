// The byte protocol between the Rust side and this process.
//
// Request:  u32 length | u8 opcode | arguments      Reply: u32 length | u8 status | results
// The length counts what follows it; all integers are little-endian. Requests are answered in
// order; many may be written at once. Status 0 is success; otherwise the results are a message.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace deku {

// A request that cannot be carried out; the process goes on with the next one.
struct BadRequest : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Takes typed arguments off a request.
class Reader {
  public:
    Reader(const uint8_t* data, size_t size) : at_{data}, end_{data + size} {}

    template <typename T> T get() {
        T value{};
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }
    size_t left() const { return static_cast<size_t>(end_ - at_); }
    const uint8_t* take(size_t size) {
        if (left() < size) throw BadRequest("request is shorter than its arguments");
        const uint8_t* data = at_;
        at_ += size;
        return data;
    }
    std::string rest() {
        const size_t size = left();
        return std::string(reinterpret_cast<const char*>(take(size)), size);
    }

  private:
    const uint8_t* at_;
    const uint8_t* end_;
};

// Collects the results of one request.
class Writer {
  public:
    template <typename T> void put(T value) {
        const size_t at = bytes_.size();
        bytes_.resize(at + sizeof value);
        std::memcpy(bytes_.data() + at, &value, sizeof value);
    }
    void put_string(const std::string& text) {
        put(static_cast<uint16_t>(text.size()));
        append(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    }
    void append(const uint8_t* data, size_t size) { bytes_.insert(bytes_.end(), data, data + size); }
    // Room for `size` bytes, to be filled by the caller before the next call.
    uint8_t* extend(size_t size) {
        bytes_.resize(bytes_.size() + size);
        return bytes_.data() + bytes_.size() - size;
    }
    void clear() { bytes_.clear(); }
    const std::vector<uint8_t>& bytes() const { return bytes_; }

  private:
    std::vector<uint8_t> bytes_;
};

// Buffered, length-prefixed messages over two file descriptors.
class Pipe {
  public:
    Pipe(int in, int out) : in_{in}, out_{out} {}

    // The next request, or false at end of input. Replies are sent before this would block.
    bool next(const uint8_t*& data, size_t& size) {
        uint32_t length = 0;
        if (!fill(sizeof length)) return false;
        std::memcpy(&length, input_.data() + head_, sizeof length);
        if (!fill(sizeof length + length)) return false;
        data = input_.data() + head_ + sizeof length;
        size = length;
        head_ += sizeof length + length;
        return true;
    }

    void reply(uint8_t status, const std::vector<uint8_t>& results) {
        const auto length = static_cast<uint32_t>(results.size() + 1);
        const auto* raw = reinterpret_cast<const uint8_t*>(&length);
        output_.insert(output_.end(), raw, raw + sizeof length);
        output_.push_back(status);
        output_.insert(output_.end(), results.begin(), results.end());
    }

  private:
    // Makes `size` unread bytes available; false at end of input.
    bool fill(size_t size) {
        while (input_.size() - head_ < size) {
            flush();
            compact();
            const size_t old = input_.size();
            input_.resize(old + chunk);
            const ssize_t got = ::read(in_, input_.data() + old, chunk);
            input_.resize(old + (got > 0 ? static_cast<size_t>(got) : 0));
            if (got <= 0) return false;
        }
        return true;
    }
    void compact() {
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
    void flush() {
        size_t sent = 0;
        while (sent < output_.size()) {
            const ssize_t n = ::write(out_, output_.data() + sent, output_.size() - sent);
            if (n <= 0) ::_exit(0);  // nobody listens any more
            sent += static_cast<size_t>(n);
        }
        output_.clear();
    }

    static constexpr size_t chunk = 65536;
    int in_;
    int out_;
    size_t head_ = 0;
    std::vector<uint8_t> input_;
    std::vector<uint8_t> output_;
};

}  // namespace deku

// Back door to every variable marked /*verilator public_flat_rw*/, found by name at run time.
#pragma once

#include "verilated.h"
#include "verilated_sym_props.h"
#include "verilated_syms.h"
#include "wire.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace deku {

class Memories {
  public:
    explicit Memories(VerilatedContext& context) {
        for (const auto& scope : *context.scopeNameMap()) {
            const VerilatedVarNameMap* variables = scope.second->varsp();
            if (!variables) continue;
            for (auto& variable : *variables) add(scope.second->name(), variable.second);
        }
    }

    // u32 count, then per variable: scope, name, bits, entries, bytes per entry, lowest index.
    void list(Writer& out) const {
        out.put(static_cast<uint32_t>(all_.size()));
        for (const Variable& v : all_) {
            out.put_string(v.scope);
            out.put_string(v.name);
            out.put(v.bits);
            out.put(v.entries);
            out.put(v.entry_bytes);
            out.put(v.lowest);
        }
    }

    void peek(uint32_t id, uint64_t start, uint64_t count, Writer& out) const {
        const Variable& v = checked(id, start, count);
        out.append(v.data + start * v.entry_bytes, count * v.entry_bytes);
    }

    void poke(uint32_t id, uint64_t start, uint64_t count, Reader& in) {
        const Variable& v = checked(id, start, count);
        if (in.left() != count * v.entry_bytes) throw BadRequest("poke: wrong number of bytes");
        for (uint64_t i = 0; i < count; ++i) {
            uint8_t* entry = v.data + (start + i) * v.entry_bytes;
            std::memcpy(entry, in.take(v.entry_bytes), v.entry_bytes);
            clear_above(entry, v);
        }
    }

  private:
    struct Variable {
        std::string scope;
        std::string name;
        uint8_t* data;
        uint32_t bits;
        uint32_t entries;
        uint32_t entry_bytes;
        int32_t lowest;
    };

    // Newer Verilators have entBits(), and do not keep elements(0) for variables like these.
    template <typename Props>
    static auto width(const Props& props, int)
        -> decltype(static_cast<uint32_t>(props.entBits())) {
        return static_cast<uint32_t>(props.entBits());
    }
    template <typename Props> static uint32_t width(const Props& props, long) {
        return static_cast<uint32_t>(props.elements(0));
    }

    void add(const char* scope, const VerilatedVar& variable) {
        if (variable.isParam() || variable.vltype() == VLVT_STRING) return;
        uint32_t entries = 1;
        for (int dim = 1; dim <= variable.udims(); ++dim) {
            entries *= static_cast<uint32_t>(variable.elements(dim));
        }
        all_.push_back({scope, variable.name(), static_cast<uint8_t*>(variable.datap()),
                        width(variable, 0), entries, variable.entSize(),
                        variable.udims() ? variable.low(1) : 0});
    }

    const Variable& checked(uint32_t id, uint64_t start, uint64_t count) const {
        if (id >= all_.size()) throw BadRequest("no variable number " + std::to_string(id));
        const Variable& v = all_[id];
        if (count > v.entries || start > v.entries - count) {
            throw BadRequest("entries " + std::to_string(start) + " to " +
                             std::to_string(start + count) + " of " + v.scope + "." + v.name +
                             ", which has " + std::to_string(v.entries));
        }
        return v;
    }

    // The model relies on unused high bits being zero.
    static void clear_above(uint8_t* entry, const Variable& v) {
        for (uint32_t byte = v.bits / 8; byte < v.entry_bytes; ++byte) {
            const uint32_t keep = byte == v.bits / 8 ? v.bits % 8 : 0;
            entry[byte] = static_cast<uint8_t>(entry[byte] & ((1u << keep) - 1u));
        }
    }

    std::vector<Variable> all_;
};

}  // namespace deku

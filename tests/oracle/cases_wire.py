"""Vectors of the bytes on the link, good ones."""

import wire
from cases import Dice, digits, document, hexes

FORMATS = (wire.RAW, wire.PACKED_U, wire.PACKED_S, wire.INDEX_LIST)


def build():
    return {
        "crc": document("crc", "CRC-8/SMBUS and CRC-16/IBM-3740", list(_crc_cases(Dice(41)))),
        "header": document("header", "request headers", list(_header_cases(Dice(42)))),
        "preamble": document("preamble", "first six bytes of an answer; flags = status bits 5:0",
                             list(_preamble_cases(Dice(43)))),
        "write_block": document("write_block", "one unit of a WRITE frame with its CRC",
                                list(_block_cases(Dice(44)))),
        "frame": document("frame", "whole frames, zeros where only the module speaks",
                          list(_frame_cases(Dice(45)))),
        "record": document("record", "records in every sample format and kind",
                           list(_record_cases(Dice(46)))),
        "minus_zero": document(
            "minus_zero", "records whose samples hold codes 0 and 8 where they are legal",
            list(_minus_zero())),
        "result": document("result", "results", list(_result_cases(Dice(47)))),
        "latent_word": document("latent_word", "32 latents as four planes",
                                list(_latent_cases(Dice(48)))),
        "mask_word": document("mask_word", "32 mask bits, column 0 first",
                              list(_mask_cases(Dice(49)))),
        "cobs": document(
            "cobs", "COBS packets with their ending zero; an encoder may choose among them",
            list(_cobs_cases(Dice(50)))),
    }


def _crc_cases(dice):
    strings = [b"", b"\0", b"\xff", b"123456789", bytes(16), b"\xff" * 16]
    for data in strings + [dice.bytes(1 + dice.below(60)) for _ in range(30)]:
        yield {"data": data.hex(), "crc8": f"{wire.crc8(data):02x}",
               "crc16": f"{wire.crc16(data):04x}"}


def _header_cases(dice):
    for opcode in (wire.NOP, wire.READ, wire.WRITE, wire.STREAM, wire.RESET):
        for _ in range(6):
            yield _header(opcode, dice.below(65536), dice.below(65536))
    yield _header(wire.RESET, 0xDE4B, 0x5E7A)
    for space in range(4):
        yield _header(wire.READ, 0x1234, wire.length_field(space, 0x3FFF))


def _header(opcode, address, length):
    return {"opcode": opcode, "address": address, "length": length, "space": length >> 14,
            "units": length & 0x3FFF, "bytes": wire.header(opcode, address, length).hex()}


def _preamble_cases(dice):
    for flags in [0, 2, 16, 32, 8, 4, 62] + [2 * dice.below(32) for _ in range(5)]:
        sequence, free = dice.below(256), dice.below(65536)
        yield {"flags": flags, "sequence": sequence, "free": free,
               "bytes": wire.preamble(flags, sequence, free).hex()}


def _block_cases(dice):
    for space in (wire.REGISTERS, wire.LATENTS, wire.MASKS):
        for _ in range(5):
            head = wire.header(wire.WRITE, dice.below(4096),
                               wire.length_field(space, 1 + dice.below(9)))
            unit = _unit(dice, space)
            yield {"header": head.hex(), "unit": unit.hex(),
                   "block": wire.write_block(head, unit).hex()}


def _unit(dice, space):
    if space == wire.LATENTS:
        return wire.latent_word(dice.latents(32))
    return dice.bytes(wire.UNIT[space])


def _frame_cases(dice):
    yield {"frame": "nop", "bytes": wire.header(wire.NOP, 0, 0).hex()}
    yield {"frame": "reset", "bytes": wire.reset_frame().hex()}
    for space in range(4):
        address, units = dice.below(4096), 1 + dice.below(5)
        yield {"frame": "read", "space": space, "address": address, "units": units,
               "bytes": wire.read_frame(space, address, units).hex()}
    for space in (wire.REGISTERS, wire.LATENTS, wire.MASKS):
        address, units = dice.below(4096), [_unit(dice, space) for _ in range(1 + dice.below(4))]
        yield {"frame": "write", "space": space, "address": address,
               "units": [unit.hex() for unit in units],
               "bytes": wire.write_frame(space, address, units).hex()}
    for acknowledge, total in ((0, 64), (255, 80)):
        records = [wire.record(1, s, 4, 2, wire.sample(dice.codes(20, 30), 1)) for s in (7, 8)]
        yield {"frame": "stream", "acknowledge": acknowledge, "total": total,
               "records": [r.hex() for r in records],
               "bytes": wire.stream_frame(acknowledge, records, total).hex()}


def _record_cases(dice):
    for fmt in FORMATS:
        for inputs in (1, 20, 33, 64):
            for kind in range(7):
                yield _record(dice, fmt, inputs, kind, 40)
        yield _record(dice, fmt, 24, 1, 0)
        yield _record(dice, fmt, 24, 1, 100)
    yield _record(dice, wire.INDEX_LIST, 2730, 1, 2)
    yield _record(dice, wire.PACKED_U, 784, 1, 19)


def _record(dice, fmt, inputs, kind, percent):
    signed = fmt != wire.PACKED_U
    codes = [dice.codes(inputs, percent, signed) for _ in range(2 if kind == 2 else 1)]
    label = {0: dice.among([255, 0, 2]), 1: dice.below(3), 5: dice.below(3), 6: dice.below(3)}
    return record_case(fmt, inputs, kind, dice.below(256), dice.below(11), label.get(kind, 0),
                       codes, b"".join(wire.sample(c, fmt) for c in codes))


def record_case(fmt, inputs, kind, sequence, sh, label, codes, payload):
    """`entries` counts what enters the list; the credit is 3 (kind 2: 4) more."""
    entries = sum(wire.e2m1_decode(c) != 0 for x in codes for c in x)
    return {"format": fmt, "inputs": inputs, "classes": 3, "kind": kind, "sequence": sequence,
            "sh": sh, "label": label, "x": [digits(c) for c in codes], "entries": entries,
            "credit": entries + (4 if kind == 2 else 3),
            "bytes": wire.record(kind, sequence, sh, label, payload).hex()}


def _minus_zero():
    """The host need not send these; the module must take them."""
    codes = [0, 8, 3, 8, 12, 0]
    raw = wire.to_bytes("".join(f"{c:04b}" for c in codes))
    packed = wire.to_bytes("".join(f"1{c:04b}" if c else "0" for c in codes))
    unsigned = wire.to_bytes("1000" + "0" + "1011" + "1000" + "1100" + "0")
    listed = wire.index_list([(1, 8), (2, 3), (3, 0), (4, 12), (5, 8)])
    yield record_case(wire.RAW, 6, 1, 5, 4, 1, [codes], raw)
    yield record_case(wire.PACKED_S, 6, 1, 5, 4, 1, [codes], packed)
    yield record_case(wire.PACKED_U, 6, 1, 5, 4, 1, [[0, 0, 3, 0, 4, 0]], unsigned)
    yield record_case(wire.INDEX_LIST, 6, 1, 5, 4, 1, [codes], listed)


def _result_cases(dice):
    for updated in range(16):
        fields = dict(updated=updated, sequence=dice.below(256), predicted=dice.below(256),
                      rival=dice.below(256), other=dice.below(1 << 24), truth=dice.below(1 << 24))
        yield {**fields, "bytes": wire.result(**fields).hex()}


def _latent_cases(dice):
    for latents in ([0] * 32, [191] * 32, list(range(32)), list(range(160, 192)),
                    *(dice.latents(32) for _ in range(12)),
                    *([191 if i == j else 0 for i in range(32)] for j in range(0, 32, 5))):
        yield {"latents": hexes(latents), "bytes": wire.latent_word(latents).hex()}


def _mask_cases(dice):
    for bits in ([1] + [0] * 31, [0] * 31 + [1],
                 *([dice.below(2) for _ in range(32)] for _ in range(4))):
        yield {"bits": digits(bits), "bytes": wire.mask_word(bits).hex()}


def _cobs_cases(dice):
    runs = [b"", b"\0", b"\0\0", b"\1", b"\1\0", b"\0\1", b"\x11\x22\0\x33", bytes(9),
            bytes(range(1, 254)), bytes(range(1, 255)) + b"\0", bytes(range(0, 255)),
            bytes(range(1, 256)), bytes(range(2, 256)) + b"\0\1"]
    for data in runs + [dice.bytes(1 + dice.below(400)) for _ in range(6)]:
        yield {"data": data.hex(), "packets": [p.hex() for p in wire.cobs_forms(data)]}

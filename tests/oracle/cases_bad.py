"""Vectors that must be refused. `error` names the bit of ERROR (programmers_guide.md)."""

import wire
from cases import Dice, digits, document, hexes

SCRATCH = 0x0C  # a register without effect


def build():
    return {
        "bad_header": document("bad_header", "headers whose CRC-8 is wrong",
                               [{"bytes": data.hex()} for data in _flipped_bits(
                                   wire.header(wire.WRITE, 0x1234, 0x4003))]),
        "bad_reset": document("bad_reset", "RESET with a wrong magic: ERROR.opcode, nothing else", [
            {"bytes": wire.header(wire.RESET, address, length).hex()}
            for address, length in ((0, 0), (0xDE4B, 0x5E7B), (0xDE4A, 0x5E7A), (0x5E7A, 0xDE4B))]),
        "bad_write_block": document("bad_write_block", "blocks that must not commit",
                                    list(_blocks(Dice(61)))),
        "bad_latent_word": document("bad_latent_word", "latent units holding a trit 11",
                                    list(_latent_words(Dice(62)))),
        "bad_record": document("bad_record", "records without effect, and the bit of ERROR",
                               list(_records())),
        "bad_result": document("bad_result", "damaged results",
                               [{"bytes": data.hex()} for data in _flipped_bits(
                                   wire.result(1, 9, 2, 3, 123456, 654321))]),
        "bad_preamble": document("bad_preamble", "damaged or missing preambles",
                                 [{"bytes": data.hex()} for data in _bad_preambles()]),
    }


def _flipped_bits(data):
    """Every single-bit error."""
    value = int.from_bytes(data, "big")
    return [(value ^ 1 << bit).to_bytes(len(data), "big") for bit in range(8 * len(data))]


def _bad_preambles():
    yield from (bytes(6), b"\xff" * 6)
    yield from _flipped_bits(wire.preamble(18, 7, 1000))


def _blocks(dice):
    head = wire.header(wire.WRITE, SCRATCH, wire.length_field(wire.REGISTERS, 1))
    other = wire.header(wire.WRITE, SCRATCH + 1, wire.length_field(wire.REGISTERS, 1))
    block = wire.write_block(head, dice.bytes(4))
    for data in (*_flipped_bits(block)[::5], wire.write_block(other, block[:4]),
                 wire.with_crc16(block[:4])):
        yield {"header": head.hex(), "block": data.hex()}


def _latent_words(dice):
    for position in range(32):
        latents = dice.latents(32)
        latents[position] = 192 + 2 * position
        yield {"latents": hexes(latents), "bytes": wire.latent_word(latents).hex()}
    yield {"latents": hexes([255] * 32), "bytes": wire.latent_word([255] * 32).hex()}


def _records():
    """Module: 20 inputs, 3 classes, one label row each, NEXT_SEQ 7."""
    codes = [0, 3, 0, 5] * 5
    good = wire.sample(codes, wire.PACKED_U)
    yield _bad("payload", wire.PACKED_U, _damaged(1, 7, 4, 1, good))
    yield _bad("payload", wire.RAW, _damaged(1, 7, 4, 1, wire.sample(codes, wire.RAW)))
    listed = wire.index_list([(1, 2), (4, 3)])
    yield _bad("payload", wire.INDEX_LIST, _damaged(0, 7, 0, 255, listed))
    for sequence in (6, 8, 0, 255):
        yield _bad("sequence", wire.PACKED_U, wire.record(1, sequence, 4, 1, good))
    for sh in (11, 12, 15):
        yield _bad("sample", wire.PACKED_U, wire.record(1, 7, sh, 1, good))
    for kind, label in ((0, 3), (0, 254), (1, 3), (1, 255), (5, 3), (5, 255)):
        yield _bad("sample", wire.PACKED_U, wire.record(kind, 7, 4, label, good))
    yield _bad("sample", wire.PACKED_U, wire.record(7, 7, 4, 1, good))
    for entries in ([(3, 2), (3, 2)], [(4, 2), (3, 2)], [(0, 1), (5, 2), (4, 0)], [(20, 1)],
                    [(0, 1), (4095, 1)], [(19, 8), (19, 1)], [(20, 0)]):
        yield _bad("sample", wire.INDEX_LIST, wire.record(1, 7, 4, 1, wire.index_list(entries)))


    for kind in (1, 5):
        record = wire.record(kind, 7, 4, 1, good)
        yield {**_bad("refused", wire.PACKED_U, record), "loaded": False}


def _damaged(*fields):
    data = bytearray(wire.record(*fields))
    data[-1] ^= 1
    return bytes(data)


def _bad(error, fmt, data):
    return {"error": error, "format": fmt, "inputs": 20, "classes": 3, "copies": 1, "next_seq": 7,
            "loaded": True, "bytes": data.hex()}

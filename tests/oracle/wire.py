"""Frames, records, results, CRCs and latent words (programmers_guide.md)."""

from formats import e2m1_decode

NOP, READ, WRITE, STREAM, RESET = 0x00, 0x31, 0x52, 0x64, 0xAD
REGISTERS, LATENTS, MASKS, GOODNESS = range(4)
RAW, PACKED_U, PACKED_S, INDEX_LIST = range(4)
UNIT = {REGISTERS: 4, LATENTS: 32, MASKS: 4, GOODNESS: 4}
ACKNOWLEDGE = 4  # three turnaround bytes and the answer


def remainder(data, width, polynomial, initial):
    """CRC by its definition: remainder of (message + initial value on its front) * x^width."""
    message = int.from_bytes(data, "big") << width
    length = 8 * len(data) + width
    message ^= initial << (length - width)
    divisor = (1 << width) | polynomial
    for bit in range(length - 1, width - 1, -1):
        if message >> bit & 1:
            message ^= divisor << (bit - width)
    return message


def crc8(data):
    """CRC-8/SMBUS: x^8 + x^2 + x + 1, initial value 0."""
    return remainder(data, 8, 0x07, 0)


def crc16(data):
    """CRC-16/IBM-3740: x^16 + x^12 + x^5 + 1, initial value 0xFFFF."""
    return remainder(data, 16, 0x1021, 0xFFFF)


def with_crc16(data):
    return bytes(data) + crc16(data).to_bytes(2, "big")


def header(opcode, address, length):
    """Request header: opcode, address, length, CRC-8 (section 2)."""
    plain = bytes([opcode]) + address.to_bytes(2, "big") + length.to_bytes(2, "big")
    return plain + bytes([crc8(plain)])


def length_field(space, units):
    """Bits 15:14 the space, bits 13:0 the number of units."""
    return space << 14 | units


def preamble(flags, sequence, free):
    """First six bytes of every answer; `flags` are bits 5:0 of the status."""
    plain = bytes([0x80 | flags, sequence]) + min(free, 0xFFFF).to_bytes(2, "big")
    return with_crc16(plain)


def write_block(head, unit):
    """One unit with the CRC of header bytes 0..4 and the unit (section 4)."""
    return unit + crc16(head[:5] + unit).to_bytes(2, "big")


def write_frame(space, address, units):
    """Whole WRITE frame, zeros where the acknowledge comes back."""
    head = header(WRITE, address, length_field(space, len(units)))
    return head + b"".join(write_block(head, unit) for unit in units) + bytes(ACKNOWLEDGE)


def read_frame(space, address, units):
    """Whole READ frame: two turnaround bytes, the units, their CRC (section 3)."""
    head = header(READ, address, length_field(space, units))
    return head + bytes(2 + units * UNIT[space] + 2)


def stream_frame(acknowledge, records, total):
    """STREAM frame of `total` bytes: records, then zeros."""
    body = header(STREAM, acknowledge, 0) + b"".join(records)
    return body + bytes(total - len(body))


def reset_frame():
    return header(RESET, 0xDE4B, 0x5E7A)


def to_bytes(bits):
    """A string of 0 and 1, padded with zero bits to whole bytes."""
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def sample(codes, fmt):
    """One input in one of the four sample formats (section 5)."""
    if fmt == RAW:
        return to_bytes("".join(f"{c:04b}" for c in codes))
    if fmt == PACKED_U:
        assert all(c < 8 for c in codes)
        return to_bytes("".join(f"1{c:03b}" if c else "0" for c in codes))
    if fmt == PACKED_S:
        return to_bytes("".join(f"1{c:04b}" if e2m1_decode(c) else "0" for c in codes))
    return index_list([(i, c) for i, c in enumerate(codes) if e2m1_decode(c)])


def index_list(entries):
    """16-bit count, then a 12-bit index and a 4-bit code per entry."""
    bits = f"{len(entries):016b}" + "".join(f"{i:012b}{c:04b}" for i, c in entries)
    return to_bytes(bits)


def record(kind, sequence, sh, label, payload):
    """A record around payload bytes that are already in the sample format."""
    return with_crc16(bytes([0x80 + kind, sequence, sh, label]) + payload)


def result(updated, sequence, predicted, rival, other, truth):
    """The 12 bytes of a result."""
    plain = bytes([0xA0 + updated, sequence, predicted, rival])
    return with_crc16(plain + other.to_bytes(3, "big") + truth.to_bytes(3, "big"))


def latent_word(latents):
    """32 latents as four planes of 8 bytes (section 6)."""
    trits = "".join(f"{v >> 6:02b}" for v in latents)
    middle = "".join(f"{v >> 4 & 3:02b}" for v in latents)
    low = "".join(f"{v & 15:04b}" for v in latents)
    return to_bytes(trits + middle + low)


def mask_word(bits):
    """32 mask bits, column 0 in bit 31."""
    return to_bytes("".join(str(b) for b in bits))


def cobs(data):
    """One COBS packet, its ending zero included (section 1; Cheshire and Baker 1999)."""
    out = bytearray()
    for part in bytes(data).split(b"\0"):
        while len(part) >= 254:
            out += b"\xff" + part[:254]
            part = part[254:]
        out += bytes([len(part) + 1]) + part
    return bytes(out) + b"\0"


def cobs_forms(data):
    """Packets that mean `data`: after a run of 254 bytes at the end, 01 may be left out."""
    full = cobs(data)
    last_run = data.rpartition(b"\0")[2]
    optional = len(last_run) > 0 and len(last_run) % 254 == 0
    return [full, full[:-2] + b"\0"] if optional else [full]

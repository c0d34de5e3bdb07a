"""Vectors of the number formats."""

import formats
from cases import digits, document, hexes


def build():
    return {
        "e2m1_code": document(
            "e2m1_code", "twice the value of every code, and the code of every value (no -0)",
            [_code(code) for code in range(16)]),
        "e2m1_encode": document(
            "e2m1_encode", "codes of accumulators first, first + step, ... (recipe section 3)",
            [case for scale in range(16) for case in _encode_cases(scale)]),
        "ternary": document(
            "ternary", "ternary weights of the latents 0..=191, plus one",
            [{"weights": digits(formats.ternary(range(192)) + 1)}]),
        "input_code": document("input_code", "codes of inputs 0, 1, 2, ... by encoding", [
            {"encoding": "pixel", "codes": digits(map(formats.pixel_code, range(256)))},
            {"encoding": "mean2x2", "codes": digits(map(formats.mean_code, range(1021)))},
            {"encoding": "digits", "codes": digits(map(formats.digit_code, range(17)))},
        ]),
        "latent_decode": document(
            "latent_decode", "trit (top two bits) and fraction of latents",
            [{"latents": hexes(range(192)), "trits": digits(v >> 6 for v in range(192)),
              "fractions": hexes(v & 63 for v in range(192))}]),
    }


def _code(code):
    doubled = formats.e2m1_decode(code)
    return {"code": code, "doubled": doubled, "back": formats.e2m1_code(doubled)}


def _encode_cases(scale):
    """A dense run around 0, the neighbourhood of every threshold, and a grid over 16 bits."""
    yield _run(scale, -20, 1, 360)
    for threshold in (1, 3, 5, 7, 10, 14, 20):  # v in the units of section 3
        first = threshold * 2**scale // 2 - 3
        if first + 7 < 2**15:
            yield _run(scale, first, 1, 7)
    yield _run(scale, -32768, 257, 256)
    yield _run(scale, 32767, 1, 1)


def _run(scale, first, step, count):
    values = [first + step * i for i in range(count)]
    return {"scale": scale, "first": first, "step": step,
            "codes": digits(formats.encode(values, scale))}

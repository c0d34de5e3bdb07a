"""Number formats (recipe.md section 1 and 3).

An E2M1 code is handled as *twice* its value, so that every magnitude is an integer
(0, 1, 2, 3, 4, 6, 8, 12). The values come from `ml_dtypes.float4_e2m1fn`, an independent
implementation of the OCP MX format; no table is written down here.
"""

import ml_dtypes
import numpy as np

E2M1 = ml_dtypes.float4_e2m1fn


def e2m1_decode(code):
    """Twice the value of a 4-bit E2M1 code; -0 (code 8) gives 0."""
    value = np.array([code], dtype=np.uint8).view(E2M1).astype(np.float64)[0]
    return int(2 * value)


def e2m1_code(doubled):
    """Code of twice a value that E2M1 can hold exactly; 0 gives +0."""
    code = int(np.array([doubled / 2], dtype=np.float32).astype(E2M1).view(np.uint8)[0]) & 15
    assert e2m1_decode(code) == doubled, f"{doubled} is not twice an E2M1 value"
    return code


def encode(accumulators, scale):
    """Codes of ReLU(a) / 2**S, nearest, ties up, saturating (section 3), by ml_dtypes' rounding.

    `a` counts half units, so the value is a / 2**(S + 1). The cast rounds ties to even; a
    quarter of the grid of a / 2**16 added first turns every tie upwards and moves nothing else.
    Values are clipped to 6 first, so all of this is exact in a float32.
    """
    a = np.asarray(accumulators, dtype=np.int64)
    value = np.minimum(np.maximum(a, 0) / 2.0 ** (scale + 1), 6.0)
    nudged = np.where((value > 0) & (value < 6), value + 2.0**-18, value)
    return nudged.astype(np.float32).astype(E2M1).view(np.uint8).astype(np.int64) & 15


def decode_all(codes):
    """Twice the values of an array of codes."""
    raw = np.asarray(codes, dtype=np.uint8)
    return (2 * raw.view(E2M1).astype(np.float64)).astype(np.int64)


def ternary(latent):
    """Ternary weight of latents 0..=191: the top two bits minus one (section 1)."""
    return np.asarray(latent, dtype=np.int64) // 64 - 1


def nearest_e2m1(v):
    """Code of an unsigned doubled value 0..=12 by the list of section 1 (ties up)."""
    magnitudes = [e2m1_decode(code) for code in range(8)]
    best = min(magnitudes, key=lambda m: (abs(m - v), -m))
    return e2m1_code(best)


def pixel_code(p):
    """Code of an 8-bit pixel: v = (12 p + 127) / 255."""
    return nearest_e2m1((12 * p + 127) // 255)


def mean_code(total):
    """Code of the mean of 2x2 pixels given their sum: v = (12 sum + 510) / 1020."""
    return nearest_e2m1((12 * total + 510) // 1020)


def digit_code(p):
    """Code of a pixel 0..=16 of the digits data set: scaled to floor(255 p / 16) first."""
    return pixel_code(255 * p // 16)

"""The rival: a draw from softmax(G / tau) by the Gumbel-max trick (recipe.md section 4)."""

from decimal import Decimal, ROUND_FLOOR, getcontext

getcontext().prec = 50


def gum(u):
    """round(16 * -ln(-ln((u + 0.5) / 256))), rounded half up, in 50 decimal digits."""
    exact = -16 * (-((Decimal(u) + Decimal("0.5")) / 256).ln()).ln()
    return int((exact + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR))


GUM = [gum(u) for u in range(256)]


def argmax(values):
    """Index of the largest value; the lowest index wins ties."""
    return max(range(len(values)), key=lambda i: (values[i], -i))


def noisy(goodness, temperature, stream):
    """G' of every candidate: G[c] + ((gum(u) << k) >> 4), one step of the stream each."""
    return [g + (GUM[stream.top_byte()] * 2**temperature) // 16 for g in goodness]


def draw(goodness, temperature, stream):
    """Index of the rival."""
    return argmax(noisy(goodness, temperature, stream))

"""What the case builders share: dice for arbitrary test data, compact text forms."""

from prng import Stream

UNSIGNED = [1, 2, 3, 4, 5, 6, 7]
SIGNED = UNSIGNED + [c + 8 for c in UNSIGNED]


class Dice(Stream):
    """Arbitrary but repeatable test data (independent of the Python version)."""

    def below(self, n):
        return (self.next() >> 8) % n

    def among(self, items):
        return items[self.below(len(items))]

    def codes(self, count, percent, signed=False):
        """Input codes of which about `percent` are not zero."""
        pool = SIGNED if signed else UNSIGNED
        return [self.among(pool) if self.below(100) < percent else 0 for _ in range(count)]

    def bytes(self, count):
        return bytes(self.below(256) for _ in range(count))

    def latents(self, count):
        return [self.below(192) for _ in range(count)]


def digits(codes):
    """Codes as one hex digit each."""
    return "".join(f"{int(c):x}" for c in codes)


def hexes(values):
    """Bytes (latents, row-major) as two hex digits each."""
    return "".join(f"{int(v):02x}" for v in values)


def word(state):
    """A 32-bit value as eight hex digits."""
    return f"{state:08x}"


def document(kind, about, cases, **more):
    """One vector file: `kind` selects the runner of tests/tests/vectors.rs."""
    return {"version": 1, "kind": kind, "about": about, **more, "cases": cases}

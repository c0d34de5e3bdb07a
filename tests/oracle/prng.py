"""xorshift32, its streams, the shuffle (recipe.md section 2, theory_of_operation.md section 1)."""

MASK = 0xFFFFFFFF


def xorshift32(state):
    """One step: x ^= x << 13; x ^= x >> 17; x ^= x << 5. The output is the new state."""
    if state == 0:
        raise ValueError("xorshift32 has no state 0")
    state ^= (state << 13) & MASK
    state ^= state >> 17
    state ^= (state << 5) & MASK
    return state


class Stream:
    """A generator: `next()` steps and returns the new state."""

    def __init__(self, state):
        self.state = (state & MASK) or 0x6D2B79F5

    def next(self):
        self.state = xorshift32(self.state)
        return self.state

    def top_byte(self):
        return self.next() >> 24

    def skip(self, steps):
        for _ in range(steps):
            self.next()
        return self


def latents_stream(seed, layer):
    return Stream((seed + layer * 0x61C88647 & MASK) ^ 0x9E3779B9).skip(16)


def masks_stream(seed, layer):
    return Stream((seed + layer * 0x61C88647 & MASK) ^ 0x85EBCA6B).skip(16)


def rounding_stream(seed):
    return Stream(seed | 1)


def rival_stream(seed):
    return Stream((seed ^ 0x01234567) | 1)


def host_stream(seed):
    return Stream(seed * 2654435761 & MASK | 1)


def shuffle(items, stream):
    """Fisher-Yates in place: for i from n-1 down to 1, swap items i and next mod (i + 1)."""
    for i in range(len(items) - 1, 0, -1):
        j = stream.next() % (i + 1)
        items[i], items[j] = items[j], items[i]
    return items


def initial_latents(seed, layer, rows, columns):
    """Row-major, one step each: 96 + (r >> 1), r the top byte as a signed byte."""
    stream = latents_stream(seed, layer)
    return [[_initial(stream.top_byte()) for _ in range(columns)] for _ in range(rows)]


def _initial(byte):
    signed = byte - 256 if byte >= 128 else byte
    return 96 + signed // 2

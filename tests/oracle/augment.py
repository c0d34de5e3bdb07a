"""Jitter and drop on the host (theory_of_operation.md section 1)."""

from formats import decode_all


def augment(codes, width, jitter, drop, stream):
    """A shifted and thinned copy of an image of codes; draws nothing if both are off."""
    if not jitter and not drop:
        return list(codes)
    h = stream.next()
    dx = (h >> 8) % 3 - 1 if jitter else 0
    dy = ((h >> 4) & 0xFF) % 3 - 1 if jitter else 0
    out = [0] * len(codes)
    for index in [i for i, x in enumerate(decode_all(codes)) if x != 0]:
        row, column = index // width + dy, index % width + dx
        if not (0 <= row < len(codes) // width and 0 <= column < width):
            continue
        if drop and stream.top_byte() < drop:
            continue
        out[row * width + column] = codes[index]
    return out

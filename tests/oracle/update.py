"""The update rule and its order (recipe.md sections 2 and 4)."""

import numpy as np

WORD = 32


def rotated(word, column):
    """The ten random bits of a column: rotate_right(w, column) & 0x3FF."""
    return ((word >> column) | (word << (32 - column))) & 0x3FF


def step_shift(latent, x, d, rnd10, sh):
    """clamp(L + ((x d + rnd) >> sh), 0, 191), rnd = rnd10 >> (10 - sh), arithmetic shift."""
    rnd = rnd10 // 2 ** (10 - sh)
    return min(max(latent + (x * d + rnd) // 2**sh, 0), 191)


def step_wide(latent, x, d, rnd10, sh):
    """The equal form: clamp(({L, rnd10} + d (x << (10 - sh))) >> 10)."""
    wide = latent * 1024 + rnd10 + d * x * 2 ** (10 - sh)
    return min(max(wide // 1024, 0), 191)


def update(latents, rows, factors, sh, stream):
    """Update `latents` [rows, columns] in place; returns how many weights changed their trit.

    `rows` is the list of (row, x). Words ascending, skipped without a draw where every factor
    is 0; then rows in order with one rounding step each; then the columns of the word.
    """
    flips = 0
    for first in range(0, len(factors), WORD):
        columns = range(first, min(first + WORD, len(factors)))
        if not any(factors[j] for j in columns):
            continue
        for row, x in rows:
            word = stream.next()
            for j in columns:
                flips += _update_one(latents, row, j, x, factors[j], rotated(word, j - first), sh)
    return flips


def _update_one(latents, row, j, x, d, rnd10, sh):
    old = int(latents[row, j])
    new = step_shift(old, x, int(d), rnd10, sh)
    assert new == step_wide(old, x, int(d), rnd10, sh)
    latents[row, j] = new
    return int(old // 64 != new // 64)


def list_of(codes, decode):
    """(index, doubled value) of the inputs whose decoded code is not 0, ascending."""
    return [(i, int(x)) for i, x in enumerate(decode(np.asarray(codes))) if x != 0]

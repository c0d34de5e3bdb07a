"""Vectors of the noise, the rival, the update rule and the forward pass."""

import numpy as np

import rival
import update
from cases import Dice, digits, document, hexes, word
from formats import decode_all
from network import Layer, predict
from prng import Stream

LATENTS = [0, 1, 2, 31, 32, 62, 63, 64, 65, 66, 95, 96, 97, 126, 127, 128, 129, 130, 160, 188, 189,
           190, 191]
FACTORS = [-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12]


def build():
    return {
        "gum": document("gum", "noise of the bytes 0..=255 and its sum",
                        [{"noise": rival.GUM, "sum": sum(rival.GUM)}]),
        "rival": document("rival", "rival drawn from goodness at tau = 2^k, and the state after",
                          list(_rival_cases(Dice(21)))),
        "update": document("update", "latents in -> out for one x, d, sh and ten random bits",
                           list(_update_cases(Dice(22)))),
        "word_rounding": document(
            "word_rounding", "rnd of columns 0..=31 of one rounding step w at sh",
            [_rounding(state, sh) for state in (1, 0x80000000, 0xFFFFFFFF, 0xDEADBEEF, 0x12345678)
             for sh in range(11)]),
        "row_update": document(
            "row_update", "update of a layer by a list (row:x) and column factors",
            list(_row_cases(Dice(23)))),
        "forward": document(
            "forward", "one layer: accumulators, codes, goodness per class, prediction",
            list(_forward_cases(Dice(24)))),
    }


def _rival_cases(dice):
    for k in range(13):
        for count in (2, 3, 10, 64):
            yield _rival([dice.below(4 << k) for _ in range(count)], k, dice.next())
        yield _rival([0] * 5, k, dice.next())
        yield _tied(dice, k, 6, [0, 1, 2, 3, 4, 5])
        yield _tied(dice, k, 7, [2, 5])
        yield _tied(dice, k, 2, [0, 1])
    yield _rival([dice.below(1 << 18) for _ in range(256)], 12, dice.next())
    yield _rival([(1 << 18) - 1, (1 << 20) - 1], 12, dice.next())
    yield _rival([7], 3, dice.next())


def _rival(goodness, k, state):
    stream = Stream(state)
    noisy = rival.noisy(goodness, k, stream)
    return {"k": k, "state": word(state), "goodness": goodness, "noisy": noisy,
            "rival": rival.argmax(noisy), "after": word(stream.state)}


def _tied(dice, k, count, best):
    """Goodness such that the noisy goodness of the candidates `best` is equal and largest."""
    state = dice.next()
    noise = rival.noisy([0] * count, k, Stream(state))
    level = max(noise) + 5
    case = _rival([level - n - (0 if c in best else 1) for c, n in enumerate(noise)], k, state)
    assert case["rival"] == best[0]
    return case


def _update_cases(dice):
    for sh in range(11):
        for x, d in ((12, 12), (12, -12), (-12, 12), (1, 1), (1, -1), (3, 0), (-12, -12)):
            for rnd10 in (0, 1023):
                yield _update(x, d, sh, rnd10)
        for _ in range(40):
            x = dice.among([f for f in FACTORS if f])
            yield _update(x, dice.among(FACTORS), sh, dice.below(1024))


def _update(x, d, sh, rnd10):
    out = [update.step_shift(v, x, d, rnd10, sh) for v in LATENTS]
    assert out == [update.step_wide(v, x, d, rnd10, sh) for v in LATENTS]
    return {"x": x, "d": d, "sh": sh, "rnd10": rnd10, "in": hexes(LATENTS), "out": hexes(out)}


def _rounding(state, sh):
    bits = [update.rotated(state, column) >> (10 - sh) for column in range(32)]
    return {"w": word(state), "sh": sh, "rnd": bits}


def _row_cases(dice):
    """Partial words, skipped words, an empty list, every shift."""
    for sh in range(11):
        for columns in (1, 32, 40, 70, 100):
            factors = [dice.among(FACTORS) for _ in range(columns)]
            if columns > 64:
                factors[32:64] = [0] * 32
            yield _rows(dice, columns, dice.codes(4, 60, signed=True), factors, sh)
    yield _rows(dice, 40, [0, 8, 0, 0], [1] * 40, 4)
    yield _rows(dice, 70, [7, 7, 15, 1], [0] * 70, 4)


def _rows(dice, columns, codes, factors, sh):
    before = np.array(dice.latents(len(codes) * columns)).reshape(len(codes), columns)
    state = dice.next()
    stream = Stream(state)
    after = before.copy()
    flips = update.update(after, update.list_of(codes, decode_all), factors, sh, stream)
    return {"columns": columns, "x": digits(codes), "d": factors, "sh": sh, "state": word(state),
            "in": hexes(before.flat), "out": hexes(after.flat), "flips": flips,
            "after": word(stream.state)}


def _forward_cases(dice):
    for scale in range(7):
        for rows, columns, classes in ((20, 40, 3), (9, 70, 5), (64, 33, 2)):
            share = 10 + dice.below(80)
            masks = [[int(dice.below(100) < share) for _ in range(columns)] for _ in range(classes)]
            codes = dice.codes(rows, 20 + dice.below(70), signed=bool(dice.below(2)))
            yield _forward(dice.latents(rows * columns), codes, scale, masks)
    yield from _forward_edges(dice)


def _forward_edges(dice):
    tie = [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    yield _forward([191, 191, 191, 191], [7], 1, tie)  # all classes equal: class 0
    yield _forward([0, 191, 0, 191], [7], 1, tie)  # class 1 alone
    yield _forward([191, 0, 191, 0], [7], 1, [tie[1], tie[0], tie[2]])  # classes 1 and 2: class 1
    yield _forward([100] * 8, [0, 8], 3, tie)  # empty list
    yield _forward([0] * 8, [3, 15], 0, tie)  # a negative input against weights of -1
    yield _forward([191] * 2730, [7] * 2730, 11, [[1], [0]])  # largest accumulator, 32,760
    yield _forward([0] * 2730, [7] * 2730, 11, [[1], [0]])  # smallest
    yield _forward(dice.latents(8 * 4), [9, 10, 11, 12, 13, 14, 15, 8], 0, tie)


def _forward(latents, codes, scale, masks):
    columns = len(masks[0])
    layer = Layer(np.array(latents).reshape(len(codes), columns), scale, masks)
    result = layer.forward(update.list_of(codes, decode_all))
    goodness = [result.goodness(mask) for mask in masks]
    uniform = len(latents) > 1000 and len(set(latents)) == 1
    return {"columns": columns, "scale": scale, "x": digits(codes),
            **({"every_latent": latents[0]} if uniform else {"latents": hexes(latents)}),
            "masks": [digits(mask) for mask in masks],
            "accumulators": result.accumulators.tolist(), "codes": digits(result.codes),
            "largest": result.largest, "goodness": goodness, "predicted": predict(goodness)}

"""Vectors of what the host computes: masks, schedule, calibration, jitter and drop."""

import masks
import prng
import schedule
from augment import augment
from cases import Dice, digits, document, word
from network import from_seed


def build():
    return {
        "masks": document("masks", "class masks of a layer, one digit per column",
                          [_masks(*args) for args in _mask_cases()]),
        "rate_shift": document("rate_shift", "sh by samples seen before (planned null: no end)",
                               list(_shift_cases())),
        "calibrate": document(
            "calibrate", "scales of a stack from samples (networks as in the training files)",
            list(_calibrations(Dice(31)))),
        "augment": document("augment", "jitter and drop of images of codes, several per stream", [
            _augment(*args) for args in (
                (1, True, 0), (2, True, 40), (3, False, 40), (4, False, 255), (5, False, 0),
                (0xFFFFFFFF, True, 128), (6, False, 128, 9 * [100]))]),
    }


def _mask_cases():
    for kind in ("columns", "groups"):
        for share in (26, 77, 128):
            yield kind, 1, 0, 10, 160, share
        yield kind, 2, 1, 3, 40, 77
        yield kind, 3, 2, 7, 96, 77
        yield kind, 0x85EBCA6B, 0, 4, 64, 77
    for share in (77, 128):
        yield "balanced", 4, 0, 10, 160, share
    yield "balanced", 8, 2, 3, 33, 77
    yield "columns", 5, 3, 64, 70, 128
    yield "columns", 6, 0, 2, 33, 1
    yield "groups", 5, 3, 20, 32, 77
    yield "groups", 6, 0, 5, 64, 1
    yield "groups", 7, 0, 4, 70, 77


def _masks(kind, seed, layer, classes, columns, share):
    drawn = masks.build(kind, seed, layer, classes, columns, share)
    return {"masks": kind, "seed": word(seed), "layer": layer, "classes": classes,
            "columns": columns, "share": share, "rows": [digits(row) for row in drawn]}


def _shift_cases():
    for planned in (1, 7, 100, 1000, 600_000, 60_000_000):
        marks = {planned * mark // 100 + d for mark in schedule.MARKS for d in (-1, 0, 1)}
        for seen in sorted({0, planned - 1, planned} | {m for m in marks if m >= 0}):
            yield _shift(4, seen, planned)
    yield from (_shift(sh0, 899, 1000) for sh0 in range(6))
    yield from (_shift(sh0, 900, 1000) for sh0 in range(6))
    yield from (_shift(sh0, seen, None) for sh0 in (0, 4) for seen in (0, 1_000_000))


def _shift(sh0, seen, planned):
    return {"sh0": sh0, "seen": seen, "planned": planned,
            "sh": schedule.rate_shift(sh0, seen, planned)}


def _calibrations(dice):
    for layers, percent, signed, images, count in (
            ([(20, 40)], 25, False, False, 31), ([(20, 40)], 25, False, True, 31),
            ([(20, 40)], 80, False, False, 30), ([(36, 64), (64, 40)], 15, False, False, 20),
            ([(64, 40)], 30, False, True, 24), ([(30, 70)], 20, True, False, 40),
            ([(40, 9)], 3, False, False, 60), ([(100, 33)], 90, False, True, 8),
            ([(12, 33)], 30, False, False, 300), ([(6, 3)], 12, True, False, 420),
            ([(3, 2), (2, 2)], 60, True, False, 12)):
        samples = [dice.codes(layers[0][0], percent, signed) for _ in range(count)]
        samples[280:] = [[7] * layers[0][0]] * len(samples[280:])  # from the 281st on: large
        yield _calibration(layers, dice.next(), samples, images)
    halves = [dice.codes(10, 100) + [0] * 10 for _ in range(9)]
    yield _calibration([(20, 70)], 77, halves, False)  # a mean list of exactly half the inputs
    yield _calibration([(20, 70)], 77, [[7] * 11 + [0] * 9] + halves[1:], False)  # a little more


def _calibration(layers, seed, samples, images):
    network = spec(layers, seed)
    return {**network, "seed": word(seed), "images": images,
            "samples": [digits(s) for s in samples],
            "scales": schedule.calibrate(from_seed(network).layers, samples, images)}


def spec(layers, seed):
    """A network whose masks and scales do not matter here."""
    return {"seed": seed, "classes": 2, "temperature": 0, "masks": "columns", "share": 77,
            "layers": [{"inputs": i, "columns": o, "scale": 0} for i, o in layers]}


def _augment(seed, jitter, drop, densities=(100, 30, 50, 0, 60, 40)):
    dice = Dice(seed)
    stream = prng.host_stream(seed)
    steps = []
    for percent in densities:
        codes = dice.codes(64, percent)
        moved = augment(codes, 8, jitter, drop, stream)
        steps.append({"in": digits(codes), "out": digits(moved), "after": word(stream.state)})
    return {"seed": word(seed), "width": 8, "jitter": jitter, "drop": drop, "images": steps}

"""Accesses of the weight port that the beginning of a first epoch needs at least, for `deku bench`.

    python tests/oracle/port_minimum.py DATA [--write] docs/bench/*.json

Reads what was measured (seed, network, S, number of samples) from the raw numbers of `deku bench`,
of which it counts the part of epoch 1, and the images from the idx files in DATA (a measurement of `calls`: from the files that begin with
DATA), trains the network with the oracle's own rule, and counts

- forward: one access per non-zero row and word of 32 columns,
- update: eight (four planes read, four written) per non-zero row and word with a factor.

Compares with what the reference counted. `--write` adds the counts to the file as `oracle`.
The update is that of update.py, with numpy over the columns of a word: an epoch takes minutes.
Recipes that change the samples (jitter, drop) are left out: the oracle has only the plain order.
"""

import argparse
import gzip
import json
import pathlib
import re
import sys
from functools import partial

import numpy as np

import formats
import masks
import prng
from rival import draw
from schedule import rate_shift

WORD = 32
ACCESSES = 8


def idx(folder, name):
    """Elements of an idx file of bytes, plain or gzipped."""
    path = pathlib.Path(folder) / name
    raw = path.read_bytes() if path.is_file() else gzip.open(f"{path}.gz").read()
    shape = [int.from_bytes(raw[4 + 4 * n:8 + 4 * n], "big") for n in range(raw[3])]
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def images(kind, folder, count):
    """The first training images as doubled inputs, one row each, and their labels."""
    pixels = idx(folder, "train-images-idx3-ubyte")[:count].astype(np.int64)
    if kind == "mnist14":
        scaled = (12 * pixels.reshape(-1, 14, 2, 14, 2).sum(axis=(2, 4)) + 510) // 1020
    else:
        scaled = (12 * pixels + 127) // 255
    code = np.array([formats.nearest_e2m1(v) for v in range(13)])
    inputs = formats.decode_all(code[scaled.reshape(len(pixels), -1)])
    return inputs, idx(folder, "train-labels-idx1-ubyte")[:count]


def calls(prefix, count):
    """Windows of the 8 calls before a call, the most recent first, and that call."""
    names = pathlib.Path(f"{prefix}.vocab.txt").read_text().split()
    path = pathlib.Path(f"{prefix}.train.txt")
    text = path.read_text() if path.is_file() else gzip.open(f"{path}.gz", "rt").read()
    number = {name: n for n, name in enumerate(names)}
    other = number.get("<other>")
    inputs = np.zeros((count, 8 * len(names)), dtype=np.int64)
    labels = []
    for line in text.splitlines():
        seen = [number.get(name, other) for name in line.split()]
        for at in range(1, min(len(seen), count - len(labels) + 1)):
            for position, call in enumerate(reversed(seen[max(0, at - 8):at])):
                inputs[len(labels), position * len(names) + call] = 4
            labels.append(seen[at])
    return inputs, labels


def update_word(part, x, d, sh, stream):
    """Update the latents `part` [rows, columns of a word]; one rounding step per row."""
    words = np.array([stream.next() for _ in x], dtype=np.uint64)[:, None]
    by = np.arange(len(d), dtype=np.uint64)[None, :]
    random = ((words >> by | words << (np.uint64(32) - by)) & np.uint64(0x3FF)).astype(np.int64)
    wide = part * 1024 + random + (x[:, None] * d[None, :] << (10 - sh))
    return np.clip(wide >> 10, 0, 191)


def update(latents, rows, x, factors, sh, stream):
    """Update the rows of `latents` in place; returns the number of words with a factor."""
    touched = 0
    for first in range(0, len(factors), WORD):
        d = factors[first:first + WORD]
        if d.any():
            touched += 1
            part = latents[rows, first:first + WORD]
            latents[rows, first:first + WORD] = update_word(part, x, d, sh, stream)
    return touched


def count(recipe, seed, samples, folder):
    """Accesses of forward passes and of updates."""
    shape = re.fullmatch(r"(\d+)-(\d+), (\d+) classes", recipe["network"])
    rows, columns, classes = (int(part) for part in shape.groups())
    load = calls if recipe["data"] == "calls" else partial(images, recipe["data"])
    inputs, labels = load(folder, recipe["samples"])
    latents = np.array(prng.initial_latents(seed, 0, rows, columns), dtype=np.int64)
    own = np.array(masks.column_masks(seed, 0, classes, columns, recipe["mask_share"]))
    rival_stream, rounding = prng.rival_stream(seed), prng.rounding_stream(seed)
    planned = recipe["epochs"] * recipe["samples"]
    order = prng.shuffle(list(range(recipe["samples"])), prng.host_stream(seed))
    forward = changed = 0
    for seen, n in enumerate(order[:samples]):
        listed = np.flatnonzero(inputs[n])
        x = inputs[n][listed]
        y = formats.decode_all(formats.encode(x @ formats.ternary(latents[listed]),
                                              recipe["shifts"][0]))
        forward += len(listed) * -(-columns // WORD)
        goodness = [int(g) for g in own @ (y * y)]
        truth, rival = int(labels[n]), draw(goodness, recipe["temperature"], rival_stream)
        if rival != truth:
            sh = rate_shift(recipe["first_shift"], seen, planned)
            factors = (own[truth] - own[rival]) * y
            changed += len(listed) * update(latents, listed, x, factors, sh, rounding)
    return {"forward": forward, "update": ACCESSES * changed}


def first_part(record):
    """The part that begins with the first sample, if the oracle knows its order."""
    recipe = record["recipe"]
    plain = not recipe["jitter"] and recipe["drop"] == 0
    found = [part for part in record["parts"] if part["epoch"] == 1]
    return found[0] if plain and found else None


def main():
    parser = argparse.ArgumentParser(description="weight-port minimum of measurements")
    parser.add_argument("folder", help="folder of the idx files, or beginning of the calls' files")
    parser.add_argument("records", nargs="+", help="files of `deku bench --out`")
    parser.add_argument("--write", action="store_true", help="add the counts to the files")
    options = parser.parse_args()
    wrong = 0
    for name in options.records:
        path = pathlib.Path(name)
        record = json.loads(path.read_text())
        part = first_part(record)
        if part is None:
            print(f"{path.name}: left out, no plain part of epoch 1", flush=True)
            continue
        work = part["stretch"]["work"]
        found = count(record["recipe"], record["seed"], work["samples"], options.folder)
        reference = {"forward": work["forward_words"], "update": ACCESSES * work["update_words"]}
        per_sample = (found["forward"] + found["update"]) / work["samples"] / record["slices"]
        verdict = "same" if found == reference else f"DIFFERENT from the reference: {reference}"
        print(f"{path.name}: {found}, {per_sample:.1f} cycles per sample, {verdict}", flush=True)
        wrong += found != reference
        if options.write:
            part["oracle"] = found
            path.write_text(json.dumps(record, indent=2) + "\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

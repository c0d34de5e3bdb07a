"""Vectors of the generator, its streams and the shuffle."""

import hashlib

import prng
from cases import document, hexes, word

# The last three give a derived state of 0 (latents of layer 0, masks of layer 0) or wrap.
SEEDS = [0, 1, 2, 3, 42, 0x12345678, 0xDEADBEEF, 0xFFFFFFFF, 0x9E3779B9, 0x85EBCA6B, 0xFEDCBA98]


def build():
    return {
        "xorshift": document("xorshift", "states after a state", [
            {"state": word(s), "next": list(map(word, _sequence(s, 12)))}
            for s in (1, 2, 0x80000000, 0xFFFFFFFF, 2463534242, 0x6D2B79F5)]),
        "streams": document(
            "streams", "initial states of the streams of a seed; latents and masks per layer "
            "0..=3, after the steps that are thrown away",
            [_streams(seed) for seed in SEEDS]),
        "initial_latents": document(
            "initial_latents", "latents of a layer drawn from a seed, row-major",
            [_initial(*args) for args in ((1, 0, 5, 40), (1, 1, 5, 40), (7, 3, 3, 70),
                                          (0x9E3779B9, 0, 4, 33), (0xFFFFFFFF, 2, 9, 1))]),
        "shuffle": document(
            "shuffle", "Fisher-Yates of 0..n from a state, and the state after it",
            [_shuffle(n, state) for n, state in
             ((0, 5), (1, 5), (2, 5), (10, 1), (33, 0xDEADBEEF), (256, 99))]),
        "epochs": document(
            "epochs", "host order of successive epochs: each shuffles the order before it",
            [_epochs(seed, 24, 3) for seed in (0, 1, 0xCAFE)]),
        "digits_split": document(
            "digits_split", "0..n shuffled from the state 1; the last `test` are the test images; "
            "SHA-256 of the order as big-endian 16-bit numbers", [_digits_split()]),
    }


def _sequence(state, count):
    stream = prng.Stream(state)
    return [stream.next() for _ in range(count)]


def _streams(seed):
    return {
        "seed": word(seed),
        "latents": [word(prng.latents_stream(seed, layer).state) for layer in range(4)],
        "masks": [word(prng.masks_stream(seed, layer).state) for layer in range(4)],
        "rounding": word(prng.rounding_stream(seed).state),
        "rival": word(prng.rival_stream(seed).state),
        "host": word(prng.host_stream(seed).state),
    }


def _initial(seed, layer, rows, columns):
    latents = prng.initial_latents(seed, layer, rows, columns)
    return {"seed": word(seed), "layer": layer, "inputs": rows, "columns": columns,
            "latents": hexes(v for row in latents for v in row)}


def _shuffle(n, state):
    stream = prng.Stream(state)
    order = prng.shuffle(list(range(n)), stream)
    return {"n": n, "state": word(state), "order": order, "after": word(stream.state)}


def _epochs(seed, n, epochs):
    stream = prng.host_stream(seed)
    order = list(range(n))
    return {"seed": word(seed), "n": n,
            "orders": [list(prng.shuffle(order, stream)) for _ in range(epochs)]}


def _digits_split():
    order = prng.shuffle(list(range(1797)), prng.Stream(1))
    train, test = order[:-360], order[-360:]
    return {"n": 1797, "test": 360, "state": word(1), "sha256": _digest(order),
            "train_first": train[:8], "train_last": train[-8:], "test_first": test[:8],
            "test_last": test[-8:]}


def _digest(values):
    return hashlib.sha256(b"".join(v.to_bytes(2, "big") for v in values)).hexdigest()

"""Training of small networks, example by example: one file per network."""

import hashlib

import phases
import wire
from cases import Dice, digits, hexes, word
from network import from_seed

MIXED = (phases.INFER, phases.LABELLED)
ONE_LAYER = [(20, 40, 1)]


def build():
    return {f"training_{name}": train(name, **case) for name, case in networks().items()}


def networks():
    """Every network: layers as (inputs, columns, S), then whatever differs from `train`."""
    two, three = [(20, 40, 1), (40, 33, 1)], [(16, 70, 1), (70, 40, 2), (40, 35, 1)]
    four = [(18, 40, 0), (40, 40, 1), (40, 70, 1), (70, 33, 2)]
    return {
        "labelled": dict(layers=ONE_LAYER, seed=1, steps=60),
        "labelled_zero_state": dict(layers=ONE_LAYER, seed=0x9E3779B9),
        "labelled_wrapped": dict(layers=[(20, 40, 1), (40, 40, 1)], seed=0xFFFFFFFF),
        "labelled_70": dict(layers=[(24, 70, 1)], seed=2, classes=4, signed=True),
        "labelled_groups": dict(layers=[(24, 72, 1)], seed=3, classes=5, masks="groups"),
        "labelled_groups_partial": dict(layers=[(24, 70, 1)], seed=4, masks="groups", share=128),
        "labelled_two": dict(layers=two, seed=5, classes=5),
        "labelled_three": dict(layers=three, seed=6, classes=4, signed=True, masks="groups"),
        "labelled_four": dict(layers=four, seed=7, percent=70),
        "labelled_cold": dict(layers=ONE_LAYER, seed=8, temperature=0),
        "labelled_hot": dict(layers=two, seed=9, temperature=12),
        "labelled_sparse": dict(layers=[(12, 40, 0)], seed=10, percent=6, signed=True),
        "labelled_skipped_words": dict(layers=[(20, 160, 1)], seed=11, share=8),
        "labelled_dead": dict(layers=[(20, 40, 6), (40, 33, 0)], seed=12),
        "labelled_many_classes": dict(layers=[(32, 64, 1)], seed=13, classes=64, share=128),
        "labelled_saturated": dict(layers=ONE_LAYER, seed=14, percent=90, shifts=[0], steps=80),
        "labelled_slow": dict(layers=ONE_LAYER, seed=15, percent=90, shifts=[8, 9, 10]),
        "infer": dict(layers=two, seed=16, kinds=(phases.INFER,), steps=12),
        "interleaved": dict(layers=two, seed=17, kinds=MIXED, steps=50),
        "pair": dict(layers=ONE_LAYER, seed=18, kinds=(phases.PAIR,)),
        "pair_two": dict(layers=two, seed=19, kinds=(phases.PAIR, phases.INFER), signed=True),
        "pair_three": dict(layers=three, seed=20, kinds=(phases.PAIR,), percent=25),
        "positive": dict(layers=ONE_LAYER, seed=21, kinds=(phases.POSITIVE,), theta=900),
        "negative": dict(layers=ONE_LAYER, seed=22, kinds=(phases.NEGATIVE,), theta=300),
        "single_two": dict(layers=two, seed=23, theta=500, signed=True,
                           kinds=(phases.POSITIVE, phases.NEGATIVE, phases.INFER)),
        "single_theta_limits": dict(layers=ONE_LAYER, seed=24, theta=(1 << 20) - 1, steps=8,
                                    kinds=(phases.POSITIVE, phases.NEGATIVE)),
        "single_theta_zero": dict(layers=two, seed=25, theta=0, steps=16,
                                  kinds=(phases.POSITIVE, phases.NEGATIVE)),
        "all_kinds": dict(layers=two, seed=26, theta=600, steps=60, kinds=tuple(range(5))),
        "overlay_1": dict(layers=ONE_LAYER, seed=27, copies=1, kinds=(phases.OVERLAY,)),
        "overlay_4": dict(layers=[(20, 70, 1)], seed=28, copies=4, classes=5, signed=True,
                          kinds=(phases.OVERLAY, phases.OVERLAY_INFER)),
        "overlay_16": dict(layers=[(16, 40, 2)], seed=29, copies=16, kinds=(phases.OVERLAY,)),
        "overlay_two": dict(layers=[(16, 40, 2), (40, 33, 1)], seed=30, copies=3,
                            kinds=(phases.OVERLAY, phases.OVERLAY_INFER, phases.OVERLAY)),
        "overlay_three": dict(layers=[(16, 33, 2), (33, 40, 1), (40, 70, 1)], seed=31, copies=8,
                              classes=4, kinds=(phases.OVERLAY,), signed=True),
        "overlay_sparse": dict(layers=[(16, 40, 1)], seed=32, copies=2, percent=5, steps=16,
                               kinds=(phases.OVERLAY, phases.OVERLAY_INFER)),
    }


def train(name, layers, seed, classes=3, kinds=(phases.LABELLED,), steps=33, percent=45,
          signed=False, temperature=5, masks="columns", share=77, copies=0, theta=0,
          shifts=tuple(range(11))):
    """One file: the network, every example with what the module must answer, the end."""
    spec = {"seed": seed, "classes": classes, "temperature": temperature, "masks": masks,
            "share": share, "copies": copies, "theta": theta,
            "layers": [{"inputs": i, "columns": o, "scale": s} for i, o, s in layers]}
    network = from_seed(spec)
    examples = Examples(Dice(seed + 1000), spec, kinds, percent, signed, shifts)
    start = [word(network.rival.state), word(network.rounding.state), *_checks(network)]
    done = [_step(network, examples, number) for number in range(steps)]
    return {"version": 1, "kind": "training", "about": f"{name}: see README, training",
            "network": {**spec, "seed": word(seed)}, "start": start, "cases": done,
            "final": [_final(layer) for layer in network.layers]}


class Examples:
    """Arbitrary examples; every seventh is empty, every eleventh full."""

    def __init__(self, dice, spec, kinds, percent, signed, shifts):
        self.dice, self.spec, self.kinds = dice, spec, kinds
        self.percent, self.signed, self.shifts = percent, signed, shifts

    def make(self, number):
        """(kind, inputs, label, sh)"""
        kind = self.kinds[number % len(self.kinds)]
        inputs = [self._input(number) for _ in range(2 if kind == phases.PAIR else 1)]
        return kind, inputs, self._label(kind, number), self.shifts[number % len(self.shifts)]

    def _input(self, number):
        percent = 0 if number % 7 == 6 else 100 if number % 11 == 10 else self.percent
        codes = self.dice.codes(self.spec["layers"][0]["inputs"], percent, self.signed)
        if self.signed:  # -0 never enters the list
            codes = [c or 8 * int(self.dice.below(8) == 0) for c in codes]
        return codes

    def _label(self, kind, number):
        if kind in (phases.PAIR, phases.POSITIVE, phases.NEGATIVE):
            return 0
        if kind == phases.INFER and number % 2:
            return phases.NONE
        return self.dice.below(self.spec["classes"])


def _step(network, examples, number):
    kind, inputs, label, sh = examples.make(number)
    out = phases.run(network, kind, inputs, label, sh)
    rival = out.rivals[0] if out.rivals else phases.NONE
    wire_result = wire.result(out.updated, number % 256, out.predicted, rival, out.other, out.truth)
    return {"kind": kind, "sh": sh, "label": label, "x": [digits(x) for x in inputs],
            "goodness": out.goodness, "rivals": out.rivals, "updated": out.updated,
            "predicted": out.predicted, "other": out.other, "truth": out.truth,
            "result": wire_result.hex(), "rival_state": word(network.rival.state),
            "rounding_state": word(network.rounding.state), "samples": network.samples,
            "layers": [[l.updates, l.flips, l.dead, l.largest] for l in network.layers],
            "latents_crc": _checks(network)}


def _checks(network):
    """CRC-16 of the latents of every layer, row-major."""
    return [f"{wire.crc16(_raw(layer)):04x}" for layer in network.layers]


def _raw(layer):
    return bytes(int(v) for v in layer.latents.flat)


def _final(layer):
    return {"latents": hexes(layer.latents.flat), "sha256": hashlib.sha256(_raw(layer)).hexdigest()}

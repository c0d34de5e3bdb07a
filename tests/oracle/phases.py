"""Training and inference, example by example (recipe.md sections 2, 4 and 8).

Every kind runs the same way: all forward passes first (weights before any update), which give
the goodness of every candidate in every layer; then the rivals, layer by layer ascending; then
the updates of the layers whose rival is not the truth.
"""

from dataclasses import dataclass

from formats import decode_all
from network import predict
from rival import draw
from update import list_of, update

INFER, LABELLED, PAIR, POSITIVE, NEGATIVE, OVERLAY, OVERLAY_INFER = range(7)
NONE = 255


@dataclass
class Outcome:
    """The fields of a result (programmers_guide.md section 5) and what led to them."""

    updated: int  # one bit per layer
    predicted: int
    rivals: list  # one per layer; empty if none was drawn
    other: int
    truth: int
    goodness: list  # per layer, per candidate


def run(network, kind, inputs, label=0, sh=0):
    """Run one example; `inputs` holds one list of codes (two for PAIR)."""
    network.samples += int(kind not in (INFER, OVERLAY_INFER))
    lists = [list_of(codes, decode_all) for codes in inputs]
    runner = {INFER: _classes, LABELLED: _classes, PAIR: _pair, POSITIVE: _single,
              NEGATIVE: _single, OVERLAY: _overlay, OVERLAY_INFER: _overlay}[kind]
    return runner(network, kind, lists, label, sh)


def _classes(network, kind, lists, label, sh):
    """One pass; candidates are the classes, each with its own subset of the columns."""
    passes = network.forward(lists[0])
    goodness = [[p.goodness(mask) for mask in layer.masks]
                for p, layer in zip(passes, network.layers)]
    truth = label if label < network.classes else None
    if kind == INFER:
        return _outcome(goodness, truth, [])

    def change(number, rival):
        own = network.layers[number].masks
        p = passes[number]
        d = [(own[label][j] - own[rival][j]) * int(y) for j, y in enumerate(p.doubled)]
        return [(p.entries, d)]

    return _learn(network, goodness, truth, sh, change)


def _pair(network, kind, lists, label, sh):
    """Two passes; candidate 0 is the positive input, 1 the negative one."""
    positive, negative = (network.forward(entries) for entries in lists)
    goodness = [[p.goodness(), n.goodness()] for p, n in zip(positive, negative)]

    def change(number, rival):
        return [push(positive[number], 1), push(negative[number], -1)]

    return _learn(network, goodness, 0, sh, change)


def _single(network, kind, lists, label, sh):
    """One pass; candidate 0 is the input, 1 the constant theta in every layer."""
    passes = network.forward(lists[0])
    goodness = [[p.goodness(), network.theta] for p in passes]
    sign = 1 if kind == POSITIVE else -1
    truth = 0 if kind == POSITIVE else 1
    return _learn(network, goodness, truth, sh, lambda number, rival: [push(passes[number], sign)])


def _overlay(network, kind, lists, label, sh):
    """One pass per label, its rows appended to the input; candidates are the labels."""
    with_label = [lists[0] + label_rows(network, c) for c in range(network.classes)]
    passes = [network.forward(entries) for entries in with_label]
    goodness = [[p[number].goodness() for p in passes] for number in range(len(network.layers))]
    truth = label if label < network.classes else None
    if kind == OVERLAY_INFER:
        return _outcome(goodness, truth, [])

    def change(number, rival):
        return [push(passes[truth][number], 1), push(passes[rival][number], -1)]

    return _learn(network, goodness, truth, sh, change)


def label_rows(network, label):
    """Rows of a label: the last classes * copies rows of layer 0, label by label, code 12."""
    first = network.layers[0].rows - network.classes * network.copies + label * network.copies
    return [(row, 12) for row in range(first, first + network.copies)]


def push(result, sign):
    """List and factors that raise (+1) or lower (-1) the goodness of a pass."""
    return result.entries, [sign * int(y) for y in result.doubled]


def _learn(network, goodness, truth, sh, change):
    """Draw the rival of every layer, then update those it beats; `change` gives (list, factors)."""
    rivals = [draw(g, network.temperature, network.rival) for g in goodness]
    updated = 0
    for number, (layer, rival) in enumerate(zip(network.layers, rivals)):
        if rival == truth:
            continue
        updated |= 1 << number
        layer.updates += 1
        for entries, factors in change(number, rival):
            layer.flips += update(layer.latents, entries, factors, sh, network.rounding)
    return _outcome(goodness, truth, rivals, updated)


def _outcome(goodness, truth, rivals, updated=0):
    total = [sum(column) for column in zip(*goodness)]
    best = predict(total)
    if truth is None:
        return Outcome(updated, best, rivals, total[best], 0, goodness)
    other = max(g for c, g in enumerate(total) if c != truth)
    return Outcome(updated, best, rivals, other, total[truth], goodness)

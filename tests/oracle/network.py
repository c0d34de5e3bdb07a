"""Forward pass, goodness and prediction (recipe.md sections 3 and 8)."""

from dataclasses import dataclass

import numpy as np

import formats
import masks
import prng
from rival import argmax


@dataclass
class Pass:
    """What one forward pass through one layer leaves behind."""

    entries: list  # the list: (row, doubled input)
    accumulators: np.ndarray
    codes: np.ndarray  # y as E2M1 codes
    doubled: np.ndarray  # y as twice its value

    @property
    def largest(self):
        """Largest positive accumulator, or 0."""
        return max(0, int(self.accumulators.max()))

    @property
    def dead(self):
        return not self.codes.any()

    def goodness(self, mask=None):
        """Sum of y^2 over the columns of a class mask (every column without one)."""
        squares = self.doubled**2
        return int(squares.sum() if mask is None else squares[np.asarray(mask) == 1].sum())

    def next_list(self):
        """The list that the layer above sees."""
        return [(j, int(y)) for j, y in enumerate(self.doubled) if y]


class Layer:
    """Latents, scale and class masks of one layer, and its counters."""

    def __init__(self, latents, scale, class_masks):
        self.latents = np.array(latents, dtype=np.int64)
        self.scale = scale
        self.masks = class_masks
        self.dead = self.largest = self.updates = self.flips = 0

    @property
    def rows(self):
        return self.latents.shape[0]

    @property
    def columns(self):
        return self.latents.shape[1]

    def forward(self, entries):
        """a[j] = sum of w[i][j] x_i over the list; y[j] = encode(a[j], S)."""
        total = np.zeros(self.columns, dtype=np.int64)
        for row, x in entries:
            total += formats.ternary(self.latents[row]) * x
        assert abs(total).max() < 2**15, "the accumulator has 16 bits"
        codes = formats.encode(total, self.scale)
        return Pass(entries, total, codes, formats.decode_all(codes))

    def count(self, result):
        """Let a pass count for DEAD and MAX_ACC."""
        self.dead += int(result.dead)
        self.largest = result.largest


class Network:
    """A stack of layers with its generators (one pair for all layers)."""

    def __init__(self, layers, classes, temperature, seed, copies=0, theta=0):
        self.layers = layers
        self.classes = classes
        self.temperature = temperature
        self.copies = copies
        self.theta = theta
        self.rival = prng.rival_stream(seed)
        self.rounding = prng.rounding_stream(seed)
        self.samples = 0

    def forward(self, entries, counted=True):
        """One pass through the whole stack: a Pass per layer."""
        passes = []
        for layer in self.layers:
            passes.append(layer.forward(entries))
            if counted:
                layer.count(passes[-1])
            entries = passes[-1].next_list()
        return passes


def from_seed(spec):
    """A network of a case: every latent and mask drawn from the seed."""
    layers = []
    for number, part in enumerate(spec["layers"]):
        rows = part["inputs"]
        if number == 0:
            rows += spec["classes"] * spec.get("copies", 0)
        latents = prng.initial_latents(spec["seed"], number, rows, part["columns"])
        own = masks.build(spec["masks"], spec["seed"], number, spec["classes"], part["columns"],
                          spec["share"])
        layers.append(Layer(latents, part["scale"], own))
    return Network(layers, spec["classes"], spec["temperature"], spec["seed"],
                   spec.get("copies", 0), spec.get("theta", 0))


def predict(total):
    """Argmax of the summed goodness, lowest index wins ties."""
    return argmax(total)

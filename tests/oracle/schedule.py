"""Rate shift and calibration (recipe.md sections 5 and 7)."""

from formats import decode_all
from update import list_of

MARKS = (30, 50, 65, 80, 90)
SAMPLES = 256


def rate_shift(sh0, seen, planned):
    """SH0 + number of marks m with 100 n >= m * planned; `planned` None trains without end."""
    if planned is None:
        return sh0 + 2
    return sh0 + sum(100 * seen >= mark * planned for mark in MARKS)


def calibrate(layers, samples, images):
    """Scale S of every layer, first layer first; None keeps the scale (no sample counts).

    The rule: over the first 256 samples with max a > 0, the lower median of floor(log2 max a),
    minus 3, plus 1 where their mean list is longer than half the layer's inputs or the inputs are
    images (only layer 0 sees an image), clamped to 0..=15.
    """
    lists = [list_of(sample, decode_all) for sample in samples]
    scales = []
    for number, layer in enumerate(layers):
        scales.append(scale_of(layer, lists, images and number == 0))
        layer.scale = layer.scale if scales[-1] is None else scales[-1]
        lists = [layer.forward(entries).next_list() for entries in lists]
    return scales


def scale_of(layer, lists, images):
    """Scale of one layer from the lists of its inputs."""
    seen = [(layer.forward(entries).largest, len(entries)) for entries in lists]
    seen = [(largest, length) for largest, length in seen if largest > 0][:SAMPLES]
    if not seen:
        return None
    logs = sorted(largest.bit_length() - 1 for largest, _ in seen)
    dense = 2 * sum(length for _, length in seen) > len(seen) * layer.rows
    return min(max(logs[(len(logs) - 1) // 2] - 3 + int(dense or images), 0), 15)

"""Class masks A[c][j] (recipe.md section 6, theory_of_operation.md section 1)."""

from prng import masks_stream, shuffle

TRIALS = 200


def column_masks(seed, layer, classes, columns, share):
    """One draw per class and column: the column belongs to the class if top byte < share."""
    stream = masks_stream(seed, layer)
    return [[int(stream.top_byte() < share) for _ in range(columns)] for _ in range(classes)]


def balanced_masks(seed, layer, classes, columns, share, width):
    """Balanced groups of `width` columns; a last group may be narrower."""
    groups = -(-columns // width)
    chosen = balanced_groups(masks_stream(seed, layer), classes, groups, share)
    return [[int(j // width in own) for j in range(columns)] for own in chosen]


def balanced_groups(stream, classes, groups, share):
    """Groups of every class: 200 trials each, the first with the least maximal overlap."""
    size = max(1, (groups * share + 128) // 256)
    used = [0] * groups
    chosen = []
    for _ in range(classes):
        trials = [_trial(stream, used, size) for _ in range(TRIALS)]
        best = min(trials, key=lambda own: _overlap(own, chosen))
        for group in best:
            used[group] += 1
        chosen.append(best)
    return chosen


def _trial(stream, used, size):
    order = shuffle(list(range(len(used))), stream)
    return set(sorted(order, key=lambda group: used[group])[:size])


def _overlap(own, earlier):
    return max((len(own & other) for other in earlier), default=0)


def build(kind, seed, layer, classes, columns, share):
    """Masks of a layer: `columns`, `balanced` (single columns) or `groups` (of 8 columns)."""
    if kind == "columns":
        return column_masks(seed, layer, classes, columns, share)
    width = {"balanced": 1, "groups": 8}[kind]
    return balanced_masks(seed, layer, classes, columns, share, width)

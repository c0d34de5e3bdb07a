"""The oracle's own tests: `python -m unittest` in this folder.

Each compares a module of the oracle with a second, slower or older formulation: the thresholds
and constants stated in recipe.md, published check values, real-valued formulas, brute force.
"""

import math
import unittest
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np

import formats
import make_vectors
import masks
import network
import phases
import prng
import rival
import update
import wire
from cases import Dice

MAGNITUDES = [0, 1, 2, 3, 4, 6, 8, 12]  # recipe section 1


class Formats(unittest.TestCase):
    def test_codes(self):
        self.assertEqual([formats.e2m1_decode(c) for c in range(8)], MAGNITUDES)
        self.assertEqual([formats.e2m1_decode(c) for c in range(8, 16)], [-m for m in MAGNITUDES])

    def test_encode_is_the_threshold_list(self):
        thresholds = (1, 3, 5, 7, 10, 14, 20)
        a = np.arange(-2**15, 2**15)
        for scale in range(16):
            v = np.where(a > 0, (a * 2) >> scale, 0)
            self.assertTrue(np.array_equal(formats.encode(a, scale),
                                           sum((v >= t).astype(int) for t in thresholds)))

    def test_encode_is_nearest_with_ties_up(self):
        for scale in range(8):
            for a in range(0, 14 << scale):
                exact = Fraction(a, 1 << scale)
                best = min(MAGNITUDES, key=lambda m: (abs(m - exact), -m))
                self.assertEqual(MAGNITUDES[formats.encode([a], scale)[0]], best)

    def test_input_codes_are_the_list_of_section_1(self):
        listed = [0, 1, 2, 3, 4, 6, 6, 8, 8, 8, 12, 12, 12]
        self.assertEqual([MAGNITUDES[formats.nearest_e2m1(v)] for v in range(13)], listed)


class Random(unittest.TestCase):
    def test_marsaglia(self):
        self.assertEqual(prng.xorshift32(2463534242), 723471715)
        self.assertRaises(ValueError, prng.xorshift32, 0)

    def test_step_is_linear(self):
        a, b = 0x12345678, 0x9ABCDEF1
        self.assertEqual(prng.xorshift32(a ^ b), prng.xorshift32(a) ^ prng.xorshift32(b))

    def test_zero_states_are_replaced(self):
        self.assertEqual(prng.Stream(0).state, 0x6D2B79F5)

    def test_half_of_the_initial_weights_are_zero(self):
        flat = np.array(prng.initial_latents(1, 0, 100, 100)).ravel()
        self.assertEqual((flat.min(), flat.max()), (32, 159))
        self.assertAlmostEqual(float((flat // 64 == 1).mean()), 0.5, delta=0.02)

    def test_shuffle_is_uniform(self):
        stream = Dice(3)
        seen = Counter(tuple(prng.shuffle([0, 1, 2], stream)) for _ in range(12000))
        self.assertEqual(len(seen), 6)
        self.assertTrue(all(abs(n - 2000) < 200 for n in seen.values()))


class Rival(unittest.TestCase):
    def test_noise(self):
        self.assertEqual((min(rival.GUM), max(rival.GUM), sum(rival.GUM)), (-29, 100, 2358))
        for u in range(256):
            exact = -16 * math.log(-math.log((u + 0.5) / 256))
            self.assertLessEqual(abs(rival.GUM[u] - exact), 0.5 + 1e-9)

    def test_draws_follow_the_softmax(self):
        goodness, k = [40, 60, 10, 52], 5
        stream = Dice(17)
        seen = Counter(rival.draw(goodness, k, stream) for _ in range(20000))
        for c, p in enumerate(softmax(goodness, 2**k)):
            self.assertAlmostEqual(seen[c] / 20000, p, delta=0.015)

    def test_mean_factors_are_the_gradient_of_the_log_likelihood(self):
        """E[(A_t - A_r) y] = tau / 2 * d log softmax(G / tau)[t] / dy, by finite differences."""
        own = np.array([[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0]])
        y, truth, k = np.array([4.0, 3.0, 6.0, 2.0]), 1, 5
        goodness = [int(g) for g in own @ y**2]
        stream, total = Dice(5), np.zeros(4)
        for _ in range(20000):
            total += (own[truth] - own[rival.draw(goodness, k, stream)]) * y
        for j in range(4):
            up, down = y.copy(), y.copy()
            up[j] += 1e-5
            down[j] -= 1e-5
            slope = (log_likelihood(own, up, truth, k) - log_likelihood(own, down, truth, k)) / 2e-5
            self.assertAlmostEqual(total[j] / 20000, 2**k / 2 * slope, delta=0.15)


def softmax(goodness, tau):
    weights = [math.exp((g - max(goodness)) / tau) for g in goodness]
    return [w / sum(weights) for w in weights]


def log_likelihood(own, y, truth, k):
    return math.log(softmax(list(own @ y**2), 2**k)[truth])


class Update(unittest.TestCase):
    def test_both_forms(self):
        dice = Dice(9)
        for _ in range(20000):
            args = (dice.below(192), dice.below(25) - 12, dice.below(25) - 12, dice.below(1024),
                    dice.below(11))
            self.assertEqual(update.step_shift(*args), update.step_wide(*args))

    def test_rounding_is_unbiased(self):
        """The mean step over all ten random bits is exactly x d / 2^sh where nothing saturates."""
        for sh in range(2, 11):
            for x, d in ((12, 12), (-8, 3), (1, 1), (-12, 1)):
                steps = sum(update.step_shift(96, x, d, r, sh) - 96 for r in range(1024))
                self.assertEqual(Fraction(steps, 1024), Fraction(x * d, 1 << sh))

    def test_rotation(self):
        for column in range(32):
            bits = f"{0xDEADBEEF:032b}"
            turned = bits[32 - column:] + bits[:32 - column]
            self.assertEqual(update.rotated(0xDEADBEEF, column), int(turned[-10:], 2))

    def test_draws_by_words_and_rows(self):
        latents = np.full((3, 70), 96)
        stream = prng.Stream(1)
        update.update(latents, [(0, 1), (2, -3)], [1] + [0] * 63 + [2] + [0] * 5, 3, stream)
        self.assertEqual(stream.state, prng.Stream(1).skip(4).state)


class Forward(unittest.TestCase):
    def test_real_valued(self):
        """y = E2M1(relu(W x) / 2^S), goodness = sum of (2 y)^2, in floating point."""
        dice = Dice(4)
        for scale in range(4):
            latents = np.array(dice.latents(30 * 50)).reshape(30, 50)
            own = [[dice.below(2) for _ in range(50)] for _ in range(3)]
            codes = dice.codes(30, 60, signed=True)
            got = network.Layer(latents, scale, own).forward(
                update.list_of(codes, formats.decode_all))
            x = np.array(codes, dtype=np.uint8).view(formats.E2M1).astype(float)
            activity = np.maximum(x @ (np.digitize(latents, [64, 128]) - 1.0), 0) / 2.0**scale
            grid = np.array(MAGNITUDES) / 2
            y = np.array([max(grid[abs(grid - v) == abs(grid - v).min()]) for v in activity])
            self.assertTrue(np.array_equal(y * 2, got.doubled))
            for mask in own:
                self.assertEqual(((2 * y) ** 2) @ np.array(mask), got.goodness(mask))


class Phases(unittest.TestCase):
    SPEC = {"seed": 3, "classes": 3, "temperature": 5, "masks": "columns", "share": 77,
            "copies": 2, "theta": 100,
            "layers": [{"inputs": 12, "columns": 40, "scale": 1}, {"inputs": 40, "columns": 33,
                                                                   "scale": 1}]}

    def test_inference_changes_nothing(self):
        net = network.from_seed(self.SPEC)
        before = [l.latents.copy() for l in net.layers], net.rival.state, net.rounding.state
        for kind in (phases.INFER, phases.OVERLAY_INFER):
            phases.run(net, kind, [Dice(5).codes(12, 50)], label=1)
        self.assertTrue(all(map(np.array_equal, before[0], (l.latents for l in net.layers))))
        self.assertEqual(before[1:], (net.rival.state, net.rounding.state))

    def test_draws_per_kind(self):
        for kind, candidates in ((phases.LABELLED, 3), (phases.PAIR, 2), (phases.POSITIVE, 2),
                                 (phases.NEGATIVE, 2), (phases.OVERLAY, 3)):
            net = network.from_seed(self.SPEC)
            expected = prng.rival_stream(3).skip(2 * candidates).state
            codes = [Dice(5).codes(12, 50)] * (2 if kind == phases.PAIR else 1)
            phases.run(net, kind, codes, label=0)
            self.assertEqual(net.rival.state, expected)

    def test_learning_raises_the_truth(self):
        spec = {**self.SPEC, "copies": 0, "layers": self.SPEC["layers"][:1]}
        net = network.from_seed(spec)
        dice = Dice(8)
        samples = [dice.codes(12, 50) for _ in range(12)]
        for _ in range(60):
            for number, codes in enumerate(samples):
                phases.run(net, phases.LABELLED, [codes], label=number % 3, sh=3)
        answers = [phases.run(net, phases.INFER, [codes], label=255).predicted for codes in samples]
        self.assertGreaterEqual(sum(a == n % 3 for n, a in enumerate(answers)), 11)


    def test_labelled_step_by_brute_force(self):
        """One layer, all random words drawn first, every latent computed on its own."""
        spec = {**self.SPEC, "copies": 0, "layers": [{"inputs": 12, "columns": 70, "scale": 1}]}
        dice = Dice(31)
        for seed in range(40):
            net = network.from_seed({**spec, "seed": seed})
            codes, sh, label = dice.codes(12, 60, signed=True), dice.below(11), dice.below(3)
            expected = brute_force(net, codes, label, sh)
            phases.run(net, phases.LABELLED, [codes], label, sh)
            self.assertEqual(expected, net.layers[0].latents.tolist())


def brute_force(net, codes, label, sh):
    """Latents after one labelled example on a network of one layer."""
    layer, tau = net.layers[0], 2**net.temperature
    old = layer.latents.tolist()
    x = [MAGNITUDES[c % 8] * (-1 if c > 7 else 1) for c in codes]
    a = [sum(x[i] * (old[i][j] // 64 - 1) for i in range(len(x))) for j in range(layer.columns)]
    y = [MAGNITUDES[threshold_code(a_j, layer.scale)] for a_j in a]
    random = prng.Stream(net.rival.state)
    belief = [sum(m * v * v for m, v in zip(mask, y))
              + math.floor(rival.GUM[random.top_byte()] * tau / 16) for mask in layer.masks]
    other = belief.index(max(belief))
    d = [(t - r) * v for t, r, v in zip(layer.masks[label], layer.masks[other], y)]
    random = prng.Stream(net.rounding.state)
    words = {(g, i): random.next() for g in range(3) if any(d[32 * g:32 * g + 32])
             for i in range(len(x)) if x[i]}
    return [[settled(old[i][j], x[i] * d[j], words.get((j // 32, i)), j % 32, sh)
             for j in range(layer.columns)] for i in range(len(x))]


def threshold_code(a, scale):
    """Number of thresholds of section 3 that v = a >> (S - 1) reaches."""
    return sum(a > 0 and a * 2 // 2**scale >= t for t in (1, 3, 5, 7, 10, 14, 20))


def settled(latent, product, drawn, column, sh):
    if not product:
        return latent
    turned = (drawn * (2**32 + 1) >> column) % 1024
    return sorted((0, latent + math.floor((product + (turned >> 10 - sh)) / 2**sh), 191))[1]


class Masks(unittest.TestCase):
    def test_groups_are_balanced(self):
        own = masks.balanced_groups(prng.masks_stream(1, 0), 10, 20, 77)
        self.assertEqual({len(groups) for groups in own}, {6})
        used = Counter(group for groups in own for group in groups)
        self.assertEqual({used[g] for g in range(20)}, {3})


class Wire(unittest.TestCase):
    def test_check_values(self):
        self.assertEqual(wire.crc8(b"123456789"), 0xF4)
        self.assertEqual(wire.crc16(b"123456789"), 0x29B1)

    def test_crc_over_data_and_crc_is_zero(self):
        for n in range(1, 40):
            self.assertEqual(wire.crc16(wire.with_crc16(Dice(n).bytes(n))), 0)

    def test_crc_bit_by_bit(self):
        for n in range(40):
            data = Dice(n + 1).bytes(n)
            register = 0xFFFF
            for bit in "".join(f"{b:08b}" for b in data):
                out = register >> 15 ^ int(bit)
                register = (register << 1 & 0xFFFF) ^ (0x1021 if out else 0)
            self.assertEqual(wire.crc16(data), register)

    def test_latent_word(self):
        latents = Dice(7).latents(32)
        data = wire.latent_word(latents)
        planes = [int.from_bytes(data[i:i + 8], "big") for i in range(0, 32, 8)]
        for j, v in enumerate(latents):
            low = planes[2 + j // 16] >> (60 - 4 * (j % 16)) & 15
            parts = (planes[0] >> (62 - 2 * j) & 3, planes[1] >> (62 - 2 * j) & 3, low)
            self.assertEqual(parts, (v >> 6, v >> 4 & 3, v & 15))

    def test_packed_sample(self):
        self.assertEqual(wire.sample([0, 7, 0, 1], wire.PACKED_U), bytes([0b01111010, 0b01000000]))
        self.assertEqual(wire.sample([0, 15, 8], wire.PACKED_S), bytes([0b01111100]))
        self.assertEqual(wire.sample([1, 2, 3], wire.RAW), bytes([0x12, 0x30]))
        self.assertEqual(wire.sample([0, 15], wire.INDEX_LIST), bytes([0, 1, 0x00, 0x1F]))

    def test_cobs(self):
        for n in (0, 1, 5, 253, 254, 255, 600):
            for data in (bytes(n), b"\1" * n, Dice(n + 1).bytes(n)):
                for packet in wire.cobs_forms(data):
                    self.assertEqual(packet.index(0), len(packet) - 1)
                    self.assertEqual(unstuff(packet[:-1]), data)


def unstuff(packet):
    """COBS decoder, the second half of the paper's pair."""
    out, position = bytearray(), 0
    while position < len(packet):
        code = packet[position]
        out += packet[position + 1:position + code]
        position += code
        if code < 255 and position < len(packet):
            out.append(0)
    return bytes(out)


class Vectors(unittest.TestCase):
    FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "v1"

    def test_the_committed_files_are_current(self):
        made = make_vectors.render_all()
        found = {p.name: p.read_bytes().decode("ascii") for p in self.FOLDER.glob("*.json")}
        self.assertEqual(sorted(made), sorted(found))
        stale = [name for name in made if made[name] != found[name]]
        self.assertEqual(stale, [], "run make_vectors.py --out ../vectors/v1")


if __name__ == "__main__":
    unittest.main()

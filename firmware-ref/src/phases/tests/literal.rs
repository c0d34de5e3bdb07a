//! The recipe sentence by sentence, one column at a time: slow, without shared sums, banks,
//! caches or tricks. What the network does must equal this.

use crate::noise::noise;
use crate::outcome::Ranking;
use crate::Xorshift32;
use crate::{Counters, Entry, Latent, NetworkConfig, Outcome, OwnedNetwork, E2M1, E8M0};

/// A network as plain vectors, copied from a real one.
pub(super) struct Literal {
    config: NetworkConfig,
    temperature: u8,
    theta: u32,
    pub latents: Vec<Vec<u8>>,
    masks: Vec<Vec<u8>>,
    pub rival: Xorshift32,
    pub round: Xorshift32,
    pub counters: Counters,
    /// `[layer][candidate]`
    pub goodness: Vec<Vec<u32>>,
}

/// Lists seen by the layers and codes of the layers in one forward pass.
struct Pass {
    lists: Vec<Vec<Entry>>,
    codes: Vec<Vec<E2M1>>,
}

/// One update: the pass, and the sign of its codes as factors.
type Side<'p> = (&'p Pass, i16);

impl Literal {
    pub fn of(net: &OwnedNetwork) -> Self {
        let layers = 0..net.config().layers().len();
        Self {
            config: *net.config(),
            temperature: net.train_config().temperature,
            theta: net.train_config().theta,
            latents: layers.clone().map(|l| net.latents(l).to_vec()).collect(),
            masks: layers.map(|l| net.masks(l).to_vec()).collect(),
            rival: Xorshift32::new(net.rival_state()).unwrap(),
            round: Xorshift32::new(net.round_state()).unwrap(),
            counters: *net.counters(),
            goodness: vec![],
        }
    }

    fn pass(&mut self, list: &[Entry]) -> Pass {
        let mut pass = Pass { lists: vec![list.to_vec()], codes: vec![] };
        for (l, layer) in self.config.layers().iter().enumerate() {
            let scale = E8M0::from_shift(layer.shift).unwrap();
            let w = |e: &Entry, j| {
                Latent::new(self.latents[l][usize::from(e.index) * layer.columns + j])
                    .unwrap()
                    .trit()
            };
            let a = |j| {
                pass.lists[l].iter().map(|e| i16::from(w(e, j)) * i16::from(e.code.twice())).sum()
            };
            let sums: Vec<i16> = (0..layer.columns).map(a).collect();
            let codes: Vec<E2M1> = sums.iter().map(|&a| scale.encode(a)).collect();
            let largest = sums.iter().copied().max().unwrap().max(0);
            self.counters.max_accumulator[l] = largest as u16;
            self.counters.dead[l] += u32::from(codes.iter().all(|y| y.is_zero()));
            let entries = codes.iter().zip(0..).map(|(&code, index)| Entry { index, code });
            pass.lists.push(entries.filter(|e| !e.code.is_zero()).collect());
            pass.codes.push(codes);
        }
        pass
    }

    fn member(&self, layer: usize, class: usize, column: usize) -> bool {
        self.masks[layer][class * self.config.layers()[layer].columns + column] != 0
    }

    fn rivals(&mut self) -> [Option<u8>; 4] {
        let mut rivals = [None; 4];
        for (l, g) in self.goodness.iter().enumerate() {
            let mut noisy = vec![];
            for &g in g {
                noisy.push(g as i32 + noise((self.rival.next() >> 24) as u8, self.temperature));
            }
            let best = *noisy.iter().max().unwrap();
            rivals[l] = noisy.iter().position(|&g| g == best).map(|c| c as u8);
        }
        rivals
    }

    fn update(&mut self, layer: usize, list: &[Entry], factors: &[i16], sh: u8) {
        let columns = factors.len();
        for first in (0..columns).step_by(32) {
            let word = first..columns.min(first + 32);
            if factors[word.clone()].iter().all(|&d| d == 0) {
                continue;
            }
            for e in list {
                let w = self.round.next();
                for j in word.clone() {
                    let latent = &mut self.latents[layer][usize::from(e.index) * columns + j];
                    let old = Latent::new(*latent).unwrap();
                    let random = w.rotate_right((j - first) as u32) & 0x3FF;
                    let new =
                        old.updated(i16::from(e.code.twice()) * factors[j], random as u16, sh);
                    self.counters.flips[layer] += u32::from(new.trit() != old.trit());
                    *latent = new.byte();
                }
            }
        }
    }

    /// Puts the outcome together and does the updates that `sides` gives for a layer and rival.
    fn learn<'p>(&mut self, truth: u8, sh: u8, sides: impl Fn(u8) -> Vec<Side<'p>>) -> Outcome {
        self.learn_with(truth, |model, layer, rival| {
            for (pass, sign) in sides(rival) {
                let factors: Vec<i16> =
                    pass.codes[layer].iter().map(|y| sign * i16::from(y.twice())).collect();
                model.update(layer, &pass.lists[layer], &factors, sh);
            }
        })
    }

    fn learn_with(&mut self, truth: u8, mut each: impl FnMut(&mut Self, usize, u8)) -> Outcome {
        let rivals = self.rivals();
        let mut updated = 0;
        for (layer, rival) in rivals.iter().enumerate() {
            if let Some(rival) = rival.filter(|&r| r != truth) {
                each(self, layer, rival);
                updated |= 1 << layer;
                self.counters.updates[layer] += 1;
            }
        }
        self.counters.samples += 1;
        let sum = |c| self.goodness.iter().map(|g| g[c]).sum();
        let summed: Vec<u32> = (0..self.goodness[0].len()).map(sum).collect();
        let r = Ranking::of(&summed, Some(truth));
        let (goodness_other, goodness_truth) = (r.other, r.truth);
        Outcome { class: r.class, rivals, updated, goodness_other, goodness_truth }
    }

    /// Goodness of whole inputs, `[layer][candidate]`.
    fn totals(passes: &[Pass]) -> Vec<Vec<u32>> {
        let total = |p: &Pass, l: usize| p.codes[l].iter().map(|y| u32::from(y.square())).sum();
        let layers = 0..passes[0].codes.len();
        layers.map(|l| passes.iter().map(|p| total(p, l)).collect()).collect()
    }

    pub fn train_labelled(&mut self, list: &[Entry], label: u8, sh: u8) -> Outcome {
        let pass = self.pass(list);
        let g = |l: usize, c: usize| {
            let own = pass.codes[l].iter().enumerate().filter(|&(j, _)| self.member(l, c, j));
            own.map(|(_, y)| u32::from(y.square())).sum()
        };
        let classes = 0..self.config.classes();
        self.goodness =
            (0..pass.codes.len()).map(|l| classes.clone().map(|c| g(l, c)).collect()).collect();
        self.learn_with(label, |model, layer, rival| {
            let a = |c: u8, j| i16::from(model.member(layer, c.into(), j));
            let factors: Vec<i16> = (pass.codes[layer].iter().enumerate())
                .map(|(j, y)| (a(label, j) - a(rival, j)) * i16::from(y.twice()))
                .collect();
            model.update(layer, &pass.lists[layer], &factors, sh);
        })
    }

    pub fn train_pair(&mut self, positive: &[Entry], negative: &[Entry], sh: u8) -> Outcome {
        let passes = [self.pass(positive), self.pass(negative)];
        self.goodness = Self::totals(&passes);
        self.learn(0, sh, |_| vec![(&passes[0], 1), (&passes[1], -1)])
    }

    pub fn train_single(&mut self, list: &[Entry], positive: bool, sh: u8) -> Outcome {
        let pass = [self.pass(list)];
        self.goodness = Self::totals(&pass);
        for g in &mut self.goodness {
            g.push(self.theta);
        }
        let (truth, sign) = if positive { (0, 1) } else { (1, -1) };
        self.learn(truth, sh, |_| vec![(&pass[0], sign)])
    }

    pub fn train_overlay(&mut self, list: &[Entry], label: u8, sh: u8) -> Outcome {
        let (first, copies) = (self.config.record_inputs(), self.config.copies());
        let mut passes = vec![];
        for c in 0..self.config.classes() {
            let rows = first + c * copies..first + (c + 1) * copies;
            let label = rows.map(|i| Entry::new(i as u16, E2M1::MAX));
            let list: Vec<Entry> = list.iter().copied().chain(label).collect();
            passes.push(self.pass(&list));
        }
        self.goodness = Self::totals(&passes);
        let truth = &passes[usize::from(label)];
        self.learn(label, sh, |rival| vec![(truth, 1), (&passes[usize::from(rival)], -1)])
    }
}

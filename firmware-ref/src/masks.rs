//! Class masks: which columns belong to which class (recipe, section 6).

use crate::config::{ConfigError, MAX_COLUMNS};
use crate::init::{mask_stream, shuffle};
use crate::prng::Xorshift32;

/// Share of the columns of a class for about 10 classes: 77/256 = 30 %.
pub const SHARE_FEW: u16 = 77;
/// Share for about 64 classes: 128/256 = half.
pub const SHARE_MANY: u16 = 128;
/// A column that belongs to the class, in a mask of bytes.
pub const MEMBER: u8 = 0xFF;
/// Columns of a mask group.
pub const GROUP_COLUMNS: usize = 8;
/// Shuffles tried for each class of balanced masks.
const TRIALS: usize = 200;

/// How the columns are given to the classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// Drawn independently for each column: the default.
    #[default]
    PerColumn,
    /// Every class the same number of columns, every column used about equally.
    BalancedColumns,
    /// The same for groups of 8 neighbouring columns.
    BalancedGroups,
}

/// Rule for the masks of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskRule {
    share: u16,
    grouping: Grouping,
}

impl MaskRule {
    /// Elements of scratch that suffice for every layer of at most `columns` columns.
    #[must_use]
    pub const fn scratch(columns: usize) -> usize {
        3 * columns
    }

    /// A rule with `share`/256 of the columns per class (1..=256).
    ///
    /// # Errors
    /// [`ConfigError::Share`].
    pub const fn new(share: u16, grouping: Grouping) -> Result<Self, ConfigError> {
        if share == 0 || share > 256 {
            return Err(ConfigError::Share { share });
        }
        Ok(Self { share, grouping })
    }

    /// Draws the masks of a layer into `masks`, `[classes][columns]`, as [`MEMBER`] or 0. `scratch`
    /// is at least [`MaskRule::scratch`] long.
    ///
    /// # Panics
    /// If `columns` is not 1..=1820, `masks` not a multiple of it, or `scratch` too short.
    pub fn draw(
        &self,
        seed: u32,
        layer: usize,
        columns: usize,
        masks: &mut [u8],
        scratch: &mut [u16],
    ) {
        assert!((1..=MAX_COLUMNS).contains(&columns) && masks.len() % columns == 0);
        let mut stream = mask_stream(seed, layer);
        match self.grouping {
            Grouping::PerColumn => self.independent(masks, &mut stream),
            Grouping::BalancedColumns => self.balanced(1, columns, masks, scratch, &mut stream),
            Grouping::BalancedGroups => {
                self.balanced(GROUP_COLUMNS, columns, masks, scratch, &mut stream);
            }
        }
    }

    fn independent(&self, masks: &mut [u8], stream: &mut Xorshift32) {
        for m in masks {
            *m = if u16::from(stream.next_byte()) < self.share { MEMBER } else { 0 };
        }
    }

    fn balanced(
        &self,
        group: usize,
        columns: usize,
        masks: &mut [u8],
        scratch: &mut [u16],
        stream: &mut Xorshift32,
    ) {
        let groups = columns.div_ceil(group);
        let per_class = ((groups * usize::from(self.share) + 128) / 256).max(1);
        let (ids, rest) = scratch.split_at_mut(groups);
        let (best, used) = rest.split_at_mut(groups);
        let used = &mut used[..groups];
        used.fill(0);
        masks.fill(0);
        for class in 0..masks.len() / columns {
            let (before, own) = masks.split_at_mut(class * columns);
            choose(Earlier { masks: before, columns, group }, per_class, ids, best, used, stream);
            for &g in &best[..per_class] {
                used[usize::from(g)] += 1;
                let first = usize::from(g) * group;
                own[first..columns.min(first + group)].fill(MEMBER);
            }
        }
    }
}

/// The masks of the classes before.
struct Earlier<'m> {
    masks: &'m [u8],
    columns: usize,
    group: usize,
}

impl Earlier<'_> {
    /// Most groups that one class shares with these.
    fn overlap(&self, groups: &[u16]) -> usize {
        let member = |mask: &[u8], g: u16| mask[usize::from(g) * self.group] == MEMBER;
        let shared = |mask: &[u8]| groups.iter().filter(|&&g| member(mask, g)).count();
        self.masks.chunks_exact(self.columns).map(shared).max().unwrap_or(0)
    }
}

/// Chooses `count` groups for the next class, into the front of `best`: of [`TRIALS`] shuffles,
/// stably sorted by use, the first whose front overlaps least with an earlier class.
fn choose(
    earlier: Earlier<'_>,
    count: usize,
    ids: &mut [u16],
    best: &mut [u16],
    used: &[u16],
    stream: &mut Xorshift32,
) {
    let limit = Limit::of(used, count);
    let mut least = usize::MAX;
    for _ in 0..TRIALS {
        ids.iter_mut().zip(0..).for_each(|(id, n)| *id = n);
        shuffle(ids, stream);
        limit.take_front(ids, used);
        let overlap = earlier.overlap(&ids[..count]);
        if overlap < least {
            least = overlap;
            best[..count].copy_from_slice(&ids[..count]);
        }
    }
}

/// The front of a stable sort by use, without sorting: everything used less than `level`, and the
/// first `ties` of those used exactly `level` times.
struct Limit {
    level: u16,
    ties: usize,
}

impl Limit {
    fn of(used: &[u16], count: usize) -> Self {
        let (mut level, mut below) = (0, 0);
        loop {
            let same = used.iter().filter(|&&u| u == level).count();
            if below + same >= count {
                return Self { level, ties: count - below };
            }
            below += same;
            level += 1;
        }
    }

    /// Moves the chosen ones to the front of `ids`.
    fn take_front(&self, ids: &mut [u16], used: &[u16]) {
        let (mut n, mut ties) = (0, self.ties);
        for i in 0..ids.len() {
            let u = used[usize::from(ids[i])];
            let tie = u == self.level && ties > 0;
            if u < self.level || tie {
                ties -= usize::from(tie);
                ids[n] = ids[i];
                n += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(grouping: Grouping, share: u16, columns: usize, classes: usize) -> Vec<u8> {
        let mut masks = vec![1; columns * classes];
        let mut scratch = vec![0; MaskRule::scratch(columns)];
        let rule = MaskRule::new(share, grouping).unwrap();
        rule.draw(1, 0, columns, &mut masks, &mut scratch);
        masks
    }

    /// The text of docs/theory_of_operation.md, literally, with a real stable sort.
    fn literal(share: usize, columns: usize, classes: usize, group: usize) -> Vec<u8> {
        let groups = columns.div_ceil(group);
        let k = ((groups * share + 128) / 256).max(1);
        let mut stream = mask_stream(1, 0);
        let mut used = vec![0; groups];
        let mut chosen: Vec<Vec<usize>> = vec![];
        for _ in 0..classes {
            let mut best: Option<(usize, Vec<usize>)> = None;
            for _ in 0..200 {
                let mut ids: Vec<usize> = (0..groups).collect();
                shuffle(&mut ids, &mut stream);
                ids.sort_by_key(|&g| used[g]);
                ids.truncate(k);
                let with = |o: &Vec<usize>| ids.iter().filter(|g| o.contains(g)).count();
                let overlap = chosen.iter().map(with).max().unwrap_or(0);
                if best.as_ref().is_none_or(|b| overlap < b.0) {
                    best = Some((overlap, ids));
                }
            }
            let ids = best.unwrap().1;
            ids.iter().for_each(|&g| used[g] += 1);
            chosen.push(ids);
        }
        let member = |c: &Vec<usize>, j: usize| if c.contains(&(j / group)) { MEMBER } else { 0 };
        chosen.iter().flat_map(|c| (0..columns).map(move |j| member(c, j))).collect()
    }

    #[test]
    fn balanced_masks_are_those_of_the_text() {
        for (columns, classes) in [(256, 10), (100, 7), (9, 3), (64, 40)] {
            let got = draw(Grouping::BalancedGroups, 77, columns, classes);
            assert_eq!(got, literal(77, columns, classes, 8), "{columns} {classes}");
        }
        assert_eq!(draw(Grouping::BalancedColumns, 128, 40, 6), literal(128, 40, 6, 1));
    }

    #[test]
    fn every_class_has_its_share() {
        let masks = draw(Grouping::BalancedGroups, 77, 256, 10);
        for mask in masks.chunks_exact(256) {
            assert_eq!(mask.iter().filter(|&&m| m == MEMBER).count(), 10 * 8);
        }
        let masks = draw(Grouping::PerColumn, 77, 1000, 10);
        let members = masks.iter().filter(|&&m| m == MEMBER).count();
        assert!((2800..3200).contains(&members), "{members}");
        assert!(draw(Grouping::PerColumn, 256, 100, 3).iter().all(|&m| m == MEMBER));
    }

    #[test]
    fn shares_out_of_range() {
        for share in [0, 257] {
            let rule = MaskRule::new(share, Grouping::PerColumn);
            assert_eq!(rule, Err(ConfigError::Share { share }));
        }
    }
}

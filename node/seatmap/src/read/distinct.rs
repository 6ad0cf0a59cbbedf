//! Names of other people's files as keys of ours: within the bounds, and none twice.

use std::collections::{BTreeMap, BTreeSet};

/// What names become keys of, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    /// The longest key, in characters.
    pub(super) chars_max: usize,
    /// What no key may have; it becomes `_`.
    pub(super) is_foreign: fn(char) -> bool,
    /// The key of what has no name.
    pub(super) nameless: &'static str,
    /// Which part of a name that is too long is kept.
    pub(super) keep: Keep,
}

/// Which part of a name that is too long tells it from others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keep {
    Beginning,
    End,
}

/// What stands behind a `~`, by its digits: how many, from where, and to where.
const SUFFIXES: [(usize, usize, usize); 6] = [
    (1, 2, 10),
    (2, 10, 100),
    (3, 100, 1_000),
    (4, 1_000, 10_000),
    (5, 10_000, 100_000),
    (6, 100_000, 1_000_000),
];

/// The keys that were given so far.
#[derive(Debug)]
pub(super) struct Distinct {
    keys: Keys,
    taken: BTreeSet<String>,
    /// By what stands before the `~`, and by how many digits stand behind it: the number that is tried next. So many equal names
    /// cost no more than as many different ones.
    next: BTreeMap<(String, usize), usize>,
}

impl Distinct {
    pub(super) fn new(keys: Keys) -> Self {
        Self { keys, taken: BTreeSet::new(), next: BTreeMap::new() }
    }

    /// The key of this name: the name itself where it can be one and is free, else with `~2`, `~3`, … behind it.
    pub(super) fn key(&mut self, name: &str) -> String {
        let clean = self.keys.clean(name);
        let whole = self.keys.cut(&clean, self.keys.chars_max);
        if self.taken.insert(whole.clone()) {
            return whole;
        }
        for (digits, first, end) in SUFFIXES {
            let stem = self.keys.cut(&clean, self.keys.chars_max - 1 - digits);
            let next = self.next.entry((stem.clone(), digits)).or_insert(first);
            while *next < end {
                let key = format!("{stem}~{next}");
                *next += 1;
                if self.taken.insert(key.clone()) {
                    return key;
                }
            }
        }
        unreachable!("there are ever so many more keys than seats")
    }
}

impl Keys {
    fn clean(&self, name: &str) -> String {
        let name = name.trim();
        if name.is_empty() {
            return self.nameless.to_owned();
        }
        name.chars().map(|char| if (self.is_foreign)(char) { '_' } else { char }).collect()
    }

    fn cut(&self, name: &str, chars_max: usize) -> String {
        let over = name.chars().count().saturating_sub(chars_max);
        let kept = match self.keep {
            Keep::Beginning => name.chars().take(chars_max).collect(),
            Keep::End => name.chars().skip(over).collect::<String>(),
        };
        // A blank at either end would be lost where it is read again.
        kept.trim().to_owned()
    }
}

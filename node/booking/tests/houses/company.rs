//! Who comes with a wheelchair: every choice of spaces is tried.

use std::collections::BTreeSet;

use booking::{Best, Together};

use crate::judge::{Counter, Given, Judge, Pool};
use crate::layout::For;

impl Judge<'_> {
    /// The most companions' seats of these that so many of the spaces among them can have, or all of them, if there are fewer.
    pub(crate) fn most_companions(&self, special: &BTreeSet<u32>, spaces: u32) -> u32 {
        let all = self.for_whom(special, For::Wheelchair).into_iter().collect::<Vec<_>>();
        let count = all.len().min(spaces as usize);
        let choices = (0..1_u32 << all.len()).filter(|choice| choice.count_ones() as usize == count);
        let companions = choices.map(|choice| {
            let chosen = all.iter().enumerate().filter(|(place, _)| choice >> place & 1 == 1);
            self.companions_of(special, &chosen.map(|(_, &seat)| seat).collect())
        });
        companions.max().unwrap()
    }

    /// How many companions' seats of these some of the spaces can have: each, in order, is had by the space before it while that has
    /// fewer than three, and otherwise by the one behind.
    fn companions_of(&self, special: &BTreeSet<u32>, spaces: &BTreeSet<u32>) -> u32 {
        let companions = self.for_whom(special, For::Companion);
        let end = u32::try_from(self.layout.chairs.len()).unwrap();
        let mut had_by = vec![0; self.layout.chairs.len()];
        for &seat in &companions {
            let before = (0..seat).rev().find(|other| !companions.contains(other));
            let behind = (seat..end).find(|other| !companions.contains(other));
            let owner = before.into_iter().chain(behind).find(|space| {
                spaces.contains(space)
                    && self.chair(*space).block == self.chair(seat).block
                    && had_by[*space as usize] < 3
            });
            if let Some(space) = owner {
                had_by[space as usize] += 1;
            }
        }
        had_by.into_iter().sum()
    }

    /// Whether a party in wheelchairs gets something of a category, of which somebody before it is short of these.
    pub(crate) fn has_company(&self, ask: &Best, category: u8, short: &BTreeSet<Counter>) -> bool {
        let has_block = || {
            let special = self.special_left(ask, category, short);
            self.runs(&special, ask.quantity).iter().any(|run| self.is_company(ask, run))
        };
        match ask.together {
            Together::Must => has_block(),
            Together::Prefer => self.could_be_apart(ask, category, short),
        }
    }

    /// The same, wherever they sit.
    pub(crate) fn could_be_apart(&self, ask: &Best, category: u8, short: &BTreeSet<Counter>) -> bool {
        let special = self.special_left(ask, category, short);
        let general = self.left(ask, category, For::Anyone, short).len();
        let others = ask.quantity - ask.accessible;
        let rest = others - others.min(self.most_companions(&special, ask.accessible));
        let spaces = self.for_whom(&special, For::Wheelchair).len();
        ask.accessible as usize <= spaces && rest as usize <= general
    }

    /// Whether these may be given to a party in wheelchairs.
    pub(crate) fn may_be_company(
        &self,
        ask: &Best,
        category: u8,
        short: &BTreeSet<Counter>,
        given: &Given,
    ) -> bool {
        let special = self.special_left(ask, category, short);
        let general = self.left(ask, category, For::Anyone, short);
        let own = given.seats.intersection(&special).copied().collect::<BTreeSet<_>>();
        let is_together = self.runs(&given.seats, ask.quantity).len() == 1 && own == given.seats;
        given.areas.is_empty()
            && given.seats.len() == ask.quantity as usize
            && given.seats.iter().all(|seat| special.contains(seat) || general.contains(seat))
            && self.is_company(ask, &own)
            && (ask.together == Together::Prefer || is_together)
    }

    /// Whether these are as many spaces as a party needs, and companions' seats that adjoin them.
    fn is_company(&self, ask: &Best, special: &BTreeSet<u32>) -> bool {
        let spaces = self.for_whom(special, For::Wheelchair);
        let companions = special.len() - spaces.len();
        spaces.len() == ask.accessible as usize && self.companions_of(special, &spaces) as usize == companions
    }

    fn special_left(&self, ask: &Best, category: u8, short: &BTreeSet<Counter>) -> BTreeSet<u32> {
        let mut special = self.left(ask, category, For::Wheelchair, short);
        special.extend(self.left(ask, category, For::Companion, short));
        special
    }

    /// The seats for this purpose of which nobody is short who comes first.
    fn left(&self, ask: &Best, category: u8, purpose: For, short: &BTreeSet<Counter>) -> BTreeSet<u32> {
        let pool = match (ask.allotment, purpose) {
            (Some(name), _) => Pool::Kept(name.0),
            (None, For::Anyone) => Pool::General,
            (None, For::Wheelchair) => Pool::Wheelchairs,
            (None, For::Companion) => Pool::Companions,
        };
        if short.contains(&(category, pool)) { BTreeSet::new() } else { self.from(ask, category, purpose) }
    }

    fn for_whom(&self, seats: &BTreeSet<u32>, purpose: For) -> BTreeSet<u32> {
        seats.iter().copied().filter(|&seat| self.chair(seat).purpose == purpose).collect()
    }
}

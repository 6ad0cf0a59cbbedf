//! Which companions' seats spaces for wheelchairs can have, taken alone: of one strip.
//!
//! A companion's seat *adjoins* a space if nothing but companions' seats lies between; a space has three at most, and a seat is one
//! space's. Each number of spaces is chosen so that they have as many as they can. The next space never brings more than the one
//! before did, so what the best of several strips have together is what their spaces bring, the most first.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::ask::COMPANIONS_MAX;
use super::bits::{bit, ones, places, run_starts, span};

/// How many companions' seats may be left for the next space, as far as it matters: none up to three.
const LEFT: usize = COMPANIONS_MAX as usize + 1;

/// What counts as a companion's seat, for who waits and who is seated. It depends on the level of an entry, on every replica alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Companions {
    /// Any of the category. Spaces are chosen one by one, and who finds too few seats then gets nothing.
    Anywhere,
    /// One that adjoins a space that a party could have. Spaces are chosen so that they have more of these, where nothing else helps.
    Adjoining,
}

impl Companions {
    pub(crate) const NEWEST: Self = Self::Adjoining;
    /// The newest first.
    pub(crate) const ALL: [Self; 2] = [Self::Adjoining, Self::Anywhere];
}

/// A party in wheelchairs, and who comes with it.
#[derive(Clone, Copy)]
pub(super) struct Company {
    pub(super) quantity: u32,
    /// How many of them in wheelchairs, one at least.
    pub(super) accessible: u32,
}

impl Company {
    pub(super) fn others(self) -> u32 {
        self.quantity - self.accessible
    }
}

/// The special seats of a strip, or what is left of them.
#[derive(Clone, Copy)]
pub(super) struct Special {
    pub(super) spaces: u128,
    pub(super) companions: u128,
}

/// Spaces that are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// How many companions' seats they can have.
    pub(super) companions: u32,
    pub(super) spaces: u128,
}

impl Chosen {
    fn and(self, space: u32, companions: u32) -> Self {
        Self { companions: self.companions + companions, spaces: self.spaces | bit(space) }
    }
}

/// For each number of spaces, from none to all of them, those that can have the most companions' seats.
///
/// From the first space to the last: one that is chosen has first what the one before leaves it, since nobody else can have that.
pub(super) fn choices(spaces: u128, companions: u128) -> Vec<Chosen> {
    let mut all = places(spaces).peekable();
    // By how many are chosen, and by how many companions' seats are left for the next.
    let mut reached = vec![[None::<Chosen>; LEFT]; spaces.count_ones() as usize + 1];
    let before_first = all.peek().map_or(0, |&first| before(companions, first));
    reached[0][before_first as usize] = Some(Chosen::default());
    while let Some(space) = all.next() {
        let next = all.peek().copied();
        let behind = behind(companions, space);
        let is_shared = next == Some(space + 1 + behind);
        let own_of_next = next.map_or(0, |next| before(companions, next));
        let mut then = vec![[None; LEFT]; reached.len()];
        for (count, row) in reached.iter().enumerate() {
            for (left, chosen) in (0..).zip(row).filter_map(|(left, chosen)| Some((left, (*chosen)?))) {
                offer(&mut then[count], own_of_next, chosen);
                let from_behind = behind.min(COMPANIONS_MAX - left);
                let for_next = if is_shared { behind - from_behind } else { own_of_next };
                offer(&mut then[count + 1], for_next, chosen.and(space, left + from_behind));
            }
        }
        reached = then;
    }
    let best = |row: [Option<Chosen>; LEFT]| row.into_iter().flatten().max_by_key(key);
    reached.into_iter().map(|row| best(row).expect("any number of spaces can be chosen")).collect()
}

/// How many companions' seats each further space of a strip brings, the most first.
pub(super) fn gains(spaces: u128, companions: u128) -> impl Iterator<Item = u32> {
    let choices = choices(spaces, companions);
    (1..choices.len()).map(move |count| choices[count].companions - choices[count - 1].companions)
}

/// The companions' seats that chosen spaces have together, for so many at most.
pub(super) fn seated(spaces: u128, companions: u128, mut others: u32) -> u128 {
    let mut seated = 0;
    for space in places(spaces) {
        let left = companions & !seated;
        let wanted = others.min(COMPANIONS_MAX);
        let from_before = before(left, space).min(wanted);
        let from_behind = behind(left, space).min(wanted - from_before);
        seated |= span(&(space - from_before..space)) | span(&(space + 1..space + 1 + from_behind));
        others -= from_before + from_behind;
    }
    seated
}

/// Takes what was chosen in place of what was, if it is better.
fn offer(row: &mut [Option<Chosen>; LEFT], left: u32, chosen: Chosen) {
    let known = &mut row[left.min(COMPANIONS_MAX) as usize];
    *known = known.take().into_iter().chain([chosen]).max_by_key(key);
}

/// The more companions' seats, the better; of equal ones those that come first.
fn key(chosen: &Chosen) -> (u32, Reverse<u128>) {
    (chosen.companions, Reverse(chosen.spaces))
}

/// How many companions' seats lie right before a place: three at most matter.
fn before(companions: u128, place: u32) -> u32 {
    companions.checked_shl(u128::BITS - place).unwrap_or(0).leading_ones().min(COMPANIONS_MAX)
}

/// How many companions' seats lie right behind a place.
fn behind(companions: u128, place: u32) -> u32 {
    companions.checked_shr(place + 1).unwrap_or(0).trailing_ones()
}

/// Whether a party could have a block of these special seats.
pub(super) fn has_block(special: Special, company: Company) -> bool {
    blocks(special, company).next().is_some()
}

/// From where a party could have a block of these special seats.
pub(super) fn blocks(Special { spaces, companions }: Special, company: Company) -> impl Iterator<Item = u32> {
    places(run_starts(spaces | companions, company.quantity)).filter(move |first| {
        let run = ones(company.quantity) << first;
        (spaces & run).count_ones() == company.accessible && do_adjoin(spaces, run)
    })
}

/// How many companions' seats so many spaces of these can have at most.
pub(super) fn most_adjoining(strips: impl Iterator<Item = Special>, spaces: u32) -> u32 {
    let mut all =
        strips.flat_map(|Special { spaces, companions }| gains(spaces, companions)).collect::<Vec<_>>();
    all.sort_unstable_by_key(|&gain| Reverse(gain));
    all.into_iter().take(spaces as usize).sum()
}

/// Whether each seat of a run that is no space belongs to a space of it.
fn do_adjoin(spaces: u128, run: u128) -> bool {
    // How many more the last space may have, and how many are there for the next.
    let (mut room, mut waiting) = (0, 0);
    for place in places(run) {
        if spaces & bit(place) != 0 {
            let Some(left) = COMPANIONS_MAX.checked_sub(waiting) else { return false };
            (room, waiting) = (left, 0);
        } else if room > 0 {
            room -= 1;
        } else {
            waiting += 1;
        }
    }
    waiting == 0
}

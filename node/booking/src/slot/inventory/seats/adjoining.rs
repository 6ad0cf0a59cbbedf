//! Which companions' seats spaces for wheelchairs can have, taken alone: of one strip.
//!
//! A companion's seat *adjoins* a space if nothing but companions' seats lies between; a space has three at most, and a seat is one
//! space's. Each number of spaces is chosen so that they have as many as they can. The next space never brings more than the one
//! before did, so what the best of several strips have together is what their spaces bring, the most first.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::ask::COMPANIONS_MAX;
use super::bits::{bit, places, span};

/// How many companions' seats may be left for the next space, as far as it matters: none up to three.
const LEFT: usize = COMPANIONS_MAX as usize + 1;

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

//! Who waits, in the order in which they came.
//!
//! The head, anyone's position, and the first who wants no more than there is take O(log n), joining and
//! leaving from anywhere O(log² n). Everyone who joined has a place in a row, also after leaving; a Fenwick
//! tree over the row counts who still waits, and knows the least that any of them wants (P. M. Fenwick, *A new
//! data structure for cumulative frequency tables*, 1994). When most of the row has left, those who wait move
//! up into a new one, which costs each of those who left a constant.

use alloc::vec::Vec;

use crate::Number;

/// A row is not made anew for fewer gaps than this.
const GAPS_MIN: usize = 64;

/// The waitlist: bookings by number, ascending, since a booking joins when it is made.
#[derive(Default)]
pub(crate) struct Waitlist {
    row: Vec<Place>,
    /// `tree[i - 1]` is about the places from `i` less its lowest set bit up to `i`, places counted from 1.
    tree: Vec<Span>,
    waiting: usize,
}

/// A place in the row.
struct Place {
    number: Number,
    quantity: u32,
    waits: bool,
}

/// Neighbours in the row.
#[derive(Clone, Copy)]
struct Span {
    /// How many of them wait.
    waiting: u32,
    /// The least that one of those wants; everything, where none waits.
    least: u32,
}

impl Span {
    const EMPTY: Self = Self { waiting: 0, least: u32::MAX };

    fn of(place: &Place) -> Self {
        if place.waits { Self { waiting: 1, least: place.quantity } } else { Self::EMPTY }
    }

    fn and(self, other: Self) -> Self {
        Self { waiting: self.waiting + other.waiting, least: self.least.min(other.least) }
    }
}

impl Waitlist {
    /// Nobody waits.
    pub(crate) const fn new() -> Self {
        Self { row: Vec::new(), tree: Vec::new(), waiting: 0 }
    }

    /// Adds a booking behind all others. Its number is higher than any before.
    pub(crate) fn push(&mut self, number: Number, quantity: u32) {
        assert!(
            self.row.last().is_none_or(|last| last.number < number),
            "waiters come in the order of their numbers"
        );
        self.row.push(Place { number, quantity, waits: true });
        self.tree.push(self.span(self.row.len()));
        self.waiting += 1;
    }

    /// Removes a booking, which waits.
    pub(crate) fn remove(&mut self, number: Number) {
        let place = self.place_of(number).expect("who leaves the waitlist is on it");
        self.row[place].waits = false;
        self.waiting = self.waiting.checked_sub(1).expect("one waits who leaves");
        self.renew(place);
        if self.row.len() > 2 * self.waiting + GAPS_MIN {
            self.close_ranks();
        }
    }

    /// A booking, which waits, wants less from now on, and keeps its place.
    pub(crate) fn reduce(&mut self, number: Number, quantity: u32) {
        let place = self.place_of(number).expect("who wants less is on the waitlist");
        self.row[place].quantity = quantity;
        self.renew(place);
    }

    /// Makes every span anew that a place, counted from 0, is a part of.
    fn renew(&mut self, place: usize) {
        let mut end = place + 1;
        while end <= self.tree.len() {
            self.tree[end - 1] = self.span(end);
            end += lowest_bit(end);
        }
    }

    /// Whether nobody waits.
    pub(crate) const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// The first of all, and how much that booking wants.
    pub(crate) fn head(&self) -> Option<(Number, u32)> {
        self.first(u32::MAX).map(|place| (place.number, place.quantity))
    }

    /// The first who wants no more than this.
    pub(crate) fn first_who_fits(&self, free: u32) -> Option<Number> {
        self.first(free).map(|place| place.number)
    }

    /// The place of the first who wants no more than this.
    fn first(&self, free: u32) -> Option<&Place> {
        // The longest beginning of the row in which nobody does: the one who does stands right behind it.
        let mut behind = 0;
        let mut width = self.tree.len().checked_ilog2().map_or(0, |bits| 1 << bits);
        while width > 0 {
            let span = self.tree.get(behind + width - 1);
            if span.is_some_and(|span| span.waiting == 0 || free < span.least) {
                behind += width;
            }
            width /= 2;
        }
        self.row.get(behind)
    }

    /// How many are served up to and with this one: 1 for the head. None for who does not wait.
    pub(crate) fn position(&self, number: Number) -> Option<u32> {
        self.place_of(number).map(|place| self.waiting_among(place + 1))
    }

    /// Who waits, the head first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Number> {
        self.among(None, self.row.len())
    }

    /// Who waits in so many places behind this number, in order.
    pub(crate) fn among(&self, after: Option<Number>, places: usize) -> impl Iterator<Item = Number> {
        let waiting = self.row[self.behind(after)..].iter().take(places).filter(|place| place.waits);
        waiting.map(|place| place.number)
    }

    /// The number in the last of so many places behind this number; none where there are fewer.
    pub(crate) fn reach(&self, after: Option<Number>, places: usize) -> Option<Number> {
        self.row.get(self.behind(after) + places - 1).map(|place| place.number)
    }

    /// The first place behind this number.
    fn behind(&self, after: Option<Number>) -> usize {
        self.row.partition_point(|place| Some(place.number) <= after)
    }

    /// Where in the row someone waits.
    fn place_of(&self, number: Number) -> Option<usize> {
        let place = self.row.binary_search_by_key(&number, |place| place.number).ok()?;
        self.row[place].waits.then_some(place)
    }

    /// The span that ends at this place, counted from 1: the place itself, and the spans that end before it and lie within.
    fn span(&self, end: usize) -> Span {
        let mut span = Span::of(&self.row[end - 1]);
        let mut part = 1;
        while part < lowest_bit(end) {
            span = span.and(self.tree[end - part - 1]);
            part *= 2;
        }
        span
    }

    /// How many wait among the first so many places.
    fn waiting_among(&self, places: usize) -> u32 {
        let mut count = 0;
        let mut end = places;
        while end > 0 {
            count += self.tree[end - 1].waiting;
            end -= lowest_bit(end);
        }
        count
    }

    /// Makes the row anew from those who wait.
    fn close_ranks(&mut self) {
        self.row.retain(|place| place.waits);
        self.row.shrink_to(2 * self.waiting + GAPS_MIN);
        self.tree.clear();
        self.tree.shrink_to(2 * self.waiting + GAPS_MIN);
        for end in 1..=self.row.len() {
            self.tree.push(self.span(end));
        }
    }
}

/// The lowest bit that is set, alone.
fn lowest_bit(number: usize) -> usize {
    number & number.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{GAPS_MIN, Waitlist};
    use crate::Number;

    /// What somebody wants: mostly too much.
    fn quantity(number: Number) -> u32 {
        [1, 3, 9, 9, 5, 9, 9, u32::MAX][number.0 as usize % 8]
    }

    /// Compares with a plain list of who waits and for how much, after every step.
    fn check(list: &Waitlist, plain: &[(Number, u32)]) {
        assert!(list.iter().eq(plain.iter().map(|&(number, _)| number)), "order");
        assert_eq!(list.head(), plain.first().copied(), "head");
        assert_eq!(list.is_empty(), plain.is_empty());
        for free in [0, 1, 2, 5, u32::MAX] {
            let first = plain.iter().find(|&&(_, quantity)| quantity <= free);
            assert_eq!(list.first_who_fits(free), first.map(|&(number, _)| number), "first who fits {free}");
        }
        for (position, &(number, _)) in (1..).zip(plain) {
            assert_eq!(list.position(number), Some(position), "position of {number:?}");
        }
    }

    #[test]
    fn it_is_a_list_whoever_leaves() {
        // Each row: how many join at once, and which of those who wait leaves, as a share of the list in
        // percent.
        for (joining, leaving) in [(1_usize, 0), (3, 0), (3, 100), (7, 50), (5, 33), (64, 99)] {
            let (mut list, mut plain) = (Waitlist::default(), Vec::new());
            let mut next = 1;
            for round in 0..60_usize {
                for _ in 0..joining {
                    list.push(Number(next), quantity(Number(next)));
                    plain.push((Number(next), quantity(Number(next))));
                    next += 3;
                }
                for _ in 0..joining.midpoint(round) {
                    if plain.is_empty() {
                        break;
                    }
                    let (gone, _) = plain.remove((plain.len() - 1) * leaving / 100);
                    list.remove(gone);
                    assert_eq!(list.position(gone), None, "who left has no position");
                }
                check(&list, &plain);
                // Somebody wants less: another one each time.
                let wants_less = round * 7 % plain.len().max(1);
                if let Some((number, quantity)) = plain.get_mut(wants_less) {
                    *quantity = quantity.div_ceil(2);
                    list.reduce(*number, *quantity);
                }
                check(&list, &plain);
            }
        }
    }

    #[test]
    fn it_does_not_remember_everyone_who_ever_waited() {
        let mut list = Waitlist::default();
        for number in 1..=100_000 {
            list.push(Number(number), quantity(Number(number)));
            if number > 10 {
                list.remove(Number(number - 10));
            }
        }
        let newest = (99_991..=100_000).map(Number);
        check(&list, &newest.map(|number| (number, quantity(number))).collect::<Vec<_>>());
        assert!(list.row.len() <= 2 * 10 + GAPS_MIN + 1);
    }
}

//! Who waits, in the order in which they came.
//!
//! Joining, leaving from anywhere, the head, and anyone's position each take O(log n). Everyone who joined
//! has a place in a row, also after leaving; a Fenwick tree over the row counts who still waits (P. M.
//! Fenwick, *A new data structure for cumulative frequency tables*, 1994). When most of the row has left,
//! those who wait move up into a new one, which costs each of those who left a constant.

use alloc::vec::Vec;

use crate::Number;

/// A row is not made anew for fewer gaps than this.
const GAPS_MIN: usize = 64;

/// The waitlist: bookings by number, ascending, since a booking joins when it is made.
#[derive(Default)]
pub(crate) struct Waitlist {
    row: Vec<Place>,
    /// `tree[i - 1]` counts who waits at the places from `i` less its lowest set bit up to `i`, places
    /// counted from 1.
    tree: Vec<u32>,
    waiting: usize,
}

/// A place in the row.
struct Place {
    number: Number,
    waits: bool,
}

impl Waitlist {
    /// Adds a booking behind all others. Its number is higher than any before.
    pub(crate) fn push(&mut self, number: Number) {
        assert!(
            self.row.last().is_none_or(|last| last.number < number),
            "waiters come in the order of their numbers"
        );
        let end = self.row.len() + 1;
        let ahead_of_span = self.waiting_among(end - lowest_bit(end));
        let in_span = self.waiting_among(end - 1) - ahead_of_span + 1;
        self.tree.push(in_span);
        self.row.push(Place { number, waits: true });
        self.waiting += 1;
    }

    /// Removes a booking, which waits.
    pub(crate) fn remove(&mut self, number: Number) {
        let place = self.place_of(number).expect("who leaves the waitlist is on it");
        self.row[place].waits = false;
        self.waiting -= 1;
        let mut end = place + 1;
        while end <= self.tree.len() {
            self.tree[end - 1] -= 1;
            end += lowest_bit(end);
        }
        if self.row.len() > 2 * self.waiting + GAPS_MIN {
            self.close_ranks();
        }
    }

    /// The one whose turn it is.
    pub(crate) fn head(&self) -> Option<Number> {
        // The longest beginning of the row in which nobody waits: the head stands right behind it.
        let mut gone = 0;
        let mut span = self.tree.len().checked_ilog2().map_or(0, |bits| 1 << bits);
        while span > 0 {
            if self.tree.get(gone + span - 1) == Some(&0) {
                gone += span;
            }
            span /= 2;
        }
        self.row.get(gone).map(|place| place.number)
    }

    /// How many are served up to and with this one: 1 for the head. None for who does not wait.
    pub(crate) fn position(&self, number: Number) -> Option<u32> {
        self.place_of(number).map(|place| self.waiting_among(place + 1))
    }

    /// Who waits, the head first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Number> {
        self.iter_after(None)
    }

    /// Who waits behind this number, in order.
    pub(crate) fn iter_after(&self, after: Option<Number>) -> impl Iterator<Item = Number> {
        let start = self.row.partition_point(|place| Some(place.number) <= after);
        self.row[start..].iter().filter(|place| place.waits).map(|place| place.number)
    }

    /// Where in the row someone waits.
    fn place_of(&self, number: Number) -> Option<usize> {
        let place = self.row.binary_search_by_key(&number, |place| place.number).ok()?;
        self.row[place].waits.then_some(place)
    }

    /// How many wait among the first so many places.
    fn waiting_among(&self, places: usize) -> u32 {
        let mut count = 0;
        let mut end = places;
        while end > 0 {
            count += self.tree[end - 1];
            end -= lowest_bit(end);
        }
        count
    }

    /// Makes the row anew from those who wait.
    fn close_ranks(&mut self) {
        self.row.retain(|place| place.waits);
        self.row.shrink_to(2 * self.waiting + GAPS_MIN);
        // Where everyone waits, a count is the width of its span.
        self.tree.clear();
        self.tree.shrink_to(2 * self.waiting + GAPS_MIN);
        self.tree.extend((1..=self.waiting).map(|end| u32::try_from(lowest_bit(end)).unwrap_or(u32::MAX)));
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

    /// Compares with a plain list after every step.
    fn check(list: &Waitlist, plain: &[Number]) {
        assert!(list.iter().eq(plain.iter().copied()), "order");
        assert_eq!(list.head(), plain.first().copied(), "head");
        for (position, &number) in (1..).zip(plain) {
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
                    list.push(Number(next));
                    plain.push(Number(next));
                    next += 3;
                }
                for _ in 0..joining.midpoint(round) {
                    if plain.is_empty() {
                        break;
                    }
                    let gone = plain.remove((plain.len() - 1) * leaving / 100);
                    list.remove(gone);
                    assert_eq!(list.position(gone), None, "who left has no position");
                }
                check(&list, &plain);
            }
        }
    }

    #[test]
    fn it_does_not_remember_everyone_who_ever_waited() {
        let mut list = Waitlist::default();
        for number in 1..=100_000 {
            list.push(Number(number));
            if number > 10 {
                list.remove(Number(number - 10));
            }
        }
        check(&list, &(99_991..=100_000).map(Number).collect::<Vec<_>>());
        assert!(list.row.len() <= 2 * 10 + GAPS_MIN + 1);
    }
}

//! Bookings by number, with gaps where some have left.
//!
//! A vector that doubles copies everything at once: with ten million bookings a step would stand still for most of a second.
//! Here they stand on pages of a fixed length, and only what is on one page ever moves. A page has room for what is on it
//! and little more, so that those who leave give back their memory one by one.

use alloc::vec::Vec;

use crate::Number;
use crate::slot::state::booking::BookingRecord;

/// Numbers that one page is for.
const PAGE: usize = 128;

/// Bookings in the order of their numbers.
#[derive(Default)]
pub(crate) struct Numbered {
    /// The n-th has those of PAGE numbers from n × PAGE + 1 on that are here, in order.
    pages: Vec<Vec<BookingRecord>>,
}

impl Numbered {
    /// Puts a booking on its page, where none with its number is.
    pub(crate) fn put(&mut self, booking: BookingRecord) {
        let (page, _place) = home(booking.number);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, Vec::new);
        }
        let page = &mut self.pages[page];
        if page.last().is_none_or(|last| last.number < booking.number) {
            page.push(booking);
        } else {
            let place = page.partition_point(|other| other.number < booking.number);
            page.insert(place, booking);
        }
    }

    /// Takes a booking away, if it is here.
    pub(crate) fn take(&mut self, number: Number) -> Option<BookingRecord> {
        let (page, place) = self.locate(number)?;
        let page = &mut self.pages[page];
        let booking = page.remove(place);
        if page.len() <= page.capacity() / 2 {
            page.shrink_to_fit();
        }
        Some(booking)
    }

    /// The booking with this number, if it is here.
    pub(crate) fn get(&self, number: Number) -> Option<&BookingRecord> {
        let (page, place) = self.locate(number)?;
        self.pages[page].get(place)
    }

    /// The booking with this number, to be changed, if it is here.
    pub(crate) fn get_mut(&mut self, number: Number) -> Option<&mut BookingRecord> {
        let (page, place) = self.locate(number)?;
        self.pages[page].get_mut(place)
    }

    /// Those after this number, in order.
    pub(crate) fn after(&self, after: Option<Number>) -> impl Iterator<Item = &BookingRecord> {
        let first = after.map_or(0, |number| number.0 as usize / PAGE);
        let pages = self.pages.get(first..).unwrap_or_default();
        let skipped =
            pages.first().map_or(0, |page| page.partition_point(|booking| Some(booking.number) <= after));
        pages.iter().flatten().skip(skipped)
    }

    /// Which page a booking is on, and its place there.
    fn locate(&self, number: Number) -> Option<(usize, usize)> {
        let (page, place) = home(number);
        let here = self.pages.get(page)?;
        if here.get(place).is_some_and(|booking| booking.number == number) {
            return Some((page, place));
        }
        Some((page, here.binary_search_by_key(&number, |booking| booking.number).ok()?))
    }
}

/// A number's page, and its place there while the page has no gap: numbers begin at 1.
fn home(number: Number) -> (usize, usize) {
    let place = number.0.saturating_sub(1) as usize;
    (place / PAGE, place % PAGE)
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use super::{Numbered, PAGE};
    use crate::slot::state::booking::tests::booking;
    use crate::{BookingRecord, Number};

    fn same(numbered: &Numbered, want: &BTreeMap<Number, BookingRecord>) {
        let last = Number(4 * u32::try_from(PAGE).unwrap());
        for number in (0..=last.0).map(Number) {
            assert_eq!(numbered.get(number), want.get(&number), "{number:?}");
            if number.0 % 50 < 2 {
                let rest = want.values().filter(|booking| number < booking.number).collect::<Vec<_>>();
                assert_eq!(numbered.after(Some(number)).collect::<Vec<_>>(), rest, "after {number:?}");
            }
        }
        assert!(numbered.after(None).eq(want.values()));
    }

    #[test]
    fn bookings_come_in_order_leave_in_any_and_come_back() {
        let (mut numbered, mut want) = (Numbered::default(), BTreeMap::new());
        for booking in (1..=300).map(booking) {
            numbered.put(booking.clone());
            want.insert(booking.number, booking);
        }
        same(&numbered, &want);
        // Every third, then a whole page, then one that is not here any more, in a crooked order.
        let leaving = (1..=300).rev().filter(|number| number % 3 == 0).chain(129..=256).chain([3]);
        for number in leaving.map(Number) {
            assert_eq!(numbered.take(number), want.remove(&number));
        }
        same(&numbered, &want);
        assert!(
            numbered.pages.iter().map(Vec::capacity).sum::<usize>() <= 2 * want.len(),
            "memory is given back"
        );
        for booking in [256, 129, 3, 300, 301].map(booking) {
            numbered.put(booking.clone());
            want.insert(booking.number, booking);
        }
        same(&numbered, &want);
    }
}

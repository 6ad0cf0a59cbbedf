//! A queue that grows without moving what it holds.
//!
//! A vector that doubles copies everything at once: with a million answers a step would stand still for a
//! tenth of a second. Here things live on pages, and only the newest page ever moves.

use alloc::collections::VecDeque;

/// Things on a page.
const PAGE: u64 = 128;

/// A queue with numbered places: the first thing ever pushed is at place 0, and keeps it.
pub(crate) struct Pages<T> {
    /// The place of the first thing that is still here.
    start: u64,
    /// The place behind the last.
    end: u64,
    /// The pages that are still here. Page n of all pages ever has the places from n × PAGE.
    kept: VecDeque<VecDeque<T>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { start: 0, end: 0, kept: VecDeque::new() }
    }
}

impl<T> Pages<T> {
    /// How many things are here.
    pub(crate) fn len(&self) -> u64 {
        self.end - self.start
    }

    /// The place that the next thing gets.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Adds a thing at the end.
    pub(crate) fn push(&mut self, thing: T) {
        if self.end.is_multiple_of(PAGE) || self.kept.is_empty() {
            self.kept.push_back(VecDeque::new());
        }
        self.kept.back_mut().expect("a page for the end").push_back(thing);
        self.end += 1;
    }

    /// The oldest thing.
    pub(crate) fn first(&self) -> Option<&T> {
        self.kept.front()?.front()
    }

    /// Takes the oldest thing away.
    pub(crate) fn pop_first(&mut self) -> Option<T> {
        let page = self.kept.front_mut()?;
        let thing = page.pop_front()?;
        if page.is_empty() {
            self.kept.pop_front();
        }
        self.start += 1;
        Some(thing)
    }

    /// The thing at a place.
    pub(crate) fn get(&self, place: u64) -> Option<&T> {
        let (page, offset) = self.locate(place)?;
        self.kept.get(page)?.get(offset)
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().flatten()
    }

    /// The page of a place among those that are here, and where on it.
    fn locate(&self, place: u64) -> Option<(usize, usize)> {
        if !(self.start..self.end).contains(&place) {
            return None;
        }
        let page = place / PAGE - self.start / PAGE;
        // The first page has lost what was taken away.
        let first = if page == 0 { self.start } else { place / PAGE * PAGE };
        Some((usize::try_from(page).ok()?, usize::try_from(place - first).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{PAGE, Pages};

    #[test]
    fn it_is_a_queue_with_numbered_places() {
        let mut pages = Pages::default();
        let (mut start, mut end) = (0_u64, 0_u64);
        // Each row: how many come, how many go; across, onto and to the ends of pages, and twice to nothing
        // at all.
        for (coming, going) in
            [(1, 1), (PAGE, 5), (PAGE - 1, PAGE), (3 * PAGE + 7, 2 * PAGE), (2, 999), (5, 1), (PAGE, 0)]
        {
            for place in end..end + coming {
                pages.push(place);
            }
            end += coming;
            for _ in 0..going {
                let expected = (start < end).then_some(start);
                assert_eq!(pages.first().copied(), expected);
                assert_eq!(pages.pop_first(), expected);
                start += u64::from(expected.is_some());
            }
            assert_eq!((pages.len(), pages.end()), (end - start, end));
            for place in 0..end + 2 {
                let expected = (start..end).contains(&place).then_some(place);
                assert_eq!(pages.get(place).copied(), expected, "place {place} of {start}..{end}");
            }
            assert_eq!(pages.iter().copied().collect::<Vec<_>>(), (start..end).collect::<Vec<_>>());
        }
    }
}

//! Where a group's log begins and ends, and what a change does to that. Pure, so that the disk's writer, the
//! store in memory and the tests cannot disagree about it.

use std::ops::Range;

use crate::{Change, Index};

/// The first and the last entry of a log, if there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds(pub(crate) Option<(Index, Index)>);

/// The only index at which an entry could have been appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected(pub(crate) Index);

impl Bounds {
    /// The bounds after all of `changes`, or why one of them cannot be made.
    pub(crate) fn after(mut self, changes: &[Change]) -> Result<Bounds, (Index, Expected)> {
        for change in changes {
            match change {
                Change::Append { index, .. } => self.append(*index).map_err(|expected| (*index, expected))?,
                Change::TruncateAfter(last) => {
                    self.truncate_after(*last);
                }
                Change::PurgeUpTo(index) => {
                    self.purge_up_to(*index);
                }
                Change::Set { .. }
                | Change::Put { .. }
                | Change::Remove { .. }
                | Change::Stage { .. }
                | Change::Unstage
                | Change::Flip => {}
            }
        }
        Ok(self)
    }

    /// Adds one entry at the end.
    pub(crate) fn append(&mut self, index: Index) -> Result<(), Expected> {
        let first = match self.0 {
            // An index must have a successor, so that a range can end behind it.
            None if index.0 == u64::MAX => return Err(Expected(Index(u64::MAX - 1))),
            None => index,
            Some((first, last)) if index == last.next() && index.0 < u64::MAX => first,
            Some((_, last)) => return Err(Expected(last.next())),
        };
        self.0 = Some((first, index));
        Ok(())
    }

    /// Drops all entries above `keep`, or all. Returns the indexes that are gone, perhaps none.
    pub(crate) fn truncate_after(&mut self, keep: Option<Index>) -> Range<u64> {
        let Some((first, last)) = self.0 else { return 0..0 };
        match keep {
            Some(keep) if keep >= last => 0..0,
            Some(keep) if keep >= first => {
                self.0 = Some((first, keep));
                keep.0 + 1..last.0 + 1
            }
            Some(_) | None => {
                self.0 = None;
                first.0..last.0 + 1
            }
        }
    }

    /// Drops all entries up to and including `gone`. Returns the indexes that are gone, perhaps none.
    pub(crate) fn purge_up_to(&mut self, gone: Index) -> Range<u64> {
        let Some((first, last)) = self.0 else { return 0..0 };
        if gone < first {
            return 0..0;
        }
        let gone = gone.min(last);
        self.0 = (gone < last).then(|| (gone.next(), last));
        first.0..gone.0 + 1
    }
}

impl Index {
    fn next(self) -> Index {
        Index(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Bounds, Expected};
    use crate::{Change, Index};

    fn bounds(ends: Option<(u64, u64)>) -> Bounds {
        Bounds(ends.map(|(first, last)| (Index(first), Index(last))))
    }

    #[test]
    fn truncation_and_purging_say_what_is_gone() {
        enum Cut {
            After(Option<u64>),
            UpTo(u64),
        }
        let rows = [
            // before, cut, after, gone
            (None, Cut::After(None), None, 0..0),
            (None, Cut::UpTo(9), None, 0..0),
            (Some((3, 7)), Cut::After(Some(8)), Some((3, 7)), 0..0),
            (Some((3, 7)), Cut::After(Some(7)), Some((3, 7)), 0..0),
            (Some((3, 7)), Cut::After(Some(6)), Some((3, 6)), 7..8),
            (Some((3, 7)), Cut::After(Some(3)), Some((3, 3)), 4..8),
            (Some((3, 7)), Cut::After(Some(2)), None, 3..8),
            (Some((3, 7)), Cut::After(None), None, 3..8),
            (Some((0, 7)), Cut::After(None), None, 0..8),
            (Some((3, 7)), Cut::UpTo(2), Some((3, 7)), 0..0),
            (Some((3, 7)), Cut::UpTo(3), Some((4, 7)), 3..4),
            (Some((3, 7)), Cut::UpTo(6), Some((7, 7)), 3..7),
            (Some((3, 7)), Cut::UpTo(7), None, 3..8),
            (Some((3, 7)), Cut::UpTo(u64::MAX), None, 3..8),
        ];
        for (row, (before, cut, after, gone)) in rows.into_iter().enumerate() {
            let mut log = bounds(before);
            let found = match cut {
                Cut::After(keep) => log.truncate_after(keep.map(Index)),
                Cut::UpTo(index) => log.purge_up_to(Index(index)),
            };
            assert_eq!((log, found), (bounds(after), gone), "row {row}");
        }
    }

    #[test]
    fn an_entry_follows_the_last() {
        let rows = [
            (None, 0, Ok(Some((0, 0)))),
            (None, 41, Ok(Some((41, 41)))),
            (None, u64::MAX, Err(u64::MAX - 1)),
            (Some((3, 7)), 8, Ok(Some((3, 8)))),
            (Some((3, 7)), 7, Err(8)),
            (Some((3, 7)), 9, Err(8)),
            (Some((3, u64::MAX - 1)), u64::MAX, Err(u64::MAX)),
        ];
        for (row, (before, index, after)) in rows.into_iter().enumerate() {
            let append = [Change::Append { index: Index(index), entry: Bytes::new() }];
            let expected = after.map(bounds).map_err(|expected| (Index(index), Expected(Index(expected))));
            assert_eq!(bounds(before).after(&append), expected, "row {row}");
        }
    }
}

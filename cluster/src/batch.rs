//! What one log entry carries: the commands that waited while the entry before was synced, under one stamp.
//!
//! Written once, when the proposer makes the entry, and read as it lies: the log's tail, the disk and the machines share
//! these bytes. They are for ever, so nothing in here changes without a new version of the log's record.
//!
//! ```text
//!   level u32 │ stamp u64 │ count u32 │ (length u32 │ command)×count        all little-endian
//! ```

use std::fmt;
use std::ops::RangeInclusive;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::clock::Stamp;

const HEAD_LEN: usize = 16;
const LEN_LEN: usize = 4;

/// The version of the rules under which an entry is applied, on every replica alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Level(pub u32);

impl Level {
    /// The rules of the first format.
    pub const FIRST: Self = Self(1);

    /// The one that follows.
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// What a build applies whose newest level is this one: it, and the one before, so that nodes can be upgraded one by one.
    pub(crate) fn applied(self) -> RangeInclusive<Self> {
        Self(self.0.saturating_sub(1)).max(Self::FIRST)..=self
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a batch says before its commands. Within a group neither ever goes back (RG-4, RG-7); both are 0 where nothing was
/// said yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) level: Level,
    pub(crate) stamp: Stamp,
}

impl Heading {
    /// The later of each.
    pub(crate) fn max(self, other: Self) -> Self {
        Self { level: self.level.max(other.level), stamp: self.stamp.max(other.stamp) }
    }
}

/// The commands of one entry. A command's place is (index of the entry, position in here).
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    bytes: Bytes,
}

/// Bytes that are no batch: the log is damaged, or newer than this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a batch of commands")]
pub struct Malformed;

impl Batch {
    /// A batch of `commands` in this order.
    ///
    /// # Panics
    ///
    /// When there are 2³² commands or one is 4 GiB long: the proposer's limits are far below.
    #[must_use]
    pub fn new(level: Level, stamp: Stamp, commands: &[Bytes]) -> Self {
        let len = commands.iter().map(|command| LEN_LEN + command.len()).sum::<usize>();
        let mut bytes = BytesMut::with_capacity(HEAD_LEN + len);
        bytes.put_u32_le(level.0);
        bytes.put_u64_le(stamp.0);
        bytes.put_u32_le(u32::try_from(commands.len()).expect("a batch is bounded by the proposer"));
        for command in commands {
            bytes.put_u32_le(u32::try_from(command.len()).expect("a command is bounded at the door"));
            bytes.put_slice(command);
        }
        Self { bytes: bytes.freeze() }
    }

    /// Reads a batch back, checking every length in it.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the lengths do not add up to exactly `bytes`.
    pub fn parse(bytes: Bytes) -> Result<Self, Malformed> {
        let count = read_u32(&bytes, HEAD_LEN - LEN_LEN).ok_or(Malformed)?;
        let mut at = HEAD_LEN;
        for _ in 0..count {
            let len =
                usize::try_from(read_u32(&bytes, at).ok_or(Malformed)?).map_err(|_overflow| Malformed)?;
            at = at.checked_add(LEN_LEN).and_then(|at| at.checked_add(len)).ok_or(Malformed)?;
        }
        if at == bytes.len() { Ok(Self { bytes }) } else { Err(Malformed) }
    }

    /// The version of the rules that applies.
    #[must_use]
    pub fn level(&self) -> Level {
        Level(read_u32(&self.bytes, 0).expect("checked by parse"))
    }

    /// The leader's time.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let bytes = self.bytes.get(4..12).and_then(|bytes| bytes.try_into().ok()).expect("checked by parse");
        Stamp(u64::from_le_bytes(bytes))
    }

    pub(crate) fn heading(&self) -> Heading {
        Heading { level: self.level(), stamp: self.stamp() }
    }

    /// The commands, in order of position. Each shares the batch's memory.
    pub fn commands(&self) -> impl Iterator<Item = Bytes> + '_ {
        let mut rest = self.bytes.slice(HEAD_LEN..);
        std::iter::from_fn(move || {
            let len = usize::try_from(read_u32(&rest, 0)?).expect("checked by parse");
            let command = rest.slice(LEN_LEN..LEN_LEN + len);
            rest = rest.slice(LEN_LEN + len..);
            Some(command)
        })
    }

    /// The bytes, as they are written.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(LEN_LEN)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("level", &self.level())
            .field("stamp", &self.stamp())
            .field("len", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes at {}", self.bytes.len(), self.stamp().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(commands: &[&'static [u8]]) -> Batch {
        let commands: Vec<Bytes> = commands.iter().map(|command| Bytes::from_static(command)).collect();
        Batch::new(Level(7), Stamp(0x0102_0304), &commands)
    }

    #[test]
    fn a_batch_is_read_back_as_it_was_made() {
        let cases: [&[&'static [u8]]; 3] = [&[], &[b""], &[b"a", b"", b"bcd"]];
        for commands in cases {
            let read = Batch::parse(batch(commands).as_bytes().clone()).expect("just made");
            assert_eq!(read.level(), Level(7));
            assert_eq!(read.stamp(), Stamp(0x0102_0304));
            assert_eq!(read.commands().collect::<Vec<_>>(), commands);
        }
    }

    #[test]
    fn the_bytes_are_for_ever() {
        let want = [7, 0, 0, 0, 4, 3, 2, 1, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, b'a', 2, 0, 0, 0, b'b', b'c'];
        assert_eq!(batch(&[b"a", b"bc"]).as_bytes().as_ref(), want);
    }

    #[test]
    fn a_cut_or_padded_batch_is_refused() {
        let whole = batch(&[b"abc", b"d"]).as_bytes().clone();
        for len in 0..whole.len() {
            assert_eq!(Batch::parse(whole.slice(..len)), Err(Malformed), "cut to {len}");
        }
        let padded = [whole.as_ref(), &[0]].concat();
        assert_eq!(Batch::parse(Bytes::from(padded)), Err(Malformed));
    }
}

//! A small file that says how much of the store is known to be durable.
//!
//! RocksDB drops a torn tail at start-up, as it must after a power cut. It cannot know whether what it drops
//! was only ever half written, or was synced, confirmed, and has rotted since. The watermark knows: fewer
//! changes than it says means that acknowledged data is gone. It trails the syncs by a tenth of a second at
//! most, and rot younger than that cannot be told from tearing.
//!
//! ```text
//! slot 0 at 0, slot 1 at 4096:   version u8 = 1 | sequence u64 | crc32 u32 of both
//! ```
//!
//! The slots are written in turn, so that a crash in the middle of one leaves the other.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::{Damage, Error};

const VERSION: u8 = 1;
const SLOT_BYTES: usize = 13;
/// A block of its own for each slot: one torn write cannot reach both.
const SLOT_OFFSETS: [u64; 2] = [0, 4096];

/// The file, open, and what it says.
#[derive(Debug)]
pub(super) struct Watermark {
    file: File,
    sequence: u64,
    /// The slot to write next: the older one, or the one that cannot be read.
    next: usize,
}

impl Watermark {
    /// Makes a durable file that says zero, in place of any that is there.
    pub(super) fn create(path: &Path) -> Result<(), Error> {
        let made = File::create(path).and_then(|file| {
            for offset in SLOT_OFFSETS {
                file.write_all_at(&encode(0), offset)?;
            }
            file.sync_all()
        });
        made.map_err(|cause| Error::disk("make the watermark", cause))
    }

    /// Opens the file. One slot may be unreadable, not both.
    pub(super) fn open(path: &Path) -> Result<Watermark, Error> {
        let file = match File::options().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Damaged(Damage::Watermark));
            }
            Err(cause) => return Err(Error::disk("open the watermark", cause)),
        };
        let [first, second] = SLOT_OFFSETS.map(|offset| read_slot(&file, offset));
        let (first, second) = (first?, second?);
        let sequence = first.max(second).ok_or(Error::Damaged(Damage::Watermark))?;
        // `None` is less than any number.
        let next = usize::from(second < first);
        Ok(Watermark { file, sequence, next })
    }

    /// What is known to be durable.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Raises the mark, durably. Blocks on the disk.
    pub(super) fn raise(&mut self, sequence: u64) -> Result<(), Error> {
        assert!(sequence > self.sequence, "a watermark only rises");
        let written = self.file.write_all_at(&encode(sequence), SLOT_OFFSETS[self.next]);
        written
            .and_then(|()| self.file.sync_data())
            .map_err(|cause| Error::disk("raise the watermark", cause))?;
        self.sequence = sequence;
        self.next = 1 - self.next;
        Ok(())
    }
}

fn encode(sequence: u64) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    slot[0] = VERSION;
    slot[1..9].copy_from_slice(&sequence.to_be_bytes());
    let checksum = crc32fast::hash(&slot[..9]);
    slot[9..].copy_from_slice(&checksum.to_be_bytes());
    slot
}

fn decode(slot: [u8; SLOT_BYTES]) -> Option<u64> {
    let sequence = u64::from_be_bytes(slot[1..9].try_into().ok()?);
    (slot == encode(sequence)).then_some(sequence)
}

/// The number in a slot, or `None` if there is none to be read.
fn read_slot(file: &File, offset: u64) -> Result<Option<u64>, Error> {
    let mut slot = [0; SLOT_BYTES];
    match file.read_exact_at(&mut slot, offset) {
        Ok(()) => Ok(decode(slot)),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(cause) => Err(Error::disk("read the watermark", cause)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SLOT_OFFSETS, Watermark, encode};
    use crate::{Damage, Error};

    #[test]
    fn golden_bytes() {
        assert_eq!(encode(0x0102_0304_0506_0708), *b"\x01\x01\x02\x03\x04\x05\x06\x07\x08\xab\x9a\x57\x41");
    }

    #[test]
    fn the_higher_readable_slot_counts() {
        // Which slots are spoiled, and what is found then. 1 to 3 were written, so slot 0 has 3 and slot 1
        // has 2.
        let rows: [(&[usize], Option<u64>); 4] =
            [(&[], Some(3)), (&[1], Some(3)), (&[0], Some(2)), (&[0, 1], None)];
        for (spoiled, expected) in rows {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("watermark");
            Watermark::create(&path).unwrap();
            let mut watermark = Watermark::open(&path).unwrap();
            for sequence in 1..=3 {
                watermark.raise(sequence).unwrap();
            }
            let mut bytes = fs::read(&path).unwrap();
            for slot in spoiled {
                bytes[usize::try_from(SLOT_OFFSETS[*slot]).unwrap() + 8] ^= 1;
            }
            fs::write(&path, bytes).unwrap();

            let found = Watermark::open(&path);
            match expected {
                Some(sequence) => {
                    let mut found = found.unwrap();
                    assert_eq!(found.sequence(), sequence, "slots {spoiled:?} spoiled");
                    // The next one goes over the slot that is worth less.
                    found.raise(9).unwrap();
                    assert_eq!(Watermark::open(&path).unwrap().sequence(), 9);
                }
                None => assert!(matches!(found, Err(Error::Damaged(Damage::Watermark)))),
            }
        }
    }

    #[test]
    fn a_file_that_is_gone_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let found = Watermark::open(&folder.path().join("watermark"));
        assert!(matches!(found, Err(Error::Damaged(Damage::Watermark))));
    }
}

//! The frames of a part: bytes for ever.

use std::io;

use serde::{Deserialize, Serialize};

/// What a part begins with; another version begins with another line.
pub const PREAMBLE: &[u8] = b"boxoffice backup 1\n";
/// The media type of a part.
pub const MEDIA_TYPE: &str = "application/vnd.boxoffice.backup";
/// The longest payload of a frame.
pub const FRAME_LEN_MAX: usize = 64 << 20;

const HEADING_LEN: usize = 9;

/// What a part is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The cluster's number: 32 hexadecimal digits.
    pub cluster: String,
    /// How many groups it has.
    pub groups: u32,
    /// Which of them this is.
    pub group: u32,
    /// The level of the rules that is in force at `index`.
    pub level: u32,
    /// The index at or below which the state has everything.
    pub saved: u64,
    /// The index to which the entries bring it.
    pub index: u64,
    /// The digest of all of it at `index`: 16 hexadecimal digits; none where nobody knew it.
    pub digest: Option<String>,
    /// What has not changed since this index is left out: it is in the part before. None where everything is in here.
    pub since: Option<u64>,
    /// What stands for the state at `saved` in the group's registers: base64url.
    pub mark: String,
}

/// What a part ends with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many entries it has.
    pub entries: u64,
    /// How many pairs.
    pub pairs: u64,
}

/// A key of a group's state and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// A piece of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// What the part is of.
    Head(Head),
    /// An entry of the log.
    Entry(Vec<u8>),
    /// What follows is all that there is from here to before there; an empty end is the end of everything.
    Range {
        /// The first key.
        from: Vec<u8>,
        /// Behind the last key.
        until: Vec<u8>,
    },
    /// What there is.
    Pairs(Vec<Pair>),
    /// Nothing is missing.
    End(End),
}

/// Why bytes are no part of a backup.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// They cannot be read at all.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It begins otherwise.
    #[error("it is no part of a backup, or one that a later version has made")]
    NoBackup,
    /// It ends too early.
    #[error("it is cut off: a part ends with a frame that says so")]
    Torn,
    /// Bytes are not those that were written.
    #[error("it is damaged: a checksum is wrong")]
    Damaged,
    /// Something is where it must not be.
    #[error("it is damaged: {0}")]
    Misplaced(&'static str),
}

impl Frame {
    /// The frame as it stands in a part.
    ///
    /// # Panics
    ///
    /// Where it is longer than [`FRAME_LEN_MAX`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let json = |words: Result<Vec<u8>, serde_json::Error>| words.expect("these words are JSON");
        let mut payload = Vec::new();
        let kind = match self {
            Self::Head(head) => {
                payload = json(serde_json::to_vec(head));
                1
            }
            Self::Entry(entry) => {
                payload.extend_from_slice(entry);
                2
            }
            Self::Range { from, until } => {
                put(&mut payload, from);
                put(&mut payload, until);
                3
            }
            Self::Pairs(pairs) => {
                for (key, value) in pairs {
                    put(&mut payload, key);
                    put(&mut payload, value);
                }
                4
            }
            Self::End(end) => {
                payload = json(serde_json::to_vec(end));
                5
            }
        };
        assert!(payload.len() <= FRAME_LEN_MAX, "a frame is not longer than a reader takes");
        let mut bytes = Vec::with_capacity(HEADING_LEN + payload.len());
        bytes.push(kind);
        bytes.extend(length(payload.len()).to_be_bytes());
        bytes.extend(checksum(&bytes, &payload).to_be_bytes());
        bytes.extend(payload);
        bytes
    }

    fn decode(kind: u8, payload: Vec<u8>) -> Result<Self, Fault> {
        let words = Fault::Misplaced("its words cannot be read");
        match kind {
            1 => serde_json::from_slice(&payload).map(Self::Head).map_err(|_other| words),
            2 => Ok(Self::Entry(payload)),
            3 => {
                let mut rest = payload.as_slice();
                let (from, until) = (take(&mut rest)?.to_vec(), take(&mut rest)?.to_vec());
                rest.is_empty().then_some(Self::Range { from, until }).ok_or(words)
            }
            4 => {
                let (mut rest, mut pairs) = (payload.as_slice(), Vec::new());
                while !rest.is_empty() {
                    pairs.push((take(&mut rest)?.to_vec(), take(&mut rest)?.to_vec()));
                }
                Ok(Self::Pairs(pairs))
            }
            5 => serde_json::from_slice(&payload).map(Self::End).map_err(|_other| words),
            _ => Err(Fault::Misplaced("it has what this version does not know")),
        }
    }
}

fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend(length(bytes.len()).to_be_bytes());
    to.extend_from_slice(bytes);
}

fn take<'bytes>(from: &mut &'bytes [u8]) -> Result<&'bytes [u8], Fault> {
    let cut = || Fault::Misplaced("a frame ends too early");
    let (len, rest) = from.split_first_chunk().ok_or_else(cut)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_large| cut())?;
    let (bytes, rest) = rest.split_at_checked(len).ok_or_else(cut)?;
    *from = rest;
    Ok(bytes)
}

fn length(len: usize) -> u32 {
    u32::try_from(len).expect("far below 4 GiB")
}

fn checksum(heading: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(heading);
    hasher.update(payload);
    hasher.finalize()
}

/// The frames of a part in order, each looked at before it is given: what follows the last is a fault, and so is that there is none.
pub struct Frames<R> {
    from: R,
    stands: Stands,
    counted: End,
    last_key: Option<Vec<u8>>,
}

/// What was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Nothing,
    Head,
    State,
    End,
}

impl<R: io::Read> Frames<R> {
    /// Of a part that begins here.
    pub fn new(from: R) -> Self {
        Self { from, stands: Stands::Nothing, counted: End::default(), last_key: None }
    }

    fn read(&mut self) -> Result<Option<Frame>, Fault> {
        if self.stands == Stands::Nothing {
            let mut preamble = vec![0; PREAMBLE.len()];
            self.from.read_exact(&mut preamble).map_err(|_short| Fault::NoBackup)?;
            if preamble != PREAMBLE {
                return Err(Fault::NoBackup);
            }
        }
        if self.stands == Stands::End {
            let more = self.from.read(&mut [0])?;
            return if more == 0 { Ok(None) } else { Err(Fault::Misplaced("something follows its end")) };
        }
        let mut heading = [0; HEADING_LEN];
        self.exact(&mut heading)?;
        let [kind, a, b, c, d, sum @ ..] = heading;
        let len = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_large| Fault::Damaged)?;
        if FRAME_LEN_MAX < len {
            return Err(Fault::Damaged);
        }
        let mut payload = vec![0; len];
        self.exact(&mut payload)?;
        if checksum(&heading[..5], &payload) != u32::from_be_bytes(sum) {
            return Err(Fault::Damaged);
        }
        let frame = Frame::decode(kind, payload)?;
        self.follow(&frame)?;
        Ok(Some(frame))
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        self.from.read_exact(bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof { Fault::Torn } else { Fault::Io(error) }
        })
    }

    /// Whether the frame may stand where it does.
    fn follow(&mut self, frame: &Frame) -> Result<(), Fault> {
        self.stands = match (self.stands, frame) {
            (Stands::Nothing, Frame::Head(_)) => Stands::Head,
            (Stands::Head, Frame::Entry(_)) => {
                self.counted.entries += 1;
                Stands::Head
            }
            (Stands::Head | Stands::State, Frame::Range { .. }) => {
                self.last_key = None;
                Stands::State
            }
            (Stands::State, Frame::Pairs(pairs)) => {
                for (key, _value) in pairs {
                    if self.last_key.as_ref().is_some_and(|last| key <= last) {
                        return Err(Fault::Misplaced("its keys are not in order"));
                    }
                    self.last_key = Some(key.clone());
                    self.counted.pairs += 1;
                }
                Stands::State
            }
            (Stands::Head | Stands::State, Frame::End(end)) if *end == self.counted => Stands::End,
            (Stands::Head | Stands::State, Frame::End(_)) => {
                return Err(Fault::Misplaced("it has not what its end says"));
            }
            _ => return Err(Fault::Misplaced("its frames are not in order")),
        };
        Ok(())
    }
}

impl<R: io::Read> Iterator for Frames<R> {
    type Item = Result<Frame, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            cluster: "00000000000000000000000000000007".to_owned(),
            groups: 2,
            group: 1,
            level: 4,
            saved: 8,
            index: 9,
            digest: Some("0000000000000005".to_owned()),
            since: None,
            mark: "AQ".to_owned(),
        }
    }

    fn part(frames: &[Frame]) -> Vec<u8> {
        let frames = frames.iter().flat_map(Frame::encode);
        PREAMBLE.iter().copied().chain(frames).collect()
    }

    fn whole() -> Vec<Frame> {
        let pair = |key: &[u8]| (key.to_vec(), b"v".to_vec());
        vec![
            Frame::Head(head()),
            Frame::Entry(b"e".to_vec()),
            Frame::Range { from: Vec::new(), until: b"m".to_vec() },
            Frame::Pairs(vec![pair(b"a"), pair(b"b")]),
            Frame::Pairs(vec![pair(b"c")]),
            Frame::Range { from: b"m".to_vec(), until: Vec::new() },
            Frame::Pairs(vec![pair(b"m")]),
            Frame::End(End { entries: 1, pairs: 4 }),
        ]
    }

    fn read(bytes: &[u8]) -> Result<Vec<Frame>, String> {
        Frames::new(bytes).collect::<Result<_, Fault>>().map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_bytes_are_for_ever() {
        let sum = |heading: &[u8], payload: &[u8]| checksum(heading, payload).to_be_bytes();
        let range = [3, 0, 0, 0, 9];
        let payload = [0, 0, 0, 0, 0, 0, 0, 1, b'm'];
        let want = [&range[..], &sum(&range, &payload), &payload].concat();
        assert_eq!(Frame::Range { from: Vec::new(), until: b"m".to_vec() }.encode(), want);
        assert_eq!(sum(&range, &payload), crc32fast::hash(&[&range[..], &payload].concat()).to_be_bytes());
        let pairs = [4, 0, 0, 0, 10];
        let payload = [0, 0, 0, 1, b'a', 0, 0, 0, 1, b'v'];
        let want = [&pairs[..], &sum(&pairs, &payload), &payload].concat();
        assert_eq!(Frame::Pairs(vec![(b"a".to_vec(), b"v".to_vec())]).encode(), want);
        let entry = [2, 0, 0, 0, 1];
        assert_eq!(Frame::Entry(b"e".to_vec()).encode(), [&entry[..], &sum(&entry, b"e"), b"e"].concat());
        let words = r#"{"cluster":"00000000000000000000000000000007","groups":2,"group":1,"level":4,"saved":8,"index":9,"digest":"0000000000000005","since":null,"mark":"AQ"}"#;
        assert_eq!(serde_json::to_string(&head()).expect("JSON"), words);
        let words = r#"{"entries":1,"pairs":4}"#;
        assert_eq!(serde_json::to_string(&End { entries: 1, pairs: 4 }).expect("JSON"), words);
        assert_eq!(read(&part(&whole())), Ok(whole()));
    }

    #[test]
    fn no_byte_may_be_another_and_none_may_be_missing() {
        let bytes = part(&whole());
        for len in 0..bytes.len() {
            let found = read(&bytes[..len]);
            assert!(found.is_err_and(|why| why.contains("cut off") || why.contains("no part")), "{len}");
        }
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(read(&changed).is_err(), "{place}");
        }
        assert!(read(&[bytes.as_slice(), b"x"].concat()).is_err_and(|why| why.contains("follows its end")));
    }

    #[test]
    fn frames_stand_in_their_order() {
        let without = |place: usize| {
            let mut frames = whole();
            frames.remove(place);
            frames
        };
        let swapped = |one: usize, other: usize| {
            let mut frames = whole();
            frames.swap(one, other);
            frames
        };
        for (frames, says) in [
            (without(0), "not in order"),
            (without(1), "not what its end says"),
            (without(2), "not in order"),
            (without(3), "not what its end says"),
            (without(7), "cut off"),
            (swapped(1, 2), "not in order"),
            (swapped(3, 4), "its keys are not in order"),
            (vec![whole()[0].clone(), whole()[0].clone()], "not in order"),
        ] {
            assert!(read(&part(&frames)).is_err_and(|why| why.contains(says)), "{says}");
        }
        assert_eq!(read(b"boxoffice backup 2\n").expect_err("later"), Fault::NoBackup.to_string());
    }
}

//! What is asked of an organizer, and what it answers and records.

use alloc::boxed::Box;
use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parts::Parts;
use crate::base;
use crate::base::outcome::Denied;
use crate::base::receipts::{Receipt, Remembered};
use crate::base::request::RequestIdentity;
use crate::digest::Digest;
use crate::{Content, EntityId, Fingerprint, Level, RequestKey, Seq, Timestamp};

/// From this level on there are organizers: builds that know only the one before cannot read what is asked of them.
pub const LEVEL: Level = Level(2);

/// One request to one organizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The organizer that is asked.
    pub organizer: EntityId,
    /// Who asks, and which of their requests this is.
    pub key: RequestKey,
    /// What is asked, as a hash.
    pub fingerprint: Fingerprint,
    /// What is asked.
    pub command: Command,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make the organizer, who has this name.
    Make(Box<str>),
    /// Take in a part of a seatmap.
    PutPart(Box<Part>),
    /// Keep a seatmap, if all of its parts are here.
    Keep(Box<Wish>),
}

/// A part of a seatmap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The map.
    pub content: Content,
    /// Bytes of the whole map.
    pub len: u32,
    /// Which of the map's parts it is, from 0.
    pub number: u8,
    /// What it has of the map's text.
    pub bytes: Arc<[u8]>,
}

/// A seatmap that is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The map.
    pub content: Content,
    /// Bytes of the whole map.
    pub len: u32,
    /// What is in it.
    pub counts: Counts,
}

/// What is in a seatmap, as its author is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Numbered seats.
    pub seats: u32,
    /// Rows of seats.
    pub rows: u32,
    /// Areas without numbers.
    pub areas: u32,
    /// Categories.
    pub categories: u32,
}

/// A seatmap as it is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The map.
    pub content: Content,
    /// What is in it.
    pub counts: Counts,
}

/// The answer to one request to an organizer.
pub type Outcome = base::outcome::Outcome<Decision>;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Done: there is such an organizer.
    Made,
    /// Done: the part is here. Not remembered: it is found.
    PartTaken,
    /// Done: there is such a map now, which was not there before.
    Kept(View),
    /// Done: there was such a map before.
    Found(View),
    /// These parts are to be put first. Not remembered: asked again behind them, it is done.
    Missing(Parts),
    /// Refused by a rule, and remembered.
    Refused(Refusal),
    /// Too many maps are unfinished. Not remembered.
    Overloaded,
    /// The caller has used this key for something else. Not remembered.
    KeyReused,
    /// There is no such organizer. Not remembered.
    NotFound,
}

/// Why a request was refused. On the disk, in receipts: a new one goes to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The organizer has as many maps as one may have.
    SeatmapsFull,
    /// A part, or a map, is not as long as it must be beside what is known of it.
    Misfit,
}

/// One step that changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The number of the change.
    pub seq: Seq,
    /// The step's stamp.
    pub at: Timestamp,
    /// What happened.
    pub kind: Kind,
    /// The seatmap to which it happened, if it is one.
    pub content: Option<Content>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// The organizer was made.
    Made,
    /// A part of a seatmap was taken in.
    PartPut,
    /// A seatmap was kept.
    SeatmapKept,
    /// Seatmaps that were unfinished for long are forgotten.
    DraftsLapsed,
}

/// What was answered to one request to an organizer.
pub type ReceiptRecord = Receipt<Answer>;

/// An answer, as short as it can be kept: what a map has in it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A rule refused it.
    Refused(Refusal),
    /// The map was kept by it.
    Kept(Content),
    /// The map was there before.
    Found(Content),
}

impl Request {
    /// Which request it is.
    pub(crate) const fn identity(&self) -> RequestIdentity {
        RequestIdentity { key: self.key, fingerprint: self.fingerprint }
    }
}

impl Counts {
    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        digest.word(self.seats).word(self.rows).word(self.areas).word(self.categories)
    }
}

impl From<Denied<Refusal>> for Decision {
    fn from(denied: Denied<Refusal>) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::Refused(refusal),
            Denied::Overloaded => Self::Overloaded,
            Denied::KeyReused => Self::KeyReused,
            // Whoever may ask an organizer may ask it everything: the door knows who that is.
            Denied::NotFound | Denied::Forbidden => Self::NotFound,
            Denied::Outdated => unreachable!("nothing that it is asked is numbered by a map"),
        }
    }
}

impl From<&Refusal> for Answer {
    fn from(&refusal: &Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Remembered for Answer {
    type Shared = ();

    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    fn digest(&self, digest: Digest) -> Digest {
        match *self {
            Self::Refused(refusal) => digest.word(0_u32).word(refusal as u32),
            Self::Kept(content) => digest.word(1_u32).wide(content.0),
            Self::Found(content) => digest.word(2_u32).wide(content.0),
        }
    }

    fn share(&mut self, (): &mut ()) {}
}

//! What a slot has to give out, as its organizer says it.

use alloc::sync::Arc;

use crate::digest::Digest;
use crate::{CalendarStock, Content, SinglesPolicy};

/// What a slot has to give out. Its kind never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stock {
    /// Places that are all alike.
    Units {
        /// How many, 0 to 10,000,000.
        capacity: u32,
    },
    /// Numbered seats.
    Seats(SeatsStock),
    /// Ranges of time.
    Calendar(Arc<CalendarStock>),
}

/// Numbered seats, as an organizer says it. The house itself is the inventory's: this is written with whatever changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatsStock {
    /// The map by which the seats are numbered.
    pub map: Content,
    /// What is held of single seats.
    pub singles: SinglesPolicy,
}

impl Stock {
    /// The map by which its seats and categories are numbered, if it has any.
    pub const fn map(&self) -> Option<Content> {
        match self {
            Self::Units { .. } | Self::Calendar(_) => None,
            Self::Seats(seats) => Some(seats.map),
        }
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::Units { capacity } => digest.word(*capacity),
            Self::Seats(SeatsStock { map, singles }) => digest
                .text("seats")
                .wide(map.0)
                .word(singles.singles as u32)
                .word(singles.aisles as u32)
                .word(singles.scope as u32),
            Self::Calendar(calendar) => calendar.digest(digest.text("calendar")),
        }
    }
}

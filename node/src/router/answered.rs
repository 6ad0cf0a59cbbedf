//! What entities of each kind answer, here and between nodes.

use booking::{Level, Outcome, entity, organizer, stored};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An answer of one kind of entity.
pub(super) trait Answered: Sized {
    /// What it looks like between nodes.
    type Stored: Serialize + DeserializeOwned + Into<Self>;

    /// The answer, if it is of this kind.
    fn of(outcome: entity::Outcome) -> Option<Self>;

    /// The shape that is written under this level.
    fn at(self, level: Level) -> Self::Stored;
}

impl Answered for Outcome {
    type Stored = stored::Outcome;

    fn of(outcome: entity::Outcome) -> Option<Self> {
        outcome.slot()
    }

    fn at(self, level: Level) -> stored::Outcome {
        stored::Outcome::at(level, self)
    }
}

impl Answered for organizer::Outcome {
    type Stored = stored::organizer::Outcome;

    fn of(outcome: entity::Outcome) -> Option<Self> {
        outcome.organizer()
    }

    fn at(self, level: Level) -> stored::organizer::Outcome {
        stored::organizer::Outcome::at(level, self)
    }
}

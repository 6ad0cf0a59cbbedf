//! Why a text is no seatmap, and where in it.

use std::fmt;

use crate::bounds::FAULTS_MAX;

/// Why a text is no seatmap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not even JSON, or CSV: what HTTP calls malformed.
    #[error("{0}")]
    Malformed(String),
    /// It is, but not a seatmap: what is wrong with it, the first [`FAULTS_MAX`] that were found, in the order of the text as far as that goes.
    #[error("{} faults, first {} {}", .0.len(), .0[0].pointer, .0[0].detail)]
    Invalid(Vec<Fault>),
}

/// One place of a text that is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A JSON Pointer (RFC 6901), `/sections/0/rows/3/seats`; in CSV the line, `#line=7`.
    pub pointer: String,
    /// What would be right.
    pub detail: String,
}

/// The faults that were found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

/// A place in a text, by the way that leads there; written out only where there is a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spot<'a> {
    /// All of the text.
    Top,
    /// A field of the object that is there.
    Field(&'a Self, &'a str),
    /// An item of the list that is there, from 0.
    Item(&'a Self, usize),
    /// A line of a CSV file, from 1.
    Line(u64),
}

impl Faults {
    pub(crate) fn add(&mut self, spot: &Spot<'_>, detail: impl fmt::Display) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(Fault { pointer: spot.to_string(), detail: detail.to_string() });
        }
    }

    /// What was made of the text, if nothing is wrong with it.
    pub(crate) fn clear<T>(self, made: T) -> Result<T, Error> {
        if self.0.is_empty() { Ok(made) } else { Err(Error::Invalid(self.0)) }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a> Spot<'a> {
    pub(crate) const fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    pub(crate) const fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            // A line is as near as one gets in CSV: what in it is wrong, the detail says.
            Self::Line(line) | Self::Field(Self::Line(line), _) => write!(f, "#line={line}"),
            Self::Field(of, name) => {
                write!(f, "{of}/{}", excerpt(name).replace('~', "~0").replace('/', "~1"))
            }
            Self::Item(of, index) => write!(f, "{of}/{index}"),
        }
    }
}

/// The most characters of a text that a fault repeats.
const EXCERPT_CHARS_MAX: usize = 64;

/// As much of a text as a fault repeats: what was sent may be as long as a body.
pub(crate) fn excerpt(text: &str) -> &str {
    text.char_indices().nth(EXCERPT_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

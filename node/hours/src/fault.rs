//! Why a document is no calendar, and where in it.

use std::fmt;

use crate::bounds::FAULTS_MAX;

/// Why a text is no calendar's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not even a document.
    #[error("{0}")]
    Malformed(String),
    /// It is, but says what cannot be: the first [`FAULTS_MAX`] faults, in the order of the document.
    #[error("{} faults, first {} {}", .0.len(), .0[0].pointer, .0[0].detail)]
    Invalid(Vec<Fault>),
}

/// One place of a document that is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A JSON Pointer (RFC 6901), `/inventory/calendar/hours/3/from`.
    pub pointer: String,
    /// What would be right.
    pub detail: String,
}

/// The faults that were found so far, in a document that stands somewhere in another.
#[derive(Debug)]
pub(crate) struct Faults<'a> {
    at: &'a str,
    found: Vec<Fault>,
}

impl<'a> Faults<'a> {
    pub(crate) const fn new(at: &'a str) -> Self {
        Self { at, found: Vec::new() }
    }

    /// Something is wrong at this place of the document, `/hours/3/from`.
    pub(crate) fn add(&mut self, place: impl fmt::Display, detail: impl fmt::Display) {
        if self.found.len() < FAULTS_MAX {
            self.found.push(Fault { pointer: format!("{}{place}", self.at), detail: detail.to_string() });
        }
    }

    /// What was made of the document, if nothing is wrong with it.
    pub(crate) fn clear<T>(self, made: Option<T>) -> Result<T, Error> {
        match made.filter(|_| self.found.is_empty()) {
            Some(made) => Ok(made),
            None => Err(Error::Invalid(self.found)),
        }
    }
}

/// The most characters of a text that a fault repeats.
const EXCERPT_CHARS_MAX: usize = 64;

/// As much of a text as a fault repeats: what was sent may be as long as a body.
pub(crate) fn excerpt(text: &str) -> &str {
    text.char_indices().nth(EXCERPT_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

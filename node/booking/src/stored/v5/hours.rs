//! When a calendar is open, in moments: as it is asked, and in parts as it is saved.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::range::Range;
use crate::Timestamp;
use crate::stored::each::each;

/// When a calendar is open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Openings {
    each: Vec<Range>,
    until: Timestamp,
}

/// The same, and of which rule and span it is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct OpeningsOf {
    basis: u64,
    openings: Openings,
}

/// A part of when a calendar is open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursPart {
    number: u32,
    until: Timestamp,
    outside: u32,
    openings: Vec<Range>,
}

impl From<crate::Openings> for Openings {
    fn from(openings: crate::Openings) -> Self {
        let crate::Openings { each: all, until } = openings;
        Self { each: each(all), until }
    }
}

impl From<Openings> for crate::Openings {
    fn from(openings: Openings) -> Self {
        let Openings { each: all, until } = openings;
        Self { each: each(all), until }
    }
}

impl From<crate::HoursPart> for HoursPart {
    fn from(part: crate::HoursPart) -> Self {
        let crate::HoursPart { number, until, outside, openings } = part;
        Self { number, until, outside, openings: each(openings) }
    }
}

impl From<HoursPart> for crate::HoursPart {
    fn from(part: HoursPart) -> Self {
        let HoursPart { number, until, outside, openings } = part;
        Self { number, until, outside, openings: each(openings) }
    }
}

mirror!(OpeningsOf { basis, openings });

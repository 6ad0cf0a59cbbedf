//! Which places a booking wishes for, and as what: units, seats, or the time of a calendar.

use std::collections::BTreeMap;
use std::fmt;

use api::booking::{self, CreateBooking, Together};
use api::tariff::Line;
use api::time::Time;

/// As what places are wished for, and at what cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basket {
    /// How many of which products, in place of a number; none where they are of nothing in particular.
    pub lines: Vec<Line>,
    /// What all of it is expected to cost.
    pub expect_amount: Option<u64>,
}

impl Basket {
    /// As nothing in particular, whatever it costs.
    pub const ANY: Self = Self { lines: Vec::new(), expect_amount: None };
}

/// Which places a booking wishes for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Places {
    /// So many, whichever they are.
    Any,
    /// These, and no others.
    Pick(Pick),
    /// The best that there are.
    Best(Best),
    /// For some time.
    Range(RangePick),
}

/// Seats and places in areas that are wished for by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Names of seats.
    pub seats: Vec<String>,
    /// How many places in which area.
    pub areas: BTreeMap<String, u32>,
    /// For how many who need a wheelchair space.
    pub accessible: u32,
    /// From what was set aside under this name.
    pub allotment: Option<String>,
}

/// A range of a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangePick {
    /// From when on.
    pub from: Time,
    /// Until when.
    pub to: Time,
    /// On which resource; none: on any, or of a pool.
    pub resource: Option<String>,
}

/// The best seats, of some kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Best {
    /// Keys of categories, the dearest wish first; empty where the map has only one.
    pub categories: Vec<String>,
    /// Whether they have to be neighbours.
    pub together: Together,
    /// For how many who need a wheelchair space.
    pub accessible: u32,
    /// Keys of sections; empty for all.
    pub sections: Vec<String>,
}

/// Lines as a body has them: none are left out.
pub(crate) fn said(lines: &[Line]) -> Option<Vec<Line>> {
    (!lines.is_empty()).then(|| lines.to_vec())
}

impl Places {
    /// The body of the request for so many of them. A pick says how many by itself.
    pub(crate) fn wished_for(&self, quantity: u32, terms: CreateBooking) -> CreateBooking {
        match self.clone() {
            // Lines say it in place of a quantity.
            Self::Any => {
                CreateBooking { quantity: Some(quantity).filter(|_| terms.lines.is_none()), ..terms }
            }
            Self::Pick(Pick { seats, areas, accessible, allotment }) => CreateBooking {
                seats: Some(seats).filter(|seats| !seats.is_empty()),
                areas: Some(areas).filter(|areas| !areas.is_empty()),
                accessible: Some(accessible).filter(|accessible| *accessible > 0),
                allotment,
                ..terms
            },
            Self::Best(Best { categories, together, accessible, sections }) => {
                let categories = Some(categories).filter(|categories| !categories.is_empty());
                let best = booking::Best { categories, together, accessible, sections };
                CreateBooking { quantity: Some(quantity), best: Some(best), ..terms }
            }
            Self::Range(RangePick { from, to, resource }) => {
                CreateBooking { quantity: Some(quantity), from: Some(from), to: Some(to), resource, ..terms }
            }
        }
    }
}

/// Lines in words.
pub(crate) struct Lines<'a>(pub(crate) &'a [Line]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(lines) = self;
        lines.iter().try_for_each(|line| write!(f, " {}:{}", line.product, line.quantity))
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Pick(Pick { seats, areas, .. }) => write!(f, " ({} {areas:?})", seats.join(" and ")),
            Self::Best(Best { categories, together, accessible, .. }) => {
                write!(
                    f,
                    " of the best of {} ({together:?}, {accessible} accessible)",
                    categories.join(" or ")
                )
            }
            Self::Range(RangePick { from, to, resource }) => {
                let resource = resource.as_deref().unwrap_or("any");
                write!(f, " from {from} to {to} on {resource}")
            }
        }
    }
}

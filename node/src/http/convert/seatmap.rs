//! Seatmaps: why one is none, and what is in one.

use api::problem::{Code, FieldError};
use api::seatmap::CreatedSeatmap;
use booking::organizer::Counts;

use crate::http::response::problem::ProblemResponse;

/// Why a text is no seatmap.
pub(crate) fn seatmap_fault(error: seatmap::Error) -> ProblemResponse {
    let field = |seatmap::Fault { pointer, detail }| FieldError { pointer, detail };
    match error {
        seatmap::Error::Malformed(detail) => ProblemResponse::new(Code::Malformed, detail),
        seatmap::Error::Invalid(faults) => ProblemResponse::body(faults.into_iter().map(field).collect()),
    }
}

/// What is in a map, as it is kept.
pub(crate) fn seatmap_counts(counts: seatmap::Counts) -> Counts {
    let seatmap::Counts { seats, rows, areas, categories } = counts;
    Counts { seats, rows, areas, categories }
}

/// What was made of a map, as its author is told.
pub(crate) fn created_seatmap(id: String, counts: Counts) -> CreatedSeatmap {
    let Counts { seats, rows, areas, categories } = counts;
    CreatedSeatmap { id, seats, rows, areas, categories }
}

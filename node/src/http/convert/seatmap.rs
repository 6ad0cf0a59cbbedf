//! Seatmaps: why one is none, and what is in one.

use std::sync::Arc;

use api::problem::{Code, FieldError};
use api::seatmap::CreatedSeatmap;
use booking::organizer::Counts;
use booking::{Category, Drawing, DrawnArea, DrawnBlock, Plan, Row, Section};

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

/// A house in the rules' numbers.
pub(crate) fn plan(map: &seatmap::Seatmap) -> Arc<Plan> {
    let seatmap::Plan { sections: _, rows: _, categories, blocks, ranks, areas } = map.compile();
    let block = |block: seatmap::plan::Block| DrawnBlock {
        section: Section(block.section),
        row: Row(block.row),
        length: block.len,
        categories: block.categories.iter().map(|it| (Category(it.category), it.seats)).collect(),
        accessible: block.accessible,
        companion: block.companion,
    };
    let area =
        |area: seatmap::plan::Area| DrawnArea { category: Category(area.category), capacity: area.capacity };
    let drawing = Drawing {
        blocks: blocks.into_iter().map(block).collect(),
        ranks,
        areas: areas.into_iter().map(area).collect(),
        categories,
    };
    Arc::new(Plan::new(&drawing).expect("a seatmap is within the bounds of a house"))
}

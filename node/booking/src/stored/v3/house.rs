//! A house: as it is sent, as it is saved in parts, and what may be seen of it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::seats::SaleRun;
use crate::stored::each::each;
use crate::{Category, Content, Row, Section};

/// A part of a house.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPart {
    number: u32,
    drawing: Drawing,
}

/// A part of how a house is sold.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalePart {
    number: u32,
    names: Vec<Box<str>>,
    runs: Vec<SaleRun>,
}

/// A house as it was drawn, or a part of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Drawing {
    blocks: Vec<DrawnBlock>,
    ranks: Vec<u32>,
    areas: Vec<DrawnArea>,
    categories: u8,
}

/// Seats with nothing between them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DrawnBlock {
    section: Section,
    row: Row,
    length: u8,
    categories: Vec<(Category, u128)>,
    accessible: u128,
    companion: u128,
}

/// Places without seats.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DrawnArea {
    category: Category,
    capacity: u32,
}

/// A whole house.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Drawing", into = "Drawing")]
pub(in crate::stored) struct Plan(Arc<crate::Plan>);

/// Where everything of a house is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct HouseView {
    map: Content,
    blocked: u32,
    bookable: u32,
    allotments: Vec<(Box<str>, AllotmentCounts)>,
    categories: Vec<CategoryView>,
}

/// Where everything of a category is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CategoryView {
    counts: CategoryCounts,
    waitlisted: u32,
}

/// Where the places of a category are.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CategoryCounts {
    capacity: u32,
    free: u32,
    allotted: u32,
    held: u32,
    offered: u32,
    confirmed: u32,
    largest_block: u32,
}

/// What is kept for somebody.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AllotmentCounts {
    capacity: u32,
    free: u32,
}

impl Clone for Plan {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl TryFrom<Drawing> for Plan {
    type Error = crate::BadPlan;

    fn try_from(drawing: Drawing) -> Result<Self, crate::BadPlan> {
        crate::Plan::new(&drawing.into()).map(Arc::new).map(Self)
    }
}

impl From<Plan> for Drawing {
    fn from(plan: Plan) -> Self {
        plan.0.drawing().into()
    }
}

impl From<Arc<crate::Plan>> for Plan {
    fn from(plan: Arc<crate::Plan>) -> Self {
        Self(plan)
    }
}

impl From<Plan> for Arc<crate::Plan> {
    fn from(plan: Plan) -> Self {
        plan.0
    }
}

impl From<crate::Drawing> for Drawing {
    fn from(drawing: crate::Drawing) -> Self {
        let crate::Drawing { blocks, ranks, areas, categories } = drawing;
        Self { blocks: each(blocks), ranks, areas: each(areas), categories }
    }
}

impl From<Drawing> for crate::Drawing {
    fn from(drawing: Drawing) -> Self {
        let Drawing { blocks, ranks, areas, categories } = drawing;
        Self { blocks: each(blocks), ranks, areas: each(areas), categories }
    }
}

impl From<crate::SalePart> for SalePart {
    fn from(part: crate::SalePart) -> Self {
        let crate::SalePart { number, names, runs } = part;
        Self { number, names, runs: each(runs) }
    }
}

impl From<SalePart> for crate::SalePart {
    fn from(part: SalePart) -> Self {
        let SalePart { number, names, runs } = part;
        Self { number, names, runs: each(runs) }
    }
}

impl From<&crate::HouseView> for HouseView {
    fn from(view: &crate::HouseView) -> Self {
        let crate::HouseView { map, blocked, bookable, allotments, categories } = view.clone();
        let allotments = allotments.into_iter().map(|(name, counts)| (name, counts.into())).collect();
        Self { map, blocked, bookable, allotments, categories: each(categories) }
    }
}

impl From<HouseView> for Arc<crate::HouseView> {
    fn from(view: HouseView) -> Self {
        let HouseView { map, blocked, bookable, allotments, categories } = view;
        let allotments = allotments.into_iter().map(|(name, counts)| (name, counts.into())).collect();
        Self::new(crate::HouseView { map, blocked, bookable, allotments, categories: each(categories) })
    }
}

mirror!(PlanPart { number, drawing });
mirror!(DrawnBlock { section, row, length, categories, accessible, companion });
mirror!(DrawnArea { category, capacity });
mirror!(CategoryView { counts, waitlisted });
mirror!(CategoryCounts { capacity, free, allotted, held, offered, confirmed, largest_block });
mirror!(AllotmentCounts { capacity, free });

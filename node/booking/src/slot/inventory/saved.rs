//! A house as it is saved, and when a calendar is open: in parts, since a record has a bound, and written only when they change.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{Drawing, DrawnBlock, Plan, Range, SaleRun, Timestamp};

/// How many bytes of a house one part is for, at most: half of what a record may have.
const PART_BYTES_MAX: usize = 32 * 1_024;
/// The bytes of a part beside its blocks: the areas, at most.
const PART_BYTES_BESIDE: usize = 1_024;
/// The bytes of a run of seats that are sold alike, at most.
const RUN_BYTES: usize = 16;
/// How many runs one part of a sale has, at most: names have room beside them.
const PART_RUNS_MAX: usize = 1_024;

/// The bytes of an opening, at most: a moment and a length.
const OPENING_BYTES: usize = 18;
/// How many openings one part has, at most.
const PART_OPENINGS_MAX: usize = 1_024;

const _: () = assert!(PART_RUNS_MAX * RUN_BYTES <= PART_BYTES_MAX / 2);
const _: () = assert!(PART_OPENINGS_MAX * OPENING_BYTES <= PART_BYTES_MAX);

/// A part of a house: some of its blocks, with the ranks of their seats. The first has the areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanPart {
    /// Which part it is, from 0.
    pub number: u32,
    /// What it has of the house.
    pub drawing: Drawing,
}

/// A part of how a house is sold. The first has the names of those for whom seats are kept, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalePart {
    /// Which part it is, from 0.
    pub number: u32,
    /// The names.
    pub names: Vec<Box<str>>,
    /// What is not for sale to everyone, in the order of the map.
    pub runs: Vec<SaleRun>,
}

/// A part of when a calendar is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursPart {
    /// Which part it is, from 0.
    pub number: u32,
    /// Up to when all of it is known.
    pub until: Timestamp,
    /// How many bookings lay outside when the hours became these.
    pub outside: u32,
    /// Openings, in order.
    pub openings: Vec<Range>,
}

/// What is to be saved of a house or of a calendar's hours. What there is takes the place of all parts that were saved of it before, be they more or fewer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseChanges {
    /// The house, if it is new.
    pub plan: Option<Vec<PlanPart>>,
    /// How it is sold, if that has changed.
    pub sale: Option<Vec<SalePart>>,
    /// When the calendar is open, if that has changed.
    pub hours: Option<Vec<HoursPart>>,
}

/// All that was saved of a house or of a calendar's hours: nothing of a slot of units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedHouse {
    /// The house.
    pub plan: Vec<PlanPart>,
    /// How it is sold.
    pub sale: Vec<SalePart>,
    /// When the calendar is open.
    pub hours: Vec<HoursPart>,
}

impl PlanPart {
    /// The parts of a house.
    pub(crate) fn parts(plan: &Plan) -> Vec<Self> {
        let Drawing { blocks, ranks, areas, categories } = plan.drawing();
        let empty = |areas| Drawing { blocks: Vec::new(), ranks: Vec::new(), areas, categories };
        let (mut parts, mut size) = (Vec::from([empty(areas)]), PART_BYTES_BESIDE);
        let mut ranks = ranks.into_iter();
        for block in blocks {
            size += bytes_of(&block);
            if PART_BYTES_MAX < size {
                size = PART_BYTES_BESIDE + bytes_of(&block);
                parts.push(empty(Vec::new()));
            }
            let part = parts.last_mut().expect("there is a first part");
            part.ranks.extend(ranks.by_ref().take(usize::from(block.length)));
            part.blocks.push(block);
        }
        (0..).zip(parts).map(|(number, drawing)| Self { number, drawing }).collect()
    }

    /// The house that these are the parts of, in whatever order they come.
    pub(crate) fn join(mut parts: Vec<Self>) -> Option<Arc<Plan>> {
        parts.sort_unstable_by_key(|part| part.number);
        if !(0..).zip(&parts).all(|(number, part)| part.number == number) {
            return None;
        }
        let mut parts = parts.into_iter().map(|part| part.drawing);
        let first = parts.next()?;
        let whole = parts.try_fold(first, |mut whole, part| {
            whole.blocks.extend(part.blocks);
            whole.ranks.extend(part.ranks);
            (part.categories == whole.categories && part.areas.is_empty()).then_some(whole)
        });
        Plan::new(&whole?).ok().map(Arc::new)
    }
}

/// How many bytes a block takes, at most.
fn bytes_of(block: &DrawnBlock) -> usize {
    let (mask, number, rank) = (17, 3, 5);
    let beside = 2 * number + 1 + 1 + 2 * mask;
    beside + block.categories.len() * (1 + mask) + usize::from(block.length) * rank
}

impl SalePart {
    /// The parts of how a house is sold.
    pub(crate) fn parts(names: &[Box<str>], runs: &[SaleRun]) -> Vec<Self> {
        let first = Self { number: 0, names: names.to_vec(), runs: Vec::new() };
        let further = (1..).zip(runs.chunks(PART_RUNS_MAX));
        let further = further.map(|(number, runs)| Self { number, names: Vec::new(), runs: runs.to_vec() });
        core::iter::once(first).chain(further).collect()
    }

    /// How the house is sold that these are the parts of, in whatever order they come.
    pub(crate) fn join(mut parts: Vec<Self>) -> Option<(Vec<Box<str>>, Vec<SaleRun>)> {
        parts.sort_unstable_by_key(|part| part.number);
        let is_whole = (0..).zip(&parts).all(|(number, part)| part.number == number)
            && parts.iter().skip(1).all(|part| part.names.is_empty());
        let names = parts.first_mut().map(|first| core::mem::take(&mut first.names)).unwrap_or_default();
        is_whole.then(|| (names, parts.into_iter().flat_map(|part| part.runs).collect()))
    }
}

impl HoursPart {
    /// The parts of when a calendar is open.
    pub(crate) fn parts(until: Timestamp, outside: u32, openings: &[Range]) -> Vec<Self> {
        let part = |number, openings: &[Range]| Self { number, until, outside, openings: openings.to_vec() };
        let (first, further) = openings.split_at(openings.len().min(PART_OPENINGS_MAX));
        let further = (1..).zip(further.chunks(PART_OPENINGS_MAX)).map(|(number, some)| part(number, some));
        core::iter::once(part(0, first)).chain(further).collect()
    }

    /// When the calendar is open that these are the parts of, in whatever order they come.
    pub(crate) fn join(mut parts: Vec<Self>) -> Option<(Timestamp, u32, Vec<Range>)> {
        parts.sort_unstable_by_key(|part| part.number);
        let Self { until, outside, .. } = *parts.first()?;
        let is_whole = (0..)
            .zip(&parts)
            .all(|(number, part)| (part.number, part.until, part.outside) == (number, until, outside));
        is_whole.then(|| (until, outside, parts.into_iter().flat_map(|part| part.openings).collect()))
    }
}

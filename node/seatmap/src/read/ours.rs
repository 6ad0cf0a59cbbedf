//! Our own format: JSON, every field of which is known.

use crate::bounds::BLOCK_SEATS_MAX;
use crate::bounds::{CAPACITY_MAX, COORDINATE_MAX, RANK_MAX, SEATS_MAX};
use crate::draft::{Draft, RowDraft};
use crate::fault::{Error, Spot};
use crate::house::{Area, Category, Point, Seatmap};
use crate::json::{Json, Object, Unknown};
use crate::number::read_item;

const MAP: [&str; 5] = ["name", "focus", "categories", "sections", "areas"];
const CATEGORY: [&str; 2] = ["key", "name"];
const SECTION: [&str; 3] = ["key", "name", "rows"];
const ROW: [&str; 10] =
    ["key", "seats", "category", "categories", "at", "to", "rank", "accessible", "companion", "restricted"];
const AREA: [&str; 4] = ["key", "name", "category", "capacity"];

impl Seatmap {
    /// Reads our own format.
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let json = Json::read(text)?;
        let mut draft = Draft::default();
        read_map(&json, &mut draft);
        draft.finish()
    }
}

fn read_map(json: &Json, draft: &mut Draft) -> Option<()> {
    let spot = Spot::Top;
    let map = known(json, &spot, &MAP, draft)?;
    if let Some(name) = map.get("name").and_then(|name| name.text(&spot.field("name"), &mut draft.faults)) {
        draft.check_name(&spot, name);
        name.clone_into(&mut draft.name);
    }
    draft.focus = read_point(map, "focus", &spot, draft).unwrap_or_default();
    // What follows is looked at even where something before it is missing.
    read_list(map, "categories", &spot, draft, read_category);
    read_list(map, "sections", &spot, draft, read_section);
    if map.get("areas").is_some_and(|areas| !matches!(areas, Json::List(areas) if areas.is_empty())) {
        read_list(map, "areas", &spot, draft, read_area);
    }
    Some(())
}

/// An object with no other fields than these.
fn known<'j>(json: &'j Json, spot: &Spot<'_>, fields: &[&str], draft: &mut Draft) -> Option<Object<'j>> {
    json.object(spot, (fields, Unknown::Refused), &mut draft.faults)
}

/// Reads each item of a list that must have one.
fn read_list(
    object: Object<'_>,
    name: &str,
    spot: &Spot<'_>,
    draft: &mut Draft,
    read: fn(&Json, &Spot<'_>, &mut Draft) -> Option<()>,
) -> Option<()> {
    let items = object.need(name, spot, &mut draft.faults)?;
    let spot = spot.field(name);
    let items = items.list(&spot, &mut draft.faults)?;
    if items.is_empty() {
        draft.faults.add(&spot, "must not be empty");
    }
    for (index, item) in items.iter().enumerate() {
        // Whatever is wrong with this one is told by now, and the next is looked at.
        let _looked_at: Option<()> = read(item, &spot.item(index), draft);
    }
    Some(())
}

fn read_text<'j>(object: Object<'j>, name: &str, spot: &Spot<'_>, draft: &mut Draft) -> Option<&'j str> {
    object.need(name, spot, &mut draft.faults)?.text(&spot.field(name), &mut draft.faults)
}

/// The key, and the name, which is the key where it is left out.
fn read_names<'j>(object: Object<'j>, spot: &Spot<'_>, draft: &mut Draft) -> Option<(&'j str, String)> {
    let key = read_text(object, "key", spot, draft)?;
    let name = match object.get("name") {
        Some(name) => name.text(&spot.field("name"), &mut draft.faults)?,
        None => key,
    };
    Some((key, name.to_owned()))
}

fn read_point(object: Object<'_>, name: &str, spot: &Spot<'_>, draft: &mut Draft) -> Option<Point> {
    let (spot, bounds) = (spot.field(name), (-COORDINATE_MAX, COORDINATE_MAX));
    let point = object.get(name)?;
    if let [x, y] = point.list(&spot, &mut draft.faults)? {
        let x = x.whole(&spot.item(0), bounds, &mut draft.faults);
        let y = y.whole(&spot.item(1), bounds, &mut draft.faults);
        return Some(Point { x: x?, y: y? });
    }
    draft.faults.add(&spot, "must be a list of two numbers: to the right, and away");
    None
}

fn read_category(json: &Json, spot: &Spot<'_>, draft: &mut Draft) -> Option<()> {
    let category = known(json, spot, &CATEGORY, draft)?;
    let (key, name) = read_names(category, spot, draft)?;
    draft.category(spot, Category { key: key.to_owned(), name });
    Some(())
}

fn read_area(json: &Json, spot: &Spot<'_>, draft: &mut Draft) -> Option<()> {
    let area = known(json, spot, &AREA, draft)?;
    let (key, name) = read_names(area, spot, draft)?;
    let category = read_text(area, "category", spot, draft)
        .and_then(|category| draft.need_category(&spot.field("category"), category));
    let capacity = area.need("capacity", spot, &mut draft.faults)?;
    let capacity = capacity.whole(&spot.field("capacity"), (1, CAPACITY_MAX), &mut draft.faults)?;
    // A stand-in where there is a fault: so that its key is looked at.
    let category = category.unwrap_or_default();
    draft.area(spot, Area { key: key.to_owned(), name, category, capacity });
    Some(())
}

fn read_section(json: &Json, spot: &Spot<'_>, draft: &mut Draft) -> Option<()> {
    let section = known(json, spot, &SECTION, draft)?;
    let (key, name) = read_names(section, spot, draft)?;
    draft.section(spot, key, name);
    read_list(section, "rows", spot, draft, read_row)
}

fn read_row(json: &Json, spot: &Spot<'_>, draft: &mut Draft) -> Option<()> {
    let object = known(json, spot, &ROW, draft)?;
    let key = read_text(object, "key", spot, draft)?;
    let category = read_text(object, "category", spot, draft)
        .and_then(|category| draft.need_category(&spot.field("category"), category))
        .unwrap_or_default();
    let mut row = RowDraft::default();
    let faults_before = draft.faults.len();
    read_blocks(object, spot, category, &mut row, draft)?;
    // Where seats are missing for a fault, lists that name them are not to blame.
    if draft.faults.len() == faults_before {
        read_overrides(object, spot, &mut row, draft);
        row.accessible = read_marked(object, "accessible", spot, &row, draft);
        row.companion = read_marked(object, "companion", spot, &row, draft);
        row.restricted = read_marked(object, "restricted", spot, &row, draft);
    }
    row.at = read_point(object, "at", spot, draft).unwrap_or_default();
    row.to = if object.get("to").is_some() {
        read_point(object, "to", spot, draft).unwrap_or_default()
    } else {
        row.at
    };
    row.rank =
        object.get("rank").and_then(|rank| rank.whole(&spot.field("rank"), (0, RANK_MAX), &mut draft.faults));
    draft.row(spot, key, row);
    Some(())
}

/// What lies between the aisles, item by item.
fn read_blocks(
    object: Object<'_>,
    spot: &Spot<'_>,
    category: u8,
    row: &mut RowDraft,
    draft: &mut Draft,
) -> Option<()> {
    let items = object.need("seats", spot, &mut draft.faults)?;
    let spot = spot.field("seats");
    let items = items.list(&spot, &mut draft.faults)?;
    if items.is_empty() {
        draft.faults.add(&spot, "must not be empty");
    }
    for (index, item) in items.iter().enumerate() {
        let spot = spot.item(index);
        let Some(item) = item.text(&spot, &mut draft.faults) else { continue };
        match read_item(item, BLOCK_SEATS_MAX) {
            Ok(numbers) => draft.block(&spot, row, numbers, category),
            Err(detail) => {
                draft.faults.add(&spot, format_args!("must be seats between two aisles: {detail}"));
            }
        }
    }
    Some(())
}

/// Seats of the row whose category is another than the row's.
fn read_overrides(object: Object<'_>, spot: &Spot<'_>, row: &mut RowDraft, draft: &mut Draft) -> Option<()> {
    let spot = spot.field("categories");
    let mut left = row.len();
    let mut overridden = Vec::new();
    for (key, seats) in object.get("categories")?.entries(&spot, &mut draft.faults)? {
        let spot = spot.field(key);
        let Some(category) = draft.need_category(&spot, key) else { continue };
        let Some(positions) = read_seats(seats, &spot, row, &mut left, draft) else { continue };
        overridden.extend(positions.into_iter().map(|position| (position, category)));
    }
    overridden.sort_unstable();
    if overridden.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        draft.faults.add(&spot, "must not give a seat two categories");
    }
    for (position, category) in overridden {
        row.categories[position as usize] = category;
    }
    Some(())
}

/// Where in the row the seats are that a field names, from the first to the last; none where the field is left out.
fn read_marked(
    object: Object<'_>,
    name: &str,
    spot: &Spot<'_>,
    row: &RowDraft,
    draft: &mut Draft,
) -> Vec<u32> {
    let mut left = row.len();
    let seats = object.get(name);
    let read = seats.and_then(|seats| read_seats(seats, &spot.field(name), row, &mut left, draft));
    let mut positions = read.unwrap_or_default();
    positions.sort_unstable();
    positions
}

/// Where in the row the seats are that a list names, each once. Of all lists that share `left`, no more are looked at than that.
fn read_seats(
    seats: &Json,
    spot: &Spot<'_>,
    row: &RowDraft,
    left: &mut u32,
    draft: &mut Draft,
) -> Option<Vec<u32>> {
    let mut positions = Vec::new();
    for (index, item) in seats.list(spot, &mut draft.faults)?.iter().enumerate() {
        let spot = spot.item(index);
        let item = item.text(&spot, &mut draft.faults)?;
        let found = read_item(item, SEATS_MAX.min(*left as usize)).and_then(|numbers| {
            let find = |number| row.position(number).ok_or_else(|| format!("the row has no seat {number}"));
            numbers.iter().map(find).collect::<Result<Vec<u32>, String>>()
        });
        match found {
            Ok(found) => {
                *left -= u32::try_from(found.len()).expect("no more than were left");
                positions.extend(found);
            }
            Err(detail) => {
                draft.faults.add(&spot, format_args!("must be seats of the row, each once: {detail}"));
                return None;
            }
        }
    }
    let mut sorted = positions.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        draft.faults.add(spot, "must name each seat once");
        return None;
    }
    Some(positions)
}

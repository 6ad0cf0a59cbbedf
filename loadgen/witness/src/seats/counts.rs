//! What is counted, against what the seats come to.

use std::collections::BTreeMap;

use api::booking::Status;

use super::hall::{Hall, Stopped};
use crate::house::words::{AllotmentCounts, CategoryCounts, SeatCounts};

/// The most that a newcomer is told to be able to get.
const BOOKABLE_MAX: u64 = 100;

/// Where the counts of a record or a reading differ from the hall.
pub(super) fn faults(hall: &Hall<'_>, told: &SeatCounts) -> Vec<String> {
    let mut faults = Vec::new();
    let allotted = hall.floor.allotted();
    let aside: u64 = allotted.values().map(|(_all, free)| free).sum();
    let spread = told.free + aside + told.held + told.offered + told.confirmed;
    if spread != told.capacity {
        faults.push(format!("they spread {spread} places over a capacity of {}", told.capacity));
    }
    let categories = categories(hall);
    let sum = |of: fn(&CategoryCounts) -> u64| categories.values().map(of).sum::<u64>();
    let blocked = hall.floor.rooms().iter().map(|room| room.blocked).sum();
    let rows = [
        ("capacity", told.capacity, sum(|of| of.capacity)),
        ("free", told.free, sum(|of| of.free)),
        ("held", told.held, sum(|of| of.held)),
        ("offered", told.offered, sum(|of| of.offered)),
        ("confirmed", told.confirmed, sum(|of| of.confirmed)),
        ("waitlisted", told.waitlisted, hall.model.sum().waiting),
        ("blocked", told.blocked.unwrap_or(blocked), blocked),
    ];
    for (name, told, true_count) in rows {
        if told != true_count {
            faults.push(format!("{name} is {told}, and comes to {true_count}"));
        }
    }
    for (key, told) in told.categories.iter().flatten() {
        let Some(is) = categories.get(key.as_str()) else {
            faults.push(format!("there is no category {key}"));
            continue;
        };
        let is = CategoryCounts {
            largest_block: told.largest_block.and(is.largest_block),
            waitlisted: if hall.knows_all_wishes() { is.waitlisted } else { told.waitlisted },
            ..*is
        };
        if *told != is {
            faults.push(format!("{key} has {told:?}, and comes to {is:?}"));
        }
    }
    let is: BTreeMap<String, AllotmentCounts> = allotted
        .into_iter()
        .map(|(name, (capacity, free))| (name.to_owned(), AllotmentCounts { capacity, free }))
        .collect();
    // A name of which nothing is left may be told as nothing, or not at all.
    let told = told.allotted.as_ref().map(|told| {
        told.iter().filter(|(_name, of)| of.capacity > 0).map(|(name, of)| (name.clone(), *of)).collect()
    });
    if let Some(told) = told.filter(|told: &BTreeMap<String, AllotmentCounts>| *told != is) {
        faults.push(format!("{told:?} are set aside, and it comes to {is:?}"));
    }
    faults
}

/// What the hall comes to, by category.
fn categories<'h>(hall: &Hall<'h>) -> BTreeMap<&'h str, CategoryCounts> {
    let (floor, plan) = (&hall.floor, hall.floor.plan);
    let mut counts = vec![CategoryCounts::default(); plan.categories.len()];
    for (category, (count, room)) in counts.iter_mut().zip(floor.rooms()).enumerate() {
        count.capacity = room.places - room.blocked;
        count.free = room.free;
        count.largest_block = Some(floor.largest_block(category));
    }
    for claim in floor.claims() {
        let seats = claim.seats.iter().map(|seat| (plan.seats[*seat].category, 1));
        let areas = claim.areas.iter().map(|(area, places)| (plan.areas[*area].category, *places));
        for (category, places) in seats.chain(areas) {
            let count = &mut counts[category];
            match claim.status {
                Some(Status::Held) => count.held += places,
                Some(Status::Offered) => count.offered += places,
                Some(Status::Confirmed) => count.confirmed += places,
                Some(Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired) | None => {}
            }
        }
    }
    for (_id, wish) in hall.wishes() {
        for category in wish.into_iter().flat_map(|wish| wish.categories) {
            counts[category].waitlisted += 1;
        }
    }
    plan.categories.iter().map(String::as_str).zip(counts).collect()
}

/// The most that one newcomer could get in one category. None where somebody waits whose wish is not known.
pub(super) fn bookable(hall: &Hall<'_>, stopped: Option<Stopped<'_>>) -> Option<u64> {
    let stopped = stopped?;
    let floor = &hall.floor;
    let most = |category: usize| {
        let areas = floor.plan.areas.iter().enumerate().filter(|(_place, area)| area.category == category);
        let area = areas.map(|(place, _area)| floor.area_free(place)).max().unwrap_or_default();
        area.max(floor.general(category)).min(BOOKABLE_MAX).min(hall.most_sold(category, &stopped))
    };
    let open = (0..floor.plan.categories.len()).filter(|category| !stopped.categories.contains(category));
    Some(open.map(most).max().unwrap_or_default())
}

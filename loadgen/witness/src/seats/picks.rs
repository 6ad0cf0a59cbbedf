//! Picks: what is in the way of one, by the contract.

use std::collections::{BTreeMap, BTreeSet};

use super::floor::{Floor, State};
use crate::house::Kind;
use crate::house::words::Conflict;

/// Seats and places that are asked for by name.
pub(super) struct Picked<'a> {
    pub(super) seats: &'a [String],
    pub(super) areas: &'a BTreeMap<String, u32>,
    pub(super) accessible: u32,
    pub(super) allotment: Option<&'a str>,
    /// Of which categories they have to be; none where any will do.
    pub(super) categories: Option<&'a BTreeSet<usize>>,
    /// Whose they may be already.
    pub(super) by: Option<&'a str>,
}

impl Picked<'_> {
    /// Their places in the map. None where it lacks one, or one is named twice.
    pub(super) fn seats(&self, floor: &Floor<'_>) -> Option<BTreeSet<usize>> {
        let seats: BTreeSet<usize> =
            self.seats.iter().map(|name| floor.plan.seat(name)).collect::<Option<_>>()?;
        (seats.len() == self.seats.len()).then_some(seats)
    }

    /// Everything that is in the way, each with its first reason. `stopped` are categories of which somebody is short who waits.
    pub(super) fn conflicts(&self, floor: &Floor<'_>, stopped: &BTreeSet<usize>) -> Vec<Conflict> {
        let seats = self.seats.iter().filter_map(|name| {
            let reason = self.seat_conflict(floor, stopped, floor.plan.seat(name)?)?;
            Some(Conflict { seat: name.clone(), reason: reason.to_owned() })
        });
        let areas = self.areas.iter().filter_map(|(key, count)| {
            let area = floor.plan.area(key)?;
            let is_waited_for = stopped.contains(&floor.plan.areas[area].category);
            let reason = match floor.area_free(area) {
                free if free < u64::from(*count) => "taken",
                _ if is_waited_for => "waited_for",
                _ => return None,
            };
            Some(Conflict { seat: key.clone(), reason: reason.to_owned() })
        });
        seats.chain(areas).collect()
    }

    fn seat_conflict(
        &self,
        floor: &Floor<'_>,
        stopped: &BTreeSet<usize>,
        seat: usize,
    ) -> Option<&'static str> {
        let of = &floor.plan.seats[seat];
        let is_own = self.by.is_some() && floor.owner(seat) == self.by;
        match floor.state(seat, self.allotment) {
            State::Taken if !is_own => return Some("taken"),
            State::Blocked => return Some("blocked"),
            State::Allotted => return Some("allotted"),
            State::Taken | State::Free => {}
        }
        if of.kind != Kind::General && self.accessible == 0 {
            return Some("accessible");
        }
        let is_general = of.kind == Kind::General && self.allotment.is_none();
        if is_general && stopped.contains(&of.category) {
            return Some("waited_for");
        }
        let is_other = self.categories.is_some_and(|categories| !categories.contains(&of.category));
        is_other.then_some("category")
    }
}

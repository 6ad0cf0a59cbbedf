//! The floor: every seat of a slot at one seq, and every place in its areas. It believes what it is told, and says what of
//! that cannot be.

use std::collections::BTreeMap;
use std::ops::Range;

use api::booking::Status;

use crate::house::words::{BookingSeats, Closing};
use crate::house::{Kind, Plan, Seat};

/// A slot's seats at one seq.
pub(super) struct Floor<'h> {
    pub(super) plan: &'h Plan,
    places: Vec<Place<'h>>,
    /// Who has what, by booking.
    claims: BTreeMap<&'h str, Claim>,
    /// Places taken, by area.
    taken: Vec<u64>,
    /// General seats that anyone may have, by category.
    general: Vec<u64>,
}

/// A seat.
#[derive(Clone, Copy, Default)]
struct Place<'h> {
    owner: Option<&'h str>,
    closed: Option<Closed<'h>>,
}

/// Why a seat is not for anyone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closed<'h> {
    Blocked,
    Allotted(&'h str),
}

/// What a booking has.
#[derive(Clone, Default)]
pub(super) struct Claim {
    pub(super) status: Option<Status>,
    pub(super) seats: Vec<usize>,
    pub(super) areas: BTreeMap<usize, u64>,
}

/// What there is of a category.
#[derive(Clone, Copy, Default)]
pub(super) struct Room {
    pub(super) places: u64,
    pub(super) blocked: u64,
    pub(super) free: u64,
}

/// What a seat is at the moment, for one who may take what is set aside under some name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Free,
    Taken,
    Blocked,
    Allotted,
}

impl<'h> Floor<'h> {
    pub(super) fn new(plan: &'h Plan) -> Self {
        let mut floor = Self {
            plan,
            places: vec![Place::default(); plan.seats.len()],
            claims: BTreeMap::new(),
            taken: vec![0; plan.areas.len()],
            general: vec![0; plan.categories.len()],
        };
        for seat in 0..plan.seats.len() {
            floor.count(seat, 1);
        }
        floor
    }

    /// The same on another map: what is taken, closed or set aside stays so by name. Gives what the new map lacks.
    pub(super) fn moved_to(self, plan: &'h Plan) -> (Self, Vec<String>) {
        let mut floor = Self::new(plan);
        let mut lost = Vec::new();
        for (seat, place) in self.places.iter().enumerate() {
            let Some(closed) = place.closed else { continue };
            if let Some(seat) = plan.seat(&self.plan.seats[seat].name) {
                floor.close(seat, Some(closed));
            }
        }
        for (id, claim) in self.claims {
            let seats = claim.seats.iter().map(|seat| self.plan.seats[*seat].name.clone());
            let area = |(area, count): (&usize, &u64)| (self.plan.areas[*area].key.clone(), *count);
            let had = BookingSeats {
                seats: seats.collect(),
                areas: claim.areas.iter().map(area).collect(),
                ..BookingSeats::default()
            };
            let status = claim.status.expect("who has a claim has a status");
            lost.extend(floor.give(id, status, &had));
        }
        (floor, lost)
    }

    /// Gives a booking what it says to have, and says what of that cannot be.
    pub(super) fn give(&mut self, id: &'h str, status: Status, had: &BookingSeats) -> Vec<String> {
        self.release(id);
        let mut faults = Vec::new();
        let mut claim = Claim { status: Some(status), ..Claim::default() };
        for name in &had.seats {
            let Some(seat) = self.plan.seat(name) else {
                faults.push(format!("{id} has {name}, which the map lacks"));
                continue;
            };
            if claim.seats.contains(&seat) {
                faults.push(format!("{id} has {name} twice"));
                continue;
            }
            if let Some(other) = self.places[seat].owner {
                faults.push(format!("{id} has {name}, which {other} has"));
                continue;
            }
            if self.places[seat].closed == Some(Closed::Blocked) {
                faults.push(format!("{id} has {name}, which is blocked"));
            }
            self.count(seat, -1);
            self.places[seat].owner = Some(id);
            claim.seats.push(seat);
        }
        for (key, count) in &had.areas {
            let Some(area) = self.plan.area(key) else {
                faults.push(format!("{id} has places in {key}, which the map lacks"));
                continue;
            };
            self.taken[area] += count;
            if self.taken[area] > self.plan.areas[area].capacity {
                let capacity = self.plan.areas[area].capacity;
                faults.push(format!(
                    "{} places of {capacity} are taken in {key}, {id}'s among them",
                    self.taken[area]
                ));
            }
            claim.areas.insert(area, *count);
        }
        self.claims.insert(id, claim);
        faults
    }

    /// Takes back what a booking has.
    pub(super) fn release(&mut self, id: &str) {
        let Some(claim) = self.claims.remove(id) else { return };
        for seat in claim.seats {
            self.places[seat].owner = None;
            self.count(seat, 1);
        }
        for (area, count) in claim.areas {
            self.taken[area] -= count;
        }
    }

    /// Takes what the organizer closed or opened, and says what of that cannot be.
    pub(super) fn take_closing(&mut self, closing: &'h Closing) -> Vec<String> {
        let mut faults = Vec::new();
        let allotted = closing.allotted.iter().flat_map(|(name, seats)| {
            seats.iter().map(move |seat| (seat, Some(Closed::Allotted(name.as_str()))))
        });
        let blocked = closing.blocked.iter().map(|seat| (seat, Some(Closed::Blocked)));
        let opened = closing.opened.iter().map(|seat| (seat, None));
        for (name, closed) in blocked.chain(opened).chain(allotted) {
            match self.plan.seat(name) {
                None => faults.push(format!("{name} was closed or opened, and the map lacks it")),
                Some(seat) if closed.is_some() && self.places[seat].owner.is_some() => {
                    faults.push(format!("{name} was closed although it is taken"));
                }
                Some(seat) => self.close(seat, closed),
            }
        }
        faults
    }

    fn close(&mut self, seat: usize, closed: Option<Closed<'h>>) {
        self.count(seat, -1);
        self.places[seat].closed = closed;
        self.count(seat, 1);
    }

    /// Counts a seat in or out, where it is one that the public may have.
    fn count(&mut self, seat: usize, by: i64) {
        if self.is_open(seat) {
            let general = &mut self.general[self.plan.seats[seat].category];
            *general = general.checked_add_signed(by).expect("what is counted out was counted in");
        }
    }

    /// Whether the public may have a seat without saying more.
    pub(super) fn is_open(&self, seat: usize) -> bool {
        let Place { owner, closed } = self.places[seat];
        owner.is_none() && closed.is_none() && self.plan.seats[seat].kind == Kind::General
    }

    /// What a seat is for one who may take what is set aside under this name; for whom it is aside.
    pub(super) fn state(&self, seat: usize, allotment: Option<&str>) -> State {
        match self.places[seat] {
            Place { owner: Some(_), .. } => State::Taken,
            Place { closed: Some(Closed::Blocked), .. } => State::Blocked,
            Place { closed: Some(Closed::Allotted(name)), .. } if allotment != Some(name) => State::Allotted,
            // Who names an allotment gets seats from it alone.
            Place { closed: None, .. } if allotment.is_some() => State::Allotted,
            Place { .. } => State::Free,
        }
    }

    /// Who has a seat.
    pub(super) fn owner(&self, seat: usize) -> Option<&'h str> {
        self.places[seat].owner
    }

    /// What a booking has.
    pub(super) fn claim(&self, id: &str) -> Option<&Claim> {
        self.claims.get(id)
    }

    /// All that have something.
    pub(super) fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.values()
    }

    /// How many places an area has left.
    pub(super) fn area_free(&self, area: usize) -> u64 {
        self.plan.areas[area].capacity.saturating_sub(self.taken[area])
    }

    /// What the public may have of a category: its counter.
    pub(super) fn counter(&self, category: usize) -> u64 {
        let areas = (0..self.plan.areas.len()).filter(|area| self.plan.areas[*area].category == category);
        self.general[category] + areas.map(|area| self.area_free(area)).sum::<u64>()
    }

    /// The general seats of a category that are free.
    pub(super) fn general(&self, category: usize) -> u64 {
        self.general[category]
    }

    /// The longest stretch of seats of a category that the public may have.
    pub(super) fn largest_block(&self, category: usize) -> u64 {
        let like = |seat: &usize| self.plan.seats[*seat].category == category && self.is_open(*seat);
        let longest = |run: &Range<usize>| {
            let mut length = 0_u64;
            let lengths = run.clone().map(|seat| {
                length = if like(&seat) { length + 1 } else { 0 };
                length
            });
            lengths.max().unwrap_or_default()
        };
        self.plan.runs.iter().map(longest).max().unwrap_or_default()
    }

    /// The maximal stretch of open seats in which one stands; empty where it is not open.
    pub(super) fn stretch(&self, seat: usize) -> Range<usize> {
        if !self.is_open(seat) {
            return seat..seat;
        }
        let run = self.plan.run_of(seat);
        let first = (run.start..seat).rev().take_while(|place| self.is_open(*place)).last().unwrap_or(seat);
        let last = (seat..run.end).take_while(|place| self.is_open(*place)).last().unwrap_or(seat);
        first..last + 1
    }

    /// What there is of each category, seats and areas, taken or not; what of it is blocked, and what is free for anyone who may
    /// have such seats.
    pub(super) fn rooms(&self) -> Vec<Room> {
        let mut rooms = vec![Room::default(); self.plan.categories.len()];
        for (place, seat) in self.places.iter().zip(&self.plan.seats) {
            let room = &mut rooms[seat.category];
            room.places += 1;
            room.blocked += u64::from(place.closed == Some(Closed::Blocked));
            room.free += u64::from(place.owner.is_none() && place.closed.is_none());
        }
        for (area, of) in self.plan.areas.iter().enumerate() {
            rooms[of.category].places += of.capacity;
            rooms[of.category].free += self.area_free(area);
        }
        rooms
    }

    /// How many places of a category anyone could have, if nothing were taken.
    pub(super) fn room_for_anyone(&self, category: usize) -> u64 {
        let is_for_anyone = |(place, seat): &(&Place<'_>, &Seat)| {
            seat.category == category && seat.kind == Kind::General && place.closed != Some(Closed::Blocked)
        };
        let seats = self.places.iter().zip(&self.plan.seats).filter(is_for_anyone).count() as u64;
        let areas = self.plan.areas.iter().filter(|area| area.category == category);
        seats + areas.map(|area| area.capacity).sum::<u64>()
    }

    /// What is set aside, by name: in all, and not taken.
    pub(super) fn allotted(&self) -> BTreeMap<&'h str, (u64, u64)> {
        let mut allotted: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for place in &self.places {
            if let Some(Closed::Allotted(name)) = place.closed {
                let (all, free) = allotted.entry(name).or_default();
                *all += 1;
                *free += u64::from(place.owner.is_none());
            }
        }
        allotted
    }

    /// The letters of the map: of seats in its order.
    pub(super) fn letters(&self) -> Vec<u8> {
        let letter =
            |place: &Place<'_>| match (place.owner.and_then(|id| self.claims[id].status), place.closed) {
                (Some(Status::Held | Status::Offered), _) => b'h',
                (None, None) => b'f',
                (Some(_), _) | (None, Some(_)) => b't',
            };
        self.places.iter().map(letter).collect()
    }
}

//! What the fake node knows of calendars: ranges of one court, or of a pool, and none of them twice.

use std::sync::PoisonError;

use api::booking::{Booking, CreateBooking, Mode, Remaining, Status};
use api::calendar::Calendar;
use api::inventory::Inventory;
use api::list::List;
use api::patch::Patch;
use api::problem::{Code, Conflict, Problem, RangeConflict};
use api::slot::{ChangeSlot, Slot};
use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;

use crate::fake::{Fake, State, json, problem, respond};

impl Fake {
    /// What is booked, in order of time.
    pub(crate) fn booked(&self) -> Vec<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let live = state.bookings.values().map(|(_asked, booking)| booking);
        let mut live: Vec<_> = live.filter(|booking| booking.status == Status::Confirmed).collect();
        live.sort_by_key(|booking| (booking.from, booking.resource.clone()));
        let short = |booking: &&Booking| {
            let moment = |at: Option<api::time::Time>| at.expect("a range").to_string()[..16].to_owned();
            let on = booking.resource.clone().flatten().unwrap_or_default();
            format!("{} to {} {on}", moment(booking.from), &moment(booking.to)[11..])
        };
        live.iter().map(short).map(|text| text.trim_end().to_owned()).collect()
    }

    /// When the only calendar is open.
    pub(crate) fn calendar(&self) -> Calendar {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut calendars = state.slots.values().filter_map(|(_asked, slot)| match &slot.inventory {
            Inventory::Calendar(calendar) => Some(Calendar::clone(calendar)),
            Inventory::Units(_) | Inventory::Seats(_) => None,
        });
        calendars.next().expect("a calendar was made")
    }
}

/// A slot, by its path.
pub(crate) fn show(state: &State, path: &str) -> Response<Full<Bytes>> {
    let id = path.trim_start_matches("/v1/slots/");
    find(state, id).map_or_else(|| problem(Code::NotFound), |slot| respond(200, &[], json(slot)))
}

fn find<'s>(state: &'s State, id: &str) -> Option<&'s Slot> {
    state.slots.values().map(|(_asked, slot)| slot).find(|slot| slot.id == id)
}

/// All bookings.
pub(crate) fn bookings(state: &State) -> Response<Full<Bytes>> {
    let items: Vec<Booking> = state.bookings.values().map(|(_asked, booking)| booking.clone()).collect();
    respond(200, &[], json(&List { items, next: None }))
}

/// Books a range, or finds the booking that was made under this key.
pub(crate) fn book(state: &mut State, path: &str, key: &str, body: &Bytes) -> Response<Full<Bytes>> {
    let id = path.trim_start_matches("/v1/slots/").trim_end_matches("/bookings");
    let Ok(asked) = serde_json::from_slice::<CreateBooking>(body) else {
        return problem(Code::InvalidRequest);
    };
    if let Some((first, booking)) = state.bookings.get(key) {
        let replay = [("idempotency-replayed", "true")];
        return if first == body {
            respond(201, &replay, json(booking))
        } else {
            problem(Code::IdempotencyKeyReused)
        };
    }
    if let Some(refused) = state.refusals.get(key) {
        return respond(409, &[("idempotency-replayed", "true")], json(refused));
    }
    let Some(slot) = find(state, id) else { return problem(Code::NotFound) };
    let Inventory::Calendar(calendar) = &slot.inventory else { return problem(Code::InvalidRequest) };
    let overlaps = |other: &&Booking| {
        other.status == Status::Confirmed
            && other.from < asked.to
            && asked.from < other.to
            && (calendar.count.is_some() || other.resource == Some(asked.resource.clone()))
    };
    let others = state.bookings.values().map(|(_asked, booking)| booking);
    let in_the_way: Vec<&Booking> = others.filter(overlaps).collect();
    if calendar.count.unwrap_or(1) as usize <= in_the_way.len() {
        let conflict = |other: &&Booking| {
            let (from, to) = other.from.zip(other.to).expect("a range");
            Conflict::Range(RangeConflict { from, to })
        };
        let conflicts = in_the_way.iter().map(conflict).collect();
        let refused = Problem { seq: Some(1), conflicts, ..Problem::new(Code::RangeTaken, "it is taken") };
        let answer = respond(409, &[], json(&refused));
        state.refusals.insert(key.to_owned(), refused);
        return answer;
    }
    let booking = Booking {
        id: format!("bkg_{}", state.bookings.len()),
        slot: slot.id.clone(),
        customer: asked.customer.unwrap_or_default(),
        quantity: 1,
        status: Status::Confirmed,
        mode: Mode::Confirm,
        seq: 1,
        reference: "00000000".to_owned(),
        position: None,
        expires_at: None,
        expires_in_ms: Remaining::None,
        created_at: slot.starts_at,
        seats: None,
        areas: None,
        category: None,
        together: None,
        from: asked.from,
        to: asked.to,
        resource: Some(asked.resource),
        amount: None,
        currency: None,
        lines: None,
    };
    let answer = respond(201, &[], json(&booking));
    state.bookings.insert(key.to_owned(), (body.clone(), booking));
    answer
}

/// Cancels a booking.
pub(crate) fn cancel(state: &mut State, path: &str) -> Response<Full<Bytes>> {
    let id = path.trim_start_matches("/v1/bookings/").trim_end_matches("/cancel");
    let found = state.bookings.values_mut().find(|(_asked, booking)| booking.id == id);
    let Some((_asked, booking)) = found else { return problem(Code::NotFound) };
    booking.status = Status::Cancelled;
    respond(200, &[], json(booking))
}

/// Opens a calendar otherwise.
pub(crate) fn reopen(slot: &mut Slot, change: &ChangeSlot) {
    let Some(inventory) = change.inventory.set() else { return };
    let (Inventory::Calendar(calendar), Some(said)) = (&mut slot.inventory, inventory.calendar.set()) else {
        return;
    };
    match &said.hours {
        Patch::Set(hours) => calendar.hours = Some(hours.clone()),
        Patch::Remove => calendar.hours = None,
        Patch::Keep => {}
    }
    if let Patch::Set(extra) = &said.extra {
        calendar.extra.clone_from(extra);
    }
    if let Patch::Set(zone) = &said.time_zone {
        calendar.time_zone.clone_from(zone);
    }
}

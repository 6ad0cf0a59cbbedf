//! A calendar of the simulated sale: three courts of which a minute or more is booked, held, waited for, moved and given back, while the
//! organizer opens and closes them and says other terms. Some ranges begin while they are sold, so what is held, offered or waited for
//! ends by that. The witness judges what becomes of it.

use api::booking::{Booking, Status, WhenFull};
use api::patch::Patch;
use api::time::Time;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use serde_json::json;
use witness::history::{Ask, Places, RangePick};

use super::EPOCH;

const COURTS: [&str; 3] = ["north", "south", "east"];
/// Ranges begin on the grid, of which one moment is in the midst of a sale: so many seconds after time begins.
const GRID_SECONDS: u64 = 60;
const FIRST_SECONDS: u64 = 9;
/// How many such moments are wanted, and for how long a range lasts, in steps.
const STARTS: u64 = 7;
const STEPS_MAX: u64 = 3;
/// How long before time begins the calendar does, and how long it goes on, in steps.
const STEPS_BEFORE: u64 = 30;
const STEPS_AFTER: u64 = 120;

fn moment(steps: u64) -> Time {
    let first = EPOCH + FIRST_SECONDS - STEPS_BEFORE * GRID_SECONDS;
    Time::from_ms((first + steps * GRID_SECONDS) * 1_000)
}

/// What makes it.
pub(super) fn made() -> String {
    json!({
        "title": "courts", "placement": "courts",
        "starts_at": moment(0), "ends_at": moment(STEPS_BEFORE + STEPS_AFTER),
        "inventory": {"calendar": {
            "resources": COURTS, "grid_seconds": GRID_SECONDS, "maximum_seconds": STEPS_MAX * GRID_SECONDS,
            "after_seconds": 30, "lead_seconds": 2, "time_zone": "Europe/Berlin",
        }},
        "policy": {
            "hold_seconds": 4, "hold_seconds_max": 9, "cancel_until_seconds": 5,
            "waitlist": {"capacity": 60, "promotion": "offer", "offer_seconds": 3},
        },
    })
    .to_string()
}

/// A change of its terms.
pub(super) fn changed(rng: &mut SmallRng) -> String {
    let (twice, which) = (rng.random_range(0..3), rng.random_range(0..8));
    let calendar = match which {
        0 => json!({"after_seconds": 30 * twice}),
        1 => json!({"before_seconds": 10 * twice}),
        2 => json!({"resources": COURTS[..COURTS.len() - twice % 2]}),
        3 => json!({"lead_seconds": 2 * twice}),
        4 => json!({"maximum_seconds": GRID_SECONDS * (STEPS_MAX - twice as u64 % 2)}),
        // Open but for a minute, and again.
        5 => json!({"hours": [], "extra": [
            {"from": moment(0), "to": moment(STEPS_BEFORE + 3)},
            {"from": moment(STEPS_BEFORE + 4), "to": moment(STEPS_BEFORE + STEPS_AFTER)},
        ]}),
        6 => json!({"hours": null, "extra": null}),
        _ => {
            let promotion = ["confirm", "offer"][twice % 2];
            return json!({"policy": {"waitlist": {"promotion": promotion}}}).to_string();
        }
    };
    json!({"inventory": {"calendar": calendar}}).to_string()
}

fn range(rng: &mut SmallRng) -> (Time, Time) {
    let from = STEPS_BEFORE + rng.random_range(0..STARTS);
    // Now and then too long.
    let steps = if rng.random_bool(0.05) { STEPS_MAX + 1 } else { rng.random_range(1..=STEPS_MAX) };
    (moment(from), moment(from + steps))
}

fn court(rng: &mut SmallRng) -> String {
    (*COURTS.choose(rng).expect("three")).to_owned()
}

/// A request for some minutes, on a court or on any.
pub(super) fn wanted(rng: &mut SmallRng) -> Ask {
    let when_full = if rng.random_bool(0.7) { WhenFull::Waitlist } else { WhenFull::Refuse };
    let hold_seconds = rng.random_bool(0.7).then(|| rng.random_range(1..=6));
    let ask =
        if rng.random_bool(0.5) { Ask::hold(1, hold_seconds, when_full) } else { Ask::book(1, when_full) };
    let ((from, to), resource) = (range(rng), rng.random_bool(0.4).then(|| court(rng)));
    let Ask::Book { quantity, mode, hold_seconds, when_full, basket, .. } = ask else {
        unreachable!("it is for a booking")
    };
    let places = Places::Range(RangePick { from, to, resource });
    Ask::Book { quantity, mode, hold_seconds, when_full, places, basket }
}

/// Other minutes for a booking that has some, now and then on another court.
pub(super) fn moved(booking: &Booking, rng: &mut SmallRng) -> Option<Ask> {
    let may_move = matches!(booking.status, Status::Held | Status::Confirmed) && booking.from.is_some();
    if !may_move || rng.random_bool(0.5) {
        return None;
    }
    let (from, to) = range(rng);
    let resource = match rng.random_range(0..3) {
        0 => Patch::Keep,
        1 => Patch::Remove,
        _ => Patch::Set(court(rng)),
    };
    Some(Ask::Move { booking: booking.id.clone(), from: Some(from), to: Some(to), resource })
}

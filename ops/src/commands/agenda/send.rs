//! What was decided is sent: hours first, then what is given back, then what is booked, several at a time.

use api::booking::{Booking, CreateBooking, Mode, Status, WhenFull};
use api::inventory::ChangeInventory;
use api::patch::Patch;
use api::problem::{Conflict, Problem, RangeReason};
use api::slot::{ChangeSlot, Slot};
use hours::{Document, Interval};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use super::plan::{Made, Plan};
use crate::client::{Answer, Client};
use crate::commands::hash;
use crate::error::Error;
use crate::progress::Progress;
use crate::render;

/// Requests that wait for their answer at a time.
const IN_FLIGHT_MAX: usize = 8;
/// How many of the times that are in the way are told.
const CONFLICTS_TOLD: usize = 3;

/// How it went.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) changed: bool,
    pub(super) freed: usize,
    pub(super) booked: usize,
    pub(super) there: usize,
    /// What the node would not hear of any more, or not yet: time has passed, or its clock is another.
    pub(super) soon: usize,
    pub(super) later: usize,
    pub(super) refused: Vec<String>,
}

/// What became of one request.
enum Outcome {
    Booked,
    AlreadyThere,
    Freed,
    TooSoon,
    Later,
    Refused(String),
}

/// What one request asks for.
#[derive(Clone)]
enum Step {
    Free(Box<Booking>),
    /// Under the first key; where that was refused before, which is remembered, under the second.
    Book {
        piece: Interval,
        keys: [String; 2],
        body: Box<CreateBooking>,
    },
}

/// Makes a calendar.
pub(super) async fn make(client: &Client, made: &Made, hours: Option<&Document>) -> Result<Slot, Error> {
    let answer = client.post("/v1/slots", &made.key, &made.body(hours)).await?;
    if !answer.status.is_success() {
        return Err(client.refusal(&answer));
    }
    client.read("slot", &answer.body)
}

/// Does all of it. The first fault that is not of one booking alone ends it.
pub(super) async fn all(client: &Client, slot: &Slot, plan: &Plan) -> Result<Sent, Error> {
    let mut sent = Sent { changed: plan.hours.is_some(), ..Sent::default() };
    if let Some(change) = &plan.hours {
        let calendar = Patch::Set(Box::new(change.clone()));
        let inventory = Patch::Set(ChangeInventory { calendar, ..ChangeInventory::default() });
        let body = ChangeSlot { inventory, ..ChangeSlot::default() };
        // Of this state of the calendar: back and forth is no repetition.
        let key = format!("hours-{}", hash(&format!("{}\n{}\n{}", slot.id, slot.seq, json!(body))));
        let answer = client.send(Method::PATCH, &format!("/v1/slots/{}", slot.id), &key, &body).await?;
        if !answer.status.is_success() {
            return Err(client.refusal(&answer));
        }
    }
    let freed = plan.freed.iter().cloned().map(Box::new).map(Step::Free).collect::<Vec<_>>();
    let booked = plan.booked.iter().map(|(piece, key)| Step::Book {
        piece: *piece,
        keys: [key.clone(), format!("taken-{}", hash(&format!("{key}\n{}", plan.now)))],
        body: Box::new(body(plan, *piece)),
    });
    let booked = booked.collect::<Vec<_>>();
    let total = freed.len() + booked.len();
    let mut progress = Progress::new("asked for", total);
    // What is given back makes room for what is booked.
    for steps in [freed, booked] {
        if let Err(error) = take_all(client, slot, steps, &mut sent, &mut progress).await {
            progress.finish();
            let done = sent.freed + sent.booked + sent.there;
            render::say(&format!(
                "{done} of {total} are known to be done; run it again, nothing is done twice"
            ));
            return Err(error);
        }
    }
    progress.finish();
    Ok(sent)
}

async fn take_all(
    client: &Client,
    slot: &Slot,
    steps: Vec<Step>,
    sent: &mut Sent,
    progress: &mut Progress,
) -> Result<(), Error> {
    let mut waiting = steps.into_iter();
    let mut in_flight = JoinSet::new();
    loop {
        while in_flight.len() < IN_FLIGHT_MAX
            && let Some(step) = waiting.next()
        {
            let (client, slot) = (client.clone(), slot.id.clone());
            in_flight.spawn(async move { take(&client, &slot, &step).await });
        }
        let Some(taken) = in_flight.join_next().await else { return Ok(()) };
        match taken.expect("sending neither panics nor is cancelled")? {
            Outcome::Booked => sent.booked += 1,
            Outcome::AlreadyThere => sent.there += 1,
            Outcome::Freed => sent.freed += 1,
            Outcome::TooSoon => sent.soon += 1,
            Outcome::Later => sent.later += 1,
            Outcome::Refused(reason) => sent.refused.push(reason),
        }
        progress.step();
    }
}

async fn take(client: &Client, slot: &str, step: &Step) -> Result<Outcome, Error> {
    match step {
        Step::Free(booking) => {
            let key = format!("free-{}", hash(&booking.id));
            let path = format!("/v1/bookings/{}/cancel", booking.id);
            let answer = client.post(&path, &key, &json!({})).await?;
            if answer.status.is_success() {
                Ok(Outcome::Freed)
            } else {
                refused(client, &answer, &booking.id)
            }
        }
        Step::Book { piece, keys: [key, again], body } => {
            let path = format!("/v1/slots/{slot}/bookings");
            let mut answer = client.post(&path, key, body).await?;
            if answer.replayed && !answer.status.is_success() {
                answer = client.post(&path, again, body).await?;
            }
            let what = format!("{} to {}", piece.from(), piece.to());
            if !answer.status.is_success() {
                return refused(client, &answer, &what);
            }
            let booking: Booking = client.read("booking", &answer.body)?;
            if booking.status == Status::Held {
                // Where only the organizer confirms: that is who asks.
                let key = format!("confirm-{}", hash(&booking.id));
                let path = format!("/v1/bookings/{}/confirm", booking.id);
                let confirmed = client.post(&path, &key, &json!({})).await?;
                if !confirmed.status.is_success() {
                    return refused(client, &confirmed, &what);
                }
            }
            Ok(if answer.replayed { Outcome::AlreadyThere } else { Outcome::Booked })
        }
    }
}

fn body(plan: &Plan, piece: Interval) -> CreateBooking {
    CreateBooking {
        quantity: Some(1),
        from: Some(piece.from()),
        to: Some(piece.to()),
        resource: plan.resource.clone(),
        mode: Mode::Confirm,
        when_full: WhenFull::Refuse,
        customer: Some(plan.taken_by.clone()),
        ..CreateBooking::default()
    }
}

/// A refusal of one booking alone; what would meet every other too is an error.
fn refused(client: &Client, answer: &Answer, what: &str) -> Result<Outcome, Error> {
    let is_its_own = matches!(answer.status, StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY);
    match serde_json::from_str::<Problem>(&answer.body) {
        Ok(Problem { reason: Some(RangeReason::Lead), .. }) if is_its_own => Ok(Outcome::TooSoon),
        Ok(Problem { reason: Some(RangeReason::Horizon), .. }) if is_its_own => Ok(Outcome::Later),
        Ok(problem) if is_its_own => Ok(Outcome::Refused(format!("{what}: {}", reason(&problem)))),
        Ok(_) | Err(_) => Err(client.refusal(answer)),
    }
}

fn reason(problem: &Problem) -> String {
    let faults = problem.errors.iter().map(|fault| format!("; {} {}", fault.pointer, fault.detail));
    let in_the_way = problem.conflicts.iter().take(CONFLICTS_TOLD).filter_map(|conflict| match conflict {
        Conflict::Range(range) => Some(format!("; taken from {} to {}", range.from, range.to)),
        Conflict::Seat(_) => None,
    });
    let more = faults.chain(in_the_way).collect::<String>();
    format!("{} ({}){more}", problem.detail, problem.code.as_str())
}

//! What was decided is sent, several at a time.

use api::inventory::Inventory;
use api::patch::Patch;
use api::problem::{Code, Problem};
use api::slot::{ChangeSlot, CreateSlot, Policy, Sale, Slot};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use crate::client::{Answer, Client};
use crate::commands::hash;
use crate::commands::import::plan::{Step, Wanted};
use crate::error::Error;
use crate::progress::Progress;
use crate::render;
use crate::slot_id::SlotIds;

/// Requests that wait for their answer at a time.
const IN_FLIGHT_MAX: usize = 8;

/// What became of a step.
enum Outcome {
    Made,
    AlreadyThere,
    Changed,
    Cancelled,
    Refused { line: usize, reason: String },
}

/// How the import went.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) made: usize,
    pub(super) already_there: usize,
    pub(super) changed: usize,
    pub(super) cancelled: usize,
    pub(super) refused: Vec<(usize, String)>,
}

/// Takes the steps. The first fault that is not a slot's own ends it.
pub(super) async fn all(
    client: &Client,
    organizer: &str,
    capacity: u32,
    steps: &[Step],
) -> Result<Sent, Error> {
    let total = steps.len();
    let mut progress = Progress::new("asked for", total);
    let mut sent = Sent::default();
    let mut waiting = steps.iter().cloned();
    let mut in_flight = JoinSet::new();
    loop {
        while in_flight.len() < IN_FLIGHT_MAX
            && let Some(step) = waiting.next()
        {
            let (client, organizer) = (client.clone(), organizer.to_owned());
            in_flight.spawn(async move { take(&client, &organizer, capacity, &step).await });
        }
        let Some(taken) = in_flight.join_next().await else { break };
        match taken.expect("sending neither panics nor is cancelled") {
            Ok(Outcome::Made) => sent.made += 1,
            Ok(Outcome::AlreadyThere) => sent.already_there += 1,
            Ok(Outcome::Changed) => sent.changed += 1,
            Ok(Outcome::Cancelled) => sent.cancelled += 1,
            Ok(Outcome::Refused { line, reason }) => sent.refused.push((line, reason)),
            Err(error) => {
                progress.finish();
                let done = sent.made + sent.already_there + sent.changed + sent.cancelled;
                render::say(&format!(
                    "{done} of {total} are known to be done; run it again, nothing is done twice"
                ));
                return Err(error);
            }
        }
        progress.step();
    }
    progress.finish();
    Ok(sent)
}

/// Takes one step. What concerns its slot alone is a refusal; what would meet every other too is an error.
async fn take(client: &Client, organizer: &str, capacity: u32, step: &Step) -> Result<Outcome, Error> {
    let (line, title) = (step.line(), step.title());
    match step {
        Step::Make(wanted) => {
            let body = creation(wanted, capacity);
            let answer = client.send(Method::POST, "/v1/slots", &wanted.key, &body).await?;
            let Some(slot) = decided(client, &answer)? else { return refused(client, &answer, line, title) };
            if slot.id != SlotIds::of(organizer).made_with(&wanted.key) {
                let found = "its slot has not the id that its key makes, so it could not be found again";
                return Err(client.foreign(found.to_owned()));
            }
            Ok(if answer.replayed { Outcome::AlreadyThere } else { Outcome::Made })
        }
        Step::Change(wanted, slot) => {
            let body = difference(wanted, slot);
            // Of this state of the slot: back and forth within a day is no repetition.
            let state = format!("{}\n{}\n{}", slot.id, slot.seq, json!(body));
            let key = format!("ics-change-{}", hash(&state));
            let answer = client.send(Method::PATCH, &path(slot, ""), &key, &body).await?;
            let changed = decided(client, &answer)?.is_some();
            if changed { Ok(Outcome::Changed) } else { refused(client, &answer, line, title) }
        }
        Step::Cancel(_, slot, _) => {
            let key = format!("ics-cancel-{}", hash(&format!("{}\n{}", slot.id, slot.seq)));
            let answer = client.send(Method::POST, &path(slot, "/cancel"), &key, &json!({})).await?;
            let cancelled = decided(client, &answer)?.is_some();
            if cancelled { Ok(Outcome::Cancelled) } else { refused(client, &answer, line, title) }
        }
    }
}

fn path(slot: &Slot, verb: &str) -> String {
    format!("/v1/slots/{}{verb}", slot.id)
}

fn creation(wanted: &Wanted, capacity: u32) -> CreateSlot {
    CreateSlot {
        title: wanted.title.clone(),
        starts_at: wanted.starts_at,
        ends_at: wanted.ends_at,
        inventory: Inventory::of_units(capacity),
        placement: None,
        sale: Sale::default(),
        policy: Policy::default(),
        products: None,
        quotas: None,
        prices: None,
        currency: None,
    }
}

/// What of a slot is to be otherwise. Where it has another capacity, it keeps it.
fn difference(wanted: &Wanted, slot: &Slot) -> ChangeSlot {
    let mut change = ChangeSlot::default();
    if slot.title != wanted.title {
        change.title = Patch::Set(wanted.title.clone());
    }
    if (slot.starts_at, slot.ends_at) != (wanted.starts_at, wanted.ends_at) {
        change.starts_at = Patch::Set(wanted.starts_at);
        change.ends_at = Patch::Set(wanted.ends_at);
    }
    change
}

/// The slot that an answer gives; none if it is a refusal.
fn decided(client: &Client, answer: &Answer) -> Result<Option<Slot>, Error> {
    if !answer.status.is_success() {
        return Ok(None);
    }
    client.read("slot", &answer.body).map(Some)
}

fn refused(client: &Client, answer: &Answer, line: usize, title: &str) -> Result<Outcome, Error> {
    let is_its_own = matches!(
        answer.status,
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::NOT_FOUND
    );
    match serde_json::from_str::<Problem>(&answer.body) {
        Ok(problem) if is_its_own => {
            Ok(Outcome::Refused { line, reason: format!("{title}: {}", reason(&problem)) })
        }
        Ok(_) | Err(_) => Err(client.refusal(answer)),
    }
}

fn reason(problem: &Problem) -> String {
    if problem.code == Code::IdempotencyKeyReused {
        return "its slot exists and was changed meanwhile, or is over; run it again".to_owned();
    }
    let faults = problem.errors.iter().map(|fault| format!("; {} {}", fault.pointer, fault.detail));
    format!("{} ({}){}", problem.detail, problem.code.as_str(), faults.collect::<String>())
}

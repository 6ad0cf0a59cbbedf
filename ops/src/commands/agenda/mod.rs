//! `boxctl import --calendar`: opening hours and times that are taken become those of a calendar, which is made if it is not there.
//!
//! Hours are a `VAVAILABILITY`; where the file has none they stay as they are. What is taken (entries, `VFREEBUSY`) is booked, under a
//! name of its own ([`plan`]), so that a later run finds it: what is taken no more is given back, after being shown and asked.

mod pieces;
mod plan;
mod send;

use std::path::Path;

use api::booking::Booking;
use api::calendar::Calendar;
use api::inventory::Inventory;
use api::problem::Code;
use api::slot::{Slot, Status};
use api::token::Role;
use calendar::{Asked, Busy, Fault, Opening};
use hours::{Document, Interval};
use jiff::Timestamp;

use self::plan::{Made, Plan};
use self::send::Sent;
use crate::cli::{Access, Agenda, Import};
use crate::client::Client;
use crate::commands::{OWN_TTL_SECONDS, Verdict, consent, read};
use crate::error::Error;
use crate::key::{Bearer, Signer};
use crate::render;
use crate::slot_id::SlotIds;

/// What a file says of a window.
#[derive(Default)]
struct Said {
    hours: Option<Document>,
    taken: Vec<Interval>,
    /// What is odd about it.
    warnings: Vec<Fault>,
}

/// Imports hours and times that are taken. Well if everything is as the file says at the end.
pub(crate) async fn run(
    access: &Access,
    wanted: &Import,
    file: &Path,
    now: Timestamp,
) -> Result<Verdict, Error> {
    let bytes = read(file).map_err(|source| Error::File { path: file.to_owned(), source })?;
    let agenda = &wanted.agenda;
    let made = Made::of(agenda, file, wanted.until, now);
    let broken = |fault| Error::Calendar { path: file.to_owned(), fault };
    // A file that is broken is told before anything is asked.
    let window =
        made.window(None).ok_or_else(|| broken(Fault { line: 1, problem: "--until is over".to_owned() }))?;
    let said_at_first = said(&bytes, wanted, window).map_err(broken)?;
    let bearer =
        Bearer { role: Role::Organizer, subject: &wanted.organizer, organizer: Some(&wanted.organizer) };
    let token = Signer::load(access)?.token(&bearer, OWN_TTL_SECONDS, now)?;
    let client = Client::new(&access.client, access.ca.as_deref(), &token)?;
    let id = agenda.slot.clone().unwrap_or_else(|| SlotIds::of(&wanted.organizer).made_with(&made.key));
    let slot = find(&client, &id, agenda).await?;
    let found = match made.window(slot.as_ref()) {
        Some(same) if same == window => said_at_first,
        Some(other) => said(&bytes, wanted, other).map_err(broken)?,
        None => Said::default(),
    };
    for warning in &found.warnings {
        render::say(&format!("{}:{}: passed over: {}", file.display(), warning.line, warning.problem));
    }
    let slot = match slot {
        Some(slot) => slot,
        None if wanted.dry_run => made.slot(&id, &wanted.organizer, found.hours.as_ref()),
        None => send::make(&client, &made, found.hours.as_ref()).await?,
    };
    let booked =
        if wanted.dry_run && slot.seq == 0 { Vec::new() } else { booked(&client, &slot, agenda).await? };
    let plan = Plan::new((&slot, calendar_of(&slot)), found.hours, &found.taken, (&booked, agenda), now)?;
    carry_out(&client, &slot, &plan, wanted).await
}

/// Does what is to be done, or shows it.
async fn carry_out(client: &Client, slot: &Slot, plan: &Plan, wanted: &Import) -> Result<Verdict, Error> {
    for (taken, why) in &plan.refused {
        render::say(&format!("refused: {} to {}: {why}", taken.from(), taken.to()));
    }
    let changes = plan.changes();
    if wanted.dry_run {
        let rows = changes.iter().chain(&plan.bookings()).cloned().collect::<Vec<_>>().join("\n");
        render::data(&format!("{rows}\nwould {}; {}", plan.counts(), plan.passed_over()))?;
        return Ok(plan.verdict());
    }
    let what = format!("change {} of what is there already", changes.len());
    if !changes.is_empty() && !wanted.yes && !consent(&changes, &what)? {
        return Ok(Verdict::NotWell);
    }
    let Sent { changed, freed, booked, there, refused } = send::all(client, slot, plan).await?;
    for reason in &refused {
        render::say(&format!("refused: {reason}"));
    }
    let there = there + plan.kept;
    let failed = refused.len() + plan.refused.len();
    render::data(&format!(
        "{}: hours {}, booked {booked}, already there {there}, given back {freed}; {}; refused {failed}",
        slot.id,
        if changed { "changed" } else { "as they were" },
        plan.passed_over(),
    ))?;
    Ok(if failed == 0 { Verdict::Well } else { Verdict::NotWell })
}

/// What a file says of a window.
fn said(bytes: &[u8], wanted: &Import, window: Interval) -> Result<Said, Fault> {
    let asked = Asked { window, floating: wanted.timezone.clone() };
    let (busy, opening) = (Busy::read(bytes, &asked)?, Opening::read(bytes, &asked)?);
    let mut problems: Vec<_> = busy.problems.iter().chain(&opening.problems).collect();
    problems.sort_unstable();
    problems.dedup();
    // What cannot be read may be a time that is taken: nothing is booked, and nothing given back, by half a file.
    if let Some(first) = problems.first() {
        return Err((*first).clone());
    }
    Ok(Said { hours: opening.document, taken: busy.intervals, warnings: busy.warnings })
}

/// The calendar, if it is there.
async fn find(client: &Client, id: &str, agenda: &Agenda) -> Result<Option<Slot>, Error> {
    let body = match client.get(&format!("/v1/slots/{id}")).await {
        Ok(body) => body,
        Err(Error::Refused { problem, .. }) if problem.code == Code::NotFound && agenda.slot.is_none() => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let slot: Slot = client.read("slot", &body)?;
    match (&slot.inventory, slot.status) {
        (Inventory::Units(_) | Inventory::Seats(_), _) => Err(Error::NoCalendar(slot.id)),
        (Inventory::Calendar(_), Status::Cancelled | Status::Finished | Status::Faulted) => {
            Err(Error::CalendarOver(slot.id))
        }
        (Inventory::Calendar(_), _) => Ok(Some(slot)),
    }
}

fn calendar_of(slot: &Slot) -> &Calendar {
    let Inventory::Calendar(calendar) = &slot.inventory else {
        unreachable!("what is no calendar was turned away")
    };
    calendar
}

/// What was ever booked under the name of what is taken.
async fn booked(client: &Client, slot: &Slot, agenda: &Agenda) -> Result<Vec<Booking>, Error> {
    let is_own = |booking: &Booking| booking.customer == agenda.taken_by;
    client.list(&format!("/v1/slots/{}/bookings", slot.id), &[], is_own).await
}

//! `boxctl import --calendar`: opening hours and times that are taken become those of a calendar, which is made if it is not there.
//!
//! Hours are a `VAVAILABILITY`; where the file has none they stay as they are. What is taken (entries, `VFREEBUSY`) is booked, under a
//! name of its own ([`plan`]), so that a later run finds it: what is taken no more is given back, after being shown and asked. What
//! cannot be read costs itself alone, but then nothing is given back: it may be what is booked.

mod open;
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

use self::plan::{Made, Plan, Trust};
use self::send::Sent;
use crate::cli::{Access, Agenda, Import};
use crate::client::Client;
use crate::commands::{OWN_TTL_SECONDS, Verdict, consent, read};
use crate::error::Error;
use crate::key::{Bearer, Signer};
use crate::render;
use crate::slot_id::SlotIds;

/// What a file says.
#[derive(Default)]
struct Said {
    /// None, if it says nothing of it that can be relied on.
    hours: Option<Document>,
    taken: Vec<Interval>,
    /// What is odd about it.
    warnings: Vec<Fault>,
    /// What cannot be read: each costs itself alone.
    problems: Vec<Fault>,
    /// The first of them that may be when it is open.
    closed_by: Option<Fault>,
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
    let said_at_first = said(&bytes, wanted, (window, now)).map_err(broken)?;
    let bearer =
        Bearer { role: Role::Organizer, subject: &wanted.organizer, organizer: Some(&wanted.organizer) };
    let token = Signer::load(access)?.token(&bearer, OWN_TTL_SECONDS, now)?;
    let client = Client::new(&access.client, access.ca.as_deref(), &token)?;
    let id = agenda.slot.clone().unwrap_or_else(|| SlotIds::of(&wanted.organizer).made_with(&made.key));
    let slot = find(&client, &id, agenda).await?;
    let found = match made.window(slot.as_ref()) {
        Some(same) if same == window => said_at_first,
        Some(other) => said(&bytes, wanted, (other, now)).map_err(broken)?,
        None => Said::default(),
    };
    for warning in &found.warnings {
        render::say(&format!("{}:{}: passed over: {}", file.display(), warning.line, warning.problem));
    }
    for problem in &found.problems {
        render::say(&format!("{}:{}: refused: {}", file.display(), problem.line, problem.problem));
    }
    // Nobody is to be sold what may be closed.
    if let (None, Some(fault)) = (&slot, found.closed_by) {
        return Err(broken(fault));
    }
    let Said { hours, taken, problems, .. } = found;
    let trust = if problems.is_empty() { Trust::Whole } else { Trust::Part };
    let plan = |slot: &Slot, booked: &[Booking]| {
        Plan::new((slot, calendar_of(slot)), hours.clone(), &taken, (booked, agenda), (now, trust))
    };
    let (slot, plan) = if let Some(slot) = slot {
        let booked = booked(&client, &slot, agenda).await?;
        let plan = plan(&slot, &booked)?;
        (slot, plan)
    } else {
        // What cannot be filled is not made.
        let draft = made.slot(&id, &wanted.organizer, hours.as_ref());
        let drafted = plan(&draft, &[])?;
        if wanted.dry_run {
            (draft, drafted)
        } else {
            let slot = send::make(&client, &made, hours.as_ref()).await?;
            let plan = plan(&slot, &booked(&client, &slot, agenda).await?)?;
            (slot, plan)
        }
    };
    carry_out(&client, &slot, plan, (wanted, problems.len())).await
}

/// Does what is to be done, or shows it.
async fn carry_out(
    client: &Client,
    slot: &Slot,
    mut plan: Plan,
    (wanted, unread): (&Import, usize),
) -> Result<Verdict, Error> {
    let refused_at_first = plan.refused.len() + unread;
    let verdict = |refused| if refused == 0 { Verdict::Well } else { Verdict::NotWell };
    for (taken, why) in &plan.refused {
        render::say(&format!("refused: {} to {}: {why}", taken.from(), taken.to()));
    }
    let changes = plan.changes();
    if wanted.dry_run {
        let rows = changes.iter().chain(&plan.bookings()).cloned().collect::<Vec<_>>().join("\n");
        let refused = refused_at_first;
        render::data(&format!("{rows}\nwould {}; {}; refused {refused}", plan.counts(), plan.passed_over()))?;
        return Ok(verdict(refused));
    }
    let what = format!("change {} of what is there already", changes.len());
    if !changes.is_empty() && !wanted.yes && !consent(&changes, &what)? {
        return Ok(Verdict::NotWell);
    }
    let Sent { changed, freed, booked, there, soon, later, refused } = send::all(client, slot, &plan).await?;
    plan.pass_over(soon, later);
    for reason in &refused {
        render::say(&format!("refused: {reason}"));
    }
    let there = there + plan.kept;
    let failed = refused.len() + refused_at_first;
    render::data(&format!(
        "{}: hours {}, booked {booked}, already there {there}, given back {freed}; {}; refused {failed}",
        slot.id,
        if changed { "changed" } else { "as they were" },
        plan.passed_over(),
    ))?;
    Ok(verdict(failed))
}

/// What a file says: of all the time that there is the calendar when it is taken, and from now on when it is open.
fn said(bytes: &[u8], wanted: &Import, (window, now): (Interval, Timestamp)) -> Result<Said, Fault> {
    let asked = |window| Asked { window, floating: wanted.timezone.clone() };
    let ahead = Interval::new(plan::time(now).max(window.from()), window.to());
    let ahead = ahead.expect("a calendar that is over was turned away");
    let (busy, opening) = (Busy::read(bytes, &asked(window))?, Opening::read(bytes, &asked(ahead))?);
    let closed_by = opening.problems.first().cloned();
    let mut problems = [busy.problems, opening.problems].concat();
    problems.sort_unstable();
    problems.dedup();
    // Half of its hours are not when it is open.
    let hours = opening.document.filter(|_| closed_by.is_none());
    Ok(Said { hours, taken: busy.intervals, warnings: busy.warnings, problems, closed_by })
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

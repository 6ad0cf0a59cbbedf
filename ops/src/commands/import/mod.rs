//! `boxctl import`: a timetable becomes slots, which follow it from then on.
//!
//! What is to be done is decided from the file and the organizer's slots before anything is sent ([`plan`]); what touches a
//! slot that exists is shown and asked first. An entry's UID and original day make its idempotency key, so that a second
//! run finds what the first one made.

mod claims;
mod pair;
mod plan;
mod send;

use std::path::Path;

use api::slot::{Slot, Status};
use api::token::Role;
use calendar::{Reading, Timetable};
use jiff::Timestamp;

use crate::cli::{Access, Import};
use crate::client::Client;
use crate::commands::import::plan::{Plan, Step};
use crate::commands::{OWN_TTL_SECONDS, Verdict, consent, read};
use crate::error::Error;
use crate::key::{Bearer, Signer};
use crate::render;

/// Imports a timetable. Well if everything is as it says at the end.
pub(crate) async fn run(
    access: &Access,
    wanted: &Import,
    (file, capacity): (&Path, u32),
    now: Timestamp,
) -> Result<Verdict, Error> {
    let calendar = |fault| Error::Calendar { path: file.to_owned(), fault };
    let bytes = read(file).map_err(|source| Error::File { path: file.to_owned(), source })?;
    let reading =
        Reading { now, floating: wanted.timezone.clone(), starting: wanted.starting, until: wanted.until };
    let timetable = Timetable::read(&bytes, &reading).map_err(calendar)?;
    let organizer = wanted.organizer.as_str();
    let client = if wanted.dry_run {
        Client::anonymous(&access.client, access.ca.as_deref())?
    } else {
        let bearer = Bearer { role: Role::Organizer, subject: organizer, organizer: Some(organizer) };
        Client::new(
            &access.client,
            access.ca.as_deref(),
            &Signer::load(access)?.token(&bearer, OWN_TTL_SECONDS, now)?,
        )?
    };
    let slots = match slots(&client, organizer).await {
        Err(Error::NoAnswer { url, reason }) if wanted.dry_run => {
            render::say(&format!("no answer from {url} ({reason}): shown as if there were no slots yet"));
            Vec::new()
        }
        slots => slots?,
    };
    let mut plan = Plan::new(&timetable, &slots, organizer, capacity, now);
    plan.refused.extend(timetable.problems.iter().map(|fault| (fault.line, fault.problem.clone())));
    tell(file, &timetable, &plan, capacity);
    if wanted.dry_run {
        render::data(&screen(&plan))?;
        return Ok(verdict(&plan));
    }
    let (changes, what) = asked_of(&plan);
    if !changes.is_empty() && !wanted.yes && !consent(&changes, &what)? {
        return Ok(Verdict::NotWell);
    }
    let sent = send::all(&client, organizer, capacity, &plan.steps).await?;
    told(file, &sent.refused);
    plan.refused.extend(sent.refused);
    render::data(&format!(
        "made {}, already there {}, changed {}, cancelled {}; {}",
        sent.made,
        plan.kept + sent.already_there,
        sent.changed,
        sent.cancelled,
        passed_over(&plan)
    ))?;
    Ok(verdict(&plan))
}

/// The organizer's slots, but for those that are over.
async fn slots(client: &Client, organizer: &str) -> Result<Vec<Slot>, Error> {
    let is_over = |slot: &Slot| slot.status == Status::Finished;
    client.list("/v1/slots", &[("organizer", organizer)], |slot: &Slot| !is_over(slot)).await
}

/// Says what is odd about the file, line by line.
fn tell(file: &Path, timetable: &Timetable, plan: &Plan, capacity: u32) {
    for warning in &timetable.warnings {
        render::say(&format!("{}:{}: passed over: {}", file.display(), warning.line, warning.problem));
    }
    if timetable.is_utc_assumed {
        render::say("times that name no zone are taken as UTC; --timezone ZONE says otherwise");
    }
    let is_over = plan.steps.is_empty() && plan.refused.is_empty() && plan.kept + plan.later == 0;
    if plan.past > 0 && is_over {
        render::say("all of it is over; --starting DATE shifts a timetable to a day to come");
    }
    if plan.other_capacity > 0 {
        let count = plan.other_capacity;
        render::say(&format!("{count} slots that exist have another capacity than {capacity}; they keep it"));
    }
    told(file, &plan.refused);
}

fn told(file: &Path, refused: &[(usize, String)]) {
    let mut refused: Vec<_> = refused.iter().collect();
    refused.sort();
    for (line, reason) in refused {
        render::say(&format!("{}:{line}: refused: {reason}", file.display()));
    }
}

const fn verdict(plan: &Plan) -> Verdict {
    if plan.refused.is_empty() { Verdict::Well } else { Verdict::NotWell }
}

fn passed_over(plan: &Plan) -> String {
    let Plan { past, cancelled, later, refused, .. } = plan;
    format!(
        "passed over {} ({past} over, {cancelled} cancelled, {later} later); refused {}",
        past + cancelled + later,
        refused.len()
    )
}

/// What would become of slots that exist, in words, and the same row by row.
fn asked_of(plan: &Plan) -> (Vec<String>, String) {
    let [_, change, cancel] = counts(plan);
    (
        plan.changes().map(told_of).collect(),
        format!("change {change} and cancel {cancel} of the slots that exist"),
    )
}

/// How many slots are to be made, changed and cancelled.
fn counts(plan: &Plan) -> [usize; 3] {
    let mut counts = [0; 3];
    for step in &plan.steps {
        match step {
            Step::Make(_) => counts[0] += 1,
            Step::Change(..) => counts[1] += 1,
            Step::Cancel(..) => counts[2] += 1,
        }
    }
    counts
}

/// What becomes of a slot that exists, and how many have booked it.
fn told_of(step: &Step) -> String {
    let who = |slot: &Slot| {
        let counts = &slot.counts;
        let booked = counts.held + counts.offered + counts.confirmed;
        format!("{}, {booked} booked, {} waiting", slot.id, counts.waitlisted)
    };
    match step {
        Step::Make(wanted) => format!("make    {} at {}", wanted.title, wanted.starts_at),
        Step::Change(wanted, slot) => {
            let mut what = Vec::new();
            if slot.title != wanted.title {
                what.push(format!("called {}", wanted.title));
            }
            if slot.starts_at != wanted.starts_at {
                what.push(format!("at {}", wanted.starts_at));
            }
            if slot.ends_at != wanted.ends_at {
                what.push(format!("to {}", wanted.ends_at));
            }
            format!("change  {} at {}: now {} ({})", slot.title, slot.starts_at, what.join(", "), who(slot))
        }
        Step::Cancel(_, slot, why) => {
            format!("cancel  {} at {}: {why} ({})", slot.title, slot.starts_at, who(slot))
        }
    }
}

/// What would be done, in the order of the file.
fn screen(plan: &Plan) -> String {
    let row = |step: &Step| match step {
        Step::Make(wanted) => {
            ["make", &wanted.starts_at.to_string(), &wanted.ends_at.to_string(), &wanted.title]
                .map(str::to_owned)
        }
        Step::Change(wanted, _) => {
            ["change", &wanted.starts_at.to_string(), &wanted.ends_at.to_string(), &wanted.title]
                .map(str::to_owned)
        }
        Step::Cancel(_, slot, _) => {
            ["cancel", &slot.starts_at.to_string(), &slot.ends_at.to_string(), &slot.title].map(str::to_owned)
        }
    };
    let table = render::table(["WOULD", "STARTS", "ENDS", "TITLE"], plan.steps.iter().map(row).collect());
    let what: String = plan.changes().map(|step| told_of(step) + "\n").collect();
    let [make, change, cancel] = counts(plan);
    format!(
        "{table}\n{what}would make {make}, change {change}, cancel {cancel}; already there {}; {}",
        plan.kept,
        passed_over(plan)
    )
}

//! `boxctl import`: a timetable becomes slots, once.
//!
//! Nothing is sent before the whole file has been read and every entry could be sold. An entry's UID and original start
//! make its idempotency key, and the same file and options make the same bodies, so a second run finds what the first
//! one made.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use api::problem::{Code, Problem};
use api::slot::{CreateSlot, Inventory, Policy, Sale, Slot, Units};
use api::time::Time;
use api::token::Role;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{Timestamp, Zoned};
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;

use crate::calendar::{Entry, Fault, Identity, Timetable};
use crate::cli::{Access, Import};
use crate::client::Client;
use crate::commands::{OWN_TTL_SECONDS, Verdict};
use crate::error::Error;
use crate::key::{Bearer, Signer};
use crate::progress::Progress;
use crate::render;

/// Requests that wait for their answer at a time.
const IN_FLIGHT_MAX: usize = 8;
/// The largest file that is read, in bytes.
const FILE_LEN_MAX: u64 = 64 * 1024 * 1024;

/// A slot to make.
struct Wanted {
    /// The line of its entry.
    line: usize,
    /// Under which it is made once.
    key: String,
    body: CreateSlot,
}

/// What became of a slot to make.
enum Outcome {
    Made,
    AlreadyThere,
    Refused { line: usize, reason: String },
}

/// How the import went.
#[derive(Default)]
struct Tally {
    made: usize,
    already_there: usize,
    refused: Vec<(usize, String)>,
}

/// Imports a timetable. Well if every entry is there at the end.
pub(crate) async fn run(access: &Access, plan: &Import, now: Timestamp) -> Result<Verdict, Error> {
    let calendar = |fault| Error::Calendar { path: plan.file.clone(), fault };
    let bytes = read(&plan.file).map_err(|source| Error::File { path: plan.file.clone(), source })?;
    let mut timetable = Timetable::read(&bytes, &plan.timezone).map_err(calendar)?;
    if let Some(first) = plan.starting {
        timetable = timetable.starting(first).map_err(calendar)?;
    }
    timetable.entries.iter().try_for_each(|entry| check_future(entry, plan, now)).map_err(calendar)?;
    if plan.dry_run {
        render::data(&screen(&timetable))?;
        return Ok(Verdict::Well);
    }

    let organizer = plan.organizer.as_str();
    let bearer = Bearer { role: Role::Organizer, subject: organizer, organizer: Some(organizer) };
    let token = Signer::load(access)?.token(&bearer, OWN_TTL_SECONDS, now)?;
    let client = Client::new(&access.client, access.ca.as_deref(), &token)?;
    let wanted = timetable.entries.into_iter().map(|entry| wanted(entry, plan.capacity)).collect();
    let mut tally = send_all(&client, wanted).await?;

    tally.refused.sort();
    for (line, reason) in &tally.refused {
        render::say(&format!("{}:{line}: refused: {reason}", plan.file.display()));
    }
    let Tally { made, already_there, refused } = &tally;
    let (skipped, refused) = (timetable.cancelled, refused.len());
    render::data(&format!(
        "made {made}, already there {already_there}, skipped {skipped} (cancelled), refused {refused}"
    ))?;
    Ok(if refused == 0 { Verdict::Well } else { Verdict::NotWell })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_LEN_MAX + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= FILE_LEN_MAX) {
        Ok(bytes)
    } else {
        Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file has more than 64 MiB"))
    }
}

/// A slot begins in the future when it is made.
fn check_future(entry: &Entry, plan: &Import, now: Timestamp) -> Result<(), Fault> {
    let start = entry.start.timestamp();
    if start > now {
        return Ok(());
    }
    let advice = match plan.starting {
        None => "give --starting DATE to shift the timetable to a day to come",
        Some(_) => "give a later --starting",
    };
    Err(Fault { line: entry.line, problem: format!("the entry begins in the past ({start}); {advice}") })
}

fn wanted(entry: Entry, capacity: u32) -> Wanted {
    let body = CreateSlot {
        title: entry.title,
        starts_at: time(&entry.start),
        ends_at: time(&entry.end),
        inventory: Inventory { units: Units { capacity } },
        placement: None,
        sale: Sale::default(),
        policy: Policy::default(),
    };
    Wanted { line: entry.line, key: key(&entry.identity), body }
}

fn time(at: &Zoned) -> Time {
    Time::from_ms(u64::try_from(at.timestamp().as_millisecond()).expect("what is to come is after 1970"))
}

/// 47 visible ASCII characters. A line feed cannot be part of a UID, so no two identities run together.
fn key(identity: &Identity) -> String {
    let hash = Sha256::digest(format!("{}\n{}", identity.uid, identity.start));
    format!("ics-{}", URL_SAFE_NO_PAD.encode(hash))
}

/// Makes the slots, several at a time. The first fault that is not an entry's own ends it.
async fn send_all(client: &Client, wanted: Vec<Wanted>) -> Result<Tally, Error> {
    let total = wanted.len();
    let mut progress = Progress::new("asked for", total);
    let mut tally = Tally::default();
    let mut waiting = wanted.into_iter();
    let mut in_flight = JoinSet::new();
    loop {
        while in_flight.len() < IN_FLIGHT_MAX
            && let Some(next) = waiting.next()
        {
            let client = client.clone();
            in_flight.spawn(async move { send(&client, &next).await });
        }
        let Some(sent) = in_flight.join_next().await else { break };
        match sent.expect("sending neither panics nor is cancelled") {
            Ok(Outcome::Made) => tally.made += 1,
            Ok(Outcome::AlreadyThere) => tally.already_there += 1,
            Ok(Outcome::Refused { line, reason }) => tally.refused.push((line, reason)),
            Err(error) => {
                progress.finish();
                let there = tally.made + tally.already_there;
                render::say(&format!(
                    "{there} of {total} are known to be there; run it again, nothing is made twice"
                ));
                return Err(error);
            }
        }
        progress.step();
    }
    progress.finish();
    Ok(tally)
}

/// Makes one slot. What concerns it alone is a refusal; what would meet every other too is an error.
async fn send(client: &Client, wanted: &Wanted) -> Result<Outcome, Error> {
    let answer = client.post("/v1/slots", &wanted.key, &wanted.body).await?;
    match answer.status {
        StatusCode::CREATED => match serde_json::from_str::<Slot>(&answer.body) {
            Ok(_) if answer.replayed => Ok(Outcome::AlreadyThere),
            Ok(_) => Ok(Outcome::Made),
            Err(error) => Err(client.foreign(format!("its slot cannot be read: {error}"))),
        },
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            match serde_json::from_str::<Problem>(&answer.body) {
                Ok(problem) => {
                    let reason = format!("{}: {}", wanted.body.title, reason(&problem));
                    Ok(Outcome::Refused { line: wanted.line, reason })
                }
                Err(_no_problem) => Err(client.refusal(&answer)),
            }
        }
        _ => Err(client.refusal(&answer)),
    }
}

fn reason(problem: &Problem) -> String {
    if problem.code == Code::IdempotencyKeyReused {
        return "it exists with other details (another capacity, day, title or end)".to_owned();
    }
    let faults = problem.errors.iter().map(|fault| format!("; {} {}", fault.pointer, fault.detail));
    format!("{} ({}){}", problem.detail, problem.code.as_str(), faults.collect::<String>())
}

/// What would be made, in the order of the file.
fn screen(timetable: &Timetable) -> String {
    let rows = timetable
        .entries
        .iter()
        .map(|entry| [time(&entry.start).to_string(), time(&entry.end).to_string(), entry.title.clone()]);
    let table = render::table(["STARTS", "ENDS", "TITLE"], rows.collect());
    format!("{table}\nwould make {}, skip {} (cancelled)", timetable.entries.len(), timetable.cancelled)
}

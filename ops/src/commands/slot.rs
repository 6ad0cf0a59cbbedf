//! `boxctl slot`: one slot from the inside, and another try for one whose rules broke.

use api::admin::{Health, Inspection};
use jiff::Timestamp;
use serde_json::json;

use crate::cli::{Access, Slot};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Shows the slot, after it was tried again if that was asked for. Well if its rules work.
pub(crate) async fn run(access: &Access, form: &Slot, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let (wanted, body) = match form {
        Slot::Inspect(wanted) => (wanted, client.get(&path(&wanted.slot)).await?),
        Slot::Retry(wanted) => {
            let path = format!("{}/retry", path(&wanted.slot));
            let answer = client.post(&path, &format!("retry-{}", now.as_millisecond()), &json!({})).await?;
            if !answer.status.is_success() {
                return Err(client.refusal(&answer));
            }
            (wanted, answer.body)
        }
    };
    let seen: Inspection = client.read("answer", &body)?;
    render::data(&if wanted.json { body } else { screen(&seen) })?;
    Ok(match seen.health {
        Health::Sound => Verdict::Well,
        Health::Faulted => Verdict::NotWell,
    })
}

fn path(slot: &str) -> String {
    format!("/admin/v1/slots/{slot}")
}

/// A row a figure, and what to do where something is to be done.
fn screen(seen: &Inspection) -> String {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    let health = match seen.health {
        Health::Sound => "sound",
        Health::Faulted => "faulted",
    };
    let deadline = seen.deadline_ms.and_then(|ms| Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok());
    let rows = [
        ("health", health.to_owned()),
        ("partition, group", format!("{}, {}", seen.partition, seen.group)),
        ("leader", or_none(seen.leader.map(|node| node.to_string()))),
        ("seq", seen.seq.to_string()),
        ("applied up to", seen.index.to_string()),
        ("next deadline", or_none(deadline.map(|at| at.to_string()))),
        ("bookings ever", seen.bookings.to_string()),
        ("answers remembered", seen.receipts.to_string()),
        ("digest", or_none(seen.digest.clone())),
    ];
    let rows = rows.into_iter().map(|(name, value)| [name.to_owned(), value]).collect();
    let table = render::table([seen.slot.as_str(), ""], rows);
    let Some(broke_at) = seen.broke_at else { return table };
    format!(
        "{table}\n! the rules broke at entry {broke_at}; {} steps wait since the slot was last saved.\n! The logs say why \
         (\"the rules broke\"). Start every node with a mended build, then: boxctl slot retry {}",
        seen.pending, seen.slot
    )
}

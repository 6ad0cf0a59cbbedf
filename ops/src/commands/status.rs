//! `boxctl status`: the node on one screen, what is wrong last.

use api::admin;
use jiff::Timestamp;

use crate::cli::{Access, Status};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Shows the node's status. Well if the node says that it is healthy.
pub(crate) async fn run(access: &Access, form: Status, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let body = client.get("/admin/v1/status").await?;
    let status: admin::Status = client.read("status", &body)?;
    let shown = if form.json { body } else { screen(&status) };
    render::data(&shown)?;
    Ok(if status.healthy { Verdict::Well } else { Verdict::NotWell })
}

/// One row of figures, then one for each node, then what is wrong and what to do about it.
fn screen(status: &admin::Status) -> String {
    let state = match (status.healthy, status.draining) {
        (true, false) => "well",
        (true, true) => "draining",
        (false, _) => "not well",
    };
    let table = render::table(
        ["NODE", "VERSION", "STATE", "UPTIME", "GROUPS", "LEADING", "SLOTS", "AWAKE", "IN FLIGHT", "LEVEL"],
        vec![[
            status.node.to_string(),
            status.version.clone(),
            state.to_owned(),
            render::span(status.uptime_ms),
            status.groups.to_string(),
            status.leading.to_string(),
            status.slots.to_string(),
            status.awake.to_string(),
            status.in_flight.to_string(),
            status.level.to_string(),
        ]],
    );
    let members = (1 < status.members.len()).then(|| members(&status.members));
    let hints = status.hints.iter().map(String::as_str).chain(std::iter::repeat(""));
    let problems = status.problems.iter().zip(hints).map(|(problem, hint)| {
        if hint.is_empty() { format!("! {problem}") } else { format!("! {problem}\n  {hint}") }
    });
    let notes = status.notes.iter().map(|note| format!("- {note}"));
    [table].into_iter().chain(members).chain(problems).chain(notes).collect::<Vec<_>>().join("\n")
}

/// A row a node.
fn members(members: &[admin::Member]) -> String {
    let or_unknown = |figure: Option<String>| figure.unwrap_or_else(|| "?".to_owned());
    let row = |member: &admin::Member| {
        [
            member.node.to_string(),
            member.address.clone(),
            member
                .silent_ms
                .map_or_else(|| "yes".to_owned(), |ms| format!("silent for {}", render::span(ms))),
            if member.votes { "yes" } else { "not yet" }.to_owned(),
            or_unknown(member.leading.map(|groups| groups.to_string())),
            or_unknown(member.behind.map(|entries| entries.to_string())),
            or_unknown(member.clock_ahead_ms.map(|ms| format!("{ms} ms"))),
            format!("up to {}", member.level),
        ]
    };
    render::table(
        ["NODE", "PEERS REACH IT AT", "ANSWERS", "VOTES", "LEADING", "BEHIND", "CLOCK AHEAD", "LEVELS"],
        members.iter().map(row).collect(),
    )
}

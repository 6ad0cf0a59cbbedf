//! `boxctl groups`: every Raft group of the node, a row each.

use api::admin::{Group, Role};
use jiff::Timestamp;

use crate::cli::{Access, Groups};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Shows the node's groups. Well if each has a leader and none has stopped.
pub(crate) async fn run(access: &Access, form: Groups, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let path = if form.digest { "/admin/v1/groups?digest=now" } else { "/admin/v1/groups" };
    let body = client.get(path).await?;
    let groups: api::admin::Groups = client.read("groups", &body)?;
    let shown = if form.json { body } else { screen(&groups.items) };
    render::data(&shown)?;
    let well = !groups.items.is_empty() && groups.items.iter().all(|group| trouble(group).is_none());
    Ok(if well { Verdict::Well } else { Verdict::NotWell })
}

/// What a person must look at, if anything.
fn trouble(group: &Group) -> Option<&'static str> {
    match (group.role, group.leader) {
        (Role::Stopped, _) => Some("has stopped: see the node's log"),
        (_, None) => Some("has no leader: nothing of it can be booked"),
        _ => None,
    }
}

/// A row a group, then a line for each trouble.
fn screen(groups: &[Group]) -> String {
    let rows = groups.iter().map(row).collect();
    let table = render::table(
        [
            "GROUP",
            "ROLE",
            "LEADER",
            "TERM",
            "LAST",
            "COMMITTED",
            "APPLIED",
            "SAVED",
            "SLOTS",
            "AWAKE",
            "DIGEST",
        ],
        rows,
    );
    let troubles =
        groups.iter().filter_map(|group| Some(format!("! group {} {}", group.group, trouble(group)?)));
    [table].into_iter().chain(troubles).collect::<Vec<_>>().join("\n")
}

fn row(group: &Group) -> [String; 11] {
    let role = match group.role {
        Role::Leader => "leader",
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Learner => "learner",
        Role::Stopped => "stopped",
    };
    let digest = match (&group.digest, group.digest_index) {
        (Some(digest), Some(index)) => format!("{digest}@{index}"),
        (Some(digest), None) => digest.clone(),
        (None, _) => "-".to_owned(),
    };
    [
        group.group.to_string(),
        role.to_owned(),
        group.leader.map_or_else(|| "-".to_owned(), |leader| leader.to_string()),
        group.term.to_string(),
        group.last.to_string(),
        group.committed.to_string(),
        group.applied.to_string(),
        group.checkpointed.to_string(),
        group.slots.to_string(),
        group.awake.to_string(),
        digest,
    ]
}

//! `boxctl leader`: leaders move from node to node while they sell. Each move says who is believed to lead, and in which term: where that
//! is not so any more, nothing happens, and it is looked again.

use api::admin::{Groups, LeaderMove, LeaderMoved, Leaders, MoveLeader};
use api::problem::{Code, Problem};
use jiff::Timestamp;

use crate::cli::{self, Access, Leader};
use crate::client::Client;
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// How often it is looked again what is to move, where something else has moved meanwhile.
const LOOKS_MAX: usize = 10;

/// Moves one leader, or as many as it takes.
pub(crate) async fn run(access: &Access, form: Leader, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    match form {
        Leader::Move(form) => move_one(&client, form, now).await,
        Leader::Balance(form) => balance(&client, form, now).await,
    }
}

async fn move_one(client: &Client, form: cli::MoveLeader, now: Timestamp) -> Result<Verdict, Error> {
    let cli::MoveLeader { group, node, dry_run } = form;
    let groups: Groups = client.read("answer", &client.get("/admin/v1/groups").await?)?;
    let Some(found) = groups.items.iter().find(|item| item.group == group) else {
        render::say(&format!("there is no group {group}: boxctl groups shows those that there are"));
        return Ok(Verdict::NotWell);
    };
    let Some(leader) = found.leader else {
        render::say(&format!("group {group} has no leader now: look at boxctl status"));
        return Ok(Verdict::NotWell);
    };
    if leader == node {
        render::data(&format!("node {node} leads group {group} already"))?;
        return Ok(Verdict::Well);
    }
    let step = LeaderMove { group, from: leader, to: node, term: found.term };
    if dry_run {
        render::data(&table(&[step]))?;
        return Ok(Verdict::Well);
    }
    match ask(client, step, now).await? {
        Ok(moved) => {
            render::data(&told(step, moved))?;
            Ok(Verdict::Well)
        }
        Err(otherwise) => {
            render::say(&otherwise);
            Ok(Verdict::NotWell)
        }
    }
}

async fn balance(client: &Client, form: cli::BalanceLeaders, now: Timestamp) -> Result<Verdict, Error> {
    for _ in 0..LOOKS_MAX {
        let body = client.get("/admin/v1/leaders").await?;
        let leaders: Leaders = client.read("answer", &body)?;
        if form.dry_run {
            render::data(&if form.json { body } else { screen(&leaders) })?;
            return Ok(Verdict::Well);
        }
        if leaders.moves.is_empty() {
            render::data(&screen(&leaders))?;
            return Ok(Verdict::Well);
        }
        for step in leaders.moves {
            // Where it is otherwise, the next look knows.
            render::say(&ask(client, step, now).await?.map_or_else(|why| why, |moved| told(step, moved)));
        }
    }
    render::say("leaders move meanwhile: look at boxctl status, and go on with: boxctl leader balance");
    Ok(Verdict::NotWell)
}

/// What became of a move; how things are instead, where the group is not led as it was.
async fn ask(
    client: &Client,
    step: LeaderMove,
    now: Timestamp,
) -> Result<Result<LeaderMoved, String>, Error> {
    let LeaderMove { group, from: expected_leader, to: node, term: expected_term } = step;
    let body = MoveLeader { node, expected_leader, expected_term };
    let key = format!("leader-{group}-{expected_term}-{node}-{}", now.as_millisecond());
    let answer = client.post(&format!("/admin/v1/groups/{group}/leader"), &key, &body).await?;
    if answer.status.is_success() {
        return client.read("answer", &answer.body).map(Ok);
    }
    match serde_json::from_str::<Problem>(&answer.body) {
        Ok(problem) if problem.code == Code::MovedOn => Ok(Err(problem.detail)),
        Ok(_) | Err(_) => Err(client.refusal(&answer)),
    }
}

fn told(step: LeaderMove, moved: LeaderMoved) -> String {
    let LeaderMove { group, from, to, .. } = step;
    format!(
        "group {group}: node {to} leads in place of node {from}, after {} ms without a leader",
        moved.unanswered_ms
    )
}

/// How many groups each node leads, and what would move.
fn screen(leaders: &Leaders) -> String {
    let rows = leaders
        .nodes
        .iter()
        .map(|of| [of.node, of.leads.into(), of.would_lead.into()].map(|n| n.to_string()));
    let nodes = render::table(["NODE", "LEADS", "WOULD LEAD"], rows.collect());
    if leaders.moves.is_empty() {
        return format!("{nodes}\n- leaders are spread evenly");
    }
    format!("{nodes}\n{}", table(&leaders.moves))
}

/// A row a move.
fn table(moves: &[LeaderMove]) -> String {
    let row =
        |step: &LeaderMove| [step.group.into(), step.from, step.to, step.term].map(|n: u64| n.to_string());
    render::table(["GROUP", "FROM", "TO", "IN TERM"], moves.iter().map(row).collect())
}

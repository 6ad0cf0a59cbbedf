//! Who leads which group: shown, and moved where an operator says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::admin::{LeaderMove, LeaderMoved, Leaders, Leading, MoveLeader};
use api::problem::Code;
use axum::extract::State;
use axum::response::Response;
use cluster::HandOver;
use hyper::StatusCode;

use super::admin::{find_number, refusal};
use crate::http::app::App;
use crate::http::request::call::{Call, Name};
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;

/// How many groups each node leads, and what would have to move so that all lead as many.
pub(crate) async fn read(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    call.all((App::operator(&call),))?;
    let cluster = app.router.shards().cluster();
    let moves = cluster.leader_moves();
    // Signed: a node leads fewer for a while than are to go, where something moves meanwhile.
    let mut counts: BTreeMap<u64, (i64, i64)> =
        cluster.members().nodes.into_keys().map(|node| (node, (0, 0))).collect();
    for leader in app.router.shards().groups().iter().filter_map(|group| group.status().leader) {
        let (leads, would) = counts.entry(leader).or_default();
        (*leads, *would) = (*leads + 1, *would + 1);
    }
    for step in &moves {
        counts.entry(step.from).or_default().1 -= 1;
        counts.entry(step.to).or_default().1 += 1;
    }
    let count = |count: i64| u32::try_from(count).unwrap_or(0);
    let leading = |(node, (leads, would))| Leading { node, leads: count(leads), would_lead: count(would) };
    let shown = |step: cluster::placement::LeaderMove| LeaderMove {
        group: step.group.0,
        from: step.from,
        to: step.to,
        term: step.term,
    };
    let nodes = counts.into_iter().map(leading).collect();
    Ok(answer::json(StatusCode::OK, &Leaders { nodes, moves: moves.into_iter().map(shown).collect() }))
}

/// Lets another node lead a group, if it is led as whoever asks believes.
pub(crate) async fn hand_over(
    State(app): State<Arc<App>>,
    Name(group): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let found = find_number(&app, &group);
    let (caller, body) = (App::operator(&call), call.json::<MoveLeader>());
    let (_caller, group, wanted) = call.all((caller, found, body))?;
    let MoveLeader { node: to, expected_leader: leader, expected_term: term } = wanted;
    let moved = app.router.shards().cluster().hand_over(HandOver { group, to, leader, term }).await;
    let cluster::HandedOver { term, unanswered } =
        moved.map_err(|error| refusal(error, Code::NotPossible))?;
    let unanswered_ms = u64::try_from(unanswered.as_millis()).unwrap_or(u64::MAX);
    Ok(answer::json(StatusCode::OK, &LeaderMoved { group: group.0, leader: to, term, unanswered_ms }))
}

//! What operators and their machines ask.

use std::sync::Arc;

use api::admin::{Checkpoint, Group, Groups, Member, Removed, Role, Status};
use api::problem::Code;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use booking::SlotId;
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};
use storage::{Room, Space};

use crate::http::app::App;
use crate::http::request::call::{Call, Name, number};
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;
use crate::machine::ShardMachine;
use crate::metrics as figures;

/// The process lives.
pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// The node has found back to where it stood.
pub(crate) async fn started(State(app): State<Arc<App>>) -> Response {
    if app.stage.is_ready() { "started\n".into_response() } else { not_yet("starting\n") }
}

/// The node takes requests.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    if !app.stage.is_ready() {
        return not_yet("starting\n");
    }
    if app.stage.is_draining() {
        return not_yet("draining\n");
    }
    let stopped =
        app.router.shards().groups().iter().any(|group| group.status().role == cluster::Role::Stopped);
    if stopped { not_yet("a group has stopped\n") } else { "ready\n".into_response() }
}

fn not_yet(why: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}

/// Everything that is counted, for Prometheus.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    figures::observe(&app.router, (app.store_stats)());
    let mut response = app.metrics.render().into_response();
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// The node on one screen.
pub(crate) async fn status(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    call.all((App::operator(&call),))?;
    let groups = app.router.shards().groups();
    let mut problems = Vec::new();
    if !app.stage.is_ready() {
        problems.push("the node is starting".to_owned());
    }
    problems.extend(shortage(app.router.disk()));
    let (mut slots, mut awake, mut leading) = (0, 0, 0);
    for group in groups {
        let status = group.status();
        leading += u32::from(status.role == cluster::Role::Leader);
        if status.role == cluster::Role::Stopped {
            problems.push(format!("group {} has stopped", group.id()));
        } else if status.leader.is_none() {
            problems.push(format!("group {} has no leader", group.id()));
        }
        let (all, up) = group.machine().0.registry().count();
        slots += all as u64;
        awake += up as u64;
        problems.extend(group.machine().0.registry().faulted().into_iter().map(|entity| {
            let name = crate::ids::entity_text(entity);
            let kind = SlotId::of(entity).map_or("", |_slot| "slot ");
            format!("{kind}{name} is faulted: boxctl slot inspect {name}")
        }));
    }
    let misplaced = app.router.shards().cluster().misplaced();
    problems.extend(
        misplaced
            .into_iter()
            .map(|(node, why)| format!("node {node} is not at its address, but another: {why}")),
    );
    problems.extend(app.router.shards().cluster().mismatches().into_iter().map(|mismatch| {
        let cluster::Mismatch { group, index, peer, .. } = mismatch;
        format!("group {group} differs from that of node {peer} at index {index} (RG-5): see docs/runbook.md")
    }));
    let uptime = app.clock.monotonic();
    let status = Status {
        healthy: problems.is_empty(),
        problems,
        node: app.node,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_ms: u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX),
        draining: app.stage.is_draining(),
        groups: u32::try_from(groups.len()).unwrap_or(u32::MAX),
        leading,
        slots,
        awake,
        in_flight: app.router.in_flight() as u64,
        level: app.router.shards().cluster().level().0,
        members: members(&app),
    };
    Ok(answer::json(StatusCode::OK, &status))
}

/// What is wrong with the disk, if it is nearly full.
fn shortage((room, space): (Room, Space)) -> Option<String> {
    let refused = match room {
        Room::Ample => return None,
        Room::Scarce => "nothing new is taken",
        Room::Spent => "only reads go on",
    };
    let mebibytes = |bytes: u64| bytes >> 20;
    let (free, wanted) = (mebibytes(space.free), mebibytes(space.wanted()));
    Some(format!("the disk is nearly full, {free} MiB are free: {refused} until {wanted} MiB are"))
}

/// The cluster's nodes, and whether each votes everywhere.
fn members(app: &App) -> Vec<Member> {
    let groups: Vec<_> = app.router.shards().groups().iter().map(|group| group.members()).collect();
    let votes = |node: &u64| groups.iter().all(|members| members.voters.contains(node));
    let nodes = app.router.shards().cluster().members().nodes;
    let member = |(node, cluster::Peer { address, level })| {
        let votes = votes(&node);
        Member { node, address, votes, level: level.0 }
    };
    nodes.into_iter().map(member).collect()
}

/// Every group, with its digest where it is asked for.
pub(crate) async fn groups(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let digest = match call.query("digest").as_deref() {
        None => Ok(false),
        Some("now") => Ok(true),
        Some(_) => Err(ProblemResponse::parameter("digest", "must be now, or left out")),
    };
    let (_caller, with_digest) = call.all((caller, digest))?;
    let mut items = Vec::new();
    for group in app.router.shards().groups() {
        items.push(shown(group, with_digest).await);
    }
    Ok(answer::json(StatusCode::OK, &Groups { items }))
}

async fn shown(group: &cluster::Group<ShardMachine>, with_digest: bool) -> Group {
    let book = &group.machine().0;
    let (digest, digest_index) = if with_digest {
        let (digest, index) = book.digest().await;
        (
            digest.map(|digest| format!("{digest:016x}")),
            Some(index.map_or_else(|| group.status().applied.0, |index| index.0)),
        )
    } else {
        (None, None)
    };
    let status = group.status();
    let (slots, awake) = book.registry().count();
    Group {
        group: group.id().0,
        role: match status.role {
            cluster::Role::Leader => Role::Leader,
            cluster::Role::Follower => Role::Follower,
            cluster::Role::Candidate => Role::Candidate,
            cluster::Role::Learner => Role::Learner,
            cluster::Role::Stopped => Role::Stopped,
        },
        leader: status.leader,
        term: status.term,
        last: status.last.0,
        committed: status.committed.0,
        applied: status.applied.0,
        checkpointed: status.checkpointed.0,
        digest,
        digest_index,
        slots: slots as u64,
        awake: awake as u64,
        level: status.level.0,
    }
}

/// Removes a node whose data is gone, or that is not to come back, from every group.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Name(node): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let nobody = || ProblemResponse::new(Code::NotFound, "there is no node with this number");
    let members = app.router.shards().cluster().members();
    let found = number::<u64>(&node).filter(|node| members.nodes.contains_key(node)).ok_or_else(nobody);
    let body = call.no_body();
    let (_caller, node, ()) = call.all((caller, found, body))?;
    app.router
        .shards()
        .cluster()
        .remove(node)
        .await
        .map_err(|why| ProblemResponse::new(Code::NoLeader, why))?;
    Ok(answer::json(StatusCode::OK, &Removed { node }))
}

/// Saves what a group has changed, now.
pub(crate) async fn checkpoint(
    State(app): State<Arc<App>>,
    Name(group): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let found = number::<usize>(&group)
        .and_then(|number| app.router.shards().groups().get(number))
        .ok_or_else(|| ProblemResponse::new(Code::NotFound, "there is no group with this number"));
    let body = call.no_body();
    let (_caller, group, ()) = call.all((caller, found, body))?;
    let checkpointed = group.checkpoint().await.map_err(|error| {
        tracing::error!(group = %group.id(), %error, "a checkpoint failed");
        ProblemResponse::new(Code::NoLeader, "the group has stopped")
    })?;
    Ok(answer::json(StatusCode::OK, &Checkpoint { group: group.id().0, checkpointed: checkpointed.0 }))
}

//! What operators and their machines ask.

use std::sync::Arc;

use api::admin::{Checkpoint, Group, Groups, Removed, Role};
use api::problem::Code;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cluster::OperatorError;
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};
use storage::GroupId;

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
    if app.stage.is_leaving() {
        return not_yet("draining\n");
    }
    let cluster = app.router.shards().cluster();
    let is_stopped =
        |group: &Arc<cluster::Group<ShardMachine>>| group.status().role == cluster::Role::Stopped;
    if cluster.groups().iter().any(is_stopped) {
        return not_yet("a group has stopped\n");
    }
    if cluster.leaderless().is_empty() {
        "ready\n".into_response()
    } else {
        not_yet("a group has no leader\n")
    }
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
        items.push(shown(&group, with_digest).await);
    }
    Ok(answer::json(StatusCode::OK, &Groups { items }))
}

async fn shown(group: &cluster::Group<ShardMachine>, with_digest: bool) -> Group {
    let shard = &group.machine().0;
    let (digest, digest_index) = if with_digest {
        // Before anything was handed, the slots stand where the node found them.
        let found = group.status().applied;
        let (digest, index) = shard.digest(found).await;
        (digest.map(|digest| format!("{digest:016x}")), Some(index.0))
    } else {
        (None, None)
    };
    let status = group.status();
    let (slots, awake) = shard.registry().count();
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
    let nobody = || ProblemResponse::new(Code::NotFound, "there was never a node with this number");
    let cluster = app.router.shards().cluster();
    let found = number::<u64>(&node).filter(|node| cluster.knows_number(*node)).ok_or_else(nobody);
    let body = call.no_body();
    let (_caller, node, ()) = call.all((caller, found, body))?;
    cluster.remove(node).await.map_err(|error| refusal(error, Code::NoQuorum))?;
    let groups_left = u32::try_from(cluster.groups_with(node)).unwrap_or(u32::MAX);
    Ok(answer::json(StatusCode::OK, &Removed { node, groups_left }))
}

/// Why an operator does not get what they asked for; `never` says so where it cannot be, as things are.
pub(super) fn refusal(error: OperatorError, never: Code) -> ProblemResponse {
    match error {
        OperatorError::Changed(why) => ProblemResponse::new(Code::MovedOn, why),
        OperatorError::Never(why) => ProblemResponse::new(never, why),
        OperatorError::Later(why) => ProblemResponse::new(Code::NoLeader, why),
    }
}

/// The number of the group that a path names.
pub(super) fn find_number(app: &App, group: &str) -> Result<GroupId, ProblemResponse> {
    let found = number(group).map(GroupId).filter(|group| app.router.shards().cluster().has(*group));
    found.ok_or_else(|| ProblemResponse::new(Code::NotFound, "there is no group with this number"))
}

/// The group that a path names, of which this node must have a replica.
pub(super) fn find_group(
    app: &App,
    group: &str,
) -> Result<Arc<cluster::Group<ShardMachine>>, ProblemResponse> {
    let elsewhere = || {
        let why = "this node has no replica of this group: ask one that has (boxctl placement)";
        ProblemResponse::new(Code::NotFound, why)
    };
    let number = find_number(app, group)?;
    app.router.shards().cluster().group(number).ok_or_else(elsewhere)
}

/// Saves what a group has changed, now.
pub(crate) async fn checkpoint(
    State(app): State<Arc<App>>,
    Name(group): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let found = find_group(&app, &group);
    let body = call.no_body();
    let (_caller, group, ()) = call.all((caller, found, body))?;
    let checkpointed = group.checkpoint().await.map_err(|error| {
        tracing::error!(group = %group.id(), %error, "a checkpoint failed");
        ProblemResponse::new(Code::NoLeader, "the group has stopped")
    })?;
    Ok(answer::json(StatusCode::OK, &Checkpoint { group: group.id().0, checkpointed: checkpointed.0 }))
}

//! Lists over all groups, of which some are elsewhere: each group is asked once, here or at a node that has a replica, so that a page
//! is complete or refused.

use api::list::List;
use api::problem::Problem;
use hyper::StatusCode;
use serde::de::DeserializeOwned;
use storage::GroupId;

use crate::http::app::App;
use crate::http::passing::told;
use crate::http::request::call::{Call, number};
use crate::http::response::problem::ProblemResponse;
use crate::router::{Passed, Unrouted};

/// Of which group a page is wanted, where another node asks.
const GROUP: &str = "group";

/// Whether a list has to ask other nodes.
pub(super) fn is_asked(app: &App) -> bool {
    app.router.shards().cluster().lacks_any()
}

/// Every group, and whether this node has a replica of it.
pub(super) fn groups(app: &App) -> impl Iterator<Item = (GroupId, bool)> {
    let cluster = app.router.shards().cluster();
    let count = u32::try_from(cluster.count()).unwrap_or(u32::MAX);
    (0..count).map(GroupId).map(|group| (group, cluster.group(group).is_some()))
}

/// The group of which another node wants a page.
pub(super) fn group(call: &Call) -> Result<GroupId, ProblemResponse> {
    let group = call.query(GROUP).and_then(|text| number(&text)).map(GroupId);
    group.ok_or_else(|| ProblemResponse::parameter(GROUP, "must be the number of a group"))
}

/// The page of a list that a group has, as whoever has called is told it by a node that has a replica of the group.
pub(super) async fn page<T: DeserializeOwned>(
    app: &App,
    call: &Call,
    (path, query): (&str, &str),
    group: GroupId,
) -> Result<List<T>, ProblemResponse> {
    let and = if query.is_empty() { "" } else { "&" };
    let target = format!("{path}?{query}{and}{GROUP}={}", group.0);
    let request = Passed::get(target, told(&call.head.headers));
    let (_node, answer) = app.within(call, app.router.pass_on(group, &request, true)).await?;
    if answer.status == StatusCode::OK.as_u16() {
        return Ok(serde_json::from_slice(&answer.body).map_err(|_unreadable| Unrouted::NoLeader)?);
    }
    let problem = serde_json::from_slice::<Problem>(&answer.body);
    Err(problem.map_or_else(|_unreadable| Unrouted::NoLeader.into(), ProblemResponse::from))
}

//! Where replicas are, and where they should be; and nodes that are emptied of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::admin::{Drained, PlacedGroup, PlacedNode, Placement, PlacementRecord, PlacementStep, Standing};
use api::problem::Code;
use axum::extract::State;
use axum::response::Response;
use cluster::NodeId;
use cluster::placement::{self, World};
use hyper::StatusCode;
use storage::GroupId;

use super::admin::refusal;
use crate::http::app::App;
use crate::http::request::call::{Call, Name, number};
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;

/// How many replicas a group may be planned to have.
const REPLICAS: [usize; 2] = [3, 5];

/// Where the replicas of every group are, where they should be, and the steps from one to the other.
pub(crate) async fn read(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let cluster = app.router.shards().cluster();
    let replicas = match call.query("replicas").as_deref() {
        None => Ok(cluster.replicas()),
        Some(text) => number(text)
            .filter(|replicas| REPLICAS.contains(replicas))
            .ok_or_else(|| ProblemResponse::parameter("replicas", "must be 3 or 5, or left out")),
    };
    let without = match call.query("without").as_deref() {
        None => Ok(BTreeSet::new()),
        Some(text) => text.split(',').map(number).collect::<Option<BTreeSet<NodeId>>>().ok_or_else(|| {
            ProblemResponse::parameter("without", "must be numbers of nodes, such as 4 or 4,7")
        }),
    };
    let (_caller, replicas, mut without) = call.all((caller, replicas, without))?;
    let record = cluster.placement();
    without.extend(record.iter().flat_map(|record| record.draining.iter().copied()));
    let world = cluster.world(replicas, &without);
    Ok(answer::json(StatusCode::OK, &shown(&world, &placement::plan(&world), record.as_deref())))
}

/// Has a node be emptied of replicas: how many it has left. Asked again it says how far that is.
pub(crate) async fn drain(
    State(app): State<Arc<App>>,
    node: Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    set_draining(&app, node, &call, true).await
}

/// Has a node take replicas again.
pub(crate) async fn undrain(
    State(app): State<Arc<App>>,
    node: Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    set_draining(&app, node, &call, false).await
}

async fn set_draining(
    app: &App,
    Name(node): Name,
    call: &Call,
    draining: bool,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(call);
    let nobody = || ProblemResponse::new(Code::NotFound, "there was never a node with this number");
    let cluster = app.router.shards().cluster();
    let found = number::<u64>(&node).filter(|node| cluster.knows_number(*node)).ok_or_else(nobody);
    let body = call.no_body();
    let (_caller, node, ()) = call.all((caller, found, body))?;
    cluster.drain(node, draining).await.map_err(|error| refusal(error, Code::NotPossible))?;
    let replicas_left = u32::try_from(cluster.replicas_on(node).await).unwrap_or(u32::MAX);
    Ok(answer::json(StatusCode::OK, &Drained { node, draining, replicas_left }))
}

fn shown(world: &World, plan: &[BTreeSet<NodeId>], record: Option<&placement::Placement>) -> Placement {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let having = |groups: &[BTreeSet<NodeId>], node: NodeId| {
        count(groups.iter().filter(|group| group.contains(&node)).count())
    };
    let node = |(node, site): (&NodeId, &placement::Site)| PlacedNode {
        node: *node,
        zone: site.zone.clone(),
        standing: match site.standing {
            placement::Standing::Takes => Standing::Takes,
            placement::Standing::Silent => Standing::Silent,
            placement::Standing::Drains => Standing::Drains,
        },
        replicas: having(&world.groups, *node),
        planned: having(plan, *node),
    };
    let group = |(group, (have, planned)): (u32, (&BTreeSet<NodeId>, &BTreeSet<NodeId>))| PlacedGroup {
        group,
        nodes: have.iter().copied().collect(),
        planned: planned.iter().copied().collect(),
        placed: record
            .and_then(|record| record.of(GroupId(group)))
            .map(|named| named.iter().copied().collect()),
    };
    let steps = placement::steps(&world.groups, plan).into_iter();
    Placement {
        replicas: count(world.replicas),
        nodes: world.nodes.iter().map(node).collect(),
        groups: (0..).zip(world.groups.iter().zip(plan)).map(group).collect(),
        steps: steps
            .map(|placement::Step { group, adds, drops }| PlacementStep { group: group.0, adds, drops })
            .collect(),
        record: record.map(|placement::Placement { epoch, replicas, draining, .. }| PlacementRecord {
            epoch: *epoch,
            replicas: *replicas,
            draining: draining.iter().copied().collect(),
        }),
    }
}

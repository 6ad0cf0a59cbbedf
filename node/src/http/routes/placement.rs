//! Where replicas are, and where they should be.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::admin::{PlacedGroup, PlacedNode, Placement, PlacementStep, Standing};
use axum::extract::State;
use axum::response::Response;
use cluster::NodeId;
use cluster::placement::{self, World};
use hyper::StatusCode;

use crate::http::app::App;
use crate::http::request::call::{Call, number};
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;

/// How many replicas a group is planned to have where nobody says otherwise, and how many it may have.
const REPLICAS_DEFAULT: usize = 3;
const REPLICAS: [usize; 2] = [3, 5];

/// Where the replicas of every group are, where they should be, and the steps from one to the other.
pub(crate) async fn read(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let replicas = match call.query("replicas").as_deref() {
        None => Ok(REPLICAS_DEFAULT),
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
    let (_caller, replicas, without) = call.all((caller, replicas, without))?;
    let world = app.router.shards().cluster().world(replicas, &without);
    Ok(answer::json(StatusCode::OK, &shown(&world, &placement::plan(&world))))
}

fn shown(world: &World, plan: &[BTreeSet<NodeId>]) -> Placement {
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
    };
    let steps = placement::steps(&world.groups, plan).into_iter();
    Placement {
        replicas: count(world.replicas),
        nodes: world.nodes.iter().map(node).collect(),
        groups: (0..).zip(world.groups.iter().zip(plan)).map(group).collect(),
        steps: steps
            .map(|placement::Step { group, adds, drops }| PlacementStep { group: group.0, adds, drops })
            .collect(),
    }
}

//! `boxctl placement`: which nodes have a replica of each group, and the steps to where they should be.

use api::admin::{PlacedGroup, PlacedNode, Placement, PlacementStep, Standing};
use jiff::Timestamp;

use crate::cli::{self, Access};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Shows the placement. Nothing of a plan is done, so all is well.
pub(crate) async fn run(access: &Access, form: &cli::Placement, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let mut path = format!("/admin/v1/placement?replicas={}", form.replicas);
    if !form.without.is_empty() {
        path.push_str("&without=");
        path.push_str(&listed(&form.without, ","));
    }
    let body = client.get(&path).await?;
    let placement: Placement = client.read("placement", &body)?;
    let shown = match (form.json, form.dry_run) {
        (true, _) => body,
        (false, true) => planned(&placement),
        (false, false) => placed(&placement),
    };
    render::data(&shown)?;
    Ok(Verdict::Well)
}

fn listed(nodes: &[u64], between: &str) -> String {
    nodes.iter().map(u64::to_string).collect::<Vec<_>>().join(between)
}

/// A row a node, and one a group.
fn placed(placement: &Placement) -> String {
    let node =
        |node: &PlacedNode| [node.node.to_string(), zone(node), standing(node), node.replicas.to_string()];
    let nodes =
        render::table(["NODE", "ZONE", "STANDING", "REPLICAS"], placement.nodes.iter().map(node).collect());
    let group = |group: &PlacedGroup| [group.group.to_string(), listed(&group.nodes, " ")];
    let groups = render::table(["GROUP", "ON NODES"], placement.groups.iter().map(group).collect());
    format!("{nodes}\n{groups}")
}

/// A row a node, and one a step.
fn planned(placement: &Placement) -> String {
    let node = |node: &PlacedNode| {
        [
            node.node.to_string(),
            zone(node),
            standing(node),
            node.replicas.to_string(),
            node.planned.to_string(),
        ]
    };
    let nodes = render::table(
        ["NODE", "ZONE", "STANDING", "REPLICAS", "PLANNED"],
        placement.nodes.iter().map(node).collect(),
    );
    if placement.steps.is_empty() {
        return format!("{nodes}\n- every replica is where it should be");
    }
    let or_none = |node: Option<u64>| node.map_or_else(|| "-".to_owned(), |node| node.to_string());
    let step = |step: &PlacementStep| [step.group.to_string(), or_none(step.adds), or_none(step.drops)];
    let steps = render::table(["GROUP", "COMES", "GOES"], placement.steps.iter().map(step).collect());
    format!("{nodes}\n{steps}\n- nobody takes these steps yet: every node has every group")
}

fn zone(node: &PlacedNode) -> String {
    if node.zone.is_empty() { "-".to_owned() } else { node.zone.clone() }
}

fn standing(node: &PlacedNode) -> String {
    match node.standing {
        Standing::Takes => "takes replicas",
        Standing::Silent => "silent",
        Standing::Drains => "to be emptied",
    }
    .to_owned()
}

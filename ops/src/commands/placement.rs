//! `boxctl placement`: which nodes have a replica of each group, and the steps to where they should be.

use api::admin::{PlacedGroup, PlacedNode, Placement, PlacementRecord, PlacementStep, Standing};
use jiff::Timestamp;

use crate::cli::{self, Access};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Shows the placement. Nothing is done here, so all is well.
pub(crate) async fn run(access: &Access, form: &cli::Placement, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let wanted = form.replicas.map(|replicas| format!("replicas={replicas}"));
    let without = (!form.without.is_empty()).then(|| format!("without={}", listed(&form.without, ",")));
    let query: Vec<_> = wanted.into_iter().chain(without).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let path = format!("/admin/v1/placement{query}");
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
    let group = |group: &PlacedGroup| {
        let placed = group.placed.as_ref().map_or_else(|| "-".to_owned(), |nodes| listed(nodes, " "));
        [group.group.to_string(), listed(&group.nodes, " "), placed]
    };
    let groups =
        render::table(["GROUP", "ON NODES", "TO BE ON"], placement.groups.iter().map(group).collect());
    format!("{nodes}\n{groups}\n{}", in_force(placement))
}

/// What is in force, in a line.
fn in_force(placement: &Placement) -> String {
    let Some(record) = &placement.record else { return "- every node has every group".to_owned() };
    let PlacementRecord { epoch, replicas, draining } = record;
    let emptied = match draining.as_slice() {
        [] => String::new(),
        nodes => format!("; being emptied: node {}", listed(nodes, ", ")),
    };
    format!("- placement {epoch}: {replicas} replicas of each group{emptied}")
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
    let taken = if placement.record.is_some() {
        "they are taken one after the other, as long as nobody asks for another plan"
    } else {
        "nobody takes these steps: every node has every group"
    };
    format!("{nodes}\n{steps}\n- {taken}")
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

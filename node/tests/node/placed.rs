//! Six nodes: three found a cluster, three come while it sells, one is emptied, and one stops meanwhile. Replicas move to whoever comes
//! and from whoever goes, and whoever asks once more with their key hears of none of it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::machine::{Lan, Machine};
use crate::rolling::Crowd;
use crate::test_cluster::{TestCluster, wait_until};

const NODES: u8 = 6;
/// Of each group but group 0, which every node follows.
const REPLICAS: usize = 3;

/// Machines with networks and disks of their own, or else all on this one.
fn machines(folder: &Path) -> (Option<Lan>, Vec<Machine>) {
    match Lan::of(NODES, folder) {
        Some((lan, machines)) => (Some(lan), machines),
        None => (None, (1..=NODES).map(|number| Machine::here(folder.join(number.to_string()))).collect()),
    }
}

fn numbers(named: &Value) -> BTreeSet<u64> {
    named.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}

/// Waits until everything is where it should be: each group on three of these nodes, each of which has its share.
fn until_placed(cluster: &TestCluster, on: &BTreeSet<u64>) {
    wait_until("replicas are where they should be", || {
        let seen = cluster.admin(&cluster.nodes[0], "/admin/v1/placement");
        let groups = seen["groups"].as_array().cloned().unwrap_or_default();
        // Of group 0 those count who vote.
        let is_placed = |group: &Value| {
            let nodes = numbers(&group["nodes"]);
            nodes.len() == REPLICAS && nodes.is_subset(on) && nodes == numbers(&group["placed"])
        };
        let shares = seen["nodes"].as_array().cloned().unwrap_or_default().into_iter();
        let shares = shares.filter(|node| node["node"].as_u64().is_some_and(|node| on.contains(&node)));
        let shares: Vec<_> = shares.filter_map(|node| node["replicas"].as_u64()).collect();
        let are_even = shares.iter().max() <= shares.iter().min().map(|least| least + 1).as_ref();
        let is_done = seen["steps"].as_array().is_some_and(Vec::is_empty);
        is_done && groups.iter().skip(1).all(is_placed) && shares.len() == on.len() && are_even
    });
}

/// Has a node be emptied, or take replicas again, and says how many it has left.
fn set_draining(cluster: &TestCluster, node: u64, how: &str) -> u64 {
    let what = format!("POST /admin/v1/nodes/{node}/{how}");
    let answer = cluster.ask_as(&cluster.nodes[0], "operator", &what, "", "");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["replicas_left"].as_u64().expect("a count")
}

#[test]
fn replicas_move_to_whoever_comes_and_from_whoever_goes_and_no_customer_hears_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_lan, machines) = machines(folder.path());
    let mut cluster = TestCluster::at_rest_on(folder.path(), machines);
    cluster.found_with(3);
    let crowd = Crowd::gather(&cluster);
    crowd.go_on(100);
    for place in 3..usize::from(NODES) {
        cluster.join(place);
        crowd.also_asks(cluster.nodes[place].client());
        crowd.go_on(100);
    }
    let all: BTreeSet<u64> = cluster.nodes.iter().map(|node| cluster.number(node)).collect();
    until_placed(&cluster, &all);
    // The last three as far as the first knows, who has no replica of most of what they have.
    wait_until("all vote wherever they are to", || cluster.voters(&cluster.nodes[0]) == usize::from(NODES));
    crowd.go_on(200);

    let emptied = cluster.number(&cluster.nodes[1]);
    let others: BTreeSet<u64> = all.iter().copied().filter(|node| *node != emptied).collect();
    wait_until("it is empty", || set_draining(&cluster, emptied, "drain") == 0);
    until_placed(&cluster, &others);
    let left = || cluster.groups(&cluster.nodes[1], "/admin/v1/groups");
    wait_until("only group 0 is left of it", || left().len() == 1);
    crowd.go_on(200);

    // Whoever moves replicas stops in the middle of it, and another goes on.
    set_draining(&cluster, emptied, "undrain");
    let zero = cluster.groups(&cluster.nodes[0], "/admin/v1/groups")[0]["leader"].as_u64();
    let leader = cluster.nodes.iter().position(|node| Some(cluster.number(node)) == zero);
    let leader = leader.expect("one of them leads");
    cluster.nodes[leader].stop();
    crowd.go_on(100);
    cluster.nodes[leader].start();
    until_placed(&cluster, &all);
    crowd.go_on(200);
    crowd.assert_served(&cluster);
}

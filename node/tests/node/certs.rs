//! Nodes that prove to each other who they are: how they come together, how certificates and authorities are changed while they sell,
//! and how a cluster that speaks in clear goes over to TLS.

use loadgen::report::Outcome;
use serde_json::Value;

use crate::authority::{Authority, FILES, come_together, ends, put, wait_until_shown};
use crate::drop::sell;
use crate::test_cluster::{TestCluster, wait_until};

const UNTIL_2080: f64 = 3_471_292_800.0;
const UNTIL_2081: f64 = 3_502_915_200.0;
const UNTIL_2082: f64 = 3_534_451_200.0;

/// What a node shows from now on.
fn renew(cluster: &TestCluster, authority: &Authority, until: i32, shown: f64) {
    for node in &cluster.nodes {
        authority.certify(node, &format!("node/{}", cluster.number(node)), until);
        wait_until_shown(node, shown);
    }
}

/// The term of each group: where one is another, somebody was too slow to be taken for a leader, and requests were asked again.
fn terms(cluster: &TestCluster) -> Vec<Value> {
    let groups = cluster.groups(&cluster.nodes[0], "/admin/v1/groups");
    groups.into_iter().map(|group| group["term"].clone()).collect()
}

/// Restarts a node, whose connections are all opened anew by that.
fn restart(cluster: &mut TestCluster, place: usize) {
    cluster.nodes[place].stop();
    cluster.nodes[place].start();
}

#[test]
fn certificates_and_authorities_are_changed_while_nodes_sell() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (Authority::new(), Authority::new());
    let mut cluster = come_together(TestCluster::at_rest(folder.path()), &first);
    let asked = (cluster.leader() + 1) % 3;
    let before = terms(&cluster);
    let how = ["--customers=4000", "--rate=300/s", "--slots=6"];
    let selling = sell(cluster.nodes[asked].client(), &cluster.key(), &how);
    renew(&cluster, &first, 2081, UNTIL_2081);
    // Both are believed, then the other one signs, then the first is believed no longer.
    for node in &cluster.nodes {
        put(node, "ca.pem", &(first.pem() + &second.pem()));
    }
    renew(&cluster, &second, 2082, UNTIL_2082);
    for node in &cluster.nodes {
        second.is_believed_by(node);
    }
    let report = selling.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{report}");
    if terms(&cluster) == before {
        assert!(report.retries.is_empty() && report.outcomes.unknown == 0, "no request has failed: {report}");
    }
    for place in 0..3 {
        restart(&mut cluster, place);
    }
    wait_until("connections are opened with what is in force", || {
        cluster.nodes.iter().all(|node| cluster.admin(node, "/admin/v1/status")["healthy"] == true)
    });
    cluster.assert_all_agree();

    // One whose certificate is another's, or over, is on its own, and both sides say why.
    let place = (cluster.leader() + 1) % 3;
    let (number, other) = (cluster.number(&cluster.nodes[place]), (place + 1) % 3);
    let own = format!("node/{number}");
    let theirs = format!("node/{}", cluster.number(&cluster.nodes[other]));
    for (who, until, says, said_elsewhere) in [
        (&theirs, 2082, "it shows its peers the certificate of", "and shows the certificate of"),
        (&own, 2021, "that this node shows its peers has ended", "its certificate has ended"),
    ] {
        cluster.nodes[place].kill();
        second.certify(&cluster.nodes[place], who, until);
        cluster.nodes[place].launch();
        wait_until(says, || cluster.problems(&cluster.nodes[place]).contains(says));
        wait_until(said_elsewhere, || cluster.problems(&cluster.nodes[other]).contains(said_elsewhere));
    }
    // The right one heals all of it, without a restart.
    second.certify(&cluster.nodes[place], &own, 2082);
    wait_until("it takes part again", || {
        cluster.nodes.iter().all(|node| cluster.admin(node, "/admin/v1/status")["healthy"] == true)
    });
    cluster.assert_all_agree();
}

#[test]
fn a_cluster_goes_over_to_tls_node_by_node_while_it_sells() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let mut cluster = TestCluster::open(folder.path());
    let (key, seed) = (cluster.key(), cluster.nodes[0].machine().peer);
    for node in &cluster.nodes {
        authority.is_believed_by(node);
        authority.certify(node, &format!("node/{}", cluster.number(node)), 2080);
    }
    let how = ["--customers=6000", "--rate=300/s", "--slots=6"];
    let selling = sell(cluster.nodes[0].client(), &cluster.key(), &how);
    for speaks in ["both", "tls"] {
        for place in [1, 2, 0] {
            cluster.nodes[place].listens(&format!("peer_speaks = '{speaks}'\n{FILES}"));
            cluster.nodes[place].configure(&key, (0 < place).then_some(seed));
            restart(&mut cluster, place);
            wait_until("it is well with all of them", || {
                cluster.nodes.iter().all(|node| cluster.admin(node, "/admin/v1/status")["healthy"] == true)
            });
        }
    }
    let report = selling.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{report}");
    assert!(cluster.nodes.iter().all(|node| ends(node) == Some(UNTIL_2080)));
    // One that speaks in clear still is refused by now, and hears why.
    cluster.nodes[2].stop();
    cluster.nodes[2].listens("");
    cluster.nodes[2].configure(&key, Some(seed));
    cluster.nodes[2].launch();
    wait_until("both sides say why", || {
        cluster.problems(&cluster.nodes[2]).contains("speaks in clear")
            && cluster.problems(&cluster.nodes[1]).contains("speaks no TLS")
    });
    cluster.nodes[2].kill();
    cluster.nodes[2].listens(FILES);
    cluster.nodes[2].configure(&key, Some(seed));
    cluster.nodes[2].start();
    cluster.assert_all_agree();
}

//! From one build to the next while tickets are sold: each process is stopped and comes back as the next build, whose records have
//! another version. The built binary has the rules and the records of both, and stands for either.

use std::time::Duration;

use loadgen::report::Outcome;

use crate::drop::sell;
use crate::test_cluster::{TestCluster, wait_until};

/// The level of the build before, and of the next one, which is only rehearsed.
const OLD: u64 = 1;
const NEXT: u32 = 2;

#[test]
fn processes_are_upgraded_one_by_one_while_they_sell() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    let client = cluster.nodes[0].client();
    let selling = sell(client, &cluster.key(), &["--customers=6000", "--rate=400/s", "--slots=6"]);
    for place in [1, 2, 0] {
        std::thread::park_timeout(Duration::from_secs(2));
        assert!(cluster.nodes.iter().all(|node| cluster.level(node) == OLD), "not every node is upgraded");
        cluster.nodes[place].stop();
        cluster.nodes[place].becomes(Some(NEXT));
        cluster.nodes[place].start();
    }
    wait_until("the level is raised", || {
        cluster.nodes.iter().all(|node| cluster.level(node) == u64::from(NEXT))
    });
    assert!(!selling.is_finished(), "it was upgraded under load");
    // Both versions are read when a process starts again.
    cluster.nodes[1].kill();
    cluster.nodes[1].start();
    let report = selling.join().expect("the drop lives");
    assert_eq!(report.result, Outcome::Correct, "{report}");
    cluster.assert_all_agree();

    // There is no way back, and nothing is harmed by whoever tries.
    cluster.nodes[2].stop();
    cluster.nodes[2].becomes(None);
    cluster.nodes[2].launch();
    let (code, said) = cluster.nodes[2].ended_unready();
    assert_eq!(code, Some(73), "{said}");
    assert!(said.contains("is at level 2 of the rules"), "{said}");
    cluster.nodes[2].becomes(Some(NEXT));
    cluster.nodes[2].start();
    cluster.assert_all_agree();
}

#[test]
fn a_build_stands_for_no_other_whose_rules_it_does_not_have() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::open(folder.path());
    cluster.nodes[0].stop();
    cluster.nodes[0].becomes(Some(NEXT + 1));
    cluster.nodes[0].launch();
    let (code, said) = cluster.nodes[0].ended_unready();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("does not have the rules of level 3"), "{said}");
}

//! Groups over a store: alone, and with peers.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::{Cluster, Group, Level, Options, Replicas, Start, SystemClock, SystemNetwork};
use tokio::runtime::Handle;

mod alone;
mod digests;
mod founding;
mod handing;
mod ledger;
mod levels;
mod moving;
mod peers;
mod placed;
mod placement;
mod restoration;
mod roll;

use self::ledger::Ledger;

/// A node that founds a cluster, without peers.
fn founder(groups: u32) -> Options {
    Options {
        start: Start::Found { cluster: 7, peers: Vec::new(), listens: Duration::ZERO },
        groups,
        peers: None,
        advertised: None,
        zone: String::new(),
        replicas: Replicas::planned(3),
        keys: BTreeSet::new(),
        entries_kept: 2_000,
        digest_interval: 8,
        level: Level::FIRST,
        network: Arc::new(SystemNetwork),
        clock: Arc::new(SystemClock::new()),
        seed: RandomState::new().hash_one("a number of chance"),
        runtime: Handle::current(),
        on_fatal: Arc::new(|error| panic!("a group failed: {error}")),
    }
}

/// The group that owns a partition, which is open on this node.
fn group_of(cluster: &Cluster<Ledger>, partition: u16) -> Arc<Group<Ledger>> {
    cluster.group_of(partition).expect("it is open")
}

fn command(number: usize) -> Bytes {
    Bytes::from(number.to_string())
}

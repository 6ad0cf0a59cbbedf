//! Every metric that the node emits, named and described.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cluster::Cluster;
use hyper::StatusCode;
use metrics::{
    Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::RwLock;
use storage::Stats;

use crate::machine::ShardMachine;
use crate::router::Router;

const REQUESTS: &str = "boxoffice_http_requests_total";
const REQUEST_SECONDS: &str = "boxoffice_http_request_seconds";
const IN_FLIGHT: &str = "boxoffice_asks_in_flight";
const SLOTS: &str = "boxoffice_slots";
const INTENTS_OPEN: &str = "boxoffice_intents_open";
const AWAKE: &str = "boxoffice_slots_awake";
const LEADING: &str = "boxoffice_group_leading";
const TERM: &str = "boxoffice_group_term";
const LAST: &str = "boxoffice_group_last_index";
const COMMITTED: &str = "boxoffice_group_committed_index";
const APPLIED: &str = "boxoffice_group_applied_index";
const CHECKPOINTED: &str = "boxoffice_group_checkpointed_index";
const DIGESTS_COMPARED: &str = "boxoffice_replica_digests_compared_total";
const DIGEST_MISMATCHES: &str = "boxoffice_replica_digest_mismatches_total";
const SAMPLED: &str = "boxoffice_slots_sampled_total";
const INVARIANTS_BROKEN: &str = "boxoffice_invariants_broken_total";
const LEADERLESS: &str = "boxoffice_groups_leaderless";
const SILENT: &str = "boxoffice_peers_silent";
const CLOCK_SKEW: &str = "boxoffice_clock_skew_seconds";
const BEHIND: &str = "boxoffice_replicas_behind_entries";
const MISPLACED: &str = "boxoffice_peers_misplaced";
const STORE_WRITES: &str = "boxoffice_store_writes_total";
const STORE_BATCHES: &str = "boxoffice_store_batches_total";
const STORE_SYNCS: &str = "boxoffice_store_syncs_total";
const STORE_BYTES: &str = "boxoffice_store_written_bytes_total";
const DISK_BYTES: &str = "boxoffice_disk_bytes";
const DISK_FREE: &str = "boxoffice_disk_free_bytes";
const DISK_BALLAST: &str = "boxoffice_disk_ballast_bytes";
const STORAGE_FULL: &str = "boxoffice_storage_full";
const FILE_UNUSABLE: &str = "boxoffice_file_unusable";
const CERTIFICATE_EXPIRES: &str = "boxoffice_tls_certificate_expires_seconds";
const PEER_CERTIFICATE_EXPIRES: &str = "boxoffice_peer_certificate_expires_seconds";
const UNPROVED: &str = "boxoffice_peers_unproved";

/// The least status that HTTP has, and how many there may be from it on.
const STATUS_MIN: u16 = 100;
const STATUSES: usize = 500;
/// How often what histograms have collected is counted.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Upper bounds of the histogram's buckets, in seconds: from a fast disk's answer to the deadline.
const SECONDS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 1.0, 4.0, 10.0];

/// Installs the recorder. It renders what was recorded when `/metrics` asks.
pub(crate) fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), &SECONDS)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Answers, by route and status");
    describe_histogram!(REQUEST_SECONDS, "Time from a request's headers to its answer, by route");
    describe_gauge!(IN_FLIGHT, "Requests that wait for the answer of a slot");
    describe_gauge!(SLOTS, "Slots, by group");
    describe_gauge!(AWAKE, "Slots with an actor in memory, by group");
    describe_gauge!(INTENTS_OPEN, "Intents that have not ended, by group: its leader carries them out");
    describe_gauge!(LEADING, "1 where this node leads the group");
    describe_gauge!(TERM, "Raft's term, by group");
    describe_gauge!(LAST, "Last entry in this node's log, by group");
    describe_gauge!(COMMITTED, "Last entry known to be on a quorum, by group");
    describe_gauge!(APPLIED, "Last entry handed to the slots, by group");
    describe_gauge!(CHECKPOINTED, "Entry at or below which every slot is saved, by group");
    describe_counter!(
        DIGESTS_COMPARED,
        "Digests of other replicas that were compared with this node's, by group"
    );
    describe_counter!(
        DIGEST_MISMATCHES,
        "Of those, the ones that differed: two replicas of the group are not equal"
    );
    describe_counter!(
        SAMPLED,
        "Slots of which every invariant was looked at while the node sells, one a second"
    );
    describe_counter!(INVARIANTS_BROKEN, "Of those, the ones where an invariant did not hold, by its name");
    describe_gauge!(LEADERLESS, "Groups that have had no leader for longer than an election takes");
    describe_gauge!(SILENT, "Nodes of the cluster that have not answered this one for three seconds");
    describe_gauge!(CLOCK_SKEW, "The most by which another node's wall clock differs from this one's");
    describe_gauge!(BEHIND, "The most entries of a group that any replica in the cluster lacks");
    describe_gauge!(MISPLACED, "Peers at whose address another node is, or one of another cluster");
    describe_counter!(STORE_WRITES, "Writes taken from the store's queue");
    describe_counter!(STORE_BATCHES, "Batches in which they were written");
    describe_counter!(STORE_SYNCS, "Syncs of the write-ahead log");
    describe_counter!(STORE_BYTES, "Payload and keys written");
    describe_gauge!(DISK_BYTES, "The size of the disk that the data directory is on");
    describe_gauge!(DISK_FREE, "What of it can still be written");
    describe_gauge!(DISK_BALLAST, "What is set aside beside that, to be given up before the disk is full");
    describe_gauge!(
        STORAGE_FULL,
        "1 where the disk is nearly full and nothing new is taken, 2 where only reads go on"
    );
    describe_gauge!(
        FILE_UNUSABLE,
        "1 where a followed file has become unusable: what it was before is in force"
    );
    describe_gauge!(
        CERTIFICATE_EXPIRES,
        "When the client listener's certificate ends, in seconds since 1970"
    );
    describe_gauge!(
        PEER_CERTIFICATE_EXPIRES,
        "When the certificate ends that this node shows to its peers, in seconds since 1970"
    );
    describe_gauge!(
        UNPROVED,
        "Peers that have not proved to this node who they are, or to which this node has not"
    );
    Ok(handle)
}

/// Whether what a followed file holds can be used.
pub(crate) fn file_is_unusable(file: &Path, unusable: bool) {
    gauge!(FILE_UNUSABLE, "file" => file.display().to_string()).set(f64::from(u8::from(unusable)));
}

/// Every invariant of an entity was looked at.
pub(crate) fn entity_was_sampled() {
    counter!(SAMPLED).increment(1);
}

/// An invariant with this name did not hold.
pub(crate) fn invariant_is_broken(name: &'static str) {
    counter!(INVARIANTS_BROKEN, "invariant" => name).increment(1);
}

/// A certificate is shown that is good until then, in seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; seconds stay exact up to 2^53")]
pub(crate) fn certificate_expires(seconds: i64) {
    gauge!(CERTIFICATE_EXPIRES).set(seconds as f64);
}

/// A certificate is shown to peers that is good until then, in seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; seconds stay exact up to 2^53")]
pub(crate) fn peer_certificate_expires(seconds: i64) {
    gauge!(PEER_CERTIFICATE_EXPIRES).set(seconds as f64);
}

/// Empties what histograms collect, again and again: without, they grow until someone asks for `/metrics`.
pub(crate) async fn keep_up(handle: PrometheusHandle) {
    let mut every = tokio::time::interval(UPKEEP_EVERY);
    loop {
        every.tick().await;
        handle.run_upkeep();
    }
}

/// The figures of every route that was asked for.
#[derive(Default)]
pub(crate) struct Answers {
    routes: RwLock<BTreeMap<Box<str>, Arc<Route>>>,
}

impl Answers {
    /// The figures of the route with this template.
    pub(crate) fn route(&self, template: &str) -> Arc<Route> {
        if let Some(route) = self.routes.read().get(template) {
            return Arc::clone(route);
        }
        Arc::clone(
            self.routes.write().entry(template.into()).or_insert_with(|| Arc::new(Route::new(template))),
        )
    }
}

/// The figures of one route: found by name once, and not again for each answer.
pub(crate) struct Route {
    template: Box<str>,
    seconds: Histogram,
    /// By status, less [`STATUS_MIN`].
    answers: [OnceLock<Counter>; STATUSES],
}

impl Route {
    fn new(template: &str) -> Self {
        let seconds = histogram!(REQUEST_SECONDS, "route" => template.to_owned());
        Self { template: template.into(), seconds, answers: [const { OnceLock::new() }; STATUSES] }
    }

    /// One answer was given.
    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        let place = usize::from(status.as_u16() - STATUS_MIN);
        let counter = || {
            let (route, status) = (self.template.to_string(), status.as_str().to_owned());
            counter!(REQUESTS, "route" => route, "status" => status)
        };
        if let Some(answers) = self.answers.get(place) {
            answers.get_or_init(counter).increment(1);
        }
        self.seconds.record(took.as_secs_f64());
    }
}

/// Takes what is seen of the whole cluster from here.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; entries stay exact up to 2^53")]
fn observe_cluster(cluster: &Cluster<ShardMachine>) {
    let sightings = cluster.sightings();
    let skew_ms = sightings.values().filter_map(|seen| seen.ahead_ms).map(i64::unsigned_abs).max();
    gauge!(LEADERLESS).set(cluster.leaderless().len() as f64);
    gauge!(SILENT).set(sightings.values().filter(|seen| seen.silent.is_some()).count() as f64);
    gauge!(CLOCK_SKEW).set(skew_ms.unwrap_or(0) as f64 / 1_000.0);
    gauge!(BEHIND).set(sightings.values().filter_map(|seen| seen.behind).max().unwrap_or(0) as f64);
    gauge!(MISPLACED).set(cluster.misplaced().len() as f64);
    gauge!(UNPROVED).set(cluster.unproved().len() as f64);
}

/// Takes the figures that are looked at rather than counted.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; indexes stay exact up to 2^53")]
pub(crate) fn observe(router: &Router, store: Stats) {
    gauge!(IN_FLIGHT).set(router.in_flight() as f64);
    observe_cluster(router.shards().cluster());
    for group in router.shards().elsewhere() {
        for metric in [SLOTS, AWAKE, INTENTS_OPEN, LEADING] {
            gauge!(metric, "group" => group.to_string()).set(0.0);
        }
    }
    for group in router.shards().groups() {
        let name = group.id().to_string();
        let status = group.status();
        let (slots, awake) = group.machine().0.registry().count();
        let intents_open = group.machine().0.registry().open_intents().total();
        let leading = status.role == cluster::Role::Leader;
        for (metric, value) in [
            (SLOTS, slots as f64),
            (AWAKE, awake as f64),
            (INTENTS_OPEN, intents_open as f64),
            (LEADING, f64::from(u8::from(leading))),
            (TERM, status.term as f64),
            (LAST, status.last.0 as f64),
            (COMMITTED, status.committed.0 as f64),
            (APPLIED, status.applied.0 as f64),
            (CHECKPOINTED, status.checkpointed.0 as f64),
        ] {
            gauge!(metric, "group" => name.clone()).set(value);
        }
        let comparisons = group.comparisons();
        counter!(DIGESTS_COMPARED, "group" => name.clone()).absolute(comparisons.compared);
        counter!(DIGEST_MISMATCHES, "group" => name).absolute(comparisons.mismatched);
    }
    let (room, space) = router.disk();
    gauge!(DISK_BYTES).set(space.total as f64);
    gauge!(DISK_FREE).set(space.free as f64);
    gauge!(DISK_BALLAST).set(space.ballast as f64);
    gauge!(STORAGE_FULL).set(f64::from(room as u8));
    counter!(STORE_WRITES).absolute(store.writes);
    counter!(STORE_BATCHES).absolute(store.batches);
    counter!(STORE_SYNCS).absolute(store.syncs);
    counter!(STORE_BYTES).absolute(store.bytes);
}

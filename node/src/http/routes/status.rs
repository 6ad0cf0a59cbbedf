//! The cluster on one screen, as this node sees it: what is wrong, and what to do about it.

use std::sync::Arc;

use api::admin::{Member, Status};
use axum::extract::State;
use axum::response::Response;
use booking::SlotId;
use cluster::Sighting;
use hyper::StatusCode;
use storage::{Room, Space};

use crate::http::app::App;
use crate::http::request::call::Call;
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;
use crate::tls::peers::InClear;
use crate::tls::{Validity, Who};

/// What to do about groups without a quorum.
const REVIVE: &str = "start the nodes that are silent. Only if a majority is gone for good, the last resort: boxoffice recover --config FILE \
                      (docs/runbook.md, \"A majority is lost\")";

/// How long before its end a certificate is a trouble: the alert in docs/alerts.yml says the same.
const ENDS_SOON_MS: i64 = 14 * 86_400_000;

/// What is wrong, and what to do about it.
struct Trouble {
    problem: String,
    hint: String,
}

fn trouble(problem: impl Into<String>, hint: impl Into<String>) -> Trouble {
    Trouble { problem: problem.into(), hint: hint.into() }
}

/// The node, and what it sees of the others.
pub(crate) async fn read(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    call.all((App::operator(&call),))?;
    let groups = app.router.shards().groups();
    let counts = groups.iter().map(|group| group.machine().0.registry().count());
    let (slots, awake) =
        counts.fold((0, 0), |(slots, awake), (all, up)| (slots + all as u64, awake + up as u64));
    let leading = groups.iter().filter(|group| group.leads()).count();
    let members = members(&app);
    let (problems, hints): (Vec<_>, Vec<_>) =
        troubles(&app, &members).into_iter().map(|Trouble { problem, hint }| (problem, hint)).unzip();
    let uptime = app.clock.monotonic();
    let status = Status {
        healthy: problems.is_empty(),
        problems,
        hints,
        notes: notes(&app, &members),
        node: app.node,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_ms: u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX),
        draining: app.stage.is_leaving(),
        groups: u32::try_from(app.router.shards().cluster().count()).unwrap_or(u32::MAX),
        leading: u32::try_from(leading).unwrap_or(u32::MAX),
        slots,
        awake,
        in_flight: app.router.in_flight() as u64,
        level: app.router.shards().cluster().level().0,
        members,
    };
    Ok(answer::json(StatusCode::OK, &status))
}

/// Everything that is wrong, what stops the sale first.
fn troubles(app: &App, members: &[Member]) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    if !app.stage.is_ready() {
        troubles
            .push(trouble("the node is starting", "wait: it takes part once it has what the others have"));
    }
    troubles.extend(of_groups(app, members));
    troubles.extend(of_disk(app.router.disk()));
    troubles.extend(members.iter().filter_map(of_silence));
    troubles.extend(of_clocks(app, members));
    troubles.extend(of_certificates(app));
    troubles.extend(of_replicas(app));
    troubles
}

/// Certificates that are another's, or not good for long, and peers with which this node does not come to terms about who they are.
fn of_certificates(app: &App) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let renew = format!(
        "boxctl certs node {} --renew, and put what it makes in place of the files: they are read again",
        app.node
    );
    if let Some(tls) = &app.shown.peers {
        let who = tls.who();
        if who != Who::Node(app.node) {
            troubles.push(trouble(
                format!(
                    "this is node {}, and it shows its peers the certificate of {who}: they refuse it",
                    app.node
                ),
                renew.replace(" --renew", ""),
            ));
        }
        troubles.extend(of_validity(
            "the certificate that this node shows its peers",
            tls.validity(),
            app.clock.wall_ms(),
            renew,
        ));
    }
    if let Some(tls) = &app.shown.customers {
        let hint =
            "put a new one in place of the files of [listen.tls]: they are read again without a restart";
        let what = "the certificate of the client listener";
        troubles.extend(of_validity(what, tls.validity(), app.clock.wall_ms(), hint.to_owned()));
    }
    let unproved = app.router.shards().cluster().unproved().into_iter();
    troubles.extend(unproved.map(|(node, why)| {
        trouble(
            format!("node {node} and this one cannot prove to each other who they are: {why}"),
            "boxctl certs (docs/runbook.md, \"Certificates\"): files are read again, and nodes call each other again and again",
        )
    }));
    troubles
}

/// What is wrong with the time for which a certificate is good.
fn of_validity(what: &str, validity: Validity, now_ms: u64, hint: String) -> Option<Trouble> {
    const DAY_MS: i64 = 86_400_000;
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let [begins_ms, ends_ms] =
        [validity.not_before, validity.not_after].map(|seconds| seconds.saturating_mul(1_000));
    let problem = if now_ms < begins_ms {
        format!(
            "{what} is not good yet: by this node's clock, for {} days more",
            (begins_ms - now_ms) / DAY_MS + 1
        )
    } else if ends_ms <= now_ms {
        format!("{what} has ended, {} days ago", (now_ms - ends_ms) / DAY_MS)
    } else if ends_ms - now_ms < ENDS_SOON_MS {
        format!("{what} ends in {} days", (ends_ms - now_ms) / DAY_MS)
    } else {
        return None;
    };
    Some(trouble(problem, hint))
}

fn of_groups(app: &App, members: &[Member]) -> Vec<Trouble> {
    let cluster = app.router.shards().cluster();
    let is_stopped = |group: &&Arc<cluster::Group<_>>| group.status().role == cluster::Role::Stopped;
    let open = cluster.groups();
    let stopped = open.iter().filter(is_stopped);
    let mut troubles: Vec<_> = stopped
        .map(|group| {
            let hint =
                "the node's log says why; start the node again, with another build if the log asks for one";
            trouble(format!("group {} has stopped", group.id()), hint)
        })
        .collect();
    let leaderless = cluster.leaderless();
    if let Some(first) = leaderless.first() {
        let voters = cluster.voters(*first);
        let is_reached = |member: &&Member| member.silent_ms.is_none() && voters.contains(&member.node);
        let (all, reached) = (voters.len(), members.iter().filter(is_reached).count());
        let (groups, of) = (leaderless.len(), cluster.count());
        let problem = if reached < all / 2 + 1 {
            format!(
                "{groups} of {of} groups have no leader, group {first} among them: of its {all} voters {reached} can be reached, and {} \
                 are needed. Nothing of these groups can be booked",
                all / 2 + 1
            )
        } else {
            format!(
                "{groups} of {of} groups have no leader, group {first} among them, although enough voters can be reached from here: \
                 nothing of these groups can be booked"
            )
        };
        troubles.push(trouble(problem, REVIVE));
    }
    troubles
}

/// What is wrong with the disk, if it is nearly full.
fn of_disk((room, space): (Room, Space)) -> Option<Trouble> {
    let refused = match room {
        Room::Ample => return None,
        Room::Scarce => "nothing new is taken",
        Room::Spent => "only reads go on",
    };
    let mebibytes = |bytes: u64| bytes >> 20;
    let (free, wanted) = (mebibytes(space.free), mebibytes(space.wanted()));
    let problem = format!("the disk is nearly full, {free} MiB are free: {refused} until {wanted} MiB are");
    Some(trouble(problem, "free space on the disk of the data directory, or give it a larger one"))
}

fn of_silence(member: &Member) -> Option<Trouble> {
    let seconds = member.silent_ms? / 1_000;
    let Member { node, address, .. } = member;
    let problem = format!("node {node} has not answered for {seconds} s at {address}");
    let hint =
        format!("start it again, or mend the network; if its data is gone for good: boxctl remove {node}");
    Some(trouble(problem, hint))
}

/// Clocks that differ from most by more than promises allow: that of this node, or another's.
fn of_clocks(app: &App, members: &[Member]) -> Vec<Trouble> {
    let mut clocks: Vec<i64> = members.iter().filter_map(|member| member.clock_ahead_ms).collect();
    clocks.sort_unstable();
    let Some(median) = clocks.len().checked_sub(1).map(|last| clocks[last / 2]) else { return Vec::new() };
    let skewed = members.iter().filter_map(|member| {
        let ahead_ms = member.clock_ahead_ms?.saturating_sub(median);
        let sighting = Sighting { ahead_ms: Some(ahead_ms), ..Sighting::default() };
        sighting.is_skewed().then_some((member.node, ahead_ms))
    });
    skewed
        .map(|(node, ahead_ms)| {
            let whose = if node == app.node { "this node's clock".to_owned() } else { format!("node {node}'s clock") };
            let seconds = ahead_ms.unsigned_abs() / 1_000;
            let where_to = if 0 < ahead_ms { "ahead of" } else { "behind" };
            let problem = format!(
                "{whose} is {seconds} s {where_to} most of the cluster's: tokens may be refused there, and it begins no term while it \
                 is ahead"
            );
            trouble(problem, "set the clock of that machine, and have it kept right: timedatectl set-ntp true")
        })
        .collect()
}

/// What is wrong with slots, and with replicas beside those of others.
fn of_replicas(app: &App) -> Vec<Trouble> {
    let shards = app.router.shards();
    let faulted = shards.groups().into_iter().flat_map(|group| group.machine().0.registry().faulted());
    let faulted = faulted.map(|entity| {
        let name = crate::ids::entity_text(entity);
        let kind = SlotId::of(entity).map_or("", |_slot| "slot ");
        trouble(
            format!("{kind}{name} is faulted: boxctl slot inspect {name}"),
            format!("start a mended build on every node, then: boxctl slot retry {name}"),
        )
    });
    let misplaced = shards.cluster().misplaced().into_iter().map(|(node, why)| {
        trouble(
            format!("node {node} is not at its address, but another: {why}"),
            format!("start node {node} with its own data directory; if that is gone for good: boxctl remove {node}"),
        )
    });
    let mismatches = shards.cluster().mismatches().into_iter().map(|mismatch| {
        let cluster::Mismatch { group, index, peer, .. } = mismatch;
        trouble(
            format!("group {group} differs from that of node {peer} at index {index} (RG-5): see docs/runbook.md"),
            "boxctl groups --digest, at each node: find the odd one (docs/runbook.md, \"Replicas that differ\")",
        )
    });
    faulted.chain(misplaced).chain(mismatches).collect()
}

/// What is worth knowing.
fn notes(app: &App, members: &[Member]) -> Vec<String> {
    let placement = app.router.shards().cluster().placement();
    let voters = members.iter().filter(|member| member.votes).count();
    // Where replicas are placed, groups have as many as are wanted, of however many nodes.
    let is_even = placement.is_none() && 2 <= voters && voters.is_multiple_of(2);
    let survives = |voters: usize| match (voters - 1) / 2 {
        0 => "no failure".to_owned(),
        1 => "one failure".to_owned(),
        failures => format!("{failures} failures"),
    };
    let takes_clear = app.shown.peers.as_ref().is_some_and(|tls| tls.clear() == InClear::Taken);
    let in_clear = takes_clear.then_some(
        "peers may speak in clear with this node (listen.peer_speaks = \"both\"): say \"tls\" once every node has its certificate",
    );
    is_even
        .then(|| {
            format!(
                "{voters} nodes survive {}, no more than {} do: one more, or one less, is better",
                survives(voters),
                voters - 1
            )
        })
        .into_iter()
        .chain(in_clear.map(str::to_owned))
        .chain(placement.as_deref().map(placed))
        .collect()
}

/// Where replicas are to be, in a line.
fn placed(record: &cluster::placement::Placement) -> String {
    let cluster::placement::Placement { epoch, replicas, draining, .. } = record;
    let placed = format!("placement {epoch}: {replicas} replicas of each group (boxctl placement)");
    if draining.is_empty() {
        return placed;
    }
    let nodes = draining.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    format!("{placed}; being emptied, until boxctl node undrain: node {nodes}")
}

/// The cluster's nodes, whether each votes wherever it is to, and what was seen of it.
fn members(app: &App) -> Vec<Member> {
    let cluster = app.router.shards().cluster();
    let (mut sightings, not_voting) = (cluster.sightings(), cluster.not_voting());
    let member = |(node, cluster::Peer { address, level })| {
        let Sighting { silent, ahead_ms, behind, leading, .. } = sightings.remove(&node).unwrap_or_default();
        Member {
            node,
            address,
            votes: !not_voting.contains(&node),
            level: level.0,
            silent_ms: silent.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            clock_ahead_ms: ahead_ms,
            behind,
            leading,
        }
    };
    cluster.members().nodes.into_iter().map(member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_a_trouble_from_two_weeks_before_its_end() {
        const DAY: i64 = 86_400;
        let validity = Validity { not_before: 100 * DAY, not_after: 400 * DAY };
        for (seconds, want) in [
            (100 * DAY - 1, Some("is not good yet: by this node's clock, for 1 days more")),
            (100 * DAY, None),
            (386 * DAY, None),
            (386 * DAY + 1, Some("ends in 13 days")),
            (400 * DAY - 1, Some("ends in 0 days")),
            (400 * DAY, Some("has ended, 0 days ago")),
            (402 * DAY, Some("has ended, 2 days ago")),
        ] {
            let now_ms = u64::try_from(seconds * 1_000).expect("after 1970");
            let found = of_validity("it", validity, now_ms, "renew it".to_owned());
            assert_eq!(
                found.map(|trouble| trouble.problem),
                want.map(|want| format!("it {want}")),
                "{seconds}"
            );
        }
    }
}

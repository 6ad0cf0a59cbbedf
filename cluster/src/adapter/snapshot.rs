//! A snapshot's way from a leader to a follower: a view of the saved state, in checksummed parts, each taken before the next
//! is sent. The follower stages them beside its own state; only a whole snapshot takes its place (design.md 4.9).

use std::time::Duration;

use bytes::Bytes;
use storage::{Change, Durability, GroupId};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::record::Mark;
use super::saved::{PART_PAIRS, RaftSnapshot, Saved, parts, staging};
use super::state::Replica;
use super::type_config::Vote;
use super::wire;
use crate::error::said;
use crate::machine::{Machine, VALUE_LEN_MAX};
use crate::room;
use crate::transport::{CallError, FRAME_LEN_MAX, Kind, Link};

const _: () =
    assert!(PART_PAIRS * 2 * VALUE_LEN_MAX <= FRAME_LEN_MAX, "a part fits into a frame, keys and all");
/// After each part sender and follower rest for as many times as long as it took them, in turns over all groups: a sale is under
/// way on both, and in no hurry to end.
const REST: u32 = 4;
const REST_MAX: Duration = Duration::from_millis(500);
/// How long a follower may take for a part.
const PART: Duration = Duration::from_secs(30);
/// How long a follower may take to put a whole snapshot in its state's place.
const INSTALL: Duration = Duration::from_mins(2);

/// Sends a snapshot, and waits until it is installed: the follower's vote.
pub(super) async fn send(link: &Link, group: GroupId, vote: &Vote, saved: Saved) -> Result<Vote, CallError> {
    let refused = |error: storage::Error| CallError::Refused(error.to_string());
    let Saved::Here { view, mark: Some(mark) } = saved else {
        return Err(CallError::Refused("there is no snapshot to send yet".to_owned()));
    };
    link.call(Kind::SnapshotBegin, group, wire::encode_snapshot_head(vote, &mark), PART).await?;
    let mut parts = parts(view.as_ref());
    for number in 0.. {
        let _turn = link.turn().await;
        let began = Instant::now();
        let Some(pairs) = parts.next() else { break };
        let part = wire::encode_snapshot_part(number, pairs.map_err(refused)?);
        link.call(Kind::SnapshotPart, group, part, PART).await?;
        sleep((REST * began.elapsed()).min(REST_MAX)).await;
    }
    let answer = link.call(Kind::SnapshotEnd, group, Bytes::new(), INSTALL).await?;
    wire::decode_vote(&answer).map_err(CallError::Refused)
}

/// The snapshot that is arriving for one group, if one is: at most one at a time.
#[derive(Default)]
pub(super) struct IncomingSnapshot {
    now: Mutex<Option<Received>>,
}

/// A snapshot of which some parts are there.
struct Received {
    vote: Vote,
    mark: Mark,
    /// The number of the part that comes next.
    next: u64,
}

impl IncomingSnapshot {
    /// A snapshot begins; what had arrived of another is forgotten.
    pub(super) async fn begin<M: Machine>(&self, replica: &Replica<M>, head: &[u8]) -> Result<(), String> {
        let (vote, mark) = wire::decode_snapshot_head(head)?;
        let mut now = self.now.lock().await;
        make_sure_of_room(&mut now, replica).await?;
        *now = None;
        stage(replica, vec![Change::Unstage]).await?;
        *now = Some(Received { vote, mark, next: 0 });
        Ok(())
    }

    /// The next part has arrived.
    pub(super) async fn part<M: Machine>(&self, replica: &Replica<M>, part: Bytes) -> Result<(), String> {
        let (number, pairs) = wire::decode_snapshot_part(part)?;
        let mut now = self.now.lock().await;
        make_sure_of_room(&mut now, replica).await?;
        match now.as_mut() {
            Some(received) if received.next == number => received.next += 1,
            _ => return Err(format!("part {number} is not the one that comes next: begin again")),
        }
        stage(replica, staging(pairs)).await
    }

    /// All parts are there: `install` gets the vote under which they were sent and what openraft is to install. No other
    /// snapshot begins meanwhile, so what is staged is what is installed.
    pub(super) async fn end<T>(
        &self,
        install: impl AsyncFnOnce(Vote, RaftSnapshot) -> T,
    ) -> Result<T, String> {
        let mut now = self.now.lock().await;
        let Received { vote, mark, .. } = now.take().ok_or("no snapshot has begun: begin again")?;
        Ok(install(vote, Saved::Staged { mark }.into_snapshot()).await)
    }
}

/// Refuses what the disk has no room for, and forgets what has arrived, which takes up room too.
async fn make_sure_of_room<M: Machine>(
    now: &mut Option<Received>,
    replica: &Replica<M>,
) -> Result<(), String> {
    let Some(why) = room::objection_to_snapshots(replica.room()) else { return Ok(()) };
    if now.take().is_some() {
        stage(replica, vec![Change::Unstage]).await?;
    }
    Err(why.to_owned())
}

async fn stage<M: Machine>(replica: &Replica<M>, changes: Vec<Change>) -> Result<(), String> {
    replica.write(changes, Durability::Queued).await.map_err(said)
}

//! A crowd that watches the slots while others buy, each on a connection of its own: the live maps of those that have seats, and of all
//! others how many places are left.
//!
//! Everyone sees to it that what is told goes on where it ended before: from the seq that the slot had, and never back. What the seats
//! themselves are told to be is for the witness, who follows a map through its own looks.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use api::inventory::Inventory;
use api::slot::Slot;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use serde::Deserialize;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::drive::DriveSettings;
use crate::report::CrowdReport;

/// How many come in at the same moment.
const AT_ONCE: usize = 64;
/// The longest event that is read, in bytes: every seat of the largest house in a run of its own needs less.
const EVENT_LEN_MAX: usize = 4 << 20;
/// How many events are remembered that were read last.
const EVENTS_KNOWN: usize = 32;

/// Those who watch.
pub(crate) struct Crowd {
    watching: JoinSet<()>,
    tally: Arc<Tally>,
}

#[derive(Default)]
struct Tally {
    let_in: AtomicU64,
    events: AtomicU64,
    bytes: AtomicU64,
    cut_off: AtomicU64,
    faults: AtomicU64,
    known: Mutex<VecDeque<(Box<[u8]>, Change)>>,
}

impl Tally {
    /// What an event tells of a map or a slot. Many are told the same, and one of them reads it for all: the crowd shares its cores with the node.
    fn change(&self, event: &[u8]) -> Result<Option<Change>, Astray> {
        let known = || self.known.lock().expect("no thread panics while it looks");
        let found = known().iter().find(|(known, _)| **known == *event).map(|(_, change)| *change);
        if found.is_some() {
            return Ok(found);
        }
        let read = read_change(event)?;
        if let Some(change) = read {
            let mut known = known();
            known.truncate(EVENTS_KNOWN - 1);
            known.push_front((event.into(), change));
        }
        Ok(read)
    }

    fn count_fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watched {
    /// The seats of a slot: what changed of them.
    Map,
    /// A slot: how it is, all of it each time.
    Slot,
}

/// What is read of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct Change {
    /// None where all is told.
    after: Option<u64>,
    seq: u64,
}

impl Crowd {
    /// So many come, to one slot after the other; everyone is in, or turned away, when this is done.
    pub(crate) async fn gather(count: u32, slots: &[Slot], settings: &DriveSettings) -> Self {
        let mut crowd = Self { watching: JoinSet::new(), tally: Arc::default() };
        let (came, mut all_came) = mpsc::channel::<Infallible>(1);
        let door = Arc::new(Semaphore::new(AT_ONCE));
        for (_number, slot) in (0..count).zip(slots.iter().cycle()) {
            let (settings, tally) = (settings.clone(), Arc::clone(&crowd.tally));
            let (came, door) = (came.clone(), Arc::clone(&door));
            let (watched, seq) = (Watched::of(slot), slot.seq);
            let path = watched.path(slot);
            crowd.watching.spawn(async move {
                let turn = door.acquire_owned().await;
                let arrived = move || drop((turn, came));
                if watch(&settings, &path, (watched, seq), &tally, arrived).await.is_some() {
                    tally.cut_off.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        drop(came);
        // Nothing is ever sent: it ends with the last who comes.
        all_came.recv().await;
        crowd
    }

    /// All of them go, and tell what they saw.
    pub(crate) async fn leave(mut self) -> CrowdReport {
        self.watching.shutdown().await;
        let came = |count: &AtomicU64| count.load(Ordering::Relaxed);
        CrowdReport {
            let_in: came(&self.tally.let_in),
            events: came(&self.tally.events),
            bytes: came(&self.tally.bytes),
            cut_off: came(&self.tally.cut_off),
            faults: came(&self.tally.faults),
        }
    }
}

impl Watched {
    /// What is watched of a slot.
    const fn of(slot: &Slot) -> Self {
        match slot.inventory {
            Inventory::Seats(_) => Self::Map,
            Inventory::Units(_) | Inventory::Calendar(_) => Self::Slot,
        }
    }

    fn path(self, slot: &Slot) -> String {
        match self {
            Self::Map => format!("/v1/slots/{}/seats/feed?after={}", slot.id, slot.seq),
            Self::Slot => format!("/v1/slots/{}/live", slot.id),
        }
    }
}

/// Watches until it is cut off; none where it is not let in.
async fn watch(
    settings: &DriveSettings,
    path: &str,
    known: (Watched, u64),
    tally: &Tally,
    arrived: impl FnOnce() + Send,
) -> Option<()> {
    let endpoint = &settings.endpoint;
    let wire = timeout(settings.patience, endpoint.open()).await.ok()?.ok()?;
    let (mut sender, driver) = http1::handshake(TokioIo::new(wire)).await.ok()?;
    let request =
        Request::get(path).header(HOST, endpoint.target.authority()).header(ACCEPT, "text/event-stream");
    let request = request.body(Empty::<Bytes>::new()).ok()?;
    let reading = async {
        // Where a server has no room for one more connection, nobody answers.
        let answer = timeout(settings.patience, sender.send_request(request)).await.ok()?.ok()?;
        if answer.status() != StatusCode::OK {
            return None;
        }
        tally.let_in.fetch_add(1, Ordering::Relaxed);
        arrived();
        read(answer.into_body(), known, tally).await;
        Some(())
    };
    tokio::pin!(reading);
    tokio::select! {
        biased;
        read = &mut reading => read,
        // How it ended is told by what was read.
        _ended = driver => reading.await,
    }
}

/// Reads events to the end of the stream.
async fn read(mut body: Incoming, (watched, mut seq): (Watched, u64), tally: &Tally) {
    let mut ahead = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        tally.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        // What was there before has no end but one that this completes.
        let mut looked = ahead.len().saturating_sub(1);
        ahead.extend_from_slice(&data);
        while let Some(end) = memmem::find(&ahead[looked..], b"\n\n") {
            let event = ahead.split_to(looked + end + 2);
            looked = 0;
            match tally.change(&event) {
                Ok(Some(change)) if change.goes_on_from(watched, seq) => {
                    seq = change.seq;
                    tally.events.fetch_add(1, Ordering::Relaxed);
                }
                Ok(None) => {}
                Ok(Some(_)) | Err(Astray) => return tally.count_fault(),
            }
        }
        if EVENT_LEN_MAX < ahead.len() {
            return tally.count_fault();
        }
    }
}

impl Change {
    /// Whether it goes on where a map or a slot is known up to `seq`. By time alone a slot is otherwise at the same.
    fn goes_on_from(self, watched: Watched, seq: u64) -> bool {
        match watched {
            Watched::Map => self.after == Some(seq) && seq < self.seq,
            Watched::Slot => self.after.is_none() && seq <= self.seq,
        }
    }
}

/// It does not go on where it ended before.
#[derive(Debug, PartialEq, Eq)]
struct Astray;

/// What an event tells; none where it tells of no change.
fn read_change(event: &[u8]) -> Result<Option<Change>, Astray> {
    let line = |name: &[u8]| event.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name));
    let Some(data) = line(b"data: ") else { return Ok(None) };
    let id = line(b"id: ").and_then(|id| str::from_utf8(id).ok()?.parse::<u64>().ok());
    let change = serde_json::from_slice::<Change>(data).map_err(|_error| Astray)?;
    if id == Some(change.seq) { Ok(Some(change)) } else { Err(Astray) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_go_on_is_seen() {
        let change = |id: &str, after: u64, seq: u64| {
            format!(
                "id: {id}\ndata: {{\"after\":{after},\"seq\":{seq},\"runs\":[[0,1,\"h\"]],\"areas\":{{}}}}\n\n"
            )
        };
        let state = |id: &str, seq: u64| {
            format!("id: {id}\ndata: {{\"seq\":{seq},\"status\":\"on_sale\",\"counts\":{{\"free\":1}}}}\n\n")
        };
        let (map, slot) = (Watched::Map, Watched::Slot);
        for (watched, event, want) in [
            (map, "retry: 1234\n\n".to_owned(), Ok(None)),
            (map, ": quiet\n\n".to_owned(), Ok(None)),
            (map, change("8", 7, 8), Ok(Some(8))),
            (map, change("20", 7, 20), Ok(Some(20))),
            (map, format!("retry: 1\n\n{}", change("8", 7, 8)), Ok(Some(8))),
            (map, change("8", 6, 8), Err(Astray)),
            (map, change("9", 8, 9), Err(Astray)),
            (map, change("7", 7, 7), Err(Astray)),
            (map, change("6", 7, 6), Err(Astray)),
            (map, change("8", 7, 9), Err(Astray)),
            (map, change("x", 7, 8), Err(Astray)),
            (map, "data: {\"after\":7,\"seq\":8}\n\n".to_owned(), Err(Astray)),
            (map, "id: 8\ndata: {\"after\":7}\n\n".to_owned(), Err(Astray)),
            (map, "id: 8\ndata: x\n\n".to_owned(), Err(Astray)),
            (map, state("8", 8), Err(Astray)),
            (slot, ": quiet\n\n".to_owned(), Ok(None)),
            (slot, state("7", 7), Ok(Some(7))),
            (slot, state("20", 20), Ok(Some(20))),
            (slot, state("6", 6), Err(Astray)),
            (slot, state("8", 9), Err(Astray)),
            (slot, change("8", 7, 8), Err(Astray)),
        ] {
            let tally = Tally::default();
            // Who is told what another was told goes on from there too, or is led astray.
            for _ in 0..2 {
                let next = match tally.change(event.as_bytes()) {
                    Ok(Some(change)) if change.goes_on_from(watched, 7) => Ok(Some(change.seq)),
                    Ok(None) => Ok(None),
                    Ok(Some(_)) | Err(Astray) => Err(Astray),
                };
                assert_eq!(next, want, "{event}");
            }
        }
    }
}

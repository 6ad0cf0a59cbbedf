//! A crowd that watches the live maps of the slots while others buy, each on a connection of its own.
//!
//! Everyone sees to it that what is told goes on where it ended before: from the seq that the slot had, and never back. What the seats
//! themselves are told to be is for the witness, who follows a map through its own looks.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::slot::Slot;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
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
}

impl Tally {
    fn count_fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is read of a change.
#[derive(Deserialize)]
struct Change {
    after: u64,
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
            let (came, door, path) = (came.clone(), Arc::clone(&door), path(slot));
            let seq = slot.seq;
            crowd.watching.spawn(async move {
                let turn = door.acquire_owned().await;
                let arrived = move || drop((turn, came));
                if watch(&settings, &path, seq, &tally, arrived).await.is_some() {
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

fn path(slot: &Slot) -> String {
    format!("/v1/slots/{}/seats/feed?after={}", slot.id, slot.seq)
}

/// Watches until it is cut off; none where it is not let in.
async fn watch(
    settings: &DriveSettings,
    path: &str,
    seq: u64,
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
        let answer =
            sender.send_request(request).await.ok().filter(|answer| answer.status() == StatusCode::OK)?;
        tally.let_in.fetch_add(1, Ordering::Relaxed);
        arrived();
        read(answer.into_body(), seq, tally).await;
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
async fn read(mut body: Incoming, mut seq: u64, tally: &Tally) {
    let mut ahead = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        tally.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        ahead.extend_from_slice(&data);
        while let Some(end) = ahead.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = ahead.drain(..end + 2).collect();
            match next_seq(&event, seq) {
                Ok(Some(next)) => {
                    seq = next;
                    tally.events.fetch_add(1, Ordering::Relaxed);
                }
                Ok(None) => {}
                Err(Astray) => return tally.count_fault(),
            }
        }
        if EVENT_LEN_MAX < ahead.len() {
            return tally.count_fault();
        }
    }
}

/// It does not go on where it ended before.
#[derive(Debug, PartialEq, Eq)]
struct Astray;

/// Up to which seq a map is known behind an event, where it was known up to `seq`; none where it tells of no change.
fn next_seq(event: &[u8], seq: u64) -> Result<Option<u64>, Astray> {
    let line = |name: &[u8]| event.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name));
    let Some(data) = line(b"data: ") else { return Ok(None) };
    let id = line(b"id: ").and_then(|id| str::from_utf8(id).ok()?.parse::<u64>().ok());
    let change = serde_json::from_slice::<Change>(data).map_err(|_error| Astray)?;
    let goes_on = change.after == seq && seq < change.seq && id == Some(change.seq);
    if goes_on { Ok(Some(change.seq)) } else { Err(Astray) }
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
        for (event, want) in [
            ("retry: 1234\n\n".to_owned(), Ok(None)),
            (": quiet\n\n".to_owned(), Ok(None)),
            (change("8", 7, 8), Ok(Some(8))),
            (change("20", 7, 20), Ok(Some(20))),
            (format!("retry: 1\n\n{}", change("8", 7, 8)), Ok(Some(8))),
            (change("8", 6, 8), Err(Astray)),
            (change("9", 8, 9), Err(Astray)),
            (change("7", 7, 7), Err(Astray)),
            (change("6", 7, 6), Err(Astray)),
            (change("8", 7, 9), Err(Astray)),
            (change("x", 7, 8), Err(Astray)),
            ("data: {\"after\":7,\"seq\":8}\n\n".to_owned(), Err(Astray)),
            ("id: 8\ndata: {\"after\":7}\n\n".to_owned(), Err(Astray)),
            ("id: 8\ndata: x\n\n".to_owned(), Err(Astray)),
        ] {
            assert_eq!(next_seq(event.as_bytes(), 7), want, "{event}");
        }
    }
}

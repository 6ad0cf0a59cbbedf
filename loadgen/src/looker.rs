//! Somebody who looks at the seats of a slot while others buy: takes the map, follows what changes, comes back, and asks twice.
//!
//! What it was shown is kept for the witness. A look that breaks or that the server puts off is no look: the next one is due
//! anyway.

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::header::HeaderValue;
use rand::RngExt;
use rand::rngs::SmallRng;
use tokio::time::sleep;

use crate::caller::describe;
use crate::client::{Connection, Message, Reply};
use crate::drive::DriveSettings;
use crate::plan::path;
use crate::retry::is_final;
use witness::house::Look;
use witness::house::words::{MapChange, MapView};

/// How long somebody looks at what was shown.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 200..=600;
/// How many looks of a hundred are at the whole map again, though it is there.
const WHOLE_PERCENT: u32 = 20;
/// How many of a hundred are over a new connection.
const RECONNECT_PERCENT: u32 = 10;
/// How many of a hundred ask what changed since what had been shown before that: late news, and news twice.
const AGAIN_PERCENT: u32 = 20;
/// How many looks are kept of a slot, with a letter for every seat; nobody looks any more then.
const LOOKS_MAX: usize = 500;

/// What was shown, of one slot.
pub(crate) type Looks = Arc<Mutex<Vec<Look>>>;

/// Somebody who looks at one slot.
pub(crate) struct Looker {
    settings: DriveSettings,
    token: HeaderValue,
    slot: String,
    rng: SmallRng,
    connection: Option<Connection>,
    etag: Option<HeaderValue>,
    /// Up to which seqs the map was shown, the last one last.
    seen: Vec<u64>,
    looks: Looks,
}

impl Looker {
    pub(crate) fn new(settings: DriveSettings, token: HeaderValue, slot: &str, rng: SmallRng) -> Self {
        let (slot, looks) = (slot.to_owned(), Looks::default());
        Self { settings, token, slot, rng, connection: None, etag: None, seen: Vec::new(), looks }
    }

    /// What it was shown, now and later.
    pub(crate) fn looks(&self) -> Looks {
        Arc::clone(&self.looks)
    }

    /// Looks for as long as it is polled.
    pub(crate) async fn look(mut self) -> Infallible {
        while self.count() < LOOKS_MAX {
            if self.percent(RECONNECT_PERCENT) {
                self.connection = None;
            }
            if self.seen.is_empty() || self.percent(WHOLE_PERCENT) {
                self.take_map().await;
            } else {
                self.follow().await;
            }
            sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))).await;
        }
        pending().await
    }

    /// The whole map, unless it is the one that is there.
    async fn take_map(&mut self) {
        let path = path(&["v1", "slots", &self.slot, "seats"]);
        let message = Message { known: self.etag.clone(), ..Message::get(path, self.token.clone()) };
        let Some(reply) = self.ask(&message).await else { return };
        match reply.status {
            304 if self.etag.is_some() => {}
            200 => match serde_json::from_slice::<MapView>(&reply.body) {
                Ok(view) => {
                    self.seen = vec![view.seq];
                    self.etag.clone_from(&reply.etag);
                    self.keep(Look::Whole(view));
                }
                Err(error) => self.keep(Look::Unreadable(format!("{error}: {}", describe(&reply)))),
            },
            _ => self.keep(Look::Unreadable(describe(&reply))),
        }
    }

    /// What changed since one of the last looks.
    async fn follow(&mut self) {
        let back = usize::from(self.percent(AGAIN_PERCENT)).min(self.seen.len() - 1);
        let after = self.seen[self.seen.len() - 1 - back];
        let path = path(&["v1", "slots", &self.slot, "seats", &format!("feed?after={after}")]);
        let Some(reply) = self.ask(&Message::get(path, self.token.clone())).await else { return };
        match reply.status {
            200 => match serde_json::from_slice::<MapChange>(&reply.body) {
                Ok(change) if change.after == after && change.seq >= after => {
                    self.seen.push(change.seq);
                    self.keep(Look::Change(change));
                }
                Ok(change) => {
                    let why = format!("changes from {} to {} after {after}", change.after, change.seq);
                    self.keep(Look::Unreadable(why));
                }
                Err(error) => self.keep(Look::Unreadable(format!("{error}: {}", describe(&reply)))),
            },
            // What is so old is no longer told; or the node is another one, which does not know yet what the last one showed.
            410 | 422 => self.forget(),
            _ => self.keep(Look::Unreadable(describe(&reply))),
        }
    }

    fn forget(&mut self) {
        self.seen.clear();
        self.etag = None;
    }

    /// The answer, where there is one that is final.
    async fn ask(&mut self, message: &Message) -> Option<Reply> {
        let patience = self.settings.patience;
        let mut connection = match self.connection.take().filter(Connection::is_open) {
            Some(connection) => connection,
            None => Connection::open(&self.settings.endpoint, patience).await.ok()?,
        };
        let reply = connection.exchange(message).await.ok()?;
        self.connection = Some(connection);
        Some(reply).filter(|reply| is_final(reply.status))
    }

    fn percent(&mut self, share: u32) -> bool {
        self.rng.random_range(0..100) < share
    }

    fn count(&self) -> usize {
        self.looks.lock().expect("no thread panics while it looks").len()
    }

    fn keep(&self, look: Look) {
        self.looks.lock().expect("no thread panics while it looks").push(look);
    }
}

//! Streams of other nodes that a crowd reads here: each is followed once, however many read it. What it told last is kept, so that
//! whoever comes, and whoever reads slowly, goes on from there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use api::live::LiveSlot;
use api::seats::SeatChanges;
use api::slot::Status;
use bytes::Bytes;
use parking_lot::Mutex;

use super::events;
use crate::permits::Permit;
use crate::router::bells::{Bell, Bells};

/// How many bytes of events are kept of one stream. Whoever reads more slowly takes a new map.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// What a stream tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// How something is: the last event is all that matters.
    State,
    /// What changed of seats: one event goes on from the other.
    Changes,
}

/// The streams that somebody reads, by what was asked for.
#[derive(Default)]
pub(crate) struct Relays(Mutex<Known>);

#[derive(Default)]
struct Known {
    relays: BTreeMap<String, Arc<Relay>>,
    /// Nobody is told anything any more.
    ended: bool,
}

/// A stream of another node.
pub(crate) struct Relay {
    /// What was asked for, but for where it is to begin.
    pub(crate) target: String,
    pub(crate) telling: Telling,
    pub(crate) bells: Arc<Bells>,
    kept: Mutex<Kept>,
}

/// What was told last.
struct Kept {
    /// Behind which seq everything is kept.
    since: u64,
    /// How much was told in all.
    count: u64,
    bytes: usize,
    events: VecDeque<Event>,
}

struct Event {
    seq: u64,
    data: String,
}

/// Somebody who reads a stream of another node.
pub(crate) struct Reader {
    pub(crate) relay: Arc<Relay>,
    pub(crate) bell: Bell,
}

/// How far somebody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Up to this seq, of changes.
    pub(crate) seq: u64,
    /// So much was told in all by then.
    pub(crate) count: u64,
}

/// What was told behind a place is not kept any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missed;

impl Relays {
    /// Somebody reads a stream that is followed already.
    pub(crate) fn read(&self, target: &str, permit: Permit) -> Result<Reader, Permit> {
        let known = self.0.lock();
        let Some(relay) = known.relays.get(target) else { return Err(permit) };
        let bell = relay.bells.add(permit).expect("what is over is known no more");
        Ok(Reader { relay: Arc::clone(relay), bell })
    }

    /// The same of one that is followed from now on if nobody did before; none where nobody is told anything any more.
    pub(crate) fn begin(
        &self,
        (target, telling): (String, Telling),
        after: u64,
        permit: Permit,
        follow: impl FnOnce(Arc<Relay>),
    ) -> Option<Reader> {
        let mut known = self.0.lock();
        if known.ended {
            return None;
        }
        let (relay, is_new) = match known.relays.get(&target) {
            Some(relay) => (Arc::clone(relay), false),
            None => (Arc::new(Relay::new(target, telling, after)), true),
        };
        let bell = relay.bells.add(permit)?;
        if is_new {
            known.relays.insert(relay.target.clone(), Arc::clone(&relay));
            follow(Arc::clone(&relay));
        }
        Some(Reader { relay, bell })
    }

    /// Forgets a stream that nobody reads any more, and says whether it did.
    pub(crate) fn forget_unread(&self, relay: &Relay) -> bool {
        let mut known = self.0.lock();
        // Under the lock, under which somebody begins to read.
        let is_unread = !relay.bells.is_watched();
        if is_unread {
            known.relays.remove(&relay.target);
        }
        is_unread
    }

    /// Forgets a stream that is over, whoever reads it.
    pub(crate) fn forget(&self, relay: &Relay) {
        let mut known = self.0.lock();
        known.relays.remove(&relay.target);
        relay.bells.end();
    }

    /// Nobody is told anything any more.
    pub(crate) fn end(&self) {
        let mut known = self.0.lock();
        known.ended = true;
        for relay in std::mem::take(&mut known.relays).values() {
            relay.bells.end();
        }
    }
}

impl Relay {
    fn new(target: String, telling: Telling, after: u64) -> Self {
        let kept = Kept { since: after, count: 0, bytes: 0, events: VecDeque::new() };
        Self { target, telling, bells: Arc::default(), kept: Mutex::new(kept) }
    }

    /// Takes what the stream told, whole events and comments, and says whether there was an event.
    pub(crate) fn hear(&self, text: &str) -> bool {
        let mut kept = self.kept.lock();
        let before = kept.count;
        for event in text.split("\n\n").filter_map(Event::read) {
            kept.count += 1;
            if self.telling == Telling::State {
                kept.events.clear();
                kept.bytes = 0;
            }
            kept.bytes += event.data.len();
            kept.events.push_back(event);
            while KEPT_BYTES_MAX < kept.bytes && 1 < kept.events.len() {
                let first = kept.events.pop_front().expect("there are two");
                kept.bytes -= first.data.len();
                kept.since = first.seq;
            }
        }
        before < kept.count
    }

    /// Up to which seq the stream has told.
    pub(crate) fn seq(&self) -> u64 {
        let kept = self.kept.lock();
        kept.events.back().map_or(kept.since, |last| last.seq)
    }

    /// Whether everything is kept that was told behind a seq.
    pub(crate) fn reaches(&self, seq: u64) -> bool {
        self.kept.lock().since <= seq
    }

    /// What was told behind a place, as events, and how far that is; nothing where nothing was.
    pub(crate) fn behind(&self, place: Place) -> Result<Option<(Bytes, Place)>, Missed> {
        let kept = self.kept.lock();
        if kept.count == place.count {
            return Ok(None);
        }
        let count = kept.count;
        match self.telling {
            Telling::State => {
                let told = kept.events.back().map(|last| (last.text(), Place { seq: last.seq, count }));
                Ok(told)
            }
            Telling::Changes if place.seq < kept.since => Err(Missed),
            Telling::Changes => {
                let mut text = String::new();
                let mut seq = place.seq;
                for event in kept.events.iter().filter(|event| place.seq < event.seq) {
                    text.push_str(&event.behind(seq));
                    seq = event.seq;
                }
                let place = Place { seq, count };
                Ok(Some((text.into(), place)))
            }
        }
    }

    /// Whether the stream has told that nothing more will come.
    pub(crate) fn is_last(&self) -> bool {
        let kept = self.kept.lock();
        let last = kept.events.back().filter(|_last| self.telling == Telling::State);
        let live = last.and_then(|last| serde_json::from_str::<LiveSlot>(&last.data).ok());
        live.is_some_and(|live| matches!(live.status, Status::Cancelled | Status::Finished))
    }
}

impl Event {
    /// One event; nothing where this is a comment, or only says when to come back.
    fn read(text: &str) -> Option<Self> {
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        Some(Self { seq: line("id: ")?.parse().ok()?, data: line("data: ")?.to_owned() })
    }

    fn text(&self) -> Bytes {
        events::event(self.seq, &self.data).into()
    }

    /// What changed, for whoever knows the seats as they were at this seq, which is no earlier than that behind which this was told: more
    /// than that may have been so before, and is told again.
    fn behind(&self, seq: u64) -> String {
        match serde_json::from_str::<SeatChanges>(&self.data) {
            Ok(changes) if changes.after != seq => changes_told(&SeatChanges { after: seq, ..changes }),
            Ok(_) | Err(_) => events::event(self.seq, &self.data),
        }
    }
}

/// Changes as an event.
pub(crate) fn changes_told(changes: &SeatChanges) -> String {
    events::event(changes.seq, &serde_json::to_string(changes).expect("an answer is JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permits::{Lane, Permits};

    fn event(after: u64, seq: u64, more: &str) -> String {
        events::event(
            seq,
            &format!(r#"{{"after":{after},"seq":{seq},"runs":[[{seq},1,"h"]],"areas":{{{more}}}}}"#),
        )
    }

    fn place(seq: u64, count: u64) -> Place {
        Place { seq, count }
    }

    #[test]
    fn whoever_reads_changes_goes_on_from_where_they_are() {
        let relay = Relay::new("t".to_owned(), Telling::Changes, 3);
        assert_eq!((relay.seq(), relay.behind(place(3, 0))), (3, Ok(None)));
        assert!(!relay.hear("retry: 1000\n\n") && !relay.hear(": quiet\n\n"));
        assert!(relay.hear(&[event(3, 5, ""), event(5, 9, "")].concat()));
        assert_eq!((relay.seq(), relay.reaches(3), relay.reaches(2)), (9, true, false));
        for (at, want) in [
            (3, [event(3, 5, ""), event(5, 9, "")].concat()),
            (5, event(5, 9, "")),
            // Between two: told more than is new, and from there on.
            (4, [event(4, 5, ""), event(5, 9, "")].concat()),
            (7, event(7, 9, "")),
            (9, String::new()),
        ] {
            assert_eq!(relay.behind(place(at, 0)), Ok(Some((want.into(), place(9, 2)))), "{at}");
        }
        // Who was told more than the stream has told by now.
        assert_eq!(relay.behind(place(12, 0)), Ok(Some((Bytes::new(), place(12, 2)))));
        assert_eq!(relay.behind(place(2, 0)), Err(Missed));
        assert_eq!(relay.behind(place(9, 2)), Ok(None));
        assert!(!relay.is_last());

        let long = format!(r#""{}":1"#, "x".repeat(KEPT_BYTES_MAX));
        assert!(relay.hear(&event(9, 10, &long)));
        assert_eq!((relay.reaches(8), relay.reaches(9), relay.seq()), (false, true, 10));
    }

    #[test]
    fn whoever_reads_how_something_is_is_told_the_last_only() {
        let relay = Relay::new("t".to_owned(), Telling::State, 0);
        let live = |seq, status| {
            let counts = r#"{"capacity":1,"free":1,"held":0,"offered":0,"confirmed":0,"waitlisted":0}"#;
            events::event(
                seq,
                &format!(
                    r#"{{"seq":{seq},"now":"2030-01-01T00:00:00.000Z","status":"{status}","counts":{counts},"bookable":1,"opens_in_ms":0}}"#
                ),
            )
        };
        assert!(relay.hear(&live(4, "on_sale")) && relay.hear(&live(5, "closed")));
        assert!(!relay.is_last());
        assert_eq!(relay.behind(place(0, 0)), Ok(Some((live(5, "closed").into(), place(5, 2)))));
        assert_eq!(relay.behind(place(5, 2)), Ok(None));
        assert!(relay.hear(&live(5, "finished")) && relay.is_last());
        assert_eq!(relay.behind(place(5, 2)), Ok(Some((live(5, "finished").into(), place(5, 3)))));
    }

    #[tokio::test]
    async fn a_stream_is_followed_once_and_forgotten_with_its_last_reader() {
        let (relays, permits) = (Relays::default(), Permits::default());
        let permit = || permits.take(Lane::Crowd).expect("room");
        let target = || ("t".to_owned(), Telling::State);
        assert!(relays.read("t", permit()).is_err(), "nobody follows it");
        let mut followed = 0;
        let first = relays.begin(target(), 0, permit(), |_relay| followed += 1).expect("it goes on");
        let second = relays.begin(target(), 0, permit(), |_relay| followed += 1).expect("it goes on");
        let third = relays.read("t", permit()).expect("it is followed");
        assert_eq!(followed, 1);
        assert!(Arc::ptr_eq(&first.relay, &second.relay) && Arc::ptr_eq(&first.relay, &third.relay));
        let relay = Arc::clone(&first.relay);
        drop((first, second));
        assert!(!relays.forget_unread(&relay));
        drop(third);
        assert!(relays.forget_unread(&relay) && relays.read("t", permit()).is_err());

        let last = relays.begin(target(), 0, permit(), |_relay| {}).expect("it goes on");
        relays.forget(&last.relay);
        assert!(last.bell.is_over() && relays.read("t", permit()).is_err());
        let last = relays.begin(target(), 0, permit(), |_relay| {}).expect("it goes on");
        relays.end();
        assert!(last.bell.is_over() && relays.begin(target(), 0, permit(), |_relay| {}).is_none());
    }
}

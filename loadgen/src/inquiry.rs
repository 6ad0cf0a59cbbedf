//! The inquiry: reads what the slots say of themselves when the drop is over.
//!
//! In this order, slot by slot: a sample of the bookings that were granted, the slot, its feed. The feed is read last,
//! so that it covers whatever the others were read at.

use api::booking::Booking;
use api::feed::Page;
use api::slot::Slot;
use hyper::Uri;
use hyper::header::HeaderValue;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use crate::caller::{Caller, describe};
use crate::client::Message;
use crate::drive::DriveSettings;
use crate::plan::path;
use witness::history::{Ask, Evidence, Feed, Reading, Request, SlotNumber};

/// How many slots are read at a time.
const CONCURRENCY: usize = 8;

/// Reads every slot, and at most `bookings_max` of the bookings that `requests` were granted.
pub(crate) async fn read(
    slots: Vec<Slot>,
    requests: &[Request],
    organizer: &HeaderValue,
    bookings_max: usize,
    (settings, rng): (&DriveSettings, &mut SmallRng),
) -> Vec<Evidence> {
    let samples = sample(slots.len(), requests, bookings_max, rng);
    let mut shares: Vec<Vec<(SlotNumber, Slot, Vec<String>)>> =
        (0..CONCURRENCY).map(|_share| Vec::new()).collect();
    for (number, (slot, sample)) in slots.into_iter().zip(samples).enumerate() {
        shares[number % CONCURRENCY].push((SlotNumber(number), slot, sample));
    }
    let mut running = JoinSet::new();
    for share in shares {
        let rng = SmallRng::seed_from_u64(rng.random());
        let caller = Caller::new(settings.endpoint.clone(), settings.patience, settings.retry_for, rng);
        let mut reader = Reader { caller, organizer: organizer.clone(), given_up: None };
        running.spawn(async move {
            let mut read = Vec::new();
            for (number, slot, sample) in share {
                read.push((number, reader.evidence(slot, sample).await));
            }
            read
        });
    }
    let mut read: Vec<(SlotNumber, Evidence)> = running.join_all().await.into_iter().flatten().collect();
    read.sort_by_key(|(number, _evidence)| *number);
    read.into_iter().map(|(_number, evidence)| evidence).collect()
}

/// Bookings to read, by slot: any of those that were granted, each as likely as the next.
fn sample(slots: usize, requests: &[Request], bookings_max: usize, rng: &mut SmallRng) -> Vec<Vec<String>> {
    let mut granted: Vec<&Request> = requests
        .iter()
        .filter(|request| matches!(request.ask, Ask::Book { .. }))
        .filter(|request| request.answers.first().is_some_and(|answer| matches!(answer.status, 201 | 202)))
        .collect();
    granted.shuffle(rng);
    let mut samples: Vec<Vec<String>> = vec![Vec::new(); slots];
    for request in granted.into_iter().take(bookings_max) {
        let answer = request.answers.first().expect("only granted requests were kept");
        // A body that is no booking is the witness's business.
        if let Ok(Booking { id, .. }) = serde_json::from_slice(&answer.body) {
            samples[request.slot.0].push(id);
        }
    }
    samples
}

/// Reads one thing after another, until one of them cannot be reached: then the server is gone for this reader.
struct Reader {
    caller: Caller,
    organizer: HeaderValue,
    given_up: Option<String>,
}

impl Reader {
    async fn evidence(&mut self, before: Slot, sample: Vec<String>) -> Evidence {
        let mut bookings = Vec::with_capacity(sample.len());
        for id in sample {
            let reading = self.get(path(&["v1", "bookings", &id])).await;
            bookings.push((id, reading));
        }
        let after =
            self.get(path(&["v1", "slots", &format!("{}?consistency=linearizable", before.id)])).await;
        let feed = self.feed(&before.id).await;
        Evidence { before, changes: Vec::new(), looks: Vec::new(), bookings, after, feed }
    }

    /// A whole feed, page by page.
    async fn feed(&mut self, slot: &str) -> Reading<Feed> {
        let mut feed = Feed::default();
        let mut after = 0;
        loop {
            let page: Page =
                match self.get(path(&["v1", "slots", slot, &format!("feed?after={after}")])).await {
                    Reading::Got(page) => page,
                    Reading::Missing => return Reading::Missing,
                    Reading::Unreadable(why) => return Reading::Unreadable(why),
                };
            feed.records.extend(page.items);
            match page.next {
                Some(next) if next > after => after = next,
                Some(next) => return Reading::Unreadable(format!("after {after} it goes on with {next}")),
                None => {
                    feed.seq = page.seq;
                    return Reading::Got(feed);
                }
            }
        }
    }

    async fn get<T: DeserializeOwned>(&mut self, path: Uri) -> Reading<T> {
        if let Some(why) = &self.given_up {
            return Reading::Unreadable(why.clone());
        }
        let reply = match self.caller.call(&Message::get(path, self.organizer.clone())).await {
            Ok(reply) => reply,
            Err(error) => {
                let why = error.to_string();
                self.given_up = Some(why.clone());
                return Reading::Unreadable(why);
            }
        };
        match reply.status {
            200 => serde_json::from_slice(&reply.body).map_or_else(
                |error| Reading::Unreadable(format!("{error}: {}", describe(&reply))),
                Reading::Got,
            ),
            404 => Reading::Missing,
            _ => Reading::Unreadable(describe(&reply)),
        }
    }
}

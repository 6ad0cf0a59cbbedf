//! The inquiry: reads what the slots say of themselves when the drop is over.
//!
//! In this order, slot by slot: a sample of the bookings that were granted, the slot, its feed. The feed is read last,
//! so that it covers whatever the others were read at.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::booking::Booking;
use api::feed::Page;
use api::slot::Slot;
use hyper::Uri;
use hyper::header::HeaderValue;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;

use crate::caller::{Caller, describe};
use crate::client::{Message, Reply};
use crate::drive::DriveSettings;
use crate::plan::path;
use crate::stage::Stage;
use witness::history::{Ask, Evidence, Feed, Reading, Request, SlotNumber};
use witness::house::words::{self, SlotSeats};
use witness::house::{House, Plan};

/// How many slots are read at a time.
const CONCURRENCY: usize = 8;

/// What the slots say: of themselves, and of their seats where they have any.
pub(crate) type Said = (Vec<Evidence>, BTreeMap<SlotNumber, House>);

/// Reads every slot, and at most `bookings_max` of the bookings that `requests` were granted.
pub(crate) async fn read(
    Stage { slots, house, .. }: Stage,
    requests: &[Request],
    organizer: &HeaderValue,
    bookings_max: usize,
    (settings, rng): (&DriveSettings, &mut SmallRng),
) -> Said {
    let samples = sample(slots.len(), requests, bookings_max, rng);
    let mut shares: Vec<Vec<Due>> = (0..CONCURRENCY).map(|_share| Vec::new()).collect();
    let mut plans = house.map(|house| (house.plan, house.before.into_iter()));
    for (number, (before, sample)) in slots.into_iter().zip(samples).enumerate() {
        let seats = plans.as_mut().and_then(|(plan, before)| Some((Arc::clone(plan), before.next()?)));
        shares[number % CONCURRENCY].push(Due { number: SlotNumber(number), before, sample, seats });
    }
    let mut running = JoinSet::new();
    for share in shares {
        let rng = SmallRng::seed_from_u64(rng.random());
        let caller = Caller::new(settings.endpoint.clone(), settings.patience, settings.retry_for, rng);
        let mut reader = Reader { caller, organizer: organizer.clone(), given_up: None };
        running.spawn(async move {
            let mut read = Vec::new();
            for due in share {
                read.push((due.number, reader.evidence(due).await));
            }
            read
        });
    }
    let mut read: Vec<(SlotNumber, (Evidence, Option<House>))> =
        running.join_all().await.into_iter().flatten().collect();
    read.sort_by_key(|(number, _evidence)| *number);
    let mut said = Said::default();
    for (number, (evidence, house)) in read {
        said.0.push(evidence);
        said.1.extend(house.map(|house| (number, house)));
    }
    said
}

/// What is to be read of one slot.
struct Due {
    number: SlotNumber,
    before: Slot,
    sample: Vec<String>,
    /// Its map, and what it said of its seats before anybody came.
    seats: Option<(Arc<Plan>, SlotSeats)>,
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
    async fn evidence(&mut self, due: Due) -> (Evidence, Option<House>) {
        let Due { before, sample, seats, .. } = due;
        let mut house = seats.map(|(plan, before)| House::new((*plan).clone(), before));
        let mut bookings = Vec::with_capacity(sample.len());
        for id in sample {
            let body = self.get(path(&["v1", "bookings", &id])).await;
            let reading = body.parse(|body| serde_json::from_slice::<Booking>(body));
            if let (Some(house), Some(booking), Some(body)) = (&mut house, reading.got(), body.got()) {
                let seats = serde_json::from_slice(body).unwrap_or_default();
                house.bookings.push((id.clone(), booking.seq, seats));
            }
            bookings.push((id, reading));
        }
        let body = self.get(path(&["v1", "slots", &format!("{}?consistency=linearizable", before.id)])).await;
        let after = match &mut house {
            None => body.parse(|body| serde_json::from_slice(body)),
            Some(house) => body.parse(|body| {
                let (slot, seats) = words::plain(body)?;
                house.after = Some(seats);
                Ok(slot)
            }),
        };
        let feed = self.feed(&before.id, house.as_mut()).await;
        let (changes, looks, free) = (Vec::new(), Vec::new(), Vec::new());
        (Evidence { before, changes, looks, free, bookings, after, feed }, house)
    }

    /// A whole feed, page by page.
    async fn feed(&mut self, slot: &str, mut house: Option<&mut House>) -> Reading<Feed> {
        let mut feed = Feed::default();
        let mut after = 0;
        loop {
            let body = self.get(path(&["v1", "slots", slot, &format!("feed?after={after}")])).await;
            let page: Page = match body.parse(|body| serde_json::from_slice(body)) {
                Reading::Got(page) => page,
                Reading::Missing => return Reading::Missing,
                Reading::Unreadable(why) => return Reading::Unreadable(why),
            };
            if let (Some(house), Some(body)) = (&mut house, body.got()) {
                match serde_json::from_slice::<words::Page>(body) {
                    Ok(page) => house.records.extend(page.items),
                    Err(error) => return Reading::Unreadable(format!("what it says of seats: {error}")),
                }
            }
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

    async fn get(&mut self, path: Uri) -> Body {
        if let Some(why) = &self.given_up {
            return Body(Reading::Unreadable(why.clone()));
        }
        let reply = match self.caller.call(&Message::get(path, self.organizer.clone())).await {
            Ok(reply) => reply,
            Err(error) => {
                let why = error.to_string();
                self.given_up = Some(why.clone());
                return Body(Reading::Unreadable(why));
            }
        };
        Body(match reply.status {
            200 => Reading::Got(reply),
            404 => Reading::Missing,
            _ => Reading::Unreadable(describe(&reply)),
        })
    }
}

/// What came of asking for something, as it came.
struct Body(Reading<Reply>);

impl Body {
    fn got(&self) -> Option<&[u8]> {
        self.0.got().map(|reply| reply.body.as_slice())
    }

    /// The thing itself.
    fn parse<T>(&self, read: impl FnOnce(&[u8]) -> serde_json::Result<T>) -> Reading<T> {
        match &self.0 {
            Reading::Got(reply) => read(&reply.body).map_or_else(
                |error| Reading::Unreadable(format!("{error}: {}", describe(reply))),
                Reading::Got,
            ),
            Reading::Missing => Reading::Missing,
            Reading::Unreadable(why) => Reading::Unreadable(why.clone()),
        }
    }
}

//! Whoever keeps a house: closes some of its seats while they are sold, to all or for the press, and opens them again.
//!
//! What comes of it is in the feed, where the witness finds it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use api::seats::SellSeats;
use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderValue;
use rand::RngExt;
use rand::rngs::SmallRng;
use tokio::time::sleep;

use crate::caller::Caller;
use crate::client::Message;
use crate::plan::{key, path};
use witness::house::Plan;

/// How long a house is left as it is.
const PAUSE_MS: RangeInclusive<u64> = 50..=250;
/// How many times of a hundred something is opened, where something is closed.
const OPEN_PERCENT: u32 = 40;
/// How many seats of a hundred that are closed are kept for the press.
const PRESS_PERCENT: u32 = 40;

/// The keeper of one slot's house.
pub(crate) struct Keeper {
    caller: Caller,
    token: HeaderValue,
    slot: String,
    plan: Arc<Plan>,
    rng: SmallRng,
    /// How many seats are closed at most.
    closed_max: usize,
    /// What was to be closed and has not been opened since, whatever came of it.
    closed: Vec<String>,
    /// How often it was asked.
    asked: u64,
}

impl Keeper {
    pub(crate) fn new(
        (caller, token): (Caller, HeaderValue),
        slot: &str,
        (plan, closed_max): (&Arc<Plan>, u32),
        rng: SmallRng,
    ) -> Self {
        let (slot, plan) = (slot.to_owned(), Arc::clone(plan));
        Self { caller, token, slot, plan, rng, closed_max: closed_max as usize, closed: Vec::new(), asked: 0 }
    }

    /// Closes and opens for as long as it is polled.
    pub(crate) async fn keep(mut self) -> Infallible {
        loop {
            sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))).await;
            let message = self.message();
            // One who cannot be reached is asked something else next time.
            self.caller.call(&message).await.ok();
        }
    }

    fn message(&mut self) -> Message {
        self.asked += 1;
        let body = serde_json::to_vec(&self.next()).expect("names are JSON");
        Message {
            method: Method::POST,
            path: path(&["v1", "slots", &self.slot, "seats"]),
            token: self.token.clone(),
            key: Some(key(&format!("keeper-{}", self.asked))),
            known: None,
            body: Bytes::from(body),
        }
    }

    /// A seat that is to be opened, or one that is to be closed: somebody may have it, and then it is not.
    fn next(&mut self) -> SellSeats {
        let opens = self.closed.len() == self.closed_max || self.percent(OPEN_PERCENT);
        if opens && !self.closed.is_empty() {
            let place = self.rng.random_range(0..self.closed.len());
            return SellSeats { open: vec![self.closed.swap_remove(place)], ..SellSeats::default() };
        }
        let seat = self.plan.seats[self.rng.random_range(0..self.plan.seats.len())].name.clone();
        if self.closed.contains(&seat) {
            return SellSeats::default();
        }
        self.closed.push(seat.clone());
        if self.percent(PRESS_PERCENT) {
            let allot = BTreeMap::from([("press".to_owned(), vec![seat])]);
            return SellSeats { allot, ..SellSeats::default() };
        }
        SellSeats { block: vec![seat], ..SellSeats::default() }
    }

    fn percent(&mut self, share: u32) -> bool {
        self.rng.random_range(0..100) < share
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::{Arc, Caller, Duration, HeaderValue, Keeper, Plan, SmallRng};
    use crate::client::Endpoint;
    use crate::house;
    use crate::options::{HouseKind, HouseOptions};

    #[test]
    fn no_more_is_closed_than_may_be_and_what_is_opened_was_closed() {
        let drawn = house::draw(HouseOptions { kind: HouseKind::Cinema, seed: 1, seats: Some(60) });
        let plan = Arc::new(Plan::read(&serde_json::to_vec(&drawn).unwrap()).unwrap());
        let endpoint = Endpoint { target: "http://node:1".parse().unwrap(), trust: None };
        let caller = Caller::new(endpoint, Duration::ZERO, Duration::ZERO, SmallRng::seed_from_u64(1));
        let token = HeaderValue::from_static("token");
        let mut keeper = Keeper::new((caller, token), "slot_1", (&plan, 5), SmallRng::seed_from_u64(2));
        let (mut closed, mut most) = (BTreeSet::new(), 0);
        for _ask in 0..500 {
            let asked = keeper.next();
            for seat in asked.block.iter().chain(asked.allot.values().flatten()) {
                assert!(plan.seat(seat).is_some() && closed.insert(seat.clone()), "{seat}");
            }
            assert!(asked.open.iter().all(|seat| closed.remove(seat)), "{:?}", asked.open);
            most = most.max(closed.len());
        }
        assert_eq!(most, 5);
    }
}

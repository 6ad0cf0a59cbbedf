//! Whoever says what a slot sells, and changes it while it is sold: prices, and how many there are of what. What the slot was by
//! each change is what the witness judges by.

use api::slot::{ChangeSlot, Slot};
use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderValue;

use crate::caller::Caller;
use crate::client::Message;
use crate::clock::Clock;
use crate::plan::{key, path};
use witness::history::{Moment, SlotNumber};
use witness::house::words;

/// The seller of one slot.
pub(crate) struct Seller {
    pub(crate) caller: Caller,
    pub(crate) token: HeaderValue,
    pub(crate) slot: String,
    pub(crate) number: SlotNumber,
    /// What is to be changed, and when.
    pub(crate) changes: Vec<(Moment, ChangeSlot)>,
    pub(crate) places: SellsBy,
}

/// What a slot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SellsBy {
    Unit,
    Seat,
}

impl Seller {
    /// Changes the slot in time, and gives it as it was by each change that was answered. One that was not may have been made, and
    /// what follows is not judged by what was before.
    pub(crate) async fn sell(mut self, clock: Clock) -> (SlotNumber, Vec<Slot>) {
        let mut made = Vec::new();
        for (place, (due, change)) in std::mem::take(&mut self.changes).into_iter().enumerate() {
            clock.reach(due).await;
            let message = self.message(place, &change);
            let reply = self.caller.call(&message).await;
            if let Some(reply) = reply.ok().filter(|reply| reply.status == 200) {
                made.extend(self.read(&reply.body));
            }
        }
        (self.number, made)
    }

    fn message(&self, place: usize, change: &ChangeSlot) -> Message {
        Message {
            method: Method::PATCH,
            path: path(&["v1", "slots", &self.slot]),
            token: self.token.clone(),
            key: Some(key(&format!("seller-{}-{place}", self.slot))),
            known: None,
            body: Bytes::from(serde_json::to_vec(change).expect("a change is JSON")),
        }
    }

    /// The slot that an answer shows. One that cannot be read says nothing.
    fn read(&self, body: &[u8]) -> Option<Slot> {
        match self.places {
            SellsBy::Unit => serde_json::from_slice(body).ok(),
            SellsBy::Seat => words::plain(body).ok().map(|(slot, _seats)| slot),
        }
    }
}

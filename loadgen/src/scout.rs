//! Somebody who looks for free hours of a calendar while others book them. What was shown is kept for the witness.

use std::convert::Infallible;
use std::future::pending;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::calendar::Page;
use api::list::LIMIT_MAX;
use hyper::Uri;
use hyper::header::HeaderValue;
use rand::RngExt;
use rand::rngs::SmallRng;
use tokio::time::sleep;

use crate::caller::{Caller, describe};
use crate::client::{Message, Reply};
use crate::clock::Clock;
use crate::courts::Courts;
use crate::plan::path;
use witness::history::{FreeAsk, FreeLook, Reading, SlotNumber};

/// How long somebody thinks about what was shown.
const PAUSE_MS: RangeInclusive<u64> = 100..=400;
/// How many looks are kept of a slot, each with some hundred stretches; nobody looks any more then.
const LOOKS_MAX: usize = 300;

/// What was shown of one slot.
pub(crate) type FreeLooks = Arc<Mutex<Vec<FreeLook>>>;

/// Somebody who looks at what is free of one slot.
pub(crate) struct Scout {
    pub(crate) caller: Caller,
    pub(crate) token: HeaderValue,
    pub(crate) slot: String,
    pub(crate) number: SlotNumber,
    pub(crate) courts: Courts,
    pub(crate) rng: SmallRng,
    pub(crate) looks: FreeLooks,
}

impl Scout {
    /// Looks for as long as it is polled.
    pub(crate) async fn look(mut self, clock: Clock) -> Infallible {
        for _look in 0..LOOKS_MAX {
            sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))).await;
            let asked = self.courts.question(self.number.0, &mut self.rng);
            let message = Message::get(self.path(&asked), self.token.clone());
            let sent = clock.now();
            // One that cannot be reached is asked something else next time.
            if let Ok(reply) = self.caller.call(&message).await {
                let look = FreeLook { asked, sent, received: clock.now(), page: read(&reply) };
                self.looks.lock().expect("no thread panics while it looks").push(look);
            }
        }
        pending().await
    }

    fn path(&self, FreeAsk { from, to, seconds, quantity, resource }: &FreeAsk) -> Uri {
        let seconds = seconds.map_or_else(String::new, |seconds| format!("&seconds={seconds}"));
        let resource = resource.as_ref().map_or_else(String::new, |resource| format!("&resource={resource}"));
        let asked =
            format!("free?from={from}&to={to}&quantity={quantity}&limit={LIMIT_MAX}{seconds}{resource}");
        path(&["v1", "slots", &self.slot, &asked])
    }
}

fn read(reply: &Reply) -> Reading<Page> {
    let unreadable = |error| Reading::Unreadable(format!("{error}: {}", describe(reply)));
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_or_else(unreadable, Reading::Got),
        404 => Reading::Missing,
        _ => Reading::Unreadable(describe(reply)),
    }
}

//! Drives the load: every request is sent when it is due, whatever the server does.
//!
//! ```text
//!  plan ──► worker ── heap of what is due, by time ──► connection ──► answer ──► history
//!             ▲                                            │
//!             └──── again with the same key ◄── broken, late, 408, 429, 5xx
//!             └──── a confirmation, a cancellation, a repetition ◄── first answer
//! ```
//!
//! Requests are dealt out to as many workers as there are connections. Each worker owns its connection, its part of
//! the plan and its part of the history: nothing is shared but the tally. A request that finds its connection busy is
//! late by the server's doing, and its latency says so, since it counts from the intended moment.

mod settings;

mod tally;

mod worker;

use std::sync::Arc;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;

pub(crate) use self::settings::DriveSettings;
pub(crate) use self::tally::{Cause, Figures, Tally, Timing};

use self::worker::Worker;
use crate::clock::Clock;
use crate::plan::Planned;
use witness::history::Request;

/// Workers that are connected and wait for the start.
pub(crate) struct Workers {
    workers: Vec<Worker>,
}

impl Workers {
    /// Deals out the plan and opens the connections. One that cannot be opened is tried again when it is needed.
    pub(crate) async fn assemble(plan: Vec<Planned>, settings: &DriveSettings, rng: &mut SmallRng) -> Self {
        let count = settings.connections as usize;
        let mut workers: Vec<Worker> =
            (0..count).map(|_number| Worker::new(settings, SmallRng::seed_from_u64(rng.random()))).collect();
        for (number, planned) in plan.into_iter().enumerate() {
            workers[number % count].take(planned);
        }
        for worker in &mut workers {
            worker.warm_up().await;
        }
        Self { workers }
    }

    /// Sells. Gives the requests with their answers when each has one or is given up.
    pub(crate) async fn sell(self, clock: Clock, tally: &Arc<Tally>) -> Vec<Request> {
        let mut running = JoinSet::new();
        for worker in self.workers {
            running.spawn(worker.run(clock, Arc::clone(tally)));
        }
        running.join_all().await.into_iter().flatten().map(|planned| planned.request).collect()
    }
}

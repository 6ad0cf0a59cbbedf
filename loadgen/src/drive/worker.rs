//! One worker: one connection, and the requests that go through it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use api::booking::Booking;
use rand::rngs::SmallRng;
use tokio::time::sleep;

use super::settings::DriveSettings;
use super::tally::{Cause, Ending, Tally, Timing, seats_given};
use crate::client::{Broken, Connection, Reply};
use crate::clock::Clock;
use crate::plan::Planned;
use crate::retry::{Backoff, is_final};
use witness::history::{Answer, Moment, Request};
use witness::house::words::BookingSeats;

/// A worker before, during and after its run.
pub(super) struct Worker {
    settings: DriveSettings,
    rng: SmallRng,
    connection: Option<Connection>,
    /// Everything that this worker has sent or will send.
    planned: Vec<Planned>,
    /// What is to be sent when, by its place in `planned`; the earliest first.
    due: BinaryHeap<Reverse<(Moment, usize)>>,
    /// Waits of the connection, and of requests that the server put off.
    backoff: Backoff,
    /// Since when nothing has succeeded; none while all is well.
    trouble_since: Option<Moment>,
}

/// The server has been silent for too long: what is left is given up.
struct Gone;

impl Worker {
    pub(super) fn new(settings: &DriveSettings, rng: SmallRng) -> Self {
        Self {
            settings: settings.clone(),
            rng,
            connection: None,
            planned: Vec::new(),
            due: BinaryHeap::new(),
            backoff: Backoff::default(),
            trouble_since: None,
        }
    }

    /// Takes one more request.
    pub(super) fn take(&mut self, planned: Planned) {
        self.due.push(Reverse((planned.request.intended, self.planned.len())));
        self.planned.push(planned);
    }

    /// Opens the connection ahead of time, if it can be opened.
    pub(super) async fn warm_up(&mut self) {
        self.connection = Connection::open(&self.settings.endpoint, self.settings.patience).await.ok();
    }

    /// Sends all that is due, until everything is answered or given up. Gives it back whole: taken apart here, while others
    /// still wait for their last answers, it would be counted as the server's time.
    pub(super) async fn run(mut self, clock: Clock, tally: Arc<Tally>) -> Vec<Planned> {
        while let Some(Reverse((due, place))) = self.due.pop() {
            let free = clock.now();
            clock.reach(due).await;
            let ready = due.max(free);
            if self.send(place, ready, clock, &tally).await.is_err() {
                break;
            }
        }
        self.planned
    }

    /// One attempt at one request, which could have been sent from `ready` on.
    async fn send(&mut self, place: usize, ready: Moment, clock: Clock, tally: &Tally) -> Result<(), Gone> {
        let kept = self.connection.take().filter(Connection::is_open);
        let was_kept = kept.is_some();
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connect(clock, tally).await?,
        };
        let planned = &mut self.planned[place];
        let sent = clock.now();
        if planned.request.sent.is_none() {
            planned.request.sent = Some(sent);
            tally.sent();
        }
        if was_kept {
            tally.record(Timing::Lateness, sent.since(ready));
        }
        let result = connection.exchange(&planned.message).await;
        let now = clock.now();
        match result {
            Ok(reply) => {
                self.connection = Some(connection);
                tally.heard(now);
                self.trouble_since = None;
                self.take_reply(place, reply, sent, now, tally);
                Ok(())
            }
            Err(broken) => {
                let cause = if matches!(broken, Broken::TimedOut) { Cause::TimedOut } else { Cause::Broken };
                self.put_off(place, cause, Duration::ZERO, now, tally);
                self.still_hopes(now, tally)
            }
        }
    }

    /// Connects, however long it takes the server to come back.
    async fn connect(&mut self, clock: Clock, tally: &Tally) -> Result<Connection, Gone> {
        let mut is_stranded = false;
        loop {
            let opened = Connection::open(&self.settings.endpoint, self.settings.patience).await;
            let hope = match &opened {
                Ok(_connection) => Ok(()),
                Err(_broken) => self.still_hopes(clock.now(), tally),
            };
            if is_stranded && (opened.is_ok() || hope.is_err()) {
                tally.rescue();
            }
            hope?;
            if let Ok(connection) = opened {
                self.backoff = Backoff::default();
                return Ok(connection);
            }
            if !is_stranded {
                is_stranded = true;
                tally.strand();
            }
            sleep(self.backoff.pause(&mut self.rng)).await;
        }
    }

    /// Gives up where neither this worker nor another has heard anything for as long as a request is repeated.
    fn still_hopes(&mut self, now: Moment, tally: &Tally) -> Result<(), Gone> {
        let since = *self.trouble_since.get_or_insert(now);
        let silence = now.since(since.max(tally.last_heard()));
        if silence > self.settings.retry_for { Err(Gone) } else { Ok(()) }
    }

    fn take_reply(&mut self, place: usize, reply: Reply, sent: Moment, now: Moment, tally: &Tally) {
        if !is_final(reply.status) {
            let pause = self.backoff.pause_asked(reply.retry_after, &mut self.rng);
            self.put_off(place, Cause::Status(reply.status), pause, now, tally);
            return;
        }
        self.backoff = Backoff::default();
        let Reply { status, origin, body, .. } = reply;
        let planned = &mut self.planned[place];
        let is_first = planned.request.answers.is_empty();
        planned.request.answers.push(Answer { received: now, status, origin, body: body.into() });
        if is_first {
            tally.answered(
                Ending::of(&planned.request.ask, status),
                seats_given(&planned.request.ask, status),
                now.since(planned.request.intended),
                now.since(sent),
            );
            self.follow_up(place, now);
        } else {
            tally.repeated();
        }
    }

    /// Puts a request off, or leaves it as it is where it has been tried for long enough.
    fn put_off(&mut self, place: usize, cause: Cause, pause: Duration, now: Moment, tally: &Tally) {
        let first_sent = self.planned[place].request.sent.unwrap_or(now);
        let again = now.after(pause);
        if again.since(first_sent) <= self.settings.retry_for {
            tally.retried(cause);
            self.due.push(Reverse((again, place)));
        }
    }

    /// What a customer does who has the first answer: asks again, or goes on with what was got.
    fn follow_up(&mut self, place: usize, now: Moment) {
        let planned = &self.planned[place];
        if let Some(pause) = planned.repeat_after {
            self.due.push(Reverse((now.after(pause), place)));
        }
        let seats = || seats_granted(&planned.request);
        let granted = booking_granted(&planned.request);
        if let Some(next) = granted.and_then(|booking| planned.next(&booking, seats, now)) {
            self.take(next);
        }
    }
}

/// The seats of the booking that a request was granted.
fn seats_granted(request: &Request) -> Option<BookingSeats> {
    serde_json::from_slice(&request.answers.first()?.body).ok()
}

/// The booking that a request was granted. A body that cannot be read is the witness's business.
fn booking_granted(request: &Request) -> Option<Booking> {
    let answer = request.answers.first().filter(|answer| matches!(answer.status, 200..=202))?;
    serde_json::from_slice(&answer.body).ok()
}

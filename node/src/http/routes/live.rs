//! How a slot is, for everyone: a stream of events that tells it at once and whenever it changes.
//!
//! One task looks at a slot that somebody watches, at what its actor publishes: no actor is asked, and what is seen is written once.
//! Those who watch are called one after the other, at the pace of all who watch anything (`router/pace.rs`): so the more watch, the
//! longer it takes until each is told again, and each is told how it is by then.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use booking::{Timestamp, View};
use bytes::Bytes;
use futures::stream;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Name, PublicCall};
use crate::http::request::timeouts::{ConnectionTimer, Limit};
use crate::http::response::events::{self, QUIET, QUIET_COMMENT, greeting};
use crate::http::response::live::{Frame, WatchedSlot, Watcher};
use crate::http::response::maps::of_slot;
use crate::http::response::problem::ProblemResponse;
use crate::permits::Lane;

/// From one look at a slot that changes to the next, at least.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// From one look at a slot that stands still to the next, at most: its actor may be another by then.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long the seatmap by which a slot is told may take to be read.
const READ_TIME: Duration = Duration::from_secs(10);

/// Tells how a slot is, as this node knows it, at once and whenever that changes, until nothing more will become of it.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/live", operation_id = "getSlotLive", tag = "slots",
    responses(
        (status = 200, description = "an event for each change, several at once where many watch: `id` is the slot's seq, `data` is `seq`, `now`, `status`, `counts`, `bookable` and `opens_in_ms` as JSON. It is the same for everyone and names nobody, and the first comes at once; the stream ends behind one that says `cancelled` or `finished`", body = String, content_type = "text/event-stream"),
    )
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let (local,) = call.all((app.find_slot(&call, &slot).await,))?;
    let permit = app.router.permit(Lane::Crowd)?;
    let follow = |watched| {
        let following = follow(Arc::clone(&app), watched);
        Handle::current().spawn(following);
    };
    let watcher = app.live.watch(local.view.id, permit, follow).ok_or_else(ProblemResponse::draining)?;
    // Anew for everyone who comes: the moment is told with it.
    let Look { frame, .. } = look(&app, &watcher.watched).await?;
    app.router.houses().pace().told(frame.event.len());
    let greeting = VecDeque::from([greeting(&*app.chance), frame.event.clone()]);
    let stream = Stream { app, watcher, greeting, told: frame, spoke: Instant::now() };
    let events = stream::unfold(stream, async |mut stream| Some((stream.next().await?, stream)));
    Ok(events::streamed(events))
}

/// What is seen of a slot.
struct Look {
    frame: Frame,
    /// How long it stays as it is, if nobody does anything.
    stays: Duration,
}

/// Looks at a slot as this node knows it now.
async fn look(app: &App, watched: &WatchedSlot) -> Result<Look, ProblemResponse> {
    let local = app.router.shards().read_local(watched.slot)?.ok_or_else(ProblemResponse::no_slot)?;
    let limit = Limit::new(&ConnectionTimer::new(), READ_TIME);
    let needed = of_slot(&local.view).into_iter().collect();
    let maps = app.maps(&limit, &local.view.definition.organizer, needed).await?;
    let now = app.now();
    let frame = watched.see(convert::live(&local, now, &maps));
    Ok(Look { frame, stays: stays(&local.view, now) })
}

/// How long a slot stays as it is by time alone, or as long as it may be looked away from it.
fn stays(view: &View, now: Timestamp) -> Duration {
    let definition = &view.definition;
    let changes = [definition.sale.opens_at, Some(definition.closes_at()), Some(definition.ends_at)];
    let next = changes.into_iter().flatten().filter(|at| now < *at).min();
    next.map_or(LOOK_AGAIN, |at| Duration::from_millis(at.0 - now.0).min(LOOK_AGAIN))
}

/// Looks at a slot whenever something is new and tells all who watch, for as long as somebody does and it can be seen.
async fn follow(app: Arc<App>, watched: Arc<WatchedSlot>) {
    if follow_on(&app, &watched).await.is_err() {
        app.live.forget(&watched);
    }
}

async fn follow_on(app: &App, watched: &WatchedSlot) -> Result<(), ProblemResponse> {
    let handle = app.router.shards().handle(watched.slot)?;
    let mut told = None;
    loop {
        let changed = handle.changed();
        let Look { frame, stays } = look(app, watched).await?;
        if told != Some(frame.number) {
            told = Some(tell(app, watched, frame).await?);
        }
        tokio::select! {
            biased;
            () = watched.bells.nobody() => {
                if app.live.forget_unwatched(watched) {
                    return Ok(());
                }
            }
            () = changed => {}
            () = sleep(stays) => continue,
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Calls all who watch, and says which frame was the first that all of them are told. That takes the longer the more they are, and whoever
/// is called late is told what is so by then.
async fn tell(app: &App, watched: &WatchedSlot, frame: Frame) -> Result<u64, ProblemResponse> {
    let pace = app.router.houses().pace();
    let mut looked = Instant::now();
    // Whoever comes later is told at once how it is.
    let mut round = watched.bells.round();
    loop {
        pace.rest().await;
        if LOOK_EVERY <= looked.elapsed() {
            look(app, watched).await?;
            looked = Instant::now();
        }
        if !round.call_some() {
            return Ok(frame.number);
        }
    }
}

/// A stream that has begun.
struct Stream {
    app: Arc<App>,
    watcher: Watcher,
    /// What is said first: when to come back, and how the slot is.
    greeting: VecDeque<Bytes>,
    told: Frame,
    spoke: Instant,
}

impl Stream {
    /// What is to be sent next; none once the stream is over.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.pop_front() {
            return Some(greeting);
        }
        loop {
            if self.told.is_last {
                return None;
            }
            tokio::select! {
                biased;
                () = self.watcher.bell.rings() => {}
                () = sleep_until(self.spoke + QUIET) => {
                    self.spoke = Instant::now();
                    return Some(QUIET_COMMENT);
                }
            }
            if self.watcher.bell.is_over() {
                return None;
            }
            let latest = self.watcher.watched.latest().filter(|latest| latest.number != self.told.number);
            if let Some(latest) = latest {
                self.spoke = Instant::now();
                self.app.router.houses().pace().told(latest.event.len());
                self.told = latest.clone();
                return Some(latest.event);
            }
        }
    }
}

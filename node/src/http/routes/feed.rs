//! The feed of a slot: page by page as JSON, or as a stream of events that goes on (WHATWG HTML, server-sent events).

use std::sync::Arc;
use std::time::Duration;

use api::feed;
use axum::extract::State;
use axum::response::Response;
use booking::{Record, Seq, SlotId, Timestamp, Told};
use bytes::Bytes;
use futures::stream;
use hyper::StatusCode;
use tokio::time::{Instant, sleep};

use super::after::{After, LAST_EVENT};
use super::page;
use super::slots::check_owner;
use crate::actors::message::ReadView;
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Call, Name};
use crate::http::request::caller::shown;
use crate::http::request::negotiation::prefers_events;
use crate::http::request::timeouts::{ConnectionTimer, Limit};
use crate::http::response::answer;
use crate::http::response::events::{self, QUIET, QUIET_COMMENT};
use crate::http::response::maps::{each_once, of_record};
use crate::http::response::precedence::all;
use crate::http::response::problem::ProblemResponse;
use crate::permits::{Lane, Permit};
use crate::router::Unrouted;
use crate::router::read::EntityHandle;
use crate::saved;
use crate::saved::archive;
use crate::saved::retention::feed_kept_until;

/// How many seats one page names at most, its first record aside: a name is some 20 bytes, and an organizer may close a stadium as often
/// as they like.
const SEATS_NAMED_MAX: u64 = 65_536;
/// Records that a stream reads at once.
const STREAM_RECORDS: usize = 64;
/// From one look at whether a stream may go on to the next.
const TICK: Duration = Duration::from_secs(1);
/// How long the seatmap of what a stream tells may take to be read.
const READ_TIME: Duration = Duration::from_secs(10);

/// Reads a slot's records after a seq, behind everything that is committed.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/feed", operation_id = "getSlotFeed", tag = "slots",
    security(("token" = [])),
    responses(
        (status = 200, description = "records in order of seq: a page; or where Accept names text/event-stream, an event for each record (`id` is its seq, `data` the record as JSON) and for all that follow, until the token ends", content(
            (feed::Page = "application/json"),
            (String = "text/event-stream"),
        )),
    )
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let found = first_page(&app, &call, &slot).await;
    let ((slot, after, page),) = call.all((found,))?;
    if prefers_events(&call.head) {
        let sent = after.max(Seq(page.seq));
        return Ok(streamed(app, shown(&call.head)?.into(), slot, (page.items, sent))?);
    }
    let mut response = answer::json(StatusCode::OK, &page);
    if let Some(next) = page.next {
        page::link(&call, &next.to_string(), &mut response);
    }
    Ok(response)
}

/// The slot, the seq after which its records are wanted, and the first of them.
async fn first_page(
    app: &App,
    call: &Call,
    slot: &str,
) -> Result<(SlotId, Seq, feed::Page), ProblemResponse> {
    let caller = App::organizer(call);
    let local = check_owner(&caller, app.find_slot(call, slot).await);
    let wanted = Wanted::of(call);
    let (_caller, local, wanted) = all((caller, local, wanted))?;
    let slot = local.view.id;
    let limit = call.limit();
    let read = async {
        let read = app.router.linearizable(slot).await?;
        let look = end_after(wanted.after.seq, wanted.limit);
        let Some(end) = read.read(archive::Wanted::Nothing, look).await? else { return Ok(None) };
        Ok::<_, Unrouted>(Some(page(app, slot, &wanted, &end, &limit).await))
    };
    let page = app.within(call, read).await?.ok_or_else(ProblemResponse::no_slot)?;
    Ok((slot, wanted.after.seq, page?))
}

/// Which records are wanted.
struct Wanted {
    after: After,
    limit: usize,
}

impl Wanted {
    fn of(call: &Call) -> Result<Self, ProblemResponse> {
        let limit = page::Page::of(call)?.limit;
        Ok(Self { after: After::of(call)?, limit })
    }
}

/// What an actor knows of a feed after a seq.
struct End {
    last: Seq,
    /// The first record that the actor still has.
    first: Option<Seq>,
    records: Vec<Vec<u8>>,
    /// Whose slot it is.
    organizer: Box<str>,
    /// Until when the records are kept.
    kept_until: Timestamp,
    /// The slot's stamp.
    stamp: Timestamp,
}

fn end_after(after: Seq, limit: usize) -> impl FnOnce(ReadView<'_>) -> Option<End> + Send + 'static {
    move |read| {
        let view = read.slot()?.view();
        Some(End {
            last: view.seq,
            first: read.feed.first(),
            records: read.feed.after(after, limit),
            organizer: view.definition.organizer.clone(),
            kept_until: feed_kept_until(&view.definition),
            stamp: view.stamp,
        })
    }
}

/// The records that are wanted: what the actor no longer keeps is in the store, for it forgets only what can be read back.
async fn page(
    app: &App,
    slot: SlotId,
    wanted: &Wanted,
    end: &End,
    within: &Limit,
) -> Result<feed::Page, ProblemResponse> {
    let Wanted { after: After { seq: after, said }, limit } = *wanted;
    if end.last < after {
        return Err(ProblemResponse::not_reached(said, end.last.0));
    }
    if after < end.last && end.kept_until <= end.stamp.max(app.now()) {
        return Err(ProblemResponse::feed_gone(end.last.next().0));
    }
    let past_until = end.first.unwrap_or_else(|| end.last.next());
    let mut records: Vec<Record> = Vec::new();
    if after.next() < past_until {
        let state = app.router.shards().state(slot)?;
        let past = app.router.read_apart(|| saved::feed(&state, slot, after, past_until, limit)).await;
        records = past.map_err(|error| unreadable(&error))?;
        // Of a slot that was given another end after its feed had gone.
        if records.first().is_none_or(|first| first.seq != after.next()) {
            return Err(ProblemResponse::feed_gone(records.first().map_or(past_until, |first| first.seq).0));
        }
    }
    for bytes in end.records.iter().take(limit - records.len()) {
        records.push(saved::decode_record(bytes).map_err(|error| unreadable(&error.into()))?);
    }
    records.truncate(as_many_as_a_page_holds(&records));
    let complete = records.last().map_or(end.last, |record| record.seq);
    let next = (complete < end.last).then_some(complete.0);
    let maps = app.maps(within, &end.organizer, each_once(records.iter().flat_map(of_record))).await?;
    let items = records.into_iter().map(|record| convert::record(record, &end.organizer, &maps)).collect();
    Ok(feed::Page { items, next, seq: complete.0 })
}

/// How many of these one page holds: one at least, and no more once they name so many seats.
fn as_many_as_a_page_holds(records: &[Record]) -> usize {
    let named = records.iter().scan(0, |named, record| {
        *named += seats_named(record);
        Some(*named)
    });
    named.take_while(|named| *named <= SEATS_NAMED_MAX).count().max(1)
}

/// How many seats a record names.
fn seats_named(record: &Record) -> u64 {
    let of_bookings = record.bookings.iter().filter_map(|booking| booking.seating.as_deref());
    let of_bookings = of_bookings.map(|seating| seating.places.seats().len() as u64).sum::<u64>();
    let of_sale = match record.told.as_deref() {
        Some(Told::Sale { runs, .. }) => runs.iter().map(|run| u64::from(run.length)).sum(),
        Some(Told::Map(_)) | None => 0,
    };
    of_bookings + of_sale
}

fn unreadable(error: &saved::Unreadable) -> ProblemResponse {
    tracing::error!(%error, "a saved feed cannot be read");
    Unrouted::Faulted.into()
}

/// A stream that has begun.
struct Stream {
    app: Arc<App>,
    /// It must stay good.
    token: Box<str>,
    slot: SlotId,
    handle: EntityHandle,
    _permit: Permit,
    /// Records that were read and not sent.
    ready: Vec<feed::Record>,
    sent: Seq,
    spoke: Instant,
}

/// The records that are ready and all that follow after `sent`. One page is read when the connection has taken the one before:
/// whoever reads slowly keeps no one waiting and costs no more, and whoever reads nothing is hung up on like anyone.
fn streamed(
    app: Arc<App>,
    token: Box<str>,
    slot: SlotId,
    (ready, sent): (Vec<feed::Record>, Seq),
) -> Result<Response, Unrouted> {
    let (permit, handle) = (app.router.permit(Lane::Watcher)?, app.router.shards().handle(slot)?);
    let stream = Stream { app, token, slot, handle, _permit: permit, ready, sent, spoke: Instant::now() };
    let events = stream::unfold(stream, async |mut stream| Some((stream.next().await?, stream)));
    Ok(events::streamed(events))
}

impl Stream {
    /// What is to be sent next; none once the stream is over.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let is_good = self.app.keyring.caller_with(&self.token, self.app.now()).is_ok();
            if !is_good || self.app.stage.is_draining() {
                return None;
            }
            let changed = self.handle.changed();
            if self.ready.is_empty() {
                let after = After { seq: self.sent, said: LAST_EVENT };
                let wanted = Wanted { after, limit: STREAM_RECORDS };
                let end = self
                    .handle
                    .read(archive::Wanted::Nothing, end_after(after.seq, wanted.limit))
                    .await
                    .ok()??;
                let within = Limit::new(&ConnectionTimer::new(), READ_TIME);
                let page = page(&self.app, self.slot, &wanted, &end, &within).await.ok()?;
                (self.ready, self.sent) = (page.items, self.sent.max(Seq(page.seq)));
            }
            if !self.ready.is_empty() {
                self.spoke = Instant::now();
                return Some(self.ready.drain(..).map(|record| event(&record)).collect::<String>().into());
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = sleep(TICK) => {}
            }
            if QUIET <= self.spoke.elapsed() {
                self.spoke = Instant::now();
                return Some(QUIET_COMMENT);
            }
        }
    }
}

/// A record as an event.
fn event(record: &feed::Record) -> String {
    let data = serde_json::to_string(record).expect("a record is JSON");
    events::event(record.seq, &data)
}

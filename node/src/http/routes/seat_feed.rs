//! The live map: what changed of a slot's seats, once as JSON, or as a stream of events that goes on.
//!
//! All who watch one house are told what was seen in one look, in words that were written once for all who have seen the same. Who reads
//! slowly is asked for by nobody meanwhile, and is told next what is otherwise by then. How often somebody is told follows from what all
//! who watch may cost together (`router/pace.rs`).

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use api::problem::Code;
use api::seats::SeatChanges;
use axum::extract::State;
use axum::response::Response;
use booking::{Content, Section, Seq, SlotId};
use bytes::Bytes;
use futures::stream;
use seatmap::Seatmap;
use tokio::time::{Instant, sleep_until};

use super::after::After;
use super::by_map::{house, maps_of};
use super::seats::{find_with_seats, section};
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Name, PublicCall};
use crate::http::request::negotiation::prefers_events;
use crate::http::response::answer;
use crate::http::response::events::{self, QUIET, QUIET_COMMENT, greeting};
use crate::http::response::problem::ProblemResponse;
use crate::http::response::seat_changes::{ChangeText, Span};
use crate::permits::Lane;
use crate::router::houses::{House, Watch};
use crate::router::{LocalView, Unrouted};
use crate::views::seat_journal::Gone;

/// The longest event, in bytes. Whoever is to be told more takes a new map, which is shorter: thousands may read slowly what was written
/// for each of them.
const EVENT_MAX: usize = 256 << 10;

/// Tells what changed of a slot's seats since a seq, as this node knows them.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/seats/feed", operation_id = "getSlotSeatsFeed", tag = "slots",
    params(("section" = Option<String>, Query, description = "only this section's seats, by its key; they are numbered over the whole map all the same")),
    responses(
        (status = 200, description = "what changed, once; or where Accept names text/event-stream, an event for each change (`id` is its seq, `data` the change as JSON) and for all that follow, several at once where many watch. Take a new map where this is 410, and where a change's `after` is not the seq that the map has", content(
            (SeatChanges = "application/json"),
            (String = "text/event-stream"),
        )),
    )
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let local = find_with_seats(&app, &call, &slot).await;
    let (local, after) = call.all((local, After::of(&call)))?;
    let maps = maps_of(&app, &call, &local).await?;
    let sold = house(&local, &maps);
    let view = View {
        slot: local.view.id,
        map: sold.map,
        part: section(&call, &sold)?,
        seatmap: maps.find(sold.map).expect("it was read"),
    };
    let shards = app.router.shards();
    let known = app.router.houses().open(shards, view.slot, view.seatmap.seats() as usize);
    let known = known.ok_or_else(|| unavailable(&app))?;
    let seq = app.within(&call, reach(&app, &known, &local, after.seq)).await?;
    if seq < after.seq {
        return Err(ProblemResponse::not_reached(after.said, seq.0));
    }
    if prefers_events(&call.head) {
        let permit = app.router.permit(Lane::Crowd)?;
        let watch = known.watch(permit).ok_or_else(|| unavailable(&app))?;
        return streamed(app, watch, view, after.seq);
    }
    Ok(answer::json_text(view.text(&app, &known, after.seq).map_err(gone)?.json()))
}

/// Up to which seq the house was seen: `after` at least, unless there is no such seq. Who was told of it by another node may know
/// more than this one.
async fn reach(app: &App, house: &House, local: &LocalView, after: Seq) -> Result<Seq, Unrouted> {
    let shards = app.router.shards();
    let seq = house.catch_up(shards, local.view.seq, after).await?;
    if after <= seq {
        return Ok(seq);
    }
    app.router.find_linearizable(local.view.id).await?;
    house.catch_up(shards, Seq(0), after).await
}

/// Why no house is looked at.
fn unavailable(app: &App) -> ProblemResponse {
    if app.stage.is_draining() {
        return ProblemResponse::draining();
    }
    let detail = "too many houses are watched; look at the map itself, or ask again later";
    ProblemResponse::new(Code::Overloaded, detail)
}

fn gone(Gone { since }: Gone) -> ProblemResponse {
    ProblemResponse::seat_changes_gone(since.next().0)
}

/// What of a house is wanted.
struct View {
    slot: SlotId,
    /// The map by which it is known to who asks.
    map: Content,
    seatmap: Arc<Seatmap>,
    part: Option<(Section, Range<u32>)>,
}

impl View {
    /// What changed since a seq that was reached, written for all who want the same.
    fn text(&self, app: &App, house: &House, after: Seq) -> Result<ChangeText, Gone> {
        let (section, seats) = self.part.clone().unzip();
        let span = Span { slot: self.slot, after, seq: house.seq(), section };
        if let Some(text) = app.change_texts.get(&span) {
            return Ok(text);
        }
        let changes = house.changes(self.map, after, seats)?;
        let text = ChangeText::new(&convert::seats::changes(&changes, after, &self.seatmap));
        app.change_texts.insert(Span { seq: changes.seq, ..span }, text.clone());
        Ok(text)
    }
}

/// A stream that has begun.
struct Stream {
    app: Arc<App>,
    watch: Watch,
    view: View,
    /// What is said first: when to come back, and what changed already. Many are told the same, so that is nobody's own.
    greeting: VecDeque<Bytes>,
    /// What was told reaches up to here.
    told: Seq,
    spoke: Instant,
}

/// What changed since `after`, and whatever changes from now on.
fn streamed(app: Arc<App>, watch: Watch, view: View, after: Seq) -> Result<Response, ProblemResponse> {
    let greeting = VecDeque::from([greeting(&*app.chance)]);
    let mut stream = Stream { app, watch, view, greeting, told: after, spoke: Instant::now() };
    let changed = stream.changes().map_err(gone)?;
    stream.greeting.extend(changed);
    let events = stream::unfold(stream, async |mut stream| Some((stream.next().await?, stream)));
    Ok(events::streamed(events))
}

impl Stream {
    /// What is to be sent next; none once the stream is over.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.pop_front() {
            return Some(greeting);
        }
        loop {
            tokio::select! {
                biased;
                () = self.watch.called() => {}
                () = sleep_until(self.spoke + QUIET) => {
                    self.spoke = Instant::now();
                    return Some(QUIET_COMMENT);
                }
            }
            if self.watch.is_over() {
                return None;
            }
            if let Some(event) = self.changes().ok()? {
                self.spoke = Instant::now();
                return Some(event);
            }
        }
    }

    /// What changed since something was told, if anything did.
    fn changes(&mut self) -> Result<Option<Bytes>, Gone> {
        let text = self.view.text(&self.app, self.watch.house(), self.told)?;
        let seq = text.seq;
        let event = text.event();
        if event.as_ref().is_some_and(|event| EVENT_MAX < event.len()) {
            return Err(Gone { since: seq });
        }
        if let Some(event) = &event {
            self.told = seq;
            self.watch.told(event.len());
        }
        Ok(event)
    }
}

//! The feed of a slot, as JSON.

use std::sync::Arc;

use api::feed;
use axum::extract::State;
use axum::response::Response;
use booking::{Record, Seq, SlotId};
use hyper::StatusCode;

use super::App;
use super::answer;
use super::call::{Call, Name, number};
use super::convert;
use super::page;
use super::problem::Failure;
use super::slots::owned;
use crate::saved;

/// Reads a slot's records after a seq, behind everything that is committed.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/feed", tag = "slots", security(("token" = [])),
    params(
        ("slot" = String, Path),
        ("after" = Option<u64>, Query, description = "a seq; 0 is the beginning"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "default 50"),
    ),
    responses(
        (status = 200, description = "records after `after`", body = feed::Page),
        (status = "4XX", description = "why not", body = api::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, Failure> {
    let caller = App::organizer(&call);
    let seen = owned(&caller, app.find(&call, &slot).await);
    let wanted = Wanted::of(&call);
    call.first([caller.as_ref().err(), seen.as_ref().err(), wanted.as_ref().err()])?;
    let page = page_of(&app, &call, seen?.view.id, wanted?).await?;
    let mut response = answer::json(StatusCode::OK, &page);
    if let Some(next) = page.next {
        page::link(&call, &next.to_string(), &mut response);
    }
    Ok(response)
}

/// Which records are wanted.
struct Wanted {
    after: Seq,
    limit: usize,
}

impl Wanted {
    fn of(call: &Call) -> Result<Self, Failure> {
        let page = page::Page::of(call)?;
        let after = match page.after {
            None => 0,
            Some(text) => {
                number(&text).ok_or_else(|| Failure::parameter("after", "must be a seq, 0 or more"))?
            }
        };
        Ok(Self { after: Seq(after), limit: page.limit })
    }
}

async fn page_of(app: &App, call: &Call, slot: SlotId, wanted: Wanted) -> Result<feed::Page, Failure> {
    let Wanted { after, limit } = wanted;
    let look = move |sight: crate::actors::slot::Sight<'_>| {
        let slot = sight.slot?;
        Some((slot.view().seq, sight.feed.first(), sight.feed.after(after, limit)))
    };
    let (last, first_recent, recent) = app.read(call, slot, look).await?.ok_or_else(Failure::no_slot)?;
    // What the actor no longer keeps is in the store: it forgets only what can be read back.
    let past_until = first_recent.unwrap_or_else(|| last.next());
    let mut records: Vec<Record> = Vec::new();
    if after.next() < past_until {
        let past = saved::feed(app.router.state(slot), slot, after, past_until, limit);
        records = past.map_err(|error| unreadable(&error))?;
    }
    for bytes in recent.iter().take(limit - records.len()) {
        records.push(saved::decode_record(bytes).map_err(|error| unreadable(&error.into()))?);
    }
    let complete = records.last().map_or(last, |record| record.seq);
    let next = (complete < last).then_some(complete.0);
    Ok(feed::Page { items: records.into_iter().map(convert::record).collect(), next, seq: complete.0 })
}

fn unreadable(error: &saved::Unreadable) -> Failure {
    tracing::error!(%error, "a saved feed cannot be read");
    crate::actors::router::Unrouted::Faulted.into()
}

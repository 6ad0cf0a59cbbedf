//! What can still be booked of a calendar.

use std::sync::Arc;

use api::calendar::{FreeStretch, Page as FreePage};
use api::problem::Code;
use api::time::Time;
use axum::extract::State;
use axum::response::Response;
use booking::{FreeAsked, FreePlace, FreeView, Range, Slot, Timestamp};
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};

use super::page::{self, Page};
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Call, Name, PublicCall, number};
use crate::http::request::negotiation::prefers_calendar;
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;
use crate::ids;
use crate::router::{Health, LocalView, Unrouted};
use crate::saved::archive::Wanted;

/// The longest window that is looked at, in milliseconds: 62 days.
const WINDOW_MS_MAX: u64 = 62 * 86_400_000;
const SECONDS_MAX: u32 = 2_678_400;
const QUANTITY_MAX: u32 = 10_000;
const ICALENDAR: HeaderValue = HeaderValue::from_static("text/calendar; charset=utf-8");
/// A cursor without a resource.
const POOL: u16 = u16::MAX;

/// What is asked.
struct Asked {
    window: Range,
    seconds: Option<u32>,
    quantity: u32,
    resource: Option<String>,
    after: Option<FreePlace>,
    limit: usize,
}

/// Tells in which stretches of time a calendar can still be booked, behind everything that is committed.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/free", operation_id = "getSlotFree", tag = "slots",
    description = "The longest stretches in which every start on the grid can be booked at that `seq`, for so many seconds, with what is kept \
        free around it; nothing, while the slot is not on sale. As `text/calendar` it is told when the calendar is closed and when it is taken, \
        whatever bookings last, as far as that is known.",
    params(
        ("from" = Time, Query, description = "from when on"),
        ("to" = Time, Query, description = "until when; 62 days later at most"),
        ("seconds" = Option<u32>, Query, description = "how long a booking is to last; left out: the shortest that may be"),
        ("quantity" = Option<u32>, Query, description = "for how many, 1 to 10,000; left out: 1"),
        ("resource" = Option<String>, Query, description = "only on this one; left out: on each"),
    ),
    responses((status = 200, description = "a page", content((FreePage = "application/json"), (String = "text/calendar"))))
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let local = match app.find_slot(&call, &slot).await {
        Ok(local) if local.view.definition.calendar().is_none() => Err(no_calendar()),
        Ok(local) if local.health == Health::Faulted => Err(Unrouted::Faulted.into()),
        other => other,
    };
    let asked = asked(|name| call.query(name), Page::of(&call));
    let (local, asked) = call.all((local, asked))?;
    if prefers_calendar(&call.head) {
        return free_busy(&app, &call, &local, asked).await;
    }
    let (now, limit) = (app.now(), asked.limit);
    let look = move |slot: &Slot| (slot.view().seq, free(slot, &asked, now));
    let found = app.read(&call, local.view.id, Wanted::Nothing, move |view| view.slot().map(look)).await?;
    let (seq, found) = found.ok_or_else(ProblemResponse::no_slot)?;
    let mut found = found.ok_or_else(no_resource)?;
    let goes_on = limit < found.len();
    found.truncate(limit);
    let next = found.last().filter(|_| goes_on).map(|last| cursor(last.place));
    let items = found.iter().map(shown).collect();
    let mut response = answer::json(StatusCode::OK, &FreePage { items, next: next.clone(), seq: seq.0 });
    if let Some(next) = next {
        page::link(&call, &next, &mut response);
    }
    Ok(response)
}

/// The same as iCalendar: when it is closed, taken for good, or taken by what may yet be given back.
async fn free_busy(
    app: &App,
    call: &Call,
    local: &LocalView,
    asked: Asked,
) -> Result<Response, ProblemResponse> {
    let Asked { window, quantity, .. } = asked;
    let look = move |slot: &Slot| {
        let resource = asked.resource.as_deref();
        slot.busy(&FreeAsked { window, seconds: 0, quantity, resource })
    };
    let found = app.read(call, local.view.id, Wanted::Nothing, move |view| view.slot().map(look)).await?;
    let busy = found.ok_or_else(ProblemResponse::no_slot)?.ok_or_else(no_resource)?;
    let id = ids::slot_text(local.view.id);
    let text = convert::free_busy(&id, app.now(), window, &busy);
    let mut response = Response::new(text.into());
    response.headers_mut().insert(header::CONTENT_TYPE, ICALENDAR);
    Ok(response)
}

fn no_resource() -> ProblemResponse {
    ProblemResponse::parameter("resource", "must be a resource of the calendar, or be left out")
}

/// What is free of a calendar, and one stretch more than a page has.
fn free(slot: &Slot, asked: &Asked, now: Timestamp) -> Option<Vec<FreeView>> {
    let minimum = slot.view().definition.calendar()?.lengths.minimum_seconds;
    let Asked { window, seconds, quantity, ref resource, after, limit } = *asked;
    let seconds = seconds.unwrap_or(minimum);
    let ask = FreeAsked { window, seconds, quantity, resource: resource.as_deref() };
    slot.free(now, &ask, after, limit + 1)
}

fn shown(stretch: &FreeView) -> FreeStretch {
    FreeStretch {
        from: convert::time(stretch.range.from()),
        to: convert::time(stretch.range.to()),
        free: stretch.free,
        resource: stretch.resource.as_deref().map(str::to_owned),
    }
}

fn asked(
    query: impl Fn(&str) -> Option<String>,
    page: Result<Page, ProblemResponse>,
) -> Result<Asked, ProblemResponse> {
    let moment = |name: &str| {
        let text = query(name).ok_or_else(|| ProblemResponse::parameter(name, "must be given"))?;
        let time = text.parse::<Time>();
        time.map(convert::timestamp)
            .map_err(|_| ProblemResponse::parameter(name, "must be a time of RFC 3339"))
    };
    let (from, to) = (moment("from")?, moment("to")?);
    let window = Range::new(from, to).filter(|window| window.milliseconds() <= WINDOW_MS_MAX);
    let window = window.ok_or_else(|| {
        ProblemResponse::parameter("to", "must be after from, and 62 days after it at most")
    })?;
    let whole = |name: &str, most: u32| -> Result<Option<u32>, ProblemResponse> {
        let Some(text) = query(name) else { return Ok(None) };
        let found = number::<u32>(&text).filter(|found| (1..=most).contains(found));
        found.map(Some).ok_or_else(|| ProblemResponse::parameter(name, format!("must be 1 to {most}")))
    };
    let seconds = whole("seconds", SECONDS_MAX)?;
    let quantity = whole("quantity", QUANTITY_MAX)?.unwrap_or(1);
    let page = page?;
    let after = page.after.as_deref().map(place).transpose()?;
    Ok(Asked { window, seconds, quantity, resource: query("resource"), after, limit: page.limit })
}

/// The cursor behind a stretch.
fn cursor(place: FreePlace) -> String {
    let resource = place.resource.unwrap_or(POOL);
    page::cursor(&[place.from.0.to_be_bytes().as_slice(), &resource.to_be_bytes()].concat())
}

fn place(text: &str) -> Result<FreePlace, ProblemResponse> {
    let read = || {
        let bytes = <[u8; 10]>::try_from(page::cursor_bytes(text)?).ok()?;
        let (from, resource) = bytes.split_at(8);
        let from = u64::from_be_bytes(from.try_into().ok()?);
        let resource = u16::from_be_bytes(resource.try_into().ok()?);
        Some(FreePlace {
            from: Timestamp(from),
            resource: Some(resource).filter(|&resource| resource != POOL),
        })
    };
    read().ok_or_else(|| ProblemResponse::parameter("after", "must be the next of an earlier page"))
}

fn no_calendar() -> ProblemResponse {
    ProblemResponse::new(Code::NotFound, "the slot is no calendar; look at it to see what is bookable")
}

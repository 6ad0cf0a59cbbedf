//! Seats of a slot: shown, sold otherwise by the organizer, and given for others.

use std::ops::Range;
use std::sync::Arc;

use api::booking::Booking;
use api::problem::Code;
use api::seats::{SellSeats, SlotSeats, SwapSeats};
use api::slot::Slot;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use booking::{BookingId, Command, Decision, Refusal, SeatmapId, Section, Seq, Stock};
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};
use seatmap::Seatmap;

use super::acts::{Confirms, may_act, party};
use super::bookings::{ResponseTo, booking_response, find_booking};
use super::by_map::{ask_by_map, house, maps_of};
use super::page;
use super::slots::{check_owner, request_key, slot_response};
use crate::http::app::App;
use crate::http::convert::seats::House;
use crate::http::convert::{self, Seen};
use crate::http::request::call::{Call, Name, PublicCall};
use crate::http::request::caller::Caller;
use crate::http::request::negotiation::takes_gzip;
use crate::http::response::answer;
use crate::http::response::maps::{Maps, of_slot};
use crate::http::response::problem::ProblemResponse;
use crate::http::response::seat_texts::SeatText;
use crate::ids;
use crate::permits::Lane;
use crate::router::houses::{self, Picture};
use crate::router::{Health, LocalView, Unrouted};

/// Of what a map of seats shows. Raised with it, or a client would keep what an older build has told it.
const FORMAT: u32 = 1;
/// Whoever has a map of seats may show it for a second.
const FOR_A_SECOND: HeaderValue = HeaderValue::from_static("max-age=1");
const BY_CODING: HeaderValue = HeaderValue::from_static("accept-encoding");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// Sells seats of a slot otherwise: to nobody, to everyone, or to whom they are kept for.
#[utoipa::path(
    post, path = "/v1/slots/{slot}/seats", operation_id = "sellSeats", tag = "slots",
    security(("token" = [])),
    description = "All or nothing. Seats, rows and sections are named, each seat once; what is opened goes to the waitlist in the same \
        step. Seats that a booking has are 409 `seats_refused`, but opening one changes nothing.",
    request_body = SellSeats,
    responses((status = 200, description = "the slot as it is now", body = Slot))
)]
pub(crate) async fn sell(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::organizer(&call);
    let local = check_owner(&caller, app.find_slot(&call, &slot).await);
    let body = call.json::<SellSeats>();
    let Some(local) = with_seats(local, &call, (&caller, &body))? else { return Err(no_seats()) };
    let command = |seen: Result<Seen<'_>, ProblemResponse>| {
        let change = seen
            .and_then(|seen| convert::seats::sale(body.as_ref().map_err(Clone::clone)?, &seen.of_seats()));
        let (caller, key, change) = call.all((caller.clone(), call.idempotency_key(), change))?;
        Ok((request_key(&app, caller, key), Command::ChangeSale(Box::new(change))))
    };
    let (outcome, maps) = ask_by_map(&app, &call, (local, Lane::Newcomer), command).await?;
    Ok(slot_response(outcome, StatusCode::OK, &maps)?.into_response())
}

/// Gives seats of a booking for others, adds some, or gives some back.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/seats", operation_id = "swapBookingSeats", tag = "bookings",
    security(("token" = [])),
    description = "All or nothing. By its customer while it is held, by the slot's organizer also when it is confirmed, within its \
        category. The deadline of a hold stays; what is freed goes to the waitlist in the same step. Wheelchair spaces and companions' seats \
        are added by the organizer alone, and what is kept for somebody by nobody: it is opened first.",
    request_body = SwapSeats,
    responses((status = 200, description = "the booking, with the seats that it has now", body = Booking))
)]
pub(crate) async fn swap(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::customer_or_organizer(&call);
    let target = find_booking(&app, &call, &booking).await;
    let swapped = swap_of(&app, &call, &caller, &target).await;
    // Of another's booking nobody hears whether it could be done: it is as if it were not there.
    let faults = Code::RequestUnknown..=Code::IdempotencyKeyReused;
    if swapped.as_ref().is_err_and(|problem| faults.contains(&problem.code())) {
        may_act(&app, &call, &caller, &target, Confirms::No).await?;
    }
    swapped
}

async fn swap_of(
    app: &App,
    call: &Call,
    caller: &Result<&Caller, ProblemResponse>,
    target: &Result<(BookingId, LocalView), ProblemResponse>,
) -> Result<Response, ProblemResponse> {
    let by = party(caller, target);
    let body = call.json::<SwapSeats>();
    let (id, local) = match target {
        Ok((id, local)) => (*id, Ok(local.clone())),
        Err(problem) => {
            call.all((caller.clone(), by, body, Err::<(), _>(problem.clone())))?;
            return Err(ProblemResponse::no_booking());
        }
    };
    let Some(local) = with_seats(local, call, (caller, &body))? else {
        return Err(ProblemResponse::at_fault("", "must be for a booking of seats"));
    };
    let command = |seen: Result<Seen<'_>, ProblemResponse>| {
        let swap = seen.and_then(|seen| {
            let act = booking::Act { booking: id.request, by: by.clone()? };
            convert::seats::swap(body.as_ref().map_err(Clone::clone)?, act, &seen.of_seats())
        });
        let (caller, key, swap) = call.all((caller.clone(), call.idempotency_key(), swap))?;
        Ok((request_key(app, caller, key), Command::SwapSeats(Box::new(swap))))
    };
    // Who wants more seats than before comes with the newcomers.
    let wants_more = body.as_ref().is_ok_and(|swap| swap.drop.len() < swap.add.len());
    let lane = if wants_more { Lane::Newcomer } else { Lane::Holder };
    let (outcome, maps) = ask_by_map(app, call, (local, lane), command).await?;
    if outcome.decision == Decision::Refused(Refusal::Malformed) {
        // Whatever else a swap may say wrongly was found before it was asked.
        let detail = "must be seats that the booking has, and leave it a place; cancel it to give all back";
        return Err(ProblemResponse::at_fault("/drop", detail).decided(&outcome));
    }
    Ok(booking_response(outcome, ResponseTo::Change, &maps)?.into_response())
}

/// The slot, if it has seats; of several problems, the first that is to be told.
fn with_seats<C, B>(
    local: Result<LocalView, ProblemResponse>,
    call: &Call,
    (caller, body): (&Result<C, ProblemResponse>, &Result<B, ProblemResponse>),
) -> Result<Option<LocalView>, ProblemResponse> {
    let has_seats = |local: &LocalView| matches!(local.view.definition.stock, Stock::Seats(_));
    if local.as_ref().is_ok_and(has_seats) {
        return Ok(Some(local?));
    }
    let nothing = |problem: &ProblemResponse| problem.clone();
    let caller = caller.as_ref().map(drop).map_err(nothing);
    let body = body.as_ref().map(drop).map_err(nothing);
    call.all((caller, local, body, call.idempotency_key()))?;
    Ok(None)
}

/// Shows a slot's seats as this node knows them: which are free.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/seats", operation_id = "getSlotSeats", tag = "slots",
    params(("section" = Option<String>, Query, description = "only this section's rows, by its key")),
    responses(
        (status = 200, description = "the seats at a seq, of a house of more than 1,000 perhaps as they were up to a second ago; packed by gzip where Accept-Encoding names it", body = SlotSeats),
        (status = 304, description = "they are as they were when they had this ETag"),
    )
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let (local,) = call.all((find_with_seats(&app, &call, &slot).await,))?;
    let maps = maps_of(&app, &call, &local).await?;
    let section = section(&call, &house(&local, &maps))?;
    let etag = |seq: Seq| {
        let text = format!("W/\"{}-{FORMAT}\"", seq.0);
        HeaderValue::try_from(text).expect("digits")
    };
    let is_known = |etag: &HeaderValue| page::is_known(&call.head.headers, etag);
    let mut shown = etag(local.view.seq);
    let mut response = None;
    // Who has what this node knows is told so before anything is looked at.
    if !is_known(&shown) {
        let picture = app.within(&call, picture(&app, &local, &maps)).await?;
        shown = etag(picture.seq);
        if !is_known(&shown) {
            let section = section.map(|(section, _)| section);
            let text = app.within(&call, text(&app, &local, &maps, (picture, section))).await?;
            response = Some(respond(&call, text));
        }
    }
    let mut response = response.unwrap_or_else(|| StatusCode::NOT_MODIFIED.into_response());
    let headers = [(header::ETAG, shown), (header::CACHE_CONTROL, FOR_A_SECOND), (header::VARY, BY_CODING)];
    response.headers_mut().extend(headers);
    Ok(response)
}

fn respond(call: &Call, text: SeatText) -> Response {
    if !takes_gzip(&call.head) {
        return answer::json_text(text.plain);
    }
    let mut response = answer::json_text(text.packed);
    response.headers_mut().insert(header::CONTENT_ENCODING, GZIP);
    response
}

/// The section that is asked for, if one is, and the numbers of its seats.
pub(super) fn section(
    call: &Call,
    house: &House<'_>,
) -> Result<Option<(Section, Range<u32>)>, ProblemResponse> {
    let Some(key) = call.query("section") else { return Ok(None) };
    match house.seatmap.find(&key) {
        Some(seatmap::Place::Section { section, seats }) => Ok(Some((Section(section), seats))),
        Some(_) | None => {
            Err(ProblemResponse::parameter("section", "must be the key of a section of the slot's map"))
        }
    }
}

/// A slot of seats whose rules work, as this node knows it.
pub(super) async fn find_with_seats(
    app: &App,
    call: &Call,
    slot: &str,
) -> Result<LocalView, ProblemResponse> {
    let local = app.find_slot(call, slot).await?;
    match (of_slot(&local.view), local.health) {
        (None, _) => Err(no_seats()),
        (Some(_), Health::Faulted) => Err(Unrouted::Faulted.into()),
        (Some(_), Health::Sound) => Ok(local),
    }
}

/// All of a slot's house.
async fn picture(app: &App, local: &LocalView, maps: &Maps) -> Result<Picture, Unrouted> {
    let (slot, shards) = (local.view.id, app.router.shards());
    let seats = maps.only().map_or(0, Seatmap::seats) as usize;
    let known = app.router.houses().open(shards, slot, seats);
    // Where no more houses may be known, this one is looked at in passing.
    let house = known.unwrap_or_else(|| Arc::new(houses::House::new(slot, Arc::default())));
    house.picture(shards, local.view.seq).await
}

/// The same, written out.
async fn text(
    app: &App,
    local: &LocalView,
    maps: &Maps,
    (Picture { seq, seats }, section): (Picture, Option<Section>),
) -> Result<SeatText, Unrouted> {
    let id = SeatmapId { organizer: ids::organizer(&local.view.definition.organizer), content: seats.map };
    // It may be sold by another map since it was looked at.
    let seatmap = match maps.find(seats.map) {
        Some(seatmap) => seatmap,
        None => app.router.read_seatmap(id).await?.ok_or(Unrouted::NoLeader)?,
    };
    let shown = || convert::seats::shown(&seats, seq, id, &seatmap, section);
    let write = app.router.read_apart(|| SeatText::new(answer::written(&shown())));
    Ok(app.seat_texts.get_or_write((local.view.id, seq, section), write).await)
}

fn no_seats() -> ProblemResponse {
    ProblemResponse::new(api::problem::Code::NotFound, "the slot has no seats")
}

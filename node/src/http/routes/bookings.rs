//! Bookings: made, read, listed. What is done to them is in `acts`.

use std::sync::Arc;

use api::booking::{Booking, CreateBooking, PlainBooking, Status};
use api::list::List;
use api::problem::Code;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use booking::{
    Asker, Basket, Book, BookingId, BookingView, Command, Decision, Number, Outcome, Reference, Request, Seq,
    Slot, Stock, Timestamp,
};
use hyper::StatusCode;

use super::by_map::ask_by_map;
use super::page::{self, Page};
use super::slots::{check_owner, request_key};
use crate::http::app::App;
use crate::http::convert::{self, Seen};
use crate::http::request::call::{Call, Name, Shape};
use crate::http::request::caller::Caller;
use crate::http::request::head::Head;
use crate::http::request::timeouts::Limit;
use crate::http::response::answer::{self, PlainResponse};
use crate::http::response::decision::decision;
use crate::http::response::maps::{Maps, each_once, of_booking};
use crate::http::response::problem::ProblemResponse;
use crate::http::response::written;
use crate::ids;
use crate::permits::Lane;
use crate::router::read::LinearizableRead;
use crate::router::{Ask, LocalView, Unrouted};
use crate::saved::archive;

/// Looks that one page takes, at most. A page that has found less by then is shorter than it might be, and the next goes on from
/// there.
const LOOKS: usize = 128;

/// Books, or waits.
#[utoipa::path(
    post, path = "/v1/slots/{slot}/bookings", operation_id = "createBooking", tag = "bookings",
    security(("token" = [])),
    request_body = CreateBooking,
    responses(
        (status = 201, description = "confirmed, or held until a deadline", body = Booking),
        (status = 202, description = "waitlisted, with a position", body = Booking),
    )
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    book(&app, &slot, call).await.map(PlainResponse::into_response)
}

/// The same without axum, for the fast path.
pub(crate) async fn book<H: Head>(
    app: &App,
    slot: &str,
    call: Call<H>,
) -> Result<PlainResponse, ProblemResponse> {
    let caller = App::customer_or_organizer(&call);
    let local = check_owner(&caller, app.find_slot(&call, slot).await);
    let key = call.idempotency_key();
    let book = if let Some(plain) = plain_body(&call, &local) {
        book_command(&caller, &call, Ok(&plain.into()), Seen::default())
    } else {
        let body = call.json_by_names::<CreateBooking>().map(Box::new);
        let body = body.as_deref().map_err(Clone::clone);
        if local.as_ref().is_ok_and(|local| is_by_name(local, &body)) {
            return Box::pin(book_by_name(app, &call, local?, (&caller, &body))).await;
        }
        book_command(&caller, &call, body, Seen::default())
    };
    let slot = local.map(|local| local.view.id);
    let (caller, slot, key, book) = call.all((caller, slot, key, book))?;
    let by = asker(caller);
    let request = Request {
        slot,
        key: request_key(app, caller, key),
        fingerprint: call.fingerprint(Shape::Json),
        command: Command::Book(book),
    };
    let limit = call.limit();
    // Thousands wait at the same time: what their requests were read into is not kept meanwhile.
    drop(call);
    let outcome = book_plainly(app, &limit, &app.router.prepare(request), by).await?;
    booking_response(outcome, ResponseTo::Creation, &Maps::default())
}

/// Books units of a slot that sold nothing in particular, for nothing, as far as this node knew. Where it does by now, the request is
/// for no product in particular, at whatever that costs: that can be asked of any slot of units, so nobody looks a third time.
pub(crate) async fn book_plainly(
    app: &App,
    limit: &Limit,
    asked: &Ask,
    by: Asker,
) -> Result<Outcome, ProblemResponse> {
    let outcome = app.ask(limit, asked, Lane::Newcomer).await?;
    if !matches!(outcome.decision, Decision::AnotherMap) {
        return Ok(outcome);
    }
    let mut again = asked.request();
    let Command::Book(book) = &mut again.command else { unreachable!("it books") };
    book.basket = Some(Box::new(Basket { lines: Vec::new(), expect_amount: None, by }));
    // Boxed: everyone who waits would have room for it.
    Box::pin(app.ask(limit, &app.router.prepare(again), Lane::Newcomer)).await
}

/// The body of a booking of units of a slot that sells nothing in particular, for nothing, if it says no more than that needs.
fn plain_body<H: Head>(call: &Call<H>, local: &Result<LocalView, ProblemResponse>) -> Option<PlainBooking> {
    let is_plain = local.as_ref().is_ok_and(|local| !sells_by_name(local));
    is_plain.then(|| call.json_by_names().ok()).flatten()
}

/// Whether a booking names anything that the slot has, or costs anything: it is asked with what this node knows of that.
fn is_by_name(local: &LocalView, body: &Result<&CreateBooking, ProblemResponse>) -> bool {
    sells_by_name(local)
        || body.as_ref().is_ok_and(|body| body.lines.is_some() || body.expect_amount.is_some())
}

fn sells_by_name(local: &LocalView) -> bool {
    let definition = &local.view.definition;
    matches!(definition.stock, Stock::Seats(_) | Stock::Calendar(_)) || definition.tariff.is_some()
}

/// Books seats, ranges or products of a slot that was seen.
async fn book_by_name<H: Head>(
    app: &App,
    call: &Call<H>,
    local: LocalView,
    (caller, body): (&Result<&Caller, ProblemResponse>, &Result<&CreateBooking, ProblemResponse>),
) -> Result<PlainResponse, ProblemResponse> {
    let command = |seen: Result<Seen<'_>, ProblemResponse>| {
        let book = seen.and_then(|seen| book_command(caller, call, body.clone(), seen));
        let (caller, key, book) = call.all((caller.clone(), call.idempotency_key(), book))?;
        Ok((request_key(app, caller, key), Command::Book(book)))
    };
    let (outcome, maps) = ask_by_map(app, call, (local, Lane::Newcomer), command).await?;
    booking_response(outcome, ResponseTo::Creation, &maps)
}

/// Whom the request books for, and what, of a slot that is seen like this. A customer may only book for themselves.
fn book_command<H>(
    caller: &Result<&Caller, ProblemResponse>,
    call: &Call<H>,
    body: Result<&CreateBooking, ProblemResponse>,
    seen: Seen<'_>,
) -> Result<Book, ProblemResponse> {
    let said = || {
        let body = body?;
        let caller = *caller.as_ref().map_err(Clone::clone)?;
        let customer = match (caller, &body.customer) {
            (Caller::Customer { subject }, Some(other)) if other != subject => return Err(not_for_others()),
            (_, Some(customer)) => customer.clone(),
            (caller, None) => caller.subject().to_owned(),
        };
        let by = asker(caller);
        if by == Asker::Customer && body.allotment.is_some() {
            return Err(not_kept_for_customers());
        }
        convert::book(customer, body, seen, by)
    };
    said().map_err(|problem| {
        let comes_later = Code::Forbidden < problem.code();
        if comes_later && names_another(caller, call) { not_for_others() } else { problem }
    })
}

/// As whom somebody books.
fn asker(caller: &Caller) -> Asker {
    match caller {
        Caller::Organizer { .. } => Asker::Organizer,
        Caller::Customer { .. } | Caller::Operator { .. } => Asker::Customer,
    }
}

fn not_kept_for_customers() -> ProblemResponse {
    ProblemResponse::new(
        Code::Forbidden,
        "what is kept for somebody is booked by the organizer; leave allotment out",
    )
}

fn not_for_others() -> ProblemResponse {
    ProblemResponse::new(Code::Forbidden, "a customer books for themselves; leave customer out")
}

/// Whether a customer books for someone else, in a body that may be wrong in other ways too.
fn names_another<H>(caller: &Result<&Caller, ProblemResponse>, call: &Call<H>) -> bool {
    match (caller, call.field("customer")) {
        (Ok(Caller::Customer { subject }), Some(serde_json::Value::String(other))) => other != *subject,
        _ => false,
    }
}

/// Reads a booking, behind everything that is committed.
#[utoipa::path(
    get, path = "/v1/bookings/{booking}", operation_id = "getBooking", tag = "bookings",
    security(("token" = [])),
    responses((status = 200, description = "the booking", body = Booking))
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    Ok(answer::json(StatusCode::OK, &shown(&app, &call, &booking).await?))
}

/// The booking that `text` names, as whoever asks may see it.
pub(super) async fn shown(app: &App, call: &Call, text: &str) -> Result<Booking, ProblemResponse> {
    let caller = App::customer_or_organizer(call);
    let local = find_booking(app, call, text).await;
    let (caller, (id, local)) = call.all((caller, local))?;
    let look =
        move |slot: Option<&Slot>| slot.and_then(|slot| Some((slot.booking(id.request)?, slot.view())));
    let found =
        app.read(call, id.slot, archive::Wanted::Request(id.request), move |view| look(view.slot())).await?;
    let (booking, view) = found.ok_or_else(ProblemResponse::no_booking)?;
    if !may_see(caller, &local, &booking.customer) {
        return Err(ProblemResponse::no_booking());
    }
    let at = view.stamp.max(app.now());
    let needed = of_booking(&booking).into_iter().collect();
    let maps = app.maps(&call.limit(), &view.definition.organizer, needed).await?;
    Ok(convert::booking(booking, view.seq.0, at, &maps))
}

/// Lists bookings by creation: an organizer all of the slot's, a customer their own.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/bookings", operation_id = "listBookings", tag = "bookings",
    security(("token" = [])),
    params(
        ("status" = Option<Status>, Query, description = "only bookings with this status"),
        ("reference" = Option<String>, Query, description = "only the one with this reference"),
    ),
    responses((status = 200, description = "a page", body = List<Booking>))
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::customer_or_organizer(&call);
    let local = check_owner(&caller, app.find_slot(&call, &slot).await);
    let wanted = wanted(&call);
    let (caller, local, mut wanted) = call.all((caller, local, wanted))?;
    wanted.customer = match caller {
        Caller::Customer { subject } => Some(subject.clone()),
        Caller::Organizer { .. } | Caller::Operator { .. } => None,
    };
    if wanted.reference.is_none() && call.query("reference").is_some() {
        // What is no reference is nobody's.
        return Ok(page::response(&call, &List::<Booking> { items: Vec::new(), next: None }));
    }
    let read = async {
        let read = app.router.linearizable(local.view.id).await?;
        page_of(&read, wanted, || app.now()).await
    };
    let (found, next) = app.within(&call, read).await?.ok_or_else(ProblemResponse::no_slot)?;
    let needed = each_once(found.iter().filter_map(|(booking, ..)| of_booking(booking)));
    let maps = app.maps(&call.limit(), &local.view.definition.organizer, needed).await?;
    let shown =
        |(booking, seq, at): (BookingView, Seq, Timestamp)| convert::booking(booking, seq.0, at, &maps);
    let items = found.into_iter().map(shown).collect();
    let next = next.map(|last| page::cursor(&last.0.to_be_bytes()));
    Ok(page::response(&call, &List { items, next }))
}

/// A page of bookings, and behind whom the next begins. Each look sees a bounded number of them, and in between others are
/// served; what is seen in one look is told as it was then.
pub(super) async fn page_of(
    read: &LinearizableRead,
    mut wanted: archive::List,
    clock: impl Fn() -> Timestamp,
) -> Result<Option<(Vec<(BookingView, Seq, Timestamp)>, Option<Number>)>, Unrouted> {
    let limit = wanted.limit;
    let mut items = Vec::new();
    let mut last_on_page = None;
    for _look in 0..LOOKS {
        // One more than fits tells whether there is another page.
        wanted.limit = limit + 1 - items.len();
        let list = wanted.clone();
        let look = move |slot: &Slot| (slot.bookings(&list.filter(), list.after, list.limit), slot.view());
        let local =
            read.read(archive::Wanted::List(wanted.clone()), move |view| view.slot().map(look)).await?;
        let Some((looked, view)) = local else { return Ok(None) };
        let at = view.stamp.max(clock());
        for (number, booking) in looked.found {
            if items.len() == limit {
                return Ok(Some((items, last_on_page)));
            }
            items.push((booking, view.seq, at));
            last_on_page = Some(number);
        }
        wanted.after = looked.upto;
        if looked.upto.is_none() {
            return Ok(Some((items, None)));
        }
    }
    Ok(Some((items, wanted.after)))
}

/// Which bookings a list is to have, whoever asks.
fn wanted(call: &Call) -> Result<archive::List, ProblemResponse> {
    let page = Page::of(call)?;
    let number = |text: String| {
        let bytes = page::cursor_bytes(&text).and_then(|bytes| bytes.try_into().ok());
        let number = bytes.map(u32::from_be_bytes).map(Number);
        number.ok_or_else(|| ProblemResponse::parameter("after", "must be the next of an earlier page"))
    };
    Ok(archive::List {
        customer: None,
        status: status_of(call)?,
        reference: call.query("reference").and_then(|text| Reference::parse(&text)),
        after: page.after.map(number).transpose()?,
        limit: page.limit,
    })
}

/// Which bookings are wanted by how they stand.
pub(super) fn status_of(call: &Call) -> Result<Option<booking::Status>, ProblemResponse> {
    let status = |word: String| {
        page::word(&word).map(convert::status_wanted).ok_or_else(|| {
            ProblemResponse::parameter(
                "status",
                "must be held, offered, waitlisted, confirmed, cancelled, declined or expired",
            )
        })
    };
    call.query("status").map(status).transpose()
}

/// The booking that `text` names, and its slot, if there is such a slot.
pub(crate) async fn find_booking(
    app: &App,
    call: &Call,
    text: &str,
) -> Result<(BookingId, LocalView), ProblemResponse> {
    let id = ids::booking_id(text).ok_or_else(ProblemResponse::no_booking)?;
    let local = app.read_local(call, id.slot).await?.ok_or_else(ProblemResponse::no_booking)?;
    Ok((id, local))
}

pub(crate) fn may_see(caller: &Caller, local: &LocalView, customer: &str) -> bool {
    match caller {
        Caller::Customer { subject } => subject == customer,
        Caller::Organizer { organizer, .. } => *local.view.definition.organizer == **organizer,
        Caller::Operator { .. } => false,
    }
}

/// To which request a response is: one that made what is shown, or one that changed it.
pub(crate) enum ResponseTo {
    Creation,
    Change,
}

pub(crate) fn booking_response(
    outcome: Outcome,
    to: ResponseTo,
    maps: &Maps,
) -> Result<PlainResponse, ProblemResponse> {
    let Outcome { seq, at, replayed, .. } = outcome;
    let Decision::Booking(view) = decision(outcome, maps.only())? else {
        return Err(ProblemResponse::no_booking());
    };
    let status = match (to, view.status) {
        (ResponseTo::Creation, booking::Status::Waitlisted) => StatusCode::ACCEPTED,
        (ResponseTo::Creation, _) => StatusCode::CREATED,
        (ResponseTo::Change, _) => StatusCode::OK,
    };
    let id = ids::booking_text(view.id);
    let location = ["/v1/bookings/", &id].concat();
    Ok(PlainResponse::new(status, location, written::booking(&id, &view, seq.0, at, maps), replayed))
}

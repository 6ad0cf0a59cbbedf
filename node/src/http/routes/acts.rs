//! What is done to a booking that exists: confirmed, extended, accepted, declined, cancelled, made smaller, moved. All go one way, and differ in who
//! may, what the body says, and which command it becomes.

use std::sync::Arc;

use api::booking::{Booking, ChangeQuantity, ExtendHold};
use api::calendar::MoveBooking;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use booking::{Act, BookingId, Command, ConfirmedBy, Decision, Extend, Party, Request, Slot};

use super::bookings::{ResponseTo, booking_response, find_booking, may_see};
use super::slots::request_key;
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Call, Name, Shape};
use crate::http::request::caller::Caller;
use crate::http::response::problem::ProblemResponse;
use crate::permits::Lane;
use crate::router::LocalView;
use crate::saved::archive::Wanted;

/// One action on a booking: who may ask, what the body says, and which command it becomes.
struct BookingAction<Input> {
    /// Who may ask for it at all.
    caller: fn(&Call) -> Result<&Caller, ProblemResponse>,
    /// What the body says.
    parse: fn(&Call) -> Result<Input, ProblemResponse>,
    shape: Shape,
    /// Whether it is the organizer's alone where the organizer confirms.
    confirms: Confirms,
    command: fn(Act, Input) -> Command,
}

/// Whether an action makes a booking firm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirms {
    Yes,
    No,
}

/// Makes a hold firm.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/confirm", operation_id = "confirmBooking", tag = "bookings",
    security(("token" = [])),
    description = "By its customer or the slot's organizer; where policy.confirmed_by is organizer, by the organizer only.",
    responses((status = 200, description = "the booking, confirmed", body = Booking))
)]
pub(crate) async fn confirm(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let action =
        BookingAction { confirms: Confirms::Yes, ..without_body(|act, ()| Command::ConfirmBooking(act)) };
    act(&app, &booking, call, action).await
}

/// Makes a hold last longer, from now.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/extend", operation_id = "extendBooking", tag = "bookings",
    security(("token" = [])),
    request_body = ExtendHold,
    responses((status = 200, description = "the booking, with a deadline that is no earlier than it was", body = Booking))
)]
pub(crate) async fn extend(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let action = BookingAction {
        caller: App::customer_or_organizer,
        parse: |call| call.json::<ExtendHold>().and_then(convert::extension),
        shape: Shape::Json,
        confirms: Confirms::No,
        command: |act, hold_seconds| Command::ExtendHold(Extend { act, hold_seconds }),
    };
    act(&app, &booking, call, action).await
}

/// Takes what is offered: confirmed or held, as it was asked for.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/accept", operation_id = "acceptBooking", tag = "bookings",
    security(("token" = [])),
    responses((status = 200, description = "the booking, confirmed or held", body = Booking))
)]
pub(crate) async fn accept(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let action = BookingAction { caller: App::customer, ..without_body(|act, ()| Command::AcceptOffer(act)) };
    act(&app, &booking, call, action).await
}

/// Turns down what is offered; it goes to the next in the same step.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/decline", operation_id = "declineBooking", tag = "bookings",
    security(("token" = [])),
    responses((status = 200, description = "the booking, declined", body = Booking))
)]
pub(crate) async fn decline(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let action =
        BookingAction { caller: App::customer, ..without_body(|act, ()| Command::DeclineOffer(act)) };
    act(&app, &booking, call, action).await
}

/// Cancels a booking; its places go to the waitlist in the same step.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/cancel", operation_id = "cancelBooking", tag = "bookings",
    security(("token" = [])),
    responses((status = 200, description = "the booking, cancelled", body = Booking))
)]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    act(&app, &booking, call, without_body(|act, ()| Command::CancelBooking(act))).await
}

/// Makes a booking be for fewer; what is freed goes to the waitlist in the same step.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/quantity", operation_id = "changeBookingQuantity", tag = "bookings",
    security(("token" = [])),
    description = "By its customer while it is held or waits, by the slot's organizer also when it is confirmed. The deadline of a \
        hold and the place of who waits stay. As many as it is for change nothing; more are 422 `invalid_request`. Of a booking of several \
        products it is said of which how many are left.",
    request_body = ChangeQuantity,
    responses((status = 200, description = "the booking, for so many; who waited may have been served", body = Booking))
)]
pub(crate) async fn quantity(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let action = BookingAction {
        caller: App::customer_or_organizer,
        parse: |call| call.json::<ChangeQuantity>().and_then(convert::quantity),
        shape: Shape::Json,
        confirms: Confirms::No,
        command: |act, (quantity, lines)| {
            Command::ChangeQuantity(booking::ChangeQuantity { act, quantity, lines })
        },
    };
    act(&app, &booking, call, action).await
}

/// Gives a booking of a calendar another range, in one step: its own counts as free. Refused, it stays as it is.
#[utoipa::path(
    post, path = "/v1/bookings/{booking}/move", operation_id = "moveBooking", tag = "bookings",
    security(("token" = [])),
    description = "By its customer before the cut-off, by the slot's organizer always, while it is held or confirmed. What is left out \
        stays. A hold's deadline stays, or is when the range begins, if that is earlier; what is freed goes to who waits in the same step.",
    request_body = MoveBooking,
    responses((status = 200, description = "the booking, with the range that it has now", body = Booking))
)]
pub(crate) async fn relocate(
    State(app): State<Arc<App>>,
    Name(booking): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let action = BookingAction {
        caller: App::customer_or_organizer,
        parse: |call| call.json::<MoveBooking>().and_then(|asked| convert::moved(&asked)),
        shape: Shape::Json,
        confirms: Confirms::No,
        command: |act, (from, to, resource)| {
            Command::MoveBooking(Box::new(booking::MoveBooking { act, from, to, resource }))
        },
    };
    act(&app, &booking, call, action).await
}

/// An action without a body, for customers and organizers.
fn without_body(command: fn(Act, ()) -> Command) -> BookingAction<()> {
    BookingAction {
        caller: App::customer_or_organizer,
        parse: Call::no_body,
        shape: Shape::Empty,
        confirms: Confirms::No,
        command,
    }
}

async fn act<Input>(
    app: &App,
    booking: &str,
    call: Call,
    action: BookingAction<Input>,
) -> Result<Response, ProblemResponse> {
    let caller = (action.caller)(&call);
    let target = find_booking(app, &call, booking).await;
    let party = party(&caller, &target);
    let input = (action.parse)(&call);
    let key = call.idempotency_key();
    // Whether there is such a booking, and whether it is the caller's to act on, is for the slot to say, behind the log. Only
    // where something that comes later in the order of codes is wrong must it be known before.
    let may = if input.is_err() || key.is_err() || !call.head_is_good() {
        may_act(app, &call, &caller, &target, action.confirms).await
    } else {
        Ok(())
    };
    let (caller, target, by, (), input, key) = call.all((caller, target, party, may, input, key))?;
    let id = target.0;
    let request = Request {
        slot: id.slot,
        key: request_key(app, caller, key),
        fingerprint: call.fingerprint(action.shape),
        command: (action.command)(Act { booking: id.request, by }, input),
    };
    let limit = call.limit();
    let outcome = app.ask(&limit, &app.router.prepare(request), Lane::Holder).await?;
    if outcome.decision == Decision::KeyReused {
        may_act(app, &call, &Ok(caller), &Ok(target.clone()), action.confirms).await?;
    }
    let maps = app.maps_of(&limit, &target.1.view.definition.organizer, &outcome).await?;
    Ok(booking_response(outcome, ResponseTo::Change, &maps)?.into_response())
}

/// Whether there is a booking that the caller may act on, behind everything that is committed.
pub(super) async fn may_act(
    app: &App,
    call: &Call,
    caller: &Result<&Caller, ProblemResponse>,
    target: &Result<(BookingId, LocalView), ProblemResponse>,
    confirms: Confirms,
) -> Result<(), ProblemResponse> {
    let (Ok(caller), Ok((id, local))) = (caller, target) else { return Ok(()) };
    let request = id.request;
    let look = move |slot: &Slot| (slot.booking(request), slot.view().definition.policy.confirmed_by);
    let found = app.read(call, id.slot, Wanted::Request(request), move |view| view.slot().map(look)).await?;
    let (booking, confirmed_by) = found.ok_or_else(ProblemResponse::no_booking)?;
    if let (Caller::Customer { .. }, Confirms::Yes, ConfirmedBy::Organizer) = (caller, confirms, confirmed_by)
    {
        return Err(ProblemResponse::not_confirmed_by_customers());
    }
    match booking {
        Some(booking) if may_see(caller, local, &booking.customer) => Ok(()),
        _ => Err(ProblemResponse::no_booking()),
    }
}

/// As whom the caller acts on a booking of this slot. Another organizer's booking is as if it were not there.
pub(super) fn party(
    caller: &Result<&Caller, ProblemResponse>,
    target: &Result<(BookingId, LocalView), ProblemResponse>,
) -> Result<Party, ProblemResponse> {
    let (_id, local) = target.as_ref().map_err(Clone::clone)?;
    match caller.as_ref().map_err(Clone::clone)? {
        Caller::Organizer { organizer, .. } if *local.view.definition.organizer == **organizer => {
            Ok(Party::Organizer)
        }
        Caller::Customer { subject } => Ok(Party::Customer(subject.as_str().into())),
        Caller::Organizer { .. } | Caller::Operator { .. } => Err(ProblemResponse::no_booking()),
    }
}

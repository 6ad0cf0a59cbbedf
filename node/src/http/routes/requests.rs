//! What became of a request, for whoever sent it and lost the answer.

use std::sync::Arc;

use api::problem::Code;
use api::request::Remembered;
use axum::extract::{Path, State};
use axum::response::Response;
use booking::{Decision, Outcome, RequestKey, Slot};
use hyper::StatusCode;

use super::bookings::{ResponseTo, booking_response};
use super::slots::{check_owner, slot_response};
use crate::http::app::App;
use crate::http::request::call::{Call, valid_key};
use crate::http::response::answer;
use crate::http::response::maps::{Maps, needed_by};
use crate::http::response::precedence::all;
use crate::http::response::problem::ProblemResponse;
use crate::saved::archive::Wanted;

/// Reads the remembered answer to a request, behind everything that is committed.
#[utoipa::path(
    get, path = "/v1/slots/{slot}/requests/{key}", operation_id = "getSlotRequest", tag = "slots",
    security(("token" = [])),
    description = "A 404 `request_unknown` is not final: only repeating the request with its key is.",
    responses((status = 200, description = "the first answer", body = Remembered<serde_json::Value>))
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let (slot, key) = path.map(|Path(names)| names).unwrap_or_default();
    let remembered = remembered(&app, &call, &slot, &key).await;
    let ((outcome, made, organizer),) = call.all((remembered,))?;
    let maps = app.maps(&call.limit(), &organizer, needed_by(&outcome)).await?;
    let (status, body) = match answered(outcome, made, &maps) {
        Ok(answer) => (answer.status, answer.body),
        Err(problem) => problem.written(),
    };
    let body: serde_json::Value = serde_json::from_slice(&body).expect("every answer is JSON");
    Ok(answer::json(StatusCode::OK, &Remembered { status: status.as_u16(), body }))
}

/// What was answered first to the caller's request with this key, and whether it made what it was answered with.
async fn remembered(
    app: &App,
    call: &Call,
    slot: &str,
    key: &str,
) -> Result<(Outcome, ResponseTo, Box<str>), ProblemResponse> {
    let caller = App::customer_or_organizer(call);
    let local = check_owner(&caller, app.find_slot(call, slot).await);
    let key = valid_key(key).ok_or_else(|| ProblemResponse::parameter("key", "must be an Idempotency-Key"));
    let (caller, local, key) = all((caller, local, key))?;
    let (request, slot) = (caller.request_key(key), local.view.id);
    let look = move |slot: &Slot| first_answer(slot, request);
    let found =
        app.read(call, slot, Wanted::Request(request), move |view| view.slot().and_then(look)).await?;
    let organizer = local.view.definition.organizer.clone();
    found.map(|(outcome, made)| (outcome, made, organizer)).ok_or_else(|| {
        ProblemResponse::new(
            Code::RequestUnknown,
            "no answer to this key is remembered; repeat the request with it",
        )
    })
}

/// What was answered first, and whether the request made what it was answered with.
fn first_answer(slot: &Slot, request: RequestKey) -> Option<(Outcome, ResponseTo)> {
    let outcome = slot.remembered(request)?;
    let made = match &outcome.decision {
        Decision::Booking(booking) => booking.id.request == request,
        Decision::Slot(_) => slot.made_by() == request,
        Decision::Refused(_)
        | Decision::Explained(..)
        | Decision::AnotherMap
        | Decision::KeyReused
        | Decision::NotFound
        | Decision::Forbidden => false,
    };
    Some((outcome, if made { ResponseTo::Creation } else { ResponseTo::Change }))
}

fn answered(outcome: Outcome, to: ResponseTo, maps: &Maps) -> Result<answer::PlainResponse, ProblemResponse> {
    match (&outcome.decision, &to) {
        (Decision::Slot(_), ResponseTo::Creation) => slot_response(outcome, StatusCode::CREATED, maps),
        (Decision::Slot(_), ResponseTo::Change) => slot_response(outcome, StatusCode::OK, maps),
        _ => booking_response(outcome, to, maps),
    }
}

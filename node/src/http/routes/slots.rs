//! Slots: made, read, listed, changed, cancelled.

use std::sync::Arc;

use api::inventory::Inventory;
use api::list::List;
use api::slot::{ChangeSlot, CreateSlot, Slot, Status};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use booking::{Command, Decision, Outcome, Request, RequestKey, Stock};
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};
use seatmap::Seatmap;

use super::by_map::{ask_by_map, maps_of};
use super::listing::{Asked, listed};
use super::page;
use crate::apart::apart;
use crate::http::app::App;
use crate::http::convert::{self, Named, NewHouse, Seen};
use crate::http::request::call::{Call, Name, PublicCall, Shape};
use crate::http::request::caller::Caller;
use crate::http::response::answer::{self, PlainResponse};
use crate::http::response::decision::decision;
use crate::http::response::maps::Maps;
use crate::http::response::problem::ProblemResponse;
use crate::ids::{self, IdSource};
use crate::permits::Lane;
use crate::router::LocalView;

/// Of what a slot's JSON shows. Raised with it, or a client would keep what an older build has told it.
const FORMAT: u32 = 2;

/// Makes a slot.
#[utoipa::path(
    post, path = "/v1/slots", operation_id = "createSlot", tag = "slots",
    security(("token" = [])),
    request_body = CreateSlot,
    responses((status = 201, description = "the slot", body = Slot))
)]
pub(crate) async fn create(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    let caller = App::organizer(&call);
    let body = call.json::<CreateSlot>();
    let key = call.idempotency_key();
    let (caller, body, key) = call.all((caller, body, key))?;
    let organizer = organizer_of(caller);

    let secret = booking::Secret(app.chance.bytes());
    let house = match &body.inventory {
        Inventory::Units(_) | Inventory::Calendar(_) => None,
        Inventory::Seats(seats) => new_house(&app, &call, organizer, &seats.map).await?,
    };
    let new = convert::definition(organizer, body, secret, house, app.now())?;
    let id_source = key.map_or_else(|| IdSource::Chance(app.chance.number()), IdSource::Key);
    let request = Request {
        slot: ids::new_slot(organizer, new.definition().placement.as_deref(), &id_source),
        key: request_key(&app, caller, key),
        fingerprint: call.fingerprint(Shape::Json),
        command: Command::CreateSlot(Box::new(new)),
    };
    let limit = call.limit();
    let outcome = app.ask(&limit, &app.router.prepare(request), Lane::Newcomer).await?;
    let maps = app.maps_of(&limit, organizer, &outcome).await?;
    let answer = slot_response(outcome, StatusCode::CREATED, &maps)?;
    Ok(answer.into_response())
}

/// Reads a slot as this node knows it, or as the cluster does.
#[utoipa::path(
    get, path = "/v1/slots/{slot}", operation_id = "getSlot", tag = "slots",
    responses(
        (status = 200, description = "the slot", body = Slot),
        (status = 304, description = "it is as it was when it had this ETag"),
    )
)]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let consistency = match call.query("consistency").as_deref() {
        None | Some("local") => Ok(Consistency::Local),
        Some("linearizable") => Ok(Consistency::Linearizable),
        Some(_) => Err(ProblemResponse::parameter("consistency", "must be linearizable, or left out")),
    };
    let local = match (ids::slot_id(&slot), &consistency) {
        (Some(id), Ok(Consistency::Linearizable)) => {
            app.within(&call, app.router.find_linearizable(id)).await
        }
        (Some(id), _) => app.read_local(&call, id).await,
        (None, _) => Ok(None),
    };
    let local = local.and_then(|local| local.ok_or_else(ProblemResponse::no_slot));
    let (local, _consistency) = call.all((local, consistency))?;
    let maps = maps_of(&app, &call, &local).await?;
    let slot = convert::slot(&local, app.now(), &maps);
    let etag = format!("W/\"{}-{}-{FORMAT}\"", slot.seq, status_word(slot.status));
    let etag = HeaderValue::from_str(&etag).expect("digits and letters");
    let mut response = if page::is_known(&call.head.headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer::json(StatusCode::OK, &slot)
    };
    response.headers_mut().insert(header::ETAG, etag);
    Ok(response)
}

/// Where a slot is read.
enum Consistency {
    /// On this node, at once.
    Local,
    /// Behind everything that is committed.
    Linearizable,
}

/// Lists slots by id.
///
/// A page looks at a bounded number of slots: where few are wanted it may be short, or empty, and the list goes on at `next`.
#[utoipa::path(
    get, path = "/v1/slots", operation_id = "listSlots", tag = "slots",
    params(
        ("organizer" = Option<String>, Query, description = "only this organizer's"),
        ("status" = Option<Status>, Query, description = "only those that stand like this"),
    ),
    responses((status = 200, description = "a page", body = List<Slot>))
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let page = listed(&app, &call, &Asked::of(&call)?).await?;
    Ok(page::response(&call, &page))
}

/// Changes a slot while it sells, with what follows for those who hold and wait in the same step.
#[utoipa::path(
    patch, path = "/v1/slots/{slot}", operation_id = "changeSlot", tag = "slots",
    security(("token" = [])),
    description = "A JSON Merge Patch (RFC 7396): what is left out stays, null takes away. By another `inventory.seats.map` everything that \
        is taken stays so, by its name: where the map lacks some of it, 409 `capacity_in_use` says what. Seats that are blocked or kept stay \
        that, and those who wait for categories that are gone are cancelled. `products`, `quotas` and `prices` are given whole, and another map \
        must have every category that they name; what is booked keeps what it is of and costs.",
    request_body(content(
        (ChangeSlot = "application/merge-patch+json"),
        (ChangeSlot = "application/json"),
    )),
    responses((status = 200, description = "the slot as it is now", body = Slot))
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::organizer(&call);
    let local = check_owner(&caller, app.find_slot(&call, &slot).await);
    let definition = local.as_ref().ok().map(|local| Arc::clone(&local.view.definition));
    let stock = definition.as_ref().map(|definition| &definition.stock);
    let patch = call.json::<ChangeSlot>();
    let map = patch.as_ref().ok().and_then(convert::wanted_map);
    let map = map.filter(|_| matches!(stock, Some(Stock::Seats(_))));
    let is_by_name = map.is_some()
        || matches!(stock, Some(Stock::Calendar(_)))
        || patch.as_ref().is_ok_and(convert::says_tariff);
    if local.is_ok() && is_by_name {
        // Boxed: rare, and large.
        return Box::pin(change_by_name(&app, &call, local?, (&patch, map))).await;
    }
    let seen = (definition.as_deref(), app.now());
    let wanted = patch.and_then(|patch| convert::change(&patch, seen, None, Named::default()));
    let key = call.idempotency_key();
    let (caller, local, wanted, key) = call.all((caller, local, wanted, key))?;
    let request = Request {
        slot: local.view.id,
        key: request_key(&app, caller, key),
        fingerprint: call.fingerprint(Shape::Json),
        command: Command::ChangeSlot(Box::new(wanted)),
    };
    let limit = call.limit();
    let outcome = app.ask(&limit, &app.router.prepare(request), Lane::Newcomer).await?;
    let maps = app.maps_of(&limit, &local.view.definition.organizer, &outcome).await?;
    Ok(slot_response(outcome, StatusCode::OK, &maps)?.into_response())
}

/// Changes a slot that was seen, which is to be sold by another map, or as something else, or is a calendar.
async fn change_by_name(
    app: &App,
    call: &Call,
    local: LocalView,
    (patch, map): (&Result<ChangeSlot, ProblemResponse>, Option<&str>),
) -> Result<Response, ProblemResponse> {
    let caller = App::organizer(call);
    let new = match (&caller, map) {
        (Ok(caller), Some(map)) => new_house(app, call, organizer_of(caller), map).await?,
        (Err(_), _) | (_, None) => None,
    };
    let command = |seen: Result<Seen<'_>, ProblemResponse>| {
        let change = seen.and_then(|seen| {
            let to = |new| apart(|| convert::map_change(&seen.of_seats(), new));
            let map = match (&new, seen.house) {
                (Some(new), _) => Some((new.map, &*new.seatmap)),
                (None, house) => house.map(|house| (house.map, house.seatmap)),
            };
            let before = seen.house.map(|house| house.seatmap);
            let named = Named { map, tariff: seen.tariff(), before };
            let patch = patch.as_ref().map_err(Clone::clone)?;
            convert::change(patch, (seen.definition, app.now()), new.as_ref().map(to), named)
        });
        let (caller, key, change) = call.all((caller.clone(), call.idempotency_key(), change))?;
        Ok((request_key(app, caller, key), Command::ChangeSlot(Box::new(change))))
    };
    let (outcome, maps) = ask_by_map(app, call, (local, Lane::Newcomer), command).await?;
    Ok(slot_response(outcome, StatusCode::OK, &maps)?.into_response())
}

/// Cancels a slot and every live booking of it, in one step.
#[utoipa::path(
    post, path = "/v1/slots/{slot}/cancel", operation_id = "cancelSlot", tag = "slots",
    security(("token" = [])),
    responses((status = 200, description = "the slot", body = Slot))
)]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::organizer(&call);
    let local = check_owner(&caller, app.find_slot(&call, &slot).await);
    let body = call.no_body();
    let key = call.idempotency_key();
    let (caller, local, (), key) = call.all((caller, local, body, key))?;
    let request = Request {
        slot: local.view.id,
        key: request_key(&app, caller, key),
        fingerprint: call.fingerprint(Shape::Empty),
        command: Command::CancelSlot,
    };
    let limit = call.limit();
    let outcome = app.ask(&limit, &app.router.prepare(request), Lane::Holder).await?;
    let maps = app.maps_of(&limit, &local.view.definition.organizer, &outcome).await?;
    let answer = slot_response(outcome, StatusCode::OK, &maps)?;
    Ok(answer.into_response())
}

pub(crate) fn slot_response(
    outcome: Outcome,
    status: StatusCode,
    maps: &Maps,
) -> Result<PlainResponse, ProblemResponse> {
    let at = outcome.at;
    let replayed = outcome.replayed;
    match decision(outcome, maps.only())? {
        // The status is told for the moment of the decision, so that a replay says the same.
        Decision::Slot(view) => {
            let slot = convert::slot(&convert::decided(view), at, maps);
            let location = format!("/v1/slots/{}", slot.id);
            Ok(PlainResponse::new(status, location, answer::written(&slot), replayed))
        }
        Decision::Booking(_)
        | Decision::Refused(_)
        | Decision::Explained(..)
        | Decision::AnotherMap
        | Decision::KeyReused
        | Decision::NotFound
        | Decision::Forbidden => Err(ProblemResponse::no_slot()),
    }
}

/// The house of a map that an organizer keeps under this id, if there is one.
async fn new_house(
    app: &App,
    call: &Call,
    organizer: &str,
    map: &str,
) -> Result<Option<NewHouse>, ProblemResponse> {
    let id = ids::seatmap_id(map).filter(|id| id.organizer == ids::organizer(organizer));
    let Some(id) = id else { return Ok(None) };
    let seatmap = app.within(call, app.router.read_seatmap(id)).await?;
    let house = |seatmap: Arc<Seatmap>| {
        let plan = apart(|| convert::plan(&seatmap));
        NewHouse { map: id.content, plan, seatmap }
    };
    Ok(seatmap.map(house))
}

/// A slot that was seen, unless the caller is an organizer and it is another one's.
pub(crate) fn check_owner(
    caller: &Result<&Caller, ProblemResponse>,
    local: Result<LocalView, ProblemResponse>,
) -> Result<LocalView, ProblemResponse> {
    match (caller, local) {
        (Ok(Caller::Organizer { organizer, .. }), Ok(local))
            if *local.view.definition.organizer != **organizer =>
        {
            Err(ProblemResponse::new(api::problem::Code::Forbidden, "the slot is another organizer's"))
        }
        (_, local) => local,
    }
}

/// The caller's request under its key; one of our own, for our own retries, where it has none.
pub(crate) fn request_key(app: &App, caller: &Caller, key: Option<&str>) -> RequestKey {
    key.map_or_else(|| RequestKey(app.chance.number()), |key| caller.request_key(key))
}

/// The organizer that an organizer's token speaks for.
pub(crate) fn organizer_of(caller: &Caller) -> &str {
    match caller {
        Caller::Organizer { organizer, .. } => organizer,
        Caller::Customer { subject } | Caller::Operator { subject } => subject,
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Scheduled => "scheduled",
        Status::OnSale => "on_sale",
        Status::Closed => "closed",
        Status::Finished => "finished",
        Status::Cancelled => "cancelled",
        Status::Faulted => "faulted",
    }
}

//! Slots from the inside, for operators, and entities of other kinds: the state of one, and another try of one whose rules broke.

use std::sync::Arc;

use api::admin::{Health, Inspection};
use axum::extract::State;
use axum::response::Response;
use booking::entity::Entity;
use booking::{EntityId, SlotId};
use hyper::StatusCode;

use crate::actors::message::ReadView;
use crate::actors::registry::Presence;
use crate::http::app::App;
use crate::http::request::call::{Call, Name};
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;
use crate::ids;
use crate::saved::archive::Wanted;

/// Shows a slot as it is on this node.
pub(crate) async fn inspect(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let found = find_entity(&app, &call, &slot).await;
    let (_caller, entity) = call.all((caller, found))?;
    Ok(answer::json(StatusCode::OK, &inspected(&app, entity).await?))
}

/// Tries a slot again whose rules broke. One that is sound is left as it is.
pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let found = find_entity(&app, &call, &slot).await;
    let body = call.no_body();
    let (_caller, entity, ()) = call.all((caller, found, body))?;
    app.router.retry(entity).await?;
    Ok(answer::json(StatusCode::OK, &inspected(&app, entity).await?))
}

/// The entity that `text` names, if there is one.
async fn find_entity(app: &App, call: &Call, text: &str) -> Result<EntityId, ProblemResponse> {
    let entity = ids::entity_id(text).ok_or_else(ProblemResponse::no_slot)?;
    let is_there = match SlotId::of(entity) {
        Some(slot) => app.read_local(call, slot).await?.is_some(),
        None => !matches!(app.router.shards().presence(entity), Presence::Nowhere),
    };
    if is_there { Ok(entity) } else { Err(ProblemResponse::no_slot()) }
}

async fn inspected(app: &App, entity: EntityId) -> Result<Inspection, ProblemResponse> {
    let group = app.router.shards().group(entity)?;
    let (group, leader) = (group.id().0, group.status().leader);
    let saved = SlotId::of(entity).map(|slot| app.router.shards().read_local(slot)).transpose()?.flatten();
    let shown = move |view: ReadView<'_>| {
        let (bookings, receipts) = view.slot().map(booking::Slot::sizes).unwrap_or_default();
        Inspection {
            slot: ids::entity_text(entity),
            partition: entity.partition().get(),
            group,
            leader,
            health: if view.broke.is_some() { Health::Faulted } else { Health::Sound },
            seq: view
                .entity
                .map(|entity| entity.seq().0)
                .or_else(|| saved.map(|local| local.view.seq.0))
                .unwrap_or_default(),
            index: view.index.0,
            deadline_ms: view.entity.and_then(Entity::deadline).map(|at| at.0),
            bookings,
            receipts,
            digest: view.entity.map(|entity| format!("{:016x}", entity.digest())),
            broke_at: view.broke.map(|(index, _pending)| index.0),
            pending: view.broke.map_or(0, |(_index, pending)| pending as u64),
        }
    };
    Ok(app.router.shards().handle(entity)?.read(Wanted::Nothing, shown).await?)
}

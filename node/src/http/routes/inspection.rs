//! Slots from the inside, for operators: the state of a slot, and another try of one whose rules broke.

use std::sync::Arc;

use api::admin::{Health, Inspection};
use axum::extract::State;
use axum::response::Response;
use booking::SlotId;
use hyper::StatusCode;

use crate::actors::message::ReadView;
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
    let found = find_slot_id(&app, &call, &slot).await;
    let (_caller, slot) = call.all((caller, found))?;
    Ok(answer::json(StatusCode::OK, &inspected(&app, slot).await?))
}

/// Tries a slot again whose rules broke. One that is sound is left as it is.
pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    Name(slot): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let found = find_slot_id(&app, &call, &slot).await;
    let body = call.no_body();
    let (_caller, slot, ()) = call.all((caller, found, body))?;
    app.router.retry(slot).await?;
    Ok(answer::json(StatusCode::OK, &inspected(&app, slot).await?))
}

/// The slot that `text` names, if there is one.
async fn find_slot_id(app: &App, call: &Call, text: &str) -> Result<SlotId, ProblemResponse> {
    let slot = ids::slot_id(text).ok_or_else(ProblemResponse::no_slot)?;
    app.read_local(call, slot).await?.ok_or_else(ProblemResponse::no_slot)?;
    Ok(slot)
}

async fn inspected(app: &App, slot: SlotId) -> Result<Inspection, ProblemResponse> {
    let group = app.router.shards().group(slot);
    let (group, leader) = (group.id().0, group.status().leader);
    let saved = app.router.shards().read_local(slot)?;
    let shown = move |view: ReadView<'_>| {
        let (bookings, receipts) = view.slot().map(booking::Slot::sizes).unwrap_or_default();
        Inspection {
            slot: ids::slot_text(slot),
            partition: slot.partition.get(),
            group,
            leader,
            health: if view.broke.is_some() { Health::Faulted } else { Health::Sound },
            seq: view
                .slot()
                .map(|slot| slot.view().seq.0)
                .or_else(|| saved.map(|local| local.view.seq.0))
                .unwrap_or_default(),
            index: view.index.0,
            deadline_ms: view.slot().and_then(booking::Slot::deadline).map(|at| at.0),
            bookings,
            receipts,
            digest: view.slot().map(|slot| format!("{:016x}", slot.digest())),
            broke_at: view.broke.map(|(index, _pending)| index.0),
            pending: view.broke.map_or(0, |(_index, pending)| pending as u64),
        }
    };
    Ok(app.router.shards().handle(slot)?.read(Wanted::Nothing, shown).await?)
}

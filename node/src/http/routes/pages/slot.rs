//! `GET /slots/{slot}`: what is sold, when, and how much of it is left.

use std::sync::Arc;

use api::slot::{Slot, Status};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};
use maud::{Markup, html};
use serde_json::json;

use super::assets::BUILD;
use super::list::FOR_A_MOMENT;
use super::security::secured;
use super::shell::{Page, Shell, figure};
use super::times::{moment, zone};
use super::words::{Language, Words};
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Name, PublicCall};
use crate::http::response::problem::ProblemResponse;
use crate::http::routes::by_map::maps_of;
use crate::http::routes::page::is_known;

/// `GET /slots/{slot}`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(id): Name,
    PublicCall(call): PublicCall,
) -> Response {
    let mut shell = Shell::new(Page::Slot, &call);
    let slot = async {
        let local = app.find_slot(&call, &id).await?;
        let maps = maps_of(&app, &call, &local).await?;
        Ok::<_, ProblemResponse>(convert::slot(&local, app.now(), &maps))
    };
    let slot = match slot.await {
        Ok(slot) => slot,
        Err(problem) => return shell.failure(&app, status_of(&problem)),
    };
    let tag = format!("W/\"{}-{}-{:?}-{}\"", *BUILD, slot.seq, slot.status, shell.language.tag());
    let tag = HeaderValue::try_from(tag).expect("letters and digits");
    let mut response = if is_known(&call.head.headers, &tag) {
        let kept = [(header::CACHE_CONTROL, FOR_A_MOMENT), (header::VARY, "accept-language")];
        secured((StatusCode::NOT_MODIFIED, kept).into_response())
    } else {
        shell.title.clone_from(&slot.title);
        shell.plain = plain(&slot, shell.language);
        shell.data = json!({"slot": slot});
        shell.response(&app, StatusCode::OK, FOR_A_MOMENT)
    };
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// With which status a page says that there is something wrong.
pub(super) fn status_of(problem: &ProblemResponse) -> StatusCode {
    StatusCode::from_u16(problem.code().status()).expect("every code has a status of HTTP")
}

fn plain(slot: &Slot, language: Language) -> Markup {
    let (words, zone) = (language.words(), zone(slot));
    html! {
        dl {
            (figure(words.status, status_word(slot.status, words)))
            div { dt { (words.begins) } dd { (moment(slot.starts_at, zone, language)) } }
            div { dt { (words.ends) } dd { (moment(slot.ends_at, zone, language)) } }
            @if let Some(opens_at) = slot.sale.opens_at {
                div { dt { (words.sale_opens) } dd { (moment(opens_at, zone, language)) } }
            }
            (figure(words.organizer, &slot.organizer))
            (figure(words.capacity, slot.counts.capacity))
            @if let Some(free) = slot.counts.free { (figure(words.free, free)) }
            (figure(words.waiting, slot.counts.waitlisted))
        }
        noscript { p { (words.needs_script) } }
    }
}

pub(super) const fn status_word(status: Status, words: &Words) -> &'static str {
    match status {
        Status::Scheduled => words.scheduled,
        Status::OnSale => words.on_sale,
        Status::Closed => words.closed,
        Status::Finished => words.finished,
        Status::Cancelled => words.cancelled,
        Status::Faulted => words.faulted,
    }
}

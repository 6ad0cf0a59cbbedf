//! `GET /`: what is on sale, of everyone or of one organizer.

use std::sync::Arc;

use api::list::List;
use api::slot::{Slot, Status};
use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::shell::{Page, Shell};
use super::times::{moment, zone};
use super::words::{Language, Words};
use crate::http::app::App;
use crate::http::request::call::PublicCall;
use crate::http::routes::listing::{Asked, cursor_of, listed};
use crate::http::routes::page::{spelled, word};

/// How many slots stand on a page.
const LIMIT: usize = 50;
/// Whoever has the list may show it for a second, and a little longer while it is asked for again.
pub(super) const FOR_A_MOMENT: &str = "public, max-age=1, stale-while-revalidate=5";

/// `GET /`.
pub(crate) async fn read(State(app): State<Arc<App>>, PublicCall(call): PublicCall) -> Response {
    let mut shell = Shell::new(Page::List, &call);
    let status = call.query("status").map_or(Some(Status::OnSale), |status| word(&status));
    let after = call.query("after").map(|text| cursor_of(&text)).transpose();
    let (Some(status), Ok(after)) = (status, after) else {
        return shell.failure(&app, StatusCode::NOT_FOUND);
    };
    let organizer = call.query("organizer");
    let asked = Asked { organizer: organizer.clone(), status: Some(status), after, limit: LIMIT };
    let Ok(List { items, next }) = listed(&app, &call, &asked).await else {
        return shell.failure(&app, StatusCode::SERVICE_UNAVAILABLE);
    };
    let words = shell.words();
    shell.title = words.shop.to_owned();
    shell.plain = html! {
        (choices(organizer.as_deref(), words))
        @if items.is_empty() { p { (words.nothing_here) } }
        ul class="slots" { @for slot in &items { (row(slot, shell.language)) } }
        @if let Some(next) = &next {
            p { a rel="next" href=(address(organizer.as_deref(), status, Some(next))) { (words.more) } }
        }
    };
    shell.data = json!({"slots": {"items": items, "next": next}});
    shell.response(&app, StatusCode::OK, FOR_A_MOMENT)
}

/// How else slots may stand.
fn choices(organizer: Option<&str>, words: &Words) -> Markup {
    let all = [
        (Status::OnSale, words.on_sale),
        (Status::Scheduled, words.scheduled),
        (Status::Closed, words.closed),
    ];
    html! {
        ul class="choices" {
            @for (status, name) in all { li { a href=(address(organizer, status, None)) { (name) } } }
        }
    }
}

fn address(organizer: Option<&str>, status: Status, after: Option<&str>) -> String {
    let status = spelled(status);
    let mut query = form_urlencoded::Serializer::new(String::from("/?"));
    let said = [("organizer", organizer), ("status", Some(&*status)), ("after", after)];
    query.extend_pairs(said.into_iter().filter_map(|(name, value)| Some((name, value?))));
    query.finish()
}

fn row(slot: &Slot, language: Language) -> Markup {
    html! {
        li {
            a href={ "/slots/" (slot.id) } dir="auto" { (slot.title) } " "
            (moment(slot.starts_at, zone(slot), language))
            @if let Some(free) = slot.counts.free { " " span class="free" { (language.words().free) ": " (free) } }
        }
    }
}

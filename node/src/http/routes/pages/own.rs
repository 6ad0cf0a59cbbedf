//! Pages of which the node says nothing but that they are there: whoever asks has their own bookings and session shown by the script.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use maud::html;

use super::shell::{Page, Shell};
use crate::http::app::App;
use crate::http::request::call::PublicCall;

/// It is the same for everyone, and another only with another build.
const ASKED_AGAIN: &str = "no-cache";

/// `GET /bookings`: one's own, over all slots.
pub(crate) async fn bookings(State(app): State<Arc<App>>, PublicCall(call): PublicCall) -> Response {
    let mut shell = Shell::new(Page::Bookings, &call);
    let words = shell.words();
    shell.title = words.own_bookings.into();
    shell.plain = html! { p { (words.own_only) } };
    shell.response(&app, StatusCode::OK, ASKED_AGAIN)
}

/// `GET /session`: where a token arrives in the address, behind its `#`, so that nobody but the page sees it.
pub(crate) async fn session(State(app): State<Arc<App>>, PublicCall(call): PublicCall) -> Response {
    let mut shell = Shell::new(Page::Session, &call);
    let words = shell.words();
    shell.title = words.sign_in.into();
    shell.plain = html! { p { (words.session_arrives) } };
    shell.response(&app, StatusCode::OK, ASKED_AGAIN)
}

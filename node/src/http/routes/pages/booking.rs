//! `GET /bookings/{booking}`: how a booking stands, for whoever may see it; printed, it is the ticket.

use std::sync::Arc;

use api::booking::{Booking, Status};
use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::qr;
use super::shell::{Page, Shell, figure};
use super::slot::status_of;
use super::times::{moment, zone};
use super::words::{Language, Words};
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Name, PublicCall};
use crate::http::response::problem::ProblemResponse;
use crate::http::routes::bookings::shown;
use crate::http::routes::by_map::maps_of;

/// It is one's own.
const FOR_ONE: &str = "private, no-store";

/// `GET /bookings/{booking}`. A browser that comes from elsewhere shows no session yet: then the page's script asks.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(id): Name,
    PublicCall(call): PublicCall,
) -> Response {
    let mut shell = Shell::new(Page::Booking, &call);
    let words = shell.words();
    shell.title = words.booking.to_owned();
    if call.caller().is_err() {
        shell.plain = html! { p { (words.own_only) } };
        return shell.response(&app, StatusCode::OK, FOR_ONE);
    }
    let found = async {
        let booking = shown(&app, &call, &id).await?;
        let local = app.find_slot(&call, &booking.slot).await?;
        let maps = maps_of(&app, &call, &local).await?;
        Ok::<_, ProblemResponse>((booking, convert::slot(&local, app.now(), &maps)))
    };
    let (booking, slot) = match found.await {
        Ok(found) => found,
        Err(problem) => return shell.failure(&app, status_of(&problem)),
    };
    shell.title.clone_from(&slot.title);
    shell.plain = plain(&booking, &slot, shell.language);
    shell.data = json!({"booking": booking, "slot": slot});
    shell.response(&app, StatusCode::OK, FOR_ONE)
}

fn plain(booking: &Booking, slot: &api::slot::Slot, language: Language) -> Markup {
    let (words, zone) = (language.words(), zone(slot));
    let code = (booking.status == Status::Confirmed)
        .then(|| qr::code(&format!("{} {}", booking.reference, booking.id), words.ticket_code));
    html! {
        dl {
            (figure(words.status, status_word(booking.status, words)))
            (figure(words.reference, &booking.reference))
            (figure(words.quantity, booking.quantity))
            div { dt { (words.begins) } dd { (moment(booking.from.unwrap_or(slot.starts_at), zone, language)) } }
            div { dt { (words.ends) } dd { (moment(booking.to.unwrap_or(slot.ends_at), zone, language)) } }
            @if let Some(until) = booking.expires_at {
                div { dt { (words.until) } dd { (moment(until, zone, language)) } }
            }
            @if let Some(seats) = booking.seats.as_ref().filter(|seats| !seats.is_empty()) {
                (figure(words.seats, seats.join(", ")))
            }
            (figure(words.organizer, &slot.organizer))
        }
        @if let Some(Some(code)) = code { (code) }
        p { a href={ "/slots/" (slot.id) } { (slot.title) } }
    }
}

const fn status_word(status: Status, words: &Words) -> &'static str {
    match status {
        Status::Held => words.held,
        Status::Offered => words.offered,
        Status::Waitlisted => words.waitlisted,
        Status::Confirmed => words.confirmed,
        Status::Cancelled => words.cancelled,
        Status::Declined => words.declined,
        Status::Expired => words.expired,
    }
}

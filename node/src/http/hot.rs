//! The hot route by hand: a booking goes from hyper to its handler without a walk through routes and layers. Everything
//! else, and a booking too if this file were not there, goes through axum.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router as Routes;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::{Method, Request};
use tower::ServiceExt as _;

use super::App;
use super::bookings;
use super::call::Call;
use super::door::Pass;
use super::patience::Patience;
use crate::metrics::Route;

/// The route's template, in axum's table too.
pub(super) const TEMPLATE: &str = "/v1/slots/{slot}/bookings";

/// The hot route in front of all others.
pub(crate) struct Front {
    app: Arc<App>,
    figures: Arc<Route>,
    others: Routes,
}

impl Front {
    /// `others` with the hot route in front.
    pub(crate) fn new(app: Arc<App>, others: Routes) -> Arc<Self> {
        let figures = app.answers.route(TEMPLATE);
        Arc::new(Self { app, figures, others })
    }

    /// Answers one request, on a connection with this patience.
    pub(crate) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        patience: Patience,
    ) -> Result<Response, Infallible> {
        let Some(slot) = booked(&request).map(str::to_owned) else {
            // Boxed, so that a booking does not carry room for it.
            return Box::pin(self.others.clone().oneshot(request.map(Body::new))).await;
        };
        let (pass, findings) = Pass::enter(&self.app, request.uri(), request.headers());
        let (parts, body) = request.into_parts();
        let call = Call::read(parts, body, findings, patience).await;
        let response = bookings::book(&self.app, &slot, call).await.into_response();
        Ok(pass.leave(&self.app, &self.figures, response))
    }
}

/// The slot that a request wants to book, if it is one for this route; what is escaped is left to axum.
fn booked<B>(request: &Request<B>) -> Option<&str> {
    let path = request.uri().path();
    let slot = path.strip_prefix("/v1/slots/")?.strip_suffix("/bookings")?;
    let plain = !slot.is_empty() && !slot.contains(['/', '%']);
    (plain && request.method() == Method::POST).then_some(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_booking_is_hot() {
        let request = |method: &str, path: &str| {
            Request::builder().method(method).uri(path).body(()).expect("a request")
        };
        assert_eq!(booked(&request("POST", "/v1/slots/slot_a/bookings?x=1")), Some("slot_a"));
        assert_eq!(booked(&request("POST", &TEMPLATE.replace("{slot}", "slot_a"))), Some("slot_a"));
        for (method, path) in [
            ("GET", "/v1/slots/slot_a/bookings"),
            ("POST", "/v1/slots/slot_a/bookings/"),
            ("POST", "/v1/slots//bookings"),
            ("POST", "/v1/slots/a/b/bookings"),
            ("POST", "/v1/slots/slot%5Fa/bookings"),
            ("POST", "/v1/slots/slot_a/cancel"),
        ] {
            assert_eq!(booked(&request(method, path)), None, "{method} {path}");
        }
    }
}

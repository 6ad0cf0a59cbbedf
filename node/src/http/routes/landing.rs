//! `GET /about`, for a person: where they are, how the node does, and where to go from here. One page with nothing to fetch and nothing
//! to run, which its policy says too.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use crate::http::app::App;

const PAGE: &str = include_str!("../../../pages/welcome.html");
const STYLE: &str = include_str!("../../../pages/welcome.css");

/// No script, nothing from elsewhere, and of styles this one only.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("visible characters")
});

/// The page, as the node stands now.
pub(crate) async fn page(State(app): State<Arc<App>>) -> Response {
    let (stage, means) = if app.stage.is_draining() {
        ("draining", "it is shutting down and takes no new requests")
    } else if app.stage.is_ready() {
        ("ready", "it takes bookings")
    } else {
        ("starting", "it takes bookings in a moment")
    };
    let page = PAGE.replace("{style}", STYLE).replace("{stage}", stage).replace("{means}", means);
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Html(page)).into_response()
}

/// There is no icon, and browsers ask for one: this they remember for a day.
pub(crate) async fn no_icon() -> Response {
    (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "max-age=86400")]).into_response()
}

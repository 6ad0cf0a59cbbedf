//! Sessions of browsers: begun with a token, which becomes a cookie, and ended. For pages of this node, and so no part of what programs
//! ask: a program shows its token each time.

use std::sync::Arc;

use api::token::Role;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue, SET_COOKIE};
use serde::{Deserialize, Serialize};

use crate::http::app::App;
use crate::http::request::call::PublicCall;
use crate::http::request::caller::NAME_LEN_MAX;
use crate::http::request::session::{NAME, TOKEN_LEN_MAX, from_own_page};
use crate::http::response::problem::ProblemResponse;
use crate::key;

/// The body of `POST /session`: one of both.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BeginSession {
    /// Whoever has this is who the browser is from now on.
    token: Option<String>,
    /// A customer of this name, where `boxoffice dev` runs.
    dev: Option<String>,
}

/// `POST /session`: from now on the browser is whoever has this token, until it ends.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let token = call.json::<BeginSession>().and_then(|body| token_of(&app, body));
    let ((), token) = call.all((from_own_page(&call.head), token))?;
    let now = app.now();
    let ends = app.keyring.good_until(&token, now)?;
    Ok(cookie(&token, ends.0.saturating_sub(now.0) / 1_000))
}

/// `DELETE /session`: the browser is nobody from now on.
pub(crate) async fn end(PublicCall(call): PublicCall) -> Result<Response, ProblemResponse> {
    call.all((from_own_page(&call.head), call.no_body()))?;
    Ok(cookie("", 0))
}

/// The token with which a session is to begin; where the node makes customers, one of its own.
fn token_of(app: &App, body: BeginSession) -> Result<String, ProblemResponse> {
    match (body, &app.dev_key) {
        (BeginSession { token: Some(token), dev: None }, _) if token.len() <= TOKEN_LEN_MAX => Ok(token),
        (BeginSession { token: Some(_), dev: None }, _) => {
            let detail = format!("must have at most {TOKEN_LEN_MAX} bytes, or no browser keeps it");
            Err(ProblemResponse::at_fault("/token", &detail))
        }
        (BeginSession { token: None, dev: Some(name) }, Some(key)) => {
            if name.is_empty() || NAME_LEN_MAX < name.len() {
                return Err(ProblemResponse::at_fault("/dev", "must have 1 to 64 bytes"));
            }
            let token = key::token_for(key, &name, Role::Customer, &*app.clock, &*app.chance);
            token.map_err(|error| ProblemResponse::at_fault("/dev", &format!("cannot be signed: {error}")))
        }
        (BeginSession { dev: Some(_), .. }, None) => {
            Err(ProblemResponse::at_fault("/dev", "is for boxoffice dev alone"))
        }
        (BeginSession { dev: None, token: None } | BeginSession { dev: Some(_), token: Some(_) }, _) => {
            Err(ProblemResponse::at_fault("/token", "must be given, alone"))
        }
    }
}

fn cookie(token: &str, seconds: u64) -> Response {
    let cookie = format!("{NAME}={token}; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}");
    // Whatever is no text of a header is no token either.
    let cookie = HeaderValue::try_from(cookie).expect("a good token is ASCII");
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie), (CACHE_CONTROL, HeaderValue::from_static("no-store"))])
        .into_response()
}

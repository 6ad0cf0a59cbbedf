//! The `OpenAPI` document, generated from the handlers and the words, and the pages that show it.
//!
//! Each handler says what is its own: its name, its query, its body, what it answers when all is well. What is alike wherever it
//! comes is said once, in `shared`; what the types do not say of the words, in `words`.

mod shared;
mod words;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::future::ready;

use axum::Router as Routes;
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

/// Nothing is fetched from elsewhere. Swagger UI writes styles into its pages, and draws with images that it carries along.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The contract of the client listener, but for its routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Boxoffice",
        description = "Sells places: never oversold, nothing acknowledged is lost, everyone in order.\n\n\
            Send an `Idempotency-Key` with every change, and repeat it with the same key until it is answered: it has one effect. \
            Every failure is a problem (RFC 9457) with a `code` for programs. Readers ignore fields, words, statuses and codes that \
            they do not know: more may be added. HEAD is for every path that has GET; any other method that a path does not have \
            is 405 `method_not_allowed`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "The node that serves this document")),
    components(schemas(api::problem::Problem, api::problem::Code)),
    tags(
        (name = "slots", description = "What organizers offer"),
        (name = "bookings", description = "What customers claim"),
        (name = "seatmaps", description = "What the houses of organizers look like"),
    ),
    modifiers(&Token)
)]
struct Contract;

/// How callers show who they are.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        let what = "A JWT with sub, role (customer, organizer or operator), organizer (for that role), iss, aud, exp, nbf, iat and jti";
        bearer.description = Some(what.to_owned());
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The contract before its routes have been added to it.
pub(crate) fn blank() -> utoipa::openapi::OpenApi {
    Contract::openapi()
}

/// The whole contract, of what the routes say of themselves.
pub(crate) fn completed(mut contract: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    shared::complete(&mut contract);
    words::complete(&mut contract);
    contract
}

/// `GET /openapi.json`.
pub(crate) fn document<S: Clone + Send + Sync + 'static>(
    contract: &utoipa::openapi::OpenApi,
) -> MethodRouter<S> {
    let text = Bytes::from(contract.to_json().expect("the contract is JSON"));
    get(move || ready(([(header::CONTENT_TYPE, "application/json")], text.clone())))
}

/// `/docs`: Swagger UI, whose files are part of the program.
pub(crate) fn pages<S: Clone + Send + Sync + 'static>() -> Routes<S> {
    let config = utoipa_swagger_ui::Config::from("/openapi.json").validator_url("none");
    Routes::from(SwaggerUi::new("/docs").config(config)).layer(middleware::map_response(keep_to_ourselves))
}

/// Browsers hold what is promised of these pages.
async fn keep_to_ourselves(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

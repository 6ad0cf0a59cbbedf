//! The `OpenAPI` document, generated from the handlers and the words, and the pages that show it.

use axum::Json;
use axum::Router as Routes;
use axum::middleware;
use axum::response::Response;
use hyper::header::{self, HeaderValue};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

use super::{acts, bookings, feed, requests, slots};

/// Nothing is fetched from elsewhere. Swagger UI writes styles into its pages, and draws with images that it carries along.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The contract of the client listener.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Boxoffice",
        description = "Sells places: never oversold, nothing acknowledged is lost, everyone in order.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        slots::list, slots::create, slots::read, slots::change, slots::cancel, feed::read, requests::read,
        bookings::create, bookings::list, bookings::read,
        acts::confirm, acts::extend, acts::accept, acts::decline, acts::cancel,
    ),
    components(schemas(api::problem::Problem, api::problem::Code)),
    tags(
        (name = "slots", description = "What organizers offer"),
        (name = "bookings", description = "What customers claim"),
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
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// `GET /openapi.json`.
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Contract::openapi())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two words of the contract are both called status, and a document has one name for each thing.
    #[test]
    fn the_statuses_of_slots_and_bookings_are_told_apart() {
        let document = serde_json::to_value(Contract::openapi()).expect("it is JSON");
        for (thing, first) in [("Slot", "scheduled"), ("Booking", "held")] {
            let schemas = &document["components"]["schemas"];
            let status = &schemas[thing]["properties"]["status"];
            let name = status["$ref"].as_str().or_else(|| status["allOf"][0]["$ref"].as_str());
            let name = name.and_then(|path| path.rsplit('/').next()).expect("a reference");
            let words = schemas[name]["enum"].as_array().expect("words");
            assert!(words.contains(&first.into()), "{thing}: {words:?}");
        }
    }

    #[test]
    fn the_document_names_every_route() {
        let document = Contract::openapi();
        let paths: Vec<&String> = document.paths.paths.keys().collect();
        assert_eq!(
            paths,
            [
                "/v1/bookings/{booking}",
                "/v1/bookings/{booking}/accept",
                "/v1/bookings/{booking}/cancel",
                "/v1/bookings/{booking}/confirm",
                "/v1/bookings/{booking}/decline",
                "/v1/bookings/{booking}/extend",
                "/v1/slots",
                "/v1/slots/{slot}",
                "/v1/slots/{slot}/bookings",
                "/v1/slots/{slot}/cancel",
                "/v1/slots/{slot}/feed",
                "/v1/slots/{slot}/requests/{key}",
            ]
        );
    }
}

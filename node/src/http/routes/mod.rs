//! The route table, top to bottom.

mod acts;
mod admin;
mod after;
mod backup;
pub(crate) mod bookings;
pub(crate) mod by_map;
mod everywhere;
mod feed;
mod free;
mod inspection;
mod landing;
mod leaders;
mod listing;
mod live;
mod me;
mod openapi;
mod page;
mod pages;
mod placement;
mod requests;
mod seat_feed;
mod seatmaps;
mod seats;
mod session;
mod slots;
mod status;

use std::sync::Arc;

use axum::Router as Routes;
use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::app::App;
use super::guard::{self, Guarded, Side};

/// The contract's routes and its document, which are one: each handler says in its attribute at which path it stands.
pub(crate) fn contract() -> (Routes<Arc<App>>, utoipa::openapi::OpenApi) {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::blank())
        .routes(routes!(slots::list, slots::create))
        .routes(routes!(slots::read, slots::change))
        .routes(routes!(slots::cancel))
        .routes(routes!(feed::read))
        .routes(routes!(live::read))
        .routes(routes!(bookings::list, bookings::create))
        .routes(routes!(bookings::read))
        .routes(routes!(me::bookings))
        .routes(routes!(requests::read))
        .routes(routes!(acts::confirm))
        .routes(routes!(acts::extend))
        .routes(routes!(acts::accept))
        .routes(routes!(acts::decline))
        .routes(routes!(acts::cancel))
        .routes(routes!(acts::quantity))
        .routes(routes!(acts::relocate))
        .routes(routes!(free::read))
        .routes(routes!(seats::read, seats::sell))
        .routes(routes!(seat_feed::read))
        .routes(routes!(seats::swap))
        .routes(routes!(seatmaps::create))
        .routes(routes!(seatmaps::get))
        .split_for_parts();
    (routes, openapi::completed(document))
}

/// The pages that name a slot or a booking.
fn pages_about_something() -> Routes<Arc<App>> {
    Routes::new()
        .route("/slots/{slot}", get(pages::slot::read))
        .route("/bookings/{booking}", get(pages::booking::read))
}

/// What customers and organizers reach.
pub(crate) fn client_routes(app: Arc<App>) -> Guarded {
    let (routes, document) = contract();
    let routes = routes
        .route("/", get(pages::list::read))
        .merge(pages_about_something())
        .route("/bookings", get(pages::own::bookings))
        .route("/assets/{file}", get(pages::assets::read))
        .route("/about", get(landing::page))
        .route("/session", get(pages::own::session).post(session::begin).delete(session::end))
        .route("/favicon.ico", get(landing::no_icon))
        .route("/openapi.json", openapi::document(&document))
        .merge(openapi::pages())
        .fallback(guard::no_route)
        .method_not_allowed_fallback(guard::no_method);
    guard::guard(routes.with_state(Arc::clone(&app)), app, Side::Client)
}

/// What other nodes reach on behalf of those who ask there.
pub(crate) fn peer_routes(app: Arc<App>) -> Guarded {
    let (routes, _document) = contract();
    let routes = routes
        .merge(pages_about_something())
        .route(listing::OF_GROUP, get(listing::of_group))
        .route(me::OF_GROUP, get(me::of_group))
        .fallback(guard::no_route)
        .method_not_allowed_fallback(guard::no_method);
    guard::guard(routes.with_state(Arc::clone(&app)), app, Side::Peer)
}

/// What operators and their machines reach.
pub(crate) fn admin_routes(app: Arc<App>) -> Guarded {
    let routes = Routes::new()
        .route("/livez", get(admin::live))
        .route("/readyz", get(admin::ready))
        .route("/startupz", get(admin::started))
        .route("/metrics", get(admin::metrics))
        .route("/admin/v1/status", get(status::read))
        .route("/admin/v1/groups", get(admin::groups))
        .route("/admin/v1/groups/{group}/checkpoint", post(admin::checkpoint))
        .route("/admin/v1/groups/{group}/backup", get(backup::read))
        .route("/admin/v1/groups/{group}/leader", post(leaders::hand_over))
        .route("/admin/v1/leaders", get(leaders::read))
        .route("/admin/v1/nodes/{node}/drain", post(placement::drain))
        .route("/admin/v1/nodes/{node}/remove", post(admin::remove))
        .route("/admin/v1/nodes/{node}/undrain", post(placement::undrain))
        .route("/admin/v1/placement", get(placement::read))
        .route("/admin/v1/slots/{slot}", get(inspection::inspect))
        .route("/admin/v1/slots/{slot}/retry", post(inspection::retry))
        .fallback(guard::no_route)
        .method_not_allowed_fallback(guard::no_method);
    guard::guard(routes.with_state(Arc::clone(&app)), app, Side::Admin)
}

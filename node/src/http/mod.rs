//! The route table, top to bottom, and what every handler shares.

pub(crate) mod accept;
mod acts;
pub(crate) mod address;
mod admin;
mod answer;
mod bookings;
mod call;
pub(crate) mod caller;
mod change;
mod convert;
mod cors;
mod door;
mod feed;
mod head;
mod hot;
pub(crate) mod key_set;
mod limits;
mod line;
mod negotiation;
mod openapi;
mod page;
pub(crate) mod patience;
mod problem;
mod rate;
mod requests;
mod slots;
#[cfg(test)]
mod tests;
pub(crate) mod turn;
mod ward;
mod welcome;
mod wellformed;
mod written;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::problem::Code;
use axum::Router as Routes;
use axum::routing::{get, post};
use booking::{Outcome, SlotId, Timestamp};
use cluster::Clock;
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::admin::Reception;
pub(crate) use self::cors::Cors;
pub(crate) use self::hot::Booth;
pub(crate) use self::limits::Limits;

use self::call::Call;
use self::caller::{Caller, Keyring};
use self::door::{Guarded, Side};
use self::patience::{Late, Limit};
use self::problem::Failure;
use crate::actors::router::{Ask, Router, Sighting, Unrouted};
use crate::actors::slot::Sight;
use crate::chance::Chance;
use crate::ids;
use crate::metrics::Answers;
use crate::past::Wanted;
use crate::permits::Lane;

/// What every handler shares.
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) answers: Answers,
    /// What the store has done since it was opened.
    pub(crate) store_stats: Box<dyn Fn() -> storage::Stats + Send + Sync>,
    pub(crate) node: u64,
    pub(crate) limits: Limits,
    pub(crate) cors: Cors,
    pub(crate) stage: Stage,
}

/// How far the node is in its life.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    ready: AtomicBool,
    draining: AtomicBool,
}

impl Stage {
    /// Every group stands where it stood: requests are answered.
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// No new work is taken.
    pub(crate) fn set_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

/// The contract's routes and its document, which are one: each handler says in its attribute at which path it stands.
fn contract() -> (Routes<Arc<App>>, utoipa::openapi::OpenApi) {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::blank())
        .routes(routes!(slots::list, slots::create))
        .routes(routes!(slots::read, slots::change))
        .routes(routes!(slots::cancel))
        .routes(routes!(feed::read))
        .routes(routes!(bookings::list, bookings::create))
        .routes(routes!(bookings::read))
        .routes(routes!(requests::read))
        .routes(routes!(acts::confirm))
        .routes(routes!(acts::extend))
        .routes(routes!(acts::accept))
        .routes(routes!(acts::decline))
        .routes(routes!(acts::cancel))
        .split_for_parts();
    (routes, openapi::completed(document))
}

/// What customers and organizers reach.
pub(crate) fn client_routes(app: Arc<App>) -> Guarded {
    let (routes, document) = contract();
    let routes = routes
        .route("/", get(welcome::page))
        .route("/favicon.ico", get(welcome::no_icon))
        .route("/openapi.json", openapi::document(&document))
        .merge(openapi::pages())
        .fallback(door::no_route)
        .method_not_allowed_fallback(door::no_method);
    door::guard(routes.with_state(Arc::clone(&app)), app, Side::Client)
}

/// What operators and their machines reach.
pub(crate) fn admin_routes(app: Arc<App>) -> Guarded {
    let routes = Routes::new()
        .route("/livez", get(admin::live))
        .route("/readyz", get(admin::ready))
        .route("/startupz", get(admin::started))
        .route("/metrics", get(admin::metrics))
        .route("/admin/v1/status", get(admin::status))
        .route("/admin/v1/groups", get(admin::groups))
        .route("/admin/v1/groups/{group}/checkpoint", post(admin::checkpoint))
        .route("/admin/v1/nodes/{node}/remove", post(admin::remove))
        .route("/admin/v1/slots/{slot}", get(ward::inspect))
        .route("/admin/v1/slots/{slot}/retry", post(ward::retry))
        .fallback(door::no_route)
        .method_not_allowed_fallback(door::no_method);
    door::guard(routes.with_state(Arc::clone(&app)), app, Side::Admin)
}

impl App {
    /// This node's clock: for what is read, never for what is decided.
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.wall_ms())
    }

    fn customer_or_organizer<H>(call: &Call<H>) -> Result<&Caller, Failure> {
        match call.caller()? {
            caller @ (Caller::Customer { .. } | Caller::Organizer { .. }) => Ok(caller),
            Caller::Operator { .. } => Err(forbidden("a customer's or an organizer's token is needed")),
        }
    }

    fn customer(call: &Call) -> Result<&Caller, Failure> {
        match call.caller()? {
            caller @ Caller::Customer { .. } => Ok(caller),
            Caller::Organizer { .. } | Caller::Operator { .. } => {
                Err(forbidden("a customer's token is needed"))
            }
        }
    }

    fn organizer(call: &Call) -> Result<&Caller, Failure> {
        match call.caller()? {
            caller @ Caller::Organizer { .. } => Ok(caller),
            Caller::Customer { .. } | Caller::Operator { .. } => {
                Err(forbidden("an organizer's token is needed"))
            }
        }
    }

    fn operator(call: &Call) -> Result<&Caller, Failure> {
        match call.caller()? {
            caller @ Caller::Operator { .. } => Ok(caller),
            Caller::Customer { .. } | Caller::Organizer { .. } => {
                Err(forbidden("an operator's token is needed"))
            }
        }
    }

    /// The slot that `text` names, as this node knows it.
    async fn find<H>(&self, call: &Call<H>, text: &str) -> Result<Sighting, Failure> {
        let id = ids::slot_id(text).ok_or_else(Failure::no_slot)?;
        self.sight(call, id).await?.ok_or_else(Failure::no_slot)
    }

    /// A slot as this node knows it: at once, unless it has to be looked for behind the log.
    async fn sight<H>(&self, call: &Call<H>, slot: SlotId) -> Result<Option<Sighting>, Failure> {
        match self.router.glance(slot) {
            Ok(Some(seen)) => Ok(Some(seen)),
            // Boxed: rare, and large; every request that waits would carry room for it.
            Ok(None) | Err(Unrouted::NoLeader) => Box::pin(self.within(call, self.router.search(slot))).await,
            Err(other) => Err(other.into()),
        }
    }

    /// A look at a slot behind everything that is committed, with what is wanted of the past.
    async fn read<T: Send + 'static>(
        &self,
        call: &Call,
        slot: SlotId,
        wanted: Wanted,
        look: impl FnOnce(Sight<'_>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.within(call, self.router.read(slot, wanted, look)).await
    }

    /// Asks a slot for a change, within a limit. Past it, nobody knows.
    async fn ask(&self, limit: Limit, asked: Ask, lane: Lane) -> Result<Outcome, Failure> {
        if self.stage.is_draining() {
            return Err(Failure::new(
                Code::Draining,
                "this node is shutting down; nothing was tried, ask again",
            ));
        }
        match limit.within(self.router.ask(asked, lane)).await {
            Ok(answer) => Ok(answer?),
            Err(Late) => Err(Failure::unknown()),
        }
    }

    /// A read within the request's deadline.
    async fn within<T, H>(
        &self,
        call: &Call<H>,
        read: impl Future<Output = Result<T, Unrouted>>,
    ) -> Result<T, Failure> {
        let late = |Late| Failure::new(Code::NoLeader, "the slot's group did not answer in time; ask again");
        Ok(call.limit().within(read).await.map_err(late)??)
    }
}

fn forbidden(detail: &str) -> Failure {
    Failure::new(Code::Forbidden, detail)
}

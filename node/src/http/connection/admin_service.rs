//! The admin listener's service, which answers before there is a node: a process that waits to be let into a cluster can be asked
//! whether it lives.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use tower::ServiceExt as _;

use super::hyper_lease::TrackedRequest;
use crate::http::guard::Guarded;

/// What operators reach from the moment when the process listens: before there is a node, only that it lives.
#[derive(Clone, Default)]
pub(crate) struct AdminService(Arc<OnceLock<Guarded>>);

impl AdminService {
    /// From now on the node's own routes answer.
    pub(crate) fn install(&self, routes: Guarded) {
        assert!(self.0.set(routes).is_ok(), "there is one node");
    }

    /// Answers, one way or the other.
    pub(crate) async fn serve(self, request: TrackedRequest) -> Result<Response, Infallible> {
        if let Some(routes) = self.0.get() {
            return routes.clone().oneshot(request).await;
        }
        Ok(match request.uri().path() {
            "/livez" => "live\n".into_response(),
            _ => (StatusCode::SERVICE_UNAVAILABLE, "starting\n").into_response(),
        })
    }
}

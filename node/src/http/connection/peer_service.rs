//! Answers the requests that other nodes pass on, with the routes that customers have here, and streams piece by piece.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Uri};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt as _;

use crate::http::app::App;
use crate::http::guard::Guarded;
use crate::http::passing::{heard, told};
use crate::http::response::events::EVENTS;
use crate::http::routes;
use crate::router::passed::PassedService;
use crate::router::{Passed, PassedAnswer, Unrouted};

/// How long nothing may come of a stream before whoever reads it hears so, and asks again: sooner than a connection on which nothing is
/// answered is given up.
const QUIET: Duration = Duration::from_secs(2);
/// For how long nobody may ask how a stream goes on before it is forgotten.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// What answers other nodes.
pub(crate) struct PeerService {
    app: Arc<App>,
    routes: Guarded,
    streams: Arc<Mutex<Streams>>,
}

/// The streams that other nodes read.
#[derive(Default)]
struct Streams {
    begun: u64,
    open: BTreeMap<u64, Open>,
}

/// One of them.
struct Open {
    /// None while somebody waits for what comes next.
    body: Option<Body>,
    asked: Instant,
}

impl PeerService {
    /// From now on other nodes are answered, for as long as this lives.
    pub(crate) fn open(app: &Arc<App>) -> Arc<Self> {
        let routes = routes::peer_routes(Arc::clone(app));
        let service = Arc::new(Self { app: Arc::clone(app), routes, streams: Arc::default() });
        app.router.open_to_peers(&service);
        service
    }
}

impl Streams {
    /// Keeps a stream that was begun here, and says under which number it goes on.
    fn begin(streams: &Arc<Mutex<Self>>, body: Body) -> u64 {
        let mut locked = streams.lock();
        locked.begun += 1;
        let number = locked.begun;
        locked.open.insert(number, Open { body: Some(body), asked: Instant::now() });
        Handle::current().spawn(forget(Arc::downgrade(streams), number));
        number
    }

    fn take(&mut self, number: u64) -> Option<Body> {
        let open = self.open.get_mut(&number)?;
        open.asked = Instant::now();
        open.body.take()
    }

    fn put_back(&mut self, number: u64, body: Body) {
        if let Some(open) = self.open.get_mut(&number) {
            open.body = Some(body);
        }
    }
}

/// Forgets a stream when nobody has asked for long how it goes on.
async fn forget(streams: Weak<Mutex<Streams>>, number: u64) {
    loop {
        sleep(FORGOTTEN).await;
        let Some(streams) = streams.upgrade() else { return };
        let mut streams = streams.lock();
        let is_read = streams.open.get(&number).is_some_and(|open| open.asked.elapsed() < FORGOTTEN);
        if !is_read {
            streams.open.remove(&number);
            return;
        }
    }
}

impl PassedService for PeerService {
    fn answer(&self, request: Passed) -> BoxFuture<'static, Result<PassedAnswer, Unrouted>> {
        let (routes, streams) = (self.routes.clone(), Arc::clone(&self.streams));
        let is_draining = self.app.stage.is_draining();
        async move {
            let Passed { method, target, headers, body } = request;
            let (Ok(method), Ok(target)) = (method.parse(), target.parse::<Uri>()) else {
                return Err(Unrouted::NoLeader);
            };
            // Others have a replica too.
            if is_draining {
                return Err(Unrouted::NoLeader);
            }
            let mut request = Request::new(Body::from(body));
            *request.headers_mut() = heard(headers);
            (*request.method_mut(), *request.uri_mut()) = (method, target);
            let Ok(response) = routes.oneshot(request).await;
            let (parts, body) = response.into_parts();
            let (status, headers) = (parts.status.as_u16(), told(&parts.headers));
            if parts.headers.get(CONTENT_TYPE) == Some(&HeaderValue::from_static(EVENTS)) {
                let more = Some(Streams::begin(&streams, body));
                return Ok(PassedAnswer { status, headers, body: Vec::new(), more });
            }
            let body = body.collect().await.map_err(|_broken| Unrouted::Unknown)?;
            Ok(PassedAnswer { status, headers, body: body.to_bytes().to_vec(), more: None })
        }
        .boxed()
    }

    fn more(&self, stream: u64) -> BoxFuture<'static, Option<Vec<u8>>> {
        let streams = Arc::clone(&self.streams);
        async move {
            let mut body = streams.lock().take(stream)?;
            let piece = match timeout(QUIET, body.frame()).await {
                Ok(frame) => frame?.ok()?.into_data().unwrap_or_default(),
                Err(_quiet) => Bytes::new(),
            };
            streams.lock().put_back(stream, body);
            Some(piece.to_vec())
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_kept_while_somebody_asks_how_it_goes_on_and_forgotten_then() {
        let streams = Arc::<Mutex<Streams>>::default();
        let number = Streams::begin(&streams, Body::from("x"));
        let other = Streams::begin(&streams, Body::empty());
        let pass = async |time: Duration| {
            advance(time).await;
            yield_now().await;
        };
        yield_now().await;
        for _ in 0..6 {
            pass(FORGOTTEN / 2).await;
            let body = streams.lock().take(number).expect("it goes on");
            assert!(streams.lock().take(number).is_none(), "somebody waits for it already");
            streams.lock().put_back(number, body);
        }
        assert!(streams.lock().take(other).is_none(), "nobody asked");
        for _ in 0..3 {
            pass(FORGOTTEN).await;
        }
        assert!(streams.lock().open.is_empty());
    }
}

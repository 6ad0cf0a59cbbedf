//! A box office on a socket of its own: a server of the contract, small and in memory, whose faults are chosen.

pub(crate) mod court;
pub(crate) mod hall;
pub(crate) mod market;
pub(crate) mod shop;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use api::problem::Code;
use api::token::Claims;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use self::shop::{Ask, Fault, Reply, Shop, problem};

/// After how many requests a server dies that does.
const DEATH: u64 = 200;

struct Office {
    fault: Fault,
    shop: Mutex<Shop>,
    requests: AtomicU64,
}

/// Opens a box office for as long as the runtime lives.
pub(crate) async fn open(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    let office = Arc::new(Office { fault, shop: Mutex::new(Shop::new(fault)), requests: AtomicU64::new(0) });
    tokio::spawn(async move {
        while !office.is_dead() {
            let (stream, _peer) = listener.accept().await.expect("a connection");
            let office = Arc::clone(&office);
            tokio::spawn(async move {
                let service = service_fn(|request| office.serve(request));
                // Connections break by design.
                drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
            });
        }
    });
    address
}

impl Office {
    fn is_dead(&self) -> bool {
        self.fault == Fault::Dies && self.requests.load(Ordering::Relaxed) >= DEATH
    }

    /// An error breaks the connection without an answer.
    async fn serve(&self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let is_clumsy = self.fault == Fault::Clumsy;
        if self.is_dead() || (is_clumsy && number.is_multiple_of(9)) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if is_clumsy && number.is_multiple_of(5) {
            return Ok(respond(problem(Code::Overloaded, None)));
        }
        if self.fault == Fault::Locked && request.uri().path() != "/v1/slots" {
            return Ok(respond(problem(Code::Unauthenticated, None)));
        }
        let reply = self.ask(request).await?;
        if is_clumsy && number.is_multiple_of(7) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(respond(reply))
    }

    async fn ask(&self, request: Request<Incoming>) -> io::Result<Reply> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let claims = claims(header(AUTHORIZATION.as_str()).expect("everyone has a token"));
        let ask = Ask {
            path: head.uri.path().trim_start_matches('/').split('/').collect(),
            query: head.uri.query().unwrap_or_default(),
            subject: &claims.sub,
            role: claims.role,
            key: header("idempotency-key"),
            known: header("if-none-match"),
            body: &body,
        };
        let mut shop = self.shop.lock().expect("no test panics in the shop");
        Ok(if head.method == Method::GET { shop.get(&ask) } else { shop.post(&ask) })
    }
}

/// What a token says; its signature is the node's business.
fn claims(authorization: &str) -> Claims {
    let token = authorization.strip_prefix("Bearer ").expect("a bearer token");
    let payload = token.split('.').nth(1).expect("three parts");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("the claims of the contract")
}

fn respond(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(reply.status);
    if reply.replayed {
        response = response.header("idempotency-replayed", "true");
    }
    if reply.status == 503 {
        response = response.header("retry-after", "0");
    }
    if let Some(etag) = reply.etag {
        response = response.header("etag", etag);
    }
    response.body(Full::new(Bytes::from(reply.body))).expect("a well-formed answer")
}

//! One HTTP/1.1 connection, asked one thing at a time.
//!
//! There is no pool: a pool queues where nobody measures. The connection has no task of its own either; it is driven
//! by the task that waits for its answer, which saves two wake-ups a request.

use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, RETRY_AFTER,
};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use thiserror::Error as ThisError;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use witness::history::Origin;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Headers of a request: `Host`, `Authorization`, `Idempotency-Key`, `Content-Type`, `Content-Length`.
const HEADERS: usize = 5;
/// The longest body that is read, in bytes: a page of 200 records of the feed needs a tenth.
const BODY_LEN_MAX: usize = 16 << 20;

/// Where the server listens: `http://host:port`, or `https://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    authority: String,
    /// Whose certificate it shows, where it shows one.
    certified: Option<ServerName<'static>>,
}

impl Target {
    /// What `Host` says.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether what is said to it is encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.certified.is_some()
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|error| format!("not a URL: {error}"))?;
        let port_usual = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            Some(_) | None => return Err("must begin with http:// or https://".to_owned()),
        };
        if uri.path() != "/" || uri.query().is_some() {
            return Err("must end with the port".to_owned());
        }
        let host = uri.host().ok_or("must name a host")?;
        let port = uri.port_u16().unwrap_or(port_usual);
        let name = || ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
        let certified = (port_usual == 443).then(name).transpose().map_err(|error| error.to_string())?;
        Ok(Self { authority: format!("{host}:{port}"), certified })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.is_encrypted() { "https" } else { "http" }, self.authority)
    }
}

/// Where a server is, and who may vouch for it.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) target: Target,
    /// Who may vouch for it, where it shows a certificate.
    pub(crate) trust: Option<Arc<ClientConfig>>,
}

impl Endpoint {
    /// Connects.
    pub(crate) async fn open(&self) -> io::Result<Wire> {
        let stream = TcpStream::connect(&self.target.authority).await?;
        stream.set_nodelay(true)?;
        let (Some(name), Some(trust)) = (&self.target.certified, &self.trust) else {
            return Ok(Either::Left(stream));
        };
        let connector = TlsConnector::from(Arc::clone(trust));
        Ok(Either::Right(connector.connect(name.clone(), stream).await?))
    }
}

/// A request that can be sent as often as it takes.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) method: Method,
    /// From the slash on.
    pub(crate) path: Uri,
    pub(crate) token: HeaderValue,
    pub(crate) key: Option<HeaderValue>,
    /// What of it is there already.
    pub(crate) known: Option<HeaderValue>,
    /// JSON; empty for none.
    pub(crate) body: Bytes,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) origin: Origin,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) etag: Option<HeaderValue>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer. Whether the server acted is unknown in all cases but the first.
#[derive(Debug, ThisError)]
pub(crate) enum Broken {
    #[error("cannot connect: {0}")]
    Refused(io::Error),
    #[error("the connection broke: {0}")]
    Lost(#[from] hyper::Error),
    #[error("no answer in time")]
    TimedOut,
    #[error("an answer of more than {BODY_LEN_MAX} bytes")]
    TooLarge,
}

/// An open connection.
pub(crate) struct Connection {
    host: HeaderValue,
    patience: Duration,
    sender: http1::SendRequest<Full<Bytes>>,
    /// Moves the bytes while somebody waits for an answer; none when it is done.
    driver: Option<Pin<Box<Driver>>>,
}

/// A connection's bytes, plain or encrypted.
pub(crate) type Wire = Either<TcpStream, TlsStream<TcpStream>>;
type Driver = http1::Connection<TokioIo<Wire>, Full<Bytes>>;

impl Connection {
    /// Connects. An answer that takes longer than `patience`, and a connection that does, is given up.
    pub(crate) async fn open(endpoint: &Endpoint, patience: Duration) -> Result<Self, Broken> {
        let opened = timeout(patience, endpoint.open()).await.map_err(|_elapsed| Broken::TimedOut)?;
        let wire = opened.map_err(Broken::Refused)?;
        let (sender, driver) = http1::handshake(TokioIo::new(wire)).await?;
        let host = HeaderValue::try_from(&endpoint.target.authority).expect("an authority is visible ASCII");
        Ok(Self { host, patience, sender, driver: Some(Box::pin(driver)) })
    }

    /// Sends one request and reads its answer to the end. After an error the connection is of no more use.
    pub(crate) async fn exchange(&mut self, message: &Message) -> Result<Reply, Broken> {
        let request = message.request(&self.host);
        let sender = &mut self.sender;
        let exchange = async {
            sender.ready().await?;
            read(sender.send_request(request).await?).await
        };
        let driven = drive(&mut self.driver, exchange);
        timeout(self.patience, driven).await.map_err(|_elapsed| Broken::TimedOut)?
    }

    /// Whether another request can be sent on it, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.driver.is_some() && !self.sender.is_closed()
    }
}

/// Runs the connection until `exchange` is done. The server may close behind an answer: what was read still counts.
async fn drive<T>(
    driver: &mut Option<Pin<Box<Driver>>>,
    exchange: impl Future<Output = Result<T, Broken>>,
) -> Result<T, Broken> {
    tokio::pin!(exchange);
    if let Some(running) = driver {
        tokio::select! {
            biased;
            result = &mut exchange => return result,
            // How it ended is told by the exchange too.
            _ended = running => {}
        }
        *driver = None;
    }
    exchange.await
}

async fn read(response: Response<hyper::body::Incoming>) -> Result<Reply, Broken> {
    let (head, mut incoming) = response.into_parts();
    // Frames share the connection's read buffer: they are copied, so that keeping an answer does not keep the buffer.
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if body.len() + data.len() > BODY_LEN_MAX {
            return Err(Broken::TooLarge);
        }
        body.extend_from_slice(&data);
    }
    let replayed = head.headers.get(IDEMPOTENCY_REPLAYED).is_some_and(|value| value == "true");
    let origin = if replayed { Origin::Replayed } else { Origin::Decided };
    let etag = head.headers.get(ETAG).cloned();
    Ok(Reply { status: head.status.as_u16(), origin, retry_after: retry_after(&head.headers), etag, body })
}

/// `Retry-After` in seconds; as a date it is not understood, which costs a shorter wait.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

impl Message {
    /// A message without key and body.
    pub(crate) const fn get(path: Uri, token: HeaderValue) -> Self {
        Self { method: Method::GET, path, token, key: None, known: None, body: Bytes::new() }
    }

    fn request(&self, host: &HeaderValue) -> Request<Full<Bytes>> {
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(HOST, host.clone());
        headers.insert(AUTHORIZATION, self.token.clone());
        if let Some(key) = &self.key {
            headers.insert(IDEMPOTENCY_KEY, key.clone());
        }
        if let Some(known) = &self.known {
            headers.insert(IF_NONE_MATCH, known.clone());
        }
        if !self.body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.clone();
        *request.headers_mut() = headers;
        request
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_target_is_a_scheme_a_host_and_a_port() {
        for (url, want) in [
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://127.0.0.1:8080/", Some("http://127.0.0.1:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://node", Some("http://node:80")),
            ("https://node:8443", Some("https://node:8443")),
            ("https://[::1]", Some("https://[::1]:443")),
            ("https://no_de!", None),
            ("ftp://node:8080", None),
            ("127.0.0.1:8080", None),
            ("http://node:8080/v1", None),
            ("http://", None),
            ("", None),
        ] {
            let got = url.parse::<Target>().ok().map(|target| target.to_string());
            assert_eq!(got.as_deref(), want, "{url}");
        }
    }
}

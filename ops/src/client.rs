//! One listener of a node, and one token to speak to it with.

use std::fs;
use std::path::Path;
use std::time::Duration;

use api::list::{LIMIT_MAX, List};
use api::problem::Problem;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Method, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};

use crate::error::Error;

/// How long a connection may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long an answer may take: the node's own deadline of 10 s, and the way there and back.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a stream may take in all, and how long nothing may come of it.
const STREAM_TIMEOUT: Duration = Duration::from_hours(24);
const QUIET_MAX: Duration = Duration::from_mins(1);
/// How often one request is sent at most.
const ATTEMPTS_MAX: u32 = 6;
/// The first pause between attempts; each next one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
/// The longest pause, whatever the node asks for.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A list of more pages than these is none: ten million items.
const PAGES_MAX: usize = 50_000;

/// One listener of a node, spoken to with one token. Clones share their connections.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    listener: Url,
}

/// An answer that is a decision: what was asked for, or a refusal that another attempt would not change.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// Whether it is the first answer to this key, given once more.
    pub(crate) replayed: bool,
    /// The body as it came.
    pub(crate) body: String,
}

/// Why one attempt gave no decision.
enum Missed {
    /// The connection broke, or nothing came in time.
    Broken(String),
    /// 429 or 503; the pause that the node asks for.
    NotNow { answer: Answer, pause: Option<Duration> },
}

impl Client {
    /// A client of `listener` whose every request carries `token`. Where `ca` names a file, only those in it may vouch for who
    /// listens.
    pub(crate) fn new(listener: &Url, ca: Option<&Path>, token: &str) -> Result<Self, Error> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).expect("a token is visible ASCII");
        bearer.set_sensitive(true);
        Self::with(listener, ca, HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
    }

    /// A client that asks what anyone may.
    pub(crate) fn anonymous(listener: &Url, ca: Option<&Path>) -> Result<Self, Error> {
        Self::with(listener, ca, HeaderMap::new())
    }

    fn with(listener: &Url, ca: Option<&Path>, headers: HeaderMap) -> Result<Self, Error> {
        let mut builder = reqwest::Client::builder();
        if let Some(path) = ca {
            builder = builder.tls_certs_only(certificates(path)?);
        }
        let http = builder
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .no_proxy() // a proxy of the environment is for the internet, not for one's own nodes
            .build()
            .map_err(|error| Error::NoAnswer { url: listener.to_string(), reason: innermost(&error) })?;
        Ok(Self { http, listener: listener.clone() })
    }

    /// The body of `GET path` when the node gives one.
    pub(crate) async fn get(&self, path: &str) -> Result<String, Error> {
        let answer = self.attempt(self.request(Method::GET, path)).await.or_else(|missed| match missed {
            Missed::NotNow { answer, .. } => Ok(answer),
            Missed::Broken(reason) => Err(Error::NoAnswer { url: self.name(), reason }),
        })?;
        if answer.status == StatusCode::OK { Ok(answer.body) } else { Err(self.refusal(&answer)) }
    }

    /// Hands on what `GET path` streams, as it comes.
    pub(crate) async fn stream(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let broken = |error: reqwest::Error| Error::NoAnswer { url: self.name(), reason: innermost(&error) };
        let late =
            |_late| Error::NoAnswer { url: self.name(), reason: "nothing came for a minute".to_owned() };
        let request = self.request(Method::GET, path).timeout(STREAM_TIMEOUT);
        let mut response = timeout(QUIET_MAX, request.send()).await.map_err(late)?.map_err(broken)?;
        let status = response.status();
        if status != StatusCode::OK {
            let body = response.text().await.map_err(broken)?;
            return Err(self.refusal(&Answer { status, replayed: false, body }));
        }
        while let Some(bytes) = timeout(QUIET_MAX, response.chunk()).await.map_err(late)?.map_err(broken)? {
            take(&bytes)?;
        }
        Ok(())
    }

    /// All items of a list that are to be kept, page by page.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        filters: &[(&str, &str)],
        keep: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        let mut after = None;
        let limit = LIMIT_MAX.to_string();
        for _page in 0..PAGES_MAX {
            let mut url = self.listener.clone();
            url.set_path(path);
            url.query_pairs_mut().extend_pairs(filters).append_pair("limit", &limit);
            url.query_pairs_mut().extend_pairs(after.iter().map(|after: &String| ("after", after)));
            let answer = self.insist(|| self.http.get(url.clone())).await?;
            if answer.status != StatusCode::OK {
                return Err(self.refusal(&answer));
            }
            let page: List<T> = self.read("list", &answer.body)?;
            items.extend(page.items.into_iter().filter(&keep));
            after = page.next;
            if after.is_none() {
                return Ok(items);
            }
        }
        Err(self.foreign("its list has no end".to_owned()))
    }

    /// Sends `body` under `key` until the node has decided. The same key makes further attempts harmless.
    pub(crate) async fn post(&self, path: &str, key: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.send(Method::POST, path, key, body).await
    }

    /// The same with another method.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        key: &str,
        body: &impl Serialize,
    ) -> Result<Answer, Error> {
        let request = || self.request(method.clone(), path).header("Idempotency-Key", key).json(body);
        self.insist(request).await
    }

    /// Asks until there is a decision: after a broken connection, 429 and 503 again, after the pause that the node asks for, or a
    /// growing one of our own.
    async fn insist(&self, request: impl Fn() -> reqwest::RequestBuilder) -> Result<Answer, Error> {
        let mut pause = PAUSE_FIRST;
        let mut attempt = 1;
        loop {
            let missed = match self.attempt(request()).await {
                Ok(answer) => return Ok(answer),
                Err(missed) => missed,
            };
            if attempt == ATTEMPTS_MAX {
                return Err(match missed {
                    Missed::Broken(reason) => Error::NoAnswer { url: self.name(), reason },
                    Missed::NotNow { answer, .. } => self.refusal(&answer),
                });
            }
            let wanted = match missed {
                Missed::NotNow { pause: Some(wanted), .. } => wanted,
                Missed::NotNow { pause: None, .. } | Missed::Broken(_) => {
                    pause.mul_f64(rand::random_range(0.5..1.0))
                }
            };
            sleep(wanted.min(PAUSE_MAX)).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// Why an answer that is no success is none: the node's problem, or that no node answered.
    pub(crate) fn refusal(&self, answer: &Answer) -> Error {
        match serde_json::from_str::<Problem>(&answer.body) {
            Ok(problem) => Error::Refused { url: self.name(), problem: Box::new(problem) },
            Err(_no_problem) => self.foreign(format!("{} and no problem+json", answer.status)),
        }
    }

    /// The listener gave something that no node would.
    pub(crate) fn foreign(&self, reason: String) -> Error {
        Error::Foreign { url: self.name(), reason }
    }

    /// What an answer says; `what` it should be: `slot`.
    pub(crate) fn read<T: DeserializeOwned>(&self, what: &str, body: &str) -> Result<T, Error> {
        serde_json::from_str(body)
            .map_err(|error| self.foreign(format!("its {what} cannot be read: {error}")))
    }

    /// The listener as a person knows it.
    fn name(&self) -> String {
        self.listener.as_str().trim_end_matches('/').to_owned()
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.name()))
    }

    async fn attempt(&self, request: reqwest::RequestBuilder) -> Result<Answer, Missed> {
        let broken = |error: reqwest::Error| Missed::Broken(innermost(&error));
        let response = request.send().await.map_err(broken)?;
        let pause = retry_after(&response);
        let status = response.status();
        let replayed = response.headers().get("Idempotency-Replayed").is_some_and(|value| value == "true");
        let answer = Answer { status, replayed, body: response.text().await.map_err(broken)? };
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Err(Missed::NotNow { answer, pause })
            }
            _ => Ok(answer),
        }
    }
}

/// Those who may vouch for a listener.
fn certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let unusable = |reason: String| Error::AuthorityUnusable { path: path.to_owned(), reason };
    let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_none) => Err(unusable("there is no certificate in it (PEM, BEGIN CERTIFICATE)".to_owned())),
        Err(error) => Err(unusable(innermost(&error))),
    }
}

/// The whole seconds of `Retry-After`.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What went wrong at the bottom: reqwest's own words only say which request it was.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.is_timeout() { "nothing came in time".to_owned() } else { cause.to_string() }
}

//! A node that is none: it checks tokens and keys as the contract says, makes slots of whatever it is asked, and fails
//! when it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::net::TcpListener as StdListener;
use std::sync::{Arc, Mutex};
use std::thread;

use api::booking::Booking;
use api::inventory::Counts;
use api::list::List;
use api::patch::Patch;
use api::problem::{Code, Problem};
use api::slot::{ChangeSlot, CreateSlot, Slot, Status};
use api::token::{Claims, Role};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderName;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use tokio::net::TcpListener;

use crate::slot_id::SlotIds;
use crate::{SECRET, club};

/// A page of a list has no more, whatever is asked for.
const PAGE: usize = 10;

/// What goes wrong with one `POST`.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// 503 with `Retry-After: 0`; nothing is done.
    Overloaded,
    /// The connection breaks; nothing is done.
    BrokenBefore,
    /// The connection breaks; all is done.
    BrokenAfter,
    /// The slot is refused for good.
    Invalid,
}

/// What the node has and has seen.
#[derive(Default)]
pub(crate) struct State {
    /// By key: what was asked, and what was answered.
    pub(crate) slots: BTreeMap<String, (Bytes, Slot)>,
    /// By key: what was asked of a slot that exists, and what was answered.
    pub(crate) changes: BTreeMap<String, (Bytes, String)>,
    /// By key: what was asked of a calendar, and the booking as it is.
    pub(crate) bookings: BTreeMap<String, (Bytes, Booking)>,
    /// By key: what was refused of a calendar.
    pub(crate) refusals: BTreeMap<String, Problem>,
    /// Requests of any kind.
    pub(crate) requests: usize,
    /// What goes wrong with the next `POST`s.
    pub(crate) faults: VecDeque<Fault>,
    /// The answers of the admin listener, by path and query.
    pub(crate) admin: BTreeMap<String, String>,
    /// What it streams, by path and query.
    pub(crate) streams: BTreeMap<String, Vec<u8>>,
    /// What the admin listener answers to one `POST` after the other, by path; then it refuses.
    pub(crate) acts: BTreeMap<String, VecDeque<String>>,
}

/// A node that runs until the tests end.
pub(crate) struct Fake {
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<State>>,
}

/// Drops the connection where an answer is due.
#[derive(Debug)]
struct Broken;

impl Fake {
    pub(crate) fn start(state: State) -> Self {
        let listener = StdListener::bind("127.0.0.1:0").expect("there is a free port");
        listener.set_nonblocking(true).expect("the system can");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(never) = runtime.expect("a runtime").block_on(serve(listener, shared));
            match never {}
        });
        Self { url, state }
    }

    /// What an organizer sees, in order of time.
    pub(crate) fn shown(&self) -> Vec<String> {
        let state = self.state.lock().expect("nobody panicked");
        let mut slots: Vec<_> = state.slots.values().map(|(_, slot)| slot).collect();
        slots.sort_by_key(|slot| (slot.starts_at, slot.title.clone()));
        let word = |slot: &Slot| if slot.status == Status::Cancelled { "cancelled" } else { "on sale" };
        let short = |time: api::time::Time| time.to_string()[..16].to_owned();
        let show = |slot: &&Slot| {
            format!("{} {}/{} {}", word(slot), short(slot.starts_at), &short(slot.ends_at)[11..], slot.title)
        };
        slots.iter().map(show).collect()
    }

    /// How many requests came, and how many slots there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.state.lock().expect("nobody panicked");
        (state.requests, state.slots.len())
    }
}

async fn serve(listener: StdListener, state: Arc<Mutex<State>>) -> Result<Infallible, Infallible> {
    let listener = TcpListener::from_std(listener).expect("a listener that does not block");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, Arc::clone(&state)));
            // A broken connection is what some tests ask for.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_cut| Broken)?.to_bytes();
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut state = state.lock().expect("nobody panicked");
    state.requests += 1;
    let is_list = head.method == Method::GET && head.uri.path() == "/v1/slots";
    if is_list && header("authorization").is_empty() {
        return Ok(list(&state, head.uri.query().unwrap_or_default()));
    }
    let Some(claims) = claims(header("authorization")) else { return Ok(problem(Code::Unauthenticated)) };
    if is_list {
        return Ok(list(&state, head.uri.query().unwrap_or_default()));
    }
    match (&head.method, head.uri.path(), claims.role) {
        (&Method::GET, _, Role::Operator) => {
            let asked = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
            if let Some(streamed) = state.streams.get(&asked) {
                return Ok(respond(200, &[], streamed.clone()));
            }
            Ok(state
                .admin
                .get(&asked)
                .map_or_else(|| problem(Code::NotFound), |body| respond(200, &[], body.clone())))
        }
        (&Method::POST, path, Role::Operator) => {
            let answer = state.acts.get_mut(path).and_then(VecDeque::pop_front);
            Ok(answer.map_or_else(|| problem(Code::NoQuorum), |body| respond(200, &[], body)))
        }
        (&Method::POST, "/v1/slots", Role::Organizer) => match state.faults.pop_front() {
            Some(Fault::Overloaded) => Ok(problem(Code::Overloaded)),
            Some(Fault::BrokenBefore) => Err(Broken),
            Some(Fault::Invalid) => Ok(problem(Code::InvalidRequest)),
            Some(Fault::BrokenAfter) => {
                make(&mut state, header("idempotency-key"), &body, &claims);
                Err(Broken)
            }
            None => Ok(make(&mut state, header("idempotency-key"), &body, &claims)),
        },
        (&Method::GET, path, Role::Organizer) if path.ends_with("/bookings") => Ok(club::bookings(&state)),
        (&Method::GET, path, Role::Organizer) => Ok(club::show(&state, path)),
        (&Method::POST, path, Role::Organizer) if path.ends_with("/bookings") => {
            Ok(club::book(&mut state, path, header("idempotency-key"), &body))
        }
        (&Method::POST, path, Role::Organizer) if path.starts_with("/v1/bookings/") => {
            Ok(club::cancel(&mut state, path))
        }
        (&Method::POST | &Method::PATCH, path, Role::Organizer) => {
            Ok(change(&mut state, path, header("idempotency-key"), &body))
        }
        _ => Ok(problem(Code::Forbidden)),
    }
}

/// A page of an organizer's slots, by id.
fn list(state: &State, query: &str) -> Response<Full<Bytes>> {
    let parameter = |name| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let (organizer, after) =
        (parameter("organizer").unwrap_or_default(), parameter("after").unwrap_or_default());
    let slots = state.slots.values().map(|(_, slot)| slot);
    let mut slots: Vec<Slot> =
        slots.filter(|slot| slot.organizer == organizer && *slot.id > *after).cloned().collect();
    slots.sort_by(|one, other| one.id.cmp(&other.id));
    let next = slots.get(PAGE - 1).filter(|_| slots.len() > PAGE).map(|last| last.id.clone());
    slots.truncate(PAGE);
    respond(200, &[], json(&List { items: slots, next }))
}

/// Changes or cancels a slot, or finds what was done under this key.
fn change(state: &mut State, path: &str, key: &str, body: &Bytes) -> Response<Full<Bytes>> {
    if let Some((first, answer)) = state.changes.get(key) {
        let replay = [("idempotency-replayed", "true")];
        return if first == body {
            respond(200, &replay, answer.clone())
        } else {
            problem(Code::IdempotencyKeyReused)
        };
    }
    let id = path.trim_start_matches("/v1/slots/").trim_end_matches("/cancel");
    let Some((_, slot)) = state.slots.values_mut().find(|(_, slot)| slot.id == id) else {
        return problem(Code::NotFound);
    };
    if slot.status == Status::Cancelled {
        return problem(Code::SlotCancelled);
    }
    if path.ends_with("/cancel") {
        slot.status = Status::Cancelled;
    } else {
        let Ok(change) = serde_json::from_slice::<ChangeSlot>(body) else {
            return problem(Code::InvalidRequest);
        };
        club::reopen(slot, &change);
        set(&mut slot.title, change.title);
        set(&mut slot.starts_at, change.starts_at);
        set(&mut slot.ends_at, change.ends_at);
    }
    slot.seq += 1;
    let answer = json(slot);
    state.changes.insert(key.to_owned(), (body.clone(), answer.clone()));
    respond(200, &[], answer)
}

fn set<T>(field: &mut T, patch: Patch<T>) {
    if let Patch::Set(value) = patch {
        *field = value;
    }
}

/// Makes a slot, or finds the one that was made under this key.
fn make(state: &mut State, key: &str, body: &Bytes, claims: &Claims) -> Response<Full<Bytes>> {
    let is_key = (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let Some(asked) = serde_json::from_slice::<CreateSlot>(body).ok().filter(|_| is_key) else {
        return problem(Code::InvalidRequest);
    };
    if let Some((first, slot)) = state.slots.get(key) {
        let replay = [("idempotency-replayed", "true")];
        return if first == body {
            respond(201, &replay, json(slot))
        } else {
            problem(Code::IdempotencyKeyReused)
        };
    }
    let capacity = asked.inventory.units();
    let organizer = claims.organizer.clone().expect("an organizer's token names it");
    let slot = Slot {
        id: SlotIds::of(&organizer).made_with(key),
        organizer,
        placement: asked.placement,
        title: asked.title,
        status: Status::OnSale,
        seq: 1,
        starts_at: asked.starts_at,
        ends_at: asked.ends_at,
        sale: asked.sale,
        inventory: asked.inventory,
        policy: asked.policy,
        counts: Counts::untouched(capacity.unwrap_or_default()),
        bookable: capacity,
        opens_in_ms: 0,
        products: None,
        quotas: None,
        prices: None,
        currency: None,
    };
    let answer = respond(201, &[], json(&slot));
    state.slots.insert(key.to_owned(), (body.clone(), slot));
    answer
}

/// What a bearer token says, if it is good.
pub(crate) fn claims(authorization: &str) -> Option<Claims> {
    let token = authorization.strip_prefix("Bearer ")?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&["boxoffice"]);
    validation.set_audience(&["boxoffice"]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.validate_nbf = true;
    let decoded = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&SECRET), &validation);
    Some(decoded.ok()?.claims)
}

pub(crate) fn problem(code: Code) -> Response<Full<Bytes>> {
    respond(code.status(), &[("retry-after", "0")], json(&Problem::new(code, "because of the test")))
}

pub(crate) fn respond(
    status: u16,
    headers: &[(&'static str, &str)],
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(HeaderName::from_static(name), *value);
    }
    response.body(Full::new(body.into())).expect("the parts are well-formed")
}

pub(crate) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("the words of the contract are JSON")
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the test breaks the connection")
    }
}

impl std::error::Error for Broken {}

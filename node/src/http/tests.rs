//! A booking's whole way through the node, but for the kernel and the disk: one thread, a store in memory, and bytes of HTTP
//! over a pipe. What it costs is counted in instructions by `ops/instructions.sh`, since times are noise. And that it does
//! not matter who reads a booking: the fast path or hyper.

mod calendars;
mod limits;
mod live;
mod me;
mod pages;
mod product_bounds;
mod products;
mod reads;
mod redrawn;
mod seat_bounds;
mod seat_feed;
mod seat_texts;
mod seatmaps;
mod seats;
mod session;
mod stadium;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use api::token::Role;
use cluster::{Clock, SystemClock};
use config::{Config, RateLimit};
use futures::future::join_all;
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use storage::{Memory, Stats};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::app::{App, Stage};
use super::connection::accept::converse;
use super::connection::fast_path::FastPath;
use super::request::address::Peer;
use super::request::caller::Keyring;
use super::request::large::LargeBodies;
use super::request::policy::Policies;
use super::response::live::LiveSlots;
use super::response::relays::Relays;
use super::response::seat_changes::ChangeTexts;
use super::response::seat_texts::SeatTexts;
use super::routes::client_routes;

use crate::actors::tests::TestNode;
use crate::chance::SystemChance;
use crate::metrics::{self, Answers};
use crate::saved::archive::Wanted;
use crate::tls::Shown;
use crate::{ids, key};

/// How many bookings each client makes; more, and the difference is what the bookings cost without the start.
const BOOKINGS: &str = "BOXOFFICE_TEST_BOOKINGS";
const BOOKINGS_DEFAULT: usize = 10;
/// Who ask at the same time, each on a connection.
const CLIENTS: usize = 32;
const PIPE_LEN: usize = 64 << 10;
const GOOD: &str = r#"{"quantity": 1}"#;
const JSON: &str = "application/json";
/// From where clients ask, unless they say otherwise.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// A node without a kernel or a disk, and who may ask it.
struct Office {
    node: TestNode,
    app: Arc<App>,
    key: config::Secret,
    organizer: String,
    customer: String,
}

impl Office {
    async fn open(metrics: PrometheusHandle, config: &Config, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        key::ensure(folder.path(), &SystemChance).expect("a key");
        let secret = || config::Secret::read(&folder.path().join(key::FILE)).expect("a key");
        let token = |role| key::token(&secret(), role, clock.as_ref(), &SystemChance).expect("signed");
        let (organizer, customer) = (token(Role::Organizer), token(Role::Customer));
        let node = TestNode::open(&Arc::<Memory>::default()).await;
        let app = Arc::new(App {
            router: node.router.clone(),
            keyring: Arc::new(Keyring::new("boxoffice", "boxoffice", &[("main".to_owned(), secret())])),
            dev_key: None,
            clock: Arc::clone(&clock),
            chance: Arc::new(SystemChance),
            metrics,
            answers: Answers::default(),
            store_stats: Box::new(Stats::default),
            node: 1,
            policies: Policies::new(config, &SystemChance),
            large_bodies: LargeBodies::default(),
            seat_texts: SeatTexts::default(),
            change_texts: ChangeTexts::default(),
            live: LiveSlots::default(),
            relays: Relays::default(),
            shown: Shown::default(),
            stage: Stage::default(),
        });
        Self { node, app, key: secret(), organizer, customer }
    }

    /// An office whose figures nobody reads.
    async fn quiet(config: &Config, clock: Arc<dyn Clock>) -> Self {
        Self::open(PrometheusBuilder::new().build_recorder().handle(), config, clock).await
    }

    /// An office as `boxoffice dev` has it, and a slot on sale there: how one looks at it, and where it is booked.
    async fn on_sale(capacity: u32) -> (Self, String, String) {
        let office = Self::quiet(&dev(), Arc::new(SystemClock::new())).await;
        let (id, path) = office.slot(capacity).await;
        (office, format!("GET /v1/slots/{id} HTTP/1.1\r\nHost: node\r\n\r\n"), path)
    }

    /// A customer's booking.
    fn booking(&self, path: &str, key: &str) -> String {
        request(path, &self.customer, key, JSON, GOOD)
    }

    /// A slot on sale: its id, and where it is booked.
    async fn slot(&self, capacity: u32) -> (String, String) {
        let slot = format!(
            r#"{{"title": "yoga", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
            "inventory": {{"units": {{"capacity": {capacity}}}}}, "policy": {{"waitlist": {{"capacity": 9}}}}}}"#
        );
        let made = Client::new(&self.app).ask("/v1/slots", &self.organizer, 0, &slot).await;
        let id = made.split('"').find(|text| text.starts_with("slot_")).expect("it was made").to_owned();
        let path = format!("/v1/slots/{id}/bookings");
        (id, path)
    }
}

/// What `boxoffice dev` is configured with.
fn dev() -> Config {
    Config::dev("data".into(), PEER, PEER)
}

/// The client's end of a connection.
struct Client {
    pipe: DuplexStream,
    answer: Vec<u8>,
    stop: watch::Sender<()>,
}

impl Client {
    fn new(app: &Arc<App>) -> Self {
        Self::from(app, PEER)
    }

    fn from(app: &Arc<App>, peer: SocketAddr) -> Self {
        let (pipe, other_end) = tokio::io::duplex(PIPE_LEN);
        let routes = TowerToHyperService::new(client_routes(Arc::clone(app)));
        let fast_path = Some(Arc::new(FastPath::new(Arc::clone(app))));
        let (stop, stopped) = watch::channel(());
        Handle::current().spawn(converse(Box::new(other_end), Peer::new(peer), routes, fast_path, stopped));
        Self { pipe, answer: Vec::new(), stop }
    }

    /// Sends a request, and gives its whole answer.
    async fn ask(&mut self, path: &str, token: &str, key: usize, body: &str) -> String {
        let request = request(path, token, &key.to_string(), JSON, body);
        self.send(&request).await;
        self.answer().await
    }

    async fn send(&mut self, bytes: &str) {
        self.pipe.write_all(bytes.as_bytes()).await.expect("the node reads");
    }

    async fn answer(&mut self) -> String {
        self.answer.clear();
        // Every answer is one object, and the only brace at the end of a read is its last.
        while !self.answer.ends_with(b"}") {
            self.pipe.read_buf(&mut self.answer).await.expect("the node answers");
        }
        String::from_utf8(self.answer.clone()).expect("text")
    }

    /// Whatever else is answered before the node hangs up.
    async fn rest(mut self) -> String {
        let mut rest = String::new();
        self.pipe.read_to_string(&mut rest).await.expect("text");
        rest
    }
}

fn request(path: &str, token: &str, key: &str, content_type: &str, body: &str) -> String {
    let len = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: {content_type}\r\nContent-Length: {len}\r\n\r\n{body}"
    )
}

/// Who answers a booking.
#[derive(Debug, PartialEq, Eq)]
enum By {
    FastPath,
    Hyper,
}

/// Who wrote the first of these answers: hyper writes the date last.
fn by(answers: &str) -> By {
    let at = |header: &str| answers.find(header).expect(header);
    if at("\r\ndate: ") < at("\r\ncontent-length: ") { By::FastPath } else { By::Hyper }
}

/// What clients understand of an answer: its status, its headers in some order, its body.
fn understood(answer: &str) -> (String, Vec<String>, String) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.split("\r\n").map(str::to_owned);
    let status = lines.next().expect("a status");
    let mut headers: Vec<String> = lines.filter(|line| !line.starts_with("date: ")).collect();
    headers.sort();
    (status, headers, body.to_owned())
}

#[tokio::test]
async fn bookings_from_many_connections_are_all_answered() {
    let bookings =
        std::env::var(BOOKINGS).map_or(BOOKINGS_DEFAULT, |text| text.parse().expect("how many bookings"));
    // Every booking is counted for its customer, who may ask as often as can be.
    let often = NonZeroU32::new(1_000_000).expect("not zero");
    let rate_limit = RateLimit { enabled: true, requests_per_second: often, burst: often };
    let metrics = metrics::install().expect("nobody else counts in this process");
    let office = Office::open(metrics, &Config { rate_limit, ..dev() }, Arc::new(SystemClock::new())).await;
    let Office { node, app, customer, .. } = &office;
    let (id, path) = office.slot(10_000_000).await;
    let book = async |client: usize| {
        let mut here = Client::new(app);
        for number in (client..).step_by(CLIENTS).take(bookings) {
            let answer = here.ask(&path, customer, number, GOOD).await;
            assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        }
    };
    join_all((0..CLIENTS).map(book)).await;
    let id = ids::slot_id(&id).expect("an id");
    let confirmed = node
        .router
        .read_linearizable(id, Wanted::Nothing, |view| view.slot().map(|slot| slot.view().counts.confirmed))
        .await;
    assert_eq!(confirmed.expect("readable").map(|confirmed| confirmed as usize), Some(CLIENTS * bookings));

    app.stage.set_draining();
    let refused = Client::new(app).ask(&path, customer, 0, GOOD).await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nretry-after: "), "{refused}");
}

#[tokio::test]
async fn the_booth_and_hyper_answer_alike() {
    let (office, _look, path) = Office::on_sale(2).await;
    let nowhere = format!("/v1/slots/{}/bookings", "slot_".to_owned() + &"-".repeat(24));
    let (customer, organizer) = (office.customer.as_str(), office.organizer.as_str());

    let long = "x".repeat(2_000);
    for (path, token, key, content_type, body, status, reader) in [
        (&path, customer, "a", JSON, GOOD, "201", By::FastPath),
        (&path, customer, "a", JSON, r#"{"quantity": 2}"#, "422", By::FastPath),
        (
            &path,
            organizer,
            "b",
            JSON,
            r#"{"quantity": 1, "customer": "ada \"the first\"", "mode": "hold"}"#,
            "201",
            By::FastPath,
        ),
        (&path, customer, "k", JSON, GOOD, "202", By::FastPath),
        (&path, customer, "l", JSON, r#"{"quantity": 1, "when_full": "refuse"}"#, "409", By::FastPath),
        (&path, customer, "m", "application/json\r\nAccept: text/html", GOOD, "406", By::FastPath),
        (&path, customer, "n", "application/json\r\nContent-Encoding: gzip", GOOD, "415", By::FastPath),
        (&path, customer, "y", "application/json\r\nContent-Encoding: identity", GOOD, "202", By::FastPath),
        (&path, customer, "z", "application/json\r\nHost: node", GOOD, "400", By::Hyper),
        (&path, customer, "aa", JSON, r#"{"quantity": 1.0}"#, "202", By::FastPath),
        (&path, customer, "bb", "application/json\r\nContent-Type: application/json", GOOD, "415", By::Hyper),
        (&path, customer, "o", "application/json\r\nIdempotency-Key: o", GOOD, "422", By::Hyper),
        (&path, customer, "p", "application/json\r\nX-Request-Timeout-Ms: 0", GOOD, "422", By::FastPath),
        (&path, customer, "q", "application/json\r\nAuthorization: Bearer x", GOOD, "401", By::Hyper),
        (&path, customer, "c", JSON, r#"{"quantity": 10000, "hold_seconds": 0}"#, "422", By::FastPath),
        (&path, customer, "d", JSON, r#"{"quantity": 1, "customer": "another"}"#, "403", By::FastPath),
        (&path, customer, "e", JSON, r#"{"quantity": "#, "400", By::FastPath),
        (&path, customer, "f", JSON, &long, "400", By::FastPath),
        (&path, customer, "g", "text/plain", GOOD, "415", By::FastPath),
        (&path, customer, "not one key", JSON, GOOD, "422", By::FastPath),
        (&path, "nobody's", "h", JSON, GOOD, "401", By::FastPath),
        (&path, "", "i", JSON, GOOD, "401", By::FastPath),
        (&nowhere, customer, "j", JSON, GOOD, "404", By::FastPath),
        (
            &path,
            customer,
            "r",
            "application/json\r\nAccept: text/html\r\nAccept: */*",
            GOOD,
            "202",
            By::Hyper,
        ),
        (
            &path,
            customer,
            "s",
            "application/json\r\nX-Request-Timeout-Ms: 9000\r\nX-Request-Timeout-Ms: 0",
            GOOD,
            "202",
            By::Hyper,
        ),
        (&path, customer, "t", "application/json\r\nX-Request-Timeout-Ms:", GOOD, "422", By::FastPath),
        (&path, customer, "u", "application/json\r\nAccept: ", GOOD, "202", By::FastPath),
        (&path, customer, "v", "application/json\r\nAccept: \u{e9}", GOOD, "202", By::FastPath),
        (&path, customer, "\u{e9}", JSON, GOOD, "422", By::FastPath),
        (&path, customer, "", JSON, GOOD, "422", By::FastPath),
        (&path, customer, "w", "", GOOD, "415", By::FastPath),
        (&path, customer, "x", "application/json;\u{e9}", GOOD, "415", By::FastPath),
    ] {
        let plain = request(path, token, key, content_type, body);
        // What has a query is hyper's. It is no part of what makes two requests the same.
        let odd = request(&format!("{path}?x"), token, key, content_type, body);
        // The first answer may differ from all later ones, which say that they are replays.
        let mut answers = Vec::new();
        for request in [&plain, &plain, &odd] {
            let mut client = Client::new(&office.app);
            client.send(request).await;
            answers.push(client.answer().await);
        }
        assert!(answers[0].starts_with(&format!("HTTP/1.1 {status} ")), "{plain}: {}", answers[0]);
        assert_eq!(understood(&answers[1]), understood(&answers[2]), "{plain}");
        assert_eq!((by(&answers[1]), by(&answers[2])), (reader, By::Hyper), "{plain}");
    }
}

#[tokio::test]
async fn a_connection_goes_on_with_hyper_where_the_booth_ends() {
    let (office, look, path) = Office::on_sale(9).await;
    let booking = |key| office.booking(&path, key);

    // All at once, and the last one for good.
    let mut here = Client::new(&office.app);
    let last = booking("c").replace("Host: node", "Host: node\r\nConnection: close");
    here.send(&[booking("a"), booking("b"), look.clone(), booking("b"), last].concat()).await;
    let answers = here.rest().await;
    let statuses: Vec<_> =
        answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["201", "201", "200", "201", "201"], "{answers}");
    assert_eq!(answers.matches("idempotency-replayed: true").count(), 1, "{answers}");
    assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");

    // A body behind its head is waited for.
    let mut here = Client::new(&office.app);
    let (head, body) = (booking("e").replace(GOOD, ""), [GOOD, &booking("f")].concat());
    here.send(&head).await;
    tokio::task::yield_now().await;
    here.send(&body).await;
    here.pipe.shutdown().await.expect("half closed");
    let answers = here.rest().await;
    assert_eq!(answers.matches("HTTP/1.1 201 ").count(), 2, "{answers}");
    assert_eq!(by(&answers), By::FastPath, "{answers}");

    // Piece by piece.
    let mut here = Client::new(&office.app);
    for byte in booking("d").chars() {
        here.send(byte.encode_utf8(&mut [0; 4])).await;
        tokio::task::yield_now().await;
    }
    assert!(here.answer().await.starts_with("HTTP/1.1 201 "));
}

#[tokio::test]
async fn a_booking_behind_something_else_is_taken_at_the_booth() {
    let (office, look, path) = Office::on_sale(99).await;
    let booking = |key: &str| office.booking(&path, key);
    let unknown = request("/v1/lost", &office.customer, "x", JSON, GOOD);
    let bodiless = request("/v1/lost", &office.customer, "x", JSON, "");
    let cancel = request("/v1/slots/none/cancel", &office.customer, "x", JSON, "");
    let chunked =
        booking("z").replace("Content-Length: 15\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nf\r\n");
    let chunked = chunked + "\r\n0\r\n\r\n";

    // Nothing that came before changes the answer to a booking; hyper goes on where it must: where a body was not read to its end,
    // and where it has some of the booking already.
    for (number, (before, all_read)) in [
        (vec![&look], true),
        (vec![&look, &look], true),
        (vec![&unknown], false),
        (vec![&cancel, &bodiless], true),
        (vec![&chunked], false),
        (vec![&chunked, &look], true),
    ]
    .into_iter()
    .enumerate()
    {
        for cut in [0, 20, 200] {
            let mut here = Client::new(&office.app);
            let booking = booking(&format!("{number}-{cut}"));
            let (with, behind) = booking.split_at(cut);
            let (last, others) = before.split_last().expect("something");
            for other in others {
                here.send(other).await;
                here.answer().await;
            }
            here.send(&[last, with].concat()).await;
            here.answer().await;
            here.send(behind).await;
            let answer = here.answer().await;
            assert!(answer.starts_with("HTTP/1.1 201 ") && !answer.contains("replayed"), "{answer}");
            let reader = if all_read && cut == 0 { By::FastPath } else { By::Hyper };
            assert_eq!(by(&answer), reader, "{number} {cut} {answer}");
            here.send(&booking).await;
            assert!(here.answer().await.contains("\r\nidempotency-replayed: true"));
        }
    }

    // A head that comes in pieces has hyper's time to come, once.
    let mut here = Client::new(&office.app);
    here.send(&look).await;
    here.answer().await;
    let booking = booking("pieces");
    let (piece, rest) = booking.split_at(60);
    here.send(piece).await;
    tokio::task::yield_now().await;
    here.send(rest).await;
    let answer = here.answer().await;
    assert_eq!(by(&answer), By::Hyper, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn the_booth_hangs_up_on_who_asks_nothing_and_when_the_node_drains() {
    let (office, _look, path) = Office::on_sale(9).await;
    let booking = |key| office.booking(&path, key);

    assert_eq!(Client::new(&office.app).rest().await, "", "after ten seconds");
    let idle = Client::new(&office.app);
    idle.stop.send_replace(());
    assert_eq!(idle.rest().await, "");
    // A request that has come before is answered, and told that it is the last.
    let mut here = Client::new(&office.app);
    here.send(&booking("a")).await;
    here.stop.send_replace(());
    let answers = here.rest().await;
    assert!(
        answers.starts_with("HTTP/1.1 201 ") && answers.contains("\r\nconnection: close\r\n"),
        "{answers}"
    );
    // A body that comes bit by bit has thirty seconds, wherever it is read.
    let mut here = Client::new(&office.app);
    let mut bits = 0;
    here.send(&booking("c").replace(GOOD, "").replace("Length: 15", "Length: 100")).await;
    while here.pipe.write_all(b" ").await.is_ok() {
        bits += 1;
        tokio::time::sleep(Duration::from_millis(900)).await;
    }
    assert!((33..40).contains(&bits), "{bits}");
    assert!(here.rest().await.starts_with("HTTP/1.1 408 "));
    // A head that comes in pieces has ten.
    let mut here = Client::new(&office.app);
    here.send(&booking("b")[..40]).await;
    assert!(here.rest().await.starts_with("HTTP/1.1 408 "));
}

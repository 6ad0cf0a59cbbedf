//! A booking's whole way through the node, but for the kernel and the disk: one thread, a store in memory, and bytes of HTTP
//! over a pipe. What it costs is counted in instructions by `ops/instructions.sh`, since times are noise.

use std::sync::Arc;

use api::token::Role;
use cluster::{Clock, SystemClock};
use futures::future::join_all;
use hyper::service::service_fn;
use storage::{Memory, Stats};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::runtime::Handle;

use super::accept::speak;
use super::caller::Keyring;
use super::door::Limits;
use super::hot::Front;
use super::patience::Patience;
use super::{App, Stage, client_routes};
use crate::actors::tests::House;
use crate::chance::SystemChance;
use crate::metrics::{self, Answers};
use crate::past::Wanted;
use crate::{ids, key};

/// How many bookings each client makes; more, and the difference is what the bookings cost without the start.
const BOOKINGS: &str = "BOXOFFICE_TEST_BOOKINGS";
const BOOKINGS_DEFAULT: usize = 10;
/// Who ask at the same time, each on a connection.
const CLIENTS: usize = 32;
const PIPE_LEN: usize = 64 << 10;

/// The client's end of a connection.
struct Client {
    pipe: DuplexStream,
    answer: Vec<u8>,
}

impl Client {
    fn new(front: &Arc<Front>) -> Self {
        let (pipe, other_end) = tokio::io::duplex(PIPE_LEN);
        let patience = Patience::new();
        let service = {
            let (front, patience) = (Arc::clone(front), patience.clone());
            service_fn(move |request| Arc::clone(&front).serve(request, patience.clone()))
        };
        Handle::current().spawn(async { speak(other_end, service, patience).await.expect("it ends well") });
        Self { pipe, answer: Vec::new() }
    }

    /// Sends a request, and gives its whole answer.
    async fn ask(&mut self, path: &str, token: &str, key: usize, body: &str) -> String {
        let len = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {len}\r\n\r\n{body}"
        );
        self.pipe.write_all(request.as_bytes()).await.expect("the node reads");
        self.answer.clear();
        // Every answer is one object, and the only brace at the end of a read is its last.
        while !self.answer.ends_with(b"}") {
            self.pipe.read_buf(&mut self.answer).await.expect("the node answers");
        }
        String::from_utf8(self.answer.clone()).expect("text")
    }
}

#[tokio::test]
async fn bookings_from_many_connections_are_all_answered() {
    let bookings =
        std::env::var(BOOKINGS).map_or(BOOKINGS_DEFAULT, |text| text.parse().expect("how many bookings"));
    let folder = tempfile::tempdir().expect("a folder");
    key::ensure(folder.path(), &SystemChance).expect("a key");
    let secret = || config::Secret::read(&folder.path().join(key::FILE)).expect("a key");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let token = |role| key::token(&secret(), role, clock.as_ref(), &SystemChance).expect("signed");
    let (organizer, customer) = (token(Role::Organizer), token(Role::Customer));

    let house = House::open(&Arc::<Memory>::default()).await;
    let app = Arc::new(App {
        router: house.router.clone(),
        keyring: Keyring::new("boxoffice", "boxoffice", vec![("main".to_owned(), secret())]),
        clock: Arc::clone(&clock),
        chance: Arc::new(SystemChance),
        metrics: metrics::install().expect("nobody else counts in this process"),
        answers: Answers::default(),
        store_stats: Box::new(Stats::default),
        node: 1,
        limits: Limits::new(50, 100),
        stage: Stage::default(),
    });
    let front = client_routes(Arc::clone(&app));

    let slot = r#"{"title": "yoga", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
        "inventory": {"units": {"capacity": 10000000}}}"#;
    let made = Client::new(&front).ask("/v1/slots", &organizer, 0, slot).await;
    let id = made.split('"').find(|text| text.starts_with("slot_")).expect("it was made");
    let path = format!("/v1/slots/{id}/bookings");
    let book = async |client: usize| {
        let mut here = Client::new(&front);
        for number in (client..).step_by(CLIENTS).take(bookings) {
            let answer = here.ask(&path, &customer, number, r#"{"quantity": 1}"#).await;
            assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        }
    };
    join_all((0..CLIENTS).map(book)).await;
    let id = ids::slot_id(id).expect("an id");
    let confirmed = house
        .router
        .read(id, Wanted::Nothing, |sight| sight.slot.map(|slot| slot.view().counts.confirmed))
        .await;
    assert_eq!(confirmed.expect("readable").map(|confirmed| confirmed as usize), Some(CLIENTS * bookings));

    app.stage.set_draining();
    let refused = Client::new(&front).ask(&path, &customer, 0, r#"{"quantity": 1}"#).await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nretry-after: "), "{refused}");
}

//! Leaders move, and nodes stop and come back one after the other, while customers book: whoever asks once more with their key hears of
//! none of it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::dev_node::{Answer, ask};
use crate::test_cluster::{Member, TestCluster, wait_until};
use crate::upgrade::OWN;

/// Large enough for whatever is booked meanwhile.
const SLOT: &str = r#"{"title":"yoga","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":1000000}}}"#;
const ONE: &str = r#"{"quantity":1}"#;
/// More slots than groups: nearly every group has one.
const SLOTS: usize = 6;
/// Customers at a time.
const CUSTOMERS: usize = 6;

/// Customers who book, one request after the other, until they are told to stop.
pub(crate) struct Crowd {
    /// Where they ask, in turn.
    clients: Arc<RwLock<Vec<SocketAddr>>>,
    is_over: Arc<AtomicBool>,
    booked: Arc<AtomicUsize>,
    customers: Vec<JoinHandle<Found>>,
    slots: Vec<String>,
}

/// What customers found.
#[derive(Default)]
struct Found {
    /// The bookings that they were promised.
    bookings: Vec<String>,
    /// What was no answer, twice.
    failed: Vec<String>,
    /// How often they asked twice.
    again: usize,
    /// The longest that one waited, with the second attempt.
    longest: Duration,
}

impl Crowd {
    /// They ask all nodes that run.
    pub(crate) fn gather(cluster: &TestCluster) -> Self {
        let running = cluster.nodes.iter().filter(|node| node.runs()).map(Member::client);
        let clients = Arc::new(RwLock::new(running.collect::<Vec<_>>()));
        let made = |number: usize| {
            let body = SLOT.replace("yoga", &format!("yoga\",\"placement\":\"{number}"));
            let node = &cluster.nodes[number % 3];
            let made = cluster.ask_as(node, "organizer", "POST /v1/slots", &number.to_string(), &body);
            assert_eq!(made.status, 201, "{made:?}");
            made.text("id")
        };
        let slots: Vec<_> = (0..SLOTS).map(made).collect();
        let (is_over, booked) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let customer = |number| {
            let clients = Arc::clone(&clients);
            let (bearer, slots) = (cluster.bearer("customer"), slots.clone());
            let (is_over, booked) = (Arc::clone(&is_over), Arc::clone(&booked));
            spawn(move || {
                let mut found = Found::default();
                for count in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    let path = format!("/v1/slots/{}/bookings", slots[(number + count) % SLOTS]);
                    let key = format!("{number}-{count}");
                    let clients = clients.read().expect("nobody failed").clone();
                    found.book(&clients, count, &path, &bearer, &key);
                    booked.fetch_add(1, Ordering::Relaxed);
                }
                found
            })
        };
        let customers = (0..CUSTOMERS).map(customer).collect();
        Self { clients, is_over, booked, customers, slots }
    }

    /// They ask there too from now on.
    pub(crate) fn also_asks(&self, client: SocketAddr) {
        self.clients.write().expect("nobody failed").push(client);
    }

    /// Waits until so many more have been answered.
    pub(crate) fn go_on(&self, more: usize) {
        let until = self.booked.load(Ordering::Relaxed) + more;
        wait_until("customers are served", || until <= self.booked.load(Ordering::Relaxed));
    }

    /// All of them are gone, and every booking that one was promised is there.
    pub(crate) fn assert_served(self, cluster: &TestCluster) {
        self.is_over.store(true, Ordering::Relaxed);
        let found = self.customers.into_iter().map(|customer| customer.join().expect("a customer lives"));
        let found = found.fold(Found::default(), Found::and);
        let Found { bookings, failed, again, longest } = found;
        report(&format!("{} bookings, {again} asked twice, the longest wait {longest:?}", bookings.len()));
        assert_eq!(failed, Vec::<String>::new());
        cluster.assert_all_agree();
        let counts = self.slots.iter().map(|slot| {
            let path = format!("GET /v1/slots/{slot}?consistency=linearizable");
            cluster.ask_as(&cluster.nodes[0], "organizer", &path, "", "").json()["counts"]["confirmed"]
                .as_u64()
        });
        let all: u64 = counts.map(|count| count.expect("a count")).sum();
        assert_eq!(all, bookings.len() as u64, "each request has one effect");
        for booking in bookings.iter().step_by(50) {
            let path = format!("GET /v1/bookings/{booking}");
            assert_eq!(
                cluster.ask_as(&cluster.nodes[1], "organizer", &path, "", "").status,
                200,
                "{booking}"
            );
        }
    }
}

impl Found {
    /// Books a place: at one node, and if that gives no answer once more at the next.
    #[expect(clippy::disallowed_methods, reason = "how long customers wait is told, and decides nothing")]
    fn book(&mut self, clients: &[SocketAddr], first: usize, path: &str, bearer: &str, key: &str) {
        let began = Instant::now();
        let headers =
            [("Authorization", bearer), ("Idempotency-Key", key), ("Content-Type", "application/json")];
        let attempt = |place: usize| -> Result<Answer, String> {
            let client = clients[(first + place) % clients.len()];
            match ask(client, "POST", path, &headers, ONE) {
                Ok(answer) if answer.status == 201 => Ok(answer),
                Ok(answer) => Err(format!("{client}: {answer:?}")),
                Err(error) => Err(format!("{client}: {error}")),
            }
        };
        let answer = attempt(0).or_else(|once| {
            self.again += 1;
            attempt(1).map_err(|twice| format!("{once}, and then {twice}"))
        });
        self.longest = self.longest.max(began.elapsed());
        match answer {
            Ok(answer) => self.bookings.push(answer.text("id")),
            Err(why) => self.failed.push(why),
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.bookings.extend(other.bookings);
        self.failed.extend(other.failed);
        Self { again: self.again + other.again, longest: self.longest.max(other.longest), ..self }
    }
}

/// Figures that decide nothing: `--nocapture` shows them.
#[expect(clippy::print_stderr, reason = "a person reads them")]
fn report(figures: &str) {
    eprintln!("{figures}");
}

/// Lets a node lead a group, if it is led as is said; asked until there is a decision.
fn hand_over(cluster: &TestCluster, asked: usize, group: u64, expected: (u64, u64), to: u64) -> Answer {
    let (leader, term) = expected;
    let body = format!(r#"{{"node":{to},"expected_leader":{leader},"expected_term":{term}}}"#);
    let path = format!("POST /admin/v1/groups/{group}/leader");
    let mut answer = None;
    wait_until("somebody decides", || {
        let told = cluster.ask_as(&cluster.nodes[asked], "operator", &path, "", &body);
        answer = (told.status != 503).then_some(told);
        answer.is_some()
    });
    answer.expect("just given")
}

/// Who leads a group, and in which term, as a node sees it.
fn led(cluster: &TestCluster, asked: usize, group: u64) -> (u64, u64) {
    let mut led = None;
    wait_until("somebody leads", || {
        let groups = cluster.groups(&cluster.nodes[asked], "/admin/v1/groups");
        let found = groups.iter().find(|item| item["group"] == group);
        led = found.and_then(|item| Some((item["leader"].as_u64()?, item["term"].as_u64()?)));
        led.is_some()
    });
    led.expect("just seen")
}

#[test]
fn nodes_are_upgraded_and_restarted_one_after_the_other_and_no_customer_hears_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::at_level(folder.path(), OWN - 1);
    let crowd = Crowd::gather(&cluster);
    // Whoever comes back is of this build; and then once more.
    for place in [0, 1, 2, 0] {
        crowd.go_on(300);
        cluster.nodes[place].stop();
        crowd.go_on(100);
        cluster.nodes[place].becomes(None);
        cluster.nodes[place].start();
    }
    crowd.go_on(300);
    crowd.assert_served(&cluster);
}

#[test]
fn leaders_move_where_an_operator_says_and_no_customer_hears_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = TestCluster::open(folder.path());
    let numbers = [0, 1, 2].map(|place| cluster.number(&cluster.nodes[place]));
    let crowd = Crowd::gather(&cluster);
    let mut longest = 0;
    for step in 0..12 {
        crowd.go_on(50);
        let (asked, group) = (step % 3, step as u64 % 3);
        let (leader, term) = led(&cluster, asked, group);
        let others: Vec<u64> = numbers.into_iter().filter(|number| *number != leader).collect();
        let to = others[step % others.len()];
        let moved = hand_over(&cluster, asked, group, (leader, term), to);
        assert_eq!(moved.status, 200, "{moved:?}");
        assert_eq!((&moved.json()["leader"], &moved.json()["group"]), (&to.into(), &group.into()));
        longest = longest.max(moved.json()["unanswered_ms"].as_u64().expect("a number"));
        // Asked again it is done already, whatever was believed; and nobody is deposed of whom nobody has heard.
        assert_eq!(hand_over(&cluster, asked, group, (leader, term), to).json()["unanswered_ms"], 0);
        let late = hand_over(&cluster, asked, group, (leader, term), leader);
        assert_eq!((late.status, late.text("code").as_str()), (409, "moved_on"), "{late:?}");
    }
    report(&format!("a group was without a leader for {longest} ms at most"));

    let (leader, term) = led(&cluster, 0, 0);
    let nobody = hand_over(&cluster, 1, 0, (leader, term), 1 << 60);
    assert_eq!((nobody.status, nobody.text("code").as_str()), (409, "not_possible"), "{nobody:?}");
    assert_eq!(hand_over(&cluster, 1, 99, (leader, term), leader).status, 404);
    crowd.assert_served(&cluster);
}

#[test]
fn leaders_are_spread_evenly_where_an_operator_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = TestCluster::open(folder.path());
    let looked = || cluster.admin(&cluster.nodes[1], "/admin/v1/leaders");
    let moves = |seen: &Value| seen["moves"].as_array().cloned().unwrap_or_default();
    // The founder leads whatever nobody took from it.
    wait_until("leaders are spread evenly", || {
        let seen = looked();
        for step in moves(&seen) {
            let number = |name: &str| step[name].as_u64().expect("a number");
            hand_over(&cluster, 1, number("group"), (number("from"), number("term")), number("to"));
        }
        let nodes = seen["nodes"].as_array().cloned().unwrap_or_default();
        moves(&seen).is_empty() && nodes.iter().all(|node| node["leads"] == 1 && node["would_lead"] == 1)
    });
}

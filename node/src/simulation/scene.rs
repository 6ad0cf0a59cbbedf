//! Stories: what happens is told step by step, beside the sale, in a world in which nothing else goes wrong.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use api::booking::Booking;
use api::feed::{Page, Record};
use api::slot::Slot;
use booking::Level;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use super::host::Host;
use super::network::{self, Answer, Question};
use super::sale::Sale;
use super::{CALM, FORMED, NAMES, Report, SALE, World, run_through, watch};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// How long the simulated world goes on between two looks at what a story orders.
const TURN: Duration = Duration::from_millis(1);

/// What a story has in its hands.
pub(super) struct Scene {
    pub(super) hosts: Vec<Rc<Host>>,
    pub(super) sale: Rc<Sale>,
    /// Machines that are to lose power now, and for how many milliseconds.
    crashes: RefCell<Vec<(Vec<Rc<Host>>, u64)>>,
    /// How many requests were made.
    asked: Cell<u64>,
    is_over: Cell<bool>,
}

/// One run of the world that `seed` decides, with this story in it; the witness judges the sale all the same.
pub(super) fn told<S>(seed: u64, story: impl FnOnce(Rc<Scene>) -> S) -> Report
where
    S: Future<Output = ()> + 'static,
{
    told_from(Level::NEWEST, seed, story)
}

/// The same, among machines that begin with builds of this level.
pub(super) fn told_from<S>(level: Level, seed: u64, story: impl FnOnce(Rc<Scene>) -> S) -> Report
where
    S: Future<Output = ()> + 'static,
{
    told_among(&NAMES, level, seed, story)
}

/// The same, among these machines.
pub(super) fn told_among<S>(
    names: &[&'static str],
    level: Level,
    seed: u64,
    story: impl FnOnce(Rc<Scene>) -> S,
) -> Report
where
    S: Future<Output = ()> + 'static,
{
    let machines = (names, level);
    run_through(seed, machines, None, |world| world.tell(story)).unwrap_or_else(|why| panic!("{why}"))
}

impl World {
    fn tell<S>(mut self, story: impl FnOnce(Rc<Scene>) -> S) -> Result<usize, String>
    where
        S: Future<Output = ()> + 'static,
    {
        let scene = Rc::new(Scene {
            hosts: self.hosts.clone(),
            sale: Rc::clone(&self.sale),
            crashes: RefCell::default(),
            asked: Cell::default(),
            is_over: Cell::default(),
        });
        let told = {
            let (story, scene) = (story(Rc::clone(&scene)), Rc::clone(&scene));
            async move {
                scene.until(|| scene.all(|_cluster| true)).await;
                story.await;
                scene.is_over.set(true);
                Ok(())
            }
        };
        self.sim.client("story", told);
        while !scene.is_over.get() {
            if FORMED + SALE + CALM < self.sim.elapsed() {
                return Err("the story does not end".to_owned());
            }
            self.go(self.sim.elapsed() + TURN, false)?;
            self.faults.pass(&mut self.sim);
            for (hosts, lasts_ms) in scene.crashes.take() {
                self.faults.crash_for(&mut self.sim, &hosts, lasts_ms);
            }
        }
        self.close()
    }
}

impl Scene {
    /// These machines lose power at the same moment, and are back and ready when this is over.
    pub(super) async fn crash(&self, hosts: &[Rc<Host>], lasts_ms: u64) {
        self.crashes.borrow_mut().push((hosts.to_vec(), lasts_ms));
        self.until(|| hosts.iter().any(|host| host.look(|_| ()).is_none())).await;
        self.until(|| self.all(|_cluster| true)).await;
    }

    /// A machine loses power, and is switched on again after so long; nobody waits for it.
    pub(super) fn switch_off(&self, host: &Rc<Host>, lasts_ms: u64) {
        self.crashes.borrow_mut().push((vec![Rc::clone(host)], lasts_ms));
    }

    /// Nothing comes to a machine or from it, until it is [released](Self::release): then everything comes at once.
    pub(super) fn pause(&self, host: &Host) {
        watch::note(format!("{:?}: {} is paused", turmoil::elapsed(), host.name));
        self.others(host).for_each(|other| turmoil::hold(host.address, other.address));
    }

    pub(super) fn release(&self, host: &Host) {
        watch::note(format!("{:?}: {} wakes up", turmoil::elapsed(), host.name));
        self.others(host).for_each(|other| turmoil::release(host.address, other.address));
    }

    /// The other nodes.
    pub(super) fn others(&self, host: &Host) -> impl Iterator<Item = &Rc<Host>> {
        self.hosts.iter().filter(move |other| other.address != host.address)
    }

    pub(super) async fn until(&self, mut done: impl FnMut() -> bool) {
        while !done() {
            sleep(LOOK).await;
        }
    }

    /// Whether all nodes are ready, and look like this.
    pub(super) fn all(&self, look: impl Fn(&cluster::Cluster<crate::machine::ShardMachine>) -> bool) -> bool {
        self.hosts.iter().all(|host| host.look(&look) == Some(true))
    }

    /// Asks one node until it answers.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        host: &Host,
        line: &str,
        token: &str,
        body: &str,
    ) -> T {
        let key = if line.starts_with("GET") { String::new() } else { self.key() };
        loop {
            match self.ask_once(host, line, token, &key, body).await {
                Some(answer) if !matches!(answer.status, 408 | 429 | 500..) => {
                    let read = serde_json::from_str(&answer.body);
                    return read.unwrap_or_else(|_error| panic!("{line}: {} {}", answer.status, answer.body));
                }
                Some(_) | None => sleep(LOOK).await,
            }
        }
    }

    /// Asks one node once.
    pub(super) async fn ask_once(
        &self,
        host: &Host,
        line: &str,
        token: &str,
        key: &str,
        body: &str,
    ) -> Option<Answer> {
        let question = Question { line, token: self.sale.token(token), key, body };
        let answer = network::ask(host.client(), question).await;
        if let Some(answer) = &answer {
            watch::note(format!("{:?} {} {line}: {}", turmoil::elapsed(), host.name, answer.body));
        }
        answer
    }

    /// A key that was not used before.
    pub(super) fn key(&self) -> String {
        self.asked.set(self.asked.get() + 1);
        format!("story-{}", self.asked.get())
    }

    /// A slot of four places, made now.
    pub(super) async fn slot(&self, host: &Host, policy: &str) -> String {
        let placement = self.asked.get();
        let body = format!(
            r#"{{"title":"slot","placement":"story-{placement}","starts_at":"2090-01-01T00:00:00Z","ends_at":"2090-01-02T00:00:00Z","inventory":{{"units":{{"capacity":4}}}},"policy":{policy}}}"#
        );
        let slot: Slot = self.ask(host, "POST /v1/slots", "organizer", &body).await;
        slot.id
    }

    /// A place, held.
    pub(super) async fn hold(&self, host: &Host, slot: &str, customer: &str) -> Booking {
        let line = format!("POST /v1/slots/{slot}/bookings");
        self.ask(host, &line, customer, r#"{"quantity":1,"mode":"hold"}"#).await
    }

    /// So many places, or a place behind those who wait.
    pub(super) async fn book(&self, host: &Host, slot: &str, customer: &str, quantity: u32) -> Booking {
        let line = format!("POST /v1/slots/{slot}/bookings");
        self.ask(host, &line, customer, &format!(r#"{{"quantity":{quantity}}}"#)).await
    }

    pub(super) async fn confirm(&self, host: &Host, booking: &Booking, customer: &str) -> Booking {
        self.ask(host, &format!("POST /v1/bookings/{}/confirm", booking.id), customer, "").await
    }

    pub(super) async fn booking(&self, host: &Host, booking: &Booking) -> Booking {
        self.ask(host, &format!("GET /v1/bookings/{}", booking.id), "organizer", "").await
    }

    /// The slot, read linearizably.
    pub(super) async fn look(&self, host: &Host, slot: &str) -> Slot {
        self.ask(host, &format!("GET /v1/slots/{slot}?consistency=linearizable"), "organizer", "").await
    }

    pub(super) async fn feed(&self, host: &Host, slot: &str) -> Vec<Record> {
        let page: Page = self.ask(host, &format!("GET /v1/slots/{slot}/feed?after=0"), "organizer", "").await;
        page.items
    }

    /// Who leads the group of a slot: of several who believe that they do, the one of the latest term.
    pub(super) fn leader(&self, slot: &str) -> Option<Rc<Host>> {
        let leads = |host: &&Rc<Host>| host.group(slot, |group| group.leads().then(|| group.status().term));
        let terms = self.hosts.iter().filter_map(|host| Some((leads(&host)??, host)));
        terms.max_by_key(|(term, _host)| *term).map(|(_term, host)| Rc::clone(host))
    }

    /// A node other than `host` leads the group of a slot.
    pub(super) async fn another_leads(&self, slot: &str, host: &Host) -> Rc<Host> {
        loop {
            match self.leader(slot) {
                Some(leader) if leader.address != host.address => return leader,
                Some(_) | None => sleep(LOOK).await,
            }
        }
    }
}

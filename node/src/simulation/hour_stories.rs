//! Stories of calendars: what leaders do for them while nobody asks.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use api::feed::Kind;
use api::slot::Slot;
use api::time::Time;
use serde_json::json;
use tokio::time::sleep;

use super::EPOCH;
use super::scene::{Scene, told};
use super::watch;

const DAY_MS: u64 = 86_400_000;
/// How long what is not to happen is waited for: many pulses.
const LONG: Duration = Duration::from_secs(2);

impl Scene {
    /// A calendar that goes on for longer than its hours are known ahead.
    async fn calendar(&self) -> String {
        let day = |days: u64| Time::from_ms(EPOCH * 1_000 + days * DAY_MS);
        let body = json!({
            "title": "rooms", "placement": "rooms", "starts_at": day(0), "ends_at": day(400),
            "inventory": {"calendar": {"count": 2, "horizon_seconds": 86_400}},
        });
        let made: Slot = self.ask(&self.hosts[0], "POST /v1/slots", "organizer", &body.to_string()).await;
        made.id
    }

    /// All clocks are so far ahead from now on, and whoever leads the group of a slot loses power: a term begins by the clocks.
    async fn goes_to(&self, slot: &str, ahead_ms: u64) {
        watch::note(format!("all clocks are {ahead_ms} ms ahead"));
        let ahead_ms = i64::try_from(ahead_ms).expect("a few days");
        self.hosts.iter().for_each(|host| host.skew_ms.store(ahead_ms, Ordering::Relaxed));
        let leader = self.leader(slot).expect("nothing has gone wrong");
        self.crash(&[Rc::clone(&leader)], 1_500).await;
        self.until(|| self.leader(slot).is_some()).await;
    }

    /// What every node tells of a slot.
    async fn kinds(&self, slot: &str) -> Vec<Vec<Kind>> {
        let mut told = Vec::new();
        for host in &self.hosts {
            told.push(self.feed(host, slot).await.iter().map(|record| record.kind).collect());
        }
        told
    }
}

#[test]
fn with_a_calendar_that_nobody_asks_its_leader_goes_on_once_a_day_and_the_next_undoes_nothing() {
    told(6, |scene| async move {
        let slot = scene.calendar().await;
        assert_eq!(scene.kinds(&slot).await, vec![vec![Kind::SlotCreated]; 3]);
        scene.goes_to(&slot, 2 * DAY_MS).await;
        while scene.kinds(&slot).await.iter().any(|kinds| kinds.len() < 2) {
            sleep(Duration::from_millis(100)).await;
        }
        let once = vec![vec![Kind::SlotCreated, Kind::SlotChanged]; 3];
        sleep(LONG).await;
        assert_eq!(scene.kinds(&slot).await, once, "once");
        // Whoever leads next has a clock that is right, and goes on from the last stamp.
        scene.goes_to(&slot, 0).await;
        sleep(LONG).await;
        assert_eq!(scene.kinds(&slot).await, once, "and nothing is undone");
        scene.sale.wait_until_all_agree().await;
    });
}

//! Calendars with whose openings a leader goes on: once a day each, whether anybody asks or not.

use std::sync::Arc;

use booking::{
    CalendarPlaces, CalendarStock, Command, Definition, HoursRule, NewSlot, Request, Stock, Timestamp,
    WeeklyHours,
};
use bytes::Bytes;
use cluster::{Clock as _, Machine as _, Stamp, codec};

use super::{TestNode, id, making};
use crate::actors::registry::Presence;
use crate::log;
use crate::openings::tests::lengths;
use crate::openings::{DAY_MS, next_extension, openings};
use crate::permits::Lane;
use crate::saved::archive::Wanted;

/// How long ahead openings are known of the calendar below: its horizon of a day, and two months.
const AHEAD_MS: u64 = 63 * DAY_MS;

/// A calendar of three hundred days.
fn definition(now: u64) -> Definition {
    let Command::CreateSlot(new) = making() else { unreachable!("it makes a slot") };
    let every_day = WeeklyHours { days: 0b111_1111, from_minute: 8 * 60, to_minute: 22 * 60 };
    let rule =
        HoursRule { time_zone: "Europe/Berlin".into(), hours: Some(vec![every_day]), ..HoursRule::default() };
    let stock = CalendarStock { places: CalendarPlaces::Count(3), lengths: lengths(1), rule };
    Definition {
        stock: Stock::Calendar(Arc::new(stock)),
        starts_at: Timestamp(now),
        ends_at: Timestamp(now + 300 * DAY_MS),
        ..new.definition().clone()
    }
}

impl TestNode {
    /// A node with the calendar; when that was made, and when its first turn comes.
    async fn with_calendar(store: &Arc<storage::Memory>) -> (Self, u64, u64) {
        let node = Self::open(store).await;
        let now = node.clock.wall_ms();
        let definition = definition(now);
        let openings = openings(&definition, Timestamp(now)).expect("its hours can be read");
        let due = next_extension(id(1), &definition, openings.until).expect("it goes on").0;
        let new = NewSlot::of_calendar(definition, openings);
        node.ask(1, Command::CreateSlot(Box::new(new))).await.expect("made");
        (node, now, due)
    }

    /// Up to when it is known when the calendar is open.
    async fn known(&self) -> u64 {
        let look = |view: crate::actors::message::ReadView<'_>| {
            let calendar = view.slot().and_then(|slot| slot.view().calendar);
            calendar.expect("it is one").hours_until.0
        };
        self.router.read_linearizable(id(1), Wanted::Nothing, look).await.expect("it can be read")
    }

    /// What its leader proposes at a moment.
    fn pulse(&self, at: u64) -> Option<Bytes> {
        self.group.machine().pulse(Stamp(at))
    }

    /// The same, when it is applied.
    async fn go_on(&self, command: &Bytes) {
        let Ok(log::Command::Request(request)) = codec::decode(command) else {
            panic!("it asks for something")
        };
        let asked = self.router.prepare(Request::from(request));
        self.router.ask(&asked, Lane::Newcomer).await.expect("it was applied");
    }
}

#[tokio::test]
async fn a_calendar_that_nobody_asks_goes_on_once_a_day_awake_and_asleep_and_after_a_restart() {
    let store = Arc::default();
    let (node, made, due) = TestNode::with_calendar(&store).await;
    assert_eq!(node.known().await, made + AHEAD_MS);
    assert!((made + DAY_MS..made + 2 * DAY_MS).contains(&due), "a day later, at its own time of day");

    assert_eq!(node.pulse(due - 1), None);
    let first = node.pulse(due).expect("it is due");
    assert_eq!(node.pulse(due), None, "nothing is proposed twice");
    node.go_on(&first).await;
    assert_eq!((node.known().await, node.seq(id(1)).await), (due + AHEAD_MS, Some(2)));

    node.put_to_sleep().await;
    assert!(matches!(node.shard().registry().presence(id(1)), Presence::Asleep));
    assert_eq!(node.pulse(due + DAY_MS - 1), None);
    let second = node.pulse(due + DAY_MS).expect("it is due though it sleeps");
    assert!(matches!(node.shard().registry().presence(id(1)), Presence::Asleep), "nobody was woken");
    drop(node);

    let node = TestNode::open(&store).await;
    assert_eq!(node.pulse(due + DAY_MS - 1), None);
    assert_eq!(node.pulse(due + DAY_MS), Some(second.clone()), "whoever leads proposes the same");
    node.go_on(&second).await;
    assert_eq!((node.known().await, node.seq(id(1)).await), (due + DAY_MS + AHEAD_MS, Some(3)));
    assert_eq!(node.pulse(due + 2 * DAY_MS - 1), None);
}

#[tokio::test]
async fn a_leader_whose_clock_is_slow_undoes_nothing_and_what_comes_of_nothing_is_proposed_the_next_day() {
    let store = Arc::default();
    let (node, _made, due) = TestNode::with_calendar(&store).await;
    let late = node.pulse(due).expect("it is due");
    assert_eq!(node.pulse(due + DAY_MS - 1), None);
    let early = node.pulse(due + 3 * DAY_MS).expect("nothing came of the first");
    node.go_on(&early).await;
    node.go_on(&late).await;
    assert_eq!((node.known().await, node.seq(id(1)).await), (due + 3 * DAY_MS + AHEAD_MS, Some(2)));
    assert_eq!(node.pulse(due + 4 * DAY_MS - 1), None);
    assert!(node.pulse(due + 4 * DAY_MS).is_some());
}

#[tokio::test]
async fn with_what_is_cancelled_or_ends_or_is_no_calendar_nobody_goes_on() {
    let store = Arc::default();
    let (node, made, due) = TestNode::with_calendar(&store).await;
    let last = node.pulse(due + 400 * DAY_MS).expect("it is due");
    node.go_on(&last).await;
    assert_eq!(node.known().await, made + 300 * DAY_MS, "up to its end");
    assert_eq!(node.pulse(due + 500 * DAY_MS), None, "there is no more to know");

    let store = Arc::default();
    let (node, _made, due) = TestNode::with_calendar(&store).await;
    node.ask(2, Command::CancelSlot).await.expect("cancelled");
    assert_eq!(node.pulse(due), None);

    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    assert_eq!(node.pulse(due), None);
}

//! How old what was seen may be, who is told when, and which houses are forgotten.

use booking::ShownBlock;
use futures::FutureExt as _;

use super::house::Seen;
use super::*;
use crate::actors::tests::id;
use crate::permits::{Lane, Permits};
use crate::views::seat_journal::SeatJournal;
use booking::{Content, SeatMap, Seq};
use tokio::time::{Instant, advance};

fn map(map: u128, seats: u32) -> SeatMap {
    let block = |seats| ShownBlock { length: seats, free: 0, held: 0 };
    let whole = (0..seats / 100).map(|_| block(100));
    SeatMap { map: Content(map), blocks: whole.chain([block(seats % 100)]).collect(), areas: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn the_larger_a_house_the_older_may_be_what_is_shown() {
    // How many seats; and for how many milliseconds a look and a picture are good, of a slot that goes on.
    for (seats, look_ms, picture_ms) in
        [(1, 0, 0), (1_000, 0, 0), (2_000, 2, 20), (90_000, 90, 900), (131_072, 131, 1_000)]
    {
        let began = Instant::now();
        let seen = Seen::begin(SeatJournal::begin(Seq(5), map(7, seats)), began);
        for ms in [0, 1, 2, 19, 20, 89, 90, 130, 132, 899, 900, 999, 1_000] {
            advance(Duration::from_millis(ms).saturating_sub(began.elapsed())).await;
            let (look, picture) = (ms < look_ms, ms < picture_ms);
            assert_eq!(seen.good_seq(Seq(6), Seq(5)), look.then_some(Seq(5)), "{seats} {ms}");
            assert_eq!(seen.good_picture(Seq(6)).is_some(), picture, "{seats} {ms}");
            // Of a slot that stands still it is good for ever, and for who knows more, never.
            assert_eq!(seen.good_seq(Seq(5), Seq(5)), Some(Seq(5)), "{seats} {ms}");
            assert!(seen.good_picture(Seq(5)).is_some(), "{seats} {ms}");
            assert_eq!(seen.good_seq(Seq(5), Seq(6)), None, "{seats} {ms}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_take_a_new_map_is_not_given_the_old_one() {
    let mut seen = Seen::begin(SeatJournal::begin(Seq(5), map(7, 9_000)), Instant::now());
    seen.journal.see(Seq(6), map(7, 9_000));
    assert_eq!(seen.good_picture(Seq(6)).map(|picture| picture.seq), Some(Seq(5)));
    seen.journal.see(Seq(7), map(8, 9_000));
    assert!(seen.good_picture(Seq(7)).is_none());
    assert_eq!(seen.take_picture().seq, Seq(7));
    assert_eq!(seen.good_picture(Seq(8)).map(|picture| picture.seq), Some(Seq(7)));
}

#[tokio::test(start_paused = true)]
async fn the_more_is_told_the_longer_it_takes_until_more_may_be() {
    let pace = Pace::default();
    // How many events of how many bytes; and after how many milliseconds the next may come. What was not told before is not made up
    // for afterwards.
    for (events, bytes, rest_ms) in [
        (0, 0, 1),
        (1, 0, 1),
        (1, 256 << 10, 8),
        (400, 0, 97),
        (4_096, 0, 1_000),
        (1, (32 << 20) - (8 << 10), 1_000),
        (2_000, 40_000, 2_872),
        (0, 0, 1),
    ] {
        (0..events).for_each(|_| pace.told(bytes));
        let began = Instant::now();
        pace.rest().await;
        let rested = began.elapsed().as_millis();
        assert!((rest_ms..=rest_ms + 1).contains(&rested), "{events} of {bytes}: {rested}");
        advance(Duration::from_secs(10)).await;
    }
}

#[tokio::test]
async fn those_who_watch_are_called_a_few_at_a_time_and_whoever_is_busy_later() {
    let (house, permits) = (Arc::new(House::new(id(1), Arc::default())), Permits::default());
    let watch = || house.watch(permits.take(Lane::Crowd).expect("room")).expect("it goes on");
    let mut all: Vec<_> = (0..40).map(|_| watch()).collect();
    assert!(house.is_watched());
    drop(all.remove(20));
    let called = |watch: &Watch| watch.called().now_or_never().is_some();
    for (numbers, last) in [(0..40, Some(15)), (16..40, Some(32)), (33..39, Some(38)), (39..39, None)] {
        assert_eq!(house.call(numbers), last);
    }
    let (those, rest) = all.split_at(38);
    assert!(those.iter().all(called));
    assert!(!those.iter().any(called), "once");
    assert!(!rest.iter().any(called), "whoever came later has a turn in the next round");
    // Called twice while it was busy, and told once.
    assert_eq!((house.call(39..40), house.call(39..40)), (Some(39), Some(39)));
    assert!(called(&all[38]) && !called(&all[38]));

    house.end();
    assert!(all.iter().all(|watch| called(watch) && watch.is_over()));
    assert!(house.watch(permits.take(Lane::Crowd).expect("room")).is_none(), "it is over");
    drop(all);
    assert!(!house.is_watched());
    assert_eq!(permits.in_use(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_watches_makes_room_the_longest_unused_first() {
    let mut known = Known::default();
    let permits = Permits::default();
    let mut watches = Vec::new();
    // A fourth of all seats each; the first is watched, and the third is used again.
    for number in 0..4 {
        let house = Arc::new(House::new(id(number), Arc::default()));
        if number == 0 {
            watches.extend(house.watch(permits.take(Lane::Crowd).expect("room")));
        }
        let keeper = Handle::current().spawn(std::future::pending::<()>()).abort_handle();
        assert!(known.make_room(SEATS_MAX / 4), "{number}");
        known.houses.insert(id(number), Kept { house, seats: SEATS_MAX / 4, keeper });
        advance(Duration::from_secs(1)).await;
    }
    known.houses[&id(1)].house.touch();
    let left = |known: &Known| known.houses.keys().map(|slot| slot.hash).collect::<Vec<_>>();
    assert!(known.make_room(0));
    assert_eq!(left(&known), [0, 1, 2, 3]);
    assert!(known.make_room(1));
    assert_eq!(left(&known), [0, 1, 3]);
    assert!(known.make_room(SEATS_MAX / 2 + 1));
    assert_eq!(left(&known), [0]);
    assert!(!known.make_room(SEATS_MAX), "somebody watches");
    assert_eq!(left(&known), [0]);
    drop(watches);
    assert!(known.make_room(SEATS_MAX));
    assert!(left(&known).is_empty());
    known.ended = true;
    assert!(!known.make_room(1));
}

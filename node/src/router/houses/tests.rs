//! How old what was seen may be, who is told when, and which houses are forgotten.

use booking::ShownBlock;

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

//! Which companions' seats spaces can have, in every strip of a few seats.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::adjoining::{Special, choices, gains, most_adjoining, seated};
use super::super::{Plan, Seats};
use super::houses::{draw, house};
use super::oracle::{Oracle, Purpose, Set};

/// Every picture of so many seats.
fn pictures(length: u32) -> impl Iterator<Item = String> {
    let letter = |picture: u32, place: u32| b"wka"[(picture / 3_u32.pow(place) % 3) as usize];
    (0..3_u32.pow(length))
        .map(move |picture| (0..length).map(|place| char::from(letter(picture, place))).collect())
}

fn mask(seats: &Set) -> u128 {
    seats.iter().fold(0, |mask, seat| mask | 1 << seat)
}

#[test]
fn each_number_of_spaces_has_as_many_companions_seats_as_can_be() {
    for picture in (1..=8).flat_map(pictures) {
        let oracle = Oracle::new(&draw(&picture));
        let of = |purpose| oracle.those(|chair| chair.purpose == purpose);
        let (spaces, companions) = (of(Purpose::Space), of(Purpose::Companion));
        let special = spaces.union(&companions).copied().collect::<Set>();
        let (spaces, companions) = (mask(&spaces), mask(&companions));
        let choices = choices(spaces, companions);
        assert_eq!(choices.len(), spaces.count_ones() as usize + 1, "{picture}");
        for (count, chosen) in (0..).zip(&choices) {
            assert_eq!((chosen.spaces & !spaces, chosen.spaces.count_ones()), (0, count), "{picture}");
            assert_eq!(chosen.companions, oracle.most_companions(&special, count), "{picture}: {count}");
            for others in 0..=chosen.companions + 1 {
                let had = seated(chosen.spaces, companions, others);
                assert_eq!(had & !companions, 0, "{picture}: {count} with {others}");
                assert_eq!(
                    had.count_ones(),
                    others.min(chosen.companions),
                    "{picture}: {count} with {others}"
                );
                let all = chosen.spaces | had;
                let own = (0..128).filter(|seat| all >> seat & 1 == 1).collect::<Set>();
                let own_spaces = (0..128).filter(|seat| chosen.spaces >> seat & 1 == 1).collect();
                assert_eq!(
                    oracle.companions_of(&own, &own_spaces),
                    had.count_ones(),
                    "{picture}: each adjoins"
                );
            }
        }
        let gains = gains(spaces, companions).collect::<Vec<_>>();
        assert!(gains.is_sorted_by(|one, next| next <= one), "{picture} brings {gains:?}");
    }
}

#[test]
fn the_whole_of_the_longest_block_counts() {
    let cases = [
        ("w".repeat(128), 0, 0),
        ("k".repeat(127) + "w", 3, 3),
        (String::from("w") + &"k".repeat(127), 3, 3),
        ("kw".repeat(64), 2, 64),
        ("kkkw".repeat(32), 3, 96),
    ];
    for (picture, one, all) in cases {
        let seats = house(&picture, &".".repeat(128));
        let category = super::super::Category(0);
        assert_eq!(seats.tally(category).adjoining(1), one, "{picture}");
        assert_eq!(seats.tally(category).adjoining(64), all, "{picture}");
    }
}

/// What is kept as seats are taken is what the strips have.
#[test]
fn several_strips_bring_the_most_first() {
    let picture = "wkk/kwkw w/wkwkkkkw";
    let plan = Arc::new(Plan::new(&draw(picture)).unwrap());
    let seats = Seats::new(Arc::clone(&plan));
    let strips =
        || plan.blocks().iter().map(|block| Special { spaces: block.spaces, companions: block.companions });
    for (spaces, want) in [(0, 0), (1, 3), (2, 5), (3, 7), (4, 9), (5, 9), (100, 9)] {
        assert_eq!(most_adjoining(strips(), spaces), want, "{spaces}");
        assert_eq!(seats.tally(super::super::Category(0)).adjoining(spaces), want, "{spaces}");
    }
}

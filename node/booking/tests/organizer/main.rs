//! Organizers and their seatmaps: tables of what may happen, and a naive oracle beside everything that may happen together.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod oracle;
mod stage;

use booking::limits::{
    CHANGE_REMEMBERED_SECONDS, SEATMAP_DRAFT_SECONDS, SEATMAP_DRAFTS_MAX, SEATMAP_LEN_MAX, SEATMAP_PART_LEN,
    SEATMAPS_MAX,
};
use booking::organizer::{Decision, Kind, Refusal};
use booking::{Level, organizer};

use stage::{Stage, map, parts, view};

const PART: u32 = SEATMAP_PART_LEN;
const DRAFT_MS: u64 = SEATMAP_DRAFT_SECONDS as u64 * 1_000;

#[test]
fn nobody_is_asked_before_they_are_made() {
    let mut stage = Stage::unmade();
    let map = map(1, 5);
    assert_eq!(stage.keep(1, map), Decision::NotFound);
    assert_eq!(stage.put(map, 0), Decision::NotFound);
    assert_eq!(stage.make(), Decision::Made);
    assert_eq!((stage.seq(), stage.records.len()), (1, 1));
    assert_eq!(stage.make(), Decision::Made, "made again it is found");
    assert_eq!(stage.make_otherwise(), Decision::KeyReused);
    assert_eq!((stage.seq(), stage.records.len()), (1, 1), "nothing has changed");
    assert_eq!(stage.organizer().name(), "studio-7");
}

/// What an organizer is asked, and what it answers; by which change, if by one.
#[test]
fn a_map_is_kept_once_all_of_its_parts_are_here() {
    let mut stage = Stage::new();
    let (small, large) = (map(1, PART), map(2, 2 * PART + 1));
    let kept = |map| Decision::Kept(view(map));
    let found = |map| Decision::Found(view(map));
    let missing = |numbers: &[u8]| Decision::Missing(parts(numbers));
    let rows = [
        (stage.keep(1, small), missing(&[0])),
        (stage.put(small, 0), Decision::PartTaken),
        (stage.put(small, 0), Decision::PartTaken),
        (stage.keep(1, small), kept(small)),
        (stage.keep(1, small), kept(small)),
        (stage.keep(2, small), found(small)),
        (stage.keep(2, small), found(small)),
        (stage.put(small, 0), Decision::PartTaken),
        // In any order, and again.
        (stage.put(large, 2), Decision::PartTaken),
        (stage.keep(3, large), missing(&[0, 1])),
        (stage.put(large, 0), Decision::PartTaken),
        (stage.put(large, 2), Decision::PartTaken),
        (stage.keep(3, large), missing(&[1])),
        (stage.put(large, 1), Decision::PartTaken),
        (stage.keep(4, large), kept(large)),
        (stage.keep(3, large), found(large)),
    ];
    for (row, (answer, want)) in rows.into_iter().enumerate() {
        assert_eq!(answer, want, "row {row}");
    }
    let kinds: Vec<_> = stage.records.iter().map(|record| record.kind).collect();
    let want = [
        Kind::Made,
        Kind::PartPut,
        Kind::SeatmapKept,
        Kind::PartPut,
        Kind::PartPut,
        Kind::PartPut,
        Kind::SeatmapKept,
    ];
    assert_eq!(kinds, want);
    let maps: Vec<_> = stage.records.iter().map(|record| record.content).collect();
    let (small, large) = (Some(small.content), Some(large.content));
    assert_eq!(maps, [None, small, small, large, large, large, large]);
    stage.restored();
}

#[test]
fn a_key_has_one_answer_for_a_day() {
    let mut stage = Stage::new();
    let (one, other) = (map(1, 5), map(2, 6));
    stage.put(one, 0);
    assert_eq!(stage.keep(1, one), Decision::Kept(view(one)));
    let first = stage.seq();
    stage.put(other, 0);
    assert_eq!(stage.keep(1, other), Decision::KeyReused);
    let again = stage.ask_keep(1, one);
    assert_eq!((again.decision, again.replayed), (Decision::Kept(view(one)), true));
    assert_eq!(again.seq.0, first, "the first answer's");
    assert_eq!(stage.keep(2, other), Decision::Kept(view(other)), "another key is another request");
    stage.pass(u64::from(CHANGE_REMEMBERED_SECONDS) * 1_000);
    // What happens first forgets what is a day old; behind that the effect is found.
    stage.put(map(3, 7), 0);
    assert_eq!(stage.keep(1, one), Decision::Found(view(one)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let map_of = |len| map(1, len);
    for (len, number, bytes, want) in [
        (1, 0, 1, Decision::PartTaken),
        (1, 0, 0, Decision::Refused(Refusal::Misfit)),
        (1, 0, 2, Decision::Refused(Refusal::Misfit)),
        (1, 1, 1, Decision::Refused(Refusal::Misfit)),
        (PART, 0, PART, Decision::PartTaken),
        (PART + 1, 0, PART, Decision::PartTaken),
        (PART + 1, 0, PART - 1, Decision::Refused(Refusal::Misfit)),
        (PART + 1, 1, 1, Decision::PartTaken),
        (PART + 1, 1, PART, Decision::Refused(Refusal::Misfit)),
        (PART + 1, 2, 1, Decision::Refused(Refusal::Misfit)),
        (SEATMAP_LEN_MAX, 127, PART, Decision::PartTaken),
        (SEATMAP_LEN_MAX, 128, PART, Decision::Refused(Refusal::Misfit)),
        (SEATMAP_LEN_MAX, 255, PART, Decision::Refused(Refusal::Misfit)),
        (SEATMAP_LEN_MAX + 1, 0, PART, Decision::Refused(Refusal::Misfit)),
        (u32::MAX, 255, PART, Decision::Refused(Refusal::Misfit)),
        (0, 0, 0, Decision::Refused(Refusal::Misfit)),
    ] {
        let mut stage = Stage::new();
        assert_eq!(stage.put_bytes(map_of(len), number, bytes), want, "{len} {number} {bytes}");
    }
    let mut stage = Stage::new();
    for len in [0, SEATMAP_LEN_MAX + 1, u32::MAX] {
        assert_eq!(stage.keep(u64::from(len) + 1, map_of(len)), Decision::Refused(Refusal::Misfit), "{len}");
    }
    stage.put(map_of(5), 0);
    assert_eq!(
        stage.put(map_of(6), 0),
        Decision::Refused(Refusal::Misfit),
        "it was begun with another length"
    );
    assert_eq!(stage.keep(9, map_of(6)), Decision::Refused(Refusal::Misfit));
    assert_eq!(stage.keep(10, map_of(5)), Decision::Kept(view(map_of(5))));
}

#[test]
fn what_is_unfinished_is_forgotten_at_its_very_millisecond_and_not_before() {
    let mut stage = Stage::new();
    let (one, two) = (map(1, 2 * PART), map(2, 2 * PART));
    stage.put(one, 0);
    stage.pass(1_000);
    stage.put(two, 0);
    assert_eq!(stage.deadline(), Some(stage::BEGIN + DRAFT_MS));
    stage.pass(DRAFT_MS - 1_001);
    stage.pulse();
    assert_eq!(stage.keep(1, one), Decision::Missing(parts(&[1])), "it is there a millisecond before");
    stage.pass(1);
    stage.pulse();
    assert_eq!(
        stage.records.last().map(|record| (record.kind, record.content)),
        Some((Kind::DraftsLapsed, None))
    );
    assert_eq!(stage.keep(1, one), Decision::Missing(parts(&[0, 1])), "it is forgotten");
    assert_eq!(stage.keep(2, two), Decision::Missing(parts(&[1])), "the other is not");
    // A part begins the time anew, and one that is here does not.
    stage.pass(999);
    assert_eq!(stage.put(two, 0), Decision::PartTaken);
    assert_eq!(stage.deadline(), Some(stage::BEGIN + 1_000 + DRAFT_MS));
    assert_eq!(stage.put(two, 1), Decision::PartTaken);
    assert_eq!(stage.deadline(), Some(stage::BEGIN + 2 * DRAFT_MS + 999));
    // Where time and the last word meet, time is first.
    stage.pass(DRAFT_MS);
    assert_eq!(stage.keep(2, two), Decision::Missing(parts(&[0, 1])));
    assert_eq!(stage.deadline(), None);
    stage.put(two, 0);
    stage.put(two, 1);
    assert_eq!(stage.keep(2, two), Decision::Kept(view(two)));
    stage.pass(10 * DRAFT_MS);
    stage.pulse();
    assert_eq!(stage.keep(3, two), Decision::Found(view(two)), "what is kept stays");
}

#[test]
fn only_so_many_are_unfinished() {
    let mut stage = Stage::new();
    let most = u32::try_from(SEATMAP_DRAFTS_MAX).unwrap();
    for number in 0..most {
        assert_eq!(stage.put(map(number, 2 * PART), 0), Decision::PartTaken);
    }
    assert_eq!(stage.put(map(most, 1), 0), Decision::Overloaded);
    assert_eq!(stage.put(map(0, 2 * PART), 1), Decision::PartTaken, "those that were begun go on");
    assert_eq!(stage.put(map(most, 1), 0), Decision::Overloaded, "it is not remembered, and still so");
    assert_eq!(stage.keep(1, map(0, 2 * PART)), Decision::Kept(view(map(0, 2 * PART))));
    assert_eq!(stage.put(map(most, 1), 0), Decision::PartTaken, "one is finished");
    assert_eq!(stage.put(map(most + 1, 1), 0), Decision::Overloaded);
    stage.pass(DRAFT_MS);
    assert_eq!(stage.put(map(most + 1, 1), 0), Decision::PartTaken, "the others are forgotten");
}

#[test]
fn only_so_many_are_kept() {
    let mut stage = Stage::new();
    let most = u32::try_from(SEATMAPS_MAX).unwrap();
    for number in 0..most {
        let map = map(number, 1);
        stage.put(map, 0);
        assert_eq!(stage.keep(number.into(), map), Decision::Kept(view(map)), "{number}");
    }
    let next = map(most, 1);
    assert_eq!(
        stage.keep(most.into(), next),
        Decision::Refused(Refusal::SeatmapsFull),
        "before any part is put"
    );
    stage.put(next, 0);
    let again = stage.ask_keep(most.into(), next);
    assert_eq!((again.decision, again.replayed), (Decision::Refused(Refusal::SeatmapsFull), true));
    assert_eq!(
        stage.keep(u64::from(most) + 1, map(0, 1)),
        Decision::Found(view(map(0, 1))),
        "what there is is found"
    );
    stage.restored();
}

#[test]
fn parts_are_saved_once_and_held_until_they_can_be_read_back() {
    let mut stage = Stage::new();
    let (one, other) = (map(1, PART + 1), map(2, 1));
    stage.take();
    stage.put(one, 0);
    assert_eq!(stage.organizer().bytes_untaken(), PART as usize);
    let first = stage.take();
    assert_eq!(stage::parts_in(&first), [(one.content, 0)]);
    assert_eq!(stage.organizer().bytes_untaken(), 0);
    stage.put(one, 1);
    stage.put(other, 0);
    let second = stage.take();
    assert_eq!(stage::parts_in(&second), [(one.content, 1), (other.content, 0)]);
    let held = |stage: &Stage| {
        let held =
            |(map, number): (stage::Map, u8)| stage.organizer().fresh_part(map.content, number).is_some();
        [(one, 0), (one, 1), (other, 0)].map(held)
    };
    assert_eq!(held(&stage), [true; 3]);
    stage.let_go(first.header.seq);
    assert_eq!(held(&stage), [false, true, true]);
    // What is not saved yet stays, whatever is said of what was.
    stage.keep(1, one);
    let third = stage.take();
    assert!(stage::parts_in(&third).is_empty(), "no part is written twice");
    assert_eq!(third.seatmaps.len(), 1);
    stage.let_go(second.header.seq);
    assert_eq!(held(&stage), [false; 3]);
    // A part of a map that is forgotten is removed, and one that was never saved is never put.
    stage.put(map(3, 2 * PART), 0);
    stage.pass(DRAFT_MS);
    stage.pulse();
    let last = stage.take();
    assert!(stage::parts_in(&last).is_empty());
    let lapsed: Vec<_> =
        last.lapsed.iter().map(|(content, parts)| (*content, parts.numbers().collect())).collect();
    assert_eq!(lapsed, [(other.content, vec![0]), (map(3, 1).content, vec![0])]);
}

#[test]
fn the_parts_of_a_map_are_known() {
    let mut stage = Stage::new();
    let map = map(1, PART + 1);
    stage.put(map, 0);
    stage.put(map, 1);
    stage.keep(1, map);
    let seatmap = *stage.organizer().seatmap(map.content).unwrap();
    let whole = [map.part(0), map.part(1)];
    assert!(seatmap.is_made_of(&whole));
    let mut other = whole[1].clone();
    other[0] ^= 1;
    for wrong in [vec![], vec![&*whole[0]], vec![&*whole[1], &*whole[0]], vec![&*whole[0], &other], {
        vec![&*whole[0], &*whole[1], &[]]
    }] {
        assert!(!seatmap.is_made_of(&wrong), "{} parts", wrong.len());
    }
}

#[test]
fn organizers_come_with_the_second_level() {
    let request = stage::request(1, organizer::Command::Make("studio-7".into()));
    assert_eq!(booking::entity::Request::from(request).since(), Level(2));
}

#[test]
fn whatever_is_asked_is_answered_as_the_oracle_says() {
    for seed in 0..40 {
        oracle::play(seed);
    }
}

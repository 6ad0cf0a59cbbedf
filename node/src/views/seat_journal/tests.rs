//! What is told of a house case by case, and a client that is told so at random beside one who sees everything.

use booking::ShownBlock;

use super::*;
use crate::chance::dice::{RngExt as _, SeedableRng as _, SmallRng};

const MAP: Content = Content(7);
const OTHER: Content = Content(8);

/// Seats as letters with a blank for an aisle, and what is free in areas.
fn house(map: Content, letters: &str, areas: &[u32]) -> SeatMap {
    let block = |letters: &str| {
        let places = |wanted: char| {
            letters
                .chars()
                .enumerate()
                .filter(|(_, letter)| *letter == wanted)
                .fold(0, |mask, (place, _)| mask | 1 << place)
        };
        let length = u32::try_from(letters.len()).expect("a block is short");
        ShownBlock { length, free: places('f'), held: places('h') }
    };
    SeatMap {
        map,
        blocks: letters.split(' ').map(block).collect(),
        areas: areas.iter().map(|free| (100, *free)).collect(),
    }
}

fn letter(shown: Shown) -> char {
    match shown {
        Shown::Free => 'f',
        Shown::Held => 'h',
        Shown::Taken => 't',
    }
}

/// What is told, if anything is known for so long; otherwise since when it is.
fn told(journal: &SeatJournal, after: u64, part: Option<Range<u32>>) -> Result<Vec<(u32, u32, char)>, u64> {
    let changes = journal.changes(MAP, Seq(after), part);
    let run = |run: &Run| (run.first, run.length, letter(run.shown));
    changes.map(|changes| changes.runs.iter().map(run).collect()).map_err(|gone| gone.since.0)
}

/// After which seq, of which seats, and what is told.
type Row<'all> = (u64, Option<Range<u32>>, Result<&'all [(u32, u32, char)], u64>);

#[test]
fn what_changed_is_told_in_as_few_runs_as_it_has() {
    let seen = [
        (5, "ffff ffff ff"),
        (6, "fhhf ffff ff"),
        (9, "fhhh hfff ff"),
        (10, "fhhh hfff ff"),
        (12, "ttfh ffff th"),
    ];
    let mut journal = SeatJournal::begin(Seq(seen[0].0), house(MAP, seen[0].1, &[]));
    for (seq, letters) in &seen[1..] {
        journal.see(Seq(*seq), house(MAP, letters, &[]));
    }
    let all = [(0, 2, 't'), (2, 1, 'f'), (3, 1, 'h'), (4, 1, 'f'), (8, 1, 't'), (9, 1, 'h')];
    let since_9 = [(0, 2, 't'), (2, 1, 'f'), (4, 1, 'f'), (8, 1, 't'), (9, 1, 'h')];
    let rows: [Row<'_>; 17] = [
        (0, None, Err(5)),
        (4, None, Err(5)),
        (5, None, Ok(&all)),
        (6, None, Ok(&all)),
        // Whoever has what was so at 8 may have seen what neither 6 nor 9 shows.
        (8, None, Err(9)),
        // What was seen at 9 and not otherwise since, who has 9 knows.
        (9, None, Ok(&since_9)),
        (10, None, Ok(&since_9)),
        (11, None, Err(12)),
        (12, None, Ok(&[])),
        (13, None, Err(5)),
        (5, Some(0..2), Ok(&all[..1])),
        (5, Some(1..3), Ok(&[(1, 1, 't'), (2, 1, 'f')])),
        (5, Some(3..4), Ok(&all[2..3])),
        (5, Some(4..8), Ok(&all[3..4])),
        (5, Some(5..8), Ok(&[])),
        (5, Some(8..10), Ok(&all[4..])),
        (4, Some(5..8), Err(5)),
    ];
    for (after, part, want) in rows {
        assert_eq!(told(&journal, after, part.clone()), want.map(<[_]>::to_vec), "{after} {part:?}");
    }
}

#[test]
fn the_latest_looks_are_known() {
    let mut journal = SeatJournal::begin(Seq(1), house(MAP, "f", &[]));
    let last = LOOKS_MAX as u64 + 1;
    for seq in 2..=last {
        journal.see(Seq(seq), house(MAP, if seq % 2 == 0 { "h" } else { "f" }, &[]));
        journal.see(Seq(seq), house(MAP, if seq % 2 == 0 { "h" } else { "f" }, &[]));
    }
    assert_eq!(told(&journal, 1, None), Err(2));
    assert_eq!(told(&journal, 2, None), Ok(vec![(0, 1, 'f')]));
    assert_eq!((journal.since(), journal.seq()), (Seq(2), Seq(last)));
}

#[test]
fn areas_are_told_that_changed_and_in_no_section() {
    let mut journal = SeatJournal::begin(Seq(1), house(MAP, "ff", &[9, 5]));
    journal.see(Seq(2), house(MAP, "ff", &[9, 4]));
    journal.see(Seq(3), house(MAP, "fh", &[7, 4]));
    let areas = |after, part| {
        let changes = journal.changes(MAP, Seq(after), part).expect("it is known");
        changes.areas.iter().map(|&(Area(area), (_, free))| (area, free)).collect::<Vec<_>>()
    };
    for (after, want) in [(1, &[(0, 7), (1, 4)][..]), (2, &[(0, 7)]), (3, &[])] {
        assert_eq!(areas(after, None), want, "{after}");
        assert_eq!(areas(after, Some(0..2)), [], "{after}");
    }
}

#[test]
fn another_map_begins_anew_and_so_does_what_is_behind() {
    let mut journal = SeatJournal::begin(Seq(5), house(MAP, "ff", &[]));
    journal.see(Seq(6), house(MAP, "hf", &[]));
    journal.see(Seq(8), house(OTHER, "hff f", &[3]));
    for (map, after, want) in [
        (MAP, 6, Err(8)),
        (MAP, 8, Err(8)),
        (OTHER, 6, Err(8)),
        (OTHER, 7, Err(8)),
        (OTHER, 8, Ok(0)),
        (OTHER, 9, Err(8)),
    ] {
        let told = journal.changes(map, Seq(after), None);
        assert_eq!(
            told.map(|changes| changes.runs.len()).map_err(|gone| gone.since.0),
            want,
            "{map:?} {after}"
        );
    }
    journal.see(Seq(9), house(OTHER, "hff t", &[3]));
    let (last, seats) = (journal.changes(OTHER, Seq(8), None).expect("it is known"), journal.seat_count());
    assert_eq!((last.runs, seats), (vec![Run { first: 3, length: 1, shown: Shown::Taken }], 4));
    journal.see(Seq(7), house(OTHER, "fff f", &[3]));
    assert_eq!((journal.seq(), journal.since()), (Seq(7), Seq(7)), "it was mended, and is behind");
    assert_eq!(told(&journal, 9, None), Err(7));
}

/// A client that has the map from another node and is told of changes here either has what everyone sees then, or takes the map anew.
#[test]
fn who_comes_from_another_node_is_up_to_date_or_told_that_it_is_not() {
    let (mut up_to_date, mut gone) = (0, 0);
    for seed in 0..200 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut everything = Everything::new(&mut rng);
        let mut journal = SeatJournal::begin(Seq(everything.seq), everything.look());
        for _ in 0..30 {
            (0..rng.random_range(0..3)).for_each(|_| everything.change(&mut rng));
            let mut client = Client::new(&everything, None);
            if rng.random_bool(0.4) {
                journal.see(Seq(everything.seq), everything.look());
            }
            (0..rng.random_range(0..3)).for_each(|_| everything.change(&mut rng));
            journal.see(Seq(everything.seq), everything.look());
            match journal.changes(MAP, Seq(client.seq), None) {
                Ok(changes) => client.apply(&changes),
                Err(Gone { since }) => {
                    assert!(client.seq < since.0, "seed {seed}");
                    gone += 1;
                    continue;
                }
            }
            up_to_date += 1;
            assert_eq!(client.letters, everything.letters.concat(), "seed {seed}");
            assert_eq!(client.areas, everything.areas, "seed {seed}");
        }
    }
    assert!(1_000 < up_to_date && 1_000 < gone, "{up_to_date} {gone}");
}

/// Somebody with a map, of all seats or of some.
struct Client {
    letters: Vec<char>,
    areas: Vec<u32>,
    seq: u64,
    part: Option<Range<u32>>,
}

impl Client {
    fn new(everything: &Everything, part: Option<Range<u32>>) -> Self {
        let Everything { seq, letters, areas } = everything;
        Self { letters: letters.concat(), areas: areas.clone(), seq: *seq, part }
    }

    fn apply(&mut self, changes: &SeatChanges) {
        for run in &changes.runs {
            self.letters[run.first as usize..(run.first + run.length) as usize].fill(letter(run.shown));
        }
        for &(Area(area), (_, free)) in &changes.areas {
            self.areas[usize::from(area)] = free;
        }
        self.seq = changes.seq.0;
    }
}

/// The house itself.
struct Everything {
    seq: u64,
    letters: Vec<Vec<char>>,
    areas: Vec<u32>,
}

impl Everything {
    fn new(rng: &mut SmallRng) -> Self {
        let block = |rng: &mut SmallRng| vec!['f'; rng.random_range(1..=128)];
        let letters = (0..rng.random_range(1..8)).map(|_| block(rng)).collect();
        Self { seq: rng.random_range(1..9), letters, areas: vec![50; rng.random_range(0..3)] }
    }

    fn change(&mut self, rng: &mut SmallRng) {
        self.seq += 1;
        let block = rng.random_range(0..self.letters.len());
        let block = &mut self.letters[block];
        let first = rng.random_range(0..block.len());
        let last = rng.random_range(first..block.len().min(first + 6));
        block[first..=last].fill(['f', 'h', 't'][rng.random_range(0..3)]);
        if let Some(area) = self.areas.first_mut().filter(|_| rng.random_bool(0.2)) {
            *area = rng.random_range(0..50);
        }
    }

    fn look(&self) -> SeatMap {
        let letters = self.letters.iter().map(|block| block.iter().collect::<String>()).collect::<Vec<_>>();
        house(MAP, &letters.join(" "), &self.areas)
    }
}

/// Drops, repeats, and news from long ago: with a letter a seat, and told what is so, whoever applies the last is up to date.
#[test]
fn a_map_with_its_changes_is_the_map() {
    for seed in 0..200 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut everything = Everything::new(&mut rng);
        let mut journal = SeatJournal::begin(Seq(everything.seq), everything.look());
        let seats = u32::try_from(everything.letters.concat().len()).expect("few");
        let from = rng.random_range(0..seats);
        let parts = [None, Some(from..rng.random_range(from..seats) + 1)];
        let mut clients = parts.map(|part| Client::new(&everything, part)).into_iter().collect::<Vec<_>>();
        let mut sent = Vec::new();
        for _ in 0..60 {
            (0..rng.random_range(0..4)).for_each(|_| everything.change(&mut rng));
            if rng.random_bool(0.7) {
                journal.see(Seq(everything.seq), everything.look());
            }
            let client = rng.random_range(0..clients.len());
            let client = &mut clients[client];
            let changes = journal.changes(MAP, Seq(client.seq), client.part.clone()).expect("it is known");
            sent.push((client.part.clone(), changes.clone()));
            // Lost, told twice, told after what was told before, or told.
            let dice = rng.random_range(0..4);
            if dice == 0 {
                continue;
            }
            if dice == 1 {
                client.apply(&changes);
            }
            let old = &sent[rng.random_range(0..sent.len())];
            if dice == 2 && old.0 == client.part && client.seq <= old.1.seq.0 {
                client.apply(&old.1.clone());
            }
            let changes = journal.changes(MAP, Seq(client.seq), client.part.clone()).expect("it is known");
            client.apply(&changes);
            let now: Vec<char> = journal.seen().seats().map(letter).collect();
            let seen = client.part.clone().unwrap_or(0..seats);
            let seen = seen.start as usize..seen.end as usize;
            assert_eq!(client.letters[seen.clone()], now[seen], "seed {seed}");
            if client.part.is_none() {
                let areas: Vec<u32> = journal.seen().areas.iter().map(|(_, free)| *free).collect();
                assert_eq!(client.areas, areas, "seed {seed}");
            }
        }
    }
}

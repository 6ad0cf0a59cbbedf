//! How long the search for the best seats takes in a stadium of ninety thousand, and how much memory that stadium takes: prints figures,
//! and fails at nothing.
//!
//! `cargo run --release -p booking --example best_available`

#![expect(clippy::print_stdout, reason = "printing is all that it does")]
#![expect(clippy::disallowed_methods, reason = "it measures time, and is no part of the rules")]
#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped cannot be measured")]

extern crate alloc;

// The rules keep the search to themselves, and this is not among those who may use it: it compiles its own copy.
use booking::{Status, limits};
mod counting;
#[path = "../src/digest.rs"]
#[expect(dead_code, reason = "seats use a part of it")]
mod digest;
#[path = "../src/slot/inventory/seats/mod.rs"]
#[expect(dead_code, unused_imports, unreachable_pub, reason = "the search is a part of it")]
mod seats;

use std::sync::Arc;
use std::time::Instant;

use seats::{
    AisleSingles, Best, Category, Drawing, DrawnBlock, Places, Plan, Row, Seat, Seats, Section, Shortage,
    SingleScope, Singles, SinglesPolicy, Together,
};

/// Sections, rows in each, blocks in each row, seats in each block: 90,000 seats.
const SECTIONS: u16 = 150;
const ROWS: u16 = 15;
const BLOCKS: u16 = 2;
const LENGTH: u16 = 20;
const SEATS: u32 = SECTIONS as u32 * ROWS as u32 * BLOCKS as u32 * LENGTH as u32;
/// How many categories there are, each of neighbouring sections.
const CATEGORIES: u16 = 6;
/// How often a search is made that is fast.
const TIMES: u32 = 200;

const AVOID: SinglesPolicy =
    SinglesPolicy { singles: Singles::Avoid, aisles: AisleSingles::Count, scope: SingleScope::Row };

/// Which seats are taken.
type Fill = fn(u32) -> bool;

fn main() {
    let stadium = Arc::new(Plan::new(&stadium(1)).unwrap());
    let categories = Arc::new(Plan::new(&self::stadium(CATEGORIES)).unwrap());
    let fills: [(&str, Fill); 9] = [
        ("empty", |_| false),
        ("half full, at random", |seat| mixed(seat).is_multiple_of(2)),
        ("nine tenths full, at random", |seat| !mixed(seat).is_multiple_of(10)),
        ("full but for the worst hundredth", |seat| seat / (SEATS / 100) > 0),
        ("full but for singles", |seat| seat % 20 != 7),
        ("full but for few singles", |seat| !mixed(seat).is_multiple_of(400)),
        ("a chessboard", |seat| seat % 2 == 0),
        ("threes, of which two leave one", |seat| seat % 4 == 0),
        ("fours, the middle of which is better", |seat| seat % 5 == 0),
    ];
    println!("{:<40}{:>5}{:>12}{:>12}  found", "", "party", "median µs", "worst µs");
    for (name, is_taken) in fills {
        let seats = filled(&stadium, is_taken);
        for quantity in [1, 2, 4, 9, 20, 100] {
            measure(name, &seats, &party(quantity, 1));
        }
        let must = Best { together: Together::Must, ..party(9, 1) };
        measure(&format!("{name}, must"), &seats, &must);
        measure(&format!("{name}, in a wheelchair"), &seats, &Best { accessible: 1, ..party(2, 1) });
        measure(&format!("{name}, two in wheelchairs"), &seats, &Best { accessible: 2, ..party(12, 1) });
        let some = Best { sections: (60..90).map(Section).collect(), ..party(2, 1) };
        measure(&format!("{name}, in thirty sections"), &seats, &some);
        let seats = filled(&categories, is_taken);
        measure(&format!("{name}, six categories"), &seats, &party(2, CATEGORIES));
        measure(&format!("{name}, six categories"), &seats, &party(9, CATEGORIES));
    }
    change(&stadium);
    memory();
}

/// How many bytes a stadium takes, and what is sold of it.
fn memory() {
    let drawing = stadium(CATEGORIES);
    let before = counting::used();
    let plan = Arc::new(Plan::new(&drawing).unwrap());
    let planned = counting::used();
    let seats = filled(&plan, |seat| mixed(seat).is_multiple_of(2));
    let filled = counting::used();
    println!(
        "a stadium: {} bytes for its plan, {} for its seats, half of them taken",
        planned - before,
        filled - planned
    );
    drop(seats);
}

/// How long a search takes, again and again.
fn measure(name: &str, seats: &Seats, ask: &Best) {
    let mut times = Vec::new();
    let mut found = None;
    for _ in 0..TIMES {
        let begin = Instant::now();
        found = Some(std::hint::black_box(seats.best(std::hint::black_box(ask), AVOID, &Shortage::NONE)));
        times.push(begin.elapsed().as_nanos());
    }
    times.sort_unstable();
    let micros = |nanos: u128| format!("{}.{:02}", nanos / 1_000, nanos % 1_000 / 10);
    let found = match found.unwrap() {
        Ok(places) => format!("together: {:?}", seats.plan().is_together(&places)),
        Err(refused) => format!("{refused:?}"),
    };
    let (median, worst) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("{name:<40}{:>5}{:>12}{:>12}  {found}", ask.quantity, micros(median), micros(worst));
}

/// How long it takes to take two seats and to give them back, and to tell all counts.
fn change(stadium: &Arc<Plan>) {
    let mut seats = filled(stadium, |seat| mixed(seat).is_multiple_of(2));
    let places = seats.best(&party(2, 1), AVOID, &Shortage::NONE).unwrap();
    let begin = Instant::now();
    for _ in 0..TIMES {
        seats.take(&places, Status::Held);
        seats.transition(&places, (Status::Held, Status::Confirmed));
        seats.give_back(&places, Status::Confirmed);
    }
    println!("two seats held, confirmed, given back: {} ns", begin.elapsed().as_nanos() / u128::from(TIMES));
    let begin = Instant::now();
    for _ in 0..TIMES {
        std::hint::black_box((seats.counts(), seats.bookable(&Shortage::NONE, |_| u32::MAX)));
    }
    println!("all counts told: {} ns", begin.elapsed().as_nanos() / u128::from(TIMES));
}

fn party(quantity: u32, categories: u16) -> Best {
    Best {
        quantity,
        categories: (0..categories).map(category).collect(),
        together: Together::Prefer,
        accessible: 0,
        sections: Vec::new(),
        allotment: None,
    }
}

fn category(number: u16) -> Category {
    Category(u8::try_from(number).unwrap())
}

/// The house with what is taken, two seats of each row for wheelchairs and companions.
fn filled(plan: &Arc<Plan>, is_taken: Fill) -> Seats {
    let mut seats = Seats::new(Arc::clone(plan));
    let taken = (0..SEATS).filter(|&seat| is_taken(seat)).map(Seat).collect();
    seats.take(&Places::new(taken, Vec::new()).unwrap(), Status::Confirmed);
    seats
}

/// Sections stand around the pitch; the nearer to its middle line and to the grass, the better the seat.
fn stadium(categories: u16) -> Drawing {
    let mut blocks = Vec::new();
    let mut distances = Vec::new();
    for section in 0..SECTIONS {
        for row in 0..ROWS {
            for block in 0..BLOCKS {
                let is_first_row = row == 0;
                blocks.push(DrawnBlock {
                    section: Section(section),
                    row: Row(section * ROWS + row),
                    length: u8::try_from(LENGTH).unwrap(),
                    categories: vec![(category(section / (SECTIONS / categories)), (1 << LENGTH) - 1)],
                    accessible: if is_first_row { 0b1000 } else { 0 },
                    companion: if is_first_row { 0b10100 } else { 0 },
                });
                for place in 0..LENGTH {
                    let along = i64::from(section % 75) * 40 + i64::from(block * LENGTH + place) - 1_480;
                    let away = 400 + i64::from(row) * 8;
                    distances.push(along * along + away * away);
                }
            }
        }
    }
    let mut order = (0..SEATS).collect::<Vec<_>>();
    order.sort_by_key(|&seat| (distances[seat as usize], seat));
    let mut ranks = vec![0; order.len()];
    for (rank, seat) in (0..).zip(order) {
        ranks[seat as usize] = rank;
    }
    Drawing { blocks, ranks, areas: Vec::new(), categories: u8::try_from(categories).unwrap() }
}

/// A number as if by chance.
fn mixed(seat: u32) -> u32 {
    let mixed = (u64::from(seat) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40).unwrap()
}

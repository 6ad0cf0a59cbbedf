//! Houses for tests: written out as pictures, or drawn at random.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::{
    AisleSingles, Allotment, Area, Best, Category, Drawing, DrawnArea, DrawnBlock, Places, Plan, Row, Sale,
    SaleRun, Seat, Seats, Section, SingleScope, Singles, SinglesPolicy, Together,
};
use crate::Status;

/// Numbers from a seed (`SplitMix64`, G. L. Steele and others, 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).unwrap()
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// One of these, of which there is one at least.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(u32::try_from(all.len()).unwrap())).unwrap()]
    }

    /// Everything, in another order.
    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for end in (1..all.len()).rev() {
            all.swap(end, usize::try_from(self.below(u32::try_from(end + 1).unwrap())).unwrap());
        }
    }
}

/// What most tables are about.
pub(super) const AVOID: SinglesPolicy =
    SinglesPolicy { singles: Singles::Avoid, aisles: AisleSingles::Count, scope: SingleScope::Row };

/// Every policy.
pub(super) fn policies() -> impl Iterator<Item = SinglesPolicy> {
    let all = [Singles::Allow, Singles::Avoid, Singles::Refuse];
    all.into_iter().flat_map(|singles| {
        [AisleSingles::Ignore, AisleSingles::Count].into_iter().flat_map(move |aisles| {
            [SingleScope::Row, SingleScope::Slot].map(|scope| SinglesPolicy { singles, aisles, scope })
        })
    })
}

/// Asks for so many of a category, and for nothing else.
pub(super) fn party(quantity: u32, categories: &[u8]) -> Best {
    Best {
        quantity,
        categories: categories.iter().copied().map(Category).collect(),
        together: Together::Prefer,
        accessible: 0,
        sections: Vec::new(),
        allotment: None,
    }
}

/// A house as a picture. A bar begins a section, a slash a row, and a blank is an aisle; any other letter is a seat:
///
/// | Plan | A seat of the category |
/// | --- | --- |
/// | `a`, `b`, `c` | first, second, third |
/// | `w`, `k` | first, a space for a wheelchair, a companion's |
/// | `W`, `K` | second, likewise |
///
/// The earlier a seat stands, the better it is.
pub(super) fn draw(picture: &str) -> Drawing {
    let mut blocks = Vec::new();
    let mut row = 0;
    for (section, rows) in (0..).zip(picture.split('|')) {
        for blocks_of_row in rows.split('/') {
            blocks.extend(blocks_of_row.split(' ').map(|letters| drawn_block(letters, section, row)));
            row += 1;
        }
    }
    let seats = blocks.iter().map(|block: &DrawnBlock| u32::from(block.length)).sum();
    Drawing { blocks, ranks: (0..seats).collect(), areas: Vec::new(), categories: 3 }
}

fn drawn_block(letters: &str, section: u16, row: u16) -> DrawnBlock {
    let mut categories = BTreeMap::<Category, u128>::new();
    let (mut accessible, mut companion) = (0, 0);
    for (place, letter) in letters.chars().enumerate() {
        let bit = 1_u128 << place;
        let category = match letter {
            'a' | 'w' | 'k' => 0,
            'b' | 'W' | 'K' => 1,
            'c' => 2,
            _ => panic!("no seat looks like {letter:?}"),
        };
        *categories.entry(Category(category)).or_insert(0) |= bit;
        if matches!(letter, 'w' | 'W') {
            accessible |= bit;
        }
        if matches!(letter, 'k' | 'K') {
            companion |= bit;
        }
    }
    let length = u8::try_from(letters.len()).unwrap();
    let categories = categories.into_iter().collect();
    DrawnBlock { section: Section(section), row: Row(row), length, categories, accessible, companion }
}

/// The house of a picture, in a state of the same shape: `.` free, `h` held, `o` offered, `t` confirmed, `x` blocked, and kept for
/// the first or second somebody: `0` or `1`, where it is confirmed `P`.
pub(super) fn house(picture: &str, state: &str) -> Seats {
    house_with(&draw(picture), state)
}

/// The same with areas, each of a category and with so many places.
pub(super) fn house_and_areas(picture: &str, state: &str, areas: &[(u8, u32)]) -> Seats {
    let areas =
        areas.iter().map(|&(category, capacity)| DrawnArea { category: Category(category), capacity });
    house_with(&Drawing { areas: areas.collect(), ..draw(picture) }, state)
}

pub(super) fn house_with(drawing: &Drawing, state: &str) -> Seats {
    let letters = state.chars().filter(|letter| !matches!(letter, ' ' | '/' | '|'));
    let letters = (0..).map(Seat).zip(letters).collect::<Vec<_>>();
    assert_eq!(letters.len(), drawing.ranks.len(), "the state is of the same shape: {state:?}");
    let sale = |letter| match letter {
        'x' => Some(Sale::Blocked),
        '0' | 'P' => Some(Sale::Allotted(Allotment(0))),
        '1' => Some(Sale::Allotted(Allotment(1))),
        _ => None,
    };
    let runs =
        letters.iter().filter_map(|&(first, letter)| Some(SaleRun { first, length: 1, sale: sale(letter)? }));
    let mut seats = Seats::restore(Arc::new(Plan::new(drawing).unwrap()), &runs.collect::<Vec<_>>()).unwrap();
    for (seat, letter) in letters {
        let status = match letter {
            'h' => Status::Held,
            'o' => Status::Offered,
            't' | 'P' => Status::Confirmed,
            _ => continue,
        };
        seats.take(&seated(&[seat.0]), status);
    }
    seats
}

/// These seats.
pub(super) fn seated(seats: &[u32]) -> Places {
    Places::new(seats.iter().copied().map(Seat).collect(), Vec::new()).unwrap()
}

/// What was found, in short: seats, or areas and how many of each.
pub(super) fn told(places: &Places) -> (Vec<u32>, Vec<(u8, u32)>) {
    let areas = places.areas().iter().map(|&(Area(area), count)| (area, count));
    (places.seats().iter().map(|seat| seat.0).collect(), areas.collect())
}

/// A house at random: up to three sections of up to three rows of up to three blocks, with ranks in any order.
pub(super) fn random_drawing(random: &mut Random) -> Drawing {
    let mut picture = String::new();
    let categories = random.one_of(&["a", "aaab", "ab", "aabc"]);
    let special = random.one_of(&[0, 0, 30, 60]);
    let length_max = random.one_of(&[3, 6, 9]);
    for section in 0..=random.below(3) {
        picture.push_str(if section > 0 { "|" } else { "" });
        for row in 0..=random.below(3) {
            picture.push_str(if row > 0 { "/" } else { "" });
            for block in 0..=random.below(3) {
                picture.push_str(if block > 0 { " " } else { "" });
                let mut own = random.one_of(categories.as_bytes());
                for _ in 0..=random.below(length_max) {
                    if random.percent(10) {
                        own = random.one_of(categories.as_bytes());
                    }
                    let special = random.percent(special);
                    let letter = match own {
                        b'a' if special => random.one_of(b"wkk"),
                        b'b' if special => random.one_of(b"WKK"),
                        _ => own,
                    };
                    picture.push(char::from(letter));
                }
            }
        }
    }
    let mut drawing = draw(&picture);
    if random.percent(80) {
        random.shuffle(&mut drawing.ranks);
    }
    for _ in 0..random.one_of(&[0, 0, 1, 2]) {
        let (category, capacity) = (Category(u8::try_from(random.below(3)).unwrap()), random.below(6));
        drawing.areas.push(DrawnArea { category, capacity });
    }
    drawing
}

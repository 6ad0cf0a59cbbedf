//! Houses for the tests: small, drawn at random, and written as naively as can be: a list of chairs.

use booking::{
    Area, Category, Content, Drawing, DrawnArea, DrawnBlock, MapChange, Plan, Row, Seat, Section, Table,
};

use crate::random::Random;

/// What a chair is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    Anyone,
    Wheelchair,
    Companion,
}

/// A seat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chair {
    pub(crate) block: usize,
    pub(crate) section: u16,
    pub(crate) category: u8,
    pub(crate) purpose: For,
    pub(crate) rank: u32,
    /// Whether an aisle or a row's end is beside it.
    pub(crate) at_aisle: bool,
}

/// A house.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) map: Content,
    pub(crate) drawing: Drawing,
    pub(crate) chairs: Vec<Chair>,
}

impl Layout {
    /// The house that is drawn like this.
    pub(crate) fn of(map: u128, drawing: Drawing) -> Self {
        let mut chairs = vec![];
        for (block, drawn) in drawing.blocks.iter().enumerate() {
            for place in 0..drawn.length {
                let is_in = |mask: u128| mask >> place & 1 == 1;
                let category = drawn.categories.iter().find(|(_, mask)| is_in(*mask)).unwrap().0.0;
                let purpose = match (is_in(drawn.accessible), is_in(drawn.companion)) {
                    (true, _) => For::Wheelchair,
                    (_, true) => For::Companion,
                    (false, false) => For::Anyone,
                };
                let rank = drawing.ranks[chairs.len()];
                let at_aisle = place == 0 || place + 1 == drawn.length;
                chairs.push(Chair { block, section: drawn.section.0, category, purpose, rank, at_aisle });
            }
        }
        Self { map: Content(map), drawing, chairs }
    }

    /// A small house.
    pub(crate) fn random(map: u128, random: &mut Random) -> Self {
        let categories = 1 + u8::try_from(random.below(3)).unwrap();
        let (mut row, mut section) = (0, 0);
        let mut blocks = vec![];
        for index in 0..=random.below(4) {
            if index > 0 && random.percent(80) {
                row += 1;
                section += u16::from(random.percent(40));
            }
            blocks.push(block(random, section, row, categories));
        }
        let seats = blocks.iter().map(|block| u32::from(block.length)).sum::<u32>();
        let mut ranks = (0..seats).collect::<Vec<_>>();
        if random.percent(50) {
            for place in (1..ranks.len()).rev() {
                ranks.swap(place, usize::try_from(random.below(place as u64 + 1)).unwrap());
            }
        }
        let area = |random: &mut Random| DrawnArea {
            category: Category(u8::try_from(random.below(u64::from(categories))).unwrap()),
            capacity: random.small(6),
        };
        let areas = (0..random.below(3)).map(|_| area(random)).collect();
        Self::of(map, Drawing { blocks, ranks, areas, categories })
    }

    /// How many places an area has, and of which category.
    pub(crate) fn area(&self, area: u8) -> Option<(u8, u32)> {
        self.drawing.areas.get(usize::from(area)).map(|area| (area.category.0, area.capacity))
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan::new(&self.drawing).unwrap()
    }

    /// Another map in place of this one: seats go to where they fit, some nowhere.
    pub(crate) fn change(&self, new: &Self, random: &mut Random) -> MapChange {
        let end = new.chairs.len() as u64;
        let shift = if random.percent(70) { 0 } else { random.below(end.max(1)) };
        let lost = random.percent(60);
        // Now and then everything stands the other way round.
        let turned = random.percent(15);
        let seat = |seat: u64| {
            let moved = if turned { (end + shift).saturating_sub(1 + seat) } else { seat + shift };
            let fits = if turned { seat < end } else { true };
            let is_there = fits && moved < end && !(lost && seat % 5 == 3);
            is_there.then(|| Seat(u32::try_from(moved).unwrap()))
        };
        let to = |count: usize, end: usize| {
            (0..count).map(move |number| Some(number).filter(|&number| number < end))
        };
        let byte = |number: usize| u8::try_from(number).unwrap();
        let (areas, new_areas) = (self.drawing.areas.len(), new.drawing.areas.len());
        let (categories, new_categories) = (self.drawing.categories.into(), new.drawing.categories.into());
        let sections = |layout: &Self| {
            layout.chairs.iter().map(|chair| usize::from(chair.section) + 1).max().unwrap_or(0)
        };
        MapChange {
            map: new.map,
            plan: new.plan().into(),
            from: self.map,
            table: Table {
                seats: (0..self.chairs.len() as u64).map(seat).collect(),
                areas: to(areas, new_areas).map(|area| area.map(byte).map(Area)).collect(),
            },
            categories: to(categories, new_categories).map(|one| one.map(byte).map(Category)).collect(),
            sections: to(sections(self), sections(new))
                .map(|section| section.map(|section| Section(u16::try_from(section).unwrap())))
                .collect(),
        }
    }
}

fn block(random: &mut Random, section: u16, row: u16, categories: u8) -> DrawnBlock {
    let length = u8::try_from(1 + random.below(8)).unwrap();
    let mut masks = vec![0_u128; categories.into()];
    let (mut accessible, mut companion) = (0, 0);
    let mut category = random.below(u64::from(categories));
    let special = random.percent(30);
    for place in 0..length {
        if random.percent(15) {
            category = random.below(u64::from(categories));
        }
        masks[usize::try_from(category).unwrap()] |= 1 << place;
        match random.below(10) {
            0 if special => accessible |= 1 << place,
            1 | 2 if special => companion |= 1 << place,
            _ => {}
        }
    }
    let categories = (0..).map(Category).zip(masks).filter(|(_, mask)| *mask != 0).collect();
    DrawnBlock { section: Section(section), row: Row(row), length, categories, accessible, companion }
}

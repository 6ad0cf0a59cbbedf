//! From names and places to numbers.

use crate::house::{Row, Seatmap};
use crate::plan::{Area, Block, CategorySeats, Plan};

impl Seatmap {
    /// What the rules see of the house. Equal maps have equal plans.
    pub fn compile(&self) -> Plan {
        let count = |len: usize| u16::try_from(len).expect("the bounds are below");
        let mut blocks = Vec::new();
        for (section, number) in self.sections.iter().zip(0..) {
            for (row, row_number) in section.rows.iter().zip(section.first_row..) {
                compile_row(row, (number, row_number), &mut blocks);
            }
        }
        let area = |area: &crate::house::Area| Area { category: area.category, capacity: area.capacity };
        Plan {
            sections: count(self.sections.len()),
            rows: count(self.rows().count()),
            categories: u8::try_from(self.categories.len()).expect("the bound is below"),
            blocks,
            ranks: self.ranks(),
            areas: self.areas.iter().map(area).collect(),
        }
    }
}

fn compile_row(row: &Row, (section, number): (u16, u16), blocks: &mut Vec<Block>) {
    for positions in row.block_positions() {
        let bit = |position: u32| 1_u128 << (position - positions.start);
        let mask = |marked: &[u32]| {
            let from = marked.partition_point(|position| *position < positions.start);
            let to = marked.partition_point(|position| *position < positions.end);
            marked[from..to].iter().map(|position| bit(*position)).fold(0, |mask, bit| mask | bit)
        };
        let mut categories: Vec<CategorySeats> = Vec::new();
        for position in positions.clone() {
            let category = row.categories[position as usize];
            match categories.binary_search_by_key(&category, |seats| seats.category) {
                Ok(at) => categories[at].seats |= bit(position),
                Err(at) => categories.insert(at, CategorySeats { category, seats: bit(position) }),
            }
        }
        blocks.push(Block {
            section,
            row: number,
            first: row.first_seat + positions.start,
            len: u8::try_from(positions.len()).expect("a block is a mask's length at most"),
            categories,
            accessible: mask(&row.accessible),
            companion: mask(&row.companion),
            restricted: mask(&row.restricted),
        });
    }
}

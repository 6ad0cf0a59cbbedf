//! What the rules see of a house: numbers, and nothing of names and places.

/// A map in numbers. Everything is counted from 0, in the order of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How many sections there are.
    pub sections: u16,
    /// How many rows there are, as they stand in the map: aisles do not count.
    pub rows: u16,
    /// How many categories there are.
    pub categories: u8,
    /// What lies between two aisles, in the order of seats.
    pub blocks: Vec<Block>,
    /// The rank of each seat, by its number: 0 is the best, and none comes twice.
    pub ranks: Vec<u32>,
    /// Places without numbers.
    pub areas: Vec<Area>,
}

/// Seats with nothing between them. In a mask the lowest bit is the first seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The number of its section.
    pub section: u16,
    /// The number of its row over the whole map, which blocks of one row share.
    pub row: u16,
    /// The number of its first seat.
    pub first: u32,
    /// How many seats it has: 1 to 128.
    pub len: u8,
    /// Which of its seats are of which category: each of one, by the category's number, and none that has no seat here.
    pub categories: Vec<CategorySeats>,
    /// Wheelchair spaces.
    pub accessible: u128,
    /// Seats for those who come with somebody in a wheelchair.
    pub companion: u128,
    /// Seats from where one does not see everything.
    pub restricted: u128,
}

/// The seats of one category in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategorySeats {
    /// The category's number.
    pub category: u8,
    /// Never empty.
    pub seats: u128,
}

/// Places without numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The category's number.
    pub category: u8,
    /// How many places there are.
    pub capacity: u32,
}

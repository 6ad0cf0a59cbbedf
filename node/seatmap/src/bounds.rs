//! Every bound of a seatmap, as the contract's table has it.

/// How many sections a map has, at least one.
pub const SECTIONS_MAX: usize = 1_024;

/// How many rows a map has, in all sections together.
pub const ROWS_MAX: usize = 16_384;

/// How many seats a map has.
pub const SEATS_MAX: usize = 131_072;

/// How many areas a map has, if any.
pub const AREAS_MAX: usize = 64;

/// How many categories a map has, at least one.
pub const CATEGORIES_MAX: usize = 64;

/// How many seats stand between two aisles, at least one: as many as a mask has bits.
pub const BLOCK_SEATS_MAX: usize = 128;

/// The longest key of a category, section, row or area, in characters.
pub const KEY_CHARS_MAX: usize = 32;

/// The longest number of a seat, in characters.
pub const NUMBER_CHARS_MAX: usize = 8;

/// The longest name of a map, category, section or area, in characters: as long as the title of a slot.
pub const NAME_CHARS_MAX: usize = 1_000;

/// The farthest that anything is from the origin, in either direction.
pub const COORDINATE_MAX: i32 = 1_000_000;

/// The last rank that a row can be given.
pub const RANK_MAX: u16 = u16::MAX;

/// How many places an area has, at least one, and a map in all, its seats included: as many as a slot can sell.
pub const CAPACITY_MAX: u32 = 10_000_000;

/// How many faults of one map are told.
pub const FAULTS_MAX: usize = 100;

// A seat is one bit of its block's masks.
const _: () = assert!(BLOCK_SEATS_MAX == u128::BITS as usize);
// A block's length is a byte, and so is the number of a category.
const _: () = assert!(BLOCK_SEATS_MAX <= u8::MAX as usize);
const _: () = assert!(CATEGORIES_MAX <= u8::MAX as usize);
// The numbers of sections and rows have 16 bits.
const _: () = assert!(SECTIONS_MAX <= u16::MAX as usize);
const _: () = assert!(ROWS_MAX <= u16::MAX as usize);
// The squared distance between two corners of the plane has 64 bits.
const _: () = assert!(2 * (2 * COORDINATE_MAX as u64).pow(2) < u64::MAX);
// All seats can be sold.
const _: () = assert!(SEATS_MAX <= CAPACITY_MAX as usize);

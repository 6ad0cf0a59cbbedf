//! Every number in the rules, with its unit, and how the numbers hang together.
//!
//! *Rules* are obeyed here: every replica must use the same number for the same entry, so one that
//! is to change gets a row for each [`Level`] in `slot/levels`, and entries written under the level before
//! keep the first. *Bounds* are the contract's, tested where HTTP is converted, before a command is made; the rules are
//! total without them.

use serde::{Deserialize, Serialize};

/// The version of the rules, from 1: every entry of the log says under which it is applied. On the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Level(pub u32);

impl Level {
    /// The newest that a node supports. It applies those before too, so that nodes can be upgraded one by
    /// one.
    pub const NEWEST: Self = Self(6);

    /// The newest whose rules are in this build. A node that supports no more than [`Level::NEWEST`] never applies anything under it:
    /// it is there to be tested until all that belongs to it is.
    pub const COMING: Self = Self(7);

    /// The oldest that a node supports, and the first that this build knows.
    pub const OLDEST: Self = Self(1);

    /// Whether a node of this build may apply anything under this level.
    pub const fn is_supported(self) -> bool {
        Self::OLDEST.0 <= self.0 && self.0 <= Self::NEWEST.0
    }

    /// Whether this build knows what holds under this level, be it to be tested.
    pub const fn is_known(self) -> bool {
        Self::OLDEST.0 <= self.0 && self.0 <= Self::COMING.0
    }

    /// Asserts that this level has what there is since that one: builds that know only the level before would read nothing of it.
    #[inline]
    pub(crate) fn assert_has(self, since: Self) {
        assert!(since <= self, "what the level does not have is not written");
    }
}

/// How many partitions there are. A rule: ids carry the partition's number.
pub const PARTITIONS: u16 = 1_024;

/// How many kinds of entities an id can tell apart. A rule, as the one before.
pub const KINDS_MAX: u16 = 64;

/// How long the answer to a change is remembered, at least, in seconds of stamps. A rule.
pub const CHANGE_REMEMBERED_SECONDS: u32 = 24 * 60 * 60;

/// How many refusals a slot remembers, the newest. A rule.
pub const REFUSALS_REMEMBERED: u64 = 65_536;

/// How many outdated answers one step forgets at most: no step pays for a whole day. A rule.
pub const FORGOTTEN_PER_STEP_MAX: u32 = 2;

/// How many kinds of needs those who wait for seats of a slot may have. A rule: a step looks at one waiter of each.
pub const WAITING_CLASSES_MAX: usize = 1_024;

/// How many bytes the name has for whom seats are kept. A rule: a slot keeps all names.
pub const ALLOTMENT_NAME_BYTES_MAX: usize = 128;

/// How many products a slot has at most. A rule: they are a set of 64 bits.
pub const PRODUCTS_MAX: usize = 64;

/// How many quotas a slot has at most. A rule, as the one before.
pub const QUOTAS_MAX: usize = 64;

/// How many prices a slot has at most. A rule: four for each of 64 products or categories.
pub const PRICES_MAX: usize = 256;

/// How many bytes the key of a product or a quota has at most: 32 characters. A bound.
pub const SOLD_KEY_BYTES_MAX: usize = 32 * 4;

/// How many bytes the title of a product has at most: 200 characters. A bound.
pub const PRODUCT_TITLE_BYTES_MAX: usize = 200 * 4;

/// How many bytes products, quotas and prices of a slot take at most. A rule: they are saved with every change, beside what they were
/// when the slot was made.
pub const TARIFF_BYTES_MAX: usize = 80 << 10;

/// How many bytes the resources and the hours of a calendar take at most. A rule, as the one before.
pub const CALENDAR_BYTES_MAX: usize = 20 << 10;

/// How many openings of a calendar are known at most. A rule: three years with fifteen a day, in a quarter of a MiB.
pub const OPENINGS_MAX: usize = 16_384;

/// How many parts of a range are told at most in which it is taken. A rule.
pub const RANGES_TAKEN_MAX: usize = 500;

/// How long a calendar is at most, in seconds: 1,080 days. A rule.
pub const CALENDAR_SPAN_SECONDS_MAX: u32 = 93_312_000;

/// How many intents of one entity may be open for somebody to ask for another. A rule.
pub const INTENTS_OPEN_MAX: usize = 65_536;

/// How many packages of one account may be live for another to be granted. A rule.
pub const PACKAGES_LIVE_MAX: usize = 64;

/// How many packages pay for one booking at most. A rule.
pub const LEGS_MAX: usize = 8;

/// How many items an order has at most. A rule.
pub const ORDER_ITEMS_MAX: usize = 64;

/// How many times somebody may try to pay for an order. A rule.
pub const ATTEMPTS_MAX: usize = 10;

/// So long after its deadline a slot asks what has become of an order, in seconds. A rule.
pub const ORDER_OVERDUE_SECONDS: u32 = 60;

/// How many orders one step ends, at most, by time alone: the next pulse goes on. A rule.
pub const ORDERS_LAPSED_PER_STEP_MAX: usize = 64;

/// How many vouchers a merchant has at most. A rule: all of them are in memory.
pub const VOUCHERS_MAX: usize = 65_536;

/// How many accounts one step looks at, at most, that time alone changes: the next pulse goes on. A rule.
pub const ACCOUNTS_LAPSED_PER_STEP_MAX: usize = 1_024;

/// How many ends of promises a slot tells its merchant at once, at most. A rule.
pub const ENDS_TOLD_AT_ONCE_MAX: usize = 1_000;

/// How many credits a package has at most. A bound.
pub const CREDITS_GRANTED_MAX: u32 = 100_000;

/// How many credits a unit costs at most. A bound.
pub const CREDIT_PRICE_MAX: u32 = 1_000;

/// How many accounts leave memory at once, at most. Not a rule.
pub const ACCOUNTS_LEAVING_AT_ONCE_MAX: usize = 256;

/// How many seatmaps an organizer has at most: a map is for ever, since slots and links name it. A rule.
pub const SEATMAPS_MAX: usize = 4_096;

/// How long each part of a seatmap is but the last, in bytes: one value of the store, and several fit into a log entry without
/// stalling it. A rule: who puts a part must cut as those do who put the others.
pub const SEATMAP_PART_LEN: u32 = 32 << 10;

/// How many parts a seatmap has at most: which of them are here is a set of 128 bits. A rule.
pub const SEATMAP_PARTS_MAX: u32 = 128;

/// How long a seatmap is at most, in bytes of its canonical text. A rule.
pub const SEATMAP_LEN_MAX: u32 = SEATMAP_PARTS_MAX * SEATMAP_PART_LEN;

/// How many seatmaps of one organizer may be unfinished for somebody to begin another. A rule.
pub const SEATMAP_DRAFTS_MAX: usize = 16;

/// How long an unfinished seatmap waits for its next part before it is forgotten, in seconds. A rule.
pub const SEATMAP_DRAFT_SECONDS: u32 = 15 * 60;

/// How many bookings leave memory at once, at most: what is saved together stays below a MiB. Not a rule.
pub const LEAVING_AT_ONCE_MAX: usize = 1_024;

/// How many bookings one look at a list sees, at most: a tenth of a millisecond's work, and others have a turn. Not a rule.
pub const LOOKED_AT_ONCE_MAX: usize = 4_096;

/// The last number a booking of a slot can have. A rule: a slot that has used it is sold out.
pub const BOOKING_NUMBER_MAX: u32 = u32::MAX;

/// How many bits of a booking's number a reference can hold: eight characters of five bits. A rule.
pub const REFERENCE_BITS: u32 = 40;

/// The largest capacity of a slot, in units. A bound.
pub const CAPACITY_MAX: u32 = 10_000_000;

/// The largest quantity of one booking, in units. A bound.
pub const QUANTITY_MAX: u32 = 1_000;

/// The largest limit for one customer, in units. A bound.
pub const CUSTOMER_LIMIT_MAX: u32 = 1_000_000;

/// The largest price of one place, in minor units. A bound.
pub const AMOUNT_MAX: u64 = 1_000_000_000_000;

/// The longest that a hold is given at once, in seconds. A bound.
pub const HOLD_SECONDS_MAX: u32 = 86_400;

/// The longest that a hold can be extended to, in seconds from its beginning. A bound, and a rule.
pub const HOLD_SECONDS_EXTENDED_MAX: u32 = 604_800;

/// The longest that an offer is open, in seconds. A bound.
pub const OFFER_SECONDS_MAX: u32 = 604_800;

/// The earliest that cancelling can end before a slot starts, in seconds. A bound.
pub const CANCEL_UNTIL_SECONDS_MAX: u32 = 31_536_000;

/// How many bookings the largest waitlist takes. A bound.
pub const WAITLIST_CAPACITY_MAX: u32 = 1_000_000;

// What comes next is the newest, or one more.
const _: () = assert!(Level::COMING.0 == Level::NEWEST.0 || Level::COMING.0 == Level::NEWEST.0 + 1);
// What the largest booking costs in credits is a number of 32 bits.
const _: () = assert!((CREDIT_PRICE_MAX as u64) * (QUANTITY_MAX as u64) < 1 << 32);
// A node supports the newest and at least the one before.
const _: () = assert!(Level::NEWEST.0 > Level::OLDEST.0);
// A step remembers at most one answer: it must be able to forget more than that, or memory would only grow.
const _: () = assert!(FORGOTTEN_PER_STEP_MAX > 1);
// Which parts of a seatmap are here is a set of bits, and the largest map has them all.
const _: () = assert!(SEATMAP_PARTS_MAX == u128::BITS && SEATMAP_LEN_MAX == 4 << 20);
// Every booking's number has a reference of its own.
const _: () = assert!((BOOKING_NUMBER_MAX as u64) < 1 << REFERENCE_BITS);
// A slot can be filled by bookings of one unit, and everyone who waits has a number too.
const _: () = assert!(CAPACITY_MAX < BOOKING_NUMBER_MAX - WAITLIST_CAPACITY_MAX);
// One booking does not outgrow a slot of the largest size, nor a customer the largest limit.
const _: () = assert!(QUANTITY_MAX <= CAPACITY_MAX && QUANTITY_MAX <= CUSTOMER_LIMIT_MAX);
// What the largest booking costs is a whole number in every program that reads JSON.
const _: () = assert!(AMOUNT_MAX * (QUANTITY_MAX as u64) < 1 << 53);
// As much as is within all bounds is kept, with what stands beside each key where it is saved.
const _: () = assert!(
    PRODUCTS_MAX * (SOLD_KEY_BYTES_MAX + PRODUCT_TITLE_BYTES_MAX + 16)
        + QUOTAS_MAX * (SOLD_KEY_BYTES_MAX + 17)
        + PRICES_MAX * 33
        + 16
        <= TARIFF_BYTES_MAX
);
// Products and quotas are sets of bits.
const _: () = assert!(PRODUCTS_MAX <= 64 && QUOTAS_MAX <= 64);
// How long a hold lasts is written down in milliseconds.
const _: () = assert!(HOLD_SECONDS_EXTENDED_MAX <= u32::MAX / 1_000);
// Extending never makes a hold shorter.
const _: () = assert!(HOLD_SECONDS_MAX <= HOLD_SECONDS_EXTENDED_MAX);

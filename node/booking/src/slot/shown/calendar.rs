//! What may be seen of a calendar, and of what a booking has of it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::Digest;
use crate::{Range, Timestamp};

/// What a booking has of a calendar, or waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeView {
    /// From when to when.
    pub range: Range,
    /// The name of its resource: none where they are all alike, or while it waits for any.
    pub resource: Option<Arc<str>>,
}

/// Where everything of a calendar is, beside what [`Counts`](crate::Counts) say. Nobody can say how many places are free of one, so those
/// say none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarView {
    /// How many places customers have who have not confirmed, past ones too.
    pub held: u64,
    /// How many are set aside for customers who waited, likewise.
    pub offered: u64,
    /// How many customers have for good, likewise.
    pub confirmed: u64,
    /// Up to when it is known when it is open.
    pub hours_until: Timestamp,
    /// How many bookings that were not past lay outside its hours when these were changed last.
    pub outside: u32,
}

/// A stretch of time in which a calendar can be booked. Whatever begins in it on its opening's grid, and lasts as long as was asked and no
/// longer than the stretch, would be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeView {
    /// From when to when.
    pub range: Range,
    /// How many are free throughout, and with what is kept free around it.
    pub free: u32,
    /// Which resource is, where they have names.
    pub resource: Option<Arc<str>>,
    /// Where it stands in the list.
    pub place: FreePlace,
}

/// How a calendar is during a window, as far as that is known; each in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BusyView {
    /// During which time it is known how it is: what was before the slot's latest step is forgotten, and what lies beyond what one may
    /// ask for is not known yet. None of it, where no more is known.
    pub known: Option<Range>,
    /// When it is open.
    pub open: Vec<Range>,
    /// When too little is free.
    pub taken: Vec<Range>,
    /// When too little would be free if nothing were held or offered.
    pub firmly: Vec<Range>,
}

/// A place in the list of what is free: by time, then by resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FreePlace {
    /// When the stretch begins.
    pub from: Timestamp,
    /// The number of its resource, where resources have names.
    pub resource: Option<u16>,
}

impl CalendarView {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let Self { held, offered, confirmed, hours_until, outside } = *self;
        let digest = digest.text("calendar").word(held).word(offered).word(confirmed);
        digest.word(hours_until.0).word(outside)
    }
}

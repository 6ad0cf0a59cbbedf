//! Records of a feed.

use super::booking::recorded;
use super::slot::counts;
use super::time::time;

/// One step of the feed.
pub(crate) fn record(record: booking::Record) -> api::feed::Record {
    use api::feed::Kind;
    let seq = record.seq.0;
    api::feed::Record {
        seq,
        at: time(record.at),
        kind: match record.kind {
            booking::Kind::SlotCreated => Kind::SlotCreated,
            booking::Kind::SlotChanged => Kind::SlotChanged,
            booking::Kind::SlotCancelled => Kind::SlotCancelled,
            booking::Kind::Booked => Kind::Booked,
            booking::Kind::Confirmed => Kind::Confirmed,
            booking::Kind::Extended => Kind::Extended,
            booking::Kind::Accepted => Kind::Accepted,
            booking::Kind::Declined => Kind::Declined,
            booking::Kind::Cancelled => Kind::Cancelled,
            booking::Kind::Lapsed => Kind::Lapsed,
            booking::Kind::Finished => Kind::Finished,
            booking::Kind::QuantityChanged => Kind::QuantityChanged,
        },
        bookings: record.bookings.into_iter().map(|booking| recorded(booking, seq)).collect(),
        counts: counts(record.counts),
    }
}

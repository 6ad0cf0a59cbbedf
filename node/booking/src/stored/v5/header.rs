//! The part of a calendar that there is once, as it is saved.

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::range::CalendarView;
use crate::stored::v1::header::{Away, Counts, Origin};
use crate::stored::v1::intents::IntentCounts;
use crate::{Seq, SlotId, Timestamp};

/// The part of a slot that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    id: SlotId,
    definition: Definition,
    origin: Origin,
    seq: Seq,
    stamp: Timestamp,
    cancelled: bool,
    bookings: u32,
    receipts_made: u64,
    counts: Counts,
    calendar: CalendarView,
    digest: u64,
    made_as: Option<Definition>,
    loosest_limit: Option<u32>,
    away: Away,
    intents: IntentCounts,
}

impl From<crate::Header> for Header {
    fn from(header: crate::Header) -> Self {
        let crate::Header {
            id,
            definition,
            origin,
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts,
            house,
            goods,
            calendar,
            digest,
            made_as,
            made_house,
            loosest_limit,
            away,
            intents,
            account,
        } = header;
        assert!(account.is_none(), "the sixth version has a slot's merchant");
        let is_of_nothing_else = house.is_none() && made_house.is_none() && goods.is_none();
        assert!(is_of_nothing_else, "a calendar is nothing else");
        let calendar = calendar.expect("the versions before have the others");
        Self {
            id,
            definition: definition.into(),
            origin: origin.into(),
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts: counts.into(),
            calendar: (&*calendar).into(),
            digest,
            made_as: made_as.map(Definition::from),
            loosest_limit,
            away: away.into(),
            intents: intents.into(),
        }
    }
}

impl From<Header> for crate::Header {
    fn from(header: Header) -> Self {
        let Header {
            id,
            definition,
            origin,
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts,
            calendar,
            digest,
            made_as,
            loosest_limit,
            away,
            intents,
        } = header;
        Self {
            id,
            definition: definition.into(),
            origin: origin.into(),
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts: counts.into(),
            house: None,
            goods: None,
            calendar: Some(calendar.into()),
            digest,
            made_as: made_as.map(Definition::into),
            made_house: None,
            loosest_limit,
            away: away.into(),
            intents: intents.into(),
            account: None,
        }
    }
}

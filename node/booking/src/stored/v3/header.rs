//! The part of a slot of seats that there is once, as it is saved.

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::house::HouseView;
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
    house: HouseView,
    digest: u64,
    made_as: Option<Definition>,
    made_house: Option<HouseView>,
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
        let house = house.expect("the first version has the slots of units");
        assert!(goods.is_none() && calendar.is_none(), "the versions behind have the others");
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
            house: (&*house).into(),
            digest,
            made_as: made_as.map(|made_as| Arc::unwrap_or_clone(made_as).into()),
            made_house: made_house.map(|house| (&*house).into()),
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
            house,
            digest,
            made_as,
            made_house,
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
            house: Some(house.into()),
            goods: None,
            calendar: None,
            digest,
            made_as: made_as.map(|made_as| Arc::new(made_as.into())),
            made_house: made_house.map(HouseView::into),
            loosest_limit,
            away: away.into(),
            intents: intents.into(),
            account: None,
        }
    }
}

//! The part of a slot that there is once, as it is saved where it sells something in particular, or did when it was made.

use serde::{Deserialize, Serialize};

use super::bill::GoodsView;
use super::definition::Definition;
use crate::stored::v1::header::{Away, Counts, Origin};
use crate::stored::v1::intents::IntentCounts;
use crate::stored::v3::house::HouseView;
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
    house: Option<HouseView>,
    goods: Option<GoodsView>,
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
        assert!(calendar.is_none(), "the fifth version has calendars");
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
            house: house.map(|house| (&*house).into()),
            goods: goods.map(GoodsView::from),
            digest,
            made_as: made_as.map(Definition::from),
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
            goods,
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
            house: house.map(HouseView::into),
            goods: goods.map(GoodsView::into),
            calendar: None,
            digest,
            made_as: made_as.map(Definition::into),
            made_house: made_house.map(HouseView::into),
            loosest_limit,
            away: away.into(),
            intents: intents.into(),
            account: None,
        }
    }
}

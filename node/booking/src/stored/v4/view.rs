//! What may be seen of a slot that sells something in particular, and of a booking of it.

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bill::{Bill, GoodsView};
use super::definition::Definition;
use crate::stored::v1;
use crate::stored::v1::header::Counts;
use crate::stored::v3::house::HouseView;
use crate::stored::v3::seats::Seating;
use crate::{Seq, SlotId, Timestamp};

/// A slot as everyone may see it, at one `seq`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct View {
    id: SlotId,
    definition: Definition,
    seq: Seq,
    stamp: Timestamp,
    counts: Counts,
    cancelled: bool,
    house: Option<HouseView>,
    goods: Option<GoodsView>,
}

/// A booking as its customer and the slot's organizer may see it. A feed has others beside those that are of something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct BookingView {
    booking: v1::view::BookingView,
    seating: Option<Seating>,
    bill: Option<Bill>,
}

impl From<crate::View> for View {
    fn from(view: crate::View) -> Self {
        let crate::View { id, definition, seq, stamp, counts, cancelled, house, goods, calendar } = view;
        assert!(calendar.is_none(), "the fifth version has calendars");
        let (definition, counts) = (definition.into(), counts.into());
        let (house, goods) = (house.map(|house| (&*house).into()), goods.map(GoodsView::from));
        Self { id, definition, seq, stamp, counts, cancelled, house, goods }
    }
}

impl From<View> for crate::View {
    fn from(view: View) -> Self {
        let View { id, definition, seq, stamp, counts, cancelled, house, goods } = view;
        let (definition, counts) = (definition.into(), counts.into());
        let (house, goods) = (house.map(HouseView::into), goods.map(GoodsView::into));
        Self { id, definition, seq, stamp, counts, cancelled, house, goods, calendar: None }
    }
}

impl From<crate::BookingView> for BookingView {
    fn from(mut booking: crate::BookingView) -> Self {
        let (seating, bill) = (booking.seating.take(), booking.bill.take());
        let seating = seating.map(|seating| (&*seating).into());
        Self { booking: booking.into(), seating, bill: bill.map(Bill::from) }
    }
}

impl From<BookingView> for crate::BookingView {
    fn from(booking: BookingView) -> Self {
        let BookingView { booking, seating, bill } = booking;
        let (seating, bill) = (seating.map(|seating| Arc::new(seating.into())), bill.map(Bill::into));
        Self { seating, bill, ..booking.into() }
    }
}

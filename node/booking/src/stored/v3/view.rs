//! What may be seen of a slot of seats, and of a booking of seats.

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::house::HouseView;
use super::seats::Seating;
use crate::stored::v1;
use crate::stored::v1::header::Counts;
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
    house: HouseView,
}

/// A booking as its customer and the slot's organizer may see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct BookingView {
    booking: v1::view::BookingView,
    seating: Seating,
}

impl From<crate::View> for View {
    fn from(view: crate::View) -> Self {
        let crate::View { id, definition, seq, stamp, counts, cancelled, house, goods, calendar } = view;
        assert!(goods.is_none() && calendar.is_none(), "the versions behind have the others");
        let house = house.expect("the first version has the slots of units");
        let definition = Arc::unwrap_or_clone(definition).into();
        Self { id, definition, seq, stamp, counts: counts.into(), cancelled, house: (&*house).into() }
    }
}

impl From<View> for crate::View {
    fn from(view: View) -> Self {
        let View { id, definition, seq, stamp, counts, cancelled, house } = view;
        let (definition, counts, house) = (Arc::new(definition.into()), counts.into(), Some(house.into()));
        Self { id, definition, seq, stamp, counts, cancelled, house, goods: None, calendar: None }
    }
}

impl From<crate::BookingView> for BookingView {
    fn from(mut booking: crate::BookingView) -> Self {
        let seating = booking.seating.take().expect("the first version has the bookings of units");
        Self { booking: booking.into(), seating: (&*seating).into() }
    }
}

impl From<BookingView> for crate::BookingView {
    fn from(booking: BookingView) -> Self {
        let BookingView { booking, seating } = booking;
        Self { seating: Some(Arc::new(seating.into())), ..booking.into() }
    }
}

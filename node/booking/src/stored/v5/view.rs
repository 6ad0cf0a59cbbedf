//! What may be seen of a calendar, and of a booking of a range.

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::range::{CalendarView, RangeView};
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
    calendar: CalendarView,
}

/// A booking as its customer and the slot's organizer may see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct BookingView {
    booking: v1::view::BookingView,
    range: RangeView,
}

impl From<crate::View> for View {
    fn from(view: crate::View) -> Self {
        let crate::View { id, definition, seq, stamp, counts, cancelled, house, goods, calendar } = view;
        assert!(house.is_none() && goods.is_none(), "a calendar is nothing else");
        let calendar = calendar.expect("the versions before have the others");
        let (definition, counts, calendar) = (definition.into(), counts.into(), (&*calendar).into());
        Self { id, definition, seq, stamp, counts, cancelled, calendar }
    }
}

impl From<View> for crate::View {
    fn from(view: View) -> Self {
        let View { id, definition, seq, stamp, counts, cancelled, calendar } = view;
        let (definition, counts, calendar) = (definition.into(), counts.into(), Some(calendar.into()));
        Self { id, definition, seq, stamp, counts, cancelled, house: None, goods: None, calendar }
    }
}

impl From<crate::BookingView> for BookingView {
    fn from(mut booking: crate::BookingView) -> Self {
        let range = booking.range.take().expect("the versions before have the others");
        Self { booking: booking.into(), range: (&*range).into() }
    }
}

impl From<BookingView> for crate::BookingView {
    fn from(booking: BookingView) -> Self {
        let BookingView { booking, range } = booking;
        Self { range: Some(range.into()), ..booking.into() }
    }
}

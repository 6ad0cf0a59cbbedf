//! What may be seen of a slot and of a booking.

use alloc::boxed::Box;
use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::header::Counts;
use crate::{BookingId, Mode, Number, Reference, Seq, SlotId, Status, Timestamp};

/// A slot as everyone may see it, at one `seq`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct View {
    id: SlotId,
    definition: Definition,
    seq: Seq,
    stamp: Timestamp,
    counts: Counts,
    cancelled: bool,
}

/// A booking as its customer and the slot's organizer may see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct BookingView {
    id: BookingId,
    number: Number,
    customer: Box<str>,
    quantity: u32,
    status: Status,
    mode: Mode,
    reference: Reference,
    position: Option<u32>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<crate::View> for View {
    fn from(view: crate::View) -> Self {
        let crate::View { id, definition, seq, stamp, counts, cancelled, house, goods, calendar } = view;
        let is_of_units = house.is_none() && goods.is_none() && calendar.is_none();
        assert!(is_of_units, "the first version knows units alone");
        let definition = Arc::unwrap_or_clone(definition).into();
        Self { id, definition, seq, stamp, counts: counts.into(), cancelled }
    }
}

impl From<View> for crate::View {
    fn from(view: View) -> Self {
        let View { id, definition, seq, stamp, counts, cancelled } = view;
        let (definition, counts) = (Arc::new(definition.into()), counts.into());
        Self { id, definition, seq, stamp, counts, cancelled, house: None, goods: None, calendar: None }
    }
}

impl From<crate::BookingView> for BookingView {
    #[inline]
    fn from(booking: crate::BookingView) -> Self {
        let crate::BookingView {
            id,
            number,
            customer,
            quantity,
            status,
            mode,
            reference,
            position,
            expires_at,
            created_at,
            seating,
            range,
            bill,
            credits,
            order,
        } = booking;
        let is_of_units = seating.is_none() && range.is_none() && bill.is_none();
        let is_of_units = is_of_units && credits.is_none() && order.is_none();
        assert!(is_of_units, "the first version knows units alone");
        Self { id, number, customer, quantity, status, mode, reference, position, expires_at, created_at }
    }
}

impl From<BookingView> for crate::BookingView {
    #[inline]
    fn from(booking: BookingView) -> Self {
        let BookingView {
            id,
            number,
            customer,
            quantity,
            status,
            mode,
            reference,
            position,
            expires_at,
            created_at,
        } = booking;
        Self {
            id,
            number,
            customer,
            quantity,
            status,
            mode,
            reference,
            position,
            expires_at,
            created_at,
            seating: None,
            range: None,
            bill: None,
            credits: None,
            order: None,
        }
    }
}

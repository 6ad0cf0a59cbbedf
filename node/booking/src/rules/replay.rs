//! What was answered before is answered again: a key has at most one effect, and one answer.
//!
//! A replay is no step: nothing lapses, nothing is forgotten, and the slot's stamp stays.

use alloc::sync::Arc;

use crate::state::receipts::Answer;
use crate::{Counts, Decision, Fingerprint, Outcome, Request, RequestKey, Seq, Slot, Timestamp, View};

/// The first answer to a request with this key, if it is remembered. The same key for anything else is a key
/// reused; that holds for the key that made the slot too.
pub(crate) fn answer(slot: &Slot, at: Timestamp, request: &Request) -> Option<Outcome> {
    if request.key == slot.origin.request {
        return Some(key_reused(slot, at));
    }
    let (fingerprint, first) = known(slot, request.key)?;
    Some(if fingerprint == request.fingerprint { first } else { key_reused(slot, at) })
}

/// The answer to a request to make this slot, which exists.
///
/// A slot's id is already a hash of who made it and with which key, so whoever asks for the same thing again,
/// with whatever key, is answered as the first was: the slot as it was when it was new.
pub(crate) fn creation(slot: &Slot, at: Timestamp, request: &Request) -> Outcome {
    if request.fingerprint == slot.origin.fingerprint { made(slot) } else { key_reused(slot, at) }
}

/// What was answered to this request first, if it is remembered.
pub(crate) fn remembered(slot: &Slot, request: RequestKey) -> Option<Outcome> {
    if request == slot.origin.request {
        return Some(made(slot));
    }
    known(slot, request).map(|(_fingerprint, first)| first)
}

/// What a request asked for and was answered first, if it is not the one that made the slot.
fn known(slot: &Slot, request: RequestKey) -> Option<(Fingerprint, Outcome)> {
    booking_made(slot, request).or_else(|| receipt_kept(slot, request))
}

/// What was answered when the slot was made.
fn made(slot: &Slot) -> Outcome {
    let definition = slot.made_as.as_ref().unwrap_or(&slot.definition);
    let new = View {
        id: slot.id,
        definition: Arc::clone(definition),
        seq: Seq(0).next(),
        stamp: slot.origin.at,
        counts: Counts::untouched(definition.capacity),
        cancelled: false,
    };
    Outcome { seq: new.seq, at: new.stamp, replayed: true, decision: Decision::Slot(new) }
}

/// What was answered to the request that made a booking.
fn booking_made(slot: &Slot, request: RequestKey) -> Option<(Fingerprint, Outcome)> {
    let booking = slot.ledger.bookings().by_request(request)?;
    let decision = Decision::Booking(slot.booking_at_first(booking));
    let first = Outcome { seq: booking.first.seq, at: booking.created_at, replayed: true, decision };
    Some((booking.fingerprint, first))
}

/// What was answered to a request that made none.
fn receipt_kept(slot: &Slot, request: RequestKey) -> Option<(Fingerprint, Outcome)> {
    let receipt = slot.receipts.get(request)?;
    let decision = match &receipt.answer {
        Answer::Refused(refusal) => Decision::Refused(*refusal),
        Answer::Booking { number, standing } => {
            let booking = slot.ledger.bookings().get(*number);
            Decision::Booking(slot.booking_as(booking, *standing, None))
        }
        Answer::SlotChanged(changed) => Decision::Slot(View {
            id: slot.id,
            definition: Arc::clone(&changed.definition),
            seq: receipt.seq,
            stamp: receipt.at,
            counts: changed.counts,
            cancelled: false,
        }),
        // A cancelled slot never takes another seq, and only its stamp moves on.
        Answer::SlotCancelled => Decision::Slot(View { stamp: receipt.at, ..slot.view() }),
    };
    Some((receipt.fingerprint, Outcome { seq: receipt.seq, at: receipt.at, replayed: true, decision }))
}

/// A key that was used for something else.
fn key_reused(slot: &Slot, at: Timestamp) -> Outcome {
    Outcome { seq: slot.seq, at: slot.stamp.max(at), replayed: false, decision: Decision::KeyReused }
}

//! Bookings that have left memory, in the store: found by number, by the request that made them, by how they ended, and by
//! customer and how they ended. They never change again.

use booking::{Absent, Booking, Filter, Level, Number, Reference, Request, RequestKey, Slot, SlotId, Status};
use cluster::State;
use storage::Change;

use super::keys::{PAST, booking_key, by_request_key, customer_path, key, past_key, status_path};
use super::stored::{decode_booking, encode_booking};
use super::unreadable::Unreadable;

/// How long a booking that is over stays in memory, in milliseconds of stamps. No answer depends on it, and a simulation, whose
/// sales last seconds, is given less.
pub(crate) const OVER_IN_MEMORY_MS: u64 = 24 * 60 * 60 * 1_000;
/// How a booking can have ended.
const ENDS: [Status; 3] = [Status::Cancelled, Status::Declined, Status::Expired];

/// What of the past a reader needs.
pub(crate) enum Wanted {
    /// Nothing.
    Nothing,
    /// What became of a request, and of the booking that it made.
    Request(RequestKey),
    /// A page of bookings.
    List(List),
}

impl Wanted {
    /// Whether some of it may have left memory.
    pub(crate) fn is_past(&self, slot: &Slot) -> bool {
        match self {
            Self::Nothing => false,
            Self::Request(request) => slot.absent(*request).is_some(),
            Self::List(_) => 0 < slot.away(),
        }
    }
}

/// A page of bookings, by number.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) customer: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) reference: Option<Reference>,
    pub(crate) after: Option<Number>,
    pub(crate) limit: usize,
}

impl List {
    /// Which bookings are wanted.
    pub(crate) fn filter(&self) -> Filter<'_> {
        Filter { customer: self.customer.as_deref(), status: self.status, reference: self.reference }
    }
}

/// What moves those who leave from where the others are saved; a part of the same piece.
pub(crate) fn leave(level: Level, slot: SlotId, leaving: Vec<Booking>) -> impl Iterator<Item = Change> {
    leaving.into_iter().flat_map(move |booking| {
        let record = &booking.record;
        let (number, status) = (record.number, record.standing.status());
        let bytes = number.0.to_be_bytes();
        let index =
            |path: Vec<u8>| Change::Put { key: [path.as_slice(), &bytes].concat(), value: Vec::new() };
        [
            Change::Remove { key: booking_key(slot, number) },
            Change::Put { key: by_request_key(slot, record.request), value: bytes.to_vec() },
            index(customer_path(slot, &record.customer, status)),
            index(status_path(slot, status)),
            Change::Put { key: past_key(slot, number), value: encode_booking(level, booking) },
        ]
    })
}

/// Brings back what a reader wants, and says what that is: it is let go when the reader has seen it.
pub(crate) fn recall(
    state: &State,
    id: SlotId,
    slot: &mut Slot,
    wanted: &Wanted,
) -> Result<Vec<Number>, Unreadable> {
    let found = match wanted {
        Wanted::Nothing => Vec::new(),
        Wanted::Request(request) => find(state, id, slot.absent(*request))?,
        Wanted::List(list) => listed(state, id, slot, list)?,
    };
    Ok(bring(slot, found))
}

/// Brings back what a request needs before it is applied, and says what that is.
pub(crate) fn recall_for(
    state: &State,
    slot: &mut Slot,
    request: &Request,
) -> Result<Vec<Number>, Unreadable> {
    let found = find(state, request.slot, slot.absent_for(request))?;
    Ok(bring(slot, found))
}

fn bring(slot: &mut Slot, found: Vec<Booking>) -> Vec<Number> {
    let numbers = found.iter().map(|booking| booking.record.number).collect();
    for booking in found {
        slot.recall(booking);
    }
    numbers
}

/// Those of the absent that there are.
fn find(
    state: &State,
    slot: SlotId,
    absent: impl IntoIterator<Item = Absent>,
) -> Result<Vec<Booking>, Unreadable> {
    let mut found = Vec::new();
    for absent in absent {
        let number = match absent {
            Absent::Numbered(number) => Some(number),
            Absent::MadeBy(request) => {
                let value = state.get(&by_request_key(slot, request))?;
                value.map(|number| number_in(&number)).transpose()?
            }
        };
        if let Some(number) = number {
            found.extend(numbered(state, slot, number)?);
        }
    }
    Ok(found)
}

/// The first that one look may find, in order, as many as are wanted of it. However many there are, no other is read.
fn listed(state: &State, id: SlotId, slot: &Slot, list: &List) -> Result<Vec<Booking>, Unreadable> {
    let ends = ENDS.into_iter().filter(|end| list.status.is_none_or(|status| status == *end));
    let paths: Vec<_> = match (list.reference, &list.customer, list.status) {
        (Some(reference), ..) => return find(state, id, slot.number_of(reference).map(Absent::Numbered)),
        (None, Some(customer), _) => ends.map(|end| customer_path(id, customer, end)).collect(),
        (None, None, Some(_)) => ends.map(|end| status_path(id, end)).collect(),
        (None, None, None) => vec![key(PAST, id, &[])],
    };
    let first = list.after.map_or(Some(0), |number| number.0.checked_add(1));
    let Some(first) = first else { return Ok(Vec::new()) };
    let reach = slot.reach(&list.filter(), list.after);
    // Longer than a number: behind all that there can be.
    let until = reach.map_or_else(|| vec![0xFF; 5], |last| [&last.0.to_be_bytes()[..], &[0]].concat());
    let mut numbers = Vec::new();
    for path in paths {
        let from = [path.as_slice(), &first.to_be_bytes()].concat();
        let rows = state.scan(&from, &[path.as_slice(), &until].concat(), list.limit)?;
        for (key, _value) in &rows {
            numbers.push(number_in(key)?);
        }
    }
    numbers.sort_unstable();
    numbers.truncate(list.limit);
    find(state, id, numbers.into_iter().map(Absent::Numbered))
}

fn numbered(state: &State, slot: SlotId, number: Number) -> Result<Option<Booking>, Unreadable> {
    let value = state.get(&past_key(slot, number))?;
    Ok(value.map(|record| decode_booking(&record)).transpose()?)
}

/// The number at the end of a key, or that is a value.
fn number_in(bytes: &[u8]) -> Result<Number, Unreadable> {
    let number = bytes.last_chunk().copied().map(u32::from_be_bytes).map(Number);
    number.ok_or_else(|| Unreadable::Broken("an index has no number of a booking".to_owned()))
}

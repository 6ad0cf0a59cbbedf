//! Bookings that have left memory, in the store: found by number, by the request that made them, by customer, and by how they
//! ended. They never change again.

use booking::{
    Absent, BookingRecord, Changes, Filter, Number, Reference, Request, RequestKey, Slot, SlotId, Status,
};
use cluster::State;
use cluster::codec;
use storage::Change;

use crate::saved::{Unreadable, booking_key, key};

const PAST: u8 = b'o';
const BY_REQUEST: u8 = b'k';
const BY_CUSTOMER: u8 = b'c';
const BY_STATUS: u8 = b's';

/// Behind a customer's name in a key: no byte of a name, so that no name begins with another.
const END_OF_NAME: u8 = 0xFF;

/// What of the past a reader needs.
pub(crate) enum Wanted {
    /// Nothing.
    Nothing,
    /// What became of a request, and of the booking that it made.
    Request(RequestKey),
    /// A page of bookings.
    List(List),
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
pub(crate) fn leave(changes: &Changes) -> impl Iterator<Item = Change> + '_ {
    let slot = changes.header.id;
    changes.leaving.iter().flat_map(move |booking| {
        let number = booking.number.0.to_be_bytes();
        let index =
            |path: Vec<u8>| Change::Put { key: [path.as_slice(), &number].concat(), value: Vec::new() };
        [
            Change::Remove { key: booking_key(slot, booking.number) },
            Change::Put { key: past_key(slot, booking.number), value: codec::encode(booking) },
            Change::Put { key: request_key(slot, booking.request), value: number.to_vec() },
            index(customer_path(slot, &booking.customer)),
            index(status_path(slot, booking.standing.status())),
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
        Wanted::List(list) => listed(state, id, slot, list)?,
        Wanted::Request(request) => find(state, id, slot.absent(*request))?,
        Wanted::Nothing => return Ok(Vec::new()),
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

fn bring(slot: &mut Slot, found: Vec<BookingRecord>) -> Vec<Number> {
    let numbers = found.iter().map(|booking| booking.number).collect();
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
) -> Result<Vec<BookingRecord>, Unreadable> {
    let mut found = Vec::new();
    for absent in absent {
        let number = match absent {
            Absent::Numbered(number) => Some(number),
            Absent::MadeBy(request) => {
                let value = state.get(&request_key(slot, request))?;
                value.map(|number| number_in(&number)).transpose()?
            }
        };
        if let Some(number) = number {
            found.extend(numbered(state, slot, number)?);
        }
    }
    Ok(found)
}

/// The first that a page may have, in order, as many as fit on it.
fn listed(state: &State, id: SlotId, slot: &Slot, wanted: &List) -> Result<Vec<BookingRecord>, Unreadable> {
    if wanted.status.is_some_and(|status| !status.is_over()) {
        return Ok(Vec::new());
    }
    if let Some(reference) = wanted.reference {
        return find(state, id, slot.number_of(reference).map(Absent::Numbered));
    }
    // One customer's are few, whatever became of them.
    let path = match (&wanted.customer, wanted.status) {
        (Some(customer), _) => customer_path(id, customer),
        (None, Some(status)) => status_path(id, status),
        (None, None) => key(PAST, id, &[]),
    };
    let (filter, mut after) = (wanted.filter(), wanted.after);
    let mut found = Vec::new();
    while found.len() < wanted.limit {
        let from =
            [path.as_slice(), &after.map_or(0, |number| number.0.saturating_add(1)).to_be_bytes()].concat();
        let page = state.scan(&from, &[path.as_slice(), &[0xFF; 5]].concat(), wanted.limit)?;
        let Some((last, _value)) = page.last() else { break };
        after = Some(number_in(last)?);
        for (key, value) in &page {
            let booking = match value.as_slice() {
                [] => numbered(state, id, number_in(key)?)?,
                record => Some(codec::decode(record)?),
            };
            found.extend(booking.filter(|booking| filter.takes(booking)));
        }
    }
    found.truncate(wanted.limit);
    Ok(found)
}

fn numbered(state: &State, slot: SlotId, number: Number) -> Result<Option<BookingRecord>, Unreadable> {
    let value = state.get(&past_key(slot, number))?;
    Ok(value.map(|record| codec::decode(&record)).transpose()?)
}

/// The number at the end of a key, or that is a value.
fn number_in(bytes: &[u8]) -> Result<Number, Unreadable> {
    let number = bytes.last_chunk().copied().map(u32::from_be_bytes).map(Number);
    number.ok_or_else(|| Unreadable::Broken("an index has no number of a booking".to_owned()))
}

fn past_key(slot: SlotId, number: Number) -> Vec<u8> {
    key(PAST, slot, &number.0.to_be_bytes())
}

fn request_key(slot: SlotId, request: RequestKey) -> Vec<u8> {
    key(BY_REQUEST, slot, &request.0.to_be_bytes())
}

fn customer_path(slot: SlotId, customer: &str) -> Vec<u8> {
    key(BY_CUSTOMER, slot, &[customer.as_bytes(), &[END_OF_NAME]].concat())
}

fn status_path(slot: SlotId, status: Status) -> Vec<u8> {
    key(BY_STATUS, slot, &[status as u8])
}

#[cfg(test)]
mod tests {
    use booking::Partition;

    use super::*;

    #[test]
    fn keys_are_for_ever_and_no_name_begins_with_another() {
        let slot = SlotId { partition: Partition::new(0x0102).expect("below 1,024"), hash: 3 };
        let id = [&[1, 2][..], &[0; 15], &[3]].concat();
        let behind = |kind: &[u8], rest: &[u8]| [kind, &id, rest].concat();
        assert_eq!(past_key(slot, Number(258)), behind(b"o", &[0, 0, 1, 2]));
        assert_eq!(request_key(slot, RequestKey(5)), behind(b"k", &[[0; 15].as_slice(), &[5]].concat()));
        assert_eq!(customer_path(slot, "ab"), behind(b"c", b"ab\xFF"));
        assert!(!customer_path(slot, "abc").starts_with(&customer_path(slot, "ab")));
        let statuses = [Status::Cancelled, Status::Declined, Status::Expired];
        assert_eq!(
            statuses.map(|status| status_path(slot, status)),
            [4, 5, 6].map(|last| behind(b"s", &[last]))
        );
    }
}

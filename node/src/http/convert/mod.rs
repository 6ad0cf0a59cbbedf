//! Between the words of HTTP and the words of the rules, by hand. Bounds are tested here and never again.

pub(crate) mod change;

use std::fmt;

use api::booking::Remaining;
use api::problem::Fault;
use api::time::Time;
use booking::limits;
use booking::{Definition, SlotStatus, Timestamp, View};

use super::request::caller::NAME_LEN_MAX;
use super::response::problem::Failure;
use crate::ids;
use crate::router::{Health, Sighting};
use crate::views::listing::Stand;

const TITLE_LEN_MAX: usize = 1_000;
const PLACEMENT_LEN_MAX: usize = 64;

/// The faults found in one body.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault unless it is `good`; what is left out is good. The detail is written only where it is needed.
    pub(crate) fn check(&mut self, good: impl Into<Option<bool>>, pointer: &str, detail: impl fmt::Display) {
        if good.into() == Some(false) {
            self.0.push(Fault { pointer: pointer.to_owned(), detail: detail.to_string() });
        }
    }

    pub(crate) fn within(&mut self, value: u32, bounds: (u32, u32), pointer: &str) {
        let (least, most) = bounds;
        self.check((least..=most).contains(&value), pointer, format_args!("must be {least} to {most}"));
    }

    pub(crate) fn done<T>(self, value: T) -> Result<T, Failure> {
        if self.0.is_empty() { Ok(value) } else { Err(Failure::body(self.0)) }
    }
}

/// A slot's definition, as its organizer asked for it.
pub(crate) fn definition(
    organizer: &str,
    slot: api::slot::CreateSlot,
    secret: booking::Secret,
) -> Result<Definition, Failure> {
    let mut faults = Faults::default();
    check_title(&mut faults, &slot.title);
    faults.check(
        slot.placement.as_deref().map(|placement| has_length(placement, PLACEMENT_LEN_MAX)),
        "/placement",
        format_args!("must have 1 to {PLACEMENT_LEN_MAX} characters, or be null"),
    );
    faults.check(slot.starts_at < slot.ends_at, "/ends_at", "must be after starts_at");
    faults.check(
        slot.sale.closes_at.map(|closes_at| closes_at <= slot.starts_at),
        "/sale/closes_at",
        "must not be after starts_at",
    );
    let closes_at = slot.sale.closes_at.unwrap_or(slot.starts_at);
    faults.check(
        slot.sale.opens_at.map(|opens_at| opens_at < closes_at),
        "/sale/opens_at",
        "must be before closes_at, or before starts_at where the sale closes then",
    );
    faults.within(slot.inventory.units.capacity, (0, limits::CAPACITY_MAX), "/inventory/units/capacity");
    check_policy(&mut faults, &slot.policy);
    faults.done(Definition {
        organizer: organizer.into(),
        placement: slot.placement.map(String::into_boxed_str),
        title: slot.title.into_boxed_str(),
        starts_at: timestamp(slot.starts_at),
        ends_at: timestamp(slot.ends_at),
        sale: booking::Sale {
            opens_at: slot.sale.opens_at.map(timestamp),
            closes_at: slot.sale.closes_at.map(timestamp),
        },
        capacity: slot.inventory.units.capacity,
        policy: policy(&slot.policy),
        secret,
    })
}

pub(crate) fn check_title(faults: &mut Faults, title: &str) {
    let detail = format_args!("must have 1 to {TITLE_LEN_MAX} characters");
    faults.check(has_length(title, TITLE_LEN_MAX), "/title", detail);
}

fn has_length(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count())
}

/// The bounds of a policy; a change's too, with the usual values where it says nothing.
pub(crate) fn check_policy(faults: &mut Faults, policy: &api::slot::Policy) {
    faults.within(policy.hold_seconds, (1, limits::HOLD_SECONDS_MAX), "/policy/hold_seconds");
    faults.within(
        policy.hold_seconds_max,
        (1, limits::HOLD_SECONDS_EXTENDED_MAX),
        "/policy/hold_seconds_max",
    );
    if let Some(limit) = policy.customer_limit {
        faults.within(limit, (1, limits::CUSTOMER_LIMIT_MAX), "/policy/customer_limit");
    }
    faults.within(
        policy.cancel_until_seconds,
        (0, limits::CANCEL_UNTIL_SECONDS_MAX),
        "/policy/cancel_until_seconds",
    );
    if let Some(waitlist) = policy.waitlist {
        faults.within(waitlist.capacity, (1, limits::WAITLIST_CAPACITY_MAX), "/policy/waitlist/capacity");
        faults.within(
            waitlist.offer_seconds,
            (1, limits::OFFER_SECONDS_MAX),
            "/policy/waitlist/offer_seconds",
        );
    }
}

/// What a customer, or a box office for one, asks a slot for.
pub(crate) fn book(customer: String, asked: &api::booking::CreateBooking) -> Result<booking::Book, Failure> {
    let mut faults = Faults::default();
    faults.within(asked.quantity, (1, limits::QUANTITY_MAX), "/quantity");
    if let Some(seconds) = asked.hold_seconds {
        // Longer than the slot's maximum is no fault: it is cut.
        faults.check(1 <= seconds, "/hold_seconds", "must be 1 or more");
    }
    faults.check(
        (1..=NAME_LEN_MAX).contains(&customer.len()),
        "/customer",
        format_args!("must have 1 to {NAME_LEN_MAX} bytes"),
    );
    faults.done(booking::Book {
        customer: customer.into_boxed_str(),
        quantity: asked.quantity,
        mode: match asked.mode {
            api::booking::Mode::Confirm => booking::Mode::Confirm,
            api::booking::Mode::Hold => booking::Mode::Hold,
        },
        hold_seconds: asked.hold_seconds.map(wished_seconds),
        when_full: match asked.when_full {
            api::booking::WhenFull::Waitlist => booking::WhenFull::Waitlist,
            api::booking::WhenFull::Refuse => booking::WhenFull::Refuse,
        },
    })
}

/// How long a hold is to last from now on.
pub(crate) fn extension(asked: api::booking::ExtendHold) -> Result<u32, Failure> {
    let mut faults = Faults::default();
    faults.check(1 <= asked.hold_seconds, "/hold_seconds", "must be 1 or more");
    faults.done(wished_seconds(asked.hold_seconds))
}

/// What is more than can be written down is cut like everything that is too long.
fn wished_seconds(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// A slot as answers show it. `at` is the moment for which its status is told.
pub(crate) fn slot(sighting: &Sighting, at: Timestamp) -> api::slot::Slot {
    let view = &sighting.view;
    let definition = &view.definition;
    api::slot::Slot {
        id: ids::slot_text(view.id),
        organizer: definition.organizer.to_string(),
        placement: definition.placement.as_deref().map(str::to_owned),
        title: definition.title.to_string(),
        status: status(sighting, at),
        seq: view.seq.0,
        starts_at: time(definition.starts_at),
        ends_at: time(definition.ends_at),
        sale: api::slot::Sale {
            opens_at: definition.sale.opens_at.map(time),
            closes_at: definition.sale.closes_at.map(time),
        },
        inventory: api::slot::Inventory { units: api::slot::Units { capacity: definition.capacity } },
        policy: policy_words(&definition.policy),
        counts: counts(view.counts),
        bookable: match sighting.health {
            Health::Sound => view.bookable(at),
            Health::Faulted => 0,
        },
    }
}

/// How a slot stands at `at`, as the contract spells it.
pub(crate) fn status(sighting: &Sighting, at: Timestamp) -> api::slot::Status {
    use api::slot::Status;
    match sighting.stand(at) {
        Stand::Faulted => Status::Faulted,
        Stand::Sound(SlotStatus::Scheduled) => Status::Scheduled,
        Stand::Sound(SlotStatus::OnSale) => Status::OnSale,
        Stand::Sound(SlotStatus::Closed) => Status::Closed,
        Stand::Sound(SlotStatus::Finished) => Status::Finished,
        Stand::Sound(SlotStatus::Cancelled) => Status::Cancelled,
    }
}

/// How slots stand that are wanted.
pub(crate) fn stand_wanted(status: api::slot::Status) -> Stand {
    use api::slot::Status;
    match status {
        Status::Faulted => Stand::Faulted,
        Status::Scheduled => Stand::Sound(SlotStatus::Scheduled),
        Status::OnSale => Stand::Sound(SlotStatus::OnSale),
        Status::Closed => Stand::Sound(SlotStatus::Closed),
        Status::Finished => Stand::Sound(SlotStatus::Finished),
        Status::Cancelled => Stand::Sound(SlotStatus::Cancelled),
    }
}

/// The slot of a decision, which the rules made: it is sound.
pub(crate) fn decided(view: View) -> Sighting {
    Sighting { view, health: Health::Sound }
}

/// A booking as an answer shows it: at `seq`, with the time that is left to its deadline at `at`.
pub(crate) fn booking(booking: booking::BookingView, seq: u64, at: Timestamp) -> api::booking::Booking {
    let left = |until: Timestamp| Remaining::Ms(until.0.saturating_sub(at.0));
    let expires_in_ms = booking.expires_at.map_or(Remaining::None, left);
    api::booking::Booking { expires_in_ms, ..recorded(booking, seq) }
}

/// A booking as a record of the feed shows it.
fn recorded(booking: booking::BookingView, seq: u64) -> api::booking::Booking {
    api::booking::Booking {
        id: ids::booking_text(booking.id),
        slot: ids::slot_text(booking.id.slot),
        customer: booking.customer.into_string(),
        quantity: booking.quantity,
        status: booking_status(booking.status),
        mode: match booking.mode {
            booking::Mode::Confirm => api::booking::Mode::Confirm,
            booking::Mode::Hold => api::booking::Mode::Hold,
        },
        seq,
        reference: booking.reference.to_string(),
        position: booking.position,
        expires_at: booking.expires_at.map(time),
        expires_in_ms: Remaining::LeftOut,
        created_at: time(booking.created_at),
    }
}

/// One step of the feed.
pub(crate) fn record(record: booking::Record) -> api::feed::Record {
    use api::feed::Kind;
    let seq = record.seq.0;
    api::feed::Record {
        seq,
        at: time(record.at),
        kind: match record.kind {
            booking::Kind::SlotCreated => Kind::SlotCreated,
            booking::Kind::SlotChanged => Kind::SlotChanged,
            booking::Kind::SlotCancelled => Kind::SlotCancelled,
            booking::Kind::Booked => Kind::Booked,
            booking::Kind::Confirmed => Kind::Confirmed,
            booking::Kind::Extended => Kind::Extended,
            booking::Kind::Accepted => Kind::Accepted,
            booking::Kind::Declined => Kind::Declined,
            booking::Kind::Cancelled => Kind::Cancelled,
            booking::Kind::Lapsed => Kind::Lapsed,
            booking::Kind::Finished => Kind::Finished,
        },
        bookings: record.bookings.into_iter().map(|booking| recorded(booking, seq)).collect(),
        counts: counts(record.counts),
    }
}

fn booking_status(status: booking::Status) -> api::booking::Status {
    use api::booking::Status;
    match status {
        booking::Status::Held => Status::Held,
        booking::Status::Offered => Status::Offered,
        booking::Status::Waitlisted => Status::Waitlisted,
        booking::Status::Confirmed => Status::Confirmed,
        booking::Status::Cancelled => Status::Cancelled,
        booking::Status::Declined => Status::Declined,
        booking::Status::Expired => Status::Expired,
    }
}

/// The rules' word for a status that a list is filtered by.
pub(crate) fn status_wanted(status: api::booking::Status) -> booking::Status {
    use api::booking::Status;
    match status {
        Status::Held => booking::Status::Held,
        Status::Offered => booking::Status::Offered,
        Status::Waitlisted => booking::Status::Waitlisted,
        Status::Confirmed => booking::Status::Confirmed,
        Status::Cancelled => booking::Status::Cancelled,
        Status::Declined => booking::Status::Declined,
        Status::Expired => booking::Status::Expired,
    }
}

fn counts(counts: booking::Counts) -> api::slot::Counts {
    let booking::Counts { capacity, free, held, offered, confirmed, waitlisted } = counts;
    api::slot::Counts { capacity, free, held, offered, confirmed, waitlisted }
}

fn policy(policy: &api::slot::Policy) -> booking::Policy {
    booking::Policy {
        confirmed_by: confirmed_by(policy.confirmed_by),
        hold_seconds: policy.hold_seconds,
        hold_seconds_max: policy.hold_seconds_max,
        customer_limit: policy.customer_limit,
        cancel_until_seconds: policy.cancel_until_seconds,
        waitlist: policy.waitlist.map(|waitlist| booking::WaitlistPolicy {
            capacity: waitlist.capacity,
            promotion: promotion(waitlist.promotion),
            offer_seconds: waitlist.offer_seconds,
            order: order(waitlist.order),
        }),
    }
}

pub(crate) fn confirmed_by(word: api::slot::ConfirmedBy) -> booking::ConfirmedBy {
    match word {
        api::slot::ConfirmedBy::Customer => booking::ConfirmedBy::Customer,
        api::slot::ConfirmedBy::Organizer => booking::ConfirmedBy::Organizer,
    }
}

pub(crate) fn promotion(word: api::slot::Promotion) -> booking::Promotion {
    match word {
        api::slot::Promotion::Confirm => booking::Promotion::Confirm,
        api::slot::Promotion::Offer => booking::Promotion::Offer,
    }
}

pub(crate) fn order(word: api::slot::Order) -> booking::Order {
    match word {
        api::slot::Order::Strict => booking::Order::Strict,
        api::slot::Order::SkipFit => booking::Order::SkipFit,
    }
}

fn policy_words(policy: &booking::Policy) -> api::slot::Policy {
    api::slot::Policy {
        confirmed_by: match policy.confirmed_by {
            booking::ConfirmedBy::Customer => api::slot::ConfirmedBy::Customer,
            booking::ConfirmedBy::Organizer => api::slot::ConfirmedBy::Organizer,
        },
        hold_seconds: policy.hold_seconds,
        hold_seconds_max: policy.hold_seconds_max,
        customer_limit: policy.customer_limit,
        cancel_until_seconds: policy.cancel_until_seconds,
        waitlist: policy.waitlist.map(|waitlist| api::slot::Waitlist {
            capacity: waitlist.capacity,
            promotion: match waitlist.promotion {
                booking::Promotion::Confirm => api::slot::Promotion::Confirm,
                booking::Promotion::Offer => api::slot::Promotion::Offer,
            },
            offer_seconds: waitlist.offer_seconds,
            order: match waitlist.order {
                booking::Order::Strict => api::slot::Order::Strict,
                booking::Order::SkipFit => api::slot::Order::SkipFit,
            },
        }),
    }
}

pub(crate) fn time(at: Timestamp) -> Time {
    Time::from_ms(at.0)
}

pub(crate) fn timestamp(time: Time) -> Timestamp {
    Timestamp(time.as_ms())
}

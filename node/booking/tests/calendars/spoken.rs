//! What the oracle means, in the words of the rules, and the other way round.

use std::sync::Arc;

use bincode::config::standard;
use booking::{
    Act, Book, CalendarChange, CalendarPlaces, CalendarStock, ChangeQuantity, Command, ConfirmedBy, Decision,
    Definition, Details, Extend, Fingerprint, HoursRule, Lengths, LengthsChange, Mode, MoveBooking, NewSlot,
    Openings, OpeningsOf, Order, Outcome, Partition, Party, Policy, PolicyChange, Promotion, Range,
    RangeWish, Request, RequestKey, Resources, Sale, Secret, SlotChange, SlotId, Stock, Timestamp,
    WaitlistChange, WaitlistPolicy, WhenFull, Wish,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::oracle::{Actor, Oracle, Told};
use crate::workload::{Reopens, Step};

const MINUTE_MS: u64 = 60_000;

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp(u64::try_from(minute).unwrap() * MINUTE_MS)
}

pub(crate) fn minute(at: Timestamp) -> i64 {
    assert_eq!(at.0 % MINUTE_MS, 0, "everything happens at minutes");
    i64::try_from(at.0 / MINUTE_MS).unwrap()
}

fn seconds(minutes: i64) -> u32 {
    u32::try_from(minutes * 60).unwrap()
}

fn range((from, to): (i64, i64)) -> Range {
    Range::new(at(from), at(to)).unwrap()
}

pub(crate) fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, standard()).unwrap()
}

/// What a record says that was saved as this.
pub(crate) fn read<Shape: DeserializeOwned + Into<Record>, Record>(bytes: &[u8]) -> Record {
    bincode::serde::decode_from_slice::<Shape, _>(bytes, standard()).unwrap().0.into()
}

/// The request that makes the oracle's calendar.
pub(crate) fn creation(oracle: &Oracle) -> Request {
    let new = NewSlot::of_calendar(definition(oracle), openings(oracle));
    command(0, Command::CreateSlot(Box::new(new)))
}

/// Number `nth` of the requests, to a calendar that is like this.
pub(crate) fn request(step: &Step, oracle: &Oracle, nth: usize) -> Request {
    let nth = nth as u128;
    match step {
        Step::Book(ask) => {
            let wish = RangeWish {
                from: at(ask.range.0),
                to: at(ask.range.1),
                resource: ask.resource.map(Into::into),
                quantity: ask.quantity,
            };
            let book = Book {
                customer: ask.customer.into(),
                wish: Wish::Range(Box::new(wish)),
                mode: if ask.confirms { Mode::Confirm } else { Mode::Hold },
                hold_seconds: ask.hold.map(seconds),
                when_full: if ask.waits { WhenFull::Waitlist } else { WhenFull::Refuse },
                basket: None,
            };
            Request { key: RequestKey(ask.key), ..command(nth, Command::Book(book)) }
        }
        Step::Cancel(actor) => command(nth, Command::CancelBooking(act(*actor))),
        Step::Confirm(actor) => command(nth, Command::ConfirmBooking(act(*actor))),
        Step::Accept(actor) => command(nth, Command::AcceptOffer(act(*actor))),
        Step::Decline(actor) => command(nth, Command::DeclineOffer(act(*actor))),
        Step::Extend(actor, lasts) => {
            let extend = Extend { act: act(*actor), hold_seconds: seconds(*lasts) };
            command(nth, Command::ExtendHold(extend))
        }
        Step::Quantity(actor, quantity) => {
            let quantity = (*quantity).try_into().unwrap();
            let change = ChangeQuantity { act: act(*actor), quantity, lines: vec![] };
            command(nth, Command::ChangeQuantity(change))
        }
        Step::Move(actor, (from, to), resource) => {
            let asked = MoveBooking {
                act: act(*actor),
                from: from.map(at),
                to: to.map(at),
                resource: resource.map(|within| within.map(Into::into)),
            };
            command(nth, Command::MoveBooking(Box::new(asked)))
        }
        Step::Change(new, reopens) => {
            command(nth, Command::ChangeSlot(Box::new(change(oracle, new, *reopens))))
        }
        Step::ExtendHours(more, until) => {
            let each = more.iter().copied().map(range).collect();
            let openings = Openings { each, until: at(*until) };
            let basis = definition(oracle).openings_basis();
            command(nth, Command::ExtendHours(Box::new(OpeningsOf { basis, openings })))
        }
        Step::CancelSlot => command(nth, Command::CancelSlot),
        Step::Pulse | Step::Again(_) | Step::Restore | Step::Free { .. } => unreachable!("nobody asks"),
    }
}

fn command(key: u128, command: Command) -> Request {
    let slot = SlotId { partition: Partition::new(1).unwrap(), hash: 1 };
    Request { slot, key: RequestKey(key + 1_000_000), fingerprint: Fingerprint(1), command }
}

fn act((key, by): Actor) -> Act {
    let by = by.map_or(Party::Organizer, |customer| Party::Customer(customer.into()));
    Act { booking: RequestKey(key), by }
}

fn openings(oracle: &Oracle) -> Openings {
    let each = oracle.openings.iter().copied().map(range).collect();
    Openings { each, until: at(oracle.known_until) }
}

fn lengths(oracle: &Oracle) -> Lengths {
    Lengths {
        grid_seconds: seconds(oracle.grid),
        minimum_seconds: seconds(oracle.minimum),
        maximum_seconds: seconds(oracle.maximum),
        before_seconds: seconds(oracle.buffers.0),
        after_seconds: seconds(oracle.buffers.1),
        lead_seconds: seconds(oracle.lead),
        horizon_seconds: seconds(oracle.horizon),
    }
}

fn listed(oracle: &Oracle) -> Vec<Box<str>> {
    oracle.listed.iter().map(|&number| oracle.names[number].into()).collect()
}

/// The rule says nothing of the openings here: those are what is tested.
fn definition(oracle: &Oracle) -> Definition {
    let places = match oracle.count {
        Some(count) => CalendarPlaces::Count(count),
        None => CalendarPlaces::Resources(Resources::new(&listed(oracle)).unwrap()),
    };
    let rule = HoursRule { time_zone: "UTC".into(), ..HoursRule::default() };
    let stock = CalendarStock { places, lengths: lengths(oracle), rule };
    Definition {
        organizer: "club".into(),
        placement: None,
        title: "courts".into(),
        starts_at: at(oracle.span.0),
        ends_at: at(oracle.span.1),
        sale: Sale { opens_at: None, closes_at: None },
        stock: Stock::Calendar(Arc::new(stock)),
        tariff: None,
        policy: Policy {
            confirmed_by: confirmed_by(oracle),
            hold_seconds: seconds(oracle.hold),
            hold_seconds_max: seconds(oracle.hold_max),
            customer_limit: oracle.limit,
            cancel_until_seconds: seconds(oracle.cancel_until),
            waitlist: oracle.waitlist.map(|capacity| WaitlistPolicy {
                capacity,
                promotion: promotion(oracle),
                offer_seconds: seconds(oracle.offer.unwrap_or(1)),
                order: Order::SkipFit,
            }),
            on_account: None,
        },
        secret: Secret([1; 16]),
    }
}

fn confirmed_by(oracle: &Oracle) -> ConfirmedBy {
    if oracle.organizer_confirms { ConfirmedBy::Organizer } else { ConfirmedBy::Customer }
}

fn promotion(oracle: &Oracle) -> Promotion {
    if oracle.offer.is_some() { Promotion::Offer } else { Promotion::Confirm }
}

/// What makes the one calendar like the other.
fn change(old: &Oracle, new: &Oracle, reopens: Reopens) -> SlotChange {
    let said = lengths(new);
    let openings = (reopens != Reopens::No).then(|| {
        let basis = definition(new).openings_basis() + u64::from(reopens == Reopens::Wrongly);
        OpeningsOf { basis, openings: openings(new) }
    });
    let calendar = CalendarChange {
        count: new.count,
        resources: (new.count.is_none() && old.listed != new.listed).then(|| listed(new)),
        lengths: LengthsChange {
            grid_seconds: Some(said.grid_seconds),
            minimum_seconds: Some(said.minimum_seconds),
            maximum_seconds: Some(said.maximum_seconds),
            before_seconds: Some(said.before_seconds),
            after_seconds: Some(said.after_seconds),
            lead_seconds: Some(said.lead_seconds),
            horizon_seconds: Some(said.horizon_seconds),
        },
        rule: None,
        openings,
    };
    let waitlist = new.waitlist.map(|capacity| WaitlistChange {
        capacity: Some(capacity),
        promotion: Some(promotion(new)),
        offer_seconds: Some(seconds(new.offer.unwrap_or(1))),
        order: Some(Order::Strict),
    });
    let policy = PolicyChange {
        confirmed_by: Some(confirmed_by(new)),
        hold_seconds: Some(seconds(new.hold)),
        hold_seconds_max: Some(seconds(new.hold_max)),
        customer_limit: Some(new.limit),
        cancel_until_seconds: Some(seconds(new.cancel_until)),
        waitlist: Some(waitlist),
        on_account: None,
    };
    SlotChange {
        starts_at: Some(at(new.span.0)),
        ends_at: Some(at(new.span.1)),
        calendar: Some(Box::new(calendar)),
        policy,
        ..SlotChange::default()
    }
}

/// What is told with a refusal.
pub(crate) fn details(details: &Details) -> Told {
    match details {
        Details::Range(reason) => Told::Reason(*reason),
        Details::RangesTaken(ranges) => {
            Told::Taken(ranges.iter().map(|one| (minute(one.from()), minute(one.to()))).collect())
        }
        Details::InUseFrom(first) => Told::InUseFrom(minute(*first)),
        other @ (Details::Conflicts(_)
        | Details::Singles(_)
        | Details::Quotas(_)
        | Details::Line(_)
        | Details::LargestBlock(_)
        | Details::InUse { .. }) => panic!("nobody asks for seats or products: {other:?}"),
    }
}

/// What was asked, and what came of it, in words.
pub(crate) fn name(step: &Step, outcome: &Outcome) -> String {
    let asked = format!("{step:?}");
    let asked = asked.split(['(', ' ']).next().unwrap();
    let answer = match &outcome.decision {
        Decision::Slot(_) => "Slot".into(),
        Decision::Booking(view) => format!("{:?}", view.status),
        Decision::Refused(refusal) => format!("{refusal:?}"),
        Decision::Explained(refusal, details) => match &**details {
            Details::Range(reason) => format!("{refusal:?} {reason:?}"),
            Details::RangesTaken(_)
            | Details::InUseFrom(_)
            | Details::Conflicts(_)
            | Details::Singles(_)
            | Details::Quotas(_)
            | Details::Line(_)
            | Details::LargestBlock(_)
            | Details::InUse { .. } => format!("{refusal:?}"),
        },
        Decision::AnotherMap => "Outdated".into(),
        Decision::KeyReused => "KeyReused".into(),
        Decision::NotFound => "NotFound".into(),
        Decision::Forbidden => "Forbidden".into(),
    };
    format!("{asked} {answer}")
}

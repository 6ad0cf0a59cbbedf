//! The first version of what there is of a merchant.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::Package;
use super::asked::{Grant, Reserve};
use super::order::{NewOrder, Order, OrderAsked};
use super::refusal::Refusal;
use super::voucher::{NewVoucher, Voucher, VoucherChange};
use crate::merchant::{self, Bookings, Kind, OnBookings, Owner};
use crate::stored::each::each;
use crate::stored::v1::header::Origin;
use crate::stored::v1::intents::IntentCounts;
use crate::stored::v6::PaymentReport;
use crate::{
    EntityId, Fingerprint, Level, OrderNumber, PackageNumber, PromiseNumber, Provider, RequestKey, Seq,
    SlotId, Timestamp, VoucherNumber,
};

/// One request to one merchant.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    merchant: EntityId,
    key: RequestKey,
    fingerprint: Fingerprint,
    command: Command,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Command {
    Open(Name),
    Grant(Box<Grant>),
    Reserve(Box<Reserve>),
    Freeze { which: Which, from: Timestamp, until: Timestamp, on_bookings: OnBookings },
    Unfreeze(Which),
    Revoke(Which, Bookings),
    SetLimit(Option<u32>),
    MakeVoucher(Box<NewVoucher>),
    ChangeVoucher(Box<VoucherChange>),
    WithdrawVoucher(VoucherNumber),
    Order(Box<NewOrder>),
    ConfirmOrder(OrderAsked),
    ExtendOrder(OrderAsked, u32),
    CancelOrder(OrderAsked, Vec<u32>),
    PayOrder(OrderAsked, Provider),
    ReportPayment(Box<str>, Box<PaymentReport>),
    RefundOrder(OrderAsked, u64),
    FreezePayments(bool),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Name {
    organizer: Box<str>,
    placement: Option<Box<str>>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Which {
    customer: Box<str>,
    package: PackageNumber,
    by: Owner,
}

/// The part of a merchant that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    id: EntityId,
    name: Name,
    origin: Origin,
    seq: Seq,
    stamp: Timestamp,
    limit: Option<u32>,
    accounts: u64,
    away: u64,
    away_digest: u64,
    vouchers: u64,
    orders: u64,
    is_frozen: bool,
    packages_made: u64,
    promises_made: u64,
    receipts_made: u64,
    intents: IntentCounts,
    digest: u64,
}

/// What was answered to one request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    serial: u64,
    request: RequestKey,
    fingerprint: Fingerprint,
    seq: Seq,
    at: Timestamp,
    answer: Answer,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Answer {
    Refused(Refusal),
    Package(Box<Holding>),
    Promised(PromiseNumber),
    Limit(Option<u32>),
    Voucher(Box<Voucher>),
    Order(OrderNumber),
    Payments(bool),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holding {
    customer: Box<str>,
    package: Package,
}

/// One step that changed something.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    seq: Seq,
    at: Timestamp,
    kind: Kind,
    entries: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    kind: Kind,
    customer: Box<str>,
    package: Option<PackageNumber>,
    voucher: Option<VoucherNumber>,
    order: Option<OrderNumber>,
    count: u32,
    booking: Option<(SlotId, RequestKey)>,
}

/// The answer to one request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    seq: Seq,
    at: Timestamp,
    replayed: bool,
    decision: Decision,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Decision {
    Open,
    Package(Box<Holding>),
    Promised(PromiseNumber),
    Limit(Option<u32>),
    Voucher(Box<Voucher>),
    Order(Box<Order>),
    Payments(bool),
    Refused(Refusal),
    Booked(Refusal, Vec<(SlotId, RequestKey)>),
    Outdated,
    Overloaded,
    KeyReused,
    NotFound,
}

impl Request {
    /// The shape that is written under this level.
    pub(super) fn at(level: Level, request: merchant::Request) -> Self {
        use merchant::Command;
        let merchant::Request { merchant, key, fingerprint, command } = request;
        let command = match command {
            Command::Open(name) => self::Command::Open((*name).into()),
            Command::Grant(grant) => self::Command::Grant(Box::new((*grant).into())),
            Command::Reserve(reserve) => self::Command::Reserve(Box::new(Reserve::at(level, *reserve))),
            Command::Freeze(freeze) => {
                let merchant::Freeze { which, from, until, on_bookings } = *freeze;
                self::Command::Freeze { which: which.into(), from, until, on_bookings }
            }
            Command::Unfreeze(which) => self::Command::Unfreeze((*which).into()),
            Command::Revoke(which, bookings) => self::Command::Revoke((*which).into(), bookings),
            Command::SetLimit(limit) => self::Command::SetLimit(limit),
            Command::MakeVoucher(new) => self::Command::MakeVoucher(Box::new((*new).into())),
            Command::ChangeVoucher(change) => self::Command::ChangeVoucher(Box::new((*change).into())),
            Command::WithdrawVoucher(voucher) => self::Command::WithdrawVoucher(voucher),
            Command::Order(new) => self::Command::Order(Box::new(NewOrder::at(level, *new))),
            Command::ConfirmOrder(asked) => self::Command::ConfirmOrder((*asked).into()),
            Command::ExtendOrder(asked, seconds) => self::Command::ExtendOrder((*asked).into(), seconds),
            Command::CancelOrder(asked, items) => self::Command::CancelOrder((*asked).into(), items),
            Command::PayOrder(asked, provider) => self::Command::PayOrder((*asked).into(), provider),
            Command::ReportPayment(customer, report) => {
                self::Command::ReportPayment(customer, Box::new((*report).into()))
            }
            Command::RefundOrder(asked, amount) => self::Command::RefundOrder((*asked).into(), amount),
            Command::FreezePayments(is_frozen) => self::Command::FreezePayments(is_frozen),
        };
        Self { merchant, key, fingerprint, command }
    }
}

impl From<Request> for merchant::Request {
    fn from(request: Request) -> Self {
        use merchant::Command as To;
        let Request { merchant, key, fingerprint, command } = request;
        let command = match command {
            Command::Open(name) => To::Open(Box::new(name.into())),
            Command::Grant(grant) => To::Grant(Box::new((*grant).into())),
            Command::Reserve(reserve) => To::Reserve(Box::new((*reserve).into())),
            Command::Freeze { which, from, until, on_bookings } => {
                To::Freeze(Box::new(merchant::Freeze { which: which.into(), from, until, on_bookings }))
            }
            Command::Unfreeze(which) => To::Unfreeze(Box::new(which.into())),
            Command::Revoke(which, bookings) => To::Revoke(Box::new(which.into()), bookings),
            Command::SetLimit(limit) => To::SetLimit(limit),
            Command::MakeVoucher(new) => To::MakeVoucher(Box::new((*new).into())),
            Command::ChangeVoucher(change) => To::ChangeVoucher(Box::new((*change).into())),
            Command::WithdrawVoucher(voucher) => To::WithdrawVoucher(voucher),
            Command::Order(new) => To::Order(Box::new((*new).into())),
            Command::ConfirmOrder(asked) => To::ConfirmOrder(Box::new(asked.into())),
            Command::ExtendOrder(asked, seconds) => To::ExtendOrder(Box::new(asked.into()), seconds),
            Command::CancelOrder(asked, items) => To::CancelOrder(Box::new(asked.into()), items),
            Command::PayOrder(asked, provider) => To::PayOrder(Box::new(asked.into()), provider),
            Command::ReportPayment(customer, report) => {
                To::ReportPayment(customer, Box::new((*report).into()))
            }
            Command::RefundOrder(asked, amount) => To::RefundOrder(Box::new(asked.into()), amount),
            Command::FreezePayments(is_frozen) => To::FreezePayments(is_frozen),
        };
        Self { merchant, key, fingerprint, command }
    }
}

impl From<merchant::Header> for Header {
    fn from(header: merchant::Header) -> Self {
        let merchant::Header { id, name, origin, seq, stamp, limit, accounts, away, packages_made, .. } =
            header;
        let merchant::Header {
            vouchers,
            orders,
            is_frozen,
            promises_made,
            receipts_made,
            intents,
            digest,
            ..
        } = header;
        let (name, origin, intents) = (name.into(), origin.into(), intents.into());
        let merchant::AccountsAway { accounts: away, digest: away_digest } = away;
        Self {
            id,
            name,
            origin,
            seq,
            stamp,
            limit,
            accounts,
            away,
            away_digest,
            vouchers,
            orders,
            is_frozen,
            packages_made,
            promises_made,
            receipts_made,
            intents,
            digest,
        }
    }
}

impl From<Header> for merchant::Header {
    fn from(header: Header) -> Self {
        let Header { id, name, origin, seq, stamp, limit, accounts, away, away_digest, .. } = header;
        let Header { vouchers, orders, is_frozen, packages_made, promises_made, .. } = header;
        let Header { receipts_made, intents, digest, .. } = header;
        let (name, origin, intents) = (name.into(), origin.into(), intents.into());
        let away = merchant::AccountsAway { accounts: away, digest: away_digest };
        Self {
            id,
            name,
            origin,
            seq,
            stamp,
            limit,
            accounts,
            away,
            vouchers,
            orders,
            is_frozen,
            packages_made,
            promises_made,
            receipts_made,
            intents,
            digest,
        }
    }
}

/// Words that are the same on both sides: conversions in both directions.
macro_rules! same_words {
    ($name:ident { $($plain:ident),* } { $($of:ident($one:ident)),* } { $($with:ident { $($field:ident),+ }),* }) => {
        impl From<merchant::$name> for $name {
            fn from(value: merchant::$name) -> Self {
                match value {
                    $(merchant::$name::$plain => Self::$plain,)*
                    $(merchant::$name::$of($one) => Self::$of($one.into()),)*
                    $(merchant::$name::$with { $($field),+ } => Self::$with { $($field),+ },)*
                }
            }
        }

        impl From<$name> for merchant::$name {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$plain => Self::$plain,)*
                    $($name::$of($one) => Self::$of($one.into()),)*
                    $($name::$with { $($field),+ } => Self::$with { $($field),+ },)*
                }
            }
        }
    };
}

same_words!(Answer {}
    { Refused(refusal), Package(holding), Promised(promise), Limit(limit), Voucher(voucher), Order(order), Payments(are_frozen) } {});

impl Decision {
    fn at(level: Level, decision: merchant::Decision) -> Self {
        use merchant::Decision;
        match decision {
            Decision::Open => Self::Open,
            Decision::Package(holding) => Self::Package(holding.into()),
            Decision::Promised(promise) => Self::Promised(promise),
            Decision::Limit(limit) => Self::Limit(limit),
            Decision::Voucher(voucher) => Self::Voucher(voucher.into()),
            Decision::Order(order) => Self::Order(Box::new(Order::at(level, *order))),
            Decision::Payments(are_frozen) => Self::Payments(are_frozen),
            Decision::Refused(refusal) => Self::Refused(refusal.into()),
            Decision::Booked(refusal, bookings) => Self::Booked(refusal.into(), bookings),
            Decision::Outdated => Self::Outdated,
            Decision::Overloaded => Self::Overloaded,
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
        }
    }
}

impl From<Decision> for merchant::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Open => Self::Open,
            Decision::Package(holding) => Self::Package(holding.into()),
            Decision::Promised(promise) => Self::Promised(promise),
            Decision::Limit(limit) => Self::Limit(limit),
            Decision::Voucher(voucher) => Self::Voucher(voucher.into()),
            Decision::Order(order) => Self::Order(Box::new((*order).into())),
            Decision::Payments(are_frozen) => Self::Payments(are_frozen),
            Decision::Refused(refusal) => Self::Refused(refusal.into()),
            Decision::Booked(refusal, bookings) => Self::Booked(refusal.into(), bookings),
            Decision::Outdated => Self::Outdated,
            Decision::Overloaded => Self::Overloaded,
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
        }
    }
}

impl From<Box<merchant::Holding>> for Box<Holding> {
    fn from(holding: Box<merchant::Holding>) -> Self {
        let merchant::Holding { customer, package } = *holding;
        Self::new(Holding { customer, package: package.into() })
    }
}

impl From<Box<Holding>> for Box<merchant::Holding> {
    fn from(holding: Box<Holding>) -> Self {
        let Holding { customer, package } = *holding;
        Self::new(merchant::Holding { customer, package: package.into() })
    }
}

impl From<Box<merchant::Voucher>> for Box<Voucher> {
    fn from(voucher: Box<merchant::Voucher>) -> Self {
        Self::new((*voucher).into())
    }
}

impl From<Box<Voucher>> for Box<merchant::Voucher> {
    fn from(voucher: Box<Voucher>) -> Self {
        Self::new((*voucher).into())
    }
}

impl Outcome {
    /// The shape that is written under this level.
    pub(super) fn at(level: Level, outcome: merchant::Outcome) -> Self {
        let merchant::Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: Decision::at(level, decision) }
    }
}

impl From<Outcome> for merchant::Outcome {
    fn from(outcome: Outcome) -> Self {
        let Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: decision.into() }
    }
}

impl From<merchant::Record> for Record {
    fn from(record: merchant::Record) -> Self {
        let merchant::Record { seq, at, kind, entries } = record;
        Self { seq, at, kind, entries: each(entries) }
    }
}

impl From<Record> for merchant::Record {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, entries } = record;
        Self { seq, at, kind, entries: each(entries) }
    }
}

/// A shape that has the fields of what it is the shape of: conversions in both directions.
macro_rules! alike {
    ($($value:ident as $name:ident { $($field:ident),+ }),+) => {
        $(
            impl From<merchant::$value> for $name {
                fn from(value: merchant::$value) -> Self {
                    let merchant::$value { $($field),+ } = value;
                    Self { $($field: $field.into()),+ }
                }
            }

            impl From<$name> for merchant::$value {
                fn from(value: $name) -> Self {
                    let $name { $($field),+ } = value;
                    Self { $($field: $field.into()),+ }
                }
            }
        )+
    };
}

alike!(
    Name as Name { organizer, placement },
    Which as Which { customer, package, by },
    Entry as Entry { kind, customer, package, voucher, order, count, booking },
    ReceiptRecord as Receipt { serial, request, fingerprint, seq, at, answer }
);

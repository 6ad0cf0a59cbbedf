//! The first version of what there is of a merchant.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::{Package, Plan};
use super::voucher::{NewVoucher, Voucher, VoucherChange};
use crate::merchant::{self, Bookings, Kind, NotUsable, OnBookings, Owner, VoucherRefused};
use crate::stored::each::each;
use crate::stored::v1::header::Origin;
use crate::stored::v1::intents::IntentCounts;
use crate::stored::v6::{Terms, booked};
use crate::{
    EntityId, Fingerprint, Level, PackageNumber, PromiseNumber, RequestKey, Seq, SlotId, Timestamp,
    VoucherNumber, stored,
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
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Name {
    organizer: Box<str>,
    placement: Option<Box<str>>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Grant {
    customer: Box<str>,
    plan: Plan,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
}

/// The booking as whoever books has asked the slot for it, and what is beside that.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reserve {
    booking: stored::Request,
    terms: Terms,
    tags: Vec<Box<str>>,
    packages: Vec<PackageNumber>,
    firsts: Vec<(PackageNumber, Timestamp)>,
    code: Option<Box<str>>,
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
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holding {
    customer: Box<str>,
    package: Package,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Refusal {
    CustomerLimit,
    InsufficientCredits { needed: u32, available: u32 },
    PackageNotUsable(NotUsable),
    BookingsInFreeze,
    NotFrozen,
    FreezeLimit,
    AlreadyOver,
    TooManyPackages,
    Malformed,
    VoucherRefused(VoucherRefused),
    CodeTaken,
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
        };
        Self { merchant, key, fingerprint, command }
    }
}

impl From<merchant::Grant> for Grant {
    fn from(grant: merchant::Grant) -> Self {
        let merchant::Grant { customer, plan, valid_from, valid_until } = grant;
        Self { customer, plan: Arc::unwrap_or_clone(plan).into(), valid_from, valid_until }
    }
}

impl From<Grant> for merchant::Grant {
    fn from(grant: Grant) -> Self {
        let Grant { customer, plan, valid_from, valid_until } = grant;
        Self { customer, plan: Arc::new(plan.into()), valid_from, valid_until }
    }
}

impl Reserve {
    fn at(level: Level, reserve: merchant::Reserve) -> Self {
        let merchant::Reserve { slot, request: key, fingerprint, book, terms, tags, packages, .. } = reserve;
        let (firsts, code) = (reserve.firsts, reserve.code);
        let command = crate::Command::Book(book);
        let booking = stored::Request::at(level, crate::Request { slot, key, fingerprint, command });
        Self { booking, terms: terms.into(), tags, packages, firsts, code }
    }
}

impl From<Reserve> for merchant::Reserve {
    fn from(reserve: Reserve) -> Self {
        let Reserve { booking, terms, tags, packages, firsts, code } = reserve;
        let (slot, request, fingerprint, book) = booked(booking);
        Self { slot, request, fingerprint, book, terms: terms.into(), tags, packages, firsts, code }
    }
}

impl From<merchant::Header> for Header {
    fn from(header: merchant::Header) -> Self {
        let merchant::Header { id, name, origin, seq, stamp, limit, accounts, away, packages_made, .. } =
            header;
        let merchant::Header { vouchers, promises_made, receipts_made, intents, digest, .. } = header;
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
        let Header { vouchers, packages_made, promises_made, receipts_made, intents, digest, .. } = header;
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

same_words!(Refusal
    {
        CustomerLimit, BookingsInFreeze, NotFrozen, FreezeLimit, AlreadyOver, TooManyPackages, Malformed,
        CodeTaken
    }
    { PackageNotUsable(reason), VoucherRefused(reason) }
    { InsufficientCredits { needed, available } });
same_words!(Answer {}
    { Refused(refusal), Package(holding), Promised(promise), Limit(limit), Voucher(voucher) } {});

impl From<merchant::Decision> for Decision {
    fn from(decision: merchant::Decision) -> Self {
        use merchant::Decision;
        match decision {
            Decision::Open => Self::Open,
            Decision::Package(holding) => Self::Package(holding.into()),
            Decision::Promised(promise) => Self::Promised(promise),
            Decision::Limit(limit) => Self::Limit(limit),
            Decision::Voucher(voucher) => Self::Voucher(voucher.into()),
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
    Entry as Entry { kind, customer, package, voucher, count, booking },
    ReceiptRecord as Receipt { serial, request, fingerprint, seq, at, answer },
    Outcome as Outcome { seq, at, replayed, decision }
);

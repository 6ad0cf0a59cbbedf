//! An account as it is saved: packages with the terms of their plans, and what is promised of them.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::merchant::{self, Activation, Split};
use crate::stored::each::each;
use crate::{Currency, PackageNumber, PromiseNumber, RequestKey, SlotId, Timestamp, VoucherNumber};

/// One customer's packages and promises.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    customer: Box<str>,
    packages: Vec<Package>,
    promises: Vec<Promise>,
    spent_uses: Vec<(VoucherNumber, u32)>,
}

/// A plan's terms.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    id: u128,
    credits: u32,
    price: u64,
    currency: Option<[u8; 3]>,
    validity: Validity,
    time_zone: Box<str>,
    activation: Activation,
    priority: u8,
    tags: Vec<Box<str>>,
    freeze: Option<FreezeTerms>,
    split: Split,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Validity {
    Days(u32),
    Months(u32),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FreezeTerms {
    days_max: u32,
    times_max: u32,
}

/// What a customer owns of a plan.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Package {
    number: PackageNumber,
    plan: Plan,
    credits: Credits,
    granted_at: Timestamp,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    used: Option<Span>,
    until_max: Option<Timestamp>,
    moved_ms: u64,
    grace_until: Option<Timestamp>,
    freeze: Option<Span>,
    freezes: u32,
    is_revoked: bool,
    source: Source,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Credits {
    granted: u32,
    available: u32,
    reserved: u32,
    spent: u32,
    expired: u32,
    revoked: u32,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    from: Timestamp,
    until: Timestamp,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Source {
    Granted,
    GivenBack(PackageNumber),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Promise {
    number: PromiseNumber,
    slot: SlotId,
    request: RequestKey,
    starts_at: Timestamp,
    units: u32,
    legs: Vec<PromisedLeg>,
    uses: Option<(VoucherNumber, u32)>,
    is_booked: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PromisedLeg {
    package: PackageNumber,
    count: u32,
    until: Option<Timestamp>,
}

/// A shape that has the fields of what it is the shape of: conversions in both directions.
macro_rules! alike {
    ($($name:ident { $($field:ident),+ }),+) => {
        $(
            impl From<merchant::$name> for $name {
                fn from(value: merchant::$name) -> Self {
                    let merchant::$name { $($field),+ } = value;
                    Self { $($field),+ }
                }
            }

            impl From<$name> for merchant::$name {
                fn from(value: $name) -> Self {
                    let $name { $($field),+ } = value;
                    Self { $($field),+ }
                }
            }
        )+
    };
}

alike!(
    FreezeTerms { days_max, times_max },
    Credits { granted, available, reserved, spent, expired, revoked },
    Span { from, until }
);

impl From<merchant::Plan> for Plan {
    fn from(plan: merchant::Plan) -> Self {
        let merchant::Plan {
            id, credits, price, currency, validity, time_zone, activation, priority, ..
        } = plan;
        let validity = match validity {
            merchant::Validity::Days(days) => Validity::Days(days),
            merchant::Validity::Months(months) => Validity::Months(months),
        };
        let (currency, freeze) = (currency.map(|currency| currency.0), plan.freeze.map(Into::into));
        let merchant::Plan { tags, split, .. } = plan;
        Self { id, credits, price, currency, validity, time_zone, activation, priority, tags, freeze, split }
    }
}

impl From<Plan> for merchant::Plan {
    fn from(plan: Plan) -> Self {
        let Plan { id, credits, price, currency, validity, time_zone, activation, priority, .. } = plan;
        let validity = match validity {
            Validity::Days(days) => merchant::Validity::Days(days),
            Validity::Months(months) => merchant::Validity::Months(months),
        };
        let (currency, freeze) = (currency.map(Currency), plan.freeze.map(Into::into));
        let Plan { tags, split, .. } = plan;
        Self { id, credits, price, currency, validity, time_zone, activation, priority, tags, freeze, split }
    }
}

impl From<merchant::Package> for Package {
    fn from(package: merchant::Package) -> Self {
        let merchant::Package { number, plan, credits, granted_at, window, used, until_max, .. } = package;
        let merchant::Package { moved_ms, grace_until, freeze, freezes, is_revoked, source, .. } = package;
        let source = match source {
            merchant::Source::Granted => Source::Granted,
            merchant::Source::GivenBack(package) => Source::GivenBack(package),
        };
        Self {
            number,
            plan: Arc::unwrap_or_clone(plan).into(),
            credits: credits.into(),
            granted_at,
            from: window.from,
            until: window.until,
            used: used.map(Into::into),
            until_max,
            moved_ms,
            grace_until,
            freeze: freeze.map(Into::into),
            freezes,
            is_revoked,
            source,
        }
    }
}

impl From<Package> for merchant::Package {
    fn from(package: Package) -> Self {
        let Package { number, plan, credits, granted_at, from, until, used, until_max, .. } = package;
        let Package { moved_ms, grace_until, freeze, freezes, is_revoked, source, .. } = package;
        let source = match source {
            Source::Granted => merchant::Source::Granted,
            Source::GivenBack(package) => merchant::Source::GivenBack(package),
        };
        Self {
            number,
            plan: Arc::new(plan.into()),
            credits: credits.into(),
            granted_at,
            window: merchant::Window { from, until },
            used: used.map(Into::into),
            until_max,
            moved_ms,
            grace_until,
            freeze: freeze.map(Into::into),
            freezes,
            is_revoked,
            source,
        }
    }
}

impl From<merchant::PromisedLeg> for PromisedLeg {
    fn from(leg: merchant::PromisedLeg) -> Self {
        let merchant::PromisedLeg { leg: crate::Leg { package, count }, until } = leg;
        Self { package, count, until }
    }
}

impl From<PromisedLeg> for merchant::PromisedLeg {
    fn from(leg: PromisedLeg) -> Self {
        let PromisedLeg { package, count, until } = leg;
        Self { leg: crate::Leg { package, count }, until }
    }
}

impl From<merchant::Account> for Account {
    fn from(account: merchant::Account) -> Self {
        let merchant::Account { customer, packages, promises, spent_uses } = account;
        let promise = |(number, promise): (PromiseNumber, merchant::Promise)| {
            let merchant::Promise { slot, request, starts_at, units, legs, uses, is_booked } = promise;
            let uses = uses.map(|merchant::PromisedUses { voucher, count }| (voucher, count));
            Promise { number, slot, request, starts_at, units, legs: each(legs), uses, is_booked }
        };
        let promises = promises.into_iter().map(promise).collect();
        let spent_uses = spent_uses.into_iter().collect();
        Self { customer, packages: each(packages), promises, spent_uses }
    }
}

impl From<Account> for merchant::Account {
    fn from(account: Account) -> Self {
        let Account { customer, packages, promises, spent_uses } = account;
        let promise = |promise: Promise| {
            let Promise { number, slot, request, starts_at, units, legs, uses, is_booked } = promise;
            let (legs, uses) =
                (each(legs), uses.map(|(voucher, count)| merchant::PromisedUses { voucher, count }));
            (number, merchant::Promise { slot, request, starts_at, units, legs, uses, is_booked })
        };
        let promises: BTreeMap<_, _> = promises.into_iter().map(promise).collect();
        let spent_uses = spent_uses.into_iter().collect();
        Self { customer, packages: each(packages), promises, spent_uses }
    }
}

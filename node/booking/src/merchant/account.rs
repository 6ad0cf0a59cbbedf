//! An account: one customer's packages, and what is promised of them.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::package::{Package, PackageStatus, Passed, Span, Window};
use crate::base::promise::{Leg, PackageNumber, PromiseNumber};
use crate::digest::Digest;
use crate::limits::PACKAGES_LIVE_MAX;
use crate::{RequestKey, SlotId, Timestamp, Uses, VoucherNumber};

/// One customer's packages and promises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub customer: Box<str>,
    /// What there is of plans, in the order in which it was granted.
    pub packages: Vec<Package>,
    /// What is promised to bookings, in the order in which it was.
    pub promises: BTreeMap<PromiseNumber, Promise>,
    /// How many uses of which vouchers are spent.
    pub spent_uses: BTreeMap<VoucherNumber, u32>,
}

/// What is promised to one booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// To which slot.
    pub slot: SlotId,
    /// The request that makes the booking.
    pub request: RequestKey,
    /// When the slot starts, as it was told.
    pub starts_at: Timestamp,
    /// How many units count against the merchant's limit.
    pub units: u32,
    /// Which packages pay, in the order of use. None where nothing is to be paid, or all of it was spent.
    pub legs: Vec<PromisedLeg>,
    /// Which uses of a voucher, if there are any.
    pub uses: Option<PromisedUses>,
    /// Whether the slot has said that it is booked. An end may come before that.
    pub is_booked: bool,
}

/// So many uses of a voucher that are promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromisedUses {
    /// Of which.
    pub voucher: VoucherNumber,
    /// How many.
    pub count: u32,
}

/// So many credits of one package that are promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromisedLeg {
    /// How many of which.
    pub leg: Leg,
    /// Of a package that begins with its first use: until when it is good if it begins with this booking.
    pub until: Option<Timestamp>,
}

impl Promise {
    /// Whether nothing of it is left.
    pub(super) fn is_nothing(&self) -> bool {
        self.legs.is_empty() && self.units == 0 && self.uses.is_none()
    }
}

impl Account {
    /// Nobody's packages yet.
    pub(super) fn new(customer: &str) -> Self {
        Self { customer: customer.into(), ..Self::default() }
    }

    /// A package of this account.
    pub fn package(&self, number: PackageNumber) -> Option<&Package> {
        let found = self.packages.binary_search_by_key(&number, |package| package.number);
        found.ok().map(|place| &self.packages[place])
    }

    /// The same, to be changed.
    pub(super) fn package_mut(&mut self, number: PackageNumber) -> Option<&mut Package> {
        let found = self.packages.binary_search_by_key(&number, |package| package.number);
        found.ok().map(|place| &mut self.packages[place])
    }

    /// Whether another package may be granted.
    pub(super) fn has_room(&self, at: Timestamp) -> bool {
        self.has_room_for(at, 1)
    }

    /// Whether so many more packages may be granted.
    pub(super) fn has_room_for(&self, at: Timestamp, more: usize) -> bool {
        let live = self.packages.iter().filter(|package| package.status(at) == PackageStatus::Live);
        live.count() + more <= PACKAGES_LIVE_MAX
    }

    /// How many units count against the merchant's limit.
    pub fn units(&self) -> u64 {
        self.promises.values().map(|promise| u64::from(promise.units)).sum()
    }

    /// How many uses of a voucher its customer has, reserved or spent.
    pub fn uses_of(&self, voucher: VoucherNumber) -> u64 {
        let reserved = self.promises.values().filter_map(|promise| promise.uses);
        let reserved = reserved.filter(|uses| uses.voucher == voucher).map(|uses| u64::from(uses.count));
        let spent = self.spent_uses.get(&voucher).copied().unwrap_or(0);
        reserved.sum::<u64>() + u64::from(spent)
    }

    /// Ends so many of the uses that a promise has; all of them, if it is not said how many. Says which those are.
    pub(super) fn end_uses(
        &mut self,
        number: PromiseNumber,
        many: Option<u32>,
        what: Uses,
    ) -> Option<PromisedUses> {
        let promise = self.promises.get_mut(&number)?;
        let uses = promise.uses?;
        let count = many.map_or(uses.count, |many| many.min(uses.count));
        promise.uses = (count < uses.count).then(|| PromisedUses { count: uses.count - count, ..uses });
        if what == Uses::Kept {
            *self.spent_uses.entry(uses.voucher).or_default() += count;
        }
        Some(PromisedUses { count, ..uses }).filter(|uses| 0 < uses.count)
    }

    /// The next moment at which time alone changes it.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.packages.iter().filter_map(Package::deadline).min()
    }

    /// Whether nothing of it is open: neither time nor a slot will change it, and it can be anywhere.
    pub(super) fn is_at_rest(&self) -> bool {
        self.deadline().is_none() && self.promises.is_empty()
    }

    /// Lets time pass. Says what that has done to which package.
    pub(super) fn pass(&mut self, at: Timestamp) -> Vec<(PackageNumber, Passed)> {
        self.packages.iter_mut().map(|package| (package.number, package.pass(at))).collect()
    }

    /// What is promised of this package: to which promise, and how much.
    pub(super) fn promised_of(
        &self,
        package: PackageNumber,
    ) -> impl Iterator<Item = (PromiseNumber, &Promise, PromisedLeg)> {
        self.promises.iter().filter_map(move |(number, promise)| {
            let leg = promise.legs.iter().find(|leg| leg.leg.package == package)?;
            Some((*number, promise, *leg))
        })
    }

    /// Makes a promise.
    pub(super) fn promise(&mut self, number: PromiseNumber, promise: Promise) {
        for PromisedLeg { leg, .. } in &promise.legs {
            self.package_mut(leg.package).expect("what pays is here").reserve(leg.count);
        }
        let packages: Vec<_> = promise.legs.iter().map(|leg| leg.leg.package).collect();
        let before = self.promises.insert(number, promise);
        assert!(before.is_none(), "a promise has a number of its own");
        for package in packages {
            self.follow_use(package);
        }
    }

    /// Ends so many credits of a promise, the last leg's first, by whatever is done with each leg; all of them, if it is not said how many.
    pub(super) fn end_legs(
        &mut self,
        number: PromiseNumber,
        many: Option<u32>,
        mut end: impl FnMut(&mut Package, u32),
    ) -> Vec<Leg> {
        let mut ended = Vec::new();
        let mut rest = many.unwrap_or(u32::MAX);
        while 0 < rest {
            let Some(promise) = self.promises.get_mut(&number) else { break };
            let Some(last) = promise.legs.last_mut() else { break };
            let (package, count) = (last.leg.package, last.leg.count.min(rest));
            last.leg.count -= count;
            if last.leg.count == 0 {
                promise.legs.pop();
            }
            rest -= count;
            // What is left of its bookings says when it is good, before it is said whether it still is.
            self.follow_use(package);
            end(self.package_mut(package).expect("what is promised of it is here"), count);
            ended.push(Leg { package, count });
        }
        ended
    }

    /// Takes back for good what a promise has of a package; says how much that is. The promise lives on if it has anything else.
    pub(super) fn revoke_leg(&mut self, number: PromiseNumber, package: PackageNumber) -> u32 {
        let Some(promise) = self.promises.get_mut(&number) else { return 0 };
        let of_it = promise.legs.extract_if(.., |leg| leg.leg.package == package).map(|leg| leg.leg.count);
        let count = of_it.sum();
        self.package_mut(package).expect("what is promised of it is here").revoke_reserved(count);
        self.follow_use(package);
        self.forget(number);
        count
    }

    /// Remembers when a package that begins with its first use began, since a promise of it is being spent.
    pub(super) fn keep_use(&mut self, number: PromiseNumber) {
        let Some(promise) = self.promises.get(&number) else { return };
        let from = promise.starts_at;
        for PromisedLeg { leg, until } in promise.legs.clone() {
            let package = self.package_mut(leg.package).expect("what is promised of it is here");
            if let Some(until) = until {
                let span = Span { from, until };
                package.used = Some(package.used.map_or(span, |used| used.min(span)));
            }
        }
    }

    /// Ends a promise of which nothing is left.
    pub(super) fn forget(&mut self, number: PromiseNumber) {
        if self.promises.get(&number).is_some_and(Promise::is_nothing) {
            self.promises.remove(&number);
        }
    }

    /// Makes the window of a package that begins with its first use follow from what is booked with it.
    pub(super) fn follow_use(&mut self, number: PackageNumber) {
        let Some(package) = self.package(number).filter(|package| package.begins_with_use()) else { return };
        let booked = self
            .promised_of(number)
            .filter_map(|(_number, promise, leg)| Some(Span { from: promise.starts_at, until: leg.until? }));
        let first = booked.chain(package.used).min();
        let until = first.map(|first| package.until_max.map_or(first.until, |max| first.until.min(max)));
        let window = Window { from: first.map(|first| first.from), until };
        self.package_mut(number).expect("it was just here").window = window;
    }

    /// Whether everything that is reserved is promised, and the other way round, and every promise promises something.
    pub(super) fn is_promised(&self) -> bool {
        let reserved = |package: &Package| {
            let promised = self.promised_of(package.number).map(|(_, _, leg)| u64::from(leg.leg.count));
            promised.sum::<u64>() == u64::from(package.credits.reserved)
        };
        let is_sound = |promise: &Promise| {
            let legs = &promise.legs;
            let is_once =
                |place: usize| legs[..place].iter().all(|leg| leg.leg.package != legs[place].leg.package);
            !promise.is_nothing()
                && promise.uses.is_none_or(|uses| 0 < uses.count)
                && legs.iter().all(|leg| 0 < leg.leg.count && self.package(leg.leg.package).is_some())
                && (0..legs.len()).all(is_once)
        };
        self.packages.iter().all(reserved) && self.promises.values().all(is_sound)
    }

    /// Whether every credit of every package is somewhere, once, and nothing is available of what was revoked.
    pub(super) fn adds_up(&self) -> bool {
        let is_sound = |package: &Package| {
            package.credits.add_up() && (!package.is_revoked || package.credits.available == 0)
        };
        self.packages.iter().all(is_sound) && self.packages.is_sorted_by(|one, next| one.number < next.number)
    }

    /// A number that stands for all of it.
    pub(super) fn digest(&self) -> u64 {
        let digest = Digest::new("account").text(&self.customer).word(self.packages.len() as u64);
        let digest = self.packages.iter().fold(digest, |digest, package| package.digest(digest));
        let leg = |digest: Digest, leg: &PromisedLeg| {
            leg.leg.digest(digest).option(leg.until, |digest, until| digest.word(until.0))
        };
        let promised = |digest: Digest, (number, promise): (&PromiseNumber, &Promise)| {
            let Promise { slot, request, starts_at, units, legs, uses, is_booked } = promise;
            let digest = digest
                .word(number.0)
                .word(slot.partition.get())
                .wide(slot.hash)
                .wide(request.0)
                .word(starts_at.0)
                .word(*units)
                .word(u32::from(*is_booked))
                .option(*uses, |digest, uses| digest.word(uses.voucher.0).word(uses.count))
                .word(legs.len() as u64);
            legs.iter().fold(digest, leg)
        };
        let digest = self.promises.iter().fold(digest, promised);
        let spent =
            |digest: Digest, (voucher, count): (&VoucherNumber, &u32)| digest.word(voucher.0).word(*count);
        self.spent_uses.iter().fold(digest.word(self.spent_uses.len() as u64), spent).finish()
    }
}

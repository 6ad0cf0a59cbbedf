//! What is done to one package: it is made to rest, or taken back.

use alloc::vec::Vec;

use super::package::{Package, PackageStatus, Span};
use super::refusal::Refusal;
use super::rules::{Effect, RuleResult, Step};
use super::state::Merchant;
use super::words::{Bookings, Entry, Freeze, Kind, OnBookings, Owner, Refused, Which};
use crate::base::message::{Message, Target};
use crate::base::outcome::Denied;
use crate::base::promise::{PackageNumber, PromiseNumber};
use crate::{RequestKey, SlotId, Timestamp};

/// How many milliseconds a day has.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What is booked with a package: the promise, where, and by which request.
type Booked = (PromiseNumber, SlotId, RequestKey);

impl Merchant {
    /// Makes a package rest for a while. Its end moves when that has passed.
    pub(super) fn freeze(&mut self, step: &mut Step, asked: &Freeze) -> RuleResult {
        let Which { customer, package: number, by } = &asked.which;
        let package = self.found(&asked.which)?;
        let freeze = Span { from: asked.from.max(step.at), until: asked.until };
        if freeze.until <= freeze.from {
            return Err(Refusal::Malformed.into());
        }
        if package.status(step.at) != PackageStatus::Live {
            return Err(Refusal::AlreadyOver.into());
        }
        may_freeze(package, freeze, *by)?;
        let booked = self.booked_with(customer, *number, |starts_at| freeze.contains(starts_at));
        if !booked.is_empty() {
            if asked.on_bookings == OnBookings::Refuse {
                let bookings = booked.into_iter().map(|(_, slot, request)| (slot, request)).collect();
                return Err(Denied::Refused(Refused { refusal: Refusal::BookingsInFreeze, bookings }));
            }
            self.take_back(&booked)?;
        }
        self.change_package(customer, *number, |package| {
            package.freeze = Some(freeze);
            package.freezes += 1;
        });
        step.changed.push(Entry::of_package(Kind::Frozen, customer, *number, 0));
        Ok(Effect::Package(*number, Kind::Frozen))
    }

    /// Ends a package's rest before its time: its end moves by how long it did. One that had not begun does not count.
    pub(super) fn unfreeze(&mut self, step: &mut Step, which: &Which) -> RuleResult {
        if self.found(which)?.freeze.is_none() {
            return Err(Refusal::NotFrozen.into());
        }
        let (customer, number, at) = (&which.customer, which.package, step.at);
        self.change_package(customer, number, |package| package.thaw(at));
        step.changed.push(Entry::of_package(Kind::Unfrozen, customer, number, 0));
        // What would have ended meanwhile, had it not rested, may be over now.
        self.pass(step, customer);
        Ok(Effect::Package(number, Kind::Unfrozen))
    }

    /// Takes a package back: what can be used of it is gone, and what is booked with it stays or is cancelled.
    pub(super) fn revoke(&mut self, step: &mut Step, which: &Which, bookings: Bookings) -> RuleResult {
        let Which { customer, package: number, .. } = which;
        let package = self.found(which)?;
        if package.is_revoked || package.credits.available == 0 && package.credits.reserved == 0 {
            return Err(Refusal::AlreadyOver.into());
        }
        let mut count = package.credits.available;
        let booked = match bookings {
            Bookings::Keep => Vec::new(),
            Bookings::Cancel => self.booked_with(customer, *number, |_starts_at| true),
        };
        self.take_back(&booked)?;
        self.change_package(customer, *number, |package| {
            package.credits.revoked += core::mem::take(&mut package.credits.available);
            package.is_revoked = true;
            package.freeze = None;
        });
        for (promise, ..) in booked {
            count += self.accounts.change(customer, |account| account.revoke_leg(promise, *number));
        }
        step.changed.push(Entry::of_package(Kind::Revoked, customer, *number, count));
        Ok(Effect::Package(*number, Kind::Revoked))
    }

    /// Takes back what can be used of a package that an order gave.
    pub(super) fn take_package_back(&mut self, step: &mut Step, customer: &str, number: PackageNumber) {
        let package = self.accounts.get(customer).and_then(|account| account.package(number));
        let Some(package) = package.filter(|package| !package.is_revoked) else { return };
        let count = package.credits.available;
        self.change_package(customer, number, |package| {
            package.credits.revoked += core::mem::take(&mut package.credits.available);
            package.is_revoked = true;
            package.freeze = None;
        });
        step.changed.push(Entry::of_package(Kind::Revoked, customer, number, count));
    }

    /// The package that is meant, if it is this customer's.
    fn found(&self, which: &Which) -> Result<&Package, Denied<Refused>> {
        let account = self.accounts.get(&which.customer);
        account.and_then(|account| account.package(which.package)).ok_or(Denied::NotFound)
    }

    fn change_package(&mut self, customer: &str, number: PackageNumber, change: impl FnOnce(&mut Package)) {
        self.accounts.change(customer, |account| {
            change(account.package_mut(number).expect("the package was just found"));
        });
    }

    /// What is booked with a package, and starts when this is asked of.
    fn booked_with(
        &self,
        customer: &str,
        number: PackageNumber,
        is_meant: impl Fn(Timestamp) -> bool,
    ) -> Vec<Booked> {
        let account = self.accounts.get(customer).expect("the package was just found");
        let booked = account.promised_of(number).filter(|(_, promise, _)| is_meant(promise.starts_at));
        booked.map(|(number, promise, _)| (number, promise.slot, promise.request)).collect()
    }

    /// Leaves word for slots to cancel bookings. What they give back is told as of any other.
    fn take_back(&mut self, booked: &[Booked]) -> Result<(), Denied<Refused>> {
        if !booked.is_empty() && !self.base.intents.has_room() {
            return Err(Denied::Overloaded);
        }
        for &(promise, slot, booking) in booked {
            self.base.intents.leave(Target::Entity(slot.into()), Message::TakeBack { booking, promise });
        }
        Ok(())
    }
}

/// Whether a package may rest then, for who asks.
fn may_freeze(package: &Package, freeze: Span, by: Owner) -> Result<(), Refusal> {
    let too_long = match (package.plan.freeze, by) {
        (None, Owner::Customer) => true,
        (None, Owner::Organizer) => false,
        (Some(terms), _) => {
            terms.times_max <= package.freezes || u64::from(terms.days_max) * DAY_MS < freeze.lasts_ms()
        }
    };
    let good = package.window.from.zip(package.window.until).map(|(from, until)| Span { from, until });
    let longer_than_good = good.is_some_and(|good| good.lasts_ms() < freeze.lasts_ms());
    let begins_later = package.until().is_some_and(|until| until <= freeze.from);
    if too_long || longer_than_good || begins_later || package.freeze.is_some() {
        return Err(Refusal::FreezeLimit);
    }
    Ok(())
}

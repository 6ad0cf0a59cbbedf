//! Which packages pay for a booking: those that are named, or all that fit, in a fixed order, each as much as it has.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::account::{Account, PromisedLeg};
use super::package::{Package, Span, Window};
use super::plan::Split;
use super::refusal::{NotUsable, Refusal};
use super::words::Refused;
use crate::Timestamp;
use crate::base::outcome::Denied;
use crate::base::promise::{Leg, PackageNumber};
use crate::limits::LEGS_MAX;

/// What is to be paid for.
pub(super) struct Bill<'a> {
    /// How many credits it costs.
    pub(super) needed: u32,
    /// When the slot starts.
    pub(super) starts_at: Timestamp,
    /// What the slot is about.
    pub(super) tags: &'a [Box<str>],
    /// The packages that are to pay, in this order; all that fit, in their own, where none are named.
    pub(super) named: &'a [PackageNumber],
    /// Until when packages are good that begin with their first use, if they begin with this booking.
    pub(super) firsts: &'a [(PackageNumber, Timestamp)],
}

/// Why a package does not pay.
enum Misfit {
    /// For this reason.
    Reason(NotUsable),
    /// Whoever asks has not said until when it would be good.
    Unsaid,
}

/// Which packages pay, and how much each.
pub(super) fn choose(
    account: &Account,
    bill: &Bill<'_>,
    at: Timestamp,
) -> Result<Vec<PromisedLeg>, Denied<Refused>> {
    let candidates =
        if bill.named.is_empty() { fitting(account, bill, at)? } else { named(account, bill, at)? };
    let (mut legs, mut rest) = (Vec::new(), bill.needed);
    for &(package, until) in &candidates {
        let available = package.credits.available;
        let is_whole = legs.is_empty() && rest <= available;
        if rest == 0 || available == 0 || package.plan.split == Split::Forbidden && !is_whole {
            continue;
        }
        if legs.len() == LEGS_MAX {
            break;
        }
        let count = available.min(rest);
        rest -= count;
        legs.push(PromisedLeg { leg: Leg { package: package.number, count }, until });
    }
    if 0 < rest {
        let needed = bill.needed;
        return Err(Refusal::InsufficientCredits { needed, available: needed - rest }.into());
    }
    Ok(legs)
}

type Candidate<'a> = (&'a Package, Option<Timestamp>);

/// Those that fit, the one first that pays first.
fn fitting<'a>(
    account: &'a Account,
    bill: &Bill<'_>,
    at: Timestamp,
) -> Result<Vec<Candidate<'a>>, Denied<Refused>> {
    let mut candidates = Vec::new();
    for package in account.packages.iter().filter(|package| 0 < package.credits.available) {
        match fits(account, package, bill, at) {
            Ok(until) => candidates.push((package, until)),
            Err(Misfit::Reason(_)) => {}
            Err(Misfit::Unsaid) => return Err(Denied::Outdated),
        }
    }
    // What never ends pays last.
    let until = |package: &Package| package.until().map_or(u64::MAX, |until| until.0);
    candidates.sort_by_key(|(package, _)| {
        (package.plan.priority, until(package), package.granted_at, package.number)
    });
    Ok(candidates)
}

/// Those that are named, each once, if all of them fit.
fn named<'a>(
    account: &'a Account,
    bill: &Bill<'_>,
    at: Timestamp,
) -> Result<Vec<Candidate<'a>>, Denied<Refused>> {
    let mut candidates: Vec<Candidate<'a>> = Vec::new();
    for &number in bill.named {
        let package = account.package(number).ok_or(Refusal::PackageNotUsable(NotUsable::Unknown))?;
        if candidates.iter().any(|(other, _)| other.number == number) {
            continue;
        }
        match fits(account, package, bill, at) {
            Ok(until) => candidates.push((package, until)),
            Err(Misfit::Reason(reason)) => return Err(Refusal::PackageNotUsable(reason).into()),
            Err(Misfit::Unsaid) => return Err(Denied::Outdated),
        }
    }
    Ok(candidates)
}

/// Whether a package may pay for this at all, how much it has aside; and until when it is good if it begins with this booking, where
/// it begins with its first use.
fn fits(
    account: &Account,
    package: &Package,
    bill: &Bill<'_>,
    at: Timestamp,
) -> Result<Option<Timestamp>, Misfit> {
    let no = |reason| Err(Misfit::Reason(reason));
    if package.is_revoked {
        return no(NotUsable::Revoked);
    }
    if package.is_over(at) {
        return no(NotUsable::Over);
    }
    if package.freeze.is_some_and(|freeze| freeze.contains(bill.starts_at)) {
        return no(NotUsable::Frozen);
    }
    let until = if package.begins_with_use() {
        let said = bill.firsts.iter().find(|(number, _)| *number == package.number);
        Some(said.ok_or(Misfit::Unsaid)?.1)
    } else {
        if package.window.from.is_some_and(|from| bill.starts_at < from) {
            return no(NotUsable::NotYet);
        }
        None
    };
    let ends = match until {
        Some(until) => used_until(account, package, bill.starts_at, until),
        None => package.until(),
    };
    if ends.is_some_and(|ends| ends <= bill.starts_at) {
        return no(NotUsable::EndsBefore);
    }
    // What is booked already must stay within, if it begins earlier by this.
    let latest = account.promised_of(package.number).map(|(_, promise, _)| promise.starts_at).max();
    if until.is_some() && latest.is_some_and(|latest| ends.is_some_and(|ends| ends <= latest)) {
        return no(NotUsable::EndsBefore);
    }
    if !package.plan.fits(bill.tags) {
        return no(NotUsable::Scope);
    }
    Ok(until)
}

/// Until when a package is good that begins with its first use, if this is booked with it too.
fn used_until(account: &Account, package: &Package, from: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let booked = account
        .promised_of(package.number)
        .filter_map(|(_, promise, leg)| Some(Span { from: promise.starts_at, until: leg.until? }));
    let first = booked.chain(package.used).chain([Span { from, until }]).min()?;
    let until = package.until_max.map_or(first.until, |max| first.until.min(max));
    package.until_within(Window { from: Some(first.from), until: Some(until) })
}

//! A package: what a customer owns of a plan. Where its credits are, from when until when it is good, and what freezing does to that.

use alloc::sync::Arc;

use super::plan::{Activation, Plan};
use crate::Timestamp;
use crate::base::promise::PackageNumber;
use crate::digest::Digest;

/// What a customer owns of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Which of the merchant's it is.
    pub number: PackageNumber,
    /// The plan's terms when it was granted.
    pub plan: Arc<Plan>,
    /// Where its credits are.
    pub credits: Credits,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// From when until when it is good, what it was moved by aside. Of one that begins with its first use, this follows from what is
    /// booked with it, and is nothing while nothing is.
    pub window: Window,
    /// Of one that begins with its first use: the earliest window of what it was spent for. That stays, whatever is cancelled.
    pub used: Option<Span>,
    /// The latest that it is good until, if whoever granted it said so.
    pub until_max: Option<Timestamp>,
    /// By how many milliseconds freezing has moved its end.
    pub moved_ms: u64,
    /// Until when it is good at least, since something came back that its customer did not give back.
    pub grace_until: Option<Timestamp>,
    /// From when until when it is frozen, if it is or will be.
    pub freeze: Option<Span>,
    /// How many times it was frozen.
    pub freezes: u32,
    /// Whether it was revoked.
    pub is_revoked: bool,
    /// Where it comes from.
    pub source: Source,
}

/// Where a package's credits are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credits {
    /// All of them: the sum of the others.
    pub granted: u32,
    /// Those that can be used.
    pub available: u32,
    /// Those that are promised to bookings.
    pub reserved: u32,
    /// Those that were used.
    pub spent: u32,
    /// Those that were not used in time.
    pub expired: u32,
    /// Those that were taken back.
    pub revoked: u32,
}

/// From when until when something is good; what is not known is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// A time between two moments: the first is in it, the second is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// From this moment on.
    pub from: Timestamp,
    /// Before this moment.
    pub until: Timestamp,
}

/// Where a package comes from. Orders will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was granted.
    Granted,
    /// It gives back what was spent of this package for what did not take place.
    GivenBack(PackageNumber),
}

/// What time alone has done to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    /// Whether it rests no more.
    pub(super) is_thawed: bool,
    /// How many credits have expired.
    pub(super) expired: u32,
}

/// What a package is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageStatus {
    /// Something of it can be used, or is promised.
    Live,
    /// Its time is over, or all of it was used.
    Over,
    /// It was revoked.
    Revoked,
}

impl Span {
    /// Whether this moment is in it.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// How long it is, in milliseconds.
    pub fn lasts_ms(self) -> u64 {
        self.until.0.saturating_sub(self.from.0)
    }
}

impl Credits {
    /// Whether all of them are somewhere, and once.
    pub(super) fn add_up(self) -> bool {
        let Self { granted, available, reserved, spent, expired, revoked } = self;
        let parts = [available, reserved, spent, expired, revoked];
        parts.into_iter().map(u64::from).sum::<u64>() == u64::from(granted)
    }
}

impl Package {
    /// Until when it is good; none where that is not known, or never ends.
    pub fn until(&self) -> Option<Timestamp> {
        self.until_within(self.window)
    }

    /// The same, if this were its window.
    pub(super) fn until_within(&self, window: Window) -> Option<Timestamp> {
        let until = window.until.or(self.until_max)?;
        let until = Timestamp(until.0.saturating_add(self.moved_ms));
        Some(self.grace_until.map_or(until, |grace| until.max(grace)))
    }

    /// What it is about at this moment.
    pub fn status(&self, at: Timestamp) -> PackageStatus {
        let Credits { available, reserved, .. } = self.credits;
        if self.is_revoked {
            PackageStatus::Revoked
        } else if self.is_over(at) || available == 0 && reserved == 0 {
            PackageStatus::Over
        } else {
            PackageStatus::Live
        }
    }

    /// Whether its time is over. While it is frozen it is not, whenever it would end: that moves.
    pub(super) fn is_over(&self, at: Timestamp) -> bool {
        let is_frozen = self.freeze.is_some_and(|freeze| self.outlasts(freeze) && at < freeze.until);
        !is_frozen && self.until().is_some_and(|until| until <= at)
    }

    /// Whether it is good when this freeze begins.
    fn outlasts(&self, freeze: Span) -> bool {
        self.until().is_none_or(|until| freeze.from < until)
    }

    /// The next moment at which time alone changes it.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let ends = self.until().filter(|_until| 0 < self.credits.available);
        match self.freeze {
            Some(freeze) if self.outlasts(freeze) => Some(freeze.until),
            Some(freeze) => Some(ends.map_or(freeze.until, |ends| ends.min(freeze.until))),
            None => ends,
        }
    }

    /// Lets time pass: a freeze that is over has moved its end, and what was not used in time expires.
    pub(super) fn pass(&mut self, at: Timestamp) -> Passed {
        let ended = self.freeze.filter(|freeze| freeze.until <= at);
        if let Some(freeze) = ended {
            self.thaw(freeze.until);
        }
        let expired = if self.is_over(at) { core::mem::take(&mut self.credits.available) } else { 0 };
        self.credits.expired += expired;
        Passed { is_thawed: ended.is_some(), expired }
    }

    /// Ends its freeze at this moment: its end moves by how long it was frozen. One that had not begun was none.
    pub(super) fn thaw(&mut self, at: Timestamp) {
        let Some(freeze) = self.freeze else { return };
        let was_good = self.outlasts(freeze) && self.until().is_some();
        self.freeze = None;
        if at <= freeze.from {
            self.freezes = self.freezes.saturating_sub(1);
        } else if was_good {
            let frozen = Span { from: freeze.from, until: at.min(freeze.until) };
            self.moved_ms = self.moved_ms.saturating_add(frozen.lasts_ms());
        }
    }

    /// Takes so many of its credits for a booking.
    pub(super) fn reserve(&mut self, count: u32) {
        self.credits.available = self.credits.available.checked_sub(count).expect("no more than there is");
        self.credits.reserved += count;
    }

    /// Spends so many of those that are reserved.
    pub(super) fn spend(&mut self, count: u32) {
        self.take_reserved(count);
        self.credits.spent += count;
    }

    /// Takes so many of those that are reserved back for good.
    pub(super) fn revoke_reserved(&mut self, count: u32) {
        self.take_reserved(count);
        self.credits.revoked += count;
    }

    /// Gives back so many of those that are reserved, which are good for so long at least. Says how many of them have expired.
    pub(super) fn release(&mut self, count: u32, at: Timestamp, grace_seconds: u32) -> u32 {
        self.take_reserved(count);
        if self.is_revoked {
            self.credits.revoked += count;
            return 0;
        }
        if 0 < grace_seconds {
            self.grace_until = self.grace_until.max(Some(at.plus_seconds(grace_seconds)));
        }
        if self.is_over(at) {
            self.credits.expired += count;
            return count;
        }
        self.credits.available += count;
        0
    }

    fn take_reserved(&mut self, count: u32) {
        self.credits.reserved = self.credits.reserved.checked_sub(count).expect("a leg is reserved once");
    }

    /// Whether it begins with its first use.
    pub(super) fn begins_with_use(&self) -> bool {
        self.plan.activation == Activation::FirstUse
    }

    /// A number that stands for all of it.
    pub(super) fn digest(&self, digest: Digest) -> Digest {
        let Credits { granted, available, reserved, spent, expired, revoked } = self.credits;
        let digest = [granted, available, reserved, spent, expired, revoked]
            .into_iter()
            .fold(self.plan.digest(digest.word(self.number.0)), Digest::word);
        let moment = |digest: Digest, at: Timestamp| digest.word(at.0);
        let span = |digest: Digest, span: Span| digest.word(span.from.0).word(span.until.0);
        let source = match self.source {
            Source::Granted => 0,
            Source::GivenBack(package) => package.0,
        };
        digest
            .word(self.granted_at.0)
            .option(self.window.from, moment)
            .option(self.window.until, moment)
            .option(self.used, span)
            .option(self.until_max, moment)
            .word(self.moved_ms)
            .option(self.grace_until, moment)
            .option(self.freeze, span)
            .word(self.freezes)
            .word(u32::from(self.is_revoked))
            .word(source)
    }
}

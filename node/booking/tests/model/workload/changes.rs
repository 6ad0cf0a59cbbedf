//! Changes of a slot: every field, alone and together, within bounds and against them.

use booking::{PolicyChange, SlotChange, Timestamp, WaitlistChange};

use super::{Workload, confirmed_by, order, promotion};
use crate::oracle::Oracle;

impl Workload {
    /// A change: mostly of one thing, sometimes of many, now and then of nothing.
    pub(super) fn change(&mut self, oracle: &Oracle) -> SlotChange {
        let mut change = SlotChange::default();
        match self.random.below(100) {
            0..3 => {}
            3..80 => self.change_one(&mut change, oracle),
            _ => {
                for _ in 0..2 + self.random.below(4) {
                    self.change_one(&mut change, oracle);
                }
            }
        }
        change
    }

    /// A change that lets the sale go on.
    pub(super) fn revive(&mut self) -> SlotChange {
        let ahead = *self.random.one_of(&[100_000, 10_000_000, 1_000_000_000]);
        SlotChange {
            starts_at: Some(Timestamp(self.at + ahead)),
            ends_at: Some(Timestamp(self.at + ahead + 1 + self.random.below(60_000))),
            opens_at: Some(None),
            closes_at: Some(None),
            ..SlotChange::default()
        }
    }

    fn change_one(&mut self, change: &mut SlotChange, oracle: &Oracle) {
        match self.random.below(100) {
            0..5 => change.title = Some((*self.random.one_of(&["yoga", "dance"])).into()),
            5..11 => self.change_times(change),
            11..17 => self.change_a_time(change, oracle),
            17..46 => change.capacity = Some(self.capacity(oracle)),
            46..75 => change.policy.waitlist = Some(self.waitlist()),
            _ => self.change_policy(&mut change.policy),
        }
    }

    /// Moves all times so that they fit: mostly on, so that there is a sale, and sometimes into the past.
    fn change_times(&mut self, change: &mut SlotChange) {
        let ahead = *self.random.one_of(&[20_000, 300_000, 2_000_000, 200_000_000]);
        let starts_at = if self.random.percent(80) {
            self.at + 1 + self.random.below(ahead)
        } else {
            self.at.saturating_sub(self.random.below(ahead))
        };
        change.starts_at = Some(Timestamp(starts_at));
        change.ends_at = Some(Timestamp(starts_at + 1 + self.random.below(60_000)));
        change.opens_at = self.random.maybe(60, |random| {
            random.maybe(30, |random| Timestamp(starts_at.saturating_sub(1 + random.below(ahead))))
        });
        change.closes_at = Some(
            self.random.maybe(40, |random| Timestamp(starts_at.saturating_sub(random.below(ahead) / 2))),
        );
    }

    /// Moves one time, and does not look at the others.
    fn change_a_time(&mut self, change: &mut SlotChange, oracle: &Oracle) {
        let near = Timestamp(self.at.saturating_sub(20_000) + self.random.below(100_000));
        match self.random.below(9) {
            0..2 => change.starts_at = Some(near),
            2 if self.random.percent(20) => change.ends_at = Some(Timestamp(u64::MAX)),
            2..4 => change.ends_at = Some(near),
            4 => change.opens_at = Some(Some(near)),
            5 => change.opens_at = Some(None),
            6 => change.closes_at = Some(Some(near)),
            7 => {
                let starts_at = oracle.view().map_or(0, |view| view.definition.starts_at.0);
                let closes_at = starts_at.saturating_sub(10_000) + self.random.below(20_000);
                change.closes_at = Some(Some(Timestamp(closes_at)));
            }
            _ => change.closes_at = Some(None),
        }
    }

    /// A capacity: often close to what is used.
    fn capacity(&mut self, oracle: &Oracle) -> u32 {
        let used = oracle.view().map_or(0, |view| view.counts.capacity - view.counts.free);
        match self.random.below(10) {
            0..2 => used.saturating_sub(1 + self.random.small(3)),
            2..4 => used,
            _ if self.random.percent(1) => u32::MAX,
            4..8 => used + self.random.small(8),
            _ => self.random.small(14),
        }
    }

    fn waitlist(&mut self) -> Option<WaitlistChange> {
        let random = &mut self.random;
        random.maybe(85, |random| WaitlistChange {
            capacity: random.maybe(30, |random| 1 + random.small(12)),
            promotion: random.maybe(40, promotion),
            offer_seconds: random.maybe(20, |random| random.small(40)),
            order: random.maybe(40, order),
        })
    }

    fn change_policy(&mut self, policy: &mut PolicyChange) {
        match self.random.below(6) {
            0 => policy.confirmed_by = Some(confirmed_by(&mut self.random)),
            1 => policy.hold_seconds = Some(self.seconds(90)),
            2 => policy.hold_seconds_max = Some(self.seconds(200)),
            3 | 4 => {
                policy.customer_limit = Some(self.random.maybe(70, |random| 1 + random.small(9)));
            }
            _ => policy.cancel_until_seconds = Some(self.seconds(400)),
        }
    }
}

//! What was seen of a group's leaders: when one was last heard of, who led last, and since when nobody does. Time is looked at where
//! it is looked for leaders, now and then; what came of it may be asked at any time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use crate::members::NodeId;

/// What was seen of a group's leaders.
#[derive(Default)]
pub(super) struct Leaders {
    seen: Mutex<Seen>,
    /// The term in which this node would lead, and no quorum follows it; 0 where there is none.
    unfollowed: AtomicU64,
    /// Whether the leader, which is another node, was not heard of for long.
    is_silent: AtomicBool,
    /// Rings when another leads.
    bell: Notify,
}

#[derive(Default)]
struct Seen {
    /// When the leader, which is another node, was last heard of.
    heard: Option<Instant>,
    /// The term in which this node led last, and when it was first seen to lead in it.
    own: Option<(u64, Instant)>,
    /// Who led last, and in which term.
    lead: Option<(u64, NodeId)>,
    /// Since when nobody leads.
    leaderless: Option<Instant>,
    was_member: bool,
}

impl Leaders {
    /// The leader has just been heard of.
    pub(super) fn hear(&self) {
        self.seen.lock().heard = Some(Instant::now());
    }

    /// This node leads in this term, and a quorum has taken it for the leader within `lease`, or not; one that has just begun has that
    /// time to be followed.
    pub(super) fn see_own(&self, term: u64, is_followed: bool, lease: Duration) {
        let mut seen = self.seen.lock();
        let (_term, since) = *match &mut seen.own {
            Some(own) if own.0 == term => own,
            other => other.insert((term, Instant::now())),
        };
        let is_unfollowed = !is_followed && lease <= since.elapsed();
        self.unfollowed.store(if is_unfollowed { term } else { 0 }, Ordering::Release);
    }

    /// The term in which this node would lead, and no quorum follows it; 0 where there is none.
    pub(super) fn unfollowed(&self) -> u64 {
        self.unfollowed.load(Ordering::Acquire)
    }

    /// Looks whether another node that leads was heard of within this time.
    pub(super) fn listen(&self, within: Duration) {
        let is_heard = self.seen.lock().heard.is_some_and(|heard| heard.elapsed() < within);
        self.is_silent.store(!is_heard, Ordering::Release);
    }

    /// Whether nothing was heard of the leader for long, if it is another node.
    pub(super) fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::Acquire)
    }

    /// This is who leads, in which term, if somebody does.
    pub(super) fn see(&self, lead: Option<(u64, NodeId)>) {
        let mut seen = self.seen.lock();
        if lead.is_none() {
            seen.leaderless.get_or_insert_with(Instant::now);
            return;
        }
        seen.leaderless = None;
        if seen.lead != lead {
            seen.lead = lead;
            self.bell.notify_waiters();
        }
    }

    /// For how long nobody has led.
    pub(super) fn missing_for(&self) -> Duration {
        self.seen.lock().leaderless.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Resolves once another leads than when this was called.
    pub(super) fn moved(&self) -> Notified<'_> {
        self.bell.notified()
    }

    /// Whether this node is a member, which it `is` now, or was.
    pub(super) fn was_member(&self, is: bool) -> bool {
        let mut seen = self.seen.lock();
        seen.was_member |= is;
        seen.was_member
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const STEP: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_another_leader_is_told_of_it_and_of_nothing_else() {
        let leaders = Leaders::default();
        leaders.see(Some((1, 1)));
        for (lead, is_another, missing) in [
            (Some((1, 1)), false, 0),
            (None, false, 1),
            (None, false, 2),
            (Some((1, 1)), false, 0),
            (Some((2, 1)), true, 0),
            (Some((2, 2)), true, 0),
            (None, false, 1),
            (Some((3, 2)), true, 0),
        ] {
            let moved = leaders.moved();
            leaders.see(lead);
            tokio::time::advance(STEP).await;
            assert_eq!(moved.now_or_never().is_some(), is_another, "{lead:?}");
            assert_eq!(leaders.missing_for(), STEP * missing, "{lead:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_leader_is_believed_in_for_as_long_as_it_is_heard_of() {
        let leaders = Leaders::default();
        let is_silent = || {
            leaders.listen(STEP);
            leaders.is_silent()
        };
        assert!(is_silent(), "it was never heard of");
        leaders.hear();
        assert!(!is_silent());
        tokio::time::advance(STEP).await;
        assert!(is_silent());
        assert!(!leaders.was_member(false) && leaders.was_member(true) && leaders.was_member(false));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_followed_any_more_does_not_lead_and_a_new_leader_has_time_to_be_followed() {
        let leaders = Leaders::default();
        for (term, is_followed, unfollowed) in [
            (1, false, 0),
            (1, true, 0),
            (1, false, 1),
            (1, false, 1),
            (1, true, 0),
            (2, false, 0),
            (2, false, 2),
            (3, true, 0),
            (3, false, 3),
        ] {
            leaders.see_own(term, is_followed, STEP);
            assert_eq!(leaders.unfollowed(), unfollowed, "{term} {is_followed}");
            tokio::time::advance(STEP).await;
        }
    }
}

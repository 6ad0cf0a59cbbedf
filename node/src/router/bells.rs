//! Those who watch something together, and what calls each of them: a few at a time, in the order in which they came.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::permits::Permit;

/// How many of those who watch are called at the same moment: all at once would keep buyers waiting.
const CALLED_AT_ONCE: usize = 16;

/// Those who watch.
#[derive(Default)]
pub(crate) struct Bells {
    watching: Mutex<Watching>,
    /// Somebody watches.
    came: Notify,
    /// The last who watched is gone.
    left: Notify,
}

/// Those who watch, in the order in which they came, and what calls each of them.
#[derive(Default)]
struct Watching {
    bells: BTreeMap<u64, Arc<Notify>>,
    /// How many have ever come.
    count: u64,
    /// There is nothing more to come.
    is_over: bool,
}

/// One time in which all are called who watch when it begins. Whoever comes later is told by themselves how it is, and has a turn in the
/// next round.
pub(crate) struct Round<'bells> {
    bells: &'bells Bells,
    /// The numbers of those who were not called yet.
    left: Range<u64>,
}

/// What calls somebody who watches, for as long as it is kept.
pub(crate) struct Bell {
    bells: Arc<Bells>,
    number: u64,
    rings: Arc<Notify>,
    _permit: Permit,
}

impl Bells {
    /// Calls somebody whenever there is something new from now on; none where it is over.
    pub(crate) fn add(self: &Arc<Self>, permit: Permit) -> Option<Bell> {
        let mut watching = self.watching.lock();
        if watching.is_over {
            return None;
        }
        let (number, rings) = (watching.count, Arc::new(Notify::new()));
        watching.bells.insert(number, Arc::clone(&rings));
        watching.count += 1;
        self.came.notify_one();
        Some(Bell { bells: Arc::clone(self), number, rings, _permit: permit })
    }

    /// Whether somebody watches.
    pub(crate) fn is_watched(&self) -> bool {
        !self.watching.lock().bells.is_empty()
    }

    /// All who watch are to be called.
    pub(crate) fn round(&self) -> Round<'_> {
        // Whoever comes later has a higher number.
        Round { bells: self, left: 0..self.watching.lock().count }
    }

    /// Those who watch hear that it is over.
    pub(crate) fn end(&self) {
        let mut watching = self.watching.lock();
        watching.is_over = true;
        watching.bells.values().for_each(|bell| bell.notify_one());
    }

    /// Waits for somebody who watches.
    pub(crate) async fn somebody(&self) {
        self.came.notified().await;
    }

    /// Waits until the last who watched is gone.
    pub(crate) async fn nobody(&self) {
        self.left.notified().await;
    }

    /// Calls the first of those who watch and have these numbers, and says which was the last.
    fn call(&self, numbers: Range<u64>) -> Option<u64> {
        let watching = self.watching.lock();
        let called = watching.bells.range(numbers).take(CALLED_AT_ONCE);
        called.inspect(|(_, bell)| bell.notify_one()).last().map(|(number, _)| *number)
    }
}

impl Round<'_> {
    /// Calls the next few, and says whether there were any.
    pub(crate) fn call_some(&mut self) -> bool {
        let last = self.bells.call(self.left.clone());
        if let Some(last) = last {
            self.left.start = last + 1;
        }
        last.is_some()
    }
}

impl Bell {
    /// Waits until it rings. Whoever was busy then is called still.
    pub(crate) async fn rings(&self) {
        self.rings.notified().await;
    }

    /// Whether there is nothing more to come.
    pub(crate) fn is_over(&self) -> bool {
        self.bells.watching.lock().is_over
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut watching = self.bells.watching.lock();
        watching.bells.remove(&self.number);
        if watching.bells.is_empty() {
            self.bells.left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::permits::{Lane, Permits};

    #[tokio::test]
    async fn those_who_watch_are_called_a_few_at_a_time_and_whoever_is_busy_later() {
        let (bells, permits) = (Arc::<Bells>::default(), Permits::default());
        let watch = || bells.add(permits.take(Lane::Crowd).expect("room")).expect("it goes on");
        let mut all: Vec<_> = (0..40).map(|_| watch()).collect();
        assert!(bells.is_watched());
        drop(all.remove(20));
        let called = |bell: &Bell| bell.rings().now_or_never().is_some();
        for (numbers, last) in [(0..40, Some(15)), (16..40, Some(32)), (33..39, Some(38)), (39..39, None)] {
            assert_eq!(bells.call(numbers), last);
        }
        let (those, rest) = all.split_at(38);
        assert!(those.iter().all(called));
        assert!(!those.iter().any(called), "once");
        assert!(!rest.iter().any(called), "whoever came later has a turn in the next round");
        let mut round = bells.round();
        let late = watch();
        assert_eq!([(); 4].map(|()| round.call_some()), [true, true, true, false]);
        assert!(all.iter().all(called) && !called(&late), "whoever came later has a turn in the next round");
        drop(late);
        // Called twice while it was busy, and told once.
        assert_eq!((bells.call(39..40), bells.call(39..40)), (Some(39), Some(39)));
        assert!(called(&all[38]) && !called(&all[38]));

        bells.end();
        assert!(all.iter().all(|bell| called(bell) && bell.is_over()));
        assert!(bells.add(permits.take(Lane::Crowd).expect("room")).is_none(), "it is over");
        drop(all);
        assert!(!bells.is_watched());
        assert_eq!(permits.in_use(), 0);
    }
}

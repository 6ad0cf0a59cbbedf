//! The clock of a run: the one place that asks what time it is.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use witness::history::{Moment, whole_us};

/// Counts from the moment at which it was started, and never goes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(self) -> Moment {
        Moment::from_us(whole_us(self.start.elapsed()))
    }

    /// Waits until `moment`, or not at all where it has passed.
    pub(crate) async fn reach(self, moment: Moment) {
        let instant = self.start + Duration::from_micros(moment.as_us());
        if instant > Instant::now() {
            sleep_until(instant).await;
        }
    }
}

//! Moments: the contract's, and the rules'.

use api::time::Time;
use booking::Timestamp;

pub(crate) fn time(at: Timestamp) -> Time {
    Time::from_ms(at.0)
}

pub(crate) fn timestamp(time: Time) -> Timestamp {
    Timestamp(time.as_ms())
}

//! What everyone may know of a slot while it sells: an event of its live stream.

use serde::{Deserialize, Serialize};

use crate::inventory::Counts;
use crate::slot::Status;
use crate::time::Time;

/// How a slot is at one `seq` and moment. It says nothing of anybody, and all of it each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSlot {
    /// The slot's seq at which this is true.
    pub seq: u64,
    /// The moment for which it is told, by the server's clock.
    pub now: Time,
    /// How the slot stands then.
    pub status: Status,
    /// Where its places are.
    pub counts: Counts,
    /// What a newcomer could get; 0 off sale; null of a calendar.
    pub bookable: Option<u32>,
    /// For how many milliseconds its sale is still to open; 0 once it has opened.
    pub opens_in_ms: u64,
}

//! What has become of a booking's credits, as it shows them.

use serde::{Deserialize, Serialize};

use crate::base::promise::PackageNumber;

/// What has become of credits. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CreditsState {
    /// They are promised.
    Reserved,
    /// What was booked has begun.
    Spent,
    /// They came back.
    Released,
    /// They are lost.
    Forfeited,
}

/// Credits of one package, as a booking shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditsView {
    /// Which package.
    pub package: PackageNumber,
    /// How many.
    pub count: u32,
    /// What has become of them.
    pub state: CreditsState,
}

//! What becomes of what was promised, and credits of one package.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::stored::each::each;
use crate::{PackageNumber, Uses};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leg {
    package: PackageNumber,
    count: u32,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Fate {
    Fewer { credits: u32, units: u32, uses: u32 },
    Released { grace_seconds: u32, uses: Uses },
    Spent,
    Forfeited,
    GivenBack { legs: Vec<Leg>, grace_seconds: u32 },
}

impl From<crate::Fate> for Fate {
    fn from(fate: crate::Fate) -> Self {
        use crate::Fate;
        match fate {
            Fate::Fewer { credits, units, uses } => Self::Fewer { credits, units, uses },
            Fate::Released { grace_seconds, uses } => Self::Released { grace_seconds, uses },
            Fate::Spent => Self::Spent,
            Fate::Forfeited => Self::Forfeited,
            Fate::GivenBack { legs, grace_seconds } => Self::GivenBack { legs: each(legs), grace_seconds },
        }
    }
}

impl From<Fate> for crate::Fate {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Fewer { credits, units, uses } => Self::Fewer { credits, units, uses },
            Fate::Released { grace_seconds, uses } => Self::Released { grace_seconds, uses },
            Fate::Spent => Self::Spent,
            Fate::Forfeited => Self::Forfeited,
            Fate::GivenBack { legs, grace_seconds } => Self::GivenBack { legs: each(legs), grace_seconds },
        }
    }
}

mirror!(Leg { package, count });

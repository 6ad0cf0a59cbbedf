//! The third version of what needed one, which is all that is of seats: written from level 3 on, and only where the first two cannot
//! say it. What the first has stands in here as the first has it.

/// A shape that has the fields of what it is the shape of: conversions in both directions.
macro_rules! mirror {
    ($name:ident { $($field:ident),+ }) => {
        impl From<crate::$name> for $name {
            fn from(value: crate::$name) -> Self {
                let crate::$name { $($field),+ } = value;
                Self { $($field: $field.into()),+ }
            }
        }

        impl From<$name> for crate::$name {
            fn from(value: $name) -> Self {
                let $name { $($field),+ } = value;
                Self { $($field: $field.into()),+ }
            }
        }
    };
}

// What is asked.
mod definition;
mod request;
mod seats;

// What is saved of a slot.
mod booking;
mod header;
mod house;
mod receipt;

// What is told.
mod outcome;
mod record;
mod view;

use alloc::vec::Vec;

pub use booking::Booking;
pub use header::Header;
pub use house::{PlanPart, SalePart};
pub use outcome::Outcome;
pub use receipt::Receipt;
pub use record::Record;
pub use request::Request;

/// Each of these as what it is the shape of, or the other way round.
fn each<From, To: core::convert::From<From>>(all: Vec<From>) -> Vec<To> {
    all.into_iter().map(To::from).collect()
}

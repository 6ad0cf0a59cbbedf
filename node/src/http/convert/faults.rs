//! What is wrong with a body, place by place.

use std::fmt;

use api::problem::Fault;

use crate::http::response::problem::Failure;

/// The faults found in one body.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault unless it is `good`; what is left out is good. The detail is written only where it is needed.
    pub(crate) fn check(&mut self, good: impl Into<Option<bool>>, pointer: &str, detail: impl fmt::Display) {
        if good.into() == Some(false) {
            self.0.push(Fault { pointer: pointer.to_owned(), detail: detail.to_string() });
        }
    }

    pub(crate) fn within(&mut self, value: u32, bounds: (u32, u32), pointer: &str) {
        let (least, most) = bounds;
        self.check((least..=most).contains(&value), pointer, format_args!("must be {least} to {most}"));
    }

    pub(crate) fn done<T>(self, value: T) -> Result<T, Failure> {
        if self.0.is_empty() { Ok(value) } else { Err(Failure::body(self.0)) }
    }
}

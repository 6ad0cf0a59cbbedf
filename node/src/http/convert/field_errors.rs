//! What is wrong with a body, place by place.

use std::fmt;

use api::problem::FieldError;

use crate::http::response::problem::ProblemResponse;

/// How many are told of one body: whoever mends so many asks again for the others.
const ERRORS_MAX: usize = 500;

/// The errors found in one body.
#[derive(Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes an error unless the value is `good`; what is left out is good. The detail is written only where it is needed.
    pub(crate) fn check(&mut self, good: impl Into<Option<bool>>, pointer: &str, detail: impl fmt::Display) {
        if good.into() == Some(false) && self.0.len() < ERRORS_MAX {
            self.0.push(FieldError { pointer: pointer.to_owned(), detail: detail.to_string() });
        }
    }

    pub(crate) fn within(&mut self, value: u32, bounds: (u32, u32), pointer: &str) {
        let (least, most) = bounds;
        self.check((least..=most).contains(&value), pointer, format_args!("must be {least} to {most}"));
    }

    /// What was found, unless something is at fault: what is not there is at fault with the reason that was noted.
    pub(crate) fn found<T>(&self, value: Option<T>) -> Result<T, ProblemResponse> {
        value.ok_or_else(|| ProblemResponse::body(self.0.clone()))
    }

    pub(crate) fn done<T>(self, value: T) -> Result<T, ProblemResponse> {
        if self.0.is_empty() { Ok(value) } else { Err(ProblemResponse::body(self.0)) }
    }
}

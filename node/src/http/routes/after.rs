//! From where on a feed is wanted: as the query says it, or as far as somebody came who comes back (WHATWG HTML, `Last-Event-ID`).

use booking::Seq;

use crate::http::request::call::{Call, number};
use crate::http::response::problem::ProblemResponse;

const AFTER: &str = "after";
pub(super) const LAST_EVENT: &str = "Last-Event-ID";

/// After which seq a feed is wanted, and where that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct After {
    pub(super) seq: Seq,
    pub(super) said: &'static str,
}

impl After {
    /// As a request says it; nothing is all there is.
    pub(super) fn of(call: &Call) -> Result<Self, ProblemResponse> {
        let parsed = |text: &str, name| {
            number(text).map(Seq).ok_or_else(|| ProblemResponse::parameter(name, "must be a seq, 0 or more"))
        };
        let after = call.query(AFTER).map(|text| parsed(&text, AFTER)).transpose()?;
        let heard = last_event(call)?.map(|text| parsed(text, LAST_EVENT)).transpose()?;
        // Who comes back asks as they did first, and says beside it how far they came.
        Ok(heard.map_or_else(
            || Self { seq: after.unwrap_or(Seq(0)), said: AFTER },
            |seq| Self { seq, said: LAST_EVENT },
        ))
    }
}

/// The last event that the caller heard. An empty one is none: so says who has heard nothing yet.
fn last_event(call: &Call) -> Result<Option<&str>, ProblemResponse> {
    let mut values = call.head.headers.get_all(LAST_EVENT).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.to_str().unwrap_or("?")).filter(|text| !text.is_empty())),
        (Some(_), Some(_)) => Err(ProblemResponse::parameter(LAST_EVENT, "must be given once")),
    }
}

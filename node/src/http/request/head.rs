//! A request's head, as hyper has read it for every route, or the fast path for bookings.

use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;

/// What is asked, and what is said beside it.
pub(crate) trait Head {
    fn method(&self) -> &str;

    /// Without the query.
    fn path(&self) -> &str;

    /// What stands behind the path's `?`.
    fn query(&self) -> Option<&str>;

    /// Bytes of the path with its query.
    fn target_len(&self) -> usize;

    /// Bytes of the headers' names and values, or more, where that much is allowed too.
    fn headers_len(&self) -> usize;

    /// What is said under this name, in the order in which it came.
    fn values(&self, name: RequestHeader) -> impl Iterator<Item = &[u8]>;

    /// What is said under a name of which no booking of the fast path has anything.
    fn others(&self, name: &HeaderName) -> impl Iterator<Item = &[u8]>;

    /// What is said first under this name.
    fn value(&self, name: RequestHeader) -> Option<&[u8]> {
        self.values(name).next()
    }
}

/// The headers that a booking's answer may depend on; those of the connection itself aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestHeader {
    Host,
    Authorization,
    IdempotencyKey,
    ContentType,
    Accept,
    RequestTimeout,
    ContentEncoding,
    ForwardedFor,
    Origin,
}

impl RequestHeader {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 9] = [
        Self::Host,
        Self::Authorization,
        Self::IdempotencyKey,
        Self::ContentType,
        Self::Accept,
        Self::RequestTimeout,
        Self::ContentEncoding,
        Self::ForwardedFor,
        Self::Origin,
    ];

    /// In small letters.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Authorization => "authorization",
            Self::IdempotencyKey => "idempotency-key",
            Self::ContentType => "content-type",
            Self::Accept => "accept",
            Self::RequestTimeout => "x-request-timeout-ms",
            Self::ContentEncoding => "content-encoding",
            Self::ForwardedFor => "x-forwarded-for",
            Self::Origin => "origin",
        }
    }
}

/// A header's value as text, if it is ASCII.
pub(crate) fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|text| text.is_ascii())
}

impl Head for Parts {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.uri.path()
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn target_len(&self) -> usize {
        self.uri.path_and_query().map_or(0, |target| target.as_str().len())
    }

    fn headers_len(&self) -> usize {
        self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
    }

    fn values(&self, name: RequestHeader) -> impl Iterator<Item = &[u8]> {
        self.headers.get_all(name.name()).iter().map(HeaderValue::as_bytes)
    }

    fn others(&self, name: &HeaderName) -> impl Iterator<Item = &[u8]> {
        self.headers.get_all(name).iter().map(HeaderValue::as_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_header_stands_at_its_place() {
        for (place, header) in RequestHeader::ALL.into_iter().enumerate() {
            assert_eq!(header as usize, place, "{header:?}");
            assert_eq!(header.name(), header.name().to_ascii_lowercase());
        }
    }
}

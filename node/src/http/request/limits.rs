//! The rate limit: for whom a request is counted, and how every answer of `/v1` says what is left to them
//! (draft-ietf-httpapi-ratelimit-headers, and the headers that came before it).
//!
//! Each node counts for itself: what is passed one hop on is not counted again.

use std::net::IpAddr;
use std::time::Duration;

use api::problem::Code;
use config::{Net, RateLimit};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use siphasher::sip::SipHasher13;

use super::address::{Peer, Proxies};
use super::caller::Caller;
use super::head::Head;
use super::rate::{Buckets, Rate, Remaining};
use crate::chance::Chance;
use crate::http::response::answer::header_line;
use crate::http::response::problem::ProblemResponse;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How often a caller may ask, and how often each has.
pub(crate) struct Limits {
    /// None where nothing is limited: then what is left is always all.
    callers: Option<Callers>,
    all: Remaining,
    proxies: Proxies,
    /// What is told to everyone: the figures that are configured.
    policy: [(HeaderName, HeaderValue); 2],
    /// The same as they stand on the wire.
    policy_lines: Vec<u8>,
    refusal: String,
}

/// Who asked lately. A caller is a hash under a key that nobody knows: no one can aim at another's bucket.
struct Callers {
    buckets: Buckets,
    subjects: SipHasher13,
    addresses: SipHasher13,
}

impl Limits {
    /// As configured. Without chance, callers could choose whose bucket is theirs too.
    pub(crate) fn new(rate_limit: &RateLimit, trusted_proxies: &[Net], chance: &dyn Chance) -> Self {
        let RateLimit { enabled, requests_per_second, burst } = *rate_limit;
        let hasher = || SipHasher13::new_with_key(&chance.bytes());
        let callers = enabled.then(|| Callers {
            buckets: Buckets::new(Rate::new(requests_per_second, burst)),
            subjects: hasher(),
            addresses: hasher(),
        });
        let window = burst.get().div_ceil(requests_per_second.get());
        let policy = HeaderValue::try_from(format!("\"requests\";q={burst};w={window}"));
        let policy = [
            (RATE_LIMIT_POLICY, policy.expect("digits and letters")),
            (LIMIT, HeaderValue::from(burst.get())),
        ];
        let mut policy_lines = Vec::new();
        for (name, value) in &policy {
            header_line(&mut policy_lines, name, value.as_bytes());
        }
        Self {
            callers,
            all: Remaining { requests: burst.get(), full_in_seconds: 0 },
            proxies: Proxies::new(trusted_proxies),
            policy,
            policy_lines,
            refusal: format!(
                "this caller may ask {requests_per_second} times a second, and {burst} times at once; \
                 Retry-After says when to ask again"
            ),
        }
    }

    /// Counts a request for whoever shows a good token, or for the address that asks. What is left to them; and why it is not
    /// answered, if they ask too often. Nobody pays for asking what there is to ask (`OPTIONS`).
    pub(crate) fn count(
        &self,
        caller: Option<&Caller>,
        head: &impl Head,
        peer: Peer,
        now: Duration,
    ) -> (Remaining, Result<(), ProblemResponse>) {
        let Some(callers) = &self.callers else { return (self.all, Ok(())) };
        let hash = match caller {
            Some(caller) => callers.subjects.hash(caller.subject().as_bytes()),
            None => callers.address(self.proxies.address(peer, head)),
        };
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        if head.method() == "OPTIONS" {
            return (callers.buckets.look(hash, now), Ok(()));
        }
        match callers.buckets.take(hash, now) {
            Ok(remaining) => (remaining, Ok(())),
            Err(remaining) => (remaining, Err(ProblemResponse::new(Code::RateLimited, &*self.refusal))),
        }
    }

    /// Tells a caller what is left to them.
    pub(crate) fn tell(&self, remaining: Remaining, headers: &mut HeaderMap) {
        let Remaining { requests, full_in_seconds } = remaining;
        let text = format!("\"requests\";r={requests};t={full_in_seconds}");
        headers.extend(self.policy.iter().cloned());
        headers.extend([
            (RATE_LIMIT, HeaderValue::try_from(text).expect("digits and letters")),
            (REMAINING, HeaderValue::from(requests)),
            (RESET, HeaderValue::from(full_in_seconds)),
        ]);
    }

    /// The same as it stands on the wire.
    pub(crate) fn write(&self, remaining: Remaining, to: &mut Vec<u8>) {
        let (mut requests, mut full_in) = (itoa::Buffer::new(), itoa::Buffer::new());
        let (requests, full_in) =
            (requests.format(remaining.requests), full_in.format(remaining.full_in_seconds));
        to.extend_from_slice(&self.policy_lines);
        for part in [
            "ratelimit: \"requests\";r=",
            requests,
            ";t=",
            full_in,
            "\r\nx-ratelimit-remaining: ",
            requests,
            "\r\nx-ratelimit-reset: ",
            full_in,
            "\r\n",
        ] {
            to.extend_from_slice(part.as_bytes());
        }
    }
}

impl Callers {
    /// Of IPv6 what one household or machine is given: a /64, in which it may take any address it likes.
    fn address(&self, address: IpAddr) -> u64 {
        match address {
            IpAddr::V4(address) => self.addresses.hash(&address.octets()),
            IpAddr::V6(address) => {
                let [net @ .., _, _, _, _, _, _, _, _] = address.octets();
                self.addresses.hash(&net)
            }
        }
    }
}

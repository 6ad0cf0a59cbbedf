//! Who asks: bearer tokens, checked whole.
//!
//! The algorithm is the key's, never the token's; every claim is required; the clock is given five seconds of grace. Of a
//! token that was found good only its times are tested again, by the very bytes of the token: a drop is thousands of
//! requests a second, and checking a signature costs more than booking a place.

use std::ops::RangeInclusive;
use std::sync::Arc;

use api::problem::Code;
use api::token::{Claims, LEN_MAX, Role};
use booking::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use quick_cache::sync::Cache;

use super::head::{Head, Heard, text};
use super::problem::Failure;

/// The grace that clocks are given, in seconds.
const LEEWAY_SECONDS: u64 = 5;
/// The longest subject, organizer or customer, in bytes.
pub(crate) const NAME_LEN_MAX: usize = 64;
/// Tokens that are remembered as good. A usual token has 300 bytes, the longest 4 KiB.
const TOKENS_REMEMBERED: usize = 16_384;

/// Whoever has shown a good token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Books for themselves.
    Customer { subject: String },
    /// Offers slots, and books for others.
    Organizer { subject: String, organizer: String },
    /// Runs the cluster.
    Operator { subject: String },
}

impl Caller {
    /// The token's subject.
    pub(crate) fn subject(&self) -> &str {
        match self {
            Self::Customer { subject } | Self::Organizer { subject, .. } | Self::Operator { subject } => {
                subject
            }
        }
    }

    /// The role as the contract spells it.
    pub(crate) fn role_word(&self) -> &'static str {
        match self {
            Self::Customer { .. } => "customer",
            Self::Organizer { .. } => "organizer",
            Self::Operator { .. } => "operator",
        }
    }
}

/// The keys whose tokens are believed.
pub(crate) struct Keyring {
    keys: Vec<(String, DecodingKey)>,
    validation: Validation,
    good: Cache<Box<str>, Bearer>,
}

/// Who shows a token with a good signature, and when it may be shown.
#[derive(Clone)]
struct Bearer {
    caller: Arc<Caller>,
    /// Seconds since 1970, with the grace in them.
    times: RangeInclusive<u64>,
}

impl Bearer {
    fn at(self, now: Timestamp) -> Result<Arc<Caller>, Failure> {
        let seconds = now.0 / 1_000;
        if seconds < *self.times.start() {
            Err(refused("it is not good yet (nbf)"))
        } else if *self.times.end() < seconds {
            Err(refused("it has expired"))
        } else {
            Ok(self.caller)
        }
    }
}

impl Keyring {
    /// HS256 keys by id.
    pub(crate) fn new(issuer: &str, audience: &str, secrets: Vec<(String, config::Secret)>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // Times are tested by `Bearer::at`, against the node's clock.
        validation.validate_exp = false;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["sub", "iss", "aud", "exp", "nbf"]);
        let keys =
            secrets.into_iter().map(|(id, secret)| (id, DecodingKey::from_secret(secret.expose()))).collect();
        Self { keys, validation, good: Cache::new(TOKENS_REMEMBERED) }
    }

    /// Whoever this head says asks, at `now`.
    pub(crate) fn caller(&self, head: &impl Head, now: Timestamp) -> Result<Arc<Caller>, Failure> {
        self.caller_with(token(head)?, now)
    }

    /// Whoever shows this token, at `now`.
    pub(crate) fn caller_with(&self, token: &str, now: Timestamp) -> Result<Arc<Caller>, Failure> {
        if let Some(bearer) = self.good.get(token) {
            return bearer.at(now);
        }
        let bearer = self.verify(token)?;
        self.good.insert(token.into(), bearer.clone());
        bearer.at(now)
    }

    /// Everything about a token except its times.
    fn verify(&self, token: &str) -> Result<Bearer, Failure> {
        let header =
            jsonwebtoken::decode_header(token).map_err(|_not_a_header| refused("it is not a JWT"))?;
        if header
            .typ
            .as_deref()
            .is_some_and(|typ| !matches!(typ.to_ascii_lowercase().as_str(), "jwt" | "at+jwt"))
        {
            return Err(refused("its typ must be JWT or at+jwt"));
        }
        if header.crit.is_some() {
            return Err(refused("it has critical headers, and this node knows none (crit)"));
        }
        let named = |(id, _key): &&(String, DecodingKey)| header.kid.as_ref().is_none_or(|kid| kid == id);
        let mut refusal = None;
        for (_id, key) in self.keys.iter().filter(named) {
            match jsonwebtoken::decode::<Claims>(token, key, &self.validation) {
                Ok(token) => return bearer(token.claims),
                Err(error) => refusal = Some(refused(&reason(&error))),
            }
        }
        Err(refusal.unwrap_or_else(|| refused("it names a key that this node does not have")))
    }
}

/// The token of the one `Authorization: Bearer` header.
pub(crate) fn token(head: &impl Head) -> Result<&str, Failure> {
    let mut values = head.values(Heard::Authorization);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Failure::new(Code::Unauthenticated, "send one header: Authorization: Bearer <token>"));
    };
    let said = text(value).ok_or_else(|| refused("it is not ASCII"))?;
    let token = match said.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        None if said.trim().eq_ignore_ascii_case("bearer") => return Err(refused("it is empty")),
        _ => return Err(Failure::new(Code::Unauthenticated, "the scheme must be Bearer")),
    };
    if token.len() <= LEN_MAX { Ok(token) } else { Err(refused("it is longer than 4 KiB")) }
}

fn bearer(claims: Claims) -> Result<Bearer, Failure> {
    let subject = claims.sub;
    if subject.is_empty() || NAME_LEN_MAX < subject.len() {
        return Err(refused("its sub must have 1 to 64 bytes"));
    }
    let caller = match (claims.role, claims.organizer) {
        (Role::Customer, _) => Caller::Customer { subject },
        (Role::Operator, _) => Caller::Operator { subject },
        (Role::Organizer, Some(organizer)) if !organizer.is_empty() && organizer.len() <= NAME_LEN_MAX => {
            Caller::Organizer { subject, organizer }
        }
        (Role::Organizer, _) => {
            return Err(refused("an organizer's token needs an organizer of 1 to 64 bytes"));
        }
    };
    let (from, until) =
        (claims.nbf.saturating_sub(LEEWAY_SECONDS), claims.exp.saturating_add(LEEWAY_SECONDS));
    Ok(Bearer { caller: Arc::new(caller), times: from..=until })
}

fn refused(reason: &str) -> Failure {
    Failure::new(Code::Unauthenticated, format!("the token is not good: {reason}"))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's other kinds say the same to a caller")]
fn reason(error: &jsonwebtoken::errors::Error) -> String {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature => "its signature is not of a key of this node".to_owned(),
        ErrorKind::InvalidIssuer => "its iss is not the one of this node".to_owned(),
        ErrorKind::InvalidAudience => "its aud is not the one of this node".to_owned(),
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
            "its alg is not the key's".to_owned()
        }
        ErrorKind::MissingRequiredClaim(claim) => format!("the claim {claim} is missing"),
        ErrorKind::Json(error) => format!("its claims are not as they should be: {error}"),
        _ => "it cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cluster::Clock;
    use hyper::Request;
    use hyper::header::AUTHORIZATION;

    use super::*;
    use crate::chance::SystemChance;

    /// A clock that stands where it is put.
    struct Stopped(u64);

    impl Clock for Stopped {
        fn wall_ms(&self) -> u64 {
            self.0
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
    }

    #[test]
    fn a_token_that_was_good_before_still_has_its_times() {
        const DAY: u64 = 24 * 60 * 60;
        let folder = tempfile::tempdir().expect("a folder");
        crate::key::ensure(folder.path(), &SystemChance).expect("a key");
        let secret = || config::Secret::read(&folder.path().join(crate::key::FILE)).expect("a key");
        let made = 2_000_000_000;
        let token = crate::key::token(&secret(), Role::Customer, &Stopped(made * 1_000), &SystemChance);
        let bearer = format!("Bearer {}", token.expect("it can be signed"));
        let (head, ()) =
            Request::builder().header(AUTHORIZATION, bearer).body(()).expect("ASCII").into_parts();

        let keyring = Keyring::new("boxoffice", "boxoffice", vec![("main".to_owned(), secret())]);
        // Twice: the second time the token is known already.
        for _ in 0..2 {
            for (seconds, good) in [
                (made - LEEWAY_SECONDS - 1, false),
                (made - LEEWAY_SECONDS, true),
                (made + DAY + LEEWAY_SECONDS, true),
                (made + DAY + LEEWAY_SECONDS + 1, false),
            ] {
                let caller = keyring.caller(&head, Timestamp(seconds * 1_000));
                assert_eq!(caller.is_ok(), good, "{seconds}: {caller:?}");
            }
        }
        let elsewhere = Keyring::new("boxoffice", "another", vec![("main".to_owned(), secret())]);
        assert!(elsewhere.caller(&head, Timestamp(made * 1_000)).is_err());
    }
}

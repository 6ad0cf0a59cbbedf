//! Who asks: bearer tokens, checked whole.
//!
//! The algorithm is the key's, never the token's; every claim is required; the clock is given five seconds of grace. Of a
//! token that was found good only its times are tested again, by the very bytes of the token: a drop is thousands of
//! requests a second, and checking a signature costs more than booking a place. When a key changes, all that was found good
//! is forgotten: whoever was let in by a key that is gone is not let in again.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use api::problem::Code;
use api::token::{Claims, LEN_MAX, Role};
use booking::{RequestKey, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use parking_lot::RwLock;
use quick_cache::sync::Cache;

use super::head::{Head, RequestHeader, text};
use super::session;
use crate::http::response::problem::ProblemResponse;
use crate::ids;

#[cfg(test)]
mod tests;

/// The grace that clocks are given.
const LEEWAY_MS: u64 = 5_000;
/// The longest subject, organizer or customer, in bytes.
pub(crate) const NAME_LEN_MAX: usize = 64;
/// Tokens that are remembered as good. A usual token has 300 bytes, the longest 4 KiB.
const TOKENS_REMEMBERED: usize = 16_384;
/// How keys may sign.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::HS256, Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];
/// How the subjects of the node's own users begin: of another issuer's tokens, none may.
const OWN_SUBJECTS: &str = "usr_";
/// How the names of what is no organizer begin: no token may speak for one.
const NO_ORGANIZERS: char = '~';

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

    /// What the caller's request under this key is called within a slot.
    pub(crate) fn request_key(&self, key: &str) -> RequestKey {
        ids::request_key(self.role_word(), self.subject(), key)
    }

    /// The role as the contract spells it.
    fn role_word(&self) -> &'static str {
        match self {
            Self::Customer { .. } => "customer",
            Self::Organizer { .. } => "organizer",
            Self::Operator { .. } => "operator",
        }
    }
}

/// One key that tokens may be signed with.
pub(crate) struct Key {
    /// What a token may name it by (`kid`).
    pub(crate) name: String,
    pub(crate) issuer: Issuer,
    pub(crate) algorithm: Algorithm,
    pub(crate) decoding: DecodingKey,
}

/// Who signs with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// We ourselves, and whoever else was given the secret that the node holds.
    Own,
    /// An identity provider, of which the node knows what is public.
    Foreign,
}

/// The keys whose tokens are believed.
pub(crate) struct Keyring {
    /// By the id of the setting that names them: one for a secret, several for a set.
    keys: RwLock<BTreeMap<String, Vec<Key>>>,
    /// One for each of [`ALGORITHMS`].
    validations: [Validation; ALGORITHMS.len()],
    good: Cache<Box<str>, Bearer>,
}

/// Who shows a token with a good signature, and when it may be shown.
#[derive(Clone, Debug)]
struct Bearer {
    caller: Arc<Caller>,
    /// Milliseconds since 1970, with the grace in them.
    times: RangeInclusive<u64>,
}

impl Bearer {
    fn at(self, now: Timestamp) -> Result<Arc<Caller>, ProblemResponse> {
        if now.0 < *self.times.start() {
            Err(refused("it is not good yet (nbf)"))
        } else if *self.times.end() < now.0 {
            Err(refused("it has expired"))
        } else {
            Ok(self.caller)
        }
    }
}

impl Keyring {
    /// HS256 keys by id.
    pub(crate) fn new(issuer: &str, audience: &str, secrets: &[(String, config::Secret)]) -> Self {
        let validations = ALGORITHMS.map(|algorithm| {
            let mut validation = Validation::new(algorithm);
            // Times are tested by `Bearer::at`, against the node's clock.
            validation.validate_exp = false;
            validation.set_issuer(&[issuer]);
            validation.set_audience(&[audience]);
            // What else must be there, `Claims` wants.
            validation.set_required_spec_claims(&["iss", "aud"]);
            validation
        });
        let keyring = Self { keys: RwLock::default(), validations, good: Cache::new(TOKENS_REMEMBERED) };
        keyring.exchange(secrets, Vec::new());
        keyring
    }

    /// From now on, these are all keys there are: secrets, and sets, by the ids of their settings. Tokens of others are good no longer.
    pub(crate) fn exchange(&self, secrets: &[(String, config::Secret)], sets: Vec<(String, Vec<Key>)>) {
        let own = |(name, secret): &(String, config::Secret)| {
            let decoding = DecodingKey::from_secret(secret.expose());
            let key = Key { name: name.clone(), issuer: Issuer::Own, algorithm: Algorithm::HS256, decoding };
            (name.clone(), vec![key])
        };
        let mut held = self.keys.write();
        *held = secrets.iter().map(own).chain(sets).collect();
        self.good.clear();
    }

    /// From now on, these are the keys of the setting with this id. Tokens of others that it had are good no longer.
    pub(crate) fn put(&self, id: &str, keys: Vec<Key>) {
        let mut held = self.keys.write();
        held.insert(id.to_owned(), keys);
        self.good.clear();
    }

    /// Whoever this head says asks, at `now`: a browser's session counts where there is no token beside it.
    pub(crate) fn caller(&self, head: &impl Head, now: Timestamp) -> Result<Arc<Caller>, ProblemResponse> {
        if head.value(RequestHeader::Authorization).is_none() && session::token(head).is_some() {
            session::check(head)?;
        }
        self.caller_with(shown(head)?, now)
    }

    /// Until when this token is good, which it is at `now`.
    pub(crate) fn good_until(&self, token: &str, now: Timestamp) -> Result<Timestamp, ProblemResponse> {
        self.caller_with(token, now)?;
        // It was found good just now; what is not remembered is verified again.
        let bearer = match self.good.get(token) {
            Some(bearer) => bearer,
            None => self.verify(token, &self.keys.read())?,
        };
        Ok(Timestamp(bearer.times.end().saturating_sub(LEEWAY_MS)))
    }

    /// Whoever shows this token, at `now`.
    pub(crate) fn caller_with(&self, token: &str, now: Timestamp) -> Result<Arc<Caller>, ProblemResponse> {
        if let Some(bearer) = self.good.get(token) {
            return bearer.at(now);
        }
        // Held until the token is remembered: one that is found good by keys which go meanwhile is forgotten with the others.
        let keys = self.keys.read();
        let bearer = self.verify(token, &keys)?;
        self.good.insert(token.into(), bearer.clone());
        drop(keys);
        bearer.at(now)
    }

    /// Everything about a token except its times.
    fn verify(&self, token: &str, keys: &BTreeMap<String, Vec<Key>>) -> Result<Bearer, ProblemResponse> {
        let header =
            jsonwebtoken::decode_header(token).map_err(|_not_a_header| refused("it is not a JWT"))?;
        check_header(&header)?;
        let named = |key: &&Key| header.kid.as_ref().is_none_or(|kid| *kid == key.name);
        let mut refusal = None;
        for key in keys.values().flatten().filter(named) {
            if key.algorithm != header.alg {
                refusal.get_or_insert("its alg is not the key's");
                continue;
            }
            let validation = self.validations.iter().find(|known| known.algorithms.contains(&key.algorithm));
            let validation = validation.expect("there is one for each algorithm");
            match jsonwebtoken::decode::<Claims>(token, &key.decoding, validation) {
                Ok(token) => return bearer(token.claims, key.issuer),
                Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {
                    refusal = Some("its signature is not of a key of this node");
                }
                // It is this key's, whatever the others are.
                Err(error) => return Err(refused(&reason(&error))),
            }
        }
        Err(refused(refusal.unwrap_or("it names a key that this node does not have (kid)")))
    }
}

/// What a token says of itself, before any key is asked.
fn check_header(header: &Header) -> Result<(), ProblemResponse> {
    let is_ours = |typ: &str| ["jwt", "at+jwt"].iter().any(|ours| ours.eq_ignore_ascii_case(typ));
    if header.typ.as_deref().is_some_and(|typ| !is_ours(typ)) {
        return Err(refused("its typ must be JWT or at+jwt"));
    }
    if header.crit.is_some() {
        return Err(refused("it has critical headers, and this node knows none (crit)"));
    }
    Ok(())
}

/// The token that a head shows: that of its header, or of a browser's session.
pub(crate) fn shown(head: &impl Head) -> Result<&str, ProblemResponse> {
    let session = head.value(RequestHeader::Authorization).is_none().then(|| session::token(head)).flatten();
    session.map_or_else(|| token(head), Ok)
}

/// The token of the one `Authorization: Bearer` header.
fn token(head: &impl Head) -> Result<&str, ProblemResponse> {
    let mut values = head.values(RequestHeader::Authorization);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ProblemResponse::new(
            Code::Unauthenticated,
            "send one header: Authorization: Bearer <token>",
        ));
    };
    let said = text(value).ok_or_else(|| refused("it is not ASCII"))?;
    let token = match said.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        None if said.trim().eq_ignore_ascii_case("bearer") => return Err(refused("it is empty")),
        _ => return Err(ProblemResponse::new(Code::Unauthenticated, "the scheme must be Bearer")),
    };
    if token.len() <= LEN_MAX { Ok(token) } else { Err(refused("it is longer than 4 KiB")) }
}

fn bearer(claims: Claims, issuer: Issuer) -> Result<Bearer, ProblemResponse> {
    let Claims { sub: subject, role, organizer, nbf, exp, .. } = claims;
    if subject.is_empty() || NAME_LEN_MAX < subject.len() {
        return Err(refused("its sub must have 1 to 64 bytes"));
    }
    if issuer == Issuer::Foreign && subject.starts_with(OWN_SUBJECTS) {
        return Err(refused("its sub is one of this node's own users, and its key is another issuer's"));
    }
    if organizer.as_ref().is_some_and(|organizer| organizer.starts_with(NO_ORGANIZERS)) {
        return Err(refused("no organizer begins with ~"));
    }
    let caller = match (role, organizer) {
        (Role::Customer, _) => Caller::Customer { subject },
        (Role::Operator, _) => Caller::Operator { subject },
        (Role::Organizer, Some(organizer)) if !organizer.is_empty() && organizer.len() <= NAME_LEN_MAX => {
            Caller::Organizer { subject, organizer }
        }
        (Role::Organizer, _) => {
            return Err(refused("an organizer's token needs an organizer of 1 to 64 bytes"));
        }
    };
    let times = nbf.ms().saturating_sub(LEEWAY_MS)..=exp.ms().saturating_add(LEEWAY_MS);
    Ok(Bearer { caller: Arc::new(caller), times })
}

fn refused(reason: &str) -> ProblemResponse {
    ProblemResponse::new(Code::Unauthenticated, format!("the token is not good: {reason}"))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's other kinds say the same to a caller")]
fn reason(error: &jsonwebtoken::errors::Error) -> String {
    match error.kind() {
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

//! Who asks: bearer tokens, checked whole.
//!
//! The algorithm is the key's, never the token's; every claim is required; the clock is given five seconds of grace.

use api::problem::Code;
use api::token::{Claims, LEN_MAX, Role};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use super::problem::Failure;

/// The grace that clocks are given, in seconds.
const LEEWAY_SECONDS: u64 = 5;
/// The longest subject, organizer or customer, in bytes.
pub(crate) const NAME_LEN_MAX: usize = 64;

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
}

impl Keyring {
    /// HS256 keys by id.
    pub(crate) fn new(issuer: &str, audience: &str, secrets: Vec<(String, config::Secret)>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["sub", "iss", "aud", "exp", "nbf"]);
        let keys =
            secrets.into_iter().map(|(id, secret)| (id, DecodingKey::from_secret(secret.expose()))).collect();
        Self { keys, validation }
    }

    /// Whoever these headers say asks.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        let token = bearer(headers)?;
        let header =
            jsonwebtoken::decode_header(token).map_err(|_not_a_header| refused("it is not a JWT"))?;
        if header
            .typ
            .as_deref()
            .is_some_and(|typ| !matches!(typ.to_ascii_lowercase().as_str(), "jwt" | "at+jwt"))
        {
            return Err(refused("its typ must be JWT or at+jwt"));
        }
        let named = |(id, _key): &&(String, DecodingKey)| header.kid.as_ref().is_none_or(|kid| kid == id);
        let mut refusal = refused("it names a key that this node does not have");
        for (_id, key) in self.keys.iter().filter(named) {
            match jsonwebtoken::decode::<Claims>(token, key, &self.validation) {
                Ok(token) => return caller(token.claims),
                Err(error) => refusal = refused(&reason(&error)),
            }
        }
        Err(refusal)
    }
}

/// The token of the one `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Failure::new(Code::Unauthenticated, "send one header: Authorization: Bearer <token>"));
    };
    let text = value.to_str().map_err(|_not_ascii| refused("it is not ASCII"))?;
    let token = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(Failure::new(Code::Unauthenticated, "the scheme must be Bearer")),
    };
    if token.len() <= LEN_MAX { Ok(token) } else { Err(refused("it is longer than 4 KiB")) }
}

fn caller(claims: Claims) -> Result<Caller, Failure> {
    let subject = claims.sub;
    if subject.is_empty() || NAME_LEN_MAX < subject.len() {
        return Err(refused("its sub must have 1 to 64 bytes"));
    }
    match (claims.role, claims.organizer) {
        (Role::Customer, _) => Ok(Caller::Customer { subject }),
        (Role::Operator, _) => Ok(Caller::Operator { subject }),
        (Role::Organizer, Some(organizer)) if !organizer.is_empty() && organizer.len() <= NAME_LEN_MAX => {
            Ok(Caller::Organizer { subject, organizer })
        }
        (Role::Organizer, _) => Err(refused("an organizer's token needs an organizer of 1 to 64 bytes")),
    }
}

fn refused(reason: &str) -> Failure {
    Failure::new(Code::Unauthenticated, format!("the token is not good: {reason}"))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's other kinds say the same to a caller")]
fn reason(error: &jsonwebtoken::errors::Error) -> String {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature => "its signature is not of a key of this node".to_owned(),
        ErrorKind::ExpiredSignature => "it has expired".to_owned(),
        ErrorKind::ImmatureSignature => "it is not good yet (nbf)".to_owned(),
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

//! Tokens: one for every customer, made before the clock starts.

use std::fs;
use std::path::Path;

use api::token::{Audience, Claims, Role};
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use hyper::header::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header};

use crate::error::Error;

/// How long a token is good: longer than any drop.
const TTL_SECONDS: u64 = 24 * 3_600;
/// How far back its time is set, for a server whose clock is behind this one's.
const BACKDATED_SECONDS: u64 = 2;
/// The least bytes of a secret for HS256 (RFC 7518, 3.2).
const SECRET_LEN_MIN: usize = 32;

/// Makes tokens that the server takes for its own.
pub(crate) struct Mint {
    key: EncodingKey,
    issuer: String,
    audience: String,
    /// Seconds since 1970.
    now: u64,
    /// Tokens made so far: the number is the token's own name.
    made: u64,
}

impl Mint {
    /// Reads a key file: the secret as base64url, with or without padding.
    pub(crate) fn open(key: &Path, issuer: &str, audience: &str, now: u64) -> Result<Self, Error> {
        let bad = |why: String| Error::Key { path: key.to_owned(), why };
        let text = fs::read_to_string(key).map_err(|error| bad(error.to_string()))?;
        let text = text.trim();
        let secret = URL_SAFE_NO_PAD
            .decode(text)
            .or_else(|_padded| URL_SAFE.decode(text))
            .map_err(|error| bad(format!("not base64url: {error}")))?;
        if secret.len() < SECRET_LEN_MIN {
            return Err(bad(format!("{} bytes are too few: HS256 wants {SECRET_LEN_MIN}", secret.len())));
        }
        let key = EncodingKey::from_secret(&secret);
        Ok(Self { key, issuer: issuer.to_owned(), audience: audience.to_owned(), now, made: 0 })
    }

    /// An `Authorization` for a customer.
    pub(crate) fn customer(&mut self, subject: &str) -> Result<HeaderValue, Error> {
        self.bearer(subject, Role::Customer, None)
    }

    /// An `Authorization` that speaks for an organizer.
    pub(crate) fn organizer(&mut self, organizer: &str) -> Result<HeaderValue, Error> {
        self.bearer("loadgen", Role::Organizer, Some(organizer.to_owned()))
    }

    fn bearer(&mut self, subject: &str, role: Role, organizer: Option<String>) -> Result<HeaderValue, Error> {
        self.made += 1;
        let made_at = self.now.saturating_sub(BACKDATED_SECONDS);
        let claims = Claims {
            sub: subject.to_owned(),
            role,
            organizer,
            iss: self.issuer.clone(),
            aud: Audience::One(self.audience.clone()),
            exp: (self.now + TTL_SECONDS).into(),
            nbf: made_at.into(),
            iat: made_at.into(),
            jti: format!("{subject}-{}", self.made),
        };
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key).map_err(Error::Token)?;
        let mut value = HeaderValue::try_from(format!("Bearer {token}")).expect("a token is visible ASCII");
        value.set_sensitive(true);
        Ok(value)
    }
}

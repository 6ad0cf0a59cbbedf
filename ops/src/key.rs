//! Keys, and the tokens that they sign.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use api::token::{Audience, Claims, Role};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};

use crate::cli::Access;
use crate::error::Error;

/// The longest subject and organizer, in bytes.
const NAME_LEN_MAX: usize = 64;
/// The least secret that a node takes, in bytes.
const SECRET_LEN_MIN: usize = 32;
/// base64url with or without the padding that tools like to add.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key that signs tokens (HS256), and for whom it does.
pub(crate) struct Signer {
    key: EncodingKey,
    issuer: String,
    audience: String,
}

/// Who is to be named in a token.
pub(crate) struct Bearer<'a> {
    /// What it may do.
    pub(crate) role: Role,
    /// Whom it names.
    pub(crate) subject: &'a str,
    /// For which organizer it speaks.
    pub(crate) organizer: Option<&'a str>,
}

impl Signer {
    /// The key that `--key` or `--data` names.
    pub(crate) fn load(access: &Access) -> Result<Self, Error> {
        let path = match (&access.key, &access.data) {
            (Some(file), _) => file.clone(),
            (None, Some(folder)) => folder.join("token.key"),
            (None, None) => return Err(Error::NoKey),
        };
        let secret = read_secret(path)?;
        Ok(Self {
            key: EncodingKey::from_secret(&secret),
            issuer: access.issuer.clone(),
            audience: access.audience.clone(),
        })
    }

    /// A token that is good for `ttl_seconds` from `now` on.
    pub(crate) fn token(
        &self,
        bearer: &Bearer<'_>,
        ttl_seconds: u32,
        now: Timestamp,
    ) -> Result<String, Error> {
        check_name("the subject", bearer.subject)?;
        if let Some(organizer) = bearer.organizer {
            check_name("the organizer", organizer)?;
        }
        let seconds = u64::try_from(now.as_second()).expect("the clock is after 1970");
        let claims = Claims {
            sub: bearer.subject.to_owned(),
            role: bearer.role,
            organizer: bearer.organizer.map(str::to_owned),
            iss: self.issuer.clone(),
            aud: Audience::One(self.audience.clone()),
            exp: (seconds + u64::from(ttl_seconds)).into(),
            nbf: seconds.into(),
            iat: seconds.into(),
            jti: BASE64URL.encode(rand::random::<[u8; 16]>()),
        };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key)?)
    }
}

/// The secret in a key file: base64url, with any white space around it.
fn read_secret(path: PathBuf) -> Result<Vec<u8>, Error> {
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::KeyMissing(path)),
        Err(error) => return Err(Error::KeyUnusable { path, reason: error.to_string() }),
    };
    match BASE64URL.decode(text.trim()) {
        Ok(secret) if secret.len() >= SECRET_LEN_MIN => Ok(secret),
        Ok(_short) => Err(Error::KeyUnusable { path, reason: "it has fewer than 32 bytes".to_owned() }),
        Err(_not_base64url) => Err(Error::KeyUnusable { path, reason: "it is not base64url".to_owned() }),
    }
}

fn check_name(what: &'static str, name: &str) -> Result<(), Error> {
    let len = name.len();
    if (1..=NAME_LEN_MAX).contains(&len) { Ok(()) } else { Err(Error::NameLength { what, len }) }
}

//! What a bearer token says.

use serde::{Deserialize, Serialize};

/// The `iss` of tokens that `boxoffice dev` takes and the tools make.
pub const ISSUER_DEFAULT: &str = "boxoffice";
/// The `aud` of the same.
pub const AUDIENCE_DEFAULT: &str = "boxoffice";
/// The longest token that is looked at, in bytes.
pub const LEN_MAX: usize = 4 * 1024;

/// The claims of a token, all required (`organizer` for that role).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The subject: 1 to 64 bytes. A customer is known by it.
    pub sub: String,
    /// What the bearer may do.
    pub role: Role,
    /// For which organizer an organizer's token speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer: Option<String>,
    /// Who made the token.
    pub iss: String,
    /// For whom it was made.
    pub aud: Audience,
    /// Seconds since 1970 after which it is no longer good.
    pub exp: u64,
    /// Seconds since 1970 before which it is not yet good.
    pub nbf: u64,
    /// Seconds since 1970 at which it was made.
    pub iat: u64,
    /// The token's own name.
    pub jti: String,
}

/// What the bearer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Books.
    Customer,
    /// Offers slots.
    Organizer,
    /// Runs the cluster.
    Operator,
}

/// One audience or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// `"aud": "boxoffice"`.
    One(String),
    /// `"aud": ["boxoffice", …]`.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `audience` is among them.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

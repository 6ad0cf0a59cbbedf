//! One verb a file.

use jiff::Timestamp;

use api::token::Role;

use crate::cli::Access;
use crate::client::Client;
use crate::error::Error;
use crate::key::{Bearer, Signer};

pub(crate) mod backup;
pub(crate) mod certs;
pub(crate) mod debug;
pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod remove;
pub(crate) mod slot;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod verify;

/// How long the tool's own tokens are good, in seconds: longer than any command lasts.
const OWN_TTL_SECONDS: u32 = 3_600;

/// The longest name of who acts, in bytes.
const SUBJECT_LEN_MAX: usize = 64;

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All is well, or done. Status 0.
    Well,
    /// Something is not. Status 1.
    NotWell,
}

/// A client of the admin listener, with an operator's token.
fn operator(access: &Access, now: Timestamp) -> Result<Client, Error> {
    let user = std::env::var("USER").ok().filter(|user| !user.is_empty() && user.len() <= SUBJECT_LEN_MAX);
    let subject = access.acts_as.clone().or(user).unwrap_or_else(|| "boxctl".to_owned());
    let bearer = Bearer { role: Role::Operator, subject: &subject, organizer: None };
    Client::new(
        &access.admin,
        access.ca.as_deref(),
        &Signer::load(access)?.token(&bearer, OWN_TTL_SECONDS, now)?,
    )
}

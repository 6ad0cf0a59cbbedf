//! One verb a file.

use jiff::Timestamp;

use api::token::Role;

use crate::cli::Access;
use crate::client::Client;
use crate::error::Error;
use crate::key::{Bearer, Signer};

pub(crate) mod backup;
pub(crate) mod certs;
pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod remove;
pub(crate) mod slot;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod verify;

/// How long the tool's own tokens are good, in seconds: longer than any command lasts.
const OWN_TTL_SECONDS: u32 = 3_600;

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
    let bearer = Bearer { role: Role::Operator, subject: "boxctl", organizer: None };
    Client::new(
        &access.admin,
        access.ca.as_deref(),
        &Signer::load(access)?.token(&bearer, OWN_TTL_SECONDS, now)?,
    )
}

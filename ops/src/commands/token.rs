//! `boxctl token`: a token on standard output, and nothing else.

use api::token::Role;
use jiff::Timestamp;

use crate::cli::{Access, Token};
use crate::commands::Verdict;
use crate::error::Error;
use crate::key::{Bearer, Signer};
use crate::render;

/// Prints the token that is wanted.
pub(crate) fn run(access: &Access, wanted: &Token, now: Timestamp) -> Result<Verdict, Error> {
    // A customer's token speaks for no organizer, whatever the command line says.
    let organizer = wanted.organizer.as_deref().filter(|_| wanted.role == Role::Organizer);
    let fallback = match wanted.role {
        Role::Customer => "customer",
        Role::Organizer => organizer.unwrap_or("organizer"),
        Role::Operator => "operator",
    };
    let bearer =
        Bearer { role: wanted.role, subject: wanted.subject.as_deref().unwrap_or(fallback), organizer };
    render::data(&Signer::load(access)?.token(&bearer, wanted.ttl_seconds, now)?)?;
    Ok(Verdict::Well)
}

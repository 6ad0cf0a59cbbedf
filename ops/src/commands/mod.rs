//! One verb a file, and what several do alike.

use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::Path;

use api::token::Role;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use reqwest::Url;
use sha2::{Digest as _, Sha256};

use crate::cli::Access;
use crate::client::Client;
use crate::error::Error;
use crate::key::{Bearer, Signer};
use crate::render;

pub(crate) mod agenda;
pub(crate) mod backup;
pub(crate) mod certs;
pub(crate) mod debug;
pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod leader;
pub(crate) mod node;
pub(crate) mod placement;
pub(crate) mod remove;
pub(crate) mod slot;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod verify;

/// How long the tool's own tokens are good, in seconds: longer than any command lasts.
const OWN_TTL_SECONDS: u32 = 3_600;
/// The largest file that is read, in bytes.
const FILE_LEN_MAX: u64 = 64 * 1024 * 1024;

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
    operator_at(access, &access.admin, now)
}

/// The same at another node.
fn operator_at(access: &Access, admin: &Url, now: Timestamp) -> Result<Client, Error> {
    let user = std::env::var("USER").ok().filter(|user| !user.is_empty() && user.len() <= SUBJECT_LEN_MAX);
    let subject = access.acts_as.clone().or(user).unwrap_or_else(|| "boxctl".to_owned());
    let bearer = Bearer { role: Role::Operator, subject: &subject, organizer: None };
    Client::new(admin, access.ca.as_deref(), &Signer::load(access)?.token(&bearer, OWN_TTL_SECONDS, now)?)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_LEN_MAX + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= FILE_LEN_MAX) {
        Ok(bytes)
    } else {
        Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file has more than 64 MiB"))
    }
}

/// Shows what becomes of what exists, and asks whether it may. Without a person to ask, it may not.
fn consent(changes: &[String], what: &str) -> Result<bool, Error> {
    for change in changes {
        render::say(change);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        render::say(&format!(
            "this would {what}, and nobody is here to ask: --yes does it; nothing was sent"
        ));
        return Ok(false);
    }
    render::say(&format!("This would {what}. Do it? [y/N]"));
    let mut answer = String::new();
    io::stdin().lock().take(16).read_line(&mut answer)?;
    let is_yes = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if !is_yes {
        render::say("nothing was sent");
    }
    Ok(is_yes)
}

/// A text as 43 visible ASCII characters.
fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

//! Why there was no drop to judge.

use std::io;
use std::path::PathBuf;

use thiserror::Error as ThisError;

/// What keeps a drop from being sold or told. A wrong result is no error: it is a verdict.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The key file cannot be used.
    #[error("key file {}: {why}", path.display())]
    Key {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody is trusted to vouch for the server.
    #[error("{0}: https wants --ca FILE, the certificates of those who may vouch for the node's")]
    NobodyTrusted(String),
    /// The file of those who are trusted cannot be used.
    #[error("--ca {}: {why}", path.display())]
    Trust {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A token could not be made.
    #[error("cannot make a token: {0}")]
    Token(jsonwebtoken::errors::Error),
    /// The server gave no final answer while there was patience.
    #[error("{what}: no answer: {why}")]
    Unreachable {
        /// What was asked.
        what: String,
        /// How the last attempt ended.
        why: String,
    },
    /// The server answered, but not what was needed to begin.
    #[error("{what}: {answer}")]
    Setup {
        /// What was asked.
        what: String,
        /// What was answered.
        answer: String,
    },
    /// The organizer sells nothing.
    #[error("organizer {0} has no slot on sale")]
    NothingOnSale(String),
    /// The report, or a house, cannot be written.
    #[error("cannot write to {to}: {error}")]
    Report {
        /// Where to.
        to: String,
        /// Why not.
        error: io::Error,
    },
}

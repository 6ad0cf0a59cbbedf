//! Why a configuration is refused.

use std::io;
use std::path::PathBuf;

/// Why a configuration is refused. Every one names the key, the variable or the file that a person must look at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration file cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A layer is not what the schema wants: no TOML, an unknown key, a value of another kind.
    #[error("{reason}, in {place}")]
    Layer {
        /// What is wrong, with the key.
        reason: String,
        /// The file, the variable or the flag.
        place: String,
    },
    /// A variable of the environment would be taken for a setting by a person, but not by the node.
    #[error("{found} is not a setting; a section and its key are joined by two underscores: {meant}")]
    Variable {
        /// The variable as it is.
        found: String,
        /// The variable as it should be.
        meant: String,
    },
    /// A variable of the environment is not UTF-8.
    #[error("the variable {0} is not UTF-8")]
    NotUnicode(String),
    /// A value is well-formed and still not possible.
    #[error("{key}: {reason}")]
    Invalid {
        /// The key, with its section.
        key: &'static str,
        /// What would be right.
        reason: String,
    },
    /// A key file cannot be read.
    #[error("cannot read the key file {}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever uses the machine can make tokens.
    #[error(
        "the key file {} is open to everybody on this machine (mode {mode:04o}), who could sign tokens with it: chmod 600 {}",
        path.display(),
        path.display()
    )]
    OpenKey {
        /// The file.
        path: PathBuf,
        /// What its permissions are.
        mode: u32,
    },
    /// A key file holds nothing that tokens may be signed with.
    #[error("weak key in {}: {reason}; make one of 32 random bytes as base64url", path.display())]
    WeakKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file that a setting names cannot be used.
    #[error("{setting}: {} cannot be used: {reason}", path.display())]
    Unusable {
        /// The setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// A value that is not possible.
    pub(crate) fn invalid(key: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { key, reason: reason.into() }
    }
}

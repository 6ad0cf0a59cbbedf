//! Secrets, which nothing may print.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::error::Error;
use crate::sections::Auth;

/// The least secret that may sign tokens, in bytes: as long as the hash that it keys (RFC 7518, 3.2).
const LEN_MIN: usize = 32;

/// The least number of different bytes in a secret: 32 random ones have fewer once in 10³⁰ keys.
const DISTINCT_MIN: usize = 8;

/// What others than the owner and the group may do with a file.
const OTHERS: u32 = 0o007;

/// base64url with or without the padding that tools like to add.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The secret of a key, decoded: at least 32 bytes. It has no `Display` and no `Serialize`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    bytes: Vec<u8>,
}

impl Secret {
    /// Reads a secret from the file that holds it as base64url. White space around it does not matter.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let weak = |reason| Error::WeakKey { path: path.to_owned(), reason };
        let unread = |source| Error::Key { path: path.to_owned(), source };
        let mut file = fs::File::open(path).map_err(unread)?;
        let mode = file.metadata().map_err(unread)?.permissions().mode() & 0o777;
        if mode & OTHERS != 0 {
            return Err(Error::OpenKey { path: path.to_owned(), mode });
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(unread)?;
        let bytes = BASE64URL.decode(text.trim()).map_err(|_not_base64url| weak("it is not base64url"))?;
        if bytes.len() < LEN_MIN {
            return Err(weak("it has fewer than 32 bytes"));
        }
        if bytes.iter().collect::<BTreeSet<_>>().len() < DISTINCT_MIN {
            return Err(weak("it repeats the same few bytes"));
        }
        Ok(Self { bytes })
    }

    /// The bytes themselves, for the one who signs or verifies.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Auth {
    /// Reads the secret of every key that has one, in the order of the configuration: `(id, secret)`.
    ///
    /// Apart from [`Config::load`](crate::Config::load), so that a configuration can be shown where its keys are not.
    pub fn read_secrets(&self) -> Result<Vec<(String, Secret)>, Error> {
        let files = self.keys.iter().filter_map(|key| Some((&key.id, key.secret_file.as_ref()?)));
        files.map(|(id, file)| Ok((id.clone(), Secret::read(file)?))).collect()
    }
}

//! The key of a node that nobody configured, and the tokens that `boxoffice dev` prints.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use api::token::{AUDIENCE_DEFAULT, Audience, Claims, ISSUER_DEFAULT, Role};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cluster::{Clock, KeyHash};
use config::Secret;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sha2::{Digest as _, Sha256};

use crate::chance::Chance;

/// The key's file in the data directory of `boxoffice dev`.
pub(crate) const FILE: &str = "token.key";
/// What it is called until it is on disk.
pub(crate) const DRAFT: &str = "token.key.draft";
/// What a secret's hash is of, too: for ever, since nodes of two builds compare hashes.
const HASH_DOMAIN: &[u8] = b"boxoffice token key 1\0";
/// How long the printed tokens are good.
const TOKEN_SECONDS: u64 = 24 * 60 * 60;

/// Makes the key in `data` unless it is there: 32 random bytes as base64url, mode 0600. It is on disk before anyone
/// trusts a token of it.
pub(crate) fn ensure(data: &Path, chance: &dyn Chance) -> io::Result<()> {
    let path = data.join(FILE);
    if path.exists() {
        return Ok(());
    }
    let draft = data.join(DRAFT);
    let secret: [u8; 32] = chance.bytes();
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(URL_SAFE_NO_PAD.encode(secret).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&draft, &path)?;
    fs::File::open(data)?.sync_all()
}

/// What other nodes may know of the secrets with which this one checks tokens: a hash of each, from which nobody finds the secret.
pub(crate) fn hashes(secrets: &[(String, Secret)]) -> BTreeSet<KeyHash> {
    let hash = |secret: &Secret| {
        let digest = Sha256::new().chain_update(HASH_DOMAIN).chain_update(secret.expose()).finalize();
        let first = digest.first_chunk().expect("a digest has 32 bytes");
        KeyHash(u128::from_be_bytes(*first))
    };
    secrets.iter().map(|(_id, secret)| hash(secret)).collect()
}

/// A token for `role`, good for a day from now.
pub(crate) fn token(
    secret: &Secret,
    role: Role,
    clock: &dyn Clock,
    chance: &dyn Chance,
) -> Result<String, jsonwebtoken::errors::Error> {
    let name = match role {
        Role::Customer => "customer",
        Role::Organizer => "organizer",
        Role::Operator => "operator",
    };
    token_for(secret, name, role, clock, chance)
}

/// The same for somebody of this name.
pub(crate) fn token_for(
    secret: &Secret,
    name: &str,
    role: Role,
    clock: &dyn Clock,
    chance: &dyn Chance,
) -> Result<String, jsonwebtoken::errors::Error> {
    let now = clock.wall_ms() / 1_000;
    let jti = URL_SAFE_NO_PAD.encode(chance.bytes::<12>());
    signed(secret, name, role, now..now + TOKEN_SECONDS, jti)
}

/// A token that says who somebody is, for whom an organizer's speaks, and between which seconds since 1970 it is good.
pub(crate) fn signed(
    secret: &Secret,
    name: &str,
    role: Role,
    good: Range<u64>,
    jti: String,
) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims {
        sub: name.to_owned(),
        role,
        organizer: (role == Role::Organizer).then(|| name.to_owned()),
        iss: ISSUER_DEFAULT.to_owned(),
        aud: Audience::One(AUDIENCE_DEFAULT.to_owned()),
        exp: good.end.into(),
        nbf: good.start.into(),
        iat: good.start.into(),
        jti,
    };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret.expose()))
}

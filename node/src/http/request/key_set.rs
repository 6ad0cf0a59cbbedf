//! JSON Web Key Sets (RFC 7517): the public keys of an identity provider, as a file has them.
//!
//! Of a set, one setting takes the keys of one algorithm. What is of another kind, for another use, or not understood is
//! passed over, as the RFC has it (section 5); so one file may be named by several settings. A key that is weak refuses the
//! whole file: whoever published it must hear of it.

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use config::{Algorithm, Secret};
use futures::future::join_all;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::caller::{Issuer, Key, Keyring};
use crate::failure::Failure;
use crate::followed::{self, Followed};

/// The most keys that one setting takes: a token that names none is tried with all of them.
const KEYS_MAX: usize = 32;
/// The least modulus of an RSA key, in bits.
const RSA_BITS_MIN: usize = 2_048;
/// Bytes of a coordinate of P-256, and of an Ed25519 key.
const COORDINATE_LEN: usize = 32;

/// A set, as far as it must be one.
#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// What may be said of a public key. What is binary is base64url.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// Secrets, by the ids of their settings.
type Secrets = Vec<(String, Secret)>;

/// The files of public keys that are followed, each by a task of its own.
#[derive(Default)]
pub(crate) struct Following(Vec<(PathBuf, JoinHandle<()>)>);

impl Following {
    /// The keys as the files have them, of which those of sets are read again when they change; and the secrets among them.
    pub(crate) async fn open(config: &config::Auth) -> Result<(Arc<Keyring>, Secrets, Self), Failure> {
        let keyring = Arc::new(Keyring::new(&config.issuer, &config.audience, &[]));
        let (secrets, mut following) = (config.read_secrets()?, Self::default());
        following.exchange(&keyring, config, &secrets).await?;
        Ok((keyring, secrets, following))
    }

    /// Takes the keys that are configured now in the place of those that were. Where one cannot be used, nothing changes.
    pub(crate) async fn exchange(
        &mut self,
        keyring: &Arc<Keyring>,
        config: &config::Auth,
        secrets: &[(String, Secret)],
    ) -> Result<(), Failure> {
        let named = config.keys.iter().filter_map(|key| Some((key, key.jwks_file.clone()?)));
        let opened = named.map(|(key, file)| open(&key.id, key.algorithm, file));
        let mut opened = opened.collect::<Result<Vec<_>, Failure>>()?;
        // Nothing that was followed has a word in what comes.
        let (files, tasks): (Vec<_>, Vec<_>) = self.0.drain(..).unzip();
        tasks.iter().for_each(JoinHandle::abort);
        drop(join_all(tasks).await);
        let is_followed = |file: &PathBuf| opened.iter().any(|set| set.file == *file);
        files.iter().filter(|file| !is_followed(file)).for_each(|file| followed::forget(file));
        let sets = opened.iter_mut().map(|set| (set.id.clone(), mem::take(&mut set.keys)));
        keyring.exchange(secrets, sets.collect());
        let runtime = Handle::current();
        for OpenSet { id, file, followed, .. } in opened {
            let keyring = Arc::clone(keyring);
            let take = move |keys: Vec<Key>| {
                if keys.is_empty() {
                    tracing::warn!(
                        key = id,
                        "there is no key left in the file: no token of it is good any more"
                    );
                }
                keyring.put(&id, keys);
            };
            self.0.push((file, runtime.spawn(followed.follow(runtime.clone(), take))));
        }
        Ok(())
    }
}

/// A set as its file has it.
struct OpenSet {
    /// The setting's.
    id: String,
    file: PathBuf,
    followed: Followed<Vec<Key>>,
    keys: Vec<Key>,
}

fn open(id: &str, algorithm: Algorithm, file: PathBuf) -> Result<OpenSet, Failure> {
    let set = {
        let id = id.to_owned();
        move |files: &[Vec<u8>]| read(&id, algorithm, &files.concat())
    };
    let (followed, keys) = Followed::open("auth.keys", vec![file.clone()], set)?;
    if keys.is_empty() {
        let reason = format!("it has no key for the algorithm of the key {id:?}");
        return Err(config::Error::Unusable { setting: "auth.keys", path: file, reason }.into());
    }
    Ok(OpenSet { id: id.to_owned(), file, followed, keys })
}

/// The keys of a set that sign with `algorithm`. Those without a name of their own are called `id`.
pub(crate) fn read(id: &str, algorithm: Algorithm, bytes: &[u8]) -> Result<Vec<Key>, String> {
    let set: Set = serde_json::from_slice(bytes)
        .map_err(|error| format!("it is not a JSON Web Key Set, {{\"keys\": [...]}}: {error}"))?;
    let mut keys = Vec::new();
    for entry in set.keys {
        let Ok(jwk) = Jwk::deserialize(entry) else { continue };
        let Some(decoding) = decoding(algorithm, &jwk)? else { continue };
        let name = jwk.kid.unwrap_or_else(|| id.to_owned());
        keys.push(Key { name, issuer: Issuer::Foreign, algorithm: of_token(algorithm), decoding });
    }
    if keys.len() <= KEYS_MAX {
        Ok(keys)
    } else {
        Err(format!("it has {} keys of the same algorithm, and at most {KEYS_MAX} are taken", keys.len()))
    }
}

/// The same algorithm as a token names it.
fn of_token(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Hs256 => jsonwebtoken::Algorithm::HS256,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
    }
}

/// The key, if it is one that signs with `algorithm`.
fn decoding(algorithm: Algorithm, jwk: &Jwk) -> Result<Option<DecodingKey>, String> {
    Ok(match (algorithm, jwk.kty.as_str(), jwk.crv.as_deref()) {
        // Ed25519 is what RFC 9864 calls it.
        (Algorithm::EdDsa, "OKP", Some("Ed25519")) if jwk.verifies(&["EdDSA", "Ed25519"]) => ed25519(jwk),
        (Algorithm::Es256, "EC", Some("P-256")) if jwk.verifies(&["ES256"]) => p256(jwk),
        (Algorithm::Rs256, "RSA", None) if jwk.verifies(&["RS256"]) => rsa(jwk)?,
        _ => None,
    })
}

impl Jwk {
    /// Whether it is for signatures, and for no other algorithm than these.
    fn verifies(&self, algorithms: &[&str]) -> bool {
        self.used_for.as_deref().is_none_or(|used_for| used_for == "sig")
            && self.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|one| one == "verify"))
            && self.alg.as_deref().is_none_or(|named| algorithms.contains(&named))
    }
}

fn ed25519(jwk: &Jwk) -> Option<DecodingKey> {
    let point = binary(jwk.x.as_ref())?;
    ParsedPublicKey::new(&ED25519, &point).ok()?;
    Some(DecodingKey::from_ed_der(&point))
}

fn p256(jwk: &Jwk) -> Option<DecodingKey> {
    const UNCOMPRESSED: u8 = 4;
    let coordinates = [binary(jwk.x.as_ref())?, binary(jwk.y.as_ref())?];
    if coordinates.iter().any(|coordinate| coordinate.len() != COORDINATE_LEN) {
        return None;
    }
    let point = [&[UNCOMPRESSED], coordinates.concat().as_slice()].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).ok()?;
    Some(DecodingKey::from_ec_der(&point))
}

fn rsa(jwk: &Jwk) -> Result<Option<DecodingKey>, String> {
    let (Some(n), Some(e)) = (binary(jwk.n.as_ref()), binary(jwk.e.as_ref())) else { return Ok(None) };
    // Some write the sign of a number that is never negative.
    let [n, e] = [&n, &e].map(|number| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number.get(zeros..).unwrap_or_default()
    });
    let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
    if bits < RSA_BITS_MIN {
        let kid = jwk.kid.as_deref().unwrap_or_default();
        return Err(format!("its RSA key {kid:?} has {bits} bits, and at least {RSA_BITS_MIN} are wanted"));
    }
    let components = RsaPublicKeyComponents { n, e };
    let whole = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).is_ok();
    Ok(whole.then(|| DecodingKey::from_rsa_raw_components(n, e)))
}

/// What stands there as base64url, with or without the padding that tools like to add.
fn binary(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ED: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"; // RFC 8037, A.2
    const EC: [&str; 2] =
        ["MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"]; // RFC 7517, A.1
    const RSA: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"; // the same

    fn names(algorithm: Algorithm, keys: &[Value]) -> Result<Vec<String>, String> {
        let keys = read("main", algorithm, json!({ "keys": keys }).to_string().as_bytes())?;
        Ok(keys.into_iter().map(|key| key.name).collect())
    }

    #[test]
    fn a_setting_takes_what_is_its_own_of_a_set_and_passes_the_rest_over() {
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": ED, "kid": "ed"});
        let ec = json!({"kty": "EC", "crv": "P-256", "x": EC[0], "y": EC[1], "kid": "ec"});
        let rsa = json!({"kty": "RSA", "n": RSA, "e": "AQAB", "kid": "rsa"});
        let with = |base: &Value, name: &str, value: Value| {
            let mut changed = base.clone();
            changed[name] = value;
            changed
        };
        let without = |base: &Value, name: &str| {
            let mut changed = base.clone();
            changed.as_object_mut().expect("an object").remove(name);
            changed
        };
        let all = [ed.clone(), ec.clone(), rsa.clone()];
        for (algorithm, name) in
            [(Algorithm::EdDsa, "ed"), (Algorithm::Es256, "ec"), (Algorithm::Rs256, "rsa")]
        {
            assert_eq!(names(algorithm, &all), Ok(vec![name.to_owned()]));
        }
        let signed = [&[0], binary(Some(&RSA.to_owned())).expect("base64url").as_slice()].concat();
        let signed = with(&rsa, "n", json!(URL_SAFE_NO_PAD.encode(signed)));
        for (algorithm, taken, key) in [
            (Algorithm::EdDsa, true, with(&ed, "alg", json!("EdDSA"))),
            (Algorithm::EdDsa, true, with(&ed, "alg", json!("Ed25519"))),
            (Algorithm::EdDsa, true, with(&ed, "use", json!("sig"))),
            (Algorithm::EdDsa, true, with(&ed, "key_ops", json!(["verify"]))),
            (Algorithm::EdDsa, true, with(&ed, "x", json!(format!("{ED}=")))),
            (Algorithm::EdDsa, true, with(&ed, "of the future", json!({"a": 1}))),
            (Algorithm::EdDsa, false, with(&ed, "use", json!("enc"))),
            (Algorithm::EdDsa, false, with(&ed, "key_ops", json!(["sign"]))),
            (Algorithm::EdDsa, false, with(&ed, "alg", json!("ES256"))),
            (Algorithm::EdDsa, false, with(&ed, "kty", json!("AKP"))),
            (Algorithm::EdDsa, false, with(&ed, "crv", json!("X25519"))),
            (Algorithm::EdDsa, false, with(&ed, "x", json!("AAAA"))),
            (Algorithm::EdDsa, false, with(&ed, "x", json!("?"))),
            (Algorithm::EdDsa, false, without(&ed, "x")),
            (Algorithm::EdDsa, false, json!("a text")),
            (Algorithm::Es256, false, with(&ec, "crv", json!("P-384"))),
            (Algorithm::Es256, false, with(&ec, "y", json!(EC[0]))), // not on the curve
            (Algorithm::Es256, false, without(&ec, "y")),
            (Algorithm::Rs256, true, with(&rsa, "alg", json!("RS256"))),
            (Algorithm::Rs256, false, with(&rsa, "alg", json!("RS512"))),
            (Algorithm::Rs256, false, with(&rsa, "alg", json!("PS256"))),
            (Algorithm::Rs256, false, with(&rsa, "e", json!("AA"))),
            (Algorithm::Rs256, false, json!({"kty": "oct", "k": RSA, "kid": "secret"})),
        ] {
            let got = names(algorithm, std::slice::from_ref(&key)).map(|names| !names.is_empty());
            assert_eq!(got, Ok(taken), "{algorithm:?} {key}");
        }
        assert_eq!(names(Algorithm::Rs256, &[signed]), Ok(vec!["rsa".to_owned()]));
        assert_eq!(names(Algorithm::Es256, &[without(&ec, "kid")]), Ok(vec!["main".to_owned()]));
        assert_eq!(names(Algorithm::Es256, &[]), Ok(Vec::new()));
    }

    #[test]
    fn what_is_weak_or_no_set_is_refused_with_its_reason() {
        let weak = json!({"kty": "RSA", "n": RSA[..168], "e": "AQAB", "kid": "old"});
        assert_eq!(
            names(Algorithm::Rs256, std::slice::from_ref(&weak)),
            Err("its RSA key \"old\" has 1008 bits, and at least 2048 are wanted".to_owned())
        );
        assert_eq!(names(Algorithm::Es256, &[weak]), Ok(Vec::new()), "it is another setting's");
        let crowd = vec![json!({"kty": "OKP", "crv": "Ed25519", "x": ED}); KEYS_MAX + 1];
        assert_eq!(
            names(Algorithm::EdDsa, &crowd),
            Err("it has 33 keys of the same algorithm, and at most 32 are taken".to_owned())
        );
        for text in ["", "[]", "{}", r#"{"keys": {}}"#, r#"{"keys": [{]}"#] {
            let refusal = read("main", Algorithm::EdDsa, text.as_bytes()).err().expect(text);
            assert!(refusal.starts_with("it is not a JSON Web Key Set, "), "{text}: {refusal}");
        }
    }
}

//! Whom the keyring lets in, as tables: what a token says, what signed it, and what became of its key.

use std::time::Duration;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cluster::Clock;
use hyper::Request;
use hyper::header::AUTHORIZATION;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use super::*;
use crate::chance::SystemChance;
use crate::http::request::key_set;

const DAY: u64 = 24 * 60 * 60;
const LEEWAY_SECONDS: u64 = LEEWAY_MS / 1_000;
const NOW: u64 = 2_000_000_000;

/// A clock that stands where it is put.
struct Stopped(u64);

impl Clock for Stopped {
    fn wall_ms(&self) -> u64 {
        self.0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Whoever signs tokens.
struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
}

impl Signer {
    fn ed() -> Self {
        let pair = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).expect("a key");
        Self { key: EncodingKey::from_ed_der(pair.as_ref()), algorithm: Algorithm::EdDSA }
    }

    fn ec() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = pair.and_then(|pair| pair.to_pkcs8v1()).expect("a key");
        Self { key: EncodingKey::from_ec_der(pair.as_ref()), algorithm: Algorithm::ES256 }
    }

    fn rsa() -> Self {
        /// What stands in PKCS #8 before the key as PKCS #1 has it.
        const WRAPPING_LEN: usize = 26;
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let pair: Pkcs8V1Der<'_> = pair.as_der().expect("it can be written");
        Self { key: EncodingKey::from_rsa_der(&pair.as_ref()[WRAPPING_LEN..]), algorithm: Algorithm::RS256 }
    }

    fn secret(bytes: &[u8]) -> Self {
        Self { key: EncodingKey::from_secret(bytes), algorithm: Algorithm::HS256 }
    }

    /// What is public of it, in a set.
    fn jwk(&self, kid: Option<&str>) -> Value {
        let mut jwk = json!(Jwk::from_encoding_key(&self.key, self.algorithm).expect("it has a public part"));
        if let Some(kid) = kid {
            jwk["kid"] = json!(kid);
        }
        jwk
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm);
        format!("{message}.{}", signature.expect("it signs"))
    }

    /// A usual token, under this name.
    fn usual(&self, kid: Option<&str>) -> String {
        let mut header = json!({"alg": format!("{:?}", self.algorithm)});
        if let Some(kid) = kid {
            header["kid"] = json!(kid);
        }
        self.token(&header, &claims())
    }
}

fn claims() -> Value {
    json!({
        "sub": "alice", "role": "customer", "iss": "boxoffice", "aud": "boxoffice",
        "exp": NOW + 60, "nbf": NOW, "iat": NOW, "jti": "1",
    })
}

fn own_secret() -> config::Secret {
    let folder = tempfile::tempdir().expect("a folder");
    crate::key::ensure(folder.path(), &SystemChance).expect("a key");
    config::Secret::read(&folder.path().join(crate::key::FILE)).expect("a key")
}

fn set(keys: &[Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

/// Who is let in with a token, or why not.
fn let_in(keyring: &Keyring, token: &str) -> Result<Caller, String> {
    let caller = keyring.caller_with(token, Timestamp(NOW * 1_000));
    caller.map(|caller| Caller::clone(&caller)).map_err(|problem| format!("{problem:?}"))
}

fn alice() -> Caller {
    Caller::Customer { subject: "alice".to_owned() }
}

/// Whether it was refused for this reason.
#[track_caller]
fn assert_refused(got: Result<Caller, String>, reason: &str, what: &str) {
    let refusal = got.expect_err(what);
    assert!(refusal.contains(reason) && refusal.contains("Unauthenticated"), "{what}: {refusal}");
}

#[test]
fn a_token_that_was_good_before_still_has_its_times() {
    let secret = own_secret();
    let token = crate::key::token(&secret, Role::Customer, &Stopped(NOW * 1_000), &SystemChance);
    let bearer = format!("Bearer {}", token.expect("it can be signed"));
    let (head, ()) = Request::builder().header(AUTHORIZATION, bearer).body(()).expect("ASCII").into_parts();

    let keyring = Keyring::new("boxoffice", "boxoffice", &[("main".to_owned(), secret.clone())]);
    // Twice: the second time the token is known already.
    for _ in 0..2 {
        for (seconds, good) in [
            (NOW - LEEWAY_SECONDS - 1, false),
            (NOW - LEEWAY_SECONDS, true),
            (NOW + DAY + LEEWAY_SECONDS, true),
            (NOW + DAY + LEEWAY_SECONDS + 1, false),
        ] {
            let caller = keyring.caller(&head, Timestamp(seconds * 1_000));
            assert_eq!(caller.is_ok(), good, "{seconds}: {caller:?}");
        }
    }
    let elsewhere = Keyring::new("boxoffice", "another", &[("main".to_owned(), secret)]);
    assert!(elsewhere.caller(&head, Timestamp(NOW * 1_000)).is_err());
}

/// What a token says otherwise than a usual one, and who is let in, or why not.
fn claims_and_callers() -> Vec<(Value, Result<Caller, &'static str>)> {
    let organizer = |name: &str| json!({"role": "organizer", "organizer": name});
    let long = "x".repeat(65);
    vec![
        (json!({}), Ok(alice())),
        (json!({"sub": "x".repeat(64)}), Ok(Caller::Customer { subject: "x".repeat(64) })),
        (json!({"sub": ""}), Err("sub must have 1 to 64 bytes")),
        (json!({"sub": long}), Err("sub must have 1 to 64 bytes")),
        (json!({"sub": "ä".repeat(33)}), Err("sub must have 1 to 64 bytes")),
        (json!({"sub": 7}), Err("invalid type")),
        (json!({"sub": null}), Err("sub")),
        (json!({"role": null}), Err("role")),
        (json!({"role": "admin"}), Err("unknown variant")),
        (json!({"iss": null}), Err("iss")),
        (json!({"iss": "another"}), Err("its iss is not the one of this node")),
        (json!({"iss": ["boxoffice"]}), Err("expected a string")),
        (json!({"aud": null}), Err("aud")),
        (json!({"aud": "another"}), Err("its aud is not the one of this node")),
        (json!({"aud": ["another", "boxoffice"]}), Ok(alice())),
        (json!({"aud": ["another"]}), Err("its aud is not the one of this node")),
        (json!({"aud": []}), Err("its aud is not the one of this node")),
        (json!({"exp": null}), Err("exp")),
        (json!({"nbf": null}), Err("nbf")),
        (json!({"iat": null}), Err("iat")),
        (json!({"jti": null}), Err("jti")),
        (json!({"exp": "2000000060"}), Err("seconds since 1970")),
        (json!({"iat": "now"}), Err("seconds since 1970")),
        (json!({"exp": 1_999_999_995.5}), Ok(alice())),
        (json!({"exp": 1_999_999_994.5}), Err("it has expired")),
        (json!({"nbf": 2_000_000_004.5}), Ok(alice())),
        (json!({"nbf": 2_000_000_005.5}), Err("it is not good yet")),
        (json!({"nbf": -1, "iat": -0.5}), Ok(alice())),
        (json!({"exp": 1e300}), Ok(alice())),
        (json!({"something": {"else": [1]}}), Ok(alice())),
        (
            organizer("studio-7"),
            Ok(Caller::Organizer { subject: "alice".to_owned(), organizer: "studio-7".to_owned() }),
        ),
        (organizer(""), Err("an organizer of 1 to 64 bytes")),
        (organizer(&long), Err("an organizer of 1 to 64 bytes")),
        (organizer("~"), Err("no organizer begins with ~")),
        (organizer("~users"), Err("no organizer begins with ~")),
        (json!({"organizer": "~users"}), Err("no organizer begins with ~")),
        (json!({"role": "organizer"}), Err("an organizer of 1 to 64 bytes")),
        (json!({"role": "operator"}), Ok(Caller::Operator { subject: "alice".to_owned() })),
    ]
}

#[test]
fn every_claim_is_wanted_as_the_contract_has_it() {
    let secret = own_secret();
    let (own, idp) = (Signer::secret(secret.expose()), Signer::ed());
    let keyring = Keyring::new("boxoffice", "boxoffice", &[("main".to_owned(), secret)]);
    keyring
        .put("idp", key_set::read("idp", config::Algorithm::EdDsa, &set(&[idp.jwk(None)])).expect("a set"));
    for (said, want) in claims_and_callers() {
        let mut claims = claims();
        for (name, value) in said.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        // What says null is left out; a null itself is no better.
        let mut without = claims.clone();
        without.as_object_mut().expect("an object").retain(|_name, value| !value.is_null());
        if without != claims {
            let token = own.token(&json!({"alg": "HS256"}), &claims);
            assert_refused(let_in(&keyring, &token), "the token is not good", &said.to_string());
        }
        for signer in [&own, &idp] {
            let token = signer.token(&json!({"alg": format!("{:?}", signer.algorithm)}), &without);
            match &want {
                Ok(caller) => assert_eq!(let_in(&keyring, &token).as_ref(), Ok(caller), "{said}"),
                Err(reason) => assert_refused(let_in(&keyring, &token), reason, &said.to_string()),
            }
        }
    }
    // Users of our own are named by our own keys only.
    let mut claims = claims();
    claims["sub"] = json!("usr_1");
    let user = Caller::Customer { subject: "usr_1".to_owned() };
    assert_eq!(let_in(&keyring, &own.token(&json!({"alg": "HS256"}), &claims)), Ok(user));
    let foreign = let_in(&keyring, &idp.token(&json!({"alg": "EdDSA"}), &claims));
    assert_refused(foreign, "one of this node's own users", "usr_1");
}

#[test]
fn a_token_is_its_keys_whatever_it_says_of_itself() {
    let secret = own_secret();
    let (own, ed, ec, rsa) = (Signer::secret(secret.expose()), Signer::ed(), Signer::ec(), Signer::rsa());
    let keyring = Keyring::new("boxoffice", "boxoffice", &[("main".to_owned(), secret)]);
    let (next, unnamed) = (Signer::ec(), Signer::ed());
    let sets = [
        ("ed", config::Algorithm::EdDsa, set(&[ed.jwk(Some("ed-1")), unnamed.jwk(None)])),
        ("ec", config::Algorithm::Es256, set(&[ec.jwk(Some("ec-1")), next.jwk(Some("ec-2"))])),
        ("rsa", config::Algorithm::Rs256, set(&[rsa.jwk(Some("rsa-1")), ec.jwk(Some("rsa-1"))])),
    ];
    for (id, algorithm, bytes) in &sets {
        keyring.put(id, key_set::read(id, *algorithm, bytes).expect("a set"));
    }
    for (signer, kid) in
        [(&own, "main"), (&ed, "ed-1"), (&unnamed, "ed"), (&ec, "ec-1"), (&next, "ec-2"), (&rsa, "rsa-1")]
    {
        assert_eq!(let_in(&keyring, &signer.usual(Some(kid))), Ok(alice()), "{kid}");
        assert_eq!(let_in(&keyring, &signer.usual(None)), Ok(alice()), "not {kid}");
    }
    let another = "its signature is not of a key of this node";
    let unknown = "it names a key that this node does not have";
    let algorithm = "its alg is not the key's";
    // The public key as a secret: whoever knows it could sign, if the token chose the algorithm.
    let public = |signer: &Signer| Signer::secret(signer.jwk(None).to_string().as_bytes());
    let modulus = URL_SAFE_NO_PAD.decode(rsa.jwk(None)["n"].as_str().expect("text")).expect("base64url");
    let point = URL_SAFE_NO_PAD.decode(ed.jwk(None)["x"].as_str().expect("text")).expect("base64url");
    for (token, reason) in [
        (ec.usual(Some("ec-2")), another),
        (Signer::ec().usual(Some("ec-1")), another),
        (Signer::rsa().usual(None), another),
        (ec.usual(Some("ec-3")), unknown),
        (own.usual(Some("another")), unknown),
        (own.usual(Some("")), unknown),
        (ec.usual(Some("ed-1")), algorithm),
        (own.usual(Some("rsa-1")), algorithm),
        (rsa.usual(Some("main")), algorithm),
        (public(&rsa).usual(Some("rsa-1")), algorithm),
        (public(&rsa).usual(None), another),
        (Signer::secret(&modulus).usual(None), another),
        (Signer::secret(&modulus).usual(Some("main")), another),
        (Signer::secret(&point).usual(Some("ed-1")), algorithm),
        (Signer::secret(&point).usual(None), another),
        (rsa.token(&json!({"alg": "PS256", "kid": "rsa-1"}), &claims()), algorithm),
        (rsa.token(&json!({"alg": "none"}), &claims()), "it is not a JWT"),
        (rsa.token(&json!({"alg": "none", "kid": "rsa-1"}), &claims()), "it is not a JWT"),
        (own.token(&json!({"alg": "EdDSA"}), &claims()), another),
        (own.token(&json!({"alg": "HS512"}), &claims()), algorithm),
        (own.token(&json!({"alg": "HS256", "crit": ["exp"]}), &claims()), "critical headers"),
        (own.token(&json!({"alg": "HS256", "typ": "id+jwt"}), &claims()), "typ must be JWT or at+jwt"),
        (own.token(&json!({"typ": "JWT"}), &claims()), "it is not a JWT"),
    ] {
        assert_refused(let_in(&keyring, &token), reason, &token);
    }
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT"] {
        let token = own.token(&json!({"alg": "HS256", "typ": typ}), &claims());
        assert_eq!(let_in(&keyring, &token), Ok(alice()), "{typ}");
    }
    // A key that comes with its token is not looked at.
    let stranger = Signer::ec();
    let token = stranger.token(&json!({"alg": "ES256", "jwk": stranger.jwk(None)}), &claims());
    assert_refused(let_in(&keyring, &token), another, &token);
}

#[test]
fn a_key_that_is_gone_is_gone_for_tokens_that_were_good_too() {
    let (first, second) = (Signer::ec(), Signer::ec());
    let (first_jwk, second_jwk) = (first.jwk(Some("1")), second.jwk(Some("2")));
    let keyring = Keyring::new("boxoffice", "boxoffice", &[]);
    let tokens = [first.usual(Some("1")), first.usual(None), second.usual(Some("2")), second.usual(None)];
    let good = |keys: &[Value]| {
        keyring.put("idp", key_set::read("idp", config::Algorithm::Es256, &set(keys)).expect("a set"));
        // Twice: the second time they are remembered.
        let all = || tokens.iter().map(|token| let_in(&keyring, token).is_ok()).collect::<Vec<_>>();
        let once = all();
        assert_eq!(all(), once);
        once
    };
    assert_eq!(good(&[]), [false, false, false, false]);
    assert_eq!(good(std::slice::from_ref(&first_jwk)), [true, true, false, false]);
    assert_eq!(good(&[first_jwk.clone(), second_jwk.clone()]), [true, true, true, true]);
    assert_eq!(good(std::slice::from_ref(&second_jwk)), [false, false, true, true]);
    let mut renamed = second_jwk.clone();
    renamed["kid"] = json!("1");
    assert_eq!(good(&[renamed]), [false, false, false, true]);
    assert_eq!(good(&[second_jwk, first_jwk]), [true, true, true, true]);
}

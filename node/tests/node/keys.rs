//! Keys of an identity provider beside the node's own: taken, exchanged and taken away while the node runs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::KeyPair;
use serde_json::{Value, json};

use crate::configured::{ConfiguredNode, claims, own_token, token_of};
use crate::dev_node::PATIENCE;
use crate::test_cluster::wait_until;

const SET: &str = "[[auth.keys]]\nid = 'idp'\nalgorithm = 'ES256'\njwks_file = 'idp.json'\n\
                   [cluster]\ngroups = 2\n[rate_limit]\nenabled = false\n";
/// The modulus of an RSA key that is too short.
const MODULUS: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5";

/// A key that an identity provider signs with.
pub(crate) struct Provider {
    key: EncodingKey,
    kid: &'static str,
}

impl Provider {
    pub(crate) fn new(kid: &'static str) -> Self {
        let key = KeyPair::generate().expect("a key of P-256");
        Self { key: EncodingKey::from_ec_der(&key.serialize_der()), kid }
    }

    pub(crate) fn jwk(&self) -> Value {
        let mut jwk =
            json!(Jwk::from_encoding_key(&self.key, Algorithm::ES256).expect("it has a public part"));
        jwk["kid"] = json!(self.kid);
        jwk
    }

    pub(crate) fn token(&self, more: &Value) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, &claims(more), &self.key).expect("it signs")
    }
}

pub(crate) fn set(providers: &[&Provider]) -> String {
    json!({"keys": providers.iter().map(|provider| provider.jwk()).collect::<Vec<_>>()}).to_string()
}

/// What a node says to whoever shows this token, where none is needed.
fn status(node: &ConfiguredNode, token: &str) -> u16 {
    node.get_as(token, "/v1/slots").status
}

#[test]
fn keys_come_and_go_while_the_node_runs() {
    let (first, second) = (Provider::new("2026-1"), Provider::new("2026-2"));
    let mut node = ConfiguredNode::new();
    node.configure("", SET);
    node.write("idp.json", &set(&[&first]));
    node.open();

    let (own, old, new) = (own_token(None, &json!({})), first.token(&json!({})), second.token(&json!({})));
    assert_eq!([&own, &old, &new].map(|token| status(&node, token)), [200, 200, 401]);
    let user = json!({"sub": "usr_1"});
    assert_eq!(status(&node, &own_token(None, &user)), 200, "our own users");
    let answer = node.get_as(&first.token(&user), "/v1/slots");
    assert_eq!(
        (answer.status, answer.text("code").as_str()),
        (401, "unauthenticated"),
        "are named by nobody else"
    );

    // Both at once, and then the first is taken away: from tokens that were good before, and from whoever listens.
    node.write("idp.json", &set(&[&first, &second]));
    wait_until("the second is good", || status(&node, &new) == 200);
    assert_eq!(status(&node, &old), 200);
    let speaker = json!({"role": "organizer", "organizer": "studio"});
    let organizer = first.token(&speaker);
    let slot = r#"{"title":"yoga","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{"units":{"capacity":1}}}"#;
    let slot = node.ask(&organizer, "POST", "/v1/slots", slot).text("id");
    let mut listening = listen(&node, &organizer, &slot);
    let mut other = listen(&node, &second.token(&speaker), &slot);
    node.write("idp.json", &set(&[&second]));
    wait_until("the first is good no longer", || status(&node, &old) == 401);
    assert_eq!([&own, &new].map(|token| status(&node, token)), [200, 200]);
    let mut rest = String::new();
    while listening.read_line(&mut rest).expect("it ends in time") != 0 {}
    assert!(!rest.contains("data: "), "nothing happened to the slot: {rest}");
    let book = node.ask(&new, "POST", &format!("/v1/slots/{slot}/bookings"), r#"{"quantity":1}"#);
    assert_eq!(book.status, 201, "{book:?}");
    while !rest.contains(r#""kind":"booked""#) {
        assert_ne!(other.read_line(&mut rest).expect("text"), 0, "the other listens on: {rest}");
    }

    // What cannot be used is told once, and changes nothing.
    for broken in
        ["{", "", r#"{"keys": 1}"#, &json!({"keys": [rsa(), first.jwk()]}).to_string().replace("]}", "]")]
    {
        node.write("idp.json", broken);
        wait_until("it is told", || node.complains_of("idp.json"));
        assert_eq!([&old, &new].map(|token| status(&node, token)), [401, 200]);
        node.write("idp.json", &set(&[&second]));
        wait_until("all is well", || !node.complains_of("idp.json"));
    }
    std::fs::remove_file(node.path("idp.json")).expect("it was there");
    wait_until("it is told that it is gone", || node.complains_of("idp.json"));
    assert_eq!(status(&node, &new), 200);
    assert_eq!(node.log().matches("cannot be used").count(), 5, "{}", node.log());
    // No key at all is a word of its own.
    node.write("idp.json", r#"{"keys": []}"#);
    wait_until("none is good", || status(&node, &new) == 401);
    assert_eq!(status(&node, &own), 200);
    node.close();
}

#[test]
fn secrets_and_sets_come_and_go_when_the_configuration_is_read_again() {
    const NEXT: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    const BOTH: &str = "[[auth.keys]]\nid = 'next'\nalgorithm = 'HS256'\nsecret_file = 'next.key'\n";
    let provider = Provider::new("2026-1");
    let (own, next) = (own_token(None, &json!({})), token_of(NEXT, None, &json!({})));
    let foreign = provider.token(&json!({}));
    let mut node = ConfiguredNode::new();
    node.configure("", SET);
    node.write("idp.json", &set(&[&provider]));
    node.open();
    let are = |node: &ConfiguredNode| [&own, &next, &foreign].map(|token| status(node, token));
    assert_eq!(are(&node), [200, 401, 200]);

    // Where the next secret cannot be read, nothing changes.
    let rest = &SET[SET.find("[cluster]").expect("a section")..];
    node.configure("", &[BOTH, SET].concat());
    node.hang_up();
    wait_until("it is told", || node.log().contains("what was in force stays"));
    assert_eq!(are(&node), [200, 401, 200]);

    node.write("next.key", NEXT);
    node.hang_up();
    wait_until("the next is good too", || status(&node, &next) == 200);
    assert_eq!(are(&node), [200, 200, 200]);

    // A set that is configured no more is not followed any more, and what was wrong with it is nobody's concern.
    node.write("idp.json", "{");
    wait_until("it is told", || node.complains_of("idp.json"));
    node.configure("", &[BOTH, rest].concat());
    node.hang_up();
    wait_until("nobody is asked to mend it", || !node.complains_of("idp.json"));
    wait_until("its keys have gone", || status(&node, &foreign) == 401);
    node.write("idp.json", &set(&[&provider]));

    // The same files may have another secret in them. A node that is alone has nobody who would not know it then.
    node.write("token.key", NEXT);
    node.configure("", rest);
    node.hang_up();
    wait_until("what was good before is not any more", || are(&node) == [401, 200, 401]);
    node.close();
}

/// The events of a slot, behind the first.
fn listen(node: &ConfiguredNode, token: &str, slot: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(node.client).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let request = format!(
        "GET /v1/slots/{slot}/feed HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n\
         Accept: text/event-stream\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut lines = BufReader::new(stream);
    let mut heard = String::new();
    while !heard.contains("data: ") {
        assert_ne!(lines.read_line(&mut heard).expect("text"), 0, "{heard}");
    }
    lines
}

fn rsa() -> Value {
    json!({"kty": "RSA", "n": MODULUS, "e": "AQAB", "kid": "weak"})
}

#[test]
fn keys_that_cannot_be_used_stop_the_start() {
    let provider = Provider::new("1");
    let mut node = ConfiguredNode::new();
    let key = |algorithm: &str| {
        format!("[[auth.keys]]\nid = 'idp'\nalgorithm = '{algorithm}'\njwks_file = 'idp.json'\n")
    };
    let keys = |keys: &[Value]| json!({ "keys": keys }).to_string();
    for (algorithm, content, says) in [
        ("ES256", None, "No such file"),
        ("ES256", Some(String::new()), "it is not a JSON Web Key Set"),
        ("ES256", Some("[]".to_owned()), "it is not a JSON Web Key Set"),
        ("ES256", Some(keys(&[])), "it has no key for the algorithm of the key \"idp\""),
        ("EdDSA", Some(keys(&[provider.jwk()])), "it has no key for the algorithm of the key \"idp\""),
        (
            "RS256",
            Some(keys(&[provider.jwk(), rsa()])),
            "\"weak\" has 984 bits, and at least 2048 are wanted",
        ),
        ("ES256", Some(" ".repeat(2 << 20)), "more than 1 MiB"),
    ] {
        node.configure("", &key(algorithm));
        match content {
            Some(content) => node.write("idp.json", &content),
            None => drop(std::fs::remove_file(node.path("idp.json"))),
        }
        let (code, said) = node.refused();
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("auth.keys: ") && said.contains(says), "{says}: {said}");
        assert!(!node.path("data").exists(), "nothing was begun");
    }
    // The node's own, of 31 bytes.
    node.configure("", "");
    node.write("token.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg");
    let (code, said) = node.refused();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("fewer than 32 bytes"), "{said}");
}

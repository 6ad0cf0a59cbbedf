//! The client listener over TLS: bookings by hand and all else by hyper, new certificates without a restart, and whoever knocks and
//! says nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use loadgen::report::Outcome;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use crate::configured::{Certified, ConfiguredNode, own_token, request, say};
use crate::drop::sell;
use crate::test_cluster::wait_until;

const TLS: &str = "[listen.tls]\ncertificate_file = 'node.pem'\nkey_file = 'node.key'\n";

/// A node that shows this certificate.
fn node(certified: &Certified) -> ConfiguredNode {
    let node = ConfiguredNode::new();
    node.configure(TLS, "[cluster]\ngroups = 2\n[rate_limit]\nenabled = false\n");
    node.write("node.pem", &certified.certificate);
    node.write("node.key", &certified.key);
    node
}

fn slot() -> String {
    let units = json!({"units": {"capacity": 10}});
    json!({"title": "yoga", "starts_at": "2090-01-10T07:00:00Z", "ends_at": "2090-01-10T08:00:00Z", "inventory": units})
        .to_string()
}

fn organizer() -> String {
    own_token(None, &json!({"role": "organizer", "organizer": "studio"}))
}

#[test]
fn customers_are_served_over_tls_and_in_no_other_way() {
    let certified = Certified::until(2_090);
    let mut node = node(&certified);
    node.open();
    for version in [&TLS12, &TLS13] {
        let stream =
            certified.connect(node.client, &[version], &["http/1.1"]).expect("it speaks this version");
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        let made = say(stream, &request(node.client, &organizer(), "POST", "/v1/slots", &slot()));
        let made = made.expect("an answer to its end");
        assert_eq!(made.status, 201, "{made:?}");
        // One connection, in turns: by hyper, by hand, by hand, by hyper, and it ends as it should.
        let (token, slot) = (own_token(None, &json!({})), made.text("id"));
        let look = request(node.client, &token, "GET", &format!("/v1/slots/{slot}"), "");
        let book = |quantity: u32| {
            let body = json!({"quantity": quantity}).to_string();
            request(node.client, &token, "POST", &format!("/v1/slots/{slot}/bookings"), &body)
        };
        let open = |request: String| request.replace("Connection: close\r\n", "");
        let stream = certified.connect(node.client, &[version], &[]).expect("it speaks this version");
        let mut lines = BufReader::new(stream);
        for (request, begins) in [
            (open(look.clone()), "HTTP/1.1 200 "),
            (open(book(1)), "HTTP/1.1 201 "),
            (open(book(2)), "HTTP/1.1 201 "),
            (look, "HTTP/1.1 200 "),
        ] {
            lines.get_mut().write_all(request.as_bytes()).expect("it listens");
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert_ne!(lines.read_line(&mut head).expect("text"), 0, "{head}");
            }
            assert!(head.starts_with(begins), "{head}");
            let head = head.to_ascii_lowercase();
            let (_, length) = head.split_once("content-length: ").expect("a length");
            let mut body = vec![0; length.lines().next().expect("a line").parse().expect("a number")];
            lines.read_exact(&mut body).expect("a body");
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            assert!(body["seq"].is_u64(), "{body}");
        }
        assert_eq!(lines.read(&mut [0]).expect("it says that it ends"), 0);
    }
    let other = certified.connect(node.client, &[&TLS13], &["h2"]).expect_err("HTTP/2 is not spoken");
    assert!(other.to_string().contains("NoApplicationProtocol"), "{other}");
    let plain =
        say(TcpStream::connect(node.client).expect("it listens"), "GET / HTTP/1.1\r\nHost: node\r\n\r\n");
    assert!(plain.is_err(), "{plain:?}");
    assert!(Certified::until(2_090).dial(node.client).is_err(), "another certificate would not do");
    node.close();
}

#[test]
fn a_drop_is_sold_over_tls() {
    let certified = Certified::until(2_090);
    let mut node = node(&certified);
    node.open();
    let target = format!("--target=https://{}", node.client);
    let ca = format!("--ca={}", node.path("node.pem").display());
    let how = [target.as_str(), ca.as_str(), "--customers=600", "--rate=600", "--slots=2", "--holds=20"];
    let report = sell(node.client, &node.path("token.key"), &how).join().expect("it sells");
    assert_eq!(report.result, Outcome::Correct, "{report}");
}

#[test]
fn a_certificate_is_replaced_while_the_node_runs_unless_it_is_unusable() {
    let (first, second) = (Certified::until(2_080), Certified::until(2_090));
    let mut node = node(&first);
    node.open();
    let ends = "boxoffice_tls_certificate_expires_seconds";
    assert_eq!(node.metric(ends), Some(3_471_292_800.0));
    assert!(!node.complains_of("node.pem"));
    let mut open = first.dial(node.client).expect("the first is shown");

    node.write("node.pem", &second.certificate);
    wait_until("it is told that the key is not the certificate's", || node.complains_of("node.pem"));
    first.dial(node.client).expect("the first is shown still");
    node.write("node.key", &second.key);
    wait_until("the second is shown", || second.dial(node.client).is_ok());
    assert!(first.dial(node.client).is_err());
    wait_until("all is well", || !node.complains_of("node.pem"));
    assert_eq!(node.metric(ends), Some(3_786_912_000.0));

    node.write("node.pem", "nothing");
    wait_until("it is told that there is no certificate", || node.complains_of("node.pem"));
    second.dial(node.client).expect("the second is shown still");
    let told = |log: &str| log.matches("cannot be used").count();
    assert_eq!(told(&node.log()), 2, "each is told once: {}", node.log());

    let request = request(node.client, &own_token(None, &json!({})), "GET", "/v1/slots", "");
    open.write_all(request.as_bytes()).expect("it is open");
    let mut answer = String::new();
    open.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "whoever was connected stays: {answer}");
}

#[test]
fn who_shakes_no_hands_is_in_nobodys_way_and_is_hung_up_on() {
    let certified = Certified::until(2_090);
    let mut node = node(&certified);
    node.open();
    let mut silent: Vec<TcpStream> =
        (0..100).map(|_| TcpStream::connect(node.client).expect("the kernel takes it")).collect();
    // The beginning of a greeting that does not go on.
    silent[0].write_all(&[22, 3, 1, 2, 0]).expect("it listens");
    let look = request(node.client, &own_token(None, &json!({})), "GET", "/v1/slots", "");
    let answer = say(certified.dial(node.client).expect("it shakes hands"), &look).expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    for stream in &mut silent {
        stream.set_read_timeout(Some(crate::dev_node::PATIENCE)).expect("a socket");
        assert_eq!(stream.read(&mut [0]).expect("it ends in time"), 0);
    }
}

#[test]
fn a_certificate_that_cannot_be_used_stops_the_start() {
    let (own, other) = (Certified::until(2_090), Certified::until(2_090));
    let mut node = node(&own);
    let cut = |text: &str| text[..text.len() / 2].to_owned();
    for (certificate, key, says) in [
        (None, Some(own.key.clone()), "No such file"),
        (Some(own.certificate.clone()), None, "No such file"),
        (Some(String::new()), Some(own.key.clone()), "certificate_file has no certificate"),
        (Some(own.key.clone()), Some(own.key.clone()), "certificate_file has no certificate"),
        (Some(cut(&own.certificate)), Some(own.key.clone()), "certificate_file"),
        (Some(own.certificate.clone()), Some(String::new()), "key_file has no private key"),
        (Some(own.certificate.clone()), Some(own.certificate.clone()), "key_file has no private key"),
        (Some(own.certificate.clone()), Some(other.key), "do not belong together"),
        (
            Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned()),
            Some(own.key.clone()),
            "the first certificate of certificate_file cannot be read",
        ),
    ] {
        for (name, content) in [("node.pem", certificate), ("node.key", key)] {
            match content {
                Some(content) => node.write(name, &content),
                None => std::fs::remove_file(node.path(name)).expect("it was there"),
            }
        }
        let (code, said) = node.refused();
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("listen.tls: ") && said.contains(says), "{says}: {said}");
        assert!(!node.path("data").exists(), "nothing was begun");
        node.write("node.pem", "");
        node.write("node.key", "");
    }
}

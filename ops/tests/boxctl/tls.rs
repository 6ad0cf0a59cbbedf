//! `boxctl --ca`: whom it believes where the listener shows a certificate.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::{boxctl, data_folder, write};

const STATUS: &str = r#"{"healthy":true,"problems":[],"node":1,"version":"0.1.0","uptime_ms":1,"draining":false,"groups":4,"leading":4,"slots":24,"awake":3,"in_flight":0,"level":1}"#;

/// Answers everyone alike, over TLS; gives its URL, and its certificate, which it signed itself.
fn listen() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .expect("they belong together");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("it is bound"));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a good configuration");
            // Who does not believe it hangs up.
            drop(answer(StreamOwned::new(connection, stream)));
        }
    });
    (url, made.cert.pem())
}

fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>) -> std::io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        asked.extend(byte);
    }
    let len = STATUS.len();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n{STATUS}")?;
    stream.conn.send_close_notify();
    stream.flush()
}

#[test]
fn only_those_who_are_named_may_vouch_for_a_listener() {
    let ((url, own), (_url, other)) = (listen(), listen());
    let folder = data_folder();
    let files = [("own.pem", own.as_str()), ("other.pem", &other), ("empty.pem", "")];
    let paths = files.map(|(name, content)| write(&folder, name, content));
    let [own, other, empty] = paths.each_ref().map(|path| path.to_str().expect("UTF-8"));
    let data = folder.path().to_str().expect("UTF-8");
    let ask = |ca: &[&str]| boxctl(&[&["--admin", &url, "--data", data, "status"], ca].concat());
    let said = ask(&["--ca", own]);
    assert_eq!((said.status, said.talk.as_str()), (0, ""));
    assert!(said.data.contains(" well "), "{}", said.data);
    let missing = format!("{data}/missing.pem");
    for (ca, want) in [
        (&["--ca", other][..], "no answer from https://127.0.0.1:"),
        (&[], "no answer from https://127.0.0.1:"),
        (&["--ca", empty], "empty.pem: there is no certificate in it"),
        (&["--ca", &missing], "missing.pem: No such file"),
    ] {
        let said = ask(ca);
        assert_eq!((said.status, said.data.as_str()), (2, ""), "{want}");
        assert!(said.talk.contains(want), "{}, not {want}", said.talk);
    }
}

//! `boxctl certs`: what stands in the files, who may read them, and what is refused. No node is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use tempfile::TempDir;
use x509_parser::parse_x509_certificate;

use crate::{Said, boxctl};

/// Where a test has its files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("certs").join(name)
    }

    fn certs(&self, arguments: &[&str]) -> Said {
        let folder = self.path("");
        boxctl(&[&["certs"], arguments, &["--folder", folder.to_str().expect("UTF-8")]].concat())
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("it was made")
    }

    fn certificate(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(&self.read(name)).expect("PEM")
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn assert_said(said: &Said, status: i32, words: &str) {
    let Said { status: found, data, talk } = said;
    assert!(*found == status && format!("{data}{talk}").contains(words), "{found}: {data}{talk}");
}

#[test]
fn an_authority_vouches_for_nodes_by_their_numbers() {
    let folder = Folder::new();
    assert_said(&folder.certs(&["init", "--cluster", "box"]), 0, "ca.pem is every node's ca_file");
    assert_said(&folder.certs(&["node", "7", "--days", "30"]), 0, "are good for 30 days");
    assert_said(&folder.certs(&["newcomer"]), 0, "boxctl certs node N");
    assert_eq!(mode(&folder.path("")), 0o700);
    let mut roots = RootCertStore::empty();
    roots.add(folder.certificate("ca.pem")).expect("an authority");
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let verifier = verifier.build().expect("it has an authority");
    for (name, id, days) in [
        ("ca", "spiffe://box", 3_651),
        ("node-7", "spiffe://box/boxoffice/node/7", 31),
        ("newcomer", "spiffe://box/boxoffice/newcomer", 366),
    ] {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        assert_eq!((mode(&folder.path(&certificate)), mode(&folder.path(&key))), (0o644, 0o600), "{name}");
        let der = folder.certificate(&certificate);
        let (_, parsed) = parse_x509_certificate(&der).expect("a certificate");
        let names = parsed.subject_alternative_name().expect("once").expect("it has names");
        let names: Vec<String> = names.value.general_names.iter().map(ToString::to_string).collect();
        assert_eq!(names, [format!("URI({id})")]);
        let validity = parsed.validity();
        let seconds = validity.not_after.timestamp() - validity.not_before.timestamp();
        assert_eq!(seconds, days * 86_400, "{name}: from a day ago on");
        let key = PrivateKeyDer::from_pem_slice(&folder.read(&key)).expect("a key");
        CertifiedKey::from_der(vec![der.clone()], key, &provider).expect("they belong together");
        let now = rustls::pki_types::UnixTime::now();
        let is_taken = verifier.verify_client_cert(&der, &[], now).is_ok();
        assert_eq!(is_taken, name != "ca", "{name}");
    }
    assert_eq!(fs::read_dir(folder.path("")).expect("a folder").count(), 6, "no draft is left");
}

#[test]
fn what_is_there_is_not_overwritten_unless_it_is_to_be() {
    let folder = Folder::new();
    assert_said(&folder.certs(&["node", "1"]), 2, "boxctl certs init makes an authority");
    assert_said(&folder.certs(&["init", "--cluster", "box"]), 0, "");
    let authority = folder.read("ca.key");
    assert_said(&folder.certs(&["init", "--cluster", "box"]), 2, "there is an authority already");
    assert_said(&folder.certs(&["node", "1"]), 0, "");
    let first = (folder.read("node-1.pem"), folder.read("node-1.key"));
    assert_said(&folder.certs(&["node", "1"]), 2, "--renew puts a new one in its place");
    assert!(
        first == (folder.read("node-1.pem"), folder.read("node-1.key")) && authority == folder.read("ca.key")
    );
    assert_said(&folder.certs(&["node", "1", "--renew"]), 0, "");
    assert!(first.0 != folder.read("node-1.pem") && first.1 != folder.read("node-1.key"), "with a new key");
    assert_eq!(mode(&folder.path("node-1.key")), 0o600);
}

#[test]
fn what_cannot_sign_is_told() {
    let (folder, other) = (Folder::new(), Folder::new());
    for folder in [&folder, &other] {
        assert_said(&folder.certs(&["init", "--cluster", "box"]), 0, "");
    }
    let good = [folder.read("ca.pem"), folder.read("ca.key")];
    let foreign = rcgen::generate_simple_self_signed(vec!["box.example".to_owned()]).expect("a certificate");
    for (certificate, key, says) in [
        (Some(good[0].clone()), None, "ca.key: No such file"),
        (None, Some(good[1].clone()), "ca.pem: No such file"),
        (Some(good[0].clone()), Some(other.read("ca.key")), "it is not the key of"),
        (Some(good[0].clone()), Some(good[0].clone()), "there is no private key in it"),
        (Some(good[1].clone()), Some(good[1].clone()), "there is no certificate in it"),
        (Some(Vec::new()), Some(good[1].clone()), "there is no certificate in it"),
        (
            Some(foreign.cert.pem().into_bytes()),
            Some(foreign.signing_key.serialize_pem().into_bytes()),
            "it names no cluster",
        ),
    ] {
        for (name, content) in [("ca.pem", certificate), ("ca.key", key)] {
            match content {
                Some(content) => fs::write(folder.path(name), content).expect("a file"),
                None => fs::remove_file(folder.path(name)).expect("it was there"),
            }
        }
        assert_said(&folder.certs(&["node", "1"]), 2, says);
        assert!(!folder.path("node-1.pem").exists() && !folder.path("node-1.key").exists(), "{says}");
    }
    for (arguments, says) in [
        (&["init", "--cluster", "Box"][..], "1 to 63 of a to z"),
        (&["init", "--cluster", ""], "1 to 63 of a to z"),
        (&["init"], "--cluster <NAME>"),
        (&["node", "0"], "0 is not in"),
        (&["node", "one"], "invalid value 'one'"),
        (&["node", "1", "--days", "0"], "0 is not in"),
    ] {
        assert_said(&folder.certs(arguments), 2, says);
    }
}

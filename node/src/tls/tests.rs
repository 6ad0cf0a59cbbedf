//! Two nodes shake hands over a pipe, each with what it has: who is refused, and in which words.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use cluster::{Listener, Network, Proof, Stream};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, SanType,
    date_time_ymd,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::{Mutex, mpsc};

use super::peers::{InClear, PeerTls};
use super::{PeerNetwork, Who};

/// A network without a machine: whoever connects is handed to the one listener.
struct Pipe {
    callers: mpsc::UnboundedSender<DuplexStream>,
    called: std::sync::Mutex<Option<mpsc::UnboundedReceiver<DuplexStream>>>,
}

impl Pipe {
    fn new() -> Self {
        let (callers, called) = mpsc::unbounded_channel();
        Self { callers, called: Some(called).into() }
    }
}

struct Ear(Mutex<mpsc::UnboundedReceiver<DuplexStream>>);

impl Network for Pipe {
    fn listen(&self, _address: SocketAddr) -> BoxFuture<'static, io::Result<Box<dyn Listener>>> {
        let called = self.called.lock().expect("nobody panicked").take().expect("one listens");
        async { Ok(Box::new(Ear(called.into())) as Box<dyn Listener>) }.boxed()
    }

    fn connect(&self, _address: &str) -> BoxFuture<'static, io::Result<Box<dyn Stream>>> {
        let (ours, theirs) = duplex(1 << 16);
        self.callers.send(theirs).expect("somebody listens");
        async { Ok(Box::new(ours) as Box<dyn Stream>) }.boxed()
    }
}

impl Listener for Ear {
    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 1))
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>> {
        async {
            let stream = self.0.lock().await.recv().await.expect("somebody calls");
            Ok((Box::new(stream) as Box<dyn Stream>, self.address()))
        }
        .boxed()
    }
}

/// Somebody who vouches for nodes, as `boxctl certs init` makes one.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
type Pair = (String, String);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority"))
    }

    fn pem(&self) -> String {
        self.0.as_ref().pem()
    }

    fn certify(&self, id: &str) -> Pair {
        self.certify_between(id, [2020, 2090])
    }

    fn certify_between(&self, id: &str, [from, until]: [i32; 2]) -> Pair {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.subject_alt_names = vec![SanType::URI(Ia5String::try_from(id.to_owned()).expect("ASCII"))];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.0).expect("a certificate").pem(), key.serialize_pem())
    }
}

fn node(number: u64) -> String {
    format!("spiffe://box/boxoffice/node/{number}")
}

/// What the files of `[listen.peer_tls]` hold; where there is nothing, there is no file.
type Files = [Option<String>; 3];

fn files((certificate, key): Pair, ca: String) -> Files {
    [Some(certificate), Some(key), Some(ca)]
}

/// Reads these files, as a node does when it starts.
fn open(files: Files, clear: InClear) -> Result<Arc<PeerTls>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let config = config::PeerTls { certificate_file: path("c"), key_file: path("k"), ca_file: path("a") };
    for (name, content) in ["c", "k", "a"].into_iter().zip(files) {
        let Some(content) = content else { continue };
        fs::write(path(name), content).expect("a file");
    }
    PeerTls::open(&config, clear).map(|(tls, _followed)| tls).map_err(|failure| failure.told())
}

/// One of two who meet: with certificates, or without any.
#[derive(Clone)]
enum Side {
    Certified(Arc<PeerTls>),
    InClear,
}

impl Side {
    fn on(&self, pipe: &Arc<Pipe>) -> Arc<dyn Network> {
        let pipe: Arc<dyn Network> = Arc::<Pipe>::clone(pipe);
        match self {
            Self::Certified(tls) => Arc::new(PeerNetwork::over(pipe, Arc::clone(tls))),
            Self::InClear => pipe,
        }
    }
}

/// What each side makes of the other, once each has said a byte and heard one: as it proves to be, or why it is not talked to.
async fn meet(caller: &Side, host: &Side) -> (Result<Proof, String>, Result<Proof, String>) {
    let pipe = Arc::new(Pipe::new());
    let listener = host.on(&pipe).listen(([127, 0, 0, 1], 1).into()).await.expect("it listens");
    let accepted = async {
        loop {
            let (mut stream, _from) = listener.accept().await.expect("somebody calls");
            let first = stream.read_u8().await;
            // A node that speaks in clear hangs up on whatever is no frame.
            match first {
                Ok(22) => {}
                Ok(_frame) => {
                    let proof = stream.proof();
                    stream.write_u8(0).await.and(stream.flush().await).expect("it listens");
                    return Ok(proof);
                }
                Err(error) => return Err(told(&error)),
            }
        }
    };
    let network = caller.on(&pipe);
    let connected = async {
        let mut stream = network.connect("peer:1").await.map_err(|error| told(&error))?;
        stream.write_u8(0).await.map_err(|error| told(&error))?;
        stream.flush().await.map_err(|error| told(&error))?;
        stream.read_u8().await.map_err(|error| told(&error))?;
        Ok::<_, String>(stream.proof())
    };
    // Who calls in vain lets nobody wait.
    let (mut connected, mut accepted) = (Box::pin(connected), Box::pin(accepted));
    tokio::select! {
        biased;
        accepted = &mut accepted => (connected.await, accepted),
        connected = &mut connected => {
            let accepted = accepted.now_or_never().unwrap_or_else(|| Err("nobody came".to_owned()));
            (connected, accepted)
        }
    }
}

/// An error in words; it says where it is not about who is there.
fn told(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::PermissionDenied {
        error.to_string()
    } else {
        format!("{:?}: {error}", error.kind())
    }
}

/// What is wanted of one side: the proof of the other, or words.
enum Want {
    Proof(Proof),
    Words(&'static str),
}

fn check(what: &str, found: Result<Proof, String>, want: Want) {
    match (found, want) {
        (Ok(found), Want::Proof(want)) => assert_eq!(found, want, "{what}"),
        (Ok(Proof::Refused(why)) | Err(why), Want::Words(words)) => {
            assert!(why.contains(words), "{what}: {why}");
        }
        (found, _) => panic!("{what}: {found:?}"),
    }
}

#[tokio::test]
async fn each_side_proves_who_it_is_or_hears_what_is_wrong() {
    use Want::{Proof as Is, Words};
    let (ours, other) = (Authority::new(), Authority::new());
    let with = |pair, ca: &Authority| {
        Side::Certified(open(files(pair, ca.pem()), InClear::Refused).expect("good files"))
    };
    let lenient = |number| {
        Side::Certified(
            open(files(ours.certify(&node(number)), ours.pem()), InClear::Taken).expect("good files"),
        )
    };
    let (one, two) = (with(ours.certify(&node(1)), &ours), with(ours.certify(&node(2)), &ours));
    let old = with(ours.certify_between(&node(1), [2000, 2001]), &ours);
    let early = with(ours.certify_between(&node(1), [2089, 2090]), &ours);
    let newcomer = with(ours.certify("spiffe://box/boxoffice/newcomer"), &ours);
    let elsewhere = with(ours.certify("spiffe://opera/boxoffice/node/1"), &ours);
    let stranger = with(other.certify(&node(1)), &other);
    let proved = |number| Is(Proof::Node(number));
    for (what, caller, host, caller_finds, host_finds) in [
        ("two nodes", &one, &two, proved(2), proved(1)),
        ("a newcomer", &newcomer, &two, proved(2), Is(Proof::Newcomer)),
        (
            "another cluster",
            &elsewhere,
            &two,
            Words("of the cluster \"box\""),
            Words("of the cluster \"opera\""),
        ),
        ("another authority", &stranger, &two, Words("not of an authority"), Words("does not take")),
        ("an old one", &old, &two, Words("by its clock has ended"), Words("its certificate has ended")),
        ("an early one", &early, &two, Words("not good yet"), Words("is not good yet")),
        ("to an old one", &two, &old, Words("its certificate has ended"), Words("by its clock has ended")),
        ("to an early one", &two, &early, Words("is not good yet"), Words("not good yet")),
        ("to another authority", &two, &stranger, Words("not of an authority"), Words("does not take")),
        ("in clear", &Side::InClear, &two, Is(Proof::NotAsked), Is(Proof::InClear)),
        ("to somebody in clear", &two, &Side::InClear, Words("speaks no TLS"), Words("nobody came")),
        ("both in clear", &Side::InClear, &Side::InClear, Is(Proof::NotAsked), Is(Proof::NotAsked)),
        ("a change, in clear", &Side::InClear, &lenient(2), Is(Proof::NotAsked), Is(Proof::NotAsked)),
        (
            "a change, to somebody in clear",
            &lenient(1),
            &Side::InClear,
            Is(Proof::NotAsked),
            Is(Proof::NotAsked),
        ),
        ("a change, with TLS", &lenient(1), &two, proved(2), proved(1)),
        ("a change, among two", &lenient(1), &lenient(2), proved(2), proved(1)),
        ("a change, and one is old", &old, &lenient(2), Words("has ended"), Words("has ended")),
    ] {
        let (seen, heard) = meet(caller, host).await;
        check(&format!("{what}, caller"), seen, caller_finds);
        check(&format!("{what}, called"), heard, host_finds);
    }
}

#[tokio::test]
async fn connections_are_opened_with_what_the_files_hold_by_then() {
    let ours = Authority::new();
    let read =
        |number| open(files(ours.certify(&node(number)), ours.pem()), InClear::Refused).expect("good files");
    let (one, two) = (read(1), read(2));
    let sides = (Side::Certified(Arc::clone(&one)), Side::Certified(two));
    assert_eq!(meet(&sides.0, &sides.1).await, (Ok(Proof::Node(2)), Ok(Proof::Node(1))));
    one.put(super::peers::tests::credentials(&files(ours.certify(&node(7)), ours.pem())));
    assert_eq!(one.who(), Who::Node(7));
    assert_eq!(meet(&sides.0, &sides.1).await, (Ok(Proof::Node(2)), Ok(Proof::Node(7))));
    assert_eq!(meet(&sides.1, &sides.0).await, (Ok(Proof::Node(7)), Ok(Proof::Node(2))));
}

#[test]
fn files_that_cannot_be_used_stop_the_start() {
    let (ours, other) = (Authority::new(), Authority::new());
    let ((certificate, key), ca) = (ours.certify(&node(1)), ours.pem());
    let (_certificate, other_key) = ours.certify(&node(1));
    let cut = |text: &str| text[..text.len() / 2].to_owned();
    let text = |text: &str| Some(text.to_owned());
    let good = || [text(&certificate), text(&key), text(&ca)];
    let with = |place: usize, content: Option<String>| {
        let mut files = good();
        files[place] = content;
        files
    };
    let named = |id: &str| files(ours.certify(id), ca.clone());
    assert!(open(good(), InClear::Refused).is_ok());
    assert!(open(files(ours.certify_between(&node(1), [2000, 2001]), ca.clone()), InClear::Refused).is_ok());
    for (files, says) in [
        (with(0, None), "No such file"),
        (with(1, None), "No such file"),
        (with(2, None), "No such file"),
        (with(0, text("")), "certificate_file has no certificate"),
        (with(0, text(&key)), "certificate_file has no certificate"),
        (with(0, Some(cut(&certificate))), "certificate_file is no PEM"),
        (with(1, text("")), "key_file has no private key"),
        (with(1, text(&certificate)), "key_file has no private key"),
        (with(1, text(&other_key)), "do not belong together"),
        (with(2, text("")), "ca_file has no certificate"),
        (with(2, Some(cut(&ca))), "ca_file is no PEM"),
        (with(2, Some(other.pem())), "not of an authority in ca_file"),
        (named("spiffe://box/boxoffice/node/x"), "which is no node of a cluster"),
        (named("https://box/boxoffice/node/1"), "it names no node"),
    ] {
        let told = open(files, InClear::Refused).err().expect(says);
        assert!(told.contains("listen.peer_tls: ") && told.contains(says), "{says}: {told}");
    }
}

//! A node as a configuration file wants it, over TLS where it says so.

use std::fs::File;
use std::fs::Permissions;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use cluster::Clock as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::dev_node::{Answer, PATIENCE, free_address, get, heard, terminate, written};
use crate::test_cluster::wait_until;

/// A secret of 32 bytes, as base64url.
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// A folder with a configuration, and the node that runs by it.
pub(crate) struct ConfiguredNode {
    folder: TempDir,
    pub(crate) client: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) peer: SocketAddr,
    process: Option<Child>,
}

impl ConfiguredNode {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [client, admin, peer] = [(); 3].map(|()| free_address());
        let node = Self { folder, client, admin, peer, process: None };
        node.write("token.key", SECRET);
        node
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces a file, all at once.
    pub(crate) fn write(&self, name: &str, content: &str) {
        let draft = self.path("draft");
        std::fs::write(&draft, content).expect("a file");
        if self.path(name).extension().is_some_and(|extension| extension == "key") {
            std::fs::set_permissions(&draft, Permissions::from_mode(0o600)).expect("it is ours");
        }
        std::fs::rename(draft, self.path(name)).expect("it is replaced");
    }

    /// What is configured: where it keeps its data and where it listens, `listen` more of that, and `more` sections.
    pub(crate) fn configure(&self, listen: &str, more: &str) {
        let Self { client, admin, peer, .. } = self;
        let data = self.path("data").display().to_string();
        self.write(
            "boxoffice.toml",
            &format!(
                "[node]\ndata = '{data}'\nzone = 'hall-2'\n[listen]\nclient = '{client}'\nadmin = '{admin}'\npeer = '{peer}'\n{listen}\n\
                 [[auth.keys]]\nid = 'main'\nalgorithm = 'HS256'\nsecret_file = 'token.key'\n{more}\n"
            ),
        );
    }

    fn launch(&mut self) -> &mut Child {
        let log = File::create(self.path("log")).expect("a file");
        let process = Command::new(env!("CARGO_BIN_EXE_boxoffice"))
            .args(["serve".as_ref(), "--config".as_ref(), self.path("boxoffice.toml").as_os_str()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.process.insert(process.expect("the built binary"))
    }

    /// Starts the node and waits until it is ready.
    pub(crate) fn open(&mut self) {
        self.launch();
        wait_until("the node is ready, or has ended", || {
            let process = self.process.as_mut().expect("it runs");
            let ended = process.try_wait().expect("a child");
            assert!(ended.is_none(), "the node ended with {ended:?}: {}", self.log());
            get(self.admin, "/readyz").is_ok_and(|answer| answer.status == 200)
        });
    }

    /// The exit status of a node that does not start, and what it said.
    pub(crate) fn refused(&mut self) -> (Option<i32>, String) {
        let ended = self.launch().wait().expect("a child");
        self.process = None;
        (ended.code(), self.log())
    }

    /// SIGTERM, until it has ended.
    pub(crate) fn close(&mut self) {
        let mut process = self.process.take().expect("it runs");
        terminate(&process);
        assert!(process.wait().expect("a child").success(), "it drains: {}", self.log());
    }

    /// SIGHUP: it is to read its configuration again.
    pub(crate) fn hang_up(&self) {
        let pid = self.process.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args(["-s", "HUP", &pid]).status();
        assert!(sent.expect("kill is there").success(), "the signal was sent");
    }

    /// What it has logged and said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).expect("it was launched")
    }

    /// The figure that its metrics give where a line begins like this.
    pub(crate) fn metric(&self, begins: &str) -> Option<f64> {
        let metrics = get(self.admin, "/metrics").expect("an answer").body;
        metrics.lines().find_map(|line| line.strip_prefix(begins)?.rsplit(' ').next()?.parse().ok())
    }

    /// Whether a followed file was found unusable.
    pub(crate) fn complains_of(&self, name: &str) -> bool {
        let file = self.path(name).display().to_string();
        self.metric(&format!("boxoffice_file_unusable{{file=\"{file}\"}}")) == Some(1.0)
    }

    /// What `GET path` answers to whoever shows this token, in plain text.
    pub(crate) fn get_as(&self, token: &str, path: &str) -> Answer {
        self.ask(token, "GET", path, "")
    }

    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let listener = if path.starts_with("/admin") { self.admin } else { self.client };
        let stream = TcpStream::connect(listener).expect("it listens");
        say(stream, &request(listener, token, method, path, body)).expect("an answer")
    }
}

impl Drop for ConfiguredNode {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().and_then(|()| process.wait()).expect("it runs");
        }
    }
}

/// A request as it stands on the wire, under a key of its own.
pub(crate) fn request(listener: SocketAddr, token: &str, method: &str, path: &str, body: &str) -> String {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str())];
    if !body.is_empty() {
        headers.push(("Content-Type", "application/json"));
    }
    written(listener, method, path, &headers, body)
}

/// Says something on a connection, and hears the answer to its end.
pub(crate) fn say(mut stream: impl io::Read + io::Write, request: &str) -> io::Result<Answer> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    heard(stream)
}

/// What a token says that is good for an hour; `more` wins.
pub(crate) fn claims(more: &Value) -> Value {
    let now = cluster::SystemClock::new().wall_ms() / 1_000;
    let mut claims = json!({
        "sub": "alice", "role": "customer", "iss": "boxoffice", "aud": "boxoffice",
        "exp": now + 3_600, "nbf": now, "iat": now, "jti": "1",
    });
    for (name, value) in more.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims
}

/// A token of the node's own key, under this name.
pub(crate) fn own_token(kid: Option<&str>, more: &Value) -> String {
    token_of(SECRET, kid, more)
}

/// A token that is signed with this secret, which is base64url.
pub(crate) fn token_of(secret: &str, kid: Option<&str>, more: &Value) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let secret = URL_SAFE_NO_PAD.decode(secret).expect("base64url");
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &claims(more), &EncodingKey::from_secret(&secret)).expect("it signs")
}

/// A certificate that signed itself, for loopback, and its key.
pub(crate) struct Certified {
    pub(crate) certificate: String,
    pub(crate) key: String,
    der: CertificateDer<'static>,
}

impl Certified {
    /// Good until the beginning of a year.
    pub(crate) fn until(year: i32) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address");
        parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = parameters.self_signed(&key).expect("a certificate").pem();
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
        Self { certificate, key: key.serialize_pem(), der }
    }

    /// Shakes hands with whoever listens there and shows this certificate.
    pub(crate) fn connect(
        &self,
        listener: SocketAddr,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
    ) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .expect("known versions");
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = ServerName::from(listener.ip());
        let connection = ClientConnection::new(Arc::new(config), name).expect("a name");
        let stream = TcpStream::connect(listener)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut stream = StreamOwned::new(connection, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    /// The same as most do it.
    pub(crate) fn dial(&self, listener: SocketAddr) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        self.connect(listener, rustls::DEFAULT_VERSIONS, &[])
    }
}

/// Whether it is a folder that only its owner may look into.
pub(crate) fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(folder).is_ok_and(|found| found.is_dir() && found.permissions().mode() & 0o777 == 0o700)
}

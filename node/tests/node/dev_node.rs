//! A real node in a process of its own, and real HTTP to it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use api::token::{AUDIENCE_DEFAULT, Audience, Claims, ISSUER_DEFAULT, Role};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::Value;

/// How long a node may take to be ready, and a request to be answered, on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A node, and the data directory that outlives its process.
pub(crate) struct DevNode {
    data: PathBuf,
    limits: String,
    pub(crate) client: SocketAddr,
    pub(crate) admin: SocketAddr,
    process: Option<Child>,
    tokens: Vec<(String, String)>,
}

/// An answer, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The text of a field that must be there.
    pub(crate) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap_or_else(|| panic!("no {field}: {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line =
            |line: &'_ str| line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name));
        self.head
            .lines()
            .find(|found| line(found))
            .and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim())
    }
}

impl DevNode {
    /// A node on ports of its own, over a data directory that may have been used before.
    pub(crate) fn open(data: &Path) -> Self {
        Self::open_within(data, "true")
    }

    /// The same, behind what a shell is told first: limits.
    pub(crate) fn open_within(data: &Path, limits: &str) -> Self {
        let (client, admin) = (free_address(), free_address());
        let (data, limits) = (data.to_owned(), limits.to_owned());
        let mut node = Self { data, limits, client, admin, process: None, tokens: Vec::new() };
        node.start();
        node
    }

    /// Starts the process and waits until it is ready.
    #[expect(clippy::disallowed_methods, reason = "a test's patience is measured by the wall")]
    pub(crate) fn start(&mut self) {
        let process = process(&self.limits, &self.data, self.client, self.admin)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the built binary");
        let mut process = self.process.insert(process);
        let mut stdout = process.stdout.take().expect("it is piped");
        let began = Instant::now();
        while get(self.admin, "/readyz").map_or(0, |answer| answer.status) != 200 {
            assert!(began.elapsed() < PATIENCE, "the node is not ready after {PATIENCE:?}");
            if let Some(status) = process.try_wait().expect("a child") {
                panic!("the node ended with {status}");
            }
            std::thread::yield_now();
        }
        let mut printed = String::new();
        while !printed.contains("Ctrl-C") {
            let mut some = [0; 4_096];
            let read = stdout.read(&mut some).expect("it prints");
            printed.push_str(&String::from_utf8_lossy(some.get(..read).unwrap_or_default()));
        }
        let token = |line: &str| {
            let (role, token) = line.split_once(' ')?;
            token.starts_with("ey").then(|| (role.to_owned(), token.to_owned()))
        };
        self.tokens = printed.lines().filter_map(token).collect();
        process = self.process.as_mut().expect("just started");
        process.stdout = Some(stdout);
    }

    /// The token that the node printed for a role.
    pub(crate) fn token(&self, role: &str) -> &str {
        let found = self.tokens.iter().find(|(name, _token)| name == role);
        found.map(|(_name, token)| token.as_str()).expect("a token for each role")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.data.join("token.key")
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().expect("it runs");
        let status = process.wait().expect("a child");
        assert_eq!(status.signal(), Some(9), "it did not end by itself");
    }

    /// SIGTERM, and the exit status.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("it runs");
        terminate(&process);
        process.wait().expect("a child")
    }

    /// One request on a connection of its own.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        ask(self.client, method, path, headers, body)
    }

    /// A request with the printed token of `role`.
    pub(crate) fn ask_as(
        &self,
        role: &str,
        method: &str,
        path: &str,
        key: &str,
        body: &str,
    ) -> io::Result<Answer> {
        self.say(self.token(role), (method, path), key, body)
    }

    /// A request by whoever has this token.
    fn say(&self, token: &str, (method, path): (&str, &str), key: &str, body: &str) -> io::Result<Answer> {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Authorization", bearer.as_str())];
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        if !key.is_empty() {
            headers.push(("Idempotency-Key", key));
        }
        self.ask(method, path, &headers, body)
    }

    /// A token for anyone, good for so many seconds from now. An organizer's speaks for the organizer of that name.
    #[expect(clippy::disallowed_methods, reason = "a token is good by the wall's clock")]
    pub(crate) fn token_for(&self, role: Role, name: &str, seconds: u64) -> String {
        let secret = std::fs::read_to_string(self.key()).expect("the node made its key");
        let secret = URL_SAFE_NO_PAD.decode(secret.trim()).expect("base64url");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let claims = Claims {
            sub: name.to_owned(),
            role,
            organizer: (role == Role::Organizer).then(|| name.to_owned()),
            iss: ISSUER_DEFAULT.to_owned(),
            aud: Audience::One(AUDIENCE_DEFAULT.to_owned()),
            exp: (now + seconds).into(),
            nbf: now.into(),
            iat: now.into(),
            jti: name.to_owned(),
        };
        let key = EncodingKey::from_secret(&secret);
        jsonwebtoken::encode(&Header::default(), &claims, &key).expect("it can be signed")
    }

    /// A request (`POST /v1/slots`, say) by whoever has this token.
    pub(crate) fn tell(&self, token: &str, what: &str, key: &str, body: &str) -> Answer {
        let asked = what.split_once(' ').expect("a method and a path");
        self.say(token, asked, key, body).expect("an answer")
    }

    /// A slot of `capacity` units, next year; its id.
    pub(crate) fn slot(&self, key: &str, capacity: u32) -> String {
        let body = format!(
            r#"{{"title":"{key}","starts_at":"2090-01-10T07:00:00Z","ends_at":"2090-01-10T08:00:00Z","inventory":{{"units":{{"capacity":{capacity}}}}},"policy":{{"waitlist":{{"capacity":1000000}}}}}}"#
        );
        let answer = self.ask_as("organizer", "POST", "/v1/slots", key, &body).expect("an answer");
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.text("id")
    }

    /// The digests of all groups.
    pub(crate) fn digests(&self) -> Vec<String> {
        let bearer = format!("Bearer {}", self.token("operator"));
        let answer = ask(self.admin, "GET", "/admin/v1/groups?digest=now", &[("Authorization", &bearer)], "");
        let groups = answer.expect("an answer").json();
        let items = groups["items"].as_array().expect("a list").iter();
        items.map(|group| group["digest"].as_str().expect("a digest").to_owned()).collect()
    }
}

impl Drop for DevNode {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().and_then(|()| process.wait()).expect("it runs");
        }
    }
}

/// The built binary, behind what a shell is told first.
pub(crate) fn process(before: &str, data: &Path, client: SocketAddr, admin: SocketAddr) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{before}; exec \"$0\" dev \"$@\""), env!("CARGO_BIN_EXE_boxoffice")])
        .args(["--data".as_ref(), data.as_os_str()])
        .args(["--client", &client.to_string(), "--admin", &admin.to_string()]);
    command
}

/// SIGTERM.
pub(crate) fn terminate(process: &Child) {
    let asked = Command::new("kill").arg(process.id().to_string()).status().expect("kill is there");
    assert!(asked.success(), "the signal was sent");
}

/// A GET without anything.
pub(crate) fn get(address: SocketAddr, path: &str) -> io::Result<Answer> {
    ask(address, "GET", path, &[], "")
}

/// How many requests the process behind this admin listener has answered since it started.
pub(crate) fn answered(admin: SocketAddr) -> u64 {
    let Ok(metrics) = get(admin, "/metrics") else { return 0 };
    let lines = metrics.body.lines().filter(|line| line.starts_with("boxoffice_http_requests_total"));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

/// One request on a connection of its own, and its answer.
pub(crate) fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    say(address, written(address, method, path, headers, body).as_bytes())
}

/// A request as it stands on the wire, with which its connection ends.
pub(crate) fn written(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    if !body.is_empty() {
        text.push_str(&["Content-Length: ", &body.len().to_string(), "\r\n"].concat());
    }
    text.push_str("\r\n");
    text.push_str(body);
    text
}

/// Bytes on a connection of their own, and what comes back.
pub(crate) fn say(address: SocketAddr, bytes: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(bytes)?;
    hear(stream)
}

/// The same by someone who says that nothing more will come.
pub(crate) fn say_all(address: SocketAddr, bytes: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(bytes)?;
    stream.shutdown(Shutdown::Write)?;
    hear(stream)
}

fn hear(stream: TcpStream) -> io::Result<Answer> {
    stream.set_read_timeout(Some(PATIENCE))?;
    heard(stream)
}

/// The one answer that comes until the connection is over.
pub(crate) fn heard(mut stream: impl io::Read) -> io::Result<Answer> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer broke off");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    let answer = Answer { status, head: head.to_owned(), body: body.to_owned() };
    let length = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| body.len() < length) {
        return Err(broken());
    }
    Ok(answer)
}

/// An address that nobody listens on: not one of those that outgoing connections get, since one of theirs may take it before the
/// node does.
pub(crate) fn free_address() -> SocketAddr {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    loop {
        // Other processes that test begin elsewhere.
        let place = std::process::id().wrapping_mul(64).wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(10_000 + place % 22_000).expect("below 32,768");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if std::net::TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

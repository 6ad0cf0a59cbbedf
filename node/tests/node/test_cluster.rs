//! Several real nodes that are one cluster.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use api::token::Role;
use serde_json::Value;

use crate::dev_node::{Answer, DevNode, PATIENCE, ask, get, terminate};
use crate::machine::Machine;

/// How many groups a cluster has.
const GROUPS: usize = 3;

/// Three nodes that trust one key.
pub(crate) struct TestCluster {
    /// Gives the key, and tokens that are good at all of them; it is not one of them.
    issuer: DevNode,
    pub(crate) nodes: Vec<Member>,
}

/// One node of a cluster: a configuration file, a data directory, and perhaps a process.
pub(crate) struct Member {
    machine: Machine,
    process: Option<Child>,
    /// The newest level of the build that it stands for; none where that is the built one's own.
    level: Option<u32>,
    /// More lines of how it listens.
    listens: String,
}

impl TestCluster {
    /// Three nodes on loopback.
    pub(crate) fn open(folder: &Path) -> Self {
        Self::found(folder, Self::machines(folder), None)
    }

    /// The same, of builds of this newest level.
    pub(crate) fn at_level(folder: &Path, level: u32) -> Self {
        Self::found(folder, Self::machines(folder), Some(level))
    }

    /// Three nodes on loopback, of which none was started.
    pub(crate) fn at_rest(folder: &Path) -> Self {
        Self::at_rest_on(folder, Self::machines(folder))
    }

    /// A node on each machine, of which none was started.
    pub(crate) fn at_rest_on(folder: &Path, machines: Vec<Machine>) -> Self {
        let issuer = DevNode::open(&folder.join("issuer"));
        Self { issuer, nodes: machines.into_iter().map(Member::new).collect() }
    }

    fn machines(folder: &Path) -> Vec<Machine> {
        (1..=3_u8).map(|number| Machine::here(folder.join(number.to_string()))).collect()
    }

    /// One node founds the cluster, the others join it, and all vote.
    pub(crate) fn on(folder: &Path, machines: Vec<Machine>) -> Self {
        Self::found(folder, machines, None)
    }

    fn found(folder: &Path, machines: Vec<Machine>, level: Option<u32>) -> Self {
        let mut cluster = Self::at_rest_on(folder, machines);
        cluster.nodes.iter_mut().for_each(|node| node.becomes(level));
        cluster.found_with(cluster.nodes.len());
        cluster
    }

    /// The first so many found the cluster, and all of them vote; the others stay at rest.
    pub(crate) fn found_with(&mut self, count: usize) {
        let (key, seed) = (self.key(), self.nodes[0].machine.peer);
        let (founding, _at_rest) = self.nodes.split_at_mut(count);
        for (place, node) in founding.iter_mut().enumerate() {
            node.configure(&key, (0 < place).then_some(seed));
            node.launch();
        }
        founding.iter_mut().for_each(Member::wait_until_ready);
        wait_until("all vote", || self.nodes.iter().take(count).all(|node| self.voters(node) == count));
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.issuer.key()
    }

    /// What to say as `role`.
    pub(crate) fn bearer(&self, role: &str) -> String {
        format!("Bearer {}", self.issuer.token(role))
    }

    /// The same, as the organizer of this name.
    fn bearer_of_organizer(&self, name: &str) -> String {
        format!("Bearer {}", self.issuer.token_for(Role::Organizer, name, 600))
    }

    /// Everything that a slot's feed has, as a node shows it to its organizer.
    pub(crate) fn feed(&self, node: &Member, slot: &str, organizer: &str) -> Vec<Value> {
        let bearer = self.bearer_of_organizer(organizer);
        let mut records = Vec::<Value>::new();
        loop {
            let after = records.last().map_or_else(|| Value::from(0), |record| record["seq"].clone());
            let path = format!("/v1/slots/{slot}/feed?after={after}&limit=200");
            let page =
                ask(node.client(), "GET", &path, &[("Authorization", &bearer)], "").expect("an answer");
            assert_eq!(page.status, 200, "{page:?}");
            match page.json()["items"].as_array().expect("items").as_slice() {
                [] => return records,
                more => records.extend_from_slice(more),
            }
        }
    }

    /// A request (`POST /v1/slots`, say) to one node with a token of `role`.
    pub(crate) fn ask_as(&self, node: &Member, role: &str, what: &str, key: &str, body: &str) -> Answer {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let bearer = self.bearer(role);
        let mut headers = vec![("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        let listener = if path.starts_with("/admin") { node.machine.admin } else { node.client() };
        ask(listener, method, path, &headers, body).expect("an answer")
    }

    pub(crate) fn admin(&self, node: &Member, path: &str) -> Value {
        let bearer = self.bearer("operator");
        let answer = ask(node.machine.admin, "GET", path, &[("Authorization", &bearer)], "");
        // One that is starting says so in plain text.
        answer.map_or(Value::Null, |answer| serde_json::from_str(&answer.body).unwrap_or_default())
    }

    pub(crate) fn groups(&self, node: &Member, path: &str) -> Vec<Value> {
        self.admin(node, path)["items"].as_array().cloned().unwrap_or_default()
    }

    /// A node joins the first, and is ready.
    pub(crate) fn join(&mut self, place: usize) {
        let (key, seed) = (self.key(), self.nodes[0].machine.peer);
        let node = &mut self.nodes[place];
        node.configure(&key, Some(seed));
        node.start();
    }

    /// How many vote, as a node sees it.
    pub(crate) fn voters(&self, node: &Member) -> usize {
        let members = self.admin(node, "/admin/v1/status")["members"].as_array().cloned().unwrap_or_default();
        members.iter().filter(|member| member["votes"] == true).count()
    }

    /// The level of the rules that is in force, as a node sees it.
    pub(crate) fn level(&self, node: &Member) -> u64 {
        self.admin(node, "/admin/v1/status")["level"].as_u64().unwrap_or(0)
    }

    /// What a node says is wrong.
    pub(crate) fn problems(&self, node: &Member) -> String {
        self.admin(node, "/admin/v1/status")["problems"].to_string()
    }

    /// The number of a node.
    pub(crate) fn number(&self, node: &Member) -> u64 {
        self.admin(node, "/admin/v1/status")["node"].as_u64().expect("a number")
    }

    /// How many groups a node leads.
    pub(crate) fn leading(&self, node: &Member) -> u64 {
        self.admin(node, "/admin/v1/status")["leading"].as_u64().unwrap_or(0)
    }

    /// The place of the node that leads most groups, of those that run.
    pub(crate) fn leader(&self) -> usize {
        let running = self.nodes.iter().enumerate().filter(|(_place, node)| node.process.is_some());
        running.max_by_key(|(_place, node)| self.leading(node)).map(|(place, _node)| place).expect("one runs")
    }

    /// Waits until every node has applied the same and holds the same.
    pub(crate) fn assert_all_agree(&self) {
        let running = || self.nodes.iter().filter(|node| node.process.is_some());
        // However many nodes there are, three have a group.
        let replicas = running().count().min(3);
        wait_until("equal digests at equal indexes", || {
            let mut replicas_of = BTreeMap::<u64, Vec<(Value, Value)>>::new();
            for group in running().flat_map(|node| self.groups(node, "/admin/v1/groups?digest=now")) {
                let digest = (group["digest_index"].clone(), group["digest"].clone());
                replicas_of.entry(group["group"].as_u64().expect("a number")).or_default().push(digest);
            }
            let agree = |digests: &Vec<(Value, Value)>| {
                replicas <= digests.len() && digests.iter().all(|digest| *digest == digests[0])
            };
            replicas_of.len() == GROUPS && replicas_of.values().all(agree)
        });
    }
}

/// Waits until all of them are ready; what one said that ended instead.
pub(crate) fn come_up(nodes: &mut [Member]) -> Result<(), String> {
    let mut ended = None;
    wait_until("all are ready, or one has ended", || {
        ended = nodes.iter_mut().position(Member::has_ended);
        ended.is_some() || nodes.iter().all(Member::is_ready)
    });
    match ended {
        None => Ok(()),
        Some(place) => {
            let (code, said) = nodes[place].ended();
            Err(format!("node {place} ended with {code:?}: {said}"))
        }
    }
}

/// Waits for as long as the slowest machine may need.
#[expect(clippy::disallowed_methods, reason = "a test's patience is measured by the wall")]
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        std::thread::yield_now();
    }
}

impl Member {
    pub(crate) fn new(machine: Machine) -> Self {
        // Elsewhere than on loopback it takes a word to speak in clear.
        let listens = if machine.peer.ip().is_loopback() { "" } else { "peer_speaks = 'plain'\n" };
        Self { listens: listens.to_owned(), machine, process: None, level: None }
    }

    /// Where customers reach it.
    pub(crate) fn client(&self) -> SocketAddr {
        self.machine.client
    }

    /// Where operators reach it.
    pub(crate) fn admin(&self) -> SocketAddr {
        self.machine.admin
    }

    /// Where it stands.
    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// From its next configuration on, it listens like this too.
    pub(crate) fn listens(&mut self, lines: &str) {
        lines.clone_into(&mut self.listens);
    }

    /// It founds a cluster, or joins the one of which `seed` is known.
    pub(crate) fn configure(&self, key: &Path, seed: Option<SocketAddr>) {
        self.configure_at(key, seed, None);
    }

    /// The same, and its peers are told another address than that at which it listens.
    pub(crate) fn configure_at(&self, key: &Path, seed: Option<SocketAddr>, advertised: Option<&str>) {
        let cluster = seed.map_or_else(|| "bootstrap = true".to_owned(), |seed| format!("join = ['{seed}']"));
        let listen =
            advertised.map_or_else(String::new, |address| format!("peer_advertised = '{address}'\n"));
        self.write(key, &listen, &cluster);
    }

    /// The same, with these lines of how it becomes part of a cluster.
    pub(crate) fn configure_with(&self, key: &Path, cluster: &str) {
        self.write(key, "", cluster);
    }

    fn write(&self, key: &Path, listen: &str, cluster: &str) {
        let Machine { folder, data, client, admin, peer, .. } = &self.machine;
        let (data, key, listens) = (data.display(), key.display(), &self.listens);
        let text = format!(
            "[node]\ndata = '{data}'\n[listen]\nclient = '{client}'\nadmin = '{admin}'\npeer = '{peer}'\n\
             {listens}{listen}[cluster]\ngroups = {GROUPS}\n{cluster}\n[[auth.keys]]\nid = 'main'\nalgorithm = 'HS256'\n\
             secret_file = '{key}'\n[rate_limit]\nenabled = false\n"
        );
        std::fs::write(folder.join("boxoffice.toml"), text).expect("a file");
    }

    /// From its next start on it stands for a build of this newest level.
    pub(crate) fn becomes(&mut self, level: Option<u32>) {
        self.level = level;
    }

    /// Where it says what it does, since it was launched last.
    fn log(&self) -> PathBuf {
        self.machine.folder.join("log")
    }

    /// Every slot, as this node lists it.
    pub(crate) fn slots(&self) -> Vec<Value> {
        let mut slots = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("/v1/slots?limit=200{next}");
            let page = ask(self.client(), "GET", &path, &[], "").expect("an answer");
            assert_eq!(page.status, 200, "{page:?}");
            slots.extend_from_slice(page.json()["items"].as_array().expect("items"));
            match page.json()["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return slots,
            }
        }
    }

    /// Starts the process, and waits for nothing.
    pub(crate) fn launch(&mut self) {
        let mut words = self.machine.prefix.iter().map(OsString::from).chain([
            env!("CARGO_BIN_EXE_boxoffice").into(),
            "serve".into(),
            "--config".into(),
            self.machine.folder.join("boxoffice.toml").into(),
        ]);
        let level = self.level.map(|level| format!("--level={level}").into());
        let mut command = Command::new(words.next().expect("there are some"));
        // A pipe that nobody reads fills up, and then the node waits.
        let log = File::create(self.log()).expect("a file");
        let process = command.args(words.chain(level)).stdout(Stdio::null()).stderr(log).spawn();
        self.process = Some(process.expect("the built binary"));
    }

    /// Starts the process and waits until it is ready.
    pub(crate) fn start(&mut self) {
        self.launch();
        self.wait_until_ready();
    }

    pub(crate) fn wait_until_ready(&mut self) {
        wait_until("a node is ready, or has ended", || self.is_ready() || self.has_ended());
        if self.has_ended() {
            let (code, said) = self.ended();
            panic!("the node ended with {code:?}: {said}");
        }
    }

    fn is_ready(&self) -> bool {
        get(self.machine.admin, "/readyz").is_ok_and(|answer| answer.status == 200)
    }

    /// Whether it was started, and not stopped since.
    pub(crate) fn runs(&self) -> bool {
        self.process.is_some()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.as_mut().expect("it runs").try_wait().expect("a child").is_some()
    }

    /// Its process's number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().and_then(|()| process.wait()).expect("it runs");
    }

    /// SIGTERM, until it has ended.
    pub(crate) fn stop(&mut self) {
        let mut process = self.process.take().expect("it runs");
        terminate(&process);
        assert!(process.wait().expect("a child").success(), "it drains");
    }

    /// SIGSTOP or SIGCONT: a process that is not scheduled keeps its connections.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.as_ref().expect("it runs");
        let sent = Command::new("kill").args(["-s", name, &process.id().to_string()]).status();
        assert!(sent.expect("kill is there").success(), "the signal was sent");
    }

    /// What it has said since it was launched last.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log()).expect("it was launched")
    }

    /// The exit status of a node that ends by itself, and what it said.
    pub(crate) fn ended(&mut self) -> (Option<i32>, String) {
        let code = self.process.take().expect("it runs").wait().expect("a child").code();
        (code, self.said())
    }

    /// The exit status of a node that ends by itself without having been ready, and what it said.
    pub(crate) fn ended_unready(&mut self) -> (Option<i32>, String) {
        wait_until("it has ended", || {
            assert!(!self.is_ready(), "it must not be");
            self.has_ended()
        });
        self.ended()
    }

    /// Its disk is replaced by an empty one.
    pub(crate) fn wipe(&self) {
        std::fs::remove_dir_all(&self.machine.data).expect("a folder");
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().and_then(|()| process.wait()).expect("it runs");
        }
    }
}

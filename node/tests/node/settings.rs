//! Every setting does what it says, or stops the start: one row for each that there is.

use std::net::TcpStream;

use serde_json::{Value, json};

use crate::configured::{Certified, ConfiguredNode, is_private, own_token, request, say};
use crate::dev_node::{Answer, ask, get};
use crate::keys::{Provider, set};
use crate::stream::Listener;
use crate::test_cluster::wait_until;

/// A node in which nothing is as it is by default.
struct Walk {
    node: ConfiguredNode,
    certified: Certified,
    provider: Provider,
}

impl Walk {
    fn begin() -> Self {
        let (certified, provider) = (Certified::until(2_090), Provider::new("2026-1"));
        let mut node = ConfiguredNode::new();
        node.write("node.pem", &certified.certificate);
        node.write("node.key", &certified.key);
        node.write("idp.json", &set(&[&provider]));
        node.configure(
            "",
            "[[auth.keys]]\nid = 'idp'\nalgorithm = 'ES256'\njwks_file = 'idp.json'\n\
             [auth]\nissuer = 'the issuer'\naudience = 'the audience'\n\
             [listen.tls]\ncertificate_file = 'node.pem'\nkey_file = 'node.key'\n\
             [cluster]\ngroups = 3\nreplicas = 5\n\
             [rate_limit]\nrequests_per_second = 500\nburst = 5000\n",
        );
        node.open();
        Self { node, certified, provider }
    }

    /// What the node answers to this token.
    fn ask(&self, token: &str) -> Answer {
        let stream = self.certified.dial(self.node.client).expect("it shakes hands");
        say(stream, &request(self.node.client, token, "GET", "/v1/slots", "")).expect("an answer")
    }

    /// A node does not start where this one of the files of `[listen.peer_tls]` is none.
    fn refuses_peer_files(&self, wrong: &str) {
        let files = [("ca_file", "node.pem"), ("certificate_file", "node.pem"), ("key_file", "node.key")];
        let line = |(setting, name): (&str, &str)| {
            let name = if setting == wrong { "token.key" } else { name };
            format!("{setting} = '{}'\n", self.node.path(name).display())
        };
        stops("", &format!("[listen.peer_tls]\n{}", files.map(line).concat()), wrong);
    }

    fn takes(&self, token: &str) -> bool {
        self.ask(token).status == 200
    }
}

/// A token of its own key, under this name.
fn own(kid: &str, more: &Value) -> String {
    own_token(Some(kid), &ours(more))
}

/// What a token of this node says.
fn ours(more: &Value) -> Value {
    let mut claims = json!({"iss": "the issuer", "aud": "the audience"});
    for (name, value) in more.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims
}

/// A node does not start with this, and says why.
fn stops(listen: &str, more: &str, says: &str) {
    let mut node = ConfiguredNode::new();
    node.configure(listen, more);
    let (code, said) = node.refused();
    assert_eq!(code, Some(2), "{listen}{more}: {said}");
    assert!(said.contains(says), "{listen}{more}: {said}");
}

/// A node that limits those who ask as it is told to.
fn limited(listen: &str, rate: &str) -> ConfiguredNode {
    let mut node = ConfiguredNode::new();
    node.configure(listen, &format!("[cluster]\ngroups = 2\n[rate_limit]\n{rate}\n"));
    node.open();
    node
}

/// What is answered to somebody behind a proxy, who shows no token.
fn look(node: &ConfiguredNode, from: &str) -> u16 {
    ask(node.client, "GET", "/v1/slots", &[("X-Forwarded-For", from)], "").expect("an answer").status
}

/// Whether somebody asks too often before long.
fn is_limited(node: &ConfiguredNode, from: &str) -> bool {
    (0..50).any(|_| look(node, from) == 429)
}

/// Whoever names a node of a cluster by this setting becomes one of its nodes, and founds none.
fn takes_part_by(setting: &str) {
    let (mut founder, mut newcomer) = (ConfiguredNode::new(), ConfiguredNode::new());
    founder.configure("", "[cluster]\ngroups = 3\n");
    founder.open();
    newcomer.configure("", &format!("[cluster]\ngroups = 3\n{setting} = ['{}']\n", founder.peer));
    newcomer.open();
    let operator = own_token(None, &json!({"role": "operator"}));
    let number = |node: &ConfiguredNode| node.get_as(&operator, "/admin/v1/status").json()["node"].as_u64();
    assert_eq!(number(&founder), Some(1), "who founds a cluster is its first node");
    assert!(number(&newcomer) > Some(1), "{setting}");
}

/// What shows that a setting is obeyed.
type Check = fn(&Walk);

const ROWS: &[(&str, Check)] = &[
    ("node.data", |walk| assert!(is_private(&walk.node.path("data")))),
    ("node.zone", |walk| {
        let operator = own("main", &json!({"role": "operator"}));
        let placement = walk.node.get_as(&operator, "/admin/v1/placement").json();
        assert_eq!(placement["nodes"][0]["zone"], "hall-2", "{placement}");
    }),
    ("listen.admin", |walk| assert_eq!(get(walk.node.admin, "/livez").expect("an answer").status, 200)),
    ("listen.client", |walk| assert!(walk.takes(&own("main", &json!({}))))),
    ("listen.cors_origins", |_walk| {
        let node = limited("cors_origins = ['https://tickets.example.org']", "enabled = false");
        for (origin, want) in [("https://tickets.example.org", true), ("https://example.org", false)] {
            let headers = [("Origin", origin), ("Access-Control-Request-Method", "GET")];
            let answer = ask(node.client, "OPTIONS", "/v1/slots", &headers, "").expect("an answer");
            assert_eq!(answer.header("access-control-allow-origin") == Some(origin), want, "{answer:?}");
        }
    }),
    ("listen.peer", |walk| drop(TcpStream::connect(walk.node.peer).expect("it listens"))),
    ("listen.peer_advertised", |_walk| stops("peer_advertised = 'node-1'", "", "listen.peer_advertised")),
    ("listen.peer_speaks", |_walk| stops("peer_speaks = 'tls'", "", "listen.peer_speaks")),
    ("listen.peer_tls.ca_file", |walk| walk.refuses_peer_files("ca_file")),
    ("listen.peer_tls.certificate_file", |walk| walk.refuses_peer_files("certificate_file")),
    ("listen.peer_tls.key_file", |walk| walk.refuses_peer_files("key_file")),
    ("listen.tls.certificate_file", |walk| {
        walk.certified.dial(walk.node.client).expect("it shows this one");
        Certified::until(2_090).dial(walk.node.client).expect_err("and no other");
    }),
    ("listen.tls.key_file", |walk| {
        let files = ["node.pem", "token.key"].map(|name| walk.node.path(name).display().to_string());
        let tls = format!("[listen.tls]\ncertificate_file = '{}'\nkey_file = '{}'\n", files[0], files[1]);
        stops("", &tls, "key_file has no private key");
    }),
    ("listen.trusted_proxies", |_walk| {
        let node = limited("trusted_proxies = ['127.0.0.1']", "requests_per_second = 1\nburst = 1");
        assert!(is_limited(&node, "203.0.113.1"));
        assert_eq!(look(&node, "203.0.113.2"), 200, "another's address is another");
    }),
    ("cluster.bootstrap", |_walk| stops("", "[cluster]\nbootstrap = false\n", "cluster.bootstrap")),
    ("cluster.groups", |walk| {
        let operator = own("main", &json!({"role": "operator"}));
        let groups = walk.node.get_as(&operator, "/admin/v1/groups").json();
        assert_eq!(groups["items"].as_array().map(Vec::len), Some(3));
    }),
    ("cluster.join", |_walk| takes_part_by("join")),
    ("cluster.peers", |_walk| takes_part_by("peers")),
    ("cluster.replicas", |walk| {
        let operator = own("main", &json!({"role": "operator"}));
        let placement = walk.node.get_as(&operator, "/admin/v1/placement").json();
        assert_eq!(placement["replicas"], 5, "{placement}");
    }),
    ("auth.audience", |walk| assert!(!walk.takes(&own("main", &json!({"aud": "boxoffice"}))))),
    ("auth.issuer", |walk| assert!(!walk.takes(&own("main", &json!({"iss": "boxoffice"}))))),
    ("auth.keys.0.algorithm", |_walk| {
        let key = "[[auth.keys]]\nid = 'x'\nalgorithm = 'HS512'\nsecret_file = 'token.key'\n";
        stops("", key, "known are HS256, EdDSA, ES256, RS256");
    }),
    ("auth.keys.0.id", |walk| assert!(!walk.takes(&own("another", &json!({}))))),
    ("auth.keys.0.jwks_file", |walk| {
        assert!(walk.takes(&walk.provider.token(&ours(&json!({})))));
        assert!(!walk.takes(&Provider::new("2026-1").token(&ours(&json!({})))));
    }),
    ("auth.keys.0.secret_file", |walk| {
        walk.node.write("other.key", "x");
        stops("", "[[auth.keys]]\nid = 'x'\nalgorithm = 'HS256'\nsecret_file = 'other.key'\n", "other.key");
    }),
    ("rate_limit.burst", |walk| {
        let answer = walk.ask(&own("main", &json!({})));
        assert_eq!(answer.header("x-ratelimit-limit"), Some("5000"));
    }),
    ("rate_limit.enabled", |_walk| {
        for enabled in [true, false] {
            let node = limited("", &format!("enabled = {enabled}\nrequests_per_second = 1\nburst = 1"));
            assert_eq!(is_limited(&node, "203.0.113.1"), enabled);
        }
    }),
    ("rate_limit.requests_per_second", |walk| {
        let answer = walk.ask(&own("main", &json!({})));
        assert_eq!(answer.header("ratelimit-policy"), Some("\"requests\";q=5000;w=10"));
    }),
    ("limits.streams", |_walk| {
        let mut node = ConfiguredNode::new();
        node.configure("", "[cluster]\ngroups = 2\n[limits]\nstreams = 1\n");
        node.open();
        let organizer = own_token(None, &json!({"role": "organizer", "organizer": "studio"}));
        let slot = r#"{"title": "yoga", "starts_at": "2090-01-10T07:00:00Z", "ends_at": "2090-01-10T08:00:00Z",
            "inventory": {"units": {"capacity": 3}}}"#;
        let slot = node.ask(&organizer, "POST", "/v1/slots", slot).text("id");
        let live = format!("/v1/slots/{slot}/live");
        let _first = Listener::at(node.client, &live, "");
        assert_eq!(get(node.client, &live).expect("an answer").status, 503);
    }),
];

#[test]
fn what_operators_do_stands_in_a_log_of_its_own() {
    let mut node = ConfiguredNode::new();
    node.configure("", "[cluster]\ngroups = 2\n");
    node.open();
    let operator = own_token(None, &json!({"role": "operator", "sub": "ada"}));
    let customer = own_token(None, &json!({"sub": "eve"}));
    for (token, method, path, status) in [
        (&operator, "GET", "/admin/v1/status", 200),
        (&operator, "POST", "/admin/v1/groups/1/checkpoint", 200),
        (&customer, "POST", "/admin/v1/groups/0/checkpoint", 403),
        (&operator, "GET", "/admin/v1/groups/9/backup", 404),
    ] {
        assert_eq!(node.ask(token, method, path, "").status, status, "{path}");
    }
    node.close();
    let log = node.log();
    let acts = log.lines().filter(|line| line.contains("\"target\":\"operator\"")).map(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        ["who", "what", "status"].map(|field| line[field].to_string().replace('"', "")).join(", ")
    });
    assert_eq!(
        acts.collect::<Vec<_>>(),
        [
            "ada, POST /admin/v1/groups/1/checkpoint, 200",
            "eve, POST /admin/v1/groups/0/checkpoint, 403",
            "ada, GET /admin/v1/groups/9/backup, 404",
        ]
    );
}

#[test]
fn some_settings_are_others_at_once_when_the_node_is_told_to_read_them_again() {
    let origin = |at: u32| format!("https://{at}.example.org");
    let configured =
        |at: u32| format!("cors_origins = ['{}']\ntrusted_proxies = ['127.0.0.{at}']", origin(at));
    let rate =
        |at: u32| format!("[cluster]\ngroups = 2\n[rate_limit]\nrequests_per_second = {at}\nburst = {at}\n");
    let mut node = ConfiguredNode::new();
    node.configure(&configured(2), &rate(100_000));
    node.open();
    let looked =
        |at: u32| ask(node.client, "GET", "/v1/slots", &[("Origin", &origin(at))], "").expect("an answer");
    let is_in_force = |at: u32| {
        let answer = looked(at);
        let allowed = answer.header("access-control-allow-origin") == Some(&origin(at));
        allowed && answer.header("x-ratelimit-limit") == Some(&*(100_000 * (at - 1)).to_string())
    };
    assert!(is_in_force(2) && !is_in_force(3));

    // What cannot be used changes nothing, and neither does what is as it was.
    for (listen, more, says) in [
        ("cors_origins = ['example.org']", rate(9), "cannot be used"),
        (&*configured(2), rate(100_000), "\"changed\":\"[]\""),
    ] {
        node.configure(listen, &more);
        node.hang_up();
        wait_until(says, || node.log().contains(says));
        assert!(is_in_force(2), "{listen}");
    }

    node.configure(&configured(3), &rate(200_000).replace("groups = 2", "groups = 3"));
    node.hang_up();
    wait_until("the next is in force", || is_in_force(3));
    assert!(!is_in_force(2), "and what was is not any more");
    for (says, setting) in
        [("takes a restart", "cluster.groups"), ("was read again", "listen.trusted_proxies")]
    {
        wait_until("it is told what has changed", || {
            node.log().lines().any(|line| line.contains(says) && line.contains(setting))
        });
    }
    node.close();
}

#[test]
fn every_setting_does_something_or_stops_the_start() {
    let names: Vec<&str> = ROWS.iter().map(|(setting, _check)| *setting).collect();
    assert_eq!(names, config::Config::settings(), "a row for every setting, in the order of the manual");
    let walk = Walk::begin();
    for (_setting, check) in ROWS {
        check(&walk);
    }
}

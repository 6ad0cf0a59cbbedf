//! Loading, from the outside: what wins, where it came from, and the exact reason of every refusal.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use config::{Config, Loaded, Overrides};

/// The least that a node can be started with.
const KEY: &str = "[[auth.keys]]\nid = 'main'\nalgorithm = 'HS256'\nsecret_file = 'token.key'\n";

/// Loads `toml` as a file of its own, under `variables`. Refusals name the file as `FILE`.
fn load(toml: &str, variables: &[(&str, &str)], overrides: &Overrides) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("boxoffice.toml");
    fs::write(&file, toml).expect("the folder takes a file");
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::load_with(Some(&file), variables, overrides)
        .map_err(|error| error.to_string().replace(&file.display().to_string(), "FILE"))
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn what_has_changed_is_named_and_whether_it_is_in_force_at_once() {
    let load = |more: &str| load(&format!("{more}{KEY}"), &[], &Overrides::default()).expect("it is good");
    let first = load("[rate_limit]\nburst = 7\n");
    for (more, changed, at_once) in [
        ("[rate_limit]\nburst = 7\n", &[][..], true),
        ("[rate_limit]\nburst = 8\n", &["rate_limit.burst"], true),
        ("", &["rate_limit.burst"], true),
        (
            "[rate_limit]\nburst = 7\n[listen]\ncors_origins = ['*']\ntrusted_proxies = ['::1']\n",
            &["listen.cors_origins", "listen.trusted_proxies"],
            true,
        ),
        (
            "[rate_limit]\nburst = 7\n[[auth.keys]]\nid = 'next'\nalgorithm = 'HS256'\nsecret_file = 'next'\n",
            &[
                "auth.keys.0.id",
                "auth.keys.0.secret_file",
                "auth.keys.1.algorithm",
                "auth.keys.1.id",
                "auth.keys.1.secret_file",
            ],
            true,
        ),
        ("[rate_limit]\nburst = 7\n[node]\nzone = 'a'\n", &["node.zone"], false),
        (
            "[rate_limit]\nburst = 7\n[listen.tls]\ncertificate_file = 'c'\nkey_file = 'k'\n",
            &["listen.tls.certificate_file", "listen.tls.key_file"],
            false,
        ),
    ] {
        let next = load(more);
        assert_eq!(first.changed(&next), changed, "{more}");
        assert_eq!(next.changed(&first).len(), changed.len(), "and back: {more}");
        assert!(changed.iter().all(|setting| Config::changes_at_once(setting) == at_once), "{more}");
    }
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let toml = format!(
        "node.data = 'file'\nlisten.client = '127.0.0.1:1'\nlisten.admin = '127.0.0.1:2'\n[cluster]\ngroups = 8\n{KEY}"
    );
    let variables = [
        ("BOXOFFICE_LISTEN__CLIENT", "127.0.0.1:3"),
        ("BOXOFFICE_LISTEN__ADMIN", "127.0.0.1:4"),
        ("BOXOFFICE_LISTEN__TRUSTED_PROXIES", "[\"192.0.2.1\", \"::1\"]"),
        ("BOXOFFICE_LOG", "debug"),
        ("BOXOFFICE_SERVICE_HOST", "10.0.0.1"),
        ("HOME", "/"),
    ];
    let overrides = Overrides { admin: Some(address("127.0.0.1:5")), ..Overrides::default() };
    let loaded = load(&toml, &variables, &overrides).expect("it is a good configuration");

    let shown: Vec<String> = loaded
        .explain()
        .into_iter()
        .map(|setting| {
            let source =
                Path::new(&setting.source).file_name().and_then(|name| name.to_str()).unwrap_or_default();
            format!("{} = {} ({source})", setting.key, setting.value)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "node.data = \"file\" (boxoffice.toml)",
            "node.zone = \"\" (default)",
            "listen.admin = \"127.0.0.1:5\" (flag)",
            "listen.client = \"127.0.0.1:3\" (BOXOFFICE_LISTEN__CLIENT)",
            "listen.cors_origins = [] (default)",
            "listen.peer = \"127.0.0.1:7000\" (default)",
            "listen.trusted_proxies = [\"192.0.2.1\", \"::1\"] (BOXOFFICE_LISTEN__TRUSTED_PROXIES)",
            "cluster.bootstrap = true (default)",
            "cluster.groups = 8 (boxoffice.toml)",
            "cluster.join = [] (default)",
            "cluster.peers = [] (default)",
            "cluster.replicas = 3 (default)",
            "auth.audience = \"boxoffice\" (default)",
            "auth.issuer = \"boxoffice\" (default)",
            "auth.keys.0.algorithm = \"HS256\" (boxoffice.toml)",
            "auth.keys.0.id = \"main\" (boxoffice.toml)",
            "auth.keys.0.secret_file = \"token.key\" (boxoffice.toml)",
            "rate_limit.burst = 100 (default)",
            "rate_limit.enabled = true (default)",
            "rate_limit.requests_per_second = 50 (default)",
            "limits.streams = 4096 (default)",
        ]
    );
    assert_eq!(loaded.config.node.data, PathBuf::from("file"));
    assert_eq!(loaded.config.listen.client, address("127.0.0.1:3"));
    assert_eq!(loaded.config.listen.admin, address("127.0.0.1:5"));
    assert_eq!(loaded.config.listen.trusted_proxies.len(), 2);
}

#[test]
fn a_bad_file_is_refused_with_the_key_and_the_place() {
    for (toml, want) in [
        ("[node]\ndta = 'x'", "node.dta: unknown key; known are data, zone, in FILE"),
        (
            "[nodes]\ndata = 'x'",
            "nodes: unknown key; known are node, listen, cluster, auth, rate_limit, limits, in FILE",
        ),
        ("[listen]\nclient = 'here'", "listen.client: invalid socket address syntax, in FILE"),
        (
            "[cluster]\ngroups = 'many'",
            "cluster.groups: invalid type: found string \"many\", expected u32, in FILE",
        ),
        (
            "[rate_limit]\nburst = 0",
            "rate_limit.burst: invalid value signed int `0`, expected a nonzero u32, in FILE",
        ),
        ("", "auth.keys: there is no key to check tokens with; add [[auth.keys]]"),
        ("[node]\ndata = ''", "node.data: must not be empty"),
        ("[node]\nzone = \"hall\\n2\"", "node.zone: must be a name of up to 64 bytes, such as \"hall-2\""),
        ("[listen]\nadmin = '127.0.0.1:8080'", "listen.admin: 127.0.0.1:8080 is taken by listen.client"),
        (
            "[listen]\ncors_origins = ['https://a.example/']",
            "listen.cors_origins: \"https://a.example/\" is not an origin such as \"https://example.org\", nor \"*\"",
        ),
        ("[cluster]\ngroups = 0", "cluster.groups: must be 1 to 1024, not 0"),
        ("[cluster]\ngroups = 1025", "cluster.groups: must be 1 to 1024, not 1025"),
        ("[cluster]\nreplicas = 4", "cluster.replicas: must be 3 or 5, not 4"),
        (
            "[cluster]\njoin = ['10.0.0.1:7000', '10.0.0.2']",
            "cluster.join: \"10.0.0.2\" is not a host and a port, such as \"10.0.0.1:7000\"",
        ),
        (
            "[cluster]\nbootstrap = false",
            "cluster.bootstrap: must be true, or cluster.join must name nodes of the cluster that this node is to join",
        ),
        (
            "[listen]\npeer = '0.0.0.0:7000'",
            "listen.peer: 0.0.0.0:7000 is every address of this machine; other nodes must be told one of them: set listen.peer_advertised",
        ),
        (
            "[listen]\npeer = '10.0.0.1:7000'",
            "listen.peer: 10.0.0.1:7000 is not on loopback, and nodes would speak in clear: give each node [listen.peer_tls] (boxctl certs \
             makes the files), or say listen.peer_speaks = \"plain\", where nobody else reaches their network",
        ),
        (
            "[listen]\npeer_speaks = 'both'",
            "listen.peer_speaks: takes [listen.peer_tls], which says where this node's certificate is: boxctl certs makes one",
        ),
        (
            "[listen]\npeer_speaks = 'cleartext'",
            "listen.peer_speaks: unknown value \"cleartext\"; known are tls, both, plain, in FILE",
        ),
        (
            "[listen.peer_tls]\nca_file = 'a.pem'",
            "listen.peer_tls: missing field `certificate_file`, in FILE",
        ),
        (
            "[webhooks]\nurl = 'x'",
            "webhooks: unknown key; known are node, listen, cluster, auth, rate_limit, limits, in FILE",
        ),
        ("[listen.tls]\ncertificate_file = 'a.pem'", "listen.tls: missing field `key_file`, in FILE"),
        (
            "[listen.tls]\nca_file = 'a.pem'",
            "listen.tls.ca_file: unknown key; known are certificate_file, key_file, in FILE",
        ),
    ] {
        let got = load(toml, &[], &Overrides::default()).map(|loaded| loaded.config);
        assert_eq!(got, Err(want.to_owned()), "{toml}");
    }
}

#[test]
fn a_key_that_is_not_whole_is_refused() {
    let key = |rest: &str| format!("[[auth.keys]]\nid = 'main'\n{rest}");
    for (toml, want) in [
        (
            &key("algorithm = 'HS256'"),
            "auth.keys: key \"main\" is HS256: it needs secret_file and takes no jwks_file",
        ),
        (
            &key("algorithm = 'ES256'\njwks_file = 'keys.json'\nsecret_file = 'x'"),
            "auth.keys: key \"main\" has a public-key algorithm: it needs jwks_file and takes no secret_file",
        ),
        (
            &key("algorithm = 'RS256'"),
            "auth.keys: key \"main\" has a public-key algorithm: it needs jwks_file and takes no secret_file",
        ),
        (
            &key("algorithm = 'EdDSA'\nsecret_file = 'x'"),
            "auth.keys: key \"main\" has a public-key algorithm: it needs jwks_file and takes no secret_file",
        ),
        (
            &key("algorithm = 'none'"),
            "auth.keys.0.algorithm: unknown value \"none\"; known are HS256, EdDSA, ES256, RS256, in FILE",
        ),
        (
            &key("algorithm = 'HS256'\nsecret = 'x'"),
            "auth.keys.0.secret: unknown key; known are id, algorithm, secret_file, jwks_file, in FILE",
        ),
        (&format!("{KEY}{KEY}"), "auth.keys: two keys have the id \"main\""),
        (&format!("{KEY}[auth]\nissuer = ''"), "auth.issuer: must not be empty"),
    ] {
        let got = load(toml, &[], &Overrides::default()).map(|loaded| loaded.config);
        assert_eq!(got, Err(want.to_owned()), "{toml}");
    }
}

#[test]
fn what_a_node_would_not_obey_is_refused() {
    for (toml, want) in [
        (
            "[listen]\ncors_origins = ['*', 'https://a.example']",
            "listen.cors_origins: \"*\" is every origin already; name it alone, or the others without it",
        ),
        (
            "[listen]\ntrusted_proxies = ['10.0.0.0/8', 'proxy']",
            "listen.trusted_proxies.1: \"proxy\" is not an address or a net, such as \"10.0.0.7\" or \"10.0.0.0/8\", in FILE",
        ),
        (
            "[listen]\ntrusted_proxies = ['10.0.0.7/8']",
            "listen.trusted_proxies.0: \"10.0.0.7/8\" names an address inside of its net; the net is \"10.0.0.0/8\", the address \"10.0.0.7\", in FILE",
        ),
        (
            &format!("{KEY}[rate_limit]\nburst = 1000001"),
            "rate_limit.burst: must be 1 to 1000000, not 1000001",
        ),
        (&format!("{KEY}[limits]\nstreams = 16385"), "limits.streams: must be 1 to 16384, not 16385"),
    ] {
        assert_eq!(load(toml, &[], &Overrides::default()).expect_err(toml), want);
    }
}

#[test]
fn peers_are_asked_by_the_node_that_founds_and_can_be_reached() {
    for (cluster, want) in [
        ("peers = ['10.0.0.2:7000', 'three.example:7000']", None),
        (
            "peers = ['10.0.0.2']",
            Some("cluster.peers: \"10.0.0.2\" is not a host and a port, such as \"10.0.0.1:7000\""),
        ),
        (
            "join = ['10.0.0.1:7000']\npeers = ['10.0.0.2:7000']",
            Some(
                "cluster.peers: are asked by a node that founds a cluster, and this one joins one: name them in cluster.join",
            ),
        ),
    ] {
        let got = load(&format!("{KEY}[cluster]\n{cluster}"), &[], &Overrides::default());
        assert_eq!(got.err().as_deref(), want, "{cluster}");
    }
}

#[test]
fn what_is_not_toml_is_refused_with_its_line() {
    let error = load("[node]\ndata = \n", &[], &Overrides::default()).expect_err("a value is missing");
    assert!(error.contains("line 2") && error.contains("FILE"), "{error}");
}

#[test]
fn a_bad_variable_is_refused_by_its_name() {
    for (name, value, want) in [
        ("BOXOFFICE_NODE__DTA", "x", "node.dta: unknown key; known are data, zone, in BOXOFFICE_NODE__DTA"),
        (
            "BOXOFFICE_NODE_DATA",
            "x",
            "BOXOFFICE_NODE_DATA is not a setting; a section and its key are joined by two underscores: BOXOFFICE_NODE__DATA",
        ),
        (
            "BOXOFFICE_LISTEN_TLS_KEY_FILE",
            "x",
            "BOXOFFICE_LISTEN_TLS_KEY_FILE is not a setting; a section and its key are joined by two underscores: BOXOFFICE_LISTEN__TLS__KEY_FILE",
        ),
        (
            "BOXOFFICE_AUTH_KEYS",
            "[]",
            "BOXOFFICE_AUTH_KEYS is not a setting; a section and its key are joined by two underscores: BOXOFFICE_AUTH__KEYS",
        ),
        (
            "BOXOFFICE_CLUSTER__GROUPS",
            "many",
            "cluster.groups: invalid type: found string \"many\", expected u32, in BOXOFFICE_CLUSTER__GROUPS",
        ),
    ] {
        let got = load(KEY, &[(name, value)], &Overrides::default()).map(|loaded| loaded.config);
        assert_eq!(got, Err(want.to_owned()), "{name}={value}");
    }
}

#[test]
fn a_file_that_is_not_there_is_no_empty_file() {
    let error =
        Config::load(Some(Path::new("no/such.toml")), &Overrides::default()).expect_err("it is not there");
    assert!(error.to_string().starts_with("cannot read the configuration file no/such.toml: "), "{error}");
}

#[test]
fn a_key_file_is_found_beside_its_configuration_and_weighed() {
    let strong = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    for (content, want) in [
        (strong.to_owned(), Ok(32)),
        (format!("{strong}=\n"), Ok(32)),
        (strong[..40].to_owned(), Err("it has fewer than 32 bytes")),
        (strong.replace('A', "+"), Err("it is not base64url")),
        (String::new(), Err("it has fewer than 32 bytes")),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (file, key) = (folder.path().join("boxoffice.toml"), folder.path().join("token.key"));
        fs::write(&file, KEY).expect("the folder takes a file");
        fs::write(&key, &content).expect("the folder takes a file");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("it is ours");
        let loaded =
            Config::load_with(Some(&file), [], &Overrides::default()).expect("it is a good configuration");

        let secrets = loaded.config.auth.read_secrets();
        match (secrets, want) {
            (Ok(secrets), Ok(len)) => {
                assert_eq!(secrets.len(), 1);
                assert_eq!(secrets[0].0, "main");
                assert_eq!(secrets[0].1.expose().len(), len);
                assert_eq!(format!("{secrets:?}"), "[(\"main\", Secret(hidden))]");
            }
            (Err(error), Err(reason)) => {
                let want = format!(
                    "weak key in {}: {reason}; make one of 32 random bytes as base64url",
                    key.display()
                );
                assert_eq!(error.to_string(), want);
                assert!(content.is_empty() || !error.to_string().contains(&content), "the secret was told");
            }
            (got, want) => panic!("{content:?}: {got:?}, not {want:?}"),
        }
    }
}

#[test]
fn a_key_that_everybody_can_read_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = folder.path().join("token.key");
    fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").expect("the folder takes a file");
    for (mode, is_taken) in
        [(0o600, true), (0o400, true), (0o640, true), (0o604, false), (0o644, false), (0o602, false)]
    {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("it is ours");
        let read = config::Secret::read(&key);
        assert_eq!(read.is_ok(), is_taken, "{mode:o}");
        if let Err(error) = read {
            assert!(error.to_string().ends_with(&format!("chmod 600 {}", key.display())), "{error}");
        }
    }
}

#[test]
fn dev_is_a_good_configuration_once_its_key_is_made() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let any = address("127.0.0.1:0");
    let dev = Config::dev(folder.path().to_owned(), any, any);
    dev.check().expect("dev needs nobody's advice");
    assert_eq!((dev.cluster.groups, dev.listen.peer, dev.rate_limit.enabled), (4, None, false));
    let missing = dev.auth.read_secrets().expect_err("nobody made the key");
    assert!(missing.to_string().starts_with("cannot read the key file "), "{missing}");
}

#[test]
fn every_profile_loads() {
    // Tests run in the folder of their crate.
    let profiles = Path::new("profiles");
    let mut names = Vec::new();
    for entry in fs::read_dir(profiles).expect("profiles/ is there") {
        let path = entry.expect("it can be listed").path();
        let loaded = Config::load_with(Some(&path), [], &Overrides::default());
        assert!(loaded.is_ok(), "{}: {:?}", path.display(), loaded.err());
        names.push(path.file_name().expect("a file has a name").to_owned());
    }
    names.sort();
    assert_eq!(names, ["dev.toml", "production.toml"]);
}

#[test]
fn every_field_of_the_manual_is_a_setting() {
    let settings = Config::settings();
    // Tests run in the folder of their crate.
    let manual = fs::read_to_string("src/sections.rs").expect("the manual");
    let fields = manual.lines().filter_map(|line| line.strip_prefix("    pub ")?.split_once(": "));
    let fields: Vec<&str> = fields.map(|(name, _kind)| name).filter(|name| !name.contains('(')).collect();
    assert!(fields.contains(&"rate_limit") && fields.contains(&"jwks_file"), "{fields:?}");
    for field in fields {
        let is_part = |setting: &String| setting.split('.').any(|part| part == field);
        assert!(settings.iter().any(is_part), "{field} is in no setting: put it into `Config::full`");
    }
    let mut names = settings.clone();
    names.dedup();
    assert_eq!(names, settings, "no setting twice");
}

#[test]
fn what_is_not_in_force_is_not_shown() {
    const TLS: &str = "[listen.tls]\ncertificate_file = 'a.pem'\nkey_file = '/b.pem'\n";
    let joining = "[cluster]\njoin = ['10.0.0.1:7000']\ngroups = 8\n";
    let unlimited = "[rate_limit]\nenabled = false\nburst = 7\n";
    let shown = |toml: &str| -> Vec<String> {
        let loaded = load(toml, &[], &Overrides::default()).expect(toml);
        loaded.explain().into_iter().map(|setting| setting.key).collect()
    };
    let usual = shown(KEY);
    for (toml, hidden, more) in [
        (unlimited, vec!["rate_limit.burst", "rate_limit.requests_per_second"], vec![]),
        (joining, vec!["cluster.bootstrap", "cluster.groups"], vec![]),
        (TLS, vec![], vec!["listen.tls.certificate_file", "listen.tls.key_file"]),
    ] {
        let got = shown(&format!("{toml}{KEY}"));
        let mut want: Vec<String> = usual.clone();
        want.retain(|setting| !hidden.contains(&setting.as_str()));
        want.extend(more.into_iter().map(str::to_owned));
        want.sort();
        let mut sorted = got;
        sorted.sort();
        assert_eq!(sorted, want, "{toml}");
    }
}

#[test]
fn files_are_found_beside_the_file_that_names_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("boxoffice.toml");
    let toml = "[[auth.keys]]\nid = 'idp'\nalgorithm = 'ES256'\njwks_file = 'keys.json'\n\
                [listen.tls]\ncertificate_file = 'tls/node.pem'\nkey_file = '/etc/node.key'\n";
    fs::write(&file, toml).expect("the folder takes a file");
    let variable = ("BOXOFFICE_LISTEN__TLS__CERTIFICATE_FILE", "mine.pem");
    for (variables, certificate) in
        [(vec![], folder.path().join("tls/node.pem")), (vec![variable], PathBuf::from("mine.pem"))]
    {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let loaded = Config::load_with(Some(&file), variables, &Overrides::default()).expect("it is good");
        let tls = loaded.config.listen.tls.expect("it is configured");
        assert_eq!((tls.certificate_file, tls.key_file), (certificate, PathBuf::from("/etc/node.key")));
        assert_eq!(loaded.config.auth.keys[0].jwks_file, Some(folder.path().join("keys.json")));
        assert_eq!(loaded.config.auth.read_secrets().expect("it has none"), []);
    }
}

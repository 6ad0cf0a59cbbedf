//! Certificates for nodes, as an operator makes them, and nodes that come together with them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, SanType,
    date_time_ymd,
};

use crate::dev_node::get;
use crate::test_cluster::{Member, TestCluster, wait_until};

/// Under `[listen]`: where this node's certificate is, and whom it believes.
pub(crate) const FILES: &str =
    "peer_tls.ca_file = 'ca.pem'\npeer_tls.certificate_file = 'node.pem'\npeer_tls.key_file = 'node.key'\n";

/// Somebody who vouches for nodes, as `boxctl certs init` makes one.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority"))
    }

    pub(crate) fn pem(&self) -> String {
        self.0.as_ref().pem()
    }

    /// Makes a node believe this authority alone.
    pub(crate) fn is_believed_by(&self, node: &Member) {
        put(node, "ca.pem", &self.pem());
    }

    /// Gives a node the certificate of whoever this is in the cluster, good until a year.
    pub(crate) fn certify(&self, node: &Member, who: &str, until: i32) {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let id = Ia5String::try_from(format!("spiffe://box/boxoffice/{who}")).expect("ASCII");
        params.subject_alt_names = vec![SanType::URI(id)];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a key");
        put(node, "node.pem", &params.signed_by(&key, &self.0).expect("a certificate").pem());
        put(node, "node.key", &key.serialize_pem());
    }
}

/// Puts a file in its place beside a node's configuration, all of it at once.
pub(crate) fn put(node: &Member, name: &str, content: &str) {
    let folder = &node.machine().folder;
    let draft = folder.join("draft");
    std::fs::write(&draft, content).expect("a file");
    std::fs::set_permissions(&draft, Permissions::from_mode(0o600)).expect("it is ours");
    std::fs::rename(draft, folder.join(name)).expect("it is replaced");
}

/// When the certificate ends that a node shows its peers, in seconds since 1970; none before it has metrics.
pub(crate) fn ends(node: &Member) -> Option<f64> {
    let metrics = get(node.admin(), "/metrics").ok()?.body;
    let line = metrics.lines().find(|line| line.starts_with("boxoffice_peer_certificate_expires_seconds "));
    line?.rsplit(' ').next()?.parse().ok()
}

/// Waits until a node shows its peers a certificate that ends then.
pub(crate) fn wait_until_shown(node: &Member, until: f64) {
    wait_until("the certificate is in force", || ends(node) == Some(until));
}

/// Nodes at rest come together with certificates of `authority`: each is given its number, and then its certificate.
pub(crate) fn come_together(mut cluster: TestCluster, authority: &Authority) -> TestCluster {
    let seed = cluster.nodes[0].machine().peer;
    let key = cluster.key();
    for place in 0..cluster.nodes.len() {
        let node = &mut cluster.nodes[place];
        authority.is_believed_by(node);
        let who = if place == 0 { "node/1" } else { "newcomer" };
        authority.certify(node, who, 2080);
        node.listens(FILES);
        node.configure(&key, (0 < place).then_some(seed));
        node.launch();
        if place == 0 {
            cluster.nodes[0].wait_until_ready();
            continue;
        }
        let node = &cluster.nodes[place];
        let mut number = None;
        wait_until("it has a number, and is told what it lacks", || {
            number = cluster.admin(node, "/admin/v1/status")["node"].as_u64();
            number.is_some_and(|number| {
                let wanted = format!("boxctl certs node {number}");
                cluster.admin(node, "/admin/v1/status")["hints"].to_string().contains(&wanted)
            })
        });
        // Who came before it may still be catching up.
        let voters = cluster.voters(&cluster.nodes[0]);
        assert!(voters <= place, "it takes no part with a newcomer's certificate: {voters} vote");
        authority.certify(node, &format!("node/{}", number.expect("it was waited for")), 2080);
        cluster.nodes[place].wait_until_ready();
    }
    wait_until("all vote", || cluster.nodes.iter().all(|node| cluster.voters(node) == cluster.nodes.len()));
    cluster
}

//! Who a node is to its peers: a certificate that names the cluster and the node, of an authority that all nodes believe. Both sides
//! of a connection show theirs; what they prove is held against what they say of themselves by the cluster's transport.

use std::sync::Arc;

use cluster::Proof;
use parking_lot::RwLock;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme};

use super::certificate::{Certificate, Validity, chain};
use super::name::{Name, Who};
use crate::failure::Failure;
use crate::followed::Followed;
use crate::metrics;

/// What is spoken within.
const PROTOCOL: &[u8] = b"boxoffice-peer/1";

/// What this node shows to its peers, and whom it believes.
pub(crate) struct PeerTls {
    now: RwLock<Arc<Credentials>>,
    clear: InClear,
}

/// What becomes of connections in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InClear {
    /// They are refused, and none is opened.
    Refused,
    /// They are taken, and opened to whoever speaks no TLS: the cluster changes from one to the other.
    Taken,
}

/// What the three files hold.
pub(crate) struct Credentials {
    name: Name,
    validity: Validity,
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
}

impl PeerTls {
    /// Reads the files of `[listen.peer_tls]` for the first time.
    pub(crate) fn open(
        config: &config::PeerTls,
        clear: InClear,
    ) -> Result<(Arc<Self>, Followed<Credentials>), Failure> {
        let config::PeerTls { ca_file, certificate_file, key_file } = config;
        let files = vec![certificate_file.clone(), key_file.clone(), ca_file.clone()];
        let (followed, first) = Followed::open("listen.peer_tls", files, Credentials::read)?;
        metrics::peer_certificate_expires(first.validity.not_after);
        Ok((Arc::new(Self { now: RwLock::new(Arc::new(first)), clear }), followed))
    }

    /// From now on, connections are opened with these. Those that are open stay.
    pub(crate) fn put(&self, credentials: Credentials) {
        metrics::peer_certificate_expires(credentials.validity.not_after);
        *self.now.write() = Arc::new(credentials);
    }

    /// Whom its own certificate names.
    pub(crate) fn who(&self) -> Who {
        self.now.read().name.who
    }

    /// While its own certificate is believed.
    pub(crate) fn validity(&self) -> Validity {
        self.now.read().validity
    }

    pub(crate) fn clear(&self) -> InClear {
        self.clear
    }

    pub(super) fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.now.read())
    }
}

impl Credentials {
    /// What the files hold, if they belong together.
    fn read(files: &[Vec<u8>]) -> Result<Self, String> {
        let [certificates, key, authorities] = files else { return Err("three files are wanted".to_owned()) };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let Certificate { key, validity } = Certificate::read(certificates, key, &provider)?;
        let mut roots = RootCertStore::empty();
        for authority in chain("ca_file", authorities)? {
            roots.add(authority).map_err(|error| format!("ca_file has what is no authority: {error}"))?;
        }
        let own = &key.cert[0];
        let name =
            Name::of(own).map_err(|why| format!("certificate_file: {why}; boxctl certs makes such files"))?;
        let believed = Believed { roots: Arc::new(roots), provider };
        // Whether it is good now is another matter: one that has ended must not keep the node from starting.
        let then = UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            u64::try_from(validity.not_before).unwrap_or(0),
        ));
        believed.check(own, &key.cert[1..], then).map_err(|error| {
            format!(
                "certificate_file is not of an authority in ca_file, so no other node would take it: {error}"
            )
        })?;
        let shown = Arc::new(SingleCertAndKey::from(key));
        let (server, client) = believed.configured(&shown).map_err(|error| error.to_string())?;
        Ok(Self { name, validity, server: Arc::new(server), client: Arc::new(client) })
    }

    pub(super) fn server(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    pub(super) fn client(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.client)
    }

    /// What whoever shows these certificates has proved, which are of an authority that is believed.
    pub(super) fn proof(&self, shown: Option<&[CertificateDer<'_>]>) -> Proof {
        let Some(theirs) = shown.and_then(<[_]>::first) else {
            return Proof::Refused("it shows no certificate".to_owned());
        };
        match Name::of(theirs) {
            Err(why) => Proof::Refused(format!("its certificate is no node's: {why}")),
            Ok(Name { cluster, .. }) if cluster != self.name.cluster => Proof::Refused(format!(
                "its certificate is of the cluster {cluster:?}, and that of the node that it talks to is of {:?}",
                self.name.cluster
            )),
            Ok(Name { who: Who::Node(number), .. }) => Proof::Node(number),
            Ok(Name { who: Who::Newcomer, .. }) => Proof::Newcomer,
        }
    }
}

/// Takes certificates of these authorities, whatever they name: that is looked at when hands were shaken, where there are words for
/// what is wrong.
#[derive(Debug)]
struct Believed {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl Believed {
    fn check(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let algorithms = self.provider.signature_verification_algorithms.all;
        let parsed = ParsedCertificate::try_from(shown)?;
        verify_server_cert_signed_by_trust_anchor(&parsed, &self.roots, others, now, algorithms)
    }

    /// Both sides of a connection: TLS 1.3, both show who they are, and nothing is remembered from one connection to the next, so
    /// that what is no longer believed opens none.
    fn configured(self, shown: &Arc<SingleCertAndKey>) -> Result<(ServerConfig, ClientConfig), Error> {
        let (roots, provider) = (Arc::clone(&self.roots), Arc::clone(&self.provider));
        let callers = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(callers)
            .with_cert_resolver(Arc::<SingleCertAndKey>::clone(shown));
        server.alpn_protocols = vec![PROTOCOL.to_vec()];
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(self))
            .with_client_cert_resolver(Arc::<SingleCertAndKey>::clone(shown));
        client.alpn_protocols = vec![PROTOCOL.to_vec()];
        client.resumption = Resumption::disabled();
        client.enable_sni = false;
        Ok((server, client))
    }
}

impl ServerCertVerifier for Believed {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(shown, others, now).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::Credentials;

    /// What these files hold.
    pub(crate) fn credentials(files: &[Option<String>; 3]) -> Credentials {
        let bytes = files.each_ref().map(|file| file.clone().expect("it is there").into_bytes());
        Credentials::read(&bytes).expect("good files")
    }
}

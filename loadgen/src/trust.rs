//! Whom to believe that a server is the one that was meant.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::client::{Endpoint, Target};
use crate::error::Error;

/// The endpoint of `target`, for whose certificate those in `ca` may vouch.
pub(crate) fn endpoint(target: &Target, ca: Option<&Path>) -> Result<Endpoint, Error> {
    let trust = match (target.is_encrypted(), ca) {
        (false, _) => None,
        (true, Some(path)) => {
            let bad = |why| Error::Trust { path: path.to_owned(), why };
            Some(Arc::new(trusting(path).map_err(bad)?))
        }
        (true, None) => return Err(Error::NobodyTrusted(target.to_string())),
    };
    Ok(Endpoint { target: target.clone(), trust })
}

fn trusting(ca: &Path) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(|error| error.to_string())? {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() {
        return Err("there is no certificate in it (PEM, BEGIN CERTIFICATE)".to_owned());
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

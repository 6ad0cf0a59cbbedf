//! A certificate and its key, as two PEM files have them.

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::parse_x509_certificate;

/// A certificate with those that vouch for it, and its key.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(super) key: CertifiedKey,
    pub(super) validity: Validity,
}

/// While a certificate is believed, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl Certificate {
    /// What the two files hold, if they belong together.
    pub(super) fn read(certificates: &[u8], key: &[u8], provider: &CryptoProvider) -> Result<Self, String> {
        let chain = chain("certificate_file", certificates)?;
        let (_, parsed) = parse_x509_certificate(&chain[0])
            .map_err(|error| format!("the first certificate of certificate_file cannot be read: {error}"))?;
        let validity = Validity {
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
        };
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| format!("key_file has no private key (PEM, BEGIN PRIVATE KEY): {error}"))?;
        let key = CertifiedKey::from_der(chain, key, provider)
            .map_err(|error| format!("certificate_file and key_file do not belong together: {error}"))?;
        Ok(Self { key, validity })
    }
}

/// The certificates of a file; there is one at least.
pub(super) fn chain(name: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("{name} is no PEM: {error}"))?;
    if chain.is_empty() {
        return Err(format!("{name} has no certificate (PEM, BEGIN CERTIFICATE)"));
    }
    Ok(chain)
}

//! What went wrong between two nodes that were to prove to each other who they are, in words that say what to do.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// The same error, of the kind that says so where it is about who is there, and in words.
pub(super) fn explained(error: io::Error) -> io::Error {
    let Some(found) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else { return error };
    match words(found) {
        Some(words) => io::Error::new(io::ErrorKind::PermissionDenied, words),
        None => error,
    }
}

/// Whether whoever is there does not speak TLS at all.
pub(super) fn is_no_tls(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    ) || matches!(rustls_error(error), Some(Error::InvalidMessage(_)))
}

fn rustls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

fn words(error: &Error) -> Option<&'static str> {
    if let Error::InvalidCertificate(fault) = error {
        return Some(of_certificate(fault));
    }
    if let Error::AlertReceived(alert) = error {
        return ALERTS.iter().find(|(known, _words)| known == alert).map(|(_known, words)| *words);
    }
    matches!(error, Error::NoCertificatesPresented)
        .then_some("it shows no certificate: give it [listen.peer_tls] (boxctl certs)")
}

/// What is wrong with what the other side shows.
fn of_certificate(fault: &CertificateError) -> &'static str {
    if matches!(fault, CertificateError::Expired | CertificateError::ExpiredContext { .. }) {
        "its certificate has ended: make a new one (boxctl certs node NUMBER --renew) and put it in place of the files there"
    } else if matches!(fault, CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) {
        "its certificate is not good yet: one of the two clocks is wrong, or it was made for later"
    } else {
        "its certificate is not of an authority in ca_file: it is of another cluster, or of an authority that is no longer, or not yet, \
         believed here"
    }
}

const OTHER_AUTHORITY: &str = "it does not take this node's certificate, which is not of an authority in its ca_file: it belongs to another \
                               cluster, or does not believe this authority yet";
const OTHER_PURPOSE: &str = "it does not take this node's certificate: boxctl certs makes one that is good for both sides of a connection";

/// What the other side says of what this one shows.
const ALERTS: [(AlertDescription, &str); 9] = [
    (
        AlertDescription::CertificateExpired,
        "it does not take this node's certificate, which by its clock has ended or is not good yet: make a new one (boxctl certs node \
         NUMBER --renew) and put it in place of the files",
    ),
    (AlertDescription::UnknownCA, OTHER_AUTHORITY),
    (AlertDescription::DecryptError, OTHER_AUTHORITY),
    (AlertDescription::BadCertificate, OTHER_AUTHORITY),
    (AlertDescription::CertificateUnknown, OTHER_PURPOSE),
    (AlertDescription::UnsupportedCertificate, OTHER_PURPOSE),
    (AlertDescription::AccessDenied, OTHER_PURPOSE),
    (AlertDescription::CertificateRequired, "it wants to see a certificate of this node"),
    (
        AlertDescription::NoApplicationProtocol,
        "whoever is there speaks TLS, but not as a node does to its peers: is it the address of a listen.peer?",
    ),
];

//! `boxctl certs`: the certificates with which the nodes of a cluster prove to each other who they are. No node is asked: the key that
//! signs is wherever this is run, and nowhere else.
//!
//! What stands in them is the contract with the node, which reads one SPIFFE ID: `spiffe://CLUSTER` of the authority,
//! `spiffe://CLUSTER/boxoffice/node/7` of a node, `spiffe://CLUSTER/boxoffice/newcomer` of one that has no number yet.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData as _, SanType, date_time_ymd,
};
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::pem::parse_x509_pem;

use crate::cli::{Authority, Certs, Made};
use crate::commands::Verdict;
use crate::error::Error;
use crate::render;

const AUTHORITY: &str = "ca";
/// How names begin.
const SCHEME: &str = "spiffe://";
/// Who may read a key, and who a certificate.
const SECRET: u32 = 0o600;
const PUBLIC: u32 = 0o644;
const FOLDER: u32 = 0o700;

/// Makes what is wanted, and says what to do with it.
pub(crate) fn run(wanted: &Certs, now: Timestamp) -> Result<Verdict, Error> {
    let told = match wanted {
        Certs::Init(authority) => init(authority, now)?,
        Certs::Node(of) => {
            let files =
                sign(&of.made, &format!("node-{}", of.node), &format!("boxoffice/node/{}", of.node), now)?;
            format!(
                "{files}; they are node {}'s certificate_file and key_file, which it reads again when they change",
                of.node
            )
        }
        Certs::Newcomer(made) => {
            let files = sign(made, "newcomer", "boxoffice/newcomer", now)?;
            format!(
                "{files}; a node that joins with them is told its number (its log, boxctl status), and needs its own then: boxctl \
                 certs node N"
            )
        }
    };
    render::data(&told)?;
    Ok(Verdict::Well)
}

/// Two files of one name.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn named(folder: &Path, name: &str) -> Self {
        Self { certificate: folder.join(format!("{name}.pem")), key: folder.join(format!("{name}.key")) }
    }

    /// Refuses what would overwrite one of them.
    fn check_missing(&self, otherwise: &str) -> Result<(), Error> {
        match [&self.certificate, &self.key].into_iter().find(|path| path.exists()) {
            Some(path) => Err(fault(path, otherwise)),
            None => Ok(()),
        }
    }

    /// Writes both, each as a whole.
    fn write(&self, certificate: &str, key: &KeyPair) -> Result<(), Error> {
        write(&self.key, &key.serialize_pem(), SECRET)?;
        write(&self.certificate, certificate, PUBLIC)
    }
}

fn init(wanted: &Authority, now: Timestamp) -> Result<String, Error> {
    let Authority { cluster, folder, days } = wanted;
    let files = Files::named(folder, AUTHORITY);
    files.check_missing(
        "there is an authority already, and what it has signed would be believed no longer: take another --folder to make a second one",
    )?;
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder).map_err(|error| fault(folder, &error))?;
    let mut params = params(cluster, "", *days, now).map_err(|error| fault(&files.certificate, &error))?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let made = KeyPair::generate().and_then(|key| Ok((params.self_signed(&key)?.pem(), key)));
    let (certificate, key) = made.map_err(|error| fault(&files.certificate, &error))?;
    files.write(&certificate, &key)?;
    Ok(format!(
        "{} is every node's ca_file; {} signs: keep it where no node is, and back it up",
        files.certificate.display(),
        files.key.display()
    ))
}

/// Signs a certificate with the authority in the folder; what was made.
fn sign(made: &Made, name: &str, path: &str, now: Timestamp) -> Result<String, Error> {
    let Made { folder, days, renew } = made;
    let files = Files::named(folder, name);
    if !renew {
        files.check_missing("it is there already; --renew puts a new one in its place")?;
    }
    let (cluster, issuer) = authority(folder)?;
    let mut params = params(&cluster, path, *days, now).map_err(|error| fault(&files.certificate, &error))?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    let made = KeyPair::generate().and_then(|key| Ok((params.signed_by(&key, &issuer)?.pem(), key)));
    let (certificate, key) = made.map_err(|error| fault(&files.certificate, &error))?;
    files.write(&certificate, &key)?;
    Ok(format!("{} and {} are good for {days} days", files.certificate.display(), files.key.display()))
}

/// What stands in every certificate: whose it is, and from when until when it is good. It begins a day early: clocks differ.
fn params(cluster: &str, path: &str, days: u32, now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let [begins, ends] = [-1, i64::from(days)].map(|days| {
        let date = today.saturating_add(days.days());
        let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
        date_time_ymd(date.year().into(), month, day)
    });
    let id = if path.is_empty() { format!("{SCHEME}{cluster}") } else { format!("{SCHEME}{cluster}/{path}") };
    let mut name = DistinguishedName::new();
    let of = path.rsplit('/').take(2).collect::<Vec<_>>();
    let common = match of.as_slice() {
        [number, "node"] => format!("Boxoffice {cluster} node {number}"),
        [word, ..] if !word.is_empty() => format!("Boxoffice {cluster} {word}"),
        _ => format!("Boxoffice {cluster}"),
    };
    name.push(DnType::CommonName, common);
    let mut params = CertificateParams::default();
    params.not_before = begins;
    params.not_after = ends;
    params.distinguished_name = name;
    params.subject_alt_names = vec![SanType::URI(Ia5String::try_from(id)?)];
    Ok(params)
}

/// The authority in a folder, and the cluster that it is of.
fn authority(folder: &Path) -> Result<(String, Issuer<'static, KeyPair>), Error> {
    let files = Files::named(folder, AUTHORITY);
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|error| {
            let hint = if error.kind() == io::ErrorKind::NotFound {
                "; boxctl certs init makes an authority"
            } else {
                ""
            };
            fault(path, &format!("{error}{hint}"))
        })
    };
    let (certificate, key) = (read(&files.certificate)?, read(&files.key)?);
    let key = KeyPair::from_pem(&key)
        .map_err(|error| fault(&files.key, &format!("there is no private key in it: {error}")))?;
    let unreadable = || fault(&files.certificate, "there is no certificate in it (PEM, BEGIN CERTIFICATE)");
    let (_rest, pem) = parse_x509_pem(certificate.as_bytes()).map_err(|_no_pem| unreadable())?;
    let (_rest, parsed) = parse_x509_certificate(&pem.contents).map_err(|_no_certificate| unreadable())?;
    if parsed.public_key().raw != key.subject_public_key_info() {
        return Err(fault(&files.key, &format!("it is not the key of {}", files.certificate.display())));
    }
    let names = parsed.subject_alternative_name().map_err(|_twice| unreadable())?;
    let mut names = names.iter().flat_map(|names| &names.value.general_names);
    let cluster =
        names.find_map(|name| if let GeneralName::URI(uri) = name { uri.strip_prefix(SCHEME) } else { None });
    let cluster = cluster.ok_or_else(|| {
        fault(
            &files.certificate,
            &format!("it names no cluster ({SCHEME}CLUSTER): boxctl certs init makes an authority that does"),
        )
    })?;
    let issuer = Issuer::from_ca_cert_der(&pem.contents.clone().into(), key);
    Ok((cluster.to_owned(), issuer.map_err(|error| fault(&files.certificate, &error))?))
}

/// Puts a file in its place, all of it at once.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let draft = path.with_added_extension("draft");
    let written =
        OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&draft).and_then(
            |mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                fs::rename(&draft, path)
            },
        );
    written.map_err(|error| fault(path, &error))
}

fn fault(path: &Path, reason: &(impl ToString + ?Sized)) -> Error {
    Error::Certificate { path: path.to_owned(), reason: reason.to_string() }
}

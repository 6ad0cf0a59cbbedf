//! A backup as files: the folder that is named and those before it that have what it leaves out, all of them looked at from the first
//! byte to the last before anything is made of them.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use api::backup::{Frame, Frames, Head, MANIFEST, Manifest, Part, VERSION, hex};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// The most backups that stand behind each other: a chain that comes back to itself has no end.
const CHAIN_MAX: usize = 10_000;
/// How much is read at once.
const READ_LEN: usize = 1 << 20;

/// Backups of which each has what has changed since the one before it; the first has everything.
#[derive(Debug)]
pub(super) struct Chain {
    links: Vec<Link>,
    /// The heads of the last, one a group.
    heads: Vec<Head>,
}

/// One backup.
#[derive(Debug)]
struct Link {
    folder: PathBuf,
    manifest: Manifest,
}

pub(super) fn fault(path: &Path, why: &(impl ToString + ?Sized)) -> Failure {
    Failure::Backup { path: path.to_owned(), why: why.to_string() }
}

impl Chain {
    /// The backup in this folder; where there are several in it, the latest.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let folder = if folder.join(MANIFEST).exists() { folder.to_owned() } else { latest(folder)? };
        let mut links = vec![Link::read(folder.clone())?];
        while let Some(base) = links.last().and_then(|link| link.manifest.base) {
            let before = folder.parent().unwrap_or_else(|| Path::new(".")).join(base.to_string());
            if links.iter().any(|link| link.manifest.number <= base) || CHAIN_MAX <= links.len() {
                return Err(fault(
                    &before,
                    "it is to have what a later backup leaves out, and comes behind it",
                ));
            }
            links.push(Link::read(before)?);
        }
        links.reverse();
        let mut before = None;
        for Link { folder, manifest } in &links {
            manifest.check(before).map_err(|why| fault(&folder.join(MANIFEST), &why))?;
            before = Some(manifest);
        }
        let mut heads = Vec::new();
        for link in &links {
            heads = link.manifest.parts.iter().map(|part| link.check(part)).collect::<Result<_, _>>()?;
        }
        Ok(Self { links, heads })
    }

    /// The folder of the last.
    pub(super) fn folder(&self) -> &Path {
        &self.links.last().expect("there is one").folder
    }

    /// The heads of the last, one a group, by number.
    pub(super) fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// How many backups there are.
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    /// Of one group the parts from the first to the last.
    pub(super) fn parts(&self, group: u32) -> impl Iterator<Item = PathBuf> {
        self.links.iter().filter_map(move |link| {
            let part = link.manifest.parts.iter().find(|part| part.group == group)?;
            Some(link.folder.join(&part.file))
        })
    }
}

/// The folder of the backup with the highest number.
fn latest(folder: &Path) -> Result<PathBuf, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| fault(folder, &error))?;
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let numbers = numbers.filter(|number| folder.join(number.to_string()).join(MANIFEST).exists());
    let latest =
        numbers.max().ok_or_else(|| fault(folder, "there is no backup in it (NUMBER/manifest.json)"))?;
    Ok(folder.join(latest.to_string()))
}

/// The frames of a part.
pub(super) fn frames(path: &Path) -> Result<Frames<BufReader<File>>, Failure> {
    let file = File::open(path).map_err(|error| fault(path, &error))?;
    Ok(Frames::new(BufReader::with_capacity(READ_LEN, file)))
}

impl Link {
    fn read(folder: PathBuf) -> Result<Self, Failure> {
        let path = folder.join(MANIFEST);
        let text = fs::read(&path).map_err(|error| {
            let hint = if error.kind() == io::ErrorKind::NotFound {
                ": the backup is not complete, or is elsewhere"
            } else {
                ""
            };
            fault(&path, &format!("{error}{hint}"))
        })?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| fault(&path, &format!("it is no manifest: {error}")))?;
        if manifest.version != VERSION {
            return Err(fault(
                &path,
                &format!("it is of version {}, and this build reads {VERSION}", manifest.version),
            ));
        }
        Ok(Self { folder, manifest })
    }

    /// Reads a part from its first byte to its last; its head, if everything is as the manifest says.
    fn check(&self, part: &Part) -> Result<Head, Failure> {
        let path = self.folder.join(&part.file);
        let (bytes, sha256) = measured(&path).map_err(|error| fault(&path, &error))?;
        if (bytes, sha256.as_str()) != (part.bytes, part.sha256.as_str()) {
            return Err(fault(
                &path,
                &format!(
                    "it is not the file that was written: it has {bytes} bytes and should have {}, or some are others",
                    part.bytes
                ),
            ));
        }
        let mut head = None;
        for frame in frames(&path)? {
            if let Frame::Head(found) = frame.map_err(|why| fault(&path, &why))? {
                head = Some(found);
            }
        }
        let head = head.ok_or_else(|| fault(&path, "it has no head"))?;
        if !self.manifest.names(part, &head) {
            return Err(fault(
                &path,
                "it is not the part that the manifest names: files of two backups are mixed up",
            ));
        }
        Ok(head)
    }
}

/// How long a file is, and what SHA-256 makes of it.
fn measured(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut read = vec![0; READ_LEN];
    loop {
        let len = file.read(&mut read)?;
        if len == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        hash.update(&read[..len]);
        bytes += len as u64;
    }
}

//! Backups as folders: one that is named and those before it that have what it leaves out.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Frame, Frames, Head, MANIFEST, Manifest, Part, VERSION, hex};

/// How much is read at once.
const READ_LEN: usize = 1 << 20;

/// Something of a backup is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct Unusable {
    /// What is at fault.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl Unusable {
    /// `path` is at fault.
    pub fn new(path: &Path, why: &(impl ToString + ?Sized)) -> Self {
        Self { path: path.to_owned(), why: why.to_string() }
    }
}

/// Backups of which each has what has changed since the one before it; the first has everything. There is one at least.
#[derive(Debug)]
pub struct Chain {
    links: Vec<Link>,
}

/// One backup.
#[derive(Debug)]
pub struct Link {
    folder: PathBuf,
    manifest: Manifest,
}

impl Chain {
    /// The backup in this folder, the latest where there are several in it, and those before it. Of the parts nothing is read.
    ///
    /// # Errors
    ///
    /// When a manifest cannot be read, or is none of a chain.
    pub fn open(folder: &Path) -> Result<Self, Unusable> {
        let folder = if folder.join(MANIFEST).exists() {
            folder.to_owned()
        } else {
            let last = last_number(folder)?;
            let last =
                last.ok_or_else(|| Unusable::new(folder, "there is no backup in it (NUMBER/manifest.json)"))?;
            folder.join(last.to_string())
        };
        let around = folder.parent().unwrap_or_else(|| Path::new(".")).to_owned();
        let mut links = vec![Link::open(folder)?];
        while let Some(Manifest { base: Some(base), number, .. }) = links.last().map(|link| &link.manifest) {
            let before = around.join(base.to_string());
            // Numbers go down from one to the next, so a chain ends.
            if number <= base {
                return Err(Unusable::new(
                    &before,
                    "it is to have what a later backup leaves out, and comes behind it",
                ));
            }
            let wanted = *base;
            let link = Link::open(before)?;
            if link.manifest.number != wanted {
                let why = format!("it is backup {}, in a folder that is not its own", link.manifest.number);
                return Err(Unusable::new(&link.folder, &why));
            }
            links.push(link);
        }
        links.reverse();
        let mut before = None;
        for Link { folder, manifest } in &links {
            manifest.check(before).map_err(|why| Unusable::new(&folder.join(MANIFEST), &why))?;
            before = Some(manifest);
        }
        Ok(Self { links })
    }

    /// All of them, the first of all first.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The one that was asked for.
    ///
    /// # Panics
    ///
    /// Never: there is one at least.
    #[must_use]
    pub fn last(&self) -> &Link {
        self.links.last().expect("there is one at least")
    }

    /// Of one group the parts from the first to the last.
    pub fn parts(&self, group: u32) -> impl Iterator<Item = PathBuf> {
        self.links.iter().filter_map(move |link| {
            let part = link.manifest.parts.iter().find(|part| part.group == group)?;
            Some(link.folder.join(&part.file))
        })
    }
}

impl Link {
    /// The backup in this folder, as its manifest says it is.
    ///
    /// # Errors
    ///
    /// When there is no manifest, or one of another version.
    pub fn open(folder: PathBuf) -> Result<Self, Unusable> {
        let path = folder.join(MANIFEST);
        let text = fs::read(&path).map_err(|error| {
            let is_missing = error.kind() == io::ErrorKind::NotFound;
            let hint = if is_missing { ": the backup is not complete, or is elsewhere" } else { "" };
            Unusable::new(&path, &format!("{error}{hint}"))
        })?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| Unusable::new(&path, &format!("it is no manifest: {error}")))?;
        if manifest.version == VERSION {
            Ok(Self { folder, manifest })
        } else {
            let why = format!("it is of version {}, and this build reads {VERSION}", manifest.version);
            Err(Unusable::new(&path, &why))
        }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads a part from its first byte to its last; its head.
    ///
    /// # Errors
    ///
    /// When anything is not as the manifest says.
    pub fn check(&self, part: &Part) -> Result<Head, Unusable> {
        let path = self.folder.join(&part.file);
        let (bytes, sha256) = measured(&path)?;
        if (bytes, sha256.as_str()) != (part.bytes, part.sha256.as_str()) {
            let should = part.bytes;
            let why = format!(
                "it is not the file that was written: it has {bytes} bytes and should have {should}, or some are others"
            );
            return Err(Unusable::new(&path, &why));
        }
        let head = looked_through(&path)?;
        if self.manifest.names(part, &head) {
            Ok(head)
        } else {
            Err(Unusable::new(
                &path,
                "it is not the part that the manifest names: files of two backups are mixed up",
            ))
        }
    }
}

/// The number of the last backup in a folder of backups.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn last_number(folder: &Path) -> Result<Option<u32>, Unusable> {
    let entries = fs::read_dir(folder).map_err(|error| Unusable::new(folder, &error))?;
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    Ok(numbers.filter(|number| folder.join(number.to_string()).join(MANIFEST).exists()).max())
}

/// The frames of a part.
///
/// # Errors
///
/// When it cannot be opened.
pub fn frames(path: &Path) -> Result<Frames<BufReader<File>>, Unusable> {
    let file = File::open(path).map_err(|error| Unusable::new(path, &error))?;
    Ok(Frames::new(BufReader::with_capacity(READ_LEN, file)))
}

/// Reads a part from its first byte to its last; its head.
///
/// # Errors
///
/// When it breaks off, a checksum is wrong, or there is no head.
pub fn looked_through(path: &Path) -> Result<Head, Unusable> {
    let mut head = None;
    for frame in frames(path)? {
        if let Frame::Head(found) = frame.map_err(|why| Unusable::new(path, &why))? {
            head = Some(found);
        }
    }
    head.ok_or_else(|| Unusable::new(path, "it has no head"))
}

/// How long a file is, and what SHA-256 makes of it, in hex.
///
/// # Errors
///
/// When it cannot be read.
pub fn measured(path: &Path) -> Result<(u64, String), Unusable> {
    let measure = || {
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
    };
    measure().map_err(|error: io::Error| Unusable::new(path, &error))
}

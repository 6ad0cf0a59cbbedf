//! The store's directory: whose it is, in which format, and who has it open.
//!
//! ```text
//! FORMAT      "boxoffice 1": this directory is a store
//! lock        held by the process that has it open
//! watermark   how much is known to be durable
//! ballast     space that is given up before the disk is full
//! store/      RocksDB's files
//! ```
//!
//! A directory without `FORMAT` is taken only if nothing is in it that someone could miss: empty, or holding
//! no more than what a store that crashed while it was made leaves behind, what a file system puts there
//! itself, and what the caller declares to be its own (see [`super::options::Options::neighbours`]).

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::Error;

const FORMAT: u32 = 1;
const FORMAT_NAME: &str = "boxoffice";
const FORMAT_FILE: &str = "FORMAT";
const FORMAT_FILE_NEW: &str = "FORMAT.new";
const LOCK_FILE: &str = "lock";
const WATERMARK_FILE: &str = "watermark";
const BALLAST_FILE: &str = "ballast";
const STORE_FOLDER: &str = "store";
/// What is no reason to leave a directory alone.
const UNSIGNED: [&str; 4] = [FORMAT_FILE_NEW, LOCK_FILE, WATERMARK_FILE, "lost+found"];
/// Only the node's own user reads bookings.
const MODE: u32 = 0o700;

/// A directory that this process has to itself, until this is dropped.
pub(super) struct Directory {
    path: PathBuf,
    age: Age,
    _lock: File,
}

/// Whether a directory was a store before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// It is to become one.
    Fresh,
    /// It is one.
    Signed,
}

impl Directory {
    /// Takes the directory, or makes it. One that is not ours is not touched.
    pub(super) fn claim(path: &Path, neighbours: &[&str]) -> Result<Directory, Error> {
        make_folder(path)?;
        recognise(path, neighbours)?;
        let lock = lock(path)?;
        // Once more: the process that held the lock before may have made a store of it.
        let age = recognise(path, neighbours)?;
        Ok(Directory { path: path.to_path_buf(), age, _lock: lock })
    }

    /// Whether it was a store before.
    pub(super) fn age(&self) -> Age {
        self.age
    }

    /// Where the watermark is.
    pub(super) fn watermark(&self) -> PathBuf {
        self.path.join(WATERMARK_FILE)
    }

    /// Where the ballast is.
    pub(super) fn ballast(&self) -> PathBuf {
        self.path.join(BALLAST_FILE)
    }

    /// The folder of RocksDB's files.
    pub(super) fn store(&self) -> Result<PathBuf, Error> {
        let folder = self.path.join(STORE_FOLDER);
        make_folder(&folder)?;
        Ok(folder)
    }

    /// Declares the directory a store, durably, with all that is in it.
    pub(super) fn sign(&self) -> Result<(), Error> {
        let unsigned = self.path.join(FORMAT_FILE_NEW);
        let signed = File::create(&unsigned).and_then(|mut file| {
            writeln!(file, "{FORMAT_NAME} {FORMAT}")?;
            file.sync_all()?;
            fs::rename(&unsigned, self.path.join(FORMAT_FILE))?;
            File::open(&self.path)?.sync_all()
        });
        signed.map_err(|cause| Error::disk("sign the directory", cause))
    }
}

/// Makes a folder that only its owner may enter, durably; one that exists stays as it is.
fn make_folder(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    let made = DirBuilder::new().recursive(true).mode(MODE).create(path);
    made.and_then(|()| File::open(parent)?.sync_all())
        .map_err(|cause| Error::disk("make the directory", cause))
}

fn recognise(path: &Path, neighbours: &[&str]) -> Result<Age, Error> {
    match fs::read(path.join(FORMAT_FILE)) {
        Ok(text) => match format_of(&text) {
            Some(found) if found > FORMAT => {
                Err(Error::NewerFormat { path: path.to_path_buf(), found, known: FORMAT })
            }
            Some(_) => Ok(Age::Signed),
            None => Err(Error::NotOurs { path: path.to_path_buf() }),
        },
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let harmless =
                holds_only(path, neighbours).map_err(|cause| Error::disk("list the directory", cause))?;
            if harmless { Ok(Age::Fresh) } else { Err(Error::NotOurs { path: path.to_path_buf() }) }
        }
        Err(cause) => Err(Error::disk("read the format", cause)),
    }
}

fn format_of(text: &[u8]) -> Option<u32> {
    let text = str::from_utf8(text).ok()?;
    let number = text.strip_prefix(FORMAT_NAME)?.strip_prefix(' ')?;
    number.trim_end().parse().ok().filter(|format| *format > 0)
}

fn holds_only(path: &Path, neighbours: &[&str]) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if !UNSIGNED.iter().chain(neighbours).any(|known| name == *known) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn lock(path: &Path) -> Result<File, Error> {
    let file = File::options().create(true).write(true).truncate(false).open(path.join(LOCK_FILE));
    let file = file.map_err(|cause| Error::disk("open the lock", cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_path_buf() }),
        Err(TryLockError::Error(cause)) => Err(Error::disk("lock the directory", cause)),
    }
}

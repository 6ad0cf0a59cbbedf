//! Files that may be replaced while the node runs: public keys, certificates. They are looked at again and again, since a file
//! may be replaced in ways of which no one is told (a rename, another mount, a link to another folder). What is in force is
//! what was good last: a file that has become unusable is complained of, once, and not obeyed.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::Error;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::metrics;

/// How often files are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The longest file that is read, in bytes.
const FILE_LEN_MAX: u64 = 1 << 20;

/// What was seen, so that it is known again; the files may hold secrets, which need not be kept for that.
type Mark = [u8; 32];

/// What makes something of the files' bytes, or says why it cannot.
type Reader<T> = Box<dyn Fn(&[Vec<u8>]) -> Result<T, String> + Send>;

/// A file that is followed, or several that belong together, and what is made of them.
pub(crate) struct Followed<T> {
    files: Vec<PathBuf>,
    read: Reader<T>,
    /// What is in force.
    taken: Mark,
    doubt: Option<Doubt>,
}

/// What the files hold that is not in force.
struct Doubt {
    seen: Mark,
    reason: String,
    was_told: bool,
}

impl<T: Send + 'static> Followed<T> {
    /// Reads the files that `setting` names for the first time: then what is unusable is an error.
    pub(crate) fn open(
        setting: &'static str,
        files: Vec<PathBuf>,
        read: impl Fn(&[Vec<u8>]) -> Result<T, String> + Send + 'static,
    ) -> Result<(Self, T), Error> {
        let unusable = |reason| Error::Unusable { setting, path: files[0].clone(), reason };
        let bytes =
            files.iter().map(|file| contents(file)).collect::<Result<Vec<_>, _>>().map_err(unusable)?;
        let first = read(&bytes).map_err(unusable)?;
        metrics::file_is_unusable(&files[0], false);
        Ok((Self { files, read: Box::new(read), taken: mark(&bytes), doubt: None }, first))
    }

    /// Looks at the files for as long as the node runs, and lets `take` have what they become.
    pub(crate) async fn follow(mut self, runtime: Handle, take: impl Fn(T) + Send + 'static) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        loop {
            every.tick().await;
            // A disk may be slow, or behind a network.
            let looked = runtime.spawn_blocking(move || {
                let new = self.look();
                (self, new)
            });
            let new;
            (self, new) = match looked.await {
                Ok(looked) => looked,
                // The node ends.
                Err(error) if error.is_cancelled() => return,
                Err(error) => return tracing::error!(%error, "a file is not followed any more"),
            };
            if let Some(new) = new {
                take(new);
                tracing::info!(file = %self.files[0].display(), "a file has changed and was read again");
            }
        }
    }

    /// What the files have become, if it is new and good.
    fn look(&mut self) -> Option<T> {
        let bytes = self.files.iter().map(|file| contents(file)).collect::<Result<Vec<_>, _>>();
        let seen =
            bytes.as_ref().map_or_else(|reason| mark(&[reason.clone().into_bytes()]), |bytes| mark(bytes));
        if seen == self.taken {
            self.settle();
            return None;
        }
        if let Some(doubt) = self.doubt.as_mut().filter(|doubt| doubt.seen == seen) {
            // The second time: whoever writes one of two files, or one in parts, is not complained of.
            if !doubt.was_told {
                doubt.was_told = true;
                metrics::file_is_unusable(&self.files[0], true);
                let (file, reason) = (self.files[0].display(), doubt.reason.as_str());
                tracing::warn!(%file, reason, "a file has changed and cannot be used: what it was before stays in force");
            }
            return None;
        }
        match bytes.and_then(|bytes| (self.read)(&bytes)) {
            Ok(new) => {
                self.taken = seen;
                self.settle();
                Some(new)
            }
            Err(reason) => {
                self.doubt = Some(Doubt { seen, reason, was_told: false });
                None
            }
        }
    }

    /// What the files hold is in force.
    fn settle(&mut self) {
        if self.doubt.take().is_some() {
            metrics::file_is_unusable(&self.files[0], false);
        }
    }
}

/// A file is not followed any more, so nobody is to mend it.
pub(crate) fn forget(file: &Path) {
    metrics::file_is_unusable(file, false);
}

/// A file's bytes, or why they cannot be had.
fn contents(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(FILE_LEN_MAX + 1).read_to_end(&mut bytes));
    let read = read.and_then(|len| match u64::try_from(len) {
        Ok(..=FILE_LEN_MAX) => Ok(()),
        Ok(_) | Err(_) => Err(io::Error::other("it has more than 1 MiB")),
    });
    read.map(|()| bytes).map_err(|error| format!("{} cannot be read: {error}", file.display()))
}

fn mark(files: &[Vec<u8>]) -> Mark {
    let mut hash = Sha256::new();
    for bytes in files {
        hash.update(Sha256::digest(bytes));
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A number in a file.
    fn number(bytes: &[Vec<u8>]) -> Result<u32, String> {
        let text = String::from_utf8_lossy(&bytes.concat()).into_owned();
        text.trim().parse().map_err(|_no_number| format!("{text:?} is no number"))
    }

    #[test]
    fn what_is_good_is_taken_at_once_and_what_is_not_is_told_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("number");
        fs::write(&file, "1").expect("a file");
        let (mut followed, first) =
            Followed::open("a.setting", vec![file.clone()], number).expect("a number");
        assert_eq!(first, 1);
        // What stands in the file, what is new of it, whether anyone was told that it cannot be used.
        for (text, new, told) in [
            (Some("1"), None, false),
            (Some("22"), Some(22), false),
            (Some("22"), None, false),
            (Some("x"), None, false),
            (Some("x"), None, true),
            (Some("x"), None, true),
            (Some("y"), None, false),
            (Some("22"), None, false),
            (None, None, false),
            (None, None, true),
            (Some("3"), Some(3), false),
            (Some("x"), None, false),
            (Some("4"), Some(4), false),
        ] {
            if let Some(text) = text {
                let draft = folder.path().join("draft");
                fs::write(&draft, text).and_then(|()| fs::rename(&draft, &file)).expect("it is replaced");
            } else {
                drop(fs::remove_file(&file));
            }
            assert_eq!(followed.look(), new, "{text:?}");
            let was_told = followed.doubt.as_ref().is_some_and(|doubt| doubt.was_told);
            assert_eq!(was_told, told, "{text:?}");
        }
    }

    #[test]
    fn at_the_start_what_cannot_be_used_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("number");
        let large = "1".repeat(usize::try_from(FILE_LEN_MAX).expect("it fits") + 1);
        for (text, says) in
            [(None, "No such file"), (Some("x"), "\"x\" is no number"), (Some(&large), "more than 1 MiB")]
        {
            if let Some(text) = text {
                fs::write(&file, text).expect("a file");
            }
            let error =
                Followed::open("a.setting", vec![file.clone()], number).err().expect(says).to_string();
            assert!(error.starts_with(&format!("a.setting: {} cannot be used: ", file.display())), "{error}");
            assert!(error.contains(says), "{error}");
        }
    }
}

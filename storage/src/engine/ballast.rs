//! A file that only takes up space, so that there is some to give up before the disk is full: what is in the log can then still
//! be purged, merged and replayed. Its length is all that it says.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate, fstatvfs};

use crate::room::{Room, Space};

/// Only the node's own user touches it.
const MODE: u32 = 0o600;

/// The file, on the disk whose space it is about.
pub(super) struct Ballast {
    file: File,
}

impl Ballast {
    /// The ballast at `path`, as large as it was left.
    pub(super) fn open(path: &Path) -> io::Result<Ballast> {
        let file = File::options().create(true).write(true).truncate(false).mode(MODE).open(path)?;
        Ok(Ballast { file })
    }

    /// Looks at the disk, whose room was `before`, and gives the ballast up or sets it aside again if that is due.
    pub(super) fn trim(&self, before: Room) -> io::Result<(Room, Space)> {
        let space = self.look()?;
        let room = space.room(before);
        match space.ballast_due(room) {
            due if due == space.ballast => return Ok((room, space)),
            due if due < space.ballast => self.cut(due)?,
            // A file system that cannot do it goes without, and says so by the figure of the ballast.
            due => fallocate(&self.file, FallocateFlags::empty(), 0, due).or_else(|_why| self.cut(0))?,
        }
        Ok((room, self.look()?))
    }

    /// What it takes up beyond `len` is free once this returns.
    fn cut(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.sync_all()
    }

    fn look(&self) -> io::Result<Space> {
        let disk = fstatvfs(&self.file)?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        let ballast = self.file.metadata()?.len();
        // What is kept for root is nobody's here.
        Ok(Space { total: bytes(disk.f_blocks), free: bytes(disk.f_bavail), ballast })
    }
}

#[cfg(test)]
mod tests {
    use super::Ballast;
    use crate::room::Room;

    #[test]
    fn it_takes_up_space_while_there_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ballast");
        let ballast = Ballast::open(&path).unwrap();
        let (room, space) = ballast.trim(Room::Ample).unwrap();
        assert_eq!(room, Room::Ample, "the tests' own disk: {space:?}");
        assert_eq!(space.ballast, space.ballast_wanted());
        let again = Ballast::open(&path).unwrap().trim(Room::Ample).unwrap().1;
        assert_eq!(again.ballast, space.ballast, "it is there after a restart");
        ballast.cut(0).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }
}

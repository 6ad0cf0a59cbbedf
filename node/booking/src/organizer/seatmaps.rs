//! The seatmaps of one organizer: those that are kept, those that are unfinished, and parts that cannot be read back yet.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::parts::Parts;
use super::words::{Counts, Part, View, Wish};
use crate::digest::Digest;
use crate::limits::{SEATMAP_DRAFT_SECONDS, SEATMAP_DRAFTS_MAX, SEATMAPS_MAX};
use crate::{Content, Seq, Timestamp};

/// A seatmap that is kept: everything of it but its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seatmap {
    /// What it is.
    pub content: Content,
    /// Bytes of its text.
    pub len: u32,
    /// What is in it.
    pub counts: Counts,
    /// Since when there is such a map.
    pub at: Timestamp,
    /// The wrapping sum of its parts' digests.
    pub parts_digest: u64,
}

/// A seatmap that is unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is to be.
    pub content: Content,
    /// Bytes of the whole text.
    pub len: u32,
    /// Which parts are here.
    pub parts: Parts,
    /// When it is forgotten, if no part comes before.
    pub until: Timestamp,
    /// The wrapping sum of its parts' digests.
    pub parts_digest: u64,
}

/// A part as it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRecord {
    /// Of which map.
    pub content: Content,
    /// Which part.
    pub number: u8,
    /// What it has of the map's text.
    pub bytes: Arc<[u8]>,
}

/// Why a part was not taken.
pub(crate) enum NotTaken {
    /// It is here.
    Here,
    /// It is not as long as it must be.
    Misfit,
    /// Too many maps are unfinished.
    Overloaded,
}

/// Why a map was not kept.
pub(crate) enum NotKept {
    /// It was kept before.
    Here,
    /// There are as many as there may be.
    Full,
    /// Its length is no map's, or another than that of its parts.
    Misfit,
    /// These parts are missing.
    Missing(Parts),
}

/// The seatmaps of one organizer.
#[derive(Default)]
pub(crate) struct Seatmaps {
    kept: BTreeMap<Content, Seatmap>,
    drafts: BTreeMap<Content, Draft>,
    /// Parts that cannot be read back yet.
    fresh: BTreeMap<(Content, u8), Fresh>,
    /// The wrapping sum of the digests of those that are kept.
    digest: u64,
    touched: Touched,
}

/// What changed since the changes were last taken.
#[derive(Default)]
struct Touched {
    kept: BTreeSet<Content>,
    /// Parts of drafts that are forgotten.
    forgotten: Vec<(Content, Parts)>,
}

/// A part that cannot be read back yet.
struct Fresh {
    bytes: Arc<[u8]>,
    /// The `seq` of the changes with which it was taken, if it was.
    taken: Option<Seq>,
}

/// What is to be saved of the seatmaps.
pub(crate) struct SeatmapChanges {
    pub(crate) kept: Vec<Seatmap>,
    pub(crate) forgotten: Vec<(Content, Parts)>,
    pub(crate) parts: Vec<PartRecord>,
}

impl Seatmap {
    /// As it is answered with.
    pub(crate) fn view(&self) -> View {
        View { content: self.content, counts: self.counts }
    }

    /// Its parts.
    ///
    /// # Panics
    ///
    /// Where its length is no map's: no such map is kept.
    pub fn parts(&self) -> Parts {
        Parts::of(self.len).expect("a map that is kept has a length")
    }

    /// Whether these are its parts, in order, as they were put.
    pub fn is_made_of<Bytes: AsRef<[u8]>>(&self, parts: &[Bytes]) -> bool {
        let numbered = (0..=u8::MAX).zip(parts);
        let digest = numbered.fold(0_u64, |sum, (number, bytes)| {
            sum.wrapping_add(part_digest(self.content, number, bytes.as_ref()))
        });
        digest == self.parts_digest && parts.len() == self.parts().numbers().count()
    }

    fn digest(&self) -> u64 {
        let digest = Digest::new("seatmap").wide(self.content.0).word(self.len).word(self.at.0);
        self.counts.digest(digest.word(self.parts_digest)).finish()
    }
}

impl Draft {
    fn digest(&self) -> u64 {
        Digest::new("seatmap draft")
            .wide(self.content.0)
            .word(self.len)
            .wide(self.parts.bits())
            .word(self.until.0)
            .word(self.parts_digest)
            .finish()
    }

    fn missing(&self) -> Parts {
        Parts::of(self.len).expect("a draft has a map's length").without(self.parts)
    }
}

impl Seatmaps {
    /// What was saved, if no map is twice among it.
    pub(crate) fn restore(
        kept: impl Iterator<Item = Seatmap>,
        drafts: impl Iterator<Item = Draft>,
    ) -> Option<Self> {
        let mut restored = Self::default();
        for seatmap in kept {
            restored.digest = restored.digest.wrapping_add(seatmap.digest());
            let before = restored.kept.insert(seatmap.content, seatmap);
            if before.is_some() || Parts::of(seatmap.len).is_none() {
                return None;
            }
        }
        for draft in drafts {
            let before = restored.drafts.insert(draft.content, draft);
            if before.is_some() || Parts::of(draft.len).is_none() {
                return None;
            }
        }
        Some(restored)
    }

    /// The map with this content, if it is kept.
    pub(crate) fn get(&self, content: Content) -> Option<&Seatmap> {
        self.kept.get(&content)
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Those that are unfinished.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = &Draft> {
        self.drafts.values()
    }

    /// A part, if it cannot be read back yet.
    pub(crate) fn fresh(&self, content: Content, number: u8) -> Option<&Arc<[u8]>> {
        self.fresh.get(&(content, number)).map(|fresh| &fresh.bytes)
    }

    /// How many bytes of parts no changes have had yet.
    pub(crate) fn bytes_untaken(&self) -> usize {
        let untaken = self.fresh.values().filter(|fresh| fresh.taken.is_none());
        untaken.map(|fresh| fresh.bytes.len()).sum()
    }

    /// Takes in a part of a map, at this stamp.
    pub(crate) fn put(&mut self, part: &Part, at: Timestamp) -> Result<(), NotTaken> {
        let Part { content, len, number, ref bytes } = *part;
        if Parts::part_len(len, number) != Some(bytes.len()) {
            return Err(NotTaken::Misfit);
        }
        if self.kept.contains_key(&content) {
            return Err(NotTaken::Here);
        }
        let before = self.drafts.get(&content);
        if before.is_some_and(|draft| draft.len != len) {
            return Err(NotTaken::Misfit);
        }
        if before.is_some_and(|draft| draft.parts.contains(number)) {
            return Err(NotTaken::Here);
        }
        if before.is_none() && SEATMAP_DRAFTS_MAX <= self.drafts.len() {
            return Err(NotTaken::Overloaded);
        }
        let (parts, parts_digest) = before.map_or_else(Default::default, |it| (it.parts, it.parts_digest));
        let draft = Draft {
            content,
            len,
            parts: parts.with(number),
            until: at.plus_seconds(SEATMAP_DRAFT_SECONDS),
            parts_digest: parts_digest.wrapping_add(part_digest(content, number, bytes)),
        };
        self.drafts.insert(content, draft);
        self.fresh.insert((content, number), Fresh { bytes: Arc::clone(bytes), taken: None });
        Ok(())
    }

    /// Keeps a map from this stamp on, if all of its parts are here.
    pub(crate) fn keep(&mut self, wish: &Wish, at: Timestamp) -> Result<(), NotKept> {
        let Wish { content, len, counts } = *wish;
        let all = Parts::of(len).ok_or(NotKept::Misfit)?;
        if self.kept.contains_key(&content) {
            return Err(NotKept::Here);
        }
        if SEATMAPS_MAX <= self.kept.len() {
            return Err(NotKept::Full);
        }
        let draft = self.drafts.get(&content).ok_or(NotKept::Missing(all))?;
        if draft.len != len {
            return Err(NotKept::Misfit);
        }
        let missing = draft.missing();
        if !missing.is_empty() {
            return Err(NotKept::Missing(missing));
        }
        let seatmap = Seatmap { content, len, counts, at, parts_digest: draft.parts_digest };
        self.drafts.remove(&content);
        self.digest = self.digest.wrapping_add(seatmap.digest());
        self.kept.insert(content, seatmap);
        self.touched.kept.insert(content);
        Ok(())
    }

    /// When the first of the unfinished is forgotten.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.drafts.values().map(|draft| draft.until).min()
    }

    /// Forgets what was to be finished by this stamp, and says whether there was any.
    pub(crate) fn lapse(&mut self, at: Timestamp) -> bool {
        let due: Vec<_> = self.drafts.extract_if(.., |_content, draft| draft.until <= at).collect();
        for (content, draft) in &due {
            self.fresh.retain(|(of, _number), _fresh| of != content);
            self.touched.forgotten.push((*content, draft.parts));
        }
        !due.is_empty()
    }

    /// What changed since this was last called; it is saved with all that changed up to `seq`.
    pub(crate) fn take_changed(&mut self, seq: Seq) -> SeatmapChanges {
        let Touched { kept, forgotten } = core::mem::take(&mut self.touched);
        let kept = kept.iter().filter_map(|content| self.kept.get(content).copied()).collect();
        let untaken = self.fresh.iter_mut().filter(|(_part, fresh)| fresh.taken.is_none());
        let part = |(&(content, number), fresh): (&(Content, u8), &mut Fresh)| {
            fresh.taken = Some(seq);
            PartRecord { content, number, bytes: Arc::clone(&fresh.bytes) }
        };
        SeatmapChanges { kept, forgotten, parts: untaken.map(part).collect() }
    }

    /// All that was taken up to `seq` can be read back.
    pub(crate) fn let_go(&mut self, seq: Seq) {
        self.fresh.retain(|_part, fresh| fresh.taken.is_none_or(|taken| seq < taken));
    }

    /// The wrapping sum of the digests of all of it.
    pub(crate) fn digest(&self) -> u64 {
        self.drafts.values().fold(self.digest, |sum, draft| sum.wrapping_add(draft.digest()))
    }

    /// Whether the digest kept is the digest of what is there.
    pub(crate) fn digest_is_right(&self) -> bool {
        self.digest == self.kept.values().fold(0, |sum, seatmap| sum.wrapping_add(seatmap.digest()))
    }

    /// Whether every map is there once: kept, or unfinished; and parts that are fresh are parts of one.
    pub(crate) fn are_single(&self) -> bool {
        let is_of_one = |(content, number): &(Content, u8)| {
            let kept = self.kept.get(content).map(Seatmap::parts);
            let parts = kept.or_else(|| self.drafts.get(content).map(|draft| draft.parts));
            parts.is_some_and(|parts| parts.contains(*number))
        };
        self.drafts.keys().all(|content| !self.kept.contains_key(content)) && self.fresh.keys().all(is_of_one)
    }

    /// Whether there are no more than there may be, and nothing unfinished is without a part.
    pub(crate) fn are_within_bounds(&self) -> bool {
        self.kept.len() <= SEATMAPS_MAX
            && self.drafts.len() <= SEATMAP_DRAFTS_MAX
            && self.drafts.values().all(|draft| !draft.parts.is_empty())
    }
}

/// A number that stands for a part.
fn part_digest(content: Content, number: u8, bytes: &[u8]) -> u64 {
    Digest::new("seatmap part").wide(content.0).word(number).bytes(bytes).finish()
}

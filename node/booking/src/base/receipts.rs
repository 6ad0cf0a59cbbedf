//! Receipts: what was answered to requests, so that repeating one is answered the same.
//!
//! Changes are remembered for a day of stamps at least, refusals up to a number, in the order in which they
//! were made; the oldest go first. A request whose answer stands in what it made, as a booking's does, needs no
//! receipt.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::base::broken::Broken;
use crate::base::pages::Pages;
use crate::base::request::RequestIdentity;
use crate::digest::Digest;
use crate::limits::{CHANGE_REMEMBERED_SECONDS, FORGOTTEN_PER_STEP_MAX, REFUSALS_REMEMBERED};
use crate::{Fingerprint, RequestKey, Seq, Timestamp};

/// What was answered to one request, as it is remembered and saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt<Answer> {
    /// Which of the entity's receipts it is, from 0, in the order in which they were made.
    pub serial: u64,
    /// The request.
    pub request: RequestKey,
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// The entity's `seq` at which it was decided.
    pub seq: Seq,
    /// The stamp at which it was decided.
    pub at: Timestamp,
    /// What was answered.
    pub answer: Answer,
}

/// An answer of one kind of entity, as short as it can be kept.
pub(crate) trait Remembered: Clone {
    /// What answers in a row may share.
    type Shared: Default;

    /// Whether a rule refused what was asked, so that nothing has changed.
    fn is_refusal(&self) -> bool;

    /// Mixes all of it into a digest.
    fn digest(&self, digest: Digest) -> Digest;

    /// Shares with the answers before this one what they have in common, as they did before they were saved.
    fn share(&mut self, last: &mut Self::Shared);
}

/// The receipts of an entity.
pub(crate) struct Receipts<Answer> {
    /// None where there has been none since the entity was loaded.
    index: Option<Box<ReceiptIndex<Answer>>>,
    /// How many were ever made.
    made: u64,
    /// The wrapping sum of the receipts' digests.
    digest: u64,
}

/// The receipts, and where each is.
struct ReceiptIndex<Answer> {
    changes: Pages<Receipt<Answer>>,
    refusals: Pages<Receipt<Answer>>,
    by_request: BTreeMap<RequestKey, Position>,
    /// Requests whose receipt was made or forgotten since the changes were last taken.
    touched: BTreeSet<RequestKey>,
}

/// Where a receipt is.
#[derive(Clone, Copy)]
enum Position {
    Change(u64),
    Refusal(u64),
}

impl<Answer> Default for Receipts<Answer> {
    fn default() -> Self {
        Self { index: None, made: 0, digest: 0 }
    }
}

impl<Answer> Default for ReceiptIndex<Answer> {
    fn default() -> Self {
        Self {
            changes: Pages::default(),
            refusals: Pages::default(),
            by_request: BTreeMap::new(),
            touched: BTreeSet::new(),
        }
    }
}

/// Receipts that can be answered from, in the order in which they were made, if so many were made ever.
pub(crate) fn in_order<Answer>(
    receipts: impl Iterator<Item = Receipt<Answer>>,
    made: u64,
) -> Result<Vec<Receipt<Answer>>, Broken> {
    let mut receipts = receipts.collect::<Vec<_>>();
    receipts.sort_unstable_by_key(|receipt| receipt.serial);
    let ascending = receipts.is_sorted_by(|one, next| one.serial < next.serial);
    if !ascending || receipts.last().is_some_and(|last| made <= last.serial) {
        return Err(Broken::Serials);
    }
    let requests = receipts.iter().map(|receipt| receipt.request).collect::<BTreeSet<_>>();
    if requests.len() == receipts.len() { Ok(receipts) } else { Err(Broken::RequestTwice) }
}

impl<Answer: Remembered> Receipts<Answer> {
    /// The receipts that were saved, in the order in which they were made, and how many were made ever.
    pub(crate) fn restore(saved: Vec<Receipt<Answer>>, made: u64) -> Self {
        let mut receipts = Self::default();
        let mut last = Answer::Shared::default();
        for mut receipt in saved {
            receipt.answer.share(&mut last);
            receipts.put(receipt);
        }
        receipts.take_touched();
        Self { made, ..receipts }
    }

    /// Remembers what was answered to a request at this `seq` and stamp, and forgets the oldest refusal if that
    /// is one too many.
    pub(crate) fn remember(&mut self, identity: RequestIdentity, seq: Seq, at: Timestamp, answer: Answer) {
        let RequestIdentity { key: request, fingerprint } = identity;
        let answer = self.shared(answer);
        let before = self.put(Receipt { serial: self.made, request, fingerprint, seq, at, answer });
        assert!(before.is_none(), "what was answered before is answered from its receipt");
        self.made += 1;
        let one_too_many = |index: &mut ReceiptIndex<Answer>| {
            (index.refusals.len() > REFUSALS_REMEMBERED).then(|| index.refusals.pop_first())?
        };
        self.forget(one_too_many);
    }

    /// The same answer, which shares with the last one what both show: who asks in vain a thousand times is answered from one.
    fn shared(&self, mut answer: Answer) -> Answer {
        let changes = self.index.as_ref().map(|index| &index.changes);
        let last = changes.and_then(|changes| changes.get(changes.end().checked_sub(1)?));
        if let Some(last) = last {
            let mut shared = Answer::Shared::default();
            last.answer.clone().share(&mut shared);
            answer.share(&mut shared);
        }
        answer
    }

    /// Forgets changes that were answered a day ago, a few at a time.
    pub(crate) fn forget_outdated(&mut self, at: Timestamp) {
        let outdated = |receipt: &Receipt<Answer>| receipt.at.plus_seconds(CHANGE_REMEMBERED_SECONDS) <= at;
        let oldest = |index: &mut ReceiptIndex<Answer>| {
            index.changes.first().is_some_and(outdated).then(|| index.changes.pop_first())?
        };
        for _ in 0..FORGOTTEN_PER_STEP_MAX {
            if !self.forget(oldest) {
                return;
            }
        }
    }

    /// What was answered to a request, if it is remembered here.
    pub(crate) fn get(&self, request: RequestKey) -> Option<&Receipt<Answer>> {
        let index = self.index.as_ref()?;
        match *index.by_request.get(&request)? {
            Position::Change(place) => index.changes.get(place),
            Position::Refusal(place) => index.refusals.get(place),
        }
    }

    /// All of them: changes, then refusals, each in the order in which they were made.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Receipt<Answer>> {
        self.index.iter().flat_map(|index| index.changes.iter().chain(index.refusals.iter()))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.index.as_ref().map_or(0, |index| index.changes.len() + index.refusals.len())
    }

    /// How many were ever made.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// The wrapping sum of the receipts' digests.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    /// The same, to be spoilt.
    #[cfg(test)]
    pub(crate) fn digest_mut(&mut self) -> &mut u64 {
        &mut self.digest
    }

    /// The same, from the receipts themselves.
    pub(crate) fn digest_recomputed(&self) -> u64 {
        self.iter().fold(0, |sum, receipt| sum.wrapping_add(digest_of(receipt)))
    }

    /// The receipts made, and the requests whose receipt was forgotten, since this was last asked.
    pub(crate) fn take_changed(&mut self) -> (Vec<Receipt<Answer>>, Vec<RequestKey>) {
        let (mut made, mut forgotten) = (Vec::new(), Vec::new());
        for request in self.take_touched() {
            match self.get(request) {
                Some(receipt) => made.push(receipt.clone()),
                None => forgotten.push(request),
            }
        }
        (made, forgotten)
    }

    fn take_touched(&mut self) -> BTreeSet<RequestKey> {
        self.index.as_mut().map(|index| core::mem::take(&mut index.touched)).unwrap_or_default()
    }

    /// Puts a receipt behind those of its kind, and says where another one of the same request is.
    fn put(&mut self, receipt: Receipt<Answer>) -> Option<Position> {
        let index = self.index.get_or_insert_default();
        self.digest = self.digest.wrapping_add(digest_of(&receipt));
        index.touched.insert(receipt.request);
        let (on, pages) = if receipt.answer.is_refusal() {
            (Position::Refusal(index.refusals.end()), &mut index.refusals)
        } else {
            (Position::Change(index.changes.end()), &mut index.changes)
        };
        let before = index.by_request.insert(receipt.request, on);
        pages.push(receipt);
        before
    }

    /// Undoes [`Receipts::put`] for the receipt that `take` takes from its pages, if it takes one, and says whether it did.
    fn forget(&mut self, take: impl FnOnce(&mut ReceiptIndex<Answer>) -> Option<Receipt<Answer>>) -> bool {
        let Some(index) = &mut self.index else { return false };
        let Some(receipt) = take(index) else { return false };
        self.digest = self.digest.wrapping_sub(digest_of(&receipt));
        let found = index.by_request.remove(&receipt.request);
        assert!(found.is_some(), "a receipt is found until it is forgotten");
        index.touched.insert(receipt.request);
        true
    }
}

/// A number that stands for all of a receipt.
pub(crate) fn digest_of<Answer: Remembered>(receipt: &Receipt<Answer>) -> u64 {
    let digest = Digest::new("receipt")
        .word(receipt.serial)
        .wide(receipt.request.0)
        .word(receipt.fingerprint.0)
        .word(receipt.seq.0)
        .word(receipt.at.0);
    receipt.answer.digest(digest).finish()
}

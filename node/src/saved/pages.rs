//! A feed on disk: pages of a few dozen steps each.

use booking::entity;
use booking::{EntityId, Level, Record, Seq, SlotId};
use cluster::codec::{self, CodecError};
use cluster::{State, VALUE_LEN_MAX};
use storage::{Change, Row};

use super::keys::{FEED, FEED_KEY_LEN, entity_of, feed_key, leaf_key};
use super::rows::rows;
use super::unreadable::Unreadable;
use crate::log::no_merchants;

/// The most steps of a feed that one page has. For ever: readers look that far back for the page that has a step.
const PAGE_STEPS: usize = 64;
/// A page takes no further step once it has this many bytes.
const PAGE_BYTES: usize = 32 << 10;
/// How many pages of a feed are read at once.
const SCAN_PAGES: usize = 8;
/// The first byte of a page. What follows is each step behind its length, which is a `u32`, little-endian.
const PAGE_VERSION: u8 = 1;

/// What steps of a feed, in order, are on disk.
pub(crate) fn feed_pieces<'feed>(
    entity: EntityId,
    steps: impl Iterator<Item = (Seq, &'feed [u8])>,
) -> impl Iterator<Item = Change> {
    let put = move |first| move |(leaf, value)| Change::Put { key: leaf_key(entity, first, leaf), value };
    pages(steps).into_iter().flat_map(move |(first, page)| (0..).zip(leaves(page)).map(put(first)))
}

/// The parts of a page, none longer than a value may be. Nearly every page is one, and is not copied.
fn leaves(page: Vec<u8>) -> Vec<Vec<u8>> {
    if page.len() <= VALUE_LEN_MAX {
        vec![page]
    } else {
        page.chunks(VALUE_LEN_MAX).map(<[u8]>::to_vec).collect()
    }
}

/// Steps in order, on pages: each under the seq of its first step. One step can be far longer than a page usually is.
fn pages<'feed>(steps: impl Iterator<Item = (Seq, &'feed [u8])>) -> Vec<(Seq, Vec<u8>)> {
    let mut pages: Vec<(Seq, Vec<u8>)> = Vec::new();
    let mut room = 0;
    for (seq, step) in steps {
        if room == 0 || pages.last().is_some_and(|(_first, page)| PAGE_BYTES <= page.len()) {
            pages.push((seq, vec![PAGE_VERSION]));
            room = PAGE_STEPS;
        }
        let (_first, page) = pages.last_mut().expect("one was just begun");
        page.extend(u32::try_from(step.len()).expect("a step is far below 4 GiB").to_le_bytes());
        page.extend(step);
        room -= 1;
    }
    pages
}

/// The steps of a page, in order.
fn steps(page: &[u8]) -> Result<Vec<&[u8]>, Unreadable> {
    let broken = || Unreadable::Broken("a page of the feed is cut off".to_owned());
    let (&version, mut rest) = page.split_first().ok_or_else(broken)?;
    if version != PAGE_VERSION {
        return Err(CodecError::Newer { unknown: format!("version {version} of a page of a feed") }.into());
    }
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (len, after) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
        let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_overflow| broken())?;
        let (step, after) = after.split_at_checked(len).ok_or_else(broken)?;
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

/// The bytes of one step of the feed under this level.
pub(crate) fn encode_record(level: Level, record: entity::Record) -> Vec<u8> {
    match record {
        entity::Record::Slot(record) => codec::encode(&booking::stored::Record::at(level, record)),
        entity::Record::Organizer(record) => {
            codec::encode(&booking::stored::organizer::Record::at(level, record))
        }
        entity::Record::Merchant(_) => no_merchants(),
        #[cfg(feature = "rehearsal")]
        entity::Record::Toy(record) => codec::encode(&booking::stored::toy::Record::at(level, record)),
    }
}

/// Reads one step of a slot's feed back.
pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, CodecError> {
    codec::decode(bytes).map(booking::stored::Record::into)
}

/// Steps of a slot's feed after `after` and before `until`, in order, at most `limit`.
pub(crate) fn feed(
    state: &State,
    slot: SlotId,
    after: Seq,
    until: Seq,
    limit: usize,
) -> Result<Vec<Record>, Unreadable> {
    let mut found = Vec::new();
    // The page that has the first step wanted begins at most a page before it.
    let slot = EntityId::from(slot);
    let from = feed_key(slot, Seq(after.next().0.saturating_sub(PAGE_STEPS as u64 - 1)));
    let mut leaves = rows(state, from, feed_key(slot, until), SCAN_PAGES).peekable();
    while let Some(leaf) = leaves.next() {
        let (key, mut page) = leaf?;
        if FEED_KEY_LEN < key.len() {
            // The page's beginning has left the disk already.
            continue;
        }
        let first = key.last_chunk().copied().map(u64::from_be_bytes);
        let first = first.ok_or_else(|| Unreadable::Broken("a key is not a page's".to_owned()))?;
        let goes_on = |next: &Result<Row, _>| next.as_ref().is_ok_and(|(next, _leaf)| next.starts_with(&key));
        while let Some(next) = leaves.next_if(goes_on) {
            page.extend(next?.1);
        }
        for (seq, step) in (first..).map(Seq).zip(steps(&page)?) {
            if found.len() == limit || until <= seq {
                return Ok(found);
            }
            if after < seq {
                found.push(decode_record(step)?);
            }
        }
    }
    Ok(found)
}

/// The entity of the first feed that has anything from this key on.
pub(crate) fn next_feed(state: &State, from: &[u8]) -> Result<Option<EntityId>, Unreadable> {
    let first = state.scan(from.max(&[FEED]), &[FEED + 1], 1)?;
    first.first().map(|(key, _page)| entity_of(key)).transpose()
}

/// The keys of what a feed has from this key on, at most `limit`.
pub(crate) fn feed_keys(
    state: &State,
    entity: EntityId,
    from: &[u8],
    limit: usize,
) -> Result<Vec<Vec<u8>>, Unreadable> {
    let first = feed_key(entity, Seq(0));
    let pages = state.scan(from.max(&first), &behind_feed(entity), limit)?;
    Ok(pages.into_iter().map(|(key, _page)| key).collect())
}

/// Behind the last key of an entity's feed.
pub(crate) fn behind_feed(entity: EntityId) -> Vec<u8> {
    feed_key(entity, Seq(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_ever_and_read_back_as_it_was_written() {
        let written = [&b"ab"[..], b"", b"c"];
        let pages = pages((7..).map(Seq).zip(written));
        let want = [&[1, 2, 0, 0, 0][..], b"ab", &[0, 0, 0, 0, 1, 0, 0, 0], b"c"].concat();
        assert_eq!(pages, [(Seq(7), want.clone())]);
        assert_eq!(steps(&want).expect("just written"), written);
        for len in [0, 3, want.len() - 1] {
            assert!(steps(&want[..len]).is_err(), "cut to {len}");
        }
        let newer = steps(&[2]).expect_err("of a later version");
        assert!(matches!(&newer, Unreadable::Record(error) if error.is_newer()), "{newer}");
    }
}

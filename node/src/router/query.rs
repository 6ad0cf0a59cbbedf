//! A page of the list of slots. The cost of a page is bounded: how many slots are looked at in memory, and how many are read.

use booking::limits::PARTITIONS;
use booking::{Partition, SlotId, Timestamp};
use storage::GroupId;

use super::local_view::LocalView;
use super::shards::Shards;
use super::wire::Unrouted;
use crate::actors::registry::{ScanRange, Scanned};
use crate::views::listing::Wanted;

/// Slots that one page looks at in memory, at most, if it reads none: some ten milliseconds. A page that has found less by then is
/// shorter than it might be, and the next goes on from there.
pub(crate) const LOOKS: usize = 131_072;
/// The cost of reading one slot from the disk, in looks.
const LOOKS_A_READ: usize = 64;
/// Slots that are looked at before others have a turn at the registry.
const LOOKS_AT_ONCE: usize = 256;

// A page of the most items that there may be is not cut short by what it reads.
const _: () = assert!(LOOKS_A_READ * 2 * api::list::LIMIT_MAX as usize <= LOOKS);

/// A page of slots, in the order of their ids.
pub(crate) struct Page {
    pub(crate) slots: Vec<LocalView>,
    /// Behind which slot the next page begins; none on the last.
    pub(crate) next: Option<SlotId>,
    /// The moment for which their statuses are told.
    pub(crate) at: Timestamp,
}

/// Which page is to be made.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) after: Option<SlotId>,
    /// How many slots the page has at most.
    pub(crate) limit: usize,
    /// How many slots are looked at, at most.
    pub(crate) looks: usize,
    /// Of which group, if not of all.
    pub(crate) group: Option<GroupId>,
}

/// Makes a page of slots as this node knows them. Reads the disk, and waits for nothing else.
pub(crate) fn page(
    shards: &Shards,
    wanted: &Wanted,
    bounds: Bounds,
    at: Timestamp,
) -> Result<Page, Unrouted> {
    let Bounds { mut after, limit, mut looks, group } = bounds;
    let mut slots: Vec<LocalView> = Vec::new();
    let first = after.map_or(0, |after| after.partition.get());
    for partition in (first..PARTITIONS).filter_map(Partition::new) {
        let last = SlotId { partition, hash: u128::MAX };
        if group.is_some_and(|group| shards.number(last) != group) {
            continue;
        }
        let shard = shards.shard(last)?;
        let registry = shard.registry();
        // A slot is seen at its own stamp, if that is later; and no slot's stamp is later than its group's.
        let span = at..=at.max(registry.stamp());
        loop {
            // One more than fits tells whether there is another page.
            let most = limit + 1 - slots.len();
            let looks_now = looks.min(LOOKS_AT_ONCE);
            let range = ScanRange { after, last, span: span.clone(), looks: looks_now, most };
            let Scanned { found, looks: looked, upto } =
                registry.scan(wanted, &range).ok_or(Unrouted::NoLeader)?;
            looks = looks.saturating_sub(looked + LOOKS_A_READ * found.len());
            for id in found {
                let seen = shards.read_local(id)?;
                slots.extend(seen.filter(|seen| wanted.takes(&seen.view, seen.stand(at))));
            }
            if limit < slots.len() {
                slots.truncate(limit);
                let next = slots.last().map(|last| last.view.id);
                return Ok(Page { slots, next, at });
            }
            after = Some(upto.unwrap_or(last));
            if looks == 0 {
                return Ok(Page { slots, next: after, at });
            }
            if upto.is_none() {
                break;
            }
        }
    }
    Ok(Page { slots, next: None, at })
}

//! Where everything of an entity is in the store. A key begins with one byte for the kind, so that all headers lie together and a
//! start reads nothing else; then comes the entity. Keys are for ever: kinds are only added.

use booking::{Content, EntityId, IntentNumber, Number, Ordinal, RequestKey, Seq, SlotId, Status, Target};

use super::unreadable::Unreadable;

pub(crate) const HEADER: u8 = b'h';
pub(crate) const BOOKING: u8 = b'b';
pub(crate) const RECEIPT: u8 = b'r';
pub(crate) const FEED: u8 = b'f';
pub(crate) const FAULT: u8 = b'x';
pub(crate) const BACKLOG: u8 = b'q';
pub(crate) const PAST: u8 = b'o';
pub(crate) const BY_REQUEST: u8 = b'k';
pub(crate) const BY_CUSTOMER: u8 = b'c';
pub(crate) const BY_STATUS: u8 = b's';
pub(crate) const INTENT: u8 = b'i';
pub(crate) const PAIR: u8 = b'p';
pub(crate) const REPLY: u8 = b'y';
pub(crate) const SEATMAP: u8 = b'm';
pub(crate) const PART: u8 = b'd';
pub(crate) const PLAN: u8 = b'g';
pub(crate) const SALE: u8 = b'a';
pub(crate) const HOURS: u8 = b'w';

/// With whom a pair is: another entity, or a provider.
const ENTITY: u8 = 0;
const PROVIDER: u8 = 1;

/// Behind a customer's name in a key: no byte of a name, so that no name begins with another.
const END_OF_NAME: u8 = 0xFF;

/// Bytes of a page's key: the kind, the entity, the seq. The parts of a long page have longer ones.
pub(crate) const FEED_KEY_LEN: usize = 1 + EntityId::LEN + 8;

pub(crate) fn key(kind: u8, entity: impl Into<EntityId>, rest: &[u8]) -> Vec<u8> {
    [&[kind], entity.into().to_bytes().as_slice(), rest].concat()
}

pub(crate) fn booking_key(slot: SlotId, number: Number) -> Vec<u8> {
    key(BOOKING, slot, &number.0.to_be_bytes())
}

pub(crate) fn receipt_key(entity: EntityId, request: RequestKey) -> Vec<u8> {
    key(RECEIPT, entity, &request.0.to_be_bytes())
}

pub(crate) fn intent_key(entity: EntityId, number: IntentNumber) -> Vec<u8> {
    key(INTENT, entity, &number.0.to_be_bytes())
}

pub(crate) fn pair_key(entity: EntityId, with: Target) -> Vec<u8> {
    match with {
        Target::Entity(other) => key(PAIR, entity, &[&[ENTITY], other.to_bytes().as_slice()].concat()),
        Target::Provider(provider) => {
            key(PAIR, entity, &[&[PROVIDER], provider.0.to_be_bytes().as_slice()].concat())
        }
    }
}

pub(crate) fn reply_key(entity: EntityId, from: EntityId, ordinal: Ordinal) -> Vec<u8> {
    key(REPLY, entity, &[from.to_bytes().as_slice(), &ordinal.0.to_be_bytes()].concat())
}

pub(crate) fn seatmap_key(organizer: EntityId, content: Content) -> Vec<u8> {
    key(SEATMAP, organizer, &content.0.to_be_bytes())
}

pub(crate) fn part_key(organizer: EntityId, content: Content, number: u8) -> Vec<u8> {
    key(PART, organizer, &[content.0.to_be_bytes().as_slice(), &[number]].concat())
}

/// Where a part of a slot's house is, of how the house is sold, or of when a calendar is open: of the kind that is given.
pub(crate) fn house_key(kind: u8, slot: SlotId, number: u32) -> Vec<u8> {
    key(kind, slot, &number.to_be_bytes())
}

pub(crate) fn feed_key(entity: EntityId, seq: Seq) -> Vec<u8> {
    key(FEED, entity, &seq.0.to_be_bytes())
}

/// Where a part of a page is: the first under the page's own key, the others behind it.
pub(crate) fn leaf_key(entity: EntityId, first: Seq, leaf: u32) -> Vec<u8> {
    let mut key = feed_key(entity, first);
    if leaf > 0 {
        key.extend(leaf.to_be_bytes());
    }
    key
}

pub(crate) fn backlog_key(entity: EntityId, place: usize) -> Vec<u8> {
    key(BACKLOG, entity, &u32::try_from(place).expect("a backlog is short").to_be_bytes())
}

pub(crate) fn past_key(slot: SlotId, number: Number) -> Vec<u8> {
    key(PAST, slot, &number.0.to_be_bytes())
}

pub(crate) fn by_request_key(slot: SlotId, request: RequestKey) -> Vec<u8> {
    key(BY_REQUEST, slot, &request.0.to_be_bytes())
}

pub(crate) fn customer_path(slot: SlotId, customer: &str, end: Status) -> Vec<u8> {
    key(BY_CUSTOMER, slot, &[customer.as_bytes(), &[END_OF_NAME, end as u8]].concat())
}

pub(crate) fn status_path(slot: SlotId, end: Status) -> Vec<u8> {
    key(BY_STATUS, slot, &[end as u8])
}

/// The entity that a key belongs to, whatever of it is under the key.
pub(crate) fn entity_of(key: &[u8]) -> Result<EntityId, Unreadable> {
    let id = key.get(1..=EntityId::LEN).and_then(|id| id.try_into().ok()).and_then(EntityId::from_bytes);
    id.ok_or_else(|| Unreadable::Broken("a key is no entity's that this build knows".to_owned()))
}

#[cfg(test)]
mod tests {
    use booking::{EntityKind, Partition, Provider};

    use super::*;

    #[test]
    fn keys_are_for_ever_and_sort_as_what_they_name() {
        let slot = SlotId { partition: Partition::new(0x0102).expect("below 1,024"), hash: 3 };
        let head = [&b"h\x01\x02"[..], &[0; 15], &[3]].concat();
        assert_eq!(key(HEADER, slot, &[]), head);
        let behind = |kind: &[u8], rest: &[u8]| [kind, &head[1..], rest].concat();
        assert_eq!(booking_key(slot, Number(258)), behind(b"b", &[0, 0, 1, 2]));
        let entity = EntityId::from(slot);
        assert_eq!(feed_key(entity, Seq(258)), behind(b"f", &[0, 0, 0, 0, 0, 0, 1, 2]));
        assert_eq!(receipt_key(entity, RequestKey(5)), behind(b"r", &[[0; 15].as_slice(), &[5]].concat()));
        assert!(feed_key(entity, Seq(255)) < feed_key(entity, Seq(256)));
        assert_eq!(leaf_key(entity, Seq(258), 0), feed_key(entity, Seq(258)));
        assert_eq!(leaf_key(entity, Seq(258), 259), behind(b"f", &[0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 1, 3]));
    }

    #[test]
    fn intents_have_keys_for_ever() {
        let entity = |partition, hash| {
            EntityId::new(EntityKind::Slot, Partition::new(partition).expect("below 1,024"), hash)
        };
        let (own, other) = (entity(0x0102, 3), entity(0x0203, 4));
        let behind = |kind: &[u8], rest: &[u8]| [kind, &own.to_bytes(), rest].concat();
        assert_eq!(intent_key(own, IntentNumber(258)), behind(b"i", &[0, 0, 0, 0, 0, 0, 1, 2]));
        let with = [&[0, 2, 3][..], &[0; 15], &[4]].concat();
        assert_eq!(pair_key(own, Target::Entity(other)), behind(b"p", &with));
        assert_eq!(pair_key(own, Target::Provider(Provider(258))), behind(b"p", &[1, 1, 2]));
        let of_other = [&with[1..], &[0, 0, 0, 0, 0, 0, 1, 2]].concat();
        assert_eq!(reply_key(own, other, Ordinal(258)), behind(b"y", &of_other));
    }

    #[test]
    fn seatmaps_have_keys_for_ever() {
        let organizer = EntityId::new(EntityKind::Organizer, Partition::new(0x0102).expect("below 1,024"), 3);
        let map = [&[9, 2][..], &[0; 15], &[3], &[0; 14], &[1, 2]].concat();
        assert_eq!(seatmap_key(organizer, Content(258)), [&b"m"[..], &map].concat());
        assert_eq!(part_key(organizer, Content(258), 127), [&b"d"[..], &map, &[127]].concat());
    }

    #[test]
    fn houses_have_keys_for_ever() {
        let slot = SlotId { partition: Partition::new(0x0102).expect("below 1,024"), hash: 3 };
        let behind = |kind: &[u8]| [kind, &[1, 2], &[0; 15], &[3], &[0, 0, 1, 2]].concat();
        let kinds = [PLAN, SALE, HOURS].map(|kind| house_key(kind, slot, 258));
        assert_eq!(kinds, [behind(b"g"), behind(b"a"), behind(b"w")]);
    }

    #[test]
    fn no_name_in_a_key_begins_with_another() {
        let slot = SlotId { partition: Partition::new(0x0102).expect("below 1,024"), hash: 3 };
        let id = [&[1, 2][..], &[0; 15], &[3]].concat();
        let behind = |kind: &[u8], rest: &[u8]| [kind, &id, rest].concat();
        assert_eq!(past_key(slot, Number(258)), behind(b"o", &[0, 0, 1, 2]));
        assert_eq!(by_request_key(slot, RequestKey(5)), behind(b"k", &[[0; 15].as_slice(), &[5]].concat()));
        let ours = customer_path(slot, "ab", Status::Expired);
        assert_eq!(ours, behind(b"c", b"ab\xFF\x06"));
        assert!(!customer_path(slot, "abc", Status::Expired).starts_with(&ours));
        assert_eq!(
            [Status::Cancelled, Status::Declined, Status::Expired].map(|end| status_path(slot, end)),
            [4, 5, 6].map(|end| behind(b"s", &[end]))
        );
    }
}

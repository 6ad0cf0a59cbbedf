//! What every entity has, as it is written: receipts and intents.

use booking::stored::{Intent, Pair, Reply};
use booking::{EntityId, IntentChanges, Level, RequestKey};
use cluster::codec;
use serde::Serialize;
use storage::Change;

use super::keys::{intent_key, pair_key, receipt_key, reply_key};

/// What changed of an entity's receipts: those that were made, under their requests, and the requests whose receipts are forgotten.
pub(super) fn receipt_pieces<Shape: Serialize>(
    id: EntityId,
    made: impl Iterator<Item = (RequestKey, Shape)>,
    forgotten: Vec<RequestKey>,
    pieces: &mut Vec<Change>,
) {
    pieces.extend(made.map(|(request, receipt)| Change::Put {
        key: receipt_key(id, request),
        value: codec::encode(&receipt),
    }));
    pieces.extend(forgotten.into_iter().map(|request| Change::Remove { key: receipt_key(id, request) }));
}

/// What changed of an entity's intents; nothing for most.
pub(super) fn intent_pieces(level: Level, id: EntityId, changes: IntentChanges, pieces: &mut Vec<Change>) {
    let IntentChanges { left, ended, pairs, replies, forgotten } = changes;
    for intent in left {
        let key = intent_key(id, intent.number);
        pieces.push(Change::Put { key, value: codec::encode(&Intent::at(level, intent)) });
    }
    pieces.extend(ended.into_iter().map(|number| Change::Remove { key: intent_key(id, number) }));
    for pair in pairs {
        let key = pair_key(id, pair.with);
        pieces.push(Change::Put { key, value: codec::encode(&Pair::at(level, pair)) });
    }
    for reply in replies {
        let key = reply_key(id, reply.from, reply.ordinal);
        pieces.push(Change::Put { key, value: codec::encode(&Reply::at(level, reply)) });
    }
    let forgotten = forgotten.into_iter().map(|(from, ordinal)| reply_key(id, from, ordinal));
    pieces.extend(forgotten.map(|key| Change::Remove { key }));
}

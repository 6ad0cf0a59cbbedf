//! What should become of toys, as plainly as it can be said: amounts, and a list of messages for each pair.

use std::collections::BTreeMap;

use booking::{Delivered, Delivery, EntityId, IntentNumber, Message, Reply};

/// From one to another.
type Pair = (EntityId, EntityId);
/// What was said, and what was replied.
type Said = (Message, Option<Reply>);

/// What should become of toys.
#[derive(Default)]
pub(crate) struct Oracle {
    amounts: BTreeMap<EntityId, u64>,
    rooms: BTreeMap<EntityId, u64>,
    said: BTreeMap<Pair, Vec<Said>>,
    /// Which of those messages an intent is.
    intents: BTreeMap<(EntityId, IntentNumber), (EntityId, usize)>,
    heard: BTreeMap<(EntityId, IntentNumber), Reply>,
}

impl Oracle {
    pub(crate) fn make(&mut self, id: EntityId, amount: u64, room: u64) {
        self.amounts.insert(id, amount);
        self.rooms.insert(id, room);
    }

    /// What a toy has.
    pub(crate) fn amount(&self, id: EntityId) -> u64 {
        self.amounts[&id]
    }

    /// Takes so much of a toy, if it has as much.
    pub(crate) fn take(&mut self, id: EntityId, amount: u64) -> bool {
        let has = self.amounts.get_mut(&id).unwrap();
        let enough = amount <= *has;
        *has -= if enough { amount } else { 0 };
        enough
    }

    /// A toy has left this intent.
    pub(crate) fn left(&mut self, from: EntityId, to: EntityId, number: IntentNumber, message: Message) {
        let said = self.said.entry((from, to)).or_default();
        said.push((message, None));
        assert!(self.intents.insert((from, number), (to, said.len())).is_none(), "a number twice");
    }

    /// What a message should come to.
    pub(crate) fn delivered(&mut self, delivery: &Delivery, delivered: &Delivered) {
        let Delivery { from, to, ordinal, .. } = *delivery;
        let place = usize::try_from(ordinal.0).unwrap() - 1;
        let said = self.said.get_mut(&(from, to)).unwrap();
        if said[..place].iter().any(|(_, reply)| reply.is_none()) {
            assert_eq!(*delivered, Delivered::Early);
            return;
        }
        let (message, reply) = &mut said[place];
        assert_eq!(*message, delivery.message);
        if let Some(reply) = reply {
            let is_known = self.intents.iter().any(|(intent, message)| {
                intent.0 == from && *message == (to, place + 1) && self.heard.contains_key(intent)
            });
            assert!(
                *delivered == Delivered::Replied(reply.clone())
                    || (*delivered == Delivered::Settled && is_known)
            );
            return;
        }
        let has = self.amounts.get_mut(&to).unwrap();
        let expected = match *message {
            Message::Book(_)
            | Message::TakeBack { .. }
            | Message::Ended(_)
            | Message::Collect(_)
            | Message::Act(_)
            | Message::Overdue(_)
            | Message::Lost(_)
            | Message::Pay(_) => {
                panic!("toys say nothing of the kind")
            }
            Message::Acknowledge => Reply::Noted,
            Message::Give { amount } if *has + amount <= self.rooms[&to] => {
                *has += amount;
                Reply::Taken
            }
            Message::Give { .. } => Reply::Full,
            Message::Reclaim { amount } => {
                let amount = amount.min(*has);
                *has -= amount;
                Reply::Returned { amount }
            }
        };
        assert_eq!(*delivered, Delivered::Replied(expected.clone()));
        *reply = Some(expected);
    }

    /// A reply has come back. Says whether it is the first time.
    pub(crate) fn reported(&mut self, to: EntityId, number: IntentNumber, reply: &Reply) -> bool {
        let (target, ordinal) = self.intents[&(to, number)];
        let (message, replied) = &self.said[&(to, target)][ordinal - 1];
        assert_eq!(replied.as_ref(), Some(reply));
        if self.heard.insert((to, number), reply.clone()).is_some() {
            return false;
        }
        let has = self.amounts.get_mut(&to).unwrap();
        *has += match (message, reply) {
            (Message::Give { amount }, Reply::Full)
            | (Message::Reclaim { .. }, Reply::Returned { amount }) => *amount,
            _ => 0,
        };
        true
    }
}

//! What may happen to a toy.

use crate::base::intents::IntentRecord;
use crate::base::message::{Message, Reply, Target};
use crate::base::outcome::Denied;
use crate::base::parts::Base;
use crate::base::receipts::Receipt;
use crate::base::request::RequestIdentity;
use crate::base::step::{Handled, Step, Steps};
use crate::toy::state::Toy;
use crate::toy::words::{Answer, Command, Decision, Kind, Outcome, Record, Refusal, View};
use crate::{EntityId, Fingerprint, IntentNumber, RequestKey, Seq};

/// What a rule did.
#[derive(Clone, Copy)]
pub(crate) enum Effect {
    /// It changed the toy alone.
    Changed(Kind),
    /// It left this intent.
    Left(IntentNumber, Kind),
}

impl Steps for Toy {
    type Command = Command;
    type Refusal = Refusal;
    type Effect = Effect;
    type Decision = Decision;
    type Answer = Answer;
    type Kind = Kind;
    type Record = Record;
    type Changed = ();

    const CREATED: Kind = Kind::Made;

    fn base(&self) -> &Base<Answer> {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base<Answer> {
        &mut self.base
    }

    fn is_create(command: &Command) -> bool {
        matches!(command, Command::Make { .. })
    }

    fn make(base: Base<Answer>, command: &Command) -> Result<Self, Refusal> {
        let &Command::Make { amount, room } = command else { unreachable!("only this makes a toy") };
        let amount = u64::from(amount);
        Ok(Self { base, made_with: amount, room, amount, taken: 0 })
    }

    fn creation_answer(&self) -> Decision {
        let (seq, stamp) = (Seq(0).next(), self.base.origin.at);
        Decision::Toy(View { id: self.base.id, seq, stamp, amount: self.made_with, taken: 0 })
    }

    /// Every answer of a toy is a receipt.
    fn original_answer(&self, _request: RequestKey) -> Option<(Fingerprint, Outcome)> {
        None
    }

    fn receipted(&self, receipt: &Receipt<Answer>) -> Decision {
        match receipt.answer {
            Answer::Refused(refusal) => Decision::Refused(refusal),
            Answer::Toy { amount, taken } => {
                let Receipt { seq, at: stamp, .. } = *receipt;
                Decision::Toy(View { id: self.base.id, seq, stamp, amount, taken })
            }
            Answer::Left(intent) => Decision::Left(intent),
        }
    }

    fn lapse(&mut self, _step: &mut Step<Self>) {}

    fn serve(&mut self, _step: &mut Step<Self>) {}

    fn decide(
        &mut self,
        _step: &mut Step<Self>,
        _identity: RequestIdentity,
        command: &Command,
    ) -> Result<Effect, Denied<Refusal>> {
        match *command {
            Command::Make { .. } => Err(Denied::KeyReused),
            Command::Give { to, amount } => {
                let rest = self.amount.checked_sub(amount).ok_or(Refusal::TooLittle)?;
                let effect = self.leave(to, Message::Give { amount }, Kind::Giving)?;
                self.amount = rest;
                Ok(effect)
            }
            Command::Reclaim { from, amount } => {
                self.leave(from, Message::Reclaim { amount }, Kind::Reclaiming)
            }
            Command::Acknowledge { to } => self.leave(to, Message::Acknowledge, Kind::Acknowledging),
            Command::Take { amount } => {
                self.amount = self.amount.checked_sub(amount).ok_or(Refusal::TooLittle)?;
                self.taken += amount;
                Ok(Effect::Changed(Kind::Taken))
            }
        }
    }

    fn kind(effect: Effect) -> Option<Kind> {
        match effect {
            Effect::Changed(kind) | Effect::Left(_, kind) => Some(kind),
        }
    }

    fn answer(&self, effect: Effect, _record: Option<&Record>) -> (Decision, Option<Answer>) {
        match effect {
            Effect::Changed(_) => {
                let Self { amount, taken, .. } = *self;
                (Decision::Toy(self.view()), Some(Answer::Toy { amount, taken }))
            }
            Effect::Left(intent, _) => (Decision::Left(intent), Some(Answer::Left(intent))),
        }
    }

    fn record(&self, step: Step<Self>, kind: Kind) -> Record {
        Record { seq: self.base.seq, at: step.at, kind, amount: self.amount }
    }

    fn handle_message(
        &mut self,
        _step: &mut Step<Self>,
        _from: EntityId,
        message: &Message,
    ) -> Handled<Kind> {
        match *message {
            Message::Acknowledge => Handled::Done(Reply::Noted, None),
            Message::Give { amount } => match self.amount.checked_add(amount) {
                Some(amount) if amount <= self.room => {
                    self.amount = amount;
                    Handled::Done(Reply::Taken, Some(Kind::Received))
                }
                Some(_) | None => Handled::Done(Reply::Full, None),
            },
            Message::Reclaim { amount } => {
                let amount = amount.min(self.amount);
                self.amount -= amount;
                Handled::Done(Reply::Returned { amount }, (amount > 0).then_some(Kind::Returned))
            }
            Message::Book(_)
            | Message::TakeBack { .. }
            | Message::Ended(_)
            | Message::Collect(_)
            | Message::Act(_)
            | Message::Overdue(_)
            | Message::Lost(_)
            | Message::Pay(_) => Handled::Foreign,
        }
    }

    fn handle_reply(&mut self, _step: &mut Step<Self>, intent: &IntentRecord, reply: &Reply) -> Option<Kind> {
        match (&intent.message, reply) {
            (Message::Give { amount }, Reply::Full) => {
                self.amount += amount;
                Some(Kind::GivenBack)
            }
            (Message::Reclaim { .. }, Reply::Returned { amount }) => {
                self.amount += amount;
                (*amount > 0).then_some(Kind::Reclaimed)
            }
            // Given for good, or told; what else there could be answers nothing that was asked.
            (_message, _reply) => None,
        }
    }
}

impl Toy {
    /// Leaves an intent, if there is room for one more.
    fn leave(&mut self, to: EntityId, message: Message, kind: Kind) -> Result<Effect, Denied<Refusal>> {
        if !self.base.intents.has_room() {
            return Err(Denied::Overloaded);
        }
        let intent = self.base.intents.leave(Target::Entity(to), message);
        Ok(Effect::Left(intent, kind))
    }
}

//! What may happen to an organizer.

use super::parts::Parts;
use super::seatmaps::{NotKept, NotTaken, Seatmap, Seatmaps};
use super::state::Organizer;
use super::words::{Answer, Command, Decision, Kind, Outcome, Part, Record, Refusal, View, Wish};
use crate::base::outcome::Denied;
use crate::base::parts::Base;
use crate::base::receipts::Receipt;
use crate::base::request::RequestIdentity;
use crate::base::step::{Step, Steps};
use crate::{Content, Fingerprint, RequestKey};

/// What a rule did.
#[derive(Clone, Copy)]
pub(crate) enum Effect {
    /// A part was taken in.
    Put,
    /// The part was here.
    WasHere,
    /// The map was kept.
    Kept(Content),
    /// The map had been kept before.
    Found(Content),
    /// These parts are missing.
    Missing(Parts),
}

impl Steps for Organizer {
    type Command = Command;
    type Refusal = Refusal;
    type Effect = Effect;
    type Decision = Decision;
    type Answer = Answer;
    type Kind = Kind;
    type Record = Record;
    /// The map that the step is about, if it has changed one.
    type Changed = Option<Content>;

    const CREATED: Kind = Kind::Made;

    fn base(&self) -> &Base<Answer> {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base<Answer> {
        &mut self.base
    }

    fn is_create(command: &Command) -> bool {
        matches!(command, Command::Make(_))
    }

    fn make(base: Base<Answer>, command: &Command) -> Result<Self, Refusal> {
        let Command::Make(name) = command else { unreachable!("only this makes an organizer") };
        Ok(Self { base, name: name.clone(), seatmaps: Seatmaps::default() })
    }

    fn creation_answer(&self) -> Decision {
        Decision::Made
    }

    /// Every answer of an organizer is a receipt, or is found again.
    fn original_answer(&self, _request: RequestKey) -> Option<(Fingerprint, Outcome)> {
        None
    }

    fn receipted(&self, receipt: &Receipt<Answer>) -> Decision {
        match receipt.answer {
            Answer::Refused(refusal) => Decision::Refused(refusal),
            Answer::Kept(content) => Decision::Kept(self.view(content)),
            Answer::Found(content) => Decision::Found(self.view(content)),
        }
    }

    fn lapse(&mut self, step: &mut Step<Self>) {
        if self.seatmaps.lapse(step.at) {
            step.mark_by_time(Kind::DraftsLapsed);
        }
    }

    fn serve(&mut self, _step: &mut Step<Self>) {}

    fn decide(
        &mut self,
        step: &mut Step<Self>,
        _identity: RequestIdentity,
        command: &Command,
    ) -> Result<Effect, Denied<Refusal>> {
        match command {
            Command::Make(_) => Err(Denied::KeyReused),
            Command::PutPart(part) => self.put_part(step, part),
            Command::Keep(wish) => self.keep(step, wish),
        }
    }

    fn kind(effect: Effect) -> Option<Kind> {
        match effect {
            Effect::Put => Some(Kind::PartPut),
            Effect::Kept(_) => Some(Kind::SeatmapKept),
            Effect::WasHere | Effect::Found(_) | Effect::Missing(_) => None,
        }
    }

    fn answer(&self, effect: Effect, _record: Option<&Record>) -> (Decision, Option<Answer>) {
        match effect {
            Effect::Put | Effect::WasHere => (Decision::PartTaken, None),
            Effect::Missing(parts) => (Decision::Missing(parts), None),
            Effect::Kept(content) => (Decision::Kept(self.view(content)), Some(Answer::Kept(content))),
            Effect::Found(content) => (Decision::Found(self.view(content)), Some(Answer::Found(content))),
        }
    }

    fn record(&self, step: Step<Self>, kind: Kind) -> Record {
        Record { seq: self.base.seq, at: step.at, kind, content: step.changed }
    }
}

impl Organizer {
    fn put_part(&mut self, step: &mut Step<Self>, part: &Part) -> Result<Effect, Denied<Refusal>> {
        match self.seatmaps.put(part, step.at) {
            Ok(()) => {
                step.changed = Some(part.content);
                Ok(Effect::Put)
            }
            Err(NotTaken::Here) => Ok(Effect::WasHere),
            Err(NotTaken::Misfit) => Err(Refusal::Misfit.into()),
            Err(NotTaken::Overloaded) => Err(Denied::Overloaded),
        }
    }

    fn keep(&mut self, step: &mut Step<Self>, wish: &Wish) -> Result<Effect, Denied<Refusal>> {
        match self.seatmaps.keep(wish, step.at) {
            Ok(()) => {
                step.changed = Some(wish.content);
                Ok(Effect::Kept(wish.content))
            }
            Err(NotKept::Here) => Ok(Effect::Found(wish.content)),
            Err(NotKept::Missing(parts)) => Ok(Effect::Missing(parts)),
            Err(NotKept::Full) => Err(Refusal::SeatmapsFull.into()),
            Err(NotKept::Misfit) => Err(Refusal::Misfit.into()),
        }
    }

    /// A map that was answered with: none ever goes.
    fn view(&self, content: Content) -> View {
        self.seatmaps.get(content).map(Seatmap::view).expect("a map that was answered with is kept")
    }
}

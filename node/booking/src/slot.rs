//! The slot: the one match that decides which rule is asked, and what every step has in common.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::limits::Rules;
use crate::rules::{
    Denied, Done, Verdict, accept, book, cancel, cancel_slot, change_slot, confirm, create, extend, lapse,
    promote, replay,
};
use crate::state::ledger::Ledger;
use crate::state::receipts::{Answer, Receipts, SlotChanged};
use crate::step::Step;
use crate::{
    Command, Decision, Definition, Kind, Level, Origin, Outcome, Record, Request, Seq, SlotId, Timestamp,
};

/// One bookable thing: its places, its bookings, its waitlist, and what it has answered.
///
/// Only [`Slot::apply`] and [`Slot::pulse`] change it.
pub struct Slot {
    pub(crate) id: SlotId,
    pub(crate) definition: Arc<Definition>,
    /// The definition's digest, which would be dear to compute at every look.
    pub(crate) definition_digest: u64,
    /// What it was defined as when it was made, if that has changed: making it again is answered as it was then.
    pub(crate) made_as: Option<Arc<Definition>>,
    /// The loosest limit for one customer that it ever had: a lower one binds new requests only.
    pub(crate) loosest_limit: Option<u32>,
    pub(crate) origin: Origin,
    pub(crate) seq: Seq,
    /// The latest stamp seen: time never goes back here, whatever a request's stamp is.
    pub(crate) stamp: Timestamp,
    pub(crate) cancelled: bool,
    pub(crate) ledger: Ledger,
    pub(crate) receipts: Receipts,
}

impl Slot {
    /// Applies one request under its entry's level and at its stamp, and answers it.
    ///
    /// `slot` is none until a [`Command::CreateSlot`] succeeds. A step that changed anything puts one record
    /// behind `records`, any other none. Replays and reused keys change nothing at all. A request for another
    /// slot is answered as one for a slot that does not exist.
    ///
    /// # Panics
    ///
    /// When this build does not know the level: whatever it decided would be a guess.
    pub fn apply(
        slot: &mut Option<Self>,
        level: Level,
        at: Timestamp,
        request: &Request,
        records: &mut Vec<Record>,
    ) -> Outcome {
        let rules = rules_of(level);
        let nowhere = Outcome { seq: Seq(0), at, replayed: false, decision: Decision::NotFound };
        let Some(known) = slot else {
            let Command::CreateSlot(definition) = &request.command else { return nowhere };
            return match create::create(at, request, definition) {
                Ok(new) => slot.insert(new).created(rules, records),
                Err(refusal) => Outcome { decision: Decision::Refused(refusal), ..nowhere },
            };
        };
        if known.id != request.slot {
            return nowhere;
        }
        let mut step =
            |rule: &dyn Fn(&mut Self, &mut Step) -> Verdict| known.step(rules, at, request, records, rule);
        match &request.command {
            Command::CreateSlot(_) => replay::creation(known, at, request),
            Command::ChangeSlot(change) => step(&|slot, step| change_slot::change_slot(slot, step, change)),
            Command::CancelSlot => step(&cancel_slot::cancel_slot),
            Command::Book(wish) => step(&|slot, step| book::book(slot, step, request, wish)),
            Command::CancelBooking(act) => step(&|slot, step| cancel::cancel(slot, step, act)),
            Command::ConfirmBooking(act) => step(&|slot, step| confirm::confirm(slot, step, act)),
            Command::ExtendHold(wish) => step(&|slot, step| extend::extend(slot, step, wish)),
            Command::AcceptOffer(act) => step(&|slot, step| accept::accept(slot, step, act)),
            Command::DeclineOffer(act) => step(&|slot, step| accept::decline(slot, step, act)),
        }
    }

    /// Lets time pass: what is due by this stamp lapses, and the waitlist is served. One record if anything
    /// changed; otherwise the slot is as it was.
    ///
    /// # Panics
    ///
    /// As [`Slot::apply`].
    pub fn pulse(&mut self, level: Level, at: Timestamp, records: &mut Vec<Record>) {
        let rules = rules_of(level);
        if self.deadline().is_some_and(|deadline| deadline <= at) {
            let step = self.begin(rules, at);
            self.end(step, None, records);
        }
    }

    /// The next moment at which time alone changes something, or none if it never will.
    pub fn deadline(&self) -> Option<Timestamp> {
        let ends_at = self.definition.ends_at;
        let waits = self.ledger.head().map(|_| ends_at);
        let lapses = self.ledger.first_deadline().map(|(until, _)| until.min(ends_at));
        waits.into_iter().chain(lapses).min()
    }

    /// A number that two replicas share only if their slots are equal, or by a chance of one in 2⁶⁴. It is
    /// kept as things change, and costs the same whatever the slot holds.
    pub fn digest(&self) -> u64 {
        self.header_digest().wrapping_add(self.ledger.tally().digest()).wrapping_add(self.receipts.digest())
    }

    /// Goes on as it is defined now.
    pub(crate) fn redefine(&mut self, new: Arc<Definition>) {
        let loosest = self.loosest_limit.zip(new.policy.customer_limit);
        self.loosest_limit = loosest.map(|(one, other)| one.max(other));
        self.ledger.redefine(&self.definition, &new);
        self.definition_digest = new.digest();
        let old = core::mem::replace(&mut self.definition, new);
        self.made_as.get_or_insert(old);
    }

    /// The change that made the slot, and its answer.
    fn created(&mut self, rules: &'static Rules, records: &mut Vec<Record>) -> Outcome {
        let step = Step::begin(rules, self.stamp);
        self.end(step, Some(Kind::SlotCreated), records);
        self.outcome(Decision::Slot(self.view()))
    }

    /// One step of a slot that exists: replay, or else time, the rule, and the record of it.
    fn step(
        &mut self,
        rules: &'static Rules,
        at: Timestamp,
        request: &Request,
        records: &mut Vec<Record>,
        rule: &dyn Fn(&mut Self, &mut Step) -> Verdict,
    ) -> Outcome {
        if let Some(outcome) = replay::answer(self, at, request) {
            return outcome;
        }
        let mut step = self.begin(rules, at);
        let verdict = rule(self, &mut step);
        promote::serve(self, &mut step);
        self.end(step, verdict.ok().and_then(Done::kind), records);
        self.answer(request, verdict)
    }

    /// Begins a step: time passes, outdated answers are forgotten, what is due lapses, and the waitlist is
    /// served.
    fn begin(&mut self, rules: &'static Rules, at: Timestamp) -> Step {
        self.stamp = self.stamp.max(at);
        self.receipts.forget_outdated(self.stamp);
        let mut step = Step::begin(rules, self.stamp);
        lapse::lapse(self, &mut step);
        promote::serve(self, &mut step);
        step
    }

    /// Ends a step: if anything was done, or time alone did something, it takes a `seq` and is recorded.
    fn end(&mut self, step: Step, done: Option<Kind>, records: &mut Vec<Record>) {
        if let Some(kind) = done.or_else(|| step.by_time()) {
            self.seq = self.seq.next();
            records.push(step.record(self, kind));
        }
    }

    /// Answers what a rule has decided, and remembers the answer where it is not in the booking itself.
    fn answer(&mut self, request: &Request, verdict: Verdict) -> Outcome {
        let (decision, answer) = match verdict {
            Ok(Done::Booked(number)) => (Decision::Booking(self.booking_numbered(number)), None),
            Ok(Done::Acted(number, _) | Done::Kept(number)) => {
                let standing = self.ledger.bookings().get(number).standing;
                let answer = Answer::Booking { number, standing };
                (Decision::Booking(self.booking_numbered(number)), Some(answer))
            }
            Ok(Done::SlotChanged | Done::SlotKept) => {
                let changed =
                    SlotChanged { definition: Arc::clone(&self.definition), counts: self.ledger.counts() };
                (Decision::Slot(self.view()), Some(Answer::SlotChanged(Box::new(changed))))
            }
            Ok(Done::SlotCancelled) => (Decision::Slot(self.view()), Some(Answer::SlotCancelled)),
            Err(Denied::Refused(refusal)) => (Decision::Refused(refusal), Some(Answer::Refused(refusal))),
            Err(Denied::NotFound) => (Decision::NotFound, None),
            Err(Denied::Forbidden) => (Decision::Forbidden, None),
        };
        let outcome = self.outcome(decision);
        if let Some(answer) = answer {
            self.receipts.remember((request.key, request.fingerprint), &outcome, answer);
        }
        outcome
    }

    /// An answer decided now.
    fn outcome(&self, decision: Decision) -> Outcome {
        Outcome { seq: self.seq, at: self.stamp, replayed: false, decision }
    }
}

/// What holds under a level that this build must know.
fn rules_of(level: Level) -> &'static Rules {
    level.rules().unwrap_or_else(|| panic!("this build does not know the rules of {level:?}"))
}

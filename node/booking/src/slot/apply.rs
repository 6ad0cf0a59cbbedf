//! The one match that decides which rule is asked.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::base::intents::IntentRecord;
use crate::base::message::{Message, Reply};
use crate::base::outcome::Denied;
use crate::base::parts::Base;
use crate::base::receipts::Receipt;
use crate::base::request::RequestIdentity;
use crate::base::step::{self, Handled, Steps};
use crate::slot::levels::ACCOUNTS;
use crate::slot::rules::{
    Effect, RuleResult, accept, book, cancel, cancel_slot, change_quantity, change_sale, change_slot,
    confirm, create, credits, extend, extend_hours, lapse, move_booking, orders, promote, swap_seats,
};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::answer::{Answer, SlotChanged};
use crate::slot::state::shown::Then;
use crate::slot::state::step::{Changed, Step};
use crate::{
    BookingView, Command, Counts, Decision, EntityId, Fingerprint, Kind, Level, Number, Outcome, Record,
    Request, RequestKey, Seq, Slot, Standing, Stock, Timestamp, View,
};

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
        let identity = (request.slot.into(), request.identity());
        let (outcome, record) = if let Some(known) = slot {
            step::ask(known, level, at, identity, &request.command)
        } else {
            let (made, applied) = step::make(level, at, identity, &request.command);
            *slot = made;
            applied
        };
        records.extend(record);
        outcome
    }

    /// Lets time pass: what is due by this stamp lapses, and the waitlist is served. One record if anything
    /// changed; otherwise the slot is as it was.
    ///
    /// # Panics
    ///
    /// As [`Slot::apply`].
    pub fn pulse(&mut self, level: Level, at: Timestamp, records: &mut Vec<Record>) {
        let deadline = self.deadline();
        records.extend(step::pulse(self, level, at, deadline));
    }
}

impl Steps for Slot {
    type Command = Command;
    type Refusal = Refused;
    type Effect = Effect;
    type Decision = Decision;
    type Answer = Answer;
    type Kind = Kind;
    type Record = Record;
    type Changed = Changed;

    const CREATED: Kind = Kind::SlotCreated;

    fn base(&self) -> &Base<Answer> {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base<Answer> {
        &mut self.base
    }

    fn is_create(command: &Command) -> bool {
        matches!(command, Command::CreateSlot(_))
    }

    fn make(base: Base<Answer>, command: &Command) -> Result<Self, Refused> {
        let Command::CreateSlot(new) = command else { unreachable!("only this makes a slot") };
        Ok(create::create(base, new)?)
    }

    fn creation_answer(&self) -> Decision {
        let definition = self.original_definition.as_ref().unwrap_or(&self.definition);
        let house = self.house_as_made();
        let counts = match &definition.stock {
            Stock::Units { capacity } => Counts::untouched(*capacity),
            Stock::Seats(_) => Counts::untouched(house.as_ref().map_or(0, |house| house.capacity())),
            Stock::Calendar(calendar) => Counts { free: 0, ..Counts::untouched(calendar.places.count()) },
        };
        Decision::Slot(View {
            id: self.id(),
            definition: Arc::clone(definition),
            seq: Seq(0).next(),
            stamp: self.base.origin.at,
            counts,
            cancelled: false,
            house,
            goods: self.goods_as_made(),
            calendar: self.calendar_as_made(),
        })
    }

    fn original_answer(&self, request: RequestKey) -> Option<(Fingerprint, Outcome)> {
        let booking = self.ledger.bookings().by_request(request)?;
        let decision = Decision::Booking(self.booking_first(booking));
        let first = Outcome { seq: booking.first.seq, at: booking.created_at, replayed: true, decision };
        Some((booking.fingerprint, first))
    }

    fn receipted(&self, receipt: &Receipt<Answer>) -> Decision {
        match &receipt.answer {
            Answer::Refused(refusal) => Decision::Refused(*refusal),
            Answer::Booking { number, standing, fewer, position, seating, range, bill } => {
                let booking = self.ledger.bookings().get(*number);
                let then = Then {
                    standing: *standing,
                    quantity: fewer.map_or_else(|| booking.asked_quantity(), NonZeroU32::get),
                    position: position.map(NonZeroU32::get),
                    seating: seating.clone(),
                    range: range.as_deref().copied(),
                    bill: bill.clone(),
                    // What has become of credits is told as it is now.
                    credits: self
                        .ledger
                        .bookings()
                        .whole(booking)
                        .credits
                        .map(|credits| credits.view().into()),
                };
                Decision::Booking(self.booking_as(booking, then))
            }
            Answer::SlotChanged(changed) => Decision::Slot(View {
                id: self.id(),
                definition: Arc::clone(&changed.definition),
                seq: receipt.seq,
                stamp: receipt.at,
                counts: changed.counts,
                cancelled: false,
                house: changed.house.clone(),
                goods: changed.goods.clone(),
                calendar: changed.calendar.clone(),
            }),
            // A cancelled slot never takes another seq, and only its stamp moves on.
            Answer::SlotCancelled => Decision::Slot(View { stamp: receipt.at, ..self.view() }),
        }
    }

    fn lapse(&mut self, step: &mut Step) {
        let is_for_sale = !self.cancelled && step.at < self.definition.ends_at;
        // What everyone sees of prices is told anew: two views of one seq are the same.
        if self.ledger.set_time(step.at) && is_for_sale {
            step.mark_by_time(Kind::Lapsed);
        }
        self.ledger.set_level(step.level);
        lapse::lapse(self, step);
    }

    fn serve(&mut self, step: &mut Step) {
        promote::serve(self, step);
        credits::go_on(self, step);
        orders::go_on(self, step);
    }

    fn decide(&mut self, step: &mut Step, identity: RequestIdentity, command: &Command) -> RuleResult {
        assert!(command.since() <= step.level, "nobody asks under a level for what it does not have");
        match command {
            Command::CreateSlot(_) => Err(Denied::KeyReused),
            Command::ChangeSlot(change) => change_slot::change_slot(self, step, change),
            Command::CancelSlot => cancel_slot::cancel_slot(self, step),
            Command::Book(book) => book::book(self, step, identity, book),
            Command::CancelBooking(act) => cancel::cancel(self, step, act),
            Command::ConfirmBooking(act) => confirm::confirm(self, step, act),
            Command::ExtendHold(extend) => extend::extend(self, step, extend),
            Command::AcceptOffer(act) => accept::accept(self, step, act),
            Command::DeclineOffer(act) => accept::decline(self, step, act),
            Command::ChangeQuantity(change) => change_quantity::change_quantity(self, step, change),
            Command::SwapSeats(swap) => swap_seats::swap_seats(self, step, swap),
            Command::ChangeSale(change) => change_sale::change_sale(self, step, change),
            Command::MoveBooking(asked) => move_booking::move_booking(self, step, asked),
            Command::ExtendHours(asked) => extend_hours::extend_hours(self, step, asked),
        }
    }

    fn handle_message(&mut self, step: &mut Step, from: EntityId, message: &Message) -> Handled<Kind> {
        match message {
            Message::Book(promised) => {
                assert!(ACCOUNTS <= step.level, "nobody asks under a level for what it does not have");
                let (reply, kind) = credits::book_promised(self, step, from, promised);
                Handled::Done(reply, kind)
            }
            Message::TakeBack { booking, promise } => {
                Handled::Done(Reply::Noted, credits::take_back(self, step, from, (*booking, *promise)))
            }
            Message::Collect(ask) => {
                let (reply, kind) = orders::collect(self, step, from, ask);
                Handled::Done(reply, kind)
            }
            Message::Act(act) => {
                let (reply, kind) = orders::act(self, step, from, act);
                Handled::Done(reply, kind)
            }
            Message::Acknowledge
            | Message::Ended(_)
            | Message::Overdue(_)
            | Message::Lost(_)
            | Message::Pay(_) => Handled::Foreign,
            #[cfg(feature = "rehearsal")]
            Message::Give { .. } | Message::Reclaim { .. } => Handled::Foreign,
        }
    }

    fn handle_reply(&mut self, step: &mut Step, intent: &IntentRecord, reply: &Reply) -> Option<Kind> {
        if let (Message::Ended(_), Some(account)) = (&intent.message, &mut self.account) {
            account.heard();
        }
        if let Reply::Gone(items) = reply { orders::let_go(self, step, items) } else { None }
    }

    fn kind(effect: Effect) -> Option<Kind> {
        effect.kind()
    }

    fn answer(&self, effect: Effect, record: Option<&Record>) -> (Decision, Option<Answer>) {
        let shown = |number: Number| {
            let recorded = record.and_then(|record| record.bookings.first());
            let same = recorded.filter(|booking| booking.number == number);
            same.map_or_else(|| self.booking_numbered(number), BookingView::clone)
        };
        match effect {
            Effect::Booked(number) => (Decision::Booking(shown(number)), None),
            Effect::Acted(number, _) | Effect::BookingUnchanged(number) => {
                let booking = self.ledger.bookings().get(number);
                // The record does not tell where one stands who waited before.
                let waits = booking.standing == Standing::Waitlisted;
                let view = if waits { self.booking_now(booking) } else { shown(number) };
                let fewer = booking.first_quantity.and_then(|_more| NonZeroU32::new(booking.quantity));
                let position = view.position.and_then(NonZeroU32::new);
                let (standing, seating, bill) = (booking.standing, view.seating.clone(), view.bill.clone());
                let range = self.ledger.bookings().whole(booking).range.map(|claim| Box::new(claim.had));
                let answer = Answer::Booking { number, standing, fewer, position, seating, range, bill };
                (Decision::Booking(view), Some(answer))
            }
            Effect::SlotChanged | Effect::SaleChanged | Effect::SlotUnchanged => {
                let view = self.view();
                let definition = Arc::clone(&view.definition);
                let (house, goods, calendar) =
                    (view.house.clone(), view.goods.clone(), view.calendar.clone());
                let changed = SlotChanged { definition, counts: view.counts, house, goods, calendar };
                (Decision::Slot(view), Some(Answer::SlotChanged(Box::new(changed))))
            }
            Effect::SlotCancelled => (Decision::Slot(self.view()), Some(Answer::SlotCancelled)),
        }
    }

    fn record(&self, mut step: Step, kind: Kind) -> Record {
        let told = step.changed.take_told();
        let bookings = step.changed.shown(self);
        let (counts, house, calendar) = (self.ledger.counts(), self.house_view(), self.calendar_view());
        Record { seq: self.base.seq, at: step.at, kind, bookings, counts, house, calendar, told }
    }
}

//! What may happen to a merchant.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::account::Account;
use super::accounts::Accounts;
use super::orders::Orders;
use super::package::{Credits, Package, Source, Window};
use super::plan::{Activation, Plan};
use super::refusal::Refusal;
use super::state::Merchant;
use super::voucher::Vouchers;
use super::words::{Answer, Command, Decision, Entry, Grant, Holding, Kind, LEVEL, Outcome, Record, Refused};
use crate::base::intents::IntentRecord;
use crate::base::message::{Message, Reply};
use crate::base::outcome::Denied;
use crate::base::parts::Base;
use crate::base::promise::{PackageNumber, PromiseNumber};
use crate::base::receipts::Receipt;
use crate::base::request::RequestIdentity;
use crate::base::step::{self, Handled, Steps};
use crate::limits::ACCOUNTS_LAPSED_PER_STEP_MAX;
use crate::{EntityId, Fingerprint, OrderNumber, RequestKey, Timestamp, VoucherNumber};

/// A step of a merchant.
pub(super) type Step = step::Step<Merchant>;

/// What a rule decided.
pub(super) type RuleResult = Result<Effect, Denied<Refused>>;

/// What a rule did.
#[derive(Clone, Copy)]
pub(crate) enum Effect {
    /// It did this to this package.
    Package(PackageNumber, Kind),
    /// It made this promise.
    Promised(PromiseNumber),
    /// It did something to this voucher.
    Voucher(VoucherNumber),
    /// The voucher is so already: nothing changed.
    VoucherUnchanged(VoucherNumber),
    /// It did this to this order.
    Order(OrderNumber, Kind),
    /// The order is so already: nothing changed.
    OrderUnchanged(OrderNumber),
    /// It froze payments, or let them go on.
    PaymentsChanged,
    /// They are so already: nothing changed.
    PaymentsUnchanged,
    /// It set the limit.
    LimitSet,
    /// The limit is this already: nothing changed.
    LimitUnchanged,
}

impl Steps for Merchant {
    type Command = Command;
    type Refusal = Refused;
    type Effect = Effect;
    type Decision = Decision;
    type Answer = Answer;
    type Kind = Kind;
    type Record = Record;
    /// What the step has done so far, in order.
    type Changed = Vec<Entry>;

    const CREATED: Kind = Kind::Opened;

    fn base(&self) -> &Base<Answer> {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base<Answer> {
        &mut self.base
    }

    fn is_create(command: &Command) -> bool {
        matches!(command, Command::Open(_))
    }

    fn make(base: Base<Answer>, command: &Command) -> Result<Self, Refused> {
        let Command::Open(name) = command else { unreachable!("only this makes a merchant") };
        Ok(Self {
            base,
            name: (**name).clone(),
            accounts: Accounts::default(),
            vouchers: Vouchers::default(),
            orders: Orders::default(),
            is_frozen: false,
            limit: None,
            packages_made: 0,
            promises_made: 0,
            is_behind: false,
        })
    }

    fn creation_answer(&self) -> Decision {
        Decision::Open
    }

    /// Every answer of a merchant is a receipt.
    fn original_answer(&self, _request: RequestKey) -> Option<(Fingerprint, Outcome)> {
        None
    }

    fn receipted(&self, receipt: &Receipt<Answer>) -> Decision {
        match &receipt.answer {
            Answer::Refused(refusal) => Decision::Refused(*refusal),
            Answer::Package(holding) => Decision::Package(holding.clone()),
            Answer::Promised(promise) => Decision::Promised(*promise),
            Answer::Limit(limit) => Decision::Limit(*limit),
            Answer::Voucher(voucher) => Decision::Voucher(voucher.clone()),
            Answer::Order(order) => self.shown(*order),
            Answer::Payments(are_frozen) => Decision::Payments(*are_frozen),
        }
    }

    fn lapse(&mut self, step: &mut Step) {
        self.is_behind = false;
        self.lapse_orders(step);
        for _account in 0..ACCOUNTS_LAPSED_PER_STEP_MAX {
            let due = self.accounts.first_deadline().filter(|(due, _customer)| *due <= step.at);
            let Some((_due, customer)) = due else { break };
            let customer = Box::<str>::from(customer);
            self.pass(step, &customer);
        }
        self.is_behind = self.deadline().is_some_and(|due| due <= step.at);
    }

    fn serve(&mut self, _step: &mut Step) {}

    fn decide(&mut self, step: &mut Step, _identity: RequestIdentity, command: &Command) -> RuleResult {
        assert!(LEVEL <= step.level, "nobody asks under a level for what it does not have");
        if let Some(customer) = command.customer() {
            self.pass(step, customer);
        }
        match command {
            Command::Open(_) => Err(Denied::KeyReused),
            Command::Grant(grant) => self.grant(step, grant),
            Command::Reserve(reserve) => self.reserve(step, reserve),
            Command::Freeze(freeze) => self.freeze(step, freeze),
            Command::Unfreeze(which) => self.unfreeze(step, which),
            Command::Revoke(which, bookings) => self.revoke(step, which, *bookings),
            Command::MakeVoucher(new) => self.make_voucher(step, new),
            Command::ChangeVoucher(change) => self.change_voucher(step, change),
            Command::WithdrawVoucher(voucher) => self.withdraw_voucher(step, *voucher),
            Command::Order(new) => self.take_order(step, new),
            Command::ConfirmOrder(asked) => self.confirm(step, asked),
            Command::ExtendOrder(asked, seconds) => self.extend(step, asked, *seconds),
            Command::CancelOrder(asked, items) => self.cancel(step, asked, items),
            Command::PayOrder(asked, provider) => self.try_to_pay(step, asked, *provider),
            Command::ReportPayment(customer, report) => self.report_payment(step, customer, report),
            Command::RefundOrder(asked, amount) => self.refund(step, asked, *amount),
            Command::FreezePayments(is_frozen) => Ok(self.freeze_payments(*is_frozen)),
            Command::SetLimit(limit) if self.limit == *limit => Ok(Effect::LimitUnchanged),
            Command::SetLimit(limit) => {
                self.limit = *limit;
                Ok(Effect::LimitSet)
            }
        }
    }

    fn kind(effect: Effect) -> Option<Kind> {
        match effect {
            Effect::Package(_, kind) | Effect::Order(_, kind) => Some(kind),
            Effect::Promised(_) => Some(Kind::Reserved),
            Effect::LimitSet => Some(Kind::LimitSet),
            Effect::Voucher(_) => Some(Kind::VoucherChanged),
            Effect::PaymentsChanged => Some(Kind::PaymentsSet),
            Effect::LimitUnchanged
            | Effect::VoucherUnchanged(_)
            | Effect::OrderUnchanged(_)
            | Effect::PaymentsUnchanged => None,
        }
    }

    fn answer(&self, effect: Effect, _record: Option<&Record>) -> (Decision, Option<Answer>) {
        match effect {
            Effect::Package(number, _) => {
                let holding = Box::new(self.holding(number));
                (Decision::Package(holding.clone()), Some(Answer::Package(holding)))
            }
            Effect::Promised(number) => (Decision::Promised(number), Some(Answer::Promised(number))),
            Effect::Voucher(number) | Effect::VoucherUnchanged(number) => {
                let voucher = Box::new(self.vouchers.get(number).expect("it was just here").clone());
                (Decision::Voucher(voucher.clone()), Some(Answer::Voucher(voucher)))
            }
            Effect::Order(number, _) | Effect::OrderUnchanged(number) => {
                (self.shown(number), Some(Answer::Order(number)))
            }
            Effect::PaymentsChanged | Effect::PaymentsUnchanged => {
                (Decision::Payments(self.is_frozen), Some(Answer::Payments(self.is_frozen)))
            }
            Effect::LimitSet | Effect::LimitUnchanged => {
                (Decision::Limit(self.limit), Some(Answer::Limit(self.limit)))
            }
        }
    }

    fn record(&self, step: Step, kind: Kind) -> Record {
        Record { seq: self.base.seq, at: step.at, kind, entries: step.changed }
    }

    fn handle_message(&mut self, step: &mut Step, from: EntityId, message: &Message) -> Handled<Kind> {
        let before = step.changed.len();
        let reply = match message {
            Message::Ended(ends) => {
                for end in ends {
                    self.pass(step, &end.customer);
                    self.end(step, from, end);
                }
                Reply::Noted
            }
            Message::Lost(items) => {
                self.lose(step, from, items);
                Reply::Noted
            }
            Message::Overdue(items) => Reply::Gone(self.gone(items)),
            Message::Acknowledge
            | Message::Book(_)
            | Message::TakeBack { .. }
            | Message::Collect(_)
            | Message::Act(_)
            | Message::Pay(_) => return Handled::Foreign,
            #[cfg(feature = "rehearsal")]
            Message::Give { .. } | Message::Reclaim { .. } => return Handled::Foreign,
        };
        Handled::Done(reply, step.changed.get(before).map(|entry| entry.kind))
    }

    fn handle_reply(&mut self, step: &mut Step, intent: &IntentRecord, reply: &Reply) -> Option<Kind> {
        match (&intent.message, reply) {
            (Message::Book(promised), Reply::Booked(_)) => {
                self.note_booked(promised);
                None
            }
            (Message::Book(promised), Reply::NotBooked(_)) => {
                let before = step.changed.len();
                self.pass(step, &promised.book.customer);
                self.give_up(step, promised);
                step.changed.get(before).map(|entry| entry.kind)
            }
            (Message::Collect(ask), Reply::Collected(collected)) => {
                let before = step.changed.len();
                self.note_collected(step, ask, collected);
                step.changed.get(before).map(|entry| entry.kind).or(Some(Kind::Ordered))
            }
            (Message::Act(act), Reply::Acted(left_out)) => {
                let before = step.changed.len();
                self.note_acted(step, act, left_out);
                step.changed.get(before).map(|entry| entry.kind)
            }
            (Message::Pay(ask), Reply::Paid(report)) => {
                let before = step.changed.len();
                self.note_answered(step, ask, report);
                step.changed.get(before).map(|entry| entry.kind)
            }
            // Told; what else there could be answers nothing that was asked.
            (_message, _reply) => None,
        }
    }
}

impl Merchant {
    /// Lets time pass for one account: whatever is asked of it finds it as it is by now.
    pub(super) fn pass(&mut self, step: &mut Step, customer: &str) {
        let is_due = |due| due <= step.at;
        if !self.accounts.get(customer).and_then(Account::deadline).is_some_and(is_due) {
            return;
        }
        let at = step.at;
        for (package, passed) in self.accounts.change(customer, |account| account.pass(at)) {
            let entry = |kind, count| Entry::of_package(kind, customer, package, count);
            if passed.is_thawed {
                step.changed.push(entry(Kind::Unfrozen, 0));
                step.mark_by_time(Kind::Unfrozen);
            }
            if 0 < passed.expired {
                step.changed.push(entry(Kind::Expired, passed.expired));
                step.mark_by_time(Kind::Expired);
            }
        }
    }

    /// Gives a customer a package.
    fn grant(&mut self, step: &mut Step, grant: &Grant) -> RuleResult {
        let Grant { customer, plan, valid_from, valid_until } = grant;
        let lasts = valid_from.zip(*valid_until).is_none_or(|(from, until)| from < until);
        let is_over = valid_until.is_some_and(|until| until <= step.at);
        if plan.credits == 0 || !lasts || is_over {
            return Err(Refusal::Malformed.into());
        }
        if self.accounts.get(customer).is_some_and(|account| !account.has_room(step.at)) {
            return Err(Refusal::TooManyPackages.into());
        }
        let number = self.grant_package(step, customer, (plan, *valid_from, *valid_until));
        Ok(Effect::Package(number, Kind::Granted))
    }

    /// Gives a customer a package of a plan, from when until when it is to be good.
    pub(super) fn grant_package(
        &mut self,
        step: &mut Step,
        customer: &str,
        (plan, valid_from, valid_until): (&Arc<Plan>, Option<Timestamp>, Option<Timestamp>),
    ) -> PackageNumber {
        let (window, until_max) = match plan.activation {
            Activation::Purchase => {
                let from = Some(valid_from.unwrap_or(step.at));
                (Window { from, until: valid_until }, None)
            }
            Activation::FirstUse => (Window::default(), valid_until),
        };
        let package = Package { window, until_max, ..self.package(step, Arc::clone(plan), plan.credits) };
        let number = package.number;
        self.give(step, customer, package);
        number
    }

    /// An order as it is now.
    fn shown(&self, number: OrderNumber) -> Decision {
        self.orders.get(number).map_or(Decision::NotFound, |order| Decision::Order(Box::new(order.clone())))
    }

    /// A package that is granted now, and good for ever.
    pub(super) fn package(&self, step: &Step, plan: Arc<Plan>, count: u32) -> Package {
        Package {
            number: PackageNumber(self.packages_made + 1),
            plan,
            credits: Credits { granted: count, available: count, ..Credits::default() },
            granted_at: step.at,
            window: Window::default(),
            used: None,
            until_max: None,
            moved_ms: 0,
            grace_until: None,
            freeze: None,
            freezes: 0,
            is_revoked: false,
            source: Source::Granted,
        }
    }

    /// Enters a package that is new.
    pub(super) fn give(&mut self, step: &mut Step, customer: &str, package: Package) {
        let (number, count) = (package.number, package.credits.granted);
        self.packages_made = number.0;
        self.accounts.change(customer, |account| account.packages.push(package));
        step.changed.push(Entry::of_package(Kind::Granted, customer, number, count));
    }

    /// A package, and whose it is: one that was just changed.
    fn holding(&self, number: PackageNumber) -> Holding {
        let customer = self.accounts.owner(number).expect("what was just changed is in memory");
        let account = self.accounts.get(customer).expect("an owner has an account");
        let package = account.package(number).expect("an owner's package is in the account").clone();
        Holding { customer: customer.into(), package }
    }
}

impl Entry {
    /// What happened to a package, for no booking.
    pub(super) fn of_package(kind: Kind, customer: &str, package: PackageNumber, count: u32) -> Self {
        let package = Some(package);
        Self { kind, customer: customer.into(), package, voucher: None, order: None, count, booking: None }
    }
}

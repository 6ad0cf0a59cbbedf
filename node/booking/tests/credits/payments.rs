//! Payments: a row for each branch, beside a provider that keeps books of its own, and random ones in which reports are lost, repeated
//! and reordered: what the provider's books say and what the order says differ by nothing.

use std::collections::BTreeMap;

use booking::merchant::{Attempt, Command, Decision, NewOrder, Order, OrderStatus, Owner, Refusal, RowKind};
use booking::{
    AttemptStatus, Currency, Dispute, IntentNumber, OrderNumber, PaymentAsk, PaymentDeed, PaymentReport,
    Provider, Reply, Reported, Status,
};

use crate::sagas::{asked, order_of, place, plain};
use crate::world::{DAY_MS, World};

const EUR: Option<Currency> = Some(Currency(*b"EUR"));

/// A provider with books of its own. What is asked under a key it does once.
#[derive(Default)]
struct Till {
    books: BTreeMap<(OrderNumber, u32), PaymentReport>,
    done: BTreeMap<IntentNumber, PaymentReport>,
    refuses_refunds: bool,
    loses_authorisations: bool,
}

impl Till {
    fn asked(&mut self, key: IntentNumber, ask: &PaymentAsk) -> PaymentReport {
        if let Some(done) = self.done.get(&key) {
            return done.clone();
        }
        let PaymentAsk { order, attempt, what, amount, currency } = *ask;
        let book = self.books.entry((order, attempt)).or_insert_with(|| PaymentReport {
            order,
            attempt,
            status: AttemptStatus::New,
            authorised: 0,
            captured: 0,
            refunded: 0,
            refund_failed: false,
            dispute: Dispute::None,
            currency,
            reference: format!("pay_{}_{attempt}", order.0).into(),
        });
        match what {
            PaymentDeed::Create => book.status = book.status.max(AttemptStatus::Pending),
            PaymentDeed::Capture if self.loses_authorisations => book.status = AttemptStatus::Lost,
            PaymentDeed::Capture if book.status == AttemptStatus::Authorised => {
                assert!(amount <= book.authorised, "no more than was authorised");
                (book.status, book.captured) = (AttemptStatus::Captured, amount);
            }
            PaymentDeed::Void if book.status < AttemptStatus::Voided => book.status = AttemptStatus::Voided,
            PaymentDeed::Refund if self.refuses_refunds => book.refund_failed = true,
            PaymentDeed::Refund => {
                book.refunded += amount;
                book.refund_failed = false;
                assert!(book.refunded <= book.captured, "no more than was taken");
            }
            PaymentDeed::Capture | PaymentDeed::Void => {}
        }
        self.done.insert(key, book.clone());
        book.clone()
    }

    /// Its customer authorises an attempt, if that can be.
    fn authorise(&mut self, order: OrderNumber, attempt: u32, amount: u64) -> PaymentReport {
        let book = self.books.get_mut(&(order, attempt)).unwrap();
        if book.status < AttemptStatus::Authorised {
            (book.status, book.authorised) = (AttemptStatus::Authorised, amount);
        }
        book.clone()
    }

    /// What it has of an order.
    fn has(&self, order: OrderNumber) -> u64 {
        let books = self.books.values().filter(|book| book.order == order);
        books.map(|book| book.captured - book.refunded).sum()
    }
}

struct Shop {
    world: World,
    till: Till,
}

impl Shop {
    /// A shop with an order of 20.00 that is held, and one attempt to pay for it.
    fn new() -> (Self, OrderNumber) {
        let mut shop =
            Self { world: World::new([plain(9, Some(1_000)), plain(9, Some(1_000))]), till: Till::default() };
        let number = shop.order(10, false);
        shop.pay(number);
        shop.settle();
        (shop, number)
    }

    fn order(&mut self, key: u128, is_bundle: bool) -> OrderNumber {
        let new = order_of(&self.world, "alice", &[(0, key, 1), (1, key + 1, 1)]);
        let number = place(&mut self.world, NewOrder { is_bundle, ..new });
        self.settle();
        number
    }

    fn pay(&mut self, number: OrderNumber) -> Decision {
        self.world.ask(Command::PayOrder(asked("alice", number, Owner::Customer), Provider(1)))
    }

    fn report(&mut self, report: PaymentReport) -> Decision {
        self.world.ask(Command::ReportPayment("alice".into(), Box::new(report)))
    }

    /// Carries everything out, at slots and at the provider.
    fn settle(&mut self) {
        loop {
            self.world.settle();
            let asks = self.world.asked_of_providers();
            let Some((key, ask)) = asks.first() else { return };
            let report = self.till.asked(*key, ask);
            assert_eq!(self.world.report((None, *key), Reply::Paid(Box::new(report))), Reported::Ended);
        }
    }

    fn seen(&self, number: OrderNumber) -> Order {
        self.world.merchant().order(number).unwrap().clone()
    }

    fn attempt(&self, number: OrderNumber, place: usize) -> Attempt {
        self.seen(number).attempts[place].clone()
    }

    fn cancel(&mut self, number: OrderNumber, items: Vec<u32>) {
        self.world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), items));
        self.settle();
    }

    /// What the provider's books say and what the order says differ by nothing.
    fn reconciles(&self, number: OrderNumber) {
        let order = self.seen(number);
        let said = order.attempts.iter().map(|attempt| attempt.captured - attempt.refunded).sum::<u64>();
        assert_eq!(said, self.till.has(number));
    }

    /// From now on everything arrives, and the books agree.
    fn mend(&mut self, seed: u64, orders: [OrderNumber; 2]) {
        // Everything arrives: what is only known to the provider is found by asking it.
        self.settle();
        for book in self.till.books.values().cloned().collect::<Vec<_>>() {
            self.report(book);
        }
        self.settle();
        for number in orders {
            self.reconciles(number);
            let order = self.seen(number);
            let is_paid = order.status == OrderStatus::Confirmed;
            let owed = if is_paid { order.amount() } else { 0 };
            assert_eq!(self.till.has(number), owed, "{seed}: {order:?}");
            assert!(order.is_settled(), "{seed}");
        }
    }
}

#[test]
fn what_is_authorised_in_time_confirms_and_is_taken_when_every_slot_has_confirmed() {
    let (mut shop, number) = Shop::new();
    assert_eq!(shop.attempt(number, 0).status, AttemptStatus::Pending);
    let report = shop.till.authorise(number, 1, 2_000);
    shop.report(report.clone());
    assert_eq!(shop.seen(number).status, OrderStatus::Confirmed);
    assert!(shop.world.asked_of_providers().is_empty(), "nothing is taken before slots have confirmed");
    shop.settle();
    let attempt = shop.attempt(number, 0);
    assert_eq!((attempt.status, attempt.captured), (AttemptStatus::Captured, 2_000));
    assert_eq!(shop.world.booking(1, 11).unwrap().status, Status::Confirmed);
    let rows = attempt.rows.iter().map(|row| (row.kind, row.amount)).collect::<Vec<_>>();
    assert_eq!(rows, [(RowKind::Authorised, 2_000), (RowKind::Captured, 2_000)]);
    shop.reconciles(number);
    // The same report again, and an older one: nothing changes.
    let before = shop.world.digests();
    let older = PaymentReport { status: AttemptStatus::Action, authorised: 0, ..report.clone() };
    for late in [report, older] {
        let seq = shop.world.seq();
        shop.report(late);
        assert_eq!(shop.world.seq(), seq, "no record");
    }
    assert_eq!(shop.attempt(number, 0), attempt);
    assert_ne!(before, shop.world.digests(), "but for the receipts");
    assert_eq!(shop.pay(number), Decision::Refused(Refusal::OrderPaid));
}

#[test]
fn what_is_authorised_late_is_let_go() {
    let (mut shop, number) = Shop::new();
    shop.world.at = shop.seen(number).until.0;
    let report = shop.till.authorise(number, 1, 2_000);
    shop.report(report);
    shop.settle();
    assert_eq!(shop.seen(number).status, OrderStatus::Expired);
    let attempt = shop.attempt(number, 0);
    assert_eq!((attempt.status, attempt.sum(RowKind::Voided)), (AttemptStatus::Voided, 2_000));
    shop.reconciles(number);
    // The same where its customer gave it back while paying.
    let (mut shop, number) = Shop::new();
    shop.cancel(number, Vec::new());
    assert_eq!(shop.attempt(number, 0).status, AttemptStatus::Voided, "the provider's side is closed");
}

#[test]
fn what_was_taken_at_once_and_late_is_given_back() {
    let (mut shop, number) = Shop::new();
    shop.world.at = shop.seen(number).until.0;
    let book = shop.till.books.get_mut(&(number, 1)).unwrap();
    (book.status, book.authorised, book.captured) = (AttemptStatus::Captured, 2_000, 2_000);
    let report = book.clone();
    shop.report(report);
    shop.settle();
    assert_eq!((shop.attempt(number, 0).refunded, shop.till.has(number)), (2_000, 0));
}

#[test]
fn of_two_attempts_the_first_confirms_and_the_second_is_let_go() {
    let (mut shop, number) = Shop::new();
    shop.pay(number);
    shop.settle();
    assert_eq!(shop.till.done.len(), 2, "each attempt has a key of its own");
    for attempt in [2, 1] {
        let report = shop.till.authorise(number, attempt, 2_000);
        shop.report(report);
    }
    shop.settle();
    let statuses = [shop.attempt(number, 0).status, shop.attempt(number, 1).status];
    assert_eq!(statuses, [AttemptStatus::Voided, AttemptStatus::Captured]);
    assert_eq!(shop.till.has(number), 2_000);
    shop.reconciles(number);
}

#[test]
fn another_amount_or_currency_confirms_nothing() {
    for (amount, currency) in [(1_999, EUR), (2_000, Some(Currency(*b"USD")))] {
        let (mut shop, number) = Shop::new();
        let report = PaymentReport { currency, ..shop.till.authorise(number, 1, amount) };
        shop.report(report);
        shop.settle();
        assert_eq!(shop.seen(number).status, OrderStatus::Held);
        assert_eq!(shop.attempt(number, 0).status, AttemptStatus::Voided);
    }
}

#[test]
fn who_is_declined_tries_again_but_not_for_ever() {
    let (mut shop, number) = Shop::new();
    for attempt in 1..=10 {
        let book = shop.till.books.get_mut(&(number, attempt)).unwrap();
        book.status = AttemptStatus::Declined;
        let report = book.clone();
        shop.report(report);
        assert_eq!(shop.seen(number).status, OrderStatus::Held, "the hold stays");
        let decision = shop.pay(number);
        if attempt == 10 {
            assert_eq!(decision, Decision::Refused(Refusal::AttemptsExhausted));
        }
        shop.settle();
    }
    shop.world.at = shop.seen(number).until.0;
    assert_eq!(shop.pay(number), Decision::Refused(Refusal::HoldExpired));
}

#[test]
fn what_is_unknown_here_is_to_be_sent_again() {
    let (mut shop, number) = Shop::new();
    let report = shop.till.authorise(number, 1, 2_000);
    let unknown = [
        PaymentReport { order: OrderNumber(99), ..report.clone() },
        PaymentReport { attempt: 2, ..report.clone() },
        PaymentReport { attempt: 0, ..report.clone() },
    ];
    for unknown in unknown {
        assert_eq!(shop.report(unknown), Decision::NotFound);
    }
    let anothers = Command::ReportPayment("bob".into(), Box::new(report));
    assert_eq!(shop.world.ask(anothers), Decision::NotFound);
}

#[test]
fn what_is_given_back_is_paid_back() {
    let (mut shop, number) = Shop::new();
    let refund = |amount| Command::RefundOrder(asked("alice", number, Owner::Organizer), amount);
    assert_eq!(shop.world.ask(refund(1)), Decision::Refused(Refusal::NotPaid));
    let report = shop.till.authorise(number, 1, 2_000);
    shop.report(report);
    shop.settle();
    assert_eq!(shop.world.ask(refund(2_001)), Decision::Refused(Refusal::RefundTooLarge));
    shop.world.ask(refund(500));
    shop.settle();
    assert_eq!(shop.till.has(number), 1_500);
    shop.cancel(number, vec![0]);
    assert_eq!((shop.till.has(number), shop.seen(number).status), (1_000, OrderStatus::Confirmed));
    // The provider cannot: it stays to be paid back, and is asked again when somebody says so.
    shop.till.refuses_refunds = true;
    shop.cancel(number, Vec::new());
    assert!(shop.attempt(number, 0).refund_failed);
    assert_eq!(shop.till.has(number), 1_000);
    shop.till.refuses_refunds = false;
    shop.world.ask(refund(0));
    shop.settle();
    assert_eq!((shop.till.has(number), shop.attempt(number, 0).refund_failed), (0, false));
    shop.reconciles(number);
}

#[test]
fn an_item_that_is_lost_before_it_is_taken_is_left_out_and_a_bundle_is_let_go() {
    for is_bundle in [false, true] {
        let (mut shop, _first) = Shop::new();
        let number = shop.order(20, is_bundle);
        shop.pay(number);
        shop.settle();
        let report = shop.till.authorise(number, 1, 2_000);
        shop.report(report);
        // The slot is cancelled before it hears of the confirmation.
        shop.world.ask_slot(0, 90, booking::Command::CancelSlot);
        shop.settle();
        let expected = if is_bundle { 0 } else { 1_000 };
        assert_eq!(shop.till.has(number), expected);
        let status = if is_bundle { OrderStatus::Cancelled } else { OrderStatus::Confirmed };
        assert_eq!(shop.seen(number).status, status);
        shop.reconciles(number);
    }
}

#[test]
fn what_cannot_be_taken_any_more_gives_the_places_back() {
    let (mut shop, number) = Shop::new();
    shop.till.loses_authorisations = true;
    let report = shop.till.authorise(number, 1, 2_000);
    shop.report(report);
    shop.settle();
    assert_eq!(shop.seen(number).status, OrderStatus::Cancelled);
    assert_eq!(shop.world.booking(0, 10).unwrap().status, Status::Cancelled);
    shop.reconciles(number);
}

#[test]
fn a_dispute_is_told_and_one_that_is_lost_gives_the_places_back() {
    for (end, status) in [(Dispute::Won, OrderStatus::Confirmed), (Dispute::Lost, OrderStatus::Cancelled)] {
        let (mut shop, number) = Shop::new();
        let report = shop.till.authorise(number, 1, 2_000);
        shop.report(report);
        shop.settle();
        for dispute in [Dispute::Open, end, Dispute::Open] {
            let book = shop.till.books[&(number, 1)].clone();
            shop.report(PaymentReport { dispute, ..book });
            shop.settle();
        }
        let kinds = shop.attempt(number, 0).rows.iter().map(|row| row.kind).collect::<Vec<_>>();
        let told = if end == Dispute::Won { RowKind::DisputeWon } else { RowKind::DisputeLost };
        assert_eq!(kinds[2..], [RowKind::Disputed, told]);
        assert_eq!(shop.seen(number).status, status);
    }
}

#[test]
fn while_payments_are_frozen_no_provider_is_asked() {
    let (mut shop, number) = Shop::new();
    assert_eq!(shop.world.ask(Command::FreezePayments(true)), Decision::Payments(true));
    let report = shop.till.authorise(number, 1, 2_000);
    shop.report(report);
    shop.settle();
    assert_eq!((shop.seen(number).status, shop.till.has(number)), (OrderStatus::Confirmed, 0));
    let other = shop.order(30, false);
    assert_eq!(shop.pay(other), Decision::Overloaded);
    assert_eq!(shop.world.ask(Command::FreezePayments(false)), Decision::Payments(false));
    shop.settle();
    assert_eq!(shop.till.has(number), 2_000);
}

#[test]
fn whatever_is_lost_repeated_and_late_the_books_agree() {
    for seed in 1..=300_u64 {
        let mut state = seed;
        let mut below = |end: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % end
        };
        let (mut shop, first) = Shop::new();
        let second = shop.order(20, below(2) == 0);
        let mut reports: Vec<PaymentReport> = Vec::new();
        for _move in 0..60 {
            let number = if below(2) == 0 { first } else { second };
            match below(12) {
                0 => _ = shop.pay(number),
                1 => {
                    let attempt = 1 + u32::try_from(below(3)).unwrap();
                    if shop.till.books.contains_key(&(number, attempt)) {
                        let amount = if below(6) == 0 { 1_999 } else { 2_000 };
                        reports.push(shop.till.authorise(number, attempt, amount));
                    }
                }
                2 if below(4) == 0 => {
                    let items =
                        if below(2) == 0 { Vec::new() } else { vec![u32::try_from(below(2)).unwrap()] };
                    shop.world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), items));
                }
                3 if below(6) == 0 => {
                    shop.world.at += DAY_MS / 2;
                    shop.world.pulse();
                }
                4..=6 => {
                    // A report comes, perhaps an old one, and perhaps again.
                    if !reports.is_empty() {
                        let nth = usize::try_from(below(reports.len() as u64)).unwrap();
                        let report = reports[nth].clone();
                        shop.report(report);
                    }
                }
                7..=9 => {
                    let asks = shop.world.asked_of_providers();
                    if !asks.is_empty() {
                        let (key, ask) = asks[usize::try_from(below(asks.len() as u64)).unwrap()];
                        let report = shop.till.asked(key, &ask);
                        reports.push(report.clone());
                        // The answer may be lost.
                        if below(2) == 0 {
                            shop.world.report((None, key), Reply::Paid(Box::new(report)));
                        }
                    }
                }
                _ => {
                    let open = shop.world.open();
                    if !open.is_empty() {
                        let intent = open[usize::try_from(below(open.len() as u64)).unwrap()];
                        if let Some(reply) = shop.world.deliver(intent)
                            && below(3) > 0
                        {
                            shop.world.report(intent, reply);
                        }
                    }
                }
            }
        }
        shop.mend(seed, [first, second]);
    }
}

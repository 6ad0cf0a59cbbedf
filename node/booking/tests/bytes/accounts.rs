//! One value of everything that is stored of what is sold on account, by name. **Not frozen yet**: no build supports level 7, so these
//! rows may still change; they are for ever with the first build that does.

use std::collections::BTreeMap;
use std::sync::Arc;

use booking::merchant::{
    self, Account, AccountsAway, Activation, Attempt, Bookings, Command as Asked, Credits, Entry, Freeze,
    FreezeTerms, Grant, Holding, ItemKind, ItemRefused, ItemState, Name, NewItem, NewOrder, NewVoucher,
    NotUsable, OnBookings, OrderAsked, OrderItem, OrderStatus, OrderTerms, Owner, Package, PackageItem, Plan,
    Promise, PromisedLeg, PromisedUses, Reserve, Row, RowKind, Source, Span, Split, Validity, Voucher,
    VoucherChange, Which, Window,
};
use booking::{
    AccountChange, Answer, AttemptStatus, Book, Booking, BookingCredits, BookingView, BookingVoucher, Charge,
    Collected, Command, CreditsChange, CreditsPolicy, CreditsState, CreditsView, Currency, Decision,
    Definition, Delivered, Delivery, Dispute, End, EntityId, EntityKind, Fate, Fingerprint, Header, InOrder,
    IntentCounts, IntentNumber, IntentRecord, LateCancel, Leg, MerchantTold, Message, Mode, NewSlot,
    NotBooked, Number, Off, OnAccount, OrderAct, OrderAsk, OrderDeed, OrderIntent, OrderNumber, OrderWish,
    Ordinal, Origin, Outcome, PackageNumber, Partition, PaymentAsk, PaymentDeed, PaymentReport, PolicyChange,
    PromiseNumber, Promised, Provider, ReceiptRecord, Record, Refusal, Releaser, Reply, ReplyRecord, Report,
    Request, RequestKey, Seq, SlotChange, SlotId, Standing, Target, Terms, Timestamp, Uses, VoucherNumber,
    VoucherTerms, Wish,
};

use crate::samples::{self, Rows};

fn asks() -> OnAccount {
    let credits = CreditsPolicy {
        price: 3,
        late_cancel: LateCancel::Release,
        grace_seconds: 300,
        promote_until_seconds: 400,
    };
    OnAccount { credits: Some(credits), placement_limit: true, code_required: true }
}

fn definition() -> Definition {
    let mut definition = samples::definition();
    definition.policy.on_account = Some(asks());
    definition
}

fn merchant() -> EntityId {
    EntityId::new(EntityKind::Merchant, Partition::new(513).unwrap(), 7)
}

fn slot() -> SlotId {
    SlotId { partition: Partition::new(513).unwrap(), hash: 9 }
}

fn leg(package: u64, count: u32) -> Leg {
    Leg { package: PackageNumber(package), count }
}

fn book() -> Book {
    let commands = samples::requests().into_iter().map(|(_, request)| request.command);
    let book = |command| if let Command::Book(book) = command { Some(book) } else { None };
    let mut books = commands.filter_map(book).filter(|book| matches!(book.wish, Wish::Units(_)));
    books.next().unwrap()
}

fn terms() -> Terms {
    Terms { price: Some(3), is_limited: true, code_required: true, starts_at: Timestamp(300) }
}

pub(crate) fn requests() -> Rows<Request> {
    let first = samples::requests().remove(0).1;
    let with = |command| Request { command, ..first.clone() };
    let change = |credits, placement_limit| {
        let on_account = Some(AccountChange { credits, placement_limit, code_required: placement_limit });
        let policy = PolicyChange { on_account, ..PolicyChange::default() };
        with(Command::ChangeSlot(Box::new(SlotChange { policy, ..SlotChange::default() })))
    };
    let all = CreditsChange {
        price: Some(3),
        late_cancel: Some(LateCancel::Forfeit),
        grace_seconds: Some(300),
        promote_until_seconds: Some(0),
    };
    vec![
        ("create", with(Command::CreateSlot(Box::new(NewSlot::from(definition()))))),
        ("change_all", change(Some(Some(all)), Some(true))),
        ("change_none", change(Some(None), None)),
        ("change_nothing", change(Some(Some(CreditsChange::default())), Some(false))),
    ]
}

pub(crate) fn headers() -> Rows<Header> {
    let first = samples::headers().remove(0).1;
    let told = |telling| MerchantTold { upto: (Seq(300), Number(4)), telling };
    let promised = Header { account: Some((merchant(), told(Some((Seq(301), Number(5)))))), ..first.clone() };
    let asking = Header { definition: definition(), ..first };
    let made_as = Some(Arc::new(definition()));
    vec![
        ("asking", asking.clone()),
        ("promised", promised),
        ("changed", Header { made_as, account: Some((merchant(), told(None))), ..asking }),
    ]
}

fn credits(state: CreditsState, events: Vec<(Seq, Fate)>) -> BookingCredits {
    BookingCredits {
        promise: PromiseNumber(300),
        price: Some(3),
        is_limited: true,
        late_cancel: LateCancel::Refuse,
        legs: vec![leg(4, 300), leg(500, 6)],
        given_back: 2,
        state,
        events,
        voucher: Some(BookingVoucher { terms: voucher_terms(Some(Off::Percent(10))), uses: 4 }),
    }
}

fn in_order(adopted: Option<Standing>) -> InOrder {
    InOrder { order: OrderNumber(300), item: 4, adopted, is_asked: true }
}

pub(crate) fn bookings() -> Rows<Booking> {
    let first = samples::bookings().remove(0).1;
    let with = |credits| Booking { credits: Some(Box::new(credits)), ..first.clone() };
    let own = Standing::Held { until: Timestamp(300_000), lasts_ms: 1_000 };
    let fates = vec![
        (Seq(9), Fate::Fewer { credits: 2, units: 1, uses: 300 }),
        (Seq(10), Fate::Spent),
        (Seq(11), Fate::Released { grace_seconds: 300, uses: Uses::Kept }),
        (Seq(12), Fate::Forfeited),
        (Seq(13), Fate::GivenBack { legs: vec![leg(4, 1)], grace_seconds: 300 }),
    ];
    vec![
        ("reserved", with(credits(CreditsState::Reserved, vec![]))),
        ("spent", with(credits(CreditsState::Spent, fates))),
        ("released", with(credits(CreditsState::Released, vec![]))),
        ("forfeited", with(credits(CreditsState::Forfeited, vec![]))),
        ("ordered", Booking { order: Some(Box::new(in_order(None))), ..first.clone() }),
        (
            "adopted",
            Booking {
                order: Some(Box::new(in_order(Some(own)))),
                ..with(credits(CreditsState::Reserved, vec![]))
            },
        ),
    ]
}

pub(crate) fn receipts() -> Rows<ReceiptRecord> {
    let changed = samples::receipts().into_iter().map(|(_, receipt)| receipt);
    let mut changed = changed.filter(|receipt| matches!(receipt.answer, Answer::SlotChanged(_)));
    let mut receipt = changed.next().unwrap();
    if let Answer::SlotChanged(changed) = &mut receipt.answer {
        changed.definition = Arc::new(definition());
    }
    vec![
        ("changed", receipt.clone()),
        ("in_use", ReceiptRecord { answer: Answer::Refused(Refusal::PolicyInUse), ..receipt }),
    ]
}

fn shown() -> Arc<[CreditsView]> {
    let view = |package, state| CreditsView { package: PackageNumber(package), count: 300, state };
    [view(4, CreditsState::Spent), view(500, CreditsState::Released)].into()
}

pub(crate) fn records() -> Rows<Record> {
    let mut record = samples::records().remove(0).1;
    let mut more = samples::records().into_iter().map(|(_, record)| record);
    let bookings = more.find(|record| !record.bookings.is_empty()).unwrap().bookings;
    let plain = bookings[0].clone();
    let ordered = BookingView { order: Some(OrderNumber(300)), ..plain.clone() };
    record.bookings = vec![plain.clone(), BookingView { credits: Some(shown()), ..plain }, ordered];
    vec![("credits", record)]
}

pub(crate) fn outcomes() -> Rows<Outcome> {
    let mut rows = Vec::new();
    for (_, mut outcome) in samples::outcomes() {
        if let Decision::Slot(view) = &mut outcome.decision {
            view.definition = Arc::new(definition());
            rows.push(("slot", outcome));
        } else if let Decision::Booking(view) = &mut outcome.decision {
            view.credits = Some(shown());
            rows.push(("booking", outcome.clone()));
            if let Decision::Booking(view) = &mut outcome.decision {
                (view.credits, view.order) = (None, Some(OrderNumber(300)));
            }
            rows.push(("ordered", outcome));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|(name, _)| seen.insert(*name));
    rows
}

pub(crate) fn deliveries() -> Rows<Delivery> {
    let delivery = |message| Delivery {
        from: merchant(),
        to: slot().into(),
        ordinal: Ordinal(300),
        acknowledged: Ordinal(5),
        message,
    };
    let end = |fate| End { promise: PromiseNumber(300), customer: "alice".into(), fate };
    let ends = vec![end(Fate::Spent), end(Fate::Released { grace_seconds: 300, uses: Uses::Back })];
    vec![
        ("book", delivery(promised())),
        ("take_back", delivery(Message::TakeBack { booking: RequestKey(2), promise: PromiseNumber(300) })),
        ("ended", delivery(Message::Ended(ends))),
        ("collect", delivery(Message::Collect(Box::new(order_ask())))),
        ("confirm", delivery(act(OrderDeed::Confirm))),
        ("prolong", delivery(act(OrderDeed::Prolong(Timestamp(300))))),
        ("release", delivery(act(OrderDeed::Release(Releaser::Organizer)))),
        ("overdue", delivery(Message::Overdue(vec![(OrderNumber(300), 4)]))),
        ("lost", delivery(Message::Lost(vec![(OrderNumber(300), 4)]))),
    ]
}

fn act(what: OrderDeed) -> Message {
    Message::Act(OrderAct { order: OrderNumber(300), bookings: vec![RequestKey(2)], what })
}

fn adopt() -> OrderWish {
    OrderWish::Adopt { booking: RequestKey(2), customer: "alice".into() }
}

fn order_ask() -> OrderAsk {
    OrderAsk {
        order: OrderNumber(300),
        since: Timestamp(400),
        until: Timestamp(500),
        intent: OrderIntent::Look,
        items: vec![(0, OrderWish::New(Box::new(promised_booking()))), (4, adopt())],
    }
}

fn promised() -> Message {
    Message::Book(Box::new(promised_booking()))
}

fn promised_booking() -> Promised {
    Promised {
        promise: PromiseNumber(300),
        request: RequestKey(2),
        fingerprint: Fingerprint(3),
        book: book(),
        terms: terms(),
        legs: vec![leg(4, 300)],
        voucher: Some(voucher_terms(None)),
    }
}

fn said() -> Vec<(&'static str, Reply)> {
    vec![
        ("booked", Reply::Booked(Number(300))),
        ("outdated", Reply::NotBooked(NotBooked::Outdated)),
        ("known", Reply::NotBooked(NotBooked::Known)),
        ("not_found", Reply::NotBooked(NotBooked::NotFound)),
        ("refused", Reply::NotBooked(NotBooked::Refused(Refusal::SoldOut))),
        (
            "collected",
            Reply::Collected(Collected {
                held: vec![
                    (0, Charge { amount: 300, currency: Some(Currency(*b"EUR")) }),
                    (1, Charge::default()),
                ],
                not: vec![(4, NotBooked::Refused(Refusal::InOrder))],
            }),
        ),
        ("acted", Reply::Acted(vec![RequestKey(2)])),
        ("gone", Reply::Gone(vec![(OrderNumber(300), 4)])),
        ("paid", Reply::Paid(Box::new(report()))),
    ]
}

pub(crate) fn delivered() -> Rows<Delivered> {
    said().into_iter().map(|(name, reply)| (name, Delivered::Replied(reply))).collect()
}

pub(crate) fn reports() -> Rows<Report> {
    let report = |reply| Report { to: merchant(), intent: IntentNumber(300), reply };
    said().into_iter().map(|(name, reply)| (name, report(reply))).collect()
}

pub(crate) fn intents() -> Rows<IntentRecord> {
    let to = Target::Entity(slot().into());
    let record = IntentRecord { number: IntentNumber(4), to, ordinal: Ordinal(300), message: promised() };
    let ask = PaymentAsk {
        order: OrderNumber(300),
        attempt: 4,
        what: PaymentDeed::Capture,
        amount: 301,
        currency: Some(Currency(*b"EUR")),
    };
    let to = Target::Provider(Provider(300));
    let pay = IntentRecord { to, message: Message::Pay(ask), ..record };
    vec![("book", record), ("pay", pay)]
}

pub(crate) fn replies() -> Rows<ReplyRecord> {
    let record = |reply| ReplyRecord { from: merchant(), ordinal: Ordinal(300), reply };
    said().into_iter().map(|(name, reply)| (name, record(reply))).collect()
}

fn voucher_terms(off: Option<Off>) -> VoucherTerms {
    VoucherTerms { number: VoucherNumber(300), off, products: vec!["adult".into()] }
}

fn voucher() -> Voucher {
    Voucher {
        number: VoucherNumber(300),
        code: "Early 24".into(),
        uses: 301,
        reserved: 4,
        spent: 5,
        valid_until: Some(Timestamp(400)),
        off: Some(Off::Subtract(302)),
        slots: vec![slot()],
        products: vec!["adult".into()],
        per_customer: Some(6),
    }
}

fn new_voucher() -> NewVoucher {
    let Voucher { code, uses, valid_until, slots, products, .. } = voucher();
    NewVoucher { code, uses, valid_until, off: Some(Off::Set(300)), slots, products, per_customer: None }
}

fn voucher_change() -> VoucherChange {
    let Voucher { number, uses, slots, .. } = voucher();
    VoucherChange {
        voucher: number,
        uses: Some(uses),
        valid_until: Some(None),
        off: Some(Some(Off::Percent(10))),
        slots: Some(slots),
        products: None,
        per_customer: Some(Some(4)),
    }
}

fn order_asked() -> OrderAsked {
    OrderAsked { customer: "alice".into(), order: OrderNumber(300), by: Owner::Organizer }
}

pub(crate) fn orders() -> Rows<merchant::Order> {
    vec![("all", order())]
}

fn attempt() -> Attempt {
    let row = |kind| Row { at: Timestamp(300), kind, amount: 400 };
    Attempt {
        provider: Provider(300),
        amount: 301,
        status: AttemptStatus::Captured,
        authorised: 302,
        captured: 303,
        refunded: 304,
        refund_asked: 305,
        refund_failed: true,
        dispute: Dispute::Lost,
        reference: "pay_7".into(),
        asking: Some(PaymentDeed::Refund),
        rows: vec![row(RowKind::Captured), row(RowKind::DisputeLost)],
    }
}

fn report() -> PaymentReport {
    PaymentReport {
        order: OrderNumber(300),
        attempt: 4,
        status: AttemptStatus::Lost,
        authorised: 301,
        captured: 302,
        refunded: 303,
        refund_failed: true,
        dispute: Dispute::Open,
        currency: Some(Currency(*b"EUR")),
        reference: "pay_7".into(),
    }
}

fn order() -> merchant::Order {
    let booking = |promise, ask, state| OrderItem {
        what: ItemKind::Booking { slot: slot(), booking: RequestKey(2), promise, ask },
        state,
        charge: Charge { amount: 300, currency: Some(Currency(*b"EUR")) },
    };
    let package = PackageItem {
        plan: Arc::new(plan(Validity::Days(30))),
        valid_from: Some(Timestamp(300)),
        valid_until: None,
        granted: Some(PackageNumber(4)),
    };
    let ask = OrderWish::New(Box::new(promised_booking()));
    let refused = ItemRefused::ByMerchant(merchant::Refusal::TooManyPackages);
    merchant::Order {
        number: OrderNumber(300),
        customer: "alice".into(),
        made_at: Timestamp(1_000),
        until: Timestamp(2_000),
        longest: Timestamp(3_000),
        terms: OrderTerms { mode: Mode::Confirm, is_bundle: true, skips: false, expect_amount: Some(300) },
        status: OrderStatus::Cancelled,
        refusal: Some(merchant::Refusal::PriceChanged),
        items: vec![
            booking(Some(PromiseNumber(300)), Some(Box::new(ask)), ItemState::Waiting),
            booking(None, Some(Box::new(adopt())), ItemState::Asked),
            booking(None, None, ItemState::Held),
            booking(None, None, ItemState::Refused(refused)),
            booking(None, None, ItemState::Refused(ItemRefused::BySlot(NotBooked::Known))),
            booking(None, None, ItemState::Confirmed),
            booking(None, None, ItemState::Over),
            OrderItem {
                what: ItemKind::Package(Box::new(package)),
                state: ItemState::GivenBack,
                charge: Charge::default(),
            },
        ],
        currency: Some(Currency(*b"EUR")),
        pending: 4,
        attempts: vec![attempt()],
        paid_by: Some(0),
    }
}

pub(crate) fn vouchers() -> Rows<Voucher> {
    let plain = Voucher { valid_until: None, off: None, per_customer: None, ..voucher() };
    vec![("all", voucher()), ("plain", plain)]
}

fn plan(validity: Validity) -> Plan {
    Plan {
        id: 7,
        credits: 300,
        price: 12_000,
        currency: Some(Currency(*b"EUR")),
        validity,
        time_zone: "Europe/Berlin".into(),
        activation: Activation::FirstUse,
        priority: 4,
        tags: vec!["yoga".into()],
        freeze: Some(FreezeTerms { days_max: 30, times_max: 2 }),
        split: Split::Forbidden,
    }
}

fn package() -> Package {
    let span = Span { from: Timestamp(300), until: Timestamp(400) };
    Package {
        number: PackageNumber(5),
        plan: Arc::new(plan(Validity::Days(30))),
        credits: Credits { granted: 21, available: 1, reserved: 2, spent: 3, expired: 4, revoked: 11 },
        granted_at: Timestamp(100),
        window: Window { from: Some(Timestamp(300)), until: None },
        used: Some(span),
        until_max: Some(Timestamp(500)),
        moved_ms: 600,
        grace_until: Some(Timestamp(700)),
        freeze: Some(span),
        freezes: 1,
        is_revoked: true,
        source: Source::GivenBack(PackageNumber(4)),
    }
}

pub(crate) fn asked() -> Rows<merchant::Request> {
    let request = |command| merchant::Request {
        merchant: merchant(),
        key: RequestKey(5),
        fingerprint: Fingerprint(6),
        command,
    };
    let which = |by| Which { customer: "alice".into(), package: PackageNumber(300), by };
    let grant = Grant {
        customer: "alice".into(),
        plan: Arc::new(plan(Validity::Months(3))),
        valid_from: Some(Timestamp(300)),
        valid_until: None,
    };
    let reserve = Reserve {
        slot: slot(),
        request: RequestKey(2),
        fingerprint: Fingerprint(3),
        book: book(),
        terms: terms(),
        tags: vec!["yoga".into()],
        packages: vec![PackageNumber(300)],
        firsts: vec![(PackageNumber(4), Timestamp(500))],
        code: Some("early 24".into()),
    };
    let new_order = NewOrder {
        customer: "alice".into(),
        items: vec![
            NewItem::Book(Box::new(reserve.clone())),
            NewItem::Adopt(slot(), RequestKey(2)),
            NewItem::Package(Box::new(grant.clone())),
        ],
        mode: Mode::Hold,
        hold_seconds: 600,
        hold_seconds_max: 900,
        is_bundle: true,
        skips: true,
        expect_amount: Some(9_000),
        code: Some("early 24".into()),
    };
    let freeze = Freeze {
        which: which(Owner::Customer),
        from: Timestamp(300),
        until: Timestamp(400),
        on_bookings: OnBookings::Cancel,
    };
    let name = Name { organizer: "studio-7".into(), placement: Some("tour".into()) };
    vec![
        ("open", request(Asked::Open(Box::new(name)))),
        ("grant", request(Asked::Grant(Box::new(grant)))),
        ("reserve", request(Asked::Reserve(Box::new(reserve)))),
        ("freeze", request(Asked::Freeze(Box::new(freeze)))),
        ("unfreeze", request(Asked::Unfreeze(Box::new(which(Owner::Organizer))))),
        ("revoke", request(Asked::Revoke(Box::new(which(Owner::Organizer)), Bookings::Cancel))),
        ("limit", request(Asked::SetLimit(Some(300)))),
        ("make_voucher", request(Asked::MakeVoucher(Box::new(new_voucher())))),
        ("change_voucher", request(Asked::ChangeVoucher(Box::new(voucher_change())))),
        ("withdraw_voucher", request(Asked::WithdrawVoucher(VoucherNumber(300)))),
        ("order", request(Asked::Order(Box::new(new_order)))),
        ("confirm_order", request(Asked::ConfirmOrder(Box::new(order_asked())))),
        ("extend_order", request(Asked::ExtendOrder(Box::new(order_asked()), 300))),
        ("pay_order", request(Asked::PayOrder(Box::new(order_asked()), Provider(300)))),
        ("report_payment", request(Asked::ReportPayment("alice".into(), Box::new(report())))),
        ("refund_order", request(Asked::RefundOrder(Box::new(order_asked()), 300))),
        ("freeze_payments", request(Asked::FreezePayments(true))),
        ("cancel_order", request(Asked::CancelOrder(Box::new(order_asked()), vec![0, 300]))),
    ]
}

pub(crate) fn merchants() -> Rows<merchant::Header> {
    let header = merchant::Header {
        id: merchant(),
        name: Name { organizer: "studio-7".into(), placement: None },
        origin: Origin { request: RequestKey(5), fingerprint: Fingerprint(6), at: Timestamp(1_000) },
        seq: Seq(9),
        stamp: Timestamp(2_000),
        limit: Some(300),
        accounts: 7,
        away: AccountsAway { accounts: 4, digest: 500 },
        vouchers: 303,
        orders: 304,
        is_frozen: true,
        packages_made: 301,
        promises_made: 302,
        receipts_made: 13,
        intents: IntentCounts { left: 4, ended: 3, pairs: 2, replies: 1 },
        digest: 400,
    };
    vec![("changed", header)]
}

pub(crate) fn accounts() -> Rows<Account> {
    let promise = Promise {
        slot: slot(),
        request: RequestKey(2),
        starts_at: Timestamp(300),
        units: 4,
        legs: vec![PromisedLeg { leg: leg(5, 2), until: Some(Timestamp(400)) }],
        uses: Some(PromisedUses { voucher: VoucherNumber(300), count: 4 }),
        is_booked: true,
    };
    let promises = BTreeMap::from([(PromiseNumber(300), promise)]);
    let spent_uses = BTreeMap::from([(VoucherNumber(301), 5)]);
    let packages = vec![package()];
    vec![("open", Account { customer: "alice".into(), packages, promises, spent_uses })]
}

pub(crate) fn merchant_receipts() -> Rows<merchant::ReceiptRecord> {
    use merchant::{Answer, Refusal, VoucherRefused};
    let receipt = |answer| merchant::ReceiptRecord {
        serial: 3,
        request: RequestKey(5),
        fingerprint: Fingerprint(6),
        seq: Seq(300),
        at: Timestamp(1_000),
        answer,
    };
    let holding = Box::new(Holding { customer: "alice".into(), package: package() });
    vec![
        ("customer_limit", receipt(Answer::Refused(Refusal::CustomerLimit))),
        (
            "insufficient",
            receipt(Answer::Refused(Refusal::InsufficientCredits { needed: 300, available: 4 })),
        ),
        ("not_usable", receipt(Answer::Refused(Refusal::PackageNotUsable(NotUsable::Scope)))),
        ("malformed", receipt(Answer::Refused(Refusal::Malformed))),
        ("package", receipt(Answer::Package(holding))),
        ("promised", receipt(Answer::Promised(PromiseNumber(300)))),
        ("limit", receipt(Answer::Limit(None))),
        ("voucher", receipt(Answer::Voucher(Box::new(voucher())))),
        ("payments", receipt(Answer::Payments(true))),
        ("order", receipt(Answer::Order(OrderNumber(300)))),
        ("code_taken", receipt(Answer::Refused(Refusal::CodeTaken))),
        ("voucher_refused", receipt(Answer::Refused(Refusal::VoucherRefused(VoucherRefused::UsedUp)))),
    ]
}

pub(crate) fn merchant_records() -> Rows<merchant::Record> {
    let entry = |kind, package, booking| Entry {
        kind,
        customer: "alice".into(),
        package,
        voucher: package.map(|_| VoucherNumber(7)),
        order: package.map(|_| OrderNumber(8)),
        count: 300,
        booking,
    };
    let entries = vec![
        entry(merchant::Kind::Released, Some(PackageNumber(4)), Some((slot(), RequestKey(2)))),
        entry(merchant::Kind::Revoked, None, None),
    ];
    vec![(
        "released",
        merchant::Record { seq: Seq(9), at: Timestamp(1), kind: merchant::Kind::Released, entries },
    )]
}

pub(crate) fn merchant_outcomes() -> Rows<merchant::Outcome> {
    use merchant::{Decision, Refusal};
    let outcome =
        |decision| merchant::Outcome { seq: Seq(9), at: Timestamp(1_000), replayed: true, decision };
    let holding = Box::new(Holding { customer: "alice".into(), package: package() });
    vec![
        ("open", outcome(Decision::Open)),
        ("package", outcome(Decision::Package(holding))),
        ("promised", outcome(Decision::Promised(PromiseNumber(300)))),
        ("limit", outcome(Decision::Limit(Some(300)))),
        ("voucher", outcome(Decision::Voucher(Box::new(voucher())))),
        ("payments", outcome(Decision::Payments(true))),
        ("order", outcome(Decision::Order(Box::new(order())))),
        ("refused", outcome(Decision::Refused(Refusal::TooManyPackages))),
        ("booked", outcome(Decision::Booked(Refusal::BookingsInFreeze, vec![(slot(), RequestKey(2))]))),
        ("outdated", outcome(Decision::Outdated)),
        ("overloaded", outcome(Decision::Overloaded)),
        ("key_reused", outcome(Decision::KeyReused)),
        ("not_found", outcome(Decision::NotFound)),
    ]
}

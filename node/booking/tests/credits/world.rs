//! A merchant and slots that know of each other only by messages. After every step each is looked at, and is what is saved of it, through
//! the bytes that are written; and each knows of the other what it must.

use std::collections::BTreeMap;

use booking::entity::{Changes, Entity, Outcome, Record, Request, Saved};
use booking::merchant::{self, Activation, Command, Grant, Name, Plan, Reserve, Split, Validity};
use booking::{
    Act, Book, Booking, BookingView, Counts, CreditsPolicy, CreditsState, Definition, Delivered, EntityId,
    EntityKind, Fingerprint, Header, IntentNumber, IntentRecord, LateCancel, Level, Message, Mode, OnAccount,
    Order, PackageNumber, Partition, Party, PaymentAsk, Policy, Promotion, ReceiptRecord, Reply, Report,
    Reported, RequestKey, Sale, SavedHouse, SavedSlot, Secret, SlotId, Stock, Target, Terms, Timestamp,
    WaitlistPolicy, WhenFull, Wish, stored,
};

use crate::kept::{Kept, KeptIntents, through};

pub(crate) const DAY_MS: u64 = 86_400_000;

/// What a store has of a slot.
#[derive(Default)]
struct KeptSlot {
    header: Option<Header>,
    bookings: BTreeMap<u32, Booking>,
    receipts: BTreeMap<RequestKey, ReceiptRecord>,
    intents: KeptIntents,
}

/// A merchant and slots.
pub(crate) struct World {
    merchant: Entity,
    kept: Kept,
    slots: Vec<Entity>,
    saved: Vec<KeptSlot>,
    /// Now, in milliseconds.
    pub(crate) at: u64,
    keys: u128,
    /// Which terms each slot asked for last.
    pub(crate) records: Vec<Record>,
}

pub(crate) fn merchant_id() -> EntityId {
    EntityId::new(EntityKind::Merchant, Partition::new(9).unwrap(), 1)
}

pub(crate) fn slot_id(place: usize) -> SlotId {
    SlotId { partition: Partition::new(9).unwrap(), hash: 100 + place as u128 }
}

/// A slot that starts on day 20 and ends on day 21, asks for a credit a unit, and may be cancelled until day 15.
pub(crate) fn usual(capacity: u32) -> Definition {
    let credits = CreditsPolicy {
        price: 1,
        late_cancel: LateCancel::Forfeit,
        grace_seconds: 14 * 86_400,
        promote_until_seconds: 2 * 86_400,
    };
    Definition {
        organizer: "studio".into(),
        placement: None,
        title: "yoga".into(),
        starts_at: Timestamp(20 * DAY_MS),
        ends_at: Timestamp(21 * DAY_MS),
        sale: Sale { opens_at: None, closes_at: None },
        stock: Stock::Units { capacity },
        tariff: None,
        policy: Policy {
            confirmed_by: booking::ConfirmedBy::Customer,
            hold_seconds: 86_400,
            hold_seconds_max: 604_800,
            customer_limit: None,
            cancel_until_seconds: 5 * 86_400,
            waitlist: Some(WaitlistPolicy {
                capacity: 10,
                promotion: Promotion::Confirm,
                offer_seconds: 86_400,
                order: Order::Strict,
            }),
            on_account: OnAccount::new(Some(credits), false),
        },
        secret: Secret([1; 16]),
    }
}

pub(crate) fn plan(credits: u32) -> Plan {
    Plan {
        id: 7,
        credits,
        price: 0,
        currency: None,
        validity: Validity::Days(30),
        time_zone: "UTC".into(),
        activation: Activation::Purchase,
        priority: 0,
        tags: Vec::new(),
        freeze: None,
        split: Split::Allowed,
    }
}

impl World {
    /// A merchant, and slots like these.
    pub(crate) fn new(definitions: impl IntoIterator<Item = Definition>) -> Self {
        let name = Name { organizer: "studio".into(), placement: None };
        let open = merchant_request(1, Command::Open(Box::new(name)));
        let mut records = Vec::new();
        let merchant = made(&Request::Merchant(open), &mut records);
        let (mut slots, mut saved) = (Vec::new(), Vec::new());
        for (place, definition) in definitions.into_iter().enumerate() {
            let command = booking::Command::CreateSlot(Box::new(definition.into()));
            slots.push(made(&Request::Slot(slot_request(place, 1, command)), &mut records));
            saved.push(KeptSlot::default());
        }
        let mut world = Self { merchant, kept: Kept::default(), slots, saved, at: 1, keys: 100, records };
        world.look(None);
        (0..world.slots.len()).for_each(|place| world.look(Some(place)));
        world
    }

    pub(crate) fn key(&mut self) -> u128 {
        self.keys += 1;
        self.keys
    }

    /// Asks the merchant.
    pub(crate) fn ask(&mut self, command: Command) -> merchant::Decision {
        let key = self.key();
        if let Some(customer) = command.customer() {
            self.kept.recall(self.merchant.merchant_mut().unwrap(), customer);
        }
        let request = Request::Merchant(merchant_request(key, command));
        let Outcome::Merchant(outcome) = apply(&mut self.merchant, self.at, &request, &mut self.records)
        else {
            panic!("a merchant answers as a merchant")
        };
        self.look(None);
        outcome.decision
    }

    /// Gives a customer credits until a day.
    pub(crate) fn grant(&mut self, customer: &str, credits: u32, until: Option<u64>) -> PackageNumber {
        let grant = Grant {
            customer: customer.into(),
            plan: plan(credits).into(),
            valid_from: None,
            valid_until: until.map(|day| Timestamp(day * DAY_MS)),
        };
        let merchant::Decision::Package(holding) = self.ask(Command::Grant(Box::new(grant))) else {
            panic!("it is granted")
        };
        holding.package.number
    }

    /// Has something booked by way of the merchant, by what the slot asks now.
    pub(crate) fn reserve(&mut self, place: usize, key: u128, book: Book) -> merchant::Decision {
        self.reserve_with(place, key, book, None)
    }

    /// The same with the code of a voucher.
    pub(crate) fn reserve_with(
        &mut self,
        place: usize,
        key: u128,
        book: Book,
        code: Option<&str>,
    ) -> merchant::Decision {
        let terms = self.terms(place);
        let reserve = Reserve {
            slot: slot_id(place),
            request: RequestKey(key),
            fingerprint: Fingerprint(1),
            book,
            terms,
            tags: Vec::new(),
            packages: Vec::new(),
            firsts: Vec::new(),
            code: code.map(Into::into),
        };
        self.ask(Command::Reserve(Box::new(reserve)))
    }

    /// What a slot asks of its merchant.
    pub(crate) fn terms(&self, place: usize) -> Terms {
        let definition = self.slots[place].slot().unwrap().view().definition;
        let asked = definition.policy.on_account;
        Terms {
            price: asked.and_then(|asked| asked.credits).map(|credits| credits.price),
            is_limited: asked.is_some_and(|asked| asked.placement_limit),
            code_required: asked.is_some_and(|asked| asked.code_required),
            starts_at: definition.starts_at,
        }
    }

    /// Asks a slot.
    pub(crate) fn ask_slot(
        &mut self,
        place: usize,
        key: u128,
        command: booking::Command,
    ) -> booking::Decision {
        let request = Request::Slot(slot_request(place, key, command));
        let Outcome::Slot(outcome) = apply(&mut self.slots[place], self.at, &request, &mut self.records)
        else {
            panic!("a slot answers as a slot")
        };
        self.look(Some(place));
        outcome.decision
    }

    /// A booking as it is now, if there is one.
    pub(crate) fn booking(&self, place: usize, key: u128) -> Option<BookingView> {
        self.slots[place].slot().unwrap().booking(RequestKey(key))
    }

    pub(crate) fn account(&self, customer: &str) -> Option<&merchant::Account> {
        self.kept.account(customer)
    }

    /// The merchant as it is.
    pub(crate) fn merchant(&self) -> &merchant::Merchant {
        self.merchant.merchant().unwrap()
    }

    /// All that can be seen, in two numbers.
    pub(crate) fn digests(&self) -> Vec<u64> {
        self.slots.iter().chain([&self.merchant]).map(Entity::digest).collect()
    }

    /// All packages of a customer.
    pub(crate) fn packages(&self, customer: &str) -> Vec<PackageNumber> {
        let packages = self.account(customer).into_iter().flat_map(|account| &account.packages);
        packages.map(|package| package.number).collect()
    }

    /// Lets time pass everywhere.
    pub(crate) fn pulse(&mut self) {
        self.merchant.pulse(Level::COMING, Timestamp(self.at), &mut self.records);
        self.look(None);
        for place in 0..self.slots.len() {
            self.slots[place].pulse(Level::COMING, Timestamp(self.at), &mut self.records);
            self.look(Some(place));
        }
    }

    /// Lets time pass for one slot alone.
    pub(crate) fn pulse_slot(&mut self, place: usize) {
        self.slots[place].pulse(Level::COMING, Timestamp(self.at), &mut self.records);
        self.look(Some(place));
    }

    /// What a slot is.
    pub(crate) fn definition(&self, place: usize) -> std::sync::Arc<Definition> {
        self.slots[place].slot().unwrap().view().definition
    }

    /// Whether a slot is cancelled.
    pub(crate) fn is_cancelled(&self, place: usize) -> bool {
        self.slots[place].slot().unwrap().view().cancelled
    }

    /// Where a slot's places are.
    pub(crate) fn counts(&self, place: usize) -> Counts {
        self.slots[place].slot().unwrap().view().counts
    }

    /// What is to be carried out: whose it is (none is the merchant's), and which.
    pub(crate) fn open(&self) -> Vec<(Option<usize>, IntentNumber)> {
        let is_told = |intent: &&IntentRecord| matches!(intent.to, Target::Entity(_));
        let own = self.merchant.intents().filter(is_told).map(|intent| (None, intent.number));
        let slots = self.slots.iter().enumerate();
        let slots = slots.flat_map(|(place, slot)| slot.intents().map(move |it| (Some(place), it.number)));
        own.chain(slots).collect()
    }

    /// What is to be asked of providers, each under its key.
    pub(crate) fn asked_of_providers(&self) -> Vec<(IntentNumber, PaymentAsk)> {
        let asked = self.merchant.intents().filter_map(|intent| {
            let Message::Pay(ask) = &intent.message else { return None };
            Some((intent.number, *ask))
        });
        asked.collect()
    }

    /// The number of the merchant's latest change.
    pub(crate) fn seq(&self) -> u64 {
        self.merchant.seq().0
    }

    /// Brings what an intent says to whom it is for, and says what was replied; none where it came too early, or has ended.
    pub(crate) fn deliver(&mut self, (whose, number): (Option<usize>, IntentNumber)) -> Option<Reply> {
        let owner = whose.map_or(&self.merchant, |place| &self.slots[place]);
        let delivery = owner.delivery(owner.intents().find(|intent| intent.number == number)?).unwrap();
        let place = SlotId::of(delivery.to).map(|slot| usize::try_from(slot.hash - 100).unwrap());
        if place.is_none() {
            let absent = self.merchant().absent_for(&delivery.message).map(str::to_owned);
            for customer in absent.collect::<Vec<_>>() {
                self.kept.recall(self.merchant.merchant_mut().unwrap(), &customer);
            }
        }
        let delivery = through(delivery, stored::Delivery::at);
        let to = match place {
            Some(place) => &mut self.slots[place],
            None => &mut self.merchant,
        };
        let delivered = to.deliver(Level::COMING, Timestamp(self.at), &delivery, &mut self.records);
        self.look(place);
        match through(delivered, stored::Delivered::at) {
            Delivered::Replied(reply) => Some(reply),
            Delivered::Early | Delivered::Settled => None,
            other @ (Delivered::Foreign | Delivered::Nowhere) => panic!("{other:?}"),
        }
    }

    /// Brings a reply back.
    pub(crate) fn report(
        &mut self,
        (whose, intent): (Option<usize>, IntentNumber),
        reply: Reply,
    ) -> Reported {
        let to = whose.map_or_else(merchant_id, |place| slot_id(place).into());
        let report = through(Report { to, intent, reply }, stored::Report::at);
        if whose.is_none() {
            let asked = self.merchant.intents().find(|open| open.number == intent);
            let concerned = asked.and_then(|asked| self.merchant().concerned_by(&asked.message));
            if let Some(customer) = concerned.map(str::to_owned) {
                self.kept.recall(self.merchant.merchant_mut().unwrap(), &customer);
            }
        }
        let owner = match whose {
            Some(place) => &mut self.slots[place],
            None => &mut self.merchant,
        };
        let reported = owner.report(Level::COMING, Timestamp(self.at), &report, &mut self.records);
        self.look(whose);
        reported
    }

    /// Carries everything out.
    pub(crate) fn settle(&mut self) {
        while let Some(&intent) = self.open().first() {
            let reply = self.deliver(intent).expect("the first of each is the next");
            assert_eq!(self.report(intent, reply), Reported::Ended);
        }
        self.agree();
    }

    /// Checks whoever has just changed, and makes it again from what is saved.
    fn look(&mut self, place: Option<usize>) {
        let Some(place) = place else {
            assert_eq!(self.merchant.check(), Ok(()), "{:#?}", self.merchant().orders().last());
            let digest = self.merchant.digest();
            self.kept.save(&mut self.merchant);
            self.merchant = self.kept.restored();
            assert_eq!(self.merchant.digest(), digest);
            return;
        };
        let (slot, saved) = (&mut self.slots[place], &mut self.saved[place]);
        assert_eq!(slot.check(), Ok(()));
        let digest = slot.digest();
        let Changes::Slot(changes) = slot.take_changes(Timestamp(0)) else {
            panic!("a slot is saved as a slot")
        };
        saved.header = Some(through(changes.header, stored::Header::at));
        for booking in changes.bookings {
            saved.bookings.insert(booking.record.number.0, through(booking, stored::Booking::at));
        }
        let receipts = changes.receipts.into_iter().map(|receipt| through(receipt, stored::Receipt::at));
        saved.receipts.extend(receipts.map(|receipt| (receipt.request, receipt)));
        saved.receipts.retain(|request, _| !changes.forgotten.contains(request));
        saved.intents.take(changes.intents);
        let whole = SavedSlot {
            header: saved.header.clone().unwrap(),
            bookings: saved.bookings.values().cloned().collect(),
            receipts: saved.receipts.values().cloned().collect(),
            intents: saved.intents.saved(),
            house: SavedHouse::default(),
        };
        *slot = Entity::restore(Saved::Slot(Box::new(whole))).unwrap();
        assert_eq!(slot.digest(), digest);
        for record in self.records.drain(..) {
            if let Record::Slot(record) = record {
                assert_eq!(through(record.clone(), stored::Record::at), record);
            }
        }
    }

    /// Every booking's credits are promised by the merchant, as long as they are; whatever is on its way.
    pub(crate) fn promises_are_kept(&self) {
        for (place, saved) in self.saved.iter().enumerate() {
            for booking in saved.bookings.values() {
                let Some(credits) = booking.credits.as_deref() else { continue };
                if credits.state != CreditsState::Reserved {
                    continue;
                }
                let account = self.kept.account(&booking.record.customer).unwrap();
                let promise = account.promises.get(&credits.promise);
                let promised = |package| {
                    let legs = promise.into_iter().flat_map(|promise| &promise.legs);
                    legs.filter(|leg| leg.leg.package == package).map(|leg| leg.leg.count).sum::<u32>()
                };
                let mut rest = credits.legs.iter().map(|leg| leg.count).sum::<u32>() - credits.given_back;
                for leg in &credits.legs {
                    let count = leg.count.min(rest);
                    rest -= count;
                    // Of what was revoked nothing is promised any more, and the booking will be taken back.
                    let is_revoked = account.package(leg.package).unwrap().is_revoked;
                    assert!(is_revoked || count <= promised(leg.package), "what is booked is promised");
                }
                if let Some(promise) = promise {
                    assert_eq!((promise.slot, promise.request), (slot_id(place), booking.record.request));
                }
            }
        }
    }

    /// Where nothing is on its way, both sides say the same: of every promise, and of what was spent of every package.
    pub(crate) fn agree(&self) {
        self.promises_are_kept();
        let mut used = BTreeMap::<PackageNumber, (u32, u32)>::new();
        let mut live = 0;
        for booking in self.saved.iter().flat_map(|saved| saved.bookings.values()) {
            let Some(credits) = booking.credits.as_deref() else { continue };
            let is_over = booking.record.standing.status().is_over();
            live += usize::from(!is_over && (credits.state == CreditsState::Reserved || credits.is_limited));
            let mut rest = credits.legs.iter().map(|leg| leg.count).sum::<u32>() - credits.given_back;
            for leg in &credits.legs {
                let count = leg.count.min(rest);
                rest -= count;
                let (reserved, spent) = used.entry(leg.package).or_default();
                match credits.state {
                    CreditsState::Reserved => *reserved += count,
                    CreditsState::Spent | CreditsState::Forfeited => *spent += count,
                    CreditsState::Released => {}
                }
            }
        }
        let promises: usize = self.kept.accounts().map(|account| account.promises.len()).sum();
        assert_eq!(promises, live, "as many promises as there are bookings that live of one");
        for package in self.kept.accounts().flat_map(|account| &account.packages) {
            if package.is_revoked {
                continue;
            }
            let (reserved, spent) = used.get(&package.number).copied().unwrap_or_default();
            assert_eq!((package.credits.reserved, package.credits.spent), (reserved, spent), "{package:?}");
        }
    }
}

pub(crate) fn book(customer: &str, quantity: u32, mode: Mode) -> Book {
    Book {
        customer: customer.into(),
        wish: Wish::Units(quantity),
        mode,
        hold_seconds: None,
        when_full: WhenFull::Waitlist,
        basket: None,
    }
}

pub(crate) fn act(key: u128, by: Option<&str>) -> Act {
    let by = by.map_or(Party::Organizer, |customer| Party::Customer(customer.into()));
    Act { booking: RequestKey(key), by }
}

fn merchant_request(key: u128, command: Command) -> merchant::Request {
    let request = merchant::Request {
        merchant: merchant_id(),
        key: RequestKey(key),
        fingerprint: Fingerprint(1),
        command,
    };
    through(request, stored::merchant::Request::at)
}

fn slot_request(place: usize, key: u128, command: booking::Command) -> booking::Request {
    let (key, fingerprint) = (RequestKey(key), Fingerprint(1));
    through(booking::Request { slot: slot_id(place), key, fingerprint, command }, stored::Request::at)
}

fn made(request: &Request, records: &mut Vec<Record>) -> Entity {
    let mut entity = None;
    Entity::apply(&mut entity, Level::COMING, Timestamp(0), request, records);
    entity.unwrap()
}

fn apply(entity: &mut Entity, at: u64, request: &Request, records: &mut Vec<Record>) -> Outcome {
    let before = entity.seq().0;
    let mut held = Some(std::mem::replace(entity, made(&placeholder(), &mut Vec::new())));
    let told = records.len();
    let outcome = Entity::apply(&mut held, Level::COMING, Timestamp(at), request, records);
    *entity = held.unwrap();
    assert_eq!(entity.seq().0, before + (records.len() - told) as u64, "every change is recorded");
    outcome
}

fn placeholder() -> Request {
    let name = Name { organizer: "nobody".into(), placement: None };
    Request::Merchant(merchant_request(0, Command::Open(Box::new(name))))
}

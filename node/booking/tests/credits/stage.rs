//! The language of the tables of merchants. A row is a request or a message, and what comes of it. Moments are days.
//!
//! ```text
//!  @7 r: reserve alice 2 start=20 pay=b  =>  promised  |  reserved: b 2
//!  │  │  │                                   │            the record: what happened to which package, or to units; `-` for none
//!  │  │  what is asked or told               the answer
//!  │  the name of the package or the promise that is made
//!  the day from here on
//! ```
//!
//! After every row the invariants hold, what is saved is what there is, and whoever is at rest has left memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use booking::entity::{Entity, Outcome, Record, Request};
use booking::merchant::{
    self, Activation, Bookings, Command, Decision, Entry, Freeze, FreezeTerms, Grant, Kind, Name, NewVoucher,
    OnBookings, Owner, Package, PackageStatus, Plan, Refusal, Reserve, Split, Validity, Voucher,
    VoucherChange, Which,
};
use booking::{
    Book, Delivered, Delivery, End, EntityId, EntityKind, Fate, Fingerprint, IntentNumber, Leg, Level,
    Message, Mode, NotBooked, Number, Off, Ordinal, PackageNumber, Partition, PromiseNumber, Reply, Report,
    RequestKey, SlotId, Terms, Timestamp, Uses, VoucherNumber, WhenFull, Wish,
};

use crate::kept::Kept;

const DAY_MS: u64 = 86_400_000;

/// What is known of a promise: whose it is, where, and the intent that asks for the booking.
#[derive(Clone)]
struct Promised {
    number: PromiseNumber,
    customer: String,
    intent: IntentNumber,
    legs: Vec<Leg>,
}

struct Stage {
    merchant: Entity,
    kept: Kept,
    at: u64,
    keys: u128,
    told: u64,
    packages: BTreeMap<String, (String, PackageNumber)>,
    promises: BTreeMap<String, Promised>,
}

pub(crate) fn slot() -> SlotId {
    SlotId { partition: Partition::new(9).unwrap(), hash: 7 }
}

fn id() -> EntityId {
    EntityId::new(EntityKind::Merchant, Partition::new(9).unwrap(), 1)
}

/// Plays the rows, and compares what they say with what happens.
pub(crate) fn check(table: &str) {
    let mut stage = Stage::new();
    let (mut expected, mut played) = (String::new(), String::new());
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (asked, answer) =
            row.split_once("=>").unwrap_or_else(|| panic!("a row without an answer: {row}"));
        let (answer, record) =
            answer.split_once('|').map_or((answer, None), |(answer, it)| (answer, Some(it)));
        let (happened, recorded) = stage.play(asked.trim());
        let line = |answer: &str, record: &str| match record {
            "" => format!("{} => {answer}\n", asked.trim()),
            record => format!("{} => {answer} | {record}\n", asked.trim()),
        };
        expected.push_str(&line(answer.trim(), record.map_or("", str::trim)));
        played.push_str(&line(&happened, if record.is_some() { &recorded } else { "" }));
    }
    assert!(expected == played, "expected:\n{expected}\nhappened:\n{played}");
}

impl Stage {
    fn new() -> Self {
        let name = Name { organizer: "studio".into(), placement: None };
        let request = merchant::Request {
            merchant: id(),
            key: RequestKey(1),
            fingerprint: Fingerprint(1),
            command: Command::Open(Box::new(name)),
        };
        let (mut entity, mut records) = (None, Vec::new());
        let outcome = Entity::apply(
            &mut entity,
            Level::COMING,
            Timestamp(0),
            &Request::Merchant(request),
            &mut records,
        );
        assert!(matches!(outcome, Outcome::Merchant(merchant::Outcome { decision: Decision::Open, .. })));
        let (mut merchant, mut kept) = (entity.unwrap(), Kept::default());
        kept.save(&mut merchant);
        Self { merchant, kept, at: 0, keys: 1, told: 0, packages: BTreeMap::new(), promises: BTreeMap::new() }
    }

    fn play(&mut self, row: &str) -> (String, String) {
        let mut words = row.split_whitespace().peekable();
        if let Some(at) = words.next_if(|word| word.starts_with('@')) {
            self.at = at[1..].parse().unwrap();
        }
        let label = words.next_if(|word| word.ends_with(':')).unwrap_or("none:").replace(':', "");
        let asked: Vec<&str> = words.collect();
        let (seq, mut records) = (self.merchant.seq().0, Vec::new());
        let answer = match asked[..] {
            ["pulse"] => {
                self.merchant.pulse(Level::COMING, self.now(), &mut records);
                "done".into()
            }
            ["use", number] => {
                let number = VoucherNumber(number.parse().unwrap());
                tell_voucher(self.merchant.merchant().unwrap().voucher(number).unwrap())
            }
            ["find", code] => {
                let found = self.merchant.merchant().unwrap().voucher_coded(&code.replace('_', " "));
                found.map_or_else(|| "none".into(), tell_voucher)
            }
            ["see", package] => self.tell(package),
            ["deadline"] => self.merchant.deadline().map_or_else(|| "never".into(), day),
            ["intents"] => {
                let told = self.merchant.intents().map(|intent| {
                    if matches!(intent.message, Message::Book(_)) { "book" } else { "take_back" }
                });
                told.collect::<Vec<_>>().join(" ")
            }
            ["booked", promise] => self.report(promise, Reply::Booked(Number(1)), &mut records),
            ["not_booked", promise] => {
                self.report(promise, Reply::NotBooked(NotBooked::Outdated), &mut records)
            }
            ["ended", promise, ref fate @ ..] => self.end(promise, fate, &mut records),
            _ => self.ask(&label, &asked, &mut records),
        };
        let recorded = self.tell_records(&records);
        assert_eq!(self.merchant.check(), Ok(()), "{row}");
        assert_eq!(self.merchant.seq().0, seq + records.len() as u64, "{row}: every change is recorded");
        let digest = self.merchant.digest();
        self.kept.save(&mut self.merchant);
        assert_eq!(self.merchant.check(), Ok(()), "{row}: who is at rest has left");
        self.merchant = self.kept.restored();
        assert_eq!(self.merchant.digest(), digest, "{row}");
        (answer, recorded)
    }

    fn ask(&mut self, label: &str, asked: &[&str], records: &mut Vec<Record>) -> String {
        let command = self.command(asked);
        if let Some(customer) = command.customer() {
            self.kept.recall(self.merchant.merchant_mut().unwrap(), customer);
        }
        self.keys += 1;
        let (key, fingerprint) = (RequestKey(self.keys), Fingerprint(1));
        let request = Request::Merchant(merchant::Request { merchant: id(), key, fingerprint, command });
        let mut entity = Some(self.kept.restored());
        std::mem::swap(entity.as_mut().unwrap(), &mut self.merchant);
        let outcome = Entity::apply(&mut entity, Level::COMING, self.now(), &request, records);
        let again = Entity::apply(&mut entity, Level::COMING, self.now(), &request, &mut Vec::new());
        self.merchant = entity.unwrap();
        let (Outcome::Merchant(outcome), Outcome::Merchant(again)) = (outcome, again) else {
            panic!("{asked:?}")
        };
        match &outcome.decision {
            Decision::Package(holding) => {
                let named = (holding.customer.to_string(), holding.package.number);
                if label != "none" {
                    self.packages.insert(label.into(), named);
                }
                assert_eq!(again.decision, outcome.decision);
                tell(&holding.package, self.now())
            }
            Decision::Promised(number) => {
                let intent = self.merchant.intents().last().unwrap();
                let Message::Book(promised) = &intent.message else { panic!("the slot is asked to book") };
                assert_eq!(promised.promise, *number);
                let (customer, legs) = (promised.book.customer.to_string(), promised.legs.clone());
                let promised = Promised { number: *number, customer, intent: intent.number, legs };
                self.promises.insert(label.into(), promised);
                assert_eq!(again.decision, outcome.decision);
                "promised".into()
            }
            Decision::Limit(limit) => {
                limit.map_or_else(|| "no limit".into(), |limit| format!("limit {limit}"))
            }
            Decision::Voucher(voucher) => {
                assert_eq!(again.decision, outcome.decision);
                tell_voucher(voucher)
            }
            Decision::Refused(refusal) => {
                assert_eq!(again.decision, outcome.decision);
                tell_refusal(*refusal)
            }
            Decision::Booked(refusal, bookings) => format!("{} {}", tell_refusal(*refusal), bookings.len()),
            Decision::NotFound => "not_found".into(),
            Decision::Outdated => "outdated".into(),
            other @ (Decision::Order(_)
            | Decision::Payments(_)
            | Decision::Open
            | Decision::Overloaded
            | Decision::KeyReused) => {
                format!("{other:?}")
            }
        }
    }

    fn command(&self, asked: &[&str]) -> Command {
        let which = |package: &str, by: &str| {
            let (customer, package) = self.packages[package].clone();
            let by = if by == "organizer" { Owner::Organizer } else { Owner::Customer };
            // What is another's is as if it were not there.
            let customer = if by == Owner::Organizer {
                customer
            } else {
                asked.last().map_or(customer, |by| (*by).into())
            };
            Which { customer: customer.into(), package, by }
        };
        match asked {
            ["grant", customer, count, words @ ..] => {
                let plan = Arc::new(plan(count.parse().unwrap(), words));
                let (valid_from, valid_until) = (moment(words, "from="), moment(words, "until="));
                Command::Grant(Box::new(Grant {
                    customer: (*customer).into(),
                    plan,
                    valid_from,
                    valid_until,
                }))
            }
            ["reserve", customer, quantity, words @ ..] => {
                self.reserve(customer, quantity.parse().unwrap(), words)
            }
            ["freeze", package, span, on_bookings, by] => {
                let (from, until) = span.split_once("..").unwrap();
                let on_bookings =
                    if *on_bookings == "cancel" { OnBookings::Cancel } else { OnBookings::Refuse };
                let (from, until) = (days(from), days(until));
                Command::Freeze(Box::new(Freeze { which: which(package, by), from, until, on_bookings }))
            }
            ["unfreeze", package, by] => Command::Unfreeze(Box::new(which(package, by))),
            ["revoke", package, bookings] => {
                let bookings = if *bookings == "cancel" { Bookings::Cancel } else { Bookings::Keep };
                Command::Revoke(Box::new(which(package, "organizer")), bookings)
            }
            ["voucher", code, uses, words @ ..] => {
                Command::MakeVoucher(Box::new(voucher(code, uses.parse().unwrap(), words)))
            }
            ["change", number, words @ ..] => Command::ChangeVoucher(Box::new(change(number, words))),
            ["withdraw", number] => Command::WithdrawVoucher(VoucherNumber(number.parse().unwrap())),
            ["limit", "none"] => Command::SetLimit(None),
            ["limit", limit] => Command::SetLimit(Some(limit.parse().unwrap())),
            other => panic!("no such row: {other:?}"),
        }
    }

    fn reserve(&self, customer: &str, quantity: u32, words: &[&str]) -> Command {
        let price = word(words, "price=").map_or(Some(1), |price| price.parse().ok());
        let starts_at = moment(words, "start=").unwrap();
        let named = |name: &str| self.packages.get(name).map_or(PackageNumber(99), |(_, number)| *number);
        let list = |begin| word(words, begin).into_iter().flat_map(|list| list.split(','));
        let first = |first: &str| {
            let (package, until) = first.split_once(':').unwrap();
            (named(package), days(until))
        };
        Command::Reserve(Box::new(Reserve {
            slot: slot(),
            request: RequestKey(1_000 + self.keys),
            fingerprint: Fingerprint(1),
            book: Book {
                customer: customer.into(),
                wish: Wish::Units(quantity),
                mode: Mode::Confirm,
                hold_seconds: None,
                when_full: WhenFull::Waitlist,
                basket: None,
            },
            terms: Terms {
                price,
                is_limited: words.contains(&"limited"),
                code_required: words.contains(&"coded"),
                starts_at,
            },
            tags: list("tags=").map(Into::into).collect(),
            packages: list("pay=").map(named).collect(),
            firsts: list("firsts=").map(first).collect(),
            code: word(words, "code=").map(Into::into),
        }))
    }

    fn report(&mut self, promise: &str, reply: Reply, records: &mut Vec<Record>) -> String {
        let Promised { intent, customer, .. } = self.promises[promise].clone();
        self.kept.recall(self.merchant.merchant_mut().unwrap(), &customer);
        let report = Report { to: id(), intent, reply };
        format!("{:?}", self.merchant.report(Level::COMING, self.now(), &report, records)).to_lowercase()
    }

    fn end(&mut self, promise: &str, fate: &[&str], records: &mut Vec<Record>) -> String {
        let Promised { number, customer, legs, .. } = self.promises[promise].clone();
        let grace = |grace: &str| grace.parse::<u32>().unwrap() * 86_400;
        let fate = match fate {
            ["fewer", credits, units] => {
                Fate::Fewer { credits: credits.parse().unwrap(), units: units.parse().unwrap(), uses: 0 }
            }
            ["released", days] => Fate::Released { grace_seconds: grace(days), uses: Uses::Back },
            ["over"] => Fate::Released { grace_seconds: 0, uses: Uses::Kept },
            ["spent"] => Fate::Spent,
            ["forfeited"] => Fate::Forfeited,
            ["given_back", days] => Fate::GivenBack { legs, grace_seconds: grace(days) },
            other => panic!("no such end: {other:?}"),
        };
        self.kept.recall(self.merchant.merchant_mut().unwrap(), &customer);
        self.told += 1;
        let delivery = Delivery {
            from: slot().into(),
            to: id(),
            ordinal: Ordinal(self.told),
            acknowledged: Ordinal(self.told - 1),
            message: Message::Ended(vec![End { promise: number, customer: customer.as_str().into(), fate }]),
        };
        let delivered = self.merchant.deliver(Level::COMING, self.now(), &delivery, records);
        assert_eq!(delivered, Delivered::Replied(Reply::Noted));
        let again = self.merchant.deliver(Level::COMING, self.now(), &delivery, &mut Vec::new());
        assert_eq!(again, delivered, "told twice it has happened once");
        "noted".into()
    }

    fn tell(&self, package: &str) -> String {
        let (customer, number) = &self.packages[package];
        tell(self.kept.account(customer).unwrap().package(*number).unwrap(), self.now())
    }

    fn tell_records(&self, records: &[Record]) -> String {
        let [Record::Merchant(record)] = records else {
            assert!(records.is_empty(), "a step is one change");
            return "-".into();
        };
        let name = |number: PackageNumber| {
            let named = self.packages.iter().find(|(_, (_, other))| *other == number);
            named.map_or_else(|| format!("#{}", number.0), |(name, _)| name.clone())
        };
        let entry = |entry: &Entry| {
            let of = match (entry.voucher, entry.package) {
                (Some(voucher), _) => format!("voucher {}", voucher.0),
                (None, package) => package.map_or_else(|| "units".into(), name),
            };
            if record.entries.len() == 1 || entry.kind == record.kind {
                format!("{of} {}", entry.count)
            } else {
                format!("{} {of} {}", kind(entry.kind), entry.count)
            }
        };
        let entries: Vec<_> = record.entries.iter().map(entry).collect();
        format!("{}: {}", kind(record.kind), entries.join(", ")).trim_end_matches(": ").into()
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.at * DAY_MS)
    }
}

fn plan(credits: u32, words: &[&str]) -> Plan {
    let freeze = word(words, "freeze=").map(|terms| {
        let (days, times) = terms.split_once('x').unwrap();
        FreezeTerms { days_max: days.parse().unwrap(), times_max: times.parse().unwrap() }
    });
    Plan {
        id: 7,
        credits,
        price: 0,
        currency: None,
        validity: Validity::Days(30),
        time_zone: "UTC".into(),
        activation: if words.contains(&"first_use") { Activation::FirstUse } else { Activation::Purchase },
        priority: word(words, "priority=").map_or(0, |priority| priority.parse().unwrap()),
        tags: word(words, "tags=").into_iter().flat_map(|tags| tags.split(',')).map(Into::into).collect(),
        freeze,
        split: if words.contains(&"whole") { Split::Forbidden } else { Split::Allowed },
    }
}

/// What a package is about: its credits, from when until when it is good, and whether it rests.
fn tell(package: &Package, at: Timestamp) -> String {
    let credits = package.credits;
    let parts = [
        (credits.available, "available"),
        (credits.reserved, "reserved"),
        (credits.spent, "spent"),
        (credits.expired, "expired"),
        (credits.revoked, "revoked"),
    ];
    let mut told: Vec<String> =
        parts.iter().filter(|(count, _)| 0 < *count).map(|(count, part)| format!("{count} {part}")).collect();
    if package.plan.activation == Activation::FirstUse {
        told.push(package.window.from.map_or_else(|| "unused".into(), |from| format!("from {}", day(from))));
    }
    told.extend(package.until().map(|until| format!("until {}", day(until))));
    told.extend(package.freeze.map(|it| format!("frozen {}..{}", day(it.from), day(it.until))));
    match package.status(at) {
        PackageStatus::Live => {}
        PackageStatus::Over => told.push("over".into()),
        PackageStatus::Revoked => told.push("taken back".into()),
    }
    told.join(" ")
}

/// A voucher, by its words: what it may be used for, how often, and by whom.
fn voucher(code: &str, uses: u32, words: &[&str]) -> NewVoucher {
    let slots = |list: &str| list.split(',').map(|slot| other_slot(slot.parse().unwrap())).collect();
    NewVoucher {
        code: code.replace('_', " ").into(),
        uses,
        valid_until: moment(words, "until="),
        off: off(words),
        slots: word(words, "slots=").map(slots).unwrap_or_default(),
        products: word(words, "products=")
            .into_iter()
            .flat_map(|list| list.split(','))
            .map(Into::into)
            .collect(),
        per_customer: word(words, "each=").map(|each| each.parse().unwrap()),
    }
}

fn change(number: &str, words: &[&str]) -> VoucherChange {
    let made = voucher("none", 1, words);
    let said = |begin| words.iter().any(|word| word.starts_with(begin));
    VoucherChange {
        voucher: VoucherNumber(number.parse().unwrap()),
        uses: word(words, "uses=").map(|uses| uses.parse().unwrap()),
        valid_until: said("until=").then_some(made.valid_until),
        off: off(words).map(Some),
        slots: said("slots=").then_some(made.slots),
        products: said("products=").then_some(made.products),
        per_customer: said("each=").then_some(made.per_customer),
    }
}

fn off(words: &[&str]) -> Option<Off> {
    let set = word(words, "set=").map(|amount| Off::Set(amount.parse().unwrap()));
    let subtract = word(words, "less=").map(|amount| Off::Subtract(amount.parse().unwrap()));
    set.or(subtract).or_else(|| word(words, "percent=").map(|part| Off::Percent(part.parse().unwrap())))
}

fn tell_voucher(voucher: &Voucher) -> String {
    let until = voucher.valid_until.map_or_else(String::new, |until| format!(" until {}", day(until)));
    format!("{}: {}/{} of {}{until}", voucher.number.0, voucher.reserved, voucher.spent, voucher.uses)
}

fn other_slot(hash: u128) -> SlotId {
    SlotId { hash, ..slot() }
}

fn tell_refusal(refusal: Refusal) -> String {
    match refusal {
        Refusal::InsufficientCredits { needed, available } => {
            format!("insufficient_credits {available}/{needed}")
        }
        Refusal::PackageNotUsable(reason) => format!("package_not_usable {reason:?}").to_lowercase(),
        Refusal::VoucherRefused(reason) => format!("voucher_refused {reason:?}").to_lowercase(),
        Refusal::CustomerLimit
        | Refusal::BookingsInFreeze
        | Refusal::NotFrozen
        | Refusal::FreezeLimit
        | Refusal::AlreadyOver
        | Refusal::TooManyPackages
        | Refusal::CodeTaken
        | Refusal::PriceChanged
        | Refusal::SeveralCurrencies
        | Refusal::NotHeld
        | Refusal::HoldExpired
        | Refusal::PaymentRequired
        | Refusal::Bundle
        | Refusal::OrderPaid
        | Refusal::AttemptsExhausted
        | Refusal::NotPaid
        | Refusal::RefundTooLarge
        | Refusal::Malformed => refusal.code().into(),
    }
}

fn kind(kind: Kind) -> String {
    format!("{kind:?}").to_lowercase()
}

fn word<'a>(words: &[&'a str], begin: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(begin))
}

fn moment(words: &[&str], begin: &str) -> Option<Timestamp> {
    word(words, begin).map(days)
}

fn days(day: &str) -> Timestamp {
    Timestamp(day.parse::<u64>().unwrap() * DAY_MS)
}

fn day(at: Timestamp) -> String {
    (at.0 / DAY_MS).to_string()
}

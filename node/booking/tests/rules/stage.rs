//! The language of the tables. A row is a request and its answer, and where it matters what the feed says of
//! it.
//!
//! ```text
//!  @7 b: book bob 2  =>  waitlisted 1 #3  |  booked: b waitlisted 1; 1 free, 0 held, 0 offered, 2 confirmed, 1 waitlisted
//!  │  │  │               │            │      the record: its kind, its bookings, its counts; `-` for none
//!  │  │  │               │            the answer's seq; a replay's begins with "again"; `x2` where it is for fewer than it was asked for
//!  │  │  what is asked   the answer
//!  │  the request's key, and the name of the booking that it makes; a row without one has a key of its own
//!  the stamp in seconds from here on
//! ```
//!
//! After every row the invariants hold, and `seq` has moved exactly as records say.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use booking::{
    Act, Book, BookingView, ChangeQuantity, Command, ConfirmedBy, Decision, Definition, Details, Extend,
    Fingerprint, Level, Mode, Order, Outcome, Partition, Party, Policy, Promotion, Record, Request,
    RequestKey, Sale, Secret, Seq, Slot, SlotChange, SlotId, SlotStatus, Stock, TariffChange, Timestamp,
    View, WaitlistChange, WaitlistPolicy, WhenFull, Wish,
};

use crate::tariff;

/// A play of rows: the slot, the level under which rows are played, and the time.
struct Stage {
    slot: Option<Slot>,
    level: Level,
    at: u64,
    /// What was answered first under each key.
    first: BTreeMap<RequestKey, Outcome>,
    /// For how many each booking was asked for.
    asked: BTreeMap<RequestKey, u32>,
}

/// Plays the rows, and compares what they say with what happens.
pub(crate) fn check(table: &str) {
    let mut stage =
        Stage { slot: None, level: Level::NEWEST, at: 0, first: BTreeMap::new(), asked: BTreeMap::new() };
    let (mut expected, mut played) = (String::new(), String::new());
    for (line, row) in table.lines().map(str::trim).filter(|row| !row.is_empty()).enumerate() {
        let (asked, answer) =
            row.split_once("=>").unwrap_or_else(|| panic!("a row without an answer: {row}"));
        let (answer, record) =
            answer.split_once('|').map_or((answer, None), |(answer, record)| (answer, Some(record)));
        let (happened, recorded) = stage.play(line, asked.trim());
        write!(expected, "{} => {}", asked.trim(), answer.trim()).unwrap();
        write!(played, "{} => {happened}", asked.trim()).unwrap();
        if let Some(record) = record {
            write!(expected, " | {}", record.trim()).unwrap();
            write!(played, " | {recorded}").unwrap();
        }
        expected.push('\n');
        played.push('\n');
    }
    assert!(expected == played, "expected:\n{expected}\nhappened:\n{played}");
}

impl Stage {
    /// Plays one row: what is answered, and what is recorded.
    fn play(&mut self, line: usize, row: &str) -> (String, String) {
        let mut words = row.split_whitespace().peekable();
        if let Some(at) = words.next_if(|word| word.starts_with('@')) {
            self.at = milliseconds(&at[1..]);
        }
        let label = words
            .next_if(|word| word.ends_with(':'))
            .map_or_else(|| format!("row{line}"), |label| label.replace(':', ""));
        let asked = words.collect::<Vec<_>>();
        let (seq, mut records) = (self.seq(), Vec::new());
        let answer = match asked[..] {
            ["level", level] => {
                self.level = Level(level.parse().unwrap());
                "done".into()
            }
            ["pulse"] => {
                self.slot.as_mut().unwrap().pulse(self.level, Timestamp(self.at), &mut records);
                "done".into()
            }
            ["see", "slot"] => tell_slot(&self.slot.as_ref().unwrap().view(), Timestamp(self.at)),
            ["see", booking] => self
                .slot
                .as_ref()
                .unwrap()
                .booking(key(booking))
                .map_or_else(|| "nothing".into(), |view| self.tell(&view)),
            ["deadline"] => self.slot.as_ref().unwrap().deadline().map_or_else(|| "never".into(), seconds),
            _ => {
                let outcome = self.apply(&label, &asked, &mut records);
                self.tell_outcome(&outcome)
            }
        };
        let slot = self.slot.as_ref();
        assert_eq!(slot.map_or(Ok(()), Slot::check), Ok(()), "{row}");
        assert_eq!(self.seq().0, seq.0 + records.len() as u64, "{row}: every change is recorded");
        assert!(records.len() <= 1, "{row}: a step is one change");
        (answer, records.first().map_or_else(|| "-".into(), |record| self.tell_record(record)))
    }

    /// Applies a request. What is decided is remembered whole, and given again whole.
    fn apply(&mut self, label: &str, asked: &[&str], records: &mut Vec<Record>) -> Outcome {
        let request = request(label, asked);
        if let Command::Book(book) = &request.command {
            let Wish::Units(quantity) = book.wish else { unreachable!("rows ask for units") };
            self.asked.entry(request.key).or_insert(quantity);
        }
        let outcome = Slot::apply(&mut self.slot, self.level, Timestamp(self.at), &request, records);
        let Some(slot) = &self.slot else { return outcome };
        let decided =
            matches!(outcome.decision, Decision::Slot(_) | Decision::Booking(_) | Decision::Refused(_));
        // What is told beside a refusal is told once.
        let explained =
            if let Decision::Explained(refusal, _) = &outcome.decision { Some(*refusal) } else { None };
        if let Some(refusal) = explained {
            let Outcome { seq, at, .. } = outcome;
            let replay = Outcome { seq, at, replayed: true, decision: Decision::Refused(refusal) };
            assert_eq!(slot.remembered(request.key).as_ref(), Some(&replay), "{label}: {asked:?}");
        }
        if decided && !outcome.replayed {
            let replay = Outcome { replayed: true, ..outcome.clone() };
            assert_eq!(slot.remembered(request.key).as_ref(), Some(&replay), "{label}: {asked:?}");
            self.first.insert(request.key, replay);
        } else if let Some(first) = self.first.get(&request.key).filter(|_first| outcome.replayed) {
            assert_eq!(&outcome, first, "{label}: {asked:?}");
        }
        outcome
    }

    fn seq(&self) -> Seq {
        self.slot.as_ref().map_or(Seq(0), |slot| slot.view().seq)
    }

    fn tell_outcome(&self, outcome: &Outcome) -> String {
        let again = if outcome.replayed { "again " } else { "" };
        let decision = match &outcome.decision {
            Decision::Slot(view) => tell_slot(view, outcome.at),
            Decision::Booking(view) => self.tell(view),
            Decision::Refused(refusal) => refusal.to_string(),
            Decision::Explained(refusal, details) => match &**details {
                Details::Quotas(quotas) => format!("{refusal} {}", quotas.join("+")),
                Details::Line(place) => format!("{refusal} line {place}"),
                Details::Conflicts(_)
                | Details::Singles(_)
                | Details::LargestBlock(_)
                | Details::Range(_)
                | Details::RangesTaken(_)
                | Details::InUseFrom(_)
                | Details::InUse { .. } => unreachable!("rows ask for units"),
            },
            Decision::AnotherMap => "outdated".into(),
            Decision::KeyReused => "key_reused".into(),
            Decision::NotFound => "not_found".into(),
            Decision::Forbidden => "forbidden".into(),
        };
        format!("{again}{decision} #{}", outcome.seq.0)
    }

    fn tell(&self, view: &BookingView) -> String {
        let status = format!("{:?}", view.status).to_lowercase();
        let position = view.position.map(|position| format!(" {position}"));
        let fewer = self.asked.get(&view.id.request).filter(|asked| **asked != view.quantity);
        let fewer = fewer.map(|_asked| format!(" x{}", view.quantity));
        let until = view.expires_at.map(|until| format!(" until {}", seconds(until)));
        let bill = view.bill.as_deref().map(tariff::tell);
        [Some(status), fewer, position, until, bill].into_iter().flatten().collect()
    }

    fn tell_record(&self, record: &Record) -> String {
        let kind = format!("{:?}", record.kind)
            .replace("Slot", "slot_")
            .replace("Quantity", "quantity_")
            .to_lowercase();
        let bookings =
            record.bookings.iter().map(|view| format!("{} {}", label(view.id.request), self.tell(view)));
        let counts = &record.counts;
        let parts = [
            (counts.free, "free"),
            (counts.held, "held"),
            (counts.offered, "offered"),
            (counts.confirmed, "confirmed"),
            (counts.waitlisted, "waitlisted"),
        ];
        let counts =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
        let told = [
            kind,
            ": ".into(),
            bookings.collect::<Vec<_>>().join(", "),
            "; ".into(),
            counts.collect::<Vec<_>>().join(", "),
        ];
        told.concat().trim_end().into()
    }
}

/// What a row asks, under its label.
pub(crate) fn request(label: &str, asked: &[&str]) -> Request {
    Request { slot: id(), key: key(label), fingerprint: fingerprint(asked), command: command(asked) }
}

/// Reads what a row asks.
pub(crate) fn command(asked: &[&str]) -> Command {
    match asked {
        ["slot", settings @ ..] => Command::CreateSlot(Box::new(definition(settings).into())),
        ["cancel", "slot"] => Command::CancelSlot,
        ["change", settings @ ..] => Command::ChangeSlot(Box::new(change(settings))),
        ["cancel", booking, "by", party] => Command::CancelBooking(act(booking, party)),
        ["confirm", booking, "by", party] => Command::ConfirmBooking(act(booking, party)),
        ["accept", booking, "by", party] => Command::AcceptOffer(act(booking, party)),
        ["decline", booking, "by", party] => Command::DeclineOffer(act(booking, party)),
        ["extend", booking, seconds, "by", party] => {
            Command::ExtendHold(Extend { act: act(booking, party), hold_seconds: seconds.parse().unwrap() })
        }
        ["quantity", booking, quantity, "by", party, lines @ ..] => {
            let (quantity, lines) =
                (quantity.parse().unwrap(), lines.iter().flat_map(|one| tariff::lines(one)));
            let (act, lines) = (act(booking, party), lines.collect());
            Command::ChangeQuantity(ChangeQuantity { act, quantity, lines })
        }
        ["book", customer, quantity, wishes @ ..] => {
            let mut book = Book {
                customer: (*customer).into(),
                wish: Wish::Units(quantity.parse().unwrap()),
                mode: Mode::Confirm,
                hold_seconds: None,
                when_full: WhenFull::Waitlist,
                basket: None,
            };
            for wish in wishes {
                match wish.split_once('=').unwrap_or((wish, "")) {
                    ("refuse", "") => book.when_full = WhenFull::Refuse,
                    ("hold", "") => book.mode = Mode::Hold,
                    ("hold", seconds) => {
                        (book.mode, book.hold_seconds) = (Mode::Hold, Some(seconds.parse().unwrap()));
                    }
                    (_, said) => tariff::ask(&mut book, wish, said),
                }
            }
            Command::Book(book)
        }
        other => panic!("no such command: {other:?}"),
    }
}

pub(crate) fn act(booking: &str, party: &str) -> Act {
    let by = if party == "organizer" { Party::Organizer } else { Party::Customer(party.into()) };
    Act { booking: key(booking), by }
}

/// A slot of one unit from 1,000 s to 2,000 s with a waitlist of ten, unless the settings say something else.
pub(crate) fn definition(settings: &[&str]) -> Definition {
    let mut waitlist = WaitlistPolicy {
        capacity: 10,
        promotion: Promotion::Confirm,
        offer_seconds: 60,
        order: Order::Strict,
    };
    let (mut waits, mut tariff) = (true, TariffChange::default());
    let mut made = Definition {
        organizer: "studio".into(),
        placement: None,
        title: "yoga".into(),
        starts_at: Timestamp(1_000_000),
        ends_at: Timestamp(2_000_000),
        sale: Sale { opens_at: None, closes_at: None },
        stock: Stock::Units { capacity: 1 },
        tariff: None,
        policy: Policy {
            confirmed_by: ConfirmedBy::Customer,
            hold_seconds: 100,
            hold_seconds_max: 300,
            customer_limit: None,
            cancel_until_seconds: 0,
            waitlist: None,
            on_account: None,
        },
        secret: Secret([1; 16]),
    };
    for setting in settings {
        let (name, value) = setting.split_once('=').unwrap();
        let number = || value.parse::<u32>().unwrap();
        match name {
            "capacity" => made.stock = Stock::Units { capacity: number() },
            "limit" => made.policy.customer_limit = Some(number()),
            "cancel_until" => made.policy.cancel_until_seconds = number(),
            "opens" => made.sale.opens_at = Some(Timestamp(milliseconds(value))),
            "closes" => made.sale.closes_at = Some(Timestamp(milliseconds(value))),
            "starts" => made.starts_at = Timestamp(milliseconds(value)),
            "ends" => made.ends_at = Timestamp(milliseconds(value)),
            "waitlist" if value == "none" => waits = false,
            "waitlist" => waitlist.capacity = number(),
            "order" if value == "skip_fit" => waitlist.order = Order::SkipFit,
            "order" if value == "strict" => waitlist.order = Order::Strict,
            "promotion" if value == "offer" => waitlist.promotion = Promotion::Offer,
            "confirmed_by" if value == "organizer" => made.policy.confirmed_by = ConfirmedBy::Organizer,
            _ => tariff::set(&mut tariff, name, value),
        }
    }
    made.tariff = tariff.made_to(None).unwrap().map(Arc::new);
    made.policy.waitlist = waits.then_some(waitlist);
    made
}

/// What is changed of a slot.
fn change(settings: &[&str]) -> SlotChange {
    let mut change = SlotChange::default();
    let mut waitlist = None::<WaitlistChange>;
    for setting in settings {
        let (name, value) = setting.split_once('=').unwrap();
        let number = || value.parse::<u32>().unwrap();
        let moment = || Timestamp(milliseconds(value));
        let policy = &mut change.policy;
        let list = waitlist.get_or_insert_default();
        match name {
            "title" => change.title = Some(value.into()),
            "capacity" => change.capacity = Some(number()),
            "opens" => change.opens_at = Some((value != "none").then(moment)),
            "closes" => change.closes_at = Some((value != "none").then(moment)),
            "starts" => change.starts_at = Some(moment()),
            "ends" => change.ends_at = Some(moment()),
            "limit" => policy.customer_limit = Some((value != "none").then(number)),
            "cancel_until" => policy.cancel_until_seconds = Some(number()),
            "hold" => policy.hold_seconds = Some(number()),
            "hold_max" => policy.hold_seconds_max = Some(number()),
            "confirmed_by" if value == "organizer" => policy.confirmed_by = Some(ConfirmedBy::Organizer),
            "confirmed_by" => policy.confirmed_by = Some(ConfirmedBy::Customer),
            "waitlist" if value == "none" => policy.waitlist = Some(None),
            "waitlist" if value == "usual" => policy.waitlist = Some(Some(WaitlistChange::default())),
            "waitlist" => list.capacity = Some(number()),
            "offer" => list.offer_seconds = Some(number()),
            "order" if value == "skip_fit" => list.order = Some(Order::SkipFit),
            "order" => list.order = Some(Order::Strict),
            "promotion" if value == "offer" => list.promotion = Some(Promotion::Offer),
            "promotion" => list.promotion = Some(Promotion::Confirm),
            _ => tariff::set(change.tariff.get_or_insert_default(), name, value),
        }
    }
    if let Some(list) = waitlist.filter(|list| *list != WaitlistChange::default()) {
        change.policy.waitlist = Some(Some(list));
    }
    change
}

pub(crate) fn id() -> SlotId {
    SlotId { partition: Partition::new(1).unwrap(), hash: 1 }
}

/// A label is its own key: its letters are the number.
pub(crate) fn key(label: &str) -> RequestKey {
    RequestKey(label.bytes().fold(0, |number, letter| number << 8 | u128::from(letter)))
}

pub(crate) fn label(key: RequestKey) -> String {
    String::from_utf8(key.0.to_be_bytes().into_iter().skip_while(|&letter| letter == 0).collect()).unwrap()
}

fn fingerprint(asked: &[&str]) -> Fingerprint {
    Fingerprint(asked.concat().bytes().fold(0, |hash, letter| hash * 31 % 1_000_000_007 + u64::from(letter)))
}

fn milliseconds(seconds: &str) -> u64 {
    let (whole, thousandths) = seconds.split_once('.').unwrap_or((seconds, "0"));
    whole.parse::<u64>().unwrap() * 1_000 + thousandths.parse::<u64>().unwrap()
}

fn seconds(at: Timestamp) -> String {
    let (whole, thousandths) = (at.0 / 1_000, at.0 % 1_000);
    if thousandths == 0 { whole.to_string() } else { format!("{whole}.{thousandths:03}") }
}

fn tell_slot(view: &View, at: Timestamp) -> String {
    let status = match view.status(at) {
        SlotStatus::Scheduled => "scheduled",
        SlotStatus::OnSale => "on_sale",
        SlotStatus::Closed => "closed",
        SlotStatus::Finished => "finished",
        SlotStatus::Cancelled => "cancelled",
    };
    format!("{status}, {} bookable", view.bookable(at))
}

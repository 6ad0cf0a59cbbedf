//! What becomes of credits: a slot and its merchant play rows together, and after each row nothing is on its way any more. A row says what
//! became of its booking, and where all credits of its customer are.

use booking::merchant::{self, Command as MerchantCommand, PackageStatus};
use booking::{
    AccountChange, BookingView, ChangeQuantity, Command, ConfirmedBy, CreditsChange, Decision, Definition,
    LateCancel, Mode, OnAccount, PolicyChange, Promotion, SlotChange, Stock, Timestamp,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::world::{DAY_MS, World, act, book, usual};

struct Play {
    world: World,
    /// The key of each booking, and whose it is.
    keys: BTreeMap<String, (u128, String)>,
}

/// Plays rows with a slot like this.
fn check(words: &str, table: &str) {
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut play = Play { world: World::new([slot(&words)]), keys: BTreeMap::new() };
    let (mut expected, mut played) = (String::new(), String::new());
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (asked, answer) = row.split_once("=>").unwrap();
        let happened = play.play(asked.trim());
        let answer: Vec<&str> = answer.split_whitespace().collect();
        writeln!(expected, "{} => {}", asked.trim(), answer.join(" ")).unwrap();
        writeln!(played, "{} => {happened}", asked.trim()).unwrap();
    }
    assert!(expected == played, "expected:\n{expected}\nhappened:\n{played}");
}

fn slot(words: &[&str]) -> Definition {
    let mut definition = usual(word(words, "capacity=").map_or(1, |capacity| capacity.parse().unwrap()));
    let policy = &mut definition.policy;
    let mut credits = policy.on_account.unwrap().credits.unwrap();
    match word(words, "late=") {
        Some("refuse") => credits.late_cancel = LateCancel::Refuse,
        Some("release") => credits.late_cancel = LateCancel::Release,
        Some(_) | None => {}
    }
    credits.price = word(words, "price=").map_or(1, |price| price.parse().unwrap());
    policy.on_account = OnAccount::new((credits.price > 0).then_some(credits), words.contains(&"limited"));
    if words.contains(&"offer") {
        policy.waitlist.as_mut().unwrap().promotion = Promotion::Offer;
    }
    if words.contains(&"organizer") {
        policy.confirmed_by = ConfirmedBy::Organizer;
    }
    definition
}

impl Play {
    fn play(&mut self, row: &str) -> String {
        let mut words = row.split_whitespace().peekable();
        if let Some(at) = words.next_if(|word| word.starts_with('@')) {
            // A moment later: what is over at the first moment of all would leave at once.
            self.world.at = at[1..].parse::<u64>().unwrap() * DAY_MS + 1;
        }
        let label = words.next_if(|word| word.ends_with(':')).unwrap_or("none:").replace(':', "");
        let asked: Vec<&str> = words.collect();
        let answer = match asked[..] {
            ["grant", customer, credits, until] => {
                self.world.grant(customer, credits.parse().unwrap(), until.parse().ok());
                return self.account(customer);
            }
            ["limit", limit] => {
                self.world.ask(MerchantCommand::SetLimit(limit.parse().ok()));
                return "done".into();
            }
            ["pulse"] => {
                self.world.pulse();
                self.world.settle();
                return "done".into();
            }
            ["see", seen] => return self.see(seen),
            ["book", customer, quantity, ref mode @ ..] => {
                let mode = if mode.contains(&"hold") { Mode::Hold } else { Mode::Confirm };
                return self.book(&label, customer, quantity.parse().unwrap(), mode);
            }
            ["box", customer, quantity] => {
                let key = self.world.key();
                self.keys.insert(label.clone(), (key, customer.into()));
                let asked = book(customer, quantity.parse().unwrap(), Mode::Confirm);
                self.slot(Command::Book(asked), key)
            }
            ["slot", "cancel"] => {
                let key = self.world.key();
                self.slot(Command::CancelSlot, key)
            }
            ["slot", ref words @ ..] => self.change(words),
            ["quantity", label, quantity, by] => {
                let (key, act) = self.act(label, by);
                let quantity = std::num::NonZeroU32::new(quantity.parse().unwrap()).unwrap();
                self.slot(Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: Vec::new() }), key)
            }
            [verb, label, by] => {
                let (key, act) = self.act(label, by);
                let command = match verb {
                    "cancel" => Command::CancelBooking(act),
                    "confirm" => Command::ConfirmBooking(act),
                    "accept" => Command::AcceptOffer(act),
                    "decline" => Command::DeclineOffer(act),
                    other => panic!("no such row: {other}"),
                };
                self.slot(command, key)
            }
            ref other => panic!("no such row: {other:?}"),
        };
        self.world.settle();
        let customer =
            asked.get(1).and_then(|label| self.keys.get(*label)).map(|(_, customer)| customer.clone());
        let customer = customer.or_else(|| self.keys.get(&label).map(|(_, customer)| customer.clone()));
        let Some(customer) = customer else { return answer };
        format!("{answer} | {}", self.account(&customer))
    }

    fn act(&mut self, label: &str, by: &str) -> (u128, booking::Act) {
        let (booking, _) = self.keys[label].clone();
        (self.world.key(), act(booking, (by != "organizer").then_some(by)))
    }

    /// Books by way of the merchant. What the slot says to it is the answer.
    fn book(&mut self, label: &str, customer: &str, quantity: u32, mode: Mode) -> String {
        let key = self.world.key();
        let decision = self.world.reserve(0, key, book(customer, quantity, mode));
        self.world.settle();
        if let merchant::Decision::Refused(refusal) = decision {
            return refusal.code().into();
        }
        assert!(matches!(decision, merchant::Decision::Promised(_)), "{decision:?}");
        self.keys.insert(label.into(), (key, customer.into()));
        let booked = self.world.booking(0, key).as_ref().map_or_else(|| "not booked".into(), tell);
        format!("{booked} | {}", self.account(customer))
    }

    fn slot(&mut self, command: Command, key: u128) -> String {
        match self.world.ask_slot(0, key, command) {
            Decision::Booking(view) => tell(&view),
            Decision::Slot(_) => "done".into(),
            Decision::Refused(refusal) => refusal.code().into(),
            other @ (Decision::Explained(..)
            | Decision::AnotherMap
            | Decision::KeyReused
            | Decision::NotFound
            | Decision::Forbidden) => format!("{other:?}"),
        }
    }

    fn change(&mut self, words: &[&str]) -> String {
        let days = |begin| word(words, begin).map(|day| Timestamp(day.parse::<u64>().unwrap() * DAY_MS));
        let credits = match word(words, "price=") {
            Some("none") => Some(None),
            Some(price) => {
                Some(Some(CreditsChange { price: price.parse().ok(), ..CreditsChange::default() }))
            }
            None => None,
        };
        let placement_limit = word(words, "limited=").map(|limited| limited == "yes");
        let asks = (credits.is_some() || placement_limit.is_some()).then_some(AccountChange {
            credits,
            placement_limit,
            code_required: None,
        });
        let change = SlotChange {
            starts_at: days("starts="),
            ends_at: days("ends="),
            capacity: word(words, "capacity=").map(|capacity| capacity.parse().unwrap()),
            policy: PolicyChange { on_account: asks, ..PolicyChange::default() },
            ..SlotChange::default()
        };
        let key = self.world.key();
        self.slot(Command::ChangeSlot(Box::new(change)), key)
    }

    fn see(&self, seen: &str) -> String {
        match self.keys.get(seen) {
            Some((key, _)) => self.world.booking(0, *key).as_ref().map_or_else(|| "nothing".into(), tell),
            None => self.account(seen),
        }
    }

    /// Where all credits of a customer are, package by package.
    fn account(&self, customer: &str) -> String {
        let Some(account) = self.world.account(customer) else { return "nothing".into() };
        let package = |package: &merchant::Package| {
            let credits = package.credits;
            let parts = [
                (credits.available, "available"),
                (credits.reserved, "reserved"),
                (credits.spent, "spent"),
                (credits.expired, "expired"),
                (credits.revoked, "revoked"),
            ];
            let parts = parts.into_iter().filter(|(count, _)| 0 < *count);
            let mut told: Vec<_> = parts.map(|(count, part)| format!("{count} {part}")).collect();
            told.extend(package.until().map(|until| format!("until {}", until.0 / DAY_MS)));
            if package.status(Timestamp(self.world.at)) == PackageStatus::Over {
                told.push("over".into());
            }
            told.join(" ")
        };
        let units = account.units();
        let units = (0 < units).then(|| format!("{units} units"));
        account.packages.iter().map(package).chain(units).collect::<Vec<_>>().join("; ")
    }
}

fn word<'a>(words: &[&'a str], begin: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(begin))
}

fn tell(view: &BookingView) -> String {
    let credits = view.credits.iter().flat_map(|credits| credits.iter());
    let credits: Vec<_> =
        credits.map(|of| format!("{} {:?} of {}", of.count, of.state, of.package.0).to_lowercase()).collect();
    let status = format!("{:?}", view.status).to_lowercase();
    if credits.is_empty() { status } else { format!("{status}: {}", credits.join(", ")) }
}

#[test]
fn booked_at_once_held_or_waiting_is_reserved() {
    check(
        "capacity=2",
        "
        @0 grant alice 5 30             => 5 available until 30
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 30
        b: book alice 1 hold            => held: 1 reserved of 1 | 3 available 2 reserved until 30
        c: book alice 1                 => waitlisted: 1 reserved of 1 | 2 available 3 reserved until 30
        d: book alice 3                 => insufficient_credits
        e: box bob 1                    => waitlisted | nothing
        ",
    );
}

#[test]
fn what_lapses_is_declined_or_left_comes_back() {
    check(
        "offer",
        "
        @0 grant alice 5 30             => 5 available until 30
        a: book alice 1 hold            => held: 1 reserved of 1 | 4 available 1 reserved until 30
        b: book alice 1                 => waitlisted: 1 reserved of 1 | 3 available 2 reserved until 30
        c: book alice 1                 => waitlisted: 1 reserved of 1 | 2 available 3 reserved until 30
        d: book alice 1                 => waitlisted: 1 reserved of 1 | 1 available 4 reserved until 30
        @1 pulse                        => done
        see a                           => expired: 1 released of 1
        see b                           => offered: 1 reserved of 1
        see alice                       => 2 available 3 reserved until 30
        decline b alice                 => declined: 1 released of 1 | 3 available 2 reserved until 30
        see c                           => offered: 1 reserved of 1
        cancel d alice                  => cancelled: 1 released of 1 | 4 available 1 reserved until 30
        @2 pulse                        => done
        see c                           => expired: 1 released of 1
        see alice                       => 5 available until 30
        ",
    );
}

#[test]
fn who_is_promoted_keeps_what_is_reserved() {
    check(
        "",
        "
        @0 grant alice 5 30             => 5 available until 30
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 30
        b: book alice 1                 => waitlisted: 1 reserved of 1 | 3 available 2 reserved until 30
        cancel a alice                  => cancelled: 1 released of 1 | 4 available 1 reserved until 30
        see b                           => confirmed: 1 reserved of 1
        ",
    );
}

#[test]
fn who_still_waits_at_the_cut_off_waits_no_more() {
    check(
        "",
        "
        @0 grant alice 5 19             => 5 available until 19
        grant alice 5 21                => 5 available until 19; 5 available until 21
        a: book alice 1                 => confirmed: 1 reserved of 2 | 5 available until 19; 4 available 1 reserved until 21
        b: book alice 1                 => waitlisted: 1 reserved of 2 | 5 available until 19; 3 available 2 reserved until 21
        @18 pulse                       => done
        see b                           => expired: 1 released of 2
        see a                           => confirmed: 1 reserved of 2
        see alice                       => 5 available until 19; 4 available 1 reserved until 32
        c: book alice 1                 => not booked | 5 available until 19; 4 available 1 reserved until 32
        ",
    );
}

#[test]
fn cancelled_in_time_comes_back_and_without_grace() {
    check(
        "",
        "
        @0 grant alice 5 30             => 5 available until 30
        a: book alice 2                 => not booked | 5 available until 30
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 30
        @14 cancel a alice              => cancelled: 1 released of 1 | 5 available until 30
        ",
    );
}

#[test]
fn cancelled_late_is_forfeited() {
    check(
        "price=2",
        "
        @0 grant alice 5 30             => 5 available until 30
        grant bob 5 30                  => 5 available until 30
        a: book alice 1                 => confirmed: 2 reserved of 1 | 3 available 2 reserved until 30
        b: book bob 1                   => waitlisted: 2 reserved of 2 | 3 available 2 reserved until 30
        @15 cancel a alice              => cancelled: 2 forfeited of 1 | 3 available 2 spent until 30
        see b                           => confirmed: 2 reserved of 2
        ",
    );
}

#[test]
fn who_holds_or_waits_may_leave_late() {
    check(
        "",
        "
        @0 grant alice 5 30             => 5 available until 30
        @15 a: book alice 1 hold        => held: 1 reserved of 1 | 4 available 1 reserved until 30
        b: book alice 1                 => waitlisted: 1 reserved of 1 | 3 available 2 reserved until 30
        cancel b alice                  => cancelled: 1 released of 1 | 4 available 1 reserved until 30
        cancel a alice                  => cancelled: 1 released of 1 | 5 available until 30
        ",
    );
}

#[test]
fn cancelled_late_is_refused_or_comes_back() {
    check(
        "late=refuse",
        "
        @0 grant alice 5 30             => 5 available until 30
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 30
        @15 cancel a alice              => too_late | 4 available 1 reserved until 30
        cancel a organizer              => cancelled: 1 released of 1 | 5 available until 30
        ",
    );
    check(
        "late=release",
        "
        @0 grant alice 5 30             => 5 available until 30
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 30
        @15 cancel a alice              => cancelled: 1 released of 1 | 5 available until 30
        b: box bob 1                    => confirmed | nothing
        cancel b bob                    => too_late | nothing
        ",
    );
}

#[test]
fn what_its_customer_did_not_end_comes_back_with_grace() {
    check(
        "capacity=2",
        "
        @0 grant alice 5 20             => 5 available until 20
        @10 slot starts=19 ends=21      => done
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 20
        b: book alice 1                 => confirmed: 1 reserved of 1 | 3 available 2 reserved until 20
        cancel a organizer              => cancelled: 1 released of 1 | 4 available 1 reserved until 24
        @18 slot cancel                 => done
        see b                           => cancelled: 1 released of 1
        see alice                       => 5 available until 32
        ",
    );
}

#[test]
fn what_has_begun_is_spent_and_given_anew_if_it_did_not_take_place() {
    check(
        "capacity=2",
        "
        @0 grant alice 5 21             => 5 available until 21
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 21
        b: book alice 1                 => confirmed: 1 reserved of 1 | 3 available 2 reserved until 21
        @20 pulse                       => done
        see a                           => confirmed: 1 spent of 1
        see alice                       => 3 available 2 spent until 21
        cancel a alice                  => cancelled: 1 spent of 1 | 3 available 2 spent until 21
        cancel b organizer              => cancelled: 1 spent of 1 | 3 available 2 spent until 21; 1 available until 34
        ",
    );
}

#[test]
fn a_hold_that_outlives_the_start_is_spent_when_it_is_confirmed() {
    check(
        "organizer",
        "
        @19 grant alice 5 30            => 5 available until 30
        a: book alice 1                 => held: 1 reserved of 1 | 4 available 1 reserved until 30
        slot starts=25 ends=26          => done
        ",
    );
    check(
        "capacity=2 organizer",
        "
        @19 grant alice 5 30            => 5 available until 30
        slot ends=30                    => done
        slot starts=20                  => done
        a: book alice 1                 => held: 1 reserved of 1 | 4 available 1 reserved until 30
        confirm a organizer             => confirmed: 1 reserved of 1 | 4 available 1 reserved until 30
        @20 pulse                       => done
        see a                           => confirmed: 1 spent of 1
        ",
    );
}

#[test]
fn fewer_places_give_back_the_last_credits() {
    check(
        "capacity=4",
        "
        @0 grant alice 2 30             => 2 available until 30
        grant alice 5 40                => 2 available until 30; 5 available until 40
        a: book alice 4                 => confirmed: 2 reserved of 1, 2 reserved of 2 | 2 reserved until 30; 3 available 2 reserved until 40
        quantity a 3 organizer          => confirmed: 2 reserved of 1, 1 reserved of 2, 1 released of 2 | 2 reserved until 30; 4 available 1 reserved until 40
        quantity a 1 organizer          => confirmed: 1 reserved of 1, 1 released of 1, 2 released of 2 | 1 available 1 reserved until 30; 5 available until 40
        @20 pulse                       => done
        see a                           => confirmed: 1 spent of 1, 1 released of 1, 2 released of 2
        see alice                       => 1 available 1 spent until 30; 5 available until 40
        ",
    );
}

#[test]
fn a_slot_that_moves_beyond_a_package_is_honoured() {
    check(
        "",
        "
        @0 grant alice 5 30             => 5 available until 30
        a: book alice 1                 => confirmed: 1 reserved of 1 | 4 available 1 reserved until 30
        slot starts=40 ends=41          => done
        @30 pulse                       => done
        see alice                       => 1 reserved 4 expired until 30 over
        @40 pulse                       => done
        see alice                       => 1 spent 4 expired until 30 over
        ",
    );
}

#[test]
fn what_a_slot_asks_changes_for_new_bookings_only() {
    check(
        "capacity=4",
        "
        @0 grant alice 9 30             => 9 available until 30
        a: book alice 1                 => confirmed: 1 reserved of 1 | 8 available 1 reserved until 30
        slot price=none                 => in_use
        slot limited=yes                => in_use
        slot price=3                    => done
        b: book alice 1                 => confirmed: 3 reserved of 1 | 5 available 4 reserved until 30
        cancel a alice                  => cancelled: 1 released of 1 | 6 available 3 reserved until 30
        cancel b alice                  => cancelled: 3 released of 1 | 9 available until 30
        slot price=none                 => done
        slot price=0                    => malformed
        ",
    );
}

#[test]
fn a_limit_counts_what_is_held_offered_confirmed_and_waiting() {
    check(
        "price=0 limited capacity=2",
        "
        @0 limit 4                      => done
        a: book alice 1 hold            => held | 1 units
        b: book alice 1                 => confirmed | 2 units
        c: book alice 2                 => waitlisted | 4 units
        d: book alice 1                 => customer_limit
        quantity c 1 alice              => waitlisted | 3 units
        d: book alice 1                 => waitlisted | 4 units
        cancel d alice                  => cancelled | 3 units
        @1 pulse                        => done
        see a                           => expired
        see c                           => confirmed
        see alice                       => 2 units
        @20 pulse                       => done
        see alice                       => 2 units
        cancel b organizer              => cancelled | 1 units
        ",
    );
}

#[test]
fn a_slot_that_has_room_for_fewer_sends_away_who_waits_in_vain() {
    check(
        "capacity=2",
        "
        @0 grant alice 9 30             => 9 available until 30
        a: box bob 1                    => confirmed | nothing
        b: book alice 2                 => waitlisted: 2 reserved of 1 | 7 available 2 reserved until 30
        slot capacity=1                 => done
        see b                           => cancelled: 2 released of 1
        see alice                       => 9 available until 30
        ",
    );
}

#[test]
fn units_of_a_slot_that_asks_for_nothing_are_as_they_were() {
    let mut definition = usual(2);
    definition.policy.on_account = None;
    definition.stock = Stock::Units { capacity: 2 };
    let mut world = World::new([definition]);
    let key = world.key();
    let Decision::Booking(view) = world.ask_slot(0, key, Command::Book(book("alice", 1, Mode::Confirm)))
    else {
        panic!("it is booked")
    };
    assert_eq!(view.credits, None);
    assert_eq!(world.open(), []);
    let decision = world.reserve(0, key + 1, book("alice", 1, Mode::Confirm));
    assert_eq!(decision, merchant::Decision::Refused(merchant::Refusal::Malformed));
}

#[test]
fn what_a_slot_asks_by_then_is_what_was_promised_or_it_is_not_booked() {
    let changes: [(&str, SlotChange); 4] = [
        ("price", asking(Some(Some(CreditsChange { price: Some(2), ..CreditsChange::default() })), None)),
        ("no price", asking(Some(None), None)),
        ("a limit", asking(None, Some(true))),
        ("start", SlotChange { starts_at: Some(Timestamp(19 * DAY_MS)), ..SlotChange::default() }),
    ];
    for (what, change) in changes {
        let mut world = World::new([usual(2)]);
        world.grant("alice", 5, Some(30));
        world.reserve(0, 50, book("alice", 1, Mode::Confirm));
        let answer = world.ask_slot(0, 51, Command::ChangeSlot(Box::new(change)));
        assert!(matches!(answer, Decision::Slot(_)), "{what}: {answer:?}");
        world.settle();
        assert_eq!(world.booking(0, 50), None, "{what}");
        assert_eq!(world.account("alice").unwrap().packages[0].credits.available, 5, "{what}");
        // The request is not used up: promised anew, it books.
        if what != "no price" {
            world.reserve(0, 50, book("alice", 1, Mode::Confirm));
            world.settle();
            assert!(world.booking(0, 50).is_some(), "{what}");
        }
    }
}

#[test]
fn a_request_books_once_whatever_was_promised_for_it() {
    let mut world = World::new([usual(3)]);
    world.grant("alice", 5, Some(30));
    for _try in 0..2 {
        world.reserve(0, 50, book("alice", 1, Mode::Confirm));
    }
    world.settle();
    let credits = world.account("alice").unwrap().packages[0].credits;
    assert_eq!((credits.available, credits.reserved), (4, 1), "the second promise has come back");
    let refused = world.reserve(0, 60, book("bob", 1, Mode::Confirm));
    let too_few = merchant::Refusal::InsufficientCredits { needed: 1, available: 0 };
    assert_eq!(refused, merchant::Decision::Refused(too_few));
}

#[test]
fn what_the_slot_refuses_is_remembered_there_and_comes_back() {
    let mut world = World::new([usual(1)]);
    world.grant("alice", 5, Some(30));
    world.reserve(0, 50, book("alice", 2, Mode::Confirm));
    world.settle();
    let again = world.ask_slot(0, 50, Command::Book(book("alice", 2, Mode::Confirm)));
    assert_eq!(again, Decision::Refused(booking::Refusal::QuantityTooLarge));
    assert_eq!(world.account("alice").unwrap().packages[0].credits.available, 5);
}

#[expect(clippy::option_option, reason = "what is left out stays, and none within is none")]
fn asking(credits: Option<Option<CreditsChange>>, placement_limit: Option<bool>) -> SlotChange {
    let on_account = Some(AccountChange { credits, placement_limit, code_required: None });
    let policy = PolicyChange { on_account, ..PolicyChange::default() };
    SlotChange { policy, ..SlotChange::default() }
}

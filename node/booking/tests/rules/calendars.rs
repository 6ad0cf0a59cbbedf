//! Calendars, as tables: a row is a request and its answer. Moments are hours and minutes of one day.
//!
//! ```text
//!  @8:30 b: book bob 9:00-10:00 on court hold  =>  held 9:00-10:00 court until 8:40 #3
//! ```
//!
//! After every row the invariants hold, and what was answered is remembered.

use std::sync::Arc;

use booking::{
    Act, Book, BookingView, CalendarChange, CalendarPlaces, CalendarStock, ChangeQuantity, ClosedDays,
    Command, Decision, Definition, Details, Extend, FreeAsked, FreeView, HoursRule, Lengths, LengthsChange,
    Level, Mode, MoveBooking, NewSlot, Openings, OpeningsOf, Order, Outcome, Party, Promotion, Range,
    RangeWish, Request, Resources, RuleChange, Sale, Slot, SlotChange, Stock, Timestamp, WaitlistPolicy,
    WhenFull, Wish,
};

use crate::stage;

/// A day, which begins long after 1970.
const DAY: u64 = 20_000 * 1_440;

fn at(text: &str) -> Timestamp {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    let minutes = hours.parse::<u64>().unwrap() * 60 + minutes.parse::<u64>().unwrap();
    Timestamp((DAY + minutes) * 60_000)
}

fn clock(at: Timestamp) -> String {
    let minutes = at.0 / 60_000 - DAY;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

fn range(text: &str) -> Range {
    let (from, to) = text.split_once('-').unwrap();
    Range::new(at(from), at(to)).unwrap()
}

/// A calendar that is open from 8 to 22, with a grid of half an hour and up to four hours, unless the settings say something else.
fn definition(settings: &[&str]) -> (Definition, Openings) {
    let mut lengths = Lengths {
        grid_seconds: 1_800,
        minimum_seconds: 1_800,
        maximum_seconds: 14_400,
        before_seconds: 0,
        after_seconds: 0,
        lead_seconds: 0,
        horizon_seconds: 86_400,
    };
    let mut places = CalendarPlaces::Count(1);
    let mut made = stage::definition(&["cancel_until=3600", "order=skip_fit"]);
    let (mut openings, mut until) = (vec![range("8-22")], None);
    (made.starts_at, made.ends_at) = (at("0"), at("24"));
    made.policy.hold_seconds = 600;
    made.policy.hold_seconds_max = 7_200;
    for setting in settings {
        let (name, value) = setting.split_once('=').unwrap();
        let minutes = || value.parse::<u32>().unwrap() * 60;
        match name {
            "count" => places = CalendarPlaces::Count(value.parse().unwrap()),
            "of" => places = CalendarPlaces::Resources(Resources::new(&names(value)).unwrap()),
            "before" => lengths.before_seconds = minutes(),
            "after" => lengths.after_seconds = minutes(),
            "lead" => lengths.lead_seconds = minutes(),
            "horizon" => lengths.horizon_seconds = minutes(),
            "open" => openings = value.split('+').map(range).collect(),
            "ends" => made.ends_at = at(value),
            "sells" => {
                let sells = range(value);
                made.sale = Sale { opens_at: Some(sells.from()), closes_at: Some(sells.to()) };
            }
            "known" => until = Some(at(value)),
            "offer" => {
                made.policy.waitlist = Some(WaitlistPolicy {
                    capacity: 10,
                    promotion: Promotion::Offer,
                    offer_seconds: minutes(),
                    order: Order::SkipFit,
                });
            }
            _ => panic!("no such setting: {setting}"),
        }
    }
    let rule = HoursRule { time_zone: "UTC".into(), ..HoursRule::default() };
    made.stock = Stock::Calendar(Arc::new(CalendarStock { places, lengths, rule }));
    let until = until.unwrap_or(made.ends_at);
    (made, Openings { each: openings, until })
}

fn names(value: &str) -> Vec<Box<str>> {
    value.split('+').map(Into::into).collect()
}

fn command(asked: &[&str], slot: Option<&Slot>) -> Command {
    match asked {
        ["calendar", settings @ ..] => {
            let (definition, openings) = definition(settings);
            Command::CreateSlot(Box::new(NewSlot::of_calendar(definition, openings)))
        }
        ["book", customer, said, wishes @ ..] => Command::Book(book(customer, said, wishes)),
        ["move", booking, said, "by", party] => {
            let mut asked = MoveBooking { act: act(booking, party), from: None, to: None, resource: None };
            for said in said.split(',') {
                match said.split_once('=').unwrap() {
                    ("from", moment) => asked.from = Some(at(moment)),
                    ("to", moment) => asked.to = Some(at(moment)),
                    ("on", "any") => asked.resource = Some(None),
                    ("on", name) => asked.resource = Some(Some(name.into())),
                    _ => panic!("{said}"),
                }
            }
            Command::MoveBooking(Box::new(asked))
        }
        ["cancel", booking, "by", party] => Command::CancelBooking(act(booking, party)),
        ["confirm", booking, "by", party] => Command::ConfirmBooking(act(booking, party)),
        ["accept", booking, "by", party] => Command::AcceptOffer(act(booking, party)),
        ["extend", booking, minutes, "by", party] => {
            let hold_seconds = minutes.parse::<u32>().unwrap() * 60;
            Command::ExtendHold(Extend { act: act(booking, party), hold_seconds })
        }
        ["quantity", booking, quantity, "by", party] => {
            let quantity = quantity.parse().unwrap();
            Command::ChangeQuantity(ChangeQuantity { act: act(booking, party), quantity, lines: vec![] })
        }
        ["change", settings @ ..] => {
            let definition = slot.unwrap().view().definition;
            Command::ChangeSlot(Box::new(change(&definition, settings)))
        }
        ["extend", "hours", openings, "until", until] => {
            let basis = slot.unwrap().view().definition.openings_basis();
            let openings = Openings { each: openings.split('+').map(range).collect(), until: at(until) };
            Command::ExtendHours(Box::new(OpeningsOf { basis, openings }))
        }
        ["cancel", "slot"] => Command::CancelSlot,
        other => panic!("no such command: {other:?}"),
    }
}

fn book(customer: &str, said: &str, wishes: &[&str]) -> Book {
    let (from, to) = said.split_once('-').unwrap();
    let mut wish = RangeWish { from: at(from), to: at(to), resource: None, quantity: 1 };
    let (mut mode, mut when_full, mut hold_seconds) = (Mode::Confirm, WhenFull::Waitlist, None);
    for said in wishes {
        match said.split_once('=').unwrap_or((said, "")) {
            ("on", name) => wish.resource = Some(name.into()),
            ("x", quantity) => wish.quantity = quantity.parse().unwrap(),
            ("hold", "") => mode = Mode::Hold,
            ("hold", minutes) => {
                (mode, hold_seconds) = (Mode::Hold, Some(minutes.parse::<u32>().unwrap() * 60));
            }
            ("refuse", "") => when_full = WhenFull::Refuse,
            _ => panic!("no such wish: {said}"),
        }
    }
    let wish = Wish::Range(Box::new(wish));
    Book { customer: customer.into(), wish, mode, hold_seconds, when_full, basket: None }
}

fn act(booking: &str, party: &str) -> Act {
    let by = if party == "organizer" { Party::Organizer } else { Party::Customer(party.into()) };
    Act { booking: stage::key(booking), by }
}

fn change(old: &Definition, settings: &[&str]) -> SlotChange {
    let (mut calendar, mut change) = (CalendarChange::default(), SlotChange::default());
    let mut new = old.clone();
    let mut opens = None;
    let mut lengths = LengthsChange::default();
    for setting in settings {
        let (name, value) = setting.split_once('=').unwrap();
        let minutes = || Some(value.parse::<u32>().unwrap() * 60);
        match name {
            "count" => calendar.count = Some(value.parse().unwrap()),
            "of" => calendar.resources = Some(names(value)),
            "grid" => lengths.grid_seconds = minutes(),
            "minimum" => lengths.minimum_seconds = minutes(),
            "maximum" => lengths.maximum_seconds = minutes(),
            "before" => lengths.before_seconds = minutes(),
            "after" => lengths.after_seconds = minutes(),
            "lead" => lengths.lead_seconds = minutes(),
            "starts" => (new.starts_at, change.starts_at) = (at(value), Some(at(value))),
            "ends" => (new.ends_at, change.ends_at) = (at(value), Some(at(value))),
            // Closed on these days of 1970, made from the hours that are seen, or from others.
            "closed" | "closed-otherwise" => {
                let Stock::Calendar(stock) = &mut new.stock else { unreachable!("it is a calendar") };
                let to_day = value.parse().unwrap();
                let closed = vec![ClosedDays { from_day: 0, to_day }];
                let to = HoursRule { closed, ..stock.rule.clone() };
                Arc::make_mut(stock).rule = to.clone();
                let from = old.openings_basis() + u64::from(name == "closed-otherwise");
                calendar.rule = Some(RuleChange { from, to });
            }
            "open" => opens = Some(value.split('+').map(range).collect()),
            _ => panic!("no such setting: {setting}"),
        }
    }
    calendar.lengths = lengths;
    calendar.openings = opens.map(|each| OpeningsOf {
        basis: new.openings_basis(),
        openings: Openings { each, until: new.ends_at },
    });
    change.calendar = Some(Box::new(calendar));
    change
}

fn tell(view: &BookingView) -> String {
    let range = view.range.as_deref().unwrap();
    let status = format!("{:?}", view.status).to_lowercase();
    let parts = [
        Some(format!("{status} {}-{}", clock(range.range.from()), clock(range.range.to()))),
        range.resource.as_deref().map(|name| format!(" {name}")),
        Some(view.quantity).filter(|&quantity| quantity != 1).map(|quantity| format!(" x{quantity}")),
        view.position.map(|position| format!(" {position}")),
        view.expires_at.map(|until| format!(" until {}", clock(until))),
    ];
    parts.into_iter().flatten().collect()
}

fn tell_outcome(outcome: &Outcome) -> String {
    let decision = match &outcome.decision {
        Decision::Slot(view) => {
            let calendar = view.calendar.as_deref().unwrap();
            assert_eq!(view.bookable(outcome.at), 0, "nobody can say that in one number");
            let outside = Some(calendar.outside).filter(|&outside| 0 < outside);
            let outside = outside.map(|outside| format!(", {outside} outside")).unwrap_or_default();
            format!("{} of {}{outside}", calendar.confirmed, view.counts.capacity)
        }
        Decision::Booking(view) => tell(view),
        Decision::Refused(refusal) => refusal.to_string(),
        Decision::Explained(refusal, details) => match &**details {
            Details::Range(reason) => format!("{refusal} {reason:?}").to_lowercase(),
            Details::RangesTaken(ranges) => {
                let ranges = ranges.iter().map(|one| format!("{}-{}", clock(one.from()), clock(one.to())));
                format!("{refusal} {}", ranges.collect::<Vec<_>>().join(" "))
            }
            Details::InUseFrom(first) => format!("{refusal} {}", clock(*first)),
            other @ (Details::Conflicts(_)
            | Details::Singles(_)
            | Details::Quotas(_)
            | Details::Line(_)
            | Details::LargestBlock(_)
            | Details::InUse { .. }) => panic!("{other:?}"),
        },
        Decision::AnotherMap => "outdated".into(),
        Decision::KeyReused | Decision::NotFound | Decision::Forbidden => format!("{:?}", outcome.decision),
    };
    format!("{decision} #{}", outcome.seq.0)
}

/// Plays the rows, and compares what they say with what happens.
/// What is free for half an hour from 8 to 22.
fn tell_free(slot: &Slot, now: Timestamp) -> String {
    let asked = FreeAsked { window: range("8-22"), seconds: 1_800, quantity: 1, resource: None };
    let found = slot.free(now, &asked, None, 10).unwrap();
    ranges(found.iter().map(|one: &FreeView| one.range))
}

/// When it is open from 8 to 22, as calendars of other programs are told.
fn tell_open(slot: &Slot) -> String {
    let asked = FreeAsked { window: range("8-22"), seconds: 0, quantity: 1, resource: None };
    ranges(slot.busy(&asked).unwrap().open.into_iter())
}

fn ranges(all: impl Iterator<Item = Range>) -> String {
    let told = all.map(|range| format!("{}-{}", clock(range.from()), clock(range.to())));
    let told = told.collect::<Vec<_>>();
    if told.is_empty() { "nothing".into() } else { told.join(", ") }
}

fn check(table: &str) {
    let (mut slot, mut now) = (None::<Slot>, at("7"));
    let (mut expected, mut played) = (vec![], vec![]);
    for (line, row) in table.lines().map(str::trim).filter(|row| !row.is_empty()).enumerate() {
        let (asked, answer) = row.split_once("=>").unwrap();
        let mut words = asked.split_whitespace().peekable();
        if let Some(moment) = words.next_if(|word| word.starts_with('@')) {
            now = at(&moment[1..]);
        }
        let label = words.next_if(|word| word.ends_with(':'));
        let label = label.map_or_else(|| format!("row{line}"), |label| label.replace(':', ""));
        let words = words.collect::<Vec<_>>();
        let happened = match words[..] {
            ["pulse"] => {
                slot.as_mut().unwrap().pulse(Level::NEWEST, now, &mut vec![]);
                "done".into()
            }
            ["see", booking] => tell(&slot.as_ref().unwrap().booking(stage::key(booking)).unwrap()),
            ["free"] => tell_free(slot.as_ref().unwrap(), now),
            ["open"] => tell_open(slot.as_ref().unwrap()),
            ["deadline"] => slot.as_ref().unwrap().deadline().map_or_else(|| "never".into(), clock),
            _ => {
                let request =
                    Request { command: command(&words, slot.as_ref()), ..stage::request(&label, &["slot"]) };
                let outcome = Slot::apply(&mut slot, Level::NEWEST, now, &request, &mut vec![]);
                tell_outcome(&outcome)
            }
        };
        assert_eq!(slot.as_ref().unwrap().check(), Ok(()), "{row}");
        expected.push(format!("{} => {}", asked.trim(), answer.trim()));
        played.push(format!("{} => {happened}", asked.trim()));
    }
    let (expected, played) = (expected.join("\n"), played.join("\n"));
    assert!(expected == played, "expected:\n{expected}\nhappened:\n{played}");
}

#[test]
fn ranges_of_a_pool_are_booked_as_long_as_no_more_are_taken_at_any_moment_than_there_are() {
    // K1 to K4.
    check(
        "
        calendar count=2 after=15             =>  0 of 2 #1
        a: book ann 9:00-10:00                =>  confirmed 9:00-10:00 #2
        b: book bob 10:30-11:30               =>  confirmed 10:30-11:30 #3
        c: book cid 9:00-11:00                =>  confirmed 9:00-11:00 #4
        d: book dan 11:00-12:00 refuse        =>  range_taken 11:00-11:15 #4
        e: book dan 11:30-12:00               =>  confirmed 11:30-12:00 #5
        f: book dan 8:00-8:30 x=2             =>  confirmed 8:00-8:30 x2 #6
        g: book dan 8:30-9:00 x=3             =>  quantity_too_large #6
        h: book dan 8:30-9:00 refuse          =>  range_taken 8:30-8:45 9:00-9:15 #6
        i: book dan 8:30-9:00 on=court        =>  no_such_resource #6
        j: book dan 9:00-9:00                 =>  range_empty #6
        ",
    );
}

#[test]
fn a_range_may_be_asked_for_or_not() {
    // K5 to K9, in the order of reasons.
    check(
        "
        calendar lead=60 horizon=300 open=8-12+12-14+14:20-20  =>  0 of 1 #1
        book ann 11:30-12:30                  =>  confirmed 11:30-12:30 #2
        book ann 13:30-14:30                  =>  range_refused hours #2
        book ann 14:20-14:50 refuse           =>  range_refused horizon #2
        book ann 14:30-15:00                  =>  range_refused grid #2
        book ann 8:15-8:45                    =>  range_refused grid #2
        book ann 8:00-12:30                   =>  range_refused length #2
        @7:30 book ann 8:00-8:30              =>  range_refused lead #2
        @7:00 book ann 8:30-9:00              =>  confirmed 8:30-9:00 #3
        @7:30 book ann 13:00-13:30            =>  range_refused horizon #3
        @8:00 book ann 13:00-13:30            =>  confirmed 13:00-13:30 #4
        ",
    );
}

#[test]
fn who_asks_for_any_resource_gets_the_one_that_is_left_with_the_least_idle_time() {
    check(
        "
        calendar of=one+two+three             =>  0 of 3 #1
        a: book ann 9:00-10:00 on=two         =>  confirmed 9:00-10:00 two #2
        b: book bob 10:00-11:00               =>  confirmed 10:00-11:00 two #3
        c: book cid 9:30-10:30                =>  confirmed 9:30-10:30 one #4
        d: book dan 9:00-11:00 on=two refuse  =>  range_taken 9:00-11:00 #4
        e: book dan 9:00-11:00                =>  confirmed 9:00-11:00 three #5
        f: book dan 9:00-11:00 refuse         =>  range_taken 9:30-10:30 #5
        g: book dan 9:00-9:30 x=2             =>  quantity_too_large #5
        h: book dan 10:00-11:00 on=four       =>  no_such_resource #5
        ",
    );
}

#[test]
fn what_is_freed_goes_to_the_earliest_whom_it_fits_in_the_same_step() {
    check(
        "
        calendar                              =>  0 of 1 #1
        a: book ann 9:00-12:00                =>  confirmed 9:00-12:00 #2
        b: book bob 10:00-12:00               =>  waitlisted 10:00-12:00 1 #3
        c: book cid 9:00-10:00                =>  waitlisted 9:00-10:00 1 #4
        d: book dan 11:00-12:00               =>  waitlisted 11:00-12:00 2 #5
        e: book eve 11:30-12:30               =>  waitlisted 11:30-12:30 3 #6
        f: book fay 12:00-13:00               =>  confirmed 12:00-13:00 #7
        cancel a by organizer                 =>  cancelled 9:00-12:00 #8
        see b                                 =>  confirmed 10:00-12:00
        see c                                 =>  confirmed 9:00-10:00
        see d                                 =>  waitlisted 11:00-12:00 1
        cancel b by organizer                 =>  cancelled 10:00-12:00 #9
        see d                                 =>  confirmed 11:00-12:00
        see e                                 =>  waitlisted 11:30-12:30 1
        ",
    );
}

#[test]
fn holds_and_offers_end_when_their_range_begins_and_waiting_when_one_may_ask_no_more() {
    check(
        "
        calendar lead=30 offer=300            =>  0 of 1 #1
        @8:25 a: book ann 9:00-10:00 hold=60  =>  held 9:00-10:00 until 9:00 #2
        b: book bob 9:00-9:30                 =>  waitlisted 9:00-9:30 1 #3
        c: book cid 9:30-10:30                =>  waitlisted 9:30-10:30 1 #4
        deadline                              =>  8:30
        @8:30 pulse                           =>  done
        see b                                 =>  expired 9:00-9:30
        extend a 90 by ann                    =>  held 9:00-10:00 until 9:00 #5
        deadline                              =>  9:00
        @8:59 d: book dan 9:30-10:00          =>  waitlisted 9:30-10:00 2 #6
        @9:00 e: book eve 9:30-10:00 refuse   =>  confirmed 9:30-10:00 #7
        see a                                 =>  expired 9:00-10:00
        see c                                 =>  expired 9:30-10:30
        see d                                 =>  expired 9:30-10:00
        ",
    );
}

#[test]
fn an_offer_ends_when_its_range_begins() {
    check(
        "
        calendar offer=300                    =>  0 of 1 #1
        a: book ann 9:00-10:00                =>  confirmed 9:00-10:00 #2
        b: book bob 9:30-10:30                =>  waitlisted 9:30-10:30 1 #3
        @8:00 cancel a by organizer           =>  cancelled 9:00-10:00 #4
        see b                                 =>  offered 9:30-10:30 until 9:30
        c: book cid 9:00-10:00 refuse         =>  range_taken 9:30-10:00 #4
        @9:30 d: book dan 10:00-10:30         =>  confirmed 10:00-10:30 #5
        see b                                 =>  expired 9:30-10:30
        ",
    );
}

#[test]
fn who_keeps_time_free_before_is_served_when_what_was_in_the_way_is_past() {
    check(
        "
        calendar before=60 after=0            =>  0 of 1 #1
        a: book ann 8:00-9:30                 =>  confirmed 8:00-9:30 #2
        b: book bob 10:00-11:00               =>  waitlisted 10:00-11:00 1 #3
        deadline                              =>  9:00
        @9:00 pulse                           =>  done
        see b                                 =>  waitlisted 10:00-11:00 1
        deadline                              =>  9:30
        @9:30 pulse                           =>  done
        see b                                 =>  confirmed 10:00-11:00
        ",
    );
}

#[test]
fn a_booking_is_moved_in_one_step_or_stays() {
    // K12.
    check(
        "
        calendar of=one+two after=30          =>  0 of 2 #1
        a: book ann 9:00-10:00 on=one         =>  confirmed 9:00-10:00 one #2
        b: book bob 11:00-12:00 on=one hold=120 =>  held 11:00-12:00 one until 9:00 #3
        c: book cid 10:00-11:00 on=one        =>  waitlisted 10:00-11:00 one 1 #4
        k: move a from=9:30,to=10:30 by ann   =>  confirmed 9:30-10:30 one #5
        move a from=10:00,to=11:00 by ann     =>  range_taken 11:00-11:30 #5
        move a from=10:00,to=11:00,on=any by ann =>  confirmed 10:00-11:00 two #6
        move a on=one by ann                  =>  range_taken 11:00-11:30 #6
        move a on=two by ann                  =>  confirmed 10:00-11:00 two #6
        move a to=10:00 by ann                =>  range_empty #6
        move b from=8:30,to=9:30 by bob       =>  held 8:30-9:30 one until 8:30 #7
        see c                                 =>  confirmed 10:00-11:00 one
        move c on=three by cid                =>  no_such_resource #7
        move b from=7:30,to=8:00 by bob       =>  range_refused hours #7
        @9:00 move a from=12:00,to=13:00 by ann =>  too_late #8
        move a from=12:00,to=13:00 by organizer =>  confirmed 12:00-13:00 two #9
        move b from=12:00,to=13:00 by bob     =>  already_over #9
        ",
    );
}

#[test]
fn what_waits_or_is_offered_is_not_moved() {
    check(
        "
        calendar offer=60                     =>  0 of 1 #1
        a: book ann 9:00-10:00                =>  confirmed 9:00-10:00 #2
        b: book bob 9:00-10:00                =>  waitlisted 9:00-10:00 1 #3
        move b from=10:00,to=11:00 by bob     =>  not_held #3
        cancel a by organizer                 =>  cancelled 9:00-10:00 #4
        move b from=10:00,to=11:00 by bob     =>  not_held #4
        accept b by bob                       =>  confirmed 9:00-10:00 #5
        move b from=10:00,to=11:00 by bob     =>  confirmed 10:00-11:00 #6
        cancel b by bob                       =>  cancelled 10:00-11:00 #7
        ",
    );
}

#[test]
fn fewer_of_a_pool_may_be_wanted() {
    check(
        "
        calendar count=3                      =>  0 of 3 #1
        a: book ann 9:00-10:00 x=3 hold       =>  held 9:00-10:00 x3 until 7:10 #2
        b: book bob 9:30-10:30 x=2            =>  waitlisted 9:30-10:30 x2 1 #3
        quantity b 1 by bob                   =>  waitlisted 9:30-10:30 1 #4
        quantity a 2 by ann                   =>  held 9:00-10:00 x2 until 7:10 #5
        see b                                 =>  confirmed 9:30-10:30
        quantity a 3 by ann                   =>  more_than_booked #5
        ",
    );
}

#[test]
fn terms_are_changed_while_everything_that_is_booked_stays() {
    // K10 and K11.
    check(
        "
        calendar count=2                      =>  0 of 2 #1
        a: book ann 9:00-10:00                =>  confirmed 9:00-10:00 #2
        b: book bob 9:30-11:00                =>  confirmed 9:30-11:00 #3
        change count=1                        =>  capacity_in_use 9:30 #3
        @9:45 change count=1                  =>  capacity_in_use 9:45 #3
        @10:00 change count=1                 =>  2 of 1 #4
        c: book cid 11:00-12:00               =>  confirmed 11:00-12:00 #5
        change open=13-22                     =>  3 of 1, 2 outside #6
        book dan 12:00-13:00                  =>  range_refused hours #6
        change open=8-22                      =>  3 of 1 #7
        change grid=20                        =>  minimum_off_grid #7
        change grid=20 minimum=20 maximum=50  =>  maximum_off_grid #7
        change ends=23                        =>  outdated #7
        change closed=0 open=8-22             =>  3 of 1 #8
        change closed-otherwise=9 open=8-22   =>  outdated #8
        change closed-otherwise=9 grid=20     =>  outdated #8
        change closed=9                       =>  outdated #8
        change ends=23 open=8-22              =>  3 of 1 #9
        change ends=9 open=8-9                =>  3 of 1, 2 outside #10
        book dan 12:00-13:00                  =>  not_on_sale #10
        ",
    );
}

#[test]
fn resources_come_and_go_by_name() {
    check(
        "
        calendar of=one+two                   =>  0 of 2 #1
        a: book ann 9:00-10:00 on=one         =>  confirmed 9:00-10:00 one #2
        b: book bob 9:00-10:00 on=one         =>  waitlisted 9:00-10:00 one 1 #3
        change of=two                         =>  capacity_in_use 9:00 #3
        change of=three+three                 =>  resource_twice #3
        change of=three+one                   =>  1 of 2 #4
        c: book cid 9:00-10:00                =>  confirmed 9:00-10:00 three #5
        book dan 9:00-10:00 on=two            =>  no_such_resource #5
        @10:00 change of=two+three            =>  2 of 2 #6
        see a                                 =>  confirmed 9:00-10:00 one
        see b                                 =>  expired 9:00-10:00 one
        d: book dan 11:00-12:00 on=three      =>  confirmed 11:00-12:00 three #7
        e: book eve 11:00-12:00 on=two        =>  confirmed 11:00-12:00 two #8
        f: book fay 11:00-12:00 on=two        =>  waitlisted 11:00-12:00 two 1 #9
        cancel e by organizer                 =>  cancelled 11:00-12:00 two #10
        see f                                 =>  confirmed 11:00-12:00 two
        g: book gus 11:00-12:00 on=two        =>  waitlisted 11:00-12:00 two 1 #11
        cancel f by organizer                 =>  cancelled 11:00-12:00 two #12
        cancel g by organizer                 =>  cancelled 11:00-12:00 two #13
        h: book hal 11:00-12:00 on=three      =>  waitlisted 11:00-12:00 three 1 #14
        change of=one                         =>  capacity_in_use 11:00 #14
        ",
    );
}

#[test]
fn hours_are_known_further_and_further() {
    check(
        "
        calendar open=8-10 known=10           =>  0 of 1 #1
        a: book ann 9:30-10:30                =>  range_refused hours #1
        extend hours 10-12+13-14 until 14     =>  0 of 1 #2
        extend hours 8-22 until 14            =>  0 of 1 #2
        b: book ann 9:30-10:30                =>  confirmed 9:30-10:30 #3
        c: book bob 12:00-13:00               =>  range_refused hours #3
        ",
    );
}

#[test]
fn what_was_open_in_the_past_is_forgotten_and_refused_for_being_past() {
    check(
        "
        calendar open=8-10+12-14 known=14     =>  0 of 1 #1
        a: book ann 8:00-9:00                 =>  confirmed 8:00-9:00 #2
        @11:00 book bob 9:00-10:00            =>  range_refused lead #2
        book bob 8:15-8:45                    =>  range_refused grid #2
        extend hours 14-16 until 16           =>  1 of 1 #3
        book bob 9:00-10:00                   =>  range_refused lead #3
        book bob 8:15-8:45                    =>  range_refused lead #3
        book bob 10:30-11:30                  =>  range_refused lead #3
        book bob 11:00-11:30                  =>  range_refused hours #3
        ",
    );
}

#[test]
fn nothing_is_free_that_nobody_could_book() {
    check(
        "
        calendar open=8-12 sells=7:30-10      =>  0 of 1 #1
        free                                  =>  nothing
        @7:30 free                            =>  8:00-12:00
        a: book ann 9:00-10:00                =>  confirmed 9:00-10:00 #2
        free                                  =>  8:00-9:00, 10:00-12:00
        @9:59 free                            =>  10:00-12:00
        @10:00 free                           =>  nothing
        book bob 11:00-12:00                  =>  not_on_sale #2
        ",
    );
    check(
        "
        calendar open=8-12                    =>  0 of 1 #1
        free                                  =>  8:00-12:00
        open                                  =>  8:00-12:00
        cancel slot                           =>  0 of 1 #2
        free                                  =>  nothing
        open                                  =>  nothing
        ",
    );
}

#[test]
fn the_end_of_the_slot_ends_what_is_not_confirmed() {
    check(
        "
        calendar ends=12 open=8-12            =>  0 of 1 #1
        a: book ann 11:00-12:00               =>  confirmed 11:00-12:00 #2
        @10:00 b: book bob 10:30-11:30        =>  waitlisted 10:30-11:30 1 #3
        change ends=10:15 open=8-10           =>  1 of 1, 1 outside #4
        deadline                              =>  10:15
        @10:15 pulse                          =>  done
        see b                                 =>  expired 10:30-11:30
        see a                                 =>  confirmed 11:00-12:00
        cancel slot                           =>  0 of 1, 1 outside #6
        see a                                 =>  cancelled 11:00-12:00
        ",
    );
}

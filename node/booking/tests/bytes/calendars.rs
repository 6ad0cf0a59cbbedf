//! One value of everything that is stored of calendars, by name.

use std::sync::Arc;

use booking::{
    Act, Answer, Asker, Basket, Book, Booking, BookingView, Buffers, CalendarChange, CalendarPlaces,
    CalendarStock, CalendarView, ClosedDays, Command, Decision, Definition, Details, Header, HoursPart,
    HoursRule, Kind, Lengths, LengthsChange, Mode, MoveBooking, NewSlot, Openings, OpeningsOf, Outcome,
    Party, Range, RangeClaim, RangeHad, RangeRefused, RangeView, RangeWish, ReceiptRecord, Record, Refusal,
    Request, RequestKey, Resource, Resources, RuleChange, SlotChange, SlotChanged, Stock, Timestamp, View,
    WeeklyHours, WhenFull, Wish,
};

use crate::samples::{self, Rows};

/// The same for somebody who expects to pay for it.
fn expecting(command: Command) -> Command {
    let Command::Book(book) = command else { unreachable!("it books") };
    let basket = Basket { lines: vec![], expect_amount: Some(300), by: Asker::Customer };
    Command::Book(Book { basket: Some(Box::new(basket)), ..book })
}

pub(crate) fn requests() -> Rows<Request> {
    let first = samples::requests().remove(0).1;
    let with = |command| Request { command, ..first.clone() };
    let book = |resource: Option<&str>, quantity| {
        let resource = resource.map(Into::into);
        let range = RangeWish { from: Timestamp(300), to: Timestamp(7), resource, quantity };
        Command::Book(Book {
            customer: "alice".into(),
            wish: Wish::Range(Box::new(range)),
            mode: Mode::Hold,
            hold_seconds: Some(300),
            when_full: WhenFull::Refuse,
            basket: None,
        })
    };
    let create = |definition| NewSlot::of_calendar(definition, openings());
    let change = |calendar| {
        let change = SlotChange {
            title: Some("T".into()),
            calendar: Some(Box::new(calendar)),
            ..SlotChange::default()
        };
        Command::ChangeSlot(Box::new(change))
    };
    let some = LengthsChange { grid_seconds: Some(60), lead_seconds: Some(0), ..LengthsChange::default() };
    let all = LengthsChange {
        minimum_seconds: Some(60),
        maximum_seconds: Some(300),
        before_seconds: Some(1),
        after_seconds: Some(2),
        horizon_seconds: Some(3),
        ..some
    };
    let resources = Some(vec!["two".into(), "three".into()]);
    let basis = OpeningsOf { basis: 300, openings: openings() };
    let act = || Act { booking: RequestKey(2), by: Party::Organizer };
    let moved = |resource: Option<Option<&str>>| MoveBooking {
        act: act(),
        from: Some(Timestamp(300)),
        to: None,
        resource: resource.map(|within| within.map(Into::into)),
    };
    vec![
        ("create", with(Command::CreateSlot(Box::new(create(definition()))))),
        ("create_count", with(Command::CreateSlot(Box::new(create(pool()))))),
        ("book", with(book(Some("one"), 1))),
        ("book_any", with(book(None, 300))),
        ("book_for_nothing", with(expecting(book(None, 1)))),
        (
            "change",
            with(change(CalendarChange { count: Some(300), lengths: some, ..CalendarChange::default() })),
        ),
        (
            "reopen",
            with(change(CalendarChange {
                count: None,
                resources,
                lengths: all,
                rule: Some(RuleChange { from: 300, to: rule() }),
                openings: Some(basis.clone()),
            })),
        ),
        ("move", with(Command::MoveBooking(Box::new(moved(Some(Some("two"))))))),
        ("move_any", with(Command::MoveBooking(Box::new(moved(Some(None)))))),
        (
            "move_time",
            with(Command::MoveBooking(Box::new(MoveBooking { to: Some(Timestamp(7)), ..moved(None) }))),
        ),
        ("extend_hours", with(Command::ExtendHours(Box::new(basis)))),
    ]
}

pub(crate) fn headers() -> Rows<Header> {
    let plain = samples::headers().remove(0).1;
    let header = Header { definition: definition(), calendar: Some(calendar()), ..plain };
    let made_as = Some(Arc::new(pool()));
    vec![("calendar", header.clone()), ("changed", Header { made_as, loosest_limit: Some(300), ..header })]
}

pub(crate) fn bookings() -> Rows<Booking> {
    let record = samples::bookings().remove(0).1.record;
    let with = |claim| Booking {
        record: record.clone(),
        seats: None,
        range: Some(Box::new(claim)),
        purchase: None,
        credits: None,
        order: None,
    };
    let buffers = Buffers { before_seconds: 300, after_seconds: 5 };
    let claim = RangeClaim { had: had(Some(1)), buffers, lead_seconds: 3_600, first: None };
    vec![("range", with(claim.clone())), ("moved", with(RangeClaim { first: Some(had(None)), ..claim }))]
}

pub(crate) fn hours_parts() -> Rows<HoursPart> {
    let openings = openings().each;
    let part = HoursPart { number: 0, until: Timestamp(86_400_000), outside: 300, openings };
    vec![("first", part.clone()), ("empty", HoursPart { number: 1, openings: vec![], ..part })]
}

pub(crate) fn receipts() -> Rows<ReceiptRecord> {
    let of = samples::fewer_receipts().remove(0).1;
    let mut ranged = of.clone();
    let Answer::Booking { range, .. } = &mut ranged.answer else { unreachable!("of a booking") };
    *range = Some(Box::new(had(Some(1))));
    let changed = SlotChanged {
        definition: Arc::new(definition()),
        counts: booking::Counts::untouched(4),
        house: None,
        goods: None,
        calendar: Some(calendar()),
    };
    vec![
        ("range", ranged),
        ("changed", ReceiptRecord { answer: Answer::SlotChanged(Box::new(changed)), ..of.clone() }),
        ("range_taken", ReceiptRecord { answer: Answer::Refused(Refusal::RangeTaken), ..of }),
    ]
}

pub(crate) fn records() -> Rows<Record> {
    let mut record = samples::records().remove(0).1;
    record.bookings.iter_mut().for_each(|view| view.range = Some(shown(Some("two"))));
    let moved = Record { kind: Kind::Moved, calendar: Some(calendar()), ..record };
    vec![("moved", moved.clone()), ("changed", Record { kind: Kind::SlotChanged, bookings: vec![], ..moved })]
}

pub(crate) fn outcomes() -> Rows<Outcome> {
    let plain = samples::outcomes();
    let with = |decision| Outcome { decision, ..plain[0].1.clone() };
    let explained = |refusal, details| with(Decision::Explained(refusal, Box::new(details)));
    let Decision::Slot(view) = plain[0].1.decision.clone() else { unreachable!("the first is of a slot") };
    let Decision::Booking(booked) = plain[1].1.decision.clone() else { unreachable!("it is of a booking") };
    let view = View { definition: Arc::new(definition()), calendar: Some(calendar()), ..view };
    vec![
        ("slot", with(Decision::Slot(view))),
        ("booking", with(Decision::Booking(BookingView { range: Some(shown(None)), ..booked }))),
        ("refused", explained(Refusal::RangeRefused, Details::Range(RangeRefused::Horizon))),
        ("taken", explained(Refusal::RangeTaken, Details::RangesTaken(openings().each))),
        ("in_use", explained(Refusal::CapacityInUse, Details::InUseFrom(Timestamp(300)))),
        ("range_empty", with(Decision::Refused(Refusal::RangeEmpty))),
    ]
}

pub(crate) fn definition() -> Definition {
    let names = ["one", "two"].map(Into::into);
    let resources = CalendarPlaces::Resources(Resources::new(&names).unwrap());
    Definition { stock: Stock::Calendar(Arc::new(stock(resources))), ..samples::definition() }
}

fn pool() -> Definition {
    let mut stock = stock(CalendarPlaces::Count(300));
    stock.rule = HoursRule { time_zone: "UTC".into(), ..HoursRule::default() };
    Definition { stock: Stock::Calendar(Arc::new(stock)), ..samples::definition() }
}

fn stock(places: CalendarPlaces) -> CalendarStock {
    let lengths = Lengths {
        grid_seconds: 1_800,
        minimum_seconds: 3_600,
        maximum_seconds: 7_200,
        before_seconds: 300,
        after_seconds: 600,
        lead_seconds: 0,
        horizon_seconds: 86_400,
    };
    CalendarStock { places, lengths, rule: rule() }
}

fn rule() -> HoursRule {
    HoursRule {
        time_zone: "Europe/Berlin".into(),
        hours: Some(vec![WeeklyHours { days: 31, from_minute: 480, to_minute: 1_440 }]),
        closed: vec![ClosedDays { from_day: 20_000, to_day: 20_001 }],
        extra: vec![range(7, 300)],
    }
}

fn openings() -> Openings {
    Openings { each: vec![range(0, 300), range(301, 70_000)], until: Timestamp(86_400_000) }
}

fn range(from: u64, to: u64) -> Range {
    Range::new(Timestamp(from), Timestamp(to)).unwrap()
}

fn had(resource: Option<u16>) -> RangeHad {
    RangeHad { range: range(300, 70_000), resource: resource.map(Resource) }
}

fn shown(resource: Option<&str>) -> Arc<RangeView> {
    Arc::new(RangeView { range: range(300, 70_000), resource: resource.map(Into::into) })
}

fn calendar() -> Arc<CalendarView> {
    Arc::new(CalendarView {
        held: 300,
        offered: 1,
        confirmed: 70_000_000_000,
        hours_until: Timestamp(86_400_000),
        outside: 2,
    })
}

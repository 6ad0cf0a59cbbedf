//! One value of everything that is stored of slots of seats, by name.

use std::num::NonZeroU32;
use std::sync::Arc;

use booking::{
    Act, AisleSingles, Allotment, AllotmentCounts, Answer, Area, Asker, Best, Book, Booking, BookingRecord,
    BookingView, Category, CategoryCounts, CategoryView, ChangeSale, Command, Conflict, Content, Counts,
    Decision, Definition, Details, Drawing, DrawnArea, DrawnBlock, Header, HouseView, Kind, MapChange, Mode,
    Named, NewSlot, Outcome, Party, Pick, Places, Plan, PlanPart, Reason, ReceiptRecord, Record, Refusal,
    Request, RequestKey, Row, SalePart, SaleRun, Seat, SeatRun, SeatSale, Seating, SeatsAsked, SeatsClaim,
    SeatsStock, SeatsWish, Section, Seq, SingleScope, Singles, SinglesChange, SinglesPolicy, SlotChange,
    SlotChanged, Standing, Stock, Swap, SwapSeats, Table, Timestamp, Together, Told, View, WhenFull, Wish,
};

use crate::samples::{self, Rows};

const MAP: Content = Content(0x0102_0304_0506);

pub(crate) fn requests() -> Rows<Request> {
    let pick = Pick {
        seats: vec![Seat(1), Seat(300)],
        areas: vec![(Area(0), 2)],
        accessible: 1,
        allotment: Some(Allotment(3)),
    };
    let any = Act { booking: RequestKey(2), by: Party::Organizer };
    let swap = Swap { add: vec![Seat(4)], drop: vec![Seat(1)], accessible: 0, allotment: None };
    let run = |first, length| SeatRun { first: Seat(first), length };
    let sale = ChangeSale {
        map: MAP,
        block: vec![run(0, 2)],
        open: vec![run(2, 300)],
        allot: vec![("press".into(), vec![run(4, 1)])],
    };
    let singles = SinglesChange {
        singles: Some(Singles::Refuse),
        aisles: Some(AisleSingles::Count),
        scope: Some(SingleScope::Slot),
    };
    let map = MapChange {
        map: Content(9),
        plan: plan(),
        from: MAP,
        table: Table { seats: vec![Some(Seat(2)), None], areas: vec![Some(Area(0))] },
        categories: vec![Some(Category(1)), None],
        sections: vec![Some(Section(0))],
    };
    let change = |change: SlotChange| Command::ChangeSlot(Box::new(change));
    vec![
        ("create_house", request(Command::CreateSlot(Box::new(NewSlot::of_seats(definition(), plan()))))),
        ("pick", request(book(Asker::Organizer, SeatsAsked::Pick(pick)))),
        ("best", request(book(Asker::Customer, SeatsAsked::Best(best())))),
        ("swap", request(Command::SwapSeats(Box::new(SwapSeats { act: any, map: MAP, swap })))),
        ("sell", request(Command::ChangeSale(Box::new(sale)))),
        ("singles", request(change(SlotChange { singles: Some(singles), ..SlotChange::default() }))),
        ("map", request(change(SlotChange { map: Some(Box::new(map)), ..SlotChange::default() }))),
    ]
}

pub(crate) fn headers() -> Rows<Header> {
    let header = Header {
        definition: definition(),
        house: Some(house()),
        made_as: Some(Arc::new(definition())),
        made_house: Some(Arc::new(HouseView { map: Content(7), ..HouseView::clone(&house()) })),
        ..samples::headers().remove(0).1
    };
    vec![("house", header)]
}

pub(crate) fn bookings() -> Rows<Booking> {
    let record = samples::bookings().remove(0).1.record;
    let with = |waits_for, seating, first| {
        let claim = SeatsClaim { waits_for, seating, first };
        Booking {
            record: record.clone(),
            seats: Some(Box::new(claim)),
            range: None,
            purchase: None,
            credits: None,
            order: None,
        }
    };
    let nothing = Arc::new(Seating { map: MAP, places: Places::default(), category: None, together: None });
    let mut reseated = with(None, seating(), Some(Arc::clone(&nothing)));
    reseated.record = BookingRecord { first_quantity: NonZeroU32::new(2), quantity: 4, ..record.clone() };
    vec![
        ("seated", with(None, seating(), None)),
        ("waits", with(Some(Box::new(best())), nothing, None)),
        ("reseated", reseated),
    ]
}

pub(crate) fn plan_parts() -> Rows<PlanPart> {
    vec![("first", PlanPart { number: 0, drawing: drawing() })]
}

pub(crate) fn sale_parts() -> Rows<SalePart> {
    vec![("first", SalePart { number: 0, names: vec!["press".into()], runs: runs() })]
}

pub(crate) fn receipts() -> Rows<ReceiptRecord> {
    let [receipt, ..] = &*samples::receipts() else { unreachable!("there are some") };
    let with = |answer| ReceiptRecord { answer, ..receipt.1.clone() };
    let seated = Answer::Booking {
        number: booking::Number(9),
        standing: Standing::Confirmed,
        fewer: NonZeroU32::new(2),
        position: None,
        seating: Some(seating()),
        range: None,
        bill: None,
    };
    let changed = SlotChanged {
        definition: Arc::new(definition()),
        counts: Counts::untouched(4),
        house: Some(house()),
        goods: None,
        calendar: None,
    };
    vec![
        ("seated", with(seated)),
        ("house", with(Answer::SlotChanged(Box::new(changed)))),
        ("seats_refused", with(Answer::Refused(Refusal::SeatsRefused))),
    ]
}

pub(crate) fn records() -> Rows<Record> {
    let record = samples::records().remove(0).1;
    let bookings = vec![view()];
    let told = |kind, told| Record {
        kind,
        bookings: vec![],
        house: Some(house()),
        told: Some(Box::new(told)),
        ..record.clone()
    };
    vec![
        ("reseated", Record { kind: Kind::Reseated, bookings, house: Some(house()), ..record.clone() }),
        ("seats_changed", told(Kind::SeatsChanged, Told::Sale { map: MAP, runs: runs() })),
        ("map", told(Kind::SlotChanged, Told::Map(MAP))),
    ]
}

pub(crate) fn outcomes() -> Rows<Outcome> {
    let decided =
        |name, decision| (name, Outcome { seq: Seq(5), at: Timestamp(6), replayed: false, decision });
    let slot = samples::outcomes().remove(0).1.decision;
    let Decision::Slot(units) = slot else { unreachable!("the first is of a slot") };
    let slot = View { definition: Arc::new(definition()), house: Some(house()), ..units };
    let conflicts = vec![
        Conflict { place: Named::Seat(Seat(300)), reason: Reason::WaitedFor },
        Conflict { place: Named::Area(Area(1)), reason: Reason::Taken },
    ];
    let explained = |refusal, details| Decision::Explained(refusal, Box::new(details));
    let in_use = Details::InUse { seats: vec![Seat(1)], areas: vec![Area(0)] };
    vec![
        decided("house", Decision::Slot(slot)),
        decided("seated", Decision::Booking(view())),
        decided("seats_refused", explained(Refusal::SeatsRefused, Details::Conflicts(conflicts))),
        decided("leaves_single", explained(Refusal::LeavesSingle, Details::Singles(vec![Seat(1)]))),
        decided("not_together", explained(Refusal::NotTogether, Details::LargestBlock(3))),
        decided("capacity_in_use", explained(Refusal::CapacityInUse, in_use)),
        decided("malformed", Decision::Refused(Refusal::Malformed)),
        decided("another_map", Decision::AnotherMap),
    ]
}

fn request(command: Command) -> Request {
    Request { command, ..samples::requests().remove(0).1 }
}

fn book(by: Asker, asked: SeatsAsked) -> Command {
    Command::Book(Book {
        customer: "alice".into(),
        wish: Wish::Seats(Box::new(SeatsWish { map: MAP, by, asked })),
        mode: Mode::Hold,
        hold_seconds: Some(300),
        when_full: WhenFull::Refuse,
        basket: None,
    })
}

fn best() -> Best {
    Best {
        quantity: 3,
        categories: vec![Category(1), Category(0)],
        together: Together::Prefer,
        accessible: 1,
        sections: vec![Section(300)],
        allotment: Some(Allotment(2)),
    }
}

fn definition() -> Definition {
    let Command::CreateSlot(units) = samples::requests().remove(0).1.command else {
        unreachable!("the first makes a slot")
    };
    let singles =
        SinglesPolicy { singles: Singles::Avoid, aisles: AisleSingles::Ignore, scope: SingleScope::Row };
    let stock = Stock::Seats(SeatsStock { map: MAP, singles });
    Definition { stock, ..units.definition().clone() }
}

/// Two blocks, and a floor.
pub(crate) fn drawing() -> Drawing {
    let block = |row, accessible, companion, categories| DrawnBlock {
        section: Section(0),
        row: Row(row),
        length: 3,
        categories,
        accessible,
        companion,
    };
    Drawing {
        blocks: vec![
            block(0, 1, 2, vec![(Category(0), 7)]),
            block(1, 0, 0, vec![(Category(0), 1), (Category(1), 6)]),
        ],
        ranks: vec![5, 4, 3, 0, 1, 2],
        areas: vec![DrawnArea { category: Category(1), capacity: 300 }],
        categories: 2,
    }
}

fn plan() -> Arc<Plan> {
    Arc::new(Plan::new(&drawing()).unwrap())
}

fn runs() -> Vec<SaleRun> {
    let run = |first, sale| SaleRun { first: Seat(first), length: 1, sale };
    vec![run(0, SeatSale::Open), run(1, SeatSale::Blocked), run(2, SeatSale::Allotted(Allotment(0)))]
}

fn seating() -> Arc<Seating> {
    let places = Places::new(vec![Seat(1), Seat(300)], vec![(Area(0), 2)]).unwrap();
    Arc::new(Seating { map: MAP, places, category: Some(Category(1)), together: Some(false) })
}

fn house() -> Arc<HouseView> {
    let counts = CategoryCounts {
        capacity: 300,
        free: 1,
        allotted: 2,
        held: 3,
        offered: 4,
        confirmed: 5,
        largest_block: 6,
    };
    Arc::new(HouseView {
        map: MAP,
        blocked: 1,
        bookable: 2,
        allotments: vec![("press".into(), AllotmentCounts { capacity: 3, free: 4 })],
        categories: vec![CategoryView { counts, waitlisted: 7 }],
    })
}

fn view() -> BookingView {
    let record = samples::records().remove(0).1;
    BookingView { seating: Some(seating()), ..record.bookings[0].clone() }
}

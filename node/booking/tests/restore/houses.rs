//! Houses come back in parts: a large one in many, and damaged ones not at all.

use booking::{
    AisleSingles, Area, Asker, Best, Book, Booking, Broken, Category, ChangeSale, Command, Content,
    Definition, Drawing, DrawnArea, DrawnBlock, HouseChanges, Level, Mode, NewSlot, Pick, Places, Plan, Row,
    SavedHouse, SavedIntents, SavedSlot, Seat, SeatRun, SeatSale, SeatsAsked, SeatsStock, SeatsWish, Section,
    SingleScope, Singles, SinglesPolicy, Slot, Stock, Timestamp, Together, WhenFull, Wish, stored,
};

use super::{apply, making};

const MAP: Content = Content(7);

/// So many blocks of so many seats, a row each, and a floor.
fn drawing(blocks: u16, length: u8) -> Drawing {
    let half = u128::MAX >> (128 - u32::from(length) / 2);
    let all = u128::MAX >> (128 - u32::from(length));
    let block = |row| DrawnBlock {
        section: Section(0),
        row: Row(row),
        length,
        categories: vec![(Category(0), half), (Category(1), all & !half)],
        accessible: 0,
        companion: 0,
    };
    Drawing {
        blocks: (0..blocks).map(block).collect(),
        ranks: (0..u32::from(blocks) * u32::from(length)).rev().collect(),
        areas: vec![DrawnArea { category: Category(1), capacity: 4 }],
        categories: 2,
    }
}

fn house(drawing: &Drawing) -> Command {
    let Command::CreateSlot(units) = making() else { unreachable!("it makes a slot") };
    let singles =
        SinglesPolicy { singles: Singles::Avoid, aisles: AisleSingles::Ignore, scope: SingleScope::Row };
    let stock = Stock::Seats(SeatsStock { map: MAP, singles });
    let definition = Definition { stock, ..units.definition().clone() };
    let plan = Plan::new(drawing).unwrap();
    Command::CreateSlot(Box::new(NewSlot::of_seats(definition, plan.into())))
}

fn book(customer: &str, asked: SeatsAsked) -> Command {
    let wish = Wish::Seats(Box::new(SeatsWish { map: MAP, by: Asker::Customer, asked }));
    let (customer, mode, when_full) = (customer.into(), Mode::Confirm, WhenFull::Waitlist);
    Command::Book(Book { customer, wish, mode, hold_seconds: None, when_full, basket: None })
}

fn pick(seats: &[u32], floor: u32) -> SeatsAsked {
    let areas = Some((Area(0), floor)).filter(|_| 0 < floor).into_iter().collect();
    let seats = seats.iter().copied().map(Seat).collect();
    SeatsAsked::Pick(Pick { seats, areas, ..Pick::default() })
}

fn best(quantity: u32) -> SeatsAsked {
    SeatsAsked::Best(Best {
        quantity,
        categories: vec![Category(0)],
        together: Together::Prefer,
        accessible: 0,
        sections: vec![],
        allotment: None,
    })
}

fn sell(block: &[(u32, u32)], name: &str, kept: &[(u32, u32)]) -> Command {
    let runs = |of: &[(u32, u32)]| {
        of.iter().map(|&(first, length)| SeatRun { first: Seat(first), length }).collect()
    };
    let allot = vec![(name.into(), runs(kept))];
    Command::ChangeSale(Box::new(ChangeSale { map: MAP, block: runs(block), open: vec![], allot }))
}

/// Everything that is saved of a slot that was just made and asked this.
fn saved(drawing: &Drawing, commands: Vec<Command>) -> (SavedSlot, u64) {
    let mut slot = None;
    for (key, command) in (1..).zip([house(drawing)].into_iter().chain(commands)) {
        let outcome = apply(&mut slot, 5, key, command.clone());
        assert!(!matches!(outcome.decision, booking::Decision::Refused(_)), "{command:?}: {outcome:?}");
    }
    let mut slot = slot.unwrap();
    assert_eq!(slot.check(), Ok(()));
    let changes = slot.take_changes(Timestamp(0));
    let HouseChanges { plan, sale, hours: _ } = changes.house;
    let house = SavedHouse { plan: plan.unwrap(), sale: sale.unwrap_or_default(), hours: vec![] };
    let (bookings, receipts) = (changes.bookings, changes.receipts);
    let saved =
        SavedSlot { header: changes.header, bookings, receipts, intents: SavedIntents::default(), house };
    (saved, slot.digest())
}

#[test]
fn the_largest_house_is_saved_in_parts_that_fit_a_record() {
    // Every second seat is blocked, and every fourth is kept: there are no more runs than that.
    let alternating = |from: u32| (0..131_072 / 4).map(|nth| (nth * 4 + from, 1)).collect::<Vec<_>>();
    let (blocked, kept) = (alternating(0), alternating(2));
    let many =
        vec![sell(&blocked, &"p".repeat(128), &kept), book("alice", pick(&[1], 1)), book("bob", best(2))];
    for (blocks, length, commands) in [(1_024, 128, many), (16_384, 8, vec![]), (1, 2, vec![])] {
        let (saved, digest) = saved(&drawing(blocks, length), commands);
        let size = |written: Vec<u8>| written.len();
        let plan = saved.house.plan.iter().cloned().map(|part| stored::PlanPart::at(Level::NEWEST, part));
        let sale = saved.house.sale.iter().cloned().map(|part| stored::SalePart::at(Level::NEWEST, part));
        let config = bincode::config::standard();
        let plan = plan.map(|part| size(bincode::serde::encode_to_vec(part, config).unwrap())).max();
        let sale = sale.map(|part| size(bincode::serde::encode_to_vec(part, config).unwrap())).max();
        assert!(plan.unwrap() <= 32 * 1_024 && sale.unwrap_or(0) <= 32 * 1_024, "{plan:?} {sale:?}");
        assert_eq!(saved.house.plan.len() > 1, blocks > 1, "{blocks} × {length}");
        let mut shuffled = saved.clone();
        shuffled.house.plan.reverse();
        shuffled.house.sale.reverse();
        shuffled.bookings.reverse();
        let restored = Slot::restore(shuffled).map(|slot| slot.digest());
        assert_eq!(restored, Ok(digest), "{blocks} × {length}");
    }
}

#[test]
fn a_house_is_saved_again_only_where_it_has_changed() {
    let mut slot = None;
    apply(&mut slot, 5, 1, house(&drawing(2, 4)));
    let mut changes = |key, command: Option<Command>| {
        if let Some(command) = command {
            apply(&mut slot, 5, key, command);
        }
        let HouseChanges { plan, sale, hours: _ } = slot.as_mut().unwrap().take_changes(Timestamp(0)).house;
        (plan.is_some(), sale.is_some())
    };
    assert_eq!(changes(2, None), (true, false));
    assert_eq!(changes(2, None), (false, false));
    assert_eq!(changes(3, Some(book("alice", pick(&[0], 1)))), (false, false));
    assert_eq!(changes(4, Some(sell(&[(1, 1)], "press", &[(2, 1)]))), (false, true));
    assert_eq!(changes(5, Some(sell(&[(1, 1)], "press", &[(2, 1)]))), (false, false), "it was so already");
    assert_eq!(changes(6, Some(sell(&[(0, 1)], "press", &[]))), (false, false), "refused");
}

/// What is damaged, how, and how it is found.
type Damage = (&'static str, fn(&mut SavedSlot), Broken);

#[test]
fn damage_is_found() {
    let drawing = drawing(300, 8);
    let commands = || {
        vec![
            sell(&[(4, 2)], "press", &[(7, 1)]),
            book("alice", pick(&[0, 1], 0)),
            book("bob", pick(&[], 2)),
            book("carol", best(2)),
        ]
    };
    let rows: [Damage; 17] = [
        ("a part of the house is missing", |saved| drop(saved.house.plan.remove(0)), Broken::House),
        ("the last part is missing", |saved| drop(saved.house.plan.pop()), Broken::House),
        ("a part is there twice", |saved| saved.house.plan.push(saved.house.plan[0].clone()), Broken::House),
        ("there is no house", |saved| saved.house.plan.clear(), Broken::House),
        ("a rank is another's", |saved| saved.house.plan[0].drawing.ranks[0] = 1, Broken::House),
        (
            "a block is of another row",
            |saved| saved.house.plan[0].drawing.blocks[0].row = Row(9),
            Broken::House,
        ),
        ("a floor is larger", |saved| saved.house.plan[0].drawing.areas[0].capacity = 5, Broken::Counts),
        ("a part of the sale is missing", |saved| drop(saved.house.sale.remove(0)), Broken::House),
        ("another seat is blocked", |saved| saved.house.sale[1].runs[0].first = Seat(3), Broken::Counts),
        ("a taken seat is blocked", |saved| saved.house.sale[1].runs[0].first = Seat(0), Broken::Counts),
        ("a seat is kept for nobody", |saved| saved.house.sale[0].names.clear(), Broken::House),
        ("it is kept for another", |saved| saved.house.sale[0].names[0] = "friends".into(), Broken::Counts),
        ("what was kept is open", |saved| saved.house.sale[1].runs[1].sale = SeatSale::Open, Broken::Counts),
        ("a seat is somebody else's too", |saved| reseat(&mut saved.bookings[2], &[0, 1]), Broken::Counts),
        ("a seat is another", |saved| reseat(&mut saved.bookings[0], &[0, 2]), Broken::Digest),
        ("a booking claims nothing", |saved| saved.bookings[0].seats = None, Broken::Counts),
        ("it is of another map", |saved| saved.header.definition.stock = units(), Broken::House),
    ];
    let mut wrong = vec![];
    for (damage, make, expected) in rows {
        let (mut damaged, digest) = saved(&drawing, commands());
        assert_eq!(Slot::restore(damaged.clone()).map(|slot| slot.digest()), Ok(digest));
        make(&mut damaged);
        let found = Slot::restore(damaged).err();
        wrong.extend(Some((damage, found)).filter(|_| found != Some(expected)));
    }
    assert_eq!(wrong, []);
}

fn units() -> Stock {
    Stock::Units { capacity: 4 }
}

/// Gives a booking other seats, wrongly.
fn reseat(booking: &mut Booking, seats: &[u32]) {
    let claim = booking.seats.as_mut().unwrap();
    let places = Places::new(seats.iter().copied().map(Seat).collect(), vec![]).unwrap();
    claim.seating = booking::Seating { places, ..(*claim.seating).clone() }.into();
}

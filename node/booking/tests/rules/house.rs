//! The language of the tables about seats: a row is a request and its answer.
//!
//! ```text
//!  house aabb.aW/bb|cc floor=d:3  singles=refuse  =>  on_sale, 7 bookable #1
//!        │││  │ │  │ │     the area: its category, and its places
//!        │││  │ │  │ another section, and another row
//!        │││  │ │  another row
//!        │││  │ a space for a wheelchair of category a; `C` is a companion's seat
//!        │││  an aisle
//!        seats by category, numbered from 0; the first is the best
//!  @7 b: pick bob 3+4 hold  =>  held 3+4 b apart until 107 #3  |  booked: b held 3+4 b apart until 107
//! ```
//!
//! After every row the invariants hold, what was answered is remembered, and the slot is saved and restored from what was saved.

use std::collections::BTreeMap;

use booking::{
    Act, AisleSingles, Allotment, Area, Asker, Best, Book, Booking, BookingView, Category, ChangeQuantity,
    ChangeSale, Command, Content, Decision, Definition, Details, Drawing, DrawnArea, DrawnBlock, Fingerprint,
    Level, MapChange, Mode, Named, NewSlot, Number, Outcome, Pick, Plan, PlanPart, ReceiptRecord, Record,
    Request, RequestKey, Row, SalePart, SavedHouse, SavedIntents, SavedSlot, Seat, SeatRun, SeatsAsked,
    SeatsStock, SeatsWish, Section, Shown, SingleScope, Singles, SinglesChange, SinglesPolicy, Slot,
    SlotChange, Stock, Swap, SwapSeats, Table, TariffChange, Timestamp, Together, View, WhenFull, Wish,
};

use crate::{stage, tariff};

/// A play of rows.
#[derive(Default)]
struct House {
    slot: Option<Slot>,
    life: Life,
    level: u32,
    at: u64,
    drawing: Option<Drawing>,
    maps: u128,
    bookings: BTreeMap<Number, Booking>,
    receipts: BTreeMap<RequestKey, ReceiptRecord>,
    plan: Vec<PlanPart>,
    sale: Vec<SalePart>,
}

/// How the slot goes on from one row to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    /// As it is, with all that it has found out.
    #[default]
    Kept,
    /// As one that is made from what is saved.
    Loaded,
}

/// Plays the rows in both ways, and compares what they say with what happens.
pub(crate) fn check(table: &str) {
    for life in [Life::Kept, Life::Loaded] {
        check_in(life, table);
    }
}

fn check_in(life: Life, table: &str) {
    let mut house = House { life, maps: 1, at: 1, level: Level::NEWEST.0, ..House::default() };
    let (mut expected, mut played) = (vec![], vec![]);
    for (line, row) in table.lines().map(str::trim).filter(|row| !row.is_empty()).enumerate() {
        let (asked, answer) =
            row.split_once("=>").unwrap_or_else(|| panic!("a row without an answer: {row}"));
        let (answer, record) =
            answer.split_once('|').map_or((answer, None), |(answer, record)| (answer, Some(record)));
        let (happened, recorded) = house.play(line, asked.trim());
        let told = |answer: &str, record: Option<&str>| {
            let record = record.map(|record| format!(" | {}", record.trim())).unwrap_or_default();
            format!("{} => {}{record}", asked.trim(), answer.trim())
        };
        expected.push(told(answer, record));
        played.push(told(&happened, record.map(|_| &*recorded)));
    }
    let (expected, played) = (expected.join("\n"), played.join("\n"));
    assert!(expected == played, "{life:?}, expected:\n{expected}\nhappened:\n{played}");
}

impl House {
    fn play(&mut self, line: usize, row: &str) -> (String, String) {
        let mut words = row.split_whitespace().peekable();
        if let Some(at) = words.next_if(|word| word.starts_with('@')) {
            self.at = at[1..].parse::<u64>().unwrap() * 1_000 + 1;
        }
        let label = words
            .next_if(|word| word.ends_with(':'))
            .map_or_else(|| format!("row{line}"), |label| label.replace(':', ""));
        let asked = words.collect::<Vec<_>>();
        let mut records = vec![];
        let answer = match asked[..] {
            ["see", "slot"] => tell_slot(&self.slot().view(), Timestamp(self.at)),
            ["see", "map"] => self.tell_map(),
            ["see", booking] => {
                self.slot().booking(stage::key(booking)).map_or_else(|| "nothing".into(), |view| tell(&view))
            }
            ["see", "category", category] => self.tell_category(category),
            ["level", level] => {
                self.level = level.parse().unwrap();
                return ("done".into(), "-".into());
            }
            ["pulse"] => {
                let at = Timestamp(self.at);
                self.slot.as_mut().unwrap().pulse(Level(self.level), at, &mut records);
                "done".into()
            }
            _ => {
                let outcome = self.apply(&label, &asked, &mut records);
                tell_outcome(&outcome)
            }
        };
        assert_eq!(self.slot().check(), Ok(()), "{row}");
        self.save_and_restore(row);
        (answer, records.first().map_or_else(|| "-".into(), tell_record))
    }

    fn slot(&self) -> &Slot {
        self.slot.as_ref().unwrap()
    }

    fn apply(&mut self, label: &str, asked: &[&str], records: &mut Vec<Record>) -> Outcome {
        let fingerprint = Fingerprint(
            asked.join(" ").bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())),
        );
        let request =
            Request { slot: stage::id(), key: stage::key(label), fingerprint, command: self.command(asked) };
        let outcome = Slot::apply(&mut self.slot, Level(self.level), Timestamp(self.at), &request, records);
        let kept = match &outcome.decision {
            Decision::Explained(refusal, _) => Some(Decision::Refused(*refusal)),
            Decision::Slot(_) | Decision::Booking(_) | Decision::Refused(_) => Some(outcome.decision.clone()),
            Decision::AnotherMap | Decision::KeyReused | Decision::NotFound | Decision::Forbidden => None,
        };
        if let Some(decision) = kept {
            let Outcome { seq, at, .. } = outcome;
            let replay = Outcome { seq, at, replayed: true, decision };
            assert_eq!(self.slot().remembered(request.key), Some(replay), "{label}: {asked:?}");
        }
        outcome
    }

    /// Makes a slot from what is saved, and goes on with the one or the other.
    fn save_and_restore(&mut self, row: &str) {
        let slot = self.slot.as_mut().unwrap();
        let changes = slot.take_changes(Timestamp(0));
        self.bookings.extend(changes.bookings.into_iter().map(|booking| (booking.record.number, booking)));
        self.receipts.extend(changes.receipts.into_iter().map(|receipt| (receipt.request, receipt)));
        self.plan = changes.house.plan.unwrap_or_else(|| core::mem::take(&mut self.plan));
        self.sale = changes.house.sale.unwrap_or_else(|| core::mem::take(&mut self.sale));
        let restored = Slot::restore(SavedSlot {
            header: changes.header,
            bookings: self.bookings.values().cloned().collect(),
            receipts: self.receipts.values().cloned().collect(),
            intents: SavedIntents::default(),
            house: SavedHouse { plan: self.plan.clone(), sale: self.sale.clone(), hours: Vec::new() },
        });
        let restored = restored.unwrap_or_else(|broken| panic!("{row}: {broken}"));
        assert_eq!(restored.digest(), slot.digest(), "{row}");
        if self.life == Life::Loaded {
            self.slot = Some(restored);
        }
    }

    fn command(&mut self, asked: &[&str]) -> Command {
        match asked {
            ["house", rows, settings @ ..] => {
                let drawing = draw(rows, settings);
                let new = NewSlot::of_seats(definition(settings), Plan::new(&drawing).unwrap().into());
                self.drawing = Some(drawing);
                Command::CreateSlot(Box::new(new))
            }
            ["pick", customer, seats, wishes @ ..] => {
                self.book(customer, SeatsAsked::Pick(pick(seats, wishes)), wishes)
            }
            ["best", customer, quantity, "of", categories, wishes @ ..] => {
                let best = best(quantity.parse().unwrap(), categories, wishes);
                self.book(customer, SeatsAsked::Best(best), wishes)
            }
            ["swap", booking, changes @ .., "by", party] => {
                let mut swap = Swap::default();
                for change in changes {
                    match change.split_at(1) {
                        ("+", add) => swap.add = seats(add),
                        ("-", drop) => swap.drop = seats(drop),
                        _ if *change == "accessible" => swap.accessible = 1,
                        other => panic!("no such swap: {other:?}"),
                    }
                }
                Command::SwapSeats(Box::new(SwapSeats {
                    act: act(booking, party),
                    map: Content(self.maps),
                    swap,
                }))
            }
            ["sell", changes @ ..] => Command::ChangeSale(Box::new(self.sale(changes))),
            ["quantity", booking, quantity, "by", party] => Command::ChangeQuantity(ChangeQuantity {
                act: act(booking, party),
                quantity: quantity.parse().unwrap(),
                lines: vec![],
            }),
            ["map", rows, settings @ ..] => Command::ChangeSlot(Box::new(self.map(rows, settings))),
            ["singles", settings @ ..] => {
                let mut singles = SinglesChange::default();
                for setting in settings {
                    let policy = singles_policy(&[setting]);
                    match setting.split_once('=').unwrap().0 {
                        "singles" => singles.singles = Some(policy.singles),
                        "aisles" => singles.aisles = Some(policy.aisles),
                        _ => singles.scope = Some(policy.scope),
                    }
                }
                Command::ChangeSlot(Box::new(SlotChange { singles: Some(singles), ..SlotChange::default() }))
            }
            other => {
                let mut command = stage::command(other);
                if let Command::ChangeSlot(change) = &mut command
                    && let Some(tariff) = &mut change.tariff
                {
                    tariff.map = Some(Content(self.maps));
                }
                command
            }
        }
    }

    fn book(&self, customer: &str, asked: SeatsAsked, wishes: &[&str]) -> Command {
        let by = if wishes.contains(&"organizer") { Asker::Organizer } else { Asker::Customer };
        let map = if wishes.contains(&"outdated") { Content(0) } else { Content(self.maps) };
        let mut book = Book {
            customer: customer.into(),
            wish: Wish::Seats(Box::new(SeatsWish { map, by, asked })),
            mode: if wishes.contains(&"hold") { Mode::Hold } else { Mode::Confirm },
            hold_seconds: None,
            when_full: if wishes.contains(&"refuse") { WhenFull::Refuse } else { WhenFull::Waitlist },
            basket: None,
        };
        for wish in wishes {
            let (name, said) = wish.split_once('=').unwrap_or((wish, ""));
            if ["buy", "lines", "expect", "by"].contains(&name) {
                tariff::ask(&mut book, name, said);
            }
        }
        Command::Book(book)
    }

    fn sale(&self, changes: &[&str]) -> ChangeSale {
        let mut sale = ChangeSale { map: Content(self.maps), block: vec![], open: vec![], allot: vec![] };
        for change in changes {
            let (name, of) = change.split_once('=').unwrap();
            let runs = seats(of).into_iter().map(|first| SeatRun { first, length: 1 }).collect::<Vec<_>>();
            match name {
                "block" => sale.block = runs,
                "open" => sale.open = runs,
                name => sale.allot.push((name.into(), runs)),
            }
        }
        sale
    }

    /// Another map: seats go to the places that are named, one after another, and to none where that is a dash.
    fn map(&mut self, rows: &str, settings: &[&str]) -> SlotChange {
        let (drawing, old) = (draw(rows, settings), self.drawing.clone().unwrap());
        let to = settings.iter().find_map(|setting| setting.strip_prefix("to=")).unwrap();
        let moved = |word: &str| (word != "-").then(|| Seat(word.parse().unwrap()));
        let categories = settings.iter().find_map(|setting| setting.strip_prefix("categories="));
        let category = |letter: u8| (letter != b'-').then(|| Category(letter - b'a'));
        let categories = categories.map_or_else(
            || (0..old.categories).map(|category| Some(Category(category))).collect(),
            |letters| letters.bytes().map(category).collect(),
        );
        let map = MapChange {
            map: Content(self.maps + 1),
            plan: Plan::new(&drawing).unwrap().into(),
            from: Content(self.maps),
            table: Table {
                seats: to.split('+').map(moved).collect(),
                areas: old
                    .areas
                    .iter()
                    .zip(0..)
                    .map(|(_, area)| drawing.areas.get(area).map(|_| Area(u8::try_from(area).unwrap())))
                    .collect(),
            },
            categories,
            sections: vec![Some(Section(0))],
        };
        let mut tariff = None::<TariffChange>;
        for (name, value) in settings.iter().filter_map(|setting| setting.split_once('=')) {
            if ["products", "quotas", "prices", "currency"].contains(&name) {
                let tariff = tariff.get_or_insert_default();
                tariff.map = Some(map.map);
                tariff::set(tariff, name, value);
            }
        }
        // A map that is refused is not the map.
        if !settings.contains(&"refused") {
            (self.drawing, self.maps) = (Some(drawing), self.maps + 1);
        }
        let tariff = tariff.map(Box::new);
        SlotChange { map: Some(Box::new(map)), tariff, ..SlotChange::default() }
    }

    /// What everyone may know of each seat, and how many places of the areas are free.
    fn tell_map(&self) -> String {
        let map = self.slot().seat_map().unwrap();
        let each = (0..).map(|seat| self.slot().seat_shown(Seat(seat)));
        assert!(map.seats().eq(each.map_while(|shown| shown)), "a seat is what the map shows");
        let letter = |shown| match shown {
            Shown::Free => 'f',
            Shown::Held => 'h',
            Shown::Taken => 't',
        };
        let areas = map.areas.iter().map(|(places, free)| format!(" {free} of {places}"));
        map.seats().map(letter).map(String::from).chain(areas).collect()
    }

    fn tell_category(&self, category: &str) -> String {
        let view = self.slot().view();
        let house = view.house.unwrap();
        let told = house.categories[usize::from(category.as_bytes()[0] - b'a')];
        let counts = told.counts;
        format!(
            "{} of {} free, {} kept, {} waitlisted, largest {}",
            counts.free, counts.capacity, counts.allotted, told.waitlisted, counts.largest_block
        )
    }
}

fn act(booking: &str, party: &str) -> Act {
    stage::act(booking, party)
}

fn seats(of: &str) -> Vec<Seat> {
    if of == "-" {
        return vec![];
    }
    of.split('+').map(|seat| Seat(seat.parse().unwrap())).collect()
}

fn kept(wishes: &[&str]) -> Option<Allotment> {
    wishes.iter().find_map(|wish| wish.strip_prefix("kept=")).map(|number| Allotment(number.parse().unwrap()))
}

fn number(wishes: &[&str], name: &str) -> u32 {
    let found = wishes.iter().find_map(|wish| wish.strip_prefix(name)?.strip_prefix('='));
    found.map_or(0, |number| number.parse().unwrap())
}

fn pick(of: &str, wishes: &[&str]) -> Pick {
    let floor = number(wishes, "floor");
    let areas = if floor > 0 { vec![(Area(0), floor)] } else { vec![] };
    Pick { seats: seats(of), areas, accessible: number(wishes, "accessible"), allotment: kept(wishes) }
}

fn best(quantity: u32, categories: &str, wishes: &[&str]) -> Best {
    let section =
        wishes.iter().find_map(|wish| wish.strip_prefix("in=")).map(|one| Section(one.parse().unwrap()));
    Best {
        quantity,
        categories: categories.bytes().map(|letter| Category(letter - b'a')).collect(),
        together: if wishes.contains(&"must") { Together::Must } else { Together::Prefer },
        accessible: number(wishes, "accessible"),
        sections: section.into_iter().collect(),
        allotment: kept(wishes),
    }
}

fn singles_policy(settings: &[&str]) -> SinglesPolicy {
    let has = |setting: &str| settings.contains(&setting);
    SinglesPolicy {
        singles: match () {
            () if has("singles=refuse") => Singles::Refuse,
            () if has("singles=allow") => Singles::Allow,
            () => Singles::Avoid,
        },
        aisles: if has("aisles=count") { AisleSingles::Count } else { AisleSingles::Ignore },
        scope: if has("scope=slot") { SingleScope::Slot } else { SingleScope::Row },
    }
}

pub(crate) fn definition(settings: &[&str]) -> Definition {
    let own = ["floor=", "singles=", "aisles=", "scope="];
    let others = settings.iter().copied().filter(|setting| !own.iter().any(|own| setting.starts_with(own)));
    let stock = Stock::Seats(SeatsStock { map: Content(1), singles: singles_policy(settings) });
    Definition { stock, ..stage::definition(&others.collect::<Vec<_>>()) }
}

/// A house as it is drawn with letters.
pub(crate) fn draw(rows: &str, settings: &[&str]) -> Drawing {
    let (mut row, mut section, mut categories) = (0, 0, 1);
    let mut blocks = vec![];
    let mut block = String::new();
    for letter in rows.chars().chain(['.']) {
        if letter.is_alphabetic() {
            block.push(letter);
            continue;
        }
        if !block.is_empty() {
            blocks.push(drawn(&block, section, row));
        }
        block.clear();
        row += u16::from(letter == '/' || letter == '|');
        section += u16::from(letter == '|');
    }
    let seats = rows.chars().filter(|letter| letter.is_alphabetic()).count();
    let areas = settings.iter().filter_map(|setting| setting.strip_prefix("floor=")).map(|area| {
        let (category, capacity) = area.split_once(':').unwrap();
        DrawnArea { category: Category(category.as_bytes()[0] - b'a'), capacity: capacity.parse().unwrap() }
    });
    let areas = areas.collect::<Vec<_>>();
    let all =
        blocks.iter().flat_map(|block: &DrawnBlock| block.categories.iter().map(|(category, _)| category.0));
    for category in all.chain(areas.iter().map(|area| area.category.0)) {
        categories = categories.max(category + 1);
    }
    Drawing { blocks, ranks: (0..u32::try_from(seats).unwrap()).collect(), areas, categories }
}

fn drawn(letters: &str, section: u16, row: u16) -> DrawnBlock {
    let mut masks = BTreeMap::<Category, u128>::new();
    let (mut accessible, mut companion) = (0, 0);
    for (place, letter) in letters.bytes().enumerate() {
        match letter {
            b'W' => accessible |= 1 << place,
            b'C' => companion |= 1 << place,
            _ => {}
        }
        let category = if letter.is_ascii_uppercase() { 0 } else { letter - b'a' };
        *masks.entry(Category(category)).or_default() |= 1 << place;
    }
    let length = u8::try_from(letters.len()).unwrap();
    let categories = masks.into_iter().collect();
    DrawnBlock { section: Section(section), row: Row(row), length, categories, accessible, companion }
}

fn tell_outcome(outcome: &Outcome) -> String {
    let again = if outcome.replayed { "again " } else { "" };
    let decision = match &outcome.decision {
        Decision::Slot(view) => tell_slot(view, outcome.at),
        Decision::Booking(view) => tell(view),
        Decision::Refused(refusal) => refusal.to_string(),
        Decision::Explained(refusal, details) => format!("{refusal} {}", tell_details(details)),
        Decision::AnotherMap => "another_map".into(),
        Decision::KeyReused => "key_reused".into(),
        Decision::NotFound => "not_found".into(),
        Decision::Forbidden => "forbidden".into(),
    };
    format!("{again}{decision} #{}", outcome.seq.0)
}

fn tell_details(details: &Details) -> String {
    let numbers = |seats: &[Seat]| seats.iter().map(|seat| seat.0.to_string()).collect::<Vec<_>>().join("+");
    match details {
        Details::Conflicts(conflicts) => {
            let told = conflicts.iter().map(|conflict| {
                let place = match conflict.place {
                    Named::Seat(seat) => seat.0.to_string(),
                    Named::Area(_) => "floor".into(),
                };
                format!("{place} {:?}", conflict.reason).to_lowercase()
            });
            told.collect::<Vec<_>>().join(", ")
        }
        Details::Singles(seats) => numbers(seats),
        Details::LargestBlock(seats) => seats.to_string(),
        Details::Quotas(quotas) => quotas.join("+"),
        Details::Line(place) => format!("line {place}"),
        Details::InUse { seats, areas } if areas.is_empty() => numbers(seats),
        Details::InUse { seats, .. } => format!("{} floor", numbers(seats)),
        Details::Range(_) | Details::RangesTaken(_) | Details::InUseFrom(_) => {
            unreachable!("rows ask for seats")
        }
    }
}

fn tell_slot(view: &View, at: Timestamp) -> String {
    format!(
        "{}, {} bookable",
        format!("{:?}", view.status(at)).replace("OnSale", "on_sale").to_lowercase(),
        view.bookable(at)
    )
}

/// Where a booking stands, and what it has.
fn tell(view: &BookingView) -> String {
    let seating = view.seating.as_ref().unwrap();
    let seats = seating.places.seats().iter().map(|seat| seat.0.to_string());
    let areas = seating.places.areas().iter().map(|(_, places)| format!("floor:{places}"));
    let places = seats.chain(areas).collect::<Vec<_>>().join("+");
    let letter = |category: Category| char::from(b'a' + category.0).to_string();
    let category =
        if places.is_empty() { None } else { Some(seating.category.map_or_else(|| "?".into(), letter)) };
    let parts = [
        Some(format!("{:?}", view.status).to_lowercase()),
        Some(places).filter(|places| !places.is_empty()),
        category,
        (seating.together == Some(false)).then(|| "apart".into()),
        view.position.map(|position| position.to_string()),
        view.expires_at.map(|until| format!("until {}", until.0 / 1_000)),
        view.bill.as_deref().map(|bill| tariff::tell(bill).trim().into()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn tell_record(record: &Record) -> String {
    let kind = format!("{:?}", record.kind).replace("Slot", "slot_").replace("Seats", "seats_");
    let kind = kind.replace("Quantity", "quantity_").to_lowercase();
    let bookings =
        record.bookings.iter().map(|view| format!("{} {}", stage::label(view.id.request), tell(view)));
    format!("{kind}: {}", bookings.collect::<Vec<_>>().join(", ")).trim_end().into()
}

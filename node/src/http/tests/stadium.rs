//! How many bytes the map of a stadium takes at any moment of a sale, packed: it is sold by the rules, in parties as they come. Were each
//! seat taken or held by a throw of dice, letters of 44 taken in a hundred could not be told in fewer than 16 kB, nor the names of rows in
//! fewer than 7.

use booking::{
    Act, AisleSingles, Asker, Best, Book, Category, Command, Content, Decision, Definition, Fingerprint,
    Level, Mode, NewSlot, Party, Pick, Request, RequestKey, Seat, SeatMap, SeatmapId, SeatsAsked, SeatsStock,
    SeatsWish, Seq, Shown, SingleScope, Singles, SinglesPolicy, Slot, Stock, Timestamp, Together, WhenFull,
    Wish,
};
use seatmap::Seatmap;
use serde_json::json;

use crate::actors::tests::{id, making};
use crate::chance::dice::{RngExt as _, SeedableRng as _, SmallRng};
use crate::http::convert;
use crate::http::response::answer;
use crate::http::response::seat_texts::SeatText;
use crate::ids;

const SECTIONS: u32 = 225;
const ROWS: u32 = 20;
const ROW_SEATS: u32 = 20;
const SEATS: u32 = SECTIONS * ROWS * ROW_SEATS;
const MAP: Content = Content(7);
/// What a map of a stadium may take, packed, in bytes. By zlib it took 20,800.
const PACKED_MAX: usize = 18_000;
/// How many of a hundred parties are of how many, from one up.
const PARTIES: [u32; 6] = [8, 50, 12, 20, 5, 5];
/// How many of a hundred pick their seats; the others take the best.
const PICK_PERCENT: u32 = 60;
/// How many hold seats at the same time before they confirm, or let go.
const HOLDING: usize = 1_500;

/// A bowl of 90,000 seats in four categories, ring by ring; a row is one block.
fn stadium() -> Seatmap {
    let row = |section: u32, row: u32| {
        json!({
            "key": row.to_string(), "seats": ["1-20"], "category": (["a", "b", "c", "d"][(section / 60) as usize]),
            "at": [(section % 75) * 1_000, 1_000 + (section / 75) * 5_000 + row * 80],
        })
    };
    let section = |section: u32| {
        let rows: Vec<_> = (1..=ROWS).map(|number| row(section, number)).collect();
        json!({"key": (101 + section).to_string(), "rows": rows})
    };
    let sections: Vec<_> = (0..SECTIONS).map(section).collect();
    let categories = ["a", "b", "c", "d"].map(|key| json!({"key": key}));
    let house = json!({"categories": categories, "sections": sections});
    Seatmap::from_json(house.to_string().as_bytes()).expect("a stadium")
}

/// A stadium that is being sold.
struct Selling {
    slot: Option<Slot>,
    rng: SmallRng,
    asked: u128,
    /// Who holds seats.
    holding: Vec<RequestKey>,
}

impl Selling {
    fn open(seatmap: &Seatmap) -> Self {
        let singles =
            SinglesPolicy { singles: Singles::Avoid, aisles: AisleSingles::Ignore, scope: SingleScope::Row };
        let Command::CreateSlot(usual) = making() else { unreachable!("it makes a slot") };
        let stock = Stock::Seats(SeatsStock { map: MAP, singles });
        let definition = Definition { stock, ..usual.definition().clone() };
        let mut selling = Self { slot: None, rng: SmallRng::seed_from_u64(1), asked: 0, holding: Vec::new() };
        selling.ask(Command::CreateSlot(Box::new(NewSlot::of_seats(definition, convert::plan(seatmap)))));
        selling
    }

    fn ask(&mut self, command: Command) -> (RequestKey, Decision) {
        self.asked += 1;
        let key = RequestKey(self.asked);
        let request = Request { slot: id(1), key, fingerprint: Fingerprint(1), command };
        let at = Timestamp(1_000 + u64::try_from(self.asked / 1_000).expect("few"));
        (key, Slot::apply(&mut self.slot, Level::NEWEST, at, &request, &mut Vec::new()).decision)
    }

    fn map(&self) -> SeatMap {
        self.slot.as_ref().and_then(Slot::seat_map).expect("seats")
    }

    /// Good sections are wanted most: the k-th as often as 1/k.
    fn section(&mut self) -> u32 {
        let whole: f64 = (1..=SECTIONS).map(|place| 1.0 / f64::from(place)).sum();
        let mut point = self.rng.random_range(0.0..whole);
        (0..SECTIONS)
            .find(|place| {
                point -= 1.0 / f64::from(place + 1);
                point <= 0.0
            })
            .unwrap_or(0)
    }

    fn party(&mut self) -> u32 {
        let mut point = self.rng.random_range(0..100);
        let sizes = (1..).zip(PARTIES);
        let mut found = sizes.filter(|(_, share)| {
            let is_here = point < *share;
            point = point.saturating_sub(*share);
            is_here
        });
        found.next().expect("the shares are a hundred").0
    }

    /// A party comes, and takes the best or what it picks; who holds for long confirms, and one in ten lets go.
    fn come(&mut self) {
        let quantity = self.party();
        let asked = if self.rng.random_range(0..100) < PICK_PERCENT {
            let row = self.section() * ROWS + self.rng.random_range(0..ROWS);
            let first = row * ROW_SEATS + self.rng.random_range(0..=ROW_SEATS - quantity);
            SeatsAsked::Pick(Pick { seats: (first..first + quantity).map(Seat).collect(), ..Pick::default() })
        } else {
            let category = Category(u8::try_from(self.section() / 60).expect("four"));
            SeatsAsked::Best(Best {
                quantity,
                categories: vec![category],
                together: Together::Prefer,
                accessible: 0,
                sections: Vec::new(),
                allotment: None,
            })
        };
        let book = Book {
            customer: "someone".into(),
            wish: Wish::Seats(Box::new(SeatsWish { map: MAP, by: Asker::Customer, asked })),
            mode: Mode::Hold,
            hold_seconds: None,
            when_full: WhenFull::Refuse,
            basket: None,
        };
        if let (key, Decision::Booking(_)) = self.ask(Command::Book(book)) {
            self.holding.push(key);
        }
        if HOLDING < self.holding.len() {
            let one = self.rng.random_range(0..self.holding.len());
            let act = Act { booking: self.holding.swap_remove(one), by: Party::Organizer };
            let lets_go = self.rng.random_range(0..10) == 0;
            self.ask(if lets_go { Command::CancelBooking(act) } else { Command::ConfirmBooking(act) });
        }
    }
}

fn packed(seatmap: &Seatmap, seats: &SeatMap) -> usize {
    let id = SeatmapId { organizer: ids::organizer("arena"), content: MAP };
    let shown = convert::seats::shown(seats, Seq(44_444), id, seatmap, None);
    SeatText::new(answer::written(&shown)).packed.len()
}

#[test]
fn the_map_of_a_stadium_is_small_at_every_moment_of_a_sale() {
    let seatmap = stadium();
    let mut selling = Selling::open(&seatmap);
    assert!(packed(&seatmap, &selling.map()) <= PACKED_MAX / 2, "the names of rows alone");
    for percent in [1, 10, 30, 44, 60, 75, 90] {
        let taken = |selling: &Selling| selling.map().seats().filter(|seat| *seat != Shown::Free).count();
        while taken(&selling) * 100 < (SEATS * percent) as usize {
            (0..100).for_each(|_| selling.come());
        }
        let packed = packed(&seatmap, &selling.map());
        assert!(packed <= PACKED_MAX, "{packed} bytes where {percent} % are not free");
    }
}

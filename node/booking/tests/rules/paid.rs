//! What each seat of a booking costs, naively: a table of random swaps, new prices and new maps, with the answers of an oracle that
//! keeps one amount a seat.

use std::collections::BTreeMap;

use crate::house::check;
use crate::random::Random;

const SEEDS: u64 = 200;
const ROWS: u32 = 25;
const SEATS: u32 = 8;

/// One booking of a row of seats, and the table so far.
struct Paid {
    random: Random,
    rows: Vec<String>,
    seq: u32,
    /// What a place costs now, if anything does.
    price: Option<u64>,
    /// Of each seat what it cost when it was added.
    seats: BTreeMap<u32, u64>,
    /// Whether anything had a price when one of them was: a booking that has an amount has one ever after.
    has_amount: bool,
}

#[test]
fn each_seat_costs_what_it_did_when_it_was_added() {
    for seed in 0..SEEDS {
        check(&table(seed).join("\n"));
    }
}

fn table(seed: u64) -> Vec<String> {
    let mut random = Random(seed);
    let price = random.maybe(50, |_| 500);
    let seats = [2, 5, 6].map(|seat| (seat, price.unwrap_or(0))).into();
    let mut paid = Paid { random, rows: vec![], seq: 2, price, seats, has_amount: price.is_some() };
    let prices = paid.price.map_or(String::new(), |price| format!("prices=*:{price} currency=EUR"));
    paid.rows.push(format!("house {} {prices} => on_sale, {SEATS} bookable #1", "a".repeat(SEATS as usize)));
    let buy = if paid.price.is_some() { "buy" } else { "" };
    let booked = paid.told();
    paid.rows.push(format!("p: pick x 2+5+6 hold {buy} => {booked} #2"));
    for _ in 0..ROWS {
        let happens = *paid.random.one_of(&[Paid::reprice, Paid::redraw, Paid::swap, Paid::swap]);
        happens(&mut paid);
        let told = paid.told();
        paid.rows.push(format!("see p => {told}"));
    }
    paid.rows
}

impl Paid {
    /// The booking, as rows tell it.
    fn told(&self) -> String {
        let seats = self.seats.keys().map(u32::to_string).collect::<Vec<_>>().join("+");
        let (first, last) = (self.seats.keys().min().unwrap(), self.seats.keys().max().unwrap());
        let apart = if (last - first) as usize + 1 == self.seats.len() { "" } else { " apart" };
        let amount = self.seats.values().sum::<u64>();
        let amount = if self.has_amount { format!(" = {amount} EUR") } else { String::new() };
        format!("held {seats} a{apart} until 100{amount}")
    }

    fn bookable(&self) -> usize {
        SEATS as usize - self.seats.len()
    }

    fn reprice(&mut self) {
        self.seq += 1;
        let price = 100 + u64::from(self.seq);
        let frees = self.price.is_some() && self.random.percent(30);
        self.price = (!frees).then_some(price);
        let said =
            if frees { "prices= currency=none".into() } else { format!("prices=*:{price} currency=EUR") };
        let (bookable, seq) = (self.bookable(), self.seq);
        self.rows.push(format!("change {said} => on_sale, {bookable} bookable #{seq}"));
    }

    /// Every seat is somewhere else in the new map.
    fn redraw(&mut self) {
        self.seq += 1;
        let mut to = (0..SEATS).collect::<Vec<_>>();
        for place in (1..to.len()).rev() {
            to.swap(place, self.random.small(u32::try_from(place).unwrap() + 1) as usize);
        }
        self.seats = self.seats.iter().map(|(seat, price)| (to[*seat as usize], *price)).collect();
        let to = to.iter().map(u32::to_string).collect::<Vec<_>>().join("+");
        let (bookable, seq) = (self.bookable(), self.seq);
        let house = "a".repeat(SEATS as usize);
        self.rows.push(format!("map {house} to={to} => on_sale, {bookable} bookable #{seq}"));
    }

    fn swap(&mut self) {
        let (mut add, mut drop) = (vec![], vec![]);
        for seat in 0..SEATS {
            let takes_part = self.random.percent(25);
            if takes_part && self.seats.contains_key(&seat) {
                drop.push(seat);
            } else if takes_part {
                add.push(seat);
            }
        }
        if add.is_empty() && drop.len() == self.seats.len() {
            drop.pop();
        }
        if add.is_empty() && drop.is_empty() {
            return;
        }
        self.seq += 1;
        self.seats.retain(|seat, _| !drop.contains(seat));
        self.has_amount |= self.price.is_some() && !add.is_empty();
        self.seats.extend(add.iter().map(|seat| (*seat, self.price.unwrap_or(0))));
        let list = |sign: &str, seats: &[u32]| {
            let seats = seats.iter().map(u32::to_string).collect::<Vec<_>>().join("+");
            if seats.is_empty() { seats } else { format!("{sign}{seats}") }
        };
        let (told, seq) = (self.told(), self.seq);
        self.rows.push(format!("swap p {} {} by x => {told} #{seq}", list("+", &add), list("-", &drop)));
    }
}

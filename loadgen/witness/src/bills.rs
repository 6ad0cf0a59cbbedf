//! Amounts right: a booking costs what the prices say at the moment at which it is held or confirmed, and goes on costing that,
//! whatever is sold for what later. What is given back costs nothing any more, and a seat that is added what it does then.

use std::collections::BTreeMap;

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use api::tariff::Line;

use crate::case::{SlotCase, subject};
use crate::finding::Finding;
use crate::house::Plan;
use crate::house::words::BookingSeats;
use crate::tariff::{Cart, Tariff, sorted};

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    let mut bills: BTreeMap<&str, Billed<'_>> = BTreeMap::new();
    let mut plan = slot.house.map(|house| &house.plan);
    for (place, record) in slot.records().iter().enumerate() {
        let told = slot.house.and_then(|house| house.records.get(place));
        let redrawn = told.and_then(|told| told.map.as_ref()).and_then(|map| slot.house?.later.get(map));
        plan = redrawn.or(plan);
        let sale = Sale::at(slot, record, plan);
        for (number, booking) in record.bookings.iter().enumerate() {
            finding.examine();
            let seats = told.and_then(|told| told.bookings.get(number));
            let judged = sale.judge(bills.get(booking.id.as_str()), booking, seats);
            let bill = judged.unwrap_or_else(|why| {
                finding.fail(format!("{} at seq {} ({}): {why}", booking.id, record.seq, record.at));
                Bill::unexplained(booking)
            });
            bills.insert(&booking.id, Billed { booking, bill });
        }
    }
}

/// A booking as a record left it, with what it costs.
struct Billed<'h> {
    booking: &'h Booking,
    bill: Bill<'h>,
}

/// What a booking costs.
#[derive(Clone, Default)]
struct Bill<'h> {
    /// How much, and of what; none where nothing costs anything, and of who waits.
    cost: Option<(u64, &'h str)>,
    /// Place by place; none where that is not known.
    places: Option<Vec<Place<'h>>>,
}

/// Places of a product that cost the same.
#[derive(Clone)]
struct Place<'h> {
    /// None where it is one like others.
    seat: Option<&'h str>,
    product: Option<&'h str>,
    quantity: u64,
    price: u64,
}

/// A seat, or places that are like others, and their category.
type Spot<'h> = (Option<&'h str>, Option<&'h str>);

impl<'h> Bill<'h> {
    /// What a booking says, whatever it is made of.
    fn unexplained(booking: &'h Booking) -> Self {
        let currency = booking.currency.as_deref();
        Self { cost: booking.amount.zip(currency), places: None }
    }

    /// Of these places, in this currency.
    fn of(places: Vec<Place<'h>>, currency: Option<&'h str>) -> Self {
        let amount = places.iter().map(|place| place.price * place.quantity).sum();
        Self { cost: currency.map(|currency| (amount, currency)), places: Some(places) }
    }

    /// What each place of a product costs, where that is one and the same.
    fn price(&self, product: Option<&str>) -> Option<u64> {
        let mut prices = self.places.iter().flatten().filter(|place| place.product == product);
        let first = prices.next()?.price;
        prices.all(|place| place.price == first).then_some(first)
    }
}

/// One record, and what everything costs in it.
struct Sale<'h> {
    record: &'h Record,
    /// What is sold before it, and after; none where that is not known.
    tariffs: Vec<Tariff<'h>>,
    /// None where the slot has units.
    plan: Option<&'h Plan>,
}

impl<'h> Sale<'h> {
    fn at(slot: &SlotCase<'h>, record: &'h Record, plan: Option<&'h Plan>) -> Self {
        let before = record.seq.saturating_sub(1);
        // In the step that changes it, those who wait are served before and after.
        let seqs = if record.kind == Kind::SlotChanged { vec![record.seq, before] } else { vec![record.seq] };
        let tariff = |seq: u64| slot.terms_at(seq).map(|terms| Tariff::of(terms, record.at));
        let tariffs: Option<Vec<Tariff<'_>>> = seqs.into_iter().map(tariff).collect();
        Self { record, tariffs: tariffs.unwrap_or_default(), plan }
    }

    /// What a booking costs, if that is right.
    fn judge(
        &self,
        former: Option<&Billed<'h>>,
        booking: &'h Booking,
        seats: Option<&'h BookingSeats>,
    ) -> Result<Bill<'h>, String> {
        self.judge_lines(former, booking)?;
        if booking.amount.is_some() != booking.currency.is_some() {
            return Err(format!("it costs {:?} {:?}", booking.amount, booking.currency));
        }
        let told = Bill::unexplained(booking);
        if let Some(former) = former.filter(|former| is_priced(former.booking.status)) {
            return self.kept(former, booking, seats);
        }
        match booking.status {
            Status::Held | Status::Confirmed => self.priced(booking, seats),
            Status::Waitlisted | Status::Offered if told.cost.is_some() => {
                Err(format!("it costs {:?} although it has nothing yet", told.cost))
            }
            // Whoever is over may have been served in the same step.
            Status::Cancelled | Status::Declined | Status::Expired if told.cost.is_some() => {
                self.priced(booking, seats)
            }
            Status::Waitlisted | Status::Offered | Status::Cancelled | Status::Declined | Status::Expired => {
                Ok(told)
            }
        }
    }

    /// Whether a booking is of the products that it was of, and of as many as it is for.
    fn judge_lines(&self, former: Option<&Billed<'h>>, booking: &Booking) -> Result<(), String> {
        let lines = lines(booking);
        let places: u64 = lines.iter().map(|line| u64::from(line.quantity)).sum();
        if !lines.is_empty() && places != u64::from(booking.quantity) {
            return Err(format!("it is for {} and has {places} places of products", booking.quantity));
        }
        let Some(former) = former else {
            // Before and after: a slot that changes is booked by nobody.
            let is_wanted = self.tariffs.first().map(|tariff| !tariff.products().is_empty());
            let is_right = is_wanted.is_none_or(|is_wanted| is_wanted != lines.is_empty());
            return if is_right { Ok(()) } else { Err(format!("it is of {lines:?}")) };
        };
        if self.may_change(booking) || sorted(lines) == sorted(self::lines(former.booking)) {
            return Ok(());
        }
        Err(format!("it was of {:?} and is of {lines:?}, unasked", self::lines(former.booking)))
    }

    /// Whether it was asked that a booking be for fewer, or have other seats.
    fn may_change(&self, booking: &Booking) -> bool {
        matches!(self.record.kind, Kind::QuantityChanged | Kind::Reseated)
            && subject(self.record).is_some_and(|subject| subject.id == booking.id)
    }

    /// Of a booking that is held or confirmed now: what the prices of this moment make it.
    fn priced(&self, booking: &'h Booking, seats: Option<&'h BookingSeats>) -> Result<Bill<'h>, String> {
        let told = Bill::unexplained(booking);
        let due: Vec<Bill<'_>> =
            self.tariffs.iter().filter_map(|tariff| self.bill(tariff, booking, seats)).collect();
        let costs: Vec<_> = due.iter().map(|bill| bill.cost).collect();
        // A booking that is over may no longer show its seats, and then it cannot be told.
        if self.tariffs.is_empty() || (self.plan.is_some() && !is_priced(booking.status)) {
            return Ok(told);
        }
        due.into_iter().find(|bill| bill.cost == told.cost).ok_or_else(|| {
            format!("it costs {:?}, where the prices of that moment make it {costs:?}", told.cost)
        })
    }

    /// What a booking costs by this tariff; none where some of it is not sold.
    fn bill(
        &self,
        tariff: &Tariff<'h>,
        booking: &'h Booking,
        seats: Option<&'h BookingSeats>,
    ) -> Option<Bill<'h>> {
        let goods = Cart { lines: lines(booking), quantity: booking.quantity }.goods();
        let places: Option<Vec<Place<'_>>> = match self.plan {
            None => goods
                .map(|(product, quantity)| {
                    let price = tariff.price(product, None)?;
                    Some(Place { seat: None, product, quantity, price })
                })
                .collect(),
            Some(plan) => {
                let each = goods.flat_map(|(product, places)| (0..places).map(move |_place| product));
                let spots = spots(plan, seats?)?.into_iter().zip(each);
                spots
                    .map(|((seat, category), product)| {
                        let price = tariff.price(product, category)?;
                        Some(Place { seat, product, quantity: 1, price })
                    })
                    .collect()
            }
        };
        Some(Bill::of(places?, tariff.currency()))
    }

    /// Of a booking that cost something already: what it did, without what was given back, and with what was added.
    fn kept(
        &self,
        former: &Billed<'h>,
        booking: &'h Booking,
        seats: Option<&'h BookingSeats>,
    ) -> Result<Bill<'h>, String> {
        let told = Bill::unexplained(booking);
        let due = if !self.may_change(booking) {
            Some(former.bill.clone())
        } else if self.record.kind == Kind::Reseated {
            self.reseated(&former.bill, seats)
        } else {
            reduced(&former.bill, booking)
        };
        let due = due.unwrap_or_else(|| told.clone());
        let changes = told.cost.map(|(_amount, currency)| currency)
            != former.bill.cost.map(|(_amount, currency)| currency);
        if due.cost != told.cost || changes {
            return Err(format!(
                "it cost {:?} and costs {:?}, not {:?}",
                former.bill.cost, told.cost, due.cost
            ));
        }
        Ok(due)
    }

    /// The same with other seats; none where that cannot be told.
    fn reseated(&self, former: &Bill<'h>, seats: Option<&'h BookingSeats>) -> Option<Bill<'h>> {
        let (plan, seats, tariff) = (self.plan?, seats?, self.tariffs.first()?);
        let currency = former.cost?.1;
        let has = |place: &Place<'_>| place.seat.is_none_or(|seat| seats.seats.iter().any(|has| has == seat));
        let (mut places, dropped): (Vec<Place<'_>>, Vec<Place<'_>>) =
            former.places.clone()?.into_iter().partition(has);
        let had = |seat: &&String| places.iter().any(|place| place.seat == Some(seat));
        let added: Vec<&String> = seats.seats.iter().filter(|seat| !had(seat)).collect();
        let all = || dropped.iter().chain(&places).map(|place| place.product);
        let only = all().next().filter(|first| all().all(|product| product == *first));
        // Of several products, what is added is of those that it takes the place of: all of one category.
        let products: Vec<Option<&str>> = match only {
            Some(only) => vec![only; added.len()],
            None if added.len() == dropped.len() => dropped.iter().map(|place| place.product).collect(),
            None => return None,
        };
        for (seat, product) in added.into_iter().zip(products) {
            let price =
                tariff.price(product, Some(&plan.categories[plan.seats[plan.seat(seat)?].category]))?;
            places.push(Place { seat: Some(seat), product, quantity: 1, price });
        }
        Some(Bill::of(places, Some(currency)))
    }
}

/// The same for fewer; none where it cannot be told which were given back.
fn reduced<'h>(former: &Bill<'h>, booking: &'h Booking) -> Option<Bill<'h>> {
    let currency = former.cost?.1;
    let goods = Cart { lines: lines(booking), quantity: booking.quantity }.goods();
    let place =
        |(product, quantity)| Some(Place { seat: None, product, quantity, price: former.price(product)? });
    Some(Bill::of(goods.map(place).collect::<Option<_>>()?, Some(currency)))
}

/// What somebody has of a house, place by place in the order of the map; none where the map lacks some of it.
fn spots<'h>(plan: &'h Plan, seats: &'h BookingSeats) -> Option<Vec<Spot<'h>>> {
    let mut numbers: Vec<(usize, &String)> =
        seats.seats.iter().map(|name| Some((plan.seat(name)?, name))).collect::<Option<_>>()?;
    numbers.sort_unstable();
    let key = |category: usize| plan.categories[category].as_str();
    let mut spots: Vec<Spot<'_>> = numbers
        .into_iter()
        .map(|(seat, name)| (Some(name.as_str()), Some(key(plan.seats[seat].category))))
        .collect();
    for (area, places) in &seats.areas {
        let category = key(plan.areas[plan.area(area)?].category);
        spots.extend((0..*places).map(|_place| (None, Some(category))));
    }
    Some(spots)
}

fn lines(booking: &Booking) -> &[Line] {
    booking.lines.as_deref().unwrap_or_default()
}

/// Whether a booking of this status has a price.
const fn is_priced(status: Status) -> bool {
    match status {
        Status::Held | Status::Confirmed => true,
        Status::Offered | Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => {
            false
        }
    }
}

//! What a slot does that sells products, naively: everything is counted anew whenever it is looked at.

use booking::Refusal;

/// How many products there can be.
pub(crate) const PRODUCTS: usize = 3;

/// How many places of each product.
pub(crate) type Lines = [u32; PRODUCTS];

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Held(u64),
    Offered(u64),
    Waits,
    Confirmed,
    Over,
}

#[derive(Clone, Debug)]
pub(crate) struct Booking {
    pub(crate) lines: Lines,
    /// Of each product what a place cost when it was held or confirmed.
    pub(crate) paid: Option<[u64; PRODUCTS]>,
    pub(crate) at: At,
    pub(crate) holds: bool,
}

/// So much of a product from then on until then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price {
    pub(crate) product: Option<usize>,
    pub(crate) amount: u64,
    pub(crate) from: u64,
    pub(crate) until: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Oracle {
    pub(crate) now: u64,
    pub(crate) capacity: u32,
    /// Which products are sold.
    pub(crate) sold: [bool; PRODUCTS],
    /// How many places, and of which products.
    pub(crate) quotas: Vec<(u32, [bool; PRODUCTS])>,
    pub(crate) prices: Vec<Price>,
    pub(crate) strict: bool,
    pub(crate) offers: bool,
    pub(crate) bookings: Vec<Booking>,
}

/// How long holds and offers last, and when the slot ends.
pub(crate) const HOLD: u64 = 50_000;
pub(crate) const ENDS: u64 = 2_000_000;

/// A request for places.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) lines: Lines,
    pub(crate) holds: bool,
    pub(crate) may_wait: bool,
    pub(crate) expect: Option<u64>,
    pub(crate) by_organizer: bool,
}

type Decided = Result<usize, Refusal>;

impl Booking {
    pub(crate) fn amount(&self) -> Option<u64> {
        let paid = self.paid?;
        Some((0..PRODUCTS).map(|product| paid[product] * u64::from(self.lines[product])).sum())
    }

    fn has_places(&self) -> bool {
        matches!(self.at, At::Held(_) | At::Offered(_) | At::Confirmed)
    }
}

impl Oracle {
    /// Time passes: what is due lapses, and who waits is served.
    pub(crate) fn pass(&mut self, now: u64) {
        self.now = self.now.max(now);
        for booking in &mut self.bookings {
            if let At::Held(until) | At::Offered(until) = booking.at
                && until <= self.now
            {
                booking.at = At::Over;
            }
        }
        self.serve();
    }

    pub(crate) fn serve(&mut self) {
        while let Some(place) = self.turn() {
            self.bookings[place].at = At::Offered(self.deadline());
            if !self.offers {
                self.grant(place, false);
            }
        }
    }

    /// Whose turn it is.
    fn turn(&self) -> Option<usize> {
        let mut short = vec![];
        for (place, booking) in self.bookings.iter().enumerate() {
            if booking.at != At::Waits || self.cost(&booking.lines).is_none() {
                continue;
            }
            let lacks = self.lacks(&booking.lines);
            if lacks.is_empty() && self.draws(&booking.lines).iter().all(|counter| !short.contains(counter)) {
                return Some(place);
            }
            if self.strict {
                short.extend(lacks);
            }
        }
        None
    }

    /// The counters of which those who wait are short: 0 is the units, and quota n is n + 1.
    fn waited_for(&self) -> Vec<usize> {
        let waits = |booking: &&Booking| booking.at == At::Waits && self.cost(&booking.lines).is_some();
        let waiters = self.bookings.iter().filter(waits).filter(|_| self.strict);
        waiters.flat_map(|booking| self.lacks(&booking.lines)).collect()
    }

    fn draws(&self, lines: &Lines) -> Vec<usize> {
        (0..=self.quotas.len()).filter(|&counter| 0 < self.need(lines, counter)).collect()
    }

    fn lacks(&self, lines: &Lines) -> Vec<usize> {
        let lacks = |&counter: &usize| self.left(counter) < self.need(lines, counter);
        self.draws(lines).into_iter().filter(lacks).collect()
    }

    fn need(&self, lines: &Lines, counter: usize) -> u32 {
        let counts = |product: usize| counter == 0 || self.quotas[counter - 1].1[product];
        (0..PRODUCTS).filter(|&product| counts(product)).map(|product| lines[product]).sum()
    }

    pub(crate) fn taken(&self, counter: usize) -> u32 {
        let owners = self.bookings.iter().filter(|booking| booking.has_places());
        // What is of a product that is sold no longer draws on no quota.
        let lines = |booking: &Booking| {
            let sold = |product: usize| counter == 0 || self.sold[product];
            std::array::from_fn(|product| if sold(product) { booking.lines[product] } else { 0 })
        };
        owners.map(|booking| self.need(&lines(booking), counter)).sum()
    }

    fn left(&self, counter: usize) -> u32 {
        let size = if counter == 0 { self.capacity } else { self.quotas[counter - 1].0 };
        size - self.taken(counter)
    }

    /// The most places of one product that a newcomer could get now.
    pub(crate) fn bookable(&self) -> u32 {
        let waited_for = self.waited_for();
        let most = |product: usize| {
            let mut one = [0; PRODUCTS];
            one[product] = 1;
            let draws = self.draws(&one);
            let is_free = draws.iter().all(|counter| !waited_for.contains(counter));
            self.cost(&one).filter(|_| is_free)?;
            draws.into_iter().map(|counter| self.left(counter)).min()
        };
        (0..PRODUCTS).filter_map(most).max().unwrap_or(0)
    }

    /// What a place of each product costs now; none where some of these is not sold.
    pub(crate) fn cost(&self, lines: &Lines) -> Option<[u64; PRODUCTS]> {
        let mut each = [0; PRODUCTS];
        for product in (0..PRODUCTS).filter(|&product| 0 < lines[product]) {
            let is_for = |price: &&Price| price.product.is_none_or(|own| own == product);
            let is_open = |price: &&Price| price.from <= self.now && self.now < price.until;
            let price = self.prices.iter().find(|price| is_for(price) && is_open(price));
            if !self.sold[product] || (price.is_none() && !self.prices.is_empty()) {
                return None;
            }
            each[product] = price.map_or(0, |price| price.amount);
        }
        Some(each)
    }

    fn deadline(&self) -> u64 {
        (self.now + HOLD).min(ENDS)
    }

    /// Gives a booking its places at what they cost now.
    fn grant(&mut self, place: usize, is_paid: bool) {
        let paid = self.cost(&self.bookings[place].lines).unwrap();
        let (deadline, has_prices) = (self.deadline(), !self.prices.is_empty());
        let booking = &mut self.bookings[place];
        booking.paid = has_prices.then_some(paid);
        let is_owed = booking.amount().is_some_and(|amount| 0 < amount) && !is_paid;
        booking.at = if booking.holds || is_owed { At::Held(deadline) } else { At::Confirmed };
    }

    pub(crate) fn book(&mut self, asked: &Asked) -> Decided {
        let quantity = asked.lines.iter().sum::<u32>();
        let cost = self.cost(&asked.lines).ok_or(Refusal::NotOnSale)?;
        let amount =
            (0..PRODUCTS).map(|product| cost[product] * u64::from(asked.lines[product])).sum::<u64>();
        if self.capacity < quantity {
            return Err(Refusal::QuantityTooLarge);
        }
        if asked.expect.is_some_and(|expected| expected != amount) {
            return Err(Refusal::PriceChanged);
        }
        let waited_for = self.waited_for();
        let stops =
            |&counter: &usize| self.lacks(&asked.lines).contains(&counter) || waited_for.contains(&counter);
        let stopped = self.draws(&asked.lines).into_iter().filter(stops).collect::<Vec<_>>();
        let is_quota = |counters: &[usize]| counters.iter().any(|&counter| 0 < counter);
        let never = |counter: usize| self.quotas[counter - 1].0 < self.need(&asked.lines, counter);
        if self.draws(&asked.lines).into_iter().any(|counter| 0 < counter && never(counter)) {
            return Err(Refusal::QuotaExhausted);
        }
        let (lines, holds) = (asked.lines, asked.holds);
        if stopped.is_empty() {
            self.bookings.push(Booking { lines, paid: None, at: At::Waits, holds });
            self.grant(self.bookings.len() - 1, asked.by_organizer);
        } else if !asked.may_wait {
            return Err(if is_quota(&stopped) { Refusal::QuotaExhausted } else { Refusal::SoldOut });
        } else {
            self.bookings.push(Booking { lines, paid: None, at: At::Waits, holds });
        }
        Ok(self.bookings.len() - 1)
    }

    pub(crate) fn cancel(&mut self, place: usize) -> Decided {
        if self.bookings[place].at == At::Over {
            return Err(Refusal::AlreadyOver);
        }
        self.bookings[place].at = At::Over;
        Ok(place)
    }

    /// Confirms; none says how it ended that is over.
    pub(crate) fn confirm(&mut self, place: usize, by_organizer: bool) -> Option<Decided> {
        let booking = &mut self.bookings[place];
        Some(match booking.at {
            At::Over => return None,
            At::Held(_) if !by_organizer && booking.amount().is_some_and(|amount| 0 < amount) => {
                Err(Refusal::PaymentRequired)
            }
            At::Held(_) => {
                booking.at = At::Confirmed;
                Ok(place)
            }
            At::Offered(_) | At::Waits | At::Confirmed => Err(Refusal::NotHeld),
        })
    }

    pub(crate) fn accept(&mut self, place: usize) -> Option<Decided> {
        let booking = &self.bookings[place];
        match booking.at {
            At::Over => None,
            At::Offered(_) if self.cost(&booking.lines).is_none() => Some(Err(Refusal::NotOnSale)),
            At::Offered(_) => {
                self.grant(place, false);
                Some(Ok(place))
            }
            At::Held(_) | At::Waits | At::Confirmed => Some(Err(Refusal::NotOffered)),
        }
    }

    pub(crate) fn reduce(&mut self, place: usize, lines: Lines) -> Decided {
        let booking = &mut self.bookings[place];
        match booking.at {
            At::Over => return Err(Refusal::AlreadyOver),
            At::Offered(_) => return Err(Refusal::NotHeld),
            At::Held(_) | At::Waits | At::Confirmed => {}
        }
        booking.lines = lines;
        Ok(place)
    }

    /// Sells otherwise, if nothing is overdrawn by it; who could never be served waits no more.
    pub(crate) fn change(&mut self, new: &Self) -> Result<(), Refusal> {
        let new = Self { bookings: self.bookings.clone(), now: self.now, ..new.clone() };
        let size = |counter: usize| if counter == 0 { new.capacity } else { new.quotas[counter - 1].0 };
        if (0..=new.quotas.len()).any(|counter| size(counter) < new.taken(counter)) {
            return Err(Refusal::CapacityInUse);
        }
        *self = new;
        let in_vain = |booking: &Booking| {
            let lines = booking.lines;
            let is_sold = |product: usize| {
                let is_for = |price: &&Price| price.product.is_none_or(|own| own == product);
                let may = |price: &Price| self.now < price.until && price.from < price.until;
                self.sold[product] && (self.prices.is_empty() || self.prices.iter().filter(is_for).any(may))
            };
            booking.at == At::Waits
                && ((0..=self.quotas.len()).any(|counter| {
                    let size = if counter == 0 { self.capacity } else { self.quotas[counter - 1].0 };
                    size < self.need(&lines, counter)
                }) || (0..PRODUCTS).any(|product| 0 < lines[product] && !is_sold(product)))
        };
        let ended = self.bookings.iter().map(in_vain).collect::<Vec<_>>();
        for (booking, _) in self.bookings.iter_mut().zip(ended).filter(|(_, ends)| *ends) {
            booking.at = At::Over;
        }
        Ok(())
    }
}

//! What a house sells its places as, naively: of each booking every place is remembered with what it is of and what it cost, and what is
//! left of quotas is counted anew at every look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use booking::{
    Area, Asker, Basket, Best, Bill, Book, Category, Currency, Details, GoodsView, Item, Line, Pick, Price,
    Refusal, Seat, SeatsAsked, Swap, Tariff, Wish,
};

use crate::judge::{Given, Judge, Pool, given_of, skips};
use crate::oracle::{Booking, Denied, Oracle};

/// Refused for one line of the request.
fn at_line(refusal: Refusal, place: usize) -> Denied {
    Denied::Refused(refusal, Some(Details::Line(u32::try_from(place).unwrap())))
}

/// How many places of what; of no product in particular where nothing is sold.
pub(crate) type Goods = Vec<(Option<Arc<str>>, u32)>;

/// What a place is of, and what it cost when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paid {
    product: Option<Arc<str>>,
    price: Option<u64>,
}

/// What a booking is of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bought {
    /// What it was asked for as, and waits for.
    pub(crate) lines: Vec<Line>,
    /// Its places, once they have a price.
    pub(crate) seats: BTreeMap<u32, Paid>,
    pub(crate) areas: BTreeMap<u8, Vec<Paid>>,
    pub(crate) currency: Option<Currency>,
}

impl Bought {
    fn places(&self) -> Vec<Paid> {
        self.seats.values().chain(self.areas.values().flatten()).cloned().collect()
    }

    /// As it is shown: places that follow each other and are alike together.
    pub(crate) fn bill(&self) -> Option<Arc<Bill>> {
        let item = |line: &Line| Item {
            product: Some(Arc::clone(&line.product)),
            quantity: line.quantity,
            price: None,
        };
        let mut items = self.lines.iter().map(item).collect::<Vec<_>>();
        let places = self.places();
        if !places.is_empty() {
            items.clear();
        }
        for Paid { product, price } in places {
            match items.last_mut().filter(|last| last.product == product && last.price == price) {
                Some(last) => last.quantity += 1,
                None => items.push(Item { product, quantity: 1, price }),
            }
        }
        let says_something = self.currency.is_some() || items.iter().any(|item| item.product.is_some());
        says_something.then(|| Arc::new(Bill { items: items.into(), currency: self.currency }))
    }

    /// What all of it costs.
    pub(crate) fn amount(&self) -> Option<u64> {
        self.currency.map(|_| self.places().iter().filter_map(|place| place.price).sum())
    }

    /// How many places of what.
    fn goods(&self, quantity: u32) -> Goods {
        let places = self.places();
        let mut goods = Goods::new();
        for Paid { product, .. } in &places {
            match goods.iter_mut().find(|(of, _)| of == product) {
                Some((_, count)) => *count += 1,
                None => goods.push((product.clone(), 1)),
            }
        }
        if places.is_empty() {
            goods.extend(self.lines.iter().map(|line| (Some(Arc::clone(&line.product)), line.quantity)));
        }
        if goods.is_empty() { vec![(None, quantity)] } else { goods }
    }

    /// Moves what it has to other numbers.
    pub(crate) fn renumber(&mut self, seat: impl Fn(u32) -> u32, area: impl Fn(u8) -> u8) {
        self.seats = self.seats.iter().map(|(&old, paid)| (seat(old), paid.clone())).collect();
        self.areas = self.areas.iter().map(|(&old, paid)| (area(old), paid.clone())).collect();
    }

    /// Of which products it is to be from now on; of as many as before, where nothing is said.
    pub(crate) fn reduced(&self, asked: &[Line], quantity: u32) -> Result<Self, Denied> {
        let Some(bill) = self.bill() else {
            return if asked.is_empty() { Ok(self.clone()) } else { Err(at_line(Refusal::NoSuchProduct, 0)) };
        };
        let products = bill.items.iter().map(|item| item.product.clone()).collect::<BTreeSet<_>>();
        let had = bill.lines();
        let wanted: Goods = match (asked, products.len()) {
            ([], 1) => vec![(products.into_iter().next().unwrap(), quantity)],
            ([], _) => return Err(Refusal::LinesUnnamed.into()),
            (lines, _) => lines.iter().map(|line| (Some(Arc::clone(&line.product)), line.quantity)).collect(),
        };
        for (place, line) in asked.iter().enumerate() {
            let before = had.iter().find(|had| had.product == line.product);
            let Some(before) = before else { return Err(at_line(Refusal::NoSuchProduct, place)) };
            if before.quantity < line.quantity {
                return Err(at_line(Refusal::MoreThanBooked, place));
            }
            if line.quantity == 0 || asked[..place].iter().any(|other| other.product == line.product) {
                return Err(Refusal::Malformed.into());
            }
        }
        if wanted.iter().map(|(_, count)| count).sum::<u32>() != quantity {
            return Err(Refusal::Malformed.into());
        }
        let left = |product: &Option<Arc<str>>| {
            wanted.iter().find(|(of, _)| of == product).map_or(0, |(_, count)| *count)
        };
        let mut reduced = self.clone();
        for line in &mut reduced.lines {
            line.quantity = left(&Some(Arc::clone(&line.product)));
        }
        reduced.lines.retain(|line| line.quantity > 0);
        let mut stayed = BTreeMap::<Option<Arc<str>>, u32>::new();
        for places in reduced.areas.values_mut() {
            places.retain(|place| {
                let stayed = stayed.entry(place.product.clone()).or_default();
                *stayed += 1;
                *stayed <= left(&place.product)
            });
        }
        Ok(reduced)
    }
}

impl Booking {
    /// How many places of what it has, or waits for.
    pub(crate) fn goods(&self) -> Goods {
        self.bought.goods(self.quantity)
    }
}

impl Oracle {
    fn tariff(&self) -> Option<&Tariff> {
        self.definition.tariff.as_deref()
    }

    /// What a place of this costs now in a category; none where it is not sold.
    fn price(&self, product: Option<&str>, category: u8) -> Option<u64> {
        let Some(tariff) = self.tariff() else { return Some(0) };
        let place = match product {
            None => None,
            Some(key) => Some(tariff.product(key)?),
        };
        let category = Category(category);
        let of = place.map(|place| &tariff.products[usize::from(place)]);
        let is_sold = of.is_none_or(|of| of.categories.is_none_or(|all| all.contain(category)));
        if !is_sold || self.layout.drawing.categories <= category.0 {
            return None;
        }
        if tariff.prices.is_empty() {
            return Some(0);
        }
        let is_open = |price: &&Price| {
            price.from.is_none_or(|from| from.0 <= self.stamp)
                && price.until.is_none_or(|until| self.stamp < until.0)
        };
        let is_for = |price: &&Price| {
            price.product.is_none_or(|own| Some(own) == place)
                && price.category.is_none_or(|own| own == category)
        };
        tariff.prices.iter().filter(is_open).find(is_for).map(|price| price.amount)
    }

    fn amount(&self, goods: &Goods, category: u8) -> Option<u64> {
        goods.iter().map(|(of, count)| Some(self.price(of.as_deref(), category)? * u64::from(*count))).sum()
    }

    /// How many places of a quota these are.
    fn need(&self, goods: &Goods, quota: usize) -> u32 {
        let tariff = self.tariff().unwrap();
        let counts = |of: &Option<Arc<str>>| {
            let place = of.as_deref().and_then(|key| tariff.product(key));
            place.is_some_and(|place| tariff.quotas[quota].products.contain(place))
        };
        goods.iter().filter(|(of, _)| counts(of)).map(|(_, count)| count).sum()
    }

    fn quotas(&self) -> std::ops::Range<usize> {
        0..self.tariff().map_or(0, |tariff| tariff.quotas.len())
    }

    fn taken(&self, quota: usize) -> u32 {
        let with_places = self.bookings.iter().filter(|booking| booking.status.has_places());
        with_places.map(|booking| self.need(&booking.goods(), quota)).sum()
    }

    fn left(&self, quota: usize) -> u32 {
        self.tariff().unwrap().quotas[quota].size - self.taken(quota)
    }

    pub(crate) fn drawn(&self, goods: &Goods) -> BTreeSet<usize> {
        self.quotas().filter(|&quota| self.need(goods, quota) > 0).collect()
    }

    fn lacking(&self, goods: &Goods) -> BTreeSet<usize> {
        let lacks = |&quota: &usize| self.left(quota) < self.need(goods, quota);
        self.drawn(goods).into_iter().filter(lacks).collect()
    }

    /// The quotas that keep somebody from having this: too little is left, or somebody else is short of it.
    pub(crate) fn refusing(&self, goods: &Goods, short: &BTreeSet<usize>) -> BTreeSet<usize> {
        self.lacking(goods).into_iter().chain(self.drawn(goods).intersection(short).copied()).collect()
    }

    /// Refused for want of these quotas; none where there are none.
    pub(crate) fn exhausted(&self, quotas: &BTreeSet<usize>) -> Result<(), Denied> {
        let Some(tariff) = self.tariff().filter(|_| !quotas.is_empty()) else { return Ok(()) };
        let keys = quotas.iter().map(|&quota| tariff.quotas[quota].key.clone()).collect();
        Err(Denied::Refused(Refusal::QuotaExhausted, Some(Details::Quotas(keys))))
    }

    /// Refused where some quota is too small for this, whoever has anything of it.
    pub(crate) fn may_ever_fit(&self, goods: &Goods) -> Result<(), Denied> {
        let is_small = |&quota: &usize| self.tariff().unwrap().quotas[quota].size < self.need(goods, quota);
        self.exhausted(&self.drawn(goods).into_iter().filter(is_small).collect())
    }

    /// Whether this is sold at any time from now on, and no quota is too small for it.
    pub(crate) fn could_ever_sell(&self, goods: &Goods) -> bool {
        let Some(tariff) = self.tariff() else { return true };
        let is_sold = |of: &Option<Arc<str>>| {
            let place = of.as_deref().map(|key| tariff.product(key));
            let may_open = |price: &Price| {
                price
                    .until
                    .is_none_or(|until| self.stamp < until.0 && price.from.is_none_or(|from| from < until))
            };
            let is_for = |price: &&Price| price.product.is_none() || Some(price.product) == place;
            place != Some(None)
                && (tariff.prices.is_empty() || tariff.prices.iter().filter(is_for).any(may_open))
        };
        self.may_ever_fit(goods).is_ok() && goods.iter().all(|(of, _)| is_sold(of))
    }

    /// The same wish in the categories in which what it is for is sold now.
    pub(crate) fn sold(&self, wish: &Best, goods: &Goods) -> Option<Best> {
        if self.tariff().is_none() {
            return Some(wish.clone());
        }
        let is_sold = |category: &Category| self.amount(goods, category.0).is_some();
        let categories = wish.categories.iter().copied().filter(is_sold).collect::<Vec<_>>();
        let stays = categories.len() == wish.categories.len();
        (stays || !categories.is_empty()).then(|| Best { categories, ..wish.clone() })
    }

    /// The quotas of which those who wait are short that a newcomer must leave.
    pub(crate) fn short_quotas(&self) -> BTreeSet<usize> {
        let waiters = self.waiters().filter(|_| !skips(self.order()));
        waiters.flat_map(|(place, wish)| self.short_quotas_of(place, wish)).collect()
    }

    /// Of which quotas somebody who waits is short: of none, where what it wants is not sold now.
    pub(crate) fn short_quotas_of(&self, place: usize, wish: &Best) -> BTreeSet<usize> {
        let goods = self.bookings[place].goods();
        self.sold(wish, &goods).map(|_| self.lacking(&goods)).unwrap_or_default()
    }

    /// How much of what a request is for, if it says so.
    pub(crate) fn understood(&self, book: &Book, quantity: u32) -> Result<Goods, Denied> {
        let (tariff, basket) = match (self.tariff(), book.basket.as_deref()) {
            (None, None) => return Ok(vec![(None, quantity)]),
            (None, Some(basket)) if basket.lines.is_empty() => return Ok(vec![(None, quantity)]),
            (None, Some(_)) => return Err(Refusal::NoSuchProduct.into()),
            (Some(_), None) => return Err(Denied::AnotherMap),
            (Some(tariff), Some(basket)) => (tariff, basket),
        };
        if basket.lines.is_empty() {
            if !tariff.products.is_empty() {
                return Err(Refusal::LinesWanted.into());
            }
            self.told_apart(book, 1)?;
            return Ok(vec![(None, quantity)]);
        }
        let mut seen = BTreeSet::new();
        for (place, line) in basket.lines.iter().enumerate() {
            if tariff.product(&line.product).is_none() {
                return Err(at_line(Refusal::NoSuchProduct, place));
            }
            if !seen.insert(Arc::clone(&line.product)) || line.quantity == 0 {
                return Err(Refusal::Malformed.into());
            }
        }
        let whole = basket.lines.iter().map(|line| line.quantity).sum::<u32>();
        if whole != quantity {
            return Err(Refusal::Malformed.into());
        }
        self.told_apart(book, basket.lines.len())?;
        Ok(basket.lines.iter().map(|line| (Some(Arc::clone(&line.product)), line.quantity)).collect())
    }

    /// A pick is of seats that there are, and of one category, if it is of several products.
    fn told_apart(&self, book: &Book, products: usize) -> Result<(), Refusal> {
        let Wish::Seats(wish) = &book.wish else { unreachable!("it is for seats") };
        let SeatsAsked::Pick(pick) = &wish.asked else { return Ok(()) };
        let given = self.picked(pick)?;
        let of_seats = given.seats.iter().map(|&seat| self.layout.chairs[seat as usize].category);
        let of_areas = given.areas.keys().map(|&area| self.layout.area(area).unwrap().0);
        let categories = of_seats.chain(of_areas).collect::<BTreeSet<_>>();
        if categories.len() > 1 && products > 1 { Err(Refusal::LinesScattered) } else { Ok(()) }
    }

    /// What a request may come to cost: one amount, or one for each category in which it is sold.
    pub(crate) fn amounts(&self, book: &Book, goods: &Goods) -> Result<Vec<u64>, Refusal> {
        let Wish::Seats(wish) = &book.wish else { unreachable!("it is for seats") };
        if self.tariff().is_none() || book.basket.is_none() {
            return Ok(vec![0]);
        }
        let amounts = match &wish.asked {
            SeatsAsked::Best(best) => {
                best.categories.iter().filter_map(|one| self.amount(goods, one.0)).collect::<Vec<_>>()
            }
            SeatsAsked::Pick(pick) => {
                let given = self.picked(pick)?;
                let bought = self.priced(goods, &given)?;
                vec![bought.amount().unwrap_or(0)]
            }
        };
        if amounts.is_empty() { Err(Refusal::NotOnSale) } else { Ok(amounts) }
    }

    /// What is picked, if each is there once.
    fn picked(&self, pick: &Pick) -> Result<Given, Refusal> {
        let seats = pick.seats.iter().map(|Seat(seat)| *seat).collect::<BTreeSet<_>>();
        let areas = pick.areas.iter().map(|(Area(area), count)| (*area, *count)).collect::<BTreeMap<_, _>>();
        let once = seats.len() == pick.seats.len() && areas.len() == pick.areas.len();
        let there = seats.iter().all(|&seat| (seat as usize) < self.layout.chairs.len())
            && areas.keys().all(|&area| self.layout.area(area).is_some())
            && areas.values().all(|&count| 0 < count);
        if once && there { Ok(Given { seats, areas }) } else { Err(Refusal::Malformed) }
    }

    /// These places, at what they cost now: of the products in the order of the request.
    pub(crate) fn priced(&self, goods: &Goods, given: &Given) -> Result<Bought, Refusal> {
        let category = |seat: u32| self.layout.chairs[seat as usize].category;
        let of_area = |area: u8| self.layout.area(area).unwrap().0;
        let mut products = goods.iter().flat_map(|(of, count)| (0..*count).map(move |_| of.clone()));
        let is_priced = self.tariff().is_some_and(|tariff| !tariff.prices.is_empty());
        let mut paid = |category: u8| {
            let product = products.next().unwrap();
            let price = self.price(product.as_deref(), category).ok_or(Refusal::NotOnSale)?;
            Ok::<_, Refusal>(Paid { product, price: Some(price).filter(|_| is_priced) })
        };
        let mut bought = Bought::default();
        for &seat in &given.seats {
            bought.seats.insert(seat, paid(category(seat))?);
        }
        for (&area, &count) in &given.areas {
            for _ in 0..count {
                let place = paid(of_area(area))?;
                bought.areas.entry(area).or_default().push(place);
            }
        }
        let currency = self.tariff().and_then(|tariff| tariff.currency).filter(|_| is_priced);
        if self.tariff().is_none() {
            return Ok(Bought::default());
        }
        Ok(Bought { currency, ..bought })
    }

    /// What a booking costs once its seats are exchanged like this.
    pub(crate) fn exchanged(&self, booking: &Booking, swap: &Swap) -> Result<Bought, Refusal> {
        let had = given_of(&booking.seating);
        let sold_in = self.tariff().filter(|tariff| !tariff.prices.is_empty());
        let sold_in = sold_in.and_then(|tariff| tariff.currency);
        let mut new = match (booking.bought.bill(), sold_in) {
            (Some(_), _) => booking.bought.clone(),
            (None, None) => return Ok(booking.bought.clone()),
            (None, Some(_)) => {
                let nothing = Paid { product: None, price: None };
                let area = |(&area, &count): (&u8, &u32)| (area, vec![nothing.clone(); count as usize]);
                Bought {
                    seats: had.seats.iter().map(|&seat| (seat, nothing.clone())).collect(),
                    areas: had.areas.iter().map(area).collect(),
                    ..Bought::default()
                }
            }
        };
        let products = new.places().into_iter().map(|place| place.product).collect::<BTreeSet<_>>();
        if products.len() > 1 && swap.add.len() != swap.drop.len() {
            return Err(Refusal::SeatsUneven);
        }
        let numbers = |seats: &[Seat]| seats.iter().map(|&Seat(seat)| seat).collect::<BTreeSet<_>>();
        let (added, dropped) = (numbers(&swap.add), numbers(&swap.drop));
        let left = had.seats.difference(&dropped).count() + added.len() + had.areas.len();
        let is_one_of_each = added.len() == swap.add.len() && dropped.len() == swap.drop.len();
        let are_there = added.iter().all(|&seat| (seat as usize) < self.layout.chairs.len());
        let is_sane = is_one_of_each && are_there && added.is_disjoint(&dropped);
        if !is_sane || !dropped.is_subset(&had.seats) || left == 0 {
            return Err(Refusal::Malformed);
        }
        new.currency = new.currency.or_else(|| sold_in.filter(|_| !added.is_empty()));
        if new.currency.is_some() {
            let all = new.seats.values_mut().chain(new.areas.values_mut().flatten());
            all.for_each(|place| place.price = place.price.or(Some(0)));
        }
        let mut free = dropped.iter().map(|seat| new.seats.remove(seat).unwrap().product).collect::<Vec<_>>();
        free.reverse();
        for seat in added.into_iter().filter(|seat| !had.seats.contains(seat)) {
            let product = free.pop().unwrap_or_else(|| products.first().unwrap().clone());
            let category = self.layout.chairs[seat as usize].category;
            let price = match (new.currency, self.tariff()) {
                (None, _) => None,
                (Some(_), None) => Some(0),
                (Some(_), Some(tariff)) if tariff.prices.is_empty() => Some(0),
                (Some(own), Some(tariff)) => {
                    let price = self.price(product.as_deref(), category);
                    Some(price.filter(|_| tariff.currency == Some(own)).ok_or(Refusal::NotOnSale)?)
                }
            };
            new.seats.insert(seat, Paid { product, price });
        }
        Ok(new)
    }

    /// How much more a booking is of that grows by so many seats, all of one product.
    pub(crate) fn more_of(booking: &Booking, grown: u32) -> Goods {
        let goods = booking.goods();
        match &goods[..] {
            [(only, _)] if grown > 0 && booking.bought.bill().is_some() => vec![(only.clone(), grown)],
            _ => vec![],
        }
    }

    /// What every product costs in every category, and a place of none.
    pub(crate) fn price_table(&self) -> Vec<Option<u64>> {
        let products = self.tariff().into_iter().flat_map(|tariff| &tariff.products);
        let keys = products.map(|product| Some(&*product.key)).chain([None]);
        let categories = self.layout.drawing.categories;
        keys.flat_map(|key| (0..categories).map(move |category| self.price(key, category))).collect()
    }

    /// What is shown of what is sold, with what all of it leaves to a newcomer.
    pub(crate) fn goods_view(&self, bookable: u32) -> Option<GoodsView> {
        self.tariff()?;
        Some(GoodsView { bookable, taken: self.quotas().map(|quota| u64::from(self.taken(quota))).collect() })
    }

    /// The most of one product that prices and quotas leave to a newcomer in a category.
    pub(crate) fn most_sold(&self, category: u8) -> u32 {
        let Some(tariff) = self.tariff() else { return u32::MAX };
        let short = self.short_quotas();
        let mut products =
            tariff.products.iter().map(|product| Some(Arc::clone(&product.key))).collect::<Vec<_>>();
        if products.is_empty() {
            products.push(None);
        }
        let most = products.into_iter().filter_map(|product| {
            self.price(product.as_deref(), category)?;
            let drawn = self.drawn(&vec![(product, 1)]);
            let left = drawn.iter().map(|quota| if short.contains(quota) { 0 } else { self.left(*quota) });
            Some(left.min().unwrap_or(u32::MAX))
        });
        most.max().unwrap_or(0)
    }

    /// When something costs something else by time alone.
    pub(crate) fn reprices(&self) -> Option<u64> {
        let ends = self.tariff()?.prices.iter().flat_map(|price| [price.from, price.until]).flatten();
        ends.map(|end| end.0).filter(|&end| self.stamp < end).min()
    }

    /// Whether two who wait draw on some of the same.
    pub(crate) fn share(&self, one: (&Best, &Goods), other: (&Best, &Goods)) -> bool {
        let in_house = |wish: &Best| -> BTreeSet<(u8, Pool)> { Judge::draws_on(wish) };
        !in_house(one.0).is_disjoint(&in_house(other.0))
            || !self.drawn(one.1).is_disjoint(&self.drawn(other.1))
    }

    /// Whether so much of each quota is had that a tariff like this can be.
    pub(crate) fn fits(&self, tariff: Option<&Tariff>) -> bool {
        let Some(tariff) = tariff else { return true };
        let taken = |products: booking::Products| {
            let with_places = self.bookings.iter().filter(|booking| booking.status.has_places());
            let goods = with_places.flat_map(Booking::goods);
            let is_of = |of: &Option<Arc<str>>| {
                of.as_deref().and_then(|key| tariff.product(key)).is_some_and(|place| products.contain(place))
            };
            goods.filter(|(of, _)| is_of(of)).map(|(_, count)| count).sum::<u32>()
        };
        tariff.quotas.iter().all(|quota| taken(quota.products) <= quota.size)
    }

    /// What is to be paid first for what is bought by one like this.
    pub(crate) fn owed(bought: &Bought, basket: Option<&Basket>) -> u64 {
        match basket.map(|basket| basket.by) {
            Some(Asker::Organizer) | None => 0,
            Some(Asker::Customer) => bought.amount().unwrap_or(0),
        }
    }

    /// Prices a booking that has its places by now.
    pub(crate) fn charge(&mut self, place: usize) -> Result<(), Refusal> {
        let booking = &self.bookings[place];
        let (goods, given) = (booking.goods(), given_of(&booking.seating));
        let lines = booking.bought.lines.clone();
        let bought = self.priced(&goods, &given)?;
        self.bookings[place].bought = Bought { lines, ..bought };
        Ok(())
    }
}

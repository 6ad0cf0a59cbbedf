//! What a slot sells beside places: products, of some of which there are only so many, and what they cost at the slot's stamp.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::limits::QUOTAS_MAX;
use crate::slot::shown::outcome::Refused;
use crate::{Bill, Category, Currency, Details, Item, Line, Price, Quota, Refusal, Tariff, Timestamp};

/// What a slot sells, how much of it is taken, and what it costs now.
pub(crate) struct Shop {
    tariff: Arc<Tariff>,
    /// Where each product is in the tariff, by its key.
    places: BTreeMap<Arc<str>, u8>,
    /// Of each product the quotas on which it draws.
    draws: Box<[QuotaSet]>,
    /// Of each quota how many places are taken.
    taken: Vec<u64>,
    prices: Prices,
}

/// What places are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Good {
    /// Of no product in particular: they were asked for where there was none.
    Any,
    /// Of this product, by its place in the tariff.
    Product(u8),
    /// Of a product that is sold no longer.
    Gone,
}

/// How many places of what: of each product once. Nothing where nothing in particular is sold.
pub(crate) type Cart = Box<[(Good, u32)]>;

/// Quotas, by their places in the tariff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct QuotaSet(u64);

/// What a place costs, of each product and of none in particular, in each category.
#[derive(PartialEq, Eq)]
struct Prices {
    /// How many categories there are; none where places have no category.
    categories: u8,
    /// When some price begins or ends next.
    until: Option<Timestamp>,
    /// Product by product, behind them none in particular, each category by category; none for what is not sold.
    table: Vec<Option<u64>>,
    /// Of each product, and behind them of none in particular, whether it is sold now or will be, in some category.
    lasting: Vec<bool>,
}

impl QuotaSet {
    /// None of them.
    pub(crate) const NONE: Self = Self(0);

    /// Adds others.
    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether there are none.
    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Those that are in both.
    pub(crate) const fn among(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn of(quotas: impl Iterator<Item = usize>) -> Self {
        Self(quotas.fold(0, |set, quota| set | 1 << quota))
    }

    /// Each of them, in order.
    fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let next = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(next)
        })
    }
}

impl Shop {
    /// Everything that is sold in so many categories, with no one, at this moment.
    pub(crate) fn new(tariff: Arc<Tariff>, categories: u8, at: Timestamp) -> Self {
        let prices = Prices::at(&tariff, categories, at);
        let quotas_of = |product| {
            let quotas = tariff.quotas.iter().enumerate();
            QuotaSet::of(quotas.filter(|(_, quota)| quota.products.contain(product)).map(|(place, _)| place))
        };
        let places = tariff.products.iter().map(|product| Arc::clone(&product.key)).zip(0..);
        Self {
            places: places.collect(),
            draws: (0..).zip(&tariff.products).map(|(product, _)| quotas_of(product)).collect(),
            taken: alloc::vec![0; tariff.quotas.len()],
            prices,
            tariff,
        }
    }

    /// Goes on at this moment. Whether anything costs something else than before.
    pub(crate) fn set_time(&mut self, at: Timestamp) -> bool {
        if self.prices.until.is_none_or(|until| at < until) {
            return false;
        }
        let now = Prices::at(&self.tariff, self.prices.categories, at);
        let before = core::mem::replace(&mut self.prices, now);
        before.table != self.prices.table
    }

    /// When something costs something else next.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.prices.until
    }

    /// How much of what somebody asks for.
    pub(crate) fn cart_of(&self, lines: &[Line], quantity: u32) -> Result<Cart, Refused> {
        match (self.tariff.products.is_empty(), lines.is_empty()) {
            (true, true) => return Ok([(Good::Any, quantity)].into()),
            (false, true) => return Err(Refusal::LinesWanted.into()),
            (_, false) => {}
        }
        let mut cart = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            let good = match self.good(Some(&line.product)) {
                Good::Any | Good::Gone => return Err(Refused::of_line(Refusal::NoSuchProduct, place)),
                good @ Good::Product(_) => good,
            };
            if line.quantity == 0 || cart.iter().any(|(other, _)| *other == good) {
                return Err(Refusal::Malformed.into());
            }
            cart.push((good, line.quantity));
        }
        let whole = lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>();
        if whole == u64::from(quantity) { Ok(cart.into()) } else { Err(Refusal::Malformed.into()) }
    }

    /// How much of what a booking has, or waits for.
    pub(crate) fn cart(&self, bill: Option<&Bill>, quantity: u32) -> Cart {
        let Some(bill) = bill else { return [(Good::Any, quantity)].into() };
        let mut cart = Vec::<(Good, u32)>::new();
        for (good, quantity) in self.goods(bill) {
            match cart.iter_mut().find(|(other, _)| *other == good) {
                Some((_, places)) => *places += quantity,
                None => cart.push((good, quantity)),
            }
        }
        cart.into()
    }

    /// What the places of a booking are of, in their order.
    pub(crate) fn itemized(&self, bill: Option<&Bill>, quantity: u32) -> Cart {
        bill.map_or_else(|| [(Good::Any, quantity)].into(), |bill| self.goods(bill).collect())
    }

    /// What places with this product's key are of.
    pub(crate) fn good(&self, key: Option<&str>) -> Good {
        key.map_or(Good::Any, |key| self.places.get(key).map_or(Good::Gone, |&place| Good::Product(place)))
    }

    /// What the items of a bill are of. Most name products in the order of the tariff, so each is looked for behind the one before
    /// first: whoever counts tens of thousands of bills has little to look up.
    fn goods<'all>(&'all self, bill: &'all Bill) -> impl Iterator<Item = (Good, u32)> + 'all {
        let mut next = 0;
        bill.items.iter().map(move |item| {
            let key = item.product.as_deref();
            let expected = self.tariff.products.get(usize::from(next));
            let good = if expected.is_some_and(|product| key == Some(&*product.key)) {
                Good::Product(next)
            } else {
                self.good(key)
            };
            if let Good::Product(place) = good {
                next = place.saturating_add(1);
            }
            (good, item.quantity)
        })
    }

    /// What one place costs now; none where it is not sold.
    pub(crate) fn price(&self, good: Good, category: Option<Category>) -> Option<u64> {
        self.prices.of(self.row(good)?, category)
    }

    /// What all of this costs now in a category; none where some of it is not sold.
    pub(crate) fn amount(&self, cart: &Cart, category: Option<Category>) -> Option<u64> {
        let each = cart.iter().map(|&(good, quantity)| {
            self.price(good, category).map(|price| price.saturating_mul(u64::from(quantity)))
        });
        each.sum()
    }

    /// What these places cost now, each with its category; none where some of them are not sold.
    pub(crate) fn bill(
        &self,
        places: impl IntoIterator<Item = (Good, u32, Option<Category>)>,
    ) -> Option<Bill> {
        let place = |(good, quantity, category)| {
            let price = self.price(good, category)?;
            let price = self.is_priced().then_some(price);
            Some(Item { product: self.key(good), quantity, price })
        };
        let items = places.into_iter().map(place).collect::<Option<Vec<_>>>()?;
        Some(Bill::of(items, self.currency()))
    }

    /// Of what amounts are, if anything costs something.
    pub(crate) fn currency(&self) -> Option<Currency> {
        self.tariff.currency.filter(|_| self.is_priced())
    }

    /// What somebody waits for, of which nothing costs anything yet.
    pub(crate) fn unpriced(&self, cart: &Cart) -> Bill {
        let item = |&(good, quantity): &(Good, u32)| Item { product: self.key(good), quantity, price: None };
        Bill::of(cart.iter().map(item), None)
    }

    /// The quotas that keep this from being had now: of which fewer are left, or of which somebody else is short.
    pub(crate) fn refusing(&self, cart: &Cart, short: QuotaSet) -> QuotaSet {
        let (needs, drawn) = (self.needs(cart), self.drawn(cart));
        let refuses = |&quota: &usize| self.left(quota) < needs[quota] || short.0 >> quota & 1 == 1;
        QuotaSet::of(drawn.iter().filter(refuses))
    }

    /// The quotas on which this draws.
    pub(crate) fn drawn(&self, cart: &Cart) -> QuotaSet {
        let mut drawn = QuotaSet::NONE;
        cart.iter().for_each(|&(good, _)| drawn.add(self.draws(good)));
        drawn
    }

    /// The quotas that are too small for this, whoever has anything.
    pub(crate) fn too_small(&self, cart: &Cart) -> QuotaSet {
        let (needs, drawn) = (self.needs(cart), self.drawn(cart));
        let is_too_small = |&quota: &usize| u64::from(self.tariff.quotas[quota].size) < needs[quota];
        QuotaSet::of(drawn.iter().filter(is_too_small))
    }

    /// Whether this could ever be had from now on, places aside.
    pub(crate) fn could_ever_have(&self, cart: &Cart) -> bool {
        let is_sold = |good| self.row(good).is_some_and(|row| self.prices.lasting[row]);
        cart.iter().all(|&(good, _)| is_sold(good)) && self.too_small(cart).is_none()
    }

    /// Why somebody is refused whom these quotas keep from having something.
    pub(crate) fn exhausted(&self, quotas: QuotaSet) -> Refused {
        let all = (0..).zip(&self.tariff.quotas).filter(|(quota, _)| quotas.0 >> quota & 1 == 1);
        let keys = all.map(|(_, quota)| quota.key.clone()).collect();
        Refused::because(Refusal::QuotaExhausted, Details::Quotas(keys))
    }

    /// Takes this, of which so much is left.
    pub(crate) fn take(&mut self, cart: &Cart) {
        let needs = self.needs(cart);
        for quota in self.drawn(cart).iter() {
            assert!(needs[quota] <= self.left(quota), "what is taken of a quota was left");
            self.taken[quota] += needs[quota];
        }
    }

    /// Takes what all of these are of, and nothing else.
    pub(crate) fn take_all<'all>(&mut self, bills: impl Iterator<Item = &'all Bill>) {
        self.taken = self.counted(bills);
        assert!(self.overdrawn_by(&self.taken).is_none(), "what is taken of a quota was left");
    }

    /// Undoes [`Shop::take`].
    pub(crate) fn give_back(&mut self, cart: &Cart) {
        let needs = self.needs(cart);
        for quota in self.drawn(cart).iter() {
            let taken = self.taken[quota].checked_sub(needs[quota]);
            self.taken[quota] = taken.expect("what is given back of a quota was taken");
        }
    }

    /// The quotas that are smaller than what these are of.
    pub(crate) fn overdrawn<'all>(&self, bills: impl Iterator<Item = &'all Bill>) -> QuotaSet {
        self.overdrawn_by(&self.counted(bills))
    }

    fn overdrawn_by(&self, taken: &[u64]) -> QuotaSet {
        let is_too_small = |(quota, taken): (&Quota, &u64)| u64::from(quota.size) < *taken;
        let each = self.tariff.quotas.iter().zip(taken).map(is_too_small);
        QuotaSet::of(each.enumerate().filter(|&(_, is_too_small)| is_too_small).map(|(quota, _)| quota))
    }

    /// Whether these have what is taken, counted anew, and everything costs what it does at this moment.
    pub(crate) fn adds_up<'all>(
        &self,
        tariff: &Tariff,
        bills: impl Iterator<Item = &'all Bill>,
        at: Timestamp,
    ) -> bool {
        *self.tariff == *tariff
            && self.taken == self.counted(bills)
            && self.prices == Prices::at(&self.tariff, self.prices.categories, at)
    }

    /// How many places of each quota are taken.
    pub(crate) fn taken(&self) -> &[u64] {
        &self.taken
    }

    /// The most of each product that quotas and those who wait leave to a newcomer; of none in particular, where there are none.
    pub(crate) fn left_of_each(&self, short: QuotaSet) -> Vec<(Good, u32)> {
        if self.tariff.products.is_empty() {
            return alloc::vec![(Good::Any, u32::MAX)];
        }
        let left = |draws: &QuotaSet| {
            let left = draws.iter().map(|quota| self.left(quota)).min().unwrap_or(u64::MAX);
            let is_waited_for = !draws.among(short).is_none();
            if is_waited_for { 0 } else { u32::try_from(left).unwrap_or(u32::MAX) }
        };
        (0..).map(Good::Product).zip(self.draws.iter().map(left)).collect()
    }

    /// The most of one product that is sold in a category, where so much is left of each.
    pub(crate) fn most(&self, category: Option<Category>, left_of_each: &[(Good, u32)]) -> u32 {
        let sold = left_of_each.iter().filter(|&&(good, _)| self.price(good, category).is_some());
        sold.map(|&(_, left)| left).max().unwrap_or(0)
    }

    /// The most of one product that so many free units leave to a newcomer, where these are waited for.
    pub(crate) fn most_of(&self, units: u32, short: QuotaSet) -> u32 {
        units.min(self.most(None, &self.left_of_each(short)))
    }

    /// Whether anything costs something.
    fn is_priced(&self) -> bool {
        !self.tariff.prices.is_empty()
    }

    /// How many places of a quota are left.
    fn left(&self, quota: usize) -> u64 {
        u64::from(self.tariff.quotas[quota].size).saturating_sub(self.taken[quota])
    }

    /// The quotas on which places of this draw.
    fn draws(&self, good: Good) -> QuotaSet {
        match good {
            Good::Product(product) => self.draws[usize::from(product)],
            Good::Any | Good::Gone => QuotaSet::NONE,
        }
    }

    /// Of each quota how many places this needs: the sum of its lines.
    fn needs(&self, cart: &Cart) -> [u64; QUOTAS_MAX] {
        let mut needs = [0; QUOTAS_MAX];
        for &(good, quantity) in cart {
            self.draws(good).iter().for_each(|quota| needs[quota] += u64::from(quantity));
        }
        needs
    }

    /// How many places of each quota these have. Products are counted first, and quotas once.
    fn counted<'all>(&self, bills: impl Iterator<Item = &'all Bill>) -> Vec<u64> {
        let mut of_each = alloc::vec![0_u64; self.tariff.products.len()];
        for (good, quantity) in bills.flat_map(|bill| self.goods(bill)) {
            if let Good::Product(product) = good {
                of_each[usize::from(product)] += u64::from(quantity);
            }
        }
        let of = |quota: &Quota| {
            let own = (0..).zip(&of_each).filter(|(product, _)| quota.products.contain(*product));
            own.map(|(_, quantity)| quantity).sum()
        };
        self.tariff.quotas.iter().map(of).collect()
    }

    /// Where it is told what places of this cost, if they are of anything that is sold.
    fn row(&self, good: Good) -> Option<usize> {
        match good {
            Good::Any => Some(self.tariff.products.len()),
            Good::Product(product) => Some(usize::from(product)),
            Good::Gone => None,
        }
    }

    /// The key of a product that is sold.
    fn key(&self, good: Good) -> Option<Arc<str>> {
        match good {
            Good::Product(product) => Some(Arc::clone(&self.tariff.products[usize::from(product)].key)),
            Good::Any | Good::Gone => None,
        }
    }
}

impl Prices {
    /// What everything costs at a moment.
    fn at(tariff: &Tariff, categories: u8, at: Timestamp) -> Self {
        let open = tariff.prices.iter().filter(|price| price.is_open(at)).collect::<Vec<_>>();
        let price = |product: Option<u8>, category: Option<Category>| {
            if tariff.prices.is_empty() {
                return Some(0);
            }
            open.iter().find(|price| price.is_for(product, category)).map(|price| price.amount)
        };
        let columns = if categories == 0 {
            alloc::vec![None]
        } else {
            (0..categories).map(|number| Some(Category(number))).collect::<Vec<_>>()
        };
        let mut table = Vec::new();
        for (place, product) in (0..).zip(&tariff.products) {
            let is_sold = |category: Option<Category>| {
                product.categories.is_none_or(|all| category.is_some_and(|one| all.contain(one)))
            };
            table.extend(
                columns.iter().map(|&category| price(Some(place), category).filter(|_| is_sold(category))),
            );
        }
        table.extend(columns.iter().map(|&category| price(None, category)));
        let ends = tariff.prices.iter().flat_map(|price| [price.from, price.until]).flatten();
        let lasting = tariff.prices.iter().filter(|price| price.opens_after(at)).collect::<Vec<_>>();
        let is_lasting = |product: Option<u8>| {
            let is_for = |price: &&Price| price.product.is_none() || price.product == product;
            tariff.prices.is_empty() || lasting.iter().copied().any(|price| is_for(&price))
        };
        let goods = (0..).zip(&tariff.products).map(|(place, _)| Some(place)).chain([None]);
        let lasting = goods.map(is_lasting).collect();
        Self { categories, until: ends.filter(|&end| at < end).min(), table, lasting }
    }

    /// What places cost of which it is told in this row, in a category; none where they are not sold.
    fn of(&self, row: usize, category: Option<Category>) -> Option<u64> {
        let column = usize::from(category.map_or(0, |category| category.0));
        let columns = usize::from(self.categories).max(1);
        if column < columns { self.table.get(row * columns + column).copied().flatten() } else { None }
    }
}

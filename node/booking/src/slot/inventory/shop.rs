//! What a slot sells beside places: products, of some of which there are only so many, and what they cost at the slot's stamp.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::slot::shown::outcome::Refused;
use crate::{Bill, Category, Currency, Details, Item, Line, Refusal, Tariff, Timestamp};

/// What a slot sells, how much of it is taken, and what it costs now.
pub(crate) struct Shop {
    tariff: Arc<Tariff>,
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
struct Prices {
    /// How many categories there are; none where places have no category.
    categories: u8,
    /// When some price begins or ends next.
    until: Option<Timestamp>,
    /// Product by product, behind them none in particular, each category by category; none for what is not sold.
    table: Vec<Option<u64>>,
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
}

impl Shop {
    /// Everything that is sold in so many categories, with no one, at this moment.
    pub(crate) fn new(tariff: Arc<Tariff>, categories: u8, at: Timestamp) -> Self {
        let prices = Prices::at(&tariff, categories, at);
        Self { taken: alloc::vec![0; tariff.quotas.len()], prices, tariff }
    }

    /// Goes on at this moment. Whether anything costs something else than before.
    pub(crate) fn set_time(&mut self, at: Timestamp) -> bool {
        let is_over = self.prices.until.is_some_and(|until| until <= at);
        if is_over {
            self.prices = Prices::at(&self.tariff, self.prices.categories, at);
        }
        is_over
    }

    /// When something costs something else next.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.prices.until
    }

    /// How much of what somebody asks for.
    pub(crate) fn cart_of(&self, lines: &[Line], quantity: u32) -> Result<Cart, Refusal> {
        match (self.tariff.products.is_empty(), lines.is_empty()) {
            (true, true) => return Ok([(Good::Any, quantity)].into()),
            (false, true) => return Err(Refusal::LinesWanted),
            (_, false) => {}
        }
        let mut cart = Vec::new();
        for line in lines {
            let product = self.tariff.product(&line.product).ok_or(Refusal::NoSuchProduct)?;
            let is_twice = cart.iter().any(|(good, _)| *good == Good::Product(product));
            if is_twice || line.quantity == 0 {
                return Err(Refusal::Malformed);
            }
            cart.push((Good::Product(product), line.quantity));
        }
        let whole = lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>();
        if whole == u64::from(quantity) { Ok(cart.into()) } else { Err(Refusal::Malformed) }
    }

    /// How much of what a booking has, or waits for.
    pub(crate) fn cart(&self, bill: Option<&Bill>, quantity: u32) -> Cart {
        let lines = bill.map(Bill::lines).unwrap_or_default();
        if lines.is_empty() {
            return [(Good::Any, quantity)].into();
        }
        let good = |line: Line| (self.good(Some(&line.product)), line.quantity);
        lines.into_iter().map(good).collect()
    }

    /// What places with this product's key are of.
    pub(crate) fn good(&self, key: Option<&str>) -> Good {
        key.map_or(Good::Any, |key| self.tariff.product(key).map_or(Good::Gone, Good::Product))
    }

    /// What one place costs now; none where it is not sold.
    pub(crate) fn price(&self, good: Good, category: Option<Category>) -> Option<u64> {
        self.prices.of(&self.tariff, good, category)
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
        let refuses = |&(quota, need): &(usize, u64)| self.left(quota) < need || short.0 >> quota & 1 == 1;
        QuotaSet::of(self.needs(cart).filter(refuses).map(|(quota, _)| quota))
    }

    /// The quotas on which this draws.
    pub(crate) fn drawn(&self, cart: &Cart) -> QuotaSet {
        QuotaSet::of(self.needs(cart).map(|(quota, _)| quota))
    }

    /// The quotas that are too small for this, whoever has anything.
    pub(crate) fn too_small(&self, cart: &Cart) -> QuotaSet {
        let is_too_small = |&(quota, need): &(usize, u64)| u64::from(self.tariff.quotas[quota].size) < need;
        QuotaSet::of(self.needs(cart).filter(is_too_small).map(|(quota, _)| quota))
    }

    /// Whether this could ever be had from this moment on, places aside.
    pub(crate) fn could_ever_have(&self, cart: &Cart, at: Timestamp) -> bool {
        let Tariff { prices, .. } = &*self.tariff;
        let is_sold = |good: Good| {
            let product = match good {
                Good::Any => None,
                Good::Product(product) => Some(product),
                Good::Gone => return false,
            };
            let is_for = |price: &&crate::Price| price.product.is_none() || price.product == product;
            prices.is_empty() || prices.iter().filter(is_for).any(|price| price.opens_after(at))
        };
        self.too_small(cart).is_none() && cart.iter().all(|&(good, _)| is_sold(good))
    }

    /// Why somebody is refused whom these quotas keep from having something.
    pub(crate) fn exhausted(&self, quotas: QuotaSet) -> Refused {
        let all = (0..).zip(&self.tariff.quotas).filter(|(quota, _)| quotas.0 >> quota & 1 == 1);
        let keys = all.map(|(_, quota)| quota.key.clone()).collect();
        Refused::because(Refusal::QuotaExhausted, Details::Quotas(keys))
    }

    /// Takes this, of which so much is left.
    pub(crate) fn take(&mut self, cart: &Cart) {
        for (quota, need) in self.needs(cart).collect::<Vec<_>>() {
            assert!(need <= self.left(quota), "what is taken of a quota was left");
            self.taken[quota] += need;
        }
    }

    /// Undoes [`Shop::take`].
    pub(crate) fn give_back(&mut self, cart: &Cart) {
        for (quota, need) in self.needs(cart).collect::<Vec<_>>() {
            let taken = self.taken[quota].checked_sub(need);
            self.taken[quota] = taken.expect("what is given back of a quota was taken");
        }
    }

    /// The quotas that are smaller than what these have of them.
    pub(crate) fn overdrawn<'all>(&self, carts: impl Iterator<Item = &'all Cart>) -> QuotaSet {
        let taken = self.counted(carts);
        let too_small = (0..).zip(&self.tariff.quotas).zip(&taken);
        QuotaSet::of(
            too_small
                .filter(|((_, quota), taken)| u64::from(quota.size) < **taken)
                .map(|((quota, _), _)| quota),
        )
    }

    /// Whether these have what is taken, counted anew, and everything costs what it does at this moment.
    pub(crate) fn adds_up<'all>(
        &self,
        tariff: &Tariff,
        carts: impl Iterator<Item = &'all Cart>,
        at: Timestamp,
    ) -> bool {
        let prices = Prices::at(&self.tariff, self.prices.categories, at);
        *self.tariff == *tariff
            && self.taken == self.counted(carts)
            && self.prices.table == prices.table
            && self.prices.until == prices.until
    }

    /// How many places of each quota are taken.
    pub(crate) fn taken(&self) -> &[u64] {
        &self.taken
    }

    /// The most of one product that quotas, prices and those who wait leave to a newcomer, in a category.
    pub(crate) fn most(&self, category: Option<Category>, short: QuotaSet) -> u32 {
        let goods = match u8::try_from(self.tariff.products.len()) {
            Ok(0) | Err(_) => alloc::vec![Good::Any],
            Ok(products) => (0..products).map(Good::Product).collect(),
        };
        let of = |good: Good| {
            self.price(good, category)?;
            let one: Cart = [(good, 1)].into();
            let left = self.needs(&one).map(|(quota, _)| self.left(quota)).min().unwrap_or(u64::MAX);
            let is_waited_for = !self.drawn(&one).among(short).is_none();
            Some(if is_waited_for { 0 } else { u32::try_from(left).unwrap_or(u32::MAX) })
        };
        goods.into_iter().filter_map(of).max().unwrap_or(0)
    }

    /// The most of one product that so many free units leave to a newcomer where nobody waits.
    pub(crate) fn most_of(&self, units: u32) -> u32 {
        units.min(self.most(None, QuotaSet::NONE))
    }

    /// Whether anything costs something.
    fn is_priced(&self) -> bool {
        !self.tariff.prices.is_empty()
    }

    /// How many places of a quota are left.
    fn left(&self, quota: usize) -> u64 {
        u64::from(self.tariff.quotas[quota].size).saturating_sub(self.taken[quota])
    }

    /// Of each quota on which this draws how many places it needs: the sum of its lines.
    fn needs<'all>(&'all self, cart: &'all Cart) -> impl Iterator<Item = (usize, u64)> + 'all {
        let need = move |products: crate::Products| {
            let lines = cart.iter().filter(move |(good, _)| match good {
                Good::Product(product) => products.contain(*product),
                Good::Any | Good::Gone => false,
            });
            lines.map(|&(_, quantity)| u64::from(quantity)).sum::<u64>()
        };
        let each = self.tariff.quotas.iter().enumerate();
        each.map(move |(place, quota)| (place, need(quota.products))).filter(|&(_, need)| 0 < need)
    }

    /// How many places of each quota these have.
    fn counted<'all>(&self, carts: impl Iterator<Item = &'all Cart>) -> Vec<u64> {
        let mut taken = alloc::vec![0; self.tariff.quotas.len()];
        for cart in carts {
            for (quota, need) in self.needs(cart) {
                taken[quota] += need;
            }
        }
        taken
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
        Self { categories, until: ends.filter(|&end| at < end).min(), table }
    }

    fn of(&self, tariff: &Tariff, good: Good, category: Option<Category>) -> Option<u64> {
        let row = match good {
            Good::Any => tariff.products.len(),
            Good::Product(product) => usize::from(product),
            Good::Gone => return None,
        };
        let column = usize::from(category.map_or(0, |category| category.0));
        let columns = usize::from(self.categories).max(1);
        if column < columns { self.table.get(row * columns + column).copied().flatten() } else { None }
    }
}

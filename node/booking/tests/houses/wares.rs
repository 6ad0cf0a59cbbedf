//! What houses of the workload sell their places as, at random, and what is asked of that.

use std::sync::Arc;

use booking::{
    Basket, Book, Categories, Category, Content, Currency, Line, PriceAsked, Product, QuotaAsked, SeatsAsked,
    SlotChange, Tariff, TariffChange, Timestamp, Together, Wish,
};

use crate::oracle::{Booking, Oracle};
use crate::random::Random;

const KEYS: [&str; 3] = ["adult", "child", "vip"];

/// Everything anew, of a house with so many categories by this map.
pub(crate) fn tariff(random: &mut Random, (map, categories): (Content, u8), now: u64) -> TariffChange {
    let count = 1 + random.small(3) as usize;
    let product = |key: &&str, random: &mut Random| {
        let some = random
            .maybe(25, |random| Categories::of((0..categories).filter(|_| random.percent(70)).map(Category)));
        Product { key: (*key).into(), title: (*key).into(), categories: some }
    };
    let products = KEYS[..count].iter().map(|key| product(key, random)).collect::<Vec<_>>();
    let products = if random.percent(10) { vec![] } else { products };
    let keys = products.iter().map(|product| Arc::clone(&product.key)).collect::<Vec<_>>();
    let currency = if random.percent(95) { *b"EUR" } else { *b"USD" };
    TariffChange {
        map: Some(map),
        quotas: Some(quotas(random, &keys)),
        prices: Some(prices(random, &keys, categories, now)),
        products: Some(products),
        currency: Some(Some(Currency(currency))),
    }
}

fn quotas(random: &mut Random, keys: &[Arc<str>]) -> Vec<QuotaAsked> {
    let count = random.small(3);
    let quota = |number: u32| {
        let products = keys.iter().filter(|_| random.percent(60)).cloned().collect();
        QuotaAsked { key: format!("quota {number}").into(), size: random.small(9), products }
    };
    (0..count).map(quota).collect()
}

fn prices(random: &mut Random, keys: &[Arc<str>], categories: u8, now: u64) -> Vec<PriceAsked> {
    let count = random.small(4);
    let price = |random: &mut Random| {
        let product = random
            .maybe(60, |_| ())
            .and_then(|()| (!keys.is_empty()).then(|| Arc::clone(random.one_of(keys))));
        let category =
            random.maybe(40, |random| Category(u8::try_from(random.below(u64::from(categories))).unwrap()));
        let amount = u64::from(random.small(4)) * 100;
        let from = random.maybe(20, |random| now + random.below(10_000));
        let until = random.maybe(30, |random| from.unwrap_or(now) + 1 + random.below(15_000));
        PriceAsked { product, category, amount, from: from.map(Timestamp), until: until.map(Timestamp) }
    };
    let mut prices = (0..count).map(|_| price(random)).collect::<Vec<_>>();
    if !prices.is_empty() && random.percent(80) {
        let amount = u64::from(random.small(5)) * 100;
        prices.push(PriceAsked { product: None, category: None, amount, from: None, until: None });
    }
    prices
}

/// Quotas or prices otherwise, or everything.
pub(crate) fn change(random: &mut Random, oracle: &Oracle) -> SlotChange {
    let of = (oracle.map(), oracle.layout.drawing.categories);
    let all = tariff(random, of, oracle.stamp);
    let keys =
        |tariff: &Tariff| tariff.products.iter().map(|product| Arc::clone(&product.key)).collect::<Vec<_>>();
    let change = match (&oracle.definition.tariff, random.below(10)) {
        (Some(tariff), 0..4) => TariffChange {
            map: Some(of.0),
            quotas: Some(quotas(random, &keys(tariff))),
            ..TariffChange::default()
        },
        (Some(tariff), 4..7) => TariffChange {
            map: Some(of.0),
            prices: Some(prices(random, &keys(tariff), of.1, oracle.stamp)),
            currency: Some(Some(Currency(*b"EUR"))),
            ..TariffChange::default()
        },
        (_, _) => all,
    };
    SlotChange { tariff: Some(Box::new(change)), ..SlotChange::default() }
}

/// As what places are asked for, and what they are expected to cost: mostly as they are sold.
pub(crate) fn basket(random: &mut Random, oracle: &Oracle, asked: &Book) -> Option<Box<Basket>> {
    let Wish::Seats(wish) = &asked.wish else { return None };
    let by = wish.by;
    let Some(tariff) = oracle.definition.tariff.as_deref().filter(|_| random.percent(98)) else {
        let expect_amount = Some(u64::from(random.percent(50)));
        return random.maybe(5, |_| Basket { lines: vec![], expect_amount, by }.into());
    };
    let quantity = match &wish.asked {
        SeatsAsked::Best(best) => best.quantity,
        SeatsAsked::Pick(pick) => {
            let in_areas = pick.areas.iter().map(|(_, places)| places).sum::<u32>();
            u32::try_from(pick.seats.len()).unwrap() + in_areas
        }
    };
    let mut lines: Vec<Line> = vec![];
    let only = random.percent(60);
    let first = random.small(3) as usize;
    for _ in 0..quantity.min(50) {
        let place = if only { first } else { random.small(3) as usize };
        let key: Arc<str> = match tariff.products.get(place % tariff.products.len().max(1)) {
            Some(product) => Arc::clone(&product.key),
            None => break,
        };
        match lines.iter_mut().find(|line| line.product == key) {
            Some(line) => line.quantity += 1,
            None => lines.push(Line { product: key, quantity: 1 }),
        }
    }
    match random.below(100) {
        0..2 => lines.clear(),
        2..4 => lines.push(Line { product: "ghost".into(), quantity: 1 }),
        4 => lines.extend(lines.first().cloned()),
        _ => {}
    }
    let basket = |lines, expect_amount| Box::new(Basket { lines, expect_amount, by });
    let plain = Book { basket: Some(basket(lines.clone(), None)), ..asked.clone() };
    // Which seats are found in parts, or with wheelchairs, is only known where they are given: then it costs the same everywhere.
    let is_plain = match &wish.asked {
        SeatsAsked::Best(best) => best.together == Together::Must && best.accessible == 0,
        SeatsAsked::Pick(_) => true,
    };
    let expected = random.maybe(20, |random| {
        let goods = oracle.understood(&plain, quantity).ok();
        let amounts = goods.and_then(|goods| oracle.amounts(&plain, &goods).ok()).unwrap_or_default();
        let first = amounts.first().copied().unwrap_or(0);
        let is_clear = is_plain || amounts.iter().all(|amount| *amount == first);
        is_clear.then(|| first + u64::from(random.small(2)))
    });
    Some(basket(lines, expected.flatten()))
}

/// Of which products a booking is to be, where it is of several; and of how many in all.
pub(crate) fn fewer(random: &mut Random, booking: &Booking) -> Option<(u32, Vec<Line>)> {
    let goods = booking.goods();
    if goods.len() < 2 || random.percent(50) {
        return None;
    }
    let line = |(product, quantity): &(Option<Arc<str>>, u32)| {
        Some(Line { product: product.clone()?, quantity: *quantity })
    };
    let mut lines = goods.iter().filter_map(line).collect::<Vec<_>>();
    if let Some(last) = lines.last_mut().filter(|_| random.percent(80)) {
        last.quantity -= 1;
    }
    lines.retain(|line| line.quantity > 0 || random.percent(5));
    let whole = lines.iter().map(|line| line.quantity).sum::<u32>();
    Some((whole + u32::from(random.percent(5)), lines))
}

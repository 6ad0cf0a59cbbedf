//! Products of a drop: what places are sold as, how many there are of each, what they cost, who wants which, and what the organizer
//! changes of that while they are sold.

use api::patch::Patch;
use api::slot::{ChangeSlot, CreateSlot};
use api::tariff::{Line, Price, Product, Quota};
use api::time::Time;
use rand::RngExt;
use rand::rngs::SmallRng;
use witness::history::{Basket, Pick, Places};
use witness::house::Plan;

use crate::demand::percent;

/// What everything is sold as. Children come for nothing.
const ADULT: &str = "adult";
const CHILD: &str = "child";
const STUDENT: &str = "student";
const CURRENCY: &str = "EUR";
/// Of how many places one is for a child at most, and one for a child or a student.
const CHILDREN_OF: u32 = 10;
const REDUCED_OF: u32 = 4;
/// What a place costs: in the best category before the sale's middle, otherwise before it, after it, and after the organizer has
/// thought twice.
const BEST: u64 = 4_500;
const EARLY: u64 = 1_200;
const LATE: u64 = 1_400;
const CHANGED: [u64; 2] = [1_300, 1_600];
/// What a student pays of what others do, in percent.
const STUDENT_PERCENT: u64 = 60;
/// How many of a hundred say what they expect to pay: what was said before anybody came.
const EXPECTING_PERCENT: u32 = 25;
/// How many places of a hundred are wanted for children, and how many for students.
const CHILD_PERCENT: u32 = 15;
const STUDENT_WANTED_PERCENT: u32 = 20;
/// How many parties of a hundred are children alone, whose places cost nothing.
const FREE_PERCENT: u32 = 15;

/// What the slots of a drop sell.
#[derive(Clone, Debug)]
pub(crate) struct Goods {
    /// How many places each slot has.
    places: u32,
    /// The category that costs more, where there are several.
    best: Option<String>,
    /// When everything costs more, by time alone.
    middle: Time,
}

impl Goods {
    /// Of slots with so many places, in these categories, whose prices rise at `middle`.
    pub(crate) fn new(places: u32, categories: &[String], middle: Time) -> Self {
        let best = categories.first().filter(|_first| categories.len() > 1).cloned();
        Self { places, best, middle }
    }

    /// The same slot, selling these.
    pub(crate) fn sold_by(&self, slot: CreateSlot) -> CreateSlot {
        let product = |(key, title): (&str, &str)| Product {
            key: key.to_owned(),
            title: title.to_owned(),
            categories: None,
        };
        CreateSlot {
            products: Some(
                [(ADULT, "Adults"), (CHILD, "Children"), (STUDENT, "Students")].map(product).into(),
            ),
            quotas: Some(self.quotas(1)),
            prices: Some(self.prices()),
            currency: Some(CURRENCY.to_owned()),
            ..slot
        }
    }

    /// What the organizer changes, one after the other.
    pub(crate) fn changes(&self) -> [ChangeSlot; 3] {
        let prices = |amount: u64| ChangeSlot { prices: Patch::Set(flat(amount)), ..ChangeSlot::default() };
        let [first, last] = CHANGED;
        let more = ChangeSlot { quotas: Patch::Set(self.quotas(2)), ..ChangeSlot::default() };
        [prices(first), more, prices(last)]
    }

    /// So many times as many as at first.
    fn quotas(&self, times: u32) -> Vec<Quota> {
        let quota = |key: &str, of: u32, products: &[&str]| Quota {
            key: key.to_owned(),
            size: (self.places / of).saturating_mul(times),
            products: products.iter().map(|key| (*key).to_owned()).collect(),
        };
        vec![quota("children", CHILDREN_OF, &[CHILD]), quota("reduced", REDUCED_OF, &[CHILD, STUDENT])]
    }

    fn prices(&self) -> Vec<Price> {
        let until = Some(self.middle);
        let best = self.best.clone().map(|category| Price {
            category: Some(category),
            until,
            ..price(Some(ADULT), BEST)
        });
        let early = Price { until, ..price(None, EARLY) };
        let reduced = [price(Some(CHILD), 0), price(Some(STUDENT), EARLY * STUDENT_PERCENT / 100)];
        reduced.into_iter().chain(best).chain([early, price(None, LATE)]).collect()
    }

    /// As what a customer wants so many places of this kind.
    pub(crate) fn draw(
        &self,
        (quantity, places): (u32, &Places),
        plan: Option<&Plan>,
        rng: &mut SmallRng,
    ) -> Basket {
        let is_free = percent(FREE_PERCENT, rng);
        let kind = |rng: &mut SmallRng| match rng.random_range(0..100) {
            _ if is_free => CHILD,
            0..CHILD_PERCENT => CHILD,
            CHILD_PERCENT..=CHILD_AND_STUDENT => STUDENT,
            _ => ADULT,
        };
        let mut lines: Vec<Line> = Vec::new();
        // Several products of seats are of one category.
        let is_mixed = plan.is_none_or(|plan| is_of_one_category(plan, places));
        let only = kind(rng);
        for _place in 0..quantity {
            let key = if is_mixed { kind(rng) } else { only };
            match lines.iter_mut().find(|line| line.product == key) {
                Some(line) => line.quantity += 1,
                None => lines.push(Line { product: key.to_owned(), quantity: 1 }),
            }
        }
        let expects = percent(EXPECTING_PERCENT, rng);
        let expect_amount = Some(self.early_amount(&lines, places, plan)).filter(|_amount| expects);
        Basket { lines, expect_amount }
    }

    /// What was said before anybody came: of who takes the best, in the category that is wished for most.
    fn early_amount(&self, lines: &[Line], places: &Places, plan: Option<&Plan>) -> u64 {
        let category = plan.and_then(|plan| first_category(plan, places));
        let adult = if category.is_some() && category == self.best.as_deref() { BEST } else { EARLY };
        let each = |line: &Line| match line.product.as_str() {
            CHILD => 0,
            STUDENT => EARLY * STUDENT_PERCENT / 100,
            _ => adult,
        };
        lines.iter().map(|line| each(line) * u64::from(line.quantity)).sum()
    }
}

/// The last of a hundred numbers that stand for a student.
const CHILD_AND_STUDENT: u32 = CHILD_PERCENT + STUDENT_WANTED_PERCENT - 1;

/// The same in every category, at any time.
fn flat(amount: u64) -> Vec<Price> {
    vec![price(Some(CHILD), 0), price(Some(STUDENT), amount * STUDENT_PERCENT / 100), price(None, amount)]
}

fn price(product: Option<&str>, amount: u64) -> Price {
    Price { product: product.map(str::to_owned), category: None, amount, from: None, until: None }
}

fn categories<'p>(plan: &'p Plan, pick: &Pick) -> Vec<&'p str> {
    let seats = pick.seats.iter().filter_map(|name| Some(plan.seats[plan.seat(name)?].category));
    let areas = pick.areas.keys().filter_map(|key| Some(plan.areas[plan.area(key)?].category));
    seats.chain(areas).map(|category| plan.categories[category].as_str()).collect()
}

fn is_of_one_category(plan: &Plan, places: &Places) -> bool {
    match places {
        Places::Any | Places::Best(_) | Places::Range(_) => true,
        Places::Pick(pick) => categories(plan, pick).windows(2).all(|pair| pair[0] == pair[1]),
    }
}

fn first_category<'p>(plan: &'p Plan, places: &'p Places) -> Option<&'p str> {
    match places {
        Places::Any => plan.categories.first().map(String::as_str),
        Places::Best(best) => best.categories.first().or_else(|| plan.categories.first()).map(String::as_str),
        Places::Pick(pick) => categories(plan, pick).first().copied(),
        Places::Range(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;

    #[test]
    fn baskets_are_of_what_is_sold_for_as_many_as_are_wanted() {
        let goods = Goods::new(100, &[], Time::from_ms(5));
        let mut rng = SmallRng::seed_from_u64(3);
        let (mut products, mut expecting, mut free) = (BTreeSet::new(), 0, 0);
        for quantity in (1..=4).cycle().take(400) {
            let basket = goods.draw((quantity, &Places::Any), None, &mut rng);
            assert_eq!(basket.lines.iter().map(|line| line.quantity).sum::<u32>(), quantity);
            let keys: BTreeSet<_> = basket.lines.iter().map(|line| line.product.clone()).collect();
            assert_eq!(keys.len(), basket.lines.len(), "each once: {basket:?}");
            expecting += u32::from(basket.expect_amount.is_some());
            free += u32::from(basket.lines.iter().all(|line| line.product == CHILD));
            products.extend(keys);
        }
        assert_eq!(products, [ADULT, CHILD, STUDENT].map(str::to_owned).into());
        assert!((60..=140).contains(&expecting) && (60..=140).contains(&free), "{expecting} {free}");
    }

    #[test]
    fn quotas_grow_and_prices_change() {
        let goods = Goods::new(100, &["a".to_owned(), "b".to_owned()], Time::from_ms(5));
        let sizes = |quotas: &[Quota]| quotas.iter().map(|quota| quota.size).collect::<Vec<_>>();
        assert_eq!(sizes(&goods.quotas(1)), [10, 25]);
        let [first, more, last] = goods.changes();
        assert_eq!(more.quotas.set().map(|quotas| sizes(quotas)), Some(vec![20, 50]));
        let dearest =
            |change: &ChangeSlot| change.prices.set().and_then(|prices| Some(prices.last()?.amount));
        assert_eq!((dearest(&first), dearest(&last)), (Some(1_300), Some(1_600)));
        let best: Vec<_> = goods.prices().into_iter().filter(|price| price.category.is_some()).collect();
        assert!(matches!(&best[..], [only] if only.until == Some(Time::from_ms(5))), "{best:?}");
        assert!(Goods::new(100, &["a".to_owned()], Time::from_ms(5)).prices().len() == 4);
    }
}

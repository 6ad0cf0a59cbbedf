//! Products, quotas and prices: what an organizer says of them becomes a change of what is sold, with every bound tested, and what is
//! sold is shown in the same words.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::patch::Patch;
use api::slot::{ChangeSlot, CreateSlot};
use api::tariff::{Line, Price, Product, Quota};
use booking::limits::{
    AMOUNT_MAX, CAPACITY_MAX, PRICES_MAX, PRODUCT_TITLE_BYTES_MAX, PRODUCTS_MAX, QUANTITY_MAX, QUOTAS_MAX,
    SOLD_KEY_BYTES_MAX,
};
use booking::{
    CalendarStock, Categories, Category, Content, Currency, Definition, GoodsView, MapChange, PriceAsked,
    QuotaAsked, Tariff, TariffChange, TariffFault,
};
use seatmap::Seatmap;

use super::field_errors::FieldErrors;
use super::seats::House;
use super::time::{time, timestamp};
use crate::http::response::seat_names::category_key;

/// How long a key is.
const KEY_LEN_MAX: usize = 32;
/// How long a product's name for people is.
const PRODUCT_TITLE_LEN_MAX: usize = 200;
// Whatever has so many characters is within what the rules keep.
const _: () =
    assert!(KEY_LEN_MAX * 4 == SOLD_KEY_BYTES_MAX && PRODUCT_TITLE_LEN_MAX * 4 == PRODUCT_TITLE_BYTES_MAX);

/// How many categories a product is sold in, if they are said.
const CATEGORIES_MAX: usize = 64;

/// What the door sees of a slot: by which names it is asked.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen<'all> {
    pub(crate) house: Option<House<'all>>,
    /// What its organizer says of it; none where nothing of it is named.
    pub(crate) definition: Option<&'all Definition>,
}

/// By which names a change of what is sold is understood.
#[derive(Clone, Copy, Default)]
pub(crate) struct Named<'all> {
    /// The map of the slot as it is to be, if it is one of seats.
    pub(crate) map: Option<(Content, &'all Seatmap)>,
    /// What is sold before.
    pub(crate) tariff: Option<&'all Tariff>,
    /// The map by which that is sold, if it is of seats.
    pub(crate) before: Option<&'all Seatmap>,
}

/// What an organizer says of what is to be sold. What is none stays as it is.
struct Said<'all> {
    products: Option<&'all [Product]>,
    quotas: Option<&'all [Quota]>,
    prices: Option<&'all [Price]>,
    #[expect(clippy::option_option, reason = "none within is no currency")]
    currency: Option<Option<&'all str>>,
}

impl<'all> Seen<'all> {
    /// The house of a slot of seats.
    pub(crate) fn of_seats(self) -> House<'all> {
        self.house.expect("a slot does not change its kind")
    }

    /// The calendar, where it is one.
    pub(crate) fn calendar(self) -> Option<&'all CalendarStock> {
        self.definition.and_then(Definition::calendar).map(|calendar| &**calendar)
    }

    /// What it sells, if that is something in particular.
    pub(crate) fn tariff(self) -> Option<&'all Tariff> {
        self.definition.and_then(|definition| definition.tariff.as_deref())
    }
}

/// What a new slot sells, of a house with this map, if it is one of seats.
pub(super) fn new_tariff(
    errors: &mut FieldErrors,
    slot: &CreateSlot,
    map: Option<(Content, &Seatmap)>,
) -> Option<Arc<Tariff>> {
    let said = Said {
        products: Some(slot.products.as_deref().unwrap_or_default()),
        quotas: Some(slot.quotas.as_deref().unwrap_or_default()),
        prices: Some(slot.prices.as_deref().unwrap_or_default()),
        currency: Some(slot.currency.as_deref()),
    };
    let change = change_of(errors, &said, Named { map, ..Named::default() });
    let (pointer, detail) = match change.made_to(None) {
        Ok(tariff) => return tariff.map(Arc::new),
        Err(TariffFault::NoCurrency) => ("/currency", "must be given where there are prices"),
        Err(TariffFault::TooLarge) => {
            ("/products", "must be fewer, or have shorter names, with quotas and prices")
        }
        // Noted where they are named.
        Err(TariffFault::QuotaOfNoProduct | TariffFault::PriceOfNoProduct) => return None,
    };
    errors.check(false, pointer, detail);
    None
}

/// Whether a patch says anything of what is sold.
pub(crate) fn says_tariff(patch: &ChangeSlot) -> bool {
    !patch.products.is_keep()
        || !patch.quotas.is_keep()
        || !patch.prices.is_keep()
        || !patch.currency.is_keep()
}

/// What a patch changes of what is sold, if it says anything of it.
pub(super) fn tariff_change(
    errors: &mut FieldErrors,
    patch: &ChangeSlot,
    named: Named<'_>,
) -> Option<TariffChange> {
    if !says_tariff(patch) {
        return None;
    }
    let currency = (!patch.currency.is_keep()).then(|| patch.currency.set().map(String::as_str));
    let said = Said {
        products: given_list(&patch.products),
        quotas: given_list(&patch.quotas),
        prices: given_list(&patch.prices),
        currency,
    };
    Some(change_of(errors, &said, named))
}

/// What a list is to be, if it is to be anything else: one that is taken away has nothing in it.
fn given_list<T>(patch: &Patch<Vec<T>>) -> Option<&[T]> {
    (!patch.is_keep()).then(|| patch.set().map(Vec::as_slice).unwrap_or_default())
}

/// Notes what stays of products and prices, and names a category that the map lacks by which the slot is to be sold.
pub(super) fn check_categories(
    errors: &mut FieldErrors,
    patch: &ChangeSlot,
    map: &MapChange,
    named: Named<'_>,
) {
    let (Some(tariff), Some(before)) = (named.tariff, named.before) else { return };
    let is_gone = |one: &Category| map.categories.get(usize::from(one.0)).copied().flatten().is_none();
    let of_product = |product: &booking::Product| product.categories?.iter().find(is_gone);
    let of_price = |price: &booking::Price| price.category.filter(is_gone);
    let mut check = |stays: bool, list: &str, gone: Option<(usize, Category)>| {
        let Some((place, gone)) = gone.filter(|_| stays) else { return };
        let key = category_key(gone, before);
        let detail = format_args!(
            "must have the category {key}, which {list}/{place} names, or {list} must be given too"
        )
        .to_string();
        errors.check(false, "/inventory/seats/map", detail);
    };
    let mut products = tariff.products.iter().map(of_product).enumerate();
    let mut prices = tariff.prices.iter().map(of_price).enumerate();
    let first = |(place, gone): (usize, Option<Category>)| Some((place, gone?));
    check(patch.products.is_keep(), "products", products.find_map(first));
    check(patch.prices.is_keep(), "prices", prices.find_map(first));
}

fn change_of(errors: &mut FieldErrors, said: &Said<'_>, named: Named<'_>) -> TariffChange {
    let sold = named.tariff.map(|tariff| tariff.products.iter().map(|product| Arc::clone(&product.key)));
    let sold = match said.products {
        Some(products) => products.iter().map(|product| product.key.as_str().into()).collect(),
        None => sold.into_iter().flatten().collect::<BTreeSet<Arc<str>>>(),
    };
    let seatmap = named.map.map(|(_, seatmap)| seatmap);
    TariffChange {
        map: named.map.map(|(map, _)| map),
        products: said.products.map(|all| products(errors, all, seatmap)),
        quotas: said.quotas.map(|all| quotas(errors, all, &sold)),
        prices: said.prices.map(|all| prices(errors, all, &sold, seatmap)),
        currency: said.currency.map(|code| code.and_then(|code| currency(errors, code))),
    }
}

fn products(errors: &mut FieldErrors, all: &[Product], seatmap: Option<&Seatmap>) -> Vec<booking::Product> {
    let are_bounded = all.len() <= PRODUCTS_MAX;
    errors.check(are_bounded, "/products", format_args!("must be at most {PRODUCTS_MAX}"));
    let all = if are_bounded { all } else { &[] };
    check_keys(errors, "/products", all.iter().map(|product| &*product.key));
    let product = |(place, product): (usize, &Product)| {
        let at = |field: &str| format!("/products/{place}/{field}");
        let detail = format_args!("must have {PRODUCT_TITLE_LEN_MAX} characters at most");
        errors.check(product.title.chars().count() <= PRODUCT_TITLE_LEN_MAX, &at("title"), detail);
        let title = if product.title.is_empty() { &product.key } else { &product.title };
        booking::Product {
            key: product.key.as_str().into(),
            title: title.as_str().into(),
            categories: product
                .categories
                .as_deref()
                .map(|keys| categories(errors, keys, &at("categories"), seatmap)),
        }
    };
    all.iter().enumerate().map(product).collect()
}

fn categories(
    errors: &mut FieldErrors,
    keys: &[String],
    pointer: &str,
    seatmap: Option<&Seatmap>,
) -> Categories {
    let Some(seatmap) = seatmap else {
        errors.check(false, pointer, "must be left out: the slot has units, of no category");
        return Categories::default();
    };
    let are_bounded = keys.len() <= CATEGORIES_MAX;
    errors.check(are_bounded, pointer, format_args!("must be at most {CATEGORIES_MAX} keys"));
    let keys = if are_bounded { keys } else { &[] };
    let each = keys.iter().enumerate().filter_map(|(place, key)| {
        let found = category(errors, key, &format!("{pointer}/{place}"), Some(seatmap));
        found.map(Category)
    });
    Categories::of(each)
}

fn category(errors: &mut FieldErrors, key: &str, pointer: &str, seatmap: Option<&Seatmap>) -> Option<u8> {
    let found = seatmap.and_then(|seatmap| seatmap.category(key));
    errors.check(found.is_some(), pointer, "must be the key of a category of the slot's map");
    found
}

fn quotas(errors: &mut FieldErrors, all: &[Quota], sold: &BTreeSet<Arc<str>>) -> Vec<QuotaAsked> {
    let are_bounded = all.len() <= QUOTAS_MAX;
    errors.check(are_bounded, "/quotas", format_args!("must be at most {QUOTAS_MAX}"));
    let all = if are_bounded { all } else { &[] };
    check_keys(errors, "/quotas", all.iter().map(|quota| &*quota.key));
    let quota = |(place, quota): (usize, &Quota)| {
        let at = |field: &str| format!("/quotas/{place}/{field}");
        errors.within(quota.size, (0, CAPACITY_MAX), &at("size"));
        let keys = &quota.products;
        let detail = format_args!("must be 1 to {PRODUCTS_MAX} keys").to_string();
        errors.check((1..=PRODUCTS_MAX).contains(&keys.len()), &at("products"), detail);
        let mut own = Vec::new();
        for (number, key) in keys.iter().take(PRODUCTS_MAX).enumerate() {
            let pointer = || at(&format!("products/{number}"));
            let found = product(errors, key, &pointer(), sold);
            errors.check(
                !found.as_ref().is_some_and(|key| own.contains(key)),
                &pointer(),
                "must not be named twice",
            );
            own.extend(found);
        }
        QuotaAsked { key: quota.key.as_str().into(), size: quota.size, products: own }
    };
    all.iter().enumerate().map(quota).collect()
}

fn prices(
    errors: &mut FieldErrors,
    all: &[Price],
    sold: &BTreeSet<Arc<str>>,
    seatmap: Option<&Seatmap>,
) -> Vec<PriceAsked> {
    let are_bounded = all.len() <= PRICES_MAX;
    errors.check(are_bounded, "/prices", format_args!("must be at most {PRICES_MAX}"));
    let all = if are_bounded { all } else { &[] };
    let price = |(place, price): (usize, &Price)| {
        let at = |field: &str| format!("/prices/{place}/{field}");
        let amount = format_args!("must be 0 to {AMOUNT_MAX}").to_string();
        errors.check(price.amount <= AMOUNT_MAX, &at("amount"), amount);
        let ends = price.from.zip(price.until);
        errors.check(ends.map(|(from, until)| from < until), &at("until"), "must be after from");
        PriceAsked {
            product: price.product.as_deref().and_then(|key| product(errors, key, &at("product"), sold)),
            category: price
                .category
                .as_deref()
                .and_then(|key| category(errors, key, &at("category"), seatmap))
                .map(Category),
            amount: price.amount,
            from: price.from.map(timestamp),
            until: price.until.map(timestamp),
        }
    };
    all.iter().enumerate().map(price).collect()
}

fn product(
    errors: &mut FieldErrors,
    key: &str,
    pointer: &str,
    sold: &BTreeSet<Arc<str>>,
) -> Option<Arc<str>> {
    let found = sold.get(key);
    errors.check(found.is_some(), pointer, "must be the key of a product of the slot");
    found.cloned()
}

fn currency(errors: &mut FieldErrors, code: &str) -> Option<Currency> {
    let letters = <[u8; 3]>::try_from(code.as_bytes()).ok();
    let letters = letters.filter(|letters| letters.iter().all(u8::is_ascii_uppercase));
    errors.check(letters.is_some(), "/currency", "must be a code of ISO 4217: three letters A to Z");
    letters.map(Currency)
}

/// Names for programs, each of something else.
fn check_keys<'all>(errors: &mut FieldErrors, list: &str, keys: impl Iterator<Item = &'all str>) {
    let mut seen = BTreeSet::new();
    for (place, key) in keys.enumerate() {
        let pointer = || format!("{list}/{place}/key");
        let has_length = (1..=KEY_LEN_MAX).contains(&key.chars().count());
        let is_plain = !key.chars().any(|letter| matches!(letter, '/' | ',') || letter.is_control());
        let detail = format_args!("must have 1 to {KEY_LEN_MAX} characters, without / , and control ones");
        errors.check(has_length && is_plain, &pointer(), detail);
        errors.check(seen.insert(key), &pointer(), "must not be another's");
    }
}

/// How many places of which products are asked for, of those that the slot has, if it is known which.
pub(super) fn lines(errors: &mut FieldErrors, asked: &[Line], tariff: Option<&Tariff>) -> Vec<booking::Line> {
    let are_bounded = (1..=PRODUCTS_MAX).contains(&asked.len());
    let detail = format_args!("must be 1 to {PRODUCTS_MAX}").to_string();
    errors.check(are_bounded, "/lines", detail);
    let mut seen = BTreeSet::new();
    let asked = if are_bounded { asked } else { &[] };
    for (place, line) in asked.iter().enumerate() {
        let at = |field: &str| format!("/lines/{place}/{field}");
        let is_known = tariff.is_none_or(|tariff| tariff.product(&line.product).is_some());
        errors.check(is_known, &at("product"), "must be the key of a product of the slot");
        errors.check(seen.insert(&*line.product), &at("product"), "must not be named twice");
        errors.within(line.quantity, (1, QUANTITY_MAX), &at("quantity"));
    }
    let line = |line: &Line| booking::Line { product: line.product.as_str().into(), quantity: line.quantity };
    asked.iter().map(line).collect()
}

/// For how many places these are in all.
pub(super) fn places(lines: &[Line]) -> u64 {
    lines.iter().map(|line| u64::from(line.quantity)).sum()
}

/// What is sold, in the words in which it was asked for. Categories are named by the slot's map.
pub(super) struct Shown {
    pub(super) products: Vec<Product>,
    pub(super) quotas: Vec<Quota>,
    pub(super) prices: Vec<Price>,
    pub(super) currency: Option<String>,
}

pub(super) fn shown(tariff: &Tariff, seatmap: Option<&Seatmap>) -> Shown {
    let key = |category| category_key(category, seatmap.expect("categories are a map's"));
    let product = |product: &booking::Product| Product {
        key: product.key.to_string(),
        title: product.title.to_string(),
        categories: product.categories.map(|all| all.iter().map(key).collect()),
    };
    let quota = |quota: QuotaAsked| Quota {
        key: quota.key.into_string(),
        size: quota.size,
        products: quota.products.iter().map(ToString::to_string).collect(),
    };
    let price = |price: PriceAsked| Price {
        product: price.product.map(|key| key.to_string()),
        category: price.category.map(key),
        amount: price.amount,
        from: price.from.map(time),
        until: price.until.map(time),
    };
    Shown {
        products: tariff.products.iter().map(product).collect(),
        quotas: tariff.quotas_asked().into_iter().map(quota).collect(),
        prices: tariff.prices_asked().into_iter().map(price).collect(),
        currency: tariff.currency.map(|currency| currency.as_str().to_owned()),
    }
}

/// How many places are left of each quota.
pub(super) fn left(tariff: &Tariff, goods: &GoodsView) -> std::collections::BTreeMap<String, u32> {
    let each = tariff.quotas.iter().zip(&goods.taken);
    let left = |quota: &booking::Quota, taken: u64| u64::from(quota.size).saturating_sub(taken);
    each.map(|(quota, &taken)| {
        (quota.key.to_string(), u32::try_from(left(quota, taken)).expect("no more than the quota has"))
    })
    .collect()
}

//! The language of products, quotas and prices in the tables.
//!
//! ```text
//!  slot products=adult+student quotas=few:2:student,all:9:adult+student prices=student:500@10-20,*:1000 currency=EUR
//!  a: book alice 3 lines=adult:2+student:1 expect=2500 by=organizer      `buy` where there is nothing to say, and prices
//!  house aab products=kid/b prices=*/a:500,*/b:300                       a product for category b, and prices in categories
//!  held until 100 [adult:2+student:1] = 2500 EUR                         what it is of, and what it costs
//! ```

use booking::{
    Asker, Basket, Bill, Book, Categories, Category, Currency, Line, PriceAsked, Product, QuotaAsked,
    TariffChange, Timestamp,
};

/// What is sold.
pub(crate) fn set(change: &mut TariffChange, name: &str, value: &str) {
    let each = |separator| value.split(separator).filter(|part| !part.is_empty());
    match name {
        "products" => change.products = Some(each('+').map(product).collect()),
        "quotas" => change.quotas = Some(each(',').map(quota).collect()),
        "prices" => change.prices = Some(each(',').map(price).collect()),
        "currency" if value == "none" => change.currency = Some(None),
        "currency" => change.currency = Some(Some(Currency(value.as_bytes().try_into().unwrap()))),
        other => panic!("no such setting: {other}={value}"),
    }
}

/// As what something is asked for.
pub(crate) fn ask(book: &mut Book, wish: &str, said: &str) {
    let basket = Basket { lines: vec![], expect_amount: None, by: Asker::Customer };
    let basket = book.basket.get_or_insert_with(|| basket.into());
    match wish.split('=').next().unwrap() {
        "buy" => {}
        "lines" => basket.lines = lines(said),
        "expect" => basket.expect_amount = Some(said.parse().unwrap()),
        "by" => basket.by = Asker::Organizer,
        other => panic!("no such wish: {other}"),
    }
}

pub(crate) fn lines(said: &str) -> Vec<Line> {
    let line = |line: &str| {
        let (product, quantity) = line.split_once(':').unwrap();
        Line { product: product.into(), quantity: quantity.parse().unwrap() }
    };
    said.split('+').map(line).collect()
}

/// What a booking is of, and what it costs.
pub(crate) fn tell(bill: &Bill) -> String {
    let lines =
        bill.lines().iter().map(|line| format!("{}:{}", line.product, line.quantity)).collect::<Vec<_>>();
    let lines = if lines.is_empty() { String::new() } else { format!(" [{}]", lines.join("+")) };
    let amount = bill.amount().map(|amount| format!(" = {amount} {}", bill.currency.unwrap().as_str()));
    lines + &amount.unwrap_or_default()
}

fn product(product: &str) -> Product {
    let (key, categories) = product.split_once('/').map_or((product, None), |(key, of)| (key, Some(of)));
    let categories = categories.map(|letters| Categories::of(letters.bytes().map(category)));
    Product { key: key.into(), title: key.into(), categories }
}

/// A category by its letter.
fn category(letter: u8) -> Category {
    Category(letter - b'a')
}

fn quota(quota: &str) -> QuotaAsked {
    let [key, size, products] = quota.split(':').collect::<Vec<_>>()[..] else { panic!("{quota}") };
    let products = products.split('+').filter(|key| !key.is_empty()).map(Into::into).collect();
    QuotaAsked { key: key.into(), size: size.parse().unwrap(), products }
}

fn price(price: &str) -> PriceAsked {
    let (price, span) = price.split_once('@').unwrap_or((price, "-"));
    let ((product, amount), (from, until)) = (price.split_once(':').unwrap(), span.split_once('-').unwrap());
    let (product, of) = product.split_once('/').map_or((product, None), |(product, of)| (product, Some(of)));
    let moment = |at: &str| (!at.is_empty()).then(|| Timestamp(at.parse::<u64>().unwrap() * 1_000));
    PriceAsked {
        product: (product != "*").then(|| product.into()),
        category: of.map(|letter| category(letter.as_bytes()[0])),
        amount: amount.parse().unwrap(),
        from: moment(from),
        until: moment(until),
    }
}

//! One value of everything that is stored of products and prices, by name.

use std::num::NonZeroU32;
use std::sync::Arc;

use booking::{
    Act, Answer, Asker, Basket, Bill, Booking, BookingView, Categories, Category, ChangeQuantity, Command,
    Currency, Decision, Definition, Details, GoodsView, Header, Item, Line, NewSlot, Outcome, Party, Plan,
    Price, PriceAsked, Product, Products, Purchase, Quota, QuotaAsked, ReceiptRecord, Record, Refusal,
    Request, RequestKey, SlotChange, SlotChanged, Tariff, TariffChange, Timestamp, View,
};

use crate::samples::{self, Rows};
use crate::seats;

pub(crate) fn requests() -> Rows<Request> {
    let with = |of: &Request, command| Request { command, ..of.clone() };
    let (of_units, of_seats) = (samples::requests(), seats::requests());
    let basket = Basket { lines: vec![line()], expect_amount: Some(3_000), by: Asker::Organizer };
    let book = |of: &Request| {
        let Command::Book(mut book) = of.command.clone() else { unreachable!("it books") };
        book.basket = Some(Box::new(basket.clone()));
        with(of, Command::Book(book))
    };
    let booking = of_units.iter().find(|(_, request)| matches!(request.command, Command::Book(_)));
    let Command::CreateSlot(house) = &of_seats[0].1.command else { unreachable!("the first makes a house") };
    let Command::CreateSlot(slot) = &of_units[0].1.command else { unreachable!("the first makes a slot") };
    let new = |definition: &Definition| Definition { tariff: Some(tariff()), ..definition.clone() };
    let sold = Command::CreateSlot(Box::new(new(slot.definition()).into()));
    let plan = Arc::new(Plan::new(&seats::drawing()).unwrap());
    let house = NewSlot::of_seats(new(house.definition()), plan);
    let act = Act { booking: RequestKey(2), by: Party::Organizer };
    let fewer = ChangeQuantity { act, quantity: NonZeroU32::new(300).unwrap(), lines: vec![line()] };
    let change = |tariff| SlotChange { tariff: Some(Box::new(tariff)), ..SlotChange::default() };
    let other = change(TariffChange { map: Some(booking::Content(1)), ..asked() });
    let nothing = change(TariffChange { currency: Some(None), ..TariffChange::default() });
    let first = &of_units[0].1;
    vec![
        ("create", with(first, sold)),
        ("create_house", with(&of_seats[0].1, Command::CreateSlot(Box::new(house)))),
        ("book", book(&booking.unwrap().1)),
        ("pick", book(&of_seats[1].1)),
        ("best", book(&of_seats[2].1)),
        ("change", with(first, Command::ChangeSlot(Box::new(other)))),
        ("no_currency", with(first, Command::ChangeSlot(Box::new(nothing)))),
        ("quantity", with(first, Command::ChangeQuantity(fewer))),
    ]
}

pub(crate) fn headers() -> Rows<Header> {
    let sold = |header: &Header| Header {
        definition: Definition { tariff: Some(tariff()), ..header.definition.clone() },
        goods: Some(goods()),
        ..header.clone()
    };
    let (units, house) = (samples::headers().remove(0).1, seats::headers().remove(0).1);
    let once = Header { made_as: Some(Arc::new(sold(&units).definition)), ..units.clone() };
    vec![("units", sold(&units)), ("house", sold(&house)), ("once", once)]
}

pub(crate) fn bookings() -> Rows<Booking> {
    let with = |of: Booking, first| {
        let purchase = Some(Box::new(Purchase { bill: bill(), first }));
        Booking { purchase, ..of }
    };
    vec![
        ("units", with(samples::bookings().remove(0).1, None)),
        ("seats", with(seats::bookings().remove(0).1, Some(Arc::default()))),
    ]
}

pub(crate) fn receipts() -> Rows<ReceiptRecord> {
    let bought = |(_, receipt): &(_, ReceiptRecord)| {
        let mut receipt = receipt.clone();
        let Answer::Booking { bill: none, .. } = &mut receipt.answer else { unreachable!("of a booking") };
        *none = Some(bill());
        receipt
    };
    let changed = SlotChanged {
        definition: Arc::new(headers().remove(0).1.definition),
        counts: booking::Counts::untouched(4),
        house: None,
        goods: Some(goods()),
        calendar: None,
    };
    let receipt = samples::receipts().remove(0).1;
    vec![
        ("units", bought(&samples::fewer_receipts()[0])),
        ("seats", bought(&seats::receipts()[0])),
        ("changed", ReceiptRecord { answer: Answer::SlotChanged(Box::new(changed)), ..receipt.clone() }),
        ("exhausted", ReceiptRecord { answer: Answer::Refused(Refusal::QuotaExhausted), ..receipt }),
    ]
}

pub(crate) fn records() -> Rows<Record> {
    let sold = |mut record: Record| {
        record.bookings.iter_mut().for_each(|view| view.bill = Some(bill()));
        record
    };
    let house = seats::records().remove(0).1;
    let mut some = sold(house.clone());
    some.bookings.extend(house.bookings);
    vec![("units", sold(samples::records().remove(0).1)), ("seats", some)]
}

pub(crate) fn outcomes() -> Rows<Outcome> {
    let (units, house) = (samples::outcomes(), seats::outcomes());
    let with = |decision| Outcome { decision, ..units[0].1.clone() };
    let Decision::Slot(view) = units[0].1.decision.clone() else { unreachable!("the first is of a slot") };
    let Decision::Booking(seated) = house[1].1.decision.clone() else { unreachable!("it is of a booking") };
    let definition = Arc::new(headers().remove(0).1.definition);
    let quotas = Details::Quotas(vec!["few".into(), "all".into()]);
    vec![
        ("slot", with(Decision::Slot(View { definition, goods: Some(goods()), ..view }))),
        ("booking", with(Decision::Booking(BookingView { bill: Some(bill()), ..seated }))),
        ("exhausted", with(Decision::Explained(Refusal::QuotaExhausted, Box::new(quotas)))),
        ("of_line", with(Decision::Explained(Refusal::NoSuchProduct, Box::new(Details::Line(3))))),
        ("payment_required", with(Decision::Refused(Refusal::PaymentRequired))),
    ]
}

fn line() -> Line {
    Line { product: "adult".into(), quantity: 300 }
}

fn tariff() -> Arc<Tariff> {
    let product = |key: &str, categories| Product { key: key.into(), title: "T".into(), categories };
    let price = Price {
        product: Some(1),
        category: None,
        amount: 300,
        from: Some(Timestamp(7)),
        until: Some(Timestamp(8)),
    };
    Arc::new(Tariff {
        products: vec![product("adult", None), product("child", Some(Categories(3)))],
        quotas: vec![Quota { key: "few".into(), size: 300, products: Products(2) }],
        prices: vec![
            price,
            Price { product: None, category: Some(Category(1)), from: None, until: None, ..price },
        ],
        currency: Some(Currency(*b"EUR")),
    })
}

fn asked() -> TariffChange {
    TariffChange {
        map: None,
        products: Some(tariff().products.clone()),
        quotas: Some(vec![QuotaAsked { key: "few".into(), size: 300, products: vec!["child".into()] }]),
        prices: Some(vec![PriceAsked {
            product: Some("child".into()),
            category: Some(Category(1)),
            amount: 300,
            from: Some(Timestamp(7)),
            until: Some(Timestamp(8)),
        }]),
        currency: Some(Some(Currency(*b"EUR"))),
    }
}

fn bill() -> Arc<Bill> {
    let item = |product: Option<&str>, price| Item { product: product.map(Into::into), quantity: 300, price };
    Arc::new(Bill {
        items: [item(Some("adult"), Some(1_000)), item(None, None)].into(),
        currency: Some(Currency(*b"EUR")),
    })
}

fn goods() -> Arc<GoodsView> {
    Arc::new(GoodsView { bookable: 3, taken: vec![300, 4] })
}

//! A booking's JSON by hand: byte for byte what serde writes of [`api::booking::Booking`], of which this is the hot route's
//! share, for a quarter of the instructions. serde looks at every byte of every name for what must be escaped, and the texts
//! that it is given must be made first.

use api::time::Time;
use booking::{BookingView, Mode, RangeView, Status, Timestamp};

use super::answer::BODY_LEN_USUAL;
use crate::http::response::bill_words::BillWords;
use crate::http::response::maps::Maps;
use crate::http::response::seat_names::SeatingNames;
use crate::ids;

/// A booking as an answer shows it, under its `id`: at `seq`, with the time that is left to its deadline at `at`.
pub(crate) fn booking(id: &str, booking: &BookingView, seq: u64, at: Timestamp, maps: &Maps) -> Vec<u8> {
    let mut text = Text(Vec::with_capacity(BODY_LEN_USUAL));
    text.raw(r#"{"id":""#);
    text.raw(id);
    text.raw(r#"","slot":""#);
    text.raw(&ids::slot_text(booking.id.slot));
    text.raw(r#"","customer":"#);
    // The one text that others chose.
    serde_json::to_writer(&mut text.0, &booking.customer).expect("a text is JSON");
    text.raw(r#","quantity":"#);
    text.number(booking.quantity.into());
    text.raw(r#","status":""#);
    text.raw(status(booking.status));
    text.raw(r#"","mode":""#);
    text.raw(mode(booking.mode));
    text.raw(r#"","seq":"#);
    text.number(seq);
    text.raw(r#","reference":""#);
    text.raw(booking.reference.as_str());
    text.raw(r#"","position":"#);
    text.number_or_null(booking.position.map(u64::from));
    text.raw(r#","expires_at":"#);
    match booking.expires_at {
        Some(expires_at) => text.time(expires_at),
        None => text.raw("null"),
    }
    text.raw(r#","expires_in_ms":"#);
    text.number_or_null(booking.expires_at.map(|until| until.0.saturating_sub(at.0)));
    text.raw(r#","created_at":"#);
    text.time(booking.created_at);
    if let Some(seating) = &booking.seating {
        text.seating(&SeatingNames::of(seating, maps.get(seating.map)));
    }
    if let Some(range) = &booking.range {
        text.range(range);
    }
    if let Some(bill) = &booking.bill {
        text.bill(&BillWords::of(bill));
    }
    text.raw("}");
    text.0
}

struct Text(Vec<u8>);

impl Text {
    /// What needs no escape.
    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// What it has of a house. Names are others' words, and written by serde.
    fn seating(&mut self, names: &SeatingNames) {
        let SeatingNames { seats, areas, category, together } = names;
        self.raw(r#","seats":"#);
        serde_json::to_writer(&mut self.0, seats).expect("texts are JSON");
        self.raw(r#","areas":"#);
        serde_json::to_writer(&mut self.0, areas).expect("numbers by name are JSON");
        self.raw(r#","category":"#);
        serde_json::to_writer(&mut self.0, category).expect("a text is JSON");
        self.raw(r#","together":"#);
        serde_json::to_writer(&mut self.0, together).expect("a word is JSON");
    }

    /// What it has of a calendar. A name is others' words, and written by serde.
    fn range(&mut self, range: &RangeView) {
        self.raw(r#","from":"#);
        self.time(range.range.from());
        self.raw(r#","to":"#);
        self.time(range.range.to());
        self.raw(r#","resource":"#);
        serde_json::to_writer(&mut self.0, &range.resource.as_deref()).expect("a text is JSON");
    }

    /// What it costs, and what it is of. Keys are others' words, and written by serde.
    fn bill(&mut self, words: &BillWords) {
        let BillWords { amount, currency, lines } = words;
        if let Some(amount) = amount {
            self.raw(r#","amount":"#);
            self.number(*amount);
        }
        if let Some(currency) = currency {
            self.raw(r#","currency":"#);
            serde_json::to_writer(&mut self.0, currency).expect("a text is JSON");
        }
        if let Some(lines) = lines {
            self.raw(r#","lines":"#);
            serde_json::to_writer(&mut self.0, lines).expect("texts and numbers are JSON");
        }
    }

    fn number(&mut self, number: u64) {
        self.raw(itoa::Buffer::new().format(number));
    }

    fn number_or_null(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.raw("null"),
        }
    }

    fn time(&mut self, at: Timestamp) {
        self.0.push(b'"');
        self.0.extend_from_slice(&Time::from_ms(at.0).text());
        self.0.push(b'"');
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Held => "held",
        Status::Offered => "offered",
        Status::Waitlisted => "waitlisted",
        Status::Confirmed => "confirmed",
        Status::Cancelled => "cancelled",
        Status::Declined => "declined",
        Status::Expired => "expired",
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Confirm => "confirm",
        Mode::Hold => "hold",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use booking::{
        Area, BookingId, Category, Content, Number, Partition, Places, Reference, RequestKey, Seat, Seating,
        SlotId,
    };

    use super::*;
    use crate::http::convert;

    /// Of nothing in particular, of products, and of somebody who waits.
    fn bills() -> [booking::Bill; 3] {
        let item = |product: Option<&str>, quantity, price| booking::Item {
            product: product.map(Into::into),
            quantity,
            price,
        };
        let euros = Some(booking::Currency(*b"EUR"));
        let several = [item(Some("a\"dult"), 2, Some(900)), item(Some("Ä"), 1, Some(u64::MAX >> 9))];
        let waits = [item(Some("adult"), 2, None), item(Some("child"), 1, None)];
        [
            booking::Bill { items: [item(None, 2, Some(0))].into(), currency: euros },
            booking::Bill { items: several.into(), currency: euros },
            booking::Bill { items: waits.into(), currency: None },
        ]
    }

    /// A booking of units, which says nothing that it need not.
    fn plain() -> BookingView {
        let slot = SlotId { partition: Partition::new(1_023).expect("below 1,024"), hash: u128::MAX - 5 };
        BookingView {
            id: BookingId { slot, request: RequestKey(7) },
            number: Number(3),
            customer: "ada".into(),
            quantity: 1,
            status: Status::Confirmed,
            mode: Mode::Confirm,
            reference: Reference::parse("7K2M9QXR").expect("eight characters"),
            position: None,
            expires_at: None,
            created_at: Timestamp(1_790_000_000_007),
            seating: None,
            range: None,
            bill: None,
            credits: None,
            order: None,
        }
    }

    #[test]
    fn it_is_byte_for_byte_what_serde_writes() {
        let plain = plain();
        let like = |change: &dyn Fn(&mut BookingView)| {
            let mut view = plain.clone();
            change(&mut view);
            view
        };
        let statuses = [
            Status::Held,
            Status::Offered,
            Status::Waitlisted,
            Status::Confirmed,
            Status::Cancelled,
            Status::Declined,
            Status::Expired,
        ];
        let mut views: Vec<_> = statuses.map(|status| like(&|view| view.status = status)).into();
        for customer in ["\"quoted\" \\ and\u{7}\n", "Ünï · 🎟", "</script>\u{2028}", ""] {
            views.push(like(&|view| view.customer = customer.into()));
        }
        views.push(like(&|view| view.mode = Mode::Hold));
        views.push(like(&|view| (view.quantity, view.position) = (u32::MAX, Some(u32::MAX))));
        for expires_at in [0, 1_790_000_000_000, 1_790_000_000_008, u64::MAX] {
            views.push(like(&|view| view.expires_at = Some(Timestamp(expires_at))));
        }
        let text = r#"{"categories":[{"key":"a"}],"sections":[{"key":"\"s\"","rows":[{"key":"Ä","seats":["1-3"],"category":"a"}]}],
            "areas":[{"key":"floor","category":"a","capacity":9}]}"#;
        let seatmap = seatmap::Seatmap::from_json(text.as_bytes()).expect("a map");
        let mut maps = Maps::default();
        maps.insert(Content(7), Arc::new(seatmap));
        let places = |seats: &[u32], areas| Places::new(seats.iter().copied().map(Seat).collect(), areas);
        for resource in [None, Some("court \"1\"".into())] {
            let range = booking::Range::new(Timestamp(7), Timestamp(1_790_000_000_007)).expect("it lasts");
            views.push(like(&|view| {
                view.range = Some(Arc::new(RangeView { range, resource: resource.clone() }));
            }));
        }
        for (places, category, together) in [
            (Some(Places::default()), None, None),
            (places(&[0, 2], Vec::new()), Some(Category(0)), Some(false)),
            (places(&[1], vec![(Area(0), 3)]), None, Some(true)),
        ] {
            let seating = Seating { map: Content(7), places: places.expect("each once"), category, together };
            views.push(like(&|view| view.seating = Some(Arc::new(seating.clone()))));
        }
        for bill in bills() {
            views.push(like(&|view| view.bill = Some(Arc::new(bill.clone()))));
        }
        for view in views {
            for (seq, at) in [(0, 0), (u64::MAX, 1_790_000_000_007)] {
                let serde = serde_json::to_vec(&convert::booking(view.clone(), seq, Timestamp(at), &maps));
                let by_hand = booking(&ids::booking_text(view.id), &view, seq, Timestamp(at), &maps);
                let serde = serde.expect("JSON");
                assert_eq!(String::from_utf8(by_hand), String::from_utf8(serde));
            }
        }
    }
}

//! The stage: the slots that are sold, made for the drop or found on sale, and the house in which they have seats.

use std::sync::Arc;

use api::inventory::{AisleSingles, Inventory, Seats, SingleScope};
use api::list::{LIMIT_MAX, List};
use api::slot::{CreateSlot, Policy, Sale, Slot};
use api::time::Time;
use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::{Method, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::caller::{Caller, describe};
use crate::client::{Message, Reply};
use crate::courts::Courts;
use crate::error::Error;
use crate::goods::Goods;
use crate::house;
use crate::options::{DropOptions, HouseOptions, Venue};
use crate::programme::{Billed, billed};
use witness::house::Plan;
use witness::house::words::{self, SlotSeats};

const DAY_MS: u64 = 24 * 3_600 * 1_000;
/// How far off calendars made for a drop begin: nothing of them depends on the hour while they are sold.
const STARTS_IN_MS: u64 = 30 * DAY_MS;

/// What a drop is sold from.
pub(crate) struct Stage {
    pub(crate) slots: Vec<Slot>,
    /// None where they have units.
    pub(crate) house: Option<StagedHouse>,
    /// None where they are no calendars.
    pub(crate) courts: Option<Courts>,
    /// None where they sell nothing in particular.
    pub(crate) goods: Option<Goods>,
}

/// A house, and what its slots say of it before anybody comes.
pub(crate) struct StagedHouse {
    pub(crate) plan: Arc<Plan>,
    pub(crate) before: Vec<SlotSeats>,
}

/// Makes the slots of the drop `run`, or finds those that the organizer has on sale. `now` is in milliseconds.
pub(crate) async fn set(
    options: &DropOptions,
    caller: &mut Caller,
    organizer: &HeaderValue,
    (run, seed): (&str, u64),
    now: u64,
) -> Result<Stage, Error> {
    if options.existing {
        let slots = find(&options.organizer, caller, organizer).await?;
        return Ok(Stage { slots, house: None, courts: None, goods: None });
    }
    let goods = |places: u32, categories: &[String]| {
        let half_ms = u64::try_from(options.arrivals_end().as_millis()).unwrap_or(u64::MAX) / 2;
        let middle = Time::from_ms(now.saturating_add(half_ms));
        options.products.then(|| Goods::new(places, categories, middle))
    };
    if options.house == Some(Venue::Calendar) {
        return set_courts(options, caller, organizer, run, now).await;
    }
    let kind = options.house.and_then(Venue::house);
    let drawn = kind.map(|kind| HouseOptions { kind, seed, seats: options.house_seats });
    let Some(drawn) = drawn else {
        let (mut slots, goods) = (Vec::new(), goods(options.capacity, &[]));
        for number in 1..=options.slots {
            let body = new_slot(options.house, (run, number), now, Inventory::of_units(options.capacity));
            let body = sold_as(body, goods.as_ref());
            let message = create(&body, body.placement.as_deref(), organizer);
            slots.push(parse(&message, &caller.call(&message).await?)?);
        }
        return Ok(Stage { slots, house: None, courts: None, goods });
    };
    let text = serde_json::to_vec(&house::draw(drawn)).expect("a house is JSON");
    let plan = Plan::read(&text).expect("a house that was drawn is a seatmap");
    let areas: u64 = plan.areas.iter().map(|area| area.capacity).sum();
    let goods = goods(u32::try_from(plan.seats.len() as u64 + areas).unwrap_or(u32::MAX), &plan.categories);
    let map = SeatmapId::made(caller, organizer, run, text).await?;
    let seats = Inventory::Seats(Seats {
        map: map.id,
        singles: options.singles.into(),
        aisle_singles: AisleSingles::default(),
        single_scope: SingleScope::default(),
    });
    let mut staged = StagedHouse { plan: Arc::new(plan), before: Vec::new() };
    let mut slots = Vec::new();
    for number in 1..=options.slots {
        let body = sold_as(new_slot(options.house, (run, number), now, seats.clone()), goods.as_ref());
        let message = create(&body, body.placement.as_deref(), organizer);
        let reply = caller.call(&message).await?;
        if !matches!(reply.status, 200 | 201) {
            return Err(setup_failed(&message, describe(&reply)));
        }
        let (slot, before) = words::plain(&reply.body)
            .map_err(|error| setup_failed(&message, format!("{error}: {}", describe(&reply))))?;
        slots.push(slot);
        staged.before.push(before);
    }
    Ok(Stage { slots, house: Some(staged), courts: None, goods })
}

/// Makes calendars, of courts and of pools in turns.
async fn set_courts(
    options: &DropOptions,
    caller: &mut Caller,
    organizer: &HeaderValue,
    run: &str,
    now: u64,
) -> Result<Stage, Error> {
    let courts = Courts::new(Time::from_ms(now + STARTS_IN_MS));
    let mut slots = Vec::new();
    for (place, number) in (1..=options.slots).enumerate() {
        let body = courts.sold_by(new_slot(options.house, (run, number), now, Inventory::of_units(0)), place);
        let message = create(&body, body.placement.as_deref(), organizer);
        slots.push(parse(&message, &caller.call(&message).await?)?);
    }
    Ok(Stage { slots, house: None, courts: Some(courts), goods: None })
}

/// A seatmap's id.
#[derive(Deserialize)]
struct SeatmapId {
    id: String,
}

impl SeatmapId {
    /// Gives the server a map.
    async fn made(
        caller: &mut Caller,
        organizer: &HeaderValue,
        run: &str,
        text: Vec<u8>,
    ) -> Result<Self, Error> {
        let message = Message {
            method: Method::POST,
            path: Uri::from_static("/v1/seatmaps"),
            token: organizer.clone(),
            key: Some(key(&format!("drop-{run}-map"))),
            known: None,
            body: Bytes::from(text),
        };
        parse(&message, &caller.call(&message).await?)
    }
}

fn new_slot(venue: Option<Venue>, (run, number): (&str, u32), now: u64, inventory: Inventory) -> CreateSlot {
    let Billed { title, starts_at, ends_at } = billed(venue, number, now);
    CreateSlot {
        title,
        starts_at,
        ends_at,
        inventory,
        // Each has a placement of its own, so that they spread over the node's groups.
        placement: Some(format!("drop-{run}-slot-{number}")),
        sale: Sale::default(),
        policy: Policy::default(),
        products: None,
        quotas: None,
        prices: None,
        currency: None,
    }
}

/// The same slot, selling products where the drop does.
fn sold_as(body: CreateSlot, goods: Option<&Goods>) -> CreateSlot {
    match goods {
        Some(goods) => goods.sold_by(body),
        None => body,
    }
}

fn create(body: &CreateSlot, name: Option<&str>, organizer: &HeaderValue) -> Message {
    Message {
        method: Method::POST,
        path: Uri::from_static("/v1/slots"),
        token: organizer.clone(),
        key: name.map(key),
        known: None,
        body: Bytes::from(serde_json::to_vec(body).expect("a slot is JSON")),
    }
}

fn key(name: &str) -> HeaderValue {
    HeaderValue::try_from(name).expect("a name of letters and digits is visible ASCII")
}

/// Reads the whole list, page by page.
async fn find(name: &str, caller: &mut Caller, organizer: &HeaderValue) -> Result<Vec<Slot>, Error> {
    let mut slots = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut path = format!("/v1/slots?organizer={}&status=on_sale&limit={LIMIT_MAX}", quote(name));
        if let Some(cursor) = &after {
            path.push_str("&after=");
            path.push_str(&quote(cursor));
        }
        let path = Uri::try_from(path).expect("a quoted path is a path");
        let message = Message::get(path, organizer.clone());
        let page: List<Slot> = parse(&message, &caller.call(&message).await?)?;
        slots.extend(page.items);
        match page.next {
            Some(next) if after.as_ref() != Some(&next) => after = Some(next),
            Some(_) => {
                let answer = "the list gives the same page again".to_owned();
                return Err(Error::Setup { what: "GET /v1/slots".to_owned(), answer });
            }
            None if slots.is_empty() => return Err(Error::NothingOnSale(name.to_owned())),
            None => return Ok(slots),
        }
    }
}

fn parse<T: DeserializeOwned>(message: &Message, reply: &Reply) -> Result<T, Error> {
    let failed = |answer: String| setup_failed(message, answer);
    match reply.status {
        200 | 201 => serde_json::from_slice(&reply.body)
            .map_err(|error| failed(format!("{error}: {}", describe(reply)))),
        _ => Err(failed(describe(reply))),
    }
}

fn setup_failed(message: &Message, answer: String) -> Error {
    Error::Setup { what: format!("{} {}", message.method, message.path), answer }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, 2.3).
fn quote(text: &str) -> String {
    let quote_byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(quote_byte).collect()
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn what_is_not_unreserved_is_quoted() {
        for (text, want) in
            [("studio-7", "studio-7"), ("a b&c=d", "a%20b%26c%3Dd"), ("ü/%", "%C3%BC%2F%25"), ("", "")]
        {
            assert_eq!(quote(text), want);
        }
    }
}

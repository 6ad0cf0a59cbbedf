//! Slots: made, and shown.

use std::sync::Arc;

use booking::{
    CalendarView, Definition, HouseView, NewSlot, Plan, SeatsStock, SinglesPolicy, SlotStatus, Stock,
    Timestamp, View, limits,
};
use seatmap::Seatmap;

use super::calendar;
use super::field_errors::FieldErrors;
use super::tariff::{left, new_tariff, shown};
use super::time::{time, timestamp};
use crate::http::response::maps::{Maps, of_slot};
use crate::http::response::problem::ProblemResponse;
use crate::http::response::seat_names::category_key;
use crate::ids;
use crate::openings::openings;
use crate::router::{Health, LocalView};
use crate::views::listing::Stand;

const TITLE_LEN_MAX: usize = 1_000;
const PLACEMENT_LEN_MAX: usize = 64;
pub(super) const CALENDAR_WAITLIST_MAX: u32 = 10_000;

/// The house of a slot that is to be sold by this map: that in numbers, and in names.
#[derive(Clone)]
pub(crate) struct NewHouse {
    pub(crate) map: booking::Content,
    pub(crate) plan: Arc<Plan>,
    pub(crate) seatmap: Arc<Seatmap>,
}

/// A slot as its organizer asked for it. Of seats it needs the house; where there is no such one, that is told.
pub(crate) fn definition(
    organizer: &str,
    slot: api::slot::CreateSlot,
    secret: booking::Secret,
    house: Option<NewHouse>,
    now: Timestamp,
) -> Result<NewSlot, ProblemResponse> {
    let mut errors = FieldErrors::default();
    check_title(&mut errors, &slot.title);
    errors.check(
        slot.placement.as_deref().map(|placement| has_length(placement, PLACEMENT_LEN_MAX)),
        "/placement",
        format_args!("must have 1 to {PLACEMENT_LEN_MAX} characters, or be null"),
    );
    errors.check(slot.starts_at < slot.ends_at, "/ends_at", "must be after starts_at");
    check_sale(&mut errors, &slot);
    let stock = stock(&mut errors, &slot.inventory, house.as_ref());
    check_policy(&mut errors, &slot.policy);
    let is_calendar = matches!(slot.inventory, api::inventory::Inventory::Calendar(_));
    if is_calendar {
        check_calendar(&mut errors, &slot);
    }
    let is_of_units = slot.inventory.units().is_some();
    let map = house.as_ref().map(|house| (house.map, &*house.seatmap));
    // Where the map is not there, nobody knows what else is wrong.
    let tariff = if map.is_some() || is_of_units { new_tariff(&mut errors, &slot, map) } else { None };
    let stock = errors.found(stock)?;
    let mut policy = policy(&slot.policy);
    if let (Stock::Calendar(_), Some(waitlist)) = (&stock, &mut policy.waitlist) {
        // Of ranges of time nobody stops anyone.
        waitlist.order = booking::Order::SkipFit;
    }
    let definition = errors.done(Definition {
        organizer: organizer.into(),
        placement: slot.placement.map(String::into_boxed_str),
        title: slot.title.into_boxed_str(),
        starts_at: timestamp(slot.starts_at),
        ends_at: timestamp(slot.ends_at),
        sale: booking::Sale {
            opens_at: slot.sale.opens_at.map(timestamp),
            closes_at: slot.sale.closes_at.map(timestamp),
        },
        stock,
        tariff,
        policy,
        secret,
    })?;
    if definition.calendar().is_none() {
        return Ok(match house {
            Some(house) => NewSlot::of_seats(definition, house.plan),
            None => definition.into(),
        });
    }
    let openings = openings(&definition, now).expect("a calendar's hours were looked at");
    Ok(NewSlot::of_calendar(definition, openings))
}

/// The sale of a slot: it closes when that starts, or, of a calendar, ends at the latest.
fn check_sale(errors: &mut FieldErrors, slot: &api::slot::CreateSlot) {
    let (closes_by, detail) = match slot.inventory {
        api::inventory::Inventory::Calendar(_) => (slot.ends_at, "must not be after ends_at"),
        api::inventory::Inventory::Units(_) | api::inventory::Inventory::Seats(_) => {
            (slot.starts_at, "must not be after starts_at")
        }
    };
    let closes_at = slot.sale.closes_at;
    errors.check(closes_at.map(|closes_at| closes_at <= closes_by), "/sale/closes_at", detail);
    let closes_at = closes_at.unwrap_or(closes_by);
    errors.check(
        slot.sale.opens_at.map(|opens_at| opens_at < closes_at),
        "/sale/opens_at",
        "must be before closes_at, or before starts_at where the sale closes then",
    );
}

/// What is of a calendar alone beside its inventory: it is not too long, its waitlist is not too large and skips, and it sells nothing in
/// particular.
fn check_calendar(errors: &mut FieldErrors, slot: &api::slot::CreateSlot) {
    let longest = timestamp(slot.starts_at).plus_seconds(limits::CALENDAR_SPAN_SECONDS_MAX);
    errors.check(
        timestamp(slot.ends_at) <= longest,
        "/ends_at",
        "must be 1,080 days after starts_at at most",
    );
    if let Some(waitlist) = slot.policy.waitlist {
        errors.within(waitlist.capacity, (1, CALENDAR_WAITLIST_MAX), "/policy/waitlist/capacity");
        let skips = waitlist.order != Some(api::slot::Order::Strict);
        errors.check(skips, "/policy/waitlist/order", "must be skip_fit: the slot is a calendar");
    }
    let said = [
        (slot.products.is_some(), "/products"),
        (slot.quotas.is_some(), "/quotas"),
        (slot.prices.is_some(), "/prices"),
        (slot.currency.is_some(), "/currency"),
    ];
    for (is_said, pointer) in said {
        errors.check(!is_said, pointer, "must be left out: a calendar sells nothing in particular yet");
    }
}

/// What a new slot has to give out.
fn stock(
    errors: &mut FieldErrors,
    inventory: &api::inventory::Inventory,
    house: Option<&NewHouse>,
) -> Option<Stock> {
    match inventory {
        api::inventory::Inventory::Units(api::inventory::Units { capacity }) => {
            errors.within(*capacity, (0, limits::CAPACITY_MAX), "/inventory/units/capacity");
            Some(Stock::Units { capacity: *capacity })
        }
        api::inventory::Inventory::Seats(seats) => {
            errors.check(house.is_some(), "/inventory/seats/map", "must be the id of a seatmap of yours");
            let policy = SinglesPolicy {
                singles: singles(seats.singles),
                aisles: aisles(seats.aisle_singles),
                scope: scope(seats.single_scope),
            };
            house.map(|house| Stock::Seats(SeatsStock { map: house.map, singles: policy }))
        }
        api::inventory::Inventory::Calendar(said) => {
            calendar::stock(errors, said).map(|stock| Stock::Calendar(Arc::new(stock)))
        }
    }
}

pub(crate) fn singles(word: api::inventory::Singles) -> booking::Singles {
    match word {
        api::inventory::Singles::Allow => booking::Singles::Allow,
        api::inventory::Singles::Avoid => booking::Singles::Avoid,
        api::inventory::Singles::Refuse => booking::Singles::Refuse,
    }
}

pub(super) fn aisles(word: api::inventory::AisleSingles) -> booking::AisleSingles {
    match word {
        api::inventory::AisleSingles::Ignore => booking::AisleSingles::Ignore,
        api::inventory::AisleSingles::Count => booking::AisleSingles::Count,
    }
}

pub(super) fn scope(word: api::inventory::SingleScope) -> booking::SingleScope {
    match word {
        api::inventory::SingleScope::Row => booking::SingleScope::Row,
        api::inventory::SingleScope::Slot => booking::SingleScope::Slot,
    }
}

fn inventory(organizer: &str, stock: &Stock) -> api::inventory::Inventory {
    match stock {
        Stock::Units { capacity } => api::inventory::Inventory::of_units(*capacity),
        Stock::Calendar(stock) => api::inventory::Inventory::Calendar(Box::new(calendar::shown(stock))),
        Stock::Seats(SeatsStock { map, singles: SinglesPolicy { singles, aisles, scope } }) => {
            let id = booking::SeatmapId { organizer: ids::organizer(organizer), content: *map };
            api::inventory::Inventory::Seats(api::inventory::Seats {
                map: ids::seatmap_text(id),
                singles: match singles {
                    booking::Singles::Allow => api::inventory::Singles::Allow,
                    booking::Singles::Avoid => api::inventory::Singles::Avoid,
                    booking::Singles::Refuse => api::inventory::Singles::Refuse,
                },
                aisle_singles: match aisles {
                    booking::AisleSingles::Ignore => api::inventory::AisleSingles::Ignore,
                    booking::AisleSingles::Count => api::inventory::AisleSingles::Count,
                },
                single_scope: match scope {
                    booking::SingleScope::Row => api::inventory::SingleScope::Row,
                    booking::SingleScope::Slot => api::inventory::SingleScope::Slot,
                },
            })
        }
    }
}

pub(crate) fn check_title(errors: &mut FieldErrors, title: &str) {
    let detail = format_args!("must have 1 to {TITLE_LEN_MAX} characters");
    errors.check(has_length(title, TITLE_LEN_MAX), "/title", detail);
}

fn has_length(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count())
}

/// The bounds of a policy; a change's too, with the usual values where it says nothing.
pub(crate) fn check_policy(errors: &mut FieldErrors, policy: &api::slot::Policy) {
    errors.within(policy.hold_seconds, (1, limits::HOLD_SECONDS_MAX), "/policy/hold_seconds");
    errors.within(
        policy.hold_seconds_max,
        (1, limits::HOLD_SECONDS_EXTENDED_MAX),
        "/policy/hold_seconds_max",
    );
    if let Some(limit) = policy.customer_limit {
        errors.within(limit, (1, limits::CUSTOMER_LIMIT_MAX), "/policy/customer_limit");
    }
    errors.within(
        policy.cancel_until_seconds,
        (0, limits::CANCEL_UNTIL_SECONDS_MAX),
        "/policy/cancel_until_seconds",
    );
    if let Some(waitlist) = policy.waitlist {
        errors.within(waitlist.capacity, (1, limits::WAITLIST_CAPACITY_MAX), "/policy/waitlist/capacity");
        errors.within(
            waitlist.offer_seconds,
            (1, limits::OFFER_SECONDS_MAX),
            "/policy/waitlist/offer_seconds",
        );
    }
}

/// A slot as answers show it. `at` is the moment for which its status is told.
pub(crate) fn slot(local: &LocalView, at: Timestamp, maps: &Maps) -> api::slot::Slot {
    let view = &local.view;
    let definition = &view.definition;
    let tariff = definition.tariff.as_deref();
    let sold = tariff.map(|tariff| shown(tariff, of_slot(view).map(|map| maps.get(map))));
    let quotas = tariff.filter(|tariff| !tariff.quotas.is_empty()).zip(view.goods.as_deref());
    let (products, quotas_shown, prices, currency) = match sold {
        Some(sold) => (Some(sold.products), Some(sold.quotas), Some(sold.prices), sold.currency),
        None => (None, None, None, None),
    };
    api::slot::Slot {
        id: ids::slot_text(view.id),
        organizer: definition.organizer.to_string(),
        placement: definition.placement.as_deref().map(str::to_owned),
        title: definition.title.to_string(),
        status: status(local, at),
        seq: view.seq.0,
        starts_at: time(definition.starts_at),
        ends_at: time(definition.ends_at),
        sale: api::slot::Sale {
            opens_at: definition.sale.opens_at.map(time),
            closes_at: definition.sale.closes_at.map(time),
        },
        inventory: inventory(&definition.organizer, &definition.stock),
        policy: policy_words(&definition.policy),
        counts: api::inventory::Counts {
            quotas: quotas.map(|(tariff, goods)| left(tariff, goods)),
            ..counts(view.counts, view.house.as_deref(), view.calendar.as_deref(), maps)
        },
        products,
        quotas: quotas_shown,
        prices,
        currency,
        bookable: match (&view.calendar, local.health) {
            (Some(_), _) => None,
            (None, Health::Sound) => Some(view.bookable(at)),
            (None, Health::Faulted) => Some(0),
        },
        opens_in_ms: definition.sale.opens_at.map_or(0, |opens_at| opens_at.0.saturating_sub(at.0)),
    }
}

/// What everyone is told of a slot at `at`, again and again.
pub(crate) fn live(local: &LocalView, at: Timestamp, maps: &Maps) -> api::live::LiveSlot {
    let api::slot::Slot { seq, status, counts, bookable, opens_in_ms, .. } = slot(local, at, maps);
    api::live::LiveSlot { seq, now: time(at), status, counts, bookable, opens_in_ms }
}

/// How a slot stands at `at`, as the contract spells it.
pub(crate) fn status(local: &LocalView, at: Timestamp) -> api::slot::Status {
    use api::slot::Status;
    match local.stand(at) {
        Stand::Faulted => Status::Faulted,
        Stand::Sound(SlotStatus::Scheduled) => Status::Scheduled,
        Stand::Sound(SlotStatus::OnSale) => Status::OnSale,
        Stand::Sound(SlotStatus::Closed) => Status::Closed,
        Stand::Sound(SlotStatus::Finished) => Status::Finished,
        Stand::Sound(SlotStatus::Cancelled) => Status::Cancelled,
    }
}

/// How slots stand that are wanted.
pub(crate) fn stand_wanted(status: api::slot::Status) -> Stand {
    use api::slot::Status;
    match status {
        Status::Faulted => Stand::Faulted,
        Status::Scheduled => Stand::Sound(SlotStatus::Scheduled),
        Status::OnSale => Stand::Sound(SlotStatus::OnSale),
        Status::Closed => Stand::Sound(SlotStatus::Closed),
        Status::Finished => Stand::Sound(SlotStatus::Finished),
        Status::Cancelled => Stand::Sound(SlotStatus::Cancelled),
    }
}

/// The slot of a decision, which the rules made: it is sound.
pub(crate) fn decided(view: View) -> LocalView {
    LocalView { view, health: Health::Sound }
}

fn policy(policy: &api::slot::Policy) -> booking::Policy {
    booking::Policy {
        confirmed_by: confirmed_by(policy.confirmed_by),
        hold_seconds: policy.hold_seconds,
        hold_seconds_max: policy.hold_seconds_max,
        customer_limit: policy.customer_limit,
        cancel_until_seconds: policy.cancel_until_seconds,
        waitlist: policy.waitlist.map(|waitlist| booking::WaitlistPolicy {
            capacity: waitlist.capacity,
            promotion: promotion(waitlist.promotion),
            offer_seconds: waitlist.offer_seconds,
            order: order(waitlist.order.unwrap_or(api::slot::Order::Strict)),
        }),
        on_account: None,
    }
}

pub(crate) fn confirmed_by(word: api::slot::ConfirmedBy) -> booking::ConfirmedBy {
    match word {
        api::slot::ConfirmedBy::Customer => booking::ConfirmedBy::Customer,
        api::slot::ConfirmedBy::Organizer => booking::ConfirmedBy::Organizer,
    }
}

pub(crate) fn promotion(word: api::slot::Promotion) -> booking::Promotion {
    match word {
        api::slot::Promotion::Confirm => booking::Promotion::Confirm,
        api::slot::Promotion::Offer => booking::Promotion::Offer,
    }
}

pub(crate) fn order(word: api::slot::Order) -> booking::Order {
    match word {
        api::slot::Order::Strict => booking::Order::Strict,
        api::slot::Order::SkipFit => booking::Order::SkipFit,
    }
}

fn policy_words(policy: &booking::Policy) -> api::slot::Policy {
    api::slot::Policy {
        confirmed_by: match policy.confirmed_by {
            booking::ConfirmedBy::Customer => api::slot::ConfirmedBy::Customer,
            booking::ConfirmedBy::Organizer => api::slot::ConfirmedBy::Organizer,
        },
        hold_seconds: policy.hold_seconds,
        hold_seconds_max: policy.hold_seconds_max,
        customer_limit: policy.customer_limit,
        cancel_until_seconds: policy.cancel_until_seconds,
        waitlist: policy.waitlist.map(|waitlist| api::slot::Waitlist {
            capacity: waitlist.capacity,
            promotion: match waitlist.promotion {
                booking::Promotion::Confirm => api::slot::Promotion::Confirm,
                booking::Promotion::Offer => api::slot::Promotion::Offer,
            },
            offer_seconds: waitlist.offer_seconds,
            order: Some(match waitlist.order {
                booking::Order::Strict => api::slot::Order::Strict,
                booking::Order::SkipFit => api::slot::Order::SkipFit,
            }),
        }),
    }
}

pub(crate) fn counts(
    counts: booking::Counts,
    house: Option<&HouseView>,
    calendar: Option<&CalendarView>,
    maps: &Maps,
) -> api::inventory::Counts {
    let booking::Counts { capacity, free, held, offered, confirmed, waitlisted } = counts;
    let counts = api::inventory::Counts {
        free: calendar.is_none().then_some(free),
        held,
        offered,
        confirmed,
        waitlisted,
        ..api::inventory::Counts::untouched(capacity)
    };
    let Some(house) = house else { return counts };
    let seatmap = maps.get(house.map);
    let allotment = |(name, counts): &(Box<str>, booking::AllotmentCounts)| {
        let booking::AllotmentCounts { capacity, free } = *counts;
        (name.to_string(), api::inventory::AllotmentCounts { capacity, free })
    };
    let category = |(number, category): (u8, &booking::CategoryView)| {
        (category_key(booking::Category(number), seatmap), category_counts(category))
    };
    api::inventory::Counts {
        blocked: Some(house.blocked),
        allotted: Some(house.allotments.iter().map(allotment).collect()),
        categories: Some((0..).zip(&house.categories).map(category).collect()),
        ..counts
    }
}

fn category_counts(category: &booking::CategoryView) -> api::inventory::CategoryCounts {
    let booking::CategoryView { counts, waitlisted } = category;
    let booking::CategoryCounts { capacity, free, allotted: _, held, offered, confirmed, largest_block } =
        *counts;
    api::inventory::CategoryCounts {
        capacity,
        free,
        held,
        offered,
        confirmed,
        waitlisted: *waitlisted,
        largest_block,
    }
}

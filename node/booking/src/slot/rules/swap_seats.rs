//! Giving seats of a booking for others, adding some, or giving some back. What is freed goes to the waitlist in the same step.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::slot::inventory::Inventory;
use crate::slot::inventory::seats::QUANTITY_MAX;
use crate::slot::inventory::shop::Cart;
use crate::slot::rules::act::{held, touched};
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{Asker, Bill, Booking, Item, Kind, Party, Places, Refusal, Seat, Slot, Standing, SwapSeats};

/// Gives a booking other seats, within its category: a customer their own while it is held, the organizer anyone's also when it is
/// confirmed. All that is asked, or nothing; a hold's deadline stays. Where it has these seats already, nothing has changed.
pub(crate) fn swap_seats(slot: &mut Slot, step: &mut Step, asked: &SwapSeats) -> RuleResult {
    let booking = swappable(slot, asked)?;
    let inventory = slot.ledger.tally().inventory();
    let (Some(house), Some(claim)) = (inventory.house(), booking.seats.as_deref()) else {
        return Err(Refusal::Malformed.into());
    };
    if house.map() != asked.map {
        return Err(Denied::Outdated);
    }
    let had = &claim.seating.places;
    let grown = asked.swap.add.len().saturating_sub(asked.swap.drop.len());
    may_grow(slot, &booking, grown)?;
    let by = match asked.act.by {
        Party::Customer(_) => Asker::Customer,
        Party::Organizer => Asker::Organizer,
    };
    let more = more_of(inventory, &booking, grown)?;
    let places = house.swap(had, &asked.swap, &more, (by, slot.order()))?;
    let number = booking.record.number;
    if places == *had {
        return Ok(Effect::BookingUnchanged(number));
    }
    let bill = match &booking.purchase {
        Some(purchase) => Some(Arc::new(exchanged(inventory, &purchase.bill, (had, &places))?)),
        None => None,
    };
    slot.ledger.reseat(number, places, bill);
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Reseated))
}

/// The booking, if its seats can be given for others by who asks.
fn swappable(slot: &Slot, asked: &SwapSeats) -> Result<Booking, Denied> {
    let booking = touched(slot, &asked.act)?;
    let is_the_organizers = booking.standing == Standing::Confirmed && asked.act.by == Party::Organizer;
    if !is_the_organizers {
        held(slot, &asked.act)?;
    }
    Ok(slot.ledger.bookings().whole(booking).to_owned())
}

/// How much more a booking draws on what is sold that has so many more places: of several products nobody says of which.
fn more_of(inventory: &Inventory, booking: &Booking, grown: usize) -> Result<Cart, Refusal> {
    let Some(purchase) = booking.purchase.as_deref().filter(|_| 0 < grown) else {
        return Ok(Cart::default());
    };
    if !purchase.bill.is_of_one() {
        return Err(Refusal::LinesUnnamed);
    }
    let grown = u32::try_from(grown).map_err(|_| Refusal::Malformed)?;
    let product = purchase.bill.items.first().and_then(|item| item.product.clone());
    let more = Bill::of([Item { product, quantity: grown, price: None }], None);
    Ok(inventory.cart(Some(&more), grown))
}

/// What a booking costs after an exchange of places: a seat that is given back is paid for no more, one that is added costs what it
/// does now, and what stays costs what it did. The added are of the products of those that they take the place of.
fn exchanged(inventory: &Inventory, bill: &Bill, (had, places): (&Places, &Places)) -> Result<Bill, Refusal> {
    let house = inventory.house().expect("places are a house's");
    let mut of_places = bill.places();
    let mut paid = had.seats().iter().copied().zip(&mut of_places).collect::<BTreeMap<Seat, Item>>();
    let in_areas = of_places.collect::<Vec<_>>();
    let stay = |seat: &Seat| places.seats().binary_search(seat).is_ok();
    let dropped =
        paid.extract_if(.., |seat, _| !stay(seat)).map(|(_, item)| item.product).collect::<Vec<_>>();
    let added = places.seats().iter().copied().filter(|seat| !paid.contains_key(seat)).collect::<Vec<_>>();
    if added.len() != dropped.len() && !bill.is_of_one() {
        return Err(Refusal::LinesUnnamed);
    }
    let only = bill.items.first().and_then(|item| item.product.clone());
    let products = dropped.into_iter().chain(core::iter::repeat(only));
    for (seat, product) in added.into_iter().zip(products) {
        let category = house.plan().category(seat);
        let price = match bill.currency {
            None => None,
            Some(currency) => Some(inventory.price(product.as_deref(), category, currency)?),
        };
        paid.insert(seat, Item { product, quantity: 1, price });
    }
    Ok(Bill::of(paid.into_values().chain(in_areas), bill.currency))
}

/// Whether the booking may be for so many more, and its customer have them.
fn may_grow(slot: &Slot, booking: &Booking, grown: usize) -> Result<(), Refusal> {
    if grown == 0 {
        return Ok(());
    }
    if (QUANTITY_MAX as usize) < booking.record.quantity as usize + grown {
        return Err(Refusal::QuantityTooLarge);
    }
    let Some(limit) = slot.definition.policy.customer_limit else { return Ok(()) };
    let wanted = slot.ledger.tally().units_of(&booking.record.customer).saturating_add(grown as u64);
    if u64::from(limit) < wanted { Err(Refusal::CustomerLimit) } else { Ok(()) }
}

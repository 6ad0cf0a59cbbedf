//! Giving seats of a booking for others, adding some, or giving some back. What is freed goes to the waitlist in the same step.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::slot::inventory::Inventory;
use crate::slot::inventory::asked::said;
use crate::slot::inventory::house::House;
use crate::slot::inventory::seats::QUANTITY_MAX;
use crate::slot::inventory::shop::Cart;
use crate::slot::rules::act::{held, touched};
use crate::slot::rules::credits;
use crate::slot::rules::in_order;
use crate::slot::rules::{Denied, Effect, RuleResult};
use crate::slot::state::step::Step;
use crate::{
    Asker, Bill, Booking, Item, Kind, Party, Places, Refusal, Seat, Slot, Standing, Swap, SwapSeats,
};

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
    let bill = exchanged(inventory, house, (&booking, had), &asked.swap)?;
    let grown = asked.swap.add.len().saturating_sub(asked.swap.drop.len());
    may_grow(slot, &booking, grown)?;
    // Nothing was promised for more.
    if 0 < grown && booking.credits.is_some() {
        return Err(Refusal::MoreThanBooked.into());
    }
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
    let before = booking.record.quantity;
    slot.ledger.reseat(number, places, bill);
    credits::lessen(slot, number, before.saturating_sub(slot.ledger.bookings().get(number).quantity));
    step.changed.mark_requested(number);
    Ok(Effect::Acted(number, Kind::Reseated))
}

/// The booking, if its seats can be given for others by who asks.
fn swappable(slot: &Slot, asked: &SwapSeats) -> Result<Booking, Denied> {
    let booking = touched(slot, &asked.act)?;
    in_order::refuse_held(slot, booking.number)?;
    let is_the_organizers = booking.standing == Standing::Confirmed && asked.act.by == Party::Organizer;
    if !is_the_organizers {
        held(slot, &asked.act)?;
    }
    Ok(slot.ledger.bookings().whole(booking).to_owned())
}

/// How much more a booking draws on what is sold that has so many more places, all of one product.
fn more_of(inventory: &Inventory, booking: &Booking, grown: usize) -> Result<Cart, Refusal> {
    let Some(purchase) = booking.purchase.as_deref().filter(|_| 0 < grown) else {
        return Ok(Cart::default());
    };
    let grown = u32::try_from(grown).map_err(|_| Refusal::Malformed)?;
    let product = purchase.bill.items.first().and_then(|item| item.product.clone());
    let more = Bill::of([Item { product, quantity: grown, price: None }], None);
    Ok(inventory.cart(Some(&more), grown))
}

/// What a booking costs after an exchange of places: a seat that is given back is paid for no more, one that is added costs what it
/// does now, also where nothing cost anything before, and what stays costs what it did. The added are of the products of those that
/// they take the place of. What is wrong with the request itself is told first, where places are of something in particular.
fn exchanged(
    inventory: &Inventory,
    house: &House,
    (booking, had): (&Booking, &Places),
    swap: &Swap,
) -> Result<Option<Arc<Bill>>, Refusal> {
    let nothing = Item { product: None, quantity: booking.record.quantity, price: None };
    let bill = match &booking.purchase {
        Some(purchase) => Bill::clone(&purchase.bill),
        None if inventory.currency().is_none() => return Ok(None),
        None => Bill::of([nothing], None),
    };
    if !bill.is_of_one() && swap.add.len() != swap.drop.len() {
        return Err(Refusal::SeatsUneven);
    }
    if !house.knows(had, swap) {
        return Err(Refusal::Malformed);
    }
    let currency = bill.currency.or_else(|| inventory.currency().filter(|_| !swap.add.is_empty()));
    // What cost nothing when it was held costs nothing still.
    let kept = |item: Item| Item { price: item.price.or_else(|| currency.map(|_| 0)), ..item };
    let mut of_places = bill.places().map(kept);
    let mut paid = had.seats().iter().copied().zip(&mut of_places).collect::<BTreeMap<Seat, Item>>();
    let in_areas = of_places.collect::<Vec<_>>();
    let dropped = swap.drop.iter().copied().collect::<BTreeSet<Seat>>();
    let products = dropped.iter().filter_map(|seat| paid.remove(seat)).map(|item| item.product);
    let products = products.collect::<Vec<_>>();
    let only = bill.items.first().and_then(|item| item.product.clone());
    let products = products.into_iter().chain(core::iter::repeat(only));
    // A seat that it has already is refused as taken.
    let added = swap.add.iter().copied().filter(|seat| !paid.contains_key(seat)).collect::<BTreeSet<_>>();
    for (seat, product) in added.into_iter().zip(products) {
        let category = house.plan().category(seat);
        let price = currency.map(|currency| inventory.price(product.as_deref(), category, currency));
        paid.insert(seat, Item { product, quantity: 1, price: price.transpose()? });
    }
    Ok(said(Bill::of(paid.into_values().chain(in_areas), currency)))
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

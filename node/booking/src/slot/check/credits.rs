//! Whether what a merchant has promised is what bookings have, and the merchant is told what becomes of it.

use crate::base::message::Message;
use crate::slot::state::booking::BookingRef;
use crate::slot::state::credits::Account;
use crate::{BookingCredits, CreditsState, Slot, Status};

/// Whether every booking that is not over has as many credits as it costs, and as are promised.
pub(super) fn cost_what_was_promised(slot: &Slot) -> bool {
    promised(slot).all(|(booking, credits)| {
        let costs = u64::from(credits.price.unwrap_or(0)) * u64::from(booking.record.quantity);
        let is_live = !booking.status().is_over() && credits.state == CreditsState::Reserved;
        !is_live || u64::from(credits.left()) == costs
    })
}

/// Whether what is kept of a merchant follows from the bookings, what has begun is spent, what is over has ended, and what has not been
/// told is being told.
pub(super) fn are_told(slot: &Slot) -> bool {
    let Some(account) = slot.account.as_deref() else {
        let bookings = slot.ledger.bookings();
        let mut of_orders = bookings.after(None).filter(|record| bookings.whole(record).order.is_some());
        return promised(slot).next().is_none() && of_orders.next().is_none();
    };
    let mut indexed = Account { told: account.told, ..Account::new(account.merchant) };
    let bookings = slot.ledger.bookings();
    let staying = bookings.staying().map(|record| bookings.whole(record));
    for booking in staying {
        booking.index(&mut indexed);
    }
    let has_begun = slot.definition.starts_at <= slot.base.stamp;
    let is_settled = |(booking, credits): (BookingRef<'_>, &BookingCredits)| match booking.status() {
        Status::Confirmed => !(has_begun && credits.state == CreditsState::Reserved),
        Status::Held | Status::Offered | Status::Waitlisted => credits.state == CreditsState::Reserved,
        Status::Cancelled | Status::Declined | Status::Expired => credits.state != CreditsState::Reserved,
    };
    let telling =
        slot.base.intents.open().filter(|intent| matches!(intent.message, Message::Ended(_))).count();
    let is_telling = account.told.telling.is_some();
    indexed == *account
        && account.overdue.first().is_none_or(|(due, _number)| slot.base.stamp < *due)
        && promised(slot).all(is_settled)
        && telling == usize::from(is_telling)
        && (is_telling || account.untold.is_empty())
}

/// Bookings that something was promised for.
fn promised(slot: &Slot) -> impl Iterator<Item = (BookingRef<'_>, &BookingCredits)> {
    let bookings = slot.ledger.bookings();
    let all = bookings.after(None).map(|record| bookings.whole(record));
    all.filter_map(|booking| Some((booking, booking.credits?)))
}

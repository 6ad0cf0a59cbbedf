//! Credits and limits: a booking that a merchant has promised for, and what becomes of the promise with it.
//!
//! Nothing of this is looked at where nothing was ever promised.

use alloc::vec::Vec;

use crate::base::message::{Message, Reply, Target};
use crate::base::outcome::Denied;
use crate::base::promise::{End, Fate, PromiseNumber};
use crate::base::promised::{NotBooked, Promised, Terms};
use crate::base::request::RequestIdentity;
use crate::base::step::replay;
use crate::limits::ENDS_TOLD_AT_ONCE_MAX;
use crate::slot::inventory::Inventory;
use crate::slot::rules::{Effect, book, in_order, vouchers};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::answer::Answer;
use crate::slot::state::credits::Account;
use crate::slot::state::step::Step;
use crate::{
    BookingCredits, CreditsState, EntityId, Kind, LateCancel, Number, OnAccount, RequestKey, Slot, Standing,
    Status, Timestamp, Uses,
};

/// Why a booking is over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its customer gave it back, in time, or before it was confirmed; or time ended what its customer left open.
    Given,
    /// Its customer gave it back too late.
    Late,
    /// It was not its customer who ended it, and nothing that its customer left open.
    Taken,
}

/// Books what was promised for, or says why not. It is the booking of whoever asked for it, under their own request.
pub(crate) fn book_promised(
    slot: &mut Slot,
    step: &mut Step,
    from: EntityId,
    promised: &Promised,
) -> (Reply, Option<Kind>) {
    match enter_promised(slot, step, from, promised) {
        Ok(number) => (Reply::Booked(number), Some(Kind::Booked)),
        Err(why) => {
            if let NotBooked::Refused(refusal) = why {
                let (seq, at, answer) = (slot.base.seq, slot.base.stamp, Answer::Refused(refusal));
                slot.base.receipts.remember(identity_of(promised), seq, at, answer);
            }
            (Reply::NotBooked(why), None)
        }
    }
}

/// Makes a booking of what was promised for, if it can be made.
pub(crate) fn enter_promised(
    slot: &mut Slot,
    step: &mut Step,
    from: EntityId,
    promised: &Promised,
) -> Result<Number, NotBooked> {
    let late_cancel = may_promise(slot, step.at, from, promised)?;
    let identity = (identity_of(promised), promised.voucher.as_ref());
    let booked = book::book_with(slot, step, identity, &promised.book).map_err(not_booked)?;
    let Effect::Booked(number) = booked else { unreachable!("who books has made a booking") };
    let Terms { price, is_limited, .. } = promised.terms;
    if promised.legs.is_empty() && !is_limited && promised.voucher.is_none() {
        return Ok(number);
    }
    let credits = BookingCredits {
        promise: promised.promise,
        price,
        is_limited,
        late_cancel,
        legs: promised.legs.clone(),
        given_back: 0,
        state: CreditsState::Reserved,
        events: Vec::new(),
        voucher: promised.voucher.clone().map(|terms| vouchers::redeemed(slot, number, terms)),
    };
    slot.ledger.set_credits(number, credits);
    account(slot, from).reserved.insert(number);
    Ok(number)
}

/// The merchant of a slot that asks for something, from now on.
pub(crate) fn account(slot: &mut Slot, merchant: EntityId) -> &mut Account {
    slot.account.get_or_insert_with(|| Account::new(merchant).into())
}

/// Whether this may be promised, and what its customer loses who cancels too late.
pub(crate) fn may_promise(
    slot: &Slot,
    at: Timestamp,
    from: EntityId,
    promised: &Promised,
) -> Result<LateCancel, NotBooked> {
    if replay(slot, at, identity_of(promised)).is_some() {
        return Err(NotBooked::Known);
    }
    if slot.account.as_ref().is_some_and(|account| account.merchant != from) {
        return Err(NotBooked::NotFound);
    }
    agreed(slot, promised).ok_or(NotBooked::Outdated)
}

/// Why nothing was booked, as a merchant is told.
pub(crate) fn not_booked(denied: Denied<Refused>) -> NotBooked {
    match denied {
        Denied::Refused(refused) => NotBooked::Refused(refused.refusal),
        Denied::Outdated | Denied::Overloaded | Denied::KeyReused => NotBooked::Outdated,
        Denied::NotFound | Denied::Forbidden => NotBooked::NotFound,
    }
}

fn identity_of(promised: &Promised) -> RequestIdentity {
    RequestIdentity { key: promised.request, fingerprint: promised.fingerprint }
}

/// What a customer loses who cancels too late, if the slot asks what was promised.
fn agreed(slot: &Slot, promised: &Promised) -> Option<LateCancel> {
    let asked = slot.definition.policy.on_account;
    let nothing = OnAccount { credits: None, placement_limit: false, code_required: false };
    let OnAccount { credits, placement_limit, code_required } = asked.unwrap_or(nothing);
    let Terms { price, is_limited, starts_at, .. } = promised.terms;
    let costs = u64::from(price.unwrap_or(0)) * u64::from(Inventory::size(&promised.book.wish));
    let paid = promised.legs.iter().map(|leg| u64::from(leg.count)).sum::<u64>();
    let is_same = credits.map(|credits| credits.price) == price
        && placement_limit == is_limited
        && (!code_required || promised.voucher.is_some())
        && slot.definition.starts_at == starts_at
        && costs == paid;
    is_same.then(|| credits.map_or(LateCancel::Refuse, |credits| credits.late_cancel))
}

/// Cancels a booking that its merchant takes back, if it is the one that was promised for and has not begun: in time or not, what was
/// promised comes back.
pub(crate) fn take_back(
    slot: &mut Slot,
    step: &mut Step,
    from: EntityId,
    (booking, promise): (RequestKey, PromiseNumber),
) -> Option<Kind> {
    slot.account.as_ref().filter(|account| account.merchant == from)?;
    let bookings = slot.ledger.bookings();
    let booking = bookings.by_request(booking).filter(|booking| !booking.standing.status().is_over())?;
    let number = booking.number;
    let credits = bookings.whole(booking).credits?;
    if credits.promise != promise || credits.state != CreditsState::Reserved {
        return None;
    }
    end(slot, number, Why::Given);
    in_order::lose(slot, &[number]);
    slot.ledger.change(number, Standing::Cancelled { at: step.at });
    step.changed.mark_requested(number);
    Some(Kind::Cancelled)
}

/// Ends what was promised for a booking that is about to be over.
pub(crate) fn end(slot: &mut Slot, number: Number, why: Why) {
    let Some(credits) = credits_of(slot, number) else { return };
    let policy = slot.definition.policy.on_account.and_then(|asked| asked.credits);
    let grace_seconds = policy.map_or(0, |credits| credits.grace_seconds);
    let is_firm = slot.ledger.bookings().get_whole(number).status() == Status::Confirmed;
    let uses = if is_firm { Uses::Kept } else { Uses::Back };
    let (state, fate) = match (credits.state, why) {
        (CreditsState::Spent, Why::Taken) => {
            (CreditsState::Spent, Fate::GivenBack { legs: credits.legs_left(), grace_seconds })
        }
        // What was used is used; only units come back.
        (CreditsState::Spent, Why::Given | Why::Late) => {
            (CreditsState::Spent, Fate::Released { grace_seconds: 0, uses })
        }
        (_reserved, Why::Late) if credits.late_cancel == LateCancel::Forfeit => {
            (CreditsState::Forfeited, Fate::Forfeited)
        }
        (_reserved, Why::Given | Why::Late) => {
            (CreditsState::Released, Fate::Released { grace_seconds: 0, uses })
        }
        (_reserved, Why::Taken) => (CreditsState::Released, Fate::Released { grace_seconds, uses }),
    };
    note(slot, number, BookingCredits { state, ..credits }, fate);
}

/// Gives back what a booking costs less that is for so many fewer.
pub(crate) fn lessen(slot: &mut Slot, number: Number, fewer: u32) {
    let Some(credits) = credits_of(slot, number).filter(|_credits| 0 < fewer) else { return };
    let back = match credits.state {
        CreditsState::Reserved => credits.price.unwrap_or(0).saturating_mul(fewer),
        CreditsState::Spent | CreditsState::Released | CreditsState::Forfeited => 0,
    };
    let units = if credits.is_limited { fewer } else { 0 };
    let given_back = credits.given_back.saturating_add(back);
    let (voucher, uses) = vouchers::lessened(slot, number, credits.voucher);
    let credits = BookingCredits { given_back, voucher, ..credits };
    note(slot, number, credits, Fate::Fewer { credits: back, units, uses });
}

/// Spends the credits of what is confirmed and has begun, and tells the merchant what it has not been told.
pub(crate) fn go_on(slot: &mut Slot, step: &mut Step) {
    let Some(account) = &slot.account else { return };
    if slot.definition.starts_at <= step.at && !account.reserved.is_empty() {
        let bookings = slot.ledger.bookings();
        let is_firm = |number: &&Number| bookings.get_whole(**number).status() == Status::Confirmed;
        for number in account.reserved.iter().filter(is_firm).copied().collect::<Vec<_>>() {
            let credits = credits_of(slot, number).expect("what is reserved is of a booking");
            note(slot, number, BookingCredits { state: CreditsState::Spent, ..credits }, Fate::Spent);
            step.changed.mark_changed(number);
            step.mark_by_time(Kind::Lapsed);
        }
    }
    tell(slot);
}

/// Leaves word for the merchant of what has become of promises, if it is not being told already: so much at once, the earliest first.
fn tell(slot: &mut Slot) {
    let Some(account) = slot.account.as_mut().filter(|account| account.told.telling.is_none()) else {
        return;
    };
    let mut ends = Vec::new();
    for &(seq, number) in account.untold.iter().take(ENDS_TOLD_AT_ONCE_MAX) {
        let booking = slot.ledger.bookings().get_whole(number);
        let credits = booking.credits.expect("what is told is of credits");
        let fates = credits.events.iter().filter(|(at, _fate)| *at == seq);
        ends.extend(fates.map(|(_seq, fate)| End {
            promise: credits.promise,
            customer: booking.record.customer.clone(),
            fate: fate.clone(),
        }));
        account.told.telling = Some((seq, number));
        // A booking has two ends in one change at most.
        if ENDS_TOLD_AT_ONCE_MAX <= ends.len() + 1 {
            break;
        }
    }
    if !ends.is_empty() {
        slot.base.intents.leave(Target::Entity(account.merchant), Message::Ended(ends));
    }
}

/// What was promised for a booking, if anything was.
fn credits_of(slot: &Slot, number: Number) -> Option<BookingCredits> {
    slot.account.as_ref()?;
    slot.ledger.bookings().get_whole(number).credits.cloned()
}

/// Notes what has become of a promise: by this change, and to be told.
fn note(slot: &mut Slot, number: Number, mut credits: BookingCredits, fate: Fate) {
    let seq = slot.base.seq.next();
    credits.events.push((seq, fate));
    let account = slot.account.as_mut().expect("what was promised was by a merchant");
    account.untold.insert((seq, number));
    if credits.state != CreditsState::Reserved {
        account.reserved.remove(&number);
    }
    slot.ledger.set_credits(number, credits);
}

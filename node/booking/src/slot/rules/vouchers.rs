//! Vouchers: what is booked with one costs less, and has as many uses of it as it has places that the voucher is for.

use alloc::sync::Arc;

use crate::{Bill, BookingVoucher, Item, Number, Slot, Status, VoucherTerms};

/// What a booking costs with its voucher, if it has one and costs anything.
pub(crate) fn discounted(voucher: Option<&VoucherTerms>, bill: Option<Arc<Bill>>) -> Option<Arc<Bill>> {
    let Some((voucher, off)) = voucher.and_then(|voucher| Some((voucher, voucher.off?))) else { return bill };
    let cheaper = |item: &Item| {
        let price =
            item.price.map(|price| if voucher.fits(item.product.as_deref()) { off.of(price) } else { price });
        Item { price, ..item.clone() }
    };
    bill.map(|bill| Arc::new(Bill::of(bill.items.iter().map(cheaper), bill.currency)))
}

/// The voucher with which a booking was just made.
pub(crate) fn redeemed(slot: &Slot, number: Number, terms: VoucherTerms) -> BookingVoucher {
    let uses = uses(slot, number, &terms);
    BookingVoucher { terms, uses }
}

/// The voucher of a booking that is for fewer by now, and how many uses come back by that: none once it is confirmed.
pub(crate) fn lessened(
    slot: &Slot,
    number: Number,
    voucher: Option<BookingVoucher>,
) -> (Option<BookingVoucher>, u32) {
    let Some(BookingVoucher { terms, uses: before }) = voucher else { return (None, 0) };
    let is_firm = slot.ledger.bookings().get_whole(number).status() == Status::Confirmed;
    let uses = if is_firm { before } else { uses(slot, number, &terms).min(before) };
    (Some(BookingVoucher { terms, uses }), before - uses)
}

/// How many places a booking has, or waits for, that a voucher is for.
pub(crate) fn uses(slot: &Slot, number: Number, terms: &VoucherTerms) -> u32 {
    let booking = slot.ledger.bookings().get_whole(number);
    let Some(bill) = booking.bill().filter(|_bill| !terms.products.is_empty()) else {
        return booking.record.quantity;
    };
    let fitting = bill.items.iter().filter(|item| terms.fits(item.product.as_deref()));
    fitting.map(|item| item.quantity).sum()
}

/// The voucher of a booking, if it has one.
pub(crate) fn of(slot: &Slot, number: Number) -> Option<&VoucherTerms> {
    let credits = slot.ledger.bookings().get_whole(number).credits?;
    credits.voucher.as_ref().map(|voucher| &voucher.terms)
}

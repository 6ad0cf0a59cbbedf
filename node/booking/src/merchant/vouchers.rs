//! Vouchers: codes that let somebody in, or make places cost less, so many times.
//!
//! A use is a place. It is reserved with the booking, as credits are, comes back when that ends unconfirmed, and is spent otherwise.

use super::account::{Account, PromisedUses};
use super::refusal::{Refusal, VoucherRefused};
use super::rules::{Effect, RuleResult, Step};
use super::state::Merchant;
use super::voucher::{NewVoucher, Voucher, VoucherChange, is_blank};
use super::words::{Entry, Kind};
use crate::base::outcome::Denied;
use crate::limits::VOUCHERS_MAX;
use crate::slot::inventory::Inventory;
use crate::{Book, Off, SlotId, Timestamp, VoucherNumber, VoucherTerms};

/// A voucher that is to be used for a booking.
pub(super) struct Redeemed {
    pub(super) uses: PromisedUses,
    pub(super) terms: VoucherTerms,
}

impl Merchant {
    /// Makes a voucher.
    pub(super) fn make_voucher(&mut self, step: &mut Step, new: &NewVoucher) -> RuleResult {
        let NewVoucher { code, uses, valid_until, off, slots, products, per_customer } = new;
        if is_blank(code) || *uses == 0 || !is_sound(*off) {
            return Err(Refusal::Malformed.into());
        }
        if self.vouchers.coded(code).is_some() {
            return Err(Refusal::CodeTaken.into());
        }
        if VOUCHERS_MAX as u64 <= self.vouchers.count() {
            return Err(Denied::Overloaded);
        }
        let number = VoucherNumber(self.vouchers.count() + 1);
        self.vouchers.put(Voucher {
            number,
            code: code.clone(),
            uses: *uses,
            reserved: 0,
            spent: 0,
            valid_until: *valid_until,
            off: *off,
            slots: slots.clone(),
            products: products.clone(),
            per_customer: *per_customer,
        });
        step.changed.push(Entry::of_voucher(number, *uses));
        Ok(Effect::Voucher(number))
    }

    /// Changes a voucher: what is reserved with it stays as it was promised.
    pub(super) fn change_voucher(&mut self, step: &mut Step, asked: &VoucherChange) -> RuleResult {
        let before = self.vouchers.get(asked.voucher).ok_or(Denied::NotFound)?;
        let mut after = before.clone();
        let VoucherChange { voucher: number, uses, valid_until, off, slots, products, per_customer } =
            asked.clone();
        after.uses = uses.unwrap_or(after.uses);
        after.valid_until = valid_until.unwrap_or(after.valid_until);
        after.off = off.unwrap_or(after.off);
        after.slots = slots.unwrap_or(after.slots);
        after.products = products.unwrap_or(after.products);
        after.per_customer = per_customer.unwrap_or(after.per_customer);
        if after.uses == 0 || !is_sound(after.off) {
            return Err(Refusal::Malformed.into());
        }
        if after == *before {
            return Ok(Effect::VoucherUnchanged(number));
        }
        step.changed.push(Entry::of_voucher(number, after.uses));
        self.vouchers.put(after);
        Ok(Effect::Voucher(number))
    }

    /// Withdraws a voucher: nobody uses it from now on. Its code stays its own.
    pub(super) fn withdraw_voucher(&mut self, step: &mut Step, number: VoucherNumber) -> RuleResult {
        let before = self.vouchers.get(number).ok_or(Denied::NotFound)?;
        let (at, uses) = (step.at, before.uses);
        if before.valid_until.is_some_and(|until| until <= at) {
            return Ok(Effect::VoucherUnchanged(number));
        }
        self.vouchers.change(number, |voucher| voucher.valid_until = Some(at));
        step.changed.push(Entry::of_voucher(number, uses));
        Ok(Effect::Voucher(number))
    }

    /// The voucher of a code, if it may be used for a booking; none where neither is a code given nor one asked for. So many uses of which
    /// are spoken for in the same step already.
    pub(super) fn redeem(
        &self,
        account: &Account,
        (code, is_required): (Option<&str>, bool),
        (slot, book): (SlotId, &Book),
        (at, spoken_for): (Timestamp, u32),
    ) -> Result<Option<Redeemed>, Refusal> {
        let no = |reason| Err(Refusal::VoucherRefused(reason));
        let Some(code) = code else {
            return if is_required { no(VoucherRefused::Required) } else { Ok(None) };
        };
        let Some(voucher) = self.vouchers.coded(code) else { return no(VoucherRefused::Unknown) };
        if voucher.valid_until.is_some_and(|until| until <= at) {
            return no(VoucherRefused::Expired);
        }
        let terms = voucher.terms();
        let count = places(book, &terms);
        let is_here = voucher.slots.is_empty() || voucher.slots.contains(&slot);
        if !is_here || count == 0 {
            return no(VoucherRefused::NotForThis);
        }
        if voucher.uses < voucher.used().saturating_add(spoken_for).saturating_add(count) {
            return no(VoucherRefused::UsedUp);
        }
        let had = account.uses_of(voucher.number).saturating_add(u64::from(count));
        if voucher.per_customer.is_some_and(|most| u64::from(most) < had) {
            return no(VoucherRefused::PerCustomer);
        }
        Ok(Some(Redeemed { uses: PromisedUses { voucher: voucher.number, count }, terms }))
    }

    /// A voucher, if there is one with this number.
    pub fn voucher(&self, number: VoucherNumber) -> Option<&Voucher> {
        self.vouchers.get(number)
    }

    /// The voucher with this code, however it is written.
    pub fn voucher_coded(&self, code: &str) -> Option<&Voucher> {
        self.vouchers.coded(code)
    }

    /// All vouchers, in the order in which they were made.
    pub fn vouchers(&self) -> impl Iterator<Item = &Voucher> {
        self.vouchers.iter()
    }
}

impl Entry {
    /// What happened to a voucher that has so many uses now. It is nobody's.
    fn of_voucher(number: VoucherNumber, count: u32) -> Self {
        let (kind, voucher) = (Kind::VoucherChanged, Some(number));
        Self { kind, customer: "".into(), package: None, voucher, order: None, count, booking: None }
    }
}

/// How many of the places that are asked for a voucher is for.
fn places(book: &Book, terms: &VoucherTerms) -> u32 {
    if terms.products.is_empty() {
        return Inventory::size(&book.wish);
    }
    let lines = book.basket.iter().flat_map(|basket| &basket.lines);
    lines.filter(|line| terms.fits(Some(&line.product))).map(|line| line.quantity).sum()
}

/// Whether there is such an amount off.
fn is_sound(off: Option<Off>) -> bool {
    !matches!(off, Some(Off::Percent(percent)) if 100 < percent)
}

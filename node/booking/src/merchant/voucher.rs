//! A voucher, and all that a merchant has.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::account::PromisedUses;
use crate::digest::Digest;
use crate::{Off, SlotId, Timestamp, Uses, VoucherNumber, VoucherTerms};

/// A code that lets somebody in, or makes places cost less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// Which of the merchant's it is.
    pub number: VoucherNumber,
    /// Its code, as it was written.
    pub code: Box<str>,
    /// How many times it can be used.
    pub uses: u32,
    /// How many uses are reserved for what may yet end unconfirmed.
    pub reserved: u32,
    /// How many uses are spent.
    pub spent: u32,
    /// Until when it is good; none is for ever.
    pub valid_until: Option<Timestamp>,
    /// How much less places cost with it; none where it only lets in.
    pub off: Option<Off>,
    /// Where it is good; everywhere, where no slot is named.
    pub slots: Vec<SlotId>,
    /// The keys of the products that it is for; of all, where there are none.
    pub products: Vec<Box<str>>,
    /// How many uses one customer may have.
    pub per_customer: Option<u32>,
}

/// The vouchers of a merchant, all in memory.
#[derive(Default)]
pub(crate) struct Vouchers {
    all: BTreeMap<VoucherNumber, Voucher>,
    by_code: BTreeMap<Box<str>, VoucherNumber>,
    /// Those that changed since the changes were last taken.
    changed: BTreeSet<VoucherNumber>,
    /// The wrapping sum of their digests.
    digest: u64,
}

/// A voucher that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVoucher {
    /// Its code.
    pub code: Box<str>,
    /// How many times it can be used: once for each place.
    pub uses: u32,
    /// Until when it is good; none is for ever.
    pub valid_until: Option<Timestamp>,
    /// How much less places cost with it; none where it only lets in.
    pub off: Option<Off>,
    /// Where it is good; everywhere, where no slot is named.
    pub slots: Vec<SlotId>,
    /// The keys of the products that it is for; of all, where there are none.
    pub products: Vec<Box<str>>,
    /// How many uses one customer may have.
    pub per_customer: Option<u32>,
}

/// What is changed of a voucher. What is left out stays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::option_option, reason = "what is left out stays, and none within is none")]
pub struct VoucherChange {
    /// Which.
    pub voucher: VoucherNumber,
    /// How many times it can be used.
    pub uses: Option<u32>,
    /// Until when it is good.
    pub valid_until: Option<Option<Timestamp>>,
    /// How much less places cost with it.
    pub off: Option<Option<Off>>,
    /// Where it is good.
    pub slots: Option<Vec<SlotId>>,
    /// For which products.
    pub products: Option<Vec<Box<str>>>,
    /// How many uses one customer may have.
    pub per_customer: Option<Option<u32>>,
}

/// Whether a code has no letters at all.
pub(super) fn is_blank(code: &str) -> bool {
    plain(code).is_empty()
}

/// A code as codes are compared: without case and blanks.
fn plain(code: &str) -> Box<str> {
    let letters = code.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase);
    letters.collect::<String>().into()
}

impl Voucher {
    /// How many uses are reserved or spent.
    pub fn used(&self) -> u32 {
        self.reserved.saturating_add(self.spent)
    }

    /// What a slot is told of it.
    pub(super) fn terms(&self) -> VoucherTerms {
        VoucherTerms { number: self.number, off: self.off, products: self.products.clone() }
    }

    /// A number that stands for all of it.
    pub(super) fn digest(&self) -> u64 {
        let Self { number, code, uses, reserved, spent, valid_until, off, slots, products, per_customer } =
            self;
        let digest = Digest::new("voucher")
            .word(number.0)
            .text(code)
            .word(*uses)
            .word(*reserved)
            .word(*spent)
            .option(*valid_until, |digest, until| digest.word(until.0))
            .option(*off, |digest, off| off.digest(digest))
            .option(*per_customer, Digest::word)
            .word(slots.len() as u64);
        let slot = |digest: Digest, slot: &SlotId| digest.bytes(&slot.to_bytes());
        let digest = slots.iter().fold(digest, slot).word(products.len() as u64);
        products.iter().fold(digest, |digest, product| digest.text(product)).finish()
    }
}

impl Vouchers {
    /// These vouchers; none where two have one number or one code.
    pub(super) fn restore(saved: Vec<Voucher>) -> Option<Self> {
        let (mut vouchers, many) = (Self::default(), saved.len());
        for voucher in saved {
            vouchers.put(voucher);
        }
        vouchers.changed.clear();
        (vouchers.all.len() == many && vouchers.by_code.len() == many).then_some(vouchers)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// The wrapping sum of their digests.
    pub(super) fn digest(&self) -> u64 {
        self.digest
    }

    /// All of them, in the order in which they were made.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Voucher> {
        self.all.values()
    }

    /// The one with this number.
    pub(super) fn get(&self, number: VoucherNumber) -> Option<&Voucher> {
        self.all.get(&number)
    }

    /// The one with this code, however it is written.
    pub(super) fn coded(&self, code: &str) -> Option<&Voucher> {
        self.by_code.get(&plain(code)).and_then(|number| self.all.get(number))
    }

    /// Puts one in the place of its number.
    pub(super) fn put(&mut self, voucher: Voucher) {
        self.digest = self.digest.wrapping_add(voucher.digest());
        self.changed.insert(voucher.number);
        self.by_code.insert(plain(&voucher.code), voucher.number);
        if let Some(before) = self.all.insert(voucher.number, voucher) {
            self.digest = self.digest.wrapping_sub(before.digest());
        }
    }

    /// Changes one that is here.
    pub(super) fn change(&mut self, number: VoucherNumber, change: impl FnOnce(&mut Voucher)) {
        let mut voucher = self.all.get(&number).expect("a voucher is never forgotten").clone();
        change(&mut voucher);
        self.put(voucher);
    }

    /// Reserves uses, which whoever redeems a code has found to be there.
    pub(super) fn reserve(&mut self, uses: PromisedUses) {
        self.change(uses.voucher, |voucher| voucher.reserved += uses.count);
    }

    /// Ends so many uses that are reserved.
    pub(super) fn end(&mut self, uses: PromisedUses, what: Uses) {
        self.change(uses.voucher, |voucher| {
            voucher.reserved = voucher.reserved.checked_sub(uses.count).expect("a use is reserved once");
            voucher.spent += if what == Uses::Kept { uses.count } else { 0 };
        });
    }

    /// Those that changed since this was last asked.
    pub(super) fn take_changed(&mut self) -> Vec<Voucher> {
        core::mem::take(&mut self.changed).iter().map(|number| self.all[number].clone()).collect()
    }

    /// Whether what is kept beside them is what follows from them.
    pub(super) fn are_indexed(&self) -> bool {
        let found = |voucher: &Voucher| self.by_code.get(&plain(&voucher.code)) == Some(&voucher.number);
        self.by_code.len() == self.all.len()
            && self.all.iter().all(|(number, voucher)| *number == voucher.number && found(voucher))
            && self.all.values().map(Voucher::digest).fold(0, u64::wrapping_add) == self.digest
    }
}

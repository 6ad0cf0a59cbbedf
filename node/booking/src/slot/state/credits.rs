//! What a merchant has promised for a booking, what has become of it, and how much of that the merchant has been told.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::base::promise::{Fate, Leg, PromiseNumber};
use crate::base::voucher::VoucherTerms;
use crate::digest::Digest;
use crate::{CreditsState, CreditsView, EntityId, LateCancel, Number, Seq, Timestamp};

/// What a merchant has promised for a booking: it stands beside the booking, under its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingCredits {
    /// Which promise it is.
    pub promise: PromiseNumber,
    /// How many credits a unit cost when it was booked; none where it costs none. That never changes.
    pub price: Option<u32>,
    /// Whether its units count against the merchant's limit.
    pub is_limited: bool,
    /// What its customer loses who cancels too late. That never changes either.
    pub late_cancel: LateCancel,
    /// Which packages pay, in the order of use, as it was promised.
    pub legs: Vec<Leg>,
    /// How many of these credits came back since it is for fewer: the last ones.
    pub given_back: u32,
    /// What has become of the others.
    pub state: CreditsState,
    /// What the merchant is to be told, in order, each by the change that did it. What was told stays.
    pub events: Vec<(Seq, Fate)>,
    /// The voucher with which it was booked, if it was with one.
    pub voucher: Option<BookingVoucher>,
}

/// The voucher with which a booking was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingVoucher {
    /// Which it is, and what costs how much less. That never changes.
    pub terms: VoucherTerms,
    /// How many uses it has: as many as there are places that it is for.
    pub uses: u32,
}

/// A slot and its merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// Who has promised.
    pub(crate) merchant: EntityId,
    /// Up to where the merchant has been told, and up to where it is being told.
    pub(crate) told: Told,
    /// What it has not been told yet: by the change, and whose.
    pub(crate) untold: BTreeSet<(Seq, Number)>,
    /// Bookings that are not over, and whose credits are promised.
    pub(crate) reserved: BTreeSet<Number>,
    /// Holds of orders, by when the merchant is to be asked what has become of them.
    pub(crate) overdue: BTreeSet<(Timestamp, Number)>,
}

/// How much a merchant has been told: everything up to a change and a booking of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Up to here it knows.
    pub upto: (Seq, Number),
    /// Up to here it is being told, by an intent that is open.
    pub telling: Option<(Seq, Number)>,
}

impl BookingCredits {
    /// How many credits are not given back.
    pub(crate) fn left(&self) -> u32 {
        self.legs.iter().map(|leg| leg.count).sum::<u32>().saturating_sub(self.given_back)
    }

    /// What of the legs is not given back.
    pub(crate) fn legs_left(&self) -> Vec<Leg> {
        let mut rest = self.left();
        let of_it = |leg: &Leg| {
            let count = leg.count.min(rest);
            rest -= count;
            Leg { count, ..*leg }
        };
        self.legs.iter().map(of_it).filter(|leg| 0 < leg.count).collect()
    }

    /// How a booking shows it: what came back before the others stands behind them.
    pub(crate) fn view(&self) -> Vec<CreditsView> {
        let (mut shown, mut rest) = (Vec::new(), self.left());
        let mut back = Vec::new();
        for Leg { package, count } in &self.legs {
            let left = rest.min(*count);
            rest -= left;
            if 0 < left {
                shown.push(CreditsView { package: *package, count: left, state: self.state });
            }
            if left < *count {
                let state = CreditsState::Released;
                back.push(CreditsView { package: *package, count: count - left, state });
            }
        }
        shown.extend(back);
        shown
    }

    /// How it was shown first: promised, all of it.
    pub(crate) fn first_view(&self) -> Vec<CreditsView> {
        let first = Self { given_back: 0, state: CreditsState::Reserved, ..self.clone() };
        first.view()
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest
            .word(self.promise.0)
            .option(self.price, Digest::word)
            .word(u32::from(self.is_limited))
            .word(self.late_cancel as u32)
            .word(self.given_back)
            .word(self.state as u32)
            .word(self.events.len() as u64);
        let events = |digest: Digest, (seq, fate): &(Seq, Fate)| fate.digest(digest.word(seq.0));
        let digest = self.events.iter().fold(Leg::digest_all(&self.legs, digest), events);
        digest
            .option(self.voucher.as_ref(), |digest, voucher| voucher.terms.digest(digest).word(voucher.uses))
    }
}

impl Account {
    /// Nothing was promised by this merchant yet.
    pub(crate) fn new(merchant: EntityId) -> Self {
        let told = Told { upto: (Seq(0), Number(0)), telling: None };
        let (untold, reserved, overdue) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { merchant, told, untold, reserved, overdue }
    }

    /// The same, with what follows from a booking that is not away.
    pub(crate) fn index(&mut self, number: Number, credits: &BookingCredits, is_over: bool) {
        if credits.state == CreditsState::Reserved && !is_over {
            self.reserved.insert(number);
        }
        let untold = credits.events.iter().map(|(seq, _fate)| (*seq, number));
        self.untold.extend(untold.filter(|event| self.told.upto < *event));
    }

    /// The merchant knows what it was being told.
    pub(crate) fn heard(&mut self) {
        let Some(upto) = self.told.telling.take() else { return };
        self.told.upto = upto;
        self.untold = self.untold.split_off(&upto);
        self.untold.remove(&upto);
    }

    /// Mixes this into a digest: what follows from the bookings is in theirs.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let place = |digest: Digest, (seq, number): (Seq, Number)| digest.word(seq.0).word(number.0);
        let digest = digest.text("account").bytes(&self.merchant.to_bytes());
        place(digest, self.told.upto).option(self.told.telling, place)
    }
}

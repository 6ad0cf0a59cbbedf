//! An attempt to pay for an order: how far it has come, as its provider reports, and what has become of the money.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::base::message::Provider;
use crate::base::payment::{AttemptStatus, Dispute, PaymentDeed, PaymentReport};
use crate::digest::Digest;
use crate::{Currency, Timestamp};

/// An attempt to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// With which provider.
    pub provider: Provider,
    /// How much is to be paid, in minor units.
    pub amount: u64,
    /// Where it stands: never back.
    pub status: AttemptStatus,
    /// How much was authorised.
    pub authorised: u64,
    /// How much of it was taken.
    pub captured: u64,
    /// How much of that was given back.
    pub refunded: u64,
    /// How much of it was asked to be given back.
    pub refund_asked: u64,
    /// Whether a refund has failed, and nobody has asked again.
    pub refund_failed: bool,
    /// Whether its customer has disputed it.
    pub dispute: Dispute,
    /// How its provider calls it.
    pub reference: Box<str>,
    /// What its provider is being asked, if it is.
    pub asking: Option<PaymentDeed>,
    /// What has become of the money, in order.
    pub rows: Vec<Row>,
}

/// Something that has become of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: RowKind,
    /// How much, in minor units; never negative.
    pub amount: u64,
}

/// What has become of money. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowKind {
    /// It can be taken.
    Authorised,
    /// It was taken.
    Captured,
    /// It was let go.
    Voided,
    /// It was given back.
    Refunded,
    /// Its customer says that it was not owed.
    Disputed,
    /// And was not right.
    DisputeWon,
    /// And was right.
    DisputeLost,
}

impl Attempt {
    /// One of which nothing is known yet.
    pub(super) fn new(provider: Provider, amount: u64) -> Self {
        Self {
            provider,
            amount,
            status: AttemptStatus::New,
            authorised: 0,
            captured: 0,
            refunded: 0,
            refund_asked: 0,
            refund_failed: false,
            dispute: Dispute::None,
            reference: "".into(),
            asking: None,
            rows: Vec::new(),
        }
    }

    /// Takes in what its provider reports: nothing of it ever leads back, so that late, repeated and reordered reports change nothing.
    /// Says whether anything is new.
    pub(super) fn join(&mut self, report: &PaymentReport, at: Timestamp) -> bool {
        let before = self.clone();
        if self.status < report.status {
            self.status = report.status;
            self.reference = report.reference.clone();
        }
        self.authorised = self.authorised.max(report.authorised);
        self.note(at, RowKind::Authorised, self.authorised - before.authorised);
        self.captured = self.captured.max(report.captured.min(self.authorised));
        self.note(at, RowKind::Captured, self.captured - before.captured);
        let ends =
            matches!(self.status, AttemptStatus::Voided | AttemptStatus::Lost | AttemptStatus::Captured);
        let let_go = self.sum(RowKind::Voided);
        if ends {
            let rest = self.authorised - self.captured;
            self.note(at, RowKind::Voided, rest.saturating_sub(let_go));
        }
        self.refunded = self.refunded.max(report.refunded.min(self.captured));
        self.note(at, RowKind::Refunded, self.refunded - before.refunded);
        self.refund_asked = self.refund_asked.max(self.refunded);
        self.refund_failed =
            (self.refund_failed || report.refund_failed) && self.refunded < self.refund_asked;
        if self.dispute < report.dispute {
            if self.dispute == Dispute::None {
                self.note(at, RowKind::Disputed, self.captured);
            }
            match report.dispute {
                Dispute::Won => self.note(at, RowKind::DisputeWon, self.captured),
                Dispute::Lost => self.note(at, RowKind::DisputeLost, self.captured),
                Dispute::None | Dispute::Open => {}
            }
            self.dispute = report.dispute;
        }
        *self != before
    }

    fn note(&mut self, at: Timestamp, kind: RowKind, amount: u64) {
        if 0 < amount {
            self.rows.push(Row { at, kind, amount });
        }
    }

    /// How much all rows of a kind are together.
    pub fn sum(&self, kind: RowKind) -> u64 {
        self.rows.iter().filter(|row| row.kind == kind).map(|row| row.amount).sum()
    }

    /// Whether it is what was to be paid, and of what.
    pub(super) fn pays(&self, report: &PaymentReport, currency: Option<Currency>) -> bool {
        self.authorised == self.amount && report.currency == currency
    }

    /// MR-3 and MR-4, of one attempt: rows are what it says, and no more is taken than can be, nor given back than was taken.
    pub(super) fn adds_up(&self) -> bool {
        self.sum(RowKind::Authorised) == self.authorised
            && self.sum(RowKind::Captured) == self.captured
            && self.sum(RowKind::Refunded) == self.refunded
            && self.captured + self.sum(RowKind::Voided) <= self.authorised
            && self.refunded <= self.captured
            && self.refunded <= self.refund_asked
    }

    /// Mixes this into a digest.
    pub(super) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest
            .word(self.provider.0)
            .word(self.amount)
            .word(self.status as u32)
            .word(self.authorised)
            .word(self.captured)
            .word(self.refunded)
            .word(self.refund_asked)
            .word(u32::from(self.refund_failed))
            .word(self.dispute as u32)
            .text(&self.reference)
            .option(self.asking, |digest, deed| digest.word(deed as u32))
            .word(self.rows.len() as u64);
        let row = |digest: Digest, row: &Row| digest.word(row.at.0).word(row.kind as u32).word(row.amount);
        self.rows.iter().fold(digest, row)
    }
}

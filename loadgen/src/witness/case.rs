//! A slot's requests, with what their answers say, laid beside what the slot says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use api::booking::Booking;
use api::feed::{Kind, Record};
use api::problem::{Code, Problem};
use api::slot::{Policy, Status};

use crate::history::{Answer, Ask, Evidence, Request};

/// One request and what its first answer says.
pub(super) struct Case<'h> {
    pub(super) request: &'h Request,
    /// None where no final answer came.
    pub(super) said: Option<Said>,
}

/// What an answer says.
#[derive(Debug)]
pub(super) enum Said {
    /// 200, 201 or 202: it is done, and this is the booking.
    Granted(Booking),
    /// 409: the slot decided against it, at this seq.
    Refused { code: Code, seq: u64 },
    /// Any other 4xx: no slot decided.
    Rejected { status: u16, code: Option<Code> },
    /// It breaks the contract in form, so that nobody can tell what it says.
    Unreadable(String),
}

impl Said {
    fn of(answer: &Answer) -> Self {
        match answer.status {
            200..=202 => match serde_json::from_slice(&answer.body) {
                Ok(booking) => Self::Granted(booking),
                Err(error) => {
                    Self::Unreadable(format!("{} with a body that is no booking: {error}", answer.status))
                }
            },
            409 => match serde_json::from_slice::<Problem>(&answer.body) {
                Ok(Problem { code, seq: Some(seq), .. }) if code.status() == 409 => {
                    Self::Refused { code, seq }
                }
                Ok(problem) => {
                    Self::Unreadable(format!("409 `{}` without the seq of its slot", problem.code.as_str()))
                }
                Err(error) => Self::Unreadable(format!("409 with a body that is no problem: {error}")),
            },
            status @ 400..=499 => {
                let problem = serde_json::from_slice::<Problem>(&answer.body).ok();
                Self::Rejected { status, code: problem.map(|problem| problem.code) }
            }
            status => Self::Unreadable(format!("status {status}, which no request can get")),
        }
    }
}

impl<'h> Case<'h> {
    pub(super) fn new(request: &'h Request) -> Self {
        Self { request, said: request.answers.first().map(Said::of) }
    }

    /// The booking, where the answer was yes.
    pub(super) const fn granted(&self) -> Option<&Booking> {
        match &self.said {
            Some(Said::Granted(booking)) => Some(booking),
            Some(Said::Refused { .. } | Said::Rejected { .. } | Said::Unreadable(_)) | None => None,
        }
    }

    /// Whether the answer was yes when it was asked again.
    pub(super) fn was_granted_later(&self) -> bool {
        self.request.answers.iter().skip(1).any(|answer| matches!(Said::of(answer), Said::Granted(_)))
    }

    /// The seq at which the slot decided, where one did and the answer came.
    pub(super) const fn seq(&self) -> Option<u64> {
        match &self.said {
            Some(Said::Granted(booking)) => Some(booking.seq),
            Some(Said::Refused { seq, .. }) => Some(*seq),
            Some(Said::Rejected { .. } | Said::Unreadable(_)) | None => None,
        }
    }
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { key, customer, ask, sent, answers, .. } = self.request;
        write!(f, "`{ask}` by {customer} (key {key}")?;
        if let Some(sent) = sent {
            write!(f, ", sent at {sent}")?;
        }
        if let Some(Answer { received, status, .. }) = answers.first() {
            write!(f, ", answered {status} at {received}")?;
        }
        if let Some(seq) = self.seq() {
            write!(f, ", seq {seq}")?;
        }
        f.write_str(")")
    }
}

/// One slot's cases and evidence.
pub(super) struct SlotCase<'h> {
    pub(super) evidence: &'h Evidence,
    pub(super) cases: Vec<Case<'h>>,
    /// Every customer of the drop, of this slot or another: what is theirs must have been asked for.
    pub(super) customers: &'h BTreeSet<&'h str>,
    /// The seqs after which the policy is known to be the one that was read before the drop.
    policy_known: Range<u64>,
}

impl<'h> SlotCase<'h> {
    pub(super) fn new(
        evidence: &'h Evidence,
        cases: Vec<Case<'h>>,
        customers: &'h BTreeSet<&'h str>,
    ) -> Self {
        let mut slot = Self { evidence, cases, customers, policy_known: 0..u64::MAX };
        for record in slot.records().iter().filter(|record| record.kind == Kind::SlotChanged) {
            if record.seq <= evidence.before.seq {
                slot.policy_known.start = record.seq;
            } else {
                slot.policy_known.end = slot.policy_known.end.min(record.seq);
            }
        }
        slot
    }

    /// The slot's feed; empty where it could not be read.
    pub(super) fn records(&self) -> &'h [Record] {
        self.evidence.feed.got().map_or(&[], |feed| &feed.records)
    }

    /// The same, to be found by seq.
    pub(super) fn records_by_seq(&self) -> BTreeMap<u64, &'h Record> {
        self.records().iter().map(|record| (record.seq, record)).collect()
    }

    /// The policy in force right after `seq`, where it is known: the feed tells that a slot was changed, not how.
    pub(super) fn policy_at(&self, seq: u64) -> Option<&'h Policy> {
        self.policy_known.contains(&seq).then_some(&self.evidence.before.policy)
    }

    /// Whether the slot is known to have been on sale throughout the drop.
    pub(super) fn on_sale_throughout(&self) -> bool {
        let after = self.evidence.after.got().map(|slot| slot.status);
        self.evidence.before.status == Status::OnSale
            && after == Some(Status::OnSale)
            && self.policy_known.end == u64::MAX
    }

    /// The bookings that were asked for and granted, with their cases.
    pub(super) fn booked(&self) -> impl Iterator<Item = (&Case<'h>, &Booking)> {
        self.cases.iter().filter_map(|case| match case.request.ask {
            Ask::Book { .. } => case.granted().map(|booking| (case, booking)),
            Ask::Cancel { .. } => None,
        })
    }
}

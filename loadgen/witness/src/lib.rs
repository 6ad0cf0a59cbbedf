//! The witness: judges from outside whether a drop was correct.
//!
//! It sees a [`History`] and nothing else. It has no clock, no socket and no code in common with the server: it
//! rebuilds from requests, answers and feeds, with a model of its own, what must be true, and accuses wherever that
//! differs from what was said. Slots are judged one by one, since each is linearizable by itself.
//!
//! *Invariants.* Of ours it knows the crate `api` and nothing else: a witness shares no code with what it judges. An
//! unknown outcome is never taken for a failure. What could not be read proves nothing: it becomes a doubt, never a
//! pass. Strangers may book the same slots; only the drop's own customers must be left to the drop.

pub mod history;

mod places;

pub mod house;

mod finding;

mod case;

mod model;

mod oversold;

mod lost;

mod doubled;

mod order;

mod promises;

mod sequence;

mod contract;

mod transitions;

mod decisions;

mod hour;

mod kept;

mod settled;

mod reads;

mod tariff;

mod quotas;

mod bills;

mod seats;

mod ranges;

mod report;

mod span;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use api::booking::Status;
use api::inventory::Inventory;

pub use crate::finding::{Check, EXAMPLES_MAX, Finding};

use crate::case::{Case, Said, SlotCase};
use crate::history::{Evidence, History, Reading, SlotNumber};
use crate::house::House;
use crate::tariff::Tariff;

/// What the witness found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// One finding a check, in the order of [`Check::ALL`].
    pub findings: Vec<Finding>,
    /// Why a drop without failures is not proven correct all the same.
    pub doubts: Vec<String>,
    /// What else is to be known of how it was judged.
    pub notes: Vec<String>,
    /// How the requests ended.
    pub outcomes: Outcomes,
}

/// How many requests ended in which way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// A slot decided and the answer came: by the booking's status, or by the refusal's code.
    pub decided: BTreeMap<&'static str, u64>,
    /// Answered, but not by a slot: a bad token, a body that was not taken. By code, or by status where there is none.
    pub rejected: BTreeMap<String, u64>,
    /// Sent, and no final answer came.
    pub unknown: u64,
    /// Of those, the ones that the feed shows as done.
    pub unknown_done: u64,
    /// Never sent: it can have had no effect.
    pub not_sent: u64,
}

/// The verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Every check passed on enough evidence.
    Correct,
    /// At least one check failed.
    Incorrect,
    /// No check failed, but something could not be seen.
    CouldNotTell,
}

impl Verdict {
    /// The verdict in one word: a failure outweighs every doubt.
    pub fn judgement(&self) -> Judgement {
        if self.findings.iter().any(|finding| finding.failures() > 0) {
            Judgement::Incorrect
        } else if self.doubts.is_empty() {
            Judgement::Correct
        } else {
            Judgement::CouldNotTell
        }
    }
}

/// Judges a drop. Fewer decided requests than `decided_percent_min` of all leave a doubt: empty evidence is no proof.
pub fn judge(history: &History, decided_percent_min: u32) -> Verdict {
    judge_with_houses(history, &BTreeMap::new(), decided_percent_min)
}

/// Judges a drop in which some slots have numbered seats: what those say of them.
pub fn judge_with_houses(
    history: &History,
    houses: &BTreeMap<SlotNumber, House>,
    decided_percent_min: u32,
) -> Verdict {
    let mut checks = Check::ALL.to_vec();
    checks.extend(Check::SEATS.into_iter().filter(|_check| !houses.is_empty()));
    checks.extend(Check::TARIFFS.into_iter().filter(|_check| history.slots.iter().any(sells_in_particular)));
    let is_calendar = |slot: &Evidence| matches!(slot.before.inventory, Inventory::Calendar(_));
    checks.extend(Check::RANGES.into_iter().filter(|_check| history.slots.iter().any(is_calendar)));
    let mut findings: Vec<Finding> = checks.into_iter().map(Finding::new).collect();
    let mut outcomes = Outcomes::default();
    let (mut doubts, mut notes) = (Vec::new(), Vec::new());
    let customers: BTreeSet<&str> =
        history.requests.iter().map(|request| request.customer.as_str()).collect();
    for slot in cases(history, houses, &customers) {
        for case in &slot.cases {
            outcomes.count(case);
        }
        doubts.extend(slot_doubts(&slot));
        for finding in &mut findings {
            match finding.check() {
                Check::NeverOversold => oversold::judge(&slot, finding),
                Check::NothingLost => lost::judge(&slot, finding),
                Check::NothingDoubled => doubled::judge(&slot, finding),
                Check::ServedInOrder => order::judge(&slot, finding),
                Check::PromisesKept => promises::judge(&slot, finding),
                Check::SeqInRealTime => sequence::judge(&slot, finding),
                Check::DecidedRightly => decisions::judge(&slot, finding),
                Check::UnknownSettled => outcomes.unknown_done += settled::judge(&slot, finding),
                Check::ReadsAgree => reads::judge(&slot, finding),
                Check::QuotasKept => quotas::judge(&slot, finding),
                Check::AmountsRight => bills::judge(&slot, finding),
                Check::SeatsGivenOnce
                | Check::SeatsCounted
                | Check::PicksHonoured
                | Check::BestWasBest
                | Check::MapsAgree
                | Check::RangesGivenOnce
                | Check::RangesDecided
                | Check::FreedRangesServed
                | Check::FreeAgrees => {}
            }
        }
        if let Some(house) = slot.house {
            notes.extend(seats::judge(&slot, house, &mut findings));
        }
        if slot.is_calendar() {
            notes.extend(ranges::judge(&slot, &mut findings));
        }
    }
    doubts.extend(outcomes.doubt(decided_percent_min));
    Verdict { findings, doubts, notes, outcomes }
}

/// Whether a slot ever sold products, or for a price.
fn sells_in_particular(slot: &Evidence) -> bool {
    let readings = [&slot.before].into_iter().chain(&slot.changes).chain(slot.after.got());
    readings.into_iter().any(Tariff::is_in)
}

/// The history, one slot at a time.
fn cases<'h>(
    history: &'h History,
    houses: &'h BTreeMap<SlotNumber, House>,
    customers: &'h BTreeSet<&'h str>,
) -> Vec<SlotCase<'h>> {
    let mut by_slot: Vec<Vec<Case<'h>>> = history.slots.iter().map(|_slot| Vec::new()).collect();
    for request in &history.requests {
        let SlotNumber(number) = request.slot;
        by_slot.get_mut(number).expect("a request is for a slot of the history").push(Case::new(request));
    }
    let slots = history.slots.iter().zip(by_slot);
    let numbered = slots.enumerate();
    numbered
        .map(|(number, (evidence, cases))| {
            SlotCase::new(evidence, cases, customers, houses.get(&SlotNumber(number)))
        })
        .collect()
}

fn slot_doubts(slot: &SlotCase<'_>) -> Vec<String> {
    let id = &slot.evidence.before.id;
    let mut doubts = Vec::new();
    if let Reading::Unreadable(why) = &slot.evidence.feed {
        doubts.push(format!("the feed of {id} could not be read: {why}"));
    }
    if let Reading::Unreadable(why) = &slot.evidence.after {
        doubts.push(format!("{id} could not be read: {why}"));
    }
    let mut unreadable = slot.evidence.bookings.iter().filter_map(|(booking, reading)| match reading {
        Reading::Unreadable(why) => Some(format!("booking {booking} could not be read: {why}")),
        Reading::Got(_) | Reading::Missing => None,
    });
    // One stands for all: a node that is gone would fill the screen otherwise.
    doubts.extend(unreadable.next());
    doubts
}

impl Outcomes {
    /// Requests that a slot decided.
    pub fn decided(&self) -> u64 {
        self.decided.values().sum()
    }

    /// All requests.
    pub fn all(&self) -> u64 {
        self.decided() + self.rejected.values().sum::<u64>() + self.unknown + self.not_sent
    }

    fn count(&mut self, case: &Case<'_>) {
        let count = match (&case.said, case.request.sent) {
            (Some(Said::Granted(booking)), _) => self.decided.entry(status_name(booking.status)).or_default(),
            (Some(Said::Refused { code, .. }), _) => self.decided.entry(code.as_str()).or_default(),
            (Some(Said::Unreadable(_)), _) => self.decided.entry("unreadable").or_default(),
            (Some(Said::Rejected { status, code }), _) => {
                let name = code.map_or_else(|| status.to_string(), |code| code.as_str().to_owned());
                self.rejected.entry(name).or_default()
            }
            (None, Some(_)) => &mut self.unknown,
            (None, None) => &mut self.not_sent,
        };
        *count += 1;
    }

    fn doubt(&self, decided_percent_min: u32) -> Option<String> {
        let (decided, all) = (self.decided(), self.all());
        if decided == 0 {
            return Some("no request was decided".to_owned());
        }
        let too_few = decided * 100 < all * u64::from(decided_percent_min);
        too_few.then(|| {
            format!("only {decided} of {all} requests were decided; {decided_percent_min} % are asked for")
        })
    }
}

const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Held => "held",
        Status::Offered => "offered",
        Status::Waitlisted => "waitlisted",
        Status::Confirmed => "confirmed",
        Status::Cancelled => "cancelled",
        Status::Declined => "declined",
        Status::Expired => "expired",
    }
}

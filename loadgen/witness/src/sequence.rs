//! Seq in real time (P7, BK-6): the feed has no gap, its clock never goes back, and its order is one in which the
//! requests and the linearizable reads can have happened.
//!
//! What was answered before something else was sent must come before it. With the slot's own numbering as the
//! certificate this takes one sort instead of a search, and a slot that lies about its numbers is still caught, since
//! every answer is also looked up at its seq.

use api::feed::Kind;

use std::fmt;

use crate::case::{Case, Deed, Said, SlotCase};
use crate::finding::Finding;
use crate::history::{FreeLook, Look, Moment, Reading};

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    judge_feed(slot, finding);
    judge_real_time(slot, finding);
}

fn judge_feed(slot: &SlotCase<'_>, finding: &mut Finding) {
    let id = &slot.evidence.before.id;
    let Reading::Got(feed) = &slot.evidence.feed else { return };
    let mut last_at = None;
    for (expected, record) in (1..).zip(&feed.records) {
        finding.examine();
        let (seq, at) = (record.seq, record.at);
        if seq != expected {
            finding.fail(format!("the feed of {id} has seq {seq} where {expected} is due"));
            // One gap shifts all that follow: it is told once.
            break;
        }
        if Some(at) < last_at {
            finding.fail(format!("the feed of {id} goes back in time at seq {seq}, to {at}"));
        }
        if (record.kind == Kind::SlotCreated) != (seq == 1) {
            finding.fail(format!("the feed of {id} has {:?} at seq {seq}", record.kind));
        }
        last_at = Some(at);
    }
    let last = feed.records.last().map_or(0, |record| record.seq);
    if last != feed.seq {
        finding.fail(format!(
            "the feed of {id} says that it is complete up to {}, but ends at {last}",
            feed.seq
        ));
    }
}

/// An answer of a slot, as an interval in real time and a place in the slot's order.
struct Event<'c> {
    what: What<'c>,
    sent: Moment,
    received: Moment,
    seq: u64,
    /// The least seq that it may have behind one of seq 0: a change takes a number of its own, a refusal does not.
    step: u64,
}

/// What an answer was given to.
enum What<'c> {
    Asked(&'c Case<'c>),
    Read(u64),
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(case) => case.fmt(f),
            Self::Read(seq) => write!(f, "a linearizable read at seq {seq}"),
        }
    }
}

fn judge_real_time(slot: &SlotCase<'_>, finding: &mut Finding) {
    let asked = slot.cases.iter().filter_map(Event::of);
    let free = slot.evidence.free.iter().filter_map(read);
    let looks = slot.evidence.looks.iter().copied().chain(free).map(Event::from);
    let mut by_sent: Vec<Event<'_>> = asked.chain(looks).collect();
    by_sent.sort_by_key(|event| event.sent);
    let mut by_received: Vec<&Event<'_>> = by_sent.iter().collect();
    by_received.sort_by_key(|event| event.received);

    let mut answered = by_received.into_iter().peekable();
    let mut highest: Option<&Event<'_>> = None;
    for event in &by_sent {
        finding.examine();
        while let Some(earlier) = answered.next_if(|earlier| earlier.received < event.sent) {
            if highest.is_none_or(|highest| highest.seq < earlier.seq) {
                highest = Some(earlier);
            }
        }
        if let Some(highest) = highest.filter(|highest| event.seq < highest.seq + event.step) {
            finding
                .fail(format!("{} was over before {} began, but is not before it", highest.what, event.what));
        }
    }
}

/// A look at what is free as a read of the slot, if it could be read.
fn read(look: &FreeLook) -> Option<Look> {
    let seq = look.page.got()?.seq;
    Some(Look { sent: look.sent, received: look.received, seq })
}

impl<'c> Event<'c> {
    /// None where no slot decided, or the answer did not come.
    fn of(case: &'c Case<'c>) -> Option<Self> {
        let step = match case.said {
            // What is already as it is to be takes no number.
            Some(Said::Granted(_)) => u64::from(!Deed::asked(&case.request.ask).may_keep()),
            Some(Said::Refused { .. } | Said::Rejected { .. } | Said::Unreadable(_)) | None => 0,
        };
        let received = case.request.answers.first()?.received;
        let what = What::Asked(case);
        Some(Self { what, sent: case.request.sent?, received, seq: case.seq()?, step })
    }
}

impl From<Look> for Event<'_> {
    fn from(Look { sent, received, seq }: Look) -> Self {
        Self { what: What::Read(seq), sent, received, seq, step: 0 }
    }
}

//! A slot's requests, with what their answers say, laid beside what the slot says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use api::booking::Booking;
use api::feed::{Kind, Record};
use api::inventory::Inventory;
use api::problem::{Code, Problem};
use api::slot::{Policy, Slot};

use crate::history::{Answer, Ask, Asker, Evidence, Request};
use crate::house::House;

/// One request and what its first answer says.
pub(crate) struct Case<'h> {
    pub(crate) request: &'h Request,
    /// None where no final answer came.
    pub(crate) said: Option<Said>,
}

/// What is done when a request is granted, as requests and records have it in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    Book,
    Confirm,
    Extend,
    Accept,
    Decline,
    Cancel,
    Reduce,
    Reseat,
    Move,
}

impl Deed {
    pub(crate) const fn asked(ask: &Ask) -> Self {
        match ask {
            Ask::Book { .. } => Self::Book,
            Ask::Confirm { .. } => Self::Confirm,
            Ask::Extend { .. } => Self::Extend,
            Ask::Accept { .. } => Self::Accept,
            Ask::Decline { .. } => Self::Decline,
            Ask::Cancel { .. } => Self::Cancel,
            Ask::Reduce { .. } => Self::Reduce,
            Ask::Reseat { .. } => Self::Reseat,
            Ask::Move { .. } => Self::Move,
        }
    }

    /// Whether it may be granted and leave everything as it was: a hold that lasts for as long already as it is to be
    /// extended, a booking that is for so many already, or has that range.
    pub(crate) const fn may_keep(self) -> bool {
        match self {
            Self::Extend | Self::Reduce | Self::Move => true,
            Self::Book | Self::Confirm | Self::Accept | Self::Decline | Self::Cancel | Self::Reseat => false,
        }
    }

    /// None where no request about a booking was behind it.
    pub(crate) const fn recorded(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Booked => Some(Self::Book),
            Kind::Confirmed => Some(Self::Confirm),
            Kind::Extended => Some(Self::Extend),
            Kind::Accepted => Some(Self::Accept),
            Kind::Declined => Some(Self::Decline),
            Kind::Cancelled => Some(Self::Cancel),
            Kind::QuantityChanged => Some(Self::Reduce),
            Kind::Reseated => Some(Self::Reseat),
            Kind::Moved => Some(Self::Move),
            Kind::SlotCreated
            | Kind::SlotChanged
            | Kind::SlotCancelled
            | Kind::Lapsed
            | Kind::Finished
            | Kind::SeatsChanged => None,
        }
    }
}

/// The booking that a record's request was about: the first, where there was a request.
pub(crate) fn subject(record: &Record) -> Option<&Booking> {
    record.bookings.first().filter(|_first| Deed::recorded(record.kind).is_some())
}

/// What an answer says.
#[derive(Debug)]
pub(crate) enum Said {
    /// 200, 201 or 202: it is done, and this is the booking.
    Granted(Box<Booking>),
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
    pub(crate) fn new(request: &'h Request) -> Self {
        Self { request, said: request.answers.first().map(Said::of) }
    }

    /// The booking, where the answer was yes.
    pub(crate) const fn granted(&self) -> Option<&Booking> {
        match &self.said {
            Some(Said::Granted(booking)) => Some(booking),
            Some(Said::Refused { .. } | Said::Rejected { .. } | Said::Unreadable(_)) | None => None,
        }
    }

    /// Whether the answer was yes when it was asked again.
    pub(crate) fn was_granted_later(&self) -> bool {
        self.request.answers.iter().skip(1).any(|answer| matches!(Said::of(answer), Said::Granted(_)))
    }

    /// The seq at which the slot decided, where one did and the answer came.
    pub(crate) const fn seq(&self) -> Option<u64> {
        match &self.said {
            Some(Said::Granted(booking)) => Some(booking.seq),
            Some(Said::Refused { seq, .. }) => Some(*seq),
            Some(Said::Rejected { .. } | Said::Unreadable(_)) | None => None,
        }
    }
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { key, customer, by, ask, sent, answers, .. } = self.request;
        let by = match by {
            Asker::Customer => "by",
            Asker::Organizer => "by the organizer for",
        };
        write!(f, "`{ask}` {by} {customer} (key {key}")?;
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
pub(crate) struct SlotCase<'h> {
    pub(crate) evidence: &'h Evidence,
    pub(crate) cases: Vec<Case<'h>>,
    /// Every customer of the drop, of this slot or another: what is theirs must have been asked for.
    pub(crate) customers: &'h BTreeSet<&'h str>,
    /// What it says of its seats, where it has any.
    pub(crate) house: Option<&'h House>,
    by_seq: BTreeMap<u64, &'h Record>,
    /// The slot with the terms that came into force at each seq; none where nobody read it then.
    terms: BTreeMap<u64, Option<&'h Slot>>,
}

impl<'h> SlotCase<'h> {
    pub(crate) fn new(
        evidence: &'h Evidence,
        cases: Vec<Case<'h>>,
        customers: &'h BTreeSet<&'h str>,
        house: Option<&'h House>,
    ) -> Self {
        let by_seq = BTreeMap::new();
        let mut slot = Self { evidence, cases, customers, house, by_seq, terms: BTreeMap::from([(0, None)]) };
        for record in slot.records() {
            slot.by_seq.insert(record.seq, record);
            if matches!(record.kind, Kind::SlotCreated | Kind::SlotChanged) {
                slot.terms.insert(record.seq, None);
            }
        }
        for read in slot.readings() {
            let (_since, terms) = slot.terms.range_mut(..=read.seq).next_back().expect("seq 0 is there");
            terms.get_or_insert(read);
        }
        slot
    }

    /// Whether ranges of time are booked of it.
    pub(crate) const fn is_calendar(&self) -> bool {
        matches!(self.evidence.before.inventory, Inventory::Calendar(_))
    }

    /// Whether it has something else to give out than a number of units: who gets what is judged with that.
    pub(crate) const fn counts_otherwise(&self) -> bool {
        self.house.is_some() || self.is_calendar()
    }

    /// The slot's feed; empty where it could not be read.
    pub(crate) fn records(&self) -> &'h [Record] {
        self.evidence.feed.got().map_or(&[], |feed| &feed.records)
    }

    /// The same, to be found by seq.
    pub(crate) const fn by_seq(&self) -> &BTreeMap<u64, &'h Record> {
        &self.by_seq
    }

    /// Every look at the slot itself, the first one first.
    pub(crate) fn readings(&self) -> impl Iterator<Item = &'h Slot> + use<'h> {
        let Evidence { before, changes, after, .. } = self.evidence;
        [before].into_iter().chain(changes).chain(after.got())
    }

    /// The slot with the terms that are in force right after `seq`, where they are known. Its status and counts are of
    /// another moment.
    pub(crate) fn terms_at(&self, seq: u64) -> Option<&'h Slot> {
        self.terms.range(..=seq).next_back().and_then(|(_since, terms)| *terms)
    }

    /// The policy of those terms.
    pub(crate) fn policy_at(&self, seq: u64) -> Option<&'h Policy> {
        self.terms_at(seq).map(|slot| &slot.policy)
    }

    /// Whether a record shows all that happened. A slot that is called off or over hides whom it served before.
    pub(crate) fn shows_all(&self, record: &Record) -> bool {
        let ends_at = self.terms_at(record.seq).map(|terms| terms.ends_at);
        match record.kind {
            Kind::SlotCancelled => false,
            Kind::SlotChanged => ends_at.is_some_and(|ends_at| record.at < ends_at),
            Kind::SlotCreated
            | Kind::Booked
            | Kind::Confirmed
            | Kind::Extended
            | Kind::Accepted
            | Kind::Declined
            | Kind::Cancelled
            | Kind::Lapsed
            | Kind::Finished
            | Kind::QuantityChanged
            | Kind::Reseated
            | Kind::SeatsChanged
            | Kind::Moved => true,
        }
    }

    /// Whether some terms of the slot may be like this: those that nobody read may.
    pub(crate) fn terms_may_be(&self, like: impl Fn(&Slot) -> bool) -> bool {
        let mut terms = self.terms.iter().filter(|(since, terms)| **since > 0 || terms.is_some());
        terms.any(|(_since, terms)| terms.is_none_or(&like))
    }

    /// The record that a granted request left behind.
    pub(crate) fn record_of(&self, case: &Case<'_>) -> Option<&'h Record> {
        let booking = case.granted()?;
        let record = *self.by_seq.get(&booking.seq)?;
        let is_its_own = Deed::recorded(record.kind) == Some(Deed::asked(&case.request.ask))
            && record.bookings.first().is_some_and(|first| first.id == booking.id);
        is_its_own.then_some(record)
    }

    /// Whether a granted request left no record behind: what is already as it is to be stays so, and takes no seq. It may
    /// still name the record of an earlier one.
    pub(crate) fn is_kept(&self, case: &Case<'_>) -> bool {
        Deed::asked(&case.request.ask).may_keep()
            && case.granted().is_some()
            && self.record_of(case).is_none()
    }

    /// Whether a booking had seats at any time.
    pub(crate) fn had_seats(&self, id: &str) -> bool {
        let told = self.house.into_iter().flat_map(|house| &house.records);
        let bookings = self.records().iter().zip(told);
        let mut bookings = bookings.flat_map(|(record, told)| record.bookings.iter().zip(&told.bookings));
        bookings.any(|(booking, told)| booking.id == id && !told.seats.is_empty())
    }

    /// Whether a booking was of several products at any time.
    pub(crate) fn had_several_products(&self, id: &str) -> bool {
        let bookings = self.records().iter().flat_map(|record| &record.bookings);
        let mut own = bookings.filter(|booking| booking.id == id);
        own.any(|booking| booking.lines.as_ref().is_some_and(|lines| lines.len() > 1))
    }

    /// The bookings that were asked for and granted, with their cases.
    pub(crate) fn booked(&self) -> impl Iterator<Item = (&Case<'h>, &Booking)> {
        let booked = self.cases.iter().filter(|case| matches!(case.request.ask, Ask::Book { .. }));
        booked.filter_map(|case| Some((case, case.granted()?)))
    }
}

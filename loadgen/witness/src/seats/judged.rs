//! What is judged of one booking: its seats, what its request had to come to, and whether the best were the best.

use std::collections::BTreeSet;

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use api::problem::Code;
use api::slot::Policy;

use super::decide::{Decision, How, Newcomer, Outcome, decide};
use super::floor::{Claim, Floor};
use super::hall::{COMPANIONS_MAX, Hall, Stopped, Wish};
use super::picks::Picked;
use super::sample::Sample;
use super::search::{Placement, best};
use super::singles::{blocks, refused_for};
use crate::case::{Case, Said};
use crate::contract;
use crate::finding::Check;
use crate::history::{Ask, Asker, Origin, Places};
use crate::house::words::{BookingSeats, Conflict, RecordSeats, Refusal};
use crate::house::{Kind as SeatKind, Plan};
use crate::model::is_served;
use crate::report::Report;

/// A booking of a record, with its seats.
pub(super) type Told<'h> = (&'h Booking, &'h BookingSeats);

/// A hall, and what is found in it.
pub(super) struct Judge<'h, 'f> {
    pub(super) hall: Hall<'h>,
    pub(super) report: Report<'f>,
    pub(super) searches: Sample,
}

impl<'h> Judge<'h, '_> {
    /// Takes a booking as its record leaves it.
    pub(super) fn apply(&mut self, record: &Record, (booking, told): Told<'h>) {
        let former = self.hall.floor.claim(&booking.id).cloned();
        self.hall.model.apply_booking(booking);
        let mut faults = Vec::new();
        if is_served(booking.status) {
            self.report.examine(Check::SeatsGivenOnce);
            faults.extend(self.hall.floor.give(&booking.id, booking.status, told));
            faults.extend(shape_faults(&self.hall.floor, booking, told));
            let may_move = matches!(record.kind, Kind::Reseated | Kind::QuantityChanged | Kind::SlotChanged);
            let now = self.hall.floor.claim(&booking.id).cloned().unwrap_or_default();
            if let Some(former) = former.filter(|former| !may_move && !is_same(former, &now)) {
                let had = names(self.hall.floor.plan, former.seats);
                faults.push(format!("{} had {had} and has {}, unasked", booking.id, told.seats.join(", ")));
            }
        } else {
            self.hall.floor.release(&booking.id);
            if booking.status == Status::Waitlisted && !(told.seats.is_empty() && told.areas.is_empty()) {
                faults.push(format!("{} has {} while it waits", booking.id, told.seats.join(", ")));
            }
        }
        for fault in faults {
            self.fail(Check::SeatsGivenOnce, record, &fault);
        }
    }

    fn fail(&mut self, check: Check, record: &Record, why: &str) {
        self.report.fail(check, format!("at seq {} ({}) {why}", record.seq, record.at));
    }

    /// Takes what the organizer closed or opened.
    pub(super) fn closing(&mut self, record: &Record, told: &'h RecordSeats) {
        let faults = told.seats.as_ref().map(|closing| self.hall.floor.take_closing(closing));
        for fault in faults.unwrap_or_default() {
            self.fail(Check::SeatsGivenOnce, record, &fault);
        }
    }

    /// Takes another map.
    pub(super) fn move_to(&mut self, record: &Record, plan: &'h Plan) {
        let floor = std::mem::replace(&mut self.hall.floor, Floor::new(plan));
        let (floor, lost) = floor.moved_to(plan);
        self.hall.floor = floor;
        for fault in lost {
            self.fail(Check::SeatsGivenOnce, record, &fault);
        }
    }

    /// A newcomer, in the hall as it was when it was heard.
    pub(super) fn newcomer(&mut self, case: &Case<'h>, policy: &Policy, record: &Record, told: Told<'h>) {
        self.answer(case, record, told.1);
        let outcome = match told.0.status {
            Status::Waitlisted => Outcome::Waits,
            Status::Held | Status::Confirmed => Outcome::Served,
            Status::Offered | Status::Cancelled | Status::Declined | Status::Expired => return,
        };
        let Some(decision) = decision(&self.hall, case, policy) else { return };
        let check = check_of(case);
        self.report.examine(check);
        if !decision.outcomes.contains(&outcome) {
            let why = format!("{case}: it is {outcome:?} where {:?} is due", decision.outcomes);
            self.report.fail(check, why);
            return;
        }
        match decision.how {
            How::Picked(seats) => {
                let named: BTreeSet<&String> = told.1.seats.iter().collect();
                let plan = self.hall.floor.plan;
                let wanted: BTreeSet<&String> = seats.iter().map(|seat| &plan.seats[*seat].name).collect();
                if named != wanted {
                    self.report.fail(check, format!("{case}: it named {wanted:?} and got {named:?}"));
                }
            }
            How::Best(wish) if outcome == Outcome::Served => self.placement(record, told, &wish),
            How::Best(_)
            | How::Plain
            | How::Conflicts(_)
            | How::Singles(_)
            | How::Quotas(..)
            | How::Scattered(_) => {}
        }
    }

    /// A refusal, in the hall as it is at its seq.
    pub(super) fn refusal(&mut self, case: &Case<'h>, policy: &Policy) {
        let Some(Said::Refused { code, .. }) = case.said else { return };
        if let Ask::Reseat { .. } = case.request.ask {
            self.refused_swap(case, code);
            return;
        }
        // Whether it was on sale at all is judged with all other slots.
        let is_off_sale = code == Code::NotOnSale && self.hall.tariff.is_none();
        if self.hall.model.is_cancelled() || code == Code::SlotCancelled || is_off_sale {
            return;
        }
        let Some(decision) = decision(&self.hall, case, policy) else { return };
        let check = if code == Code::NotTogether { Check::BestWasBest } else { check_of(case) };
        self.report.examine(check);
        if !decision.outcomes.contains(&Outcome::Refused(code)) {
            let why = format!("{case}: refused as `{}` where {:?} is due", code.as_str(), decision.outcomes);
            self.report.fail(check, why);
            return;
        }
        // What is told goes with what is due by the contract's words, not with what it leaves open.
        let is_due = decision.outcomes.first() == Some(&Outcome::Refused(code));
        if let Some(why) = self.details(case, &decision).filter(|_why| is_due) {
            self.report.fail(check, format!("{case}: {why}"));
        }
    }

    /// What a refusal tells otherwise than it is. One that is told again may have forgotten it.
    fn details(&self, case: &Case<'_>, decision: &Decision<'_>) -> Option<String> {
        let answer = case.request.answers.first().filter(|answer| answer.origin == Origin::Decided)?;
        let told: Refusal = match serde_json::from_slice(&answer.body) {
            Ok(told) => told,
            Err(error) => return Some(format!("its conflicts cannot be read: {error}")),
        };
        match &decision.how {
            How::Conflicts(conflicts) => differ(&told.conflicts, conflicts),
            How::Singles(singles) => {
                let is: BTreeSet<&str> =
                    singles.iter().map(|seat| self.hall.floor.plan.seats[*seat].name.as_str()).collect();
                let told: BTreeSet<&str> = told.singles.iter().map(String::as_str).collect();
                (told != is).then(|| format!("it tells of {told:?} where {is:?} would be left alone"))
            }
            How::Scattered(readings) => {
                let largest = readings.each_ref().map(|categories| {
                    categories.iter().map(|category| self.hall.floor.largest_block(*category)).max()
                });
                (!largest.contains(&told.largest_block)).then(|| {
                    format!("it tells of {:?} together where {:?} are", told.largest_block, largest[0])
                })
            }
            How::Quotas(exhausted, too_small) => contract::quotas_fault(answer, exhausted, too_small),
            How::Plain | How::Picked(_) | How::Best(_) => None,
        }
    }

    /// What an answer says of its seats, against what the feed does.
    fn answer(&mut self, case: &Case<'_>, record: &Record, told: &BookingSeats) {
        let answered = case.request.answers.first().and_then(|answer| {
            serde_json::from_slice::<BookingSeats>(&answer.body).ok().filter(|answered| answered != told)
        });
        if let Some(answered) = answered {
            let why = format!("{case} was answered with {answered:?}, and its record has {told:?}");
            self.fail(Check::SeatsGivenOnce, record, &why);
        }
    }

    /// A change of a booking that is there, before it is taken.
    pub(super) fn change(&mut self, record: &Record, (booking, told): Told<'h>, case: Option<&Case<'h>>) {
        if let Some(case) = case {
            self.answer(case, record, told);
        }
        let Some(former) = self.hall.floor.claim(&booking.id).cloned() else { return };
        match (record.kind, case.map(|case| &case.request.ask)) {
            (Kind::QuantityChanged, _) => {
                let plan = self.hall.floor.plan;
                let had: BTreeSet<&str> =
                    former.seats.iter().map(|seat| plan.seats[*seat].name.as_str()).collect();
                if let Some(seat) = told.seats.iter().find(|seat| !had.contains(seat.as_str())) {
                    let why = format!("{} was made smaller and has {seat}, which it had not", booking.id);
                    self.fail(Check::SeatsGivenOnce, record, &why);
                }
            }
            (Kind::Reseated, Some(Ask::Reseat { add, drop, .. })) => {
                self.report.examine(Check::PicksHonoured);
                let case = case.expect("an ask is a case's");
                let conflicts = self.swap_conflicts(case, &former).swap_remove(0);
                if !conflicts.is_empty() {
                    let why = format!("{case}: it was granted, with {conflicts:?} in the way");
                    self.report.fail(Check::PicksHonoured, why);
                }
                let plan = self.hall.floor.plan;
                let had = former.seats.iter().map(|seat| &plan.seats[*seat].name);
                let wanted: BTreeSet<&String> = had.filter(|seat| !drop.contains(seat)).chain(add).collect();
                let has: BTreeSet<&String> = told.seats.iter().collect();
                if wanted != has {
                    let why = format!("{case}: it was to have {wanted:?} and has {has:?}");
                    self.report.fail(Check::PicksHonoured, why);
                }
            }
            (_, _) => {}
        }
    }

    fn refused_swap(&mut self, case: &Case<'h>, code: Code) {
        let (Ask::Reseat { booking, .. }, Code::SeatsRefused | Code::LeavesSingle) =
            (&case.request.ask, code)
        else {
            return;
        };
        let Some(former) = self.hall.floor.claim(booking).cloned() else { return };
        self.report.examine(Check::PicksHonoured);
        let readings = self.swap_conflicts(case, &former);
        let fault = if code == Code::LeavesSingle {
            let singles = self.swap_singles(case, &former);
            singles
                .is_some_and(|singles| singles.is_empty())
                .then(|| "no single seat would be left".to_owned())
        } else {
            let answer = case.request.answers.first();
            let told = answer.and_then(|answer| serde_json::from_slice::<Refusal>(&answer.body).ok());
            let told = told.unwrap_or_default().conflicts;
            let is_true = |is: &Vec<Conflict>| !is.is_empty() && differ(&told, is).is_none();
            let is_replayed = answer.is_some_and(|answer| answer.origin == Origin::Replayed);
            let is_right = is_replayed || readings.iter().any(is_true);
            (!is_right).then(|| format!("it tells of {told:?} in the way where {:?} are", readings[0]))
        };
        if let Some(fault) = fault {
            self.report.fail(Check::PicksHonoured, format!("{case}: {fault}"));
        }
    }

    /// What is in the way of a swap, by every reading: the contract does not say whether one who gives back as many has to let
    /// those pass who wait, nor whether who has a wheelchair space may have another. The first has least in the way.
    fn swap_conflicts(&self, case: &Case<'_>, former: &Claim) -> Vec<Vec<Conflict>> {
        let Ask::Reseat { booking, add, .. } = &case.request.ask else { return vec![Vec::new()] };
        let plan = self.hall.floor.plan;
        let categories: BTreeSet<usize> =
            former.seats.iter().map(|seat| plan.seats[*seat].category).collect();
        let has_special = former.seats.iter().any(|seat| plan.seats[*seat].kind != SeatKind::General);
        let areas = std::collections::BTreeMap::new();
        let picked = |accessible: u32| Picked {
            seats: add,
            areas: &areas,
            accessible,
            allotment: None,
            categories: Some(&categories),
            by: Some(booking),
        };
        let mut stopped = Stopped::default();
        for wish in self.hall.wishes().filter_map(|(_id, wish)| wish) {
            self.hall.add_shortage(&wish, &mut stopped);
        }
        let stopped = [BTreeSet::new(), stopped.categories];
        let accessible = [u32::from(has_special), 0];
        let readings = stopped.iter().flat_map(|stopped| accessible.map(|accessible| (stopped, accessible)));
        readings
            .map(|(stopped, accessible)| picked(accessible).conflicts(&self.hall.floor, stopped))
            .collect()
    }

    /// The singles that a customer's swap would leave; none where that cannot be told.
    fn swap_singles(&mut self, case: &Case<'h>, former: &Claim) -> Option<Vec<usize>> {
        let Ask::Reseat { booking, add, drop } = &case.request.ask else { return None };
        if case.request.by == Asker::Organizer {
            return Some(Vec::new());
        }
        let terms = self.hall.terms.as_ref()?;
        let status = former.status?;
        let plan = self.hall.floor.plan;
        let seats = former.seats.iter().map(|seat| plan.seats[*seat].name.clone());
        let had = BookingSeats { seats: seats.collect(), ..BookingSeats::default() };
        let kept = had.seats.iter().filter(|seat| !drop.contains(seat)).cloned();
        let kept = BookingSeats { seats: kept.collect(), ..BookingSeats::default() };
        let added = add.iter().filter_map(|seat| plan.seat(seat)).collect();
        // As it would be without what is given back; then everything is as it was.
        self.hall.floor.give(booking, status, &kept);
        let singles = refused_for(&self.hall.floor, terms, &added);
        self.hall.floor.give(booking, status, &had);
        Some(singles)
    }

    /// Whether the best seats were the best, before they are given.
    pub(super) fn placement(&mut self, record: &Record, (booking, told): Told<'h>, wish: &Wish<'_>) {
        if !self.searches.takes_named(&booking.id) {
            return;
        }
        let Some(terms) = &self.hall.terms else { return };
        self.report.examine(Check::BestWasBest);
        let floor = &self.hall.floor;
        let seats: BTreeSet<usize> = told.seats.iter().filter_map(|name| floor.plan.seat(name)).collect();
        let area = told.areas.keys().next().and_then(|key| floor.plan.area(key));
        let fault = if wish.accessible > 0 {
            accessible_fault(floor.plan, &seats, wish)
        } else {
            let due = best(floor, terms, &wish.search(wish.categories.clone()));
            let is_due = due.iter().any(|placement| match placement {
                Placement::Seats(due) => *due == seats && told.areas.is_empty(),
                Placement::Area(due) => Some(*due) == area && seats.is_empty(),
            });
            (!is_due).then(|| {
                let due: Vec<String> = due.into_iter().map(|placement| show(floor.plan, placement)).collect();
                format!(
                    "{} has {:?} {:?}, where {} were the best",
                    booking.id,
                    told.seats,
                    told.areas,
                    due.join(" or ")
                )
            })
        };
        if let Some(fault) = fault {
            self.fail(Check::BestWasBest, record, &fault);
        }
    }

    /// What a booking that was read says otherwise than the hall.
    pub(super) fn reading(&self, id: &str, read: &BookingSeats) -> Option<String> {
        let status = self.hall.model.claim(id)?.status;
        let claim = self.hall.floor.claim(id).filter(|_claim| is_served(status));
        let plan = self.hall.floor.plan;
        let is: BTreeSet<&str> =
            claim.iter().flat_map(|claim| &claim.seats).map(|seat| plan.seats[*seat].name.as_str()).collect();
        let told: BTreeSet<&str> = read.seats.iter().map(String::as_str).collect();
        let is_live = is_served(status) || status == Status::Waitlisted;
        (is_live && told != is).then(|| format!("it has {told:?}, and the feed makes it {is:?}"))
    }
}

/// What becomes of a request for a booking.
fn decision<'h>(hall: &Hall<'h>, case: &Case<'h>, policy: &Policy) -> Option<Decision<'h>> {
    let Ask::Book { quantity, when_full, places, basket, .. } = &case.request.ask else { return None };
    let (customer, by) = (case.request.customer.as_str(), case.request.by);
    let (quantity, when_full) = (*quantity, *when_full);
    decide(hall, policy, &Newcomer { customer, by, quantity, when_full, places, basket })
}

const fn check_of(case: &Case<'_>) -> Check {
    let is_pick = matches!(case.request.ask, Ask::Book { places: Places::Pick(_), .. });
    if is_pick { Check::PicksHonoured } else { Check::DecidedRightly }
}

/// Conflicts that are told and are not, or the other way round.
fn differ(told: &[Conflict], is: &[Conflict]) -> Option<String> {
    let sorted = |conflicts: &[Conflict]| {
        let mut conflicts = conflicts.to_vec();
        conflicts.sort();
        conflicts
    };
    (sorted(told) != sorted(is)).then(|| format!("it tells of {told:?} in the way where {is:?} are"))
}

fn is_same(former: &Claim, now: &Claim) -> bool {
    let set = |claim: &Claim| claim.seats.iter().copied().collect::<BTreeSet<usize>>();
    set(former) == set(now) && former.areas == now.areas
}

/// What a booking says of its seats otherwise than they are: how many, of which category, whether together.
fn shape_faults(floor: &Floor<'_>, booking: &Booking, told: &BookingSeats) -> Vec<String> {
    let Some(claim) = floor.claim(&booking.id) else { return Vec::new() };
    let (id, plan) = (&booking.id, floor.plan);
    let mut faults = Vec::new();
    let places = told.seats.len() as u64 + told.areas.values().sum::<u64>();
    if places != u64::from(booking.quantity) {
        faults.push(format!("{id} is for {} and has {places} places", booking.quantity));
    }
    let seats: BTreeSet<usize> = claim.seats.iter().copied().collect();
    let categories = |seats: &BTreeSet<usize>| -> BTreeSet<usize> {
        seats.iter().map(|seat| plan.seats[*seat].category).collect()
    };
    let of_seats = categories(&seats);
    let of_areas = claim.areas.keys().map(|area| plan.areas[*area].category);
    let all: BTreeSet<usize> = of_seats.iter().copied().chain(of_areas).collect();
    let category = all.first().filter(|_category| all.len() == 1).map(|category| &plan.categories[*category]);
    if told.category.as_ref() != category {
        faults.push(format!("{id} is of category {:?}, and its places are of {category:?}", told.category));
    }
    let count = blocks(floor, &seats).len();
    let together = (count > 0).then_some(count == 1);
    // Neighbours in two categories, and seats beside places in an area: the contract does not say.
    let is_certain = (of_seats.len() == 1 || count > 1) && claim.areas.is_empty();
    if told.together != together && (is_certain || seats.is_empty()) {
        faults.push(format!("{id} is told together {:?}, and it is {together:?}", told.together));
    }
    faults
}

/// Who asked for wheelchair spaces has so many, with companions beside them, and the rest where anyone sits.
fn accessible_fault(plan: &Plan, seats: &BTreeSet<usize>, wish: &Wish<'_>) -> Option<String> {
    let of =
        |kind: SeatKind| seats.iter().filter(move |seat| plan.seats[**seat].kind == kind).collect::<Vec<_>>();
    let (spaces, companions) = (of(SeatKind::Accessible), of(SeatKind::Companion));
    let is_beside = |companion: &usize| {
        spaces.iter().any(|space| {
            plan.seats[**space].run == plan.seats[*companion].run
                && space.abs_diff(*companion) <= COMPANIONS_MAX
        })
    };
    let categories: BTreeSet<usize> = seats.iter().map(|seat| plan.seats[*seat].category).collect();
    let is_right = spaces.len() == wish.accessible as usize
        && companions.len() <= COMPANIONS_MAX * spaces.len()
        && companions.iter().all(|companion| is_beside(companion))
        && categories.len() == 1
        && categories.iter().all(|category| wish.categories.contains(category));
    let names = || names(plan, seats.iter().copied().collect());
    (!is_right)
        .then(|| format!("{} wheelchair spaces were asked for, and {} were given", wish.accessible, names()))
}

fn names(plan: &Plan, seats: Vec<usize>) -> String {
    let names: Vec<&str> = seats.into_iter().map(|seat| plan.seats[seat].name.as_str()).collect();
    names.join(", ")
}

fn show(plan: &Plan, placement: Placement) -> String {
    match placement {
        Placement::Seats(seats) => names(plan, seats.into_iter().collect()),
        Placement::Area(area) => plan.areas[area].key.clone(),
    }
}

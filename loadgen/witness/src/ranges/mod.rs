//! Ranges: whether what calendars say of their time is so.
//!
//! Every booking is followed through the feed: when it is, where, and with what is kept free around it. At no moment more is taken than
//! there is; what is freed goes to the earliest whom it fits, in the very step that frees it; and whoever is refused is told the true
//! reason, and all that is in the way. What is shown as free is what one could book, and all of it. When a calendar is open is found again from its hours, on the clocks of its zone.

mod decide;
mod free;
mod hours;
mod replay;
mod sheet;
mod terms;

use std::collections::BTreeSet;

use api::booking::{Booking, Status};
use api::feed::Kind;
use api::problem::{Code, RangeReason};
use api::time::Time;

use self::decide::{Ground, Refused, range_asked, range_moved, range_of};
use self::free::{Clock, Question};
use self::replay::Replay;
use self::sheet::{Claim, Sheet};
use self::terms::Terms;
use crate::case::{Case, Said, SlotCase};
use crate::contract::Wish;
use crate::decisions::by_seq;
use crate::finding::{Check, Finding};
use crate::history::{Ask, FreeLook};
use crate::report::Report;

const DAY_MS: u64 = 86_400_000;

/// Judges a calendar, and says what else is to be known of how.
pub(crate) fn judge(slot: &SlotCase<'_>, findings: &mut [Finding]) -> Vec<String> {
    let mut report = Report { findings };
    judge_answers(slot, &mut report);
    let (granted, mut standing) = by_seq(slot);
    let mut looks = free::by_seq(slot);
    let mut replay = Replay::new(slot, report);
    let mut records = slot.records().iter().peekable();
    while let Some(record) = records.next() {
        if !replay.take(record, granted.get(&record.seq).copied()) {
            let (id, seq) = (&slot.evidence.before.id, record.seq);
            return vec![format!(
                "{id}: its ranges are not judged from seq {seq} on, by terms that nobody read"
            )];
        }
        replay.judge_counts(record);
        let next = records.peek().map(|next| next.at);
        for case in standing.remove(&record.seq).unwrap_or_default() {
            judge_standing(&mut replay, case, (record.at, next));
        }
        for (look, clock) in looks.remove(&record.seq).unwrap_or_default() {
            judge_look(&mut replay, look, clock);
        }
    }
    replay.judge_whole();
    Vec::new()
}

/// What was confirmed, and never asked back or moved, is had by one alone, by the answers alone. A calendar that was changed on the way
/// is left to the feed.
fn judge_answers(slot: &SlotCase<'_>, report: &mut Report<'_>) {
    let is_change = |kind| matches!(kind, Kind::SlotChanged | Kind::SlotCancelled | Kind::Finished);
    let is_changed = slot.records().iter().any(|record| is_change(record.kind));
    let Some(terms) = Terms::of(&slot.evidence.before).filter(|_terms| !is_changed) else { return };
    let asks = slot.cases.iter().map(|case| &case.request.ask);
    let changes =
        asks.filter(|ask| matches!(ask, Ask::Cancel { .. } | Ask::Move { .. } | Ask::Reduce { .. }));
    let given_back: BTreeSet<&str> = changes.filter_map(Ask::booking).collect();
    let mut sheet = Sheet::default();
    let granted = slot.cases.iter().filter_map(Case::granted);
    for booking in granted.filter(|booking| booking.status == Status::Confirmed) {
        if let Some((range, resource)) = range_of(booking).filter(|_range| !given_back.contains(&*booking.id))
        {
            let effective = range.widened(terms.buffers());
            sheet.take(&booking.id, Claim { range, effective, resource, quantity: booking.quantity });
        }
    }
    let twice = sheet.everyone().find(|id| sheet.oversold(id, &terms, Time::from_ms(0)).is_some());
    if let Some(id) = twice {
        let slot = &slot.evidence.before.id;
        let why = format!("{slot}: by the answers alone, {id} has what another has too");
        report.fail(Check::RangesGivenOnce, why);
    }
}

/// A refusal, or a yes that changed nothing: decided at a moment after one record and not after the next.
fn judge_standing(replay: &mut Replay<'_, '_, '_>, case: &Case<'_>, (from, next): (Time, Option<Time>)) {
    let judgement = match (&case.said, &case.request.ask) {
        (Some(Said::Refused { code, .. }), Ask::Book { .. }) => {
            judge_no_booking(replay, case, *code, (from, next))
        }
        (Some(Said::Refused { code, .. }), Ask::Move { .. }) => {
            judge_no_move(replay, case, *code, (from, next))
        }
        (Some(Said::Granted(booking)), Ask::Move { .. }) => judge_kept(replay, case, booking),
        _ => return,
    };
    replay.report.examine(Check::RangesDecided);
    if let Err(why) = judgement {
        replay.report.fail(Check::RangesDecided, format!("{case}: {why}"));
    }
}

/// A look at what is free behind a record.
fn judge_look(replay: &mut Replay<'_, '_, '_>, look: &FreeLook, clock: Clock) {
    let Some(ground) = replay.ground() else { return };
    let fault = Question { ground, asked: &look.asked, clock }.fault(&look.page);
    replay.report.examine(Check::FreeAgrees);
    if let Some(why) = fault {
        let (slot, asked) = (&replay.slot.evidence.before.id, &look.asked);
        let seq = look.page.got().map(|page| page.seq);
        replay.report.fail(Check::FreeAgrees, format!("{slot}: {asked:?} at seq {seq:?}: {why}"));
    }
}

fn judge_no_booking(
    replay: &Replay<'_, '_, '_>,
    case: &Case<'_>,
    code: Code,
    time: (Time, Option<Time>),
) -> Result<(), String> {
    // Whether it was on sale, or called off, is judged with all slots.
    let is_open = !matches!(code, Code::SlotCancelled | Code::NotOnSale) && !replay.model.is_cancelled();
    let Some(ground) = replay.ground().filter(|_ground| is_open) else { return Ok(()) };
    let (Some(wish), Some((range, resource))) = (Wish::of(case), range_asked(&case.request.ask)) else {
        return Ok(());
    };
    let asked = ground.claim(range, resource, wish.quantity);
    let decide = |at: Time| ground.decide(&wish, &asked, at).err();
    judge_refusal(&ground, case, (code, &asked), time, decide)
}

fn judge_no_move(
    replay: &Replay<'_, '_, '_>,
    case: &Case<'_>,
    code: Code,
    time: (Time, Option<Time>),
) -> Result<(), String> {
    // Whether it may be moved at all is judged with all deeds.
    if !matches!(code, Code::RangeRefused | Code::RangeTaken) {
        return Ok(());
    }
    let id = case.request.ask.booking().expect("a move is of a booking");
    let (Some(ground), Some(has)) = (replay.ground(), replay.sheet.claim(id)) else {
        return Err("refused at a seq at which the booking had nothing to be moved".to_owned());
    };
    let Some((range, resource)) = range_moved(&case.request.ask, has) else { return Ok(()) };
    let asked = ground.claim(range, resource, has.quantity);
    let decide = |at: Time| ground.decide_move(id, &asked, at).err();
    judge_refusal(&ground, case, (code, &asked), time, decide)
}

/// Whether a refusal is one that is due at some moment between two records, and tells what is so then.
fn judge_refusal(
    ground: &Ground<'_, '_>,
    case: &Case<'_>,
    (code, asked): (Code, &Claim<'_>),
    (from, next): (Time, Option<Time>),
    decide: impl Fn(Time) -> Option<Refused>,
) -> Result<(), String> {
    let latest = next.unwrap_or_else(|| Time::from_ms(from.as_ms() + DAY_MS));
    let turns = ground.terms.turns(asked.range);
    let moments =
        [from].into_iter().chain(turns.into_iter().filter(|at| from < *at && *at <= latest)).chain(next);
    let mut due: Vec<Refused> = moments.filter_map(decide).collect();
    // How a range lies beyond the horizon need not be known.
    if ground.terms.is_beyond(asked.range, from) {
        due.push(Refused::for_reason(RangeReason::Horizon));
    }
    // When it was open in the past need not be known either.
    if asked.range.from < latest && ground.terms.opening_of(asked.range).is_none() {
        due.push(Refused::for_reason(RangeReason::Lead));
    }
    let like = || due.iter().filter(|refused| refused.code == code);
    if like().next().is_none() {
        return Err(format!("refused as `{}`, which asks for {due:?}", code.as_str()));
    }
    // What is past by then is in nobody's way, and nobody knows when exactly it was decided.
    let is_certain = code != Code::RangeTaken || latest <= asked.effective.from;
    let answer = case.request.answers.first().filter(|_answer| is_certain);
    let faults = answer.map(|answer| like().map(|refused| refused.fault(answer)).collect::<Vec<_>>());
    match faults.filter(|faults| faults.iter().all(Option::is_some)) {
        Some(faults) => Err(faults.into_iter().flatten().next().expect("each is one")),
        None => Ok(()),
    }
}

/// A booking that was not moved because it is there already.
fn judge_kept(replay: &Replay<'_, '_, '_>, case: &Case<'_>, booking: &Booking) -> Result<(), String> {
    let Some(has) = replay.sheet.claim(&booking.id) else {
        return Err("its answer stands for no booking at that seq".to_owned());
    };
    let Some((range, resource)) = range_moved(&case.request.ask, has) else { return Ok(()) };
    let is_there = range == has.range && resource == has.resource;
    is_there.then_some(()).ok_or_else(|| format!("it was left at {:?} on {:?}", has.range, has.resource))
}

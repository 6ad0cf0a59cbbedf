//! What is to be done so that a calendar is as a file says: decided before anything is sent.

use std::collections::BTreeSet;
use std::path::Path;

use api::booking::{Booking, Status};
use api::calendar::{Calendar, ChangeCalendar};
use api::inventory::{Counts, Inventory};
use api::slot::{CreateSlot, Policy, Sale, Slot, Status as SlotStatus};
use api::time::Time;
use hours::{Document, Interval};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::open::Hours;
use super::pieces::{Ask, Piece, Terms, pieces};
use crate::cli::Agenda;
use crate::commands::hash;
use crate::error::Error;

/// How long a calendar is sold, if nothing else is said.
const DAYS: i64 = 365;

/// The calendar that is made where there is none.
pub(super) struct Made {
    /// Under which it is made once.
    pub(super) key: String,
    title: String,
    inventory: Calendar,
    starts_at: Time,
    ends_at: Time,
    now: Time,
}

/// All that is to be done, and what is not.
#[derive(Debug)]
pub(super) struct Plan {
    /// Other hours.
    pub(super) hours: Option<ChangeCalendar>,
    /// What is taken no more.
    pub(super) freed: Vec<Booking>,
    /// What is to be booked, and under which key.
    pub(super) booked: Vec<(Interval, String)>,
    /// What is booked already.
    pub(super) kept: usize,
    /// What cannot be asked for any more, or not yet.
    soon: usize,
    later: usize,
    /// What cannot be booked, and why.
    pub(super) refused: Vec<(Interval, String)>,
    /// Where, and under which name.
    pub(super) resource: Option<String>,
    pub(super) taken_by: String,
    /// When that was decided.
    pub(super) now: Time,
}

/// How much of a file can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// All of it: what it does not say is not taken.
    Whole,
    /// Not all: what is booked and not said may be what cannot be read.
    Part,
}

/// A booking of what is taken, that has not ended.
#[derive(Clone, Copy)]
struct Own<'all> {
    booking: &'all Booking,
    range: Interval,
}

impl Made {
    /// The one that is called like the file, if nothing else is said.
    pub(super) fn of(agenda: &Agenda, file: &Path, until: Option<Date>, now: Timestamp) -> Self {
        let stem = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let title = agenda.title.clone().unwrap_or(stem);
        let resources = agenda.resources.clone();
        let count = agenda.count.or_else(|| resources.is_empty().then_some(1));
        let resources = Some(resources).filter(|names| !names.is_empty());
        let plain: Calendar = serde_json::from_str("{}").expect("everything of a calendar may be left out");
        let today = now.to_zoned(TimeZone::UTC).date();
        let last = until.unwrap_or_else(|| today.saturating_add(DAYS.days()));
        let midnight = |date: Date| date.to_zoned(TimeZone::UTC).map_or(now, |at| at.timestamp());
        Self {
            key: format!("calendar-{}", hash(&title)),
            title,
            inventory: Calendar { count, resources, ..plain },
            starts_at: time(midnight(today)),
            ends_at: time(midnight(last.saturating_add(1.day()))),
            now: time(now),
        }
    }

    /// What of the file matters: all the time that there is the calendar, also what is over, so that the same is in pieces alike later.
    /// None, where the calendar is over.
    pub(super) fn window(&self, slot: Option<&Slot>) -> Option<Interval> {
        let (from, to) = slot.map_or((self.starts_at, self.ends_at), |slot| (slot.starts_at, slot.ends_at));
        Interval::new(from, to).filter(|window| self.now < window.to())
    }

    pub(super) fn body(&self, hours: Option<&Document>) -> CreateSlot {
        let mut calendar = self.inventory.clone();
        if let Some(document) = hours {
            let said = Hours::of(document);
            (calendar.hours, calendar.extra) = (said.weekly, said.extra);
            calendar.time_zone = said.time_zone;
        }
        CreateSlot {
            title: self.title.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            inventory: Inventory::Calendar(Box::new(calendar)),
            placement: None,
            sale: Sale::default(),
            policy: Policy::default(),
            products: None,
            quotas: None,
            prices: None,
            currency: None,
        }
    }

    /// The slot as it would be made: of no seq yet.
    pub(super) fn slot(&self, id: &str, organizer: &str, hours: Option<&Document>) -> Slot {
        let CreateSlot { title, starts_at, ends_at, inventory, sale, policy, .. } = self.body(hours);
        Slot {
            id: id.to_owned(),
            organizer: organizer.to_owned(),
            placement: None,
            title,
            status: SlotStatus::OnSale,
            seq: 0,
            starts_at,
            ends_at,
            sale,
            inventory,
            policy,
            counts: Counts::untouched(0),
            bookable: None,
            opens_in_ms: 0,
            products: None,
            quotas: None,
            prices: None,
            currency: None,
        }
    }
}

impl Plan {
    /// What is to be done with a calendar that has these bookings of what is taken.
    pub(super) fn new(
        (slot, calendar): (&Slot, &Calendar),
        hours: Option<Document>,
        taken: &[Interval],
        (booked, agenda): (&[Booking], &Agenda),
        (now, trust): (Timestamp, Trust),
    ) -> Result<Self, Error> {
        if let Some(name) = &agenda.resource
            && calendar.resources.as_ref().is_none_or(|names| !names.contains(name))
        {
            return Err(Error::NoResource { resource: name.clone(), slot: slot.id.clone() });
        }
        let now = time(now);
        let span = (slot.starts_at, slot.ends_at);
        let wanted_hours = hours.map_or_else(|| Hours::said(calendar), |document| Hours::of(&document));
        let openings = wanted_hours.openings(calendar, span);
        let openings = openings.map_err(|reason| Error::Hours { slot: slot.id.clone(), reason })?;
        let mut plan = Self {
            hours: wanted_hours.change(calendar, &openings, (span, now)),
            freed: Vec::new(),
            booked: Vec::new(),
            kept: 0,
            soon: 0,
            later: 0,
            refused: Vec::new(),
            resource: agenda.resource.clone(),
            taken_by: agenda.taken_by.clone(),
            now,
        };
        let all: Vec<_> = booked.iter().filter(|booking| plan.is_where_wanted(booking)).collect();
        let own = own(&all, now);
        let begun_until = own.iter().filter(|own| own.range.from() <= now).map(|own| own.range.to()).max();
        let terms = Terms::of(calendar, now, begun_until.unwrap_or(now));
        let pieces = pieces(taken, &openings, &terms, now);
        plan.pair(slot, (&all, own), &pieces, trust);
        Ok(plan)
    }

    /// Whether a booking is on the resource that is wanted, or any is.
    fn is_where_wanted(&self, booking: &Booking) -> bool {
        self.resource.is_none() || booking.resource.as_ref().is_some_and(|on| *on == self.resource)
    }

    /// Finds what is booked already of what is to be, and what is booked in vain.
    fn pair(
        &mut self,
        slot: &Slot,
        (all, mut to_come): (&[&Booking], Vec<Own<'_>>),
        pieces: &[Piece],
        trust: Trust,
    ) {
        let has_begun = |own: &Own<'_>| own.range.from() <= self.now;
        let begun: Vec<_> = to_come.extract_if(.., |own| has_begun(own)).collect();
        // What has begun goes on as it is, whatever of it one could still ask for.
        let goes_on = |own: &Own<'_>| pieces.iter().any(|piece| piece.whole.and(own.range).is_some());
        self.kept = begun.iter().filter(|own| goes_on(own)).count();
        let (mut wanted, mut found) = (Vec::new(), BTreeSet::new());
        for piece in pieces {
            // In order: those that begin before a piece belong to none, or to one before it.
            let first = to_come.partition_point(|own| own.range.from() < piece.whole.from());
            let end = to_come.partition_point(|own| own.range.from() < piece.whole.to());
            let within = covering(&to_come[first..end], piece);
            let is_begun = begun.iter().any(|own| piece.whole.to() <= own.range.to());
            match (&piece.ask, within.is_empty()) {
                (_, false) => found.extend(within),
                (Ask::For(left), true) => wanted.push(*left),
                (Ask::TooSoon, true) => self.soon += usize::from(!is_begun),
                (Ask::Later, true) => self.later += 1,
                (Ask::Never(why), true) => self.refused.push((piece.whole, why.clone())),
            }
        }
        self.kept += found.len();
        to_come.retain(|own| !found.contains(own.booking.id.as_str()));
        for piece in wanted {
            let in_the_way = to_come.iter().find(|own| own.range.and(piece).is_some());
            match in_the_way.filter(|_| trust == Trust::Part) {
                Some(own) if contains(own.range, piece) => self.kept += 1,
                Some(own) => {
                    let why = "some of it is booked already, perhaps for what cannot be read";
                    self.refused.push((piece, format!("{why} ({})", own.booking.id)));
                }
                None => self.book(slot, all, piece),
            }
        }
        if trust == Trust::Whole {
            self.freed = to_come.iter().map(|own| own.booking.clone()).collect();
        }
    }

    fn book(&mut self, slot: &Slot, all: &[&Booking], piece: Interval) {
        let is_like = |other: &&&Booking| {
            !is_live(other.status) && (other.from, other.to) == (Some(piece.from()), Some(piece.to()))
        };
        // What was given back before is booked anew, which is another request.
        let times = all.iter().filter(is_like).count();
        let Self { resource, taken_by, .. } = &*self;
        let what =
            format!("{}\n{}\n{}\n{resource:?}\n{taken_by}\n{times}", slot.id, piece.from(), piece.to());
        self.booked.push((piece, format!("taken-{}", hash(&what))));
    }

    /// What changes of what is there, a line each.
    pub(super) fn changes(&self) -> Vec<String> {
        let hours = self.hours.iter().map(|_hours| "change  when the calendar is open".to_owned());
        let row = |booking: &Booking| {
            let moment = |at: Option<Time>| at.map_or_else(String::new, |at| at.to_string());
            format!("free    {} to {} ({})", moment(booking.from), moment(booking.to), booking.id)
        };
        hours.chain(self.freed.iter().map(row)).collect()
    }

    /// What is booked, a line each.
    pub(super) fn bookings(&self) -> Vec<String> {
        let row = |(piece, _key): &(Interval, String)| format!("book    {} to {}", piece.from(), piece.to());
        self.booked.iter().map(row).collect()
    }

    pub(super) fn counts(&self) -> String {
        format!("book {}, give back {}; already there {}", self.booked.len(), self.freed.len(), self.kept)
    }

    /// What a node would not hear of yet, or not any more, as time passes.
    pub(super) const fn pass_over(&mut self, soon: usize, later: usize) {
        self.soon += soon;
        self.later += later;
    }

    pub(super) fn passed_over(&self) -> String {
        format!("too soon {}, beyond the horizon {}", self.soon, self.later)
    }
}

impl<'all> Own<'all> {
    fn id(&self) -> &'all str {
        &self.booking.id
    }
}

/// Those of what is taken that have not ended, in order.
fn own<'all>(all: &[&'all Booking], now: Time) -> Vec<Own<'all>> {
    let live = all.iter().filter(|booking| is_live(booking.status));
    let own = live.filter_map(|&booking| {
        let range = Interval::new(booking.from?, booking.to?)?;
        Some(Own { booking, range })
    });
    let mut own: Vec<_> = own.filter(|own| now < own.range.to()).collect();
    own.sort_by_key(|own| own.range);
    own
}

/// Which of these bookings are a piece, or all of it that one may still ask for; none, if they are not. Of what one may not ask for now,
/// whatever is of it.
fn covering<'all>(own: &[Own<'all>], piece: &Piece) -> Vec<&'all str> {
    let within = own.iter().filter(|own| contains(piece.whole, own.range));
    let Ask::For(left) = piece.ask else { return within.map(Own::id).collect() };
    let mut covered = left.from();
    let mut found = Vec::new();
    for own in within {
        // Twice the same is once too often.
        if own.range.from() <= covered && covered < own.range.to() {
            covered = own.range.to();
            found.push(own.id());
        }
    }
    if left.to() <= covered { found } else { Vec::new() }
}

fn contains(all: Interval, some: Interval) -> bool {
    all.from() <= some.from() && some.to() <= all.to()
}

const fn is_live(status: Status) -> bool {
    match status {
        Status::Held | Status::Offered | Status::Confirmed | Status::Waitlisted => true,
        Status::Cancelled | Status::Declined | Status::Expired => false,
    }
}

pub(super) fn time(at: Timestamp) -> Time {
    Time::from_ms(u64::try_from(at.as_millisecond()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::{Agenda, Booking, Calendar, Inventory, Made, Path, Plan, Slot, Time, Timestamp, Trust};
    use hours::Interval;

    const MINUTE_MS: u64 = 60_000;
    /// When the calendar begins, in minutes.
    const BEGINS: u64 = 30_000_000;

    fn minute(minute: u64) -> Time {
        Time::from_ms((BEGINS + minute) * MINUTE_MS)
    }

    fn interval((from, to): (u64, u64)) -> Interval {
        Interval::new(minute(from), minute(to)).expect("some time")
    }

    fn agenda() -> Agenda {
        Agenda {
            calendar: Some(PathBuf::from("courts.ics")),
            slot: None,
            title: None,
            count: None,
            resources: Vec::new(),
            resource: None,
            taken_by: "taken".to_owned(),
        }
    }

    /// A calendar of three days, with what is said of it.
    fn slot(said: &str) -> Slot {
        let made = Made::of(&agenda(), Path::new("courts.ics"), None, Timestamp::UNIX_EPOCH);
        let calendar: Calendar = serde_json::from_str(said).expect("a calendar");
        let inventory = Inventory::Calendar(Box::new(calendar));
        let (starts_at, ends_at) = (minute(0), minute(3 * 1_440));
        Slot { seq: 1, inventory, starts_at, ends_at, ..made.slot("slt", "club", None) }
    }

    fn booking(id: usize, range: Interval) -> Booking {
        serde_json::from_value(json!({
            "id": format!("bkg_{id}"), "slot": "slt", "customer": "taken", "quantity": 1, "status": "confirmed",
            "mode": "confirm", "seq": 1, "reference": "00000000", "created_at": minute(0), "position": null,
            "expires_at": null, "expires_in_ms": null, "from": range.from(), "to": range.to(), "resource": null,
        }))
        .expect("a booking")
    }

    fn plan(slot: &Slot, taken: &[(u64, u64)], booked: &[Booking], now: u64, trust: Trust) -> Plan {
        let Inventory::Calendar(calendar) = &slot.inventory else { unreachable!("it is one") };
        let taken: Vec<_> = taken.iter().copied().map(interval).collect();
        let ms = i64::try_from(minute(now).as_ms()).expect("a moment");
        let now = Timestamp::from_millisecond(ms).expect("a moment");
        Plan::new((slot, calendar), None, &taken, (booked, &agenda()), (now, trust)).expect("it can be done")
    }

    #[test]
    fn the_same_file_gives_nothing_back_whenever_it_is_run_again() {
        let kinds = [
            r#"{"count":1}"#,
            r#"{"count":1,"maximum_seconds":7200,"lead_seconds":5400,"horizon_seconds":36000}"#,
            r#"{"count":1,"grid_seconds":3600,"minimum_seconds":7200,"maximum_seconds":10800}"#,
            r#"{"count":1,"before_seconds":600,"after_seconds":300,"maximum_seconds":86400,"lead_seconds":3600}"#,
            r#"{"count":1,"hours":[{"days":["mo","tu","we","th","fr","sa","su"],"from":"08:10","to":"22:00"}]}"#,
        ];
        let taken: [&[(u64, u64)]; 3] = [
            &[(0, 4_320)],
            &[(100, 103), (110, 700), (1_400, 1_500)],
            &[(300, 305), (306, 307), (3_000, 4_300)],
        ];
        for (said, taken) in kinds.into_iter().flat_map(|said| taken.map(|taken| (said, taken))) {
            for step in [1, 7, 8, 95, 400] {
                let slot = slot(said);
                let mut booked = Vec::new();
                for now in (0..4_320).step_by(step) {
                    let plan =
                        plan(&slot, taken, &booked, u64::try_from(now).expect("a minute"), Trust::Whole);
                    assert!(plan.freed.is_empty(), "{said} {taken:?} at {now}: {:?}", plan.changes());
                    for (piece, _key) in plan.booked {
                        let overlaps =
                            |other: &Booking| other.from < Some(piece.to()) && Some(piece.from()) < other.to;
                        assert!(!booked.iter().any(overlaps), "{said} {taken:?} at {now}: {piece:?} twice");
                        booked.push(booking(booked.len(), piece));
                    }
                }
                assert!(!booked.is_empty(), "{said} {taken:?}");
            }
        }
    }

    #[test]
    fn what_is_over_too_soon_or_too_late_is_left_alone_and_counted() {
        let slot = slot(r#"{"count":1,"maximum_seconds":3600,"lead_seconds":3600,"horizon_seconds":14400}"#);
        let taken = &[(0, 4_320)];
        let first = plan(&slot, taken, &[], 120, Trust::Whole);
        assert_eq!((first.booked.len(), first.soon, first.later, first.refused.len()), (4, 1, 65, 0));
        // Before the lead, and beyond the horizon: booked when one could ask for it, or by other terms.
        let booked = [booking(0, interval((120, 180))), booking(1, interval((600, 660)))];
        let second = plan(&slot, taken, &booked, 119, Trust::Whole);
        assert_eq!((second.freed.len(), second.kept, second.soon), (0, 2, 1));
        // What the file does not say any more is given back, but not what has begun.
        let third = plan(&slot, &[], &booked, 120, Trust::Whole);
        assert_eq!(third.freed.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_may_be_what_is_booked() {
        let slot = slot(r#"{"count":2}"#);
        let booked = [booking(0, interval((60, 240)))];
        for (taken, trust, want) in [
            // What is said, how much of it; freed, booked, there already, refused.
            (&[(60, 120), (180, 240)][..], Trust::Part, (0, 0, 2, 0)),
            (&[(60, 120), (180, 240)], Trust::Whole, (1, 2, 0, 0)),
            (&[(60, 240)], Trust::Part, (0, 0, 1, 0)),
            (&[(180, 300)], Trust::Part, (0, 0, 0, 1)),
            (&[(300, 360)], Trust::Part, (0, 1, 0, 0)),
            (&[], Trust::Part, (0, 0, 0, 0)),
            (&[], Trust::Whole, (1, 0, 0, 0)),
        ] {
            let plan = plan(&slot, taken, &booked, 0, trust);
            let found = (plan.freed.len(), plan.booked.len(), plan.kept, plan.refused.len());
            assert_eq!(found, want, "{taken:?}, {trust:?}");
        }
    }
}

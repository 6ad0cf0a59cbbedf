//! What is to be done so that a calendar is as a file says: decided before anything is sent.

use std::path::Path;

use api::booking::{Booking, Status};
use api::calendar::{Calendar, ChangeCalendar, ClosedDays, ExtraHours, OpeningHours};
use api::inventory::{Counts, Inventory};
use api::patch::Patch;
use api::slot::{CreateSlot, Policy, Sale, Slot, Status as SlotStatus};
use api::time::Time;
use hours::{Document, Interval};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::pieces::Pieces;
use crate::cli::Agenda;
use crate::commands::{Verdict, hash};
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
    later: usize,
    /// What cannot be booked, and why.
    pub(super) refused: Vec<(Interval, String)>,
    /// Where, and under which name.
    pub(super) resource: Option<String>,
    pub(super) taken_by: String,
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

    /// What of the file matters: from now on, as long as there is the calendar.
    pub(super) fn window(&self, slot: Option<&Slot>) -> Option<Interval> {
        Interval::new(self.now, slot.map_or(self.ends_at, |slot| slot.ends_at))
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
        now: Timestamp,
    ) -> Result<Self, Error> {
        if let Some(name) = &agenda.resource
            && calendar.resources.as_ref().is_none_or(|names| !names.contains(name))
        {
            return Err(Error::NoResource { resource: name.clone(), slot: slot.id.clone() });
        }
        let now = time(now);
        let wanted_hours = hours.map_or_else(|| Hours::said(calendar), |document| Hours::of(&document));
        let openings = wanted_hours.openings(calendar, (slot.starts_at, slot.ends_at));
        let openings = openings.map_err(|reason| Error::Hours { slot: slot.id.clone(), reason })?;
        let moment =
            Timestamp::from_millisecond(i64::try_from(now.as_ms()).expect("a moment of the contract"));
        let found = Pieces::of(taken, &openings, calendar, moment.expect("jiff knows it"));
        let mut plan = Self {
            hours: wanted_hours.change(calendar, now),
            freed: Vec::new(),
            booked: Vec::new(),
            kept: 0,
            later: found.later,
            refused: found.refused,
            resource: agenda.resource.clone(),
            taken_by: agenda.taken_by.clone(),
        };
        let own: Vec<_> = booked.iter().filter(|booking| plan.is_where_wanted(booking)).collect();
        plan.pair(slot, &own, found.booked, now);
        Ok(plan)
    }

    /// Whether a booking is on the resource that is wanted, or any is.
    fn is_where_wanted(&self, booking: &Booking) -> bool {
        self.resource.is_none() || booking.resource.as_ref().is_some_and(|on| *on == self.resource)
    }

    /// Finds what is booked already of what is to be, and what is booked in vain.
    fn pair(&mut self, slot: &Slot, own: &[&Booking], pieces: Vec<Interval>, now: Time) {
        let mut live: Vec<_> = own.iter().filter(|booking| is_live(booking.status)).copied().collect();
        for piece in pieces {
            // What has begun goes on as it is, whatever of it one could still ask for.
            let has = |booking: &&Booking| {
                let (from, to) = (booking.from, booking.to);
                let is_same = (from, to) == (Some(piece.from()), Some(piece.to()));
                let goes_on = from <= Some(now) && Some(piece.to()) <= to;
                is_same || goes_on
            };
            if let Some(place) = live.iter().position(has) {
                live.swap_remove(place);
                self.kept += 1;
                continue;
            }
            let is_like = |other: &&&Booking| {
                !is_live(other.status) && (other.from, other.to) == (Some(piece.from()), Some(piece.to()))
            };
            // What was given back before is booked anew, which is another request.
            let times = own.iter().filter(is_like).count();
            let Self { resource, taken_by, .. } = &*self;
            let what =
                format!("{}\n{}\n{}\n{resource:?}\n{taken_by}\n{times}", slot.id, piece.from(), piece.to());
            self.booked.push((piece, format!("taken-{}", hash(&what))));
        }
        let is_to_come = |booking: &&Booking| booking.from.is_some_and(|from| now < from);
        self.freed = live.into_iter().filter(is_to_come).cloned().collect();
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

    pub(super) fn passed_over(&self) -> String {
        format!("beyond the horizon {}", self.later)
    }

    pub(super) const fn verdict(&self) -> Verdict {
        if self.refused.is_empty() { Verdict::Well } else { Verdict::NotWell }
    }
}

const fn is_live(status: Status) -> bool {
    match status {
        Status::Held | Status::Offered | Status::Confirmed | Status::Waitlisted => true,
        Status::Cancelled | Status::Declined | Status::Expired => false,
    }
}

/// When a calendar is open, in its own words.
struct Hours {
    time_zone: String,
    weekly: Option<Vec<OpeningHours>>,
    extra: Vec<ExtraHours>,
}

impl Hours {
    fn said(calendar: &Calendar) -> Self {
        let Calendar { time_zone, hours: weekly, extra, .. } = calendar.clone();
        Self { time_zone, weekly, extra }
    }

    fn of(document: &Document) -> Self {
        let row = |row: &hours::OpeningHours| OpeningHours {
            days: row.days.clone(),
            from: row.from.clone(),
            to: row.to.clone(),
        };
        let extra = |extra: &hours::ExtraHours| ExtraHours { from: extra.from, to: extra.to };
        Self {
            time_zone: document.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            weekly: document.hours.as_ref().map(|rows| rows.iter().map(row).collect()),
            extra: document.extra.iter().map(extra).collect(),
        }
    }

    /// When that is, between the calendar's own closed days.
    fn openings(&self, calendar: &Calendar, (from, to): (Time, Time)) -> Result<Vec<Interval>, String> {
        let read = hours::Calendar::read(&self.document(&calendar.closed), "");
        read.map(|read| read.openings(from, to)).map_err(|error| error.to_string())
    }

    fn document(&self, closed: &[ClosedDays]) -> Document {
        let row = |row: &OpeningHours| hours::OpeningHours {
            days: row.days.clone(),
            from: row.from.clone(),
            to: row.to.clone(),
        };
        let days = |days: &ClosedDays| hours::ClosedDays { from: days.from.clone(), to: days.to.clone() };
        let extra = |extra: &ExtraHours| hours::ExtraHours { from: extra.from, to: extra.to };
        Document {
            hours: self.weekly.as_ref().map(|rows| rows.iter().map(row).collect()),
            closed: closed.iter().map(days).collect(),
            extra: self.extra.iter().map(extra).collect(),
            time_zone: Some(self.time_zone.clone()),
        }
    }

    /// What of a calendar is to be otherwise, so that it is open like this from now on.
    fn change(&self, calendar: &Calendar, now: Time) -> Option<ChangeCalendar> {
        let text = |hours: &Self| {
            let to_come = Self {
                time_zone: hours.time_zone.clone(),
                weekly: hours.weekly.clone(),
                extra: hours.extra.iter().filter(|extra| now < extra.to).copied().collect(),
            };
            hours::Calendar::read(&to_come.document(&[]), "").map(|read| read.canonical()).ok()
        };
        if text(self) == text(&Self::said(calendar)) {
            return None;
        }
        Some(ChangeCalendar {
            time_zone: Patch::Set(self.time_zone.clone()),
            hours: self.weekly.clone().map_or(Patch::Remove, Patch::Set),
            extra: Patch::Set(self.extra.clone()),
            ..ChangeCalendar::default()
        })
    }
}

fn time(at: Timestamp) -> Time {
    Time::from_ms(u64::try_from(at.as_millisecond()).unwrap_or(0))
}

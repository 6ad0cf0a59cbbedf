//! Calendars kept in memory, sold by the contract as far as customers of a drop go: nobody waits. What is taken is counted minute by
//! minute, place by place.

use std::collections::BTreeMap;
use std::ops::Range;

use api::calendar::Calendar;
use api::problem::{Code, Problem};
use api::time::Time;
use jiff::Timestamp;
use jiff::civil::{Date, Time as WallTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::shop::{Ask, Fault, Reply, made, page};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;
/// Every so many requests a server does wrong that does so now and then.
const NOW_AND_THEN: u64 = 10;

/// Minutes since 1970.
type Minutes = Range<u64>;

/// A calendar on sale.
pub(crate) struct Court {
    fault: Fault,
    slot: Value,
    calendar: Calendar,
    openings: Vec<Minutes>,
    /// Noon of its first day: then everybody comes, a millisecond after the other.
    noon_ms: u64,
    bookings: BTreeMap<String, Value>,
    /// What those have that are not over.
    claims: BTreeMap<String, Claim>,
    feed: Vec<Value>,
    decisions: u64,
}

/// What somebody asks for: on the named resource, or on any.
struct Wish {
    minutes: Minutes,
    resource: Option<String>,
    quantity: u64,
    /// Their booking, which is in nobody's way.
    own: Option<String>,
}

/// What a booking has.
struct Claim {
    place: Option<String>,
    /// With what is kept free around it.
    around: Minutes,
    quantity: u64,
}

/// Why nobody gets anything, with what is told of it.
struct No(Code, Value);

impl Court {
    pub(crate) fn open(fault: Fault, id: &str, body: &Value) -> (Self, Reply) {
        let mut slot = made(id, body);
        slot["bookable"] = Value::Null;
        let calendar = serde_json::from_value::<Calendar>(body["inventory"]["calendar"].clone());
        let calendar = calendar.expect("a calendar");
        let (from, to) = (ms(&body["starts_at"]), ms(&body["ends_at"]));
        let mut court = Self {
            fault,
            slot,
            openings: openings(&calendar, from / MINUTE_MS..to / MINUTE_MS),
            calendar,
            noon_ms: from + DAY_MS / 2,
            bookings: BTreeMap::new(),
            claims: BTreeMap::new(),
            feed: Vec::new(),
            decisions: 0,
        };
        court.record("slot_created", Vec::new());
        let reply = court.show();
        (court, Reply { status: 201, ..reply })
    }

    pub(crate) fn knows(&self, booking: &str) -> bool {
        self.bookings.contains_key(booking)
    }

    pub(crate) fn show(&self) -> Reply {
        Reply::json(200, &self.slot)
    }

    pub(crate) fn read(&self, id: &str) -> Reply {
        let mut booking = self.bookings[id].clone();
        booking["seq"] = self.slot["seq"].clone();
        Reply::json(200, &booking)
    }

    pub(crate) fn feed(&self, after: usize) -> Reply {
        page(&self.feed, after)
    }

    pub(crate) fn book(&mut self, ask: &Ask<'_>) -> Reply {
        self.decisions += 1;
        let body: Value = serde_json::from_slice(ask.body).expect("a booking is JSON");
        let wish = Wish {
            minutes: minutes(&body),
            resource: body["resource"].as_str().map(str::to_owned),
            quantity: body["quantity"].as_u64().expect("a number"),
            own: None,
        };
        let place = match self.decide(&wish) {
            Ok(place) => place,
            Err(no) => return self.refuse(no),
        };
        let is_held = body["mode"] == "hold";
        let booking = json!({
            "id": format!("bkg_{}_{}", self.slot["id"].as_str().expect("a word"), self.decisions),
            "slot": self.slot["id"], "customer": ask.subject, "mode": body["mode"], "quantity": wish.quantity,
            "status": if is_held { "held" } else { "confirmed" }, "reference": format!("{:08}", self.decisions),
            "position": null, "created_at": time(self.now_ms() + 1),
            "expires_at": if is_held { time(self.lapses_ms(&wish.minutes)) } else { Value::Null },
            "from": body["from"], "to": body["to"], "resource": place,
        });
        Reply::json(201, &self.record("booked", vec![booking])[0])
    }

    /// What is free, start by start: those that follow on each other are one stretch.
    pub(crate) fn free(&self, query: &str) -> Reply {
        let said = |name: &str| {
            let mut parts = query.split('&').filter_map(|part| part.split_once('='));
            parts.find(|(key, _value)| *key == name).map(|(_key, value)| value)
        };
        let minute = |name: &str| ms(&json!(said(name).expect("it is said"))).div_ceil(MINUTE_MS);
        let number = |name: &str| said(name).map(|text| text.parse::<u64>().expect("a number"));
        let (window, quantity) = (minute("from")..minute("to"), number("quantity").expect("it is said"));
        let least = self.calendar.minimum_seconds.unwrap_or(self.calendar.grid_seconds);
        let lasts = number("seconds").unwrap_or_else(|| u64::from(least)) / 60;
        let mut items = Vec::new();
        for (rank, place) in self.places(said("resource")).into_iter().enumerate() {
            for (from, to) in self.stretches(place.as_deref(), &window, lasts, quantity) {
                let around = self.around(&(from..to));
                let near = self.near(&around, None);
                let most =
                    around.map(|minute| taken(&near, place.as_deref(), minute)).max().unwrap_or_default();
                let free = u64::from(self.count()).saturating_sub(most);
                let [from_text, to_text] = [from, to].map(|minute| time(minute * MINUTE_MS));
                let item = json!({ "from": from_text, "to": to_text, "free": free, "resource": place });
                items.push(((from, rank), item));
            }
        }
        items.sort_by_key(|(key, _item)| *key);
        if self.fault == Fault::HidesFree {
            items.pop();
        }
        let items: Vec<Value> = items.into_iter().map(|(_key, item)| item).collect();
        Reply::json(200, &json!({ "items": items, "next": null, "seq": self.feed.len() }))
    }

    /// From when to when so many are free in a place throughout a booking that begins anywhere on the grid, and lasts so many minutes.
    fn stretches(&self, place: Option<&str>, window: &Minutes, lasts: u64, quantity: u64) -> Vec<(u64, u64)> {
        let grid = u64::from(self.calendar.grid_seconds) / 60;
        let mut stretches: Vec<(u64, u64)> = Vec::new();
        for opening in &self.openings {
            let is_within = |from: &u64| window.start <= *from && from + lasts <= window.end.min(opening.end);
            let starts =
                opening.clone().step_by(usize::try_from(grid).expect("minutes of a day")).filter(is_within);
            let mut last = None;
            for from in starts.filter(|from| self.is_free(place, &(*from..from + lasts), quantity)) {
                match stretches.last_mut() {
                    Some((_, to)) if last == Some(from - grid) => *to += grid,
                    _ => stretches.push((from, from + lasts)),
                }
                last = Some(from);
            }
        }
        stretches
    }

    fn is_free(&self, place: Option<&str>, range: &Minutes, quantity: u64) -> bool {
        let around = self.around(range);
        let near = self.near(&around, None);
        let is_short = |minute| u64::from(self.count()) < taken(&near, place, minute) + quantity;
        let is_wrong = self.fault == Fault::OffersTaken && u64::from(self.count()) >= quantity;
        self.refuses(range).is_none() && (is_wrong || !around.into_iter().any(is_short))
    }

    /// Confirms, cancels, or moves.
    pub(crate) fn change(&mut self, id: &str, verb: &str, ask: &Ask<'_>) -> Reply {
        self.decisions += 1;
        let mut booking = self.bookings[id].clone();
        let (is_held, is_over) = (booking["status"] == "held", booking["status"] == "cancelled");
        match verb {
            "cancel" | "move" if is_over => self.refuse(No(Code::AlreadyOver, json!({}))),
            "cancel" => {
                (booking["status"], booking["expires_at"]) = (json!("cancelled"), Value::Null);
                Reply::json(200, &self.record("cancelled", vec![booking])[0])
            }
            "confirm" if is_held => {
                (booking["status"], booking["expires_at"]) = (json!("confirmed"), Value::Null);
                Reply::json(200, &self.record("confirmed", vec![booking])[0])
            }
            "move" => self.relocate(booking, ask),
            _ => self.refuse(No(Code::NotHeld, json!({}))),
        }
    }

    fn relocate(&mut self, mut booking: Value, ask: &Ask<'_>) -> Reply {
        let body: Value = serde_json::from_slice(ask.body).expect("a move is JSON");
        let resource = body.get("resource").unwrap_or_else(|| &booking["resource"]);
        let wish = Wish {
            minutes: minutes(&body),
            resource: resource.as_str().map(str::to_owned),
            quantity: booking["quantity"].as_u64().expect("a number"),
            own: booking["id"].as_str().map(str::to_owned),
        };
        match self.decide(&wish) {
            Err(no) => self.refuse(no),
            Ok(place) => {
                booking["from"] = body["from"].clone();
                booking["to"] = body["to"].clone();
                booking["resource"] = json!(place);
                if booking["status"] == "held" {
                    let lapses = ms(&booking["expires_at"]).min(wish.minutes.start * MINUTE_MS);
                    booking["expires_at"] = time(lapses);
                }
                Reply::json(200, &self.record("moved", vec![booking])[0])
            }
        }
    }

    /// Where a wish is met, or why it is not.
    fn decide(&self, wish: &Wish) -> Result<Option<String>, No> {
        if u64::from(self.count()) < wish.quantity {
            return Err(No(Code::QuantityTooLarge, json!({})));
        }
        if let Some(reason) = self.refuses(&wish.minutes) {
            return Err(No(Code::RangeRefused, json!({ "reason": reason })));
        }
        let is_wrong = self.fault == Fault::CourtTwice && self.decisions.is_multiple_of(NOW_AND_THEN);
        let around = self.around(&wish.minutes);
        let near = self.near(&around, wish.own.as_deref());
        let short = |place: &Option<String>, minute| {
            u64::from(self.count()) < taken(&near, place.as_deref(), minute) + wish.quantity
        };
        let mut places = self.places(wish.resource.as_deref()).into_iter();
        let free = places.find(|place| is_wrong || !around.clone().any(|minute| short(place, minute)));
        free.ok_or_else(|| {
            let places = self.places(wish.resource.as_deref());
            let in_the_way = around.filter(|minute| places.iter().all(|place| short(place, *minute)));
            let mut conflicts: Vec<Value> = runs(in_the_way).iter().map(range).collect();
            if self.fault == Fault::HidesRanges {
                conflicts.pop();
            }
            No(Code::RangeTaken, json!({ "conflicts": conflicts }))
        })
    }

    /// Why it may not be asked for at all.
    fn refuses(&self, asked: &Minutes) -> Option<&'static str> {
        let calendar = &self.calendar;
        let is_in = |opening: &&Minutes| opening.start <= asked.start && asked.end <= opening.end;
        let opening = self.openings.iter().find(is_in);
        if opening.is_none() && self.fault != Fault::OpensAtNight {
            return Some("hours");
        }
        let start = opening.map_or(asked.start, |opening| opening.start);
        let grid = u64::from(calendar.grid_seconds) / 60;
        if !(asked.start - start).is_multiple_of(grid) || !(asked.end - start).is_multiple_of(grid) {
            return Some("grid");
        }
        let lasts = (asked.end - asked.start) * 60;
        let least = calendar.minimum_seconds.unwrap_or(calendar.grid_seconds);
        if !(u64::from(least)..=u64::from(calendar.maximum_seconds)).contains(&lasts) {
            return Some("length");
        }
        self.begins_amiss(asked.start)
    }

    /// Whether it is too late or too early to ask for what begins then.
    fn begins_amiss(&self, minute: u64) -> Option<&'static str> {
        let (begins, now) = (minute * MINUTE_MS, self.now_ms() + 1);
        let [lead, horizon] = [self.calendar.lead_seconds, self.calendar.horizon_seconds]
            .map(|seconds| u64::from(seconds) * 1_000);
        let amiss = [(begins < now + lead, "lead"), (now + horizon < begins, "horizon")];
        amiss.into_iter().find(|(is_so, _reason)| *is_so).map(|(_, reason)| reason)
    }

    /// With what is kept free around it.
    fn around(&self, asked: &Minutes) -> Minutes {
        if self.fault == Fault::NothingBetween {
            return asked.clone();
        }
        let [before, after] = [self.calendar.before_seconds, self.calendar.after_seconds]
            .map(|seconds| u64::from(seconds) / 60);
        asked.start - before..asked.end + after
    }

    /// How many there are of each place.
    fn count(&self) -> u32 {
        self.calendar.count.unwrap_or(1)
    }

    /// Where a wish may be met.
    fn places(&self, wanted: Option<&str>) -> Vec<Option<String>> {
        match (&self.calendar.resources, wanted) {
            (None, _) => vec![None],
            (Some(_), Some(name)) => vec![Some(name.to_owned())],
            (Some(all), None) => all.iter().cloned().map(Some).collect(),
        }
    }

    /// What is taken around some time, but for somebody's own.
    fn near(&self, around: &Minutes, own: Option<&str>) -> Vec<&Claim> {
        let overlaps = |claim: &Claim| claim.around.start < around.end && around.start < claim.around.end;
        let others = self.claims.iter().filter(|(id, claim)| own != Some(id) && overlaps(claim));
        others.map(|(_id, claim)| claim).collect()
    }

    fn now_ms(&self) -> u64 {
        self.noon_ms + self.feed.len() as u64
    }

    /// When a hold of these minutes lapses that is made now.
    fn lapses_ms(&self, held: &Minutes) -> u64 {
        (self.now_ms() + 1 + 600_000).min(held.start * MINUTE_MS)
    }

    fn refuse(&self, No(code, details): No) -> Reply {
        let seq = Some(self.feed.len() as u64);
        let mut body = serde_json::to_value(Problem { seq, ..Problem::new(code, "no") }).expect("JSON");
        body.as_object_mut().expect("fields").extend(details.as_object().expect("fields").clone());
        Reply::json(code.status(), &body)
    }

    fn record(&mut self, kind: &str, mut bookings: Vec<Value>) -> Vec<Value> {
        let seq = self.feed.len() + 1;
        for booking in &mut bookings {
            booking["seq"] = json!(seq);
            let id = booking["id"].as_str().expect("a word").to_owned();
            let claim = Claim {
                place: booking["resource"].as_str().map(str::to_owned),
                around: self.around(&minutes(booking)),
                quantity: booking["quantity"].as_u64().expect("a number"),
            };
            if booking["status"] == "cancelled" {
                self.claims.remove(&id);
            } else {
                self.claims.insert(id.clone(), claim);
            }
            self.bookings.insert(id, booking.clone());
        }
        let sum = |status: &str| {
            let like = self.bookings.values().filter(|booking| booking["status"] == status);
            like.map(|booking| booking["quantity"].as_u64().expect("a number")).sum::<u64>()
        };
        let capacity = self.calendar.resources.as_ref().map_or_else(|| self.count() as usize, Vec::len);
        let counts = json!({
            "capacity": capacity, "free": null, "held": sum("held"), "offered": 0, "confirmed": sum("confirmed"),
            "waitlisted": 0,
        });
        let at = time(self.noon_ms + seq as u64);
        self.feed.push(json!({ "seq": seq, "at": at, "kind": kind, "bookings": bookings, "counts": counts }));
        (self.slot["seq"], self.slot["counts"]) = (json!(seq), counts);
        bookings
    }
}

/// How many of these are in a place in a minute.
fn taken(near: &[&Claim], place: Option<&str>, minute: u64) -> u64 {
    let there = near.iter().filter(|claim| claim.place.as_deref() == place && claim.around.contains(&minute));
    there.map(|claim| claim.quantity).sum()
}

/// When a calendar is open, day by day by the clocks of its zone: all day, or from one hour to another, but on closed days.
fn openings(calendar: &Calendar, all: Minutes) -> Vec<Minutes> {
    let Some(hours) = &calendar.hours else { return vec![all] };
    let zone = TimeZone::get(&calendar.time_zone).expect("a zone");
    let [row] = &hours[..] else { panic!("the same every day") };
    assert!(row.days.len() == 7 && calendar.extra.is_empty());
    let moment = |date: Date, clock: &str| {
        let clock: WallTime = clock.parse().expect("a time of the day");
        let at = date.to_datetime(clock).to_zoned(zone.clone()).expect("it is so late some time");
        u64::try_from(at.timestamp().as_second()).expect("after 1970") / 60
    };
    let first = Timestamp::from_second(i64::try_from(all.start * 60).expect("soon")).expect("soon");
    let first = first.to_zoned(TimeZone::UTC).date().yesterday().expect("a day before");
    let dates = first.series(jiff::ToSpan::days(1)).take(40);
    let is_closed = |date: &Date| {
        let day = |text: &str| text.parse::<Date>().expect("a date");
        calendar.closed.iter().any(|closed| (day(&closed.from)..day(&closed.to)).contains(date))
    };
    let opening = |date| moment(date, &row.from)..moment(date, &row.to);
    let each = dates.filter(|date| !is_closed(date)).map(opening);
    each.filter(|opening| all.start <= opening.start && opening.end <= all.end).collect()
}

/// What follows on each other, as one.
fn runs(all: impl Iterator<Item = u64>) -> Vec<Minutes> {
    let mut runs: Vec<Minutes> = Vec::new();
    for minute in all {
        match runs.last_mut() {
            Some(last) if last.end == minute => last.end += 1,
            _ => runs.push(minute..minute + 1),
        }
    }
    runs
}

fn range(minutes: &Minutes) -> Value {
    json!({ "from": time(minutes.start * MINUTE_MS), "to": time(minutes.end * MINUTE_MS) })
}

/// The whole minutes that a body says.
fn minutes(body: &Value) -> Minutes {
    ms(&body["from"]) / MINUTE_MS..ms(&body["to"]) / MINUTE_MS
}

fn ms(text: &Value) -> u64 {
    text.as_str().expect("a time").parse::<Time>().expect("a time").as_ms()
}

fn time(ms: u64) -> Value {
    serde_json::to_value(Time::from_ms(ms)).expect("a time is JSON")
}

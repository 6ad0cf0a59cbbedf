//! Slots of numbered seats kept in memory, sold by the contract as far as customers of a drop go: nobody waits, and a wheelchair
//! space is to be picked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use api::problem::{Code, Problem};
use serde_json::{Value, json};
use witness::house::{Kind, Plan};

use super::shop::{Ask, Fault, Reply, made, page};

/// A slot of seats.
pub(crate) struct Hall {
    fault: Fault,
    slot: Value,
    plan: Plan,
    /// Which booking has which seat, and how many places in which area.
    owners: Vec<Option<String>>,
    areas: BTreeMap<String, BTreeMap<usize, u64>>,
    bookings: BTreeMap<String, Value>,
    feed: Vec<Value>,
    /// The letters of every seq.
    letters: Vec<String>,
    decisions: u64,
}

/// What somebody gets.
struct Places {
    seats: Vec<usize>,
    areas: BTreeMap<usize, u64>,
}

/// Why nobody gets anything, with what is told of it.
struct No(Code, Value);

impl Hall {
    pub(crate) fn open(fault: Fault, id: &str, body: &Value, plan: Plan) -> (Self, Reply) {
        let slot = made(id, body);
        let owners = vec![None; plan.seats.len()];
        let mut hall = Self {
            fault,
            slot,
            plan,
            owners,
            areas: BTreeMap::new(),
            bookings: BTreeMap::new(),
            feed: Vec::new(),
            letters: Vec::new(),
            decisions: 0,
        };
        hall.record("slot_created", Vec::new());
        let reply = hall.show();
        (hall, Reply { status: 201, ..reply })
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

    pub(crate) fn map(&self, ask: &Ask<'_>) -> Reply {
        let seq = self.feed.len();
        let etag = format!("W/\"{seq}\"");
        if ask.known == Some(&etag) {
            return Reply { status: 304, etag: Some(etag), ..Reply::default() };
        }
        let mut letters = self.letters[seq - 1].clone();
        if self.fault == Fault::OldMap && seq > 20 {
            letters.clone_from(&self.letters[seq - 15]);
        }
        let row = |row: &witness::house::Row| {
            let runs: Vec<&str> =
                self.plan.runs[row.runs.clone()].iter().map(|run| &letters[run.clone()]).collect();
            (row.name.clone(), json!(runs.join(" ")))
        };
        let area = |(place, area): (usize, &witness::house::Area)| {
            (area.key.clone(), json!({ "capacity": area.capacity, "free": self.area_free(place) }))
        };
        let rows: serde_json::Map<String, Value> = self.plan.rows.iter().map(row).collect();
        let areas: serde_json::Map<String, Value> = self.plan.areas.iter().enumerate().map(area).collect();
        let body = json!({ "seq": seq, "map": "map_1", "rows": rows, "areas": areas });
        Reply { etag: Some(etag), ..Reply::json(200, &body) }
    }

    pub(crate) fn changes(&self, after: usize) -> Reply {
        let (former, now) =
            (self.letters[after - 1].as_bytes(), self.letters[self.feed.len() - 1].as_bytes());
        let changed = (0..now.len()).filter(|seat| former[*seat] != now[*seat]);
        // Who shows a map from before tells of no changes either.
        let changed = changed.filter(|_seat| self.fault != Fault::OldMap);
        let runs: Vec<Value> = changed.map(|seat| json!([seat, 1, char::from(now[seat])])).collect();
        let areas: BTreeMap<&str, u64> = (0..self.plan.areas.len())
            .map(|area| (self.plan.areas[area].key.as_str(), self.area_free(area)))
            .collect();
        Reply::json(200, &json!({ "after": after, "seq": self.feed.len(), "runs": runs, "areas": areas }))
    }

    pub(crate) fn book(&mut self, ask: &Ask<'_>) -> Reply {
        self.decisions += 1;
        let body: Value = serde_json::from_slice(ask.body).expect("a booking is JSON");
        let found = if body.get("seats").is_some() || body.get("areas").is_some() {
            self.pick(&body)
        } else {
            self.best(&body)
        };
        let places = match found {
            Ok(places) => places,
            Err(no) => return self.refuse(no),
        };
        let id = format!("bkg_{}_{}", self.slot["id"].as_str().expect("a word"), self.decisions);
        let is_held = body["mode"] == "hold";
        let seconds = 1 + self.feed.len() as u64;
        let booking = json!({
            "id": id, "slot": self.slot["id"], "customer": ask.subject, "mode": body["mode"],
            "status": if is_held { "held" } else { "confirmed" }, "reference": format!("{:08}", self.decisions),
            "position": null, "created_at": time(seconds),
            "expires_at": if is_held { json!(time(seconds + 600_000)) } else { Value::Null },
        });
        let booking = self.give(booking, &places);
        Reply::json(201, &self.record("booked", vec![booking])[0])
    }

    /// Confirms, cancels, or swaps seats.
    pub(crate) fn change(&mut self, id: &str, verb: &str, ask: &Ask<'_>) -> Reply {
        let mut booking = self.bookings[id].clone();
        let is_held = booking["status"] == "held";
        match verb {
            "cancel" if is_held || booking["status"] == "confirmed" => {
                (booking["status"], booking["expires_at"]) = (json!("cancelled"), Value::Null);
                self.release(id);
                Reply::json(200, &self.record("cancelled", vec![booking])[0])
            }
            "cancel" => self.refuse(No(Code::AlreadyOver, json!({}))),
            "confirm" if is_held => {
                (booking["status"], booking["expires_at"]) = (json!("confirmed"), Value::Null);
                Reply::json(200, &self.record("confirmed", vec![booking])[0])
            }
            "seats" if is_held => self.swap(booking, ask),
            _ => self.refuse(No(Code::NotHeld, json!({}))),
        }
    }

    fn swap(&mut self, booking: Value, ask: &Ask<'_>) -> Reply {
        let body: Value = serde_json::from_slice(ask.body).expect("a swap is JSON");
        let add = body["add"].as_array().expect("a list").clone();
        let conflicts = self.conflicts(&add, 0);
        if !conflicts.is_empty() {
            return self.refuse(No(Code::SeatsRefused, json!({ "conflicts": conflicts })));
        }
        let kept = booking["seats"].as_array().expect("a list").iter().filter(|seat| {
            !body["drop"].as_array().expect("a list").contains(seat) || self.fault == Fault::KeepsBoth
        });
        let seats = kept.chain(&add).map(|seat| self.seat(seat)).collect();
        let id = booking["id"].as_str().expect("a word").to_owned();
        self.release(&id);
        let booking = self.give(booking, &Places { seats, areas: BTreeMap::new() });
        Reply::json(200, &self.record("reseated", vec![booking])[0])
    }

    fn pick(&self, body: &Value) -> Result<Places, No> {
        let names = body["seats"].as_array().cloned().unwrap_or_default();
        let mut conflicts = self.conflicts(&names, body["accessible"].as_u64().unwrap_or_default());
        let mut areas = BTreeMap::new();
        for (key, count) in body["areas"].as_object().into_iter().flatten() {
            let area = self.plan.area(key).expect("the map has it");
            let count = count.as_u64().expect("a number");
            if self.area_free(area) < count {
                conflicts.push(json!({ "seat": key, "reason": "taken" }));
            }
            areas.insert(area, count);
        }
        if self.fault == Fault::SeatTwice && self.decisions.is_multiple_of(10) {
            conflicts.clear();
        }
        if self.fault == Fault::HidesConflicts {
            conflicts.truncate(1);
        }
        if !conflicts.is_empty() {
            return Err(No(Code::SeatsRefused, json!({ "conflicts": conflicts })));
        }
        Ok(Places { seats: names.iter().map(|name| self.seat(name)).collect(), areas })
    }

    fn conflicts(&self, names: &[Value], accessible: u64) -> Vec<Value> {
        let conflict = |name: &Value| {
            let seat = self.seat(name);
            let is_special = self.plan.seats[seat].kind != Kind::General;
            let reason = match self.owners[seat] {
                Some(_) => "taken",
                None if is_special && accessible == 0 => "accessible",
                None => return None,
            };
            Some(json!({ "seat": name, "reason": reason }))
        };
        names.iter().filter_map(conflict).collect()
    }

    fn best(&self, body: &Value) -> Result<Places, No> {
        let n = usize::try_from(body["quantity"].as_u64().expect("a number")).expect("few");
        let best = &body["best"];
        let named =
            best["categories"].as_array().cloned().unwrap_or_else(|| vec![json!(self.plan.categories[0])]);
        let category =
            |key: &Value| self.plan.category(key.as_str().expect("a word")).expect("the map has it");
        let enough = |category: &usize| self.room(*category) >= n as u64;
        let all: Vec<usize> = named.iter().map(category).collect();
        let open: Vec<usize> = all.iter().copied().filter(enough).collect();
        if open.is_empty() || best["accessible"].as_u64() > Some(0) {
            return Err(No(Code::SoldOut, json!({})));
        }
        if let Some(places) = self.one_block(n, &open) {
            return Ok(places);
        }
        if best["together"] == "must" {
            let largest = all.iter().map(|category| self.largest(*category)).max();
            return Err(No(Code::NotTogether, json!({ "largest_block": largest })));
        }
        let steps = [(true, n / 2), (false, n / 2), (true, n), (false, n)];
        let mut tries = steps.into_iter().flat_map(|(same_section, most)| {
            let open = &open;
            open.iter()
                .flat_map(move |category| (2..=most).map(move |parts| (*category, parts, same_section)))
        });
        let parts = tries.find_map(|(category, parts, same)| self.in_parts(n, category, parts, same));
        let seats = parts.ok_or_else(|| No(Code::SoldOut, json!({})))?;
        Ok(Places { seats, areas: BTreeMap::new() })
    }

    fn one_block(&self, n: usize, open: &[usize]) -> Option<Places> {
        [true, false]
            .into_iter()
            .flat_map(|quiet| open.iter().map(move |category| (quiet, *category)))
            .find_map(|(quiet, category)| {
                let blocks = self.blocks(n, category, quiet);
                let skip = usize::from(self.fault == Fault::SecondBest && blocks.len() > 1);
                if let Some(block) = blocks.into_iter().nth(skip) {
                    return Some(Places { seats: block.collect(), areas: BTreeMap::new() });
                }
                let mut areas =
                    (0..self.plan.areas.len()).filter(|area| self.plan.areas[*area].category == category);
                let area = areas.find(|area| self.area_free(*area) >= n as u64)?;
                Some(Places { seats: Vec::new(), areas: [(area, n as u64)].into() })
            })
    }

    /// Blocks by score; quiet ones leave nobody alone between two others.
    fn blocks(&self, n: usize, category: usize, quiet: bool) -> Vec<Range<usize>> {
        let is_free = |seat: usize| {
            let of = &self.plan.seats[seat];
            of.category == category && of.kind == Kind::General && self.owners[seat].is_none()
        };
        let is_open =
            |seat: usize| self.plan.seats[seat].kind == Kind::General && self.owners[seat].is_none();
        let windows = self
            .plan
            .runs
            .iter()
            .filter(|run| run.len() >= n)
            .flat_map(|run| (run.start..=run.end - n).map(move |first| (run.clone(), first..first + n)));
        let spares = |run: &Range<usize>, block: &Range<usize>| {
            let (first, last) = (block.start, block.end);
            let left = first > run.start + 1 && is_open(first - 1) && !is_open(first - 2);
            let right = last + 1 < run.end && is_open(last) && !is_open(last + 1);
            !left && !right
        };
        let fitting =
            windows.filter(|(run, block)| block.clone().all(is_free) && (!quiet || spares(run, block)));
        let mut blocks: Vec<Range<usize>> = fitting.map(|(_run, block)| block).collect();
        blocks.sort_by_key(|block| self.score(block));
        blocks
    }

    fn score(&self, block: &Range<usize>) -> (u64, u64) {
        (block.clone().map(|seat| self.plan.seats[seat].rank).sum(), self.plan.seats[block.start].rank)
    }

    fn in_parts(&self, n: usize, category: usize, parts: usize, same_section: bool) -> Option<Vec<usize>> {
        let size = |part: usize| n / parts + usize::from(part < n % parts);
        let seats = &self.plan.seats;
        let quiet = self.blocks(size(0), category, true).into_iter().next();
        let first = quiet.or_else(|| self.blocks(size(0), category, false).into_iter().next())?;
        let mut chosen = vec![first];
        for part in 1..parts {
            let far = |block: &Range<usize>| {
                chosen.iter().map(|near| seats[near.start].row.abs_diff(seats[block.start].row)).min()
            };
            let mut blocks = self.blocks(size(part), category, false);
            blocks.retain(|block| {
                let is_near = !same_section || seats[block.start].section == seats[chosen[0].start].section;
                is_near && chosen.iter().all(|near| block.end <= near.start || near.end <= block.start)
            });
            chosen.push(blocks.into_iter().min_by_key(|block| (far(block), self.score(block)))?);
        }
        Some(chosen.into_iter().flatten().collect())
    }

    fn give(&mut self, mut booking: Value, places: &Places) -> Value {
        let id = booking["id"].as_str().expect("a word").to_owned();
        for seat in &places.seats {
            self.owners[*seat] = Some(id.clone());
        }
        self.areas.insert(id, places.areas.clone());
        let seats: BTreeSet<usize> = places.seats.iter().copied().collect();
        let of_areas = places.areas.keys().map(|area| self.plan.areas[*area].category);
        let categories: BTreeSet<usize> =
            seats.iter().map(|seat| self.plan.seats[*seat].category).chain(of_areas).collect();
        let mut neighbours = seats.iter().zip(seats.iter().skip(1));
        let is_block = neighbours
            .all(|(one, next)| one + 1 == *next && self.plan.seats[*one].run == self.plan.seats[*next].run);
        let names: Vec<&str> = places.seats.iter().map(|seat| self.plan.seats[*seat].name.as_str()).collect();
        let area = |(area, count): (&usize, &u64)| (self.plan.areas[*area].key.clone(), json!(count));
        let areas: serde_json::Map<String, Value> = places.areas.iter().map(area).collect();
        let only = categories.first().filter(|_category| categories.len() == 1);
        booking["quantity"] = json!(places.seats.len() as u64 + places.areas.values().sum::<u64>());
        booking["seats"] = json!(names);
        booking["areas"] = json!(areas);
        booking["category"] = json!(only.map(|category| &self.plan.categories[*category]));
        booking["together"] = if seats.is_empty() { Value::Null } else { json!(is_block) };
        booking
    }

    fn release(&mut self, id: &str) {
        self.areas.remove(id);
        for owner in &mut self.owners {
            owner.take_if(|owner| owner == id);
        }
    }

    fn refuse(&self, No(code, details): No) -> Reply {
        let seq = Some(self.feed.len() as u64);
        let mut body = serde_json::to_value(Problem { seq, ..Problem::new(code, "no") }).expect("JSON");
        body.as_object_mut().expect("fields").extend(details.as_object().expect("fields").clone());
        Reply::json(409, &body)
    }

    fn record(&mut self, kind: &str, mut bookings: Vec<Value>) -> Vec<Value> {
        let seq = self.feed.len() + 1;
        for booking in &mut bookings {
            booking["seq"] = json!(seq);
            let id = booking["id"].as_str().expect("a word").to_owned();
            self.bookings.insert(id, booking.clone());
        }
        let letter = |owner: &Option<String>| match owner {
            None => 'f',
            Some(id) if self.bookings[id]["status"] == "held" => 'h',
            Some(_) => 't',
        };
        self.letters.push(self.owners.iter().map(letter).collect());
        let counts = self.counts();
        let at = time(seq as u64);
        self.feed.push(json!({ "seq": seq, "at": at, "kind": kind, "bookings": bookings, "counts": counts }));
        let bookable = (0..self.plan.categories.len()).map(|category| {
            let of = |area: &usize| self.plan.areas[*area].category == category;
            let areas = (0..self.plan.areas.len()).filter(of).map(|area| self.area_free(area));
            areas.max().unwrap_or_default().max(self.general(category)).min(100)
        });
        let bookable = bookable.max();
        (self.slot["seq"], self.slot["counts"], self.slot["bookable"]) =
            (json!(seq), counts, json!(bookable));
        bookings
    }

    fn counts(&self) -> Value {
        let mut all =
            json!({ "capacity": 0, "free": 0, "held": 0, "offered": 0, "confirmed": 0, "waitlisted": 0 });
        let mut categories = serde_json::Map::new();
        for (place, key) in self.plan.categories.iter().enumerate() {
            let names = ["capacity", "free", "held", "offered", "confirmed", "waitlisted"];
            let mut of = names.map(|name| (name, 0));
            let mut count = |status: &Value, by: u64| {
                let word = status.as_str().unwrap_or("free");
                of[0].1 += by;
                of.iter_mut().filter(|(name, _)| *name == word).for_each(|(_, sum)| *sum += by);
            };
            for (seat, owner) in self.owners.iter().enumerate() {
                if self.plan.seats[seat].category == place {
                    count(owner.as_ref().map_or(&Value::Null, |id| &self.bookings[id]["status"]), 1);
                }
            }
            for (area, _) in self.plan.areas.iter().enumerate().filter(|(_, area)| area.category == place) {
                count(&Value::Null, self.area_free(area));
                for (id, areas) in &self.areas {
                    count(&self.bookings[id]["status"], areas.get(&area).copied().unwrap_or_default());
                }
            }
            for (name, sum) in of {
                all[name] = json!(all[name].as_u64().expect("a number") + sum);
            }
            let mut of: serde_json::Map<String, Value> =
                of.into_iter().map(|(name, sum)| (name.to_owned(), json!(sum))).collect();
            of.insert("largest_block".to_owned(), json!(self.largest(place)));
            categories.insert(key.clone(), Value::Object(of));
        }
        (all["blocked"], all["allotted"]) = (json!(0), json!({}));
        all["categories"] = Value::Object(categories);
        all
    }

    fn seat(&self, name: &Value) -> usize {
        self.plan.seat(name.as_str().expect("a word")).expect("the map has it")
    }

    fn area_free(&self, area: usize) -> u64 {
        let taken: u64 = self.areas.values().filter_map(|areas| areas.get(&area)).sum();
        self.plan.areas[area].capacity.saturating_sub(taken)
    }

    fn general(&self, category: usize) -> u64 {
        self.blocks(1, category, false).len() as u64
    }

    fn room(&self, category: usize) -> u64 {
        let of = |area: &usize| self.plan.areas[*area].category == category;
        let areas = (0..self.plan.areas.len()).filter(of).map(|area| self.area_free(area));
        self.general(category) + areas.sum::<u64>()
    }

    fn largest(&self, category: usize) -> usize {
        (1..=128).take_while(|n| !self.blocks(*n, category, false).is_empty()).last().unwrap_or_default()
    }
}

fn time(ms: u64) -> Value {
    serde_json::to_value(api::time::Time::from_ms(ms)).expect("a time is JSON")
}

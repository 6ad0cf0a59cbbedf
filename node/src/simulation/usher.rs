//! Judges what was sold of houses by what everyone may read: from the feed alone, in names, step by step, who sits where, what is for
//! sale, and how much that is; and at the end, on every node, what is shown of the seats. It shares no code with the rules.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use api::booking::{Booking, Status};
use api::feed::Record;
use api::inventory::AllotmentCounts;
use api::seats::SlotSeats;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use seatmap::{Place, Seatmap};
use tokio::time::sleep;
use witness::history::Reading;

use super::goods;
use super::halls::Halls;
use super::network::{self, Question};
use super::sale::Sale;
use super::watch;

/// Between two attempts to read something.
const AGAIN: Duration = Duration::from_millis(50);

/// A house as its feed has told of it so far.
struct Usher<'all> {
    maps: &'all BTreeMap<String, Seatmap>,
    map: &'all Seatmap,
    bookings: BTreeMap<String, Booking>,
    /// Seats that are not sold to everyone: to nobody, or to whom they are kept for.
    closed: BTreeMap<String, Option<String>>,
}

impl Halls {
    /// Everything that was sold of every house is as its feed says, on every node.
    pub(super) async fn judge(&mut self, sale: &Sale) {
        self.repeat(sale).await;
        let mut rng = SmallRng::seed_from_u64(0);
        for (number, slot) in self.slots.iter().enumerate() {
            let path = format!("/v1/slots/{slot}");
            for (node, address) in sale.at.clients.iter().enumerate() {
                if let Err(why) = self.compare(sale, &path, *address, &mut rng).await {
                    watch::violated(format!("{slot} at node {node}: {why}"));
                }
            }
            let Reading::Got(feed) = sale.feed(&path, &mut rng).await else { continue };
            if sale.sells_products_in(number)
                && let Err(why) = goods::judge(&feed.records)
            {
                watch::violated(format!("{slot}: {why}"));
            }
            let mut kinds = BTreeMap::<String, u32>::new();
            for record in &feed.records {
                let with_map = if record.map.is_some() { " to another map" } else { "" };
                *kinds.entry(format!("{:?}{with_map}", record.kind)).or_default() += 1;
            }
            watch::note(format!("a hall was sold: {kinds:?}"));
        }
    }

    /// What one node shows of a house is as the house's feed says.
    async fn compare(
        &self,
        sale: &Sale,
        path: &str,
        at: SocketAddr,
        rng: &mut SmallRng,
    ) -> Result<(), String> {
        loop {
            let Reading::Got(feed) = sale.feed(path, rng).await else {
                return Err("it was made, and its feed cannot be read".to_owned());
            };
            let usher = Usher::watch(&self.maps, &feed.records)?;
            let shown = sale.shown(at, path, feed.seq).await;
            // What is held may have lapsed in between.
            if shown.seq == feed.seq {
                return usher.compare(&shown);
            }
        }
    }
}

impl Sale {
    /// What one node shows of a slot's seats, once it knows all of it.
    async fn shown(&self, at: SocketAddr, path: &str, seq: u64) -> SlotSeats {
        let line = format!("GET {path}/seats");
        let question = Question { line: &line, token: self.token("organizer"), key: "", body: "" };
        loop {
            let answer = network::ask(at, question).await.filter(|answer| answer.status == 200);
            let seats = answer.map(|answer| serde_json::from_str::<SlotSeats>(&answer.body).expect("seats"));
            match seats {
                Some(seats) if seq <= seats.seq => return seats,
                Some(_) | None => sleep(AGAIN).await,
            }
        }
    }
}

impl<'all> Usher<'all> {
    /// Follows a feed from its beginning to its end.
    fn watch(maps: &'all BTreeMap<String, Seatmap>, feed: &[Record]) -> Result<Self, String> {
        // The first map of all is the one by which a house is sold until the feed says another.
        let map = maps.values().find(|map| map.name() == "0").expect("the first map");
        let mut usher = Self { maps, map, bookings: BTreeMap::new(), closed: BTreeMap::new() };
        for record in feed {
            usher.step(record).map_err(|why| format!("{why}, after {record:?}"))?;
        }
        Ok(usher)
    }

    fn step(&mut self, record: &Record) -> Result<(), String> {
        if let Some(map) = &record.map {
            self.map = self.maps.get(map).ok_or("sold by a map of nobody's")?;
            self.closed.retain(|seat, _| self.map.find(seat).is_some());
        }
        if let Some(sold) = &record.seats {
            let closed = sold.blocked.iter().map(|seat| (seat, None));
            let kept = sold
                .allotted
                .iter()
                .flat_map(|(name, seats)| seats.iter().map(move |seat| (seat, Some(name))));
            self.closed.extend(closed.chain(kept).map(|(seat, name)| (seat.clone(), name.cloned())));
            self.closed.retain(|seat, _| !sold.opened.contains(seat));
        }
        for booking in &record.bookings {
            self.check_together(booking)?;
            self.bookings.insert(booking.id.clone(), booking.clone());
        }
        let taken = self.taken()?;
        self.check_counts(record, &taken)
    }

    /// Who has places.
    fn seated(&self) -> impl Iterator<Item = &Booking> {
        let has_places =
            |booking: &&Booking| matches!(booking.status, Status::Held | Status::Offered | Status::Confirmed);
        self.bookings.values().filter(has_places)
    }

    /// Each seat that is taken, and how: no seat twice, and none that is not there or not for sale (BK-10).
    fn taken(&self) -> Result<BTreeMap<&str, Status>, String> {
        let mut taken = BTreeMap::new();
        for booking in self.seated() {
            let seats = booking.seats.as_deref().unwrap_or_default();
            let places = booking.areas.iter().flatten().map(|(_, places)| *places).sum::<u32>();
            if seats.len() + places as usize != booking.quantity as usize {
                return Err(format!("{booking:?} is for others than it has"));
            }
            for seat in seats {
                if !matches!(self.map.find(seat), Some(Place::Seat(_))) {
                    return Err(format!("{seat} is sold, and is not in the map"));
                }
                if self.closed.get(seat).is_some_and(Option::is_none) {
                    return Err(format!("{seat} is sold, and is not for sale"));
                }
                if taken.insert(seat.as_str(), booking.status).is_some() {
                    return Err(format!("BK-10: {seat} is sold twice"));
                }
            }
        }
        Ok(taken)
    }

    /// Of every area the places that are taken.
    fn taken_of(&self, area: &str) -> u32 {
        self.seated().filter_map(|booking| booking.areas.as_ref()?.get(area)).sum()
    }

    fn check_counts(&self, record: &Record, taken: &BTreeMap<&str, Status>) -> Result<(), String> {
        let counts = &record.counts;
        let of = |status| self.seated().filter(|it| it.status == status).map(|it| it.quantity).sum::<u32>();
        let waiting = self.bookings.values().filter(|it| it.status == Status::Waitlisted).count();
        let is_free = |seat: &&String| !taken.contains_key(seat.as_str());
        let blocked = self.closed.values().filter(|name| name.is_none()).count();
        let areas = self.map.areas();
        let capacity = self.map.seats() + areas.iter().map(|area| area.capacity).sum::<u32>();
        let mut free = 0;
        for area in areas {
            let taken = self.taken_of(&area.key);
            free += area.capacity.checked_sub(taken).ok_or_else(|| format!("{} is oversold", area.key))?;
        }
        let closed_and_free = self.closed.keys().filter(is_free).count();
        let seats_free = self.map.seats() as usize - taken.len() - closed_and_free;
        let want = [
            capacity as usize - blocked,
            free as usize + seats_free,
            of(Status::Held) as usize,
            of(Status::Offered) as usize,
            of(Status::Confirmed) as usize,
            waiting,
            blocked,
        ];
        let said = [
            counts.capacity,
            counts.free.ok_or("a house says how much is free")?,
            counts.held,
            counts.offered,
            counts.confirmed,
            counts.waitlisted,
            counts.blocked.ok_or("a house says how much is blocked")?,
        ];
        if want != said.map(|count| count as usize) {
            return Err(format!("BK-1: counts are {want:?}"));
        }
        for (name, said) in counts.allotted.iter().flatten() {
            let kept = self.closed.iter().filter(|(_, whose)| whose.as_deref() == Some(name.as_str()));
            let kept: Vec<_> = kept.map(|(seat, _)| seat).collect();
            let free = kept.iter().filter(|seat| is_free(seat)).count();
            let len = |count: usize| u32::try_from(count).expect("a small house");
            if *said != (AllotmentCounts { capacity: len(kept.len()), free: len(free) }) {
                return Err(format!("{free} of {kept:?} are free for {name}"));
            }
        }
        Ok(())
    }

    /// BK-11: whose seats are side by side, and nobody else, hears so.
    fn check_together(&self, booking: &Booking) -> Result<(), String> {
        let seats = booking.seats.as_deref().unwrap_or_default();
        if !matches!(booking.status, Status::Held | Status::Offered | Status::Confirmed) {
            return Ok(());
        }
        let number = |seat: &String| match self.map.find(seat) {
            Some(Place::Seat(number)) => Some(number),
            Some(Place::Row { .. } | Place::Section { .. } | Place::Area(_)) | None => None,
        };
        let mut numbers: Vec<_> = seats.iter().filter_map(number).collect();
        numbers.sort_unstable();
        let want = numbers.first().zip(numbers.last()).map(|(first, last)| {
            let mut blocks = self.map.row_seats().flat_map(|row| row.blocks);
            let is_one = blocks.any(|block| block.contains(first) && block.contains(last));
            is_one && (last - first) as usize + 1 == numbers.len()
        });
        if booking.together.flatten() == want {
            return Ok(());
        }
        Err(format!("BK-11: together is {want:?} of {booking:?}"))
    }

    /// What a node shows is so, seat by seat.
    fn compare(&self, shown: &SlotSeats) -> Result<(), String> {
        let taken = self.taken()?;
        let letter = |seat: u32| {
            let name = self.map.name_of(seat);
            match (taken.get(name.as_str()), self.closed.get(&name)) {
                (Some(Status::Held | Status::Offered), _) => 'h',
                (None, None) => 'f',
                _ => 't',
            }
        };
        for row in self.map.row_seats() {
            let want: Vec<String> = row.blocks.into_iter().map(|block| block.map(letter).collect()).collect();
            let said = shown.rows.get(&row.name);
            if said != Some(&want.join(" ")) {
                return Err(format!("{} is {want:?}, and {said:?} is shown", row.name));
            }
        }
        for area in self.map.areas() {
            let want = (area.capacity, area.capacity - self.taken_of(&area.key));
            let said = shown.areas.get(&area.key).map(|area| (area.capacity, area.free));
            if said != Some(want) {
                return Err(format!("{} is {want:?}, and {said:?} is shown", area.key));
            }
        }
        Ok(())
    }
}

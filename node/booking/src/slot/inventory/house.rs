//! A house that a slot sells seat by seat: its seats, who waits for them, and the names of those for whom seats are kept.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::claim::{Claim, SeatsClaim, newcomer};
use super::queues::{Queues, serve_first};
use super::saved::{HouseChanges, PlanPart, SalePart, SavedHouse};
use super::seats::{NoPlaces, PickRefused, RedrawRefused, SaleRefused, Seats, Shortage};
use crate::digest::Digest;
use crate::limits::ALLOTMENT_NAME_BYTES_MAX;
use crate::slot::shown::outcome::Refused;
use crate::{
    ALLOTMENTS_MAX, Allotment, AllotmentCounts, Area, Asker, Best, CategoryCounts, CategoryView, ChangeSale,
    Conflict, Content, Counts, Details, DrawnArea, HouseView, MapChange, Named, Number, Order, Places, Plan,
    Reason, Refusal, SaleRun, Seat, SeatMap, SeatRun, SeatSale, Seating, SeatsAsked, SeatsStock, SeatsWish,
    Shown, SinglesPolicy, Status, Swap, Together,
};

/// A house that a slot sells.
pub(crate) struct House {
    stock: SeatsStock,
    seats: Seats,
    queues: Queues,
    settled: Settled,
    /// For whom seats were ever kept, each at the place of its number: who reads a number finds its name for ever.
    names: Vec<Box<str>>,
    /// Of the house, how it is sold, and the names.
    digest: u64,
    unsaved: Unsaved,
}

/// What was found out when somebody who waits was last looked for, for as long as it holds: a step that frees nothing looks at nobody.
#[derive(Default)]
struct Settled {
    /// The order under which nobody could be served.
    order: Option<Order>,
    /// Of what those who wait are short under that order.
    short: Option<Shortage>,
}

/// What is not saved yet.
#[derive(Default)]
struct Unsaved {
    plan: bool,
    sale: bool,
}

impl House {
    /// A house of which everything is for sale.
    pub(crate) fn new(stock: SeatsStock, plan: Arc<Plan>) -> Self {
        Self { unsaved: Unsaved { plan: true, sale: false }, ..Self::of(stock, Seats::new(plan), Vec::new()) }
    }

    /// The house that was saved, with nobody in it; none where its parts are no house.
    pub(crate) fn restore(stock: SeatsStock, saved: SavedHouse) -> Option<Self> {
        let plan = PlanPart::join(saved.plan)?;
        let (names, runs) = SalePart::join(saved.sale)?;
        let are_named = names.len() <= usize::from(ALLOTMENTS_MAX)
            && runs.iter().all(|run| match run.sale {
                SeatSale::Allotted(allotment) => usize::from(allotment.0) < names.len(),
                SeatSale::Open | SeatSale::Blocked => true,
            });
        let seats = Seats::restore(plan, &runs).ok().filter(|_| are_named)?;
        Some(Self::of(stock, seats, names))
    }

    fn of(stock: SeatsStock, seats: Seats, names: Vec<Box<str>>) -> Self {
        let digest = digest(&seats, &names);
        Self {
            stock,
            seats,
            queues: Queues::default(),
            settled: Settled::default(),
            names,
            digest,
            unsaved: Unsaved::default(),
        }
    }

    /// The map by which it is sold.
    pub(crate) fn map(&self) -> Content {
        self.stock.map
    }

    /// What is to be saved of it since this was last asked.
    pub(crate) fn take_changes(&mut self) -> HouseChanges {
        let Unsaved { plan, sale } = core::mem::take(&mut self.unsaved);
        HouseChanges {
            plan: plan.then(|| PlanPart::parts(self.seats.plan())),
            sale: sale.then(|| SalePart::parts(&self.names, &self.seats.sale_runs())),
        }
    }

    /// A number of the house, how it is sold, and the names: kept as things change.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    /// Whether the digest is that of what is there.
    pub(crate) fn digest_is_right(&self) -> bool {
        self.digest == digest(&self.seats, &self.names)
    }

    /// How many places are for sale.
    pub(crate) fn capacity(&self) -> u32 {
        self.seats.counts().capacity
    }

    /// Whether a request that waits for this could ever be met: counters alone, not whether the seats are adjacent.
    pub(crate) fn could_ever_have(&self, wish: &Best) -> bool {
        self.seats.could_ever_fit(&Best { together: Together::Prefer, ..wish.clone() })
    }

    /// Whether who waits for this could ever be served.
    pub(crate) fn could_ever_serve(&self, wish: &Best) -> bool {
        self.seats.could_ever_fit(wish)
    }

    /// What a newcomer gets now: nothing where there are too few, or others are short of them.
    pub(crate) fn find(&self, wish: &SeatsWish, order: Order) -> Result<Option<Places>, Refused> {
        let short = &*self.shortage(order);
        match &wish.asked {
            SeatsAsked::Pick(pick) => {
                let found = self.seats.pick(pick, wish.by, self.stock.singles, short);
                found.map(Some).map_err(pick_refused)
            }
            SeatsAsked::Best(best) => match self.seats.best(best, self.stock.singles, short) {
                Ok(places) => Ok(Some(places)),
                // Who could never be served does not wait either.
                Err(NoPlaces::TooFew) if !self.could_ever_serve(best) => Err(self.too_long(best)),
                Err(NoPlaces::TooFew) => Ok(None),
                Err(NoPlaces::NotTogether { largest_block }) => Err(not_together(largest_block)),
            },
        }
    }

    /// Why somebody gets nothing whom no block of these categories could ever hold.
    fn too_long(&self, wish: &Best) -> Refused {
        let blocks =
            self.seats.known(wish).map(|category| self.seats.category_counts(category).largest_block);
        not_together(blocks.max().unwrap_or(0))
    }

    /// What a newcomer claims who has these places, or waits for what it asks.
    pub(crate) fn newcomer(&self, wish: &SeatsWish, found: Option<&Places>) -> SeatsClaim {
        let what = match (found, &wish.asked) {
            (Some(places), _) => Ok(places.clone()),
            (None, SeatsAsked::Best(best)) => Err(best.clone()),
            (None, SeatsAsked::Pick(_)) => unreachable!("who picks gets something or is refused"),
        };
        newcomer(self.map(), self.seats.plan(), what)
    }

    /// Whether somebody who needs this may join those who wait.
    pub(crate) fn has_room_for(&self, wish: &Best) -> bool {
        self.queues.have_room_for(wish)
    }

    /// What a booking has after a swap.
    pub(crate) fn swap(&self, had: &Places, swap: &Swap, by: Asker, order: Order) -> Result<Places, Refused> {
        let found = self.seats.swap(had, swap, by, self.stock.singles, &self.shortage(order));
        found.map_err(pick_refused)
    }

    /// Whose turn it is of those who wait, and what that booking gets.
    pub(crate) fn next(&mut self, order: Order) -> Option<(Number, Places)> {
        if self.settled.order != Some(order) {
            let next = self.queues.next(&self.seats, self.stock.singles, order);
            if next.is_some() {
                return next;
            }
            self.settled = Settled { order: Some(order), short: None };
        }
        if self.settled.short.is_none() {
            self.settled.short = Some(self.queues.shortage(&self.seats, order));
        }
        None
    }

    /// The place of who waits, or would with this number, among those that wait for some of the same.
    pub(crate) fn position(&self, number: Number, wish: &Best) -> u32 {
        self.queues.position(number, wish)
    }

    /// Takes what is free for a booking that stands like this. That makes nobody's turn come.
    pub(crate) fn take(&mut self, places: &Places, status: Status) {
        self.settled.short = None;
        self.seats.take(places, status);
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second.
    pub(crate) fn transition(&mut self, places: &Places, (from, to): (Status, Status)) {
        if to.has_places() {
            self.settled.short = None;
        } else {
            self.freed();
        }
        self.seats.transition(places, (from, to));
    }

    /// Gives back what a booking has that stands like this.
    pub(crate) fn give_back(&mut self, places: &Places, status: Status) {
        self.freed();
        self.seats.give_back(places, status);
    }

    /// The house.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        self.seats.plan()
    }

    /// Somebody waits who needs this.
    pub(crate) fn join(&mut self, number: Number, wish: &Best) {
        if let Settled { order: Some(Order::Strict), short: Some(short) } = &mut self.settled {
            short.add(self.seats.shortage(wish));
        }
        self.queues.join(number, wish);
    }

    /// Somebody waits no more who needed this. Who got it frees nothing; who is gone for good has a [transition](House::transition).
    pub(crate) fn leave(&mut self, number: Number, wish: &Best) {
        self.settled = Settled::default();
        self.queues.leave(number, wish);
    }

    /// Holds single seats otherwise.
    pub(crate) fn set_singles(&mut self, singles: SinglesPolicy) {
        self.freed();
        self.stock.singles = singles;
    }

    /// Sells seats otherwise, all or none, and says of which that is new.
    pub(crate) fn sell(&mut self, change: &ChangeSale) -> Result<Vec<SaleRun>, Refused> {
        let mut names = self.names.clone();
        let mut runs = Vec::new();
        let mut add = |of: &[SeatRun], sale| {
            runs.extend(of.iter().map(|&SeatRun { first, length }| SaleRun { first, length, sale }));
        };
        add(&change.block, SeatSale::Blocked);
        add(&change.open, SeatSale::Open);
        for (name, seats) in &change.allot {
            add(seats, SeatSale::Allotted(number_of(&mut names, name)?));
        }
        let changed = self.seats.sell(&runs).map_err(sale_refused)?;
        // A name for whom nothing is kept is none.
        let is_new = names.len() != self.names.len() && !changed.is_empty();
        if is_new {
            self.names = names;
        }
        if !changed.is_empty() {
            self.unsaved.sale = true;
            self.freed();
            self.digest = digest(&self.seats, &self.names);
        }
        Ok(changed)
    }

    /// The seats by another map, with the same bookings.
    pub(crate) fn redrawn<'all>(
        &self,
        change: &MapChange,
        claims: impl Iterator<Item = (Status, &'all Places)>,
    ) -> Result<Seats, Refused> {
        let seats = self.seats.redrawn(Arc::clone(&change.plan), &change.table, claims);
        seats.map_err(|refused| match refused {
            RedrawRefused::BadTable => Refusal::Malformed.into(),
            RedrawRefused::InUse { seats, areas } => {
                Refused::because(Refusal::CapacityInUse, Details::InUse { seats, areas })
            }
        })
    }

    /// Goes on with these seats, by this map.
    pub(crate) fn redraw(&mut self, map: Content, seats: Seats) {
        (self.stock.map, self.seats) = (map, seats);
        self.freed();
        self.unsaved = Unsaved { plan: true, sale: true };
        self.digest = digest(&self.seats, &self.names);
    }

    /// Where everything is, beside so many bookings that wait.
    pub(crate) fn counts(&self, waitlisted: u32) -> Counts {
        let house = self.seats.counts();
        Counts {
            capacity: house.capacity,
            free: house.free,
            held: house.held,
            offered: house.offered,
            confirmed: house.confirmed,
            waitlisted,
        }
    }

    /// Where everything is, category by category.
    pub(crate) fn view(&self, order: Order) -> HouseView {
        let kept = self.seats.allotment_counts().collect::<BTreeMap<Allotment, AllotmentCounts>>();
        let allotment = |(number, name): (u8, &str)| {
            (name.into(), kept.get(&Allotment(number)).copied().unwrap_or_default())
        };
        let category = |category| CategoryView {
            counts: self.seats.category_counts(category),
            waitlisted: self.queues.waiting_for(category),
        };
        HouseView {
            map: self.map(),
            blocked: self.seats.counts().blocked,
            bookable: self.seats.bookable(&self.shortage(order)),
            allotments: (0..).zip(self.names.iter().map(|name| &**name)).map(allotment).collect(),
            categories: self.seats.plan().categories().map(category).collect(),
        }
    }

    /// Where everything was while nobody had anything, and all of it was for sale.
    pub(crate) fn untouched(&self) -> HouseView {
        let house = Self::new(self.stock, Arc::clone(self.plan()));
        house.view(Order::Strict)
    }

    /// What everyone may know of a seat, if there is such a seat.
    pub(crate) fn shown(&self, seat: Seat) -> Option<Shown> {
        (seat.0 < self.plan().seat_count()).then(|| self.seats.shown_of(seat))
    }

    /// What everyone may know of every seat and area.
    pub(crate) fn seat_map(&self) -> SeatMap {
        let area = |(number, area): (Area, DrawnArea)| (area.capacity, self.seats.free_in(number));
        SeatMap {
            map: self.map(),
            blocks: self.seats.shown().collect(),
            areas: self.plan().areas().map(area).collect(),
        }
    }

    /// Whether bookings that claim this, and stand like this, have what is there and for sale, each place once.
    pub(crate) fn holds(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        let runs = self.seats.sale_runs();
        let Ok(mut anew) = Seats::restore(Arc::clone(self.seats.plan()), &runs) else { return false };
        for &(status, claim) in claims {
            let Some(seats) = claim.seats else { return false };
            if seats.waits_for.is_some() != (status == Status::Waitlisted) {
                return false;
            }
            if !status.has_places() {
                continue;
            }
            let Seating { map, places, .. } = &*seats.seating;
            if *map != self.map() || places.quantity() != u64::from(claim.quantity) || !anew.are_free(places)
            {
                return false;
            }
            anew.take(places, status);
        }
        true
    }

    /// Whether everything is where these bookings say, and who waits stands in the right queue: counted anew.
    pub(crate) fn adds_up(&self, stock: &SeatsStock, claims: &[(Status, Claim<'_>)]) -> bool {
        let waiters = claims.iter().filter(|(status, _)| *status == Status::Waitlisted);
        let waiters = waiters.map(|(_, claim)| Some((claim.number, claim.seats?.waits_for.as_deref()?)));
        let Some(waiters) = waiters.collect::<Option<Vec<_>>>() else { return false };
        *stock == self.stock && self.seats_add_up(claims) && self.queues.are(waiters.into_iter())
    }

    /// Whether every seat and every area is where these bookings say.
    pub(crate) fn seats_add_up(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        let with_places = claims.iter().filter(|(status, _)| status.has_places());
        self.seats.adds_up(with_places.map(|(status, claim)| (*status, claim.places())))
    }

    /// Whether of each category, and of all, capacity is what is free, kept and taken.
    pub(crate) fn counts_add_up(&self) -> bool {
        let each = self.seats.plan().categories().map(|category| self.seats.category_counts(category));
        let parts = |counts: CategoryCounts| {
            let CategoryCounts { capacity, free, allotted, held, offered, confirmed, .. } = counts;
            [capacity, free, allotted, held, offered, confirmed]
        };
        let add = |all: [u32; 6], one: [u32; 6]| core::array::from_fn(|part| all[part] + one[part]);
        let house = self.seats.counts();
        let whole = [house.capacity, house.free, house.allotted, house.held, house.offered, house.confirmed];
        let is_sum = |parts: &[u32; 6]| parts[0] == parts[1..].iter().sum();
        let each = each.map(parts).collect::<Vec<_>>();
        each.iter().all(is_sum) && is_sum(&whole) && each.into_iter().fold([0; 6], add) == whole
    }

    /// Whether each of these, whose claims are live, is shown as its places say.
    pub(crate) fn shows(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        claims.iter().all(|(status, claim)| {
            let seating = &claim.in_house().seating;
            !status.has_places()
                || **seating == Seating::of(self.map(), self.seats.plan(), seating.places.clone())
        })
    }

    /// Whether nobody could be served of those who wait, the first to come first: looked at one by one.
    pub(crate) fn serves_nobody<'all>(
        &self,
        waiters: impl Iterator<Item = Claim<'all>>,
        order: Order,
    ) -> bool {
        let mut seen = BTreeSet::new();
        // Who needs the same as one before gets no more.
        let waiters =
            waiters.map(|claim| (claim.number, claim.wish())).filter(|(_, wish)| seen.insert(*wish));
        let find = |wish: &Best, short: &Shortage| self.seats.best(wish, self.stock.singles, short).ok();
        serve_first(order, waiters, find, |wish, short| short.add(self.seats.shortage(wish))).is_none()
    }

    /// Something is free that was not, or somebody is in the way no more: others may have a turn.
    fn freed(&mut self) {
        self.settled = Settled::default();
        self.queues.look_anew();
    }

    fn shortage(&self, order: Order) -> Cow<'_, Shortage> {
        match &self.settled {
            Settled { order: Some(settled), short: Some(short) } if *settled == order => Cow::Borrowed(short),
            _ => Cow::Owned(self.queues.shortage(&self.seats, order)),
        }
    }
}

/// The number of a name, which is new if it was not used before.
fn number_of(names: &mut Vec<Box<str>>, name: &str) -> Result<Allotment, Refused> {
    if name.is_empty() || ALLOTMENT_NAME_BYTES_MAX < name.len() {
        return Err(Refusal::Malformed.into());
    }
    let known = names.iter().position(|known| **known == *name);
    let place = known.unwrap_or_else(|| {
        names.push(name.into());
        names.len() - 1
    });
    let number = u8::try_from(place).ok().filter(|&number| number < ALLOTMENTS_MAX);
    number.map(Allotment).ok_or_else(|| Refusal::AllotmentsFull.into())
}

fn digest(seats: &Seats, names: &[Box<str>]) -> u64 {
    let digest = Digest::new("house").word(seats.digest()).word(names.len() as u64);
    names.iter().fold(digest, |digest, name| digest.text(name)).finish()
}

fn not_together(largest_block: u32) -> Refused {
    Refused::because(Refusal::NotTogether, Details::LargestBlock(largest_block))
}

fn pick_refused(refused: PickRefused) -> Refused {
    match refused {
        PickRefused::Malformed => Refusal::Malformed.into(),
        PickRefused::Conflicts(conflicts) => {
            Refused::because(Refusal::SeatsRefused, Details::Conflicts(conflicts))
        }
        PickRefused::LeavesSingle(seats) => Refused::because(Refusal::LeavesSingle, Details::Singles(seats)),
    }
}

fn sale_refused(refused: SaleRefused) -> Refused {
    match refused {
        SaleRefused::Malformed => Refusal::Malformed.into(),
        SaleRefused::Taken(seats) => {
            let taken = |seat| Conflict { place: Named::Seat(seat), reason: Reason::Taken };
            let conflicts = seats.into_iter().map(taken).collect();
            Refused::because(Refusal::SeatsRefused, Details::Conflicts(conflicts))
        }
    }
}

//! A house that a slot sells seat by seat: its seats, who waits for them, and the names of those for whom seats are kept.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::allocation::Allocation;
use super::claim::{Claim, SeatsClaim, newcomer};
use super::need::{Short, Wanted};
use super::room::Ground;
use super::saved::{HouseChanges, PlanPart, SalePart, SavedHouse};
use super::seats::{Companions, NoPlaces, PickRefused, RedrawRefused, SaleRefused, Seats};
use super::shop::Cart;
use super::turns::Turns;
use crate::digest::Digest;
use crate::limits::ALLOTMENT_NAME_BYTES_MAX;
use crate::slot::shown::outcome::Refused;
use crate::{
    ALLOTMENTS_MAX, Allotment, AllotmentCounts, Area, Asker, Best, Category, CategoryCounts, CategoryView,
    ChangeSale, Conflict, Content, Counts, Details, DrawnArea, GoodsView, HouseView, MapChange, Named,
    Number, Order, Places, Plan, Reason, Refusal, SaleRun, Seat, SeatMap, SeatRun, SeatSale, Seating,
    SeatsAsked, SeatsStock, SeatsWish, Shown, SinglesPolicy, Status, Swap, Tariff, Timestamp, Together,
};

/// A house that a slot sells.
pub(crate) struct House {
    stock: SeatsStock,
    seats: Seats,
    pub(super) turns: Turns,
    /// For whom seats were ever kept, each at the place of its number: who reads a number finds its name for ever.
    names: Vec<Box<str>>,
    /// Of the house, how it is sold, and the names.
    digest: u64,
    unsaved: Unsaved,
}

/// What is not saved yet.
#[derive(Default)]
struct Unsaved {
    plan: bool,
    sale: bool,
}

impl House {
    /// A house of which everything is for sale.
    pub(crate) fn new(
        stock: SeatsStock,
        plan: Arc<Plan>,
        tariff: Option<&Arc<Tariff>>,
        at: Timestamp,
    ) -> Self {
        let unsaved = Unsaved { plan: true, sale: false };
        let turns = Turns::new(tariff, plan.category_count(), at);
        Self { unsaved, ..Self::of(stock, Seats::new(plan), Vec::new(), turns) }
    }

    /// The house that was saved, with nobody in it, at this moment; none where its parts are no house.
    pub(crate) fn restore(
        stock: SeatsStock,
        saved: SavedHouse,
        tariff: Option<&Arc<Tariff>>,
        at: Timestamp,
    ) -> Option<Self> {
        let SavedHouse { plan, sale, hours } = saved;
        let plan = PlanPart::join(plan).filter(|_| hours.is_empty())?;
        let (names, runs) = SalePart::join(sale)?;
        let are_named = names.len() <= usize::from(ALLOTMENTS_MAX)
            && runs.iter().all(|run| match run.sale {
                SeatSale::Allotted(allotment) => usize::from(allotment.0) < names.len(),
                SeatSale::Open | SeatSale::Blocked => true,
            });
        let seats = Seats::restore(plan, &runs).ok().filter(|_| are_named)?;
        let turns = Turns::new(tariff, seats.plan().category_count(), at);
        Some(Self::of(stock, seats, names, turns))
    }

    fn of(stock: SeatsStock, seats: Seats, names: Vec<Box<str>>, turns: Turns) -> Self {
        let digest = digest(&seats, &names);
        Self { stock, seats, turns, names, digest, unsaved: Unsaved::default() }
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
            hours: None,
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

    /// Whether who waits for this could ever be served from now on.
    pub(crate) fn could_ever_serve(&self, claim: &Claim<'_>) -> bool {
        self.could_ever_sit(claim.wish()) && self.turns.could_ever_serve(claim)
    }

    /// Whether a party could ever sit as it wishes.
    fn could_ever_sit(&self, wish: &Best) -> bool {
        self.seats.could_ever_fit(wish)
    }

    /// What a newcomer gets now: nothing where there are too few, or others are short of them.
    pub(crate) fn find(
        &self,
        wish: &SeatsWish,
        cart: &Cart,
        order: Order,
    ) -> Result<Option<Places>, Refused> {
        self.turns.may_ever_fit(cart)?;
        let short = &*self.turns.shortage(self.ground(), order);
        let exhausted = self.turns.exhausted(self.turns.refusing(cart, short));
        match &wish.asked {
            SeatsAsked::Pick(pick) => {
                exhausted.map_or(Ok(()), Err)?;
                let found = self.seats.pick(pick, wish.by, self.stock.singles, &short.house);
                found.map(Some).map_err(pick_refused)
            }
            SeatsAsked::Best(best) => match self.best(best, cart, short) {
                Ok(places) => Ok(Some(places)),
                // Who could never be served does not wait either.
                Err(NoPlaces::TooFew) if !self.could_ever_sit(best) => {
                    Err(exhausted.unwrap_or_else(|| self.too_long(best)))
                }
                Err(NoPlaces::TooFew) => Ok(None),
                Err(NoPlaces::NotTogether { largest_block }) => Err(not_together(largest_block)),
            },
        }
    }

    /// The best places for a party in the categories in which what it asks for is sold, if quotas leave it that.
    fn best(&self, best: &Best, cart: &Cart, short: &Short) -> Result<Places, NoPlaces> {
        let sold = self.turns.room(self.ground()).sold(best, cart).ok_or(NoPlaces::TooFew)?;
        if !self.turns.refusing(cart, short).is_none() {
            return Err(NoPlaces::TooFew);
        }
        self.seats.best(&sold, self.stock.singles, &short.house)
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

    /// Why a quota keeps a newcomer from having this now, if one does.
    pub(crate) fn exhausted(&self, cart: &Cart, order: Order) -> Option<Refused> {
        let short = self.turns.shortage(self.ground(), order);
        self.turns.exhausted(self.turns.refusing(cart, &short))
    }

    /// Whether somebody who needs this may join those who wait.
    pub(crate) fn has_room_for(&self, wish: &Best, cart: &Cart) -> bool {
        self.turns.have_room_for(Wanted::Seats(wish.clone()), cart.clone())
    }

    /// Whether a swap is of seats that there are, drops only what a booking has, and leaves it something.
    pub(crate) fn knows(&self, had: &Places, swap: &Swap) -> bool {
        self.seats.knows(had, swap)
    }

    /// What a booking has after a swap by which it has more of this, if of anything.
    pub(crate) fn swap(
        &self,
        had: &Places,
        swap: &Swap,
        more: &Cart,
        (by, order): (Asker, Order),
    ) -> Result<Places, Refused> {
        let short = self.turns.shortage(self.ground(), order);
        self.turns.exhausted(self.turns.refusing(more, &short)).map_or(Ok(()), Err)?;
        let found = self.seats.swap(had, swap, by, self.stock.singles, &short.house);
        found.map_err(pick_refused)
    }

    /// Whose turn it is of those who wait, and what that booking gets.
    pub(crate) fn next(&mut self, order: Order) -> Option<(Number, Allocation)> {
        self.turns.next(Ground::Seats(&self.seats, self.stock.singles), order)
    }

    /// Takes what is free for a booking that stands like this. That makes nobody's turn come.
    pub(crate) fn take(&mut self, claim: &Claim<'_>, status: Status) {
        self.turns.take(claim, status);
        self.seats.take(claim.places(), status);
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second.
    pub(crate) fn transition(&mut self, claim: &Claim<'_>, (from, to): (Status, Status)) {
        self.turns.transition(claim, (from, to));
        self.seats.transition(claim.places(), (from, to));
    }

    /// Gives back what a booking has that stands like this.
    pub(crate) fn give_back(&mut self, claim: &Claim<'_>, status: Status) {
        self.turns.give_back(claim, status);
        self.seats.give_back(claim.places(), status);
    }

    /// Somebody waits who claims this.
    pub(crate) fn join(&mut self, claim: &Claim<'_>) {
        self.turns.join(Ground::Seats(&self.seats, self.stock.singles), claim);
    }

    /// The category of each of these places, place by place; none where some of them are not there.
    pub(crate) fn categories_of(&self, places: &Places) -> Option<Vec<(u32, Category)>> {
        let seats = places.seats().iter().map(|&seat| self.plan().category_at(seat).map(|one| (1, one)));
        let in_area = |&(area, count): &(Area, u32)| Some((count, self.plan().area(area)?.category));
        seats.chain(places.areas().iter().map(in_area)).collect()
    }

    /// The house.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        self.seats.plan()
    }

    /// Goes on with this as a companion's seat: where that is new, others may have a turn.
    pub(crate) fn set_companions(&mut self, companions: Companions) {
        if self.seats.set_companions(companions) {
            self.turns.freed();
        }
    }

    /// Holds single seats otherwise.
    pub(crate) fn set_singles(&mut self, singles: SinglesPolicy) {
        self.turns.freed();
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
            self.turns.freed();
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
        self.turns.freed();
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
            waitlisted: self.turns.waiting_for(category),
        };
        let short = self.turns.shortage(self.ground(), order);
        let shop = self.turns.shop().map(|shop| (shop, shop.left_of_each(short.quotas)));
        let most = |category| {
            shop.as_ref().map_or(u32::MAX, |(shop, left_of_each)| shop.most(Some(category), left_of_each))
        };
        HouseView {
            map: self.map(),
            blocked: self.seats.counts().blocked,
            bookable: self.seats.bookable(&short.house, most),
            allotments: (0..).zip(self.names.iter().map(|name| &**name)).map(allotment).collect(),
            categories: self.seats.plan().categories().map(category).collect(),
        }
    }

    /// How much there is of what is sold, if anything in particular is.
    pub(crate) fn goods(&self, order: Order) -> Option<GoodsView> {
        let taken = self.turns.shop()?.taken().to_vec();
        Some(GoodsView { bookable: self.view(order).bookable, taken })
    }

    /// Where everything was at a moment while nobody had anything, and all of it was for sale like this.
    pub(crate) fn untouched(&self, tariff: Option<&Arc<Tariff>>, at: Timestamp) -> HouseView {
        let house = Self::new(self.stock, Arc::clone(self.plan()), tariff, at);
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
        self.turns.hold(claims)
    }

    /// Whether everything is where these bookings say, and who waits stands in the right queue: counted anew.
    pub(crate) fn adds_up(
        &self,
        stock: &SeatsStock,
        tariff: Option<&Arc<Tariff>>,
        claims: &[(Status, Claim<'_>)],
        at: Timestamp,
    ) -> bool {
        let waits_for_something = |claim: &Claim<'_>| claim.seats.is_some_and(|one| one.waits_for.is_some());
        let waiters = claims.iter().filter(|(status, _)| *status == Status::Waitlisted);
        waiters.clone().all(|(_, claim)| waits_for_something(claim))
            && *stock == self.stock
            && self.seats_add_up(claims)
            && self.turns.add_up(tariff, claims, at)
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

    pub(super) fn ground(&self) -> Ground<'_> {
        Ground::Seats(&self.seats, self.stock.singles)
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

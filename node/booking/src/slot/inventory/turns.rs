//! Who waits, what it is that they wait for, and what was found out about that.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::allocation::Allocation;
use super::claim::Claim;
use super::need::{Need, Short, Wanted};
use super::queues::{Queues, serve_first};
use super::room::{Ground, Room};
use super::shop::{Cart, QuotaSet, Shop};
use crate::slot::shown::outcome::Refused;
use crate::{Bill, Category, Number, Order, Status, Tariff, Timestamp};

/// Who waits, and for what.
#[derive(Default)]
pub(crate) struct Turns {
    queues: Queues,
    settled: Settled,
    /// What is sold beside places. Boxed: most slots sell nothing in particular, for nothing.
    shop: Option<Box<Shop>>,
}

/// What was found out when somebody who waits was last looked for, for as long as it holds: a step that frees nothing looks at nobody.
#[derive(Default)]
struct Settled {
    /// The order under which nobody could be served.
    order: Option<Order>,
    /// Of what those who wait are short under that order.
    short: Option<Short>,
}

impl Turns {
    /// Nobody waits, and nothing is taken of what is sold in so many categories at this moment.
    pub(crate) fn new(tariff: Option<&Arc<Tariff>>, categories: u8, at: Timestamp) -> Self {
        let shop = tariff.map(|tariff| Box::new(Shop::new(Arc::clone(tariff), categories, at)));
        Self { shop, ..Self::default() }
    }

    /// What is sold beside places.
    pub(crate) fn shop(&self) -> Option<&Shop> {
        self.shop.as_deref()
    }

    /// Goes on at this moment. Whether anything costs something else than before.
    pub(crate) fn set_time(&mut self, at: Timestamp) -> bool {
        let is_other = self.shop.as_mut().is_some_and(|shop| shop.set_time(at));
        if is_other {
            self.freed();
        }
        is_other
    }

    /// Whose turn it is of those who wait, and what that booking gets.
    pub(crate) fn next(&mut self, ground: Ground<'_>, order: Order) -> Option<(Number, Allocation)> {
        let room = Room { ground, shop: self.shop.as_deref() };
        if self.settled.order != Some(order) {
            let next = self.queues.next(room, order);
            if next.is_some() {
                return next;
            }
            self.settled = Settled { order: Some(order), short: None };
        }
        if self.settled.short.is_none() {
            self.settled.short = Some(self.queues.shortage(room, order));
        }
        None
    }

    /// Of what those who wait are short that a newcomer must not take.
    pub(crate) fn shortage(&self, ground: Ground<'_>, order: Order) -> Cow<'_, Short> {
        match &self.settled {
            Settled { order: Some(settled), short: Some(short) } if *settled == order => Cow::Borrowed(short),
            _ => Cow::Owned(self.queues.shortage(self.room(ground), order)),
        }
    }

    /// What there is for those who wait.
    pub(crate) fn room<'all>(&'all self, ground: Ground<'all>) -> Room<'all> {
        Room { ground, shop: self.shop() }
    }

    /// Something is taken. That makes nobody's turn come.
    pub(crate) fn taken(&mut self) {
        self.settled.short = None;
    }

    /// Something is free that was not, or is given out otherwise: somebody's turn may have come.
    pub(crate) fn freed(&mut self) {
        self.settled = Settled::default();
        self.queues.look_anew();
    }

    /// Takes what a booking has of quotas that stands like this.
    pub(crate) fn take(&mut self, claim: &Claim<'_>, status: Status) {
        self.taken();
        if let Some(shop) = &mut self.shop
            && status.has_places()
        {
            let cart = shop.cart(claim.bill, claim.quantity);
            shop.take(&cart);
        }
    }

    /// Gives back what a booking has of quotas that stands like this.
    pub(crate) fn give_back(&mut self, claim: &Claim<'_>, status: Status) {
        self.freed();
        if let Some(shop) = &mut self.shop
            && status.has_places()
        {
            let cart = shop.cart(claim.bill, claim.quantity);
            shop.give_back(&cart);
        }
    }

    /// Keeps, gives back or takes what a booking has of quotas that stood like the first and stands like the second.
    pub(crate) fn transition(&mut self, claim: &Claim<'_>, (from, to): (Status, Status)) {
        match (from.has_places(), to.has_places()) {
            (true, false) => self.give_back(claim, from),
            (false, true) => self.take(claim, to),
            // Who waited and is gone is in nobody's way any more.
            (false, false) => self.freed(),
            (true, true) => {}
        }
    }

    /// Somebody waits for what it claims.
    pub(crate) fn join(&mut self, ground: Ground<'_>, claim: &Claim<'_>) {
        if let Settled { order: Some(Order::Strict), short: Some(short) } = &mut self.settled {
            let cart = self.shop.as_ref().map(|shop| shop.cart(claim.bill, claim.quantity));
            let need = Need { wanted: wanted(claim), cart: cart.unwrap_or_default() };
            short.add(Room { ground, shop: self.shop.as_deref() }.shortage(&need));
        }
        self.enqueue(claim);
    }

    /// Goes on with something else that is sold in so many categories at this moment, with these bookings.
    pub(crate) fn restock(
        &mut self,
        tariff: Option<&Arc<Tariff>>,
        categories: u8,
        at: Timestamp,
        claims: &[(Status, Claim<'_>)],
    ) {
        let mut new = Self::new(tariff, categories, at);
        if let Some(shop) = &mut new.shop {
            shop.take_all(bills(claims));
        }
        for (_, claim) in claims.iter().filter(|(status, _)| *status == Status::Waitlisted) {
            new.enqueue(claim);
        }
        *self = new;
    }

    fn enqueue(&mut self, claim: &Claim<'_>) {
        let need = self.need(claim);
        let quotas = self.drawn(&need.cart);
        self.queues.join(claim.number, need, quotas);
    }

    /// Somebody waits no more who needed what it claims. Who got it frees nothing; who is gone for good has a
    /// [transition](Turns::transition).
    pub(crate) fn leave(&mut self, claim: &Claim<'_>) {
        self.settled = Settled::default();
        let need = self.need(claim);
        self.queues.leave(claim.number, &need);
    }

    /// The place of who waits, or would with this number, among those that wait for some of the same.
    pub(crate) fn position(&self, claim: &Claim<'_>) -> u32 {
        let need = self.need(claim);
        self.queues.position(claim.number, &need, self.drawn(&need.cart))
    }

    /// Whether somebody who needs this may join those who wait.
    pub(crate) fn have_room_for(&self, wanted: Wanted, cart: Cart) -> bool {
        self.queues.have_room_for(&Need { wanted, cart })
    }

    /// How many wait who would take this category.
    pub(crate) fn waiting_for(&self, category: Category) -> u32 {
        self.queues.waiting_for(category)
    }

    /// The quotas that keep somebody from having this now.
    pub(crate) fn refusing(&self, cart: &Cart, short: &Short) -> QuotaSet {
        self.shop().map_or(QuotaSet::NONE, |shop| shop.refusing(cart, short.quotas))
    }

    /// Refuses somebody for whom some quota is too small, whoever has anything of it.
    pub(crate) fn may_ever_fit(&self, cart: &Cart) -> Result<(), Refused> {
        let too_small = self.shop().map_or(QuotaSet::NONE, |shop| shop.too_small(cart));
        self.exhausted(too_small).map_or(Ok(()), Err)
    }

    /// Why somebody is refused whom these quotas keep from having something; none where none do.
    pub(crate) fn exhausted(&self, quotas: QuotaSet) -> Option<Refused> {
        let shop = self.shop().filter(|_| !quotas.is_none());
        shop.map(|shop| shop.exhausted(quotas))
    }

    /// Whether who waits for this could ever have it from now on, places aside.
    pub(crate) fn could_ever_serve(&self, claim: &Claim<'_>) -> bool {
        let have = |shop: &Shop| shop.could_ever_have(&shop.cart(claim.bill, claim.quantity));
        self.shop().is_none_or(have)
    }

    /// Whether these have no more of any quota than there is.
    pub(crate) fn hold(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        self.shop().is_none_or(|shop| shop.overdrawn(bills(claims)).is_none())
    }

    /// Whether who waits stands in the right queue, and what is taken of quotas is what these have: counted anew.
    pub(crate) fn add_up(
        &self,
        tariff: Option<&Arc<Tariff>>,
        claims: &[(Status, Claim<'_>)],
        at: Timestamp,
    ) -> bool {
        let waiters = claims.iter().filter(|(status, _)| *status == Status::Waitlisted);
        let waiters = waiters.map(|(_, claim)| {
            let need = self.need(claim);
            let quotas = self.drawn(&need.cart);
            (claim.number, need, quotas)
        });
        let shop_adds_up = match (self.shop(), tariff) {
            (None, None) => true,
            (Some(shop), Some(tariff)) => shop.adds_up(tariff, bills(claims), at),
            (None, Some(_)) | (Some(_), None) => false,
        };
        shop_adds_up && self.queues.are(waiters)
    }

    /// Whether nobody could be served of those who wait, the first to come first: looked at one by one.
    pub(crate) fn serve_nobody<'all>(
        &self,
        ground: Ground<'_>,
        waiters: impl Iterator<Item = Claim<'all>>,
        order: Order,
    ) -> bool {
        let mut seen = BTreeSet::new();
        // Who needs the same as one before gets no more.
        let waiters = waiters.map(|claim| (claim.number, self.need(&claim)));
        let waiters = waiters.filter(|(_, need)| seen.insert(need.clone())).collect::<Vec<_>>();
        let each = waiters.iter().map(|(number, need)| (*number, need));
        let room = self.room(ground);
        let find = |need: &Need, short: &Short| room.get(need, short);
        serve_first(order, each, find, |need, short| short.add(room.shortage(need))).is_none()
    }

    /// What who waits needs.
    fn need(&self, claim: &Claim<'_>) -> Need {
        let cart = self.shop().map(|shop| shop.cart(claim.bill, claim.quantity));
        Need { wanted: wanted(claim), cart: cart.unwrap_or_default() }
    }

    fn drawn(&self, cart: &Cart) -> QuotaSet {
        self.shop().map_or(QuotaSet::NONE, |shop| shop.drawn(cart))
    }
}

/// Which places who waits needs.
fn wanted(claim: &Claim<'_>) -> Wanted {
    match claim.seats {
        None => Wanted::Units(claim.quantity),
        Some(_) => Wanted::Seats(claim.wish().clone()),
    }
}

/// The bills of those that have places.
fn bills<'all>(claims: &'all [(Status, Claim<'_>)]) -> impl Iterator<Item = &'all Bill> {
    claims.iter().filter(|(status, _)| status.has_places()).filter_map(|(_, claim)| claim.bill)
}

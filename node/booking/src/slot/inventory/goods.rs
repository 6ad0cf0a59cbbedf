//! Units that are sold as products, of which there may be only so many, or for a price.

use alloc::sync::Arc;

use super::allocation::Allocation;
use super::claim::Claim;
use super::need::Wanted;
use super::room::Ground;
use super::shop::Cart;
use super::turns::Turns;
use super::units::Units;
use crate::slot::shown::outcome::Refused;
use crate::{GoodsView, Number, Order, Status, Tariff, Timestamp};

/// Units that are sold as products, or for a price.
pub(crate) struct Goods {
    pub(super) units: Units,
    pub(super) turns: Turns,
}

impl Goods {
    /// So many units, with no one, at this moment.
    pub(crate) fn new(units: Units, tariff: &Arc<Tariff>, at: Timestamp) -> Self {
        Self { units, turns: Turns::new(Some(tariff), 0, at) }
    }

    /// What a newcomer gets now: nothing where there is too little, or others are short of it.
    pub(crate) fn find(
        &self,
        quantity: u32,
        cart: &Cart,
        order: Order,
    ) -> Result<Option<Allocation>, Refused> {
        self.turns.may_ever_fit(cart)?;
        let short = self.turns.shortage(self.ground(), order);
        let fits = self.units.fit(quantity) && !short.units && self.turns.refusing(cart, &short).is_none();
        Ok(fits.then_some(Allocation::Units))
    }

    /// Why a quota keeps a newcomer from having this now, if one does.
    pub(crate) fn exhausted(&self, cart: &Cart, order: Order) -> Option<Refused> {
        let short = self.turns.shortage(self.ground(), order);
        self.turns.exhausted(self.turns.refusing(cart, &short))
    }

    /// Whether somebody who needs this may join those who wait.
    pub(crate) fn has_room_for(&self, quantity: u32, cart: &Cart) -> bool {
        self.turns.have_room_for(Wanted::Units(quantity), cart.clone())
    }

    /// Whether who waits for this could ever be served from now on.
    pub(crate) fn could_ever_serve(&self, claim: &Claim<'_>) -> bool {
        self.units.could_ever_fit(claim.quantity) && self.turns.could_ever_serve(claim)
    }

    /// Whose turn it is of those who wait, and what that booking gets.
    pub(crate) fn next(&mut self, order: Order) -> Option<(Number, Allocation)> {
        self.turns.next(Ground::Units(&self.units), order)
    }

    /// Takes what a booking has that stands like this.
    pub(crate) fn take(&mut self, claim: &Claim<'_>, status: Status) {
        self.units.take(status, claim.quantity);
        self.turns.take(claim, status);
    }

    /// Gives back what a booking has that stands like this.
    pub(crate) fn give_back(&mut self, claim: &Claim<'_>, status: Status) {
        self.units.give_back(status, claim.quantity);
        self.turns.give_back(claim, status);
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second.
    pub(crate) fn transition(&mut self, claim: &Claim<'_>, (from, to): (Status, Status)) {
        self.units.give_back(from, claim.quantity);
        self.units.take(to, claim.quantity);
        self.turns.transition(claim, (from, to));
    }

    /// Somebody waits who claims this.
    pub(crate) fn join(&mut self, claim: &Claim<'_>) {
        self.turns.join(Ground::Units(&self.units), claim);
    }

    /// Goes on with another number of units.
    pub(crate) fn resize(&mut self, capacity: u32) {
        self.units.resize(capacity);
        self.turns.freed();
    }

    /// How much there is of what is sold.
    pub(crate) fn view(&self, order: Order) -> GoodsView {
        let short = self.turns.shortage(self.ground(), order);
        let shop = self.turns.shop().expect("goods are sold as something");
        let units = if short.units { 0 } else { self.units.free() };
        GoodsView { bookable: shop.most_of(units, short.quotas), taken: shop.taken().to_vec() }
    }

    pub(super) fn ground(&self) -> Ground<'_> {
        Ground::Units(&self.units)
    }
}

//! What there is for those who wait and for newcomers: places of one kind, and what they are sold as.

use alloc::borrow::Cow;

use super::allocation::Allocation;
use super::need::{Need, Short, Wanted};
use super::seats::Seats;
use super::shop::{Cart, QuotaSet, Shop};
use super::units::Units;
use crate::{Best, SinglesPolicy};

/// What there is.
#[derive(Clone, Copy)]
pub(crate) struct Room<'all> {
    pub(crate) ground: Ground<'all>,
    /// What it is sold as; none where it is nothing in particular, and costs nothing.
    pub(crate) shop: Option<&'all Shop>,
}

/// Places of one kind.
#[derive(Clone, Copy)]
pub(crate) enum Ground<'all> {
    /// All alike.
    Units(&'all Units),
    /// Numbered, with what is held of single ones.
    Seats(&'all Seats, SinglesPolicy),
}

impl Room<'_> {
    /// What somebody gets, if it is sold, enough is left of everything, and nobody else is short of that.
    pub(crate) fn get(self, need: &Need, short: &Short) -> Option<Allocation> {
        let refusing = self.shop.map_or(QuotaSet::NONE, |shop| shop.refusing(&need.cart, short.quotas));
        if !refusing.is_none() {
            return None;
        }
        match (self.ground, &need.wanted) {
            (Ground::Units(all), Wanted::Units(quantity)) => {
                let fits = self.sells_units(&need.cart) && !short.units && all.fit(*quantity);
                fits.then_some(Allocation::Units)
            }
            (Ground::Seats(seats, policy), Wanted::Seats(best)) => {
                let best = self.sold(best, &need.cart)?;
                seats.best(&best, policy, &short.house).ok().map(Allocation::Seats)
            }
            (Ground::Units(_), Wanted::Seats(_)) | (Ground::Seats(..), Wanted::Units(_)) => {
                unreachable!("who waits waits for what there is")
            }
        }
    }

    /// Of what somebody who waits is short: of nothing, where what it wants is not sold now.
    pub(crate) fn shortage(self, need: &Need) -> Short {
        let quotas = self.shop.map_or(QuotaSet::NONE, |shop| shop.refusing(&need.cart, QuotaSet::NONE));
        match (self.ground, &need.wanted) {
            (Ground::Units(all), Wanted::Units(quantity)) if self.sells_units(&need.cart) => {
                Short { units: !all.fit(*quantity), quotas, ..Short::NONE }
            }
            (Ground::Seats(seats, _), Wanted::Seats(best)) => match self.sold(best, &need.cart) {
                Some(best) => Short { house: seats.shortage(&best), quotas, ..Short::NONE },
                None => Short::NONE,
            },
            (Ground::Units(_), Wanted::Units(_)) => Short::NONE,
            (Ground::Units(_), Wanted::Seats(_)) | (Ground::Seats(..), Wanted::Units(_)) => {
                unreachable!("who waits waits for what there is")
            }
        }
    }

    /// The same wish in those of its categories in which it is sold now; none where that is nowhere.
    pub(crate) fn sold<'best>(self, best: &'best Best, cart: &Cart) -> Option<Cow<'best, Best>> {
        let Some(shop) = self.shop else { return Some(Cow::Borrowed(best)) };
        let is_sold = |category| shop.amount(cart, Some(category)).is_some();
        if best.categories.iter().all(|&category| is_sold(category)) {
            return Some(Cow::Borrowed(best));
        }
        let categories = best.categories.iter().copied().filter(|&category| is_sold(category)).collect();
        let best = Best { categories, ..best.clone() };
        (!best.categories.is_empty()).then_some(Cow::Owned(best))
    }

    fn sells_units(self, cart: &Cart) -> bool {
        self.shop.is_none_or(|shop| shop.amount(cart, None).is_some())
    }
}

//! What a slot becomes by a change: what is left out stays as it is.

use alloc::sync::Arc;

use crate::slot::rules::Denied;
use crate::{
    CalendarChange, CalendarPlaces, CalendarStock, Definition, Order, Policy, PolicyChange, Refusal, Sale,
    SeatsStock, SinglesChange, SinglesPolicy, SlotChange, Stock, Tariff, TariffFault, WaitlistChange,
    WaitlistPolicy,
};

impl SlotChange {
    /// The slot as it is to be.
    pub(crate) fn made_to(&self, old: &Definition) -> Result<Definition, Denied> {
        let stock = self.stock_made_to(&old.stock)?;
        let mut policy = self.policy.made_to(&old.policy)?;
        if let (Stock::Calendar(_), Some(waitlist)) = (&stock, &mut policy.waitlist) {
            // Of ranges of time nobody stops anyone.
            waitlist.order = Order::SkipFit;
        }
        Ok(Definition {
            organizer: old.organizer.clone(),
            placement: old.placement.clone(),
            title: self.title.clone().unwrap_or_else(|| old.title.clone()),
            starts_at: self.starts_at.unwrap_or(old.starts_at),
            ends_at: self.ends_at.unwrap_or(old.ends_at),
            sale: Sale {
                opens_at: self.opens_at.unwrap_or(old.sale.opens_at),
                closes_at: self.closes_at.unwrap_or(old.sale.closes_at),
            },
            tariff: self.tariff_made_to(old, &stock)?,
            stock,
            policy,
            secret: old.secret,
        })
    }

    /// What is sold, by the map of the slot as it is to be.
    fn tariff_made_to(&self, old: &Definition, stock: &Stock) -> Result<Option<Arc<Tariff>>, Denied> {
        let redrawn = match (&self.map, &old.tariff) {
            (Some(map), Some(tariff)) if stock.map() != old.stock.map() => {
                if old.stock.map() != Some(map.from) {
                    return Err(Denied::Outdated);
                }
                let tariff = tariff.renumbered(&map.categories, self.tariff.as_deref());
                Some(Arc::new(tariff.ok_or(Refusal::CategoryGone)?))
            }
            (_, tariff) => tariff.clone(),
        };
        let Some(change) = &self.tariff else { return Ok(redrawn) };
        if change.map != stock.map() {
            return Err(Denied::Outdated);
        }
        let new = change.made_to(redrawn.as_deref()).map_err(refused)?;
        if !new.as_ref().is_none_or(|new| new.is_sound_for(stock)) {
            return Err(Refusal::Malformed.into());
        }
        Ok(new.map(Arc::new))
    }

    /// Whether it changes nothing that a slot like this does not have.
    pub(crate) fn is_for(&self, old: &Definition) -> bool {
        let of_seats = self.singles.is_some() || self.map.is_some();
        match &old.stock {
            Stock::Units { .. } => !of_seats && self.calendar.is_none(),
            Stock::Seats(_) => self.capacity.is_none() && self.calendar.is_none(),
            Stock::Calendar(calendar) => {
                let is_for = |change: &CalendarChange| change.is_for(&calendar.places);
                !of_seats && self.capacity.is_none() && self.calendar.as_deref().is_none_or(is_for)
            }
        }
    }

    /// Whether it was made from when a calendar was open that is open otherwise by now: then it would undo what came between.
    pub(crate) fn is_outdated(&self, old: &Definition) -> bool {
        let rule = self.calendar.as_deref().and_then(|calendar| calendar.rule.as_ref());
        rule.is_some_and(|rule| rule.from != old.openings_basis())
    }

    fn stock_made_to(&self, old: &Stock) -> Result<Stock, Refusal> {
        Ok(match old {
            Stock::Units { capacity } => Stock::Units { capacity: self.capacity.unwrap_or(*capacity) },
            Stock::Seats(SeatsStock { map, singles }) => Stock::Seats(SeatsStock {
                map: self.map.as_ref().map_or(*map, |change| change.map),
                singles: self.singles.map_or(*singles, |change| change.made_to(*singles)),
            }),
            Stock::Calendar(old) => Stock::Calendar(match &self.calendar {
                None => Arc::clone(old),
                Some(change) => Arc::new(change.made_to(old)?),
            }),
        })
    }
}

impl CalendarChange {
    /// Whether it changes nothing that a calendar of these does not have.
    fn is_for(&self, old: &CalendarPlaces) -> bool {
        match old {
            CalendarPlaces::Count(_) => self.resources.is_none(),
            CalendarPlaces::Resources(_) => self.count.is_none(),
        }
    }

    fn made_to(&self, old: &CalendarStock) -> Result<CalendarStock, Refusal> {
        let places = match (&old.places, &self.resources) {
            (CalendarPlaces::Count(count), _) => CalendarPlaces::Count(self.count.unwrap_or(*count)),
            (CalendarPlaces::Resources(old), None) => CalendarPlaces::Resources(old.clone()),
            (CalendarPlaces::Resources(old), Some(listed)) => {
                CalendarPlaces::Resources(old.relisted(listed).ok_or(Refusal::ResourceTwice)?)
            }
        };
        let lengths = self.lengths.made_to(old.lengths);
        let rule = self.rule.as_ref().map_or(&old.rule, |change| &change.to).clone();
        Ok(CalendarStock { places, lengths, rule })
    }
}

fn refused(fault: TariffFault) -> Refusal {
    match fault {
        TariffFault::QuotaOfNoProduct => Refusal::QuotaOfNoProduct,
        TariffFault::PriceOfNoProduct => Refusal::PriceOfNoProduct,
        TariffFault::NoCurrency => Refusal::NoCurrency,
        TariffFault::TooLarge => Refusal::TariffTooLarge,
    }
}

impl SinglesChange {
    fn made_to(self, old: SinglesPolicy) -> SinglesPolicy {
        SinglesPolicy {
            singles: self.singles.unwrap_or(old.singles),
            aisles: self.aisles.unwrap_or(old.aisles),
            scope: self.scope.unwrap_or(old.scope),
        }
    }
}

impl PolicyChange {
    fn made_to(&self, old: &Policy) -> Result<Policy, Refusal> {
        let on_account = self.on_account.map_or(Ok(old.on_account), |change| change.made_to(old.on_account));
        Ok(Policy {
            confirmed_by: self.confirmed_by.unwrap_or(old.confirmed_by),
            hold_seconds: self.hold_seconds.unwrap_or(old.hold_seconds),
            hold_seconds_max: self.hold_seconds_max.unwrap_or(old.hold_seconds_max),
            customer_limit: self.customer_limit.unwrap_or(old.customer_limit),
            cancel_until_seconds: self.cancel_until_seconds.unwrap_or(old.cancel_until_seconds),
            waitlist: match self.waitlist {
                None => old.waitlist,
                Some(None) => None,
                Some(Some(change)) => Some(change.made_to(&old.waitlist.unwrap_or(WaitlistPolicy::USUAL))),
            },
            on_account: on_account.map_err(|_no_price| Refusal::Malformed)?,
        })
    }
}

impl WaitlistChange {
    fn made_to(&self, old: &WaitlistPolicy) -> WaitlistPolicy {
        WaitlistPolicy {
            capacity: self.capacity.unwrap_or(old.capacity),
            promotion: self.promotion.unwrap_or(old.promotion),
            offer_seconds: self.offer_seconds.unwrap_or(old.offer_seconds),
            order: self.order.unwrap_or(old.order),
        }
    }
}

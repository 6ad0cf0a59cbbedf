//! What a booking is of, and what it costs.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::Digest;
use crate::{Area, Currency, Line, Places, Seat, Table};

/// What a booking is of, place by place, and what it costs from when it was held or confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Its places, in their order: those of a house in the order of the map. Neighbours differ.
    pub items: Box<[Item]>,
    /// Of what the prices are; none while it has none.
    pub currency: Option<Currency>,
}

/// Places in a row that are of one product, and cost the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The key of their product; none where the slot had no products.
    pub product: Option<Arc<str>>,
    /// How many.
    pub quantity: u32,
    /// What each costs, in minor units; none before it is held or confirmed, and where nothing costs anything.
    pub price: Option<u64>,
}

impl Bill {
    /// Of these places, one by one or many at once.
    pub(crate) fn of(places: impl IntoIterator<Item = Item>, currency: Option<Currency>) -> Self {
        let mut items = Vec::<Item>::new();
        for place in places {
            match items.last_mut() {
                Some(last) if last.product == place.product && last.price == place.price => {
                    last.quantity = last.quantity.saturating_add(place.quantity);
                }
                _ => items.push(place),
            }
        }
        Self { items: items.into(), currency }
    }

    /// What all its places cost; none where they have no price.
    pub fn amount(&self) -> Option<u64> {
        let each = self.items.iter().map(|item| item.price?.checked_mul(u64::from(item.quantity)));
        self.currency.and_then(|_| each.sum())
    }

    /// For how many places.
    pub fn quantity(&self) -> u64 {
        self.items.iter().map(|item| u64::from(item.quantity)).sum()
    }

    /// How many places of each product, in the order in which the booking has them first.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::<Line>::new();
        for item in &self.items {
            let Some(product) = &item.product else { continue };
            match lines.iter_mut().find(|line| line.product == *product) {
                Some(line) => line.quantity += item.quantity,
                None => lines.push(Line { product: Arc::clone(product), quantity: item.quantity }),
            }
        }
        lines
    }

    /// Whether all of it is of one product, or of none in particular.
    pub(crate) fn is_of_one(&self) -> bool {
        self.items.windows(2).all(|pair| pair[0].product == pair[1].product)
    }

    /// The same with fewer of a product: those in front stay.
    pub(crate) fn reduced(&self, product: Option<&str>, quantity: u32) -> Self {
        let mut left = quantity;
        let mut stay = |item: &Item| {
            if item.product.as_deref() != product {
                return item.clone();
            }
            let staying = item.quantity.min(left);
            left -= staying;
            Item { quantity: staying, ..item.clone() }
        };
        let items = self.items.iter().map(&mut stay).filter(|item| 0 < item.quantity).collect::<Vec<_>>();
        Self::of(items, self.currency)
    }

    /// The same of these places by another map, whose order may be another.
    pub(crate) fn redrawn(&self, places: &Places, table: &Table) -> Self {
        let new = |seat: Seat| table.seats.get(seat.0 as usize).copied().flatten();
        let seats = places.seats().iter().map(|&seat| (0, new(seat).map(|seat| seat.0)));
        let new = |area: Area| table.areas.get(usize::from(area.0)).copied().flatten();
        let in_areas = places.areas().iter().flat_map(|&(area, count)| {
            core::iter::repeat_n((1, new(area).map(|area| u32::from(area.0))), count as usize)
        });
        let mut moved = seats.chain(in_areas).zip(self.places()).collect::<Vec<_>>();
        assert!(self.quantity() == places.quantity(), "a bill is of the places that are had");
        moved.sort_by_key(|(place, _)| *place);
        Self::of(moved.into_iter().map(|(_, item)| item), self.currency)
    }

    /// Each place alone.
    pub(crate) fn places(&self) -> impl Iterator<Item = Item> {
        let each = |item: &Item| {
            let place = Item { quantity: 1, ..item.clone() };
            core::iter::repeat_n(place, item.quantity as usize)
        };
        self.items.iter().flat_map(each)
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let item = |digest: Digest, item: &Item| {
            digest
                .option(item.product.as_deref(), Digest::text)
                .word(item.quantity)
                .option(item.price, Digest::word)
        };
        let digest = self.items.iter().fold(digest.text("bill").word(self.items.len() as u64), item);
        digest.option(self.currency, |digest, currency| digest.bytes(&currency.0))
    }
}

//! The houses at which somebody looks: each is looked at once for all who watch, and forgotten when nobody does.
//!
//! ```text
//!   map ────► picture ─┐                                          ┌─► Read ──► the slot's actor
//!   poll ───► changes ─┼─► House: journal ◄─ a look, where due ───┤
//!   stream ─► watch ───┘      │                                   └─◄ changed, while somebody watches
//!      ▲──── bell ◄── pace ◄──┘
//! ```
//!
//! A look costs the actor microseconds and a large house is looked at a few times a second, however many ask and however fast it sells:
//! so whoever watches holds up nobody who buys. What was seen may be that old. Nothing here is decided, and nothing is lost with it: who
//! is not known any more takes a new map.

mod house;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use booking::SlotId;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::timeout;

pub(crate) use self::house::{House, Picture, Watch};

use super::Shards;
use super::pace::Pace;

/// How many seats the houses have that are known at once: ten bytes for each are kept, and two thirds of one for each look.
const SEATS_MAX: usize = 8 << 20;
/// A house counts for so many seats at least: it has a task of its own.
const SEATS_MIN: usize = 1_000;
/// How long a house is known at which nobody looks.
const IDLE: Duration = Duration::from_mins(1);

/// The houses that are known. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Houses(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    houses: BTreeMap<SlotId, Kept>,
    /// At which all who watch are told.
    pace: Arc<Pace>,
    /// No house is known any more, or will be.
    ended: bool,
}

struct Kept {
    house: Arc<House>,
    seats: usize,
    /// Who keeps it up to date.
    keeper: AbortHandle,
}

impl Houses {
    /// The house of a slot, which has so many seats: known from now on, unless others at which somebody looks are all that may be.
    pub(crate) fn open(&self, shards: &Shards, slot: SlotId, seats: usize) -> Option<Arc<House>> {
        let mut known = self.0.lock();
        if let Some(kept) = known.houses.get(&slot) {
            kept.house.touch();
            return Some(Arc::clone(&kept.house));
        }
        let seats = seats.max(SEATS_MIN);
        if !known.make_room(seats) {
            return None;
        }
        let house = Arc::new(House::new(slot, Arc::clone(&known.pace)));
        let (keeping, shards, houses) = (Arc::clone(&house), shards.clone(), self.clone());
        let keeper =
            Handle::current().spawn(async move { houses.keep(&keeping, &shards).await }).abort_handle();
        known.houses.insert(slot, Kept { house: Arc::clone(&house), seats, keeper });
        Some(house)
    }

    /// At what pace those are told who watch houses, and whoever else watches something: it is one budget.
    pub(crate) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.0.lock().pace)
    }

    /// Nobody is told anything any more.
    pub(crate) fn end(&self) {
        let mut known = self.0.lock();
        known.ended = true;
        for kept in std::mem::take(&mut known.houses).into_values() {
            kept.forget();
        }
    }

    /// Looks at a house whenever something is new while somebody watches, until nobody has looked for long, or it cannot be seen any
    /// more.
    async fn keep(&self, house: &House, shards: &Shards) {
        loop {
            if house.is_watched() {
                if house.follow(shards).await.is_err() {
                    return self.forget(house);
                }
                house.touch();
            } else if timeout(IDLE, house.somebody()).await.is_err() && self.forget_idle(house) {
                return;
            }
        }
    }

    /// Forgets a house, whoever looks at it.
    fn forget(&self, house: &House) {
        if let Some(kept) = self.0.lock().houses.remove(&house.slot()) {
            kept.forget();
        }
    }

    /// Forgets a house at which nobody has looked for long, and says whether it did.
    fn forget_idle(&self, house: &House) -> bool {
        let mut known = self.0.lock();
        // Under the lock, under which houses are opened.
        let is_idle = !house.is_watched() && IDLE <= house.idle();
        if is_idle {
            known.houses.remove(&house.slot());
        }
        is_idle
    }
}

impl Known {
    /// Makes room for so many seats: what nobody watches goes first that was used least lately.
    fn make_room(&mut self, seats: usize) -> bool {
        let mut all = self.houses.values().map(|kept| kept.seats).sum::<usize>() + seats;
        while SEATS_MAX < all {
            let unwatched = self.houses.iter().filter(|(_, kept)| !kept.house.is_watched());
            let Some((&slot, _)) = unwatched.max_by_key(|(_, kept)| kept.house.idle()) else { return false };
            let kept = self.houses.remove(&slot).expect("it was there");
            all -= kept.seats;
            kept.forget();
        }
        !self.ended
    }
}

impl Kept {
    fn forget(self) {
        self.house.end();
        self.keeper.abort();
    }
}

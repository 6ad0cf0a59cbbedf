//! Who waits where a booking may need several things at once. Those who need the same stand in one queue: where its head gets nothing,
//! nobody in it does, so a step looks at heads only.
//!
//! Under the strict order an earlier waiter stops others only at a counter of which it is short: a category and pool of a house, the
//! units, a quota. Never because its seats are not adjacent, and never where what it wants is not sold now. Where somebody may be
//! skipped, nobody stops anyone.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::allocation::Allocation;
use super::need::{Need, Short, Wanted};
use super::room::Room;
use super::seats::{Counter, Pool};
use super::shop::QuotaSet;
use crate::limits::WAITING_CLASSES_MAX;
use crate::{Best, Category, Number, Order};

/// Who waits.
#[derive(Default)]
pub(crate) struct Queues {
    /// By what they need.
    by_need: BTreeMap<Need, Queue>,
    /// The order under which heads were looked at that got nothing.
    looked: Option<Order>,
}

/// Who waits for the same.
struct Queue {
    /// On what they may draw: what they wait for beside others.
    counters: Counters,
    /// In the order in which they came.
    numbers: VecDeque<Number>,
    /// Its head was looked at, and got nothing. So it stays while places are only taken: fewer are free, less is left of quotas, and
    /// somebody is short of more. What costs something else by time is looked at anew.
    waits_in_vain: bool,
}

/// Counters on which somebody may draw.
#[derive(Clone, PartialEq, Eq)]
struct Counters {
    house: BTreeSet<Counter>,
    units: bool,
    quotas: QuotaSet,
}

impl Counters {
    /// Every counter on which a need may draw.
    fn of(need: &Need, quotas: QuotaSet) -> Self {
        match &need.wanted {
            Wanted::Units(_) => Self { house: BTreeSet::new(), units: true, quotas },
            Wanted::Seats(best) => Self { house: in_house(best), units: false, quotas },
        }
    }

    /// Whether one of them is in both.
    fn meet(&self, other: &Self) -> bool {
        self.units && other.units
            || !self.quotas.among(other.quotas).is_none()
            || !self.house.is_disjoint(&other.house)
    }

    /// Whether somebody is short of each of them.
    fn are_among(&self, short: &Short) -> bool {
        (!self.units || short.units)
            && self.quotas.among(short.quotas) == self.quotas
            && self.house.iter().all(|&counter| short.house.is_at(counter))
    }
}

impl Queues {
    /// Somebody may get something now who got nothing before.
    pub(crate) fn look_anew(&mut self) {
        self.looked = None;
    }

    /// Whether somebody who needs this may join.
    pub(crate) fn have_room_for(&self, need: &Need) -> bool {
        self.by_need.len() < WAITING_CLASSES_MAX || self.by_need.contains_key(need)
    }

    /// Somebody waits who needs this, and draws on these quotas, at the place of the number.
    pub(crate) fn join(&mut self, number: Number, need: Need, quotas: QuotaSet) {
        let counters = Counters::of(&need, quotas);
        let new = || Queue { counters, numbers: VecDeque::new(), waits_in_vain: false };
        let queue = &mut self.by_need.entry(need).or_insert_with(new).numbers;
        let place = queue.partition_point(|&other| other < number);
        assert!(queue.get(place) != Some(&number), "who joins did not wait");
        queue.insert(place, number);
    }

    /// Somebody waits no more who needed this.
    pub(crate) fn leave(&mut self, number: Number, need: &Need) {
        let queue = self.by_need.get_mut(need).expect("who waits stands in the queue of its need");
        let queue = &mut queue.numbers;
        let place = queue.binary_search(&number).expect("who waits stands in the queue of its need");
        queue.remove(place);
        if queue.is_empty() {
            self.by_need.remove(need);
        }
    }

    /// Whose turn it is, and what that waiter gets. Of many who are served in one step, each costs a search for itself alone: who
    /// was looked at before and got nothing is not looked at again.
    pub(crate) fn next(&mut self, room: Room<'_>, order: Order) -> Option<(Number, Allocation)> {
        if self.looked != Some(order) {
            self.by_need.values_mut().for_each(|queue| queue.waits_in_vain = false);
            self.looked = Some(order);
        }
        let mut in_vain = Vec::new();
        let heads = self.heads().map(|(number, need, queue)| (number, (need, queue)));
        let find = |(need, queue): (&Need, &Queue), short: &Short| {
            // With fewer free, other spaces for wheelchairs may be chosen, and more companions sit beside them: these are looked for again.
            if queue.waits_in_vain && !need.wants_spaces() {
                return None;
            }
            let found = room.get(need, short);
            if found.is_none() {
                in_vain.push(need.clone());
            }
            found
        };
        let add_shortage = |(need, queue): (&Need, &Queue), short: &mut Short| {
            if !queue.counters.are_among(short) {
                short.add(room.shortage(need));
            }
        };
        let found = serve_first(order, heads, find, add_shortage);
        for need in in_vain {
            self.by_need.get_mut(&need).expect("it was just there").waits_in_vain = true;
        }
        found
    }

    /// Of what those who wait are short that a newcomer must not take.
    pub(crate) fn shortage(&self, room: Room<'_>, order: Order) -> Short {
        let mut short = Short::NONE;
        if order == Order::Strict {
            self.by_need.keys().for_each(|need| short.add(room.shortage(need)));
        }
        short
    }

    /// The place of somebody with this number who needs this, among those that wait for some of the same: 1 for the first.
    pub(crate) fn position(&self, number: Number, need: &Need, quotas: QuotaSet) -> u32 {
        let own = Counters::of(need, quotas);
        let sharing = self.by_need.values().filter(|queue| queue.counters.meet(&own));
        let before = |queue: &Queue| queue.numbers.partition_point(|&other| other < number);
        let ahead = sharing.map(before).sum::<usize>();
        u32::try_from(ahead).expect("fewer wait than there are numbers").saturating_add(1)
    }

    /// How many wait who would take this category.
    pub(crate) fn waiting_for(&self, category: Category) -> u32 {
        let names = |need: &Need| match &need.wanted {
            Wanted::Units(_) => false,
            Wanted::Seats(best) => best.categories.contains(&category),
        };
        let naming = self.by_need.iter().filter(|(need, _)| names(need));
        u32::try_from(naming.map(|(_, queue)| queue.numbers.len()).sum::<usize>())
            .expect("fewer wait than there are numbers")
    }

    /// Whether these are all that wait, each for what it says, with the quotas on which it draws.
    pub(crate) fn are(&self, waiters: impl Iterator<Item = (Number, Need, QuotaSet)>) -> bool {
        let mut anew = Self::default();
        waiters.for_each(|(number, need, quotas)| anew.join(number, need, quotas));
        let said = |(need, queue): (_, &Queue)| (need, queue.counters.clone(), queue.numbers.clone());
        anew.by_need.iter().map(said).eq(self.by_need.iter().map(said))
    }

    /// The first of each queue, in the order in which they came.
    fn heads(&self) -> impl Iterator<Item = (Number, &Need, &Queue)> {
        let head = |queue: &Queue| *queue.numbers.front().expect("a queue is somebody's");
        let mut heads =
            self.by_need.iter().map(|(need, queue)| (head(queue), need, queue)).collect::<Vec<_>>();
        heads.sort_unstable_by_key(|(number, ..)| *number);
        heads.into_iter()
    }
}

/// The first of these who gets what it waits for. Whoever does not stops those behind, under the strict order, at what it is short of.
pub(crate) fn serve_first<Waiter: Copy>(
    order: Order,
    waiters: impl Iterator<Item = (Number, Waiter)>,
    mut find: impl FnMut(Waiter, &Short) -> Option<Allocation>,
    add_shortage: impl Fn(Waiter, &mut Short),
) -> Option<(Number, Allocation)> {
    let mut short = Short::NONE;
    for (number, waiter) in waiters {
        if let Some(found) = find(waiter, &short) {
            return Some((number, found));
        }
        if order == Order::Strict {
            add_shortage(waiter, &mut short);
        }
    }
    None
}

/// Every counter of a house on which a request may draw.
fn in_house(wish: &Best) -> BTreeSet<Counter> {
    let has_company = wish.accessible < wish.quantity;
    let pools: &[Pool] = match (wish.allotment, wish.accessible) {
        (Some(allotment), _) => &[Pool::Allotted(allotment)],
        (None, 0) => &[Pool::General],
        (None, _) if has_company => &[Pool::Spaces, Pool::Companions, Pool::General],
        (None, _) => &[Pool::Spaces],
    };
    let each = wish
        .categories
        .iter()
        .flat_map(|&category| pools.iter().map(move |&pool| Counter { category, pool }));
    each.collect()
}

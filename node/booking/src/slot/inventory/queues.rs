//! Who waits for seats. Those who need the same stand in one queue: where its head gets nothing, nobody in it does, so a step looks
//! at heads only.
//!
//! Under the strict order an earlier waiter stops others only at a counter of which it is short, and never because its seats are not
//! adjacent; where somebody may be skipped, nobody stops anyone.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::seats::{Counter, Pool, Seats, Shortage};
use crate::limits::WAITING_CLASSES_MAX;
use crate::{Best, Category, Number, Order, Places, SinglesPolicy};

/// Who waits for seats.
#[derive(Default)]
pub(crate) struct Queues {
    /// By what they need.
    by_need: BTreeMap<Best, Queue>,
    /// The order under which heads were looked at that got nothing.
    looked: Option<Order>,
}

/// Who waits for the same.
struct Queue {
    /// On what they may draw: what they wait for beside others.
    counters: BTreeSet<Counter>,
    /// In the order in which they came.
    numbers: VecDeque<Number>,
    /// Its head was looked at, and got nothing. So it stays while seats are only taken: fewer are free, and somebody is short of more.
    waits_in_vain: bool,
}

impl Queues {
    /// Somebody may get something now who got nothing before.
    pub(crate) fn look_anew(&mut self) {
        self.looked = None;
    }

    /// Whether somebody who needs this may join.
    pub(crate) fn have_room_for(&self, wish: &Best) -> bool {
        self.by_need.len() < WAITING_CLASSES_MAX || self.by_need.contains_key(wish)
    }

    /// Somebody waits who needs this, at the place of the number.
    pub(crate) fn join(&mut self, number: Number, wish: &Best) {
        let new = || Queue { counters: counters(wish), numbers: VecDeque::new(), waits_in_vain: false };
        let queue = &mut self.by_need.entry(wish.clone()).or_insert_with(new).numbers;
        let place = queue.partition_point(|&other| other < number);
        assert!(queue.get(place) != Some(&number), "who joins did not wait");
        queue.insert(place, number);
    }

    /// Somebody waits no more who needed this.
    pub(crate) fn leave(&mut self, number: Number, wish: &Best) {
        let queue = self.by_need.get_mut(wish).expect("who waits stands in the queue of its need");
        let queue = &mut queue.numbers;
        let place = queue.binary_search(&number).expect("who waits stands in the queue of its need");
        queue.remove(place);
        if queue.is_empty() {
            self.by_need.remove(wish);
        }
    }

    /// Whose turn it is, and what that waiter gets. Of many who are served in one step, each costs a search for itself alone: who
    /// was looked at before and got nothing is not looked at again.
    pub(crate) fn next(
        &mut self,
        seats: &Seats,
        policy: SinglesPolicy,
        order: Order,
    ) -> Option<(Number, Places)> {
        if self.looked != Some(order) {
            self.by_need.values_mut().for_each(|queue| queue.waits_in_vain = false);
            self.looked = Some(order);
        }
        let mut in_vain = Vec::new();
        let heads = self.heads().map(|(number, wish, queue)| (number, (wish, queue)));
        let find = |(wish, queue): (&Best, &Queue), short: &Shortage| {
            // With fewer free, other spaces for wheelchairs may be chosen, and more companions sit beside them: these are looked for again.
            if queue.waits_in_vain && wish.accessible == 0 {
                return None;
            }
            let found = seats.best(wish, policy, short).ok();
            if found.is_none() {
                in_vain.push(wish.clone());
            }
            found
        };
        let add_shortage = |(wish, queue): (&Best, &Queue), short: &mut Shortage| {
            if !queue.counters.iter().all(|&counter| short.is_at(counter)) {
                short.add(seats.shortage(wish));
            }
        };
        let found = serve_first(order, heads, find, add_shortage);
        for wish in in_vain {
            self.by_need.get_mut(&wish).expect("it was just there").waits_in_vain = true;
        }
        found
    }

    /// Of what those who wait are short that a newcomer must not take.
    pub(crate) fn shortage(&self, seats: &Seats, order: Order) -> Shortage {
        let mut short = Shortage::NONE;
        if order == Order::Strict {
            self.by_need.keys().for_each(|wish| short.add(seats.shortage(wish)));
        }
        short
    }

    /// The place of somebody with this number who needs this, among those that wait for some of the same: 1 for the first.
    pub(crate) fn position(&self, number: Number, wish: &Best) -> u32 {
        let own = counters(wish);
        let sharing = self.by_need.values().filter(|queue| !queue.counters.is_disjoint(&own));
        let before = |queue: &Queue| queue.numbers.partition_point(|&other| other < number);
        let ahead = sharing.map(before).sum::<usize>();
        u32::try_from(ahead).expect("fewer wait than there are numbers").saturating_add(1)
    }

    /// How many wait who would take this category.
    pub(crate) fn waiting_for(&self, category: Category) -> u32 {
        let naming = self.by_need.iter().filter(|(wish, _)| wish.categories.contains(&category));
        u32::try_from(naming.map(|(_, queue)| queue.numbers.len()).sum::<usize>())
            .expect("fewer wait than there are numbers")
    }

    /// Whether these are all that wait, each for what it says.
    pub(crate) fn are<'all>(&self, waiters: impl Iterator<Item = (Number, &'all Best)>) -> bool {
        let mut anew = Self::default();
        waiters.for_each(|(number, wish)| anew.join(number, wish));
        let said = |(wish, queue): (_, &Queue)| (wish, queue.counters.clone(), queue.numbers.clone());
        anew.by_need.iter().map(said).eq(self.by_need.iter().map(said))
    }

    /// The first of each queue, in the order in which they came.
    fn heads(&self) -> impl Iterator<Item = (Number, &Best, &Queue)> {
        let head = |queue: &Queue| *queue.numbers.front().expect("a queue is somebody's");
        let mut heads =
            self.by_need.iter().map(|(wish, queue)| (head(queue), wish, queue)).collect::<Vec<_>>();
        heads.sort_unstable_by_key(|(number, ..)| *number);
        heads.into_iter()
    }
}

/// The first of these who gets what it waits for. Whoever does not stops those behind, under the strict order, at what it is short of.
pub(crate) fn serve_first<Need: Copy>(
    order: Order,
    waiters: impl Iterator<Item = (Number, Need)>,
    mut find: impl FnMut(Need, &Shortage) -> Option<Places>,
    add_shortage: impl Fn(Need, &mut Shortage),
) -> Option<(Number, Places)> {
    let mut short = Shortage::NONE;
    for (number, need) in waiters {
        if let Some(places) = find(need, &short) {
            return Some((number, places));
        }
        if order == Order::Strict {
            add_shortage(need, &mut short);
        }
    }
    None
}

/// Every counter that a request may draw on.
fn counters(wish: &Best) -> BTreeSet<Counter> {
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

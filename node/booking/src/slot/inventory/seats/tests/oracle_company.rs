//! Who comes with somebody in a wheelchair, by trying every choice of spaces.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::super::{Best, Category, Places, SinglesPolicy, Together};
use super::oracle::{Oracle, Purpose, Set};
use super::oracle_search::{Search, places};

impl Oracle {
    /// The most companions' seats of a set that so many of its spaces can have, all of them if there are fewer: every choice of the
    /// spaces between two aisles, and every way to spread the number over the house.
    pub(super) fn most_companions(&self, special: &Set, spaces: u32) -> u32 {
        let mut most = vec![0];
        for block in special.iter().map(|&seat| self.chairs[seat].block).collect::<BTreeSet<_>>() {
            let own = special.iter().copied().filter(|&seat| self.chairs[seat].block == block).collect();
            let own = self.most_in_block(&own);
            let mut then = vec![0; most.len() + own.len() - 1];
            for (count, companions) in most.iter().enumerate() {
                for (more, further) in own.iter().enumerate() {
                    then[count + more] = then[count + more].max(companions + further);
                }
            }
            most = then;
        }
        most[(spaces as usize).min(most.len() - 1)]
    }

    /// The same for each number of spaces of one block.
    fn most_in_block(&self, own: &Set) -> Vec<u32> {
        let is_space = |seat: &&usize| self.chairs[**seat].purpose == Purpose::Space;
        let spaces = own.iter().filter(is_space).copied().collect::<Vec<_>>();
        let mut most = vec![0; spaces.len() + 1];
        for choice in 0..1_u32 << spaces.len() {
            let chosen = (0..spaces.len()).filter(|place| choice >> place & 1 == 1);
            let chosen = chosen.map(|place| spaces[place]).collect::<Set>();
            let known = &mut most[chosen.len()];
            *known = (*known).max(self.companions_of(own, &chosen));
        }
        most
    }

    /// How many companions' seats of a set these spaces can have: each, in order, is had by the space before it if that has fewer
    /// than three, and otherwise by the one behind.
    pub(super) fn companions_of(&self, own: &Set, chosen: &Set) -> u32 {
        let is_companion =
            |seat: &usize| own.contains(seat) && self.chairs[*seat].purpose == Purpose::Companion;
        let mut has = vec![0; self.chairs.len()];
        for &seat in own.iter().filter(|seat| is_companion(seat)) {
            let block = self.chairs[seat].block;
            let before = (0..seat).rev().find(|other| !is_companion(other));
            let behind = (seat..self.chairs.len()).find(|other| !is_companion(other));
            let of = [before, behind].into_iter().flatten().find(|space| {
                chosen.contains(space) && self.chairs[*space].block == block && has[*space] < 3
            });
            if let Some(space) = of {
                has[space] += 1;
            }
        }
        has.into_iter().sum()
    }

    /// Whether a party in wheelchairs could have what is free here.
    pub(super) fn has_room_for_company(&self, ask: &Best, policy: SinglesPolicy) -> bool {
        let nobody = BTreeSet::new();
        let search = Search { house: self, ask, policy, short: &nobody, gave: None };
        ask.categories.iter().any(|&category| match ask.together {
            Together::Must => search.special_block(category).is_some(),
            Together::Prefer => search.has_room_for_company(category),
        })
    }
}

impl Search<'_> {
    fn special_left(&self, category: Category) -> Set {
        self.left(self.field(category, |purpose| purpose != Purpose::General))
    }

    /// How many companions' seats the party could have beside its spaces.
    fn companions(&self, category: Category) -> u32 {
        let most = self.house.most_companions(&self.special_left(category), self.ask.accessible);
        most.min(self.ask.quantity - self.ask.accessible)
    }

    /// Whether there is a choice of spaces after which too few are left for nobody.
    pub(super) fn has_room_for_company(&self, category: Category) -> bool {
        let special = self.special_left(category).into_iter();
        let spaces = special.filter(|&seat| self.house.chairs[seat].purpose == Purpose::Space).count();
        let general = self.left(self.general(category)).len();
        let rest = self.ask.quantity - self.ask.accessible - self.companions(category);
        self.ask.accessible as usize <= spaces && rest as usize <= general
    }

    /// What was given, if something can be given at all: it must be spaces with as many companions' seats as any can have.
    pub(super) fn packed(&self, category: Category) -> Option<Places> {
        if !self.has_room_for_company(category) {
            return None;
        }
        let gave = self.gave.expect("there is room for the party");
        let gave = gave.seats().iter().map(|seat| seat.0 as usize).collect::<Set>();
        let special = gave.intersection(&self.special_left(category)).copied().collect::<Set>();
        let is_space = |seat: &&usize| self.house.chairs[**seat].purpose == Purpose::Space;
        let spaces = special.iter().filter(is_space).copied().collect::<Set>();
        let companions = u32::try_from(special.len() - spaces.len()).unwrap();
        assert_eq!(
            spaces.len(),
            self.ask.accessible as usize,
            "each of the wheelchairs has a space: {gave:?}"
        );
        assert_eq!(companions, self.companions(category), "as many as can be are beside them: {gave:?}");
        assert_eq!(companions, self.house.companions_of(&special, &spaces), "each adjoins a space: {gave:?}");
        let others = (self.ask.quantity - self.ask.accessible - companions) as usize;
        self.with_rest(category, &special.into_iter().collect::<Vec<_>>(), others).map(places)
    }
}

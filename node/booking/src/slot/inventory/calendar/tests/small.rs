//! Small calendars, whole: up to three bookings anywhere in six units of time, and everything that can be asked beside them.

use alloc::vec::Vec;

use super::super::{Claim, Place, Places, Range, Resource, Wish};
use super::oracle::{Oracle, minutes, moment};
use super::stage::{calendar, lenient, range};
use crate::Status;

const UNITS: i64 = 6;

/// Every range within the units: minutes of the day.
fn every_range() -> Vec<Range> {
    let from = |from| (from + 1..=UNITS).map(move |to| Range::new(moment(from), moment(to)).unwrap());
    (0..UNITS).flat_map(from).collect()
}

/// Everything that one could ask for.
fn every_wish(places: Places) -> Vec<Wish> {
    let (resources, most) = match places {
        Places::Count(count) => ([None].to_vec(), count),
        Places::Resources(count) => {
            ((0..count).map(|index| Some(Resource(index))).chain([None]).collect::<Vec<_>>(), 1)
        }
    };
    let buffers = lenient().buffers;
    let each = every_range().into_iter().flat_map(|range| {
        let resources = resources.clone();
        resources.into_iter().flat_map(move |resource| {
            (1..=most).map(move |quantity| Wish::new(range, buffers, resource, quantity))
        })
    });
    each.collect()
}

/// Everything that one could have.
fn every_claim(places: Places) -> Vec<Claim> {
    let wishes = every_wish(places).into_iter();
    let claims = wishes.filter_map(|wish| match (places, wish.resource()) {
        (Places::Count(_), _) => Some(wish.claim(Place::Pool)),
        (Places::Resources(_), Some(resource)) => Some(wish.claim(Place::Resource(resource))),
        (Places::Resources(_), None) => None,
    });
    claims.collect()
}

#[test]
fn whatever_is_booked_whatever_is_asked() {
    for places in [Places::Count(1), Places::Count(2), Places::Resources(2)] {
        let (wishes, claims) = (every_wish(places), every_claim(places));
        let oracle = Oracle {
            places,
            terms: lenient(),
            openings: [range("0..0:06")].to_vec(),
            claims: Vec::new(),
            waiters: alloc::collections::BTreeMap::new(),
            now: 0,
        };
        let calendar = super::stage::calendar_open(places, lenient(), "0..0:06");
        for (index, &first) in claims.iter().enumerate() {
            let mut one = (calendar.clone(), oracle.clone());
            one.0.take(&first, Status::Held);
            one.1.claims.push(first);
            compare(&one, &wishes, Some(&first));
            for (next, &second) in claims.iter().enumerate().skip(index) {
                if one.1.first_too_much(&second) {
                    continue;
                }
                let mut two = one.clone();
                two.0.take(&second, Status::Held);
                two.1.claims.push(second);
                compare(&two, &wishes, Some(&second));
                // Of three, the middle one goes and comes again: a third of them is enough.
                for &third in claims.iter().skip(next).step_by(3) {
                    if two.1.first_too_much(&third) {
                        continue;
                    }
                    let mut three = two.clone();
                    three.0.take(&third, Status::Held);
                    three.0.give_back(&second, Status::Held);
                    three.1.claims = [first, third].to_vec();
                    compare(&three, &wishes[..1], None);
                    three.0.give_back(&first, Status::Held);
                    three.1.claims = [third].to_vec();
                    compare(&three, &wishes[wishes.len() / 2..][..2], Some(&third));
                }
            }
        }
    }
}

impl Oracle {
    /// Whether there is too little for this too.
    fn first_too_much(&self, claim: &Claim) -> bool {
        let mut more = self.clone();
        more.claims.push(*claim);
        more.first_too_much_for(self.places).is_some()
    }
}

fn compare((calendar, oracle): &(super::super::Calendar, Oracle), wishes: &[Wish], own: Option<&Claim>) {
    for wish in wishes {
        for own in [None, own] {
            let had = &oracle.claims;
            assert_eq!(
                calendar.find(wish, own),
                oracle.find(wish, own),
                "{wish:?} beside {had:?}, own {own:?}"
            );
            let told = calendar.conflicts(wish, own).into_iter().map(minutes);
            let told = told.map(|part| (part.start, part.end)).collect::<Vec<_>>();
            assert_eq!(told, oracle.conflicts(wish, own), "{wish:?} beside {had:?}, own {own:?}");
        }
    }
}

#[test]
fn a_pool_has_a_place_for_each_as_long_as_no_more_are_taken_than_there_are() {
    // Nobody is told which place of a pool it has, and there is one: whoever begins takes the lowest that nobody has.
    let claims = every_claim(Places::Count(1));
    for &first in &claims {
        for &second in &claims {
            for &third in &claims {
                let mut calendar = calendar(Places::Count(2), lenient());
                let mut booked = Vec::new();
                for claim in [first, second, third] {
                    let wish = Wish::new(claim.effective, lenient().buffers, None, 1);
                    if calendar.find(&wish, None).is_some() {
                        calendar.take(&claim, Status::Confirmed);
                        booked.push(claim.effective);
                    }
                }
                booked.sort_unstable();
                let mut ends = [moment(0); 2];
                for range in booked {
                    let lane = ends.iter_mut().find(|end| **end <= range.from()).expect("there is one");
                    *lane = range.to();
                }
            }
        }
    }
}

//! Small houses, whole: one block of up to eight seats in every state, and everything that can be asked of it.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::{Asker, Best, Drawing, Pick, Plan, Sale, SaleRun, Seat, Seats, Shortage, Together};
use super::houses::{draw, party, policies};
use super::oracle::Oracle;
use crate::Status;

/// A house in which the seats of one mask are taken and those of another blocked, twice.
fn state(drawing: &Drawing, plan: &Arc<Plan>, taken: u32, blocked: u32) -> (Seats, Oracle) {
    let seats_of = |mask: u32| (0..32).filter(move |seat| mask >> seat & 1 == 1).map(Seat);
    let runs =
        seats_of(blocked).map(|first| SaleRun { first, length: 1, sale: Sale::Blocked }).collect::<Vec<_>>();
    let (mut seats, mut oracle) = (Seats::restore(Arc::clone(plan), &runs).unwrap(), Oracle::new(drawing));
    seats_of(blocked).for_each(|seat| oracle.chairs[seat.0 as usize].sale = Sale::Blocked);
    let places = super::super::Places::new(seats_of(taken).collect(), Vec::new()).unwrap();
    seats.take(&places, Status::Confirmed);
    oracle.take(&places, Status::Confirmed);
    (seats, oracle)
}

#[test]
fn the_best_of_one_block_in_every_state() {
    let worst_first = |length: u32| (0..length).rev().collect::<Vec<_>>();
    let middle_first = |length: u32| {
        let mut ranks = (0..length).collect::<Vec<_>>();
        ranks.sort_by_key(|&seat| (2 * seat).abs_diff(length - 1));
        let mut places = ranks.clone();
        (0..length).for_each(|rank| places[ranks[rank as usize] as usize] = rank);
        places
    };
    for (picture, with_ranks) in
        [("aaaaaaaa", 0), ("aaaaaaaa", 1), ("aaaaaaaa", 2), ("aabbabaa", 2), ("aaa aaaa", 2)]
    {
        let mut drawing = draw(picture);
        match with_ranks {
            0 => {}
            1 => drawing.ranks = worst_first(u32::try_from(drawing.ranks.len()).unwrap()),
            _ => drawing.ranks = middle_first(u32::try_from(drawing.ranks.len()).unwrap()),
        }
        let plan = Arc::new(Plan::new(&drawing).unwrap());
        for taken in 0..1_u32 << drawing.ranks.len() {
            let (seats, oracle) = state(&drawing, &plan, taken, 0);
            for policy in policies().step_by(2) {
                for quantity in 1..=8 {
                    for together in [Together::Must, Together::Prefer] {
                        let ask = Best { together, ..party(quantity, &[0, 1]) };
                        let found = seats.best(&ask, policy, &Shortage::NONE);
                        let want = oracle.best(&ask, policy, &BTreeSet::new(), None);
                        assert_eq!(found, want, "{picture} without {taken:b}: {ask:?} under {policy:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_pick_of_one_block_in_every_state() {
    for picture in ["a", "aa", "aaa", "aaaa", "aaaaa", "aaaaaa", "aabaaba"] {
        let drawing = draw(picture);
        let plan = Arc::new(Plan::new(&drawing).unwrap());
        let all = 1_u32 << drawing.ranks.len();
        for taken in 0..all {
            // Every second one that is not open is blocked rather than taken: both end a stretch.
            let blocked = taken & 0b0101_0101;
            let (seats, oracle) = state(&drawing, &plan, taken & !blocked, blocked);
            for picked in 1..all {
                let picked = (0..32).filter(|seat| picked >> seat & 1 == 1).map(Seat).collect();
                let pick = Pick { seats: picked, ..Pick::default() };
                for policy in policies().skip(8) {
                    let found = seats.pick(&pick, Asker::Customer, policy, &Shortage::NONE);
                    let want = oracle.pick(&pick, Asker::Customer, policy, &BTreeSet::new());
                    assert_eq!(found, want, "{picture} without {taken:b}: {pick:?} under {policy:?}");
                }
            }
        }
    }
}

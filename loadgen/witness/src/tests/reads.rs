//! Lies about reads on the way: none goes back behind what had been told, nor ahead of what was asked later.

use super::{Check, Lie, check, correct, slot};
use crate::history::{History, Look, Moment};

#[test]
fn a_read_that_goes_back_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("a read looks into the past", |h| read(h, 660, 4), &[Check::SeqInRealTime]),
        ("a read goes back behind another", |h| read(h, 635, 4), &[Check::SeqInRealTime]),
        ("a read looks into the future", |h| read(h, 510, 6), &[Check::SeqInRealTime]),
    ];
    check(correct, rows);
}

/// A read that takes ten microseconds.
pub(super) fn look(at: u64, seq: u64) -> Look {
    Look { sent: Moment::from_us(at), received: Moment::from_us(at + 10), seq }
}

fn read(history: &mut History, at: u64, seq: u64) {
    slot(history).looks.push(look(at, seq));
}

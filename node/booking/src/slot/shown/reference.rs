//! References: what people say on the telephone to find a booking.
//!
//! A reference is the booking's number, put through a permutation of 40 bits that only the slot's secret
//! tells, and written in eight characters. A permutation never gives two numbers the same reference, so
//! uniqueness needs no index; it can be undone, so finding needs none either. It is a Feistel network, which
//! is a permutation whatever its round function is. A reference is hard to guess, but it is no password: who
//! may see a booking is decided by tokens.

use core::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::limits::REFERENCE_BITS;
use crate::{Number, Secret};

/// Digits and capitals without I, L, O and U: no two are easily mistaken. Five bits each.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a reference.
const LEN: usize = 8;
/// Bits of one half of the network.
const HALF_BITS: u32 = REFERENCE_BITS / 2;
/// The ones of one half.
const HALF: u32 = (1 << HALF_BITS) - 1;
/// Rounds: four hide a permutation from whoever may ask for values, two more are cheap.
const ROUNDS: u8 = 6;

const _: () = assert!(REFERENCE_BITS as usize == LEN * 5, "a reference is written in full");
const _: () = assert!(REFERENCE_BITS.is_multiple_of(2), "the network has two equal halves");

/// Eight characters that name a booking within its slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference([u8; LEN]);

impl Reference {
    /// The reference of a booking.
    pub(crate) fn of(number: Number, secret: Secret) -> Self {
        let seeds = secret.seeds();
        let number = u64::from(number.0);
        let (mut left, mut right) = (half(number >> HALF_BITS), half(number));
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ scramble(round, right, seeds));
        }
        let mut rest = (u64::from(left) << HALF_BITS) | u64::from(right);
        let mut characters = [0; LEN];
        for character in characters.iter_mut().rev() {
            *character = ALPHABET[usize::try_from(rest % 32).unwrap_or_default()];
            rest /= 32;
        }
        Self(characters)
    }

    /// The number of the booking that has this reference, if one can: not every reference is some booking's.
    pub(crate) fn number(self, secret: Secret) -> Option<Number> {
        let seeds = secret.seeds();
        let mut whole = 0_u64;
        for character in self.0 {
            let value = ALPHABET.iter().position(|&letter| letter == character)?;
            whole = whole * 32 + u64::try_from(value).ok()?;
        }
        let (mut left, mut right) = (half(whole >> HALF_BITS), half(whole));
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ scramble(round, left, seeds), left);
        }
        u32::try_from((u64::from(left) << HALF_BITS) | u64::from(right)).ok().map(Number)
    }

    /// Reads a reference as people write it: small letters are taken for capitals, O for zero, I and L for
    /// one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut characters: [u8; LEN] = text.as_bytes().try_into().ok()?;
        for character in &mut characters {
            *character = match character.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            if !ALPHABET.contains(character) {
                return None;
            }
        }
        Some(Self(characters))
    }

    /// Its eight characters.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Reference({self})")
    }
}

/// The low half of a number.
fn half(number: u64) -> u32 {
    u32::try_from(number & u64::from(HALF)).unwrap_or_default()
}

/// The round function: one half, hashed under one half of the secret.
fn scramble(round: u8, right: u32, seeds: [u64; 2]) -> u32 {
    let [a, b, c, d] = right.to_le_bytes();
    half(xxh3_64_with_seed(&[round, a, b, c, d], seeds[usize::from(round % 2)]))
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;

    use super::Reference;
    use crate::{Number, Secret};

    const SECRET: Secret = Secret([7; 16]);

    #[test]
    fn no_two_bookings_share_a_reference_and_each_leads_back() {
        let mut seen = BTreeSet::new();
        let numbers = (1..=50_000).chain(u32::MAX - 1_000..=u32::MAX).map(Number);
        for number in numbers {
            let reference = Reference::of(number, SECRET);
            assert!(seen.insert(reference), "{reference} twice");
            assert_eq!(reference.number(SECRET), Some(number));
            assert_eq!(Reference::parse(reference.as_str()), Some(reference));
        }
    }

    #[test]
    fn references_are_for_ever() {
        let rows = [(1, "SR18TGMP"), (2, "APYCY3ZD"), (3, "0AR3KZ7E"), (u32::MAX, "W4SA3ZRS")];
        for (number, expected) in rows {
            assert_eq!(Reference::of(Number(number), SECRET).to_string(), expected, "booking {number}");
        }
    }

    #[test]
    fn another_secret_gives_other_references() {
        let mut other = SECRET;
        other.0[15] ^= 1;
        assert_ne!(Reference::of(Number(1), SECRET), Reference::of(Number(1), other));
    }

    #[test]
    fn people_write_references_as_they_hear_them() {
        let rows = [
            ("7Q4K2M9D", Some("7Q4K2M9D")),
            ("7q4k2m9d", Some("7Q4K2M9D")),
            ("oOiIlL00", Some("00111100")),
            ("7Q4K2M9", None),
            ("7Q4K2M9DD", None),
            ("7Q4K-M9D", None),
            ("7Q4K2M9U", None),
            ("7Q4K2MÄ", None),
        ];
        for (written, expected) in rows {
            assert_eq!(
                Reference::parse(written).map(|read| read.to_string()).as_deref(),
                expected,
                "{written}"
            );
        }
    }
}

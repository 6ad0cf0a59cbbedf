//! A row: how its seats are numbered, where its aisles are, and how that is written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// How far apart two neighbours sit, in centimetres.
pub(super) const SEAT_CM: i32 = 50;

/// A row in the making.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) key: String,
    /// How many seats stand between its aisles.
    pub(super) blocks: Vec<u32>,
    pub(super) numbering: Numbering,
    pub(super) category: String,
    /// The seats at both ends that are of another category: of which, and how many at each end.
    pub(super) sides: Option<(String, u32)>,
    pub(super) at: [i32; 2],
    pub(super) to: [i32; 2],
    /// How many wheelchair spaces it has: they stand at its beginning, each before a companion's seat.
    pub(super) spaces: u32,
    /// From how many seats at both ends one does not see everything.
    pub(super) restricted: u32,
}

/// How seats are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    /// 1, 2, 3, …
    Rising,
    /// …, 3, 2, 1
    Falling,
    /// …, 5, 3, 1, 2, 4, 6, …
    OddEven,
}

impl Row {
    pub(super) fn len(&self) -> u32 {
        self.blocks.iter().sum()
    }

    pub(super) fn distance_squared(&self, focus: [i32; 2]) -> u64 {
        let twice = |axis: usize| self.at[axis] + self.to[axis] - 2 * focus[axis];
        u64::from(twice(0).unsigned_abs()).pow(2) + u64::from(twice(1).unsigned_abs()).pow(2)
    }

    fn number(&self, position: u32) -> u32 {
        let (len, odd) = (self.len(), self.len() / 2);
        match self.numbering {
            Numbering::Rising => position + 1,
            Numbering::Falling => len - position,
            Numbering::OddEven if position < odd => 2 * (odd - position) - 1,
            Numbering::OddEven => 2 * (position - odd) + 2,
        }
    }

    /// What these positions are called, as an item of the contract.
    fn item(&self, positions: impl Iterator<Item = u32>) -> String {
        let numbers: Vec<u32> = positions.map(|position| self.number(position)).collect();
        runs(&numbers)
    }

    /// So many positions at both ends, if the row has them.
    fn ends(&self, count: u32) -> impl Iterator<Item = u32> {
        let len = self.len();
        (0..len).filter(move |position| *position < count || *position + count >= len)
    }
}

/// The ends of a row of so many seats whose middle is at `centre`, along an axis.
pub(super) fn ends(centre: i32, len: u32) -> (i32, i32) {
    let half = (i32::try_from(len).expect("a row is short") - 1) * SEAT_CM / 2;
    (centre - half, centre + half)
}

/// So many seats, with so many aisles between them, as equal as can be; none without a seat.
pub(super) fn blocks(len: u32, aisles: u32) -> Vec<u32> {
    let count = (aisles + 1).min(len);
    (0..count).map(|index| share(len, index, count)).collect()
}

/// The part of a whole that goes to one of several, as equal as can be: together they are the whole.
pub(super) fn share(whole: u32, index: u32, of: u32) -> u32 {
    let up_to = |index: u32| u64::from(whole) * u64::from(index) / u64::from(of);
    u32::try_from(up_to(index + 1) - up_to(index)).expect("no more than the whole")
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key", &self.key)?;
        let starts = self.blocks.iter().scan(0, |next, len| {
            *next += len;
            Some(*next - len..*next)
        });
        map.serialize_entry("seats", &starts.map(|block| self.item(block)).collect::<Vec<_>>())?;
        map.serialize_entry("category", &self.category)?;
        if let Some((category, count)) = &self.sides {
            map.serialize_entry("categories", &BTreeMap::from([(category, [self.item(self.ends(*count))])]))?;
        }
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("to", &self.to)?;
        if self.spaces > 0 {
            let every_second = |first: u32| (first..2 * self.spaces).step_by(2);
            map.serialize_entry("accessible", &[self.item(every_second(0))])?;
            map.serialize_entry("companion", &[self.item(every_second(1))])?;
        }
        if self.restricted > 0 {
            map.serialize_entry("restricted", &[self.item(self.ends(self.restricted))])?;
        }
        map.end()
    }
}

/// Numbers as runs of one step: `27-1/2,2-28/2`.
fn runs(numbers: &[u32]) -> String {
    let mut items: Vec<String> = Vec::new();
    let mut rest = numbers;
    while let [first, others @ ..] = rest {
        let step = |pair: &[u32]| i64::from(pair[1]) - i64::from(pair[0]);
        let steady = rest.windows(2).take_while(|pair| step(pair) == step(&rest[..2])).count();
        // Two numbers are no run: the second may begin one.
        if steady < 2 {
            items.push(first.to_string());
            rest = others;
            continue;
        }
        let last = rest[steady];
        items.push(match first.abs_diff(rest[1]) {
            1 => format!("{first}-{last}"),
            step => format!("{first}-{last}/{step}"),
        });
        rest = &rest[steady + 1..];
    }
    items.join(",")
}

#[cfg(test)]
mod tests {
    use super::{Numbering, Row, blocks, runs, share};

    #[test]
    fn rows_are_written_as_they_are_numbered() {
        for (lens, numbering, want) in [
            (&[4][..], Numbering::Rising, r#"["1-4"]"#),
            (&[4, 3], Numbering::Rising, r#"["1-4","5-7"]"#),
            (&[4, 3], Numbering::Falling, r#"["7-4","3-1"]"#),
            (&[3, 3], Numbering::OddEven, r#"["5-1/2","2-6/2"]"#),
            (&[2, 4, 2], Numbering::OddEven, r#"["7,5","3,1,2,4","6,8"]"#),
            (&[1], Numbering::OddEven, r#"["2"]"#),
        ] {
            let row = Row {
                key: "A".to_owned(),
                blocks: lens.to_vec(),
                numbering,
                category: "1".to_owned(),
                sides: Some(("2".to_owned(), 1)),
                at: [0, 0],
                to: [0, 0],
                spaces: 0,
                restricted: 0,
            };
            let text = serde_json::to_string(&row).expect("a row can be written");
            assert!(text.contains(&format!(r#""seats":{want}"#)), "{text}");
            assert!(text.contains(r#""categories":{"2":[""#), "{text}");
        }
        for (numbers, want) in [(&[][..], ""), (&[7], "7"), (&[1, 2], "1,2"), (&[1, 3, 4, 5], "1,3-5")] {
            assert_eq!(runs(numbers), want);
        }
    }

    #[test]
    fn aisles_lie_between_seats() {
        for (len, aisles, want) in
            [(7, 0, &[7][..]), (7, 1, &[3, 4]), (8, 2, &[2, 3, 3]), (2, 5, &[1, 1]), (1, 1, &[1])]
        {
            assert_eq!(blocks(len, aisles), want, "{len} with {aisles}");
        }
    }

    #[test]
    fn shares_are_the_whole() {
        for (whole, of) in [(10, 3), (3, 10), (0, 4), (131_072, 300), (7, 1)] {
            let shares: Vec<u32> = (0..of).map(|index| share(whole, index, of)).collect();
            assert_eq!(shares.iter().sum::<u32>(), whole, "{whole} over {of}");
            let (least, most) = (shares.iter().min(), shares.iter().max());
            assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{shares:?}");
        }
    }
}

//! Numbers of seats, and the short way in which lists of them are written: `1-14`, `27-1/2`, `1,2,12a`.

use std::fmt;

use crate::bounds::NUMBER_CHARS_MAX;
use crate::fault::excerpt;

/// What a seat is called within its row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    /// Digits, as one counts: without zeros in front.
    Counted(u32),
    /// Anything else: `12a`, `007`.
    Named(Box<str>),
}

impl Number {
    /// About how many bytes of memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let beside = match self {
            Self::Counted(_) => 0,
            Self::Named(name) => name.len(),
        };
        size_of::<Self>() + beside
    }

    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if let Some(number) = counted(text) {
            return Ok(Self::Counted(number));
        }
        let chars = text.chars().count();
        if !(1..=NUMBER_CHARS_MAX).contains(&chars) || text.contains(is_foreign) {
            return Err(format!(
                "{:?} is no number of a seat: that has 1 to {NUMBER_CHARS_MAX} characters, without - / , and control characters",
                excerpt(text)
            ));
        }
        Ok(Self::Named(text.into()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted(number) => write!(f, "{number}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// What stands between numbers, and therefore in none.
pub(crate) fn is_foreign(char: char) -> bool {
    matches!(char, '-' | '/' | ',') || char.is_control()
}

/// Digits as one counts.
fn counted(text: &str) -> Option<u32> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text.len() <= NUMBER_CHARS_MAX && (text == "0" || !text.starts_with('0'));
    if is_digits && fits { text.parse().ok() } else { None }
}

/// The numbers that an item names, `seats_max` at most. Blanks around a comma do not count.
pub(crate) fn read_item(item: &str, seats_max: usize) -> Result<Vec<Number>, String> {
    let mut numbers = Vec::new();
    for part in item.split(',').map(str::trim) {
        let too_many = || format!("{:?} names more than {seats_max} seats", excerpt(item));
        let left = seats_max.checked_sub(numbers.len()).ok_or_else(too_many)?;
        if let Some((first, rest)) = part.split_once('-') {
            let range = Range::read(part, first, rest)?;
            if range.len() > left {
                return Err(too_many());
            }
            numbers.extend(range.numbers());
        } else if left == 0 {
            return Err(too_many());
        } else {
            numbers.push(Number::read(part)?);
        }
    }
    Ok(numbers)
}

/// Numbers that run up or down by the same step.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: u32,
    last: u32,
    step: u32,
}

impl Range {
    fn read(part: &str, first: &str, rest: &str) -> Result<Self, String> {
        let shown = excerpt(part);
        let (last, step) = rest.split_once('/').unwrap_or((rest, "1"));
        let whole = |text: &str| {
            counted(text).ok_or_else(|| {
                format!(
                    "{shown:?} is no range: that is a-b or a-b/step, of whole numbers of up to {NUMBER_CHARS_MAX} digits without zeros in front"
                )
            })
        };
        let range = Self { first: whole(first)?, last: whole(last)?, step: whole(step)? };
        if range.step == 0 {
            return Err(format!("{shown:?} goes on for ever: a step is 1 or more"));
        }
        if !range.first.abs_diff(range.last).is_multiple_of(range.step) {
            return Err(format!("{shown:?} never comes to {last}: by steps of {step} it would pass it"));
        }
        Ok(range)
    }

    fn len(self) -> usize {
        (self.first.abs_diff(self.last) / self.step) as usize + 1
    }

    fn numbers(self) -> impl Iterator<Item = Number> {
        let Self { first, last, step } = self;
        let steps = first.abs_diff(last) / step;
        (0..=steps).map(move |index| {
            let way = index * step;
            Number::Counted(if first <= last { first + way } else { first - way })
        })
    }
}

/// The fewest numbers that are written as a range: two are no longer by themselves.
const RANGE_MIN: usize = 3;

/// The same numbers in as few parts as one finds going through them once; each part reads back as what it was.
pub(crate) fn write_parts(numbers: &[Number]) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = numbers;
    while let [first, ..] = rest {
        let len = range_len(rest);
        if len < RANGE_MIN {
            parts.push(first.to_string());
            rest = &rest[1..];
            continue;
        }
        let step = match &rest[..2] {
            [Number::Counted(one), Number::Counted(other)] => one.abs_diff(*other),
            _ => unreachable!("only numbers that are counted make a range"),
        };
        let last = &rest[len - 1];
        parts.push(if step == 1 { format!("{first}-{last}") } else { format!("{first}-{last}/{step}") });
        rest = &rest[len..];
    }
    parts
}

/// How many of the first numbers run by the same step.
fn range_len(numbers: &[Number]) -> usize {
    let step = |pair: &[Number]| match pair {
        [Number::Counted(one), Number::Counted(other)] => Some(i64::from(*other) - i64::from(*one)),
        _ => None,
    };
    let mut steps = numbers.windows(2).map(step);
    match steps.next() {
        Some(Some(first)) if first != 0 => 2 + steps.take_while(|step| *step == Some(first)).count(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(item: &str) -> Result<Vec<String>, String> {
        read_item(item, 128).map(|numbers| numbers.iter().map(Number::to_string).collect())
    }

    #[test]
    fn items_are_read_as_they_are_written() {
        for (item, want) in [
            ("7", "7"),
            ("1-4", "1 2 3 4"),
            ("4-1", "4 3 2 1"),
            ("5-5", "5"),
            ("5-5/3", "5"),
            ("7-1/2", "7 5 3 1"),
            ("2-8/3", "2 5 8"),
            ("0-2", "0 1 2"),
            ("1,3, 5-6 ,12a", "1 3 5 6 12a"),
            ("007", "007"),
            ("99999998-99999999", "99999998 99999999"),
            ("12345678", "12345678"),
            ("äöüßäöüß", "äöüßäöüß"),
            ("a b", "a b"),
        ] {
            assert_eq!(read(item).unwrap().join(" "), want, "{item}");
        }
    }

    #[test]
    fn what_is_no_item_is_told() {
        for (item, want) in [
            ("", "is no number of a seat"),
            (" ", "is no number of a seat"),
            ("1,", "is no number of a seat"),
            ("123456789", "is no number of a seat"),
            ("äöüßäöüßä", "is no number of a seat"),
            ("1/2", "is no number of a seat"),
            ("a\u{7}", "is no number of a seat"),
            ("a\u{85}b", "is no number of a seat"),
            ("-1", "is no range"),
            ("1-", "is no range"),
            ("1--3", "is no range"),
            ("a-c", "is no range"),
            ("01-14", "is no range"),
            ("1-03", "is no range"),
            ("1-3/x", "is no range"),
            ("1-3/1/1", "is no range"),
            ("1-123456789", "is no range"),
            ("+1-3", "is no range"),
            ("1-4/2", "never comes to 4"),
            ("4-1/2", "never comes to 1"),
            ("1-3/4", "never comes to 3"),
            ("1-3/0", "for ever"),
            ("5-5/0", "for ever"),
            ("1-129", "more than 128"),
            ("1-99999999", "more than 128"),
            ("1-64,65-129", "more than 128"),
            ("1-128,129", "more than 128"),
        ] {
            let told = read(item).unwrap_err();
            assert!(told.contains(want), "{item}: {told}");
        }
        assert_eq!(read("1-128").unwrap().len(), 128);
        assert_eq!(read("1-64,66-129").unwrap().len(), 128);
    }

    #[test]
    fn parts_are_few_and_read_back() {
        for (numbers, want) in [
            ("", ""),
            ("1", "1"),
            ("1 2", "1,2"),
            ("1 2 3", "1-3"),
            ("3 2 1", "3-1"),
            ("1 3 5", "1-5/2"),
            ("1 2 4 6 8", "1,2-8/2"),
            ("1 2 3 5 6 7 a b 9", "1-3,5-7,a,b,9"),
            ("27 25 23 1 2", "27-23/2,1,2"),
            ("01 02 03", "01,02,03"),
            ("99999997 99999998 99999999", "99999997-99999999"),
        ] {
            let list: Vec<Number> =
                numbers.split_whitespace().map(|number| Number::read(number).unwrap()).collect();
            let parts = write_parts(&list);
            assert_eq!(parts.join(","), want, "{numbers}");
            if !list.is_empty() {
                assert_eq!(read_item(want, 128).unwrap(), list);
            }
        }
    }
}

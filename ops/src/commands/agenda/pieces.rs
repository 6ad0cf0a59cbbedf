//! Times that are taken, as a calendar can book them: in its openings, on their grids, neither too short nor too long, and as one where
//! no more than what bookings keep free lies between.

use api::calendar::Calendar;
use api::time::Time;
use hours::Interval;
use jiff::Timestamp;

const SECOND_MS: u64 = 1_000;

/// What is to be booked, and what cannot be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pieces {
    /// In order.
    pub(super) booked: Vec<Interval>,
    /// How many lie beyond what one may ask for yet.
    pub(super) later: usize,
    /// What cannot be booked, and why.
    pub(super) refused: Vec<(Interval, String)>,
}

/// The terms by which a calendar is booked, in milliseconds.
struct Terms {
    grid: u64,
    shortest: u64,
    longest: u64,
    /// What lies free between two bookings, at least.
    between: u64,
    /// When a booking begins at the earliest, and at the latest.
    first: Time,
    last: Time,
}

impl Pieces {
    /// Of what is taken, what this calendar can book at a moment, in these openings.
    pub(super) fn of(taken: &[Interval], openings: &[Interval], calendar: &Calendar, now: Timestamp) -> Self {
        let terms = Terms::of(calendar, now);
        let taken = joined(taken.to_vec(), terms.between);
        let mut pieces = Self::default();
        for opening in openings {
            let here = taken.iter().filter_map(|taken| common(*taken, *opening));
            let here = here.filter_map(|taken| terms.on_grid(taken, *opening)).collect();
            for piece in joined(here, terms.between) {
                pieces.add(piece, *opening, &terms);
            }
        }
        pieces
    }

    /// Adds what of an opening is taken and lies on its grid.
    fn add(&mut self, piece: Interval, opening: Interval, terms: &Terms) {
        let Some(piece) = terms.still_to_come(piece, opening) else { return };
        if terms.last < piece.from() {
            self.later += 1;
            return;
        }
        if piece.milliseconds() <= terms.longest {
            self.booked.push(piece);
        } else if terms.between == 0 {
            self.booked.extend(terms.split(piece));
        } else {
            let longest = terms.longest / SECOND_MS;
            let why = format!(
                "it is longer than the {longest} s that one books at once, and bookings keep time free between them: \
                 raise maximum_seconds"
            );
            self.refused.push((piece, why));
        }
    }
}

impl Terms {
    fn of(calendar: &Calendar, now: Timestamp) -> Self {
        let ms = |seconds: u32| u64::from(seconds) * SECOND_MS;
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Self {
            grid: ms(calendar.grid_seconds),
            shortest: ms(calendar.minimum_seconds.unwrap_or(calendar.grid_seconds)),
            longest: ms(calendar.maximum_seconds),
            between: ms(calendar.before_seconds) + ms(calendar.after_seconds),
            first: Time::from_ms(now + ms(calendar.lead_seconds)),
            last: Time::from_ms(now + ms(calendar.horizon_seconds)),
        }
    }

    /// All of some time, and as little more as lies on the grid and is long enough; none where the opening has not so much.
    fn on_grid(&self, taken: Interval, opening: Interval) -> Option<Interval> {
        let begin = opening.from().as_ms();
        let from = (taken.from().as_ms() - begin) / self.grid * self.grid;
        let end = opening.milliseconds() / self.grid * self.grid;
        let to = ((taken.to().as_ms() - begin).div_ceil(self.grid) * self.grid).min(end);
        let to = to.max((from + self.shortest).min(end));
        let from = from.min(to.checked_sub(self.shortest)?);
        Interval::new(Time::from_ms(begin + from), Time::from_ms(begin + to))
    }

    /// What of a piece one may still ask for.
    fn still_to_come(&self, piece: Interval, opening: Interval) -> Option<Interval> {
        if self.first <= piece.from() {
            return Some(piece);
        }
        let into = self.first.as_ms().checked_sub(opening.from().as_ms())?;
        let from = Time::from_ms(opening.from().as_ms() + into.div_ceil(self.grid) * self.grid);
        Interval::new(from, piece.to()).filter(|left| self.shortest <= left.milliseconds())
    }

    /// A piece in as few as can be, of which none is too long.
    fn split(&self, piece: Interval) -> Vec<Interval> {
        let steps = piece.milliseconds() / self.grid;
        let parts = steps.div_ceil(self.longest / self.grid);
        let at = |part: u64| Time::from_ms(piece.from().as_ms() + steps * part / parts * self.grid);
        (0..parts).filter_map(|part| Interval::new(at(part), at(part + 1))).collect()
    }
}

/// In order, as one where less than so many milliseconds lies between.
fn joined(mut all: Vec<Interval>, between: u64) -> Vec<Interval> {
    all.sort_unstable();
    let mut joined = Vec::<Interval>::with_capacity(all.len());
    for next in all {
        match joined.last_mut() {
            Some(last) if next.from().as_ms() < last.to().as_ms() + between || next.from() <= last.to() => {
                *last = Interval::new(last.from(), last.to().max(next.to())).expect("it begins no later");
            }
            Some(_) | None => joined.push(next),
        }
    }
    joined
}

fn common(one: Interval, other: Interval) -> Option<Interval> {
    Interval::new(one.from().max(other.from()), one.to().min(other.to()))
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Interval, Pieces, Time, Timestamp};

    type Minutes = &'static [(u64, u64)];

    const MINUTE_MS: u64 = 60_000;

    fn interval((from, to): (u64, u64)) -> Interval {
        Interval::new(Time::from_ms(from * MINUTE_MS), Time::from_ms(to * MINUTE_MS)).expect("some time")
    }

    #[test]
    fn what_is_taken_is_booked_where_it_can_be() {
        const OPEN: &[(u64, u64)] = &[(480, 720), (800, 1_000)];
        let half_hours = r#"{"grid_seconds":1800,"maximum_seconds":7200}"#;
        let apart = r#"{"grid_seconds":1800,"maximum_seconds":3600,"after_seconds":600}"#;
        let hours = r#"{"grid_seconds":1800,"minimum_seconds":3600,"maximum_seconds":7200}"#;
        let near =
            r#"{"grid_seconds":1800,"maximum_seconds":7200,"lead_seconds":1800,"horizon_seconds":18000}"#;
        // What is taken, minute by minute, from the 400th on; what is booked, what lies too far ahead, and what is refused.
        let rows: [(&str, &str, Minutes, Minutes, usize, usize); 12] = [
            ("on the grid", half_hours, &[(510, 540)], &[(510, 540)], 0, 0),
            ("rounded to it", half_hours, &[(515, 541)], &[(510, 570)], 0, 0),
            ("counted from the opening", half_hours, &[(805, 810)], &[(800, 830)], 0, 0),
            ("not when it is closed", half_hours, &[(730, 790)], &[], 0, 0),
            ("over two openings", half_hours, &[(700, 810)], &[(690, 720), (800, 830)], 0, 0),
            ("up to the last that is on the grid", half_hours, &[(975, 1_000)], &[(950, 980)], 0, 0),
            ("in pieces, where it is long", half_hours, &[(480, 690)], &[(480, 570), (570, 690)], 0, 0),
            ("two that touch are one", half_hours, &[(480, 500), (490, 520)], &[(480, 540)], 0, 0),
            (
                "and so are those with less between than is kept free",
                apart,
                &[(480, 510), (515, 540)],
                &[(480, 540)],
                0,
                0,
            ),
            ("which may be too long", apart, &[(480, 540), (545, 600)], &[], 0, 1),
            ("longer where the shortest is", hours, &[(700, 710)], &[(660, 720)], 0, 0),
            ("between the lead and the horizon", near, &[(420, 560), (900, 910)], &[(480, 570)], 1, 0),
        ];
        for (what, said, taken, want, later, refused) in rows {
            let calendar: Calendar = serde_json::from_str(said).expect("a calendar");
            let now = Timestamp::from_millisecond(400 * 60_000).expect("a moment");
            let all = |each: &[(u64, u64)]| each.iter().copied().map(interval).collect::<Vec<_>>();
            let found = Pieces::of(&all(taken), &all(OPEN), &calendar, now);
            assert_eq!(
                (found.booked, found.later, found.refused.len()),
                (all(want), later, refused),
                "{what}"
            );
        }
    }
}

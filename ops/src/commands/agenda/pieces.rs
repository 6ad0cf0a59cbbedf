//! Times that are taken, as a calendar can book them: in its openings, on their grids, neither too short nor too long, and as one where
//! no more than what bookings keep free lies between.

use api::calendar::Calendar;
use api::time::Time;
use hours::Interval;

const SECOND_MS: u64 = 1_000;

/// A piece of what is taken: the same whenever the file is read, since it is cut by the lengths of the calendar, from where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) whole: Interval,
    pub(super) ask: Ask,
}

/// What of a piece one may ask for at a moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// As much as is still to come.
    For(Interval),
    /// Nothing any more: it has begun, or begins too soon.
    TooSoon,
    /// Nothing yet: it begins beyond the horizon.
    Later,
    /// Nothing ever, and why.
    Never(String),
}

/// The terms by which a calendar is booked, in milliseconds.
pub(super) struct Terms {
    grid: u64,
    shortest: u64,
    longest: u64,
    /// What lies free between two bookings, at least.
    between: u64,
    /// When a booking begins at the earliest, and at the latest.
    first: Time,
    last: Time,
}

/// Of what is taken, what this calendar can book in these openings, in order; what is over at a moment is left out.
pub(super) fn pieces(taken: &[Interval], openings: &[Interval], terms: &Terms, now: Time) -> Vec<Piece> {
    let taken = joined(taken.to_vec(), terms.between);
    let mut pieces = Vec::new();
    for opening in openings.iter().filter(|opening| now < opening.to()) {
        let first = taken.partition_point(|taken| taken.to() <= opening.from());
        let here = taken[first..].iter().map_while(|taken| taken.and(*opening));
        let here = here.filter_map(|taken| terms.on_grid(taken, *opening)).collect();
        let wholes = joined(here, terms.between).into_iter().flat_map(|run| terms.cut(run));
        let piece = |whole| Piece { whole, ask: terms.ask(whole, *opening) };
        pieces.extend(wholes.filter(|whole| now < whole.to()).map(piece));
    }
    pieces
}

impl Terms {
    /// Those of a calendar at a moment, of which what has begun is taken up to another.
    pub(super) fn of(calendar: &Calendar, now: Time, begun_until: Time) -> Self {
        let ms = |seconds: u32| u64::from(seconds) * SECOND_MS;
        let between = ms(calendar.before_seconds) + ms(calendar.after_seconds);
        let behind = if now < begun_until { begun_until.as_ms() + between } else { 0 };
        Self {
            grid: ms(calendar.grid_seconds),
            shortest: ms(calendar.minimum_seconds.unwrap_or(calendar.grid_seconds)),
            longest: ms(calendar.maximum_seconds),
            between,
            first: Time::from_ms(behind.max(now.as_ms() + ms(calendar.lead_seconds))),
            last: Time::from_ms(now.as_ms() + ms(calendar.horizon_seconds)),
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

    /// Time that is taken, in pieces from its beginning: each as long as can be, so that those behind it are long enough. Where
    /// something lies free between bookings it is one piece, however long.
    fn cut(&self, run: Interval) -> Vec<Interval> {
        if self.between != 0 {
            return vec![run];
        }
        let [steps, longest, shortest] =
            [run.milliseconds(), self.longest, self.shortest].map(|length| length / self.grid);
        let count = steps.div_ceil(longest);
        let least = if count * shortest <= steps { shortest } else { 0 };
        let at = |cut: u64| {
            let steps = (cut * longest).min(steps - (count - cut) * least);
            Time::from_ms(run.from().as_ms() + steps * self.grid)
        };
        (0..count).filter_map(|piece| Interval::new(at(piece), at(piece + 1))).collect()
    }

    fn ask(&self, whole: Interval, opening: Interval) -> Ask {
        if self.last < whole.from() {
            return Ask::Later;
        }
        if whole.milliseconds() < self.shortest {
            let shortest = self.shortest / SECOND_MS;
            return Ask::Never(format!("it is shorter than the {shortest} s that one books at least"));
        }
        let Some(left) = self.still_to_come(whole, opening) else { return Ask::TooSoon };
        if self.longest < left.milliseconds() {
            let longest = self.longest / SECOND_MS;
            return Ask::Never(format!(
                "it is longer than the {longest} s that one books at once, and bookings keep time free between them: \
                 raise maximum_seconds"
            ));
        }
        if self.last < left.from() { Ask::Later } else { Ask::For(left) }
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

#[cfg(test)]
mod tests {
    use super::{Ask, Calendar, Interval, Piece, Terms, Time, pieces};

    type Minutes = &'static [(u64, u64)];

    const MINUTE_MS: u64 = 60_000;
    const OPEN: Minutes = &[(480, 720), (800, 1_000)];

    fn minute(minute: u64) -> Time {
        Time::from_ms(minute * MINUTE_MS)
    }

    fn all(each: &[(u64, u64)]) -> Vec<Interval> {
        each.iter().map(|&(from, to)| Interval::new(minute(from), minute(to)).expect("some time")).collect()
    }

    fn of(said: &str, taken: &[(u64, u64)], open: &[(u64, u64)], now: u64, begun: u64) -> Vec<Piece> {
        let calendar: Calendar = serde_json::from_str(said).expect("a calendar");
        let terms = Terms::of(&calendar, minute(now), minute(begun));
        pieces(&all(taken), &all(open), &terms, minute(now))
    }

    fn booked(pieces: &[Piece]) -> Vec<Interval> {
        let left = |piece: &Piece| if let Ask::For(left) = &piece.ask { Some(*left) } else { None };
        pieces.iter().filter_map(left).collect()
    }

    /// How many cannot be asked for any more, not yet, and never.
    fn others(pieces: &[Piece]) -> [usize; 3] {
        let count = |is: fn(&Ask) -> bool| pieces.iter().filter(|piece| is(&piece.ask)).count();
        [
            count(|ask| *ask == Ask::TooSoon),
            count(|ask| *ask == Ask::Later),
            count(|ask| matches!(ask, Ask::Never(_))),
        ]
    }

    #[test]
    fn what_is_taken_is_booked_where_it_can_be() {
        let half_hours = r#"{"grid_seconds":1800,"maximum_seconds":7200}"#;
        let apart = r#"{"grid_seconds":1800,"maximum_seconds":3600,"after_seconds":600}"#;
        let hours = r#"{"grid_seconds":1800,"minimum_seconds":3600,"maximum_seconds":7200}"#;
        let whole = r#"{"grid_seconds":1800,"minimum_seconds":3600,"maximum_seconds":3600}"#;
        let near =
            r#"{"grid_seconds":1800,"maximum_seconds":7200,"lead_seconds":6000,"horizon_seconds":18000}"#;
        // What is taken, minute by minute, from the 400th on; what is booked, and what is too soon, too late, and refused.
        let rows: [(&str, &str, Minutes, Minutes, [usize; 3]); 16] = [
            ("on the grid", half_hours, &[(510, 540)], &[(510, 540)], [0, 0, 0]),
            ("rounded to it", half_hours, &[(515, 541)], &[(510, 570)], [0, 0, 0]),
            ("counted from the opening", half_hours, &[(805, 810)], &[(800, 830)], [0, 0, 0]),
            ("not when it is closed", half_hours, &[(730, 790)], &[], [0, 0, 0]),
            ("over two openings", half_hours, &[(700, 810)], &[(690, 720), (800, 830)], [0, 0, 0]),
            ("up to the last that is on the grid", half_hours, &[(975, 1_000)], &[(950, 980)], [0, 0, 0]),
            ("in pieces, where it is long", half_hours, &[(480, 690)], &[(480, 600), (600, 690)], [0, 0, 0]),
            ("two that touch are one", half_hours, &[(480, 500), (490, 520)], &[(480, 540)], [0, 0, 0]),
            ("as one with little between", apart, &[(480, 510), (515, 540)], &[(480, 540)], [0, 0, 0]),
            ("which may be too long", apart, &[(480, 540), (545, 600)], &[], [0, 0, 1]),
            ("longer where the shortest is", hours, &[(700, 710)], &[(660, 720)], [0, 0, 0]),
            ("and no piece is too short", hours, &[(480, 630)], &[(480, 570), (570, 630)], [0, 0, 0]),
            ("which is not always to be had", whole, &[(480, 570)], &[(480, 540)], [0, 0, 1]),
            ("between the lead and the horizon", near, &[(420, 560), (900, 910)], &[(510, 570)], [0, 1, 0]),
            ("what begins too soon", near, &[(480, 500), (700, 720)], &[(690, 720)], [1, 0, 0]),
            ("pieces beyond the horizon", near, &[(690, 1_000)], &[(690, 720)], [0, 2, 0]),
        ];
        for (what, said, taken, want, want_others) in rows {
            let found = of(said, taken, OPEN, 400, 0);
            assert_eq!((booked(&found), others(&found)), (all(want), want_others), "{what}");
        }
    }

    #[test]
    fn pieces_are_the_same_whenever_they_are_cut() {
        let kinds = [
            r#"{"grid_seconds":1800,"maximum_seconds":7200}"#,
            r#"{"grid_seconds":300,"minimum_seconds":1500,"maximum_seconds":1800,"lead_seconds":3600,"horizon_seconds":7200}"#,
            r#"{"grid_seconds":600,"maximum_seconds":86400,"before_seconds":600,"lead_seconds":600}"#,
        ];
        let taken: [Minutes; 3] = [&[(0, 5_000)], &[(490, 500), (520, 719), (810, 950)], &[(485, 1_003)]];
        for (said, taken) in kinds.into_iter().flat_map(|said| taken.map(|taken| (said, taken))) {
            let at_first = of(said, taken, OPEN, 0, 0);
            for now in 0..1_010 {
                let whole = |piece: &Piece| piece.whole;
                let want = at_first.iter().map(whole).filter(|whole| minute(now) < whole.to());
                let later = of(said, taken, OPEN, now, 0);
                assert!(later.iter().map(whole).eq(want), "{said} {taken:?} at {now}: {later:?}");
                let is_in = |piece: &Piece| match &piece.ask {
                    Ask::For(left) => piece.whole.from() <= left.from() && left.to() == piece.whole.to(),
                    Ask::TooSoon | Ask::Later | Ask::Never(_) => true,
                };
                assert!(later.iter().all(is_in), "{said} {taken:?} at {now}: {later:?}");
            }
        }
    }

    #[test]
    fn what_has_begun_goes_on_and_the_rest_is_booked_behind_it() {
        let plain = r#"{"grid_seconds":1800,"maximum_seconds":7200}"#;
        let apart = r#"{"grid_seconds":1800,"maximum_seconds":14400,"after_seconds":600}"#;
        for (said, begun, want, want_others) in [
            (plain, 0, &[(510, 600), (600, 690)][..], [0, 0, 0]),
            (plain, 540, &[(540, 600), (600, 690)], [0, 0, 0]),
            (plain, 690, &[], [2, 0, 0]),
            (apart, 540, &[(570, 690)], [0, 0, 0]),
        ] {
            let found = of(said, &[(480, 690)], OPEN, 490, begun);
            assert_eq!((booked(&found), others(&found)), (all(want), want_others), "{said}, up to {begun}");
        }
    }
}

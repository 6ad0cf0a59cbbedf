//! When calendars are open: hours as their organizers say them become moments, as far ahead as one may ask, and further day by day.
//!
//! A booking may begin at the horizon and last a month, so openings are known so far ahead, and another month, within which nobody depends
//! on who goes on with them. Whoever leads a calendar's group goes on once a day, each calendar at a time of day of its own, so that
//! thousands do not come at once.

use api::time::Time;
use booking::{
    ClosedDays, Command, Definition, EntityId, Fingerprint, HoursRule, Openings, OpeningsOf, Range, Request,
    RequestKey, SlotId, Timestamp, WeeklyHours,
};
use hours::{Document, Interval};

/// How long beyond the horizon openings are known, at least: a month, since what begins then may last as long. And how much longer when
/// they are made known: another month.
const LASTS_SECONDS: u32 = 31 * 86_400;
const AHEAD_SECONDS: u32 = 31 * 86_400;
pub(crate) const DAY_MS: u64 = 86_400_000;
/// Days by name, in the order of their bits.
pub(crate) const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/// When a calendar is open that is defined like this, as far ahead as a booking may reach that is asked for at this moment, and a month
/// more; what is over is left out.
pub(crate) fn openings(definition: &Definition, now: Timestamp) -> Option<Openings> {
    let hours = hours(definition)?;
    let until = known_until(definition, now)?;
    let each = hours.openings(time(definition.starts_at), time(until));
    let each = each.into_iter().filter(|opening| now.0 < opening.to().as_ms());
    Some(Openings { each: each.filter_map(ranged).collect(), until })
}

/// When more is to be made known of a calendar of which so much is: at its time of day, and not before a day of what is to be known is
/// missing. Never, where it ends before that.
pub(crate) fn next_extension(slot: SlotId, definition: &Definition, known: Timestamp) -> Option<Timestamp> {
    if definition.ends_at <= known {
        return None;
    }
    let ahead_ms = ahead_seconds(definition)? * 1_000;
    let missing_from = known.0.saturating_sub(ahead_ms).saturating_add(DAY_MS);
    let own = time_of_day_ms(slot);
    let day = missing_from.saturating_sub(own).div_ceil(DAY_MS);
    Some(Timestamp(day.saturating_mul(DAY_MS).saturating_add(own)))
}

/// The request by which what comes next is made known of a calendar, if that is due. Whoever asks for the same asks with the same key.
pub(crate) fn extension(
    slot: SlotId,
    definition: &Definition,
    known: Timestamp,
    now: Timestamp,
) -> Option<Request> {
    if now < next_extension(slot, definition, known)? {
        return None;
    }
    let own = time_of_day_ms(slot);
    let day = now.0.saturating_sub(own) / DAY_MS;
    let until = known_until(definition, Timestamp(day * DAY_MS + own))?;
    let window = Interval::new(time(known.max(definition.starts_at)), time(until))?;
    let hours = hours(definition)?;
    // The first that is known has a start of its own too.
    let each = if known <= definition.starts_at {
        hours.openings(window.from(), window.to())
    } else {
        hours.expand(window)
    };
    let each = each.into_iter().filter_map(ranged).collect();
    let more = OpeningsOf { basis: definition.openings_basis(), openings: Openings { each, until } };
    Some(Request {
        slot,
        key: RequestKey(u128::from(known.0) << 64 | u128::from(until.0)),
        fingerprint: Fingerprint(more.basis),
        command: Command::ExtendHours(Box::new(more)),
    })
}

/// Up to when it is to be known when a calendar is open.
fn known_until(definition: &Definition, now: Timestamp) -> Option<Timestamp> {
    let until = now.0.saturating_add(ahead_seconds(definition)? * 1_000);
    Some(Timestamp(until).min(definition.ends_at))
}

/// How long ahead of a moment openings are known that are made known then.
fn ahead_seconds(definition: &Definition) -> Option<u64> {
    let horizon = u64::from(definition.calendar()?.lengths.horizon_seconds);
    Some(horizon + u64::from(LASTS_SECONDS) + u64::from(AHEAD_SECONDS))
}

/// When in a day a calendar's turn comes: ids are hashes.
fn time_of_day_ms(slot: SlotId) -> u64 {
    u64::try_from(EntityId::from(slot).hash() % u128::from(DAY_MS)).expect("less than a day")
}

/// The hours of a calendar, which were read when they were said.
fn hours(definition: &Definition) -> Option<hours::Calendar> {
    hours::Calendar::read(&document(&definition.calendar()?.rule), "").ok()
}

/// The document that the rules keep.
pub(crate) fn document(rule: &HoursRule) -> Document {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let weekly = |hours: &WeeklyHours| hours::OpeningHours {
        days: DAYS.into_iter().filter(|day| hours.days & day_bit(day) != 0).map(str::to_owned).collect(),
        from: clock(hours.from_minute),
        to: clock(hours.to_minute),
    };
    let closed =
        |days: &ClosedDays| hours::ClosedDays { from: day_text(days.from_day), to: day_text(days.to_day) };
    let extra = |range: &Range| hours::ExtraHours { from: time(range.from()), to: time(range.to()) };
    Document {
        hours: rule.hours.as_ref().map(|hours| hours.iter().map(weekly).collect()),
        closed: rule.closed.iter().map(closed).collect(),
        extra: rule.extra.iter().map(extra).collect(),
        time_zone: Some(rule.time_zone.to_string()),
    }
}

/// The bit of a day of the week.
pub(crate) fn day_bit(day: &str) -> u8 {
    let place = DAYS.into_iter().position(|other| other == day).expect("days of the week were looked at");
    1 << place
}

fn day_text(day: u32) -> String {
    let text = Time::from_ms(u64::from(day) * DAY_MS).text();
    String::from_utf8_lossy(&text[..10]).into_owned()
}

fn ranged(interval: Interval) -> Option<Range> {
    Range::new(Timestamp(interval.from().as_ms()), Timestamp(interval.to().as_ms()))
}

const fn time(at: Timestamp) -> Time {
    Time::from_ms(at.0)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use booking::{
        CalendarPlaces, CalendarStock, ConfirmedBy, Lengths, Partition, Policy, Sale, Secret, Stock,
    };

    use super::*;

    const NOW: u64 = 20_000 * DAY_MS + 7;

    fn slot(hash: u128) -> SlotId {
        SlotId { partition: Partition::new(0).expect("the first"), hash }
    }

    /// Half an hour to two, up to so many days ahead.
    pub(crate) fn lengths(horizon_days: u32) -> Lengths {
        Lengths {
            grid_seconds: 1_800,
            minimum_seconds: 1_800,
            maximum_seconds: 7_200,
            before_seconds: 0,
            after_seconds: 0,
            lead_seconds: 0,
            horizon_seconds: horizon_days * 86_400,
        }
    }

    /// Always open, for so many days, with a horizon of a hundred.
    fn definition(days: u64) -> Definition {
        let lengths = lengths(100);
        let rule = HoursRule { time_zone: "UTC".into(), ..HoursRule::default() };
        let stock = CalendarStock { places: CalendarPlaces::Count(1), lengths, rule };
        Definition {
            organizer: "club".into(),
            placement: None,
            title: "courts".into(),
            starts_at: Timestamp(NOW),
            ends_at: Timestamp(NOW + days * DAY_MS),
            sale: Sale { opens_at: None, closes_at: None },
            stock: Stock::Calendar(Arc::new(stock)),
            policy: Policy {
                confirmed_by: ConfirmedBy::Customer,
                hold_seconds: 600,
                hold_seconds_max: 1_800,
                customer_limit: None,
                cancel_until_seconds: 0,
                waitlist: None,
                on_account: None,
            },
            tariff: None,
            secret: Secret([7; 16]),
        }
    }

    #[test]
    fn a_turn_comes_when_a_day_is_missing_at_a_time_of_day_that_is_the_calendars_own() {
        let ahead = 162 * DAY_MS;
        let midnight = 20_000 * DAY_MS;
        // A calendar by its time of day; when what is known of it was made known; when its turn comes.
        for (own, made, turn) in [
            (0, midnight, midnight + DAY_MS),
            (0, midnight + 1, midnight + 2 * DAY_MS),
            (0, midnight - 1, midnight + DAY_MS),
            (5, midnight, midnight + DAY_MS + 5),
            (5, midnight + 5, midnight + DAY_MS + 5),
            (5, midnight + 6, midnight + 2 * DAY_MS + 5),
            (DAY_MS - 1, midnight, midnight + 2 * DAY_MS - 1),
        ] {
            let next = |definition: &Definition| {
                next_extension(slot(own.into()), definition, Timestamp(made + ahead)).map(|at| at.0)
            };
            assert_eq!(next(&definition(1_000)), Some(turn), "{own} {made}");
            // Known up to its very end, or not to the last millisecond.
            let ends_at = |at: u64| Definition { ends_at: Timestamp(at), ..definition(1_000) };
            assert_eq!(next(&ends_at(made + ahead)), None);
            assert_eq!(next(&ends_at(made + ahead + 1)), Some(turn));
        }
    }

    #[test]
    fn what_is_asked_for_in_a_turn_is_missing_a_day_later_and_not_before() {
        let (one, definition) = (slot(12_345), definition(1_000));
        let mut known = openings(&definition, Timestamp(NOW)).expect("it can be read").until;
        assert_eq!(known, Timestamp(NOW + 162 * DAY_MS));
        let mut turn = next_extension(one, &definition, known).expect("it goes on");
        for _day in 0..40 {
            assert_eq!(extension(one, &definition, known, Timestamp(turn.0 - 1)), None);
            let asked = extension(one, &definition, known, turn).expect("it is due");
            let Command::ExtendHours(more) = asked.command else { panic!("it goes on with hours") };
            assert_eq!(more.openings.each, [Range::new(known, more.openings.until).expect("some time")]);
            assert!(known < more.openings.until);
            known = more.openings.until;
            let next = next_extension(one, &definition, known).expect("it goes on");
            assert_eq!(next.0 - turn.0, DAY_MS);
            turn = next;
        }
    }

    #[test]
    fn the_first_opening_has_its_own_start_also_where_it_is_known_late() {
        let (midnight, minute) = (20_300 * DAY_MS, 60_000);
        let mut definition = definition(1_000);
        definition.starts_at = Timestamp(midnight + 607 * minute);
        let Stock::Calendar(stock) = &mut definition.stock else { unreachable!("it is a calendar") };
        let hours = WeeklyHours { days: 0x7f, from_minute: 500, to_minute: 720 };
        Arc::make_mut(stock).rule.hours = Some(vec![hours]);
        let Openings { each, until } = openings(&definition, Timestamp(NOW)).expect("it can be read");
        assert!(each.is_empty() && until < definition.starts_at, "it begins later than one may ask");
        let days = (0..1_000).map(|day| Timestamp(NOW + day * DAY_MS));
        let asked = days.into_iter().find_map(|now| extension(slot(1), &definition, until, now));
        let Some(Request { command: Command::ExtendHours(more), .. }) = asked else {
            panic!("its day comes: {asked:?}")
        };
        let first = more.openings.each.first().copied();
        let whole = Range::new(Timestamp(midnight + 500 * minute), Timestamp(midnight + 720 * minute));
        assert_eq!(first, whole);
    }

    #[test]
    fn thousands_that_were_made_together_have_their_turns_all_day() {
        let definition = definition(1_000);
        let known = openings(&definition, Timestamp(NOW)).expect("it can be read").until;
        let mut hours = [0; 24];
        for nth in 1..=2_400_u128 {
            // Ids are hashes.
            let turn = next_extension(slot(nth.wrapping_mul(u128::MAX / 7_919)), &definition, known)
                .expect("it goes on");
            hours[usize::try_from(turn.0 % DAY_MS / 3_600_000).expect("an hour")] += 1;
        }
        assert!(hours.iter().all(|hour| (50..=150).contains(hour)), "{hours:?}");
    }
}

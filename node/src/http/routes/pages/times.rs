//! Moments as people read them: by the clocks of the place, where that is known, and otherwise of UTC, which is named.

use api::inventory::Inventory;
use api::slot::Slot;
use api::time::Time;
use hours::{WallTime, wall_time};
use maud::{Markup, html};

use super::words::Language;

/// Where nothing else is known.
const UTC: &str = "UTC";

/// The zone of the place where a slot is.
pub(super) fn zone(slot: &Slot) -> &str {
    match &slot.inventory {
        Inventory::Calendar(calendar) => &calendar.time_zone,
        Inventory::Units(_) | Inventory::Seats(_) => UTC,
    }
}

/// A moment by the clocks of a zone.
pub(super) fn moment(at: Time, zone: &str, language: Language) -> Markup {
    html! { time datetime=(at) { (text(at, zone, language)) } }
}

fn text(at: Time, zone: &str, language: Language) -> String {
    let (wall, zone) = match wall_time(at, zone) {
        Some(wall) => (Some(wall), zone),
        None => (wall_time(at, UTC), UTC),
    };
    let Some(WallTime { year, month, day, hour, minute }) = wall else { return at.to_string() };
    let month = language.words().months[usize::from(month).saturating_sub(1) % 12];
    match language {
        Language::English => format!("{day} {month} {year}, {hour:02}:{minute:02} ({zone})"),
        Language::German => format!("{day}. {month} {year}, {hour:02}:{minute:02} ({zone})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_by_the_clocks_of_the_place() {
        for (at, zone, language, want) in [
            ("2030-01-10T07:00:00Z", "UTC", Language::English, "10 January 2030, 07:00 (UTC)"),
            (
                "2030-07-10T07:05:00Z",
                "Europe/Berlin",
                Language::German,
                "10. Juli 2030, 09:05 (Europe/Berlin)",
            ),
            ("2030-12-31T23:30:00Z", "Nowhere", Language::English, "31 December 2030, 23:30 (UTC)"),
        ] {
            assert_eq!(text(at.parse().expect("a time"), zone, language), want);
        }
    }
}

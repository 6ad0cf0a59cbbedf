//! Looks at the map: a whole one shows every seat as it was at its seq, and one that was brought up to date by what changed is
//! the same as a new one.

use std::collections::{BTreeMap, BTreeSet};

use super::hall::Hall;
use crate::house::Look;
use crate::house::words::{MapChange, MapView};

/// The map at the seqs that somebody looked at.
#[derive(Default)]
pub(super) struct Album {
    wanted: BTreeSet<u64>,
    pages: BTreeMap<u64, Page>,
}

struct Page {
    letters: Vec<u8>,
    rows: BTreeMap<String, String>,
    areas: BTreeMap<String, u64>,
}

impl Album {
    pub(super) fn of(looks: &[Look]) -> Self {
        let seqs = looks.iter().flat_map(|look| match look {
            Look::Whole(view) => vec![view.seq],
            Look::Change(change) => vec![change.after, change.seq],
            Look::Unreadable(_) => Vec::new(),
        });
        Self { wanted: seqs.collect(), pages: BTreeMap::new() }
    }

    /// Keeps what the map looks like at a seq, if somebody looked then.
    pub(super) fn keep(&mut self, seq: u64, hall: &Hall<'_>) {
        if !self.wanted.contains(&seq) {
            return;
        }
        let (floor, is_cancelled) = (&hall.floor, hall.model.is_cancelled());
        let mut letters = floor.letters();
        if is_cancelled {
            // Nothing is for sale any more.
            letters.fill(b't');
        }
        let run = |run: &std::ops::Range<usize>| String::from_utf8_lossy(&letters[run.clone()]).into_owned();
        let rows = floor.plan.rows.iter().map(|row| {
            let runs: Vec<String> = floor.plan.runs[row.runs.clone()].iter().map(run).collect();
            (row.name.clone(), runs.join(" "))
        });
        let areas = floor.plan.areas.iter().enumerate();
        let free = |place| if is_cancelled { 0 } else { floor.area_free(place) };
        let areas = areas.map(|(place, area)| (area.key.clone(), free(place))).collect();
        let page = Page { rows: rows.collect(), areas, letters };
        self.pages.insert(seq, page);
    }

    /// What is wrong with a look.
    pub(super) fn fault(&self, look: &Look) -> Option<String> {
        match look {
            Look::Whole(view) => self.judge_view(view),
            Look::Change(change) => self.judge_change(change),
            Look::Unreadable(why) => Some(format!("a look at the map was answered with {why}")),
        }
    }

    fn judge_view(&self, view: &MapView) -> Option<String> {
        let Some(page) = self.pages.get(&view.seq) else {
            return Some(format!("the map was shown at seq {}, which the feed does not have", view.seq));
        };
        let other = page.rows.iter().find(|(name, row)| view.rows.get(*name) != Some(row));
        if let Some((name, row)) = other {
            let shown = view.rows.get(name);
            return Some(format!(
                "at seq {} the map shows {shown:?} in {name}, where {row} is true",
                view.seq
            ));
        }
        if view.rows.len() != page.rows.len() {
            return Some(format!("at seq {} the map shows rows that it does not have", view.seq));
        }
        let areas: BTreeMap<String, u64> =
            view.areas.iter().map(|(key, area)| (key.clone(), area.free)).collect();
        (areas != page.areas).then(|| {
            format!("at seq {} the map shows {areas:?} in areas, where {:?} are true", view.seq, page.areas)
        })
    }

    fn judge_change(&self, change: &MapChange) -> Option<String> {
        let MapChange { after, seq, runs, areas } = change;
        let (Some(former), Some(page)) = (self.pages.get(after), self.pages.get(seq)) else {
            return Some(format!("a change from seq {after} to {seq}, one of which the feed does not have"));
        };
        let mut letters = former.letters.clone();
        for (first, count, letter) in runs {
            let Some(seats) = letters.get_mut(*first..first.saturating_add(*count)) else {
                return Some(format!(
                    "a change from seq {after} to {seq} names seats beyond the map: {first}"
                ));
            };
            seats.fill(u8::try_from(*letter).unwrap_or(b'?'));
        }
        if let Some(seat) = (0..letters.len()).find(|seat| letters[*seat] != page.letters[*seat]) {
            let (told, is) = (char::from(letters[seat]), char::from(page.letters[seat]));
            return Some(format!(
                "the changes from seq {after} to {seq} make seat {seat} {told}, and it is {is}"
            ));
        }
        let mut free = former.areas.clone();
        free.extend(areas.clone());
        (free != page.areas).then(|| {
            format!("the changes from seq {after} to {seq} leave {free:?} in areas, and {:?} are", page.areas)
        })
    }
}

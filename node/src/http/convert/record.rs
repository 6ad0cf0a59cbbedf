//! Records of a feed.

use api::feed::SeatsSold;
use booking::{SaleRun, SeatSale, Told};

use super::booking::recorded;
use super::slot::counts;
use super::time::time;
use crate::http::response::maps::Maps;
use crate::ids;

/// One step of the feed of a slot of this organizer.
pub(crate) fn record(record: booking::Record, organizer: &str, maps: &Maps) -> api::feed::Record {
    use api::feed::Kind;
    let seq = record.seq.0;
    let (seats, map) = match record.told.as_deref() {
        Some(Told::Sale { map, runs }) => {
            let kept_for = record.house.as_ref().map(|house| &house.allotments[..]).unwrap_or_default();
            (Some(sold(runs, kept_for, maps.get(*map))), None)
        }
        Some(Told::Map(map)) => {
            let id = booking::SeatmapId { organizer: ids::organizer(organizer), content: *map };
            (None, Some(ids::seatmap_text(id)))
        }
        None => (None, None),
    };
    api::feed::Record {
        seq,
        at: time(record.at),
        kind: match record.kind {
            booking::Kind::SlotCreated => Kind::SlotCreated,
            booking::Kind::SlotChanged => Kind::SlotChanged,
            booking::Kind::SlotCancelled => Kind::SlotCancelled,
            booking::Kind::Booked => Kind::Booked,
            booking::Kind::Confirmed => Kind::Confirmed,
            booking::Kind::Extended => Kind::Extended,
            booking::Kind::Accepted => Kind::Accepted,
            booking::Kind::Declined => Kind::Declined,
            booking::Kind::Cancelled => Kind::Cancelled,
            booking::Kind::Lapsed => Kind::Lapsed,
            booking::Kind::Finished => Kind::Finished,
            booking::Kind::QuantityChanged => Kind::QuantityChanged,
            booking::Kind::Reseated => Kind::Reseated,
            booking::Kind::SeatsChanged => Kind::SeatsChanged,
            booking::Kind::Moved => Kind::Moved,
        },
        bookings: record.bookings.into_iter().map(|booking| recorded(booking, seq, maps)).collect(),
        counts: counts(record.counts, record.house.as_deref(), record.calendar.as_deref(), maps),
        seats,
        map,
    }
}

/// Seats that are sold otherwise, spelled out.
fn sold(
    runs: &[SaleRun],
    kept_for: &[(Box<str>, booking::AllotmentCounts)],
    seatmap: &seatmap::Seatmap,
) -> SeatsSold {
    let (mut sold, mut reader) = (SeatsSold::default(), seatmap.reader());
    for run in runs {
        let names = (run.first.0..run.first.0 + run.length).map(|seat| reader.name_of(seat));
        match run.sale {
            SeatSale::Blocked => sold.blocked.extend(names),
            SeatSale::Open => sold.opened.extend(names),
            SeatSale::Allotted(allotment) => {
                let (name, _) = &kept_for[usize::from(allotment.0)];
                sold.allotted.entry(name.to_string()).or_default().extend(names);
            }
        }
    }
    sold
}

//! What is whoever asks' own, over all slots.

use std::cmp::Reverse;
use std::sync::Arc;

use api::booking::{Booking, Status};
use api::list::List;
use axum::extract::State;
use axum::response::Response;
use booking::{BookingView, Seq, SlotId, Timestamp};
use futures::future::try_join_all;
use storage::GroupId;

use super::bookings::{page_of, status_of};
use super::everywhere;
use super::page::{self, Page};
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::Call;
use crate::http::response::maps::{each_once, of_booking};
use crate::http::response::problem::ProblemResponse;
use crate::ids;
use crate::router::Unrouted;
use crate::saved::archive;

/// Where other nodes ask for the page of one group.
pub(super) const OF_GROUP: &str = "/peer/v1/me/bookings";
/// In how many slots one customer's bookings are looked for. Whoever has booked in more may name an organizer.
const SLOTS_MAX: usize = 1_024;
/// Bookings that are read of a slot at once.
const READ_AT_ONCE: usize = 200;

/// Where in the list a booking stands: the newest first.
type Place = (Reverse<u64>, String);

/// A booking that was found.
struct Found {
    place: Place,
    booking: BookingView,
    seq: Seq,
    at: Timestamp,
    organizer: Box<str>,
}

/// Lists a customer's own bookings over all slots, the newest first.
#[utoipa::path(
    get, path = "/v1/me/bookings", operation_id = "listOwnBookings", tag = "bookings",
    security(("token" = [])),
    params(
        ("status" = Option<Status>, Query, description = "only bookings with this status"),
        ("organizer" = Option<String>, Query, description = "only those of this organizer's slots"),
    ),
    responses((status = 200, description = "a page: nothing is missing that was acknowledged before", body = List<Booking>))
)]
pub(crate) async fn bookings(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    let asked = Asked::of(&call)?;
    let page = if everywhere::is_asked(&app) {
        // Boxed: rare, and large.
        Box::pin(page_of_all(&app, &call, &asked)).await?
    } else {
        page(&app, &call, &asked, None).await?
    };
    Ok(page::response(&call, &page))
}

/// The same of one group of which this node has a replica.
pub(crate) async fn of_group(State(app): State<Arc<App>>, call: Call) -> Result<Response, ProblemResponse> {
    let (asked, group) = call.all((Asked::of(&call), everywhere::group(&call)))?;
    let page = page(&app, &call, &asked, Some(group)).await?;
    Ok(page::response(&call, &page))
}

/// Which bookings are asked for.
struct Asked {
    wanted: archive::List,
    organizer: Option<String>,
    after: Option<Place>,
    limit: usize,
}

impl Asked {
    fn of(call: &Call) -> Result<Self, ProblemResponse> {
        let caller = App::customer(call);
        let page = Page::of(call);
        let after = page.as_ref().ok().and_then(|page| page.after.as_deref()).map(place).transpose();
        let (caller, page, after, status) = call.all((caller, page, after, status_of(call)))?;
        let wanted = archive::List {
            customer: Some(caller.subject().to_owned()),
            status,
            reference: None,
            after: None,
            limit: READ_AT_ONCE,
        };
        Ok(Self { wanted, organizer: call.query("organizer"), after, limit: page.limit })
    }
}

/// A page of what there is here, in one group or in all.
async fn page(
    app: &App,
    call: &Call,
    asked: &Asked,
    group: Option<GroupId>,
) -> Result<List<Booking>, ProblemResponse> {
    let find = Box::pin(find(app, &asked.wanted, asked.organizer.as_deref(), group));
    let mut found = app.within(call, find).await?;
    found.sort_by(|one, other| one.place.cmp(&other.place));
    let mut rest =
        found.into_iter().skip_while(|found| asked.after.as_ref().is_some_and(|after| found.place <= *after));
    let found: Vec<Found> = rest.by_ref().take(asked.limit).collect();
    let next = rest.next().and_then(|_more| found.last()).map(|last| cursor(&last.place));
    let mut items = Vec::with_capacity(found.len());
    for Found { booking, seq, at, organizer, .. } in found {
        let maps = app.maps(&call.limit(), &organizer, each_once(of_booking(&booking).into_iter())).await?;
        items.push(convert::booking(booking, seq.0, at, &maps));
    }
    Ok(List { items, next })
}

/// A page of what all groups have, of which some are elsewhere.
async fn page_of_all(app: &App, call: &Call, asked: &Asked) -> Result<List<Booking>, ProblemResponse> {
    let query = call.head.uri.query().unwrap_or_default();
    let pages = everywhere::groups(app).map(async |(group, is_here)| {
        if is_here {
            page(app, call, asked, Some(group)).await
        } else {
            everywhere::page(app, call, (OF_GROUP, query), group).await
        }
    });
    Ok(together(try_join_all(pages).await?, asked.limit))
}

/// One page of what each group has for it.
fn together(pages: Vec<List<Booking>>, limit: usize) -> List<Booking> {
    let has_more = pages.iter().any(|page| page.next.is_some());
    let placed = |booking: &Booking| (Reverse(booking.created_at.as_ms()), booking.id.clone());
    let mut items: Vec<_> = pages.into_iter().flat_map(|page| page.items).collect();
    items.sort_by_cached_key(placed);
    // Whichever group has more has told of as many as fit.
    let has_more = has_more || limit < items.len();
    items.truncate(limit);
    let next = items.last().filter(|_last| has_more).map(|last| cursor(&placed(last)));
    List { items, next }
}

/// All that is wanted, in no order. Each slot is asked behind what it was handed, and whoever books there is served in between.
async fn find(
    app: &App,
    wanted: &archive::List,
    organizer: Option<&str>,
    group: Option<GroupId>,
) -> Result<Vec<Found>, Unrouted> {
    let slots = app.router.slots_of(wanted.customer.as_deref().unwrap_or_default(), group).await?;
    let mut found = Vec::new();
    let mut looked = 0;
    for slot in slots {
        // What is no slot after all, nobody has booked.
        let Some(local) = app.router.shards().read_local(slot)? else { continue };
        let owner = &local.view.definition.organizer;
        if organizer.is_some_and(|organizer| *organizer != **owner) {
            continue;
        }
        looked += 1;
        if SLOTS_MAX < looked {
            return Err(Unrouted::Overloaded);
        }
        of_slot(app, slot, wanted, owner, &mut found).await?;
    }
    Ok(found)
}

/// All that is wanted of one slot.
async fn of_slot(
    app: &App,
    slot: SlotId,
    wanted: &archive::List,
    organizer: &str,
    found: &mut Vec<Found>,
) -> Result<(), Unrouted> {
    let read = app.router.caught_up(slot)?;
    let mut wanted = wanted.clone();
    loop {
        let Some((bookings, next)) = page_of(&read, wanted.clone(), || app.now()).await? else {
            return Ok(());
        };
        found.extend(bookings.into_iter().map(|(booking, seq, at)| {
            let place = (Reverse(booking.created_at.0), ids::booking_text(booking.id));
            Found { place, booking, seq, at, organizer: organizer.into() }
        }));
        if next.is_none() {
            return Ok(());
        }
        wanted.after = next;
    }
}

fn cursor((Reverse(created_ms), id): &Place) -> String {
    page::cursor(&[created_ms.to_be_bytes().as_slice(), id.as_bytes()].concat())
}

/// The place behind which a page begins.
fn place(text: &str) -> Result<Place, ProblemResponse> {
    let read = || {
        let bytes = page::cursor_bytes(text)?;
        let (created_ms, id) = bytes.split_first_chunk()?;
        Some((Reverse(u64::from_be_bytes(*created_ms)), String::from_utf8(id.to_vec()).ok()?))
    };
    read().ok_or_else(|| ProblemResponse::parameter("after", "must be the next of an earlier page"))
}

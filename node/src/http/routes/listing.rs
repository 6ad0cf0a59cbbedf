//! A page of the list of slots, wherever they are: in the order of their ids, complete or refused.

use std::sync::Arc;

use api::list::List;
use api::slot::{Slot, Status};
use axum::extract::State;
use axum::response::Response;
use booking::SlotId;
use futures::future::try_join_all;
use storage::GroupId;

use super::by_map::maps_of;
use super::everywhere;
use super::page::{self, Page, cursor, cursor_bytes};
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{Call, PublicCall};
use crate::http::response::problem::ProblemResponse;
use crate::ids;
use crate::router::Unrouted;
use crate::router::query::{Bounds, LOOKS};
use crate::views::listing::Wanted;

/// Where other nodes ask for the page of one group.
pub(super) const OF_GROUP: &str = "/peer/v1/slots";

/// What there is for a page.
struct Found<T = Slot> {
    slots: Vec<(SlotId, T)>,
    /// Behind which slot there is more; none where this is all.
    next: Option<SlotId>,
}

/// The page of one group of which this node has a replica.
pub(crate) async fn of_group(
    State(app): State<Arc<App>>,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let (asked, group) = call.all((Asked::of(&call), everywhere::group(&call)))?;
    let found = find(&app, &call, &asked, Some(group)).await?;
    Ok(page::response(&call, &found.page()))
}

/// Which slots are asked for.
pub(super) struct Asked {
    pub(super) organizer: Option<String>,
    pub(super) status: Option<Status>,
    pub(super) after: Option<SlotId>,
    pub(super) limit: usize,
}

impl Asked {
    /// As a program asks.
    pub(super) fn of(call: &Call) -> Result<Self, ProblemResponse> {
        let page = Page::of(call);
        let after = page.as_ref().ok().and_then(|page| page.after.as_deref()).map(cursor_of).transpose();
        let status = wanted_status(call);
        let (page, after, status) = call.all((page, after, status))?;
        Ok(Self { organizer: call.query("organizer"), status, after, limit: page.limit })
    }

    /// The same as a query.
    fn query(&self) -> String {
        let Self { organizer, status, after, limit } = self;
        let said = [
            ("organizer", organizer.clone()),
            ("status", status.map(page::spelled)),
            ("after", after.map(|after| cursor(&after.to_bytes()))),
            ("limit", Some(limit.to_string())),
        ];
        let said = said.into_iter().filter_map(|(name, value)| Some((name, value?)));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish()
    }
}

/// The slot behind which a page begins.
pub(super) fn cursor_of(text: &str) -> Result<SlotId, ProblemResponse> {
    cursor_bytes(text)
        .and_then(|bytes| bytes.try_into().ok())
        .and_then(SlotId::from_bytes)
        .ok_or_else(|| ProblemResponse::parameter("after", "must be the next of an earlier page"))
}

fn wanted_status(call: &Call) -> Result<Option<Status>, ProblemResponse> {
    let Some(word) = call.query("status") else { return Ok(None) };
    page::word(&word).map(Some).ok_or_else(|| {
        ProblemResponse::parameter(
            "status",
            "must be scheduled, on_sale, closed, finished, cancelled or faulted",
        )
    })
}

/// A page of all slots that are wanted.
pub(super) async fn listed(app: &App, call: &Call, asked: &Asked) -> Result<List<Slot>, ProblemResponse> {
    let found = if everywhere::is_asked(app) {
        // Boxed: rare, and large.
        Box::pin(find_everywhere(app, call, asked)).await?
    } else {
        find(app, call, asked, None).await?
    };
    Ok(found.page())
}

/// What this node has of what is asked for, in one group or in all.
async fn find(
    app: &App,
    call: &Call,
    asked: &Asked,
    group: Option<GroupId>,
) -> Result<Found, ProblemResponse> {
    let Asked { organizer, status, after, limit } = asked;
    let wanted = Wanted { organizer: organizer.clone(), stand: status.map(convert::stand_wanted) };
    let bounds = Bounds { after: *after, limit: *limit, looks: LOOKS, group };
    let page = app.within(call, app.router.query(&wanted, bounds, || app.now())).await?;
    let mut slots = Vec::with_capacity(page.slots.len());
    for local in &page.slots {
        // One after the other: no more than one house is in memory for this page, beside those that are kept there anyway.
        let maps = maps_of(app, call, local).await?;
        slots.push((local.view.id, convert::slot(local, page.at, &maps)));
    }
    Ok(Found { slots, next: page.next })
}

/// What each group has of what is asked for.
async fn find_everywhere(app: &App, call: &Call, asked: &Asked) -> Result<Found, ProblemResponse> {
    let query = asked.query();
    let found = everywhere::groups(app).map(async |(group, is_here)| {
        if is_here {
            find(app, call, asked, Some(group)).await
        } else {
            find_elsewhere(app, call, &query, group).await
        }
    });
    Ok(together(try_join_all(found).await?, asked.limit))
}

async fn find_elsewhere(
    app: &App,
    call: &Call,
    query: &str,
    group: GroupId,
) -> Result<Found, ProblemResponse> {
    let List { items, next } = everywhere::page::<Slot>(app, call, (OF_GROUP, query), group).await?;
    let named = |slot: Slot| Some((ids::slot_id(&slot.id)?, slot));
    let slots: Option<_> = items.into_iter().map(named).collect();
    let next = next.map(|next| cursor_of(&next)).transpose()?;
    Ok(Found { slots: slots.ok_or(Unrouted::NoLeader)?, next })
}

/// One page of what all groups have, in the order of ids.
fn together<T>(found: Vec<Found<T>>, limit: usize) -> Found<T> {
    // Behind where the first group that has more ends, something may be missing.
    let upto = found.iter().filter_map(|found| found.next).min();
    let mut slots: Vec<_> = found.into_iter().flat_map(|found| found.slots).collect();
    slots.retain(|(slot, _shown)| upto.is_none_or(|upto| *slot <= upto));
    slots.sort_unstable_by_key(|(slot, _shown)| *slot);
    if slots.len() <= limit {
        return Found { slots, next: upto };
    }
    slots.truncate(limit);
    let next = slots.last().map(|(slot, _shown)| *slot);
    Found { slots, next }
}

impl Found {
    fn page(self) -> List<Slot> {
        let next = self.next.map(|last| cursor(&last.to_bytes()));
        List { items: self.slots.into_iter().map(|(_slot, shown)| shown).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use booking::Partition;

    use super::*;

    #[test]
    fn what_groups_have_is_one_page_up_to_where_the_first_of_them_ends() {
        let id = |number: u16| SlotId { partition: Partition::new(number).expect("one"), hash: 0 };
        let found = |numbers: &[u16], next: Option<u16>| Found {
            slots: numbers.iter().map(|number| (id(*number), ())).collect(),
            next: next.map(id),
        };
        for (groups, limit, want, next) in [
            (vec![(&[1, 4][..], None), (&[2, 3], None)], 4, &[1, 2, 3, 4][..], None),
            (vec![(&[1, 4], None), (&[2, 3], None)], 3, &[1, 2, 3], Some(3)),
            (vec![(&[1, 4], None), (&[2, 3], Some(3))], 4, &[1, 2, 3], Some(3)),
            (vec![(&[1, 4], Some(5)), (&[], Some(2))], 4, &[1], Some(2)),
            (vec![(&[], Some(9)), (&[], None)], 4, &[], Some(9)),
            (vec![], 4, &[], None),
        ] {
            let all = groups.iter().map(|(numbers, next)| found(numbers, *next)).collect();
            let page = together(all, limit);
            let slots: Vec<_> = page.slots.iter().map(|(slot, ())| *slot).collect();
            assert_eq!(slots, want.iter().copied().map(id).collect::<Vec<_>>(), "{groups:?} {limit}");
            assert_eq!(page.next, next.map(id), "{groups:?} {limit}");
        }
    }
}

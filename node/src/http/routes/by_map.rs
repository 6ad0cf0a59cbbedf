//! Requests that name what a slot has. Of seats, names become numbers by the map by which the slot is sold, as this node knows it; of
//! products, they are looked for among those that are sold. Where the rules say that it is sold by another map by now, or as something
//! else, nothing was done, and the door looks again; and where a name leads nowhere, it looks behind the log before it says so.

use api::problem::Code;
use booking::{Command, Decision, Outcome, Request, RequestKey, Slot, View};

use crate::http::app::App;
use crate::http::convert::seats::House;
use crate::http::convert::{self, Seen};
use crate::http::request::call::{Call, Shape};
use crate::http::request::head::Head;
use crate::http::response::maps::{Maps, needed_by, of_slot};
use crate::http::response::problem::ProblemResponse;
use crate::permits::Lane;
use crate::router::LocalView;
use crate::saved::archive::Wanted;

/// How often a request is made anew, where its slot is sold by another map each time, or is open at other hours.
const LOOKS_MAX: usize = 16;

/// Asks a slot for something by name, and gives the answer with the maps by which it is read.
pub(crate) async fn ask_by_map<H: Head>(
    app: &App,
    call: &Call<H>,
    (mut local, lane): (LocalView, Lane),
    command: impl Fn(Result<Seen<'_>, ProblemResponse>) -> Result<(RequestKey, Command), ProblemResponse>,
) -> Result<(Outcome, Maps), ProblemResponse> {
    let limit = call.limit();
    for _ in 0..LOOKS_MAX {
        let maps = maps_of(app, call, &local).await;
        let seen = maps.as_ref().map_err(Clone::clone).map(|maps| seen(&local, maps));
        let (key, command) = match command(seen) {
            Ok(numbered) => numbered,
            // Boxed, as whatever is rare here: every request that waits would carry room for it.
            Err(problem) => match Box::pin(look_behind_the_log(app, call, &local, problem)).await? {
                Found::Answered(first, maps) => return Ok((first, maps)),
                Found::News(now) => {
                    local = now;
                    continue;
                }
            },
        };
        let request =
            Request { slot: local.view.id, key, fingerprint: call.fingerprint(Shape::Json), command };
        let outcome = app.ask(&limit, &app.router.prepare(request), lane).await?;
        if outcome.decision != Decision::AnotherMap {
            let organizer = &local.view.definition.organizer;
            // What is explained is numbered as the request was, and so is nearly every answer.
            let has_all = |maps: &Maps| needed_by(&outcome).iter().all(|map| maps.find(*map).is_some());
            let asked_by = maps.ok().filter(has_all);
            let maps = match asked_by {
                Some(maps) => maps,
                None => Box::pin(app.maps_of(&limit, organizer, &outcome)).await?,
            };
            return Ok((outcome, maps));
        }
        let now = Box::pin(app.within(call, app.router.find_linearizable(local.view.id))).await?;
        local = now.ok_or_else(ProblemResponse::no_slot)?;
    }
    Err(ProblemResponse::sold_by_another_map())
}

/// What is found behind everything that is committed of a request that could not be numbered.
enum Found {
    /// The first answer to it.
    Answered(Outcome, Maps),
    /// The slot, of which this node knew too little.
    News(LocalView),
}

/// Looks for a request that cannot be numbered behind everything that is committed. What was answered is answered again, whatever has
/// become of the names since; and what is called something now may be new to this node. Otherwise the problem is what it seemed.
async fn look_behind_the_log<H: Head>(
    app: &App,
    call: &Call<H>,
    local: &LocalView,
    problem: ProblemResponse,
) -> Result<Found, ProblemResponse> {
    let (Ok(caller), Ok(key), Code::InvalidRequest) = (call.caller(), call.idempotency_key(), problem.code())
    else {
        return Err(problem);
    };
    let (request, asked) = (key.map(|key| caller.request_key(key)), call.fingerprint(Shape::Json));
    let look = move |slot: &Slot| (request.and_then(|request| slot.replayed(request, asked)), slot.view());
    let wanted = request.map_or(Wanted::Nothing, Wanted::Request);
    let read = app.router.read_linearizable(local.view.id, wanted, move |view| view.slot().map(look));
    let (first, view) = app.within(call, read).await?.ok_or_else(ProblemResponse::no_slot)?;
    if let Some(first) = first {
        let maps = app.maps_of(&call.limit(), &view.definition.organizer, &first).await?;
        return Ok(Found::Answered(first, maps));
    }
    let is_known = of_slot(&view) == of_slot(&local.view)
        && view.definition.tariff == local.view.definition.tariff
        && view.definition.calendar() == local.view.definition.calendar()
        && kept_for(&view).eq(kept_for(&local.view));
    if is_known {
        return Err(problem);
    }
    Ok(Found::News(convert::decided(view)))
}

/// The names of those for whom seats of a slot are kept.
fn kept_for(view: &View) -> impl Iterator<Item = &str> {
    view.house.iter().flat_map(|house| &house.allotments).map(|(name, _)| &**name)
}

/// The map by which a slot is read, if it is one of seats.
pub(super) async fn maps_of<H>(
    app: &App,
    call: &Call<H>,
    local: &LocalView,
) -> Result<Maps, ProblemResponse> {
    let needed = of_slot(&local.view).into_iter().collect();
    app.maps(&call.limit(), &local.view.definition.organizer, needed).await
}

/// By which names a slot is asked.
fn seen<'all>(local: &'all LocalView, maps: &'all Maps) -> Seen<'all> {
    let house = of_slot(&local.view).map(|_| house(local, maps));
    Seen { house, definition: Some(&local.view.definition) }
}

/// The house of a slot of seats.
pub(super) fn house<'all>(local: &'all LocalView, maps: &'all Maps) -> House<'all> {
    let map = of_slot(&local.view).expect("a slot does not change its kind");
    let kept_for = local.view.house.as_ref().map(|house| &house.allotments[..]).unwrap_or_default();
    House { map, seatmap: maps.get(map), kept_for }
}

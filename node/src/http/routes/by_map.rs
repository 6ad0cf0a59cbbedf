//! Requests that are numbered by a map: names become numbers by the one by which the slot is sold, as this node knows it. Where the
//! rules say that it is sold by another by now, nothing was done, and the door looks again.

use booking::{Command, Decision, Outcome, Request, RequestKey};

use super::slots::maps_of;
use crate::http::app::App;
use crate::http::convert::seats::House;
use crate::http::request::call::{Call, Shape};
use crate::http::request::head::Head;
use crate::http::response::maps::{Maps, needed_by, of_slot};
use crate::http::response::problem::ProblemResponse;
use crate::permits::Lane;
use crate::router::LocalView;

/// How often a request is numbered anew, where its slot is sold by another map each time.
const LOOKS_MAX: usize = 4;

/// Asks a slot for something that is numbered by its map, and gives the answer with the maps by which it is read.
pub(super) async fn ask_by_map<H: Head>(
    app: &App,
    call: &Call<H>,
    (mut local, lane): (LocalView, Lane),
    command: impl Fn(Result<House<'_>, ProblemResponse>) -> Result<(RequestKey, Command), ProblemResponse>,
) -> Result<(Outcome, Maps), ProblemResponse> {
    let limit = call.limit();
    for _ in 0..LOOKS_MAX {
        let maps = maps_of(app, call, &local).await;
        let house = maps.as_ref().map_err(Clone::clone).map(|maps| house(&local, maps));
        let (key, command) = command(house)?;
        let request =
            Request { slot: local.view.id, key, fingerprint: call.fingerprint(Shape::Json), command };
        let outcome = app.ask(&limit, app.router.prepare(request), lane).await?;
        if outcome.decision != Decision::AnotherMap {
            let organizer = &local.view.definition.organizer;
            // What is explained is numbered as the request was.
            let asked_by = if needed_by(&outcome).is_empty() { maps.ok() } else { None };
            let maps = match asked_by {
                Some(maps) => maps,
                None => app.maps_of(&limit, organizer, &outcome).await?,
            };
            return Ok((outcome, maps));
        }
        let now = app.within(call, app.router.find_linearizable(local.view.id)).await?;
        local = now.ok_or_else(ProblemResponse::no_slot)?;
    }
    Err(ProblemResponse::sold_by_another_map())
}

/// The house of a slot of seats.
pub(super) fn house<'all>(local: &'all LocalView, maps: &'all Maps) -> House<'all> {
    let map = of_slot(&local.view).expect("a slot does not change its kind");
    let kept_for = local.view.house.as_ref().map(|house| &house.allotments[..]).unwrap_or_default();
    House { map, seatmap: maps.get(map), kept_for }
}

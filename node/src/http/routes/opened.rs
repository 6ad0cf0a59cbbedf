//! It is known when a calendar is open as far ahead as a booking may reach: hours become openings at the door, up to the horizon, the longest
//! booking and a month. Whoever asks when that month is over brings what comes next with them, before their own request. So nothing need
//! be done for a calendar of which nobody asks, and a rule never looks into hours that are not known yet.

use booking::{Command, Fingerprint, Request, RequestKey};

use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::Call;
use crate::http::request::head::Head;
use crate::permits::Lane;
use crate::router::LocalView;

/// Makes known when a calendar is open, if that is not known for long enough. Where it cannot be said now, the next who asks says it: until
/// then only what is beyond is refused.
pub(super) async fn open_ahead<H: Head>(app: &App, call: &Call<H>, local: &LocalView) {
    let Some(calendar) = &local.view.calendar else { return };
    let definition = &local.view.definition;
    let Some(more) = convert::further_openings(definition, calendar.hours_until, app.now()) else { return };
    let request = Request {
        slot: local.view.id,
        key: RequestKey(app.chance.number()),
        fingerprint: Fingerprint(more.basis),
        command: Command::ExtendHours(Box::new(more)),
    };
    let asked = app.ask(&call.limit(), app.router.prepare(request), Lane::Newcomer).await;
    if let Err(problem) = asked {
        tracing::debug!(code = problem.code().as_str(), "a calendar's hours are not known further yet");
    }
}

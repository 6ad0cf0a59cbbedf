//! Requests whose bodies may be far longer than others: those of organizers, on routes that take them.
//!
//! A body of the usual length is read like any other. A longer one needs room, of which there is only so much: whoever finds none is
//! told to come back, before the body is in memory.

use std::sync::Arc;

use api::problem::Code;
use axum::extract::Request;
use parking_lot::Mutex;

use super::call::{self, Access, Call, Checks};
use super::caller::Caller;
use super::timeouts::ConnectionTimer;
use crate::http::response::problem::ProblemResponse;

/// The longest of them, in bytes.
pub(crate) const BODY_LEN_MAX: usize = 4 << 20;
/// How much of a body that is too long is read before the connection is closed, in bytes.
const BODY_DISCARDED_MAX: usize = 2 * BODY_LEN_MAX;
/// How many longer than usual are in memory at once.
const AT_ONCE: usize = 4;
/// How many of them are one organizer's, at most: whoever stalls is in nobody else's way.
const AT_ONCE_EACH: usize = 2;

const _: () = assert!(AT_ONCE_EACH < AT_ONCE);

/// The room for bodies that are longer than usual, and whose are in it.
#[derive(Default)]
pub(crate) struct LargeBodies(Arc<Mutex<Vec<String>>>);

/// The room that one body has.
struct Room {
    organizer: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

/// A request whose body may be long.
pub(crate) struct LargeCall {
    pub(crate) call: Call,
    /// Held until the request is answered, where the body is longer than usual.
    _room: Option<Room>,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut bodies = self.bodies.lock();
        let own = bodies.iter().position(|organizer| *organizer == self.organizer);
        bodies.swap_remove(own.expect("whoever has room is in it"));
    }
}

impl LargeBodies {
    /// For how many more there is room.
    #[cfg(test)]
    pub(crate) fn left(&self) -> usize {
        AT_ONCE - self.0.lock().len()
    }

    /// Room for one more body of an organizer.
    fn room_for(&self, organizer: &str) -> Option<Room> {
        let mut bodies = self.0.lock();
        let own = bodies.iter().filter(|one| *one == organizer).count();
        (bodies.len() < AT_ONCE && own < AT_ONCE_EACH).then(|| {
            bodies.push(organizer.to_owned());
            Room { organizer: organizer.to_owned(), bodies: Arc::clone(&self.0) }
        })
    }

    /// Reads a request whole that has passed the guard.
    pub(crate) async fn call(&self, request: Request) -> Result<LargeCall, ProblemResponse> {
        let (mut parts, body) = request.into_parts();
        let checks = parts.extensions.remove::<Checks>().expect("the guard is in front of every route");
        let refused = checks.check_rate_limit(Access::Token);
        // Nobody else's body is wanted here, however long.
        let organizer = match checks.caller.as_deref() {
            Ok(Caller::Organizer { organizer, .. }) if refused.is_ok() => Some(organizer.clone()),
            _ => None,
        };
        let len_max = organizer.as_ref().map_or(call::BODY_LEN_MAX, |_organizer| BODY_LEN_MAX);
        let mut room = None;
        let may_have = |len| {
            if len_max < len {
                return Err(too_large(len_max));
            }
            if call::BODY_LEN_MAX < len && room.is_none() {
                let organizer = organizer.as_deref().expect("nobody else's may be long");
                room = Some(self.room_for(organizer).ok_or_else(no_room)?);
            }
            Ok(())
        };
        let timer = ConnectionTimer::new();
        let body = call::collect(&parts, body, &timer, BODY_DISCARDED_MAX, may_have).await;
        // Of what is refused nothing is kept.
        let room = room.filter(|_room| body.is_ok());
        refused?;
        Ok(LargeCall { call: Call::with_body(parts, body, checks, timer), _room: room })
    }
}

fn too_large(len_max: usize) -> ProblemResponse {
    ProblemResponse::new(Code::BodyTooLarge, format!("a body may have at most {len_max} bytes here"))
}

fn no_room() -> ProblemResponse {
    ProblemResponse::new(
        Code::Overloaded,
        format!(
            "{AT_ONCE} bodies of more than {} bytes are being read already, or {AT_ONCE_EACH} of this organizer's; nothing was \
             tried, ask again later",
            call::BODY_LEN_MAX
        ),
    )
}

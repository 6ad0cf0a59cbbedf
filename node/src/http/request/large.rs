//! Requests whose bodies may be far longer than others: those of organizers, on routes that take them.
//!
//! A body of the usual length is read like any other. A longer one needs room, of which there is only so much: whoever finds none is
//! told to come back, before the body is in memory.

use std::sync::Arc;

use api::problem::Code;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use hyper::header::CONTENT_LENGTH;
use parking_lot::Mutex;

use super::call::{self, Access, Call, Checks};
use super::caller::Caller;
use super::timeouts::{ConnectionTimer, Late};
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
        let announced = parts.headers.get(CONTENT_LENGTH).and_then(|len| len.to_str().ok()?.parse().ok());
        let timer = ConnectionTimer::new();
        let (body, room) = if announced.is_some_and(|len: usize| BODY_DISCARDED_MAX < len) {
            (Err(too_large(len_max)), None)
        } else {
            let read = Reading { bodies: self, organizer, len_max, room: None }.read(body);
            timer.within(call::BODY_TIME, read).await.unwrap_or_else(|Late| (Err(call::body_late()), None))
        };
        refused?;
        Ok(LargeCall { call: Call::with_body(parts, body, checks, timer), _room: room })
    }
}

/// A body that is being read.
struct Reading<'bodies> {
    bodies: &'bodies LargeBodies,
    /// Who may send a long one, if anyone.
    organizer: Option<String>,
    len_max: usize,
    room: Option<Room>,
}

impl Reading<'_> {
    /// Reads a body to its end, also where it is refused: who is still sending when the connection closes would lose the answer.
    async fn read(
        mut self,
        mut body: impl Body<Data = Bytes> + Unpin,
    ) -> (Result<Bytes, ProblemResponse>, Option<Room>) {
        let mut collected = Ok(BytesMut::new());
        let mut len = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return (Err(call::body_broke_off()), None) };
            let Ok(data) = frame.into_data() else { continue };
            len += data.len();
            if BODY_DISCARDED_MAX < len {
                break;
            }
            collected = collected.and_then(|bytes| self.take(bytes, &data));
        }
        // Of what is refused nothing is kept.
        let room = self.room.filter(|_room| collected.is_ok());
        (collected.map(BytesMut::freeze), room)
    }

    fn take(&mut self, mut bytes: BytesMut, data: &Bytes) -> Result<BytesMut, ProblemResponse> {
        let len = bytes.len() + data.len();
        if self.len_max < len {
            return Err(too_large(self.len_max));
        }
        if call::BODY_LEN_MAX < len && self.room.is_none() {
            let organizer = self.organizer.as_deref().expect("nobody else's may be long");
            self.room = Some(self.bodies.room_for(organizer).ok_or_else(no_room)?);
        }
        bytes.extend_from_slice(data);
        Ok(bytes)
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

//! What a node remembers of a request.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The first answer to a request, as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remembered<Body> {
    /// The HTTP status.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// The body: a slot, a booking, or a problem.
    pub body: Body,
}

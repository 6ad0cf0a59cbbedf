//! Lists that are read page by page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The number of items a page has when the client does not say.
pub const LIMIT_DEFAULT: u32 = 50;
/// The most items that a client may ask for in one page.
pub const LIMIT_MAX: u32 = 200;

/// One page. What exists throughout the reading is listed exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    /// At most `limit` items.
    pub items: Vec<T>,
    /// The cursor to pass as `after` for the next page; null on the last.
    #[schema(required = true)]
    pub next: Option<String>,
}

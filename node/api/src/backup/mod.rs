//! A backup: what `GET /admin/v1/groups/{group}/backup` streams of one group, which is a file of a backup as it stands, and what says
//! which files there are. Both are for ever: a backup is read by builds that come much later.
//!
//! ```text
//!   a part:      "boxoffice backup 1\n", then frames
//!   a frame:     kind u8 │ length u32 │ CRC-32 of kind, length and payload u32 │ payload          big-endian
//!   1 head:      JSON, `Head`: first, and once
//!   2 entry:     an entry of the group's log as the log keeps it, from `saved` + 1 to `index`, one a frame
//!   3 range:     from, until: all keys of the saved state in there are those that follow, and no others
//!   4 pairs:     keys of that range and their values, in order of keys
//!   5 end:       JSON, `End`: last, and once
//!   bytes:       length u32 │ bytes, wherever there is more than one
//! ```
//!
//! A group's state is that at `saved`, where some of what it keeps is ahead of that, and the entries bring all of it to `index`.

mod chain;
mod frame;
mod manifest;

pub use chain::{Chain, Link, Unusable, frames, last_number, looked_through, measured};
pub use frame::{End, FRAME_LEN_MAX, Fault, Frame, Frames, Head, MEDIA_TYPE, PREAMBLE, Pair};
pub use manifest::{MANIFEST, Manifest, Part, VERSION, hex};

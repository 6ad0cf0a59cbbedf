//! The names of RocksDB's column families.

/// The column family of entries.
pub(super) const LOG: &str = "log";
/// The column family of registers and marks.
pub(super) const META: &str = "meta";
/// The column family of state.
pub(super) const STATE: &str = "state";

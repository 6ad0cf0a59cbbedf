//! What RocksDB says when it refuses, in the store's own words.

use rocksdb::ErrorKind;

use crate::{Damage, Error, Place};

/// Turns RocksDB's refusal of an operation into ours: what it calls corruption is damage, all else is the
/// disk.
pub(super) fn refused(operation: &'static str) -> impl FnOnce(rocksdb::Error) -> Error {
    move |cause| {
        if cause.kind() == ErrorKind::Corruption {
            Error::Damaged(Damage::Files { detail: cause.into_string() })
        } else {
            Error::disk(operation, cause)
        }
    }
}

/// The value in this place is not what was written.
pub(super) fn damaged(place: Place) -> Error {
    Error::Damaged(Damage::Value(place))
}

//! Keys and values in order, however many there are.

use cluster::State;
use storage::Row;

use super::unreadable::Unreadable;

/// How many pairs are read at once.
const SCAN_PAIRS: usize = 4_096;

/// Calls `each` with every key from `from` to before `until`, and its value.
pub(crate) fn scan(
    state: &State,
    from: Vec<u8>,
    until: &[u8],
    mut each: impl FnMut(&[u8], Vec<u8>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    for row in rows(state, from, until.to_vec(), SCAN_PAIRS) {
        let (key, value) = row?;
        each(&key, value)?;
    }
    Ok(())
}

/// Keys and values in order of key, so many read at once.
pub(crate) fn rows(
    state: &State,
    mut from: Vec<u8>,
    until: Vec<u8>,
    at_once: usize,
) -> impl Iterator<Item = Result<Row, storage::Error>> {
    let mut read = Vec::new().into_iter();
    std::iter::from_fn(move || {
        if read.len() == 0 {
            match state.scan(&from, &until, at_once) {
                Ok(rows) => {
                    let (last, _value) = rows.last()?;
                    from = [last.as_slice(), &[0]].concat();
                    read = rows.into_iter();
                }
                Err(error) => return Some(Err(error)),
            }
        }
        read.next().map(Ok)
    })
}

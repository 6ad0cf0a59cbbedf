//! A response: an answer, or a problem.

pub(crate) mod answer;
pub(crate) mod bill_words;
pub(crate) mod decision;
pub(crate) mod events;
pub(crate) mod live;
pub(crate) mod maps;
pub(crate) mod precedence;
pub(crate) mod problem;
pub(crate) mod relays;
pub(crate) mod seat_changes;
pub(crate) mod seat_names;
pub(crate) mod seat_texts;
pub(crate) mod written;

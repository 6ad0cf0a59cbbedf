//! What a slot answers, shows and records.

pub(crate) mod bill;
pub(crate) mod calendar;
pub(crate) mod goods;
pub(crate) mod reference;
pub(crate) mod seating;
pub(crate) mod status;
pub(crate) mod view;

pub(crate) mod credits;
pub(crate) mod feed;
pub(crate) mod outcome;

//! The three formats, a file each: text in, a [`Seatmap`](crate::Seatmap) or faults out.

mod distinct;
mod lines;
mod ours;
mod pretix;

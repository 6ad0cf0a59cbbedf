//! What a store promises, asked of both: of the one on a disk and of the one in memory.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends, in whichever function")]

mod subject;

mod scenarios;

mod flips;

mod views;

mod order;

mod workload;

mod faults;

mod directory;

mod damage;

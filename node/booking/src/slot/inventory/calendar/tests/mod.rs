//! Tests of calendars: tables of cases, all small states, and random calendars against an oracle that looks at every minute.

mod drawn;
mod oracle;
mod stage;

mod free;
mod hours;
mod random;
mod rules;
mod small;
mod steps;
mod turns;

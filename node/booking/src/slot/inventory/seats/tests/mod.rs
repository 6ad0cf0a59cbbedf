//! Tests of numbered seats: tables of cases, all small states, and random houses against an oracle that knows neither bits nor tables.

mod houses;
mod oracle;
mod oracle_company;
mod oracle_picks;
mod oracle_search;

mod adjoining;
mod best;
mod picks;
mod plans;
mod random;
mod sales;
mod shortage;
mod small;

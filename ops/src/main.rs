//! `boxctl`: what a person runs at 3 a.m.
//!
//! One verb is one file under `commands/`. Data goes to standard output, talk to standard error. The exit status is
//! the answer for programs: 0 well (or all there), 1 not well (or some refused), 2 cannot tell (or could not).
//!
//! *Invariants.* The tool knows the words of the HTTP contract and nothing inside the node. The clock is read here,
//! once; everything below takes the time as an argument. Nothing is sent before all that was given has been checked.

mod cli;
mod commands;

mod client;
mod error;
mod key;
mod progress;
mod render;
mod slot_id;

use std::process::ExitCode;

use clap::Parser as _;
use jiff::Timestamp;

use crate::cli::{Cli, Command};
use crate::commands::{
    Verdict, agenda, backup, certs, debug, groups, import, leader, node, placement, remove, slot, status,
    token, verify,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli { access, command } = Cli::parse();
    let now = Timestamp::now();
    let verdict = match command {
        Command::Token(wanted) => token::run(&access, &wanted, now),
        Command::Status(form) => status::run(&access, form, now).await,
        Command::Groups(form) => groups::run(&access, form, now).await,
        Command::Remove(form) => remove::run(&access, form, now).await,
        Command::Leader(form) => leader::run(&access, form, now).await,
        Command::Placement(form) => placement::run(&access, &form, now).await,
        Command::Node(form) => node::run(&access, &form, now).await,
        Command::Slot(form) => slot::run(&access, &form, now).await,
        Command::Backup(wanted) => backup::run(&access, &wanted, now).await,
        Command::Verify(wanted) => verify::run(&access, &wanted, now).await,
        Command::Debug(wanted) => debug::run(&access, &wanted, now).await,
        Command::Certs(wanted) => certs::run(&wanted, now),
        Command::Import(plan) => match (&plan.agenda.calendar, &plan.file, plan.capacity) {
            (Some(file), ..) => agenda::run(&access, &plan, file, now).await,
            (None, Some(file), Some(capacity)) => import::run(&access, &plan, (file, capacity), now).await,
            (None, ..) => unreachable!("the command line wants a timetable with a capacity, or a calendar"),
        },
    };
    match verdict {
        Ok(Verdict::Well) => ExitCode::SUCCESS,
        Ok(Verdict::NotWell) => ExitCode::from(1),
        Err(error) => {
            render::say(&format!("boxctl: {error}"));
            ExitCode::from(2)
        }
    }
}

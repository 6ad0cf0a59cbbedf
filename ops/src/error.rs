//! Why a command could not do what was asked.

use std::io;
use std::path::PathBuf;

use api::backup::Unusable;
use api::problem::Problem;
use calendar::Fault;

/// Why a command could not do what was asked, or cannot tell. Each ends the program with status 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nobody said which key signs.
    #[error("which key signs? give --data DIR, where `boxoffice dev` keeps its token.key, or --key FILE")]
    NoKey,
    /// The key file is not there.
    #[error("there is no key at {}; `boxoffice dev --data DIR` makes DIR/token.key", .0.display())]
    KeyMissing(PathBuf),
    /// The key file cannot be used.
    #[error("the key at {} cannot be used: {reason}", path.display())]
    KeyUnusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file of those who may vouch for a listener cannot be used.
    #[error("--ca {}: {reason}", path.display())]
    AuthorityUnusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A name does not fit into a token.
    #[error("{what} must have 1 to 64 bytes, not {len}")]
    NameLength {
        /// Which name.
        what: &'static str,
        /// How long it is.
        len: usize,
    },
    /// The token could not be signed.
    #[error("the token cannot be signed: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// No answer came, after every attempt.
    #[error("no answer from {url}: {reason}")]
    NoAnswer {
        /// The listener.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// The node answered that it will not.
    #[error("{url} refuses: {} ({}): {}", .problem.status, .problem.code.as_str(), .problem.detail)]
    Refused {
        /// The listener.
        url: String,
        /// Its words.
        problem: Box<Problem>,
    },
    /// An answer came that a node would not give.
    #[error("{url} does not answer as a Boxoffice node does: {reason}")]
    Foreign {
        /// The listener.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// A backup cannot be made, or is not whole.
    #[error(transparent)]
    Backup(#[from] Unusable),
    /// What was gathered cannot be put there.
    #[error("{}: {source}", path.display())]
    Bundle {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate cannot be made.
    #[error("{}: {reason}", path.display())]
    Certificate {
        /// The file that is at fault.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The timetable cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The timetable is broken, or cannot be sold.
    #[error("{}:{}: {}; nothing was sent", path.display(), fault.line, fault.problem)]
    Calendar {
        /// The file.
        path: PathBuf,
        /// The line, and what is wrong there.
        fault: Fault,
    },
    /// The slot has no hours.
    #[error("{0} is no calendar; --slot names one, or leave it out and one is made")]
    NoCalendar(String),
    /// The calendar is of no use any more.
    #[error("{0} is over, cancelled or faulted; another --title makes another calendar")]
    CalendarOver(String),
    /// The calendar lacks a resource.
    #[error("{slot} has no resource {resource:?}; `--resource` must be one of its names")]
    NoResource {
        /// What was asked for.
        resource: String,
        /// The calendar.
        slot: String,
    },
    /// The hours of a calendar cannot be read.
    #[error("the hours of {slot} cannot be read: {reason}")]
    Hours {
        /// The calendar.
        slot: String,
        /// What is wrong with them.
        reason: String,
    },
    /// Standard output is closed.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

//! Logs: structured, to standard error. JSON for machines, lines for a person's terminal. A thread of their own writes them: a
//! pipe that nobody empties stops no booking. So they are to be ended before the process is.

use std::io::{self, IsTerminal as _};
use std::panic;

use parking_lot::Mutex;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// The variable that says what is logged, in the words of `tracing_subscriber` (`info`, `node=debug`).
const FILTER_VARIABLE: &str = "BOXOFFICE_LOG";
/// The consensus core speaks of its own affairs at `info`; they are ours from `error` on. An actor makes two spans at `info`
/// that nobody reads, kept as long as it is awake and entered at each message.
const FILTER_DEFAULT: &str = "info,openraft=error,ractor=warn";

/// The thread that writes, for as long as it shall.
static WRITER: Mutex<Option<WorkerGuard>> = Mutex::new(None);

/// Installs the subscriber, and sends panics through it.
pub(crate) fn install() {
    // Lines that are this thread's to write are dropped beyond 128,000, which takes whoever reads them minutes not to read.
    let (logs, writer) = tracing_appender::non_blocking(io::stderr());
    *WRITER.lock() = Some(writer);
    let wanted = std::env::var(FILTER_VARIABLE).ok().filter(|wanted| !wanted.trim().is_empty());
    let (filter, unreadable) = filter(wanted.as_deref());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(logs)
        // Standard error may be closed: then there is nobody to tell, and nothing to die of.
        .log_internal_errors(false);
    if io::stderr().is_terminal() {
        logs.init();
    } else {
        logs.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
    }
    if let Some(unreadable) = unreadable {
        let example = "info or node=debug";
        tracing::warn!(unreadable, example, "BOXOFFICE_LOG is not understood: the default is logged");
    }
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a panic: this is a bug")));
}

/// Waits until what was logged is written, but not for long where nobody reads it; nothing is logged any more.
pub(crate) fn end() {
    drop(WRITER.lock().take());
}

/// What is logged, and what was wanted where that is not understood. A single word must be a level: tracing would take any
/// other for the name of a module, and log nothing but that.
fn filter(wanted: Option<&str>) -> (EnvFilter, Option<&str>) {
    let Some(wanted) = wanted else { return (EnvFilter::new(FILTER_DEFAULT), None) };
    let is_level = |word: &str| word.parse::<tracing::level_filters::LevelFilter>().is_ok();
    let understood = wanted.split(',').all(|part| part.contains('=') || is_level(part.trim()));
    match EnvFilter::try_new(wanted) {
        Ok(filter) if understood => (filter, None),
        _ => (EnvFilter::new(FILTER_DEFAULT), Some(wanted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_does_not_silence_the_node() {
        for (wanted, understood) in [
            ("debug", true),
            ("INFO", true),
            ("info,openraft=debug", true),
            ("loud", false),
            ("a=b=c", false),
        ] {
            assert_eq!(filter(Some(wanted)).1.is_none(), understood, "{wanted}");
        }
    }
}

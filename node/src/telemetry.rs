//! Logs: structured, to standard error. JSON for machines, lines for a person's terminal.

use std::io::{self, IsTerminal as _};
use std::panic;

use tracing_subscriber::EnvFilter;

/// The variable that says what is logged, in the words of `tracing_subscriber` (`info`, `node=debug`).
const FILTER_VARIABLE: &str = "BOXOFFICE_LOG";
/// The consensus core speaks of its own affairs at `info`; they are ours from `error` on.
const FILTER_DEFAULT: &str = "info,openraft=error";

/// Installs the subscriber, and sends panics through it.
pub(crate) fn install() {
    let filter =
        EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_unset| EnvFilter::new(FILTER_DEFAULT));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        // Standard error may be closed: then there is nobody to tell, and nothing to die of.
        .log_internal_errors(false);
    if io::stderr().is_terminal() {
        logs.init();
    } else {
        logs.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
    }
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a panic: this is a bug")));
}

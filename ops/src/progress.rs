//! How far a long command is: a bar where a person looks, a line now and then where a log does.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};

use crate::render;

/// A log gets so many lines of progress in all.
const LINES: usize = 10;

/// Counts what is done, and shows it on standard error.
pub(crate) struct Progress {
    verb: &'static str,
    done: usize,
    total: usize,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Nothing of `total` is done; `verb` says what doing is: `asked for`.
    pub(crate) fn new(verb: &'static str, total: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} to go")
                .expect("the template is well-formed");
            let total = u64::try_from(total).expect("a count fits into 64 bits");
            ProgressBar::new(total).with_style(style).with_message(verb)
        });
        Self { verb, done: 0, total, bar }
    }

    /// One more is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if self.done * LINES / self.total != (self.done - 1) * LINES / self.total => {
                render::say(&format!("{} {} of {}", self.verb, self.done, self.total));
            }
            None => {}
        }
    }

    /// No more will be done: the bar makes room for what is said next.
    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

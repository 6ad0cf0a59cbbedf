//! What is wrong with a file.

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// The line, from 1; of a folded line its first.
    pub(crate) line: usize,
    /// What is wrong there, and what would be right.
    pub(crate) problem: String,
}

impl Fault {
    pub(super) fn new(line: usize, problem: impl Into<String>) -> Self {
        Self { line, problem: problem.into() }
    }
}

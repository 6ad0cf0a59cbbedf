//! What is found, by the checks that it is for: a slot's seats are gone through once for all of them.

use crate::finding::{Check, Finding};

/// Findings by their checks.
pub(super) struct Report<'f> {
    pub(super) findings: &'f mut [Finding],
}

impl Report<'_> {
    fn finding(&mut self, check: Check) -> &mut Finding {
        let found = self.findings.iter_mut().find(|finding| finding.check() == check);
        found.expect("where there are seats, every check is made")
    }

    pub(super) fn examine(&mut self, check: Check) {
        self.finding(check).examine();
    }

    pub(super) fn fail(&mut self, check: Check, why: String) {
        self.finding(check).fail(why);
    }
}

//! What is found, by the checks that it is for: a slot's seats, or ranges, are gone through once for all of them.

use crate::finding::{Check, Finding};

/// Findings by their checks.
pub(crate) struct Report<'f> {
    pub(crate) findings: &'f mut [Finding],
}

impl Report<'_> {
    fn finding(&mut self, check: Check) -> &mut Finding {
        let found = self.findings.iter_mut().find(|finding| finding.check() == check);
        found.expect("every check is made that a slot asks for")
    }

    pub(crate) fn examine(&mut self, check: Check) {
        self.finding(check).examine();
    }

    pub(crate) fn fail(&mut self, check: Check, why: String) {
        self.finding(check).fail(why);
    }
}

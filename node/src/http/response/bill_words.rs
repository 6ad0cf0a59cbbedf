//! What a booking costs, and what its places are of, in the words of answers.

use api::tariff::Line;
use booking::Bill;

/// What is said of a bill.
#[derive(Default)]
pub(crate) struct BillWords {
    /// What all places cost; none where nothing costs anything, and of who waits.
    pub(crate) amount: Option<u64>,
    pub(crate) currency: Option<String>,
    /// None where the slot had no products.
    pub(crate) lines: Option<Vec<Line>>,
}

impl BillWords {
    pub(crate) fn of(bill: &Bill) -> Self {
        let line = |line: booking::Line| Line { product: line.product.to_string(), quantity: line.quantity };
        let lines = bill.lines().into_iter().map(line).collect::<Vec<_>>();
        let amount = bill.amount();
        let currency = bill.currency.filter(|_| amount.is_some());
        Self {
            amount,
            currency: currency.map(|currency| currency.as_str().to_owned()),
            lines: Some(lines).filter(|lines| !lines.is_empty()),
        }
    }
}

//! What an organizer says of a slot that is a calendar.

use alloc::boxed::Box;
use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calendar::CalendarStock;
use crate::stored::v1::definition::{Policy, Sale};
use crate::{Secret, Stock, Timestamp};

/// A slot as its organizer defined it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Definition {
    organizer: Box<str>,
    placement: Option<Box<str>>,
    title: Box<str>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    sale: Sale,
    calendar: CalendarStock,
    policy: Policy,
    secret: Secret,
}

impl From<crate::Definition> for Definition {
    fn from(definition: crate::Definition) -> Self {
        let crate::Definition {
            organizer,
            placement,
            title,
            starts_at,
            ends_at,
            sale,
            stock,
            tariff,
            policy,
            secret,
        } = definition;
        assert!(tariff.is_none(), "a calendar sells nothing in particular");
        let Stock::Calendar(calendar) = stock else { unreachable!("the versions before have the others") };
        let (sale, calendar, policy) = (sale.into(), (&*calendar).into(), policy.into());
        Self { organizer, placement, title, starts_at, ends_at, sale, calendar, policy, secret }
    }
}

impl From<Definition> for crate::Definition {
    fn from(definition: Definition) -> Self {
        let Definition { organizer, placement, title, starts_at, ends_at, sale, calendar, policy, secret } =
            definition;
        let (sale, policy) = (sale.into(), policy.into());
        let stock = Stock::Calendar(calendar.into());
        Self { organizer, placement, title, starts_at, ends_at, sale, stock, tariff: None, policy, secret }
    }
}

impl From<Arc<crate::Definition>> for Definition {
    fn from(definition: Arc<crate::Definition>) -> Self {
        Arc::unwrap_or_clone(definition).into()
    }
}

impl From<Definition> for Arc<crate::Definition> {
    fn from(definition: Definition) -> Self {
        Self::new(definition.into())
    }
}

//! What an organizer says of a slot that sells something in particular, or once did.

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::tariff::Tariff;
use crate::Stock;
use crate::stored::{v1, v3};

/// A slot as its organizer defined it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Definition {
    plain: Plain,
    tariff: Option<Tariff>,
}

/// What it is but for what it sells.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Plain {
    Units(v1::definition::Definition),
    Seats(v3::definition::Definition),
}

impl From<crate::Definition> for Definition {
    fn from(mut definition: crate::Definition) -> Self {
        let tariff = definition.tariff.take().map(|tariff| (&*tariff).into());
        let plain = match definition.stock {
            Stock::Units { .. } => Plain::Units(definition.into()),
            Stock::Seats(_) => Plain::Seats(definition.into()),
            Stock::Calendar(_) => unreachable!("the fifth version has calendars"),
        };
        Self { plain, tariff }
    }
}

impl From<Definition> for crate::Definition {
    fn from(definition: Definition) -> Self {
        let Definition { plain, tariff } = definition;
        let plain = match plain {
            Plain::Units(definition) => Self::from(definition),
            Plain::Seats(definition) => Self::from(definition),
        };
        Self { tariff: tariff.map(Tariff::into), ..plain }
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

//! A slot as a node knows it by itself.

use booking::{Timestamp, View};

use super::wire::Health;
use crate::views::listing::Stand;

/// A slot as it can be seen without asking its actor: what the actor published, or what was saved.
#[derive(Clone, Debug)]
pub(crate) struct LocalView {
    pub(crate) view: View,
    pub(crate) health: Health,
}

impl LocalView {
    /// How the slot stands at a moment, or at its own stamp if that is later.
    pub(crate) fn stand(&self, at: Timestamp) -> Stand {
        match self.health {
            Health::Sound => Stand::Sound(self.view.status(at)),
            Health::Faulted => Stand::Faulted,
        }
    }
}

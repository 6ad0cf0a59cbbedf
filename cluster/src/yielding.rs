//! A leader whose disk is nearly full lets another lead that has room: whether anything new is taken is for the leader to say, and
//! the sale need not stop while the others have room. Where nobody has, it goes on leading, and takes nothing new.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use storage::{Room, Store};

use crate::handing::to_one_with_room;
use crate::machine::Machine;
use crate::table::Table;

/// Between two attempts.
const EVERY: Duration = Duration::from_secs(1);

/// Gives the groups away that this node leads, whenever its disk is nearly full, for ever.
pub(crate) async fn yield_when_full<M: Machine>(table: Arc<Table<M>>, store: Arc<dyn Store>) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if store.room() != Room::Ample {
            // A node that is far behind would not be elected, and only stop the others.
            let groups = table.open();
            join_all(groups.iter().filter(|group| group.leads()).map(|group| to_one_with_room(group))).await;
        }
    }
}

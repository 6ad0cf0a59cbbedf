//! What is told to entities on behalf of others: messages to wherever they are led, and reports to those led here.
//!
//! Who carries an intent out reads in the entity itself what became of it: no waiter stands anywhere, and nothing of this is on
//! the way of a booking.

use std::time::Duration;

use booking::{Delivered, Delivery, EntityId, Report, stored};
use bytes::Bytes;
use cluster::codec;
use tokio::time::{Instant, timeout_at};

use super::Router;
use super::wire::{Question, Unrouted};
use crate::actors::message::ReadView;
use crate::log::Command;
use crate::permits::Lane;
use crate::saved::archive::Wanted;

/// How long a command may take until it is applied. Whatever became of it then, proposing it again is harmless.
const APPLIED_WITHIN: Duration = Duration::from_secs(2);

impl Router {
    /// Brings a message to the entity that it is for, wherever that is led, and says what became of it.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> Result<Delivered, Unrouted> {
        if self.shards.group(delivery.to).is_ok_and(|group| group.leads()) {
            return self.deliver_here(delivery).await;
        }
        let question = Question::bytes(Lane::Holder, codec::encode(&self.delivering(delivery)));
        let delivered = self.ask_elsewhere::<stored::Delivered>(delivery.to, question).await;
        delivered.map(Delivered::from)
    }

    /// Brings a message to an entity that is led here.
    pub(super) async fn deliver_here(&self, delivery: &Delivery) -> Result<Delivered, Unrouted> {
        let command = self.delivering(delivery);
        let delivery = delivery.clone();
        self.apply_here(delivery.to, &command, move |view| match view.entity {
            Some(entity) => entity.heard(&delivery),
            None => Some(Delivered::Nowhere),
        })
        .await
    }

    /// A message as it goes into the log, in the shape that every node of the cluster reads.
    fn delivering(&self, delivery: &Delivery) -> Command {
        let level = self.shards.level(delivery.to);
        Command::Deliver(stored::Delivery::at(level, delivery.clone()))
    }

    /// Brings the reply to an intent back to the entity that left it, and is led here.
    pub(crate) async fn report(&self, report: Report) -> Result<(), Unrouted> {
        let (to, intent) = (report.to, report.intent);
        let command = Command::Report(stored::Report::at(self.shards.level(to), report));
        let ended =
            move |view: &ReadView<'_>| view.entity.is_none_or(|entity| !entity.is_open(intent)).then_some(());
        self.apply_here(to, &command, ended).await
    }

    /// Proposes a command for an entity that is led here, unless `seen` sees that there is no need, and waits until `seen` sees
    /// what became of it.
    async fn apply_here<T: Send + 'static>(
        &self,
        entity: EntityId,
        command: &Command,
        seen: impl Fn(&ReadView<'_>) -> Option<T> + Clone + Send + 'static,
    ) -> Result<T, Unrouted> {
        let group = self.shards.group(entity)?;
        if !group.leads() {
            return Err(Unrouted::NoLeader);
        }
        if !Lane::Holder.fits(self.admission.store.room()) {
            return Err(Unrouted::StorageFull);
        }
        let handle = self.shards.handle(entity)?;
        let look = || {
            let seen = seen.clone();
            let look = move |view: ReadView<'_>| {
                if view.broke.is_some() { Err(Unrouted::Faulted) } else { Ok(seen(&view)) }
            };
            handle.read(Wanted::Nothing, look)
        };
        if let Some(known) = look().await?? {
            return Ok(known);
        }
        let until = Instant::now() + APPLIED_WITHIN;
        group.proposals().propose(Bytes::from(codec::encode(command)));
        loop {
            let changed = handle.changed();
            if let Some(known) = look().await?? {
                return Ok(known);
            }
            timeout_at(until, changed).await.map_err(|_elapsed| Unrouted::Unknown)?;
        }
    }
}

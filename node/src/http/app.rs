//! What every handler shares: the way to the slots, and what a caller may ask for.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::problem::Code;
use booking::{EntityId, Outcome, SeatmapId, SlotId, Timestamp, organizer};
use cluster::Clock;
use metrics_exporter_prometheus::PrometheusHandle;

use super::request::call::Call;
use super::request::caller::{Caller, Keyring};
use super::request::large::LargeBodies;
use super::request::policy::Policies;
use super::request::timeouts::{Late, Limit};
use super::response::live::LiveSlots;
use super::response::maps::{Maps, Needed, needed_by};
use super::response::problem::ProblemResponse;
use super::response::relays::Relays;
use super::response::seat_changes::ChangeTexts;
use super::response::seat_texts::SeatTexts;
use crate::actors::message::ReadView;
use crate::chance::Chance;
use crate::ids;
use crate::metrics::Answers;
use crate::permits::Lane;
use crate::router::seatmaps::Upload;
use crate::router::{Ask, LocalView, Router, Unrouted};
use crate::saved::archive::Wanted;
use crate::tls::Shown;

/// What every handler shares.
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) keyring: Arc<Keyring>,
    /// With what this node makes a customer of whoever asks, where `boxoffice dev` runs.
    pub(crate) dev_key: Option<config::Secret>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) answers: Answers,
    /// What the store has done since it was opened.
    pub(crate) store_stats: Box<dyn Fn() -> storage::Stats + Send + Sync>,
    pub(crate) node: u64,
    pub(crate) policies: Policies,
    pub(crate) large_bodies: LargeBodies,
    pub(crate) seat_texts: SeatTexts,
    pub(crate) change_texts: ChangeTexts,
    /// The slots that somebody watches.
    pub(crate) live: LiveSlots,
    /// The streams of other nodes that somebody reads here.
    pub(crate) relays: Relays,
    /// The certificates that this node shows.
    pub(crate) shown: Shown,
    pub(crate) stage: Stage,
}

/// How far the node is in its life.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    ready: AtomicBool,
    leaving: AtomicBool,
    draining: AtomicBool,
}

impl Stage {
    /// Every group stands where it stood: requests are answered.
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// The node is about to stop: whoever sends it customers shall send them elsewhere. Those who come all the same are served.
    pub(crate) fn set_leaving(&self) {
        self.leaving.store(true, Ordering::Release);
    }

    /// No new work is taken.
    pub(crate) fn set_draining(&self) {
        self.set_leaving();
        self.draining.store(true, Ordering::Release);
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

impl App {
    /// This node's clock: for what is read, never for what is decided.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.wall_ms())
    }

    pub(crate) fn customer_or_organizer<H>(call: &Call<H>) -> Result<&Caller, ProblemResponse> {
        match call.caller()? {
            caller @ (Caller::Customer { .. } | Caller::Organizer { .. }) => Ok(caller),
            Caller::Operator { .. } => Err(forbidden("a customer's or an organizer's token is needed")),
        }
    }

    pub(crate) fn customer(call: &Call) -> Result<&Caller, ProblemResponse> {
        match call.caller()? {
            caller @ Caller::Customer { .. } => Ok(caller),
            Caller::Organizer { .. } | Caller::Operator { .. } => {
                Err(forbidden("a customer's token is needed"))
            }
        }
    }

    pub(crate) fn organizer(call: &Call) -> Result<&Caller, ProblemResponse> {
        match call.caller()? {
            caller @ Caller::Organizer { .. } => Ok(caller),
            Caller::Customer { .. } | Caller::Operator { .. } => {
                Err(forbidden("an organizer's token is needed"))
            }
        }
    }

    pub(crate) fn operator(call: &Call) -> Result<&Caller, ProblemResponse> {
        match call.caller()? {
            caller @ Caller::Operator { .. } => Ok(caller),
            Caller::Customer { .. } | Caller::Organizer { .. } => {
                Err(forbidden("an operator's token is needed"))
            }
        }
    }

    /// The slot that `text` names, as this node knows it.
    pub(crate) async fn find_slot<H>(
        &self,
        call: &Call<H>,
        text: &str,
    ) -> Result<LocalView, ProblemResponse> {
        let id = ids::slot_id(text).ok_or_else(ProblemResponse::no_slot)?;
        self.read_local(call, id).await?.ok_or_else(ProblemResponse::no_slot)
    }

    /// A slot as this node knows it: at once, unless it has to be looked for behind the log.
    pub(crate) async fn read_local<H>(
        &self,
        call: &Call<H>,
        slot: SlotId,
    ) -> Result<Option<LocalView>, ProblemResponse> {
        match self.router.shards().read_local(slot) {
            Ok(Some(local)) => Ok(Some(local)),
            // Boxed: rare, and large; every request that waits would carry room for it.
            Ok(None) | Err(Unrouted::NoLeader) => {
                Box::pin(self.within(call, self.router.find_linearizable(slot))).await
            }
            Err(other) => Err(other.into()),
        }
    }

    /// A look at a slot behind everything that is committed, with what is wanted of the past.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: &Call,
        slot: SlotId,
        wanted: Wanted,
        look: impl FnOnce(ReadView<'_>) -> T + Send + 'static,
    ) -> Result<T, ProblemResponse> {
        self.within(call, self.router.read_linearizable(slot, wanted, look)).await
    }

    /// Asks a slot for a change, within a limit. Past it, nobody knows.
    pub(crate) async fn ask(
        &self,
        limit: &Limit,
        asked: &Ask,
        lane: Lane,
    ) -> Result<Outcome, ProblemResponse> {
        self.takes_work()?;
        // Pinned here: each who waits with it would have room for it, and move it.
        let answer = pin!(self.router.ask(asked, lane));
        known(limit.within(answer).await)
    }

    /// Asks an organizer to keep a seatmap, within a limit. Past it, nobody knows.
    pub(crate) async fn keep_seatmap(
        &self,
        limit: &Limit,
        upload: &Upload<'_>,
    ) -> Result<organizer::Outcome, ProblemResponse> {
        self.takes_work()?;
        known(limit.within(self.router.keep_seatmap(upload, Lane::Newcomer)).await)
    }

    /// The maps by which something is read that is of this organizer.
    pub(crate) async fn maps(
        &self,
        limit: &Limit,
        organizer: &str,
        needed: Needed,
    ) -> Result<Maps, ProblemResponse> {
        let organizer =
            if needed.is_empty() { return Ok(Maps::default()) } else { ids::organizer(organizer) };
        match self.known_maps(organizer, &needed) {
            Some(maps) => Ok(maps),
            // Boxed: every request that waits would carry room for it, and it is rare.
            None => Box::pin(self.read_maps(limit, organizer, needed)).await,
        }
    }

    /// The maps that were read lately, if all of them were.
    fn known_maps(&self, organizer: EntityId, needed: &Needed) -> Option<Maps> {
        let mut maps = Maps::default();
        for &content in needed {
            maps.insert(content, self.router.known_seatmap(&SeatmapId { organizer, content })?);
        }
        Some(maps)
    }

    /// The maps by which an answer is read. What was done is done: where it cannot be told, it is not known.
    pub(crate) async fn maps_of(
        &self,
        limit: &Limit,
        organizer: &str,
        outcome: &Outcome,
    ) -> Result<Maps, ProblemResponse> {
        let maps = self.maps(limit, organizer, needed_by(outcome)).await;
        maps.map_err(|_unread| ProblemResponse::unknown())
    }

    async fn read_maps(
        &self,
        limit: &Limit,
        organizer: EntityId,
        needed: Needed,
    ) -> Result<Maps, ProblemResponse> {
        let mut maps = Maps::default();
        for content in needed {
            let read = self.router.read_seatmap(SeatmapId { organizer, content });
            let seatmap = limit.within(read).await.map_err(late)??;
            // It was there before anything was sold by it.
            maps.insert(content, seatmap.ok_or(Unrouted::NoLeader)?);
        }
        Ok(maps)
    }

    /// Whoever goes on looking is told nothing any more.
    pub(crate) fn end_watching(&self) {
        self.router.houses().end();
        self.live.end();
        self.relays.end();
    }

    /// Whether this node takes new work.
    pub(crate) fn takes_work(&self) -> Result<(), ProblemResponse> {
        if self.stage.is_draining() {
            return Err(ProblemResponse::new(
                Code::Draining,
                "this node is shutting down; nothing was tried, ask again",
            ));
        }
        Ok(())
    }

    /// A read within the request's deadline.
    pub(crate) async fn within<T, H>(
        &self,
        call: &Call<H>,
        read: impl Future<Output = Result<T, Unrouted>>,
    ) -> Result<T, ProblemResponse> {
        Ok(call.limit().within(read).await.map_err(late)??)
    }
}

/// What became of a change that was waited for.
fn known<T>(answer: Result<Result<T, Unrouted>, Late>) -> Result<T, ProblemResponse> {
    match answer {
        Ok(answer) => Ok(answer?),
        Err(Late) => Err(ProblemResponse::unknown()),
    }
}

fn late(_late: Late) -> ProblemResponse {
    ProblemResponse::new(Code::NoLeader, "the slot's group did not answer in time; ask again")
}

fn forbidden(detail: &str) -> ProblemResponse {
    ProblemResponse::new(Code::Forbidden, detail)
}

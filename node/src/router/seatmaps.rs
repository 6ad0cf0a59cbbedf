//! Seatmaps: how one gets into the log, part by part, and how one is read, from any node.
//!
//! ```text
//!   keep? ──► kept, found, refused: answered
//!     │ no such organizer: make it; parts are missing: put them, a few at a time
//!     └──◄── keep?
//! ```
//!
//! Whoever asks to keep a map is answered by the first of these steps where it was kept before, and nothing of it is sent again.
//! Every step may be repeated, by anyone, also after a crash in the middle: what is here is not missing.

use std::sync::Arc;

use booking::entity::Entity;
use booking::organizer::{self, Command, Counts, Decision, Organizer, Outcome, Part, Parts, Wish};
use booking::{Fingerprint, RequestKey, SeatmapId, limits};
use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, try_join_all};
use seatmap::Seatmap;

use super::wire::{Passed, Unrouted};
use super::{Presence, Router};
use crate::actors::message::ReadView;
use crate::ids;
use crate::permits::Lane;
use crate::saved;
use crate::saved::archive::Wanted;

/// Parts that are on their way at once: so many go into one entry of the log, and it may have as many bytes of one map.
const PARTS_AT_ONCE: usize = 8;
const ENTRY_BYTES_MAX: usize = 256 << 10;
/// Where a map is read.
const SEATMAPS: &str = "/v1/seatmaps/";
/// How often missing parts are put before whoever asks is told to ask again: what was put could be forgotten before the last part
/// came, but hardly twice.
const ROUNDS_MAX: usize = 3;

const _: () = assert!(PARTS_AT_ONCE * limits::SEATMAP_PART_LEN as usize <= ENTRY_BYTES_MAX);

/// A seatmap that somebody wants to be kept.
pub(crate) struct Upload<'text> {
    /// The map, which is of this organizer.
    pub(crate) id: SeatmapId,
    pub(crate) organizer: &'text str,
    /// Its canonical text, of at most [`limits::SEATMAP_LEN_MAX`] bytes.
    pub(crate) text: &'text [u8],
    pub(crate) counts: Counts,
    /// Whose request it is, and what it asks.
    pub(crate) key: RequestKey,
    pub(crate) fingerprint: Fingerprint,
}

impl Upload<'_> {
    fn len(&self) -> u32 {
        u32::try_from(self.text.len()).expect("a text's length is tested at the door")
    }

    fn request(&self, (key, fingerprint): (RequestKey, Fingerprint), command: Command) -> organizer::Request {
        organizer::Request { organizer: self.id.organizer, key, fingerprint, command }
    }

    pub(crate) fn keep(&self) -> organizer::Request {
        let wish = Wish { content: self.id.content, len: self.len(), counts: self.counts };
        self.request((self.key, self.fingerprint), Command::Keep(Box::new(wish)))
    }

    /// The same whoever asks for it: whoever is first makes the organizer, and the others find it.
    pub(crate) fn make(&self) -> organizer::Request {
        let asked = (ids::organizer_key(self.id.organizer), Fingerprint(0));
        self.request(asked, Command::Make(self.organizer.into()))
    }

    pub(crate) fn part(&self, number: u8) -> organizer::Request {
        let first = usize::from(number) * limits::SEATMAP_PART_LEN as usize;
        let len = Parts::part_len(self.len(), number).expect("only a part that there is can be missing");
        let bytes = Arc::from(&self.text[first..first + len]);
        let part = Part { content: self.id.content, len: self.len(), number, bytes };
        self.request((ids::part_key(self.id, number), Fingerprint(0)), Command::PutPart(Box::new(part)))
    }
}

/// A map as its organizer's actor has it.
struct Found {
    seatmap: organizer::Seatmap,
    /// Of each of its parts the text, if that cannot be read back yet.
    fresh: Vec<Option<Arc<[u8]>>>,
}

impl Found {
    fn of(organizer: &Organizer, id: SeatmapId) -> Option<Self> {
        let seatmap = *organizer.seatmap(id.content)?;
        let fresh = seatmap.parts().numbers();
        let fresh = fresh.map(|number| organizer.fresh_part(id.content, number).map(Arc::clone)).collect();
        Some(Self { seatmap, fresh })
    }
}

impl Router {
    /// Asks an organizer to keep a map, and puts what is missing of it.
    pub(crate) async fn keep_seatmap(&self, upload: &Upload<'_>, lane: Lane) -> Result<Outcome, Unrouted> {
        for _ in 0..ROUNDS_MAX {
            let outcome = self.ask_organizer(upload.keep(), lane).await?;
            let missing = match outcome.decision {
                Decision::Missing(missing) => missing,
                Decision::NotFound => {
                    self.ask_organizer(upload.make(), lane).await?;
                    Parts::of(upload.len()).expect("a text's length is tested at the door")
                }
                Decision::Made
                | Decision::PartTaken
                | Decision::Kept(_)
                | Decision::Found(_)
                | Decision::Refused(_)
                | Decision::Overloaded
                | Decision::KeyReused => return Ok(outcome),
            };
            let missing: Vec<u8> = missing.numbers().collect();
            for few in missing.chunks(PARTS_AT_ONCE) {
                let put = few.iter().map(|number| self.ask_organizer(upload.part(*number), lane));
                let refused = |outcome: &Outcome| outcome.decision != Decision::PartTaken;
                if let Some(outcome) = try_join_all(put).await?.into_iter().find(refused) {
                    return Ok(outcome);
                }
            }
        }
        Err(Unrouted::Unknown)
    }

    pub(crate) async fn ask_organizer(
        &self,
        request: organizer::Request,
        lane: Lane,
    ) -> Result<Outcome, Unrouted> {
        self.ask_for(&self.prepare(request), lane).await
    }

    /// The text of a map, if there is such a one. What this node knows of is read here at once; behind everything that is
    /// committed, only where it knows nothing.
    pub(crate) async fn seatmap(&self, id: SeatmapId) -> Result<Option<Bytes>, Unrouted> {
        if let Some(text) = self.admission.seatmap_texts.get(&id) {
            return Ok(Some(text));
        }
        let permit = self.permit(Lane::Reader)?;
        if self.shards.group(id.organizer).is_err() {
            // Boxed: rare, and large.
            return Box::pin(self.seatmap_elsewhere(id)).await;
        }
        let here = self.find_seatmap_here(id).await?;
        drop(permit);
        let found = match here {
            Some(found) => Some(found),
            None => self.linearizable(id.organizer).await?.read(Wanted::Nothing, look_for(id)).await?,
        };
        let Some(found) = found else { return Ok(None) };
        let text = self.read_apart(|| self.seatmap_text(id, &found)).await?;
        self.admission.seatmap_texts.insert(id, text.clone());
        Ok(Some(text))
    }

    /// The text of a map of an organizer of whom this node has no replica, if there is such a one.
    async fn seatmap_elsewhere(&self, id: SeatmapId) -> Result<Option<Bytes>, Unrouted> {
        let request = Passed::get(format!("{SEATMAPS}{}", ids::seatmap_text(id)), Vec::new());
        let (_node, answer) = self.pass_on(self.shards.number(id.organizer), &request, true).await?;
        match answer.status {
            200 => {
                let text = Bytes::from(answer.body);
                self.admission.seatmap_texts.insert(id, text.clone());
                Ok(Some(text))
            }
            404 => Ok(None),
            _ => Err(Unrouted::NoLeader),
        }
    }

    /// A map that names seats, and was read lately.
    pub(crate) fn known_seatmap(&self, id: &SeatmapId) -> Option<Arc<Seatmap>> {
        self.admission.seatmaps.get(id)
    }

    /// A map that names seats, if there is such a one.
    pub(crate) fn read_seatmap(
        &self,
        id: SeatmapId,
    ) -> BoxFuture<'_, Result<Option<Arc<Seatmap>>, Unrouted>> {
        // Boxed: rare, and large.
        async move { self.find_or_read(id).await }.boxed()
    }

    async fn find_or_read(&self, id: SeatmapId) -> Result<Option<Arc<Seatmap>>, Unrouted> {
        let read = async {
            let text = self.seatmap(id).await.map_err(Some)?.ok_or(None)?;
            let map = self.read_apart(|| Seatmap::from_json(&text)).await;
            map.map(Arc::new).map_err(|error| {
                tracing::error!(seatmap = %ids::seatmap_text(id), %error, "a kept seatmap is none");
                Some(Unrouted::Faulted)
            })
        };
        // There being none is no map that could be kept.
        match self.admission.seatmaps.get_or_read(id, read).await {
            Ok(map) => Ok(Some(map)),
            Err(None) => Ok(None),
            Err(Some(unrouted)) => Err(unrouted),
        }
    }

    async fn find_seatmap_here(&self, id: SeatmapId) -> Result<Option<Found>, Unrouted> {
        match self.shards.presence(id.organizer) {
            Presence::Closed | Presence::Nowhere => Ok(None),
            Presence::Faulted => Err(Unrouted::Faulted),
            Presence::Unseen | Presence::Asleep | Presence::Awake(_) => {
                self.shards.handle(id.organizer)?.read(Wanted::Nothing, look_for(id)).await
            }
        }
    }

    /// The text of a map that is kept: what cannot be read back yet, and the rest from the disk.
    fn seatmap_text(&self, id: SeatmapId, found: &Found) -> Result<Bytes, Unrouted> {
        let shard = self.shards.shard(id.organizer)?;
        let state = shard.state();
        let mut parts = Vec::new();
        for (number, fresh) in (0..=u8::MAX).zip(&found.fresh) {
            let part = match fresh {
                Some(text) => Ok(Some(Arc::clone(text))),
                None => saved::seatmaps::part(state, id, number),
            };
            let part = part.map_err(|error| {
                tracing::error!(seatmap = %ids::seatmap_text(id), %error, "a saved seatmap cannot be read");
                Unrouted::Faulted
            })?;
            // A snapshot may be taking the place of all that was here.
            parts.push(part.ok_or(Unrouted::NoLeader)?);
        }
        if !found.seatmap.is_made_of(&parts) {
            tracing::error!(seatmap = %ids::seatmap_text(id), "the parts of a saved seatmap are others than were put");
            return Err(Unrouted::Faulted);
        }
        Ok(Bytes::from(parts.concat()))
    }
}

/// What looks for a map in its organizer.
fn look_for(id: SeatmapId) -> impl FnOnce(ReadView<'_>) -> Option<Found> + Send + 'static {
    move |view| view.entity.and_then(Entity::organizer).and_then(|organizer| Found::of(organizer, id))
}

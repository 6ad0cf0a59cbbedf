//! One house at which somebody looks: what was seen of it last, what changed since when, and who is told.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use booking::{Content, SeatMap, Seq, Slot, SlotId};
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

use crate::permits::Permit;
use crate::router::bells::{Bell, Bells};
use crate::router::pace::Pace;
use crate::router::read::EntityHandle;
use crate::router::{Shards, Unrouted};
use crate::saved::archive::Wanted;
use crate::views::seat_journal::{Gone, SeatChanges, SeatJournal};

/// How often a house is looked at while somebody watches and it sells.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A house of at most so many seats is looked at for everyone who asks.
const SEATS_AT_ONCE: usize = 1_000;
/// What was seen of a larger one may be so old for each of its seats: a tenth of a second in a stadium.
const LOOK_AGE: Duration = Duration::from_micros(1);
/// And what is shown of all of it, which is written and packed anew each time; but never more than [`PICTURE_AGE_MAX`].
const PICTURE_AGE: Duration = Duration::from_micros(10);
/// Whoever has a map of seats may show it for as long.
const PICTURE_AGE_MAX: Duration = Duration::from_secs(1);

/// A house at which somebody looks.
pub(crate) struct House {
    slot: SlotId,
    began: Instant,
    /// When somebody looked last, in milliseconds from the beginning.
    used_ms: AtomicU64,
    /// One looks for all.
    turn: tokio::sync::Mutex<()>,
    seen: Mutex<Option<Seen>>,
    bells: Arc<Bells>,
    pace: Arc<Pace>,
}

/// What was seen.
pub(super) struct Seen {
    pub(super) journal: SeatJournal,
    at: Instant,
    picture: Picture,
    pictured: Instant,
}

/// All of a house at one seq.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) seq: Seq,
    pub(crate) seats: Arc<SeatMap>,
}

/// Somebody who watches a house.
pub(crate) struct Watch {
    house: Arc<House>,
    bell: Bell,
}

impl House {
    /// A house at which nobody has looked. All who watch, of whatever house, are told at one pace.
    pub(crate) fn new(slot: SlotId, pace: Arc<Pace>) -> Self {
        Self {
            slot,
            began: Instant::now(),
            used_ms: AtomicU64::new(0),
            turn: tokio::sync::Mutex::new(()),
            seen: Mutex::new(None),
            bells: Arc::default(),
            pace,
        }
    }

    /// All of it, as the slot was published with `published` or later; a large one a little earlier.
    pub(crate) async fn picture(&self, shards: &Shards, published: Seq) -> Result<Picture, Unrouted> {
        let known = |seen: &mut Option<Seen>| seen.as_ref().and_then(|seen| seen.good_picture(published));
        if let Some(picture) = known(&mut self.seen.lock()) {
            return Ok(picture);
        }
        self.catch_up(shards, published, Seq(0)).await?;
        let mut seen = self.seen.lock();
        // Of all who waited, the first takes it.
        let taken = known(&mut seen);
        Ok(taken.unwrap_or_else(|| seen.as_mut().expect("it was looked at").take_picture()))
    }

    /// Looks, unless what was seen is of `published` or young enough, and of `after` at least; says up to which seq it was seen.
    pub(crate) async fn catch_up(
        &self,
        shards: &Shards,
        published: Seq,
        after: Seq,
    ) -> Result<Seq, Unrouted> {
        let known = || self.seen.lock().as_ref().and_then(|seen| seen.good_seq(published, after));
        if let Some(seq) = known() {
            return Ok(seq);
        }
        let _turn = self.turn.lock().await;
        if let Some(seq) = known() {
            return Ok(seq);
        }
        self.look(&shards.handle(self.slot)?).await
    }

    /// Up to which seq it was seen, which it was.
    pub(crate) fn seq(&self) -> Seq {
        self.seen.lock().as_ref().expect("it was looked at").journal.seq()
    }

    /// What is otherwise than after a seq that was seen, for who knows the house by this map: of these seats, or of everything.
    pub(crate) fn changes(
        &self,
        map: Content,
        after: Seq,
        part: Option<Range<u32>>,
    ) -> Result<SeatChanges, Gone> {
        self.seen.lock().as_ref().expect("it was looked at").journal.changes(map, after, part)
    }

    /// Calls somebody whenever something is new from now on; none where it was forgotten meanwhile.
    pub(crate) fn watch(self: &Arc<Self>, permit: Permit) -> Option<Watch> {
        Some(Watch { house: Arc::clone(self), bell: self.bells.add(permit)? })
    }

    pub(super) fn slot(&self) -> SlotId {
        self.slot
    }

    pub(super) fn is_watched(&self) -> bool {
        self.bells.is_watched()
    }

    /// Somebody looks.
    pub(super) fn touch(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).expect("so long no process lives");
        self.used_ms.store(now, Ordering::Relaxed);
    }

    /// For how long nobody has looked.
    pub(super) fn idle(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.used_ms.load(Ordering::Relaxed)))
    }

    /// Those who watch hear that it is over.
    pub(super) fn end(&self) {
        self.bells.end();
    }

    /// Waits for somebody who watches.
    pub(super) async fn somebody(&self) {
        self.bells.somebody().await;
    }

    /// Looks whenever something is new, and tells all who watch, for as long as somebody does.
    pub(super) async fn follow(&self, shards: &Shards) -> Result<(), Unrouted> {
        let handle = shards.handle(self.slot)?;
        loop {
            let changed = handle.changed();
            self.look_again(&handle).await?;
            self.tell(&handle).await?;
            tokio::select! {
                biased;
                () = self.bells.nobody() => return Ok(()),
                () = changed => {}
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Calls all who watch, a few at a time. That takes the longer the more they are and the more there is to tell, and whoever is
    /// called late is told what is so by then.
    async fn tell(&self, handle: &EntityHandle) -> Result<(), Unrouted> {
        let mut looked = Instant::now();
        // Whoever comes later knows what was seen last.
        let mut round = self.bells.round();
        loop {
            self.pace.rest().await;
            if LOOK_EVERY <= looked.elapsed() {
                self.look_again(handle).await?;
                looked = Instant::now();
            }
            if !round.call_some() {
                return Ok(());
            }
        }
    }

    async fn look_again(&self, handle: &EntityHandle) -> Result<(), Unrouted> {
        let _turn = self.turn.lock().await;
        self.look(handle).await.map(drop)
    }

    /// Looks at the house as its actor has it. One at a time: what is seen is never older than what was seen before.
    async fn look(&self, handle: &EntityHandle) -> Result<Seq, Unrouted> {
        let look = |slot: &Slot| Some((slot.view().seq, slot.seat_map()?));
        let looked = handle.read(Wanted::Nothing, move |view| view.slot().and_then(look)).await?;
        let (seq, seats) = looked.ok_or(Unrouted::Faulted)?;
        let at = Instant::now();
        let mut seen = self.seen.lock();
        if let Some(seen) = &mut *seen {
            seen.journal.see(seq, seats);
            seen.at = at;
        } else {
            *seen = Some(Seen::begin(SeatJournal::begin(seq, seats), at));
        }
        Ok(seq)
    }
}

impl Seen {
    pub(super) fn begin(journal: SeatJournal, at: Instant) -> Self {
        let picture = Picture { seq: journal.seq(), seats: Arc::clone(journal.seen()) };
        Self { journal, at, picture, pictured: at }
    }

    /// How old something may be that may be so old for each seat.
    fn age_max(&self, age: Duration) -> Duration {
        let seats = self.journal.seat_count();
        let seats =
            if seats <= SEATS_AT_ONCE { 0 } else { u32::try_from(seats).expect("the rules have a bound") };
        age * seats
    }

    pub(super) fn good_seq(&self, published: Seq, after: Seq) -> Option<Seq> {
        let seq = self.journal.seq();
        let is_young = self.at.elapsed() < self.age_max(LOOK_AGE);
        (after <= seq && (published <= seq || is_young)).then_some(seq)
    }

    /// Who is told to take a new map gets one that the journal goes on from.
    pub(super) fn good_picture(&self, published: Seq) -> Option<Picture> {
        let age_max = self.age_max(PICTURE_AGE).min(PICTURE_AGE_MAX);
        let is_young = self.pictured.elapsed() < age_max && self.journal.since() <= self.picture.seq;
        (published <= self.picture.seq || is_young).then(|| self.picture.clone())
    }

    pub(super) fn take_picture(&mut self) -> Picture {
        self.picture = Picture { seq: self.journal.seq(), seats: Arc::clone(self.journal.seen()) };
        self.pictured = self.at;
        self.picture.clone()
    }
}

impl Watch {
    pub(crate) fn house(&self) -> &House {
        &self.house
    }

    /// Waits until it is called. Whoever was busy then is called still.
    pub(crate) async fn called(&self) {
        self.bell.rings().await;
    }

    /// Whether there is nothing more to come.
    pub(crate) fn is_over(&self) -> bool {
        self.bell.is_over()
    }

    /// It was told so many bytes.
    pub(crate) fn told(&self, bytes: usize) {
        self.house.pace.told(bytes);
    }
}

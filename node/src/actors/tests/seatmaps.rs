//! An organizer's actor: maps are there however it sleeps, and after a kill at any moment; what is unfinished goes in time.

use booking::limits::{SEATMAP_DRAFT_SECONDS, SEATMAP_PART_LEN};
use booking::organizer::{Command, Counts, Decision, Outcome};

use super::*;
use crate::ids;
use crate::router::seatmaps::Upload;

const COUNTS: Counts = Counts { seats: 1, rows: 2, areas: 3, categories: 4 };
/// Three parts.
const LEN: usize = 2 * SEATMAP_PART_LEN as usize + 7;

/// The text of the n-th map: only the door reads it.
fn text(number: u8) -> Vec<u8> {
    let byte = |at: usize| number.wrapping_add(u8::try_from(at / 251 % 251).expect("below 251"));
    (0..LEN).map(byte).collect()
}

fn upload(text: &[u8], key: u128) -> Upload<'_> {
    let id = ids::seatmap("studio", text);
    let (key, fingerprint) = (RequestKey(key), Fingerprint(1));
    Upload { id, organizer: "studio", text, counts: COUNTS, key, fingerprint }
}

fn organizer() -> EntityId {
    ids::organizer("studio")
}

impl TestNode {
    async fn keep(&self, text: &[u8], key: u128) -> Outcome {
        self.router.keep_seatmap(&upload(text, key), Lane::Newcomer).await.expect("an answer")
    }

    async fn text(&self, text: &[u8]) -> Option<Bytes> {
        self.router.seatmap(ids::seatmap("studio", text)).await.expect("readable")
    }

    /// How many texts of parts are on the disk.
    fn parts_saved(&self) -> usize {
        self.shard().state().scan(b"d", b"e", 1_000).expect("readable").len()
    }

    async fn checked(&self) {
        let pin = self.shard().pin(organizer()).expect("it is open");
        let judged = pin.read(Wanted::Nothing, |view| view.entity.map(booking::entity::Entity::check)).await;
        assert_eq!(judged.expect("it lives"), Some(Ok(())));
    }
}

#[tokio::test]
async fn a_map_is_there_awake_and_asleep_and_after_a_kill() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    let (one, other) = (text(1), text(2));
    assert_eq!(node.text(&one).await, None);
    let kept = node.keep(&one, 1).await;
    assert!(matches!(kept.decision, Decision::Kept(view) if view.counts == COUNTS), "{kept:?}");
    assert_eq!(node.text(&one).await.as_deref(), Some(&*one), "before anything is saved");
    let digest = node.shard().digest(Index(u64::MAX)).await.0;
    node.put_to_sleep().await;
    assert_eq!(node.shard().registry().count(), (0, 0), "an organizer is no slot");
    assert_eq!(node.shard().digest(Index(u64::MAX)).await.0, digest);
    assert_eq!(node.parts_saved(), 3);
    assert!(matches!(node.keep(&one, 2).await.decision, Decision::Found(_)), "woken, it knows");
    let again = node.keep(&one, 1).await;
    assert_eq!((again.decision, again.replayed, again.seq), (kept.decision, true, kept.seq));
    node.checked().await;

    // As if the process had been killed: one is saved, the other stands in the log only.
    node.keep(&other, 3).await;
    let digest = node.shard().digest(Index(u64::MAX)).await.0;
    let node = TestNode::open(&store).await;
    node.shard().settle().await;
    assert_eq!(node.shard().digest(Index(u64::MAX)).await.0, digest);
    for text in [&one, &other] {
        assert_eq!(node.text(text).await.as_deref(), Some(text.as_slice()));
    }
    node.checked().await;
    node.put_to_sleep().await;
    assert_eq!(node.parts_saved(), 6, "no part is twice on the disk");
    assert_eq!(node.shard().digest(Index(u64::MAX)).await.0, digest);
}

#[tokio::test]
async fn before_the_level_has_organizers_nothing_of_a_map_is_logged() {
    let store = Arc::default();
    let node = TestNode::open_at(&store, Level(1)).await;
    node.ask(1, making()).await.expect("made");
    let (text, last) = (text(1), node.group.status().last);
    let refused = node.router.keep_seatmap(&upload(&text, 1), Lane::Newcomer).await;
    assert_eq!((refused, node.group.status().last), (Err(Unrouted::Upgrading), last));
    assert_eq!(node.text(&text).await, None);
    node.group.checkpoint().await.expect("saved");

    let node = TestNode::open_at(&store, Level(2)).await;
    while node.shard().registry().level() < Level(2) {
        tokio::task::yield_now().await;
    }
    let kept = node.keep(&text, 1).await;
    assert_eq!(
        (matches!(kept.decision, Decision::Kept(_)), kept.replayed),
        (true, false),
        "nobody remembers it"
    );
    assert_eq!(node.text(&text).await.as_deref(), Some(text.as_slice()));
}

#[tokio::test]
async fn whatever_was_put_before_a_kill_is_not_put_again() {
    let text = text(1);
    // A kill behind each step of the way, with and without a checkpoint before.
    for (steps, saved) in (1..=5).flat_map(|steps| [false, true].map(|saved| (steps, saved))) {
        let store = Arc::default();
        let node = TestNode::open(&store).await;
        let ask = upload(&text, 1);
        let requests = [ask.make(), ask.part(0), ask.part(2), ask.part(1), ask.keep()];
        for request in requests.into_iter().take(steps) {
            node.router.ask_organizer(request, Lane::Newcomer).await.expect("an answer");
        }
        if saved {
            node.group.checkpoint().await.expect("saved");
        }
        let node = TestNode::open(&store).await;
        assert_eq!(node.text(&text).await.is_some(), steps == 5, "{steps} {saved}");
        let outcome = node.keep(&text, 1).await;
        assert_eq!((matches!(outcome.decision, Decision::Kept(_)), outcome.replayed), (true, steps == 5));
        assert_eq!(outcome.seq, Seq(5), "made, three parts, kept: nothing was done twice");
        assert_eq!(node.text(&text).await.as_deref(), Some(text.as_slice()), "{steps} {saved}");
        node.checked().await;
    }
}

#[tokio::test]
async fn what_is_unfinished_leaves_the_disk_in_time() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    let (whole, part) = (text(1), text(2));
    node.keep(&whole, 1).await;
    let ask = upload(&part, 2);
    node.router.ask_organizer(ask.part(1), Lane::Newcomer).await.expect("an answer");
    node.put_to_sleep().await;
    assert_eq!(node.parts_saved(), 4);
    node.clock.pass(SEATMAP_DRAFT_SECONDS.into());
    // The leader sees the deadline of a sleeper, and its pulse wakes it.
    let seq = async || {
        let pin = node.shard().pin(organizer()).expect("it is open");
        let seq =
            pin.read(Wanted::Nothing, |view| view.entity.map(|entity| entity.deadline().is_none())).await;
        seq.expect("it lives").expect("it is there")
    };
    while !seq().await {
        tokio::task::yield_now().await;
    }
    node.put_to_sleep().await;
    assert_eq!(node.parts_saved(), 3, "only those of the map that is kept");
    assert!(matches!(node.keep(&part, 3).await.decision, Decision::Kept(_)), "it may be sent again");
    assert_eq!(node.text(&part).await.as_deref(), Some(part.as_slice()));
    node.checked().await;
}

#[tokio::test]
async fn many_who_send_the_same_map_keep_one() {
    let node = TestNode::open(&Arc::default()).await;
    let text = text(1);
    let senders = (0..5_u128).map(|key| node.keep(&text, key / 2));
    let outcomes = futures::future::join_all(senders).await;
    let kept = outcomes.iter().filter(|outcome| matches!(outcome.decision, Decision::Kept(_)));
    let first: Vec<_> = kept.map(|outcome| (outcome.replayed, outcome.seq)).collect();
    assert_eq!(first.iter().filter(|(replayed, _seq)| !replayed).count(), 1, "{outcomes:?}");
    assert!(first.len() <= 2, "the same key has the same answer: {outcomes:?}");
    assert_eq!(outcomes.iter().map(|outcome| outcome.seq).max(), Some(Seq(5)), "made, three parts, kept");
    assert_eq!(node.router.in_flight(), 0);
}

#[tokio::test]
async fn an_organizer_whose_rules_break_is_tried_again_with_nothing_lost() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    let text = text(1);
    let ask = upload(&text, PLANTED.0);
    let broken = node.router.keep_seatmap(&ask, Lane::Newcomer).await;
    assert_eq!(broken, Err(Unrouted::Unknown), "it is in the log");
    assert_eq!(node.router.seatmap(ask.id).await, Err(Unrouted::Faulted));
    let node = TestNode::open(&store).await;
    MENDED.set(true);
    assert_eq!(node.router.retry(organizer()).await, Ok(Health::Sound));
    let outcome = node.router.keep_seatmap(&ask, Lane::Newcomer).await.expect("an answer");
    assert!(matches!(outcome.decision, Decision::Kept(_)), "{outcome:?}");
    assert_eq!(node.text(&text).await.as_deref(), Some(text.as_slice()));
    node.checked().await;
}

#[test]
fn a_part_is_cut_as_the_rules_want_it() {
    let text = text(1);
    let ask = upload(&text, 1);
    let mut whole = Vec::new();
    for number in 0..3 {
        let Command::PutPart(part) = ask.part(number).command else { panic!("it is no part") };
        whole.extend_from_slice(&part.bytes);
    }
    assert_eq!(whole, text);
}

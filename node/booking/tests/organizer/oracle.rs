//! What an organizer must answer, by other means: lists that are gone through, and a store that is looked at part by part.

use booking::limits::{
    CHANGE_REMEMBERED_SECONDS, SEATMAP_DRAFT_SECONDS, SEATMAP_DRAFTS_MAX, SEATMAP_PART_LEN,
};
use booking::organizer::{Decision, Refusal};

use crate::stage::{Map, Stage, map, parts, view};

/// Steps that one game has.
const STEPS: usize = 400;

/// A naive organizer.
#[derive(Default)]
struct Oracle {
    kept: Vec<Map>,
    drafts: Vec<Draft>,
    answered: Vec<Answered>,
    seq: u64,
}

/// An unfinished map: which parts are here, and since when none came.
struct Draft {
    map: Map,
    parts: Vec<u8>,
    since: u64,
}

struct Answered {
    key: u64,
    map: Map,
    decision: Decision,
    at: u64,
}

impl Oracle {
    /// Time passes, and says whether it changed anything.
    fn pass(&mut self, at: u64) -> bool {
        for _ in 0..2 {
            let is_outdated = |answered: &Answered| {
                let is_refusal = matches!(answered.decision, Decision::Refused(_));
                !is_refusal && answered.at + u64::from(CHANGE_REMEMBERED_SECONDS) * 1_000 <= at
            };
            if let Some(place) = self.answered.iter().position(is_outdated) {
                self.answered.remove(place);
            }
        }
        let before = self.drafts.len();
        self.drafts.retain(|draft| at < draft.since + u64::from(SEATMAP_DRAFT_SECONDS) * 1_000);
        before != self.drafts.len()
    }

    fn pulse(&mut self, at: u64) {
        let is_due =
            self.drafts.iter().any(|draft| draft.since + u64::from(SEATMAP_DRAFT_SECONDS) * 1_000 <= at);
        if is_due {
            self.pass(at);
            self.seq += 1;
        }
    }

    /// Answers a request; `rule` says what to, and whether it changes anything.
    fn ask(
        &mut self,
        (key, map, at): (u64, Map, u64),
        rule: impl FnOnce(&mut Self) -> (Decision, bool),
    ) -> Decision {
        if let Some(before) = self.answered.iter().find(|answered| answered.key == key) {
            // A part's key is the same for whatever is put as that part.
            let is_same = key >= 1 << 40 || before.map.content == map.content;
            return if is_same { before.decision } else { Decision::KeyReused };
        }
        let by_time = self.pass(at);
        let (decision, by_rule) = rule(self);
        self.seq += u64::from(by_time || by_rule);
        if matches!(decision, Decision::Kept(_) | Decision::Found(_) | Decision::Refused(_)) {
            self.answered.push(Answered { key, map, decision, at });
        }
        decision
    }

    fn put(&mut self, map: Map, number: u8, at: u64) -> Decision {
        self.ask((map.part_key(number), map, at), |oracle| {
            let is_part = u32::from(number) < map.len.div_ceil(SEATMAP_PART_LEN);
            if !is_part {
                return (Decision::Refused(Refusal::Misfit), false);
            }
            if oracle.kept.iter().any(|kept| kept.content == map.content) {
                return (Decision::PartTaken, false);
            }
            let room = oracle.drafts.len() < SEATMAP_DRAFTS_MAX;
            match oracle.drafts.iter_mut().find(|draft| draft.map.content == map.content) {
                Some(draft) if draft.map.len != map.len => (Decision::Refused(Refusal::Misfit), false),
                Some(draft) if draft.parts.contains(&number) => (Decision::PartTaken, false),
                Some(draft) => {
                    draft.parts.push(number);
                    draft.since = at;
                    (Decision::PartTaken, true)
                }
                None if room => {
                    oracle.drafts.push(Draft { map, parts: vec![number], since: at });
                    (Decision::PartTaken, true)
                }
                None => (Decision::Overloaded, false),
            }
        })
    }

    fn keep(&mut self, key: u64, map: Map, at: u64) -> Decision {
        self.ask((key, map, at), |oracle| {
            if let Some(kept) = oracle.kept.iter().find(|kept| kept.content == map.content) {
                return (Decision::Found(view(*kept)), false);
            }
            let all = 0..u8::try_from(map.len.div_ceil(SEATMAP_PART_LEN)).unwrap();
            let Some(place) = oracle.drafts.iter().position(|draft| draft.map.content == map.content) else {
                return (Decision::Missing(parts(&all.collect::<Vec<_>>())), false);
            };
            let draft = &oracle.drafts[place];
            if draft.map.len != map.len {
                return (Decision::Refused(Refusal::Misfit), false);
            }
            let missing: Vec<u8> = all.filter(|number| !draft.parts.contains(number)).collect();
            if !missing.is_empty() {
                return (Decision::Missing(parts(&missing)), false);
            }
            oracle.drafts.remove(place);
            oracle.kept.push(map);
            (Decision::Kept(view(map)), true)
        })
    }

    /// Whether everything that is to be there is in the store, or is held.
    fn finds_every_part(&self, stage: &Stage) {
        for kept in &self.kept {
            for number in 0..u8::try_from(kept.len.div_ceil(SEATMAP_PART_LEN)).unwrap() {
                let fresh = stage.organizer().fresh_part(kept.content, number);
                let text = fresh.or_else(|| stage.texts.get(&(kept.content, number)));
                assert_eq!(text.map(AsRef::as_ref), Some(kept.part(number).as_slice()));
            }
        }
        let unfinished = |content| self.drafts.iter().any(|draft| draft.map.content == content);
        let kept = |content| self.kept.iter().any(|kept| kept.content == content);
        let is_wanted = |(content, _number): &(booking::Content, u8)| kept(*content) || unfinished(*content);
        assert!(stage.texts.keys().all(is_wanted), "what is forgotten leaves the store");
    }
}

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// One game: some maps of few parts, some of which pretend to be others, under few keys, while time passes.
pub(crate) fn play(seed: u64) {
    let mut random = Random(seed);
    let (mut stage, mut oracle) = (Stage::new(), Oracle { seq: 1, ..Oracle::default() });
    for step in 0..STEPS {
        let number = u32::try_from(random.below(24)).unwrap();
        let impostor = if random.below(40) == 0 { SEATMAP_PART_LEN } else { 0 };
        let map = map(number, number % 3 * SEATMAP_PART_LEN + 1 + impostor);
        let part = u8::try_from(random.below(4)).unwrap();
        let at = stage.at;
        let (got, want) = match random.below(10) {
            0..5 => (Some(stage.put(map, part)), Some(oracle.put(map, part, at))),
            5..8 => {
                let key = random.below(30);
                (Some(stage.keep(key, map)), Some(oracle.keep(key, map, at)))
            }
            8 => {
                let ms = [1, 60_000, 60_000, 900_000, 100_000_000];
                stage.pass(ms[usize::try_from(random.below(5)).unwrap()]);
                stage.pulse();
                oracle.pulse(stage.at);
                (None, None)
            }
            _ => {
                let changes = stage.take();
                match random.below(3) {
                    0 => stage.let_go(changes.header.seq),
                    1 => stage.restored(),
                    _ => {}
                }
                oracle.finds_every_part(&stage);
                (None, None)
            }
        };
        assert_eq!(got, want, "seed {seed}, step {step}: {map:?} {part}");
        assert_eq!(stage.seq(), oracle.seq, "seed {seed}, step {step}");
    }
}

//! Random changes to both stores and to a model so simple that it must be right, with the stores closed and
//! opened again in between.

use std::collections::{BTreeMap, VecDeque};
use std::mem;

use bytes::Bytes;
use storage::{Change, Durability, GroupId, Index, Register, View, Write};

use super::subject::{Dice, Subject, commit};

const GROUPS: u32 = 3;
const WRITES: u64 = 400;
const SEEDS: u64 = 6;

/// How many views are open at once.
const VIEWS_MAX: usize = 5;

/// What one group should hold.
#[derive(Clone, Default)]
struct Model {
    log: Vec<(Index, Bytes)>,
    registers: BTreeMap<u8, Vec<u8>>,
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    staged: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// Views of one group, by both stores, and what the group held when they were taken.
struct Taken {
    at: String,
    model: Model,
    views: Vec<Box<dyn View>>,
}

impl Model {
    /// Whether the write is possible; if so, it is made.
    fn apply(&mut self, changes: &[Change]) -> bool {
        let mut log = self.log.clone();
        for change in changes {
            match change {
                Change::Append { index, entry } => {
                    if log.last().is_some_and(|(last, _)| index.0 != last.0 + 1) {
                        return false;
                    }
                    log.push((*index, entry.clone()));
                }
                Change::TruncateAfter(keep) => log.retain(|(index, _)| Some(*index) <= *keep),
                Change::PurgeUpTo(gone) => log.retain(|(index, _)| index > gone),
                Change::Set { .. }
                | Change::Put { .. }
                | Change::Remove { .. }
                | Change::Stage { .. }
                | Change::Unstage
                | Change::Flip => {}
            }
        }
        self.log = log;
        for change in changes {
            match change {
                Change::Set { register, value } => drop(self.registers.insert(register.0, value.clone())),
                Change::Put { key, value } => drop(self.state.insert(key.clone(), value.clone())),
                Change::Remove { key } => drop(self.state.remove(key)),
                Change::Stage { key, value } => drop(self.staged.insert(key.clone(), value.clone())),
                Change::Unstage => self.staged.clear(),
                Change::Flip => self.state = mem::take(&mut self.staged),
                Change::Append { .. } | Change::TruncateAfter(_) | Change::PurgeUpTo(_) => {}
            }
        }
        true
    }
}

#[test]
fn both_stores_agree_with_the_model() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let mut subjects = Subject::both();
        let mut models: Vec<Model> = (0..GROUPS).map(|_| Model::default()).collect();
        let mut taken = VecDeque::new();
        for number in 0..WRITES {
            let at = format!("seed {seed}, write {number}");
            let group = dice.roll(u64::from(GROUPS));
            let model = &mut models[usize::try_from(group).unwrap()];
            let changes = changes(&mut dice, model, number);
            let possible = model.apply(&changes);
            let durability = if dice.roll(2) == 0 { Durability::Synced } else { Durability::Queued };
            let write = Write { group: GroupId(u32::try_from(group).unwrap()), changes, durability };
            for subject in &subjects {
                let verdict = commit(subject.store(), write.clone());
                assert_eq!(verdict.is_ok(), possible, "{at}, {}: {verdict:?}", subject.name());
            }
            if dice.roll(10) == 0 {
                let id = write.group;
                let views = subjects.iter().map(|subject| subject.store().view(id).expect(&at));
                taken.push_back(Taken { at: at.clone(), model: model.clone(), views: views.collect() });
            }
            if dice.roll(100) == 0 {
                taken.drain(..).for_each(|taken| taken.compare());
                subjects.iter_mut().for_each(Subject::reopen);
            }
            if taken.len() > VIEWS_MAX
                && let Some(oldest) = taken.pop_front()
            {
                oldest.compare();
            }
            if dice.roll(20) == 0 {
                compare(&subjects, &models, &mut dice, &at);
            }
        }
        taken.drain(..).for_each(|taken| taken.compare());
        subjects.iter_mut().for_each(Subject::reopen);
        compare(&subjects, &models, &mut dice, &format!("seed {seed}, at the end"));
    }
}

/// Mostly what a group would do; now and then an entry in the wrong place.
fn changes(dice: &mut Dice, model: &Model, number: u64) -> Vec<Change> {
    let mut next = model.log.last().map_or_else(|| dice.roll(5), |(last, _)| last.0 + 1);
    let mut changes = Vec::new();
    for position in 0..=dice.roll(5) {
        let value = format!("{number}.{position}").into_bytes();
        let key = dice.roll(20).to_string().into_bytes();
        let near = Index(next.saturating_sub(dice.roll(12)));
        changes.push(match dice.roll(24) {
            0..=7 => {
                next += 1;
                Change::Append { index: Index(next - 1), entry: Bytes::from(value) }
            }
            8 => Change::Append { index: near, entry: Bytes::from(value) },
            9 => Change::TruncateAfter(Some(near).filter(|_| dice.roll(6) > 0)),
            10 => Change::PurgeUpTo(near),
            11 => Change::Set { register: Register(key[0]), value },
            12..=14 => Change::Put { key, value },
            15 => Change::Remove { key },
            16..=21 => Change::Stage { key, value },
            22 => Change::Unstage,
            _ => Change::Flip,
        });
        if let Some(Change::TruncateAfter(keep)) = changes.last() {
            next = keep.map_or(next, |keep| next.min(keep.0 + 1));
        }
    }
    changes
}

impl Taken {
    /// The views show what the group held when they were taken.
    fn compare(&self) {
        let Taken { at, model, views } = self;
        let all: Vec<_> = model.state.clone().into_iter().collect();
        for view in views {
            assert_eq!(view.scan(b"", b"", usize::MAX).expect(at), all, "{at}, viewed later");
            for register in b'0'..=b'9' {
                let found = view.register(Register(register)).expect(at);
                assert_eq!(found.as_ref(), model.registers.get(&register), "{at}, register {register}");
            }
        }
    }
}

fn compare(subjects: &[Subject], models: &[Model], dice: &mut Dice, at: &str) {
    for (group, model) in (0..).map(GroupId).zip(models) {
        let from = Index(model.log.first().map_or(0, |(first, _)| first.0) + dice.roll(4));
        let until = Index(from.0 + dice.roll(20));
        let part: Vec<_> =
            model.log.iter().filter(|(index, _)| (from..until).contains(index)).cloned().collect();
        let all: Vec<_> = model.state.clone().into_iter().collect();
        let ends = model.log.first().zip(model.log.last()).map(|(first, last)| (first.0, last.0));
        for subject in subjects {
            let (store, at) = (subject.store(), format!("{at}, {}, group {group}", subject.name()));
            assert_eq!(store.log_bounds(group).expect(&at), ends, "{at}");
            let found = store.entries(group, Index(0), Index(u64::MAX), usize::MAX).expect(&at);
            assert_eq!(found, model.log, "{at}");
            assert_eq!(store.entries(group, from, until, usize::MAX).expect(&at), part, "{at}");
            assert_eq!(store.scan(group, b"", b"", usize::MAX).expect(&at), all, "{at}");
            for register in b'0'..=b'9' {
                let found = store.register(group, Register(register)).expect(&at);
                assert_eq!(found.as_ref(), model.registers.get(&register), "{at}, register {register}");
            }
        }
    }
}

//! The child: several threads that write, each to a group of its own, and report every confirmation.
//!
//! A report is twelve bytes, `group u32 | index u64`, written at once, so that a killed child leaves no half
//! of one but the last.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use storage::{Change, Engine, Error, GroupId, Index, Options, Register, Row, Store, Write};

const GROUPS: u32 = 4;
/// Writes of a thread that are submitted and not confirmed: enough that batches form.
const WINDOW: usize = 8;
/// How often a thread purges its log, and how much it leaves.
const PURGE_EVERY: u64 = 50;
const KEPT: u64 = 25;
const REGISTER: Register = Register(1);
const COUNTER: &[u8] = b"last";
/// How often a thread replaces its state, and when in each turn: it stages for a while, begins anew, stages
/// for another while, and flips.
const FLIP_EVERY: u64 = 40;
const STAGE_FROM: u64 = 5;
const STAGE_ANEW: u64 = 10;
const FLIP_AT: u64 = 20;
/// Tells a child where its store is.
const FOLDER: &str = "STORAGE_CRASH_FOLDER";

/// The highest index of each group that was confirmed.
pub(crate) type Confirmed = BTreeMap<GroupId, u64>;

/// Where the store is, if this process is a child.
pub(crate) fn folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// Makes `command`, which runs this executable, run one test of it as a child.
pub(crate) fn become_child(command: &mut Command, test: &str, folder: &Path) {
    command.args(["--exact", test, "--nocapture"]).env(FOLDER, folder);
}

/// Writes to all groups until the first refusal, and returns the store and how many writes were refused.
pub(crate) fn work(folder: &Path, options: Options) -> (Engine, u64) {
    let store = Engine::open(folder, options).unwrap();
    let refusals = thread::scope(|scope| {
        let store = &store;
        let workers: Vec<_> =
            (0..GROUPS).map(|group| scope.spawn(move || fill(store, GroupId(group)))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    (store, refusals)
}

/// Appends to one group until a write is refused. Returns how many were.
fn fill(store: &Engine, group: GroupId) -> u64 {
    let (sender, receiver) = mpsc::channel::<Result<(), Error>>();
    let mut index = store.log_bounds(group).unwrap().map_or(0, |(_, last)| last.0);
    let mut waiting = 0;
    loop {
        index += 1;
        let sender = sender.clone();
        let done = move |verdict: Result<(), Error>| {
            if verdict.is_ok() {
                report(group, index);
            }
            sender.send(verdict).unwrap();
        };
        store.submit(Write::synced(group, changes(group, index)), Box::new(done));
        waiting += 1;
        if waiting == WINDOW && receiver.recv().unwrap().is_err() {
            let rest = receiver.iter().take(WINDOW - 1).filter(Result::is_err).count();
            return 1 + rest as u64;
        }
        waiting = waiting.min(WINDOW - 1);
    }
}

fn changes(group: GroupId, index: u64) -> Vec<Change> {
    let mut changes = vec![
        Change::Append { index: Index(index), entry: entry(group, index) },
        Change::Set { register: REGISTER, value: index.to_be_bytes().to_vec() },
    ];
    let turn = index % FLIP_EVERY;
    if turn == STAGE_ANEW {
        changes.push(Change::Unstage);
    }
    if (STAGE_FROM..FLIP_AT).contains(&turn) {
        let (key, value) = piece(group, index);
        changes.push(Change::Stage { key, value });
    }
    if turn == FLIP_AT {
        changes.push(Change::Flip);
    }
    changes.push(Change::Put { key: COUNTER.to_vec(), value: index.to_be_bytes().to_vec() });
    if index.is_multiple_of(PURGE_EVERY) {
        changes.push(Change::PurgeUpTo(Index(index - KEPT)));
    }
    changes
}

/// An entry of some hundred bytes that says where it belongs.
fn entry(group: GroupId, index: u64) -> Bytes {
    let length = usize::try_from(40 + index * 37 % 300).unwrap();
    Bytes::from(format!("{group}/{index} ").repeat(length / 4))
}

/// What the write of this entry stages.
fn piece(group: GroupId, index: u64) -> Row {
    (index.to_be_bytes().to_vec(), entry(group, index).to_vec())
}

/// The state behind a log that ends here.
fn state(group: GroupId, last: u64) -> Vec<Row> {
    let flip = (1..=last).rev().find(|index| index % FLIP_EVERY == FLIP_AT);
    let pieces = flip.map_or(0..0, |flip| flip - FLIP_AT + STAGE_ANEW..flip);
    let count = (COUNTER.to_vec(), last.to_be_bytes().to_vec());
    pieces.map(|index| piece(group, index)).chain([count]).collect()
}

fn report(group: GroupId, index: u64) {
    let mut report = [0; 12];
    report[..4].copy_from_slice(&group.0.to_be_bytes());
    report[4..].copy_from_slice(&index.to_be_bytes());
    if io::stderr().lock().write_all(&report).is_err() {
        // The parent is gone.
        process::exit(1);
    }
}

/// Takes up to `count` reports, fewer if the child ends.
pub(crate) fn listen(reports: &mut impl Read, count: u64, confirmed: &mut Confirmed) -> u64 {
    let mut report = [0; 12];
    for heard in 0..count {
        if reports.read_exact(&mut report).is_err() {
            return heard;
        }
        let group = u32::from_be_bytes(report[..4].try_into().unwrap());
        let index = u64::from_be_bytes(report[4..].try_into().unwrap());
        assert!(group < GROUPS, "the child said something else: {:?}", String::from_utf8_lossy(&report));
        let before = confirmed.insert(GroupId(group), index);
        assert!(before.is_none_or(|before| before < index), "confirmed out of order: {before:?}, {index}");
    }
    count
}

/// Looks at what a child left: everything confirmed is there, in order, without a gap, and every write whole.
pub(crate) fn inspect(folder: &Path, confirmed: &Confirmed, at: &str) {
    let store = Engine::open(folder, Options::new(|error| panic!("{error:?}"))).expect(at);
    for group in (0..GROUPS).map(GroupId) {
        let Some((first, last)) = store.log_bounds(group).expect(at) else {
            assert!(!confirmed.contains_key(&group), "{at}: the log of group {group} is gone");
            continue;
        };
        let confirmed = confirmed.get(&group).copied().unwrap_or(0);
        assert!(last.0 >= confirmed, "{at}: group {group} ends at {last}, and {confirmed} was confirmed");
        assert_eq!(first.0, purged(last.0) + 1, "{at}: group {group} begins elsewhere");

        let found = store.entries(group, Index(0), Index(u64::MAX), usize::MAX).expect(at);
        let expected: Vec<_> = (first.0..=last.0).map(|index| (Index(index), entry(group, index))).collect();
        assert!(found == expected, "{at}: the log of group {group} reads otherwise");
        let count = Some(last.0.to_be_bytes().to_vec());
        assert_eq!(store.register(group, REGISTER).expect(at), count, "{at}: group {group} was torn");
        assert_eq!(store.state(group, COUNTER).expect(at), count, "{at}: group {group} was torn");
        let view = store.view(group).expect(at);
        assert_eq!(view.register(REGISTER).expect(at), count, "{at}: the view of group {group} was torn");
        for found in [store.scan(group, b"", b"", usize::MAX), view.scan(b"", b"", usize::MAX)] {
            assert!(found.expect(at) == state(group, last.0), "{at}: the state of group {group} is another");
        }
    }
}

/// What a log that ends here has been purged up to.
fn purged(last: u64) -> u64 {
    (last - last % PURGE_EVERY).saturating_sub(KEPT)
}

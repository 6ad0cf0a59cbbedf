//! `boxoffice restore`: a new node gets what a backup has, and is the whole of a new cluster from its first start on. Others join it with
//! empty data directories, as they join any.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::backup::{Chain, Frame, Head, Unusable, frames};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use booking::Level;
use bytes::Bytes;
use cluster::{Peer, Restoration};
use config::Config;
use parking_lot::Mutex;
use storage::{Change, Engine, GroupId, Index, Store, Write};
use tokio::time::sleep;

use crate::actors::context::ShardOptions;
use crate::chance::{Chance, SystemChance};
use crate::disk::store_options;
use crate::failure::Failure;
use crate::key;
use crate::machine::{Shard, ShardMachine};
use crate::observer::Unobserved;
use crate::saved;
use crate::saved::archive::OVER_IN_MEMORY_MS;

/// Actors that are awake at once while a group is looked at; none sleeps meanwhile.
const AWAKE_MAX: usize = 50_000;
/// Pairs that are taken away at once.
const PAIRS: usize = 1_024;
/// How often it is looked whether the store may be closed, and how many times.
const LOOK_EVERY: Duration = Duration::from_millis(10);
const LOOKS_MAX: u32 = 1_000;
/// Writes that the store has not confirmed yet; behind so many the rest waits.
const WRITES_MAX: u32 = 8;

/// Whether what is restored is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehearse {
    /// Nothing is: it was only to be seen whether it could be.
    Only,
    /// It is the node's data from now on.
    ForGood,
}

/// Gives the node of this configuration, which has no data, what is in the backup; what is to be told of it. Whatever is wrong, nothing
/// is kept.
///
/// # Errors
///
/// When the backup is not whole, what it has is not what it was, or there is something in the data directory.
pub async fn restore(config: &Config, from: &Path, rehearse: Rehearse) -> Result<String, Failure> {
    if !config.cluster.join.is_empty() {
        return Err(Failure::Restore {
            why: "cluster.join names nodes of a cluster, and what is restored is a cluster of its own: leave it out, and let the others \
                  join this node"
                .to_owned(),
        });
    }
    let chain = Chain::open(from)?;
    let heads = looked_at(&chain)?;
    let data = &config.node.data;
    let was_there = data.exists();
    check_empty(data)?;
    // From here on the directory is this process's own.
    let engine = Arc::new(Engine::open(data, store_options())?);
    let restored = fill(config, &chain, &heads, Arc::<Engine>::clone(&engine)).await;
    let_go(engine).await;
    if restored.is_err() || rehearse == Rehearse::Only {
        clear(data, was_there)
            .map_err(|error| Failure::process("cannot take away again what was restored", error))?;
    }
    restored.map(|()| told(config, &chain, &heads, rehearse))
}

/// Closes the store, once everybody who has looked into it has let go of it: actors that were stopped do so a moment later.
async fn let_go(engine: Arc<Engine>) {
    for _ in 0..LOOKS_MAX {
        if Arc::strong_count(&engine) == 1 {
            break;
        }
        sleep(LOOK_EVERY).await;
    }
    drop(engine);
}

/// Refuses a data directory in which there is anything.
fn check_empty(data: &Path) -> Result<(), Failure> {
    let entries = match fs::read_dir(data) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::process("cannot look into the data directory", error)),
    };
    for entry in entries {
        let name = entry
            .map_err(|error| Failure::process("cannot look into the data directory", error))?
            .file_name();
        if !is_left_alone(&name) {
            return Err(Failure::Restore {
                why: format!(
                    "there is something in {} ({}): a backup is restored into an empty data directory",
                    data.display(),
                    name.display()
                ),
            });
        }
    }
    Ok(())
}

/// What may be in a data directory, and stays there.
fn is_left_alone(name: &std::ffi::OsStr) -> bool {
    [key::FILE, key::DRAFT, "lost+found"].iter().any(|known| name == *known)
}

/// Takes away again what was made in a directory that was empty.
fn clear(data: &Path, was_there: bool) -> io::Result<()> {
    if !data.exists() {
        return Ok(());
    }
    if !was_there {
        return fs::remove_dir_all(data);
    }
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        if is_left_alone(&entry.file_name()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Looks at every part of every backup from its first byte to its last, before anything is made of them; the heads of the last, one a group.
fn looked_at(chain: &Chain) -> Result<Vec<Head>, Unusable> {
    let mut heads = Vec::new();
    for link in chain.links() {
        heads = link.manifest().parts.iter().map(|part| link.check(part)).collect::<Result<_, _>>()?;
    }
    Ok(heads)
}

async fn fill(config: &Config, chain: &Chain, heads: &[Head], store: Arc<dyn Store>) -> Result<(), Failure> {
    let listens = config.listen.peer.map(|address| address.to_string());
    let address = config.listen.peer_advertised.clone().or(listens).unwrap_or_default();
    let peer = Peer { address, level: cluster::Level(Level::NEWEST.0) };
    let number = (&SystemChance as &dyn Chance).number();
    let groups = u32::try_from(heads.len()).unwrap_or(u32::MAX);
    let restoration = Restoration::begin(Arc::clone(&store), number, groups, peer).await?;
    for head in heads {
        restore_group(&restoration, store.as_ref(), chain, head).await?;
        store.flush()?;
        check_digest(&restoration, chain, head).await?;
    }
    restoration.finish().await?;
    store.flush()?;
    Ok(())
}

/// What the parts of a group have, one after the other, and the entries of the last.
async fn restore_group(
    restoration: &Restoration,
    store: &dyn Store,
    chain: &Chain,
    head: &Head,
) -> Result<(), Failure> {
    let group = GroupId(head.group);
    let wrong = |why: &str| Unusable::new(chain.last().folder(), &format!("group {group}: {why}"));
    let mark = URL_SAFE_NO_PAD.decode(&head.mark).map_err(|_other| wrong("its mark cannot be read"))?;
    let mut of_log = restoration.group(group, &mark)?;
    let last_part = chain.parts(head.group).last();
    let mut writes = 0;
    for path in chain.parts(head.group) {
        let is_last = Some(&path) == last_part.as_ref();
        for frame in frames(&path)? {
            let changes = match frame.map_err(|why| Unusable::new(&path, &why))? {
                Frame::Entry(entry) if is_last => {
                    of_log.append(Bytes::from(entry)).await?;
                    continue;
                }
                Frame::Range { from, until } => {
                    take_away(store, group, from, &until).await?;
                    continue;
                }
                Frame::Pairs(pairs) => {
                    pairs.into_iter().map(|(key, value)| Change::Put { key, value }).collect()
                }
                Frame::Entry(_) | Frame::Head(_) | Frame::End(_) => continue,
            };
            writes += 1;
            if writes % WRITES_MAX == 0 {
                write(store, group, changes).await?;
            } else {
                store.submit(Write::queued(group, changes), Box::new(drop));
            }
        }
    }
    if of_log.last().0 != head.index {
        return Err(wrong("its entries do not reach the index of which it is to be").into());
    }
    of_log.finish().await?;
    Ok(())
}

/// Takes all keys of a range away.
async fn take_away(store: &dyn Store, group: GroupId, from: Vec<u8>, until: &[u8]) -> Result<(), Failure> {
    // What was written before can be read by then.
    write(store, group, Vec::new()).await?;
    let mut from = from;
    loop {
        let rows = store.scan(group, &from, until, PAIRS)?;
        let Some((last, _value)) = rows.last() else { return Ok(()) };
        from = [last.as_slice(), &[0]].concat();
        write(store, group, rows.into_iter().map(|(key, _value)| Change::Remove { key }).collect()).await?;
    }
}

/// Writes, and waits until it can be read.
async fn write(store: &dyn Store, group: GroupId, changes: Vec<Change>) -> Result<(), Failure> {
    Ok(cluster::written(store, Write::queued(group, changes)).await?)
}

/// Whether what was restored of a group is what it was: every entity of it is read, and what they make up at the group's index has the
/// digest that it had.
async fn check_digest(restoration: &Restoration, chain: &Chain, head: &Head) -> Result<(), Failure> {
    let broken = Arc::new(Mutex::new(None));
    let tell = Arc::clone(&broken);
    let options = ShardOptions {
        awake_max: AWAKE_MAX,
        over_in_memory_ms: OVER_IN_MEMORY_MS,
        on_broken: Arc::new(move |_entity, unreadable| *tell.lock() = Some(unreadable.to_string())),
        observer: Arc::new(Unobserved),
    };
    let make = |parts: cluster::Parts| {
        saved::whole::check(&parts.state)?;
        Ok(Arc::new(ShardMachine(Shard::open(parts, options)?)))
    };
    let digest = restoration.rehearse(GroupId(head.group), Index(head.index), make).await?;
    let wrong = |why: String| {
        Unusable::new(chain.last().folder(), &format!("group {} is not what it was: {why}", head.group))
    };
    if let Some(unreadable) = broken.lock().take() {
        return Err(wrong(unreadable).into());
    }
    let found = digest.map(|digest| format!("{digest:016x}"));
    match &head.digest {
        Some(digest) if found.as_ref() != Some(digest) => {
            let found = found.unwrap_or_else(|| "unknown".to_owned());
            Err(wrong(format!("its digest at index {} was {digest}, and is {found}", head.index)).into())
        }
        _ => Ok(()),
    }
}

fn told(config: &Config, chain: &Chain, heads: &[Head], rehearse: Rehearse) -> String {
    let (folder, backups) = (chain.last().folder().display(), chain.links().len());
    let mut text = format!("{folder}, over {backups} backups:\n\n  group       index  digest\n");
    for Head { group, index, digest, .. } in heads {
        let digest = digest.as_deref().unwrap_or("nobody knew it");
        writeln!(text, "  {group:>5}  {index:>10}  {digest}").expect("text takes text");
    }
    if rehearse == Rehearse::Only {
        text.push_str("\nAll of it can be restored, and is what it was. Nothing was kept.\n");
        return text;
    }
    let groups = heads.len();
    if usize::try_from(config.cluster.groups) != Ok(groups) {
        write!(
            text,
            "\nSay cluster.groups = {groups} before you start the node: a cluster keeps its groups.\n"
        )
        .expect("text takes text");
    }
    write!(
        text,
        "\n{} is node 1 of a new cluster from now on, with what the old one had at these indexes: what was acknowledged later is not in it. \
         Start it; others join it with empty data directories (cluster.join). Nodes of the old cluster are strangers to it: they must not \
         sell beside it.\nEach group is of an index of its own: what one says of another need not fit together.\n",
        config.node.data.display()
    )
    .expect("text takes text");
    text
}

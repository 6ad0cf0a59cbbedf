//! `boxoffice recover`: the last resort. A majority of the cluster is gone for good, and this node goes on without it.

use std::fmt::Write as _;
use std::sync::Arc;

use cluster::{Remains, Survivor};
use config::Config;
use storage::{Engine, Store};

use crate::chance::{Chance, SystemChance};
use crate::disk::store_options;
use crate::failure::Failure;

/// Whether it is only shown what would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolve {
    /// Nothing is changed.
    Look,
    /// The others are gone, and whoever runs this knows what that means.
    OthersAreGone,
}

/// Makes the node whose data these are the whole of a new cluster, if that is resolved; what is to be told either way.
///
/// # Errors
///
/// When the node runs, its data are damaged, or it lacks a part of the sale.
pub async fn recover(config: &Config, resolve: Resolve) -> Result<String, Failure> {
    if !config.node.data.is_dir() {
        return Err(storage::Error::NotOurs { path: config.node.data.clone() }.into());
    }
    let store: Arc<dyn Store> = Arc::new(Engine::open(&config.node.data, store_options())?);
    let survivor = Survivor::find(Arc::clone(&store))?;
    let (node, others) = (survivor.node(), survivor.others());
    let named = others.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let mut text =
        format!("This is node {node}. It has of each group:\n\n  group  last entry  its term  votes\n");
    for Remains { group, last, term, votes } in survivor.remains() {
        let votes = if votes { "yes" } else { "NO: it was catching up, and may lack much" };
        writeln!(text, "  {:>5}  {:>10}  {term:>8}  {votes}", group.to_string(), last.to_string())
            .expect("text takes text");
    }
    if others.is_empty() {
        text.push_str("\nThere is no other node: it goes on alone as it is. Nothing was changed.\n");
        return Ok(text);
    }
    match resolve {
        Resolve::Look => {
            write!(
                text,
                "\nNothing was changed. With --the-others-are-gone it would go on WITHOUT node {named}, for ever:\n\
                 - What was acknowledged and is not on this node's disk is LOST: places may be sold twice.\n\
                 - Nodes {named} are strangers from then on. Their data directories must be emptied before they join again.\n\
                 - Only where a majority is gone for good. If enough of them can be started, start them instead.\n\
                 - Of several survivors take the one whose last entries have the latest terms, then the highest numbers.\n\
                 - Make a copy of the data directory first.\n"
            )
            .expect("text takes text");
        }
        Resolve::OthersAreGone => {
            survivor.go_on_alone((&SystemChance as &dyn Chance).number()).await?;
            store.flush()?;
            write!(
                text,
                "\nNode {node} is a cluster of its own from now on, without node {named}. Start it; then empty the data directories \
                 of the others, and start them with cluster.join = [this node's listen.peer].\n"
            )
            .expect("text takes text");
        }
    }
    Ok(text)
}

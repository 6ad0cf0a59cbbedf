//! `boxctl verify`: whether a backup is whole, from the first byte to the last of every part, and of those before it that have what it leaves
//! out; without one, whether the replicas of the node that is asked are what those of the others are.
//!
//! What the records of a backup make up only a node knows: `boxoffice restore --rehearse` recomputes every digest.

use std::path::Path;

use api::admin;
use api::backup::Chain;
use jiff::Timestamp;

use crate::cli::{Access, Verify};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::progress::Progress;
use crate::render;

/// Looks at a backup, or at the node.
pub(crate) async fn run(access: &Access, wanted: &Verify, now: Timestamp) -> Result<Verdict, Error> {
    match &wanted.backup {
        Some(folder) => of_backup(folder),
        None => of_node(access, now).await,
    }
}

fn of_backup(folder: &Path) -> Result<Verdict, Error> {
    let chain = Chain::open(folder)?;
    let total = chain.links().iter().map(|link| link.manifest().parts.len()).sum();
    let mut progress = Progress::new("looked through", total);
    for link in chain.links() {
        for part in &link.manifest().parts {
            link.check(part)?;
            progress.step();
        }
    }
    progress.finish();
    let last = chain.last();
    let row = |part: &api::backup::Part| {
        let digest = part.digest.clone().unwrap_or_else(|| "nobody knew it".to_owned());
        [part.group.to_string(), part.index.to_string(), digest, part.bytes.to_string()]
    };
    let table =
        render::table(["GROUP", "INDEX", "DIGEST", "BYTES"], last.manifest().parts.iter().map(row).collect());
    let (name, backups, cluster) = (last.folder().display(), chain.links().len(), &last.manifest().cluster);
    render::data(&format!("{table}\n{name} is whole, over {backups} backups of cluster {cluster}"))?;
    Ok(Verdict::Well)
}

async fn of_node(access: &Access, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let body = client.get("/admin/v1/groups?digest=now").await?;
    let groups: admin::Groups = client.read("groups", &body)?;
    let body = client.get("/admin/v1/status").await?;
    let status: admin::Status = client.read("status", &body)?;
    let row = |group: &admin::Group| {
        let digest = group.digest.clone().unwrap_or_else(|| "nobody knows it".to_owned());
        let index = group.digest_index.map_or_else(|| "?".to_owned(), |index| index.to_string());
        [group.group.to_string(), index, digest]
    };
    let table = render::table(["GROUP", "INDEX", "DIGEST"], groups.items.iter().map(row).collect());
    let problems = status.problems.iter().map(|problem| format!("! {problem}"));
    render::data(&[table].into_iter().chain(problems).collect::<Vec<_>>().join("\n"))?;
    let is_known = groups.items.iter().all(|group| group.digest.is_some());
    Ok(if status.healthy && is_known { Verdict::Well } else { Verdict::NotWell })
}

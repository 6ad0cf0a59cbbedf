//! `boxctl verify`: whether a backup is whole, from the first byte to the last of every part, and of those before it that have what it leaves
//! out; without one, whether the replicas of the node that is asked are what those of the others are.
//!
//! What the records of a backup make up only a node knows: `boxoffice restore --rehearse` recomputes every digest.

use std::path::{Path, PathBuf};

use api::admin;
use api::backup::{MANIFEST, Manifest};
use jiff::Timestamp;

use super::backup::{fault, looked_through, manifest, measured};
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
    let chain = chain(folder)?;
    let total = chain.iter().map(|(_folder, manifest)| manifest.parts.len()).sum();
    let mut progress = Progress::new("looked through", total);
    let mut before = None;
    for (folder, manifest) in &chain {
        manifest.check(before).map_err(|why| fault(&folder.join(MANIFEST), &why))?;
        before = Some(manifest);
        for part in &manifest.parts {
            let path = folder.join(&part.file);
            let (bytes, sha256) = measured(&path).map_err(|error| fault(&path, &error))?;
            if (bytes, sha256.as_str()) != (part.bytes, part.sha256.as_str()) {
                return Err(fault(
                    &path,
                    "it is not the file that was written: bytes are missing, or others",
                ));
            }
            if !manifest.names(part, &looked_through(&path)?) {
                return Err(fault(
                    &path,
                    "it is not the part that the manifest names: files of two backups are mixed up",
                ));
            }
            progress.step();
        }
    }
    progress.finish();
    let Some((folder, last)) = chain.last() else { return Ok(Verdict::NotWell) };
    let row = |part: &api::backup::Part| {
        let digest = part.digest.clone().unwrap_or_else(|| "nobody knew it".to_owned());
        [part.group.to_string(), part.index.to_string(), digest, part.bytes.to_string()]
    };
    let table = render::table(["GROUP", "INDEX", "DIGEST", "BYTES"], last.parts.iter().map(row).collect());
    let (name, backups, cluster) = (folder.display(), chain.len(), &last.cluster);
    render::data(&format!("{table}\n{name} is whole, over {backups} backups of cluster {cluster}"))?;
    Ok(Verdict::Well)
}

/// The backup in this folder, the latest where there are several, and those before it that have what it leaves out, the first of all first.
fn chain(folder: &Path) -> Result<Vec<(PathBuf, Manifest)>, Error> {
    let folder = if folder.join(MANIFEST).exists() {
        folder.to_owned()
    } else {
        let last = super::backup::last_number(folder)?;
        let last = last.ok_or_else(|| fault(folder, "there is no backup in it (NUMBER/manifest.json)"))?;
        folder.join(last.to_string())
    };
    let around = folder.parent().unwrap_or_else(|| Path::new(".")).to_owned();
    let last = manifest(&folder)?;
    let mut chain = vec![(folder, last)];
    while let Some((_folder, Manifest { base: Some(base), number, .. })) = chain.last() {
        let (base, number) = (*base, *number);
        let folder = around.join(base.to_string());
        if number <= base {
            return Err(fault(&folder, "it is to have what a later backup leaves out, and comes behind it"));
        }
        let before = manifest(&folder)?;
        // Numbers go down from one to the next, so a chain ends.
        if before.number != base {
            return Err(fault(
                &folder,
                &format!("it is backup {}, in a folder that is not its own", before.number),
            ));
        }
        chain.push((folder, before));
    }
    chain.reverse();
    Ok(chain)
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

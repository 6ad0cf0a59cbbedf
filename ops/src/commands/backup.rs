//! `boxctl backup`: every group as of one index, while it sells, into a folder of backups. Each takes a folder of its own, by number, and
//! has what has changed since the one before it; the first, and one that is asked for with `--full`, has everything.
//!
//! What was begun and not finished stands in a folder whose name ends in `.part`, and is gone on with: the groups that it has whole are not
//! asked for again. `manifest.json` is written last.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use api::admin;
use api::backup::{
    Head, Link, MANIFEST, Manifest, Part, Unusable, VERSION, last_number, looked_through, measured,
};
use jiff::Timestamp;

use crate::cli::{Access, Backup};
use crate::client::Client;
use crate::commands::{Verdict, operator_at};
use crate::error::Error;
use crate::progress::Progress;
use crate::render;

/// How often a group is asked for whose stream breaks off.
const ATTEMPTS_MAX: u32 = 3;

/// What is to be made.
struct Plan {
    /// Where it stands until it is whole, and where it stands then.
    draft: PathBuf,
    folder: PathBuf,
    number: u32,
    base: Option<Link>,
    /// Every group, and the first of the nodes that has it.
    groups: BTreeMap<u32, usize>,
}

/// Makes a backup of every group, or shows what it would be.
pub(crate) async fn run(access: &Access, wanted: &Backup, now: Timestamp) -> Result<Verdict, Error> {
    let nodes = [&access.admin].into_iter().chain(&wanted.also);
    let nodes = nodes.map(|node| operator_at(access, node, now)).collect::<Result<Vec<_>, _>>()?;
    let mut groups = BTreeMap::new();
    for (place, node) in nodes.iter().enumerate() {
        let body = node.get("/admin/v1/groups").await?;
        let open: admin::Groups = node.read("groups", &body)?;
        for group in &open.items {
            groups.entry(group.group).or_insert(place);
        }
    }
    let plan = Plan::of(wanted, groups)?;
    let what = match plan.base.as_ref().map(Link::manifest) {
        Some(base) => format!("what has changed since backup {}", base.number),
        None => "everything".to_owned(),
    };
    let (count, folder) = (plan.groups.len(), plan.folder.display());
    if wanted.dry_run {
        render::data(&format!("would make {folder}: of {count} groups {what}"))?;
        return Ok(Verdict::Well);
    }
    render::say(&format!("{folder}: of {count} groups {what}"));
    let manifest = make(&nodes, &plan, now).await?;
    let bytes: u64 = manifest.parts.iter().map(|part| part.bytes).sum();
    render::data(&format!(
        "{folder}: {count} groups, {bytes} bytes; boxctl verify {folder} looks at it again"
    ))?;
    Ok(Verdict::Well)
}

impl Plan {
    fn of(wanted: &Backup, groups: BTreeMap<u32, usize>) -> Result<Self, Error> {
        let to = &wanted.to;
        fs::create_dir_all(to).map_err(|error| fault(to, &error))?;
        let last = last_number(to)?;
        let last_link = |number: u32| Link::open(to.join(number.to_string()));
        let base = last.filter(|_| !wanted.full).map(last_link).transpose()?;
        let number = last.unwrap_or(0) + 1;
        Ok(Self {
            draft: to.join(format!("{number}.part")),
            folder: to.join(number.to_string()),
            number,
            base,
            groups,
        })
    }

    /// What a group is asked for behind, if not for everything.
    fn since(&self, group: u32) -> Option<u64> {
        let base = self.base.as_ref()?.manifest();
        base.parts.iter().find(|part| part.group == group).map(|part| part.saved)
    }

    /// Whether this may be the group's part.
    fn check(&self, path: &Path, group: u32, head: &Head) -> Result<(), Error> {
        if head.group != group || head.since != self.since(group) {
            return Err(fault(path, "it is not what was asked for: empty the folder that ends in .part"));
        }
        let (all, found) = (head.groups, self.groups.len());
        if usize::try_from(all) != Ok(found) {
            let why = format!(
                "the cluster has {all} groups, and the nodes that were asked have {found}: name more of them with --also (boxctl placement \
                 says who has what)"
            );
            return Err(fault(path, &why));
        }
        match self.base.as_ref().map(Link::manifest) {
            Some(base) if base.cluster != head.cluster => Err(fault(
                path.parent().unwrap_or(path),
                &format!(
                    "backup {} before it is of cluster {}, and the node belongs to cluster {}: take another folder, or give --full",
                    base.number, base.cluster, head.cluster
                ),
            )),
            _ => Ok(()),
        }
    }
}

async fn make(nodes: &[Client], plan: &Plan, now: Timestamp) -> Result<Manifest, Error> {
    fs::create_dir_all(&plan.draft).map_err(|error| fault(&plan.draft, &error))?;
    let mut progress = Progress::new("backed up", plan.groups.len());
    let (mut parts, mut cluster) = (Vec::new(), None);
    for (group, place) in &plan.groups {
        let name = format!("group-{group}.box");
        let path = plan.draft.join(&name);
        let head = if path.exists() {
            let head = looked_through(&path)?;
            plan.check(&path, *group, &head)?;
            head
        } else {
            fetch(&nodes[*place], plan, *group, &path).await?
        };
        if cluster.get_or_insert_with(|| head.cluster.clone()) != &head.cluster {
            return Err(fault(
                &path,
                "it is of another cluster than the groups before it: empty the folder that ends in .part",
            ));
        }
        let (bytes, sha256) = measured(&path)?;
        let Head { group, saved, index, digest, since, .. } = head;
        parts.push(Part { group, file: name, bytes, sha256, saved, index, digest, since });
        progress.step();
    }
    let manifest = Manifest {
        version: VERSION,
        number: plan.number,
        base: plan.base.as_ref().map(|base| base.manifest().number),
        began_ms: u64::try_from(now.as_millisecond()).expect("the clock is after 1970"),
        cluster: cluster.unwrap_or_default(),
        parts,
        pairs_compared_ms: None,
    };
    let path = plan.draft.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is JSON");
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&text)?;
        file.sync_all()?;
        File::open(&plan.draft)?.sync_all()?;
        fs::rename(&plan.draft, &plan.folder)?;
        File::open(plan.folder.parent().unwrap_or_else(|| Path::new(".")))?.sync_all()
    });
    written.map_err(|error| fault(&path, &error))?;
    Ok(manifest)
}

/// Asks for a group until it is there whole, and only then under its name; its head.
async fn fetch(client: &Client, plan: &Plan, group: u32, path: &Path) -> Result<Head, Error> {
    let since = plan.since(group).map_or_else(String::new, |since| format!("?since={since}"));
    let from = format!("/admin/v1/groups/{group}/backup{since}");
    let draft = path.with_added_extension("draft");
    let mut attempt = 1;
    loop {
        let mut file = File::create(&draft).map_err(|error| fault(&draft, &error))?;
        let streamed =
            client.stream(&from, |bytes| file.write_all(bytes).map_err(|error| fault(&draft, &error))).await;
        let whole = match streamed {
            Ok(()) => looked_through(&draft).map_err(Error::from),
            Err(error) => Err(error),
        };
        match whole {
            Ok(head) => {
                plan.check(&draft, group, &head)?;
                let kept = file.sync_all().and_then(|()| fs::rename(&draft, path));
                return kept.map(|()| head).map_err(|error| fault(path, &error));
            }
            Err(error) if attempt == ATTEMPTS_MAX => return Err(error),
            Err(error) => render::say(&format!("group {group}: {error}; once more")),
        }
        attempt += 1;
    }
}

fn fault(path: &Path, why: &(impl ToString + ?Sized)) -> Error {
    Unusable::new(path, why).into()
}

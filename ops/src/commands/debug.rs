//! `boxctl debug bundle`: what is wanted of a node by whoever looks for a fault, as files: what it says of itself, of its groups with their
//! digests, and all that it counts. Logs are where the node's log goes, and nothing of a customer is in here.

use std::fs;

use jiff::Timestamp;

use crate::cli::{Access, Bundle, Debug};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Each file, and what is asked for it.
const FILES: [(&str, &str); 3] = [
    ("status.json", "/admin/v1/status"),
    ("groups.json", "/admin/v1/groups?digest=now"),
    ("metrics.txt", "/metrics"),
];

/// Gathers everything, and makes the folder once it is there.
pub(crate) async fn run(access: &Access, wanted: &Debug, now: Timestamp) -> Result<Verdict, Error> {
    let Debug::Bundle(Bundle { to }) = wanted;
    let client = operator(access, now)?;
    let mut gathered = Vec::new();
    for (name, path) in FILES {
        gathered.push((name, client.get(path).await?));
    }
    gathered
        .push(("about.txt", format!("boxctl {}, {now}, from {}\n", env!("CARGO_PKG_VERSION"), access.admin)));
    let cannot = |source| Error::Bundle { path: to.clone(), source };
    fs::create_dir(to).map_err(cannot)?;
    for (name, text) in gathered {
        fs::write(to.join(name), text).map_err(cannot)?;
    }
    render::data(&format!("{} has what the node says of itself; add its log", to.display()))?;
    Ok(Verdict::Well)
}

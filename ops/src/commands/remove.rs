//! `boxctl remove`: a node leaves the cluster.

use std::time::Duration;

use api::admin::Removed;
use jiff::Timestamp;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::cli::{Access, Remove};
use crate::client::Client;
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Between two looks at how many groups have followed.
const AGAIN: Duration = Duration::from_millis(500);
/// How long no group may follow before this gives up: whoever runs it again goes on where it was.
const PATIENCE: Duration = Duration::from_secs(30);

/// Removes a node, and waits until every group can do without it. Asking again does no harm.
pub(crate) async fn run(access: &Access, form: Remove, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let mut left = ask(&client, form.node).await?;
    let mut moved = Instant::now();
    while 0 < left {
        render::say(&format!("node {} leaves: {left} groups are to follow", form.node));
        if PATIENCE < moved.elapsed() {
            render::say(&format!(
                "the groups do not follow: look at boxctl status, and go on with: boxctl remove {}",
                form.node
            ));
            return Ok(Verdict::NotWell);
        }
        sleep(AGAIN).await;
        let left_now = ask(&client, form.node).await?;
        if left_now < left {
            moved = Instant::now();
        }
        left = left_now;
    }
    render::data(&format!("node {} is no member of any group", form.node))?;
    Ok(Verdict::Well)
}

/// How many groups have the node as a member still, once it was removed from group 0.
async fn ask(client: &Client, node: u64) -> Result<u32, Error> {
    let path = format!("/admin/v1/nodes/{node}/remove");
    let answer = client.post(&path, &format!("remove-{node}"), &json!({})).await?;
    if !answer.status.is_success() {
        return Err(client.refusal(&answer));
    }
    let removed: Removed = client.read("answer", &answer.body)?;
    Ok(removed.groups_left)
}

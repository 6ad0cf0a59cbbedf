//! `boxctl node`: a node is emptied of replicas, or takes some again, while it sells.

use std::time::Duration;

use api::admin::Drained;
use jiff::Timestamp;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::cli::{Access, Node, OneNode};
use crate::client::Client;
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Between two looks at how many replicas are left.
const AGAIN: Duration = Duration::from_millis(500);
/// How long none may go before this gives up: a large group takes its time. Whoever runs it again goes on where it was.
const PATIENCE: Duration = Duration::from_mins(10);

/// Empties a node, and waits until nothing is left on it; or says that it takes replicas again. Asking again does no harm.
pub(crate) async fn run(access: &Access, form: &Node, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    match form {
        Node::Drain(OneNode { node }) => drain(&client, *node).await,
        Node::Undrain(OneNode { node }) => {
            ask(&client, *node, "undrain").await?;
            render::data(&format!("node {node} takes replicas"))?;
            Ok(Verdict::Well)
        }
    }
}

async fn drain(client: &Client, node: u64) -> Result<Verdict, Error> {
    let mut left = ask(client, node, "drain").await?;
    let mut moved = Instant::now();
    let tell = |left: u32| render::say(&format!("node {node} is being emptied: {left} replicas are left"));
    if 0 < left {
        tell(left);
    }
    while 0 < left {
        if PATIENCE < moved.elapsed() {
            render::say(&format!(
                "no replica leaves: look at boxctl placement and boxctl status, and go on with: boxctl node drain {node}"
            ));
            return Ok(Verdict::NotWell);
        }
        sleep(AGAIN).await;
        let left_now = ask(client, node, "drain").await?;
        if left_now < left {
            moved = Instant::now();
        }
        if left_now != left && 0 < left_now {
            tell(left_now);
        }
        left = left_now;
    }
    render::data(&format!(
        "node {node} has no replica but of group 0, and gets none (boxctl node undrain {node})"
    ))?;
    Ok(Verdict::Well)
}

/// How many replicas a node has left, once it was said what is to become of it.
async fn ask(client: &Client, node: u64, what: &str) -> Result<u32, Error> {
    let path = format!("/admin/v1/nodes/{node}/{what}");
    let answer = client.post(&path, &format!("{what}-{node}"), &json!({})).await?;
    if !answer.status.is_success() {
        return Err(client.refusal(&answer));
    }
    let drained: Drained = client.read("answer", &answer.body)?;
    Ok(drained.replicas_left)
}

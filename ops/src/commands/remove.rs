//! `boxctl remove`: a node leaves the cluster.

use jiff::Timestamp;
use serde_json::json;

use crate::cli::{Access, Remove};
use crate::commands::{Verdict, operator};
use crate::error::Error;
use crate::render;

/// Removes a node. Well once every other node can do without it; asking again does no harm.
pub(crate) async fn run(access: &Access, form: Remove, now: Timestamp) -> Result<Verdict, Error> {
    let client = operator(access, now)?;
    let path = format!("/admin/v1/nodes/{}/remove", form.node);
    let answer = client.post(&path, &format!("remove-{}", form.node), &json!({})).await?;
    if !answer.status.is_success() {
        return Err(client.refusal(&answer));
    }
    render::data(&format!("node {} is no member any more", form.node))?;
    Ok(Verdict::Well)
}

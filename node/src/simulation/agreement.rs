//! Whether all replicas hold the same, as an operator sees it.

use std::net::SocketAddr;

use futures::future::join_all;
use serde_json::Value;
use tokio::time::sleep;

use super::network::{self, Question};
use super::sale::{AGAIN, Sale};
use super::watch;

impl Sale {
    /// RG-5, as an operator sees it: equal digests at equal indexes, everywhere.
    pub(super) async fn wait_until_all_agree(&self) {
        loop {
            let digests = join_all(self.at.admins.iter().map(|admin| self.digests(*admin))).await;
            if digests.iter().all(|of_node| of_node.is_some() && *of_node == digests[0]) {
                watch::note(format!("{:?} all agree: {:?}", Self::now(), digests[0]));
                return;
            }
            sleep(AGAIN).await;
        }
    }

    async fn digests(&self, admin: SocketAddr) -> Option<Vec<(Value, Value)>> {
        let token = self.token("operator");
        let line = "GET /admin/v1/groups?digest=now";
        let answer = network::ask(admin, Question { line, token, key: "", body: "" }).await?;
        let groups: Value = serde_json::from_str(&answer.body).ok()?;
        let of_group = |group: &Value| (group["digest_index"].clone(), group["digest"].clone());
        Some(groups["items"].as_array()?.iter().map(of_group).collect())
    }
}

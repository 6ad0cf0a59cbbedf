//! Whether all replicas hold the same, as an operator sees it.

use std::collections::BTreeMap;
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
            let known: Option<Vec<_>> = digests.into_iter().collect();
            let mut agreed = BTreeMap::new();
            let mut of_all = known.iter().flatten().flatten();
            // Not every node has every group.
            let agree = of_all.all(|(group, digest)| agreed.entry(*group).or_insert(digest) == &digest);
            if known.is_some() && agree {
                watch::note(format!("{:?} all agree: {agreed:?}", Self::now()));
                return;
            }
            sleep(AGAIN).await;
        }
    }

    /// At which index a node's replica of each group has which digest.
    async fn digests(&self, admin: SocketAddr) -> Option<Vec<(u64, (Value, Value))>> {
        let token = self.token("operator");
        let line = "GET /admin/v1/groups?digest=now";
        let answer = network::ask(admin, Question { line, token, key: "", body: "" }).await?;
        let groups: Value = serde_json::from_str(&answer.body).ok()?;
        let of_group = |group: &Value| {
            Some((group["group"].as_u64()?, (group["digest_index"].clone(), group["digest"].clone())))
        };
        groups["items"].as_array()?.iter().map(of_group).collect()
    }
}

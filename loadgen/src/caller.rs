//! Asks one thing until there is an answer: for what is made before a drop and read after it.

use std::time::Duration;

use rand::rngs::SmallRng;
use tokio::time::sleep;

use crate::client::{Broken, Connection, Endpoint, Message, Reply};
use crate::clock::Clock;
use crate::error::Error;
use crate::retry::{Backoff, is_final};
use witness::history::Moment;

/// A patient client with one connection.
pub(crate) struct Caller {
    endpoint: Endpoint,
    connection: Option<Connection>,
    /// How long one attempt may take.
    patience: Duration,
    /// How long a request is repeated.
    retry_for: Duration,
    rng: SmallRng,
}

impl Caller {
    pub(crate) const fn new(
        endpoint: Endpoint,
        patience: Duration,
        retry_for: Duration,
        rng: SmallRng,
    ) -> Self {
        Self { endpoint, connection: None, patience, retry_for, rng }
    }

    /// Sends `message` until its answer is final, or until it has been tried for `retry_for`.
    pub(crate) async fn call(&mut self, message: &Message) -> Result<Reply, Error> {
        let clock = Clock::start();
        let mut backoff = Backoff::default();
        loop {
            let (why, retry_after) = match self.attempt(message).await {
                Ok(reply) if is_final(reply.status) => return Ok(reply),
                Ok(reply) => (describe(&reply), reply.retry_after),
                Err(broken) => (broken.to_string(), None),
            };
            if clock.now().since(Moment::default()) >= self.retry_for {
                return Err(Error::Unreachable { what: format!("{} {}", message.method, message.path), why });
            }
            sleep(backoff.pause_asked(retry_after, &mut self.rng)).await;
        }
    }

    async fn attempt(&mut self, message: &Message) -> Result<Reply, Broken> {
        let mut connection = match self.connection.take().filter(Connection::is_open) {
            Some(connection) => connection,
            None => Connection::open(&self.endpoint, self.patience).await?,
        };
        let reply = connection.exchange(message).await?;
        self.connection = Some(connection);
        Ok(reply)
    }
}

/// An answer in a few words: its status and the beginning of its body.
pub(crate) fn describe(reply: &Reply) -> String {
    const SHOWN_MAX: usize = 300;
    let shown = &reply.body[..reply.body.len().min(SHOWN_MAX)];
    format!("{} {}", reply.status, String::from_utf8_lossy(shown))
}

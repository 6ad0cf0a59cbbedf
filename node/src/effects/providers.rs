//! Those outside whom intents ask.

use booking::{EntityId, IntentNumber, Message, Provider, Reply};
use futures::future::{BoxFuture, FutureExt as _};

/// The way to those outside.
///
/// *To ensure correctness*: the intent's id is the key of the request at the provider, so that a repetition has no second effect.
pub(crate) trait Providers: Send + Sync {
    /// Asks a provider what an intent says; none where nobody knows the reply yet, and it is to be asked again.
    fn ask(
        &self,
        provider: Provider,
        intent: (EntityId, IntentNumber),
        message: &Message,
    ) -> BoxFuture<'_, Option<Reply>>;
}

/// There is nobody outside yet: such intents stay open, and are counted.
pub(crate) struct NoProviders;

impl Providers for NoProviders {
    fn ask(
        &self,
        _provider: Provider,
        _intent: (EntityId, IntentNumber),
        _message: &Message,
    ) -> BoxFuture<'_, Option<Reply>> {
        async { None }.boxed()
    }
}

//! What nodes say to each other of slots, version by version: frozen, as what is on disk, since two releases talk.

use bytes::Bytes;
use cluster::codec;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::permits::Lane;

/// What a node asks of the one that leads.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Question {
    /// Who asks, and a command as the log has it.
    V1 { lane: Lane, command: Vec<u8> },
    /// A request that is passed on as it came.
    V2(QuestionV2),
}

/// A request as it came: frozen, as are all shapes of the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passed {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Passed {
    /// A read, with these headers.
    pub(crate) fn get(target: String, headers: Vec<(String, Vec<u8>)>) -> Self {
        Self { method: "GET".to_owned(), target, headers, body: Vec::new() }
    }
}

/// What it was answered: frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PassedAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// The number of the stream that the body is, if it goes on.
    pub(crate) more: Option<u64>,
}

/// What is asked in the second version of a question: frozen.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum QuestionV2 {
    /// A request about something of this group, which is answered with a [`PassedAnswer`].
    Pass { group: u32, request: Passed },
    /// What comes next of a stream; nothing where it is over.
    More { stream: u64 },
}

/// What the one that leads answers: to a request an [`Outcome`](booking::stored::Outcome), to a retry a [`Health`], and what became of
/// a message ([`Delivered`](booking::stored::Delivered)). A shape says its own version, a word needs none.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer<T> {
    /// What was asked for, or why there is none.
    V1(Result<T, Unrouted>),
}

impl Question {
    /// The bytes of a command that this lane asks for.
    pub(super) fn bytes(lane: Lane, command: Vec<u8>) -> Bytes {
        Bytes::from(codec::encode(&Self::V1 { lane, command }))
    }
}

impl<T: Serialize> Answer<T> {
    /// The bytes of what is answered.
    pub(super) fn bytes(answer: Result<T, Unrouted>) -> Bytes {
        Bytes::from(codec::encode(&Self::V1(answer)))
    }
}

impl<T: DeserializeOwned> Answer<T> {
    /// What was answered. It is of a later version where it cannot be read.
    pub(super) fn read(bytes: &[u8]) -> Result<T, Unrouted> {
        match codec::decode(bytes) {
            Ok(Self::V1(answer)) => answer,
            Err(_unreadable) => Err(Unrouted::Unknown),
        }
    }
}

/// Why there is no answer of the rules. A word of the wire: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unrouted {
    /// Too many wait already.
    Overloaded,
    /// This node does not lead the slot's group, and nothing was appended.
    NoLeader,
    /// Nobody knows whether it has an effect.
    Unknown,
    /// The slot's rules broke.
    Faulted,
    /// The disk of whoever leads has no room for it, and nothing was appended. A follower's own is not asked.
    StorageFull,
    /// The level in force does not have what is asked for: not every node of the cluster is upgraded yet. Nothing was appended.
    Upgrading,
}

/// Whether a slot's rules work. A word of the wire: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Health {
    /// They do.
    Sound,
    /// They broke: the view is the last that was saved.
    Faulted,
}

#[cfg(test)]
mod tests {
    use booking::stored::{Delivered, Outcome};
    use booking::{Decision, Level, Refusal, Seq, Timestamp};
    use serde::de::DeserializeOwned;

    use super::*;

    fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(thing: &T, want: &[u8]) {
        assert_eq!(codec::encode(thing), want, "{thing:?}");
        assert_eq!(codec::decode::<T>(want).as_ref().ok(), Some(thing));
    }

    #[test]
    fn two_releases_understand_each_other() {
        let lanes = [Lane::Newcomer, Lane::Holder, Lane::Reader, Lane::Watcher, Lane::Crowd];
        for (number, lane) in (0..).zip(lanes) {
            check(&Question::V1 { lane, command: vec![7, 8] }, &[1, 0, number, 2, 7, 8]);
        }
        let decision = Decision::Refused(Refusal::SoldOut);
        let outcome = booking::Outcome { seq: Seq(5), at: Timestamp(6), replayed: true, decision };
        let outcome = Outcome::at(Level::OLDEST, outcome);
        check(&Answer::V1(Ok(outcome)), &[1, 0, 0, 0, 5, 6, 1, 2, 4]);
        let reasons = [
            Unrouted::Overloaded,
            Unrouted::NoLeader,
            Unrouted::Unknown,
            Unrouted::Faulted,
            Unrouted::StorageFull,
            Unrouted::Upgrading,
        ];
        for (number, why) in (0..).zip(reasons) {
            check(&Answer::<Outcome>::V1(Err(why)), &[1, 0, 1, number]);
            check(&Answer::<Health>::V1(Err(why)), &[1, 0, 1, number]);
            check(&Answer::<Delivered>::V1(Err(why)), &[1, 0, 1, number]);
        }
        let (word, byte) = (|word: &str| word.to_owned(), || vec![9]);
        let request = Passed {
            method: word("GET"),
            target: word("/"),
            headers: vec![(word("a"), byte())],
            body: byte(),
        };
        let pass = Question::V2(QuestionV2::Pass { group: 4, request });
        check(&pass, &[1, 1, 0, 4, 3, b'G', b'E', b'T', 1, b'/', 1, 1, b'a', 1, 9, 1, 9]);
        check(&Question::V2(QuestionV2::More { stream: 5 }), &[1, 1, 1, 5]);
        let (headers, body) = (vec![(word("a"), byte())], byte());
        let answer = PassedAnswer { status: 200, headers, body, more: Some(5) };
        check(&Answer::V1(Ok(answer)), &[1, 0, 0, 200, 1, 1, b'a', 1, 9, 1, 9, 1, 5]);
        check(&Answer::V1(Ok(None::<Vec<u8>>)), &[1, 0, 0, 0]);
        let told = Delivered::at(Level::OLDEST, booking::Delivered::Replied(booking::Reply::Noted));
        check(&Answer::V1(Ok(told)), &[1, 0, 0, 0, 0, 0]);
        for (number, health) in (0..).zip([Health::Sound, Health::Faulted]) {
            check(&Answer::V1(Ok(health)), &[1, 0, 0, number]);
        }
    }
}

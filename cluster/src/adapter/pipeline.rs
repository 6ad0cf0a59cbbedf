//! Appends to one follower, several of them under way at once, and what openraft is told of their answers.
//!
//! openraft keeps the sending times of the appends under way. An answer that says "everything up to here" ends all of them
//! that end there, and the latest of their sending times becomes the time at which the follower last took this node for its
//! leader: reads believe in it. But an append that carries no entry, only what is committed, ends where the one before it
//! ends: the answer to that one would speak for it too, although it was sent later and perhaps to a follower that has long
//! had another leader. A leader that was paused found such an answer when it woke, and read what was no longer so (P7).
//! So an answer is passed over where it would speak for an append that is still under way; the answer to that one follows,
//! and says as much.

use std::collections::VecDeque;
use std::future::{Future, ready};
use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use openraft::errors::RPCError;
use openraft::raft::{AppendEntriesRequest, StreamAppendResult};
use parking_lot::Mutex;

use super::type_config::{LogId, Types};

/// Appends of one group to one follower that are on their way at once.
const UNDER_WAY_MAX: usize = 16;

/// What became of one append.
pub(super) type Answered = Result<StreamAppendResult<Types>, RPCError<Types>>;

/// Which part of the log an append carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The entry before its first.
    pub(super) previous: Option<LogId>,
    /// Its last entry; the same where it carries none.
    pub(super) last: Option<LogId>,
}

impl Span {
    pub(super) fn of(request: &AppendEntriesRequest<Types>) -> Self {
        let previous = request.prev_log_id;
        Self { previous, last: request.entries.last().map(|entry| entry.log_id).or(previous) }
    }

    /// Whether openraft takes the word that a follower has everything up to `matching` for an answer to this append.
    fn is_answered_by(&self, matching: Option<LogId>) -> bool {
        self.last <= matching || self.previous < matching
    }
}

/// Sends appends by `send` in the order in which they come; their answers, in the same order, but for those that the next one
/// repeats.
pub(super) fn pipeline<R, F>(
    requests: R,
    send: impl Fn(AppendEntriesRequest<Types>, Span) -> F + Send,
) -> impl Stream<Item = Answered> + Send
where
    R: Stream<Item = AppendEntriesRequest<Types>> + Send,
    F: Future<Output = Answered> + Send,
{
    let under_way = Arc::new(Mutex::new(VecDeque::with_capacity(UNDER_WAY_MAX)));
    let begun = Arc::clone(&under_way);
    let calls = requests.map(move |request| {
        let span = Span::of(&request);
        begun.lock().push_back(span);
        send(request, span)
    });
    // The next appends are only taken when openraft asks for the next answer, and then it has heard all before.
    calls.buffered(UNDER_WAY_MAX).filter_map(move |answered| {
        let mut under_way = under_way.lock();
        under_way.pop_front();
        let is_repeated = match &answered {
            Ok(Ok(matching)) => under_way.front().is_some_and(|next: &Span| next.is_answered_by(*matching)),
            Ok(Err(_)) | Err(_) => false,
        };
        ready((!is_repeated).then_some(answered))
    })
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use openraft::EntryPayload;
    use tokio::sync::{mpsc, oneshot};

    use super::super::type_config::{Entry, Vote, log_id};
    use super::*;

    const TERM: u64 = 3;

    /// An append of the entries behind `previous` up to `last`.
    fn append(previous: u64, last: u64) -> AppendEntriesRequest<Types> {
        let entry = |index| Entry { log_id: log_id(TERM, index), payload: EntryPayload::Blank };
        AppendEntriesRequest {
            vote: Vote::new_committed(TERM, 1),
            prev_log_id: Some(log_id(TERM, previous)),
            entries: (previous + 1..=last).map(entry).collect(),
            leader_commit: None,
        }
    }

    /// What openraft hears when so many of these appends are sent, and then answered one after the other: each time up to where.
    fn heard(appends: &[(u64, u64)], answers: &[u64]) -> Vec<Vec<u64>> {
        let (asks, requests) = mpsc::unbounded_channel();
        let (calls, mut called) = mpsc::unbounded_channel();
        let requests =
            futures::stream::unfold(requests, async |mut requests| Some((requests.recv().await?, requests)));
        let answers_heard = pipeline(requests, move |_request, _span| {
            let (to, answer) = oneshot::channel::<Answered>();
            calls.send(to).expect("the test listens");
            async move { answer.await.expect("the test answers") }
        });
        let mut answers_heard = Box::pin(answers_heard);
        let mut hear = || {
            let all = std::iter::from_fn(|| answers_heard.next().now_or_never());
            let upto = |answered: Option<Answered>| {
                let matching = answered.expect("it goes on").expect("it was answered").expect("it is taken");
                matching.expect("an entry").index
            };
            all.map(upto).collect::<Vec<_>>()
        };
        for (previous, last) in appends {
            asks.send(append(*previous, *last)).expect("it is taken");
            assert_eq!(hear(), [0; 0], "nothing was answered yet");
        }
        let answer = |upto: &u64| {
            let to = called.try_recv().expect("it was sent");
            to.send(Ok(Ok(Some(log_id(TERM, *upto))))).expect("it is waited for");
            hear()
        };
        answers.iter().map(answer).collect()
    }

    #[test]
    fn an_answer_speaks_for_no_append_behind_its_own() {
        for (why, appends, answers, want) in [
            ("entries behind entries", &[(5, 6), (6, 8)][..], &[6, 8][..], &[&[6][..], &[8]][..]),
            ("what is committed, behind entries", &[(5, 6), (6, 6)], &[6, 6], &[&[], &[6]]),
            (
                "twice, and then entries",
                &[(5, 6), (6, 6), (6, 6), (6, 7)],
                &[6, 6, 6, 7],
                &[&[], &[], &[6], &[7]],
            ),
            ("a part of the entries", &[(5, 9), (9, 9)], &[7, 9], &[&[7], &[9]]),
            ("entries once more", &[(5, 9), (6, 9)], &[9, 9], &[&[], &[9]]),
        ] {
            assert_eq!(heard(appends, answers), want, "{why}");
        }
    }
}

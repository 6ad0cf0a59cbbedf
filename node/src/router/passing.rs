//! Requests that are passed on to a node that has a replica of what they are about, and what is answered: as HTTP says them, so that
//! nothing of what customers may ask has another shape between nodes.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use cluster::codec;
use storage::GroupId;
use tokio::time::{Instant, sleep};

use super::passed::Upstream;
use super::shards::{AGAIN, LEADERLESS};
use super::wire::{Answer, Passed, PassedAnswer, Question, QuestionV2, Unrouted};
use super::{ELSEWHERE, Router, not_asked};

/// How long a node may take until it says how a stream goes on, or that nothing is new.
const MORE: Duration = Duration::from_secs(30);

impl Router {
    /// Leave to follow one more stream of another node.
    pub(crate) fn upstream(&self) -> Result<Upstream, Unrouted> {
        let upstreams = Arc::clone(&self.admission.upstreams);
        upstreams.try_acquire_owned().map_err(|_none_left| Unrouted::Overloaded)
    }

    /// Passes a request on to a node that has a replica of this group, until one answers or nobody has led for too long. Of one that may
    /// not be repeated nobody knows what became of it where its answer was lost.
    pub(crate) async fn pass_on(
        &self,
        group: GroupId,
        request: &Passed,
        may_repeat: bool,
    ) -> Result<(u64, PassedAnswer), Unrouted> {
        let give_up = Instant::now() + LEADERLESS;
        let mut so_far = Unrouted::NoLeader;
        for attempt in 0.. {
            match self.pass((group, attempt), request.clone()).await {
                Err(Unrouted::NoLeader) => {}
                Err(Unrouted::Unknown) if may_repeat => so_far = Unrouted::Unknown,
                answer => return answer,
            }
            if give_up <= Instant::now() {
                break;
            }
            self.shards.cluster().look_for_leaders().await;
            sleep(AGAIN).await;
        }
        Err(so_far)
    }

    async fn pass(
        &self,
        (group, attempt): (GroupId, usize),
        request: Passed,
    ) -> Result<(u64, PassedAnswer), Unrouted> {
        let question = Question::V2(QuestionV2::Pass { group: group.0, request });
        let question = Bytes::from(codec::encode(&question));
        let asked = self.shards.cluster().ask_elsewhere((group, attempt), question, ELSEWHERE).await;
        let (node, answer) = asked.map_err(|error| not_asked(&error))?;
        Ok((node, Answer::read(&answer)?))
    }

    /// What comes next of a stream that another node has begun; none where it is over.
    pub(crate) async fn more_of(&self, node: u64, stream: u64) -> Result<Option<Vec<u8>>, Unrouted> {
        let question = Bytes::from(codec::encode(&Question::V2(QuestionV2::More { stream })));
        let answer = self.shards.cluster().ask_node(node, question, MORE).await;
        Answer::read(&answer.map_err(|error| not_asked(&error))?)
    }

    /// Answers what another node passes on: here or not at all, so that no request wanders.
    pub(super) async fn answer_passed(&self, question: QuestionV2) -> Bytes {
        let service = self.admission.passed.get().and_then(Weak::upgrade);
        match (question, service) {
            (QuestionV2::Pass { group, request }, Some(service))
                if self.shards.cluster().group(GroupId(group)).is_some() =>
            {
                Answer::bytes(service.answer(request).await)
            }
            (QuestionV2::Pass { .. }, _) => Answer::<PassedAnswer>::bytes(Err(Unrouted::NoLeader)),
            (QuestionV2::More { stream }, Some(service)) => Answer::bytes(Ok(service.more(stream).await)),
            (QuestionV2::More { .. }, None) => Answer::<Option<Vec<u8>>>::bytes(Err(Unrouted::NoLeader)),
        }
    }
}

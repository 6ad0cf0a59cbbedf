//! Leaders that are handed over on purpose.

use cluster::{HandOver, HandedOver, Level, NodeId, OperatorError};

use super::peers::{Node, assert_all_have, propose, until, until_some};

/// The wish that a node lead the group of the tests, by somebody who believes what this one sees.
fn wish(seen_by: &Node, to: NodeId) -> HandOver {
    let (group, status) = (seen_by.group(), seen_by.group().status());
    HandOver { group: group.id(), to, leader: status.leader.expect("somebody leads"), term: status.term }
}

/// What becomes of a wish, asked until somebody decides: a node may not have heard yet who leads.
async fn decided(node: &Node, wanted: HandOver) -> Result<HandedOver, OperatorError> {
    until_some(async || match node.cluster.hand_over(wanted).await {
        Err(OperatorError::Later(_why)) => None,
        decided => Some(decided),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_led_by_whom_an_operator_names_if_it_is_led_as_they_believe() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    let all = [&first, &second, &third];
    propose(&all, 0..20).await;
    until(|| third.group().status().leader == Some(1)).await;
    let to = second.cluster.node();
    // Whoever is asked asks whoever leads.
    let wanted = wish(&third, to);
    let moved = decided(&third, wanted).await.expect("nothing speaks against it");
    assert!(wanted.term < moved.term, "{moved:?}");
    assert!(second.group().leads() && !first.group().leads());
    propose(&all, 20..40).await;

    let again = decided(&first, wanted).await.expect("it is so already");
    assert!(again.unanswered.is_zero() && again.term == moved.term, "{again:?} {moved:?}");
    let believed = [wish(&second, 1), HandOver { leader: 1, ..wish(&second, 1) }];
    let believed = believed.map(|wish| HandOver { to: third.cluster.node(), ..wish });
    let [mut by_term, by_leader] = believed;
    by_term.term -= 1;
    for wanted in [by_term, by_leader] {
        let told = decided(&first, wanted).await;
        assert!(matches!(&told, Err(OperatorError::Changed(why)) if why.contains("look again")), "{told:?}");
    }
    let told = decided(&first, wish(&second, 77)).await;
    assert!(matches!(&told, Err(OperatorError::Never(why)) if why.contains("does not vote")), "{told:?}");
    assert!(second.group().leads(), "nothing has happened");
    propose(&all, 40..60).await;
    assert_all_have(&all, 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_steps_aside_leads_nothing_and_is_given_nothing() {
    let first = Node::found(Level::FIRST).await;
    let (second, third) = tokio::join!(first.join(), first.join());
    first.votes_with(2).await;
    let all = [&first, &second, &third];
    propose(&all, 0..20).await;
    first.cluster.step_aside().await;
    assert!(first.cluster.groups().iter().all(|group| !group.leads()));
    propose(&all, 20..40).await;

    let leader = if second.group().leads() { &second } else { &third };
    let told = decided(leader, wish(leader, 1)).await;
    assert!(matches!(&told, Err(OperatorError::Never(why)) if why.contains("about to stop")), "{told:?}");
    // Of those that are left one leads whatever the other gave away.
    let other = if second.group().leads() { &third } else { &second };
    leader.cluster.step_aside().await;
    assert!(leader.cluster.groups().iter().all(|group| !group.leads()));
    until(|| other.cluster.groups().iter().all(|group| group.leads())).await;
    // Where nobody may take it, whoever leads goes on until it stops.
    other.cluster.step_aside().await;
    assert!(other.cluster.groups().iter().all(|group| group.leads()));
    propose(&all, 40..60).await;
    assert_all_have(&all, 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaders_are_spread_over_those_that_answer() {
    let first = Node::found(Level::FIRST).await;
    let second = first.join().await;
    first.votes_with(1).await;
    propose(&[&first, &second], 0..5).await;
    until(|| first.cluster.leader_moves().len() == 1).await;
    let step = first.cluster.leader_moves()[0];
    assert_eq!((step.from, step.to), (1, second.cluster.node()));
    let wanted = HandOver { group: step.group, to: step.to, leader: step.from, term: step.term };
    decided(&second, wanted).await.expect("nothing speaks against it");
    for node in [&first, &second] {
        until(|| node.cluster.groups().iter().all(|group| group.status().leader.is_some())).await;
        assert_eq!(node.cluster.leader_moves(), [], "each leads one");
    }
}

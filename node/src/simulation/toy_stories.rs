//! Stories of intents: what one toy has left for another is carried out once, whoever leads and whoever wakes up.

use std::rc::Rc;
use std::time::Duration;

use booking::EntityId;
use booking::toy::{Command, Decision};
use cluster::Role;
use tokio::time::sleep;

use super::host::Host;
use super::scene::{Scene, told};
use super::toys::{MADE, Players, toy};
use super::watch;

/// What is given.
const GIFT: u64 = 30;
/// Longer than an intent rests for the first time, and shorter than an election.
const A_WHILE: Duration = Duration::from_millis(300);

/// Who leads the group of a toy: of several who believe that they do, the one of the latest term.
fn leader(scene: &Scene, toy: EntityId) -> Option<Rc<Host>> {
    let leads = |host: &Rc<Host>| {
        host.look(|cluster| {
            let group = cluster.group_of(toy.partition().get())?;
            group.leads().then(|| group.status().term)
        })
    };
    let terms = scene.hosts.iter().filter_map(|host| Some((leads(host)??, host)));
    terms.max_by_key(|(term, _host)| *term).map(|(_term, host)| Rc::clone(host))
}

/// Another node than `host` leads the group of a toy.
async fn another_leads(scene: &Scene, toy: EntityId, host: &Host) {
    let another = || leader(scene, toy).is_some_and(|leader| leader.address != host.address);
    scene.until(another).await;
}

/// What both toys have, once nothing is left to be carried out.
async fn rested(scene: &Scene, toys: [EntityId; 2]) -> [u64; 2] {
    scene.until(|| watch::toys_rest(toys.into_iter())).await;
    toys.map(|toy| watch::toy(toy).expect("it was made").amount)
}

fn open(toy: EntityId) -> usize {
    watch::toy(toy).map_or(0, |toy| toy.open)
}

fn have(given: u64) -> [u64; 2] {
    [u64::from(MADE) - given, u64::from(MADE) + given]
}

/// One toy has left a gift for another that is not made yet: it is committed, and nobody can carry it out.
async fn given(scene: &Scene, players: &mut Players, [giver, taker]: [EntityId; 2]) -> Rc<Host> {
    scene.until(|| scene.all(super::stories::all_vote)).await;
    players.make(giver).await;
    let left = players.ask(giver, Command::Give { to: taker, amount: GIFT }).await;
    assert!(matches!(left, Decision::Left(_)), "{left:?}");
    sleep(A_WHILE).await;
    assert_eq!(open(giver), 1, "it is tried again and again");
    leader(scene, giver).expect("nothing has gone wrong")
}

#[test]
fn a_new_leader_carries_out_what_was_committed_before_it_led() {
    for seed in [1, 4] {
        told(seed, |scene| async move {
            let (toys, mut players) = ([toy(0), toy(1)], Players::new(&scene.hosts, 7));
            let leader = given(&scene, &mut players, toys).await;
            scene.switch_off(&leader, 8_000);
            another_leads(&scene, toys[0], &leader).await;
            players.make(toys[1]).await;
            assert_eq!(rested(&scene, toys).await, have(GIFT));
            assert!(leader.look(|_cluster| ()).is_none(), "who led before is not back yet");
            scene.until(|| scene.all(|_cluster| true)).await;
        });
    }
}

#[test]
fn a_paused_leader_that_wakes_up_carries_nothing_out_twice() {
    for seed in [2, 5] {
        told(seed, |scene| async move {
            let (toys, mut players) = ([toy(0), toy(1)], Players::new(&scene.hosts, 7));
            let leader = given(&scene, &mut players, toys).await;
            scene.pause(&leader);
            another_leads(&scene, toys[0], &leader).await;
            players.make(toys[1]).await;
            assert_eq!(rested(&scene, toys).await, have(GIFT));
            let partition = toys[0].partition().get();
            let role = |host: &Host| {
                host.look(|cluster| cluster.group_of(partition).map(|group| group.status().role)).flatten()
            };
            assert_eq!(
                role(&leader),
                Some(Role::Candidate),
                "it has heard of no other leader, and believes that the gift is under way"
            );
            scene.release(&leader);
            scene.until(|| role(&leader) == Some(Role::Follower)).await;

            // What comes behind finds all in order, also where it was told twice.
            sleep(A_WHILE).await;
            players.ask(toys[0], Command::Reclaim { from: toys[1], amount: 10 }).await;
            assert_eq!(rested(&scene, toys).await, have(GIFT - 10));
        });
    }
}

#[test]
fn a_target_without_a_quorum_for_a_minute_is_told_afterwards() {
    told(3, |scene| async move {
        scene.until(|| scene.all(super::stories::all_vote)).await;
        let (toys, mut players) = ([toy(0), toy(1)], Players::new(&scene.hosts, 7));
        for toy in toys {
            players.make(toy).await;
        }
        scene.sale.resting.set(true);
        sleep(Duration::from_secs(1)).await;
        players.ask(toys[0], Command::Give { to: toys[1], amount: GIFT }).await;
        for host in &scene.hosts[..2] {
            scene.switch_off(host, 60_000);
        }
        scene.until(|| scene.hosts[0].look(|_cluster| ()).is_none()).await;
        assert_eq!(open(toys[0]), 1, "the power went before anybody heard of it");
        sleep(Duration::from_secs(58)).await;
        assert_eq!(open(toys[0]), 1, "nobody can");
        assert_eq!(rested(&scene, toys).await, have(GIFT));
        scene.sale.resting.set(false);
    });
}

//! A network that loses, repeats and delays: messages and replies lie in a bag, and any of them may be next.

use booking::toy::{Command, Decision, Refusal};
use booking::{Delivered, Delivery, EntityId, IntentNumber, Message, Reply, Reported};

use crate::oracle::Oracle;
use crate::shelf::{Shelf, id};

/// How many toys there are, and what each has at first.
const TOYS: u64 = 3;
const AMOUNT: u32 = 20;
const ROOM: u64 = 30;
/// How many things happen before the network is mended.
const MOVES: usize = 300;

/// What is on its way.
#[derive(Clone)]
enum Parcel {
    Delivery(IntentNumber, Delivery),
    Reply(EntityId, IntentNumber, Reply),
}

struct Network {
    shelf: Shelf,
    oracle: Oracle,
    bag: Vec<Parcel>,
    random: u64,
}

/// Lets toys play for a while, then mends the network, and counts.
pub(crate) fn run(seed: u64) {
    let (shelf, oracle) = (Shelf::default(), Oracle::default());
    let mut network = Network { shelf, oracle, bag: Vec::new(), random: seed };
    for toy in toys() {
        network.shelf.make(toy, AMOUNT, ROOM);
        network.oracle.make(toy, u64::from(AMOUNT), ROOM);
    }
    for _ in 0..MOVES {
        match network.below(12) {
            0 | 1 => network.command(),
            2..=4 => network.send(),
            11 if network.below(10) == 0 => network.shelf.restart(),
            _ => network.unpack(),
        }
        network.compare();
    }
    network.mend();
    let rest: u64 = toys().map(|toy| network.shelf.amount(toy) + network.shelf.taken(toy)).sum();
    assert_eq!(rest, TOYS * u64::from(AMOUNT), "seed {seed}: something was lost or made");
}

fn toys() -> impl Iterator<Item = EntityId> {
    (1..=u128::from(TOYS)).map(id)
}

impl Network {
    /// Somebody asks a toy for something.
    fn command(&mut self) {
        let (toy, other, amount) = (self.toy(), self.toy(), self.below(12));
        let (command, message) = match self.below(6) {
            0 => (Command::Take { amount }, None),
            1 => (Command::Reclaim { from: other, amount }, Some(Message::Reclaim { amount })),
            2 => (Command::Acknowledge { to: other }, Some(Message::Acknowledge)),
            _ => (Command::Give { to: other, amount }, Some(Message::Give { amount })),
        };
        let takes = matches!(command, Command::Give { .. } | Command::Take { .. });
        let enough = !takes || self.oracle.take(toy, amount);
        match (self.shelf.ask(toy, command), message) {
            (Decision::Left(number), Some(message)) if enough => {
                self.oracle.left(toy, other, number, message);
            }
            (Decision::Toy(_), None) if enough => {}
            (Decision::Refused(Refusal::TooLittle), _) if !enough => {}
            (decision, _) => panic!("{command:?}: {decision:?}"),
        }
    }

    /// Whoever leads carries out an open intent, perhaps one that another leader has sent already.
    fn send(&mut self) {
        let toy = self.toy();
        let open = self.shelf.numbers(toy);
        if let Some(&number) = open.get(self.place(open.len())) {
            let delivery = self.shelf.delivery(toy, number);
            self.bag.push(Parcel::Delivery(number, delivery));
        }
    }

    /// Something arrives, is lost, or arrives and is still on its way.
    fn unpack(&mut self) {
        let place = self.place(self.bag.len());
        let Some(parcel) = self.bag.get(place).cloned() else { return };
        if self.below(3) > 0 {
            self.bag.swap_remove(place);
        }
        if self.below(6) > 0 {
            self.arrive(parcel);
        }
    }

    fn arrive(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::Delivery(number, delivery) => {
                let delivered = self.shelf.deliver(&delivery);
                self.oracle.delivered(&delivery, &delivered);
                if let Delivered::Replied(reply) = delivered {
                    self.bag.push(Parcel::Reply(delivery.from, number, reply));
                }
            }
            Parcel::Reply(to, number, reply) => {
                let first = self.oracle.reported(to, number, &reply);
                let reported = self.shelf.report(to, number, reply);
                assert_eq!(reported, if first { Reported::Ended } else { Reported::Before });
            }
        }
    }

    /// From now on everything arrives, until nothing is open.
    fn mend(&mut self) {
        for parcel in std::mem::take(&mut self.bag) {
            self.arrive(parcel);
        }
        while toys().any(|toy| self.shelf.open(toy) > 0) {
            for toy in toys() {
                for number in self.shelf.numbers(toy) {
                    let delivery = self.shelf.delivery(toy, number);
                    self.arrive(Parcel::Delivery(number, delivery));
                }
            }
            for parcel in std::mem::take(&mut self.bag) {
                self.arrive(parcel);
            }
            self.compare();
        }
    }

    fn compare(&self) {
        for toy in toys() {
            assert_eq!(self.shelf.amount(toy), self.oracle.amount(toy), "{toy:?}");
        }
    }

    fn toy(&mut self) -> EntityId {
        id(u128::from(1 + self.below(TOYS)))
    }

    /// A place among so many, or the first where there is none.
    fn place(&mut self, many: usize) -> usize {
        usize::try_from(self.below(many.max(1) as u64)).unwrap()
    }

    /// A number below this one (G. Marsaglia, *Xorshift RNGs*, 2003).
    fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % end
    }
}

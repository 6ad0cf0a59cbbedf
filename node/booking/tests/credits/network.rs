//! A network that loses, repeats and delays what merchants and slots say to each other, and the chance by which it does.

use booking::{IntentNumber, Reply, Reported};

use crate::world::World;

/// Numbers that follow from a seed.
pub(crate) struct Chance(u64);

/// Replies on their way.
#[derive(Default)]
pub(crate) struct Network(Vec<((Option<usize>, IntentNumber), Reply)>);

impl Chance {
    /// The numbers of a seed, which is not 0.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A place among so many, or the first where there is none.
    pub(crate) fn place(&mut self, many: usize) -> usize {
        usize::try_from(self.below(many.max(1) as u64)).unwrap()
    }

    /// A number below this one (G. Marsaglia, *Xorshift RNGs*, 2003).
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}

impl Network {
    /// Whoever leads sends something, perhaps again; the reply may be lost.
    pub(crate) fn deliver(&mut self, world: &mut World, chance: &mut Chance) {
        let open = world.open();
        let Some(&intent) = open.get(chance.place(open.len())) else { return };
        if let Some(reply) = world.deliver(intent)
            && chance.below(5) > 0
        {
            self.0.push((intent, reply));
        }
    }

    /// A reply arrives, and is perhaps still on its way.
    pub(crate) fn report(&mut self, world: &mut World, chance: &mut Chance) {
        let place = chance.place(self.0.len());
        let Some((intent, reply)) = self.0.get(place).cloned() else { return };
        if chance.below(4) > 0 {
            self.0.swap_remove(place);
        }
        world.report(intent, reply);
    }

    /// It is mended: what was on its way arrives, and everything that is said from now on.
    pub(crate) fn mend(&mut self, world: &mut World) {
        for (intent, reply) in std::mem::take(&mut self.0) {
            assert!(matches!(world.report(intent, reply), Reported::Ended | Reported::Before));
        }
        world.settle();
    }
}

//! Requests from a seed: a small world, crowded on purpose, so that everything meets everything.

use booking::{
    Book, CancelBooking, Command, ConfirmedBy, Definition, Fingerprint, Mode, Order, Partition, Party,
    Policy, Promotion, Request, RequestKey, Sale, Secret, SlotId, Timestamp, WaitlistPolicy, WhenFull,
};

/// Numbers from a seed (`SplitMix64`, G. L. Steele and others, 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    fn small(&mut self, end: u32) -> u32 {
        u32::try_from(self.below(u64::from(end))).unwrap()
    }

    /// Something, so many times in a hundred.
    fn maybe<T>(&mut self, share: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.percent(share).then(|| make(self))
    }
}

/// What is asked of one slot over its life.
pub(crate) struct Workload {
    pub(crate) random: Random,
    definition: Definition,
    pub(crate) at: u64,
    asked: Vec<Request>,
    keys: u128,
}

/// What comes next.
pub(crate) enum Next {
    /// A request, at a stamp.
    Request(u64, Request),
    /// Time alone, at a stamp.
    Pulse(u64),
}

impl Workload {
    /// The workload of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let definition = definition(&mut random);
        Self { random, definition, at: 1_000, asked: vec![], keys: 0 }
    }

    /// The next thing that happens, given when the slot next wants a pulse.
    pub(crate) fn next(&mut self, deadline: Option<u64>) -> Next {
        self.pass(deadline);
        if self.random.percent(5) {
            return Next::Pulse(self.at);
        }
        let request = match self.random.below(100) {
            // Exactly what was asked before.
            0..12 if !self.asked.is_empty() => self.earlier(),
            // Something else under a key that was used before, or what was asked before under another.
            12..16 if !self.asked.is_empty() => Request { key: self.earlier().key, ..self.fresh() },
            16..18 if !self.asked.is_empty() => Request { key: self.fresh().key, ..self.earlier() },
            _ => self.fresh(),
        };
        self.asked.push(request.clone());
        // Now and then a stamp from before: time must not go back.
        let late = if self.random.percent(3) { self.random.below(5_000) } else { 0 };
        Next::Request(self.at.saturating_sub(late), request)
    }

    /// Moves time: mostly a little, sometimes to a deadline or next to it, seldom by half a day.
    fn pass(&mut self, deadline: Option<u64>) {
        match (self.random.below(100), deadline) {
            (0..60, _) => self.at += self.random.below(100),
            (60..70, Some(deadline)) if deadline < self.at + 600_000 || self.random.percent(5) => {
                self.at = self.at.max((deadline + self.random.below(3)).saturating_sub(1));
            }
            (70..71, _) if self.random.percent(50) => self.at += 43_200_000,
            (71..75, _) => self.at += self.random.below(100_000),
            _ => {}
        }
    }

    fn earlier(&mut self) -> Request {
        let place = self.random.below(self.asked.len() as u64);
        self.asked[usize::try_from(place).unwrap()].clone()
    }

    fn fresh(&mut self) -> Request {
        self.keys += 1;
        let command = match self.random.below(1_000) {
            0..10 => Command::CreateSlot(Box::new(self.definition.clone())),
            10..12 => Command::CancelSlot,
            12..350 => self.cancel(),
            // Nothing can be done before there is a slot.
            _ if self.asked.len() == 3 => Command::CreateSlot(Box::new(self.definition.clone())),
            _ => self.book(),
        };
        let fingerprint = match command {
            Command::CreateSlot(_) => Fingerprint(self.random.below(10) / 9),
            Command::CancelSlot | Command::Book(_) | Command::CancelBooking(_) => {
                Fingerprint(self.random.next())
            }
        };
        let slot = SlotId { partition: Partition::new(7).unwrap(), hash: 7 };
        Request {
            slot,
            key: RequestKey(self.keys.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
            fingerprint,
            command,
        }
    }

    fn book(&mut self) -> Command {
        let random = &mut self.random;
        let largest = if random.percent(90) { 3 } else { self.definition.capacity + 2 };
        Command::Book(Book {
            customer: customer(random),
            quantity: 1 + random.small(largest),
            mode: if random.percent(25) { Mode::Hold } else { Mode::Confirm },
            hold_seconds: random.maybe(50, |random| random.small(90)),
            when_full: if random.percent(15) { WhenFull::Refuse } else { WhenFull::Waitlist },
        })
    }

    fn cancel(&mut self) -> Command {
        // Mostly one that exists, and mostly by whoever may.
        let existing = if self.asked.is_empty() { None } else { Some(self.earlier()) };
        let (booking, owner) = match existing {
            Some(Request { key, command: Command::Book(book), .. }) => (key, book.customer),
            Some(Request { key, .. }) => (key, customer(&mut self.random)),
            None => (RequestKey(1), customer(&mut self.random)),
        };
        let by = match self.random.below(10) {
            0..6 => Party::Customer(owner),
            6..7 => Party::Customer(customer(&mut self.random)),
            _ => Party::Organizer,
        };
        Command::CancelBooking(CancelBooking { booking, by })
    }
}

fn customer(random: &mut Random) -> Box<str> {
    format!("customer {}", random.below(6)).into()
}

/// A slot for a day or so of a workload; a few last for minutes only, and a few for long enough to forget.
fn definition(random: &mut Random) -> Definition {
    let starts_at = [300_000, 2_000_000, 90_000_000, 900_000_000][usize::try_from(random.below(4)).unwrap()];
    Definition {
        organizer: "studio".into(),
        placement: random.maybe(50, |_| "hall".into()),
        title: "yoga".into(),
        starts_at: Timestamp(starts_at),
        ends_at: Timestamp(starts_at + random.below(1_000_000) + 1),
        sale: Sale {
            opens_at: random.maybe(20, |random| Timestamp(random.below(3_000))),
            closes_at: random.maybe(20, |random| Timestamp(starts_at - random.below(200_000))),
        },
        capacity: random.small(12),
        policy: Policy {
            confirmed_by: if random.percent(15) { ConfirmedBy::Organizer } else { ConfirmedBy::Customer },
            hold_seconds: 1 + random.small(60),
            hold_seconds_max: 30 + random.small(60),
            customer_limit: random.maybe(40, |random| 1 + random.small(8)),
            cancel_until_seconds: random.small(200),
            waitlist: random.maybe(85, |random| WaitlistPolicy {
                capacity: 1 + random.small(20),
                promotion: if random.percent(25) { Promotion::Offer } else { Promotion::Confirm },
                offer_seconds: 1 + random.small(30),
                order: Order::Strict,
            }),
        },
        secret: Secret([3; 16]),
    }
}

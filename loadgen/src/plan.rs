//! The plan: who comes when and asks for what, with everything that is to be sent. Made whole before the clock starts.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use api::booking::{Booking, Mode, Status, WhenFull};
use api::slot::Slot;
use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::{Method, Uri};
use rand::RngExt;
use rand::rngs::SmallRng;

use crate::client::Message;
use crate::courts::{Courts, Shift};
use crate::demand::{Demand, percent};
use crate::error::Error;
use crate::goods::Goods;
use crate::options::DropOptions;
use crate::seating::{SeatWish, Seating, Swap};
use crate::token::Mint;
use witness::history::{Ask, Asker, Moment, Places, Request, SlotNumber};
use witness::house::Plan;
use witness::house::words::BookingSeats;

/// When a customer who holds makes up their mind, counted from the answer.
const CONFIRM_AFTER_MS: RangeInclusive<u64> = 100..=1_000;
/// How many holds of a hundred are let go.
const LET_GO_PERCENT: u32 = 10;
/// How many of a hundred who hold what costs something want to confirm it unpaid.
const UNPAID_PERCENT: u32 = 10;
/// When a customer who wants fewer says so, counted from the answer.
const FEWER_AFTER_MS: RangeInclusive<u64> = 100..=1_000;
/// When a customer who wants another seat says so, counted from the answer.
const SWAP_AFTER_MS: RangeInclusive<u64> = 100..=1_000;
/// How much more wanted the best section of a house is.
const SECTIONS_ZIPF: f64 = 1.0;
/// When a customer who cancels does so, counted from the answer.
const CANCEL_AFTER_MS: RangeInclusive<u64> = 1_000..=3_000;
/// When a customer who asks again does so, counted from the answer.
const REPEAT_AFTER_MS: RangeInclusive<u64> = 100..=1_000;

/// One customer's part in the drop.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// What goes into the history: not sent yet, no answers.
    pub(crate) request: Request,
    /// What goes to the server.
    pub(crate) message: Message,
    /// Where the customer has a hold, this long after the answer comes what they make of it.
    pub(crate) decision: Option<Decision>,
    /// Where the customer holds more than one unit, or waits for them, one fewer is wanted this long after the answer.
    pub(crate) fewer_after: Option<Duration>,
    /// Where the customer holds seats, another is wanted for one of them this long after the answer; or other hours.
    pub(crate) swap: Option<(Duration, Other)>,
    /// Where the customer has a booking, it is cancelled this long after the answer.
    pub(crate) cancel_after: Option<Duration>,
    /// The same request is sent again this long after its answer.
    pub(crate) repeat_after: Option<Duration>,
}

/// What a customer makes of a hold, and how long after the answer.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    Confirm {
        after: Duration,
    },
    LetGo {
        after: Duration,
    },
    /// It is paid for at the box office, which confirms it, and has this token.
    Pay {
        after: Duration,
        office: HeaderValue,
    },
}

/// What a customer would rather have.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    Seat(Swap),
    Hour(Shift),
}

impl Other {
    /// What is asked by who has this booking, with these seats.
    fn ask(&self, booking: &Booking, seats: impl Fn() -> Option<BookingSeats>) -> Option<Ask> {
        match self {
            Self::Seat(swap) if booking.status == Status::Held => swap.ask(&booking.id, &seats()?),
            Self::Seat(_) => None,
            Self::Hour(shift) => shift.ask(booking),
        }
    }
}

/// What a drop is sold from, and as what.
pub(crate) struct Offer<'o> {
    pub(crate) slots: &'o [Slot],
    /// None where they have units.
    pub(crate) house: Option<&'o Arc<Plan>>,
    /// None where they are no calendars.
    pub(crate) courts: Option<&'o Courts>,
    /// What they sell, and the box office's token; none where that is nothing in particular.
    pub(crate) goods: Option<(&'o Goods, HeaderValue)>,
}

/// Plans the drop `run`, in order of arrival. The name of the run is part of every customer's name, so that nobody
/// has been there before.
pub(crate) fn draw(
    options: &DropOptions,
    Offer { slots, house, courts, goods }: &Offer<'_>,
    mint: &mut Mint,
    rng: &mut SmallRng,
    run: &str,
) -> Result<Vec<Planned>, Error> {
    let paths: Vec<Uri> = slots.iter().map(|slot| path(&["v1", "slots", &slot.id, "bookings"])).collect();
    let demand = Demand::new(slots.len(), options.zipf);
    let mut seating = house.map(|plan| Seating::new(Arc::clone(plan), slots.len(), SECTIONS_ZIPF));
    (0..options.customers)
        .map(|number| {
            let customer = format!("drop-{run}-{number}");
            let slot = demand.pick(rng);
            let wish = match (&mut seating, courts) {
                (None, None) => units(rng.random_range(options.quantity.units.clone())),
                (Some(seating), _) => seating.draw(slot, rng),
                (None, Some(courts)) => courts.draw(slot, rng),
            };
            let refuse = percent(options.refuse_percent, rng) || wish.never_waits();
            let when_full = if refuse { WhenFull::Refuse } else { WhenFull::Waitlist };
            // Without holds no number is drawn for them: a seed goes on to mean the drop that it meant.
            let holds = options.hold_percent > 0 && percent(options.hold_percent, rng);
            let basket = goods.as_ref().map(|(goods, office)| {
                let plan = house.map(|plan| &**plan);
                (goods.draw((wish.quantity, &wish.places), plan, rng), Decision::draw_paid(office, rng))
            });
            let (basket, paid) = basket.unzip();
            let decision = paid.or_else(|| holds.then(|| Decision::draw(rng)));
            let mode = if holds { Mode::Hold } else { Mode::Confirm };
            let ask = wish.ask(mode, when_full, basket.unwrap_or_default());
            // As without holds.
            let wants_fewer = options.fewer_percent > 0 && percent(options.fewer_percent, rng);
            let fewer_after = wants_fewer.then(|| Duration::from_millis(rng.random_range(FEWER_AFTER_MS)));
            let is_other = (house.is_some() || courts.is_some()) && percent(options.swap_percent, rng);
            let swap = is_other.then(|| {
                let after = Duration::from_millis(rng.random_range(SWAP_AFTER_MS));
                let other = match house {
                    Some(plan) => Other::Seat(Swap::draw(plan, rng)),
                    None => Other::Hour(Shift::draw(rng)),
                };
                (after, other)
            });
            let cancels = percent(options.cancel_percent, rng);
            let repeats = percent(options.repeat_percent, rng);
            Ok(Planned {
                message: Message {
                    method: Method::POST,
                    path: paths[slot].clone(),
                    token: mint.customer(&customer)?,
                    key: Some(key(&customer)),
                    known: None,
                    body: Bytes::from(ask.body()),
                },
                decision,
                fewer_after,
                swap,
                cancel_after: cancels.then(|| Duration::from_millis(rng.random_range(CANCEL_AFTER_MS))),
                repeat_after: repeats.then(|| Duration::from_millis(rng.random_range(REPEAT_AFTER_MS))),
                request: Request {
                    key: customer.clone(),
                    customer,
                    slot: SlotNumber(slot),
                    by: Asker::Customer,
                    ask,
                    intended: Moment::default().after(options.arrival(number)),
                    sent: None,
                    answers: Vec::new(),
                },
            })
        })
        .collect()
}

/// Units, as many as are wished for.
const fn units(quantity: u32) -> SeatWish {
    SeatWish { quantity, places: Places::Any }
}

impl Decision {
    fn draw(rng: &mut SmallRng) -> Self {
        let after = Duration::from_millis(rng.random_range(CONFIRM_AFTER_MS));
        if rng.random_range(0..100) < LET_GO_PERCENT {
            Self::LetGo { after }
        } else {
            Self::Confirm { after }
        }
    }

    /// Of one who holds what may have to be paid for.
    fn draw_paid(office: &HeaderValue, rng: &mut SmallRng) -> Self {
        match Self::draw(rng) {
            Self::Confirm { after } if rng.random_range(0..100) >= UNPAID_PERCENT => {
                Self::Pay { after, office: office.clone() }
            }
            other @ (Self::Confirm { .. } | Self::LetGo { .. } | Self::Pay { .. }) => other,
        }
    }
}

impl Planned {
    /// What the same customer asks next who was answered at `now` and has this booking, if anything. `seats` tells which seats
    /// it has.
    pub(crate) fn next(
        &self,
        booking: &Booking,
        seats: impl Fn() -> Option<BookingSeats>,
        now: Moment,
    ) -> Option<Self> {
        let id = || booking.id.clone();
        if let Some((after, other)) = &self.swap
            && let Some(ask) = other.ask(booking, &seats)
        {
            let Self { fewer_after, cancel_after, .. } = *self;
            let then = self.then(ask, now.after(*after));
            return Some(Self { decision: self.decision.clone(), fewer_after, cancel_after, ..then });
        }
        if let (Status::Held | Status::Waitlisted, Some(after), 2..) =
            (booking.status, self.fewer_after, booking.quantity)
            && let Some(fewer) = fewer(booking, seats())
        {
            let (decision, cancel_after) = (self.decision.clone(), self.cancel_after);
            return Some(Self { decision, cancel_after, ..self.then(fewer, now.after(after)) });
        }
        match (booking.status, &self.decision) {
            (Status::Held, Some(Decision::Pay { after, office })) => {
                let mut paid = self.then(Ask::Confirm { booking: id() }, now.after(*after));
                (paid.message.token, paid.request.by) = (office.clone(), Asker::Organizer);
                Some(Self { cancel_after: self.cancel_after, ..paid })
            }
            (Status::Held, Some(Decision::Confirm { after })) => {
                let confirm = Ask::Confirm { booking: id() };
                // What is confirmed may still be given back.
                let cancel_after = self.cancel_after;
                Some(Self { cancel_after, ..self.then(confirm, now.after(*after)) })
            }
            (Status::Held, Some(Decision::LetGo { after })) => {
                Some(self.then(Ask::Cancel { booking: id() }, now.after(*after)))
            }
            (Status::Held, None) | (Status::Confirmed | Status::Waitlisted | Status::Offered, _) => {
                self.cancel_after.map(|after| self.then(Ask::Cancel { booking: id() }, now.after(after)))
            }
            (Status::Cancelled | Status::Declined | Status::Expired, _) => None,
        }
    }

    /// The same customer's next request, with a key of its own, to be sent at `intended`.
    fn then(&self, ask: Ask, intended: Moment) -> Self {
        let verb = ask.verb();
        // A booking may be reseated more than once.
        let key_text = format!("{}-{verb}", self.request.key);
        let booking = ask.booking().expect("what comes next is about the booking");
        Self {
            message: Message {
                method: Method::POST,
                path: path(&["v1", "bookings", booking, verb]),
                token: self.message.token.clone(),
                key: Some(key(&key_text)),
                known: None,
                body: Bytes::from(ask.body()),
            },
            decision: None,
            fewer_after: None,
            swap: None,
            cancel_after: None,
            repeat_after: self.repeat_after,
            request: Request {
                key: key_text,
                ask,
                intended,
                sent: None,
                answers: Vec::new(),
                ..self.request.clone()
            },
        }
    }
}

/// One place fewer: the last of its seats, where it has any, since seats are told apart; the last of its products, where it is of some.
/// None where it is of several and has seats: which are whose is not said.
fn fewer(booking: &Booking, seats: Option<BookingSeats>) -> Option<Ask> {
    let booking_id = booking.id.clone();
    let mut lines = booking.lines.clone().unwrap_or_default();
    if let Some(last) = seats.and_then(|mut has| has.seats.pop()) {
        let swap = Ask::Reseat { booking: booking_id, add: Vec::new(), drop: vec![last] };
        return Some(swap).filter(|_swap| lines.len() <= 1);
    }
    if let Some(last) = lines.last_mut() {
        last.quantity -= 1;
    }
    lines.retain(|line| line.quantity > 0);
    Some(Ask::Reduce { booking: booking_id, quantity: booking.quantity - 1, lines })
}

pub(crate) fn key(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).expect("a key is visible ASCII")
}

/// A path of URL-safe parts. An id that is none leads to the root, where the server will say that there is nothing.
pub(crate) fn path(parts: &[&str]) -> Uri {
    Uri::try_from(format!("/{}", parts.join("/"))).unwrap_or_else(|_unsafe_id| Uri::from_static("/"))
}

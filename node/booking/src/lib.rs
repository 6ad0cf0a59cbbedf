//! The rules of a booking, and nothing else.
//!
//! Everything that can be booked is a [`Slot`]: it owns its places, its bookings and its waitlist. A request
//! comes with the level and the stamp of its log entry, [`Slot::apply`] decides it, and the answer is an [`Outcome`];
//! whatever changed is one [`Record`] of the slot's feed. A step always goes the same way:
//!
//! ```text
//!  answered before? ── yes ──► the first answer again; nothing changes            base/step.rs
//!        │ no
//!        ▼
//!  what has lapsed lapses, by deadline, then creation                    slot/rules/lapse.rs
//!        ▼
//!  the waitlist is served                                              slot/rules/promote.rs
//!        ▼
//!  the command is decided: done, refused, or not found     slot/rules/{book,confirm,cancel,…}.rs
//!        ▼
//!  the waitlist is served again                                        slot/rules/promote.rs
//!        ▼
//!  anything changed? then one `seq`, and one record of the feed               base/step.rs
//! ```
//!
//! So a freed place and its next owner are one step, and nobody slips between.
//!
//! # How the house is arranged
//!
//! From the ground up, and no file knows one of a higher floor:
//!
//! | Floor | Is |
//! | --- | --- |
//! | `limits`, `time`, `digest`, `id` | numbers, and how things are named |
//! | `base/` | what every entity has, and the one sequence of a step, whatever the kind |
//! | `slot/asked/`, `slot/shown/` | the words of commands and answers |
//! | `slot/levels` | from which [`Level`] on there is what |
//! | `slot/inventory/` | what a slot can give out, and who waits for it |
//! | `slot/state/` | what is remembered of a slot; knows no rule |
//! | `slot/rules/` | what may happen, command by command; holds no state |
//! | `slot/apply` | the one match that decides which rule is asked |
//! | `slot/{read,away,check,image}` | how a slot is read, recalled, judged and saved |
//! | `merchant/` | what customers own of what is sold on account, and what is promised of it to slots |
//! | `organizer/` | who offers slots, and keeps the seatmaps of their houses |
//! | `toy/` | entities that need each other, for tests alone |
//! | `entity` | everything that is replicated, whatever its kind: one arm a kind |
//! | `stored/` | what all of it looks like on disk, in the log and between nodes, version by version |
//!
//! A new rule is a file in `slot/rules/`, a variant each in [`Command`], [`Refusal`] and [`Kind`], a word in `slot/levels` on the
//! level from which on it is there, and a table of tests.
//!
//! # Invariants
//!
//! - The crate knows no clock, disk, network, thread, random number or random order: it is `no_std`, and time
//!   is an argument. Equal requests in equal order make equal state, on every replica, for ever: where a later
//!   build decides otherwise, it does so under a later [`Level`], and keeps to the old one under the old.
//! - `apply` is total: whatever a request contains, it is answered. A refusal is a value. A panic is a bug.
//! - The named invariants BK-1 to BK-11, IN-1, IN-2 and MR-1 to MR-4 hold after every step: see [`invariant`].
//! - Types of the rules never reach the disk or another node, only the frozen shapes of them in [`stored`]; words and ids do, and
//!   words are only added to, at their end. `tests/bytes` holds the bytes.
#![no_std]

extern crate alloc;

// Numbers, and how things are named.
mod digest;
mod id;
pub mod limits;
mod time;

// What every entity has.
mod base;

// The kinds of entities, and what they have in common.
pub mod entity;
pub mod merchant;
pub mod organizer;
mod slot;
#[cfg(feature = "rehearsal")]
pub mod toy;

// What all of it looks like on disk, in the log and between nodes.
pub mod stored;

pub use base::broken::Broken;
pub use base::intents::{IntentChanges, IntentCounts, IntentRecord, PairRecord, ReplyRecord, SavedIntents};
pub use base::invariant;
pub use base::message::{
    Delivered, Delivery, IntentNumber, Message, Ordinal, Provider, Reply, Report, Reported, Target,
};
pub use base::order::{Charge, Collected, OrderAct, OrderAsk, OrderDeed, OrderIntent, OrderWish, Releaser};
pub use base::origin::Origin;
pub use base::outcome::Outcome as OutcomeOf;
pub use base::payment::{AttemptStatus, Dispute, PaymentAsk, PaymentDeed, PaymentReport};
pub use base::promise::{End, Fate, Leg, OrderNumber, PackageNumber, PromiseNumber};
pub use base::promised::{NotBooked, Promised, Terms};
pub use base::voucher::{Off, Uses, VoucherNumber, VoucherTerms};
pub use id::{
    BookingId, Content, EntityId, EntityKind, Fingerprint, NoSuchKind, NoSuchPartition, Number, Partition,
    RequestKey, SeatmapId, Seq, SlotId,
};
pub use limits::Level;
pub use slot::asked::calendar::{
    CalendarChange, CalendarPlaces, CalendarStock, ClosedDays, HoursRule, Lengths, LengthsChange, Openings,
    OpeningsOf, RangeWish, Resources, RuleChange, WeeklyHours,
};
pub use slot::asked::change::{PolicyChange, SlotChange, WaitlistChange};
pub use slot::asked::command::{
    Act, Basket, Book, ChangeQuantity, Command, Extend, Mode, MoveBooking, Party, Request, SwapSeats,
    WhenFull, Wish,
};
pub use slot::asked::definition::{
    ConfirmedBy, Definition, Order, Policy, Promotion, Sale, Secret, WaitlistPolicy,
};
pub use slot::asked::new_slot::NewSlot;
pub use slot::asked::on_account::{AccountChange, CreditsChange, CreditsPolicy, LateCancel, OnAccount};
pub use slot::asked::seats::{ChangeSale, MapChange, SeatRun, SeatsAsked, SeatsWish, SinglesChange};
pub use slot::asked::stock::{SeatsStock, Stock};
pub use slot::asked::tariff::{Categories, Currency, Line, Price, Product, Products, Quota, Tariff};
pub use slot::asked::tariff_change::{PriceAsked, QuotaAsked, TariffChange, TariffFault};
pub use slot::away::Absent;
pub use slot::image::{Changes, Header, SavedSlot};
pub use slot::inventory::calendar::{Buffers, Range, RangeRefused, Resource};
pub use slot::inventory::claim::{Purchase, RangeClaim, RangeHad, SeatsClaim};
pub use slot::inventory::saved::{HoursPart, HouseChanges, PlanPart, SalePart, SavedHouse};
pub use slot::inventory::seats::{
    ALLOTMENTS_MAX, AREAS_MAX, AisleSingles, Allotment, AllotmentCounts, Area, Asker, BadPlan, Best,
    CATEGORIES_MAX, Category, CategoryCounts, Conflict, Drawing, DrawnArea, DrawnBlock, Named, Pick, Places,
    Plan, ROWS_MAX, Reason, Row, SEATS_MAX, SECTIONS_MAX, Sale as SeatSale, SaleRun, Seat, Section, Shown,
    ShownBlock, SingleScope, Singles, SinglesPolicy, Swap, Table, Together,
};
pub use slot::read::{Filter, FreeAsked, Looked};
#[cfg(feature = "rehearsal")]
pub use slot::rehearsal::RuleBug;
pub use slot::shown::bill::{Bill, Item};
pub use slot::shown::calendar::{BusyView, CalendarView, FreePlace, FreeView, RangeView};
pub use slot::shown::credits::{CreditsState, CreditsView};
pub use slot::shown::feed::{Kind, Record};
pub use slot::shown::goods::GoodsView;
pub use slot::shown::outcome::{Decision, Outcome, Refusal};
pub use slot::shown::reference::Reference;
pub use slot::shown::seating::{CategoryView, Details, HouseView, SeatMap, Seating, Told};
pub use slot::shown::status::Status;
pub use slot::shown::view::{BookingView, Counts, SlotStatus, View};
pub use slot::state::answer::{Answer, ReceiptRecord, SlotChanged};
pub use slot::state::booking::{Booking, BookingRecord, FirstAnswer, InOrder, Standing, Unfinished};
pub use slot::state::bookings::Away;
pub use slot::state::credits::{BookingCredits, BookingVoucher, Told as MerchantTold};
pub use slot::state::slot::Slot;
pub use time::Timestamp;

//! Merchants: what sells on account under one placement of an organizer. One entity each, which keeps what customers own there.
//!
//! A customer's *account* has *packages* of *credits*. What a slot asks for a booking (credits, units of a limit) is *promised* by the
//! merchant first, and then booked by the slot, which tells what becomes of it:
//!
//! ```text
//!   door             merchant                                        slot
//!   reserve ───────► available → reserved, promise n
//!                    intent: book, with promise n ────────────────► booked, waits, or not
//!                    known to be booked, or all of it comes back ◄── reply
//!                    released, spent or forfeited ◄───────────────── intent: these promises have ended
//! ```
//!
//! A *voucher* is a code that lets somebody book, or makes places cost less, so many times: its uses are promised as credits are.
//!
//! An *order* is of several slots. What the merchant has to promise for it is reserved at once; then its slots are asked one after the
//! other, and what they hold they hold until the merchant says what becomes of it:
//!
//! ```text
//!   order ─────────► collecting ── intent: collect ───────────────► held for the order, or not
//!                    the next slot, or held; or refused, and
//!                    ──────────── intent: release ────────────────► let go
//!   confirm ───────► confirmed ─── intent: confirm ───────────────► confirmed
//!   its deadline ──► expired ───── intent: release ───────────────► let go
//! ```
//!
//! An order is paid for by *attempts*. What a provider reports is joined to what is known, so that an older report leads nothing back. The
//! step that hears that an attempt can be taken confirms its order; what a provider has to do then follows from what is left of the
//! order: it captures when every slot has confirmed, and lets go of, or gives back, what is not owed.
//!
//! A promise has no deadline: only the slot ends it, so nothing is ever promised twice, and nothing is lost for good. An end may come
//! before the word that it is booked. Messages of a pair are applied in order, so who takes a booking back never overtakes the booking.

mod account;
mod attempt;
mod order;
mod package;
mod plan;
mod refusal;
mod voucher;
mod words;

mod accounts;
mod choose;
mod orders;
mod state;

mod collect;
mod conclude;
mod freeze;
mod image;
mod pay;
mod promises;
mod rules;
mod vouchers;

pub use self::account::{Account, Promise, PromisedLeg, PromisedUses};
pub use self::accounts::AccountsAway;
pub use self::attempt::{Attempt, Row, RowKind};
pub use self::image::{Changes, Header, SavedMerchant};
pub use self::order::{
    ItemKind, ItemRefused, ItemState, Order, OrderItem, OrderStatus, OrderTerms, PackageItem,
};
pub use self::package::{Credits, Package, PackageStatus, Source, Span, Window};
pub use self::plan::{Activation, FreezeTerms, Plan, Split, Validity};
pub use self::refusal::{NotUsable, Refusal, VoucherRefused};
pub use self::state::Merchant;
pub use self::voucher::{NewVoucher, Voucher, VoucherChange};
pub use self::words::{
    Answer, Bookings, Command, Decision, Entry, Freeze, Grant, Holding, Kind, LEVEL, Name, NewItem, NewOrder,
    OnBookings, OrderAsked, Outcome, Owner, ReceiptRecord, Record, Request, Reserve, Which,
};

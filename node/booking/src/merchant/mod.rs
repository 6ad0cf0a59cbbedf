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
//! A promise has no deadline: only the slot ends it, so nothing is ever promised twice, and nothing is lost for good. An end may come
//! before the word that it is booked. Messages of a pair are applied in order, so who takes a booking back never overtakes the booking.

mod account;
mod package;
mod plan;
mod voucher;
mod words;

mod accounts;
mod choose;
mod state;

mod freeze;
mod image;
mod promises;
mod rules;
mod vouchers;

pub use self::account::{Account, Promise, PromisedLeg, PromisedUses};
pub use self::accounts::AccountsAway;
pub use self::image::{Changes, Header, SavedMerchant};
pub use self::package::{Credits, Package, PackageStatus, Source, Span, Window};
pub use self::plan::{Activation, FreezeTerms, Plan, Split, Validity};
pub use self::state::Merchant;
pub use self::voucher::{NewVoucher, Voucher, VoucherChange, VoucherRefused};
pub use self::words::{
    Answer, Bookings, Command, Decision, Entry, Freeze, Grant, Holding, Kind, LEVEL, Name, NotUsable,
    OnBookings, Outcome, Owner, ReceiptRecord, Record, Refusal, Request, Reserve, Which,
};

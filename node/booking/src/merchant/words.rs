//! What is asked of a merchant, and what it answers and records.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::order::Order;
use super::package::Package;
use super::plan::Plan;
use super::refusal::Refusal;
use super::voucher::{NewVoucher, Voucher, VoucherChange};
use crate::base;
use crate::base::outcome::Denied;
use crate::base::promise::{PackageNumber, PromiseNumber};
use crate::base::promised::Terms;
use crate::base::receipts::{Receipt, Remembered};
use crate::base::request::RequestIdentity;
use crate::digest::Digest;
use crate::slot::levels::ACCOUNTS;
use crate::{
    Book, EntityId, Fingerprint, Level, Mode, OrderNumber, PaymentReport, Provider, RequestKey, Seq, SlotId,
    Timestamp, VoucherNumber,
};

/// From this level on there are merchants.
pub const LEVEL: Level = ACCOUNTS;

/// One request to one merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The merchant that is asked.
    pub merchant: EntityId,
    /// Who asks, and which of their requests this is.
    pub key: RequestKey,
    /// What is asked, as a hash.
    pub fingerprint: Fingerprint,
    /// What is asked.
    pub command: Command,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make the merchant.
    Open(Box<Name>),
    /// Give a customer a package.
    Grant(Box<Grant>),
    /// Promise what a slot asks for a booking, and have it booked.
    Reserve(Box<Reserve>),
    /// Make a package rest for a while.
    Freeze(Box<Freeze>),
    /// End that before its time.
    Unfreeze(Box<Which>),
    /// Take a package back.
    Revoke(Box<Which>, Bookings),
    /// Say how many units a customer may have over all slots that ask; none is no limit.
    SetLimit(Option<u32>),
    /// Make a voucher.
    MakeVoucher(Box<NewVoucher>),
    /// Change one.
    ChangeVoucher(Box<VoucherChange>),
    /// Let nobody use one from now on.
    WithdrawVoucher(VoucherNumber),
    /// Have all of this held, or nothing.
    Order(Box<NewOrder>),
    /// Make an order be for good.
    ConfirmOrder(Box<OrderAsked>),
    /// Hold an order for so many seconds from now.
    ExtendOrder(Box<OrderAsked>, u32),
    /// Give an order back, or only these of its items, by their places.
    CancelOrder(Box<OrderAsked>, Vec<u32>),
    /// Try to pay for an order, with this provider.
    PayOrder(Box<OrderAsked>, Provider),
    /// A provider reports of an order of this customer's.
    ReportPayment(Box<str>, Box<PaymentReport>),
    /// Give back so much of what was paid; of nothing, what could not be given back before.
    RefundOrder(Box<OrderAsked>, u64),
    /// Ask no provider for anything from now on, or again.
    FreezePayments(bool),
}

/// Whose merchant it is, and under which placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The organizer.
    pub organizer: Box<str>,
    /// The placement; none is the organizer's own.
    pub placement: Option<Box<str>>,
}

/// A package that is to be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub customer: Box<str>,
    /// The plan's terms.
    pub plan: Arc<Plan>,
    /// From when on it is good; none where it begins with its first use.
    pub valid_from: Option<Timestamp>,
    /// Until when it is good; none is for ever, or as its first use says.
    pub valid_until: Option<Timestamp>,
}

/// Something is to be booked that a merchant has to promise for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Where.
    pub slot: SlotId,
    /// The request of whoever books, as the slot is to know it.
    pub request: RequestKey,
    /// What that request asked for.
    pub fingerprint: Fingerprint,
    /// What is to be booked.
    pub book: Book,
    /// What the slot asks.
    pub terms: Terms,
    /// What the slot is about.
    pub tags: Vec<Box<str>>,
    /// The packages that are to pay; all that fit, where none are named.
    pub packages: Vec<PackageNumber>,
    /// Until when packages are good that begin with their first use, if they begin with this booking.
    pub firsts: Vec<(PackageNumber, Timestamp)>,
    /// The code of a voucher, if one is given.
    pub code: Option<Box<str>>,
}

/// What is to be had of several slots at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// For whom.
    pub customer: Box<str>,
    /// What.
    pub items: Vec<NewItem>,
    /// What becomes of it when all of it is held, if nothing is owed.
    pub mode: Mode,
    /// How long it is to be held, in seconds.
    pub hold_seconds: u32,
    /// How long it can be held at most: the least of what its slots allow.
    pub hold_seconds_max: u32,
    /// Whether it is had whole or not at all, for ever.
    pub is_bundle: bool,
    /// Whether what cannot be had is left out.
    pub skips: bool,
    /// What all of it is expected to cost, in minor units.
    pub expect_amount: Option<u64>,
    /// The code of a voucher, for whatever it fits.
    pub code: Option<Box<str>>,
}

/// One thing that is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewItem {
    /// A booking: what is asked of its slot and of the merchant. It is held, and never waits.
    Book(Box<Reserve>),
    /// A booking that its customer holds.
    Adopt(SlotId, RequestKey),
    /// A package.
    Package(Box<Grant>),
}

/// Which order is meant, and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAsked {
    /// Whose it is.
    pub customer: Box<str>,
    /// Which.
    pub order: OrderNumber,
    /// Who asks.
    pub by: Owner,
}

/// Which package is meant, and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// Whose it is.
    pub customer: Box<str>,
    /// Which.
    pub package: PackageNumber,
    /// Who asks.
    pub by: Owner,
}

/// A package that is to rest for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Which, and who asks.
    pub which: Which,
    /// From when on; what is past begins now.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// What to do with bookings that begin meanwhile.
    pub on_bookings: OnBookings,
}

/// Who asks something of a package. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// Its customer.
    Customer,
    /// The organizer.
    Organizer,
}

/// What to do with bookings that begin while a package rests. A word of the disk, as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnBookings {
    /// Refuse.
    Refuse,
    /// Cancel them.
    Cancel,
}

/// What to do with what is booked with a package that is revoked. A word of the disk, as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bookings {
    /// Leave it.
    Keep,
    /// Cancel it.
    Cancel,
}

/// The answer to one request to a merchant.
pub type Outcome = base::outcome::Outcome<Decision>;

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Done: there is such a merchant.
    Open,
    /// Done: the package, as it was after it.
    Package(Box<Holding>),
    /// Done: it is promised, and the slot is asked. What the slot says is the answer to whoever books.
    Promised(PromiseNumber),
    /// Done: the limit, as it was after it.
    Limit(Option<u32>),
    /// Done: the voucher, as it was after it.
    Voucher(Box<Voucher>),
    /// Done: the order, as it is now.
    Order(Box<Order>),
    /// Done: whether payments are frozen.
    Payments(bool),
    /// Refused by a rule, and remembered.
    Refused(Refusal),
    /// Refused, and these bookings are why. The refusal is remembered, and which they are is not.
    Booked(Refusal, Vec<(SlotId, RequestKey)>),
    /// It is not said until when a package would be good that is there by now: who asks looks again. Not remembered.
    Outdated,
    /// Too many messages are on their way. Not remembered.
    Overloaded,
    /// The caller has used this key for something else. Not remembered.
    KeyReused,
    /// There is no such merchant, or no such package of this customer's. Not remembered.
    NotFound,
}

/// A package, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Whose it is.
    pub customer: Box<str>,
    /// What it is.
    pub package: Package,
}

/// One step that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The number of the change.
    pub seq: Seq,
    /// The step's stamp.
    pub at: Timestamp,
    /// What happened.
    pub kind: Kind,
    /// To which packages and promises, in the order in which it did.
    pub entries: Vec<Entry>,
}

/// What happened to one package or one promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub kind: Kind,
    /// Whose it is; nobody's, if it is of a voucher alone.
    pub customer: Box<str>,
    /// To which package, if it was one.
    pub package: Option<PackageNumber>,
    /// To which voucher, if it was one.
    pub voucher: Option<VoucherNumber>,
    /// To which order, if it was one.
    pub order: Option<OrderNumber>,
    /// How many credits or uses, or items of an order; of what counts against the limit alone, how many units.
    pub count: u32,
    /// For which booking, if it was for one.
    pub booking: Option<(SlotId, RequestKey)>,
}

/// What happened. A word of the disk: only added to, at the end. The order is a priority, where time alone does several things at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// The merchant was made.
    Opened,
    /// Its limit was set.
    LimitSet,
    /// A package was granted.
    Granted,
    /// Something was promised to a booking.
    Reserved,
    /// What was promised has come back.
    Released,
    /// What was promised was used.
    Spent,
    /// What was promised was not used, and is lost.
    Forfeited,
    /// A package rests, or will.
    Frozen,
    /// A package rests no more.
    Unfrozen,
    /// What was not used in time is gone.
    Expired,
    /// A package was taken back.
    Revoked,
    /// A voucher was made, changed or withdrawn.
    VoucherChanged,
    /// An order was made.
    Ordered,
    /// All of an order is held, or for longer.
    Held,
    /// An order was refused.
    Refused,
    /// An order is for good.
    Confirmed,
    /// An order, or some of it, was given back, or has ended.
    Cancelled,
    /// An order was not confirmed in time.
    Lapsed,
    /// Somebody tries to pay.
    Paying,
    /// What is to be paid can be taken.
    Authorised,
    /// It was taken.
    Captured,
    /// Some of it is to be given back, or was.
    Refunded,
    /// Its customer says that it was not owed, or that was decided.
    Disputed,
    /// Payments are frozen, or are not any more.
    PaymentsSet,
}

/// What was answered to one request to a merchant.
pub type ReceiptRecord = Receipt<Answer>;

/// An answer, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A rule refused it.
    Refused(Refusal),
    /// The package, as it was.
    Package(Box<Holding>),
    /// The promise.
    Promised(PromiseNumber),
    /// The limit.
    Limit(Option<u32>),
    /// The voucher, as it was.
    Voucher(Box<Voucher>),
    /// The order, which says itself how it is.
    Order(OrderNumber),
    /// Whether payments are frozen.
    Payments(bool),
}

/// What a rule says no with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// The bookings that are why.
    pub(crate) bookings: Vec<(SlotId, RequestKey)>,
}

impl Request {
    /// Which request it is.
    pub(crate) const fn identity(&self) -> RequestIdentity {
        RequestIdentity { key: self.key, fingerprint: self.fingerprint }
    }
}

impl Command {
    /// Whose account must be in memory before this is decided, if it is away.
    pub fn customer(&self) -> Option<&str> {
        match self {
            Self::Open(_)
            | Self::SetLimit(_)
            | Self::MakeVoucher(_)
            | Self::ChangeVoucher(_)
            | Self::WithdrawVoucher(_)
            | Self::FreezePayments(_) => None,
            Self::ReportPayment(customer, _) => Some(customer),
            Self::Grant(grant) => Some(&grant.customer),
            Self::Reserve(reserve) => Some(&reserve.book.customer),
            Self::Freeze(freeze) => Some(&freeze.which.customer),
            Self::Unfreeze(which) | Self::Revoke(which, _) => Some(&which.customer),
            Self::Order(new) => Some(&new.customer),
            Self::ConfirmOrder(asked)
            | Self::ExtendOrder(asked, _)
            | Self::CancelOrder(asked, _)
            | Self::PayOrder(asked, _)
            | Self::RefundOrder(asked, _) => Some(&asked.customer),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, bookings: Vec::new() }
    }
}

impl From<Refusal> for Denied<Refused> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Denied<Refused>> for Decision {
    fn from(denied: Denied<Refused>) -> Self {
        match denied {
            Denied::Refused(Refused { refusal, bookings }) if bookings.is_empty() => Self::Refused(refusal),
            Denied::Refused(Refused { refusal, bookings }) => Self::Booked(refusal, bookings),
            Denied::Outdated => Self::Outdated,
            Denied::Overloaded => Self::Overloaded,
            Denied::KeyReused => Self::KeyReused,
            // Who may ask what is known at the door.
            Denied::NotFound | Denied::Forbidden => Self::NotFound,
        }
    }
}

impl From<&Refused> for Answer {
    fn from(refused: &Refused) -> Self {
        Self::Refused(refused.refusal)
    }
}

impl Remembered for Answer {
    type Shared = ();

    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::Refused(refusal) => refusal.digest(digest.word(0_u32)),
            Self::Package(holding) => holding.package.digest(digest.word(1_u32).text(&holding.customer)),
            Self::Promised(promise) => digest.word(2_u32).word(promise.0),
            Self::Limit(limit) => digest.word(3_u32).option(*limit, Digest::word),
            Self::Voucher(voucher) => digest.word(4_u32).word(voucher.digest()),
            Self::Order(order) => digest.word(5_u32).word(order.0),
            Self::Payments(are_frozen) => digest.word(6_u32).word(u32::from(*are_frozen)),
        }
    }

    fn share(&mut self, (): &mut ()) {}
}

//! Golden bytes: what is on a disk somewhere, or comes from a node of another build, is read by every later build.
//!
//! Each version of the records has a file of rows in `tests/golden`: a kind, a name, and the bytes in hexadecimal. A row that fails
//! means that old data would be misread. Add rows; never change one.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod accounts;
mod calendars;
mod messages;
mod organizers;
mod products;
mod samples;
mod seats;
#[cfg(feature = "rehearsal")]
mod toys;

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bincode::config::standard;
use booking::{
    ConfirmedBy, Kind, Level, Mode, Order, Partition, Promotion, RangeRefused, Refusal, SavedHouse,
    SavedIntents, SavedSlot, Slot, Status, Unfinished, WhenFull, stored,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use samples::Rows;

/// The rows of one version: the bytes of what is named, in hexadecimal.
struct Golden {
    level: Level,
    rows: BTreeMap<(&'static str, &'static str), &'static str>,
    wrong: String,
}

impl Golden {
    /// The version that is written under this level.
    fn new(level: Level, text: &'static str) -> Self {
        let row = |line: &'static str| {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap();
            ((word(), word()), word())
        };
        Self { level, rows: text.lines().map(row).collect(), wrong: String::new() }
    }

    /// Every value of a kind is written as its row says, and the row is read back to the value.
    fn check<T, S>(&mut self, kind: &'static str, values: Rows<T>, at: impl Fn(Level, T) -> S)
    where
        T: From<S> + Clone + PartialEq + Debug,
        S: Serialize + DeserializeOwned,
    {
        for (name, value) in values {
            let written = hexadecimal(&at(self.level, value.clone()));
            let row = self.rows.remove(&(kind, name)).unwrap_or_default();
            if written == row {
                let (read, length) =
                    bincode::serde::decode_from_slice::<S, _>(&bytes(row), standard()).unwrap();
                assert_eq!((T::from(read), length), (value, row.len() / 2), "{kind} {name}");
            } else {
                writeln!(self.wrong, "{kind} {name} {written}").unwrap();
            }
        }
    }

    /// All that is released.
    fn check_released(mut self) {
        self.check("request", samples::requests(), stored::Request::at);
        self.check("header", samples::headers(), stored::Header::at);
        self.check("booking", samples::bookings(), stored::Booking::at);
        self.check("receipt", samples::receipts(), stored::Receipt::at);
        self.check("record", samples::records(), stored::Record::at);
        self.check("outcome", samples::outcomes(), stored::Outcome::at);
        self.check("delivery", messages::deliveries(), stored::Delivery::at);
        self.check("delivered", messages::delivered(), stored::Delivered::at);
        self.check("report", messages::reports(), stored::Report::at);
        self.check("intent", messages::intents(), stored::Intent::at);
        self.check("pair", messages::pairs(), stored::Pair::at);
        self.check("reply", messages::replies(), stored::Reply::at);
        self.finish();
    }

    /// What organizers are, are asked and answer.
    fn check_organizers(mut self) {
        self.check("request", organizers::requests(), stored::organizer::Request::at);
        self.check("header", organizers::headers(), stored::organizer::Header::at);
        self.check("seatmap", organizers::seatmaps(), stored::organizer::Seatmap::at);
        self.check("part", organizers::parts(), stored::organizer::PartText::at);
        self.check("receipt", organizers::receipts(), stored::organizer::Receipt::at);
        self.check("record", organizers::records(), stored::organizer::Record::at);
        self.check("outcome", organizers::outcomes(), stored::organizer::Outcome::at);
        self.finish();
    }

    /// What there is from the second level on.
    fn check_fewer(mut self) {
        self.check("request", samples::fewer_requests(), stored::Request::at);
        self.check("booking", samples::fewer_bookings(), stored::Booking::at);
        self.check("receipt", samples::fewer_receipts(), stored::Receipt::at);
        self.check("record", samples::fewer_records(), stored::Record::at);
        self.check("outcome", samples::fewer_outcomes(), stored::Outcome::at);
        self.finish();
    }

    /// What there is of slots of seats.
    fn check_seats(mut self) {
        self.check("request", seats::requests(), stored::Request::at);
        self.check("header", seats::headers(), stored::Header::at);
        self.check("booking", seats::bookings(), stored::Booking::at);
        self.check("plan_part", seats::plan_parts(), stored::PlanPart::at);
        self.check("sale_part", seats::sale_parts(), stored::SalePart::at);
        self.check("receipt", seats::receipts(), stored::Receipt::at);
        self.check("record", seats::records(), stored::Record::at);
        self.check("outcome", seats::outcomes(), stored::Outcome::at);
        self.finish();
    }

    /// What there is of products and prices.
    fn check_products(mut self) {
        self.check("request", products::requests(), stored::Request::at);
        self.check("header", products::headers(), stored::Header::at);
        self.check("booking", products::bookings(), stored::Booking::at);
        self.check("receipt", products::receipts(), stored::Receipt::at);
        self.check("record", products::records(), stored::Record::at);
        self.check("outcome", products::outcomes(), stored::Outcome::at);
        self.finish();
    }

    /// What there is of calendars.
    fn check_calendars(mut self) {
        self.check("request", calendars::requests(), stored::Request::at);
        self.check("header", calendars::headers(), stored::Header::at);
        self.check("booking", calendars::bookings(), stored::Booking::at);
        self.check("hours_part", calendars::hours_parts(), stored::HoursPart::at);
        self.check("receipt", calendars::receipts(), stored::Receipt::at);
        self.check("record", calendars::records(), stored::Record::at);
        self.check("outcome", calendars::outcomes(), stored::Outcome::at);
        self.finish();
    }

    /// What there is of what is sold on account.
    fn check_accounts(mut self) {
        self.check("request", accounts::requests(), stored::Request::at);
        self.check("header", accounts::headers(), stored::Header::at);
        self.check("booking", accounts::bookings(), stored::Booking::at);
        self.check("receipt", accounts::receipts(), stored::Receipt::at);
        self.check("record", accounts::records(), stored::Record::at);
        self.check("outcome", accounts::outcomes(), stored::Outcome::at);
        self.check("delivery", accounts::deliveries(), stored::Delivery::at);
        self.check("delivered", accounts::delivered(), stored::Delivered::at);
        self.check("report", accounts::reports(), stored::Report::at);
        self.check("intent", accounts::intents(), stored::Intent::at);
        self.check("reply", accounts::replies(), stored::Reply::at);
        self.check("merchant_request", accounts::asked(), stored::merchant::Request::at);
        self.check("merchant_header", accounts::merchants(), stored::merchant::Header::at);
        self.check("account", accounts::accounts(), stored::merchant::Account::at);
        self.check("voucher", accounts::vouchers(), stored::merchant::Voucher::at);
        self.check("order", accounts::orders(), stored::merchant::Order::at);
        self.check("merchant_receipt", accounts::merchant_receipts(), stored::merchant::Receipt::at);
        self.check("merchant_record", accounts::merchant_records(), stored::merchant::Record::at);
        self.check("merchant_outcome", accounts::merchant_outcomes(), stored::merchant::Outcome::at);
        self.finish();
    }

    /// What toys are and say.
    #[cfg(feature = "rehearsal")]
    fn check_toys(mut self) {
        self.check("request", toys::requests(), stored::toy::Request::at);
        self.check("header", toys::headers(), stored::toy::Header::at);
        self.check("receipt", toys::receipts(), stored::toy::Receipt::at);
        self.check("record", toys::records(), stored::toy::Record::at);
        self.check("outcome", toys::outcomes(), stored::toy::Outcome::at);
        self.check("delivery", messages::deliveries_of_toys(), stored::Delivery::at);
        self.check("report", messages::reports_of_toys(), stored::Report::at);
        self.finish();
    }

    /// Every row was right, and none is left over.
    fn finish(self) {
        let Self { level, rows, wrong } = self;
        assert!(wrong.is_empty(), "bytes have changed, or their rows are missing, under {level:?}:\n{wrong}");
        assert!(rows.is_empty(), "nobody reads these rows: {:?}", rows.keys());
    }
}

/// The bytes of a value in hexadecimal.
fn hexadecimal<T: Serialize>(value: &T) -> String {
    let mut text = String::new();
    for byte in bincode::serde::encode_to_vec(value, standard()).unwrap() {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// The bytes that hexadecimal digits say.
fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// Every row: a word, and its bytes in hexadecimal. It is also read back.
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    rows: impl IntoIterator<Item = (T, &'static str)>,
) {
    for (word, expected) in rows {
        assert_eq!(hexadecimal(&word), expected, "{word:?}");
        let (read, _length) =
            bincode::serde::decode_from_slice::<T, _>(&bytes(expected), standard()).unwrap();
        assert_eq!(read, word);
    }
}

#[test]
fn the_first_version_is_for_ever() {
    Golden::new(Level(1), include_str!("../golden/v1.txt")).check_released();
}

#[test]
fn the_first_version_of_organizers_is_for_ever() {
    Golden::new(booking::organizer::LEVEL, include_str!("../golden/v1_organizer.txt")).check_organizers();
}

#[test]
fn what_needs_nothing_new_is_written_as_it_ever_was() {
    for level in (2..=Level::COMING.0).map(Level) {
        Golden::new(level, include_str!("../golden/v1.txt")).check_released();
    }
    Golden::new(Level::COMING, include_str!("../golden/v1_organizer.txt")).check_organizers();
}

#[test]
fn what_the_first_cannot_say_is_written_from_the_second_level_on() {
    for level in (2..=Level::COMING.0).map(Level) {
        Golden::new(level, include_str!("../golden/v2.txt")).check_fewer();
    }
}

#[test]
fn seats_are_written_from_the_third_level_on() {
    for level in (3..=Level::COMING.0).map(Level) {
        Golden::new(level, include_str!("../golden/v3.txt")).check_seats();
    }
}

#[test]
fn products_and_prices_are_written_from_the_fourth_level_on() {
    for level in (4..=Level::COMING.0).map(Level) {
        Golden::new(level, include_str!("../golden/v4.txt")).check_products();
    }
}

#[test]
fn calendars_are_written_from_the_fifth_level_on() {
    for level in (5..=Level::COMING.0).map(Level) {
        Golden::new(level, include_str!("../golden/v5.txt")).check_calendars();
    }
}

/// Until a build supports level 7 these rows may change: nothing of them is on any disk.
#[test]
fn what_is_sold_on_account_is_written_from_the_seventh_level_on() {
    Golden::new(booking::merchant::LEVEL, include_str!("../golden/v6.txt")).check_accounts();
}

/// Of each of these there is no shape under the level before this.
fn check_unsaid<T: Clone, S>(since: Level, values: Rows<T>, at: impl Fn(Level, T) -> S) {
    for (name, value) in values {
        for level in (1..since.0).map(Level) {
            let written = catch_unwind(AssertUnwindSafe(|| drop(at(level, value.clone()))));
            assert!(written.is_err(), "{name} is written under {level:?}");
        }
    }
}

#[test]
fn nothing_new_is_written_under_the_levels_before() {
    check_unsaid(Level(2), samples::fewer_requests(), stored::Request::at);
    check_unsaid(Level(2), samples::fewer_bookings(), stored::Booking::at);
    check_unsaid(Level(2), samples::fewer_receipts(), stored::Receipt::at);
    check_unsaid(Level(2), samples::fewer_records(), stored::Record::at);
    check_unsaid(Level(2), samples::fewer_outcomes(), stored::Outcome::at);
    check_unsaid(Level(3), seats::requests(), stored::Request::at);
    check_unsaid(Level(3), seats::headers(), stored::Header::at);
    check_unsaid(Level(3), seats::bookings(), stored::Booking::at);
    check_unsaid(Level(3), seats::plan_parts(), stored::PlanPart::at);
    check_unsaid(Level(3), seats::sale_parts(), stored::SalePart::at);
    check_unsaid(Level(3), seats::receipts(), stored::Receipt::at);
    check_unsaid(Level(3), seats::records(), stored::Record::at);
    check_unsaid(Level(3), seats::outcomes(), stored::Outcome::at);
    check_unsaid(Level(4), products::requests(), stored::Request::at);
    check_unsaid(Level(4), products::headers(), stored::Header::at);
    check_unsaid(Level(4), products::bookings(), stored::Booking::at);
    check_unsaid(Level(4), products::receipts(), stored::Receipt::at);
    check_unsaid(Level(4), products::records(), stored::Record::at);
    check_unsaid(Level(4), products::outcomes(), stored::Outcome::at);
    check_unsaid(Level(5), calendars::requests(), stored::Request::at);
    check_unsaid(Level(5), calendars::headers(), stored::Header::at);
    check_unsaid(Level(5), calendars::bookings(), stored::Booking::at);
    check_unsaid(Level(5), calendars::hours_parts(), stored::HoursPart::at);
    check_unsaid(Level(5), calendars::receipts(), stored::Receipt::at);
    check_unsaid(Level(5), calendars::records(), stored::Record::at);
    check_unsaid(Level(5), calendars::outcomes(), stored::Outcome::at);
    check_unsaid(Level(2), organizers::requests(), stored::organizer::Request::at);
    check_unsaid(Level(2), organizers::headers(), stored::organizer::Header::at);
    check_unsaid(Level(2), organizers::seatmaps(), stored::organizer::Seatmap::at);
    check_unsaid(Level(2), organizers::parts(), stored::organizer::PartText::at);
    check_unsaid(Level(2), organizers::receipts(), stored::organizer::Receipt::at);
    check_unsaid(Level(2), organizers::records(), stored::organizer::Record::at);
    check_unsaid(Level(2), organizers::outcomes(), stored::organizer::Outcome::at);
    check_unsaid(booking::merchant::LEVEL, accounts::requests(), stored::Request::at);
    check_unsaid(booking::merchant::LEVEL, accounts::headers(), stored::Header::at);
    check_unsaid(booking::merchant::LEVEL, accounts::bookings(), stored::Booking::at);
    check_unsaid(booking::merchant::LEVEL, accounts::receipts(), stored::Receipt::at);
    check_unsaid(booking::merchant::LEVEL, accounts::records(), stored::Record::at);
    check_unsaid(booking::merchant::LEVEL, accounts::outcomes(), stored::Outcome::at);
    check_unsaid(booking::merchant::LEVEL, accounts::deliveries(), stored::Delivery::at);
    check_unsaid(booking::merchant::LEVEL, accounts::delivered(), stored::Delivered::at);
    check_unsaid(booking::merchant::LEVEL, accounts::reports(), stored::Report::at);
    check_unsaid(booking::merchant::LEVEL, accounts::intents(), stored::Intent::at);
    check_unsaid(booking::merchant::LEVEL, accounts::replies(), stored::Reply::at);
    check_unsaid(booking::merchant::LEVEL, accounts::asked(), stored::merchant::Request::at);
    check_unsaid(booking::merchant::LEVEL, accounts::accounts(), stored::merchant::Account::at);
    check_unsaid(booking::merchant::LEVEL, accounts::vouchers(), stored::merchant::Voucher::at);
    check_unsaid(booking::merchant::LEVEL, accounts::orders(), stored::merchant::Order::at);
}

#[test]
#[cfg(feature = "rehearsal")]
fn toys_are_written_in_their_first_version_under_every_level() {
    for level in (1..=Level::COMING.0).map(Level) {
        Golden::new(level, include_str!("../golden/v1_rehearsal.txt")).check_toys();
    }
}

#[test]
fn reasons() {
    check([
        (RangeRefused::Hours, "00"),
        (RangeRefused::Grid, "01"),
        (RangeRefused::Length, "02"),
        (RangeRefused::Lead, "03"),
        (RangeRefused::Horizon, "04"),
    ]);
}

#[test]
fn words() {
    check([(Mode::Confirm, "00"), (Mode::Hold, "01")]);
    check([(Unfinished::Held, "00"), (Unfinished::Offered, "01"), (Unfinished::Waitlisted, "02")]);
    check([(WhenFull::Waitlist, "00"), (WhenFull::Refuse, "01")]);
    check([(ConfirmedBy::Customer, "00"), (ConfirmedBy::Organizer, "01")]);
    check([(Promotion::Confirm, "00"), (Promotion::Offer, "01")]);
    check([(Order::Strict, "00"), (Order::SkipFit, "01")]);
    check([
        (Status::Held, "00"),
        (Status::Offered, "01"),
        (Status::Waitlisted, "02"),
        (Status::Confirmed, "03"),
        (Status::Cancelled, "04"),
        (Status::Declined, "05"),
        (Status::Expired, "06"),
    ]);
    check([
        (Kind::SlotCreated, "00"),
        (Kind::SlotChanged, "01"),
        (Kind::SlotCancelled, "02"),
        (Kind::Booked, "03"),
        (Kind::Confirmed, "04"),
        (Kind::Extended, "05"),
        (Kind::Accepted, "06"),
        (Kind::Declined, "07"),
        (Kind::Cancelled, "08"),
        (Kind::Lapsed, "09"),
        (Kind::Finished, "0a"),
        (Kind::QuantityChanged, "0b"),
        (Kind::Reseated, "0c"),
        (Kind::SeatsChanged, "0d"),
        (Kind::Moved, "0e"),
    ]);
}

#[test]
fn refusals() {
    check([
        (Refusal::SlotCancelled, "00"),
        (Refusal::NotOnSale, "01"),
        (Refusal::QuantityTooLarge, "02"),
        (Refusal::CustomerLimit, "03"),
        (Refusal::SoldOut, "04"),
        (Refusal::WaitlistFull, "05"),
        (Refusal::NotHeld, "06"),
        (Refusal::HoldExpired, "07"),
        (Refusal::NotOffered, "08"),
        (Refusal::OfferExpired, "09"),
        (Refusal::TooLate, "0a"),
        (Refusal::AlreadyOver, "0b"),
        (Refusal::CapacityInUse, "0c"),
        (Refusal::StartsInPast, "0d"),
        (Refusal::EndsTooEarly, "0e"),
        (Refusal::ClosesTooLate, "0f"),
        (Refusal::OpensTooLate, "10"),
        (Refusal::MoreThanBooked, "11"),
        (Refusal::SeatsRefused, "12"),
        (Refusal::LeavesSingle, "13"),
        (Refusal::NotTogether, "14"),
        (Refusal::Malformed, "15"),
        (Refusal::SeatsUnnamed, "16"),
        (Refusal::AllotmentsFull, "17"),
        (Refusal::PriceChanged, "18"),
        (Refusal::QuotaExhausted, "19"),
        (Refusal::PaymentRequired, "1a"),
        (Refusal::LinesWanted, "1b"),
        (Refusal::LinesUnnamed, "1c"),
        (Refusal::NoSuchProduct, "1d"),
        (Refusal::QuotaOfNoProduct, "1e"),
        (Refusal::PriceOfNoProduct, "1f"),
        (Refusal::NoCurrency, "20"),
        (Refusal::TariffTooLarge, "21"),
        (Refusal::LinesScattered, "22"),
        (Refusal::CategoryGone, "23"),
        (Refusal::SeatsUneven, "24"),
        (Refusal::RangeRefused, "25"),
        (Refusal::RangeTaken, "26"),
        (Refusal::RangeEmpty, "27"),
        (Refusal::NoSuchResource, "28"),
        (Refusal::ResourceTwice, "29"),
        (Refusal::MinimumOffGrid, "2a"),
        (Refusal::MaximumOffGrid, "2b"),
        (Refusal::SpanTooLong, "2c"),
        (Refusal::CalendarTooLarge, "2d"),
        (Refusal::TooManyOpenings, "2e"),
    ]);
}

#[test]
fn words_of_organizers() {
    use booking::organizer::{Kind, Refusal};
    check([(Refusal::SeatmapsFull, "00"), (Refusal::Misfit, "01")]);
    check([(Kind::Made, "00"), (Kind::PartPut, "01"), (Kind::SeatmapKept, "02"), (Kind::DraftsLapsed, "03")]);
}

#[test]
fn words_of_seats() {
    use booking::{AisleSingles, Asker, Reason, SingleScope, Singles, Together};
    check([(Together::Must, "00"), (Together::Prefer, "01")]);
    check([(Asker::Customer, "00"), (Asker::Organizer, "01")]);
    check([(Singles::Allow, "00"), (Singles::Avoid, "01"), (Singles::Refuse, "02")]);
    check([(AisleSingles::Ignore, "00"), (AisleSingles::Count, "01")]);
    check([(SingleScope::Row, "00"), (SingleScope::Slot, "01")]);
    check([
        (Reason::Taken, "00"),
        (Reason::Blocked, "01"),
        (Reason::Allotted, "02"),
        (Reason::Accessible, "03"),
        (Reason::WaitedFor, "04"),
        (Reason::Category, "05"),
    ]);
}

#[test]
fn places_that_are_none_are_not_read() {
    // A claim whose seats are not in the order of the map, and a house that is none.
    let claimed = hexadecimal(&stored::Booking::at(Level(3), seats::bookings().remove(0).1));
    let swapped = claimed.replace("0201fb2c01", "02fb2c0101");
    assert_ne!(claimed, swapped);
    let read = |text: &str| bincode::serde::decode_from_slice::<stored::Booking, _>(&bytes(text), standard());
    assert!(read(&claimed).is_ok());
    assert!(read(&swapped).is_err());
    let made = hexadecimal(&stored::Request::at(Level(3), seats::requests().remove(0).1));
    let twice = made.replace("06050403000102", "06050403000101");
    assert_ne!(made, twice);
    let read = |text: &str| bincode::serde::decode_from_slice::<stored::Request, _>(&bytes(text), standard());
    assert!(read(&made).is_ok());
    assert!(read(&twice).is_err(), "a rank twice");
}

#[test]
fn ranges_that_are_none_are_not_read() {
    // A booking of a range that does not last, and a calendar of which a resource has no name.
    let read =
        |text: &str| bincode::serde::decode_from_slice::<stored::HoursPart, _>(&bytes(text), standard());
    let part = hexadecimal(&stored::HoursPart::at(Level(5), calendars::hours_parts().remove(0).1));
    let endless = part.replace("00fb2c01", "0000");
    assert_ne!(part, endless);
    assert!(read(&part).is_ok());
    assert!(read(&endless).is_err());
    let made = hexadecimal(&stored::Request::at(Level(5), calendars::requests().remove(0).1));
    let (named, nameless) = ("036f6e650374776f020001", "036f6e650374776f020002");
    let twice = "036f6e650374776f020000";
    let read = |text: &str| bincode::serde::decode_from_slice::<stored::Request, _>(&bytes(text), standard());
    assert!(made.contains(named) && read(&made).is_ok());
    assert!(read(&made.replace(named, nameless)).is_err());
    assert!(read(&made.replace(named, twice)).is_err());
}

#[test]
#[cfg(feature = "rehearsal")]
fn words_of_toys() {
    use booking::toy::{Kind, Refusal};
    check([(Refusal::TooLittle, "00")]);
    check([
        (Kind::Made, "00"),
        (Kind::Giving, "01"),
        (Kind::Reclaiming, "02"),
        (Kind::Acknowledging, "03"),
        (Kind::Taken, "04"),
        (Kind::Received, "05"),
        (Kind::Returned, "06"),
        (Kind::GivenBack, "07"),
        (Kind::Reclaimed, "08"),
    ]);
}

#[test]
fn digests_are_for_ever_too() {
    // Replicas of different builds compare them, and saved headers carry them.
    let (_, _, changes) = samples::booked();
    assert_eq!(changes.header.digest, 14_954_078_618_859_534_605);
    let slot = Slot::restore(SavedSlot {
        header: changes.header,
        bookings: changes.bookings,
        receipts: changes.receipts,
        intents: SavedIntents::default(),
        house: SavedHouse::default(),
    })
    .unwrap();
    assert_eq!(slot.digest(), 14_954_078_618_859_534_605);
    // What is new is a part of them only where it is.
    let (slot, changes) = samples::reduced();
    assert_eq!(changes.header.digest, 4_537_807_252_265_441_675);
    assert_eq!(slot.digest(), 4_537_807_252_265_441_675);
}

#[test]
fn a_partition_beyond_the_last_is_not_read() {
    let beyond = bincode::serde::encode_to_vec(1_024_u16, standard()).unwrap();
    assert!(bincode::serde::decode_from_slice::<Partition, _>(&beyond, standard()).is_err());
}

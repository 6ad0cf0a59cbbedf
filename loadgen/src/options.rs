//! What the command line may ask for.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::ArgPredicate;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::client::Target;

/// Sells a drop on a Boxoffice node and judges from outside whether it was correct; draws houses to sell.
#[derive(Debug, Parser)]
#[command(name = "loadgen", version, max_term_width = 100)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sells a drop, then checks that nothing was oversold, lost, doubled or reordered.
    ///
    /// Customers arrive on a schedule that never waits for the server, and latency counts from the moment at which
    /// each was to be served. Whatever breaks is asked again with the same key. Then every slot's feed is read, and a
    /// witness rebuilds from requests, answers and feed what must be true.
    ///
    /// Exit status: 0 correct, 1 incorrect, 2 could not tell, 3 this generator was the bottleneck, 64 bad arguments.
    #[command(args_override_self = true)]
    Drop(Box<DropOptions>),
    /// Draws a house, and prints it as a seatmap for `POST /v1/seatmaps`.
    ///
    /// Sections, rows, aisles, categories, wheelchair spaces and seats from where one does not see everything are as many as in
    /// houses of this kind. The same kind, seed and seats are the same house.
    #[command(args_override_self = true)]
    House(HouseOptions),
}

/// A house: of what kind, and how large.
#[derive(Args, Clone, Copy, Debug)]
pub struct HouseOptions {
    /// What kind of house it is
    #[arg(long, value_enum)]
    pub kind: HouseKind,
    /// The house follows from this number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many numbered seats it has; left out, as many as such a house may have: a stadium about 90,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=131_072))]
    pub seats: Option<u32>,
}

/// What kind of house it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HouseKind {
    /// 60 to 400 seats in one hall
    Cinema,
    /// 500 to 2,500 seats: stalls, circles and boxes
    Theatre,
    /// 10,000 to 20,000 seats round a stage, and a floor without numbers
    Arena,
    /// About 90,000 seats round a field
    Stadium,
}

/// What is sold in place of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Venue {
    /// 60 to 400 seats in one hall
    Cinema,
    /// 500 to 2,500 seats: stalls, circles and boxes
    Theatre,
    /// 10,000 to 20,000 seats round a stage, and a floor without numbers
    Arena,
    /// About 90,000 seats round a field
    Stadium,
    /// Hours of courts that have names, and in every other slot of things that are all alike
    Calendar,
}

impl Venue {
    /// The house that has seats; none of a calendar.
    pub(crate) const fn house(self) -> Option<HouseKind> {
        match self {
            Self::Cinema => Some(HouseKind::Cinema),
            Self::Theatre => Some(HouseKind::Theatre),
            Self::Arena => Some(HouseKind::Arena),
            Self::Stadium => Some(HouseKind::Stadium),
            Self::Calendar => None,
        }
    }
}

/// What a house thinks of single seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Singles {
    /// Nothing
    Allow,
    /// The best seats leave none if it can be
    Avoid,
    /// And no customer may leave one who could do otherwise
    Refuse,
}

impl From<Singles> for api::inventory::Singles {
    fn from(singles: Singles) -> Self {
        match singles {
            Singles::Allow => Self::Allow,
            Singles::Avoid => Self::Avoid,
            Singles::Refuse => Self::Refuse,
        }
    }
}

/// A drop: to whom, of what, how fast.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
pub struct DropOptions {
    /// Where the node's client listener is: http://HOST:PORT, or https://HOST:PORT
    #[arg(long, value_name = "URL")]
    pub target: Target,
    /// For https: the certificates, as PEM, of those who may vouch for the node's; or its own, if it signed that itself
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The secret that signs tokens: base64url in a file, as `boxoffice dev` keeps it in token.key
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The `iss` that the node wants
    #[arg(long, value_name = "NAME", default_value = api::token::ISSUER_DEFAULT)]
    pub issuer: String,
    /// The `aud` that the node wants
    #[arg(long, value_name = "NAME", default_value = api::token::AUDIENCE_DEFAULT)]
    pub audience: String,

    /// How many customers come, each with a token of its own and one request
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub customers: u32,
    /// How many of them come a second, evenly spaced (`2000` or `2000/s`)
    #[arg(long, value_name = "N/s", default_value = "1500", conflicts_with = "at_once")]
    pub rate: Rate,
    /// All of them come at the same moment
    #[arg(long)]
    pub at_once: bool,
    /// How many connections they share, kept alive and opened anew when they break
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub connections: u32,

    /// How many units a customer asks for (`2`, or any of `1..4`)
    #[arg(long, value_name = "MIN..MAX", default_value = "1..4")]
    pub quantity: Quantity,
    /// How many customers of a hundred would rather be refused than wait
    #[arg(long, value_name = "P", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub refuse_percent: u32,
    /// How many customers of a hundred hold first: nine in ten of them confirm up to a second later, one lets go
    #[arg(long = "holds", value_name = "P", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub hold_percent: u32,
    /// How many of a hundred who are served, or wait, cancel one to three seconds later
    #[arg(long, value_name = "P", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub cancel_percent: u32,
    /// How many of a hundred who hold, or wait, for more than one unit want one fewer up to a second later
    #[arg(long, value_name = "P", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub fewer_percent: u32,
    /// How many of a hundred ask again with the same key when they have their answer
    #[arg(long, value_name = "P", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub repeat_percent: u32,

    /// How many watch the slots meanwhile, or their live maps where those have seats: each on a connection of its own
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub watchers: u32,

    /// Whose slots are sold
    #[arg(long, value_name = "NAME", default_value = "loadgen")]
    pub organizer: String,
    /// How many slots are made for the drop, each with a placement of its own; of a house one, if not said otherwise
    #[arg(long, value_name = "K", default_value_t = 4, default_value_if("house", ArgPredicate::IsPresent, "1"), value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub slots: u32,
    /// How many units each of them has
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    pub capacity: u32,
    /// Sells numbered seats in a house that the seed draws: six customers in ten pick theirs, the others take the best; in
    /// pairs mostly, and where it is good. Or hours of a calendar: in the evening mostly, and soon
    #[arg(long, value_name = "KIND", value_enum, conflicts_with_all = ["existing", "capacity", "quantity"])]
    pub house: Option<Venue>,
    /// How many numbered seats the house has; left out, as many as such a house may have
    #[arg(long, value_name = "N", requires = "house", value_parser = clap::value_parser!(u32).range(1..=131_072))]
    pub house_seats: Option<u32>,
    /// What the house thinks of single seats that are left between others
    #[arg(long, value_enum, default_value = "avoid", requires = "house")]
    pub singles: Singles,
    /// How many of a hundred who hold seats want another for one of them, up to a second later; of a calendar, who have hours and want others
    #[arg(long, value_name = "P", default_value_t = 10, requires = "house", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub swap_percent: u32,
    /// How many seats of each slot the organizer keeps closed at most, in turns, and opens again while they are sold
    #[arg(long, value_name = "N", default_value_t = 0, requires = "house", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub closed_seats: u32,
    /// Sells products: adult, child and student, in quotas and at prices that change in the middle of the sale; children come for nothing,
    /// who owes something pays at the box office, and some say what they expect to pay
    #[arg(long, conflicts_with = "existing")]
    pub products: bool,
    /// Makes none, and sells every slot that the organizer has on sale
    #[arg(long, conflicts_with_all = ["slots", "capacity"])]
    pub existing: bool,
    /// How much more wanted the first slots are: the k-th with weight 1/k^S. The sections of a house go by rank, with S = 1
    #[arg(long, value_name = "S", default_value_t = 0.0, value_parser = exponent)]
    pub zipf: f64,

    /// Who asks for what follows from this number; a drop without one makes one up and reports it
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How long one attempt may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub timeout: u32,
    /// How long a request is repeated, and a silent node waited for, in seconds; then its outcome is unknown
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub retry_for: u32,
    /// How many bookings are read one by one when all is over
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub read_bookings: u32,
    /// How many requests of a hundred must be decided: fewer prove nothing
    #[arg(long, value_name = "P", default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub decided_percent_min: u32,
    /// How many milliseconds late one request in a hundred, or one timer, may be by this generator's own doing
    #[arg(long, value_name = "MS", default_value_t = 100)]
    pub late_ms_max: u32,

    /// Writes the report for programs to this file as well
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Shows no progress
    #[arg(long)]
    pub quiet: bool,
}

impl DropOptions {
    /// What cannot be done together, though each can be done alone.
    #[must_use]
    pub fn conflict(&self) -> Option<&'static str> {
        let is_calendar = self.house == Some(Venue::Calendar);
        let rows = [
            (
                self.products,
                "--products cannot be used with --house calendar: a calendar sells nothing in particular",
            ),
            (
                self.closed_seats > 0,
                "--closed-seats cannot be used with --house calendar: a calendar has no seats",
            ),
        ];
        rows.into_iter().find(|(is_said, _why)| is_calendar && *is_said).map(|(_is_said, why)| why)
    }

    /// How long one attempt may take.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout))
    }

    /// How long a request is repeated.
    pub(crate) fn retry_for(&self) -> Duration {
        Duration::from_secs(u64::from(self.retry_for))
    }

    /// How late the generator may be by its own doing.
    pub(crate) fn late_max(&self) -> Duration {
        Duration::from_millis(u64::from(self.late_ms_max))
    }

    /// When the last customer has come, this long after the clock starts.
    pub(crate) fn arrivals_end(&self) -> Duration {
        self.arrival(self.customers - 1)
    }

    /// When customer `number`, counted from 0, comes: this long after the clock starts.
    pub(crate) fn arrival(&self, number: u32) -> Duration {
        if self.at_once {
            Duration::ZERO
        } else {
            Duration::from_micros(u64::from(number) * 1_000_000 / u64::from(self.rate.per_second))
        }
    }
}

/// Arrivals a second: 1 to 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub per_second: u32,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix("/s").unwrap_or(text);
        match number.parse() {
            Ok(per_second @ 1..=1_000_000) => Ok(Self { per_second }),
            Ok(_) | Err(_) => Err("must be 1 to 1000000 a second, such as 2000/s".to_owned()),
        }
    }
}

/// Units that a customer asks for, from and to: 1 to 1,000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Any of these.
    pub units: RangeInclusive<u32>,
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        match (least.parse(), most.parse()) {
            (Ok(least @ 1..=1_000), Ok(most @ 1..=1_000)) if least <= most => {
                Ok(Self { units: least..=most })
            }
            _ => Err("must be 1 to 1000, such as 2 or 1..4".to_owned()),
        }
    }
}

fn exponent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(exponent) if (0.0..=10.0).contains(&exponent) => Ok(exponent),
        Ok(_) | Err(_) => Err("must be 0 to 10".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Duration, Options, Parser, Quantity, Rate};

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn bounds_hold_from_both_sides() {
        for (text, want) in
            [("1", Some(1)), ("1000000/s", Some(1_000_000)), ("0", None), ("1000001", None), ("fast", None)]
        {
            assert_eq!(text.parse::<Rate>().ok().map(|rate| rate.per_second), want, "{text}");
        }
        for (text, want) in [
            ("1", Some(1..=1)),
            ("1..1000", Some(1..=1_000)),
            ("0..4", None),
            ("4..1", None),
            ("1..1001", None),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Quantity>().ok().map(|quantity| quantity.units), want, "{text}");
        }
    }

    #[test]
    fn a_calendar_sells_hours_alone() {
        for (with, conflicts) in
            [("--holds=5", false), ("--products", true), ("--watchers=1", false), ("--closed-seats=1", true)]
        {
            let line = ["loadgen", "drop", "--target=http://node:1", "--key=k", "--house=calendar", with];
            let command = Options::try_parse_from(line).unwrap().command;
            let super::Command::Drop(options) = command else { panic!("it is a drop that was asked for") };
            assert_eq!(options.conflict().is_some(), conflicts, "{with}");
        }
    }

    #[test]
    fn arrivals_are_evenly_spaced_or_all_at_once() {
        for (pace, want) in [("--rate=4/s", Duration::from_millis(500)), ("--at-once", Duration::ZERO)] {
            let line = ["loadgen", "drop", "--target=http://node:1", "--key=k", pace];
            let command = Options::try_parse_from(line).unwrap().command;
            let super::Command::Drop(options) = command else { panic!("it is a drop that was asked for") };
            assert_eq!((options.arrival(0), options.arrival(2)), (Duration::ZERO, want), "{pace}");
        }
    }
}

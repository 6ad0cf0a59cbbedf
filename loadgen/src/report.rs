//! The report: what was measured and what the witness found.
//!
//! [`Report`] is the form for programs. Its shape is version 1: fields may be added; a field that is there keeps its
//! name, its unit and its meaning. Times are whole microseconds (`_us`), shares are percent.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::bottleneck::GeneratorLoad;
use crate::drive::{Cause, Figures};
use crate::options::HouseKind;
use crate::plan::Planned;
use witness::history::{Ask, Moment, Places, Request, whole_us};
use witness::house::Plan;
use witness::{Finding, Judgement, Verdict};

/// The version of [`Report`]'s shape.
pub const VERSION: u32 = 1;

/// Everything about one drop.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// The verdict in one word.
    pub result: Outcome,
    /// Where the drop was sold.
    pub target: String,
    /// The drop's own name; customers, keys and slots that were made for it carry it.
    pub run: String,
    /// From which all that was asked follows.
    pub seed: u64,
    /// How many customers came.
    pub customers: u32,
    /// How many of them a second; null where all came at once.
    pub rate_per_second: Option<u32>,
    /// How many connections they shared.
    pub connections: u32,
    /// How many slots were sold.
    pub slots: usize,
    /// The house whose seats were sold; null where the slots have units.
    pub house: Option<HouseReport>,
    /// What was sold as products; null where nothing in particular was.
    pub products: Option<ProductsReport>,
    /// From the first arrival to the last answer to a request for a booking. Confirmations, cancellations and
    /// repetitions come at leisure, and are not counted here.
    pub sale_us: u64,
    /// Requests for bookings that a slot decided, a second of the sale.
    pub goodput_per_second: u64,
    /// From the intended moment to the final answer, retries included; confirmations and cancellations too.
    pub latency_us: Percentiles,
    /// From the last attempt's first byte to its answer: the same for a client that does not count its own waiting.
    pub service_us: Percentiles,
    /// How the requests ended.
    pub outcomes: Outcomes,
    /// Attempts after the first, by cause: `broken`, `timed_out`, or the status that was answered.
    pub retries: BTreeMap<String, u64>,
    /// Requests that were repeated with their key although they had been answered.
    pub repeated: u64,
    /// What those saw who watched; null where nobody did.
    pub crowd: Option<CrowdReport>,
    /// Whether the figures are the server's at all.
    pub generator: Generator,
    /// What must be true, and whether it was.
    pub checks: Vec<CheckReport>,
    /// Why a drop without failures is not proven correct all the same.
    pub doubts: Vec<String>,
    /// What else is to be known of how it was judged.
    pub notes: Vec<String>,
}

/// A house, and what was wished for in it.
#[derive(Clone, Debug, Serialize)]
pub struct HouseReport {
    /// What kind of house.
    pub kind: String,
    /// How many numbered seats it has, in each slot.
    pub seats: usize,
    /// How many places its areas have.
    pub area_places: u64,
    /// How many customers named their seats.
    pub picks: usize,
    /// How many took the best.
    pub best: usize,
    /// Seats and places in areas that were given at once.
    pub given: u64,
    /// How often somebody got another seat.
    pub swapped: u64,
    /// How often the organizer closed seats or opened them, as the feeds tell.
    pub closings: usize,
}

/// Products, and how they changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProductsReport {
    /// How often the organizer changed prices or quotas, and was answered.
    pub changes: usize,
}

impl HouseReport {
    pub(crate) fn new(kind: HouseKind, plan: &Plan, planned: &[Planned]) -> Self {
        let is_pick =
            |planned: &&Planned| matches!(planned.request.ask, Ask::Book { places: Places::Pick(_), .. });
        let picks = planned.iter().filter(is_pick).count();
        Self {
            kind: format!("{kind:?}").to_lowercase(),
            seats: plan.seats.len(),
            area_places: plan.areas.iter().map(|area| area.capacity).sum(),
            picks,
            best: planned.len() - picks,
            given: 0,
            swapped: 0,
            closings: 0,
        }
    }
}

/// What those saw who watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CrowdReport {
    /// How many were let in.
    pub let_in: u64,
    /// What changed, as often as somebody was told.
    pub events: u64,
    /// How many bytes that were.
    pub bytes: u64,
    /// How many streams ended before the sale did.
    pub cut_off: u64,
    /// How many were told something that did not go on where it had ended.
    pub faults: u64,
}

/// The verdict, as the exit status tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 0: every check passed on enough evidence.
    Correct,
    /// 1: at least one check failed.
    Incorrect,
    /// 2: no check failed, but something could not be seen.
    CouldNotTell,
    /// 3: it was correct, but its figures are this generator's limits.
    GeneratorBottleneck,
}

/// A distribution of times, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    /// How many were measured.
    pub count: u64,
    /// Half of them took at most this.
    pub p50: u64,
    /// 90 of a hundred.
    pub p90: u64,
    /// 99 of a hundred.
    pub p99: u64,
    /// 999 of a thousand.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

/// How the requests ended; together they are all requests.
#[derive(Clone, Debug, Serialize)]
pub struct Outcomes {
    /// A slot decided: by the booking's status, or by the refusal's code.
    pub decided: BTreeMap<&'static str, u64>,
    /// Answered, but not by a slot: by code.
    pub rejected: BTreeMap<String, u64>,
    /// Sent, and never answered.
    pub unknown: u64,
    /// Of those, the ones that the feed shows as done.
    pub unknown_done: u64,
    /// Never sent.
    pub not_sent: u64,
}

/// What the drop cost this process.
#[derive(Clone, Debug, Serialize)]
pub struct Generator {
    /// Why it was the bottleneck; null where it was not.
    pub bottleneck: Option<String>,
    /// How late requests were sent by its own doing, 99th percentile.
    pub send_late_p99_us: u64,
    /// How late its timers were, 99th percentile.
    pub timer_late_p99_us: u64,
    /// Its CPU time; null where the system does not tell.
    pub cpu_us: Option<u64>,
    /// The same, for each answer.
    pub cpu_us_per_answer: Option<u64>,
    /// The same, as a share of all cores.
    pub cpu_percent: Option<u64>,
}

/// One check and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// Its name.
    pub check: &'static str,
    /// How many things it looked at.
    pub examined: u64,
    /// What those are.
    pub unit: &'static str,
    /// How many failures it found.
    pub failures: u64,
    /// The first of them in words.
    pub examples: Vec<String>,
}

/// What a drop was, before anything happened.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) target: String,
    pub(crate) run: String,
    pub(crate) seed: u64,
    pub(crate) customers: u32,
    pub(crate) rate_per_second: Option<u32>,
    pub(crate) connections: u32,
    pub(crate) slots: usize,
    pub(crate) house: Option<HouseReport>,
    pub(crate) products: Option<ProductsReport>,
}

/// What was measured while it was sold.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) figures: Figures,
    pub(crate) latency: Histogram<u64>,
    pub(crate) service: Histogram<u64>,
    pub(crate) sale: Sale,
    pub(crate) load: GeneratorLoad,
    /// How late the generator may be.
    pub(crate) late_max: Duration,
}

/// The sale itself: requests for bookings, without what customers did later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sale {
    /// Requests that a slot decided.
    decided: u64,
    /// When the last of them was answered.
    end: Moment,
}

impl Sale {
    pub(crate) fn of(requests: &[Request]) -> Self {
        let bookings = requests.iter().filter(|request| matches!(request.ask, Ask::Book { .. }));
        let answers = bookings.filter_map(|request| request.answers.first());
        answers.filter(|answer| matches!(answer.status, 201 | 202 | 409)).fold(
            Self::default(),
            |sale, answer| Self { decided: sale.decided + 1, end: sale.end.max(answer.received) },
        )
    }

    fn goodput_per_second(self) -> u64 {
        (self.decided * 1_000_000).checked_div(self.end.as_us()).unwrap_or_default()
    }
}

impl Report {
    pub(crate) fn new(setting: Setting, measured: &Measured, verdict: Verdict) -> Self {
        let generator = Generator::new(measured);
        let result = match (verdict.judgement(), &generator.bottleneck) {
            (Judgement::Incorrect, _) => Outcome::Incorrect,
            (Judgement::CouldNotTell, _) => Outcome::CouldNotTell,
            (Judgement::Correct, Some(_)) => Outcome::GeneratorBottleneck,
            (Judgement::Correct, None) => Outcome::Correct,
        };
        let Setting { target, run, seed, customers, rate_per_second, connections, slots, house, products } =
            setting;
        let Figures { seats: given, reseated: swapped, .. } = measured.figures;
        let outcomes = verdict.outcomes;
        Self {
            version: VERSION,
            result,
            target,
            run,
            seed,
            customers,
            rate_per_second,
            connections,
            slots,
            house: house.map(|house| HouseReport { given, swapped, ..house }),
            products,
            sale_us: measured.sale.end.as_us(),
            goodput_per_second: measured.sale.goodput_per_second(),
            latency_us: Percentiles::of(&measured.latency),
            service_us: Percentiles::of(&measured.service),
            outcomes: Outcomes {
                decided: outcomes.decided,
                rejected: outcomes.rejected,
                unknown: outcomes.unknown,
                unknown_done: outcomes.unknown_done,
                not_sent: outcomes.not_sent,
            },
            retries: measured
                .figures
                .retries
                .iter()
                .map(|(cause, count)| (cause_name(*cause), *count))
                .collect(),
            repeated: measured.figures.repeated,
            crowd: None,
            generator,
            checks: verdict.findings.iter().map(CheckReport::new).collect(),
            doubts: verdict.doubts,
            notes: verdict.notes,
        }
    }
}

impl Report {
    /// The same with what those saw who watched: told wrongly, a crowd makes it incorrect.
    pub(crate) fn with_crowd(self, crowd: CrowdReport) -> Self {
        let result = if crowd.faults > 0 { Outcome::Incorrect } else { self.result };
        Self { result, crowd: Some(crowd), ..self }
    }
}

impl Outcome {
    /// The exit status of the process.
    #[must_use]
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Correct => 0,
            Self::Incorrect => 1,
            Self::CouldNotTell => 2,
            Self::GeneratorBottleneck => 3,
        }
    }
}

impl Percentiles {
    fn of(histogram: &Histogram<u64>) -> Self {
        Self {
            count: histogram.len(),
            p50: histogram.value_at_quantile(0.5),
            p90: histogram.value_at_quantile(0.9),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
        }
    }
}

impl Generator {
    fn new(measured: &Measured) -> Self {
        let load = &measured.load;
        let cpu_us = load.cpu.map(whole_us);
        Self {
            bottleneck: load.bottleneck(measured.late_max),
            send_late_p99_us: whole_us(load.send_late),
            timer_late_p99_us: whole_us(load.pulse_late),
            cpu_us,
            cpu_us_per_answer: cpu_us.and_then(|cpu| cpu.checked_div(measured.figures.answered)),
            cpu_percent: load.cpu_percent(),
        }
    }
}

impl CheckReport {
    fn new(finding: &Finding) -> Self {
        Self {
            check: finding.check().name(),
            examined: finding.examined(),
            unit: finding.check().unit(),
            failures: finding.failures(),
            examples: finding.examples().to_vec(),
        }
    }
}

fn cause_name(cause: Cause) -> String {
    match cause {
        Cause::Broken => "broken".to_owned(),
        Cause::TimedOut => "timed_out".to_owned(),
        Cause::Status(status) => status.to_string(),
    }
}

//! The report on one page, for people: the two figures that matter first, the verdict last.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::report::{
    CheckReport, CrowdReport, Generator, HouseReport, Outcome, Outcomes, Percentiles, ProductsReport, Report,
};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Percentiles { p50, p99, p999, max, .. } = self.latency_us;
        writeln!(f, "goodput  {} bookings decided a second", self.goodput_per_second)?;
        writeln!(f, "latency  p50 {}  p99 {}  p99.9 {}  max {}", Ms(p50), Ms(p99), Ms(p999), Ms(max))?;
        let Percentiles { p50, p99, p999, max, .. } = self.service_us;
        writeln!(f, "service  p50 {}  p99 {}  p99.9 {}  max {}", Ms(p50), Ms(p99), Ms(p999), Ms(max))?;
        writeln!(f)?;
        let pace =
            self.rate_per_second.map_or_else(|| "at once".to_owned(), |rate| format!("at {rate} a second"));
        writeln!(
            f,
            "sold     {} slots to {} customers {pace} over {} connections in {}",
            self.slots,
            self.customers,
            self.connections,
            Ms(self.sale_us)
        )?;
        if let Some(house) = &self.house {
            write_house(f, house)?;
        }
        if let Some(ProductsReport { changes }) = self.products {
            writeln!(f, "products sold in quotas, at prices; what is sold was changed {changes} times")?;
        }
        writeln!(f, "drop     {} on {}, seed {}", self.run, self.target, self.seed)?;
        write_outcomes(f, &self.outcomes)?;
        let retries = if self.retries.is_empty() { "none".to_owned() } else { list(&self.retries) };
        writeln!(f, "retries  {retries}")?;
        writeln!(f, "repeated {} answered requests, with their keys", self.repeated)?;
        if let Some(crowd) = &self.crowd {
            write_crowd(f, crowd)?;
        }
        write_generator(f, &self.generator)?;
        writeln!(f)?;
        for check in &self.checks {
            write_check(f, check)?;
        }
        for note in &self.notes {
            writeln!(f, "note     {note}")?;
        }
        for doubt in &self.doubts {
            writeln!(f, "doubt    {doubt}")?;
        }
        writeln!(f)?;
        match (self.result, &self.generator.bottleneck) {
            (Outcome::Correct, _) => writeln!(f, "correct: nothing oversold, lost, doubled or reordered"),
            (Outcome::Incorrect, _) => writeln!(f, "INCORRECT: see the checks above"),
            (Outcome::CouldNotTell, _) => writeln!(f, "could not tell: see the doubts above"),
            (Outcome::GeneratorBottleneck, why) => writeln!(
                f,
                "correct, but the generator was the bottleneck: {}; the figures above are not the server's",
                why.as_deref().unwrap_or_default()
            ),
        }
    }
}

fn write_house(f: &mut fmt::Formatter<'_>, house: &HouseReport) -> fmt::Result {
    let HouseReport { kind, seats, area_places, picks, best, given, swapped, closings } = house;
    writeln!(f, "house    {kind} of {seats} seats and {area_places} places in areas, in each slot")?;
    writeln!(
        f,
        "seats    {picks} picked, {best} took the best; {given} given at once, {swapped} swapped; {closings} closings"
    )
}

fn write_outcomes(f: &mut fmt::Formatter<'_>, outcomes: &Outcomes) -> fmt::Result {
    writeln!(f, "decided  {}", list(&outcomes.decided))?;
    if !outcomes.rejected.is_empty() {
        writeln!(f, "rejected {}", list(&outcomes.rejected))?;
    }
    if outcomes.unknown > 0 {
        let Outcomes { unknown, unknown_done, .. } = outcomes;
        writeln!(f, "unknown  {unknown}, of which the feed shows {unknown_done} as done")?;
    }
    if outcomes.not_sent > 0 {
        writeln!(f, "not sent {}", outcomes.not_sent)?;
    }
    Ok(())
}

fn write_crowd(f: &mut fmt::Formatter<'_>, crowd: &CrowdReport) -> fmt::Result {
    let CrowdReport { let_in, events, bytes, cut_off, faults } = crowd;
    writeln!(
        f,
        "crowd    {let_in} watched, and were told {events} changes in {bytes} bytes; {cut_off} cut off, {faults} led astray"
    )
}

fn write_generator(f: &mut fmt::Formatter<'_>, generator: &Generator) -> fmt::Result {
    let Generator { send_late_p99_us, timer_late_p99_us, .. } = *generator;
    write!(f, "self     sends late by {}, timers by {} (p99)", Ms(send_late_p99_us), Ms(timer_late_p99_us))?;
    if let (Some(percent), Some(each)) = (generator.cpu_percent, generator.cpu_us_per_answer) {
        write!(f, "; {percent} % of the CPU, {each} µs an answer")?;
    }
    writeln!(f)
}

fn write_check(f: &mut fmt::Formatter<'_>, check: &CheckReport) -> fmt::Result {
    let CheckReport { check: name, examined, unit, failures, examples } = check;
    let mark = if *failures == 0 { "ok" } else { "FAILED" };
    writeln!(f, "{mark:<8} {name:<16}  {examined} {unit}, {failures} failures")?;
    for example in examples {
        writeln!(f, "           {example}")?;
    }
    let untold = failures - examples.len() as u64;
    if untold > 0 {
        writeln!(f, "           and {untold} more")?;
    }
    Ok(())
}

fn list<N: fmt::Display>(counts: &BTreeMap<N, u64>) -> String {
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

/// Microseconds, shown as milliseconds with three decimals, or as seconds where there are many.
struct Ms(u64);

impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let duration = Duration::from_micros(self.0);
        if duration < Duration::from_secs(10) {
            write!(f, "{:.3} ms", duration.as_secs_f64() * 1_000.0)
        } else {
            write!(f, "{:.1} s", duration.as_secs_f64())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ms;

    #[test]
    fn times_are_shown_in_the_unit_that_reads_best() {
        for (us, want) in
            [(0, "0.000 ms"), (1_234, "1.234 ms"), (9_999_999, "9999.999 ms"), (10_000_000, "10.0 s")]
        {
            assert_eq!(Ms(us).to_string(), want);
        }
    }
}

//! One drop from beginning to end: stage, plan, sale, inquiry, verdict.

use std::sync::Arc;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::bottleneck::BottleneckWatch;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::crowd::Crowd;
use crate::drive::{DriveSettings, Tally, Timing, Workers};
use crate::error::Error;
use crate::options::DropOptions;
use crate::progress::Screen;
use crate::report::{Measured, Report, Sale, Setting};
use crate::token::Mint;
use crate::{inquiry, plan, stage, trust};
use witness::history::{History, Request};

/// What makes this drop another than the last.
#[derive(Clone, Copy, Debug)]
pub struct DropIdentity {
    /// Milliseconds since 1970, for tokens and for the slots' own dates.
    pub now_ms: u64,
    /// From which the drop's name is made: customers of another drop must not be met again.
    pub name: u32,
    /// The seed where the options give none.
    pub seed: u64,
}

/// Sells a drop and judges it.
pub async fn sell(options: &DropOptions, identity: DropIdentity) -> Result<Report, Error> {
    let run = format!("{:08x}", identity.name);
    let seed = options.seed.unwrap_or(identity.seed);
    let mut rng = SmallRng::seed_from_u64(seed);
    let settings = DriveSettings {
        endpoint: trust::endpoint(&options.target, options.ca.as_deref())?,
        connections: options.connections,
        patience: options.patience(),
        retry_for: options.retry_for(),
    };

    let mut mint = Mint::open(&options.key, &options.issuer, &options.audience, identity.now_ms / 1_000)?;
    let organizer = mint.organizer(&options.organizer)?;
    let caller_rng = SmallRng::seed_from_u64(rng.random());
    let mut caller =
        Caller::new(settings.endpoint.clone(), settings.patience, settings.retry_for, caller_rng);
    let slots = stage::set(options, &mut caller, &organizer, &run, identity.now_ms).await?;
    let planned = plan::draw(options, &slots, &mut mint, &mut rng, &run)?;

    let setting = Setting {
        target: options.target.to_string(),
        run,
        seed,
        customers: options.customers,
        rate_per_second: (!options.at_once).then_some(options.rate.per_second),
        connections: options.connections,
        slots: slots.len(),
    };
    let crowd = Crowd::gather(options.watchers, &slots, &settings).await;
    let workers = Workers::assemble(planned, &settings, &mut rng).await;
    let (requests, measured) = watch(options, workers).await;
    let crowd = crowd.leave().await;
    let bookings_max = options.read_bookings as usize;
    let slots = inquiry::read(slots, &requests, &organizer, bookings_max, (&settings, &mut rng)).await;
    let verdict = witness::judge(&History { slots, requests }, options.decided_percent_min);
    let report = Report::new(setting, &measured, verdict);
    Ok(if options.watchers > 0 { report.with_crowd(crowd) } else { report })
}

/// Lets the workers sell, with everything that watches it.
async fn watch(options: &DropOptions, workers: Workers) -> (Vec<Request>, Measured) {
    let tally = Arc::new(Tally::new());
    let bottleneck_watch = BottleneckWatch::begin();
    let clock = Clock::start();
    let screen = Screen::detect(options);
    let requests = tokio::select! {
        biased;
        requests = workers.sell(clock, &tally) => requests,
        never = screen.watch(&tally, clock, options.customers, options.connections) => match never {},
        never = bottleneck_watch.pulse(clock) => match never {},
    };
    let load = bottleneck_watch.end(clock.now(), &tally.timings(Timing::Lateness));
    let measured = Measured {
        figures: tally.figures(),
        latency: tally.timings(Timing::Latency),
        service: tally.timings(Timing::Service),
        sale: Sale::of(&requests),
        load,
        late_max: options.late_max(),
    };
    (requests, measured)
}

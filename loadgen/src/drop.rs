//! One drop from beginning to end: stage, plan, sale, inquiry, verdict.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use api::feed::Kind as RecordKind;
use api::slot::Slot;
use hyper::header::HeaderValue;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;

use crate::bottleneck::BottleneckWatch;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::crowd::Crowd;
use crate::drive::{DriveSettings, Tally, Timing, Workers};
use crate::error::Error;
use crate::keeper::Keeper;
use crate::looker::{Looker, Looks};
use crate::options::{DropOptions, Venue};
use crate::plan::Offer;
use crate::progress::Screen;
use crate::report::{HouseReport, Measured, ProductsReport, Report, Sale, Setting};
use crate::scout::{FreeLooks, Scout};
use crate::seller::{Seller, SellsBy};
use crate::stage::{Stage, StagedHouse};
use crate::token::Mint;
use crate::{inquiry, plan, stage, trust};
use witness::history::{History, Moment, Request, SlotNumber};

/// How many slots somebody looks at while they are sold, and somebody keeps.
const LOOKERS_MAX: usize = 8;
/// Into how many parts the changes of what is sold divide the time in which customers come.
const CHANGES_PER_SALE: u32 = 4;
/// How long after each of them a change is made at least, where all come at once.
const CHANGE_AFTER: Duration = Duration::from_millis(50);

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
    let stage = stage::set(options, &mut caller, &organizer, (&run, seed), identity.now_ms).await?;
    let plan = stage.house.as_ref().map(|house| &house.plan);
    let goods = stage.goods.as_ref().map(|goods| (goods, organizer.clone()));
    let offer = Offer { slots: &stage.slots, house: plan, courts: stage.courts.as_ref(), goods };
    let planned = plan::draw(options, &offer, &mut mint, &mut rng, &run)?;

    let mut setting = Setting {
        target: options.target.to_string(),
        run,
        seed,
        customers: options.customers,
        rate_per_second: (!options.at_once).then_some(options.rate.per_second),
        connections: options.connections,
        slots: stage.slots.len(),
        house: plan
            .zip(options.house.and_then(Venue::house))
            .map(|(plan, kind)| HouseReport::new(kind, plan, &planned)),
        products: None,
    };
    let beside = Beside {
        lookers: lookers(&stage, &settings, &organizer, &mut rng),
        keepers: keepers(options, &stage, (&settings, &organizer), &mut rng),
        sellers: sellers(options, &stage, (&settings, &organizer), &mut rng),
        scouts: scouts(&stage, (&settings, &organizer), &mut rng),
    };
    let shown: Vec<Looks> = beside.lookers.iter().map(Looker::looks).collect();
    let free: Vec<FreeLooks> = beside.scouts.iter().map(|scout| Arc::clone(&scout.looks)).collect();
    let crowd = Crowd::gather(options.watchers, &stage.slots, &settings).await;
    let workers = Workers::assemble(planned, &settings, &mut rng).await;
    let (requests, changes, measured) = watch(options, workers, beside).await;
    let crowd = crowd.leave().await;
    let bookings_max = options.read_bookings as usize;
    if stage.goods.is_some() {
        let changes = changes.iter().map(|(_slot, made)| made.len()).sum();
        setting.products = Some(ProductsReport { changes });
    }
    let (mut slots, mut houses) =
        inquiry::read(stage, &requests, &organizer, bookings_max, (&settings, &mut rng)).await;
    for (house, shown) in houses.values_mut().zip(shown) {
        house.looks.append(&mut shown.lock().expect("nobody looks any more"));
    }
    for (SlotNumber(number), made) in changes {
        slots[number].changes.extend(made);
    }
    for (slot, looks) in slots.iter_mut().zip(free) {
        slot.free.append(&mut looks.lock().expect("nobody looks any more"));
    }
    let history = History { slots, requests };
    if let Some(house) = &mut setting.house {
        house.closings = closings(&history);
    }
    let verdict = witness::judge_with_houses(&history, &houses, options.decided_percent_min);
    let report = Report::new(setting, &measured, verdict);
    Ok(if options.watchers > 0 { report.with_crowd(crowd) } else { report })
}

/// How often seats were closed or opened.
fn closings(history: &History) -> usize {
    let feeds = history.slots.iter().filter_map(|slot| slot.feed.got());
    let records = feeds.flat_map(|feed| &feed.records);
    records.filter(|record| record.kind == RecordKind::SeatsChanged).count()
}

/// Somebody who looks at each of the first slots of a house.
fn lookers(stage: &Stage, settings: &DriveSettings, token: &HeaderValue, rng: &mut SmallRng) -> Vec<Looker> {
    let of_seats = stage.slots.iter().filter(|_slot| stage.house.is_some());
    let looker = |slot: &Slot| {
        let rng = SmallRng::seed_from_u64(rng.random());
        Looker::new(settings.clone(), token.clone(), &slot.id, rng)
    };
    of_seats.take(LOOKERS_MAX).map(looker).collect()
}

/// Somebody who closes and opens seats of each of the first slots of a house, where that is wanted.
fn keepers(
    options: &DropOptions,
    stage: &Stage,
    (settings, token): (&DriveSettings, &HeaderValue),
    rng: &mut SmallRng,
) -> Vec<Keeper> {
    let house = stage.house.as_ref().filter(|_house| options.closed_seats > 0);
    let keeper = |(house, slot): (&StagedHouse, &Slot)| {
        let [own, backoff] = [(); 2].map(|()| SmallRng::seed_from_u64(rng.random()));
        let caller = Caller::new(settings.endpoint.clone(), settings.patience, settings.retry_for, backoff);
        Keeper::new((caller, token.clone()), &slot.id, (&house.plan, options.closed_seats), own)
    };
    let kept = house.into_iter().flat_map(|house| stage.slots.iter().map(move |slot| (house, slot)));
    kept.take(LOOKERS_MAX).map(keeper).collect()
}

/// Somebody who changes what each of the first slots sells, where they sell products.
fn sellers(
    options: &DropOptions,
    stage: &Stage,
    (settings, token): (&DriveSettings, &HeaderValue),
    rng: &mut SmallRng,
) -> Vec<Seller> {
    let Some(goods) = &stage.goods else { return Vec::new() };
    let arrivals = options.arrivals_end();
    let due = |quarter: u32| {
        Moment::default().after(arrivals * quarter / CHANGES_PER_SALE + CHANGE_AFTER * quarter)
    };
    let places = if stage.house.is_some() { SellsBy::Seat } else { SellsBy::Unit };
    let seller = |(number, slot): (usize, &Slot)| {
        let rng = SmallRng::seed_from_u64(rng.random());
        Seller {
            caller: Caller::new(settings.endpoint.clone(), settings.patience, settings.retry_for, rng),
            token: token.clone(),
            slot: slot.id.clone(),
            number: SlotNumber(number),
            changes: (1..).map(due).zip(goods.changes()).collect(),
            places,
        }
    };
    stage.slots.iter().enumerate().take(LOOKERS_MAX).map(seller).collect()
}

/// Somebody who looks for free hours of each of the first slots, where they are calendars.
fn scouts(
    stage: &Stage,
    (settings, token): (&DriveSettings, &HeaderValue),
    rng: &mut SmallRng,
) -> Vec<Scout> {
    let Some(courts) = &stage.courts else { return Vec::new() };
    let scout = |(number, slot): (usize, &Slot)| {
        let [own, backoff] = [(); 2].map(|()| SmallRng::seed_from_u64(rng.random()));
        Scout {
            caller: Caller::new(settings.endpoint.clone(), settings.patience, settings.retry_for, backoff),
            token: token.clone(),
            slot: slot.id.clone(),
            number: SlotNumber(number),
            courts: courts.clone(),
            rng: own,
            looks: FreeLooks::default(),
        }
    };
    stage.slots.iter().enumerate().take(LOOKERS_MAX).map(scout).collect()
}

/// Who goes on beside the customers.
struct Beside {
    lookers: Vec<Looker>,
    keepers: Vec<Keeper>,
    sellers: Vec<Seller>,
    scouts: Vec<Scout>,
}

/// Slots as they were by each change of what they sell.
type Changes = Vec<(SlotNumber, Vec<Slot>)>;

/// Lets the workers sell, with everything that goes on beside.
async fn watch(
    options: &DropOptions,
    workers: Workers,
    Beside { lookers, keepers, sellers, scouts }: Beside,
) -> (Vec<Request>, Changes, Measured) {
    let tally = Arc::new(Tally::new());
    let bottleneck_watch = BottleneckWatch::begin();
    let clock = Clock::start();
    let screen = Screen::detect(options);
    let mut beside: JoinSet<Infallible> = lookers.into_iter().map(Looker::look).collect();
    for keeper in keepers {
        beside.spawn(keeper.keep());
    }
    for scout in scouts {
        beside.spawn(scout.look(clock));
    }
    // What the organizer began is ended: a change of which nothing is known would leave what follows unjudged.
    let sellers: JoinSet<_> = sellers.into_iter().map(|seller| seller.sell(clock)).collect();
    let selling = async { tokio::join!(workers.sell(clock, &tally), sellers.join_all()) };
    let (requests, changes) = tokio::select! {
        biased;
        sold = selling => sold,
        never = screen.watch(&tally, clock, options.customers, options.connections) => match never {},
        never = bottleneck_watch.pulse(clock) => match never {},
    };
    beside.shutdown().await;
    let load = bottleneck_watch.end(clock.now(), &tally.timings(Timing::Lateness));
    let measured = Measured {
        figures: tally.figures(),
        latency: tally.timings(Timing::Latency),
        service: tally.timings(Timing::Service),
        sale: Sale::of(&requests),
        load,
        late_max: options.late_max(),
    };
    (requests, changes, measured)
}

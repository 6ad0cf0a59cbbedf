//! What each command does, naively: time has passed already, and who waits is served before and after.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking::{
    Act, Asker, Best, Book, Categories, Category, ChangeQuantity, ChangeSale, Command, ConfirmedBy, Details,
    Extend, Kind, MapChange, Order, Party, Refusal, Request, RequestKey, SaleRun, Seat, SeatRun, SeatSale,
    SeatsAsked, SeatsStock, SlotChange, Status, Stock, SwapSeats, Tariff, TariffChange, Told, WaitlistChange,
    WaitlistPolicy, WhenFull, Wish,
};

use crate::judge::{Given, Nothing, Sold, given_of};
use crate::layout::Layout;
use crate::oracle::{Denied, Done, Gave, Oracle};
use crate::till::Bought;

type Decided = Result<Done, Denied>;

impl Oracle {
    pub(crate) fn command(&mut self, request: &Request, gave: &Gave) -> Decided {
        match &request.command {
            Command::CreateSlot(_) => unreachable!("answered before"),
            Command::Book(book) => self.book(request.key, book, gave),
            Command::CancelSlot => self.cancel_slot(),
            Command::CancelBooking(act) => self.cancel(act),
            Command::ConfirmBooking(act) => self.confirm(act),
            Command::ExtendHold(extend) => self.extend(extend),
            Command::AcceptOffer(act) => self.accept(act),
            Command::DeclineOffer(act) => self.decline(act),
            Command::ChangeQuantity(change) => self.change_quantity(change),
            Command::SwapSeats(swap) => self.swap(swap),
            Command::ChangeSale(change) => self.change_sale(change),
            Command::ChangeSlot(change) => self.change_slot(change),
            Command::MoveBooking(_) | Command::ExtendHours(_) => unreachable!("calendars are another test"),
        }
    }

    fn book(&mut self, key: RequestKey, asked: &Book, gave: &Gave) -> Decided {
        let Wish::Seats(wish) = &asked.wish else { return Err(Refusal::Malformed.into()) };
        if wish.map != self.map() {
            return Err(Denied::AnotherMap);
        }
        let quantity = match &wish.asked {
            SeatsAsked::Best(best) => best.quantity,
            SeatsAsked::Pick(pick) => {
                u32::try_from(pick.seats.len()).unwrap()
                    + pick.areas.iter().map(|(_, places)| places).sum::<u32>()
            }
        };
        let policy = self.definition.policy;
        let theirs = |one: &&crate::oracle::Booking| one.customer == asked.customer && !one.status.is_over();
        let has = self.bookings.iter().filter(theirs).map(|booking| booking.quantity).sum::<u32>();
        let could_have = match &wish.asked {
            SeatsAsked::Best(best) => self.could_have(best),
            SeatsAsked::Pick(_) => true,
        };
        let is_too_large = !could_have || quantity > self.counts().capacity;
        let goods = self.understood(asked, quantity)?;
        first_of(&[(self.cancelled, Refusal::SlotCancelled), (!self.on_sale(), Refusal::NotOnSale)])?;
        let amounts = self.amounts(asked, &goods)?;
        let expected = asked.basket.as_deref().and_then(|basket| basket.expect_amount);
        first_of(&[
            (is_too_large, Refusal::QuantityTooLarge),
            (policy.customer_limit.is_some_and(|limit| has + quantity > limit), Refusal::CustomerLimit),
            (expected.is_some_and(|expected| !amounts.contains(&expected)), Refusal::PriceChanged),
        ])?;
        self.may_ever_fit(&goods)?;
        let exhausted = self.refusing(&goods, &self.short_quotas());
        let found = match &wish.asked {
            SeatsAsked::Pick(pick) => {
                self.exhausted(&exhausted)?;
                Some(self.judge().pick(pick, wish.by, &self.short())?)
            }
            SeatsAsked::Best(best) => match self.best(best, &goods, gave.get(&key).map(|gave| &**gave)) {
                Ok(given) => Some(given),
                Err(Nothing::TooFew) if !self.could_serve(best) => {
                    self.exhausted(&exhausted)?;
                    return Err(self.too_long(best));
                }
                Err(Nothing::TooFew) => None,
                Err(Nothing::NotTogether(largest)) => return Err(not_together(largest)),
            },
        };
        let waits = match (&found, &wish.asked) {
            (None, SeatsAsked::Best(best)) => {
                self.may_wait(asked.when_full).or_else(|otherwise| {
                    self.exhausted(&exhausted)?;
                    Err(otherwise)
                })?;
                Some(best.clone())
            }
            _ => None,
        };
        let priced = found.as_ref().map(|given| self.priced(&goods, given)).transpose()?;
        let amount = priced.as_ref().and_then(Bought::amount);
        first_of(&[(
            amount.is_some() && expected.is_some_and(|expected| Some(expected) != amount),
            Refusal::PriceChanged,
        )])?;
        let place = self.add(key, asked, waits, quantity);
        if let (Some(given), Some(bought)) = (found, priced) {
            self.seat(place, &given);
            let owed = Self::owed(&bought, asked.basket.as_deref());
            let lines = self.bookings[place].bought.lines.clone();
            self.bookings[place].bought = Bought { lines, ..bought };
            self.grant(place, owed);
        }
        Ok(Done::ToBooking(Kind::Booked, place))
    }

    fn may_wait(&self, when_full: WhenFull) -> Result<(), Denied> {
        let waitlist = self.definition.policy.waitlist.filter(|_| when_full == WhenFull::Waitlist);
        let Some(waitlist) = waitlist else { return Err(Refusal::SoldOut.into()) };
        let waiting = u32::try_from(self.waiters().count()).unwrap();
        first_of(&[(waiting >= waitlist.capacity, Refusal::WaitlistFull)])
    }

    /// Why somebody gets nothing whom no row of these categories could ever hold.
    fn too_long(&self, best: &Best) -> Denied {
        let judge = self.judge();
        let all = judge.known(best).into_iter().map(|category| judge.largest_block(category));
        not_together(all.max().unwrap_or(0))
    }

    /// Whether there are so many at all, taken or not.
    fn could_have(&self, best: &Best) -> bool {
        self.could_serve(&Best { together: booking::Together::Prefer, ..best.clone() })
    }

    /// Whether somebody could get this of an empty house of which everything is for sale.
    fn could_serve(&self, best: &Best) -> bool {
        let seats = vec![Sold::ToAll; self.sold.len()];
        let own = self.judge();
        let empty = crate::judge::Judge { sold: &seats, taken: BTreeSet::new(), taken_in: [].into(), ..own };
        let best = Best { allotment: None, ..best.clone() };
        empty.could_ever(&best)
    }

    fn cancel(&mut self, act: &Act) -> Decided {
        let place = self.find(act)?;
        let policy = self.definition.policy;
        let closes =
            self.definition.starts_at.0.saturating_sub(u64::from(policy.cancel_until_seconds) * 1_000);
        let status = self.bookings[place].status;
        let firm = status == Status::Confirmed && act.by != Party::Organizer;
        first_of(&[
            (firm && self.stamp >= closes, Refusal::TooLate),
            (status.is_over(), Refusal::AlreadyOver),
        ])?;
        self.stand(place, Status::Cancelled);
        Ok(Done::ToBooking(Kind::Cancelled, place))
    }

    fn confirm(&mut self, act: &Act) -> Decided {
        if act.by != Party::Organizer && self.definition.policy.confirmed_by == ConfirmedBy::Organizer {
            return Err(Denied::Forbidden);
        }
        let place = self.find_held(act)?;
        let owes = self.bookings[place].bought.amount().is_some_and(|amount| amount > 0);
        first_of(&[(owes && act.by != Party::Organizer, Refusal::PaymentRequired)])?;
        self.stand(place, Status::Confirmed);
        Ok(Done::ToBooking(Kind::Confirmed, place))
    }

    fn extend(&mut self, extend: &Extend) -> Decided {
        let place = self.find_held(&extend.act)?;
        let longest = u64::from(self.definition.policy.hold_seconds_max) * 1_000;
        let booking = &mut self.bookings[place];
        let latest = (booking.held_since + longest).min(self.definition.ends_at.0);
        let until = (self.stamp + u64::from(extend.hold_seconds) * 1_000).min(latest);
        if Some(until) <= booking.until {
            return Ok(Done::NothingTo(place));
        }
        booking.until = Some(until);
        Ok(Done::ToBooking(Kind::Extended, place))
    }

    fn accept(&mut self, act: &Act) -> Decided {
        let place = self.find_offered(act)?;
        self.charge(place)?;
        self.grant(place, self.bookings[place].bought.amount().unwrap_or(0));
        Ok(Done::ToBooking(Kind::Accepted, place))
    }

    fn decline(&mut self, act: &Act) -> Decided {
        let place = self.find_offered(act)?;
        self.stand(place, Status::Declined);
        Ok(Done::ToBooking(Kind::Declined, place))
    }

    fn change_quantity(&mut self, change: &ChangeQuantity) -> Decided {
        let place = self.find(&change.act)?;
        let booking = &self.bookings[place];
        let wanted = change.quantity.get();
        let is_open = match booking.status {
            Status::Held | Status::Waitlisted => true,
            Status::Confirmed => change.act.by == Party::Organizer,
            Status::Offered | Status::Cancelled | Status::Declined | Status::Expired => false,
        };
        let is_more = change.lines.is_empty() && wanted > booking.quantity;
        first_of(&[(is_more, Refusal::MoreThanBooked)])?;
        let bought = booking.bought.reduced(&change.lines, wanted)?;
        first_of(&[
            (!is_open && !booking.status.is_over(), Refusal::NotHeld),
            (booking.status.is_over(), Refusal::AlreadyOver),
        ])?;
        if wanted == booking.quantity {
            return Ok(Done::NothingTo(place));
        }
        if let Some(wish) = &booking.wish {
            let accessible = wish.accessible.min(wanted);
            let wish = Best { quantity: wanted, accessible, ..wish.clone() };
            (self.bookings[place].wish, self.bookings[place].quantity) = (Some(wish), wanted);
        } else {
            let has = given_of(&booking.seating);
            let in_one_area = has.seats.is_empty() && has.areas.len() == 1;
            first_of(&[(!in_one_area, Refusal::SeatsUnnamed)])?;
            let areas = has.areas.into_keys().map(|area| (area, wanted)).collect();
            self.seat(place, &Given { areas, ..Given::default() });
        }
        self.bookings[place].bought = bought;
        Ok(Done::ToBooking(Kind::QuantityChanged, place))
    }

    fn swap(&mut self, asked: &SwapSeats) -> Decided {
        let place = self.find(&asked.act)?;
        let is_organizer = asked.act.by == Party::Organizer;
        if !(is_organizer && self.bookings[place].status == Status::Confirmed) {
            self.find_held(&asked.act)?;
        }
        if asked.map != self.map() {
            return Err(Denied::AnotherMap);
        }
        let booking = &self.bookings[place];
        let bought = self.exchanged(booking, &asked.swap)?;
        let theirs =
            |one: &&crate::oracle::Booking| one.customer == booking.customer && !one.status.is_over();
        let has = self.bookings.iter().filter(theirs).map(|booking| booking.quantity).sum::<u32>();
        let more = u32::try_from(asked.swap.add.len().saturating_sub(asked.swap.drop.len())).unwrap();
        let limit = self.definition.policy.customer_limit.filter(|_| more > 0);
        first_of(&[
            (more > 0 && booking.quantity + more > 100, Refusal::QuantityTooLarge),
            (limit.is_some_and(|limit| has + more > limit), Refusal::CustomerLimit),
        ])?;
        let had = given_of(&booking.seating);
        let by = if is_organizer { Asker::Organizer } else { Asker::Customer };
        let goods = Self::more_of(booking, more);
        self.exhausted(&self.refusing(&goods, &self.short_quotas()))?;
        let given = self.judge().swap(&had, &asked.swap, by, &self.short())?;
        if given == had {
            return Ok(Done::NothingTo(place));
        }
        self.seat(place, &given);
        self.bookings[place].bought = bought;
        Ok(Done::ToBooking(Kind::Reseated, place))
    }

    fn change_sale(&mut self, change: &ChangeSale) -> Decided {
        first_of(&[(self.cancelled, Refusal::SlotCancelled)])?;
        if change.map != self.map() {
            return Err(Denied::AnotherMap);
        }
        let mut names = self.names.clone();
        let mut wanted = vec![(Sold::ToNobody, &change.block), (Sold::ToAll, &change.open)];
        for (name, runs) in &change.allot {
            first_of(&[(name.is_empty() || name.len() > 128, Refusal::Malformed)])?;
            let known = names.iter().position(|known| known == name);
            let number = known.unwrap_or(names.len());
            first_of(&[(number >= 64, Refusal::AllotmentsFull)])?;
            if known.is_none() {
                names.push(name.clone());
            }
            wanted.push((Sold::To(u8::try_from(number).unwrap()), runs));
        }
        let mut seats = vec![];
        for (sold, runs) in wanted {
            for &&SeatRun { first, length } in &runs.iter().collect::<Vec<_>>() {
                first_of(&[(length == 0, Refusal::Malformed)])?;
                seats.extend((0..length).map(|next| (u64::from(first.0) + u64::from(next), sold)));
            }
        }
        let once = seats.iter().map(|(seat, _)| *seat).collect::<BTreeSet<_>>();
        let end = self.sold.len() as u64;
        let is_wrong = once.len() != seats.len() || once.last().is_some_and(|&last| last >= end);
        first_of(&[(is_wrong, Refusal::Malformed)])?;
        let seats =
            seats.into_iter().map(|(seat, sold)| (u32::try_from(seat).unwrap(), sold)).collect::<Vec<_>>();
        let judge = self.judge();
        let other = seats.into_iter().filter(|&(seat, sold)| self.sold[seat as usize] != sold);
        let (taken, free) = other.partition::<Vec<_>, _>(|(seat, _)| judge.taken.contains(seat));
        let refused = taken.iter().filter(|(_, sold)| *sold != Sold::ToAll).map(|&(seat, _)| Seat(seat));
        let refused = refused.collect::<Vec<_>>();
        if !refused.is_empty() {
            let taken = |seat| booking::Conflict {
                place: booking::Named::Seat(seat),
                reason: booking::Reason::Taken,
            };
            let conflicts = refused.into_iter().map(taken).collect();
            return Err(Denied::Refused(Refusal::SeatsRefused, Some(Details::Conflicts(conflicts))));
        }
        if free.is_empty() {
            return Ok(Done::Nothing);
        }
        for &(seat, sold) in &free {
            self.sold[seat as usize] = sold;
        }
        self.names = names;
        let told = Told::Sale { map: self.map(), runs: runs_of(free) };
        Ok(Done::ToSlot(Kind::SeatsChanged, vec![], Some(told)))
    }

    fn cancel_slot(&mut self) -> Decided {
        first_of(&[(self.cancelled, Refusal::SlotCancelled)])?;
        self.cancelled = true;
        let live = (0..self.bookings.len()).filter(|&place| !self.bookings[place].status.is_over());
        let live = live.collect::<Vec<_>>();
        for &place in &live {
            self.stand(place, Status::Cancelled);
        }
        Ok(Done::ToSlot(Kind::SlotCancelled, live, None))
    }

    fn change_slot(&mut self, change: &SlotChange) -> Decided {
        first_of(&[(change.capacity.is_some(), Refusal::Malformed)])?;
        let mut new = (*self.definition).clone();
        if let Some(title) = &change.title {
            new.title = title.clone();
        }
        if let Some(waitlist) = &change.policy.waitlist {
            new.policy.waitlist = waitlist.map(|change| waiting(change, new.policy.waitlist));
        }
        let Stock::Seats(SeatsStock { map, singles }) = &mut new.stock else {
            unreachable!("it is of seats")
        };
        if let Some(change) = change.singles {
            singles.singles = change.singles.unwrap_or(singles.singles);
            singles.aisles = change.aisles.unwrap_or(singles.aisles);
            singles.scope = change.scope.unwrap_or(singles.scope);
        }
        let is_redrawn = change.map.as_deref().filter(|change| change.map != *map);
        if let (Some(drawn), Some(tariff)) = (is_redrawn, &new.tariff) {
            if drawn.from != *map {
                return Err(Denied::AnotherMap);
            }
            new.tariff = Some(Arc::new(renumbered_tariff(tariff, drawn, change.tariff.as_deref())?));
        }
        let to = change.map.as_deref().map_or(*map, |change| change.map);
        if let Some(change) = &change.tariff {
            if change.map != Some(to) {
                return Err(Denied::AnotherMap);
            }
            new.tariff = change.made_to(new.tariff.as_deref()).unwrap().map(Arc::new);
        }
        first_of(&[
            (self.cancelled, Refusal::SlotCancelled),
            (
                new.tariff != self.definition.tariff && !self.fits(new.tariff.as_deref()),
                Refusal::CapacityInUse,
            ),
        ])?;
        let mut told = None;
        if let Some(change) = change.map.as_deref().filter(|change| change.map != *map) {
            *map = change.map;
            self.redraw(change)?;
            told = Some(Told::Map(change.map));
        }
        if new == *self.definition {
            return Ok(Done::Nothing);
        }
        self.definition = Arc::new(new);
        let in_vain = |place: &usize| {
            let wish = self.bookings[*place].wish.as_ref();
            wish.is_some_and(|wish| {
                let goods = self.bookings[*place].goods();
                self.definition.policy.waitlist.is_none()
                    || !self.could_serve(wish)
                    || !self.could_ever_sell(&goods)
            })
        };
        let mut places = (0..self.bookings.len()).filter(in_vain).collect::<Vec<_>>();
        for &place in &places {
            self.stand(place, Status::Cancelled);
        }
        self.expire(&mut places);
        Ok(Done::ToSlot(Kind::SlotChanged, places, told))
    }

    /// Sells by another map.
    fn redraw(&mut self, change: &MapChange) -> Result<(), Denied> {
        if change.from != self.map() {
            return Err(Denied::AnotherMap);
        }
        let layout = Layout::of(change.map.0, change.plan.drawing());
        let to = |seat: u32| change.table.seats[seat as usize];
        let area_to = |area: u8| change.table.areas[usize::from(area)];
        let judge = self.judge();
        let seats =
            judge.taken.iter().copied().filter(|&seat| to(seat).is_none()).map(Seat).collect::<Vec<_>>();
        let too_small = |&area: &u8| {
            let new = area_to(area).map_or(0, |new| layout.area(new.0).unwrap().1);
            new < judge.taken_in.get(&area).copied().unwrap_or(0)
        };
        let areas = (0..u8::try_from(self.layout.drawing.areas.len()).unwrap()).filter(too_small);
        let areas = areas.map(booking::Area).collect::<Vec<_>>();
        if !seats.is_empty() || !areas.is_empty() {
            return Err(Denied::Refused(Refusal::CapacityInUse, Some(Details::InUse { seats, areas })));
        }
        let mut sold = vec![Sold::ToAll; layout.chairs.len()];
        for (seat, old) in (0..).zip(&self.sold) {
            if let Some(new) = to(seat) {
                sold[new.0 as usize] = *old;
            }
        }
        (self.sold, self.layout) = (sold, layout);
        for place in 0..self.bookings.len() {
            let booking = &self.bookings[place];
            if let Some(wish) = &booking.wish {
                let wish = Some(renumbered(wish, change));
                self.bookings[place].wish = wish;
            } else if booking.status.has_places() {
                let has = given_of(&booking.seating);
                self.bookings[place]
                    .bought
                    .renumber(|seat| to(seat).unwrap().0, |area| area_to(area).unwrap().0);
                let given = Given {
                    seats: has.seats.into_iter().map(|seat| to(seat).unwrap().0).collect(),
                    areas: has
                        .areas
                        .into_iter()
                        .map(|(area, places)| (area_to(area).unwrap().0, places))
                        .collect(),
                };
                self.seat(place, &given);
            }
        }
        Ok(())
    }

    pub(crate) fn on_sale(&self) -> bool {
        self.stamp < self.definition.starts_at.0
    }

    fn find(&self, act: &Act) -> Result<usize, Denied> {
        let is_theirs = |customer: &str| match &act.by {
            Party::Customer(by) => **by == *customer,
            Party::Organizer => true,
        };
        let found = self.bookings.iter().position(|one| one.key == act.booking && is_theirs(&one.customer));
        found.ok_or(Denied::NotFound)
    }

    fn find_held(&self, act: &Act) -> Result<usize, Denied> {
        let place = self.find(act)?;
        let booking = &self.bookings[place];
        let expired = booking.expired_as == Some(Status::Held);
        first_of(&[
            (booking.status != Status::Held && !expired, Refusal::NotHeld),
            (expired, Refusal::HoldExpired),
        ])?;
        Ok(place)
    }

    fn find_offered(&self, act: &Act) -> Result<usize, Denied> {
        let place = self.find(act)?;
        let booking = &self.bookings[place];
        let expired = booking.expired_as == Some(Status::Offered);
        first_of(&[
            (booking.status != Status::Offered && !expired, Refusal::NotOffered),
            (expired, Refusal::OfferExpired),
        ])?;
        Ok(place)
    }
}

/// A wish by another map. One for sections that have all gone is for nothing.
fn renumbered(wish: &Best, change: &MapChange) -> Best {
    let sections = wish
        .sections
        .iter()
        .filter_map(|section| change.sections.get(usize::from(section.0)).copied().flatten());
    let sections = sections.collect::<Vec<_>>();
    let mut categories = vec![];
    for category in &wish.categories {
        if let Some(new) = change.categories.get(usize::from(category.0)).copied().flatten()
            && !categories.contains(&new)
            && (wish.sections.is_empty() || !sections.is_empty())
        {
            categories.push(new);
        }
    }
    Best { categories, sections, ..wish.clone() }
}

/// What is sold by another map: what was for categories alone that there are no longer is gone.
fn renumbered_tariff(
    tariff: &Tariff,
    change: &MapChange,
    beside: Option<&TariffChange>,
) -> Result<Tariff, Denied> {
    let new = |old: Category| change.categories.get(usize::from(old.0)).copied().flatten();
    let stays = |old: &Category| new(*old).is_some();
    let mut tariff = tariff.clone();
    if beside.is_none_or(|beside| beside.products.is_none()) {
        for product in &mut tariff.products {
            let Some(all) = product.categories else { continue };
            first_of(&[(!all.iter().all(|old| stays(&old)), Refusal::CategoryGone)])?;
            product.categories = Some(Categories::of(all.iter().filter_map(new)));
        }
    }
    if beside.is_none_or(|beside| beside.prices.is_none()) {
        for price in &mut tariff.prices {
            first_of(&[(!price.category.is_none_or(|old| stays(&old)), Refusal::CategoryGone)])?;
            price.category = price.category.and_then(new);
        }
    } else {
        tariff.prices.clear();
    }
    Ok(tariff)
}

/// Seats that are sold otherwise, as runs of neighbours that are sold alike.
fn runs_of(mut seats: Vec<(u32, Sold)>) -> Vec<SaleRun> {
    seats.sort_unstable_by_key(|(seat, _)| *seat);
    let mut runs: Vec<SaleRun> = vec![];
    for (seat, sold) in seats {
        let sale = match sold {
            Sold::ToAll => SeatSale::Open,
            Sold::ToNobody => SeatSale::Blocked,
            Sold::To(name) => SeatSale::Allotted(booking::Allotment(name)),
        };
        match runs.last_mut() {
            Some(last) if last.first.0 + last.length == seat && last.sale == sale => last.length += 1,
            _ => runs.push(SaleRun { first: Seat(seat), length: 1, sale }),
        }
    }
    runs
}

fn waiting(change: WaitlistChange, old: Option<WaitlistPolicy>) -> WaitlistPolicy {
    let mut new = old.unwrap_or(WaitlistPolicy {
        capacity: 1_000,
        promotion: booking::Promotion::Confirm,
        offer_seconds: 900,
        order: Order::Strict,
    });
    new.capacity = change.capacity.unwrap_or(new.capacity);
    new.promotion = change.promotion.unwrap_or(new.promotion);
    new.offer_seconds = change.offer_seconds.unwrap_or(new.offer_seconds);
    new.order = change.order.unwrap_or(new.order);
    new
}

fn not_together(largest: u32) -> Denied {
    Denied::Refused(Refusal::NotTogether, Some(Details::LargestBlock(largest)))
}

/// Refuses for the first reason that applies.
fn first_of(reasons: &[(bool, Refusal)]) -> Result<(), Denied> {
    let first = reasons.iter().find(|(applies, _)| *applies);
    first.map_or(Ok(()), |&(_, refusal)| Err(refusal.into()))
}

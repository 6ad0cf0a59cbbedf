//! What newcomers ask for of an inventory, and what that costs.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::allocation::Allocation;
use super::claim::{RangeClaim, SeatsClaim};
use super::shop::{Cart, Shop};
use super::{Inventory, Waitlist};
use crate::base::outcome::Denied;
use crate::slot::shown::outcome::Refused;
use crate::{Bill, Book, Category, Currency, Order, Places, Refusal, SeatsAsked, Wish};

impl Inventory {
    /// How many places a request asks for.
    pub(crate) fn size(wish: &Wish) -> u32 {
        match wish {
            Wish::Units(quantity) => *quantity,
            Wish::Range(wish) => wish.quantity,
            Wish::Seats(wish) => match &wish.asked {
                SeatsAsked::Best(best) => best.quantity,
                SeatsAsked::Pick(pick) => {
                    let in_areas = pick.areas.iter().map(|&(_, places)| u64::from(places)).sum::<u64>();
                    u32::try_from(pick.seats.len() as u64 + in_areas).unwrap_or(u32::MAX)
                }
            },
        }
    }

    /// How much of what is sold a request is for, if it is for what there is here, by the map of now, and said as things are sold now.
    pub(crate) fn understand(&self, book: &Book) -> Result<Cart, Denied<Refused>> {
        match (self, &book.wish) {
            (Self::Seats(house), Wish::Seats(wish)) if wish.map != house.map() => {
                return Err(Denied::Outdated);
            }
            (Self::Units(_) | Self::Goods(_), Wish::Units(_)) | (Self::Seats(_), Wish::Seats(_)) => {}
            (Self::Ranges(ranges), Wish::Range(wish)) => {
                ranges.wish(wish)?;
            }
            (_, Wish::Units(_) | Wish::Seats(_) | Wish::Range(_)) => return Err(Refusal::Malformed.into()),
        }
        let (shop, basket) = (self.shop(), &book.basket);
        match (shop, basket) {
            (None, None) => Ok(Cart::default()),
            (None, Some(basket)) if basket.lines.is_empty() => Ok(Cart::default()),
            (None, Some(_)) => Err(Refusal::NoSuchProduct.into()),
            (Some(_), None) => Err(Denied::Outdated),
            (Some(shop), Some(basket)) => {
                let cart = shop.cart_of(&basket.lines, Self::size(&book.wish))?;
                self.are_told_apart(&book.wish, &cart)?;
                Ok(cart)
            }
        }
    }

    /// Whether it does not matter which of the places is of which product, as long as several products are of one category.
    fn are_told_apart(&self, wish: &Wish, cart: &Cart) -> Result<(), Refusal> {
        let Wish::Seats(wish) = wish else { return Ok(()) };
        let SeatsAsked::Pick(pick) = &wish.asked else { return Ok(()) };
        let places = Places::new(pick.seats.clone(), pick.areas.clone()).ok_or(Refusal::Malformed)?;
        let house = self.house().expect("seats are a house's");
        let categories = house.categories_of(&places).ok_or(Refusal::Malformed)?;
        let are_several = categories.iter().any(|&(_, one)| one != categories[0].1);
        if are_several && 1 < cart.len() { Err(Refusal::LinesScattered) } else { Ok(()) }
    }

    /// What a request may come to cost: one amount, or one a category in which it is sold; refused where it is not sold.
    pub(crate) fn amounts(&self, book: &Book, cart: &Cart) -> Result<Vec<u64>, Refusal> {
        let Some(shop) = self.shop() else { return Ok(Vec::from([0])) };
        let amounts = match &book.wish {
            Wish::Units(_) | Wish::Range(_) => shop.amount(cart, None).into_iter().collect::<Vec<_>>(),
            Wish::Seats(wish) => match &wish.asked {
                SeatsAsked::Best(best) => {
                    best.categories.iter().filter_map(|&one| shop.amount(cart, Some(one))).collect()
                }
                SeatsAsked::Pick(pick) => {
                    let places = Places::new(pick.seats.clone(), pick.areas.clone());
                    let places = places.ok_or(Refusal::Malformed)?;
                    let bill = self.bill_of_places(shop, cart, &places)?;
                    Vec::from([bill.amount().unwrap_or(0)])
                }
            },
        };
        if amounts.is_empty() { Err(Refusal::NotOnSale) } else { Ok(amounts) }
    }

    /// What this costs now, with what was found for it: nothing at all where nothing in particular is sold; refused where it is not
    /// sold.
    pub(crate) fn bill(&self, cart: &Cart, found: &Allocation) -> Result<Option<Arc<Bill>>, Refusal> {
        let Some(shop) = self.shop() else { return Ok(None) };
        let bill = match found {
            Allocation::Units | Allocation::Range(_) => {
                let lines = cart.iter().map(|&(good, quantity)| (good, quantity, None));
                shop.bill(lines).ok_or(Refusal::NotOnSale)?
            }
            Allocation::Seats(places) => self.bill_of_places(shop, cart, places)?,
        };
        Ok(said(bill))
    }

    /// What a newcomer is of that waits, if it is of something in particular.
    pub(crate) fn unpriced(&self, cart: &Cart) -> Option<Arc<Bill>> {
        self.shop().and_then(|shop| said(shop.unpriced(cart)))
    }

    /// How much of what is sold a booking has, or waits for.
    pub(crate) fn cart(&self, bill: Option<&Bill>, quantity: u32) -> Cart {
        self.shop().map_or_else(Cart::default, |shop| shop.cart(bill, quantity))
    }

    /// What the places of a booking are of, in their order.
    pub(crate) fn itemized(&self, bill: Option<&Bill>, quantity: u32) -> Cart {
        self.shop().map_or_else(Cart::default, |shop| shop.itemized(bill, quantity))
    }

    /// Of what amounts are now, if anything costs something.
    pub(crate) fn currency(&self) -> Option<Currency> {
        self.shop().and_then(Shop::currency)
    }

    /// What a place of this product costs now in this category, in this currency: nothing where nothing costs anything any more.
    pub(crate) fn price(
        &self,
        product: Option<&str>,
        category: Category,
        currency: Currency,
    ) -> Result<u64, Refusal> {
        let Some(shop) = self.shop().filter(|shop| shop.currency().is_some()) else { return Ok(0) };
        let price = shop.price(shop.good(product), Some(category));
        price.filter(|_| shop.currency() == Some(currency)).ok_or(Refusal::NotOnSale)
    }

    /// Places of a house are of the products in the order in which these are told.
    fn bill_of_places(&self, shop: &Shop, cart: &Cart, places: &Places) -> Result<Bill, Refusal> {
        let house = self.house().expect("places are a house's");
        let categories = house.categories_of(places).ok_or(Refusal::Malformed)?;
        let each = |(count, category)| core::iter::repeat_n(category, count as usize);
        let categories = categories.into_iter().flat_map(each);
        let goods = cart.iter().flat_map(|&(good, count)| core::iter::repeat_n(good, count as usize));
        let priced = goods.zip(categories).map(|(good, category)| (good, 1, Some(category)));
        shop.bill(priced).ok_or(Refusal::NotOnSale)
    }

    /// Whether the slot could ever give so much.
    pub(crate) fn could_ever_have(&self, wish: &Wish) -> bool {
        match (self, wish) {
            (Self::Units(all), Wish::Units(quantity)) => all.could_ever_fit(*quantity),
            (Self::Goods(goods), Wish::Units(quantity)) => goods.units.could_ever_fit(*quantity),
            (Self::Seats(house), Wish::Seats(seats)) => {
                let could_ever_have = match &seats.asked {
                    SeatsAsked::Best(best) => house.could_ever_have(best),
                    // Whoever names what is not there hears that.
                    SeatsAsked::Pick(_) => true,
                };
                could_ever_have && Self::size(wish) <= house.capacity()
            }
            (Self::Ranges(ranges), Wish::Range(wish)) => ranges.could_ever_fit(wish.quantity),
            (_, Wish::Units(_) | Wish::Seats(_) | Wish::Range(_)) => false,
        }
    }

    /// Refuses a range that may not be asked for at all, whatever is taken.
    pub(crate) fn may_ask(&self, wish: &Wish) -> Result<(), Refused> {
        match (self, wish) {
            (Self::Ranges(ranges), Wish::Range(wish)) => ranges.check(ranges.wish(wish)?.range()),
            (_, Wish::Units(_) | Wish::Seats(_) | Wish::Range(_)) => Ok(()),
        }
    }

    /// What a newcomer gets now: nothing where those who wait come first, or where there is too little.
    pub(crate) fn find(
        &self,
        wish: &Wish,
        cart: &Cart,
        waitlist: &Waitlist,
        order: Order,
    ) -> Result<Option<Allocation>, Refused> {
        match (self, wish) {
            (Self::Units(all), Wish::Units(quantity)) => {
                // Who waits was just served: under the strict order the head is short of units, and under the other nobody who
                // waits fits.
                let has_turn = waitlist.is_empty() || order == Order::SkipFit;
                Ok((has_turn && all.fit(*quantity)).then_some(Allocation::Units))
            }
            (Self::Goods(goods), Wish::Units(quantity)) => goods.find(*quantity, cart, order),
            (Self::Seats(house), Wish::Seats(wish)) => {
                house.find(wish, cart, order).map(|found| found.map(Allocation::Seats))
            }
            (Self::Ranges(ranges), Wish::Range(wish)) => Ok(ranges.find(wish)),
            (_, Wish::Units(_) | Wish::Seats(_) | Wish::Range(_)) => {
                unreachable!("a request is for what there is")
            }
        }
    }

    /// Why a newcomer who got nothing is refused: for a quota, if one is short of what it needs, or for what is in the way of its range,
    /// and otherwise for this.
    pub(crate) fn refuse(&self, wish: &Wish, cart: &Cart, order: Order, otherwise: Refusal) -> Refused {
        let exhausted = match (self, wish) {
            (Self::Goods(goods), _) => goods.exhausted(cart, order),
            (Self::Seats(house), _) => house.exhausted(cart, order),
            (Self::Ranges(ranges), Wish::Range(wish)) if otherwise == Refusal::SoldOut => {
                Some(ranges.taken(wish))
            }
            (Self::Units(_) | Self::Ranges(_), _) => None,
        };
        exhausted.unwrap_or_else(|| otherwise.into())
    }

    /// Whether a newcomer who got nothing may wait, as far as the inventory goes.
    pub(crate) fn may_wait(&self, wish: &Wish, cart: &Cart) -> Result<(), Refusal> {
        let has_room = match (self, wish) {
            (Self::Goods(goods), Wish::Units(quantity)) => goods.has_room_for(*quantity, cart),
            (Self::Seats(house), Wish::Seats(wish)) => match &wish.asked {
                SeatsAsked::Pick(_) => return Err(Refusal::SoldOut),
                SeatsAsked::Best(best) => house.has_room_for(best, cart),
            },
            (Self::Ranges(ranges), Wish::Range(wish)) if !ranges.may_wait(wish) => {
                return Err(Refusal::SoldOut);
            }
            _ => true,
        };
        if has_room { Ok(()) } else { Err(Refusal::WaitlistFull) }
    }

    /// What a newcomer claims of a house, with what was found for it.
    pub(crate) fn newcomer(&self, wish: &Wish, found: Option<&Allocation>) -> Option<Box<SeatsClaim>> {
        let (Self::Seats(house), Wish::Seats(wish)) = (self, wish) else { return None };
        Some(Box::new(house.newcomer(wish, found.and_then(Allocation::places))))
    }

    /// What a newcomer claims of a calendar, likewise.
    pub(crate) fn newcomer_range(&self, wish: &Wish, found: Option<&Allocation>) -> Option<Box<RangeClaim>> {
        let (Self::Ranges(ranges), Wish::Range(wish)) = (self, wish) else { return None };
        Some(Box::new(ranges.newcomer(wish, found)))
    }

    fn shop(&self) -> Option<&Shop> {
        self.turns()?.shop()
    }
}

/// A bill that says something: one of nothing in particular, for nothing, does not.
pub(crate) fn said(bill: Bill) -> Option<Arc<Bill>> {
    let says_something = bill.currency.is_some() || bill.items.iter().any(|item| item.product.is_some());
    says_something.then(|| Arc::new(bill))
}

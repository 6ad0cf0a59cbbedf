//! The accounts of a merchant: those that are open are in memory, the others wherever they were saved, and are found again by their
//! customer's name.
//!
//! Which are away makes no difference to any answer: whoever owns a merchant brings back what a request, a message or time may touch
//! before the rules are asked. Away are only accounts that time does not change.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::account::Account;
use crate::Timestamp;
use crate::base::promise::PackageNumber;
use crate::limits::ACCOUNTS_LEAVING_AT_ONCE_MAX;

/// Accounts that have left memory: how many, and what they add to the merchant's digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountsAway {
    /// How many.
    pub accounts: u64,
    /// The wrapping sum of their digests.
    pub digest: u64,
}

/// The accounts of a merchant.
#[derive(Default)]
pub(crate) struct Accounts {
    /// Those in memory: all that are not away, and copies of some that are.
    here: BTreeMap<Box<str>, Account>,
    /// Whose each package is that is in memory.
    owners: BTreeMap<PackageNumber, Box<str>>,
    /// When time alone will change which.
    deadlines: BTreeSet<(Timestamp, Box<str>)>,
    away: AccountsAway,
    /// Those that are away and in memory all the same: on their way out, or called back.
    copies: BTreeSet<Box<str>>,
    /// Those that changed since the changes were last taken.
    changed: BTreeSet<Box<str>>,
    /// The wrapping sum of the digests of all that are not away.
    digest: u64,
}

impl Accounts {
    /// These accounts; all others are away. None where two are of one customer.
    pub(super) fn restore(saved: Vec<Account>, away: AccountsAway) -> Option<Self> {
        let mut accounts = Self { away, ..Self::default() };
        for account in saved {
            if accounts.here.contains_key(&account.customer) {
                return None;
            }
            accounts.enter(account);
        }
        accounts.changed.clear();
        Some(accounts)
    }

    /// A customer's account, if it is in memory.
    pub(super) fn get(&self, customer: &str) -> Option<&Account> {
        self.here.get(customer)
    }

    /// All in memory, by customer.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Account> {
        self.here.values()
    }

    /// Whose a package is, if that is known here.
    pub(super) fn owner(&self, package: PackageNumber) -> Option<&str> {
        self.owners.get(&package).map(AsRef::as_ref)
    }

    /// Changes a customer's account, which is made if there is none.
    pub(super) fn change<Done>(&mut self, customer: &str, change: impl FnOnce(&mut Account) -> Done) -> Done {
        let mut account = self.take(customer).unwrap_or_else(|| Account::new(customer));
        let done = change(&mut account);
        self.enter(account);
        done
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.here.len() as u64 - self.copies.len() as u64 + self.away.accounts
    }

    /// Those that are away.
    pub(super) fn away(&self) -> AccountsAway {
        self.away
    }

    /// When time alone changes one, and which.
    pub(super) fn first_deadline(&self) -> Option<(Timestamp, &str)> {
        self.deadlines.first().map(|(at, customer)| (*at, &**customer))
    }

    /// The wrapping sum of the digests of all of them.
    pub(super) fn digest(&self) -> u64 {
        self.digest.wrapping_add(self.away.digest)
    }

    /// Those that changed since this was last asked, and some that are at rest, which are away from now on. They stay in memory until
    /// [`Accounts::let_go`].
    pub(super) fn take_changed(&mut self) -> (Vec<Account>, Vec<Account>) {
        let changed = core::mem::take(&mut self.changed);
        let mut leaving = Vec::new();
        for customer in &changed {
            if leaving.len() < ACCOUNTS_LEAVING_AT_ONCE_MAX && self.here[customer].is_at_rest() {
                leaving.push(self.here[customer].clone());
            }
        }
        for account in &leaving {
            self.copies.insert(account.customer.clone());
            let digest = account.digest();
            self.away.accounts += 1;
            self.away.digest = self.away.digest.wrapping_add(digest);
            self.digest = self.digest.wrapping_sub(digest);
        }
        let staying = changed.iter().filter(|customer| !self.copies.contains(*customer));
        let changed = staying.map(|customer| self.here[customer].clone()).collect();
        (changed, leaving)
    }

    /// Forgets the copy of an account that is away, if there is one.
    pub(super) fn let_go(&mut self, customer: &str) {
        if self.copies.remove(customer) {
            let account = self.here.remove(customer).expect("a copy is in memory");
            self.disown(&account);
        }
    }

    /// Brings an account back that is away, if it is not here already.
    pub(super) fn recall(&mut self, account: Account) {
        if !self.here.contains_key(&account.customer) {
            self.copies.insert(account.customer.clone());
            self.own(&account);
            self.here.insert(account.customer.clone(), account);
        }
    }

    /// Whether what is kept beside the accounts is what follows from them.
    pub(super) fn are_indexed(&self) -> bool {
        let due =
            self.here.values().filter_map(|account| Some((account.deadline()?, account.customer.clone())));
        let owned = self.here.values().flat_map(|account| {
            account.packages.iter().map(|package| (package.number, account.customer.clone()))
        });
        let staying = self.here.values().filter(|account| !self.copies.contains(&account.customer));
        let is_at_rest = |customer| self.here.get(customer).is_some_and(Account::is_at_rest);
        due.collect::<BTreeSet<_>>() == self.deadlines
            && owned.collect::<BTreeMap<_, _>>() == self.owners
            && self.here.iter().all(|(customer, account)| *customer == account.customer)
            && self.copies.iter().all(is_at_rest)
            && staying.map(Account::digest).fold(0, u64::wrapping_add) == self.digest
    }

    /// Takes an account out, to be changed: it is not away any more.
    fn take(&mut self, customer: &str) -> Option<Account> {
        let account = self.here.remove(customer)?;
        self.disown(&account);
        if let Some(deadline) = account.deadline() {
            self.deadlines.remove(&(deadline, account.customer.clone()));
        }
        if self.copies.remove(customer) {
            self.away.accounts -= 1;
            self.away.digest = self.away.digest.wrapping_sub(account.digest());
        } else {
            self.digest = self.digest.wrapping_sub(account.digest());
        }
        Some(account)
    }

    /// Puts an account where it is found, as one that is not away.
    fn enter(&mut self, account: Account) {
        self.own(&account);
        if let Some(deadline) = account.deadline() {
            self.deadlines.insert((deadline, account.customer.clone()));
        }
        self.digest = self.digest.wrapping_add(account.digest());
        self.changed.insert(account.customer.clone());
        self.here.insert(account.customer.clone(), account);
    }

    fn own(&mut self, account: &Account) {
        let owned = account.packages.iter().map(|package| (package.number, account.customer.clone()));
        self.owners.extend(owned);
    }

    fn disown(&mut self, account: &Account) {
        for package in &account.packages {
            self.owners.remove(&package.number);
        }
    }
}

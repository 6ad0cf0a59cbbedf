//! Which groups are open on this node, and which are elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock};
use storage::GroupId;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::group::Group;
use crate::machine::Machine;

/// What goes on beside a group for as long as it is open.
pub(crate) type Attendant<M> = Box<dyn Fn(&Arc<Group<M>>) -> JoinHandle<()> + Send + Sync>;

/// All groups of the cluster, by number.
pub(crate) struct Table<M: Machine> {
    places: Box<[Place<M>]>,
    /// How many are elsewhere.
    elsewhere: AtomicUsize,
    /// Rings when a leader has called on a group that is elsewhere.
    bell: Notify,
    attendants: Mutex<Vec<Attendant<M>>>,
}

/// One group.
struct Place<M: Machine> {
    /// None where it is elsewhere.
    open: RwLock<Option<Arc<Group<M>>>>,
    /// Whether a leader takes this node for a member, although the group is elsewhere.
    is_called: AtomicBool,
}

impl<M: Machine> Table<M> {
    pub(crate) fn new(groups: Vec<Option<Arc<Group<M>>>>) -> Self {
        let place = |open| Place { open: RwLock::new(open), is_called: AtomicBool::default() };
        let elsewhere = groups.iter().filter(|open| open.is_none()).count();
        Self {
            elsewhere: AtomicUsize::new(elsewhere),
            places: groups.into_iter().map(place).collect(),
            bell: Notify::new(),
            attendants: Mutex::default(),
        }
    }

    /// How many groups the cluster has.
    pub(crate) fn count(&self) -> usize {
        self.places.len()
    }

    /// Their numbers.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = GroupId> + use<M> {
        (0..u32::try_from(self.places.len()).unwrap_or(u32::MAX)).map(GroupId)
    }

    fn place(&self, group: GroupId) -> Option<&Place<M>> {
        self.places.get(usize::try_from(group.0).unwrap_or(usize::MAX))
    }

    /// Whether there is such a group, here or elsewhere.
    pub(crate) fn has(&self, group: GroupId) -> bool {
        self.place(group).is_some()
    }

    /// The group, if it is open here.
    pub(crate) fn get(&self, group: GroupId) -> Option<Arc<Group<M>>> {
        self.place(group)?.open.read().clone()
    }

    /// Every group that is open here, in the order of their numbers.
    pub(crate) fn open(&self) -> Vec<Arc<Group<M>>> {
        self.places.iter().filter_map(|place| place.open.read().clone()).collect()
    }

    /// Whether any group is elsewhere.
    pub(crate) fn lacks_any(&self) -> bool {
        0 < self.elsewhere.load(Ordering::Acquire)
    }

    /// A leader calls on a group that is elsewhere: this node has become a member of it.
    pub(crate) fn call_for(&self, group: GroupId) {
        let Some(place) = self.place(group) else { return };
        place.is_called.store(true, Ordering::Release);
        self.bell.notify_one();
    }

    /// Waits until a leader has called on a group that is elsewhere.
    pub(crate) async fn called(&self) {
        self.bell.notified().await;
    }

    /// The groups that leaders have called on since this was asked last.
    pub(crate) fn take_called(&self) -> Vec<GroupId> {
        let is_called = |group: &GroupId| {
            let is_called = self.place(*group).map(|place| place.is_called.swap(false, Ordering::AcqRel));
            is_called == Some(true)
        };
        self.numbers().filter(is_called).collect()
    }

    /// From now on the group is open here.
    pub(crate) fn put(&self, group: Arc<Group<M>>) {
        let attendants = self.attendants.lock();
        attendants.iter().for_each(|begin| group.attend(begin(&group)));
        self.put_back(group);
    }

    /// The group is open here still: it was taken for no longer than it took to ask.
    pub(crate) fn put_back(&self, group: Arc<Group<M>>) {
        if let Some(place) = self.place(group.id()) {
            *place.open.write() = Some(group);
            self.elsewhere.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// From now on the group is elsewhere: nobody who asks finds it here any more.
    pub(crate) fn take(&self, group: GroupId) -> Option<Arc<Group<M>>> {
        let taken = self.place(group)?.open.write().take();
        self.elsewhere.fetch_add(usize::from(taken.is_some()), Ordering::AcqRel);
        taken
    }

    /// Beside every group goes on what this begins, for as long as the group is open: those that are, and those that will be.
    pub(crate) fn attend(&self, begin: Attendant<M>) {
        let mut attendants = self.attendants.lock();
        self.open().iter().for_each(|group| group.attend(begin(group)));
        attendants.push(begin);
    }
}

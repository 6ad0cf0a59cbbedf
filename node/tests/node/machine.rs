//! Where a node of a cluster stands: on loopback, or on a machine of its own inside this one, with a network namespace that can
//! be cut off and a disk that can lose power. The latter takes root, and Linux with loop devices and network namespaces.

use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;
use rustix::ioctl::{Opcode, Setter, ioctl, opcode};

use crate::dev_node::free_address;

/// What a disk of its own has room for: a quarter of it, the reserve, stays free while a drop is sold.
const DISK_BYTES: u64 = 1 << 30;
/// What one has room for that is to be filled: the reserve is 256 MiB, the ballast 128.
const SMALL_DISK_BYTES: u64 = 2 << 30;
/// `FS_IOC_SHUTDOWN` of linux/fs.h, and its argument for "nothing more, not even the journal".
const SHUTDOWN: Opcode = opcode::read::<u32>(b'X', 125);
const NOTHING_MORE: u32 = 2;
/// Set where faults must be possible: then a machine that cannot make them fails the test.
const REQUIRED: &str = "BOXOFFICE_FAULTS";

/// A place for a node.
pub(crate) struct Machine {
    /// What the command line begins with.
    pub(crate) prefix: Vec<String>,
    pub(crate) client: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) peer: SocketAddr,
    /// Where its configuration lies, and its data directory, which may be on a disk of its own.
    pub(crate) folder: PathBuf,
    pub(crate) data: PathBuf,
    disk: Option<Disk>,
}

impl Machine {
    /// Free ports of loopback.
    pub(crate) fn here(folder: PathBuf) -> Self {
        std::fs::create_dir(&folder).expect("a folder");
        let [client, admin, peer] = [(); 3].map(|()| free_address());
        let data = folder.join("data");
        Self { prefix: Vec::new(), client, admin, peer, folder, data, disk: None }
    }

    /// The same with a small disk of its own.
    pub(crate) fn on_small_disk(folder: PathBuf) -> Option<Self> {
        let mut machine = Self::here(folder);
        let disk = Disk::small(&machine.folder)?;
        machine.data = disk.data();
        machine.disk = Some(disk);
        Some(machine)
    }

    /// Its own disk.
    pub(crate) fn disk(&self) -> &Disk {
        self.disk.as_ref().expect("it has a disk of its own")
    }

    /// The power is gone: what was not synced is not there when [`Machine::switch_on`] has been called.
    pub(crate) fn lose_power(&self) {
        let disk = self.disk();
        let root = File::open(&disk.mounted).expect("it is mounted");
        // SAFETY: the request takes a pointer to a `u32`, which `Setter` makes of its value and keeps alive for the call; the
        // kernel reads it and writes nothing.
        let shut = unsafe { ioctl(&root, Setter::<SHUTDOWN, u32>::new(NOTHING_MORE)) };
        shut.expect("ext4 can be shut down");
    }

    /// The disk as it comes up again. Nobody may be using it.
    pub(crate) fn switch_on(&self) {
        let disk = self.disk();
        run("umount", &[&disk.mounted]).expect("nobody uses it");
        run("mount", &[&disk.device, &disk.mounted]).expect("it can be repaired");
    }
}

/// A disk: a file that looks like one.
pub(crate) struct Disk {
    device: String,
    mounted: String,
}

impl Disk {
    /// One that is to be filled, in `folder`; or nothing where this machine cannot make one, which is said aloud.
    pub(crate) fn small(folder: &Path) -> Option<Self> {
        possible(Self::new(&folder.join("image"), &folder.join("disk"), SMALL_DISK_BYTES))
    }

    fn new(image: &Path, mounted: &Path, bytes: u64) -> Result<Self, String> {
        let file = File::create(image).and_then(|file| file.set_len(bytes));
        file.map_err(|error| error.to_string())?;
        std::fs::create_dir(mounted).map_err(|error| error.to_string())?;
        let device = run("losetup", &["--find", "--show", text(image)])?.trim().to_owned();
        let disk = Self { device, mounted: text(mounted).to_owned() };
        run("mkfs.ext4", &["-q", "-m", "0", "-E", "nodiscard", &disk.device])?;
        run("mount", &[&disk.device, &disk.mounted])?;
        Ok(disk)
    }

    /// Where a node on it keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        Path::new(&self.mounted).join("data")
    }

    /// Something else fills it, until only so much is free.
    pub(crate) fn fill(&self, free: u64) {
        let other = File::options().create(true).append(true).open(self.filler()).expect("a file");
        let len = other.metadata().expect("a file").len();
        let there = statvfs(self.mounted.as_str()).expect("it is mounted");
        let more = (there.f_bavail * there.f_frsize).saturating_sub(free);
        if 0 < more {
            match fallocate(&other, FallocateFlags::empty(), len, more) {
                // Someone else wrote meanwhile: it is full all the same.
                Ok(()) | Err(Errno::NOSPC) => {}
                Err(error) => panic!("a disk that can be filled: {error}"),
            }
        }
    }

    /// There is space again.
    pub(crate) fn relieve(&self) {
        std::fs::remove_file(self.filler()).expect("it was filled");
    }

    fn filler(&self) -> PathBuf {
        Path::new(&self.mounted).join("something-else")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Whatever is still there goes, as far as it can.
        drop(run("umount", &["--lazy", &self.mounted]));
        drop(run("losetup", &["--detach", &self.device]));
    }
}

/// Machines inside this one, joined by a bridge. Gone with it.
pub(crate) struct Lan {
    /// What the names of its parts begin with, and the second and third number of its addresses.
    name: String,
    net: [u8; 2],
    /// How many machines there are.
    count: u8,
}

impl Lan {
    /// The network and its three machines, or nothing where this machine cannot make them, which is said aloud.
    pub(crate) fn found(folder: &Path) -> Option<(Self, Vec<Machine>)> {
        Self::of(3, folder)
    }

    /// The same with so many.
    pub(crate) fn of(count: u8, folder: &Path) -> Option<(Self, Vec<Machine>)> {
        possible(Self::try_found(count, folder))
    }

    fn try_found(machines: u8, folder: &Path) -> Result<(Self, Vec<Machine>), String> {
        static COUNT: AtomicU8 = AtomicU8::new(1);
        let id = std::process::id();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let [low, ..] = id.to_le_bytes();
        let lan = Self { name: format!("bo{id:x}{count}"), net: [low, count], count: machines };
        run("iptables-legacy", &["--version"])?;
        let bridge = lan.name.as_str();
        run("ip", &["link", "add", bridge, "type", "bridge"])?;
        run("ip", &["address", "add", &format!("{}/24", lan.address(254)), "dev", bridge])?;
        run("ip", &["link", "set", bridge, "up"])?;
        let machines = (1..=machines).map(|number| lan.machine(number, folder));
        let machines = machines.collect::<Result<Vec<_>, _>>()?;
        Ok((lan, machines))
    }

    fn address(&self, number: u8) -> IpAddr {
        let [second, third] = self.net;
        IpAddr::V4(Ipv4Addr::new(10, second, third, number))
    }

    fn namespace(&self, number: u8) -> String {
        format!("{}-{number}", self.name)
    }

    fn machine(&self, number: u8, folder: &Path) -> Result<Machine, String> {
        let (name, address) = (self.namespace(number), self.address(number));
        let (outside, inside) = (format!("{}o{number}", self.name), format!("{}i{number}", self.name));
        run("ip", &["netns", "add", &name])?;
        run("ip", &["link", "add", &outside, "type", "veth", "peer", "name", &inside, "netns", &name])?;
        run("ip", &["link", "set", &outside, "master", &self.name, "up"])?;
        let within = |arguments: &[&str]| run("ip", &[&["-n", &name], arguments].concat());
        within(&["address", "add", &format!("{address}/24"), "dev", &inside])?;
        within(&["link", "set", &inside, "up"])?;
        within(&["link", "set", "lo", "up"])?;
        let folder = folder.join(number.to_string());
        std::fs::create_dir(&folder).map_err(|error| error.to_string())?;
        let mounted = folder.join("disk");
        let disk = Disk::new(&folder.join("image"), &mounted, DISK_BYTES)?;
        // Not `ip netns exec`, which gives a process mounts of its own: a dead disk would live on in those of others.
        let prefix = vec!["nsenter".to_owned(), format!("--net=/run/netns/{name}")];
        let [client, admin, peer] = [8080, 9090, 7000].map(|port| SocketAddr::new(address, port));
        Ok(Machine { prefix, client, admin, peer, folder, data: mounted.join("data"), disk: Some(disk) })
    }

    /// Machine `to`, counted from 0, hears nothing more of machine `from`, which is not told.
    pub(crate) fn cut_one_way(&self, from: usize, to: usize) {
        let deaf = self.namespace(number(to));
        let speaker = self.address(number(from)).to_string();
        let rule = ["netns", "exec", &deaf, "iptables-legacy", "-A", "INPUT", "-s", &speaker, "-j", "DROP"];
        run("ip", &rule).expect("the namespace is there");
    }

    /// Everybody hears everybody.
    pub(crate) fn heal(&self) {
        for number in 1..=self.count {
            let rule = ["netns", "exec", &self.namespace(number), "iptables-legacy", "-F"];
            run("ip", &rule).expect("the namespace is there");
        }
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        // Whatever was made goes; what was not made cannot.
        for number in 1..=self.count {
            drop(run("ip", &["netns", "delete", &self.namespace(number)]));
        }
        drop(run("ip", &["link", "delete", &self.name]));
    }
}

/// What a fault takes, or nothing where this machine cannot make it, which is said aloud.
fn possible<T>(made: Result<T, String>) -> Option<T> {
    match made {
        Ok(made) => Some(made),
        Err(why) => {
            assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, and: {why}");
            // Past the test's own capture: who reads "ok" shall know.
            let left_out = "LEFT OUT, since this machine cannot cut networks or power, or make disks";
            writeln!(std::io::stderr(), "{left_out}: {why}").expect("somebody listens");
            None
        }
    }
}

fn number(place: usize) -> u8 {
    u8::try_from(place + 1).expect("there are few")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

/// Runs a tool; what it says, or why it could not.
fn run(tool: &str, arguments: &[&str]) -> Result<String, String> {
    let told = |why: String| format!("{tool} {}: {why}", arguments.join(" "));
    let ran = Command::new(tool).args(arguments).output().map_err(|error| told(error.to_string()))?;
    if ran.status.success() {
        Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
    } else {
        Err(told(String::from_utf8_lossy(&ran.stderr).trim().to_owned()))
    }
}

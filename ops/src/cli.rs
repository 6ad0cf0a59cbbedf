//! The command line: what may be asked, and how it is spelled.

use std::path::PathBuf;

use api::token::{AUDIENCE_DEFAULT, ISSUER_DEFAULT, Role};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use reqwest::Url;

/// Asks a Boxoffice node, and tells it.
///
/// Exit status: 0 well, 1 not well, 2 cannot tell.
#[derive(Debug, Parser)]
#[command(name = "boxctl", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which node, and with which key.
#[derive(Debug, Args)]
pub(crate) struct Access {
    /// The client listener of the node
    #[arg(long, global = true, value_name = "URL", env = "BOXCTL_CLIENT", value_parser = listener)]
    #[arg(default_value = "http://127.0.0.1:8080")]
    pub(crate) client: Url,
    /// The admin listener of the node
    #[arg(long, global = true, value_name = "URL", env = "BOXCTL_ADMIN", value_parser = listener)]
    #[arg(default_value = "http://127.0.0.1:9090")]
    pub(crate) admin: Url,
    /// The data directory of `boxoffice dev`: its token.key signs
    #[arg(long, global = true, value_name = "DIR", env = "BOXCTL_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The file whose key signs; wins over --data
    #[arg(long, global = true, value_name = "FILE", env = "BOXCTL_KEY")]
    pub(crate) key: Option<PathBuf>,
    /// Who acts: it stands in the nodes' log of what operators do [default: the user of this machine]
    #[arg(long = "as", global = true, value_name = "NAME", env = "BOXCTL_AS")]
    pub(crate) acts_as: Option<String>,
    /// For https: the certificates, as PEM, of those who may vouch for the node's [default: those that this machine trusts]
    #[arg(long, global = true, value_name = "FILE", env = "BOXCTL_CA")]
    pub(crate) ca: Option<PathBuf>,
    /// The `iss` of tokens
    #[arg(long, global = true, value_name = "NAME", default_value = ISSUER_DEFAULT)]
    pub(crate) issuer: String,
    /// The `aud` of tokens
    #[arg(long, global = true, value_name = "NAME", default_value = AUDIENCE_DEFAULT)]
    pub(crate) audience: String,
}

/// What may be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a token, and nothing else
    Token(Token),
    /// Show how the node is
    Status(Status),
    /// Show how every Raft group is
    Groups(Groups),
    /// Remove a node from the cluster: one whose data is gone, or that is not to come back
    Remove(Remove),
    /// Move leaders from node to node while they sell
    #[command(subcommand)]
    Leader(Leader),
    /// Show which nodes have a replica of each group
    Placement(Placement),
    /// Empty a node of replicas while it sells, or let it take some again
    #[command(subcommand)]
    Node(Node),
    /// Look into one slot, or try again one whose rules broke
    #[command(subcommand)]
    Slot(Slot),
    /// Take every group as of one index, while it sells, into a folder of backups
    Backup(Backup),
    /// Look at a backup from the first byte to the last, or at the replicas of the node
    Verify(Verify),
    /// Gather what is wanted of a node by whoever looks for a fault; no secret is in it
    #[command(subcommand)]
    Debug(Debug),
    /// Make the certificates with which nodes prove to each other who they are; asks no node
    #[command(subcommand)]
    Certs(Certs),
    /// Make slots of an iCalendar timetable, or the hours of a calendar, and follow it; a second run with the same file changes nothing
    Import(Import),
}

/// Which node is to leave.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Remove {
    /// Its number, as `boxctl status` shows it
    #[arg(value_name = "NODE")]
    pub(crate) node: u64,
}

/// Which leaders are to move.
#[derive(Debug, Subcommand)]
pub(crate) enum Leader {
    /// Let another node lead one group
    Move(MoveLeader),
    /// Spread leaders evenly over the nodes that answer
    Balance(BalanceLeaders),
}

/// Which group another node is to lead.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MoveLeader {
    /// The group, as `boxctl groups` shows it
    #[arg(value_name = "GROUP")]
    pub(crate) group: u32,
    /// The node that shall lead it
    #[arg(value_name = "NODE")]
    pub(crate) node: u64,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// How leaders are to be spread.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct BalanceLeaders {
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print what would be done as JSON, for programs
    #[arg(long, requires = "dry_run")]
    pub(crate) json: bool,
}

/// What is to become of the replicas of a node.
#[derive(Debug, Subcommand)]
pub(crate) enum Node {
    /// Move every replica of a node to others, and wait until it has none; run again, it goes on where it was
    Drain(OneNode),
    /// Let a node that is being emptied take replicas again
    Undrain(OneNode),
}

/// One node.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct OneNode {
    /// Its number, as `boxctl status` shows it
    #[arg(value_name = "NODE")]
    pub(crate) node: u64,
}

/// How the placement is wanted.
#[derive(Debug, Args)]
pub(crate) struct Placement {
    /// Show the steps to where the replicas should be
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How many replicas a group is planned to have: 3 or 5 [default: as the node is configured]
    #[arg(long, value_name = "N", requires = "dry_run")]
    #[arg(value_parser = PossibleValuesParser::new(["3", "5"]).map(|text| if text == "5" { 5_u32 } else { 3 }))]
    pub(crate) replicas: Option<u32>,
    /// Plan as if these nodes were to be emptied
    #[arg(long, value_name = "NODE", requires = "dry_run", value_delimiter = ',')]
    pub(crate) without: Vec<u64>,
    /// Print the node's answer as JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where a backup is put.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The folder of all backups; each takes a folder of its own in it, by number
    #[arg(value_name = "TO")]
    pub(crate) to: PathBuf,
    /// Take everything, and not only what has changed since the last one
    #[arg(long)]
    pub(crate) full: bool,
    /// The admin listener of one more node: where a node does not have every group, another has the rest
    #[arg(long, value_name = "URL", value_parser = listener)]
    pub(crate) also: Vec<Url>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What is to be looked at.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A backup, or a folder of backups, of which the latest is taken [default: the node's replicas]
    #[arg(value_name = "BACKUP")]
    pub(crate) backup: Option<PathBuf>,
}

/// What is to be gathered.
#[derive(Debug, Subcommand)]
pub(crate) enum Debug {
    /// Put the node's status, groups, digests and metrics into a new folder
    Bundle(Bundle),
}

/// Where it is put.
#[derive(Debug, Args)]
pub(crate) struct Bundle {
    /// The folder, which is made
    #[arg(value_name = "TO")]
    pub(crate) to: PathBuf,
}

/// Which certificates are to be made.
#[derive(Debug, Subcommand)]
pub(crate) enum Certs {
    /// Make the cluster's authority: ca.pem for every node, and ca.key, which signs and stays here
    Init(Authority),
    /// Make the certificate of one node, which has its number: node-N.pem and node-N.key
    Node(OfNode),
    /// Make a certificate with which a node may ask for its number, and do nothing else: newcomer.pem and newcomer.key
    Newcomer(Made),
}

/// The authority that is wanted.
#[derive(Debug, Args)]
pub(crate) struct Authority {
    /// The cluster's name, as it stands in every certificate: 1 to 63 of a to z, 0 to 9, `.`, `-` and `_`
    #[arg(long, value_name = "NAME", value_parser = cluster)]
    pub(crate) cluster: String,
    /// Where the files are put
    #[arg(long, value_name = "DIR", default_value = "certs")]
    pub(crate) folder: PathBuf,
    /// For how long it is good, in days
    #[arg(long, value_name = "N", default_value_t = 3_650)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
}

/// Whose certificate is wanted.
#[derive(Debug, Args)]
pub(crate) struct OfNode {
    /// Its number, as `boxctl status` shows it; the node that founds a cluster is 1
    #[arg(value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) node: u64,
    #[command(flatten)]
    pub(crate) made: Made,
}

/// How a certificate is made.
#[derive(Debug, Args)]
pub(crate) struct Made {
    /// Where ca.pem and ca.key are, and where the files are put
    #[arg(long, value_name = "DIR", default_value = "certs")]
    pub(crate) folder: PathBuf,
    /// For how long it is good, in days
    #[arg(long, value_name = "N", default_value_t = 365)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
    /// Replace the files that are there, with a new key
    #[arg(long)]
    pub(crate) renew: bool,
}

/// What is to become of one slot.
#[derive(Debug, Subcommand)]
pub(crate) enum Slot {
    /// Show a slot from the inside, as it is on the node that is asked
    Inspect(OneSlot),
    /// Try a slot again whose rules broke, once the nodes run a mended build; a sound one is left alone
    Retry(OneSlot),
}

/// One slot, by its id.
#[derive(Debug, Args)]
pub(crate) struct OneSlot {
    /// Its id
    #[arg(value_name = "SLOT")]
    pub(crate) slot: String,
    /// Print the node's answer as JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// The token that is wanted.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// What the bearer may do
    #[arg(long, value_parser = PossibleValuesParser::new(["customer", "organizer", "operator"]).map(|name| role(&name)))]
    pub(crate) role: Role,
    /// Whom it names, 1 to 64 bytes [default: the organizer, or the role]
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: Option<String>,
    /// For which organizer it speaks
    #[arg(long, value_name = "NAME", required_if_eq("role", "organizer"))]
    pub(crate) organizer: Option<String>,
    /// How long it is good, in seconds
    #[arg(long, value_name = "N", default_value_t = 3_600)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) ttl_seconds: u32,
}

/// How the status is wanted.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Status {
    /// Print the node's answer as JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// How the groups are wanted.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Groups {
    /// Print the node's answer as JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
    /// Take every group's digest now
    #[arg(long)]
    pub(crate) digest: bool,
}

/// What slots a timetable becomes.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The timetable, as iCalendar
    #[arg(value_name = "FILE.ics", required_unless_present = "calendar")]
    pub(crate) file: Option<PathBuf>,
    /// Who offers the slots
    #[arg(long, value_name = "NAME")]
    pub(crate) organizer: String,
    /// The places of every slot that is made
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    #[arg(required_unless_present = "calendar")]
    pub(crate) capacity: Option<u32>,
    #[command(flatten)]
    pub(crate) agenda: Agenda,
    /// Shift the timetable by whole days so that its first day is this one
    #[arg(long, value_name = "DATE", conflicts_with = "calendar")]
    pub(crate) starting: Option<Date>,
    /// The last day of which slots are made, where each takes place [default: a year of what has no end]; of a calendar that is made its last
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Date>,
    /// The zone of times that name none [default: the file's X-WR-TIMEZONE, or UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub(crate) timezone: Option<TimeZone>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Change and cancel what exists without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A calendar that is to be open, and taken, as a file says.
#[derive(Debug, Args)]
pub(crate) struct Agenda {
    /// In place of a timetable: when a calendar is open (VAVAILABILITY), and when it is taken (entries, VFREEBUSY); what cannot be read costs no
    /// other, but as long as there is any nothing is given back
    #[arg(long, value_name = "FILE.ics", conflicts_with_all = ["file", "capacity"])]
    pub(crate) calendar: Option<PathBuf>,
    /// Of --calendar: the slot whose hours these are [default: the one with this title, which is made]
    #[arg(long, value_name = "SLOT", requires = "calendar", conflicts_with_all = ["title", "count", "resources"])]
    pub(crate) slot: Option<String>,
    /// Of --calendar: what it is called [default: as the file is]
    #[arg(long, value_name = "TITLE", requires = "calendar")]
    pub(crate) title: Option<String>,
    /// Of --calendar: how many there are that are all alike, if it is made [default: 1]
    #[arg(long, value_name = "N", requires = "calendar", conflicts_with = "resources")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) count: Option<u32>,
    /// Of --calendar: the names of what there is, if it is made (`court-1,court-2`)
    #[arg(long, value_name = "NAMES", requires = "calendar", value_delimiter = ',')]
    pub(crate) resources: Vec<String>,
    /// Of --calendar: what of it is taken then [default: any]
    #[arg(long, value_name = "NAME", requires = "calendar")]
    pub(crate) resource: Option<String>,
    /// Of --calendar: under which name it is taken; of several files of one calendar each needs its own
    #[arg(long, value_name = "NAME", requires = "calendar", default_value = "taken")]
    pub(crate) taken_by: String,
}

fn role(name: &str) -> Role {
    match name {
        "organizer" => Role::Organizer,
        "operator" => Role::Operator,
        _ => Role::Customer,
    }
}

fn listener(text: &str) -> Result<Url, String> {
    let wanted = "it must be a URL such as http://127.0.0.1:8080";
    let url: Url = text.parse().map_err(|error| format!("{error}; {wanted}"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(wanted.to_owned()) }
}

fn cluster(name: &str) -> Result<String, String> {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    if (1..=63).contains(&name.len()) && name.bytes().all(is_word) {
        Ok(name.to_owned())
    } else {
        Err("it must be 1 to 63 of a to z, 0 to 9, `.`, `-` and `_`".to_owned())
    }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZoneDatabase::bundled()
        .get(name)
        .map_err(|_unknown| format!("{name:?} is no time zone; take a name such as Europe/London"))
}

//! `boxoffice`: one node of Boxoffice.

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use api::token::Role;
use clap::{Args, Parser, Subcommand};
use config::{Config, Overrides};
use node::{Exit, Failure, Keys, Newest, Node, Rehearse, Resolve};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// `RocksDB` allocates with the same one.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A booking node: sells places, never oversells, loses nothing that it acknowledged.
#[derive(Parser)]
#[command(name = "boxoffice", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// One node on loopback with a key of its own and no configuration file.
    Dev(Dev),
    /// One node as configured: flags, then `BOXOFFICE_*`, then the file, then defaults.
    Serve(Serve),
    /// The last resort, while the node does not run: it goes on alone, since a majority of the cluster is gone for good. Without
    /// `--the-others-are-gone` it only says what that would mean.
    Recover(Recover),
    /// Gives a node without data what is in a backup that `boxctl backup` has made: it is the whole of a new cluster from then on, and
    /// others join it.
    Restore(Restore),
    /// Prints what is in force and where each value came from, secrets hidden.
    Config(Configured),
}

#[derive(Args)]
struct Dev {
    /// Where the node keeps everything.
    #[arg(long, default_value = "boxoffice-data")]
    data: PathBuf,
    /// Where customers and organizers reach it; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    client: SocketAddr,
    /// Where operators reach it; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9090")]
    admin: SocketAddr,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    configured: Configured,
    /// The newest level of the rules that the node applies, if it is to stand for another build.
    #[arg(long, hide = true)]
    level: Option<u32>,
}

#[derive(Args)]
struct Recover {
    #[command(flatten)]
    configured: Configured,
    /// The other nodes are gone for good, and what they alone had is lost.
    #[arg(long)]
    the_others_are_gone: bool,
}

#[derive(Args)]
struct Restore {
    #[command(flatten)]
    configured: Configured,
    /// The folder of the backup; where there are several in it, the latest is taken.
    #[arg(long)]
    from: PathBuf,
    /// Does all of it, recomputes every digest, and keeps nothing.
    #[arg(long)]
    rehearse: bool,
}

#[derive(Args)]
struct Configured {
    /// The configuration file (TOML).
    #[arg(long)]
    config: Option<PathBuf>,
    /// Overrides `node.data`.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Overrides `listen.client`.
    #[arg(long)]
    client: Option<SocketAddr>,
    /// Overrides `listen.admin`.
    #[arg(long)]
    admin: Option<SocketAddr>,
}

impl Configured {
    fn load(&self) -> Result<config::Loaded, config::Error> {
        let overrides = Overrides {
            data: self.data.clone(),
            client: self.client,
            admin: self.admin,
            ..Overrides::default()
        };
        Config::load(self.config.as_deref(), &overrides)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match &arguments.command {
        Command::Dev(options) => dev(options),
        Command::Serve(options) => serve(options),
        Command::Recover(options) => recover(options),
        Command::Restore(options) => restore(options),
        Command::Config(options) => show(options),
    };
    let exit = match ended {
        Ok(()) => Exit::Drained,
        Err(failure) => {
            say(io::stderr().lock(), &format!("boxoffice: {}\n", failure.told()));
            failure.exit()
        }
    };
    ExitCode::from(exit as u8)
}

fn dev(options: &Dev) -> Result<(), Failure> {
    let _logs = node::logs();
    let config = Config::dev(options.data.clone(), options.client, options.admin);
    // Whoever closes the terminal is done with it.
    let on_hangup = async |_: &mut Node| ControlFlow::Break(());
    run(&config, Keys::MadeIfMissing, Newest::Own, |node| welcome(node, &config), on_hangup)
}

fn serve(options: &Serve) -> Result<(), Failure> {
    let _logs = node::logs();
    let loaded = options.configured.load()?;
    let newest = options.level.map_or(Newest::Own, Newest::StandIn);
    let mut before = loaded.clone();
    let reread = async |node: &mut Node| {
        let taken = async {
            let now = options.configured.load()?;
            node.take_settings(&before, &now).await?;
            before = now;
            Ok::<_, Failure>(())
        };
        if let Err(error) = taken.await {
            tracing::error!(%error, "the configuration cannot be used; what was in force stays");
        }
        ControlFlow::Continue(())
    };
    run(&loaded.config, Keys::Given, newest, |_node| Ok(()), reread)
}

fn recover(options: &Recover) -> Result<(), Failure> {
    let loaded = options.configured.load()?;
    let resolve = if options.the_others_are_gone { Resolve::OthersAreGone } else { Resolve::Look };
    let runtime =
        runtime().map_err(|error| Failure::Process { what: "cannot start", source: error.into() })?;
    let told = runtime.block_on(node::recover(&loaded.config, resolve))?;
    say(io::stdout().lock(), &told);
    Ok(())
}

fn restore(options: &Restore) -> Result<(), Failure> {
    let loaded = options.configured.load()?;
    let rehearse = if options.rehearse { Rehearse::Only } else { Rehearse::ForGood };
    let runtime =
        runtime().map_err(|error| Failure::Process { what: "cannot start", source: error.into() })?;
    let told = runtime.block_on(node::restore(&loaded.config, &options.from, rehearse))?;
    say(io::stdout().lock(), &told);
    Ok(())
}

fn show(options: &Configured) -> Result<(), Failure> {
    let loaded = options.load()?;
    let settings = loaded.explain();
    let width = |of: fn(&config::Setting) -> &str| {
        settings.iter().map(|setting| of(setting).len()).max().unwrap_or(0)
    };
    let (keys, values) = (width(|setting| &setting.key), width(|setting| &setting.value));
    let lines = settings.iter().map(|setting| {
        let config::Setting { key, value, source } = setting;
        format!("{key:keys$} = {value:values$}  # {source}\n")
    });
    say(io::stdout().lock(), &lines.collect::<String>());
    Ok(())
}

/// Runs a node until it is told to stop: by SIGTERM, by Ctrl-C, or as `on_hangup` decides when it is told to by SIGHUP.
fn run(
    config: &Config,
    keys: Keys,
    newest: Newest,
    ready: impl FnOnce(&Node) -> Result<(), Failure>,
    mut on_hangup: impl AsyncFnMut(&mut Node) -> ControlFlow<()>,
) -> Result<(), Failure> {
    let runtime =
        runtime().map_err(|error| Failure::Process { what: "cannot start", source: error.into() })?;
    runtime.block_on(async {
        // Listened to from the beginning: who stops a node that is still starting wants it to stop.
        let mut stop = std::pin::pin!(stop_signal()?);
        let mut hangups = listen_to(SignalKind::hangup())?;
        let mut node = tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            node = Node::start(config, keys, newest) => node?,
        };
        ready(&node)?;
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                _ = hangups.recv() => if on_hangup(&mut node).await.is_break() { break },
            }
        }
        node.stop().await
    })
}

/// A worker for every core but one, which the store's writer, its flushes and the kernel have to themselves: wake-ups
/// between workers cost more than a worker more would bring. `TOKIO_WORKER_THREADS` says otherwise.
fn runtime() -> io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if std::env::var_os("TOKIO_WORKER_THREADS").is_none() {
        let cores = std::thread::available_parallelism()?.get();
        builder.worker_threads(cores.saturating_sub(1).max(1));
    }
    builder.enable_all().build()
}

/// SIGTERM, or Ctrl-C.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let (mut terminate, mut interrupt) =
        (listen_to(SignalKind::terminate())?, listen_to(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            biased;
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn listen_to(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::Process { what: "cannot listen to signals", source: error.into() })
}

/// What a newcomer needs: where it listens, and a token for each role.
fn welcome(node: &Node, config: &Config) -> Result<(), Failure> {
    let (client, admin) = (node.client_address(), node.admin_address());
    let mut text = format!(
        "Boxoffice is ready.\n\n  client  http://{client}  (what there is: http://{client}/docs)\n  \
         admin   http://{admin}\n  data    {}\n\nTokens, good for 24 hours:\n\n",
        config.node.data.display()
    );
    for (name, role) in
        [("customer", Role::Customer), ("organizer", Role::Organizer), ("operator", Role::Operator)]
    {
        let token = node::dev_token(config, role)?;
        text.push_str(&[name, " ", &token, "\n"].concat());
    }
    text.push_str("\nCtrl-C drains and stops it.\n");
    say(io::stdout().lock(), &text);
    Ok(())
}

/// Writes to someone who may have stopped listening: then there is nobody left to tell.
fn say(mut to: impl io::Write, text: &str) {
    drop(to.write_all(text.as_bytes()).and_then(|()| to.flush()));
}

//! The binary `loadgen`: arguments in, a report or a house and an exit status out.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use jiff::Timestamp;
use loadgen::drop::{self, DropIdentity};
use loadgen::error::Error;
use loadgen::house::{self, House};
use loadgen::options::{Command, DropOptions, Options};
use loadgen::report::{Outcome, Report};

/// Bad arguments (`EX_USAGE` of sysexits.h), so that they are not taken for "could not tell".
const EXIT_USAGE: u8 = 64;

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => return usage(&error),
    };
    if let Command::Drop(options) = &options.command
        && let Some(conflict) = options.conflict()
    {
        return usage(&Options::command().error(ErrorKind::ArgumentConflict, conflict));
    }
    let done = match options.command {
        Command::Drop(options) => run(&options).map(Outcome::exit_status),
        Command::House(options) => show(&house::draw(options)).map(|()| 0),
    };
    let status = match done {
        Ok(status) => status,
        Err(error) => {
            let status = exit_status(&error);
            match writeln!(io::stderr().lock(), "loadgen: {error}") {
                // Where standard error is closed, the exit status alone has to say it.
                Ok(()) | Err(_) => status,
            }
        }
    };
    ExitCode::from(status)
}

/// Help and version are no mistakes.
fn usage(error: &clap::Error) -> ExitCode {
    let status = if error.use_stderr() { EXIT_USAGE } else { 0 };
    ExitCode::from(heard(error.print()).map_or(EXIT_USAGE, |()| status))
}

/// A reader who has seen enough is no failure.
fn heard(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

#[tokio::main]
async fn run(options: &DropOptions) -> Result<Outcome, Error> {
    let now_ms = u64::try_from(Timestamp::now().as_millisecond()).expect("it is later than 1970");
    let identity = DropIdentity { now_ms, name: rand::random(), seed: rand::random() };
    // Opened before the sale: a path that cannot be written must not cost the verdict.
    let create = |path: &PathBuf| File::create(path).map_err(|error| report_error(path, error));
    let json = options.json.as_ref().map(create).transpose()?;
    let report = drop::sell(options, identity).await?;
    print(&report, options.json.as_deref().zip(json))?;
    Ok(report.result)
}

fn report_error(to: &Path, error: io::Error) -> Error {
    Error::Report { to: to.display().to_string(), error }
}

fn print(report: &Report, json: Option<(&Path, File)>) -> Result<(), Error> {
    if let Some((path, mut file)) = json {
        let failed = |error| report_error(path, error);
        serde_json::to_writer_pretty(&mut file, report).map_err(|error| failed(error.into()))?;
        writeln!(file).map_err(failed)?;
    }
    let failed = |error| Error::Report { to: "standard output".to_owned(), error };
    let mut output = io::stdout().lock();
    heard(write!(output, "{report}").and_then(|()| output.flush())).map_err(failed)
}

fn show(house: &House) -> Result<(), Error> {
    let text = serde_json::to_string(house).expect("every key is a string, and every number finite");
    let mut output = io::stdout().lock();
    let failed = |error| Error::Report { to: "standard output".to_owned(), error };
    heard(writeln!(output, "{text}").and_then(|()| output.flush())).map_err(failed)
}

const fn exit_status(error: &Error) -> u8 {
    match error {
        Error::Key { .. } | Error::NobodyTrusted(_) | Error::Trust { .. } => EXIT_USAGE,
        Error::Token(_)
        | Error::Unreachable { .. }
        | Error::Setup { .. }
        | Error::NothingOnSale(_)
        | Error::Report { .. } => Outcome::CouldNotTell.exit_status(),
    }
}

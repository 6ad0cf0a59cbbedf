//! `kill -9`, a hundred times, at a moment that a seed decides.

use std::env;
use std::process::{Command, Stdio};

use storage::Options;

use super::child::{Confirmed, become_child, folder, inspect, listen, work};

const ROUNDS: u64 = 100;
/// A child is killed after it has reported at most so many confirmations; one in ten at once, while it
/// starts.
const REPORTS_MAX: u64 = 400;

#[test]
fn everything_confirmed_survives_a_hundred_kills() {
    if let Some(folder) = folder() {
        work(&folder, Options::new(|error| panic!("{error:?}")));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let mut confirmed = Confirmed::new();
    let mut dice = 1_u64;
    for round in 1..=ROUNDS {
        // A linear congruential step (Knuth's MMIX constants); the high bits are the good ones.
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let reports = if round % 10 == 0 { 0 } else { (dice >> 33) % REPORTS_MAX };

        let mut command = Command::new(env::current_exe().unwrap());
        become_child(&mut command, "killed::everything_confirmed_survives_a_hundred_kills", &path);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stream = child.stderr.take().unwrap();
        let heard = listen(&mut stream, reports, &mut confirmed);
        assert_eq!(heard, reports, "round {round}: the child ended by itself");
        child.kill().unwrap();
        // What it managed to say before it died counts too.
        listen(&mut stream, u64::MAX, &mut confirmed);
        child.wait().unwrap();

        // One in ten is opened again by the next child only.
        if round % 10 != 1 {
            inspect(&path, &confirmed, &format!("round {round}, killed after {reports} reports"));
        }
    }
    assert!(confirmed.values().sum::<u64>() > ROUNDS, "hardly anything was confirmed: {confirmed:?}");
    inspect(&path, &confirmed, "at the end");
}

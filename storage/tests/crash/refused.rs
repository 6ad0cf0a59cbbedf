//! A disk that refuses. The shell limits how long a file of the child may grow, so that a write to the log
//! fails in the middle of the work, as it does on a broken disk.

use std::env;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use storage::{Error, GroupId, Options, Store, Write};

use super::child::{Confirmed, become_child, folder, inspect, listen, work};

/// In the shell's blocks of 512 bytes: a megabyte.
const LIMIT: &str = "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"";

#[test]
fn the_first_refusal_is_the_last_word() {
    if let Some(folder) = folder() {
        let failures = Arc::new(AtomicU64::new(0));
        let heard = Arc::clone(&failures);
        let options = Options::new(move |error| {
            assert!(matches!(error, Error::Disk { .. }), "{error:?}");
            heard.fetch_add(1, Ordering::Relaxed);
        });
        let (store, refusals) = work(&folder, options);
        assert!(refusals > 0);
        // From now on everything is refused, and the owner is not told twice.
        for _ in 0..10 {
            let refused = |verdict: Result<(), Error>| assert!(matches!(verdict, Err(Error::Disk { .. })));
            store.submit(Write::queued(GroupId(0), vec![]), Box::new(refused));
        }
        assert!(matches!(store.flush(), Err(Error::Disk { .. })));
        drop(store);
        assert_eq!(failures.load(Ordering::Relaxed), 1);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let mut command = Command::new("sh");
    command.args(["-c", LIMIT]).arg(env::current_exe().unwrap());
    become_child(&mut command, "refused::the_first_refusal_is_the_last_word", &path);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();

    let mut confirmed = Confirmed::new();
    let heard = listen(child.stderr.as_mut().unwrap(), u64::MAX, &mut confirmed);
    assert!(child.wait().unwrap().success(), "the child found something wrong: run it by hand");
    assert!(heard > 100, "only {heard} writes before the disk refused");
    inspect(&path, &confirmed, "after the refusal");
}

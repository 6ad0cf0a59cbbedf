//! `boxctl debug bundle`: all of it, in a folder that was not there.

use std::fs;

use crate::fake::{Fake, State};
use crate::{boxctl, data_folder};

#[test]
fn a_bundle_has_what_a_node_says_of_itself_or_is_not_made() {
    let answers = [("/admin/v1/status", "{}"), ("/admin/v1/groups?digest=now", "[]"), ("/metrics", "a 1")];
    let shown = |some: &[(&str, &str)]| {
        some.iter().map(|(path, body)| ((*path).to_owned(), (*body).to_owned())).collect()
    };
    let fake = Fake::start(State { admin: shown(&answers[..2]), ..State::default() });
    let folder = data_folder();
    let data = folder.path().to_str().expect("UTF-8");
    let to = folder.path().join("bundle");
    let bundle =
        || boxctl(&["--admin", &fake.url, "--data", data, "debug", "bundle", to.to_str().expect("UTF-8")]);
    assert_eq!(bundle().status, 2, "the metrics are missing");
    assert!(!to.exists(), "nothing is made by halves");
    fake.state.lock().expect("nobody panicked").admin = shown(&answers);
    let said = bundle();
    assert_eq!((said.status, said.talk.as_str()), (0, ""));
    for (name, want) in [("status.json", "{}"), ("groups.json", "[]"), ("metrics.txt", "a 1")] {
        assert_eq!(fs::read_to_string(to.join(name)).expect("a file"), want);
    }
    assert!(fs::read_to_string(to.join("about.txt")).expect("a file").starts_with("boxctl "));
    let again = bundle();
    assert!(again.status == 2 && again.talk.contains("exists"), "{}", again.talk);
}

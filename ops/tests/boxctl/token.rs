//! `boxctl token`: a token and nothing else.

use api::token::Role;

use crate::fake::claims;
use crate::{Said, boxctl, data_folder, write};

fn token(arguments: &[&str]) -> Said {
    let data = data_folder();
    boxctl(&[&["token", "--data", data.path().to_str().expect("a path in UTF-8")], arguments].concat())
}

#[test]
fn a_token_says_who_asks() {
    for (arguments, role, subject, organizer, ttl) in [
        (&["--role", "customer"][..], Role::Customer, "customer", None, 3_600),
        (&["--role", "customer", "--subject", "alice"], Role::Customer, "alice", None, 3_600),
        (&["--role", "operator", "--ttl-seconds", "60"], Role::Operator, "operator", None, 60),
        (
            &["--role", "organizer", "--organizer", "studio-7"],
            Role::Organizer,
            "studio-7",
            Some("studio-7"),
            3_600,
        ),
        (
            &["--role", "organizer", "--organizer", "o", "--subject", "s"],
            Role::Organizer,
            "s",
            Some("o"),
            3_600,
        ),
    ] {
        let (said, again) = (token(arguments), token(arguments));
        assert_eq!((said.status, said.talk.as_str()), (0, ""), "{arguments:?}");
        let line = said.data.strip_suffix('\n').expect("it is a line");
        let found = claims(&format!("Bearer {line}")).expect("the node would take it");
        assert_eq!((found.role, found.sub.as_str(), found.organizer.as_deref()), (role, subject, organizer));
        assert_eq!((found.exp.ms() - found.iat.ms(), found.nbf), (ttl * 1_000, found.iat));
        let other = claims(&format!("Bearer {}", again.data.trim_end())).expect("the node would take it");
        assert!(!found.jti.is_empty() && found.jti != other.jti, "a token has a name of its own");
    }
}

#[test]
fn what_cannot_be_signed_is_told() {
    let folder = data_folder();
    let path = |name: &str, content: &str| write(&folder, name, content).to_str().expect("UTF-8").to_owned();
    let (short, odd) = (path("short.key", "c2hvcnQ"), path("odd.key", "not base64url!"));
    let missing = folder.path().join("none.key").to_str().expect("UTF-8").to_owned();
    let long = "x".repeat(65);
    for (arguments, want) in [
        (&["--role", "organizer"][..], "--organizer <NAME>"),
        (&["--role", "king"], "[possible values: customer, organizer, operator]"),
        (&["--role", "customer", "--subject", ""], "the subject must have 1 to 64 bytes, not 0"),
        (&["--role", "customer", "--subject", &long], "the subject must have 1 to 64 bytes, not 65"),
        (
            &["--role", "organizer", "--subject", "s", "--organizer", &long],
            "the organizer must have 1 to 64 bytes",
        ),
        (&["--role", "customer", "--ttl-seconds", "0"], "0 is not in"),
        (&["--role", "customer", "--key", &short], "it has fewer than 32 bytes"),
        (&["--role", "customer", "--key", &odd], "it is not base64url"),
        (&["--role", "customer", "--key", &missing], "`boxoffice dev --data DIR` makes DIR/token.key"),
    ] {
        let said = token(arguments);
        assert_eq!((said.status, said.data.as_str()), (2, ""), "{arguments:?}");
        assert!(said.talk.contains(want), "{}, not {want}", said.talk);
    }
}

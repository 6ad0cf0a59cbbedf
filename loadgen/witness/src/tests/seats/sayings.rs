//! What a house may say that looks like a lie, beside what is one.

use super::{
    Ask, Basket, Best, Check, Code, Confirm, Confirmed, Held, Hold, NONE, Places, Singles, Together, Usher,
    Waitlisted, WhenFull, best, conflicts, has, json, judged, of, pick,
};

/// General seats are short here, and Bob waits for them.
fn short_of_seats() -> Usher {
    use Together::Prefer;
    use WhenFull::Waitlist;
    let seats = "A1 A2 A3 A4 A5 A6";
    let mut usher = Usher::open(Singles::Avoid);
    usher.book(10, ("ann", 6, Hold), (Held, has(seats, true))).asks("ann", pick(Hold, seats, 0));
    usher.book(20, ("bob", 3, Confirm), (Waitlisted, NONE)).asks("bob", best(3, "a", Prefer, Waitlist));
    usher
}

/// For so many, so many of them in wheelchairs.
fn in_wheelchairs(quantity: u32, accessible: u32) -> Ask {
    let best = Best { categories: vec!["a".to_owned()], accessible, ..Best::default() };
    let (mode, when_full, places) = (Confirm, WhenFull::Refuse, Places::Best(best));
    Ask::Book { quantity, mode, hold_seconds: None, when_full, places, basket: Basket::ANY }
}

/// What a house says, and somebody else.
type Says = fn(&mut Usher);

/// What looks like a lie and is none, beside what is one.
#[test]
fn what_a_house_may_say_passes() {
    for (what, says, wanted) in SAYINGS {
        let mut usher = short_of_seats();
        says(&mut usher);
        let verdict = judged(usher.close_house(2));
        let failed = verdict.findings.iter().filter(|finding| finding.failures() > 0);
        let failed: Vec<Check> = failed.map(crate::Finding::check).collect();
        assert_eq!(failed, *wanted, "{what}: {verdict:#?}");
    }
}

const SAYINGS: &[(&str, Says, &[Check])] = &[
    (
        "a wheelchair space is given while another waits for general seats",
        |usher| {
            usher.book(30, ("cat", 2, Confirm), (Confirmed, has("B1 B2", true)));
            usher.asks("cat", in_wheelchairs(2, 1));
        },
        &[],
    ),
    (
        "one for whom there is no wheelchair space",
        |usher| {
            usher.book(30, ("cat", 2, Confirm), (Confirmed, has("B3 B4", true)));
            usher.asks("cat", in_wheelchairs(2, 1));
        },
        &[Check::BestWasBest],
    ),
    (
        "more wheelchairs than the house has spaces are too many",
        |usher| {
            usher.refused("cat", in_wheelchairs(2, 2), Code::QuantityTooLarge, &json!({}));
        },
        &[],
    ),
    (
        "as many as it has are not",
        |usher| {
            usher.refused("cat", in_wheelchairs(10, 1), Code::QuantityTooLarge, &json!({}));
        },
        &[Check::DecidedRightly],
    ),
    (
        "seats are given back by name",
        |usher| {
            usher.rejected("ann", Ask::Reduce { booking: of("ann"), quantity: 5, lines: Vec::new() });
        },
        &[],
    ),
    (
        "who waits has none to name",
        |usher| {
            usher.rejected("bob", Ask::Reduce { booking: of("bob"), quantity: 2, lines: Vec::new() });
        },
        &[Check::DecidedRightly],
    ),
    (
        "what was in the way is told once",
        |usher| {
            let taken = conflicts(&[("A2", "taken")]);
            usher.refused("cat", pick(Confirm, "A2", 0), Code::SeatsRefused, &taken);
            usher.again(|body| drop(body.as_object_mut().unwrap().remove("conflicts")));
        },
        &[],
    ),
    (
        "something else is told to be in the way",
        |usher| {
            let taken = conflicts(&[("A2", "taken")]);
            usher.refused("cat", pick(Confirm, "A2", 0), Code::SeatsRefused, &taken);
            usher.again(|body| body["conflicts"][0]["reason"] = json!("blocked"));
        },
        &[Check::NothingDoubled],
    ),
    (
        "it was something else",
        |usher| {
            let taken = conflicts(&[("A2", "taken")]);
            usher.refused("cat", pick(Confirm, "A2", 0), Code::SeatsRefused, &taken);
            usher.again(|body| {
                drop(body.as_object_mut().unwrap().remove("conflicts"));
                body["seq"] = json!(1);
            });
        },
        &[Check::NothingDoubled],
    ),
];

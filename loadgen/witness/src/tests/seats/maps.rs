//! Lies about the map, what keeps it up to date, and what the contract leaves open.

use super::{
    CAT, Check, FAY, House, Judgement, Lie, Look, MapChange, Together, WhenFull, best, check, json, judged,
    said, story,
};

#[test]
fn a_lie_about_the_map_is_caught() {
    use Check::MapsAgree;
    check(&[
        (
            "a seat that is held is free",
            |_h, house| whole(house, 1).rows.get_mut("st/A").unwrap().replace_range(..1, "f"),
            &[MapsAgree],
        ),
        (
            "an aisle is gone",
            |_h, house| drop(whole(house, 0).rows.insert("st/B".into(), "ffff".into())),
            &[MapsAgree],
        ),
        (
            "a row too many",
            |_h, house| drop(whole(house, 0).rows.insert("st/C".into(), "f".into())),
            &[MapsAgree],
        ),
        (
            "a place too many",
            |_h, house| whole(house, 2).areas.get_mut("floor").unwrap().free = 1,
            &[MapsAgree],
        ),
        ("another seq", |_h, house| whole(house, 1).seq = 2, &[MapsAgree]),
        ("a seq that is not there", |_h, house| whole(house, 2).seq = 99, &[MapsAgree]),
        ("no map at all", |_h, house| house.looks.push(Look::Unreadable("500".into())), &[MapsAgree]),
        ("a change is left out", |_h, house| house.looks.push(change(2, 3, &[(0, 1, 'h')])), &[MapsAgree]),
        ("a change is another", |_h, house| house.looks.push(change(2, 3, &[(0, 2, 't')])), &[MapsAgree]),
        ("a change beyond the map", |_h, house| house.looks.push(change(2, 3, &[(9, 2, 'h')])), &[MapsAgree]),
        ("an area that did not change", |_h, house| house.looks.push(change(6, 7, &[])), &[MapsAgree]),
    ]);
}

#[test]
fn a_map_that_is_kept_up_to_date_is_the_map() {
    let rows: &[Look] = &[
        change(2, 3, &[(0, 2, 'h')]),
        // Twice is harmless, and so is what did not change.
        change(2, 3, &[(0, 2, 'h'), (0, 2, 'h'), (2, 2, 't')]),
        change(1, 3, &[(0, 2, 'h'), (2, 2, 't')]),
        change(4, 4, &[]),
        change(9, 11, &[(9, 1, 't'), (5, 1, 't')]),
    ];
    let (history, mut house) = story();
    house.looks.extend(rows.iter().cloned());
    let verdict = judged((history, house));
    assert_eq!(verdict.judgement(), Judgement::Correct, "{verdict:#?}");
}

fn whole(house: &mut House, look: usize) -> &mut crate::house::words::MapView {
    match &mut house.looks[look] {
        Look::Whole(view) => view,
        Look::Change(_) | Look::Unreadable(_) => panic!("the story has whole maps"),
    }
}

fn change(after: u64, seq: u64, runs: &[(usize, usize, char)]) -> Look {
    Look::Change(MapChange { after, seq, runs: runs.to_vec(), areas: [].into() })
}

#[test]
fn what_the_contract_leaves_open_is_no_lie() {
    let rows: &[(&str, Lie)] = &[
        ("a refusal told again without its details", |h, _| {
            said(h, CAT, |body| body["conflicts"] = json!([]));
            h.requests[CAT].answers[0].origin = crate::history::Origin::Replayed;
        }),
        ("conflicts in another order", |h, _| {
            said(h, CAT, |body| body["conflicts"].as_array_mut().unwrap().reverse());
        }),
        ("who would wait in vain is told so", |h, _| {
            h.requests[FAY].ask = best(9, "a", Together::Must, WhenFull::Waitlist);
            said(h, FAY, |body| body["code"] = json!("quantity_too_large"));
        }),
        ("who wants more neighbours than there are chairs is told so", |h, _| {
            h.requests[FAY].ask = best(7, "a", Together::Must, WhenFull::Waitlist);
            said(h, FAY, |body| body["code"] = json!("not_together"));
        }),
        ("a stranger waits", |h, _| h.requests.retain(|request| request.customer != "eve")),
        ("counts without categories in a record", |_h, house| house.records[4].counts.categories = None),
    ];
    for (chance, plant) in rows {
        let (mut history, mut house) = story();
        plant(&mut history, &mut house);
        let verdict = judged((history, house));
        assert_eq!(verdict.judgement(), Judgement::Correct, "{chance}: {verdict:#?}");
    }
}

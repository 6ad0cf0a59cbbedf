//! What methods, headers, queries and bodies mean.

use super::*;

#[test]
fn a_body_says_once_that_it_is_json() {
    let sale = OnSale::open();
    for (content_type, status) in [
        ("Content-Type: application/json\r\n", 201),
        ("Content-Type: Application/JSON; charset=utf-8\r\n", 201),
        ("Content-Type: application/json;charset=\"UTF-8\"\r\n", 201),
        ("Content-Type: application/vnd.boxoffice+json\r\n", 201),
        ("", 415),
        ("Content-Type:\r\n", 415),
        ("Content-Type: text/json\r\n", 415),
        ("Content-Type: application/jsonl\r\n", 415),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
        ("Content-Type: application/json\r\nContent-Type: application/json\r\n", 415),
    ] {
        let lines = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
        let booking =
            sale.booking(&lines, BOOKING).replace("Content-Type: application/json\r\n", content_type);
        let answer = sale.ask(&booking);
        assert_eq!(answer.status, status, "{content_type}: {answer:?}");
        assert_eq!(answer.header("accept-encoding"), None, "it is not how it was packed");

        let change = r#"{"title":"Yoga"}"#;
        let lines = format!("{content_type}Content-Length: {}\r\n", change.len());
        let path = format!("/v1/slots/{}", sale.slot);
        let changed = sale.ask(&(sale.organizers("PATCH", &path, &lines) + change));
        assert_eq!(changed.status == 200, status == 201, "{content_type}: {changed:?}");
    }
}

#[test]
fn a_verb_takes_no_body_or_an_empty_one_whatever_it_is_called() {
    let sale = OnSale::open();
    let lines = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
    let booking = sale.ask(&sale.booking(&lines, BOOKING)).text("id");
    let token = sale.node.token("customer");
    // What is well said is for the slot to decide: the booking is not held.
    for (lines, body, code) in [
        ("", "", "not_held"),
        ("Content-Length: 0\r\n", "", "not_held"),
        ("Content-Type: text/plain\r\nContent-Length: 0\r\n", "", "not_held"),
        ("Content-Length: 2\r\n", "{}", "not_held"),
        ("Content-Type: text/plain\r\nContent-Length: 5\r\n", " { } ", "not_held"),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "not_held"),
        ("Content-Length: 7\r\n", r#"{"x":1}"#, "invalid_request"),
        ("Content-Length: 2\r\n", "[]", "invalid_request"),
        ("Content-Length: 4\r\n", "null", "invalid_request"),
        ("Content-Length: 1\r\n", "{", "malformed"),
        ("Content-Length: 1\r\n", " ", "malformed"),
        ("Content-Encoding: gzip\r\nContent-Length: 0\r\n", "", "unsupported_media_type"),
        ("Idempotency-Key:\r\n", "", "invalid_request"),
        ("Idempotency-Key: a b\r\n", "", "invalid_request"),
        ("Idempotency-Key: a\r\nIdempotency-Key: a\r\n", "", "invalid_request"),
    ] {
        let request = format!(
            "POST /v1/bookings/{booking}/confirm HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n{lines}\r\n{body}"
        );
        let answer = sale.ask(&request);
        assert_eq!(answer.text("code"), code, "{lines}{body}: {answer:?}");
    }
}

#[test]
fn a_slot_that_is_known_already_is_not_sent_again() {
    let sale = OnSale::open();
    let look = |lines: &str| sale.ask(&sale.look(&format!("Host: node\r\n{lines}")));
    let first = look("");
    let etag = first.header("etag").expect("a tag").to_owned();
    assert!(etag.starts_with("W/\"1-on_sale-"), "{etag}");
    for (lines, status) in [
        (format!("If-None-Match: {etag}\r\n"), 304),
        (format!("If-None-Match: {}\r\n", etag.trim_start_matches("W/")), 304),
        (format!("If-None-Match: \"a\", {etag}\r\n"), 304),
        (format!("If-None-Match: \"a\"\r\nIf-None-Match: {etag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        ("If-None-Match: \"a\"\r\n".to_owned(), 200),
        ("If-None-Match:\r\n".to_owned(), 200),
        // What would not have been 200 is what it was.
        (format!("If-None-Match: {etag}\r\nAccept: text/html\r\n"), 406),
    ] {
        let answer = look(&lines);
        assert_eq!(answer.status, status, "{lines}: {answer:?}");
        if status == 304 {
            // All that 200 has, but for what it says of the body.
            let of_body = ["content-type", "content-length"];
            assert_eq!(
                headers(&answer),
                headers(&first)
                    .into_iter()
                    .filter(|(name, _)| !of_body.contains(&name.as_str()))
                    .collect::<Vec<_>>()
            );
            let head = sale.look(&format!("Host: node\r\n{lines}")).replace("GET", "HEAD");
            assert_eq!(headers(&sale.ask(&head)), headers(&answer), "{lines}");
        }
    }
    let lines = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
    assert_eq!(sale.ask(&sale.booking(&lines, BOOKING)).status, 201);
    let changed = look(&format!("If-None-Match: {etag}\r\n"));
    assert_eq!((changed.status, changed.json()["seq"].as_u64()), (200, Some(2)));
    let cancel = sale.organizers("POST", &format!("/v1/slots/{}/cancel", sale.slot), "Content-Length: 0\r\n");
    assert_eq!(sale.ask(&cancel).status, 200);
    assert!(look("").header("etag").is_some_and(|etag| etag.starts_with("W/\"3-cancelled-")));
}

/// The headers of an answer, in some order; when it was given aside.
fn headers(answer: &Answer) -> Vec<(String, String)> {
    let lines = answer.head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let mut headers: Vec<_> = lines
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .filter(|(name, _value)| name != "date")
        .collect();
    headers.sort();
    headers
}

#[test]
fn every_path_says_its_methods_and_answers_head_as_get() {
    let sale = OnSale::open();
    let lines = format!("Host: node\r\nIdempotency-Key: k\r\nContent-Length: {}\r\n", BOOKING.len());
    let booking = sale.ask(&sale.booking(&lines, BOOKING)).text("id");
    let document = sale.ask("GET /openapi.json HTTP/1.1\r\nHost: node\r\n\r\n").json();
    let paths = document["paths"].as_object().expect("paths").iter().map(|(template, methods)| {
        let path =
            template.replace("{slot}", &sale.slot).replace("{booking}", &booking).replace("{key}", "slot");
        let methods: Vec<_> =
            methods.as_object().expect("methods").keys().map(|method| method.to_uppercase()).collect();
        (path, methods)
    });
    let undocumented = [
        "/",
        "/about",
        "/bookings",
        "/favicon.ico",
        "/openapi.json",
        "/docs",
        "/docs/",
        "/docs/swagger-ui.css",
    ];
    let undocumented = undocumented.map(|path| (path.to_owned(), vec!["GET".to_owned()]));
    for (path, mut methods) in paths.chain(undocumented) {
        methods.retain(|method| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()));
        let reads = methods.contains(&"GET".to_owned());
        methods.extend(reads.then(|| "HEAD".to_owned()));
        methods.push("OPTIONS".to_owned());
        methods.sort();

        let options = sale.ask(&sale.organizers("OPTIONS", &path, ""));
        assert_eq!((options.status, options.body.as_str()), (204, ""), "{path}: {options:?}");
        assert_eq!(allowed(&options), methods, "{path}");
        let wrong = sale.ask(&sale.organizers("DELETE", &path, ""));
        assert_eq!((wrong.status, wrong.text("code").as_str()), (405, "method_not_allowed"), "{path}");
        assert_eq!(allowed(&wrong), methods, "{path}");

        for lines in ["", "Accept: text/html\r\n", "If-None-Match: *\r\n", "X-Request-Timeout-Ms: x\r\n"] {
            let head = sale.ask(&sale.organizers("HEAD", &path, lines));
            // A stream is not over when it is read.
            if reads && path.ends_with("/live") {
                assert!([200, 406, 422].contains(&head.status), "{path} {lines}: {head:?}");
            } else if reads {
                let get = sale.ask(&sale.organizers("GET", &path, lines));
                assert_eq!((head.status, headers(&head)), (get.status, headers(&get)), "{path} {lines}");
            } else {
                assert_eq!((head.status, allowed(&head)), (405, methods.clone()), "{path}");
            }
        }
    }
    for (line, status) in
        [("OPTIONS /v2", 404), ("OPTIONS /v1/slots/none/none", 404), ("HEAD /v2", 404), ("OPTIONS *", 204)]
    {
        let answer = sale.ask(&format!("{line} HTTP/1.1\r\nHost: node\r\n\r\n"));
        assert_eq!(answer.status, status, "{line}");
    }
    let all = sale.ask("OPTIONS * HTTP/1.1\r\nHost: node\r\n\r\n");
    assert_eq!(allowed(&all), ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST"]);
    let bad = sale.ask("OPTIONS /v1/slots HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer x\r\n\r\n");
    assert_eq!(bad.status, 401, "a bad token is told anywhere");
}

/// The methods that an answer allows.
fn allowed(answer: &Answer) -> Vec<String> {
    let said = answer.header("allow").unwrap_or_else(|| panic!("no Allow: {answer:?}"));
    let mut methods: Vec<_> = said.split(',').map(|method| method.trim().to_owned()).collect();
    methods.sort();
    methods
}

#[test]
fn operators_too_are_told_methods_and_heads() {
    let sale = OnSale::open();
    let bearer = sale.node.token("operator");
    let ask = |method: &str, path: &str| {
        let mut wire = Wire::to(sale.node.admin);
        assert!(wire.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {bearer}\r\n\r\n"
        )));
        wire.hear(method).expect("an answer")
    };
    for path in ["/livez", "/readyz", "/startupz", "/metrics", "/admin/v1/status", "/admin/v1/groups"] {
        assert_eq!(allowed(&ask("OPTIONS", path)), ["GET", "HEAD", "OPTIONS"], "{path}");
        let (head, get) = (ask("HEAD", path), ask("GET", path));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert!(head.header("content-length").is_some(), "{path}: {head:?}");
    }
    let checkpoint = "/admin/v1/groups/0/checkpoint";
    assert_eq!(allowed(&ask("OPTIONS", checkpoint)), ["OPTIONS", "POST"]);
    assert_eq!(ask("HEAD", checkpoint).status, 405);
}

#[test]
fn a_head_of_a_stream_ends_at_once() {
    let sale = OnSale::open();
    let feed = format!("/v1/slots/{}/feed", sale.slot);
    let mut wire = Wire::to(sale.node.client);
    assert!(wire.send(&sale.organizers("HEAD", &feed, "Accept: text/event-stream\r\n")));
    let head = wire.hear("HEAD").expect("an answer");
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(head.header("content-length"), None, "nobody knows how long it would be");
    assert!(wire.goes_on());
}

#[test]
fn what_a_query_says_is_said_once() {
    let sale = OnSale::open();
    for (query, status) in [
        ("limit=1", 200),
        // What nobody knows is nobody's: a later build's, or a proxy's.
        ("limit=1&colour=red", 200),
        ("limit=1&limit=1", 422),
        ("organizer=a&organizer=b", 422),
        ("limit=", 422),
        ("limit=1.0", 422),
        ("after=", 422),
        ("limit=%31", 200),
    ] {
        let answer = sale.ask(&format!("GET /v1/slots?{query} HTTP/1.1\r\nHost: node\r\n\r\n"));
        assert_eq!(answer.status, status, "{query}: {answer:?}");
        if status == 422 {
            let name = query.split('=').next().expect("a name");
            assert_eq!(answer.json()["errors"][0]["pointer"], format!("#{name}"), "{query}");
        }
    }
}

#[test]
fn a_person_is_told_where_they_are() {
    let sale = OnSale::open();
    for accept in ["*/*", "text/html,application/xhtml+xml", "application/json"] {
        let page = sale.ask(&format!("GET /about HTTP/1.1\r\nHost: node\r\nAccept: {accept}\r\n\r\n"));
        assert_eq!(
            (page.status, page.header("content-type")),
            (200, Some("text/html; charset=utf-8")),
            "{accept}"
        );
        assert_eq!(page.header("ratelimit"), None, "it is not of the contract's calls");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        for text in ["<strong>ready</strong>", "href=\"/docs/\"", "href=\"/openapi.json\"", "boxctl token"] {
            assert!(page.body.contains(text), "{text}: {}", page.body);
        }
        for foreign in ["<script", "src=", "url(", "{stage}", "{style}", "{means}", "style=\""] {
            assert!(!page.body.contains(foreign), "{foreign}");
        }
        for link in page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let answer = sale.ask(&format!("GET {link} HTTP/1.1\r\nHost: node\r\n\r\n"));
            assert_eq!(answer.status, 200, "{link} leads nowhere");
        }
    }
    let docs = sale.ask("GET /docs/ HTTP/1.1\r\nHost: node\r\n\r\n");
    let policy = docs.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'self'; "), "{policy}");
    let icon = sale.ask("GET /favicon.ico HTTP/1.1\r\nHost: node\r\n\r\n");
    assert_eq!((icon.status, icon.header("content-length")), (204, None));
}

#[test]
fn a_whole_number_may_be_written_with_a_point() {
    let sale = OnSale::open();
    for (quantity, want) in [
        ("1.0", Ok(1)),
        ("2e0", Ok(2)),
        ("30.0e-1", Ok(3)),
        ("1.5", Err("a whole number")),
        ("-1", Err("0 or more")),
        ("-1.0", Err("0 or more")),
        ("0.0", Err("1 to 1000")),
        ("1e3", Ok(1_000)),
        ("1001.0", Err("1 to 1000")),
        ("1e10", Err("a smaller number")),
        ("1e300", Err("a smaller number")),
        ("1e400", Err("out of range")),
        ("\"1\"", Err("a whole number")),
        ("true", Err("a whole number")),
    ] {
        let body = format!("{{\"quantity\":{quantity}}}");
        let lines = format!("Host: node\r\nContent-Length: {}\r\n", body.len());
        let answer = sale.ask(&sale.booking(&lines, &body));
        match want {
            Ok(units) => {
                assert_eq!(answer.status, 201, "{quantity}: {answer:?}");
                assert_eq!(answer.json()["quantity"], Value::from(units), "{quantity}");
            }
            Err(says) => {
                assert_eq!(answer.status, 422, "{quantity}: {answer:?}");
                let fault = &answer.json()["errors"][0];
                assert_eq!(fault["pointer"], "/quantity", "{quantity}: {answer:?}");
                assert!(fault["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{answer:?}");
            }
        }
    }
}

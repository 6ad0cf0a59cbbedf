//! Where a request begins and ends, for whom it is, and how its body comes.

use super::*;

#[test]
fn a_request_names_one_host() {
    let sale = OnSale::open();
    let length = format!("Content-Length: {}\r\n", BOOKING.len());
    for (lines, is_good, goes_on) in [
        ("Host: node\r\n", true, true),
        ("host:node:8080\r\n", true, true),
        ("Host: [::1]:80\r\n", true, true),
        // Empty where there is none to name.
        ("Host:\r\n", true, true),
        ("Host: \t \r\n", true, true),
        ("", false, true),
        ("Host: node\r\nHost: node\r\n", false, true),
        ("Host: node\r\nX: y\r\nhost: other\r\n", false, true),
        ("Host: one two\r\n", false, true),
        ("Host: one, two\r\n", false, true),
        ("Host: user@node\r\n", false, true),
        ("Host: node:port\r\n", false, true),
        ("Host: [::1\r\n", false, true),
        ("Host: http://node\r\n", false, true),
        ("Host: n\u{f6}de\r\n", false, true),
        // Written as no line of a head may be: nobody can say where the request ends.
        ("Host : node\r\n", false, false),
        ("Host: node\r\n folded\r\n", false, false),
        (" Host: node\r\n", false, false),
        ("Host: node\r\n: nameless\r\n", false, false),
        ("Host: node\r\nX: a\0b\r\n", false, false),
        ("Host: node\r\nX: a\rb\r\n", false, false),
        ("Host: node\r\nX: a\u{b}b\r\n", false, false),
        ("Host: node\r\nno colon\r\n", false, false),
        // Line feeds alone are lines too, and an end that is asked for is given.
        ("Host: node\n", true, true),
        ("Host: node\r\nConnection: close\r\n", true, false),
        ("Host: node\r\nConnection: x, Close\r\n", true, false),
    ] {
        let code = if is_good { "" } else { "malformed" };
        let status = |good| if is_good { good } else { 400 };
        sale.assert_answers(&sale.look(lines), &[status(200)], code, goes_on);
        let booking = sale.booking(&[lines, &length].concat(), BOOKING);
        sale.assert_answers(&booking, &[status(201)], code, goes_on);
        let head = sale.look(lines).replace("GET", "HEAD");
        assert_eq!(sale.ask(&head).status, status(200), "{head}");
    }
    // Older clients name none; if they do, it is one.
    for (lines, status) in
        [("", 200), ("Host: node\r\n", 200), ("Host: a b\r\n", 400), ("Host: a\r\nHost: a\r\n", 400)]
    {
        let old = sale.look(lines).replace("HTTP/1.1", "HTTP/1.0");
        sale.assert_answers(&old, &[status], "malformed", false);
    }
    // Operators are asked the same.
    for (lines, status) in [("Host: node\r\n", 200), ("", 400)] {
        let mut wire = Wire::to(sale.node.admin);
        assert!(wire.send(&format!("GET /livez HTTP/1.1\r\n{lines}\r\n")));
        assert_eq!(wire.hear("GET").map(|answer| answer.status), Some(status), "{lines}");
    }
}

#[test]
fn what_is_asked_for_is_a_path_in_one_of_four_forms() {
    let sale = OnSale::open();
    for (line, status, code) in [
        ("GET /v1/slots/SLOT HTTP/1.1", 200, ""),
        ("GET http://node/v1/slots/SLOT HTTP/1.1", 200, ""),
        ("GET HTTPS://Node:443/v1/slots/SLOT HTTP/1.1", 200, ""),
        ("GET http://other/v1/slots/SLOT HTTP/1.1", 200, ""),
        ("OPTIONS * HTTP/1.1", 204, ""),
        ("OPTIONS http://node HTTP/1.1", 204, ""),
        ("GET http://user@node/v1/slots/SLOT HTTP/1.1", 400, "malformed"),
        ("GET ftp://node/v1/slots/SLOT HTTP/1.1", 400, "malformed"),
        ("GET * HTTP/1.1", 400, "malformed"),
        ("CONNECT node:80 HTTP/1.1", 404, "not_found"),
        ("GET //v1/slots/SLOT HTTP/1.1", 404, "not_found"),
        ("GET /v1/slots/SLOT/ HTTP/1.1", 404, "not_found"),
        ("BREW /v1/slots/SLOT HTTP/1.1", 405, "method_not_allowed"),
        ("TRACE /v1/slots/SLOT HTTP/1.1", 405, "method_not_allowed"),
        ("get /v1/slots/SLOT HTTP/1.1", 405, "method_not_allowed"),
        ("\r\nGET /v1/slots/SLOT HTTP/1.1", 200, ""),
    ] {
        let bytes = format!("{line}\r\nHost: node\r\n\r\n").replace("SLOT", &sale.slot);
        sale.assert_answers(&bytes, &[status], code, true);
    }
    for line in [
        "GET v1/slots HTTP/1.1",
        "GET  /v1/slots HTTP/1.1",
        "GET /v1/slots two HTTP/1.1",
        "GET /v1/slots",
        "GET /v1/slots HTTP/2.0",
        "GET /v1/slots HTTP/1.9",
        "GET /v1/slots http/1.1",
        "G@T /v1/slots HTTP/1.1",
        "GET /v1/\u{1}slots HTTP/1.1",
    ] {
        sale.assert_answers(&format!("{line}\r\nHost: node\r\n\r\n"), &[400], "malformed", false);
    }
}

#[test]
fn nobody_hides_a_request_in_anothers_body() {
    let sale = OnSale::open();
    // What is behind the booking is answered only where there is no doubt of where the booking ends.
    for (lines, body, status, goes_on) in [
        ("Content-Length: 14\r\n", BOOKING, 201, true),
        ("Content-Length: 014\r\n", BOOKING, 201, true),
        ("Content-Length: 14\r\nContent-Length: 14\r\n", BOOKING, 201, true),
        ("Content-Length: 14\r\nContent-Length: 15\r\n", BOOKING, 400, false),
        ("Content-Length: 14, 14\r\n", BOOKING, 400, false),
        ("Content-Length: +14\r\n", BOOKING, 400, false),
        ("Content-Length: -14\r\n", BOOKING, 400, false),
        ("Content-Length: 0xe\r\n", BOOKING, 400, false),
        ("Content-Length: 1 4\r\n", BOOKING, 400, false),
        ("Content-Length:\r\n", BOOKING, 400, false),
        ("Content-Length : 14\r\n", BOOKING, 400, false),
        ("Content-Length: 99999999999999999999\r\n", BOOKING, 400, false),
        ("Transfer-Encoding: chunked\r\n", CHUNKED, 201, true),
        ("Transfer-Encoding: Chunked\r\n", CHUNKED, 201, true),
        ("Transfer-Encoding: chunked\r\n", "e;a=b\r\n{\"quantity\":1}\r\n0\r\nTrailer: x\r\n\r\n", 201, true),
        (
            "Transfer-Encoding: chunked\r\nTrailer: Host\r\n",
            "e\r\n{\"quantity\":1}\r\n0\r\nHost: x\r\n\r\n",
            201,
            true,
        ),
        // Both: the chunks say where it ends, and nothing that follows is believed (RFC 9112 6.3).
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", CHUNKED, 201, false),
        ("Transfer-Encoding: chunked\r\nContent-Length: 24\r\n", CHUNKED, 201, false),
        ("Transfer-Encoding: gzip, chunked\r\n", CHUNKED, 400, true),
        ("Transfer-Encoding: chunked, chunked\r\n", CHUNKED, 400, true),
        ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", CHUNKED, 400, true),
        ("Transfer-Encoding: chunked, identity\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: identity\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: xchunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: \u{b}chunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding : chunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding:\r\n chunked\r\n", CHUNKED, 400, false),
        ("Transfer-Encoding: chunked\r\n", "zz\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
        ("Transfer-Encoding: chunked\r\n", "-e\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
        ("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
        ("Transfer-Encoding: chunked\r\n", "d\r\n{\"quantity\":1}\r\n0\r\n\r\n", 400, false),
    ] {
        let hidden = sale.look("Host: node\r\n");
        let booking = sale.booking(&["Host: node\r\n", lines].concat(), &[body, &hidden].concat());
        let statuses = if goes_on { &[status, 200][..] } else { &[status] };
        let code = if goes_on { "" } else { "malformed" };
        sale.assert_answers(&booking, statuses, code, goes_on);
    }
    // A body of which nobody says how long it is is none, and what was meant as one is no request.
    sale.assert_answers(&sale.booking("Host: node\r\n", BOOKING), &[400, 400], "malformed", false);
    let old = sale.booking("Host: node\r\nTransfer-Encoding: chunked\r\n", CHUNKED);
    sale.assert_answers(&old.replace("HTTP/1.1", "HTTP/1.0"), &[400], "malformed", false);
}

#[test]
fn requests_in_a_row_are_answered_in_a_row() {
    let sale = OnSale::open();
    let length = format!("Host: node\r\nContent-Length: {}\r\n", BOOKING.len());
    let (book, look) = (sale.booking(&length, BOOKING), sale.look("Host: node\r\n"));
    let lost = look.replace("slot_", "nothing_");
    let row = [&book, &look, &book, &book, &lost, &book, &look].map(String::as_str).concat();
    sale.assert_answers(&row, &[201, 200, 201, 201, 404, 201, 200], "", true);
}

#[test]
fn a_client_that_asks_whether_to_go_on_is_told_so() {
    let sale = OnSale::open();
    let lines = format!("Host: node\r\nExpect: 100-Continue\r\nContent-Length: {}\r\n", BOOKING.len());
    let mut wire = Wire::to(sale.node.client);
    assert!(wire.send(&sale.booking(&lines, "")));
    assert_eq!(wire.hear("POST").map(|answer| answer.status), Some(100));
    assert!(wire.send(BOOKING));
    assert_eq!(wire.hear("POST").map(|answer| answer.status), Some(201));
    assert!(wire.goes_on());
    // Who does not wait for it is answered once, and what else is expected is not heard.
    for expectation in ["100-continue", "200-ok"] {
        let lines = lines.replace("100-Continue", expectation);
        let mut wire = Wire::to(sale.node.client);
        assert!(wire.send(&sale.booking(&lines, BOOKING)));
        let answer = wire.hear("POST").filter(|answer| answer.status != 100).or_else(|| wire.hear("POST"));
        assert_eq!(answer.map(|answer| answer.status), Some(201), "{expectation}");
    }
}

#[test]
fn a_body_comes_as_it_is() {
    let sale = OnSale::open();
    // Packed by gzip: no JSON, which nobody finds out, since nobody unpacks it.
    let packed = "\u{1f}\u{1}\u{8}\0\0\0";
    let cancel = |lines: &str| {
        let path = format!("/v1/slots/{}/cancel", sale.slot.replace("slot_", "slot_A"));
        sale.organizers("POST", &path, lines)
    };
    assert_eq!(
        sale.ask(&cancel("Content-Encoding: gzip\r\nContent-Length: 0\r\n")).status,
        404,
        "404 comes before 415"
    );
    for (coding, is_good) in [
        ("identity", true),
        ("Identity", true),
        ("", true),
        (" , identity", true),
        ("gzip", false),
        ("identity, gzip", false),
        ("identity\r\nContent-Encoding: br", false),
        ("none", false),
    ] {
        for body in [BOOKING, packed] {
            let lines =
                format!("Host: node\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n", body.len());
            let answer = sale.ask(&sale.booking(&lines, body));
            let want = match (is_good, body == BOOKING) {
                (true, true) => (201, None),
                (true, false) => (400, None),
                (false, _) => (415, Some("identity")),
            };
            assert_eq!((answer.status, answer.header("accept-encoding")), want, "{coding}: {answer:?}");
        }
        // Whoever reads no body is asked the same.
        let look = sale.ask(&sale.look(&format!("Host: node\r\nContent-Encoding: {coding}\r\n")));
        assert_eq!(look.status, if is_good { 200 } else { 415 }, "{coding}");
    }
}

//! Maps of seats: their names, packed and plain, and that none is given twice.

use libdeflater::Decompressor;
use serde_json::json;

use super::seats::{PLAIN, Sale};
use super::*;

#[tokio::test]
async fn a_map_of_seats_is_named_packed_and_not_given_twice() {
    let mut sale = Sale::open(PLAIN, &json!({})).await;
    let app = Arc::clone(&sale.office.app);
    let path = format!("/v1/slots/{}/seats", sale.slot);
    let get = async |more: &str| {
        let mut client = Client::new(&app);
        client.send(&format!("GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n{more}\r\n")).await;
        let mut answer = Vec::new();
        client.pipe.read_to_end(&mut answer).await.expect("an answer");
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        (String::from_utf8(answer[..end].to_vec()).expect("text"), answer[end + 4..].to_vec())
    };
    let (head, plain) = get("").await;
    for header in ["etag: W/\"1-1\"", "cache-control: max-age=1", "vary: accept-encoding"] {
        assert!(head.contains(&format!("\r\n{header}")), "{head}");
    }
    for (accepts, is_packed) in [
        ("gzip", true),
        ("br, GZIP;q=0.5", true),
        ("*", true),
        ("gzip;q=0, *", false),
        ("identity", false),
        ("deflate", false),
    ] {
        let (head, text) = get(&format!("Accept-Encoding: {accepts}\r\n")).await;
        assert_eq!(head.contains("content-encoding: gzip"), is_packed, "{accepts}: {head}");
        let unpacked = if is_packed {
            let mut unpacked = vec![0; plain.len()];
            let len = Decompressor::new().gzip_decompress(&text, &mut unpacked).expect("packed");
            unpacked.truncate(len);
            unpacked
        } else {
            text
        };
        assert_eq!(unpacked, plain, "{accepts}");
    }
    let known = "If-None-Match: W/\"1-1\"\r\n";
    assert!(get(known).await.0.starts_with("HTTP/1.1 304 "));
    assert_eq!(sale.book(json!({"quantity": 1})).await.0, "201");
    let (head, _) = get(known).await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("etag: W/\"2-1\""), "{head}");
}

//! The fast path: a booking is read off its connection and answered there by hand, without hyper and axum, which would cost more
//! than the booking. Any other request, one that is written in an unusual way and one that has not come whole stay in the stream as
//! they came, and hyper goes on from there: the fast path refuses nothing but bookings, and hyper knows their route too.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use booking::Timestamp;
use bytes::{Buf as _, Bytes};
use hyper::StatusCode;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;

use super::client_stream::{AHEAD_LEN, ClientStream};
use super::hyper_lease::Ended;
use crate::http::app::App;
use crate::http::guard::{Guard, HEADERS_LEN_MAX, PATH_LEN_MAX};
use crate::http::passing;
use crate::http::request::address::Peer;
use crate::http::request::call::{Access, BODY_LEN_MAX, Call, number};
use crate::http::request::head::{Head, RequestHeader, text};
use crate::http::request::timeouts::{ConnectionTimer, HEADER_TIME};
use crate::http::request::wellformed::is_host;
use crate::http::response::answer::{PlainResponse, header_line};
use crate::http::routes::bookings;
use crate::metrics::Route;

/// The route's template, in axum's table too.
pub(crate) const TEMPLATE: &str = "/v1/slots/{slot}/bookings";
/// The most headers of a booking that is read here.
const HEADERS_MAX: usize = 32;
/// How long a body may take to come behind its head, before hyper waits for it.
const BODY_NEAR: Duration = Duration::from_secs(1);
/// Bytes of a date (RFC 9110 5.6.7).
const DATE_LEN: usize = 29;
/// Room for an answer; a booking's is half of it.
const ANSWER_LEN_USUAL: usize = 1 << 10;

/// Nothing that is read here is too long in any of its parts.
const _: () = {
    assert!(AHEAD_LEN <= PATH_LEN_MAX);
    assert!(AHEAD_LEN <= HEADERS_LEN_MAX);
    assert!(AHEAD_LEN <= BODY_LEN_MAX);
};

/// Answers bookings.
pub(crate) struct FastPath {
    app: Arc<App>,
    figures: Arc<Route>,
}

impl FastPath {
    pub(crate) fn new(app: Arc<App>) -> Self {
        let figures = app.answers.route(TEMPLATE);
        Self { app, figures }
    }

    /// Answers bookings, one after the other, until something else comes or the connection is over. Once `stopped`, it is over
    /// after the request that it is at.
    pub(crate) async fn serve<I: AsyncRead + AsyncWrite + Unpin>(
        &self,
        client: &mut ClientStream<I>,
        timer: &ConnectionTimer,
        stopped: &watch::Receiver<()>,
        peer: Peer,
    ) -> io::Result<Ended> {
        let (mut date, mut answer) = (Date::default(), Vec::with_capacity(ANSWER_LEN_USUAL));
        // One for all that are read: whoever waits for the stop stands in a list.
        let mut ends = stopped.clone();
        let mut end = pin!(ends.changed());
        loop {
            if client.ahead.is_empty() {
                let read = tokio::select! {
                    biased;
                    read = timer.within(HEADER_TIME, client.read_ahead()) => read,
                    // An error says that the sender is gone, and with it the node.
                    _ = &mut end => {
                        client.shutdown().await?;
                        return Ok(Ended::Closed);
                    }
                };
                // Who asks nothing is told nothing.
                if read.unwrap_or(Ok(0))? == 0 {
                    client.shutdown().await?;
                    return Ok(Ended::Closed);
                }
            }
            let booking = match ParsedBooking::read(&client.ahead) {
                // Many clients send a head, and then its body. Once: who sends it bit by bit is waited for by hyper.
                Err(Unread::Body) => match timer.within(BODY_NEAR, client.read_ahead()).await {
                    Ok(Ok(1..)) => ParsedBooking::read(&client.ahead),
                    _ => Err(Unread::Body),
                },
                booking => booking,
            };
            let Ok(booking) = booking else { return Ok(Ended::HandedOver) };
            // Hyper's routes pass on what is about something elsewhere.
            if passing::elsewhere(&self.app, booking.path).is_some() {
                return Ok(Ended::HandedOver);
            }
            let len = booking.len;
            let (reply, guard) = self.book(&booking, timer, peer).await;
            client.ahead.advance(len);
            let last = stopped.has_changed().unwrap_or(true);
            answer.clear();
            self.write(&reply, &guard, last, &mut date, &mut answer);
            client.write_all(&answer).await?;
            client.flush().await?;
            if last {
                client.shutdown().await?;
                return Ok(Ended::Closed);
            }
        }
    }

    async fn book(
        &self,
        booking: &ParsedBooking<'_>,
        timer: &ConnectionTimer,
        peer: Peer,
    ) -> (PlainResponse, Guard) {
        let (mut guard, checks) = Guard::check(&self.app, &booking, Some(peer));
        let answer = match checks.check_rate_limit(Access::Token) {
            Ok(()) => {
                let (slot, body) = (booking.slot, Bytes::copy_from_slice(booking.body));
                let call = Call::with_body(booking, Ok(body), checks, timer.clone());
                bookings::book(&self.app, slot, call).await.unwrap_or_else(PlainResponse::from)
            }
            Err(problem) => problem.into(),
        };
        (guard.finish_fast_path(&self.app, &self.figures, answer), guard)
    }

    /// An answer as it stands on the wire.
    fn write(&self, answer: &PlainResponse, guard: &Guard, last: bool, date: &mut Date, to: &mut Vec<u8>) {
        let PlainResponse { status, media_type, location, header, retry_after, body } = answer;
        begin(to, *status);
        header_line(to, &CONTENT_TYPE, media_type.as_bytes());
        if let Some(location) = location {
            header_line(to, &LOCATION, location.as_bytes());
        }
        if let Some((name, value)) = header {
            header_line(to, name, value.as_bytes());
        }
        if let Some(seconds) = retry_after {
            header_line(to, &RETRY_AFTER, itoa::Buffer::new().format(*seconds).as_bytes());
        }
        guard.write_headers(to);
        if last {
            header_line(to, &CONNECTION, b"close");
        }
        header_line(to, &DATE, &date.at(self.app.now()));
        header_line(to, &CONTENT_LENGTH, itoa::Buffer::new().format(body.len()).as_bytes());
        to.extend_from_slice(b"\r\n");
        to.extend_from_slice(body);
    }
}

fn begin(to: &mut Vec<u8>, status: StatusCode) {
    let reason = status.canonical_reason().unwrap_or_default();
    for part in ["HTTP/1.1 ", status.as_str(), " ", reason, "\r\n"] {
        to.extend_from_slice(part.as_bytes());
    }
}

/// The date of answers, written out once a second.
#[derive(Default)]
struct Date {
    second: Option<u64>,
    text: [u8; DATE_LEN],
}

impl Date {
    fn at(&mut self, now: Timestamp) -> [u8; DATE_LEN] {
        let second = now.0 / 1_000;
        if self.second != Some(second) {
            let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(second));
            self.text = text.as_bytes().try_into().expect("every date of HTTP is as long");
            self.second = Some(second);
        }
        self.text
    }
}

/// A booking that someone asks for, as its client sent it.
#[derive(Debug)]
struct ParsedBooking<'bytes> {
    slot: &'bytes str,
    path: &'bytes str,
    /// What is said under each name of [`RequestHeader::ALL`].
    headers: [Option<&'bytes [u8]>; RequestHeader::ALL.len()],
    body: &'bytes [u8],
    /// Bytes of the whole request.
    len: usize,
}

/// Why there is no booking to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    /// Its body has not come whole.
    Body,
    /// It is something else, or too little to tell.
    Other,
}

impl<'bytes> ParsedBooking<'bytes> {
    /// The request at the beginning of these bytes, if it is a booking as most clients write it.
    fn read(bytes: &'bytes [u8]) -> Result<Self, Unread> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(head_len)) = request.parse(bytes) else {
            return Err(Unread::Other);
        };
        let path = request.path.ok_or(Unread::Other)?;
        let slot = slot_in_path(path).ok_or(Unread::Other)?;
        let (headers, body_len) = read_headers(&request).ok_or(Unread::Other)?;
        let len = head_len.checked_add(body_len).filter(|len| *len <= AHEAD_LEN).ok_or(Unread::Other)?;
        let body = bytes.get(head_len..len).ok_or(Unread::Body)?;
        Ok(Self { slot, path, headers, body, len })
    }
}

/// Of one that stays where it was read: it is handed on from one to the next.
impl Head for &ParsedBooking<'_> {
    fn method(&self) -> &'static str {
        "POST"
    }

    fn path(&self) -> &str {
        self.path
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn target_len(&self) -> usize {
        self.path.len()
    }

    fn headers_len(&self) -> usize {
        // More than they have, and no more than they may have.
        self.len
    }

    fn values(&self, name: RequestHeader) -> impl Iterator<Item = &[u8]> {
        self.headers[name as usize].into_iter()
    }

    fn others(&self, _name: &HeaderName) -> impl Iterator<Item = &[u8]> {
        std::iter::empty()
    }
}

/// The headers of a booking that are in [`RequestHeader::ALL`], and the length of its body.
fn read_headers<'bytes>(
    request: &httparse::Request<'_, 'bytes>,
) -> Option<([Option<&'bytes [u8]>; RequestHeader::ALL.len()], usize)> {
    if request.method != Some("POST") || request.version != Some(1) {
        return None;
    }
    let mut headers = [None; RequestHeader::ALL.len()];
    let (mut body_len, mut has_cookies) = (None, false);
    for header in request.headers.iter() {
        let named = |(name, _said): &(RequestHeader, _)| header.name.eq_ignore_ascii_case(name.name());
        if let Some((_name, said)) = RequestHeader::ALL.into_iter().zip(&mut headers).find(named) {
            // What is said twice is left to hyper: few clients do so.
            if said.replace(header.value).is_some() {
                return None;
            }
        } else if header.name.eq_ignore_ascii_case("content-length") {
            let len = text(header.value).and_then(number);
            body_len = Some(len.filter(|_len| body_len.is_none())?);
        } else if header.name.eq_ignore_ascii_case("connection") {
            header.value.eq_ignore_ascii_case(b"keep-alive").then_some(())?;
        } else if header.name.eq_ignore_ascii_case("cookie") {
            has_cookies = true;
        } else if ["transfer-encoding", "expect"].iter().any(|name| header.name.eq_ignore_ascii_case(name)) {
            return None;
        }
    }
    // Who names no host, or none that is one, is told so by the guard.
    headers[RequestHeader::Host as usize].filter(|host| is_host(host))?;
    if has_cookies {
        // A browser shows its session among them.
        headers[RequestHeader::Authorization as usize]?;
    }
    Some((headers, body_len?))
}

/// The slot that a request for this path books, if it is plainly one: what is escaped, and what has a query, is left to axum.
fn slot_in_path(path: &str) -> Option<&str> {
    let slot = path.strip_prefix("/v1/slots/")?.strip_suffix("/bookings")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!slot.is_empty() && slot.bytes().all(plain)).then_some(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "POST /v1/slots/slot_a-9/bookings HTTP/1.1\r\nHost: node\r\nauthorization: Bearer x\r\n\
                         Idempotency-Key: k\r\nContent-Length: 2\r\n\r\n{}";

    fn parsed(text: &str) -> ParsedBooking<'_> {
        ParsedBooking::read(text.as_bytes()).expect(text)
    }

    #[test]
    fn a_body_may_come_behind_its_head() {
        let long = |len: usize| PLAIN.replace("Length: 2", &format!("Length: {len}"));
        let head_len = PLAIN.len() - 2;
        for (text, why) in [
            (PLAIN[..PLAIN.len() - 1].to_owned(), Unread::Body),
            (PLAIN[..head_len].to_owned(), Unread::Body),
            (PLAIN[..head_len - 1].to_owned(), Unread::Other),
            (long(AHEAD_LEN - head_len - 3), Unread::Body),
            (long(AHEAD_LEN - head_len - 2), Unread::Other),
        ] {
            assert_eq!(ParsedBooking::read(text.as_bytes()).err(), Some(why), "{text}");
        }
    }

    #[test]
    fn a_plain_booking_is_read_and_what_comes_behind_it_is_left() {
        let text = [PLAIN, "POST /"].concat();
        let booking = &parsed(&text);
        assert_eq!((booking.slot, booking.body, booking.len), ("slot_a-9", &b"{}"[..], PLAIN.len()));
        assert_eq!(booking.path(), "/v1/slots/slot_a-9/bookings");
        assert_eq!(booking.value(RequestHeader::Authorization), Some(&b"Bearer x"[..]));
        assert_eq!(booking.value(RequestHeader::IdempotencyKey), Some(&b"k"[..]));
        assert_eq!(booking.headers.iter().flatten().count(), 3, "others change nothing");
        for more in ["Connection: Keep-Alive", "Origin: null", "Cookie: a=b"] {
            let kept = PLAIN.replace("Host: node", &format!("Host: node:8080\r\n{more}"));
            assert_eq!(parsed(&kept).len, kept.len(), "{more}");
        }
    }

    #[test]
    fn everything_else_is_hypers() {
        let instead = |was: &str, is: &str| PLAIN.replace(was, is);
        let with = |line: &str| instead("Host: node", &format!("Host: node\r\n{line}"));
        for other in [
            instead("POST", "GET"),
            instead("HTTP/1.1", "HTTP/1.0"),
            instead("slot_a-9", ""),
            instead("slot_a-9", "a/b"),
            instead("slot_a-9", "slot%5Fa"),
            instead("/bookings", "/bookings?x=1"),
            instead("/bookings", "/bookings/"),
            instead("/bookings", "/cancel"),
            instead("/v1", "http://node/v1"),
            instead("Content-Length: 2\r\n", ""),
            instead("Length: 2", "Length: +2"),
            instead("Length: 2", "Length: 18446744073709551615"),
            instead("Length: 2", "Length: 2\r\nContent-Length: 2"),
            with("Transfer-Encoding: chunked"),
            with("Expect: 100-continue"),
            with("Connection: close"),
            with("Connection: upgrade"),
            with("Authorization: Bearer y"),
            with("no colon"),
            with(&"x: y\r\n".repeat(HEADERS_MAX)),
            with("Host: node"),
            instead("authorization: Bearer x", "Cookie: a=b"),
            instead("Host: node\r\n", ""),
            instead("Host: node", "Host: user@node"),
            instead("Host: node", "Host: node:port"),
            instead("Host: node", "Host : node"),
            instead("Host: node", "Host: node\r\n folded: x"),
            PLAIN[..20].to_owned(),
            String::new(),
        ] {
            assert_eq!(ParsedBooking::read(other.as_bytes()).err(), Some(Unread::Other), "{other}");
        }
    }

    #[test]
    fn the_date_is_that_of_the_second() {
        let mut date = Date::default();
        for (ms, want) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (784_111_777_999, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (784_111_778_000, "Sun, 06 Nov 1994 08:49:38 GMT"),
        ] {
            assert_eq!(date.at(Timestamp(ms)), want.as_bytes());
        }
    }
}

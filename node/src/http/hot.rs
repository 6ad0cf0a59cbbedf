//! The hot route by hand: a booking is read off its connection and answered there, without hyper and axum, which would cost more
//! than the booking. Whatever is anything else, is written in an unusual way or has not come whole stays on the line as it
//! came, and hyper goes on from there: nothing is refused here that is not a booking, and hyper knows this route too.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use booking::Timestamp;
use bytes::{Buf as _, Bytes};
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName,
    HeaderValue,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;

use super::App;
use super::accept::{HEADER_TIME, Left};
use super::answer::{Answer, header_line};
use super::bookings;
use super::call::{Call, IDEMPOTENCY_KEY, REQUEST_TIMEOUT, number};
use super::door::Pass;
use super::line::{AHEAD_LEN, Line};
use super::patience::Patience;
use crate::metrics::Route;

/// The route's template, in axum's table too.
pub(super) const TEMPLATE: &str = "/v1/slots/{slot}/bookings";
/// The most headers of a booking that is read here.
const HEADERS_MAX: usize = 32;
/// The headers that a booking's answer may depend on; those of the connection itself aside.
static HEARD: [HeaderName; 6] =
    [AUTHORIZATION, IDEMPOTENCY_KEY, CONTENT_TYPE, ACCEPT, REQUEST_TIMEOUT, CONTENT_ENCODING];
/// How long a body may take to come behind its head, before hyper waits for it.
const BODY_NEAR: Duration = Duration::from_secs(1);
/// Bytes of a date (RFC 9110 5.6.7).
const DATE_LEN: usize = 29;
/// Room for an answer; a booking's is half of it.
const ANSWER_LEN_USUAL: usize = 1 << 10;

/// Where bookings are taken.
pub(crate) struct Booth {
    app: Arc<App>,
    figures: Arc<Route>,
}

impl Booth {
    pub(crate) fn new(app: Arc<App>) -> Self {
        let figures = app.answers.route(TEMPLATE);
        Self { app, figures }
    }

    /// Answers bookings, one after the other, until something else comes or the connection is over. Once `stopped`, it is over
    /// after the request that it is at.
    pub(super) async fn serve<I: AsyncRead + AsyncWrite + Unpin>(
        &self,
        line: &mut Line<I>,
        patience: &Patience,
        stopped: &watch::Receiver<()>,
    ) -> io::Result<Left> {
        let (mut date, mut answer) = (Date::default(), Vec::with_capacity(ANSWER_LEN_USUAL));
        // One for all that are read: whoever waits for the stop stands in a list.
        let mut ends = stopped.clone();
        let mut end = pin!(ends.changed());
        loop {
            if line.ahead.is_empty() {
                let read = tokio::select! {
                    biased;
                    read = patience.within(HEADER_TIME, line.read_ahead()) => read,
                    // An error says that the sender is gone, and with it the node.
                    _ = &mut end => {
                        line.shutdown().await?;
                        return Ok(Left::Over);
                    }
                };
                // Who asks nothing is told nothing.
                if read.unwrap_or(Ok(0))? == 0 {
                    return Ok(Left::Over);
                }
            }
            let mut asked = Asked::read(&line.ahead);
            // Many clients send a head, and then its body. Once: who sends it bit by bit is waited for by hyper.
            if matches!(asked, Err(Unread::Body))
                && let Ok(Ok(1..)) = patience.within(BODY_NEAR, line.read_ahead()).await
            {
                asked = Asked::read(&line.ahead);
            }
            let Ok(asked) = asked else { return Ok(Left::ForTheOther) };
            line.ahead.advance(asked.len);
            let reply = self.book(asked, patience).await;
            let last = stopped.has_changed().unwrap_or(true);
            answer.clear();
            self.write(&reply, last, &mut date, &mut answer);
            line.write_all(&answer).await?;
            if last {
                line.shutdown().await?;
                return Ok(Left::Over);
            }
        }
    }

    async fn book(&self, asked: Asked, patience: &Patience) -> Answer {
        let Asked { slot, parts, body, .. } = asked;
        let (pass, findings) = Pass::enter(&self.app, &parts.uri, &parts.headers);
        let call = Call::whole(parts, Ok(body), findings, patience.clone());
        let answer = bookings::book(&self.app, &slot, call).await.unwrap_or_else(Answer::from);
        pass.leave_booth(&self.app, &self.figures, answer)
    }

    /// An answer as it stands on the wire.
    fn write(&self, answer: &Answer, last: bool, date: &mut Date, to: &mut Vec<u8>) {
        let Answer { status, media_type, headers, body } = answer;
        begin(to, *status);
        header_line(to, &CONTENT_TYPE, media_type.as_bytes());
        for (name, value) in headers {
            header_line(to, name, value.as_bytes());
        }
        to.extend_from_slice(self.app.limits.lines());
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

/// A booking that someone asks for.
#[derive(Debug)]
struct Asked {
    slot: String,
    parts: Parts,
    body: Bytes,
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

impl Asked {
    /// The request at the beginning of these bytes, if it is a booking as most clients write it.
    fn read(bytes: &[u8]) -> Result<Self, Unread> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(head_len)) = request.parse(bytes) else {
            return Err(Unread::Other);
        };
        let (slot, parts, body_len) = head(&request).ok_or(Unread::Other)?;
        let len = head_len.checked_add(body_len).filter(|len| *len <= AHEAD_LEN).ok_or(Unread::Other)?;
        let body = Bytes::copy_from_slice(bytes.get(head_len..len).ok_or(Unread::Body)?);
        Ok(Self { slot, parts, body, len })
    }
}

/// A booking's slot, what is heard of its head, and the length of its body.
fn head(request: &httparse::Request<'_, '_>) -> Option<(String, Parts, usize)> {
    if request.method != Some("POST") || request.version != Some(1) {
        return None;
    }
    let slot = booked(request.path?)?.to_owned();
    let mut heard = HeaderMap::with_capacity(HEARD.len());
    let mut body_len = None;
    for header in request.headers.iter() {
        if let Some(name) = HEARD.iter().find(|name| header.name.eq_ignore_ascii_case(name.as_str())) {
            heard.append(name, HeaderValue::from_bytes(header.value).ok()?);
        } else if header.name.eq_ignore_ascii_case("content-length") {
            let len = std::str::from_utf8(header.value).ok().and_then(number);
            body_len = Some(len.filter(|_len| body_len.is_none())?);
        } else if header.name.eq_ignore_ascii_case("connection") {
            header.value.eq_ignore_ascii_case(b"keep-alive").then_some(())?;
        } else if ["transfer-encoding", "expect"].iter().any(|name| header.name.eq_ignore_ascii_case(name)) {
            return None;
        }
    }
    let (mut parts, ()) = Request::new(()).into_parts();
    (parts.method, parts.uri, parts.headers) = (Method::POST, Uri::try_from(request.path?).ok()?, heard);
    Some((slot, parts, body_len?))
}

/// The slot that a request for this path books, if it is plainly one: what is escaped, and what has a query, is left to axum.
fn booked(path: &str) -> Option<&str> {
    let slot = path.strip_prefix("/v1/slots/")?.strip_suffix("/bookings")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!slot.is_empty() && slot.bytes().all(plain)).then_some(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "POST /v1/slots/slot_a-9/bookings HTTP/1.1\r\nHost: node\r\nauthorization: Bearer x\r\n\
                         Idempotency-Key: k\r\nContent-Length: 2\r\n\r\n{}";

    fn seen(text: &str) -> Asked {
        Asked::read(text.as_bytes()).expect(text)
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
            assert_eq!(Asked::read(text.as_bytes()).err(), Some(why), "{text}");
        }
    }

    #[test]
    fn a_plain_booking_is_read_and_what_comes_behind_it_is_left() {
        let asked = seen(&[PLAIN, "POST /"].concat());
        assert_eq!((asked.slot.as_str(), &asked.body[..], asked.len), ("slot_a-9", &b"{}"[..], PLAIN.len()));
        assert_eq!(asked.parts.uri.path(), "/v1/slots/slot_a-9/bookings");
        assert_eq!(asked.parts.headers.get(AUTHORIZATION).expect("heard"), "Bearer x");
        assert_eq!(asked.parts.headers.len(), 2, "others change nothing");
        let kept = PLAIN.replace("Host: node", "Connection: Keep-Alive");
        assert_eq!(seen(&kept).len, kept.len());
        let twice = PLAIN.replace("Host: node", "Authorization: Bearer y");
        let asked = seen(&twice);
        assert_eq!(asked.parts.headers.get_all(AUTHORIZATION).iter().count(), 2, "to be refused as always");
    }

    #[test]
    fn everything_else_is_hypers() {
        let instead = |was: &str, is: &str| PLAIN.replace(was, is);
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
            instead("Host: node", "Transfer-Encoding: chunked"),
            instead("Host: node", "Expect: 100-continue"),
            instead("Host: node", "Connection: close"),
            instead("Host: node", "Connection: upgrade"),
            instead("Host: node", "no colon"),
            instead("Host: node", &"x: y\r\n".repeat(HEADERS_MAX)),
            PLAIN[..20].to_owned(),
            String::new(),
        ] {
            assert_eq!(Asked::read(other.as_bytes()).err(), Some(Unread::Other), "{other}");
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

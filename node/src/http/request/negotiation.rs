//! What `Accept` asks for (RFC 9110 12.5.1): answers are JSON, a feed may be a stream of events too, and what is free a calendar.

use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;
use hyper::http::request::Parts;

use super::head::{Head, RequestHeader, text};
use crate::http::response::events::EVENTS;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const CALENDAR: &str = "text/calendar";

/// How a media type is wanted: what names it more exactly goes before what names it less.
type Wanted = (Named, f32);

/// How exactly `Accept` names a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Not,
    /// `*/*`
    AsAny,
    /// `application/*`
    ByKind,
    Itself,
}

/// Whether `Accept` allows what this node gives. Who wants to hear of problems alone may ask too.
pub(crate) fn takes_json(head: &impl Head) -> bool {
    0.0 < wanted(head, JSON).1 || is_named(wanted(head, PROBLEM))
}

/// Whether `Accept` allows a stream of events.
pub(crate) fn takes_events(head: &impl Head) -> bool {
    0.0 < wanted(head, EVENTS).1
}

/// Whether a stream of events is named in `Accept`, and wanted no less than JSON.
pub(crate) fn prefers_events(head: &impl Head) -> bool {
    prefers(head, EVENTS)
}

/// Whether iCalendar is named in `Accept`, and wanted no less than JSON.
pub(crate) fn prefers_calendar(head: &impl Head) -> bool {
    prefers(head, CALENDAR)
}

fn prefers(head: &impl Head, kind: &str) -> bool {
    let it = wanted(head, kind);
    is_named(it) && wanted(head, JSON).1 <= it.1
}

/// Whether `Accept-Encoding` takes gzip.
pub(crate) fn takes_gzip(parts: &Parts) -> bool {
    takes_coding(&parts.headers, "gzip")
}

/// Whether `Accept-Encoding` takes a coding (RFC 9110 12.5.3). Who says nothing takes what is as it is.
pub(crate) fn takes_coding(headers: &HeaderMap, coding: &str) -> bool {
    let said = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let codings =
        said.flat_map(|value| value.split(',')).map(|coding| coding.split_once(';').unwrap_or((coding, "")));
    let mut any = false;
    for (name, parameters) in codings {
        let is_taken = 0.0 < weight(parameters);
        match name.trim() {
            name if name.eq_ignore_ascii_case(coding) => return is_taken,
            // It has an older name.
            name if coding == "gzip" && name.eq_ignore_ascii_case("x-gzip") => return is_taken,
            "*" => any = is_taken,
            _ => {}
        }
    }
    any
}

fn is_named((named, weight): Wanted) -> bool {
    named == Named::Itself && 0.0 < weight
}

/// How much this media type is wanted. Who says nothing takes anything.
fn wanted(head: &impl Head, media_type: &str) -> Wanted {
    let mut wanted = None;
    let said = head.values(RequestHeader::Accept).filter_map(text).flat_map(|value| value.split(','));
    for range in said.filter(|range| !range.trim().is_empty()) {
        let (name, parameters) = range.split_once(';').unwrap_or((range, ""));
        let named = how_named(name.trim(), media_type);
        let found = if named == Named::Not { (named, 0.0) } else { (named, weight(parameters)) };
        wanted = wanted.filter(|wanted| found <= *wanted).or(Some(found));
    }
    wanted.unwrap_or((Named::Not, 1.0))
}

fn how_named(range: &str, media_type: &str) -> Named {
    let kind = media_type.split_once('/').map(|(kind, _)| kind);
    if range.eq_ignore_ascii_case(media_type) {
        Named::Itself
    } else if range == "*/*" {
        Named::AsAny
    } else if range.strip_suffix("/*").zip(kind).is_some_and(|(range, kind)| range.eq_ignore_ascii_case(kind))
    {
        Named::ByKind
    } else {
        Named::Not
    }
}

/// The weight among these parameters (RFC 9110 12.4.2): one that is none is as good as left out.
fn weight(parameters: &str) -> f32 {
    let said = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut weights = said.filter(|(name, _weight)| name.trim().eq_ignore_ascii_case("q"));
    let weight = weights.find_map(|(_name, weight)| weight.trim().parse::<f32>().ok());
    weight.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use hyper::header::ACCEPT;
    use hyper::http::request::Parts;

    use super::*;

    fn accepting(what: &[&str]) -> Parts {
        let request = what.iter().fold(Request::builder(), |request, what| request.header(ACCEPT, *what));
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn json_is_given_to_who_takes_it() {
        for (accept, want) in [
            (&["application/json"][..], true),
            (&["Application/JSON"], true),
            (&["application/json;charset=utf-8"], true),
            (&["*/*"], true),
            (&["text/html, Application/*;q=0.5"], true),
            (&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], true),
            (&["text/html", "application/json;q=0.1"], true),
            (&["application/problem+json"], true),
            (&["application/json;q=0, application/problem+json"], true),
            (&["application/json;q=0.001"], true),
            (&["application/json; q=nonsense"], true),
            (&["application/json;version=1;q=0"], false),
            (&["text/html"], false),
            (&["application/json;q=0"], false),
            (&["application/json; Q = 0.000"], false),
            // The more exact range decides, wherever it stands.
            (&["*/*, application/json;q=0"], false),
            (&["application/json;q=0, */*"], false),
            (&["application/*;q=0, */*"], false),
            (&["*/*;q=0, application/json"], true),
            (&["application/*;q=0", "application/json;q=0.5"], true),
            (&[], true),
            (&[""], true),
            (&[" , "], true),
            (&["\u{e9}"], true),
        ] {
            assert_eq!(takes_json(&accepting(accept)), want, "{accept:?}");
        }
    }

    #[test]
    fn a_calendar_is_given_to_who_names_it() {
        for (accept, want) in [
            (&["text/calendar"][..], true),
            (&["text/calendar, */*;q=0.1"], true),
            (&["application/json, text/calendar;q=0.5"], false),
            (&["text/*"], false),
            (&["*/*"], false),
            (&[], false),
        ] {
            assert_eq!(prefers_calendar(&accepting(accept)), want, "{accept:?}");
        }
    }

    #[test]
    fn events_are_given_to_who_names_them() {
        for (accept, want) in [
            (&["text/event-stream"][..], true),
            (&["text/event-stream, */*"], true),
            (&["application/json, text/event-stream"], true),
            (&["application/json;q=0.5", "text/event-stream"], true),
            (&["application/json, text/event-stream;q=0.5"], false),
            (&["text/event-stream;q=0.5, */*"], false),
            (&["text/event-stream;Q=0"], false),
            (&["text/*"], false),
            (&["*/*"], false),
            (&[], false),
        ] {
            assert_eq!(prefers_events(&accepting(accept)), want, "{accept:?}");
        }
    }
}

//! The few words that the node says in pages, in every language that it speaks: a word that one of them lacks does not compile.

use hyper::header::{ACCEPT_LANGUAGE, HeaderMap};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    const ALL: [Self; 2] = [Self::English, Self::German];

    /// As HTML and HTTP name it.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The one of this tag, or of this tag's first part.
    fn of(tag: &str) -> Option<Self> {
        let first = tag.trim().split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| first.eq_ignore_ascii_case(language.tag()))
    }

    /// The one that is asked for, or that the reader likes best (RFC 9110 12.5.4), or English.
    pub(super) fn wanted(asked: Option<&str>, headers: &HeaderMap) -> Self {
        if let Some(language) = asked.and_then(Self::of) {
            return language;
        }
        let said = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let liked = said.flat_map(|value| value.split(',')).filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight =
                weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
            Some((Self::of(tag)?, weight.filter(|weight| 0.0 < *weight)?))
        });
        // Of two that are liked alike, the first.
        let best = liked.reduce(|best, next| if best.1 < next.1 { next } else { best });
        best.map_or(Self::English, |(language, _weight)| language)
    }

    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}

/// What is said.
pub(super) struct Words {
    pub(super) skip: &'static str,
    pub(super) shop: &'static str,
    pub(super) own_bookings: &'static str,
    pub(super) sign_in: &'static str,
    pub(super) about: &'static str,
    pub(super) not_built: &'static str,
    pub(super) on_sale: &'static str,
    pub(super) scheduled: &'static str,
    pub(super) closed: &'static str,
    pub(super) finished: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) faulted: &'static str,
    pub(super) nothing_here: &'static str,
    pub(super) more: &'static str,
    pub(super) begins: &'static str,
    pub(super) ends: &'static str,
    pub(super) sale_opens: &'static str,
    pub(super) status: &'static str,
    pub(super) organizer: &'static str,
    pub(super) capacity: &'static str,
    pub(super) free: &'static str,
    pub(super) waiting: &'static str,
    pub(super) needs_script: &'static str,
    pub(super) not_found: &'static str,
    pub(super) unavailable: &'static str,
    pub(super) booking: &'static str,
    pub(super) reference: &'static str,
    pub(super) quantity: &'static str,
    pub(super) held: &'static str,
    pub(super) offered: &'static str,
    pub(super) waitlisted: &'static str,
    pub(super) confirmed: &'static str,
    pub(super) declined: &'static str,
    pub(super) expired: &'static str,
    pub(super) until: &'static str,
    pub(super) seats: &'static str,
    pub(super) ticket_code: &'static str,
    pub(super) own_only: &'static str,
    pub(super) session_arrives: &'static str,
    pub(super) months: [&'static str; 12],
}

const ENGLISH: Words = Words {
    skip: "Skip to the content",
    shop: "What is on sale",
    own_bookings: "My bookings",
    sign_in: "Sign in",
    about: "About this node",
    not_built: "The pages of this node were not built: make build builds them. What stands here can be read all the same.",
    on_sale: "On sale",
    scheduled: "Not on sale yet",
    closed: "Sale closed",
    finished: "Over",
    cancelled: "Cancelled",
    faulted: "Not available",
    nothing_here: "There is nothing here at the moment.",
    more: "More",
    begins: "Begins",
    ends: "Ends",
    sale_opens: "On sale from",
    status: "Status",
    organizer: "Organizer",
    capacity: "Places",
    free: "Free",
    waiting: "Waiting",
    needs_script: "To book here, a browser must run this page’s script.",
    not_found: "There is nothing at this address.",
    unavailable: "This cannot be shown at the moment. Please try again.",
    booking: "Booking",
    reference: "Reference",
    quantity: "Places",
    held: "Held",
    offered: "Offered",
    waitlisted: "On the waitlist",
    confirmed: "Confirmed",
    declined: "Declined",
    expired: "Expired",
    until: "Until",
    seats: "Seats",
    ticket_code: "The code of this booking",
    own_only: "Only whoever has booked can see this. Please sign in.",
    session_arrives: "Here a browser is told who you are.",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

const GERMAN: Words = Words {
    skip: "Zum Inhalt",
    shop: "Was es zu buchen gibt",
    own_bookings: "Meine Buchungen",
    sign_in: "Anmelden",
    about: "Über diesen Knoten",
    not_built: "Die Seiten dieses Knotens wurden nicht gebaut: make build baut sie. Was hier steht, lässt sich trotzdem lesen.",
    on_sale: "Im Verkauf",
    scheduled: "Noch nicht im Verkauf",
    closed: "Verkauf beendet",
    finished: "Vorbei",
    cancelled: "Abgesagt",
    faulted: "Nicht verfügbar",
    nothing_here: "Hier gibt es im Moment nichts.",
    more: "Mehr",
    begins: "Beginn",
    ends: "Ende",
    sale_opens: "Im Verkauf ab",
    status: "Status",
    organizer: "Veranstalter",
    capacity: "Plätze",
    free: "Frei",
    waiting: "Wartend",
    needs_script: "Zum Buchen muss der Browser das Skript dieser Seite ausführen.",
    not_found: "Unter dieser Adresse gibt es nichts.",
    unavailable: "Das lässt sich gerade nicht zeigen. Bitte noch einmal versuchen.",
    booking: "Buchung",
    reference: "Buchungsnummer",
    quantity: "Plätze",
    held: "Reserviert",
    offered: "Angeboten",
    waitlisted: "Auf der Warteliste",
    confirmed: "Bestätigt",
    declined: "Abgelehnt",
    expired: "Verfallen",
    until: "Bis",
    seats: "Sitze",
    ticket_code: "Der Code dieser Buchung",
    own_only: "Das sieht nur, wer gebucht hat. Bitte anmelden.",
    session_arrives: "Hier erfährt der Browser, wer Sie sind.",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
};

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_asked_for_or_liked_best() {
        use Language::{English, German};
        for (asked, liked, want) in [
            (None, "", English),
            (None, "de", German),
            (None, "de-AT, en;q=0.5", German),
            (None, "en-GB,en;q=0.9,de;q=0.8", English),
            (None, "fr, de;q=0.4", German),
            (None, "fr", English),
            (None, "en;q=0.2, de;q=0.3", German),
            (None, "de, en", German),
            (None, "de;q=0, en;q=0.1", English),
            (None, "de;q=x", English),
            (Some("de"), "en", German),
            (Some("DE-ch"), "en", German),
            (Some("en"), "de", English),
            (Some("fr"), "de", German),
            (Some(""), "de", German),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(liked));
            assert_eq!(Language::wanted(asked, &headers), want, "{asked:?} {liked}");
        }
    }
}

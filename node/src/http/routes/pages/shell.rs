//! What every page is made of: its head, the places that its script fills, and what the API would say, for the script to begin with.

use std::fmt::Display;

use axum::response::{Html, IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderValue};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::assets::{BUILD, address};
use super::security::secured;
use super::words::{Language, Words};
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::Call;

/// Which page it is, for its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    List,
    Slot,
    Bookings,
    Booking,
    Session,
}

impl Page {
    const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Slot => "slot",
            Self::Bookings => "bookings",
            Self::Booking => "booking",
            Self::Session => "session",
        }
    }
}

/// A page that is about to be written.
pub(super) struct Shell {
    pub(super) page: Page,
    pub(super) language: Language,
    pub(super) title: String,
    /// What can be read without a script.
    pub(super) plain: Markup,
    /// What the API would say, under the names that the script knows.
    pub(super) data: Value,
}

impl Shell {
    /// A page in the language of whoever asks, with nothing on it.
    pub(super) fn new(page: Page, call: &Call) -> Self {
        let language = language(call);
        Self { page, language, title: String::new(), plain: html! {}, data: json!({}) }
    }

    pub(super) const fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// The page, with what it says of how long it is good.
    pub(super) fn response(self, app: &App, status: StatusCode, kept: &'static str) -> Response {
        let page = self.written(app);
        let headers = [
            (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
            (header::VARY, HeaderValue::from_static("accept-language")),
            (header::CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag())),
        ];
        secured((status, headers, Html(page.into_string())).into_response())
    }

    /// A page that shows nothing, and says why.
    pub(super) fn failure(mut self, app: &App, status: StatusCode) -> Response {
        let words = self.words();
        let why = if status == StatusCode::NOT_FOUND { words.not_found } else { words.unavailable };
        self.title = why.into();
        self.plain = html! {};
        self.response(app, status, "no-store")
    }

    fn written(&self, app: &App) -> Markup {
        let words = self.words();
        html! {
            (DOCTYPE)
            html lang=(self.language.tag()) data-page=(self.page.name()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    @if let Some(style) = address("shop.css") { link rel="stylesheet" href=(style); }
                    @if let Some(script) = address("shop.js") { script type="module" src=(script) {} }
                }
                body {
                    a class="skip" href="#main" { (words.skip) }
                    header {
                        nav {
                            a href="/" { (words.shop) } " "
                            a href="/bookings" { (words.own_bookings) } " "
                            a href="/session" { (words.sign_in) }
                        }
                    }
                    main id="main" {
                        h1 dir="auto" { (self.title) }
                        section id="plain" {
                            @if address("shop.js").is_none() { p { (words.not_built) } }
                            (self.plain)
                        }
                        div id="app" {}
                    }
                    footer { p { a href="/about" { (words.about) } } }
                    script type="application/json" id="data" { (self.told(app)) }
                }
            }
        }
    }

    /// What the script is told. Nothing in it ends the element in which it stands.
    fn told(&self, app: &App) -> PreEscaped<String> {
        let mut data = self.data.clone();
        data["now"] = json!(convert::time(app.now()));
        data["dev"] = json!(app.dev_key.is_some());
        data["build"] = json!(*BUILD);
        PreEscaped(data.to_string().replace('<', "\\u003c"))
    }
}

/// The language of whoever asks.
pub(super) fn language(call: &Call) -> Language {
    let headers: &HeaderMap = &call.head.headers;
    Language::wanted(call.query("lang").as_deref(), headers)
}

/// What something is called, and what it is.
pub(super) fn figure(name: &str, value: impl Display) -> Markup {
    html! { div { dt { (name) } dd dir="auto" { (value) } } }
}

//! The files that pages name, as they were built: each under a name that carries a hash of what is in it, so it is kept for ever, and
//! packed already.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::security::secured;
use crate::http::guard::no_route;
use crate::http::request::call::Name;
use crate::http::request::negotiation::takes_coding;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Of what pages look like besides. Raised with it, or a browser would keep what an older build has shown it.
const FORMAT: u32 = 1;

/// For how long whoever has a file may show it: its name says what is in it.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What a page itself names. Whatever else there is belongs to the script of its own build.
const NAMED_BY_PAGES: [&str; 2] = ["shop.css", "shop.js"];
/// How long a hash is in a file's name, as `pages/build.mjs` writes it.
const HASH_LEN: usize = 12;

/// A file that pages name.
pub(super) struct Asset {
    /// What it is called wherever it is meant.
    name: &'static str,
    /// What it is called with the hash of what is in it.
    file: &'static str,
    media_type: &'static str,
    br: &'static [u8],
    gzip: &'static [u8],
    identity: &'static [u8],
}

/// What this build's pages are, in a few letters: another build's are others.
pub(super) static BUILD: LazyLock<String> = LazyLock::new(|| {
    let version = format!("{} {FORMAT}", env!("CARGO_PKG_VERSION"));
    let files = BUILT.iter().map(|asset| asset.file);
    let digest = files.fold(Sha256::new_with_prefix(version), Sha256::chain_update);
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..6])
});

/// Where the asset of this name is; none where the pages were not built.
pub(super) fn address(name: &str) -> Option<String> {
    let asset = BUILT.iter().find(|asset| asset.name == name)?;
    Some(format!("/assets/{}", asset.file))
}

/// `GET /assets/FILE`.
///
/// While nodes are upgraded one by one, a page that one build wrote may ask for its style and script where another build runs, older or
/// newer: for this once it is given what is called so here, rather than nothing. What pages and scripts tell each other is only added to.
pub(crate) async fn read(Name(file): Name, request: Request) -> Response {
    let own = BUILT.iter().find(|asset| asset.file == file).map(|asset| (asset, FOR_EVER));
    let other = || BUILT.iter().find(|asset| asset.stands_in_for(&file)).map(|asset| (asset, "no-store"));
    match own.or_else(other) {
        Some((asset, kept)) => secured(asset.response(request.headers(), kept)),
        None => no_route(request).await,
    }
}

impl Asset {
    /// Whether a page of another build means this by a file that it names.
    fn stands_in_for(&self, file: &str) -> bool {
        let hash = || {
            let (stem, ending) = self.name.split_once('.')?;
            file.strip_prefix(stem)?.strip_prefix('-')?.strip_suffix(ending)?.strip_suffix('.')
        };
        let is_hash =
            |hash: &str| hash.len() == HASH_LEN && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        NAMED_BY_PAGES.contains(&self.name) && hash().is_some_and(is_hash)
    }

    fn response(&self, asked: &HeaderMap, kept: &'static str) -> Response {
        let (coding, bytes) = if takes_coding(asked, "br") {
            (Some("br"), self.br)
        } else if takes_coding(asked, "gzip") {
            (Some("gzip"), self.gzip)
        } else {
            (None, self.identity)
        };
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CACHE_CONTROL, kept),
            (header::VARY, "accept-encoding"),
        ];
        let mut response = (StatusCode::OK, headers, bytes).into_response();
        if let Some(coding) = coding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSET: Asset = Asset {
        name: "shop.js",
        file: "shop-0.js",
        media_type: "text/javascript; charset=utf-8",
        br: b"br",
        gzip: b"gzip",
        identity: b"identity",
    };

    #[test]
    fn an_asset_is_given_as_it_was_packed_and_kept_for_ever() {
        for (accept, coding) in [
            (Some("gzip, deflate, br, zstd"), Some("br")),
            (Some("br;q=0, gzip"), Some("gzip")),
            (Some("gzip"), Some("gzip")),
            (Some("*"), Some("br")),
            (Some("identity"), None),
            (Some(""), None),
            (None, None),
        ] {
            let mut asked = HeaderMap::new();
            asked.extend(accept.map(|accept| (header::ACCEPT_ENCODING, HeaderValue::from_static(accept))));
            let response = ASSET.response(&asked, FOR_EVER);
            let said =
                response.headers().get(header::CONTENT_ENCODING).map(|coding| coding.to_str().expect("text"));
            assert_eq!(said, coding, "{accept:?}");
            for (name, want) in [
                ("content-type", ASSET.media_type),
                ("cache-control", "public, max-age=31536000, immutable"),
                ("vary", "accept-encoding"),
            ] {
                assert_eq!(response.headers()[name], want);
            }
        }
    }

    #[test]
    fn whatever_a_page_of_another_build_names_is_there() {
        for (name, file, stands_in) in [
            ("shop.js", "shop-0123456789ab.js", true),
            ("shop.css", "shop-0123456789ab.css", true),
            ("shop.js", "shop-0123456789ab.css", false),
            ("shop.js", "shop-0123456789abc.js", false),
            ("shop.js", "shop-0123456789a/.js", false),
            ("shop.js", "shop.js", false),
            ("shop.js", "shop-.js", false),
            // It would not know what that build's script expects of it.
            ("seats.js", "seats-0123456789ab.js", false),
        ] {
            assert_eq!(Asset { name, ..ASSET }.stands_in_for(file), stands_in, "{name}: {file}");
        }
    }

    #[test]
    fn what_was_built_is_whole() {
        for asset in BUILT {
            assert!(
                asset.br.len() < asset.identity.len() && asset.gzip.len() < asset.identity.len(),
                "{}",
                asset.file
            );
            assert_eq!(address(asset.name), Some(format!("/assets/{}", asset.file)));
        }
        assert_eq!(address("nothing.js"), None);
        assert_eq!(BUILD.len(), 8);
    }
}

//! Seatmaps: kept, and read.

use std::sync::Arc;

use api::problem::Code;
use api::seatmap::{CSV, CreatedSeatmap, PRETIX, Seatmap};
use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use booking::SeatmapId;
use booking::limits::SEATMAP_LEN_MAX;
use booking::organizer::{Decision, Outcome, Refusal, View};
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};

use super::page;
use super::slots::{organizer_of, request_key};
use crate::apart::apart;
use crate::http::app::App;
use crate::http::convert;
use crate::http::request::call::{self, Call, Name, PublicCall, Shape};
use crate::http::request::large::LargeCall;
use crate::http::response::answer::{self, PlainResponse};
use crate::http::response::precedence;
use crate::http::response::problem::ProblemResponse;
use crate::ids;
use crate::router::seatmaps::Upload;

/// A map never changes: whoever has it need not ask again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

impl FromRequest<Arc<App>> for LargeCall {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        app.large_bodies.call(request).await
    }
}

/// Keeps a seatmap, or finds it.
#[utoipa::path(
    post, path = "/v1/seatmaps", operation_id = "createSeatmap", tag = "seatmaps",
    security(("token" = [])),
    description = "The same content is the same map, whoever of the organizer's sends it, in whatever format: it is answered with \
        the same id. A map is for ever, and an organizer has at most 4,096. The body may have 4 MiB: JSON, a plan of pretix's \
        seating-plan editor, or CSV with the header `section,row,seats,category`.",
    request_body(content(
        (Seatmap = "application/json"),
        (serde_json::Value = "application/vnd.pretix.seatingplan+json"),
        (String = "text/csv"),
    )),
    responses(
        (status = 201, description = "it is kept", body = CreatedSeatmap),
        (status = 200, description = "it was kept before", body = CreatedSeatmap),
    )
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    large: LargeCall,
) -> Result<Response, ProblemResponse> {
    let call = &large.call;
    let caller = App::organizer(call);
    let body = precedence::all((Format::of(call), call.body()))
        .and_then(|(format, body)| apart(|| read(format, body)));
    let key = call.idempotency_key();
    let (caller, (text, counts), key) = call.all((caller, body, key))?;
    let organizer = organizer_of(caller);
    let upload = Upload {
        id: ids::seatmap(organizer, text.as_bytes()),
        organizer,
        text: text.as_bytes(),
        counts,
        key: request_key(&app, caller, key),
        fingerprint: call.fingerprint(Shape::Json),
    };
    let outcome = app.keep_seatmap(&call.limit(), &upload).await?;
    Ok(response(upload.id, &outcome)?.into_response())
}

/// Reads a seatmap, in our own format.
#[utoipa::path(
    get, path = "/v1/seatmaps/{map}", operation_id = "getSeatmap", tag = "seatmaps",
    responses(
        (status = 200, description = "the seatmap, in one spelling for equal content", body = Seatmap),
        (status = 304, description = "it never changes, and the caller has it"),
    )
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Name(map): Name,
    PublicCall(call): PublicCall,
) -> Result<Response, ProblemResponse> {
    let text = match ids::seatmap_id(&map) {
        Some(id) => app.within(&call, app.router.seatmap(id)).await,
        None => Ok(None),
    };
    let text = text.and_then(|text| text.ok_or_else(no_seatmap));
    let (text,) = call.all((text,))?;
    // The id is a hash of the content.
    let etag = HeaderValue::try_from(format!("\"{map}\"")).expect("an id is ASCII");
    let mut response = if page::is_known(&call.head.headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer::json_text(text)
    };
    response.headers_mut().extend([(header::ETAG, etag), (header::CACHE_CONTROL, FOR_EVER)]);
    Ok(response)
}

/// In which format a seatmap is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ours,
    Pretix,
    Csv,
}

impl Format {
    fn of(call: &Call) -> Result<Self, ProblemResponse> {
        let formats = [("application/json", Self::Ours), (PRETIX, Self::Pretix), (CSV, Self::Csv)];
        let said = call.media_type();
        let found =
            formats.into_iter().find(|(name, _format)| said.is_some_and(|it| it.eq_ignore_ascii_case(name)));
        found.map(|(_name, format)| format).ok_or_else(|| {
            let detail = format!("send one Content-Type: application/json, {PRETIX} or {CSV}");
            ProblemResponse::new(Code::UnsupportedMediaType, detail)
        })
    }
}

/// A map's canonical text, and what is in it.
fn read(format: Format, body: &[u8]) -> Result<(String, booking::organizer::Counts), ProblemResponse> {
    if format != Format::Csv {
        call::not_too_deep(body)?;
    }
    let read = match format {
        Format::Ours => seatmap::Seatmap::from_json(body),
        Format::Pretix => seatmap::Seatmap::from_pretix(body),
        Format::Csv => seatmap::Seatmap::from_csv(body),
    };
    let map = read.map_err(convert::seatmap_fault)?;
    let text = map.canonical();
    if (SEATMAP_LEN_MAX as usize) < text.len() {
        let detail = format!("would be {} bytes in our own format, of at most {SEATMAP_LEN_MAX}", text.len());
        return Err(ProblemResponse::at_fault("", &detail));
    }
    Ok((text, convert::seatmap_counts(map.counts())))
}

/// What became of a map that was to be kept.
fn response(asked: SeatmapId, outcome: &Outcome) -> Result<PlainResponse, ProblemResponse> {
    let (status, view) = match outcome.decision {
        Decision::Kept(view) => (StatusCode::CREATED, view),
        Decision::Found(view) => (StatusCode::OK, view),
        Decision::Refused(refusal) => return Err(refused(refusal).decided(outcome)),
        Decision::Overloaded => {
            return Err(ProblemResponse::new(
                Code::Overloaded,
                "too many seatmaps of this organizer are being sent; nothing was kept, ask again later",
            ));
        }
        Decision::KeyReused => return Err(ProblemResponse::key_reused()),
        // Steps on the way, with which nothing has ended.
        Decision::Made | Decision::PartTaken | Decision::Missing(_) | Decision::NotFound => {
            return Err(ProblemResponse::unknown());
        }
    };
    let View { content, counts } = view;
    let id = ids::seatmap_text(SeatmapId { content, ..asked });
    let location = format!("/v1/seatmaps/{id}");
    let body = answer::written(&convert::created_seatmap(id, counts));
    Ok(PlainResponse::new(status, location, body, outcome.replayed))
}

fn refused(refusal: Refusal) -> ProblemResponse {
    match refusal {
        Refusal::SeatmapsFull => ProblemResponse::new(
            Code::SeatmapsFull,
            "the organizer has 4,096 seatmaps, which is the most; use one of them",
        ),
        Refusal::Misfit => ProblemResponse::at_fault("", "is another map than was begun under its id"),
    }
}

fn no_seatmap() -> ProblemResponse {
    ProblemResponse::new(Code::NotFound, "there is no seatmap with this id")
}

//! A group as a part of a backup, while it goes on: frame by frame, as it is taken, with rests.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use api::backup::{End, Frame, Head, MEDIA_TYPE, PREAMBLE};
use api::problem::Code;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cluster::Backup;
use futures::stream;
use hyper::header::{self, HeaderValue};
use storage::Index;
use tokio::time::{Instant, sleep};

use super::admin::find_group;
use crate::apart::apart;
use crate::http::app::App;
use crate::http::request::call::{Call, Name, number};
use crate::http::response::problem::ProblemResponse;
use crate::saved::whole::{Range, changed_since, everything, heads_and_faults, of_entity};

/// Pairs that are read at once, and heads.
const PAIRS: usize = 128;
const HEADS: usize = 2_048;
/// After each read the backup rests for as many times as long as it took: a sale is under way.
const REST: u32 = 2;
const REST_MAX: Duration = Duration::from_millis(250);

/// Streams a group as of one index; where `since` says so, without what has not changed behind that index.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Name(group): Name,
    call: Call,
) -> Result<Response, ProblemResponse> {
    let caller = App::operator(&call);
    let found = find_group(&app, &group);
    let since = match call.query("since").map(|text| number::<u64>(&text)) {
        None => Ok(None),
        Some(Some(since)) => Ok(Some(since)),
        Some(None) => Err(ProblemResponse::parameter("since", "must be an index, or left out")),
    };
    let (_caller, group, since) = call.all((caller, found, since))?;
    if !app.stage.is_ready() {
        return Err(ProblemResponse::new(Code::NoLeader, "the node is starting"));
    }
    let backup = Backup::begin(&group).await.map_err(|error| {
        tracing::error!(group = %group.id(), %error, "a backup failed");
        ProblemResponse::new(Code::NoLeader, "the group has stopped, or nothing of it is saved yet")
    })?;
    // Behind what is read of the state, so that no piece of it is ahead of that index.
    let (digest, index) = group.machine().0.digest(group.status().applied).await;
    let head = Head {
        cluster: format!("{:032x}", app.router.shards().cluster().number()),
        groups: u32::try_from(app.router.shards().cluster().count()).unwrap_or(u32::MAX),
        group: group.id().0,
        level: group.status().level.0,
        saved: backup.saved().0,
        index: index.0,
        digest: digest.map(|digest| format!("{digest:016x}")),
        since,
        mark: URL_SAFE_NO_PAD.encode(backup.mark()),
    };
    let walk = Walk::new(backup, head);
    let frames = stream::unfold(walk, async |mut walk| {
        let began = Instant::now();
        let bytes = apart(|| walk.next()).transpose()?;
        sleep((REST * began.elapsed()).min(REST_MAX)).await;
        Some((bytes, walk))
    });
    let mut response = Response::new(Body::from_stream(frames));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Ok(response)
}

/// A walk over what a part has.
struct Walk {
    backup: Backup,
    until: Index,
    since: u64,
    next: Next,
    /// What is to be looked through for entities that have changed, and where that goes on.
    looks: VecDeque<Range>,
    /// What is to be read, and where that goes on in the first.
    ranges: VecDeque<Range>,
    counted: End,
}

/// What comes next.
enum Next {
    Head(Box<Head>),
    Entries,
    Range,
    Pairs,
    Nothing,
}

impl Walk {
    fn new(backup: Backup, head: Head) -> Self {
        let since = head.since;
        Self {
            backup,
            until: Index(head.index),
            since: since.unwrap_or(0),
            next: Next::Head(Box::new(head)),
            looks: since.map(|_index| heads_and_faults()).into_iter().flatten().collect(),
            ranges: since.is_none().then(everything).into_iter().collect(),
            counted: End::default(),
        }
    }

    /// The next bytes; none behind the end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            match std::mem::replace(&mut self.next, Next::Nothing) {
                Next::Head(head) => {
                    self.next = Next::Entries;
                    return Ok(Some([PREAMBLE, &Frame::Head(*head).encode()].concat()));
                }
                Next::Entries => {
                    let entries = self.backup.entries(self.until).map_err(io::Error::other)?;
                    if entries.is_empty() {
                        self.next = Next::Range;
                        continue;
                    }
                    self.next = Next::Entries;
                    self.counted.entries += entries.len() as u64;
                    let frames = entries.iter().map(|entry| Frame::Entry(entry.to_vec()).encode());
                    return Ok(Some(frames.collect::<Vec<_>>().concat()));
                }
                Next::Range => {
                    let Some((from, until)) = self.range()? else {
                        return Ok(Some(Frame::End(self.counted).encode()));
                    };
                    self.next = Next::Pairs;
                    return Ok(Some(Frame::Range { from, until }.encode()));
                }
                Next::Pairs => {
                    if let Some(frame) = self.pairs()? {
                        self.next = Next::Pairs;
                        return Ok(Some(frame.encode()));
                    }
                    self.next = Next::Range;
                }
                Next::Nothing => return Ok(None),
            }
        }
    }

    /// The next range that is to be read.
    fn range(&mut self) -> io::Result<Option<Range>> {
        while self.ranges.is_empty()
            && let Some((from, until)) = self.looks.front_mut()
        {
            let rows = self.backup.scan(from, until, HEADS).map_err(io::Error::other)?;
            match rows.last() {
                Some((last, _value)) => *from = [last.as_slice(), &[0]].concat(),
                None => drop(self.looks.pop_front()),
            }
            for row in &rows {
                let changed = changed_since(row, self.since).map_err(io::Error::other)?;
                self.ranges.extend(changed.into_iter().flat_map(of_entity));
            }
        }
        Ok(self.ranges.front().cloned())
    }

    /// The next pairs of the range.
    fn pairs(&mut self) -> io::Result<Option<Frame>> {
        let (from, until) = self.ranges.front_mut().expect("a range was begun");
        let pairs = self.backup.scan(from, until, PAIRS).map_err(io::Error::other)?;
        let Some((last, _value)) = pairs.last() else {
            self.ranges.pop_front();
            return Ok(None);
        };
        *from = [last.as_slice(), &[0]].concat();
        self.counted.pairs += pairs.len() as u64;
        Ok(Some(Frame::Pairs(pairs)))
    }
}

//! The manners of the house as a test: lengths, names, module docs, links, metric names, and nothing unfinished.

mod tree;

use std::path::Path;

use tree::{Source, assert_finds, assert_none, house, root};

/// The most lines of a file that ships, and of one that tests.
const LINES_MAX: usize = 500;
const TEST_LINES_MAX: usize = 900;

/// Names that say nothing of what is in a file: a type lives with the idea that owns it.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "helpers", "helper", "types", "misc"];

/// What begins the name of every metric.
const METRIC_PREFIX: &str = "boxoffice_";
/// What Prometheus adds to the name of a histogram.
const HISTOGRAM_SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// What is left behind by somebody who means to come back. Spelled in two, so that this file may name it.
const UNFINISHED: [&str; 5] = [
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("#[ig", "nore"),
    concat!("db", "g!"),
    concat!("FIX", "ME"),
];

#[test]
fn files_are_short_named_and_say_what_they_are() {
    assert_none(&check_files(&house()));
}

#[test]
fn lines_are_clean_and_finished() {
    assert_none(&check_lines(&house()));
}

#[test]
fn links_lead_somewhere() {
    assert_none(&check_links(&house(), |path| root().join(path).exists()));
}

#[test]
fn metrics_that_are_spoken_of_exist() {
    assert_none(&check_metrics(&house()));
}

#[test]
fn nothing_is_left_to_chance() {
    assert_none(&check_selects(&house()));
}

fn check_files(house: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in house.iter().filter(|source| is_code(source)) {
        let lines_max = if is_shipped_code(source) { LINES_MAX } else { TEST_LINES_MAX };
        let lines = source.text.lines().count();
        if lines > lines_max {
            violations.push(
                source.at(lines_max + 1, &format!("{lines} lines are more than {lines_max}: two ideas?")),
            );
        }
        let opening = if source.has_extension("rs") { "//!" } else { "// " };
        if is_shipped_code(source) && !source.text.starts_with(opening) {
            let problem = format!("the module does not begin with {opening} and say what it is");
            violations.push(source.at(1, &problem));
        }
        let mut names = source.path.split('/').map(|name| name.split('.').next().unwrap_or(name));
        if let Some(empty) = names.find(|name| EMPTY_NAMES.contains(name)) {
            violations.push(source.at(1, &format!("{empty:?} says nothing of what is in it")));
        }
    }
    violations
}

/// Whether it is code: of the node, or of its pages.
fn is_code(source: &Source) -> bool {
    ["rs", "ts", "tsx"].iter().any(|extension| source.has_extension(extension))
}

/// Whether it is code that ships, and not a test or an example.
fn is_shipped_code(source: &Source) -> bool {
    is_code(source) && source.path.contains("/src/")
}

fn check_lines(house: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in house.iter().filter(|source| !source.has_extension("json")) {
        for (line, text) in source.lines() {
            if text.contains('\t') {
                violations.push(source.at(line, "a tab"));
            }
            if text.ends_with(char::is_whitespace) {
                violations.push(source.at(line, "a blank at the end"));
            }
            if source.has_extension("rs")
                && let Some(unfinished) = UNFINISHED.iter().find(|word| text.contains(*word))
            {
                violations.push(source.at(line, &format!("unfinished: {unfinished}")));
            }
        }
        if !source.text.is_empty() && !source.text.ends_with('\n') {
            violations.push(source.at(source.text.lines().count(), "no line feed at the end of the file"));
        }
    }
    violations
}

/// Without `biased` a `select!` looks in an order that it throws dice for, and a seed no longer decides what a simulation does.
fn check_selects(house: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in house.iter().filter(|source| is_shipped_code(source)) {
        for ((line, text), (_, next)) in source.lines().zip(source.lines().skip(1)) {
            if text.contains("select!") && text.ends_with('{') && next.trim() != "biased;" {
                violations.push(source.at(line, "the select! does not begin with biased;"));
            }
        }
    }
    violations
}

/// Links of documents to files. Links to the world are not followed.
fn check_links(house: &[Source], exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut violations = Vec::new();
    for source in house.iter().filter(|source| source.has_extension("md")) {
        let folder = Path::new(&source.path).parent().expect("a file is in a folder");
        for (line, text) in source.lines() {
            for (_, after) in text.match_indices("](").map(|(at, link)| text.split_at(at + link.len())) {
                let link = after.split([')', ' ', '#']).next().unwrap_or_default();
                let is_local = !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:");
                if is_local && !exists(&folder.join(link)) {
                    violations.push(source.at(line, &format!("the link {link} leads nowhere")));
                }
            }
        }
    }
    violations
}

/// Metrics that documents, dashboards and alerts name, and that no code does.
fn check_metrics(house: &[Source]) -> Vec<String> {
    let code: Vec<&Source> = house.iter().filter(|source| is_shipped_code(source)).collect();
    let is_emitted =
        |name: &str| code.iter().any(|source| metrics(&source.text).any(|emitted| emitted == name));
    let mut violations = Vec::new();
    for source in house.iter().filter(|source| !source.has_extension("rs") && !source.has_extension("toml")) {
        for (line, text) in source.lines() {
            for name in metrics(text) {
                let stem = HISTOGRAM_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
                if !is_emitted(name) && !stem.is_some_and(is_emitted) {
                    violations.push(source.at(line, &format!("no code emits the metric {name}")));
                }
            }
        }
    }
    violations
}

/// The names of metrics in a text: the prefix, and more.
fn metrics(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(METRIC_PREFIX).filter_map(|(at, _)| {
        let is_whole = !text[..at].ends_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
        let rest = &text[at..];
        let end =
            rest.find(|char: char| !(char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_'));
        let name = &rest[..end.unwrap_or(rest.len())];
        (is_whole && !name.ends_with('_')).then_some(name)
    })
}

#[test]
fn files_begin_and_are_called_as_they_should() {
    let long = "//! x\n".repeat(LINES_MAX + 1);
    assert_finds(
        check_files,
        &[
            (&[("ops/src/key.rs", "//! Keys.\n")], None),
            (&[("ops/src/key.rs", "use std::fs;\n")], Some("ops/src/key.rs:1: the module does not begin")),
            (&[("ops/src/key.rs", &long)], Some("ops/src/key.rs:501: 501 lines")),
            (&[("ops/tests/key.rs", &long)], None),
            (
                &[
                    ("node/pages/src/map/tiles.ts", "// Tiles.\n"),
                    ("node/pages/tests/unit/tiles.test.ts", "\n"),
                ],
                None,
            ),
            (
                &[("node/pages/src/shop.tsx", "import \"x\";\n")],
                Some("node/pages/src/shop.tsx:1: the module does not begin with // "),
            ),
            (&[("ops/src/utils.rs", "//! x\n")], Some("ops/src/utils.rs:1: \"utils\" says nothing")),
            (
                &[("ops/src/common/mod.rs", "//! x\n")],
                Some("ops/src/common/mod.rs:1: \"common\" says nothing"),
            ),
        ],
    );
}

#[test]
fn the_manners_are_held() {
    assert_finds(
        check_lines,
        &[
            (&[("a.md", "one\ntwo\n")], None),
            (&[("a.md", "one\n\ttwo\n")], Some("a.md:2: a tab")),
            (&[("a.toml", "one \n")], Some("a.toml:1: a blank")),
            (&[("a.rs", "one")], Some("a.rs:1: no line feed")),
            (&[("a.rs", &format!("x\n{}()\n", UNFINISHED[0]))], Some("a.rs:2: unfinished")),
        ],
    );
    assert_finds(
        check_selects,
        &[
            (&[("node/src/a.rs", "tokio::select! {\n    biased;\n")], None),
            (
                &[("node/src/a.rs", "\ntokio::select! {\n    () = a => {}\n")],
                Some("node/src/a.rs:2: the select!"),
            ),
        ],
    );
    let links = |house: &[Source]| check_links(house, |path| path == Path::new("docs/there.md"));
    assert_finds(
        links,
        &[
            (
                &[("docs/a.md", "[a](there.md) [b](https://example.org) [c](there.md#part) [d](#here)\n")],
                None,
            ),
            (&[("docs/a.md", "[a](there.md)\n[b](gone.md)\n")], Some("docs/a.md:2: the link gone.md")),
        ],
    );
    let code = ("node/src/metrics.rs", "\"boxoffice_bookings_total\" \"boxoffice_fsync_seconds\"");
    assert_finds(
        check_metrics,
        &[
            (
                &[
                    code,
                    ("a.md", "`boxoffice_*`, `boxoffice_bookings_total`, names start with `boxoffice_`\n"),
                ],
                None,
            ),
            (&[code, ("a.json", "rate(boxoffice_fsync_seconds_bucket[1m])\n")], None),
            (
                &[code, ("a.yml", "x\nboxoffice_bookings > 0\n")],
                Some("a.yml:2: no code emits the metric boxoffice_bookings"),
            ),
        ],
    );
}

//! The files of the house, for the tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

/// What is read: code, pages, manifests, documents, dashboards and alerts.
const EXTENSIONS: [&str; 10] = ["rs", "toml", "md", "json", "yml", "yaml", "ts", "tsx", "mjs", "css"];
/// Folders that are built or fetched.
const FOREIGN: [&str; 3] = ["target", "node_modules", "dist"];

/// One text file.
pub(crate) struct Source {
    /// Where it is, from the root of the workspace, with slashes: `ops/src/main.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// The lines, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// `path:line: problem`, as compilers say it.
    pub(crate) fn at(&self, line: usize, problem: &str) -> String {
        format!("{}:{line}: {problem}", self.path)
    }

    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// The root of the workspace: tests run in the folder of their crate.
pub(crate) fn root() -> PathBuf {
    PathBuf::from("..")
}

/// Every file of the house, by path. What is hidden, and what is built or fetched, is not of the house.
pub(crate) fn house() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be listed") {
            let path = entry.expect("a folder can be listed").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with('.') || FOREIGN.contains(&name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| EXTENSIONS.iter().any(|known| found == *known)) {
                let text = fs::read_to_string(&path).expect("a text file is UTF-8");
                let path = path.strip_prefix(root()).expect("the walk began at the root");
                sources
                    .push(Source { path: path.to_str().expect("a path is UTF-8").replace('\\', "/"), text });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

/// Fails with every violation at once.
pub(crate) fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}\n", violations.len(), violations.join("\n"));
}

/// One small house, as paths and texts, and how the one violation in it begins, if there is one.
pub(crate) type Row<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>);

/// Shows that `check` finds what it should, and nothing else.
pub(crate) fn assert_finds(check: impl Fn(&[Source]) -> Vec<String>, rows: &[Row<'_>]) {
    for (files, want) in rows {
        let house: Vec<Source> = files
            .iter()
            .map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        let found = check(&house);
        match want {
            Some(want) => assert!(found.len() == 1 && found[0].starts_with(want), "{found:?}, not {want:?}"),
            None => assert!(found.is_empty(), "{found:?}, not nothing"),
        }
    }
}

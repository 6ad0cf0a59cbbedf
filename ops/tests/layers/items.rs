//! What one file says: which modules it declares, what it imports, and which paths it names. What is there for
//! tests only is left out.

use std::collections::BTreeSet;

use super::tokens::{Token, tokens};

/// One file.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// Modules that have files of their own.
    pub(crate) modules: Vec<String>,
    /// The same, for tests only.
    pub(crate) test_modules: Vec<String>,
    pub(crate) imports: Vec<Import>,
    /// Paths that are named in code, outside of imports.
    pub(crate) paths: Vec<Named>,
    /// Names that stand in code, outside of imports.
    pub(crate) names: BTreeSet<String>,
}

/// A path that is named, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// How many modules deep within the file.
    pub(crate) depth: usize,
}

/// One name that is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) named: Named,
    /// What it is called here; a star takes whatever there is.
    pub(crate) name: String,
    pub(crate) reach: Reach,
}

/// Who may see what is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It is handed on.
    Public,
    /// This module, and those within it.
    Private,
}

impl Items {
    pub(crate) fn read(source: &str) -> Self {
        let all = tokens(source);
        let mut items = Self::default();
        Reader { tokens: &all, at: 0, items: &mut items }.block(0);
        items
    }
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    items: &'a mut Items,
}

impl<'a> Reader<'a> {
    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text)
    }

    /// Reads a block, up to the brace that closes it, `depth` modules deep.
    fn block(&mut self, depth: usize) {
        let mut braces = 0_usize;
        while self.at < self.tokens.len() {
            match self.text(0) {
                "#" if self.is_for_tests() => self.skip_item(),
                "use" if self.text(1) != "<" => self.import(depth),
                // `pub(in crate::a)` takes nothing.
                "pub" if self.text(1) == "(" => {
                    self.at += 1;
                    self.skip_brackets();
                }
                "mod" if self.text(2) == "{" => {
                    self.at += 3;
                    self.block(depth + 1);
                }
                "mod" if self.text(2) == ";" => {
                    self.items.modules.push(self.text(1).to_owned());
                    self.at += 3;
                }
                "{" => {
                    braces += 1;
                    self.at += 1;
                }
                "}" if braces == 0 => {
                    self.at += 1;
                    return;
                }
                "}" => {
                    braces -= 1;
                    self.at += 1;
                }
                _ => self.path(depth),
            }
        }
    }

    /// Reads a path, or passes over what is none.
    fn path(&mut self, depth: usize) {
        let Token { text, line } = self.tokens[self.at];
        if !self.tokens[self.at].is_name() {
            self.at += 1;
            return;
        }
        let mut path = vec![text.to_owned()];
        self.at += 1;
        while self.text(0) == "::" && self.tokens.get(self.at + 1).is_some_and(Token::is_name) {
            path.push(self.text(1).to_owned());
            self.at += 2;
        }
        self.items.names.insert(text.to_owned());
        if path.len() > 1 {
            self.items.paths.push(Named { path, line, depth });
        }
    }

    /// Whether an attribute begins here that leaves something to tests.
    fn is_for_tests(&self) -> bool {
        let is_cfg = ["#", "[", "cfg", "("].iter().zip(0..).all(|(want, ahead)| self.text(ahead) == *want);
        let within = (4..).map(|ahead| self.text(ahead)).take_while(|text| !matches!(*text, "]" | ""));
        let within: Vec<_> = within.collect();
        is_cfg && within.contains(&"test") && !within.contains(&"not") && !within.contains(&"any")
    }

    /// Passes over a test's attributes, and over the item, field, statement or module that they are for.
    fn skip_item(&mut self) {
        while self.text(0) == "#" {
            self.at += 1;
            self.skip_brackets();
        }
        while self.text(0) == "pub" {
            self.at += 1;
            if self.text(0) == "(" {
                self.skip_brackets();
            }
        }
        if self.text(0) == "mod" && self.text(2) == ";" {
            self.items.test_modules.push(self.text(1).to_owned());
        }
        let is_line = matches!(self.text(0), "use" | "let" | "const" | "static" | "type");
        let is_block =
            matches!(self.text(0), "fn" | "async" | "unsafe" | "impl" | "trait" | "struct" | "enum" | "mod");
        while self.at < self.tokens.len() {
            match self.text(0) {
                ";" => return self.at += 1,
                // A field, an arm, a variant.
                "," if !is_line && !is_block => return self.at += 1,
                "}" | ")" | "]" => return,
                "{" => {
                    self.skip_brackets();
                    if !is_line && self.text(0) != "else" {
                        return;
                    }
                }
                "(" | "[" => self.skip_brackets(),
                _ => self.at += 1,
            }
        }
    }

    /// Passes over everything from an opening bracket to the one that closes it.
    fn skip_brackets(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.tokens.len() {
            match self.text(0) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Reads `use …;`.
    fn import(&mut self, depth: usize) {
        let before = self.at.checked_sub(1).map_or("", |at| self.tokens[at].text);
        // `pub use`, `pub(crate) use`.
        let reach = if matches!(before, "pub" | ")") { Reach::Public } else { Reach::Private };
        self.at += 1;
        self.tree(&[], depth, reach);
    }

    /// Reads one tree of an import, or several in braces, up to what follows them.
    fn tree(&mut self, before: &[String], depth: usize, reach: Reach) {
        let mut path = before.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.text(0) {
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(0), "}" | "") {
                        self.tree(&path, depth, reach);
                        if self.text(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "::" => self.at += 1,
                "as" | "," | "}" | ";" | "" => break,
                name => {
                    path.push(name.to_owned());
                    self.at += 1;
                }
            }
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if self.text(0) == "as" {
            self.text(1).clone_into(&mut name);
            self.at += 2;
        }
        self.items.imports.push(Import { named: Named { path, line, depth }, name, reach });
    }
}

#[test]
fn a_file_is_read_as_far_as_its_imports() {
    let items = Items::read(
        "mod a;\n#[cfg(test)]\nmod b;\npub(crate) use self::a::{\n    C as D,\n    e::{self, F},\n};\n\
         struct G { #[cfg(test)] h: crate::I<u8>, j: crate::K }\npub(in crate::bb) fn l() { m::n(); #[cfg(test)] crate::o::p(q, q); r::s!(); }\n\
         #[cfg(test)]\nif crate::t() { u::v() }\n#[cfg(test)]\nmod w {\n    use crate::x::Y;\n}\nmod z { use super::aa; }",
    );
    assert_eq!((items.modules, items.test_modules), (vec!["a".to_owned()], vec!["b".to_owned()]));
    let imports: Vec<_> = items
        .imports
        .iter()
        .map(|import| (import.named.path.join("::"), import.name.as_str(), import.named.depth, import.reach))
        .collect();
    assert_eq!(
        imports,
        [
            ("self::a::C".to_owned(), "D", 0, Reach::Public),
            ("self::a::e".to_owned(), "e", 0, Reach::Public),
            ("self::a::e::F".to_owned(), "F", 0, Reach::Public),
            ("super::aa".to_owned(), "aa", 1, Reach::Private),
        ]
    );
    let paths: Vec<_> = items.paths.iter().map(|named| named.path.join("::")).collect();
    assert_eq!(paths, ["crate::K", "m::n", "r::s"]);
}

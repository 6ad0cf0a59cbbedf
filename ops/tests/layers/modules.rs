//! Which file of a crate takes something from which. A module that only hands a name on is passed through, to the file that defines
//! the name.

use std::collections::{BTreeMap, BTreeSet};

use super::items::{Import, Items, Named, Reach};
use crate::tree::Source;

/// One file takes a name from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) by: String,
    pub(crate) line: usize,
    pub(crate) name: String,
}

/// The name of an import that takes whatever there is.
const GLOB: &str = "*";

/// More hands than a name is handed on by.
const HANDS_MAX: usize = 16;

/// Everything that one file takes from another of the same crate, in every crate of the house.
pub(crate) fn taken(house: &[Source]) -> Vec<Taken> {
    let mut found = Vec::new();
    for manifest in house {
        let Some(folder) = manifest.path.strip_suffix("/Cargo.toml") else { continue };
        let library = Tree::read(house, folder, "lib.rs");
        let program = Tree::read(house, folder, "main.rs");
        for tree in [&library, &program] {
            for (module, file) in &tree.files {
                tree.taken_by(module, file, &mut found);
            }
        }
    }
    found.sort();
    found.dedup_by(|one, other| (&one.by, &one.from, &one.name) == (&other.by, &other.from, &other.name));
    found
}

/// The modules of a library or a program, by path from its root.
struct Tree {
    files: BTreeMap<Vec<String>, File>,
}

struct File {
    path: String,
    items: Items,
}

/// Where a path leads: a file, and what in it.
enum Goal<'a> {
    Module(&'a str),
    Name(&'a str, String),
}

impl Tree {
    fn read(house: &[Source], folder: &str, root: &str) -> Self {
        let mut tree = Self { files: BTreeMap::new() };
        let mut open = vec![(Vec::new(), vec![format!("{folder}/src/{root}")])];
        while let Some((module, places)) = open.pop() {
            let Some(source) = house.iter().find(|source| places.contains(&source.path)) else { continue };
            let items = Items::read(&source.text);
            for child in &items.modules {
                let path = [module.as_slice(), std::slice::from_ref(child)].concat();
                let place = format!("{folder}/src/{}", path.join("/"));
                open.push((path, vec![format!("{place}.rs"), format!("{place}/mod.rs")]));
            }
            tree.files.insert(module, File { path: source.path.clone(), items });
        }
        tree
    }

    fn taken_by(&self, module: &[String], file: &File, found: &mut Vec<Taken>) {
        let mut take = |line, goal| {
            let (from, name) = match goal {
                Goal::Module(from) => (from, "itself".to_owned()),
                Goal::Name(from, name) => (from, name),
            };
            if from != file.path {
                found.push(Taken { from: from.to_owned(), by: file.path.clone(), line, name });
            }
        };
        for import in &file.items.imports {
            let Import { named, name, reach } = import;
            let is_handed_on = *reach == Reach::Public && !file.items.names.contains(name);
            if name == GLOB {
                self.taken_by_glob(module, named, &file.items.names, &mut take);
            }
            let Some(goal) = self.goal(module, named, HANDS_MAX).filter(|_goal| !is_handed_on) else {
                continue;
            };
            // Of a module, whatever is named behind it is taken.
            let is_used = file.items.paths.iter().any(|used| used.path.first() == Some(name));
            if !(matches!(goal, Goal::Module(_)) && is_used) {
                take(named.line, goal);
            }
        }
        for named in &file.items.paths {
            if let Some(goal) = self.goal(module, named, HANDS_MAX) {
                take(named.line, goal);
            }
        }
    }

    /// What a glob takes beside what its module defines: all that the module imports and that is named here.
    fn taken_by_glob<'tree>(
        &'tree self,
        module: &[String],
        named: &Named,
        spoken: &BTreeSet<String>,
        take: &mut impl FnMut(usize, Goal<'tree>),
    ) {
        let mut path = named.path.clone();
        path.pop();
        let Some(Goal::Module(from)) = self.goal(module, &Named { path, ..named.clone() }, HANDS_MAX) else {
            return;
        };
        for (module, file) in self.files.iter().filter(|(_module, file)| file.path == from) {
            for import in file.items.imports.iter().filter(|import| spoken.contains(&import.name)) {
                if let Some(goal) = self.goal(module, &import.named, HANDS_MAX) {
                    take(named.line, goal);
                }
            }
        }
    }

    /// Where a path leads that is named in a module; none where it leads out of the crate.
    fn goal(&self, module: &[String], named: &Named, hands: usize) -> Option<Goal<'_>> {
        let hands = hands.checked_sub(1)?;
        let Named { path, depth, .. } = named;
        let (first, mut rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(Vec::new(), rest, hands),
            "self" => self.walk(module.to_vec(), rest, hands),
            "super" => {
                let mut up = 1_usize;
                while let Some((_super, after)) = rest.split_first().filter(|(next, _)| *next == "super") {
                    (up, rest) = (up + 1, after);
                }
                // Some of the modules above are within the file.
                let left = module.len().checked_sub(up.saturating_sub(*depth))?;
                self.walk(module[..left].to_vec(), rest, hands)
            }
            _ => {
                let imports = &self.files.get(module)?.items.imports;
                let known = imports.iter().filter(|import| import.name == *first && import.named != *named);
                if let Some(import) = known.min_by_key(|import| import.named.depth != *depth) {
                    let path = [import.named.path.as_slice(), rest].concat();
                    return self.goal(module, &Named { path, ..import.named.clone() }, hands);
                }
                let child = [module, std::slice::from_ref(first)].concat();
                if self.files.contains_key(&child) { self.walk(child, rest, hands) } else { None }
            }
        }
    }

    /// Goes on from a module.
    fn walk(&self, mut module: Vec<String>, path: &[String], hands: usize) -> Option<Goal<'_>> {
        let mut rest = path;
        loop {
            let file = self.files.get(&module)?;
            let Some((next, after)) = rest.split_first() else { return Some(Goal::Module(&file.path)) };
            let child = [module.as_slice(), std::slice::from_ref(next)].concat();
            if self.files.contains_key(&child) {
                (module, rest) = (child, after);
                continue;
            }
            let handed =
                file.items.imports.iter().find(|import| import.name == *next && import.named.depth == 0);
            return match handed {
                Some(import) => {
                    let path = [import.named.path.as_slice(), after].concat();
                    self.goal(&module, &Named { path, ..import.named.clone() }, hands)
                }
                None => Some(Goal::Name(&file.path, next.clone())),
            };
        }
    }
}

//! The files the rules read, and what the rules say of them.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// One Rust file: its path from the package root, with `/`, and its text.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The path from `src/`, as the table of specifications writes it: `endpoint/token.rs`.
    pub(crate) fn room(&self) -> &str {
        self.path.strip_prefix("src/").unwrap_or(&self.path)
    }

    /// The floor the file stands on: the folder right under `src/`, if any.
    pub(crate) fn floor(&self) -> Option<&str> {
        self.room().split_once('/').map(|(floor, _)| floor)
    }

    /// How many modules lie above this file's own items: 0 in `lib.rs`, 1 in `base/mod.rs`, 2 in `base/json.rs`.
    pub(crate) fn depth(&self) -> usize {
        let steps = self.room().split('/').count();
        match self.room().rsplit('/').next() {
            Some("mod.rs" | "lib.rs") => steps.saturating_sub(1),
            _ => steps,
        }
    }

    pub(crate) fn fault(&self, line: usize, what: impl Into<String>) -> Fault {
        Fault {
            path: self.path.clone(),
            line,
            what: what.into(),
        }
    }
}

/// A broken rule, printed as `path:line: what`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Every Rust file under a folder of the package, in the order of their paths. Build output is left out.
pub(crate) fn read(folder: &str) -> io::Result<Vec<Source>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut sources = Vec::new();
    collect(&root, folder, &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn collect(folder: &Path, name: &str, sources: &mut Vec<Source>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let leaf = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{name}/{leaf}");
        if entry.file_type()?.is_dir() {
            if leaf != "target" && leaf != "node_modules" && !leaf.starts_with('.') {
                collect(&entry.path(), &path, sources)?;
            }
        } else if leaf.ends_with(".rs") {
            let text = fs::read_to_string(entry.path())?;
            sources.push(Source { path, text });
        }
    }
    Ok(())
}

#[test]
fn a_file_knows_its_place() {
    let place = |path| {
        let source = Source::new(path, "");
        (source.floor().map(str::to_owned), source.depth())
    };
    assert_eq!(place("src/lib.rs"), (None, 0));
    assert_eq!(place("src/base/mod.rs"), (Some("base".to_owned()), 1));
    assert_eq!(place("src/base/json.rs"), (Some("base".to_owned()), 2));
    assert_eq!(place("src/base/json/mod.rs"), (Some("base".to_owned()), 2));
    assert_eq!(
        place("src/base/json/tests.rs"),
        (Some("base".to_owned()), 3)
    );
}

#[test]
fn a_fault_reads_like_a_compiler_message() {
    let fault = Source::new("src/base/json.rs", "").fault(7, "climbs");
    assert_eq!(fault.to_string(), "src/base/json.rs:7: climbs");
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(read("no/such/folder").is_err());
    let own = read("tests/architecture").unwrap();
    assert!(
        own.iter()
            .any(|source| source.path == "tests/architecture/source.rs")
    );
}

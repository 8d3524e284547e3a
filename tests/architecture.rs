//! The shape of the crate, held by a test: its floors, its imports, its doors, its sizes, its table of specifications.
//!
//! The folders of `src/` are floors. Their alphabetical order is their order: each uses only itself and those before
//! it. The rules are functions from text to faults, proven on made-up sources in the files under `architecture/`;
//! the tests below hand them the real tree and want no fault back.

#[path = "architecture/lexer.rs"]
mod lexer;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/specifications.rs"]
mod specifications;

use source::Fault;
use source::Source;

/// The floors, lowest first. `transport` is the only one with a door to the street, so it is last.
const FLOORS: [&str; 9] = [
    "base",
    "crypto",
    "domain",
    "endpoint",
    "flow",
    "lease",
    "oauth1",
    "provider",
    "transport",
];

/// The most lines a file may have, its tests included.
const LONGEST: usize = 500;

#[test]
fn floors_are_in_alphabetical_order_and_transport_is_last() {
    assert!(FLOORS.is_sorted());
    assert_eq!(FLOORS.last(), Some(&"transport"));
}

#[test]
fn every_file_stands_on_a_floor() {
    hold("src", rules::placed);
}

#[test]
fn no_path_climbs() {
    hold("src", rules::climbs);
}

#[test]
fn one_line_per_import() {
    hold("src", rules::groups);
}

#[test]
fn only_transport_has_doors() {
    hold("src", rules::doors);
}

#[test]
fn every_module_opens_with_its_docs() {
    hold("src", rules::opens_with_docs);
}

#[test]
fn no_file_is_too_long() {
    for folder in ["src", "tests", "examples", "benches", "fuzz/fuzz_targets"] {
        hold(folder, rules::too_long);
    }
}

#[test]
fn specifications_and_modules_agree() {
    let sources = source::read("src").unwrap();
    report(&specifications::faults(&sources));
}

/// Applies one rule to every Rust file under a folder of the package.
fn hold(folder: &str, rule: fn(&Source) -> Vec<Fault>) {
    let sources = source::read(folder).unwrap_or_default();
    assert!(folder != "src" || sources.iter().any(|source| source.path == "src/lib.rs"));
    report(&sources.iter().flat_map(rule).collect::<Vec<_>>());
}

fn report(faults: &[Fault]) {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "\n{}\n", lines.join("\n"));
}

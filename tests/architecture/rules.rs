//! The rules that look at one file: where it stands, what it names, how long it is, how it opens.

use crate::FLOORS;
use crate::LONGEST;
use crate::paths::Path;
use crate::paths::Place;
use crate::paths::paths;
use crate::source::Fault;
use crate::source::Source;

/// What only `transport` may name. The clock comes in as an argument, waiting goes out as a step, and bytes travel by
/// the hand of whoever embeds the crate.
const DOORS: [&[&str]; 9] = [
    &["std", "env"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime", "now"],
    &["reqwest"],
    &["ureq"],
];

/// A file is `src/lib.rs` or stands in the folder of a floor.
pub(crate) fn placed(source: &Source) -> Vec<Fault> {
    let on_floor = source.floor().is_some_and(|floor| FLOORS.contains(&floor));
    if on_floor || source.path == "src/lib.rs" {
        return Vec::new();
    }
    let what = format!("stands on none of the floors: {}", FLOORS.join(" < "));
    vec![source.fault(1, what)]
}

/// A path from the crate's root names its own floor or a lower one, and `super` does not leave the floor.
pub(crate) fn climbs(source: &Source) -> Vec<Fault> {
    let Some(floor) = source.floor() else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for path in paths(&source.text) {
        if let Some(what) = climb(floor, source.depth(), &path) {
            faults.push(source.fault(path.line, what));
        }
    }
    faults
}

fn climb(floor: &str, depth: usize, path: &Path<'_>) -> Option<String> {
    let written = path.written();
    match path.segments.as_slice() {
        // `pub(crate)`, `pub(super)`: a visibility, not a path.
        ["crate" | "super"] if !path.is_import() => None,
        ["self", rest @ ..] | rest if rest.first() == Some(&"super") => {
            let up = rest.iter().take_while(|name| **name == "super").count();
            let leaves = up >= depth + path.depth;
            leaves.then(|| {
                format!("`{written}` leaves floor `{floor}`: write `crate::floor::file::Name`")
            })
        }
        ["crate", rest @ ..] => climb_from_root(floor, rest, &written),
        // Only a doc example names the crate from outside.
        ["oauth_proto", rest @ ..] if path.place != Place::Prose => {
            climb_from_root(floor, rest, &written)
        }
        _ => None,
    }
}

fn climb_from_root(floor: &str, rest: &[&str], written: &str) -> Option<String> {
    let named = rest.first().copied().unwrap_or_default();
    if !FLOORS.contains(&named) {
        return Some(format!(
            "`{written}` names no floor: write `crate::floor::file::Name`"
        ));
    }
    // The order of the names is the order of the floors.
    (named > floor).then(|| format!("`{written}` climbs: floor `{floor}` may not use `{named}`"))
}

/// Imports from this crate stand one on a line, so that a search for a path finds every use of it.
pub(crate) fn groups(source: &Source) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for path in paths(&source.text) {
        let Place::Import { group: Some(line) } = path.place else {
            continue;
        };
        let root = path.segments.first().copied().unwrap_or_default();
        let ours = ["crate", "self", "super", "oauth_proto"].contains(&root);
        if ours && faults.last().is_none_or(|fault| fault.line != line) {
            let what = format!("`use {root}::…{{…}}` is grouped: one line per import");
            faults.push(source.fault(line, what));
        }
    }
    faults
}

/// Outside `transport` no code names sockets, threads, files, processes, the environment or the clock.
pub(crate) fn doors(source: &Source) -> Vec<Fault> {
    if source.floor() == Some("transport") {
        return Vec::new();
    }
    let found = paths(&source.text);
    let through = found.iter().filter(|path| opens(path));
    let faults = through.map(|path| {
        let hint = match path.segments.as_slice() {
            ["std", "net", ..] => "; addresses as values are in `core::net`",
            _ => "",
        };
        let written = path.written();
        source.fault(
            path.line,
            format!("`{written}` is a door: only `transport` may use it{hint}"),
        )
    });
    faults.collect()
}

fn opens(path: &Path<'_>) -> bool {
    let segments = path.segments.as_slice();
    match (path.place, segments) {
        // A doc example is the reader's code; a word alone is a name of the file's own.
        (Place::Prose, _) | (Place::Code, [_]) => false,
        // The module or everything in it, from which a door is one step away.
        (Place::Import { .. }, ["std"] | ["std", "*"] | ["std", "time"] | ["std", "time", "*"])
        | (_, [.., "SystemTime" | "Instant", "now"]) => true,
        _ => DOORS.iter().any(|door| segments.starts_with(door)),
    }
}

/// A file opens with what it is.
pub(crate) fn opens_with_docs(source: &Source) -> Vec<Fault> {
    let first = source.text.lines().next().unwrap_or_default();
    let documented = first
        .strip_prefix("//! ")
        .is_some_and(|doc| !doc.trim().is_empty());
    if documented || source.path.ends_with("/mod.rs") {
        return Vec::new();
    }
    vec![source.fault(1, "the first line is no module doc: `//! …`")]
}

/// A file is one idea.
pub(crate) fn too_long(source: &Source) -> Vec<Fault> {
    let lines = source.text.lines().count();
    if lines <= LONGEST {
        return Vec::new();
    }
    vec![source.fault(lines, format!("{lines} lines, {LONGEST} are the most"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines on which a rule finds fault with a made-up file.
    fn lines(rule: fn(&Source) -> Vec<Fault>, path: &str, text: &str) -> Vec<usize> {
        let faults = rule(&Source::new(path, text));
        faults.iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn a_file_beside_the_floors_is_refused() {
        for path in [
            "src/client.rs",
            "src/util/mod.rs",
            "src/main.rs",
            "src/zoo/x.rs",
        ] {
            assert_eq!(lines(placed, path, ""), [1], "{path}");
        }
        for path in ["src/lib.rs", "src/base/mod.rs", "src/transport/ureq.rs"] {
            assert!(lines(placed, path, "").is_empty(), "{path}");
        }
    }

    #[test]
    fn an_import_that_climbs_is_refused() {
        let text = "//! Doc.\nuse crate::base::json::Object;\nuse crate::domain::scope::Scope;\nuse crate::flow::call::Call;\n";
        assert_eq!(lines(climbs, "src/base/form.rs", text), [3, 4]);
        assert_eq!(lines(climbs, "src/domain/client.rs", text), [4]);
        assert!(lines(climbs, "src/flow/sign_in.rs", text).is_empty());
        assert!(lines(climbs, "src/transport/ureq.rs", text).is_empty());
        assert!(lines(climbs, "src/lib.rs", text).is_empty());
        let faults = climbs(&Source::new("src/base/form.rs", text));
        let expected = "src/base/form.rs:3: `crate::domain::scope::Scope` climbs: floor `base` may not use `domain`";
        assert_eq!(
            faults.first().map(ToString::to_string).as_deref(),
            Some(expected)
        );
    }

    #[test]
    fn every_floor_may_use_those_before_it_and_no_other() {
        for (own, floor) in FLOORS.iter().enumerate() {
            for (other, named) in FLOORS.iter().enumerate() {
                let text = format!("use crate::{named}::file::Name;");
                let refused = !lines(climbs, &format!("src/{floor}/file.rs"), &text).is_empty();
                assert_eq!(refused, other > own, "{floor} uses {named}");
            }
        }
    }

    #[test]
    fn an_expression_a_type_and_a_macro_that_climb_are_refused() {
        let text = "fn f() {\n    crate::flow::call::run()\n}\nstruct S(Vec<crate::transport::Agent>);\nmacro_rules! m {\n    () => { $crate::lease::x() };\n}\n";
        assert_eq!(lines(climbs, "src/endpoint/token.rs", text), [2, 4, 6]);
    }

    #[test]
    fn a_doc_link_that_climbs_is_refused() {
        let text = "//! A [`Step`](crate::flow::call::Step).\n//!\n//! [`x`]: crate::base::json\nfn f() {}\n// not a link: crate::flow\n";
        assert_eq!(lines(climbs, "src/domain/error.rs", text), [1]);
    }

    #[test]
    fn a_path_in_an_attribute_that_climbs_is_refused() {
        let text = "#[derive(Deserialize)]\nstruct S {\n    #[serde(with = \"crate::flow::wire\")]\n    x: u8,\n}\n";
        assert_eq!(lines(climbs, "src/base/form.rs", text), [3]);
    }

    #[test]
    fn a_doc_example_is_free() {
        let text = "/// ```\n/// use oauth_proto::flow::call::Call;\n/// ```\nfn f() {}\n";
        assert!(lines(climbs, "src/base/form.rs", text).is_empty());
    }

    #[test]
    fn the_crate_by_its_own_name_is_no_way_round() {
        assert_eq!(
            lines(climbs, "src/base/form.rs", "use oauth_proto::flow::call;"),
            [1]
        );
    }

    #[test]
    fn a_path_from_the_root_must_name_a_floor() {
        for text in [
            "use crate::Client;",
            "use crate::*;",
            "use crate as root;",
            "fn f(c: crate::Client) {}",
        ] {
            assert_eq!(lines(climbs, "src/domain/error.rs", text), [1], "{text}");
        }
        for text in [
            "pub(crate) fn f() {}",
            "pub(in crate::domain) fn f() {}",
            "pub(super) fn f() {}",
        ] {
            assert!(
                lines(climbs, "src/domain/mod.rs", text).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn super_may_not_leave_the_floor() {
        let up_two = "use super::super::flow::call;";
        assert_eq!(lines(climbs, "src/base/json.rs", up_two), [1]);
        assert!(lines(climbs, "src/base/json/tests.rs", up_two).is_empty());
        assert_eq!(lines(climbs, "src/base/mod.rs", "use super::flow;"), [1]);
        assert_eq!(
            lines(climbs, "src/base/mod.rs", "use self::super::flow;"),
            [1]
        );
        assert_eq!(
            lines(
                climbs,
                "src/base/json.rs",
                "fn f() { super::super::flow::x() }"
            ),
            [1]
        );
        assert_eq!(
            lines(
                climbs,
                "src/base/json.rs",
                "//! [x](super::super::flow::call)"
            ),
            [1]
        );
        assert!(lines(climbs, "src/base/json.rs", "use super::form;").is_empty());
    }

    #[test]
    fn super_is_counted_from_the_inline_module() {
        let tests = "mod tests {\n    use super::*;\n    use super::super::form;\n    use super::super::super::flow;\n}\nuse super::super::flow;\n";
        assert_eq!(lines(climbs, "src/base/json.rs", tests), [4, 6]);
    }

    #[test]
    fn a_grouped_import_of_the_crate_is_refused() {
        let text = "use std::{fmt, mem};\nuse crate::{\n    base::json,\n    base::form,\n};\nuse crate::base::json::{Object, Value};\nuse super::{a, b};\nuse crate::base::form;\n";
        assert_eq!(lines(groups, "src/domain/client.rs", text), [2, 6, 7]);
        assert_eq!(
            lines(groups, "src/lib.rs", "pub use crate::{base, domain};"),
            [1]
        );
        let faults = groups(&Source::new("src/lib.rs", "use crate::{base, domain};"));
        assert!(
            faults
                .iter()
                .all(|fault| fault.what.ends_with("one line per import"))
        );
    }

    #[test]
    fn a_door_outside_transport_is_refused() {
        let doors_by_line = "use std::net::TcpStream;\nuse std::thread;\nuse std::fs::File;\nuse std::process::Command;\nuse std::time::Instant;\nuse std::env;\nuse std::{fmt, net::IpAddr};\nuse ureq::Agent;\nuse reqwest;\n";
        let all: Vec<usize> = (1..=9).collect();
        assert_eq!(lines(doors, "src/flow/drive.rs", doors_by_line), all);
        assert_eq!(lines(doors, "src/lib.rs", doors_by_line), all);
        assert!(lines(doors, "src/transport/ureq.rs", doors_by_line).is_empty());
    }

    #[test]
    fn the_clock_is_a_door_and_its_type_is_not() {
        let text = "use std::time::SystemTime;\nimpl From<SystemTime> for UnixTime {}\nfn f(t: std::time::SystemTime, d: std::time::Duration) {}\n";
        assert!(lines(doors, "src/base/time.rs", text).is_empty());
        for text in [
            "fn f() { SystemTime::now(); }",
            "fn f() { std::time::SystemTime::now(); }",
            "fn f() { time::Instant::now(); }",
            "use std::time;",
            "use std::time::{self, Duration};",
            "use std::time::*;",
            "use std::*;",
        ] {
            assert_eq!(lines(doors, "src/base/time.rs", text), [1], "{text}");
        }
    }

    #[test]
    fn a_door_in_an_expression_is_refused_and_in_a_doc_example_is_not() {
        assert_eq!(
            lines(
                doors,
                "src/flow/drive.rs",
                "fn f() {\n    std::thread::sleep(d)\n}"
            ),
            [2]
        );
        let doc =
            "/// ```\n/// let sleep = std::thread::sleep;\n/// ```\nfn f() {}\n// std::fs::read\n";
        assert!(lines(doors, "src/flow/drive.rs", doc).is_empty());
        assert!(
            lines(
                doors,
                "src/provider/x.rs",
                "let ureq = 1; let thread = core::net::Ipv4Addr::LOCALHOST;"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_file_without_module_docs_is_refused() {
        for text in [
            "",
            "use std::fmt;\n//! Late.\n",
            "//!\n//! Second line.\n",
            "// Plain.\n",
            "\n//! Late.\n",
            "/// Outer.\n",
        ] {
            assert_eq!(
                lines(opens_with_docs, "src/base/json.rs", text),
                [1],
                "{text}"
            );
        }
        assert!(lines(opens_with_docs, "src/base/json.rs", "//! JSON.\n").is_empty());
        assert!(lines(opens_with_docs, "src/base/mod.rs", "pub mod json;\n").is_empty());
    }

    #[test]
    fn a_file_of_501_lines_is_refused() {
        assert!(lines(too_long, "src/base/json.rs", &"x\n".repeat(500)).is_empty());
        assert_eq!(
            lines(too_long, "src/base/json.rs", &"x\n".repeat(501)),
            [501]
        );
    }
}

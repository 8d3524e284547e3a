//! The paths a source text names: in `use` declarations (taken apart), in expressions and types, in doc links
//! and in strings.

use crate::lexer::Kind;
use crate::lexer::Token;
use crate::lexer::tokens;
use crate::lexer::word;

/// One path as written, `crate::base::json::Object`; a glob ends in `*`, a trailing `self` is dropped.
#[derive(Debug)]
pub(crate) struct Path<'a> {
    pub(crate) line: usize,
    pub(crate) segments: Vec<&'a str>,
    pub(crate) place: Place,
    /// How many inline modules (`mod tests { … }`) the path stands in.
    pub(crate) depth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Code,
    /// In a doc comment or a string.
    Prose,
    /// In a `use` declaration; inside braces, with the line they open on.
    Import {
        group: Option<usize>,
    },
}

impl Path<'_> {
    pub(crate) fn is_import(&self) -> bool {
        matches!(self.place, Place::Import { .. })
    }

    pub(crate) fn written(&self) -> String {
        self.segments.join("::")
    }
}

pub(crate) fn paths(text: &str) -> Vec<Path<'_>> {
    let tokens = tokens(text);
    let mut scan = Scan {
        tokens: &tokens,
        at: 0,
        depth: 0,
        found: Vec::new(),
    };
    scan.run();
    scan.found
}

struct Scan<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
    depth: usize,
    found: Vec<Path<'a>>,
}

impl<'a> Scan<'_, 'a> {
    fn run(&mut self) {
        // One entry for each open brace: whether it is a module's.
        let mut braces = Vec::new();
        while let Some(kind) = self.ahead(0) {
            match kind {
                Kind::Prose(text) => {
                    self.prose(text);
                    self.at += 1;
                }
                Kind::Word("use") => {
                    self.at += 1;
                    self.at += usize::from(self.ahead(0) == Some(Kind::Mark('$')));
                    self.path(&[], Place::Import { group: None });
                }
                Kind::Word("mod") if self.ahead(2) == Some(Kind::Mark('{')) => {
                    self.at += 3;
                    self.depth += 1;
                    braces.push(true);
                }
                Kind::Word(_) | Kind::Separator => self.path(&[], Place::Code),
                Kind::Mark(mark) => {
                    self.at += 1;
                    match mark {
                        '{' => braces.push(false),
                        '}' => self.depth -= usize::from(braces.pop() == Some(true)),
                        _ => {}
                    }
                }
            }
        }
    }

    fn ahead(&self, by: usize) -> Option<Kind<'a>> {
        self.tokens.get(self.at + by).map(|token| token.kind)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }

    /// Reads one path, or the whole tree of an import, and adds what it names.
    fn path(&mut self, prefix: &[&'a str], place: Place) {
        let line = self.line();
        let mut segments = prefix.to_vec();
        self.at += usize::from(self.ahead(0) == Some(Kind::Separator));
        loop {
            match self.ahead(0) {
                Some(Kind::Word(name)) => segments.push(name),
                Some(Kind::Mark('*')) if place != Place::Code => segments.push("*"),
                Some(Kind::Mark('{')) if place != Place::Code => {
                    return self.group(&segments);
                }
                _ => break,
            }
            self.at += 1;
            if self.ahead(0) != Some(Kind::Separator) {
                break;
            }
            self.at += 1;
        }
        if self.ahead(0) == Some(Kind::Word("as")) && place != Place::Code {
            self.at += 2;
        }
        if segments.len() > 1 && segments.last() == Some(&"self") {
            segments.pop();
        }
        self.add(line, segments, place);
    }

    /// Reads `{a, b::c}` of an import, from its opening brace.
    fn group(&mut self, prefix: &[&'a str]) {
        let place = Place::Import {
            group: Some(self.line()),
        };
        self.at += 1;
        while let Some(kind) = self.ahead(0) {
            match kind {
                Kind::Mark('}') => {
                    self.at += 1;
                    return;
                }
                Kind::Word(_) | Kind::Separator | Kind::Mark('*' | '{') => self.path(prefix, place),
                Kind::Mark(_) | Kind::Prose(_) => self.at += 1,
            }
        }
    }

    /// Finds `crate::…` and `super::…` in the words of a doc comment or a string.
    fn prose(&mut self, text: &'a str) {
        let line = self.line();
        for root in ["crate::", "super::"] {
            for (at, _) in text.match_indices(root) {
                let (before, path) = text.split_at(at);
                if before.ends_with(|c: char| c == '_' || c == ':' || c.is_alphanumeric()) {
                    continue;
                }
                let mut segments = Vec::new();
                let mut rest = path;
                loop {
                    let name = word(rest);
                    if name.is_empty() {
                        break;
                    }
                    segments.push(name);
                    match rest
                        .strip_prefix(name)
                        .and_then(|rest| rest.strip_prefix("::"))
                    {
                        Some(after) => rest = after,
                        None => break,
                    }
                }
                self.add(line, segments, Place::Prose);
            }
        }
    }

    fn add(&mut self, line: usize, segments: Vec<&'a str>, place: Place) {
        if !segments.is_empty() {
            self.found.push(Path {
                line,
                segments,
                place,
                depth: self.depth,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<(usize, String)> {
        let imports = paths(text).into_iter().filter(Path::is_import);
        imports.map(|path| (path.line, path.written())).collect()
    }

    fn written(text: &str, place: Place) -> Vec<String> {
        let found = paths(text).into_iter().filter(|path| path.place == place);
        found.map(|path| path.written()).collect()
    }

    #[test]
    fn an_import_is_taken_apart() {
        let text = "use std::{fs, time::{self, Duration as D}};\npub(crate) use ::a::b::*;\nuse crate::{};";
        let expected = [
            (1, "std::fs".to_owned()),
            (1, "std::time".to_owned()),
            (1, "std::time::Duration".to_owned()),
            (2, "a::b::*".to_owned()),
        ];
        assert_eq!(imports(text), expected);
    }

    #[test]
    fn a_group_knows_where_it_opens() {
        let found = paths("use crate::base::{\n    json,\n    form,\n};");
        let places: Vec<(usize, Place)> =
            found.iter().map(|path| (path.line, path.place)).collect();
        let group = Place::Import { group: Some(1) };
        assert_eq!(places, [(2, group), (3, group)]);
    }

    #[test]
    fn capture_lists_and_macros_do_not_confuse_it() {
        assert!(imports("fn f<'a>() -> impl Sized + use<'a> {}").is_empty());
        let text =
            "macro_rules! m { () => { use $crate::base::json; $crate::base::form::read() } }";
        assert_eq!(imports(text), [(1, "crate::base::json".to_owned())]);
        assert!(written(text, Place::Code).contains(&"crate::base::form::read".to_owned()));
    }

    #[test]
    fn paths_in_code_are_found() {
        let text =
            "fn f(x: &crate::a::B) -> <crate::c::D as E>::F { crate::g::h::<u8>(x) * crate::j::K }";
        let found: Vec<String> = written(text, Place::Code)
            .into_iter()
            .filter(|path| path.starts_with("crate"))
            .collect();
        assert_eq!(
            found,
            ["crate::a::B", "crate::c::D", "crate::g::h", "crate::j::K"]
        );
    }

    #[test]
    fn paths_in_docs_and_strings_are_found() {
        let text =
            "//! See [`crate::flow::call`], [step](super::super::flow::Step) and mycrate::x.";
        let expected = ["crate::flow::call", "super::super::flow::Step"];
        assert_eq!(written(text, Place::Prose), expected);
        let text = "#[serde(with = \"crate::base::time\")]";
        assert_eq!(written(text, Place::Prose), ["crate::base::time"]);
        assert!(paths("// plain crate::flow::call").is_empty());
    }

    #[test]
    fn inline_modules_are_counted() {
        let text = "use a::a;\nmod tests { fn f() { use b::b; } mod deeper { use c::c; } }\nuse d::d;\nmod file;\nuse e::e;";
        let found = paths(text).into_iter().filter(Path::is_import);
        let depths: Vec<(usize, usize)> = found.map(|path| (path.line, path.depth)).collect();
        assert_eq!(depths, [(1, 0), (2, 1), (2, 2), (3, 0), (5, 0)]);
    }

    #[test]
    fn broken_text_ends_the_scan() {
        for text in [
            "use crate::{",
            "use",
            "use ;",
            "}}}",
            "mod m {",
            "crate::",
            "use a::{b as",
            "::",
        ] {
            assert!(paths(text).len() < 3, "{text}");
        }
    }
}

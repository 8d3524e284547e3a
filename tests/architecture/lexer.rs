//! Just enough of Rust's lexical structure (The Rust Reference, "Lexical structure") to find paths: words and
//! punctuation with their lines. Characters, lifetimes, numbers and plain comments are skipped; a doc comment is one
//! token, and so is a string.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// An identifier or keyword; `r#type` is the word `type`.
    Word(&'a str),
    /// `::`
    Separator,
    Mark(char),
    /// The text after `///` or `//!`, or a string: derive macros take paths in strings.
    Prose(&'a str),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) line: usize,
    pub(crate) kind: Kind<'a>,
}

pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, kind) = next(rest, first);
        tokens.extend(kind.map(|kind| Token { line, kind }));
        let (taken, left) = rest.split_at(length);
        line += taken.matches('\n').count();
        rest = left;
    }
    tokens
}

/// The length in bytes of what `rest` begins with, and the token, where it is one.
fn next(rest: &str, first: char) -> (usize, Option<Kind<'_>>) {
    if rest.starts_with("//") {
        let line = rest.split('\n').next().unwrap_or(rest);
        return (line.len(), doc(line).map(Kind::Prose));
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), None);
    }
    if let Some(length) = string(rest) {
        return (length, Some(Kind::Prose(rest.split_at(length).0)));
    }
    if let Some(after) = rest.strip_prefix('\'') {
        return (1 + quoted(after), None);
    }
    if rest.starts_with("::") {
        return (2, Some(Kind::Separator));
    }
    if let Some(after) = rest.strip_prefix("r#") {
        let name = word(after);
        return (2 + name.len(), Some(Kind::Word(name)));
    }
    match word(rest) {
        "" => {
            let mark = (!first.is_whitespace()).then_some(Kind::Mark(first));
            (first.len_utf8(), mark)
        }
        name if first.is_ascii_digit() => (name.len(), None),
        name => (name.len(), Some(Kind::Word(name))),
    }
}

/// The run of identifier characters that a text begins with.
pub(crate) fn word(text: &str) -> &str {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    end.map_or(text, |end| text.split_at(end).0)
}

/// The text of a doc comment; four slashes make a plain one.
fn doc(line: &str) -> Option<&str> {
    let outer = line
        .strip_prefix("///")
        .filter(|text| !text.starts_with('/'));
    outer.or_else(|| line.strip_prefix("//!"))
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut open = 0_usize;
    let mut skip = 0_usize;
    for (at, _) in rest.char_indices().filter(|(_, c)| *c == '/' || *c == '*') {
        let (_, here) = rest.split_at(at);
        if at < skip {
            continue;
        }
        if here.starts_with("/*") {
            open += 1;
            skip = at + 2;
        } else if here.starts_with("*/") {
            open -= 1;
            skip = at + 2;
            if open == 0 {
                return skip;
            }
        }
    }
    rest.len()
}

/// The length of a string literal of any kind (`"…"`, `b"…"`, `c"…"`, `r#"…"#`), if the text begins with one.
fn string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let Some(raw) = after.strip_prefix('r') else {
        let body = after.strip_prefix('"')?;
        return Some(rest.len() - body.len() + escaped(body, '"'));
    };
    let unhashed = raw.trim_start_matches('#');
    let body = unhashed.strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(raw.len() - unhashed.len()));
    let end = body
        .find(&closing)
        .map_or(body.len(), |at| at + closing.len());
    Some(rest.len() - body.len() + end)
}

/// The length of what follows a single quote: the rest of a character literal, or a lifetime's name.
fn quoted(after: &str) -> usize {
    let mut characters = after.chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => escaped(after, '\''),
        (Some(one), Some('\'')) => one.len_utf8() + 1,
        _ => word(after).len(),
    }
}

/// The length up to and with the closing mark, over backslash escapes.
fn escaped(body: &str, closing: char) -> usize {
    let mut backslash = false;
    for (at, c) in body.char_indices() {
        if !backslash && c == closing {
            return at + c.len_utf8();
        }
        backslash = !backslash && c == '\\';
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let words = tokens(text)
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Word(word) => Some(word),
                _ => None,
            });
        words.collect()
    }

    #[test]
    fn strings_hold_no_words() {
        assert_eq!(words(r#"a "b \" c" d"#), ["a", "d"]);
        assert_eq!(words(r##"a r#"b " c"# d"##), ["a", "d"]);
        assert_eq!(words(r##"a br"b \" d"##), ["a", "d"]);
        assert_eq!(words("a b\"x\\\\\" d c\"x\" e"), ["a", "d", "e"]);
        assert_eq!(words("a \"never closed b"), ["a"]);
    }

    #[test]
    fn characters_and_lifetimes_are_told_apart() {
        assert_eq!(words(r"a 'b' c '\'' d b'\\' e"), ["a", "c", "d", "b", "e"]);
        assert_eq!(words("fn f<'life>(x: &'life str)"), ["fn", "f", "x", "str"]);
        assert_eq!(words(r"a '\u{1F600}' b '\x41' c"), ["a", "b", "c"]);
        assert_eq!(words("'\"' a '\"'"), ["a"]);
    }

    #[test]
    fn comments_nest_and_docs_are_kept() {
        assert_eq!(words("a /* b /* c */ d */ e // f\ng"), ["a", "e", "g"]);
        assert_eq!(words("a /*/ b */ c /***/ d /* open"), ["a", "c", "d"]);
        let docs = tokens("//! one\n/// two\n// three\n//// four\n");
        let kinds: Vec<Kind<'_>> = docs.iter().map(|token| token.kind).collect();
        assert_eq!(kinds, [Kind::Prose(" one"), Kind::Prose(" two")]);
    }

    #[test]
    fn raw_identifiers_and_numbers() {
        assert_eq!(words("r#type 1u8 0x_ff x1 _y"), ["type", "x1", "_y"]);
        let kinds: Vec<Kind<'_>> = tokens("a::b").iter().map(|token| token.kind).collect();
        assert_eq!(kinds, [Kind::Word("a"), Kind::Separator, Kind::Word("b")]);
    }

    #[test]
    fn lines_are_counted_through_what_is_skipped() {
        let found = tokens("a\n\"x\ny\" /*\n\n*/ b\nr\"\n\" c");
        let lines: Vec<usize> = found.iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 5, 6, 7]);
    }
}

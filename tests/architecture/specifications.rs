//! The table of specifications in the docs of `src/lib.rs`, held against the modules.
//!
//! ```text
//! | Spec | Title | Where |
//! |------|-------|-------|
//! | [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636) | Proof Key for Code Exchange | `domain/pkce.rs`, `endpoint/token.rs` |
//! | [OpenID Connect Core 1.0](https://openid.net/specs/openid-connect-core-1_0.html) | Identity | `endpoint/id_token.rs` |
//! ```
//!
//! A file may be a link to its module: ``[`domain/pkce.rs`](domain::pkce)``. Every file named exists and cites the
//! specification by the table's own name; every specification that a module cites in the first paragraph of its
//! docs has a row that names the module.

use crate::source::Fault;
use crate::source::Source;

const COLUMNS: [&str; 3] = ["Spec", "Title", "Where"];
const RFC_EDITOR: &str = "https://www.rfc-editor.org/rfc/rfc";

struct Row<'a> {
    line: usize,
    /// What modules cite: `RFC 7636`, `OpenID Connect Core 1.0`.
    name: &'a str,
    files: Vec<&'a str>,
}

pub(crate) fn faults(sources: &[Source]) -> Vec<Fault> {
    let Some(lib) = sources.iter().find(|source| source.path == "src/lib.rs") else {
        return Vec::new();
    };
    let (rows, mut faults) = table(lib);
    faults.extend(rows.iter().flat_map(|row| files(lib, row, sources)));
    faults.extend(sources.iter().flat_map(|source| cited(source, &rows)));
    faults
}

/// The files of a row exist and cite it.
fn files(lib: &Source, row: &Row<'_>, sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in &row.files {
        let module = sources
            .iter()
            .find(|source| source.room() == *file && file.contains('/'));
        let what = match module {
            None => format!("`{file}` is no module"),
            Some(module) if !mentions(&comments(&module.text), row.name) => {
                format!("`{file}` does not cite {}", row.name)
            }
            Some(_) => continue,
        };
        faults.push(lib.fault(row.line, what));
    }
    faults
}

/// What a module's first paragraph cites has a row that names the module.
fn cited(source: &Source, rows: &[Row<'_>]) -> Vec<Fault> {
    let tests = source.path.ends_with("/tests.rs") || source.room().contains("/tests/");
    if source.floor().is_none() || tests {
        return Vec::new();
    }
    let paragraph = first_paragraph(&source.text);
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    match rfcs(&paragraph) {
        Ok(found) => names.extend(found),
        Err(written) => {
            faults.push(source.fault(1, format!("`{written}`: cite each one as `RFC 1234`")));
        }
    }
    let others = rows.iter().map(|row| row.name.to_owned());
    names.extend(others.filter(|name| !name.starts_with("RFC ") && mentions(&paragraph, name)));
    for name in names {
        let mut listed = rows.iter().filter(|row| row.name == name);
        if !listed.any(|row| row.files.contains(&source.room())) {
            let room = source.room();
            let what = format!("no row for {name} in the table of src/lib.rs names `{room}`");
            faults.push(source.fault(1, what));
        }
    }
    faults
}

/// Reads the rows of every table headed `Spec | Title | Where`.
fn table(lib: &Source) -> (Vec<Row<'_>>, Vec<Fault>) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut faults = Vec::new();
    let mut inside = false;
    for (index, text) in lib.text.lines().enumerate() {
        let line = index + 1;
        let cells = text.strip_prefix("//!").and_then(|doc| cells(doc.trim()));
        let Some(cells) = cells else {
            inside = false;
            continue;
        };
        if cells == COLUMNS {
            inside = true;
        } else if inside {
            match row(line, &cells) {
                Ok(Some(row)) if rows.iter().any(|other| other.name == row.name) => {
                    faults.push(lib.fault(line, format!("{} has two rows", row.name)));
                }
                Ok(row) => rows.extend(row),
                Err(what) => faults.push(lib.fault(line, what)),
            }
        } else if text.contains(RFC_EDITOR) {
            faults.push(lib.fault(
                line,
                "a specification outside a table headed `Spec | Title | Where`",
            ));
        }
    }
    (rows, faults)
}

/// The cells of a line of a Markdown table.
fn cells(doc: &str) -> Option<Vec<&str>> {
    let inner = doc.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// Nothing for the line under the head.
fn row<'a>(line: usize, cells: &[&'a str]) -> Result<Option<Row<'a>>, String> {
    let rule = |cell: &&str| cell.len() > 2 && cell.chars().all(|c| c == '-' || c == ':');
    if cells.iter().all(rule) {
        return Ok(None);
    }
    let &[spec, title, places] = cells else {
        return Err(format!("{} cells, not three", cells.len()));
    };
    let name = specification(spec)?;
    if title.is_empty() {
        return Err(format!("{name} has no title"));
    }
    let mut files = Vec::new();
    for place in places.split(',') {
        let file = file(place.trim())?;
        if files.contains(&file) {
            return Err(format!("{name} names `{file}` twice"));
        }
        files.push(file);
    }
    Ok(Some(Row { line, name, files }))
}

/// `[RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)` or `[name](https://…)`.
fn specification(cell: &str) -> Result<&str, String> {
    let Some((name, url)) = link(cell).filter(|(name, _)| !name.is_empty()) else {
        return Err(format!(
            "`{cell}` is no link: write `[RFC 1234]({RFC_EDITOR}1234)`"
        ));
    };
    if name.starts_with("RFC") {
        let number = name.strip_prefix("RFC ").filter(|number| is_number(number));
        let number = number.ok_or_else(|| format!("`{name}` is not written `RFC 1234`"))?;
        if url.strip_prefix(RFC_EDITOR) != Some(number) {
            return Err(format!(
                "`{url}` is not the address of {name}: {RFC_EDITOR}{number}"
            ));
        }
    } else if !url.starts_with("https://") {
        return Err(format!("`{url}` is no https address"));
    }
    Ok(name)
}

/// `` `floor/file.rs` `` or ``[`floor/file.rs`](floor::file)``.
fn file(place: &str) -> Result<&str, String> {
    let (code, target) = link(place).map_or((place, None), |(code, target)| (code, Some(target)));
    let Some(file) = code
        .strip_prefix('`')
        .and_then(|code| code.strip_suffix('`'))
    else {
        return Err(format!(
            "`{place}` is no file: write `floor/file.rs` in backticks, commas between"
        ));
    };
    if let Some(target) = target {
        let module = file
            .trim_end_matches(".rs")
            .trim_end_matches("/mod")
            .replace('/', "::");
        if target.trim_start_matches("crate::") != module {
            return Err(format!("`{file}` links to `{target}`, not to `{module}`"));
        }
    }
    Ok(file)
}

/// Takes `[text](target)` apart.
fn link(cell: &str) -> Option<(&str, &str)> {
    cell.strip_prefix('[')?.strip_suffix(')')?.split_once("](")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// The first paragraph of a file's module docs, on one line.
fn first_paragraph(text: &str) -> String {
    let docs = text.lines().map_while(|line| line.strip_prefix("//!"));
    let paragraph: Vec<&str> = docs
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    paragraph.join(" ")
}

/// All line comments of a file, doc or plain, on one line.
fn comments(text: &str) -> String {
    let comments = text
        .lines()
        .filter_map(|line| match line.trim_start().strip_prefix("//") {
            Some(comment) => Some(comment.trim_start_matches(['/', '!'])),
            None => line.split_once(" // ").map(|(_, comment)| comment),
        });
    comments.map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Whether a text has a name in it that is not a part of a longer word or number.
fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let after = rest.strip_prefix(name).unwrap_or_default();
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}

/// The RFCs a text cites, or the first citation whose number a search for `RFC 1234` would not find.
fn rfcs(text: &str) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for (at, _) in text.match_indices("RFC") {
        let (before, rest) = text.split_at(at);
        if before.ends_with(char::is_alphanumeric) {
            continue;
        }
        let after = rest.strip_prefix("RFC").unwrap_or_default();
        let number = after.trim_start_matches(['s', ' ', '-', '\u{a0}']);
        let digits = leading_digits(number);
        if digits.is_empty() {
            continue;
        }
        let next = number.strip_prefix(digits).unwrap_or_default();
        let another = [", ", " and ", " or ", "/", " & "].iter().any(|between| {
            let next = next.strip_prefix(between).unwrap_or_default();
            leading_digits(next).len() >= 4
        });
        if after.strip_prefix(' ') != Some(number) || another {
            return Err(rest.chars().take(20).collect());
        }
        let name = format!("RFC {digits}");
        if !found.contains(&name) {
            found.push(name);
        }
    }
    Ok(found)
}

fn leading_digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit());
    end.map_or(text, |end| text.split_at(end).0)
}

#[cfg(test)]
#[path = "specifications/tests.rs"]
mod tests;

//! Every rule of the table of specifications, tripped by a made-up crate of two modules.

use super::*;

const PKCE_ROW: &str = "| [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636) | Proof Key for Code Exchange | `domain/pkce.rs` |";
const CORE_ROW: &str = "| [OpenID Connect Core 1.0](https://openid.net/specs/openid-connect-core-1_0.html) | Identity | `domain/claims.rs` |";

/// What is found in a crate whose `lib.rs` has these rows and which has these two modules.
fn found(rows: &[&str], pkce: &str, claims: &str) -> Vec<String> {
    let rows: String = rows.iter().map(|row| format!("//! {row}\n")).collect();
    let lib = format!(
        "//! Crate.\n//!\n//! | Spec | Title | Where |\n//! |---|:---|---|\n{rows}\npub mod domain;\n"
    );
    let sources = [
        Source::new("src/domain/claims.rs", claims),
        Source::new("src/domain/mod.rs", ""),
        Source::new("src/domain/pkce.rs", pkce),
        Source::new("src/lib.rs", &lib),
    ];
    faults(&sources).iter().map(ToString::to_string).collect()
}

fn one(rows: &[&str], pkce: &str, expected: &str) {
    let found = found(rows, pkce, "//! Claims.\n");
    let [fault] = found.as_slice() else {
        panic!("{expected}: {found:?}");
    };
    assert!(fault.contains(expected), "{expected}: {fault}");
}

#[test]
fn a_table_that_agrees_with_the_modules_passes() {
    let pkce = "//! Proof key (RFC\n//! 7636, section 4).\nfn f() {}\n";
    let claims = "//! Claims: OpenID Connect Core 1.0, section 5.1.\n";
    assert_eq!(found(&[PKCE_ROW, CORE_ROW], pkce, claims), [""; 0]);
    let linked = PKCE_ROW.replace(
        "`domain/pkce.rs`",
        "[`domain/pkce.rs`](crate::domain::pkce)",
    );
    assert_eq!(found(&[&linked], pkce, "//! None.\n"), [""; 0]);
    let two = PKCE_ROW.replace("`domain/pkce.rs`", "`domain/pkce.rs`, `domain/claims.rs`");
    assert_eq!(
        found(&[&two], pkce, "//! None.\n// See RFC 7636.\n"),
        [""; 0]
    );
    assert_eq!(
        found(
            &[],
            "//! Nothing cited; the RFC's own words.\n",
            "//! None.\n"
        ),
        [""; 0]
    );
}

#[test]
fn a_cited_rfc_without_a_row_is_refused() {
    one(
        &[],
        "//! Proof key (RFC 7636).\n",
        "src/domain/pkce.rs:1: no row for RFC 7636 in the table of src/lib.rs names `domain/pkce.rs`",
    );
    one(
        &[PKCE_ROW],
        "//! Proof key (RFC 7636, RFC 6749).\n",
        "no row for RFC 6749",
    );
}

#[test]
fn a_row_that_leaves_a_module_out_is_refused() {
    let found = found(
        &[PKCE_ROW, CORE_ROW],
        "//! RFC 7636.\n",
        "//! RFC 7636 and OpenID Connect Core 1.0.\n",
    );
    assert_eq!(found.len(), 1);
    assert!(
        found
            .iter()
            .all(|fault| fault.starts_with("src/domain/claims.rs:1:")
                && fault.contains("no row for RFC 7636"))
    );
}

#[test]
fn another_specification_cited_without_being_named_is_refused() {
    one(
        &[&CORE_ROW.replace("claims", "mod"), PKCE_ROW],
        "//! RFC 7636.\n",
        "does not cite OpenID Connect Core 1.0",
    );
    let found = found(
        &[CORE_ROW],
        "//! OpenID Connect Core 1.0.\n",
        "//! OpenID Connect Core 1.0.\n",
    );
    assert_eq!(found.len(), 1);
    assert!(
        found
            .iter()
            .all(|fault| fault.starts_with("src/domain/pkce.rs:1:"))
    );
}

#[test]
fn only_the_first_paragraph_must_be_in_the_table() {
    let pkce = "//! Proof key (RFC 7636).\n//!\n//! Compare RFC 6749.\n/// RFC 7517\nfn f() {}\n";
    assert_eq!(found(&[PKCE_ROW], pkce, "//! None.\n"), [""; 0]);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    one(
        &[&PKCE_ROW.replace("`domain/pkce.rs`", "`domain/pkce.rs`, `domain/gone.rs`")],
        "//! RFC 7636.\n",
        "src/lib.rs:5: `domain/gone.rs` is no module",
    );
    one(
        &[&PKCE_ROW.replace("`domain/pkce.rs`", "`domain/pkce.rs`, `lib.rs`")],
        "//! RFC 7636.\n",
        "`lib.rs` is no module",
    );
}

#[test]
fn a_file_that_does_not_cite_its_row_is_refused() {
    let expected = "src/lib.rs:5: `domain/pkce.rs` does not cite RFC 7636";
    one(&[PKCE_ROW], "//! Proof key.\n", expected);
    one(
        &[PKCE_ROW],
        "//! Proof key.\n//!\n//! RFC 76360.\n",
        expected,
    );
    let string = "//! Proof key.\nconst X: &str = \"https://x RFC 7636\";\n";
    one(&[PKCE_ROW], string, expected);
}

#[test]
fn a_row_that_cannot_be_read_is_refused() {
    let cases = [
        (
            "[RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)",
            "RFC 7636",
            "is no link",
        ),
        (
            "rfc/rfc7636)",
            "rfc/rfc7637)",
            "is not the address of RFC 7636",
        ),
        ("[RFC 7636]", "[RFC7636]", "is not written `RFC 1234`"),
        ("[RFC 7636]", "[]", "is no link"),
        ("Proof Key for Code Exchange", "", "has no title"),
        ("`domain/pkce.rs`", "domain/pkce.rs", "is no file"),
        (
            "`domain/pkce.rs`",
            "`domain/pkce.rs` `domain/claims.rs`,",
            "is no file",
        ),
        ("`domain/pkce.rs`", "", "is no file"),
        (
            "`domain/pkce.rs`",
            "`domain/pkce.rs`, `domain/pkce.rs`",
            "twice",
        ),
        (
            "`domain/pkce.rs`",
            "[`domain/pkce.rs`](domain::claims)",
            "not to `domain::pkce`",
        ),
        ("`domain/pkce.rs` |", "`domain/pkce.rs` | more |", "4 cells"),
    ];
    for (from, to, expected) in cases {
        one(&[&PKCE_ROW.replace(from, to)], "//! None.\n", expected);
    }
    one(
        &[&CORE_ROW.replace("https", "http")],
        "//! None.\n",
        "is no https address",
    );
}

#[test]
fn a_row_outside_the_table_and_a_second_row_are_refused() {
    one(
        &[PKCE_ROW, PKCE_ROW],
        "//! RFC 7636.\n",
        "src/lib.rs:6: RFC 7636 has two rows",
    );
    one(
        &[PKCE_ROW, "", PKCE_ROW],
        "//! RFC 7636.\n",
        "src/lib.rs:7: a specification outside a table",
    );
}

#[test]
fn a_citation_no_search_would_find_is_refused() {
    for text in [
        "RFC7636",
        "RFC-7636",
        "RFCs 7636",
        "RFC 7636 and 8414",
        "RFC 6749, 7636",
        "RFC\u{a0}7636",
    ] {
        one(
            &[],
            &format!("//! {text}.\n"),
            "cite each one as `RFC 1234`",
        );
    }
    assert_eq!(
        rfcs("RFC 6749, RFC 7636 and RFC 6749, 4.1"),
        Ok(vec!["RFC 6749".to_owned(), "RFC 7636".to_owned()])
    );
}

#[test]
fn a_file_of_tests_needs_no_row() {
    let lib = Source::new("src/lib.rs", "//! Crate.\n");
    let tests = Source::new(
        "src/domain/pkce/tests.rs",
        "//! Known answers of RFC 7636.\n",
    );
    assert!(faults(&[lib, tests]).is_empty());
}

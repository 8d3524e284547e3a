//! The table of checks, and how a violation prints.

use std::collections::HashSet;

use super::*;

#[test]
fn the_table_has_the_order_of_the_variants() {
    for (place, facts) in facts::all().enumerate() {
        assert_eq!(facts.check as usize, place, "{}", facts.id);
    }
}

#[test]
fn ids_are_unique_and_plain() {
    let ids: HashSet<_> = Check::all().map(Check::id).collect();
    assert_eq!(ids.len(), Check::all().count());
    for id in ids {
        assert!(
            id.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'),
            "{id}"
        );
    }
}

#[test]
fn values_are_shown_bounded_and_without_control_characters() {
    let violation = Violation::new(Check::CallbackIss)
        .expected("https://id.example")
        .received(format!("x\r\n\u{202e}{}", "y".repeat(1000)));
    let text = violation.to_string();
    assert!(text.starts_with(
        "CALLBACK-ISS (RFC 9207 section 2.4): expected https://id.example, received x"
    ));
    assert!(!text.contains(['\r', '\n', '\u{202e}']));
    assert!(text.chars().count() < 350);
}

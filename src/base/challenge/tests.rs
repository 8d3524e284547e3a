//! Challenges as servers write them, and as attackers would.

use http::HeaderValue;

use super::*;

fn read(lines: &[&str]) -> Challenges {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(line).unwrap());
    }
    challenges(&headers)
}

/// Challenges as text, one a piece: `scheme token68 name=value name=value`.
fn shown(challenges: &Challenges) -> Vec<String> {
    let show = |challenge: &Challenge| {
        let mut text = challenge.scheme().to_owned();
        if let Some(token68) = challenge.token68() {
            text.push_str(&format!(" {token68}"));
        }
        for (name, value) in challenge.parameters() {
            text.push_str(&format!(" {name}={value}"));
        }
        text
    };
    challenges.iter().map(show).collect()
}

#[track_caller]
fn good(lines: &[&str], expected: &[&str]) {
    let challenges = read(lines);
    assert_eq!(shown(&challenges), expected);
    assert!(!challenges.malformed());
}

#[track_caller]
fn bad(lines: &[&str], expected: &[&str]) {
    let challenges = read(lines);
    assert_eq!(shown(&challenges), expected);
    assert!(challenges.malformed());
}

/// RFC 7235 §4.1 and RFC 9110 §11.6.1.
#[test]
fn rfc_examples() {
    good(
        &[r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#],
        &[
            "newauth realm=apps type=1 title=Login to \"apps\"",
            "basic realm=simple",
        ],
    );
    good(
        &[r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#],
        &[
            "basic realm=simple",
            "newauth realm=apps type=1 title=Login to \"apps\"",
        ],
    );
    good(
        &[r#"Basic realm="WallyWorld""#],
        &["basic realm=WallyWorld"],
    );
}

/// RFC 6750 §3, RFC 9449 §7.1 and §9, RFC 9728 §5.1, RFC 4559 §4.1.
#[test]
fn challenges_of_the_day() {
    good(
        &[
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
            r#"DPoP algs="ES256 PS256""#,
            r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#,
            r#"Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource""#,
            "Negotiate",
        ],
        &[
            "bearer realm=example error=invalid_token error_description=The access token expired",
            "dpop algs=ES256 PS256",
            "dpop error=use_dpop_nonce error_description=Resource server requires nonce in DPoP proof",
            "bearer resource_metadata=https://resource.example.com/.well-known/oauth-protected-resource",
            "negotiate",
        ],
    );
}

#[test]
fn schemes_without_anything() {
    good(&["Negotiate, NTLM"], &["negotiate", "ntlm"]);
    good(&["Negotiate ,NTLM "], &["negotiate", "ntlm"]);
    good(
        &[r#"Negotiate, Basic realm="x", NTLM"#],
        &["negotiate", "basic realm=x", "ntlm"],
    );
    // A parameter after a comma belongs to the challenge before it, bare or not.
    good(&["Foo, a=b"], &["foo a=b"]);
}

#[test]
fn token68_is_told_from_a_parameter() {
    good(&["Negotiate YWJj"], &["negotiate YWJj"]);
    good(&["Negotiate YWJj=="], &["negotiate YWJj=="]);
    good(
        &["Negotiate a-._~+/9=, Basic a=b"],
        &["negotiate a-._~+/9=", "basic a=b"],
    );
    good(
        &["Negotiate YWJj= \t, NTLM TlRM"],
        &["negotiate YWJj=", "ntlm TlRM"],
    );
    good(&["Foo a="], &["foo a="]);
    good(&["Foo a=b"], &["foo a=b"]);
    good(&["Foo a= b"], &["foo a=b"]);
    bad(&["Foo a==b"], &[]);
    bad(&["Foo a=b=c"], &[]);
    bad(&["Foo YWJj=, a=b"], &[]);
    bad(&["Foo YWJj=, a=b, Bar c=d"], &["bar c=d"]);
    bad(&["Foo abc def"], &[]);
}

#[test]
fn odd_case_and_odd_spaces_are_read() {
    good(
        &["\t bEaReR   REALM\t=\t\"A\" ,\tScope =x,,,  , dPoP Algs=\"E\",,"],
        &["bearer realm=A scope=x", "dpop algs=E"],
    );
    let challenges = read(&[r#"bEARER ReAlM="Q""#]);
    assert_eq!(
        challenges.find("Bearer").unwrap().parameter("rEALM"),
        Some("Q")
    );
    assert_eq!(challenges.find("Bearer").unwrap().parameter("real"), None);
    assert_eq!(challenges.find("Bear"), None);
    assert_eq!(challenges.len(), 1);
}

#[test]
fn nothing_is_no_challenge() {
    for line in ["", " ", ",", " , ,\t,"] {
        good(&[line], &[]);
    }
    assert!(read(&[]).is_empty());
}

#[test]
fn quoted_strings_hold_anything_but_controls() {
    good(
        &[r#"A b="c, D e=f \" \\ \g", h="""#],
        &[r#"a b=c, D e=f " \ g h="#],
    );
    let mut headers = HeaderMap::new();
    let line = b"A b=\"caf\xc3\xa9 \xe9\\\xff\"";
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_bytes(line).unwrap());
    let read = challenges(&headers);
    assert_eq!(shown(&read), ["a b=café \u{fffd}\u{fffd}"]);
    assert!(!read.malformed());
}

#[test]
fn a_fault_ends_its_line_and_drops_its_challenge() {
    for fault in [
        "Foo b=\"c",
        "Foo b=\"c\\",
        "Foo b=\"c\\\"",
        "Foo b=\"c\"d",
        "Foo b=\"c\" d=e",
        "Foo b= c d",
        "Foo b=c, d=",
        "Foo b=, c=d e",
        "Foo b=c d",
        "Foo b=(c)",
        "Foo b c",
        "Foo\"b\"",
        "Foo\tb=c",
        "Foo @",
        "@",
        "\"",
        "=",
    ] {
        let line = format!("Basic realm=\"x\", Zoo, {fault}, Late a=b");
        bad(&[&line, "Last a=b"], &["basic realm=x", "zoo", "last a=b"]);
        bad(&[fault], &[]);
    }
    bad(&["Foo =b"], &[]);
    bad(&["Zoo, Foo=b=\"c\""], &[]);
}

#[test]
fn a_line_that_starts_with_a_parameter_is_malformed() {
    bad(&["realm=\"x\"", "Basic a=b"], &["basic a=b"]);
}

#[test]
fn bytes_beyond_ascii_stand_in_quotes_alone() {
    for line in [&b"Caf\xe9 a=b"[..], b"A caf\xe9=b", b"A a=caf\xe9"] {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_bytes(line).unwrap());
        let read = challenges(&headers);
        assert!(read.is_empty() && read.malformed());
    }
}

#[test]
fn a_repeated_parameter_drops_its_challenge_alone() {
    bad(&["A b=c, B=d, C e=f, G h=i, h=\"\", J"], &["c e=f", "j"]);
}

#[test]
fn counts_and_lengths_are_bounded() {
    let many = "A,".repeat(MAX_CHALLENGES);
    assert_eq!(read(&[&many]).len(), MAX_CHALLENGES);
    assert!(!read(&[&many]).malformed());
    bad(&[&many, "B"], &["a"; MAX_CHALLENGES]);

    let parameters =
        |count: usize| -> String { (0..count).map(|index| format!("p{index}=v,")).collect() };
    let widest = format!("A {}", parameters(MAX_PARAMETERS));
    assert_eq!(
        read(&[&widest])
            .iter()
            .map(|a| a.parameters().len())
            .sum::<usize>(),
        64
    );
    bad(&["B", &format!("A {}", parameters(65))], &["b"]);

    let longest = format!("A b=\"{}\"", "c".repeat(MAX_LENGTH - 6));
    assert_eq!(read(&[&longest]).len(), 1);
    bad(&["B", &longest], &["b"]);
}

#[test]
fn hostile_lines_end() {
    for piece in [",", "A ", "A=", "a b=\"", "\\\"", "A b=c,", "A b==,"] {
        let line = piece.repeat(MAX_LENGTH / piece.len());
        assert!(read(&[&line]).len() <= MAX_CHALLENGES);
        assert!(read(&[&format!("A b=\"{line}")]).len() <= MAX_CHALLENGES);
    }
}

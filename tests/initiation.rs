//! A login that someone else begins (OpenID Connect Core 1.0 §4): whom it may send where.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::initiation::LoginInitiation;
use oauth_proto::endpoint::initiation::Targets;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
}

const KNOWN: [&str; 2] = ["https://id.example", "https://other.example/tenant"];

fn targets(allowed: &[&str]) -> Targets {
    let none = Targets::new(UriPolicy::default());
    let allow = |targets: Targets, address: &&str| targets.allow(address).unwrap();
    allowed.iter().fold(none, allow)
}

fn read(received: &str) -> Result<LoginInitiation, Error> {
    LoginInitiation::read(received, KNOWN, &targets(&["https://app.example"]))
}

fn id(error: &Error) -> Option<&'static str> {
    error.check().map(Check::id)
}

#[test]
fn a_request_becomes_an_authorization_request() {
    let received = "iss=https%3A%2F%2Fid.example&login_hint=ada%20%26&x=1\
                    &target_link_uri=https%3A%2F%2Fapp.example%2Fa%3Fb%23c&lti_message_hint=h";
    let ways = [
        received.to_owned(),
        format!("/login?{received}"),
        format!("https://app.example/login?{received}"),
    ];
    for way in ways {
        let initiation = read(&way).unwrap();
        assert_eq!(initiation.issuer(), "https://id.example");
        assert_eq!(initiation.login_hint(), Some("ada &"));
        assert_eq!(
            initiation.target_link_uri(),
            Some("https://app.example/a?b#c")
        );
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            initiation.parameters(),
            [own("x", "1"), own("lti_message_hint", "h")]
        );
        assert!(!format!("{initiation:?}").contains("ada"), "{initiation:?}");

        let (_, client) = public(ISSUER);
        let request = initiation.authorization_request("mail");
        let (url, _) = client.authorize(NOW, request).unwrap();
        assert!(
            url.as_str().ends_with("&login_hint=ada%20%26"),
            "{}",
            url.as_str()
        );
    }
}

#[test]
fn nothing_but_the_issuer_is_needed() {
    let initiation = read("iss=https%3A%2F%2Fother.example%2Ftenant&login_hint=").unwrap();
    assert_eq!(initiation.issuer(), KNOWN[1]);
    assert_eq!(initiation.login_hint(), None);
    assert_eq!(initiation.target_link_uri(), None);
    let (_, client) = public(ISSUER);
    let request = initiation.authorization_request("mail");
    let (url, _) = client.authorize(NOW, request).unwrap();
    assert!(!url.as_str().contains("login_hint"));
}

#[test]
fn a_request_that_names_no_known_issuer_is_refused() {
    let long = format!("iss=https%3A%2F%2Fid.example&x={}", "y".repeat(64 * 1024));
    let table = [
        ("", "INITIATION-ISS-MISSING"),
        ("iss=", "INITIATION-ISS-MISSING"),
        ("login_hint=ada", "INITIATION-ISS-MISSING"),
        ("iss=https%3A%2F%2Fevil.example", "INITIATION-ISS"),
        ("iss=https%3A%2F%2Fid.example%2F", "INITIATION-ISS"),
        ("iss=https%3A%2F%2FID.example", "INITIATION-ISS"),
        ("iss=http%3A%2F%2Fid.example", "INITIATION-ISS"),
        ("iss=https%3A%2F%2Fother.example", "INITIATION-ISS"),
        (
            "iss=https%3A%2F%2Fid.example&iss=https%3A%2F%2Fid.example",
            "CALLBACK-DUPLICATE",
        ),
        ("iss=%zz", "CALLBACK-FORM"),
        (&long, "CALLBACK-SIZE"),
    ];
    for (received, expected) in table {
        let error = read(received).unwrap_err();
        assert_eq!(id(&error), Some(expected), "{received:.60}");
        assert_eq!(error.remedy(), Remedy::Report);
    }
    let nobody: [&str; 0] = [];
    let targets = targets(&[]);
    let error = LoginInitiation::read("iss=https%3A%2F%2Fid.example", nobody, &targets);
    assert_eq!(id(&error.unwrap_err()), Some("INITIATION-ISS"));
}

/// Whether a target is let through.
fn admits(allowed: &[&str], target: &str) -> bool {
    let target: String = target.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let received = format!("iss=https%3A%2F%2Fid.example&target_link_uri={target}");
    match LoginInitiation::read(&received, KNOWN, &targets(allowed)) {
        Ok(initiation) => initiation.target_link_uri().is_some(),
        Err(error) => {
            assert_eq!(id(&error), Some("INITIATION-TARGET"), "{target}");
            false
        }
    }
}

#[test]
fn nobody_is_sent_to_another_origin() {
    let allowed = ["https://app.example"];
    for good in [
        "https://app.example",
        "https://app.example/",
        "https://APP.example:443/x?y=https://evil.example#z",
        "https://app.example/a//b",
        "https://app.example/a%2Fb",
    ] {
        assert!(admits(&allowed, good), "{good}");
    }
    for bad in [
        "https://evil.example/",
        "https://app.example.evil.example/",
        "https://app.example@evil.example/",
        "https://app.example:@evil.example/",
        "https://evil.example/https://app.example",
        "https://evil.example\\@app.example/",
        "https://app.example\\.evil.example/",
        "https:\\\\evil.example\\",
        "https://evil.example#@app.example/",
        "https://evil.example?@app.example/",
        "https://app.example:444/",
        "http://app.example/",
        "//app.example/",
        "//evil.example/",
        "/x",
        "x",
        "\\\\evil.example",
        "https:app.example/x",
        "https:/app.example/x",
        "https:///app.example/x",
        "javascript:alert(1)//https://app.example",
        "data:text/html,x",
        " https://app.example/",
        "https://app.example/\n",
        "https://app.example/\r\nset-cookie: a=b",
        "https://app.exa\tmple/",
        "https://app.example/a b",
        "https://app.example/#a b",
        "https://app.example/#é",
        "https://app.example/é",
        "https://app.example./",
        "https://xn--app.example/",
        "https://ａpp.example/",
    ] {
        assert!(!admits(&allowed, bad), "{bad}");
    }
}

#[test]
fn nobody_is_sent_out_of_an_allowed_path() {
    let whole = ["https://app.example/courses"];
    let below = ["https://app.example/courses/"];
    for good in [
        "https://app.example/courses/7",
        "https://app.example/courses/?a=../b",
        "https://app.example/courses/7#/../x",
    ] {
        assert!(admits(&whole, good) && admits(&below, good), "{good}");
    }
    for exact in [
        "https://app.example/courses",
        "https://app.example/courses?a",
    ] {
        assert!(admits(&whole, exact), "{exact}");
        assert!(!admits(&below, exact), "{exact}");
    }
    for bad in [
        "https://app.example/",
        "https://app.example/courses7",
        "https://app.example/Courses/7",
        "https://app.example/courses/../admin",
        "https://app.example/courses/%2e%2e/admin",
        "https://app.example/courses/..%2fadmin",
        "https://app.example/courses/..%2Fadmin",
        "https://app.example/courses/..%5cadmin",
        "https://app.example/x/courses/7",
        "https://app.example//courses/7",
    ] {
        assert!(!admits(&whole, bad), "{bad}");
        assert!(!admits(&below, bad), "{bad}");
    }
    assert!(!admits(&[], "https://app.example/"));
    let both = ["https://app.example/a", "https://app.example/b"];
    assert!(admits(&both, "https://app.example/b/1"));
}

#[test]
fn what_is_allowed_is_an_address() {
    for bad in [
        "app.example",
        "http://app.example",
        "https://app.example/?a",
        "https://a@b/",
        "",
    ] {
        let error = Targets::new(UriPolicy::default()).allow(bad).unwrap_err();
        assert!(
            matches!(error, Error::Misuse(Misuse::Address { .. })),
            "{bad}"
        );
    }
    let policy = UriPolicy::danger_http_on_loopback();
    let targets = Targets::new(policy).allow("http://localhost:8080").unwrap();
    let received = "iss=https%3A%2F%2Fid.example&target_link_uri=http%3A%2F%2Flocalhost%3A8080%2Fx";
    let initiation = LoginInitiation::read(received, KNOWN, &targets).unwrap();
    assert_eq!(
        initiation.target_link_uri(),
        Some("http://localhost:8080/x")
    );
}

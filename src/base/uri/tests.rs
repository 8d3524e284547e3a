//! URIs as peers write them, and as attackers would.

use super::*;

const STRICT: UriPolicy = UriPolicy {
    http_on_loopback: false,
};
const LOOPBACK: UriPolicy = UriPolicy::danger_http_on_loopback();

#[track_caller]
fn good(text: &str, policy: UriPolicy) -> WebUri {
    let uri = WebUri::parse(text, policy).unwrap();
    assert_eq!(uri.as_str(), text);
    assert_eq!(origin_of(uri.uri()), Some(uri.origin()));
    uri
}

#[track_caller]
fn bad(text: &str, expected: &[UriFault]) {
    let faults = WebUri::parse(text, LOOPBACK).unwrap_err();
    assert!(faults.iter().eq(expected), "{text:?}: {faults:?}");
}

#[test]
fn plain_uris_are_kept_as_they_are() {
    for text in [
        "https://id.example",
        "https://id.example/",
        "https://ID.Example:443/a%2Fb/...;d?e=f&g=h'i/../j",
        "https://id.example:8443/token?tenant=1",
        "https://id.example?",
        "https://127.0.0.1/x",
        "https://[2001:db8::1]:8443/",
        "https://[2001:DB8:0::1]/",
        "https://xn--bcher-kva.example/",
        "https://id.example/a//b/@c:d,e",
        "https://id_1.example./",
        "HTTPS://id.example/",
    ] {
        assert_eq!(
            WebUri::parse(text, STRICT)
                .map(|uri| uri.to_string())
                .as_deref(),
            Ok(text)
        );
        good(text, STRICT);
    }
}

#[test]
fn the_parsed_form_is_that_of_the_text() {
    let uri = good("HTTPs://Id.Example:8443/a?b=c", STRICT);
    assert_eq!(uri.uri(), "https://Id.Example:8443/a?b=c");
    assert_eq!(uri.uri().scheme(), Some(&http::uri::Scheme::HTTPS));
    assert_eq!((uri.path(), uri.query()), ("/a", Some("b=c")));
    let bare = good("https://id.example", STRICT);
    assert_eq!((bare.path(), bare.query()), ("/", None));
    assert_eq!(good("https://id.example?", STRICT).query(), Some(""));
    assert_eq!(
        format!("{bare} {bare:?}"),
        r#"https://id.example "https://id.example""#
    );
    assert_eq!(
        serde_json::to_string(&bare).unwrap(),
        r#""https://id.example""#
    );
}

#[test]
fn equality_is_that_of_the_text() {
    let uri = good("https://id.example", STRICT);
    assert_eq!(uri, good("https://id.example", LOOPBACK));
    assert_ne!(uri, good("https://id.example/", STRICT));
    assert_ne!(uri, good("https://ID.example", STRICT));
}

#[test]
fn each_fault_is_told() {
    use UriFault::*;
    for text in [
        "",
        "/token",
        "id.example/token",
        "//id.example",
        "?",
        "1https://a",
        "://a",
    ] {
        bad(text, &[NotAbsolute]);
    }
    for text in [
        "http://id.example/",
        "ftp://id.example",
        "wss://id.example",
        "httpss://a",
    ] {
        bad(text, &[NotHttps]);
    }
    for text in [
        "https:",
        "https:/",
        "https://",
        "https:///a",
        "https:id.example",
        "https://:443/",
    ] {
        bad(text, &[NoHost]);
    }
    for text in [
        "https://u@a/",
        "https://u:p@a/",
        "https://@a/",
        "https://:@a",
        "https://a@b@c",
    ] {
        bad(text, &[Credentials]);
    }
    for text in [
        "https://a#",
        "https://a/#b",
        "https://a?b#c",
        "https://a/##",
    ] {
        bad(text, &[Fragment]);
    }
    bad("javascript:alert(1)", &[NotHttps, NoHost]);
    bad("mailto:a@b", &[NotHttps, NoHost]);
}

#[test]
fn all_faults_are_told_at_once() {
    use UriFault::*;
    bad(
        "http://u:p@id.example/ #",
        &[NotHttps, Credentials, Fragment, Ambiguous],
    );
    bad("/a b#", &[NotAbsolute, Fragment, Ambiguous]);
    let faults = WebUri::parse_issuer("ftp://u@?#", STRICT).unwrap_err();
    assert!(
        faults
            .iter()
            .eq(&[NotHttps, NoHost, Credentials, Query, Fragment])
    );
    assert_eq!(
        faults.to_string(),
        "the URI is not https, has no host, carries credentials, has a query, has a fragment"
    );
}

#[test]
fn faults_do_not_repeat_the_uri() {
    let faults = WebUri::parse("http://user:hush@id.example/hush", STRICT).unwrap_err();
    assert!(!format!("{faults} {faults:?}").contains("hush"));
}

#[test]
fn an_issuer_has_no_query() {
    for text in ["https://a?", "https://a/?b=c"] {
        good(text, STRICT);
        let faults = WebUri::parse_issuer(text, STRICT).unwrap_err();
        assert!(faults.iter().eq(&[UriFault::Query]));
    }
    assert!(WebUri::parse_issuer("https://a/b?c", LOOPBACK).is_err());
    assert!(WebUri::parse_issuer("https://a/b", STRICT).is_ok());
    assert!(WebUri::parse_issuer("http://localhost/b", LOOPBACK).is_ok());
    assert!(WebUri::parse_issuer("http://localhost/b", STRICT).is_err());
}

#[test]
fn what_readers_read_differently_is_refused() {
    for text in [
        // Characters that a URI has not.
        " https://a/",
        "https://a/ ",
        "https://a/\n",
        "https://a/\tb",
        "https://a\\b/",
        "https://a/\\b",
        "https://a/\0",
        "https://a/\u{7f}",
        "https://a/é",
        "https://é.example/",
        "https://a/{b}",
        "https://a/<b>",
        "https://a/\"b\"",
        "https://a/b|c",
        "https://a/b^c",
        "https://a/`b`",
        "https://a/%",
        "https://a/%4",
        "https://a/%zz",
        "ht\ntps://a/",
        // Hosts that one reader rewrites.
        "https://a%2eb/",
        "https://%61/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://1.2.3/",
        "https://xn--a/",
        "https://[::1/",
        "https://[::1%25eth0]/",
        "https://[::ffff:127.0.0.1]x/",
        "https://[v1.a]/",
        "https://a[b]/",
        "https://a:b:80/",
        // Paths that one reader shortens.
        "https://a/b/../c",
        "https://a/./b",
        "https://a/b/..",
        "https://a/%2e%2E/b",
        "https://a/.%2e?b",
        // Ports that one reader drops.
        "https://a:/",
        "https://a:0443/",
        "https://a:0/",
        "https://a:65536/",
        "https://a:99999/",
        "https://a:+80/",
        "https://a:8a/",
        "https://a:-1/",
        "https://[::1]8/",
    ] {
        let faults = WebUri::parse(text, LOOPBACK).unwrap_err();
        let last = faults.iter().last();
        assert_eq!(last, Some(&UriFault::Ambiguous), "{text:?}: {faults:?}");
    }
}

/// What is not handed to `url` is read by it as it stands.
#[test]
fn plain_names_and_paths_are_those_that_url_leaves_alone() {
    let labels = [
        "a", "B", "1", "0x1", "a-", "-a", "a--b", "xn--a", "XN--A", "a_b", "", "x1n--",
    ];
    for first in labels {
        for second in labels {
            for host in [second.to_owned(), format!("{first}.{second}")] {
                if is_plain_name(&host) {
                    let url = Url::parse(&format!("https://{host}/")).unwrap();
                    assert_eq!(url.host_str(), Some(&*host.to_ascii_lowercase()));
                }
            }
        }
    }
    assert!(is_plain_name("Id-1.example") && !is_plain_name("id.example."));
    assert!(!is_plain_name("127.0.0.1") && !is_plain_name("xn--bcher-kva.example"));

    let segments = [
        "", "a", ".", "..", "%2e", ".%2E", "%2e.", "a.", "a..", ".a", "a%2e", "%41",
    ];
    for first in segments {
        for second in segments {
            let path = format!("/{first}/{second}");
            if is_plain_path(&path) {
                let url = Url::parse(&format!("https://a{path}")).unwrap();
                assert_eq!(url.path(), path);
            }
        }
    }
    assert!(is_plain_path("/a/b.c") && !is_plain_path("/a/..") && !is_plain_path("/%2E%2e"));
}

#[test]
fn loopback_hosts_may_be_called_by_http_when_the_policy_says_so() {
    for text in [
        "http://localhost/",
        "http://LocalHost:8080/cb?x",
        "http://127.0.0.1:1/",
        "http://[::1]:9/",
        "HTTP://127.255.255.254",
        "https://id.example/",
    ] {
        good(text, LOOPBACK);
    }
    for text in [
        "http://localhost/",
        "http://127.0.0.1:1/",
        "http://[::1]:9/",
    ] {
        let faults = WebUri::parse(text, STRICT).unwrap_err();
        assert!(faults.iter().eq(&[UriFault::NotHttps]));
        good(&text.replace("http:", "https:"), STRICT);
    }
}

#[test]
fn nothing_else_is_loopback() {
    for host in [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.1.2.3",
        "127.255.255.255",
        "[::1]",
    ] {
        assert!(is_loopback(host), "{host}");
    }
    for host in [
        "",
        "localhost.",
        "localhost.evil",
        "evil.localhost",
        "localhos",
        "127.1",
        "127.0.0.1.",
        "127.0.0.1.evil",
        "0127.0.0.1",
        "127.0.0.01",
        "0x7f.0.0.1",
        "2130706433",
        "128.0.0.1",
        "0.0.0.0",
        "::1",
        "[0:0:0:0:0:0:0:1]",
        "[::2]",
        "[::ffff:127.0.0.1]",
        "[::1%lo]",
        " localhost",
        "localhost:80",
    ] {
        assert!(!is_loopback(host), "{host}");
        let text = format!("http://{host}/");
        if !host.contains("localhost:") {
            assert!(WebUri::parse(&text, LOOPBACK).is_err(), "{text}");
        }
    }
}

#[test]
fn origins_compare_scheme_host_and_port() {
    let origin = |text: &str| origin_of(&text.parse().unwrap());
    for (one, two) in [
        ("https://a", "https://A:443/b?c"),
        ("http://a:80", "HTTP://a"),
        ("https://[2001:db8::1]", "https://[2001:DB8:0:0::1]:443"),
        ("https://u@a/", "https://a/"),
    ] {
        assert_eq!(origin(one).unwrap(), origin(two).unwrap());
    }
    for (one, two) in [
        ("https://a", "http://a"),
        ("https://a", "https://a:8443"),
        ("https://a:80", "http://a:80"),
        ("https://a", "https://a."),
        ("https://a", "https://b"),
    ] {
        assert_ne!(origin(one).unwrap(), origin(two).unwrap());
    }
    for text in ["/a", "a", "*", "ftp://a", "https://a:99999/", "https://a:/"] {
        assert_eq!(origin(text), None, "{text}");
    }
}

#[test]
fn origins_print_without_a_default_port() {
    for (text, expected) in [
        ("https://Id.Example:443/x", "https://id.example"),
        ("https://id.example:80/x", "https://id.example:80"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ] {
        assert_eq!(good(text, LOOPBACK).origin().to_string(), expected);
    }
}

#[test]
fn length_is_bounded() {
    let longest = format!("https://a/{}", "b".repeat(MAX_LENGTH - 10));
    good(&longest, STRICT);
    bad(&format!("{longest}b"), &[UriFault::TooLong]);
    bad(&"#".repeat(1 << 20), &[UriFault::TooLong]);
}

#[test]
fn absolute_uris_of_any_scheme() {
    for text in [
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "https://id.example/grants/voucher?v=1",
        "http://a",
        "tag:a,2020:b",
    ] {
        assert!(is_absolute(text), "{text}");
    }
    let long = format!("urn:{}", "a".repeat(MAX_LENGTH));
    for text in [
        "",
        "password",
        "/a",
        "//a/b",
        "urn",
        "a b:c",
        " urn:a",
        "urn:a ",
        "urn:é",
        "urn:a#b",
        "https://a#",
        "1:a",
        &long,
    ] {
        assert!(!is_absolute(text), "{text}");
    }
}

//! No path leaves its base URL, by whatever rules a reader goes.

use http::Uri;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::base::uri::WebUri;
use oauth_proto::lease::base_url::BaseUrl;
use oauth_proto::lease::base_url::Path;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use url::Url;

use super::config;

const BASES: [&str; 4] = [
    "https://api.example",
    "https://api.example/",
    "https://api.example/v1",
    "https://api.example:8443/a/b%20c/",
];

/// Paths out of pieces that matter, in any order.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "(\\.|%2e|%2E|%252e|%25252e|%c0%ae|．){1,3}",
        "(/|//|\\\\|%2f|%5c|%255c|;|%3b|%20| |\t|\r|\n|%00|@|:|#|\\?|%)",
        "(https:|HTTP://|file:///|evil\\.example|user:pw@|javascript:)",
        "[a-z0-9é]{0,4}",
        ".{0,3}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// The path of the base, with a `/` at its end.
fn prefix(base: &str) -> String {
    let path = Url::parse(base).unwrap().path().to_owned();
    format!("{}/", path.trim_end_matches('/'))
}

/// A reader that decodes and splits by everything that any reader splits by, goes up where it is told to,
/// and does all of that again to what came out.
fn climbs_out(path: &str) -> bool {
    let mut path = path.to_owned();
    for _ in 0..4 {
        let mut depth = 0_i32;
        for piece in path.split(['/', '\\']) {
            match piece.split(';').next().unwrap_or_default().trim() {
                "" | "." => {}
                ".." => depth -= 1,
                _ => depth += 1,
            }
            if depth < 0 {
                return true;
            }
        }
        path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    }
    false
}

fn stays(base: &str, joined: &WebUri) {
    let text = joined.as_str();
    let prefix = prefix(base);
    // An HTTP client, a browser and a person each read the same place.
    let uri: Uri = text.parse().unwrap();
    let url = Url::parse(text).unwrap();
    let origin = Url::parse(base).unwrap().origin();
    assert_eq!(url.origin(), origin, "{text}");
    assert_eq!(uri.path(), url.path(), "{text}");
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{text}"
    );
    assert_eq!((url.query(), url.fragment()), (None, None), "{text}");
    assert!(text.starts_with(base), "{text}");
    let rest = format!("{}/", url.path());
    let rest = rest.strip_prefix(&prefix).unwrap();
    assert!(!climbs_out(rest), "{text}");
    let held = BaseUrl::new(base, UriPolicy::default()).unwrap();
    held.check(&uri).unwrap();
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_text_leaves_the_base(text in prop_oneof![texts(), ".{0,64}"], base in prop::sample::select(&BASES[..])) {
        let held = BaseUrl::new(base, UriPolicy::default()).unwrap();
        if let Ok(joined) = held.join(text.as_str()) {
            stays(base, &joined);
        }
    }

    /// Each segment arrives as it was given, and no other with it.
    #[test]
    fn segments_arrive_as_they_are(
        segments in prop::collection::vec(prop_oneof![texts(), "[!-~]{1,8}", ".{0,16}"], 1..4),
        base in prop::sample::select(&BASES[..]),
    ) {
        let held = BaseUrl::new(base, UriPolicy::default()).unwrap();
        if let Ok(joined) = held.join(segments.as_slice()) {
            stays(base, &joined);
            let rest = format!("{}/", joined.path());
            let rest = rest.strip_prefix(&prefix(base)).unwrap();
            let read: Vec<_> = rest
                .strip_suffix('/')
                .into_iter()
                .flat_map(|rest| rest.split('/'))
                .map(|segment| percent_decode_str(segment).decode_utf8().unwrap().into_owned())
                .collect();
            prop_assert_eq!(read, segments);
        }
    }

    /// Letters, digits and most signs are no reason to refuse.
    #[test]
    fn ordinary_paths_are_taken(segments in prop::collection::vec("[a-zA-Z0-9_~ !$&'()*+,=:@é-]{1,8}", 0..4)) {
        let held = BaseUrl::new(BASES[2], UriPolicy::default()).unwrap();
        let written = held.join(segments.as_slice()).unwrap();
        stays(BASES[2], &written);
        held.join(Path::from(written.path())).unwrap();
    }

    /// What is below the base by one's own reckoning is checked as strictly.
    #[test]
    fn no_address_passes_for_one_below_the_base(text in texts(), base in prop::sample::select(&BASES[..])) {
        let held = BaseUrl::new(base, UriPolicy::default()).unwrap();
        let Ok(uri) = format!("{base}{text}").parse::<Uri>() else {
            return Ok(());
        };
        if held.check(&uri).is_ok()
            && let Ok(whole) = WebUri::parse(&uri.to_string(), UriPolicy::default())
        {
            let path = format!("{}/", whole.path());
            let rest = path.strip_prefix(&prefix(base));
            prop_assert!(rest.is_some_and(|rest| !climbs_out(rest)), "{}", uri);
        }
    }
}

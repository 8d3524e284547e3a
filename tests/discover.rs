//! Discovery on the provider in memory: where it looks, in which order, when it stops (RFC 8414
//! section 3, OpenID Connect Discovery 1.0 section 4).

use http::StatusCode;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::discovery::WellKnown;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::Change;
use oauth_proto_world::Document;
use oauth_proto_world::Edit;
use oauth_proto_world::Endpoint as At;
use oauth_proto_world::Mutation;
use oauth_proto_world::Place;
use oauth_proto_world::Provider;
use serde_json::json;

use crate::common::moment::NOW;
use crate::common::run::run;
use crate::common::wire::assert_clean;

#[cfg(test)]
mod common {
    pub(crate) mod moment;
    pub(crate) mod run;
    pub(crate) mod wire;
}

const ROOT: &str = "https://id.example";
const TENANT: &str = "https://id.example/tenant";

/// The addresses of the root issuer, in the order in which they are asked.
const ROOT_PLACES: [&str; 2] = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

/// The addresses of the issuer with a path, in the order in which they are asked.
const TENANT_PLACES: [&str; 3] = [
    "/tenant/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/tenant",
    "/.well-known/openid-configuration/tenant",
];

#[test]
fn each_place_is_found_after_those_before_it() {
    use Place::OauthAppended;
    use Place::OauthInserted;
    use Place::OpenidAppended;
    use Place::OpenidInserted;
    // (what the server publishes, issuer, how many places are asked, whether one is found)
    let table: [(&[Place], &str, usize, bool); 11] = [
        (&[OpenidAppended], ROOT, 1, true),
        (&[OauthInserted], ROOT, 2, true),
        (&[OpenidAppended, OauthInserted], ROOT, 1, true),
        (&[], ROOT, 2, false),
        (&[OpenidAppended], TENANT, 1, true),
        (&[OauthInserted], TENANT, 2, true),
        (&[OpenidInserted], TENANT, 3, true),
        (&[OauthInserted, OpenidInserted], TENANT, 2, true),
        (
            &[OpenidAppended, OauthInserted, OpenidInserted],
            TENANT,
            1,
            true,
        ),
        (&[OauthAppended], TENANT, 3, false),
        (&[], TENANT, 3, false),
    ];
    for (places, issuer, asked, is_found) in table {
        let mut provider = publishing(issuer, places.iter().copied().map(Document::at));
        let found = run(&mut provider, NOW, Discover::new(issuer).unwrap());
        assert_eq!(
            asked_places(&provider),
            &in_order(issuer)[..asked],
            "{places:?}"
        );
        assert_clean(&provider);
        match found {
            Ok(metadata) => {
                assert!(is_found, "{places:?}");
                assert_eq!(metadata.issuer().unwrap().as_str(), issuer);
                assert_eq!(
                    endpoint(&metadata, Endpoint::Token),
                    format!("{issuer}/token")
                );
            }
            Err(Error::Unsupported(Unsupported::Discovery)) => assert!(!is_found, "{places:?}"),
            Err(other) => panic!("{places:?}: {other}"),
        }
    }
}

#[test]
fn each_request_is_a_plain_get() {
    let mut provider = publishing(TENANT, []);
    run(&mut provider, NOW, Discover::new(TENANT).unwrap()).unwrap_err();
    for exchange in provider.log().exchanges() {
        assert_eq!(exchange.request.method(), "GET");
        assert!(exchange.request.body().is_empty());
        let headers: Vec<_> = exchange.request.headers().iter().collect();
        assert_eq!(headers.len(), 1, "{exchange}");
        assert_eq!(exchange.header("accept"), Some("application/json"));
    }
    assert_eq!(provider.log().len(), 3);
}

#[test]
fn a_slash_at_the_end_of_the_issuer_is_kept_and_not_doubled() {
    for (issuer, place) in [
        ("https://id.example/", ROOT_PLACES[0]),
        ("https://id.example/tenant/", TENANT_PLACES[0]),
    ] {
        let mut provider = Provider::new(issuer);
        let metadata = run(&mut provider, NOW, Discover::new(issuer).unwrap()).unwrap();
        assert_eq!(metadata.issuer().unwrap().as_str(), issuer);
        assert_eq!(asked_places(&provider), [place]);
    }
}

#[test]
fn an_incomplete_document_is_filled_from_the_next() {
    let openid = || Document::at(Place::OpenidAppended);
    let oauth = || Document::at(Place::OauthInserted);
    let inserted = || Document::at(Place::OpenidInserted);
    let (token, authorization) = ("token_endpoint", "authorization_endpoint");
    // (issuer, documents, how many places are asked, whether both endpoints are known then)
    let table = [
        (ROOT, vec![openid().without(token), oauth()], 2, true),
        (
            ROOT,
            vec![openid().without(authorization), oauth()],
            2,
            true,
        ),
        (
            ROOT,
            vec![openid().without(token), oauth().without(authorization)],
            2,
            true,
        ),
        (
            ROOT,
            vec![openid().without(token), oauth().without(token)],
            2,
            false,
        ),
        (ROOT, vec![openid().without(token)], 2, false),
        (TENANT, vec![openid().without(token), oauth()], 2, true),
        (TENANT, vec![oauth().without(token), inserted()], 3, true),
        (TENANT, vec![openid().without(token), inserted()], 3, true),
    ];
    for (row, (issuer, documents, asked, is_complete)) in table.into_iter().enumerate() {
        let mut provider = publishing(issuer, documents);
        let metadata = run(&mut provider, NOW, Discover::new(issuer).unwrap()).unwrap();
        assert_eq!(
            asked_places(&provider),
            &in_order(issuer)[..asked],
            "row {row}"
        );
        let both = [Endpoint::Token, Endpoint::Authorization];
        let known = both.map(|endpoint| metadata.endpoint(endpoint).is_ok());
        assert_eq!(known == [true, true], is_complete, "row {row}");
        assert_clean(&provider);
    }
}

#[test]
fn what_the_first_document_says_stands() {
    let mut provider = Provider::new(ROOT);
    let only_in =
        |at, name: &str, value: &str| Mutation::new(at, Change::member(name, Edit::set(value)));
    let elsewhere = "https://other.example/token";
    provider.mutate(only_in(At::OauthMetadata, "token_endpoint", elsewhere));
    provider.mutate(only_in(At::OauthMetadata, "x_note", "second"));
    provider.mutate(only_in(At::OauthMetadata, "x_second", "here"));
    provider.mutate(only_in(At::OpenidMetadata, "x_note", "first"));
    let discover = Discover::new(ROOT).unwrap().merged();
    let metadata = run(&mut provider, NOW, discover).unwrap();
    assert_eq!(asked_places(&provider), ROOT_PLACES);
    let token = endpoint(&metadata, Endpoint::Token);
    assert_eq!(token, "https://id.example/token");
    let note = |name| metadata.members().member::<String>(name).unwrap();
    assert_eq!(note("x_note").as_deref(), Some("first"));
    assert_eq!(note("x_second").as_deref(), Some("here"));
}

/// A promise of `iss` in either document holds: the stricter reading wins.
#[test]
fn a_promise_of_iss_in_either_document_holds() {
    let promise = "authorization_response_iss_parameter_supported";
    for at in [At::OpenidMetadata, At::OauthMetadata, At::Metadata] {
        let mut provider = Provider::new(ROOT);
        let silent = Change::member(promise, Edit::Remove);
        provider.mutate(Mutation::new(at, silent));
        let discover = Discover::new(ROOT).unwrap().merged();
        let metadata = run(&mut provider, NOW, discover).unwrap();
        assert_eq!(metadata.sends_iss(), at != At::Metadata, "{at:?}");
    }
}

#[test]
fn merged_asks_every_place_and_only_asks_these() {
    let every = [
        Place::OpenidAppended,
        Place::OauthInserted,
        Place::OpenidInserted,
    ];
    let [openid, oauth, inserted] = [
        WellKnown::OpenId,
        WellKnown::OAuth,
        WellKnown::OpenIdInserted,
    ];
    let [first, second, third] = TENANT_PLACES;
    let whole = || Discover::new(TENANT).unwrap();
    let table = [
        ("merged", whole().merged(), vec![first, second, third]),
        ("only one", whole().only([inserted]), vec![third]),
        (
            "only two, the first is enough",
            whole().only([oauth, openid]),
            vec![second],
        ),
        (
            "two merged",
            whole().only([oauth, openid]).merged(),
            vec![second, first],
        ),
        (
            "two merged, said first",
            whole().merged().only([inserted, oauth]),
            vec![third, second],
        ),
        (
            "one many times",
            whole().only([openid; 9]).merged(),
            vec![first],
        ),
    ];
    for (name, discover, places) in table {
        let mut provider = publishing(TENANT, every.map(Document::at));
        let metadata = run(&mut provider, NOW, discover).unwrap();
        assert!(metadata.endpoint(Endpoint::Token).is_ok(), "{name}");
        assert_eq!(asked_places(&provider), places, "{name}");
        assert_clean(&provider);
    }
    // Nowhere to look; and a form that does not exist for an issuer without a path.
    for discover in [
        whole().only([]),
        Discover::new(ROOT).unwrap().only([inserted]),
    ] {
        let mut provider = Provider::new(ROOT);
        let error = run(&mut provider, NOW, discover).unwrap_err();
        assert!(matches!(error, Error::Unsupported(Unsupported::Discovery)));
        assert!(provider.log().is_empty());
    }
}

#[test]
fn an_answer_without_a_document_sends_the_search_on() {
    let page = |status: u16| {
        Mutation::new(
            At::OpenidMetadata,
            Change::body("<!DOCTYPE html><p>Welcome"),
        )
        .and(Change::content_type("text/html"))
        .and(Change::Status(status))
    };
    let status = |status| Mutation::new(At::OpenidMetadata, Change::Status(status));
    let spaced = Change::body("\r\n  <html></html>");
    for (name, mutation) in [
        ("start page with 200", page(200)),
        ("start page with 404", page(404)),
        ("page with 403", page(403)),
        (
            "page after white space",
            Mutation::new(At::OpenidMetadata, spaced),
        ),
        ("401", status(401)),
        ("410", status(410)),
        ("405", status(405)),
    ] {
        let mut provider = Provider::new(ROOT);
        provider.mutate(mutation);
        let metadata = run(&mut provider, NOW, Discover::new(ROOT).unwrap()).unwrap();
        assert!(metadata.endpoint(Endpoint::Token).is_ok(), "{name}");
        assert_eq!(asked_places(&provider), ROOT_PLACES, "{name}");
    }
}

#[test]
fn a_document_of_another_issuer_ends_the_search_wherever_it_lies() {
    let nothing = || Mutation::new(At::OpenidMetadata, Change::Status(404));
    let other = |at| Mutation::new(at, Change::member("issuer", Edit::append("INVALID")));
    let merged = || Discover::new(ROOT).unwrap().merged();
    let plain = || Discover::new(ROOT).unwrap();
    let table = [
        ("first", plain(), vec![other(At::OpenidMetadata)], 1),
        ("first of two", merged(), vec![other(At::OpenidMetadata)], 1),
        (
            "second",
            plain(),
            vec![nothing(), other(At::OauthMetadata)],
            2,
        ),
        ("second of two", merged(), vec![other(At::OauthMetadata)], 2),
    ];
    for (name, discover, mutations, asked) in table {
        let mut provider = Provider::new(ROOT);
        mutations
            .into_iter()
            .for_each(|mutation| provider.mutate(mutation));
        let error = run(&mut provider, NOW, discover).unwrap_err();
        assert_eq!(
            error.to_string(),
            "METADATA-ISSUER (RFC 8414 section 3.3): expected https://id.example, \
             received https://id.exampleINVALID",
            "{name}"
        );
        assert_eq!(asked_places(&provider), &ROOT_PLACES[..asked], "{name}");
    }
}

#[test]
fn an_unusable_answer_ends_the_search() {
    let at = |change| Mutation::new(At::OpenidMetadata, change);
    let set = |name: &str, value: &str| at(Change::member(name, Edit::set(value)));
    let table = [
        (
            "http",
            set("token_endpoint", "http://id.example/token"),
            "METADATA-ENDPOINT",
        ),
        (
            "http elsewhere",
            set("jwks_uri", "http://id.example/jwks"),
            "METADATA-ENDPOINT",
        ),
        ("continue", at(Change::Status(100)), "RESPONSE-STATUS"),
        (
            "too long",
            at(Change::FillTo((1 << 20) + 1)),
            "RESPONSE-SIZE",
        ),
    ];
    for (name, mutation, check) in table {
        let mut provider = Provider::new(ROOT);
        provider.mutate(mutation);
        let error = run(&mut provider, NOW, Discover::new(ROOT).unwrap()).unwrap_err();
        assert_eq!(error.check().unwrap().id(), check, "{name}");
        assert_eq!(asked_places(&provider), &ROOT_PLACES[..1], "{name}");
    }
    for status in [408, 429, 500, 502, 503] {
        let mut provider = Provider::new(ROOT);
        provider.mutate(at(Change::Status(status)));
        let error = run(&mut provider, NOW, Discover::new(ROOT).unwrap()).unwrap_err();
        assert_eq!(error.remedy(), Remedy::Retry);
        let Error::Refused(refusal) = error else {
            panic!("{error}");
        };
        assert_eq!(refusal.status(), StatusCode::from_u16(status).ok());
        assert_eq!(refusal.endpoint(), Endpoint::Metadata);
        assert_eq!(asked_places(&provider), &ROOT_PLACES[..1]);
    }
}

#[test]
fn a_lost_answer_hands_the_failure_back_at_each_place() {
    for lost_at in 0..3 {
        let mut provider = publishing(TENANT, []);
        let mut left = lost_at;
        let send = |request: Request| {
            let response = provider.handle(NOW.as_secs(), &request);
            if left == 0 {
                return Err(format!("cut at {}", request.uri().path()));
            }
            left -= 1;
            Ok(response)
        };
        let result = drive::blocking(Discover::new(TENANT).unwrap(), || NOW, send, |_| {});
        let Err(DriveError::Transport(failure)) = result else {
            panic!("{lost_at}: {result:?}");
        };
        assert_eq!(failure, format!("cut at {}", TENANT_PLACES[lost_at]));
        assert_eq!(asked_places(&provider), &TENANT_PLACES[..=lost_at]);
    }
}

#[test]
fn an_issuer_that_may_not_be_asked_is_not_asked() {
    // (issuer, what is shown of it)
    for (issuer, shown) in [
        ("", ""),
        ("id.example", "id.example"),
        ("http://id.example", "http://id.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("ftp://id.example", "ftp://id.example"),
        ("https://id.example?a=b", "https://id.example"),
        ("https://id.example#a", "https://id.example"),
        ("https://ada@id.example", "…@…"),
        ("https://", "https://"),
    ] {
        let error = Discover::new(issuer).unwrap_err();
        let Error::Misuse(Misuse::Address { address, .. }) = error else {
            panic!("{issuer}: {error}");
        };
        assert_eq!(address, shown);
    }
}

#[test]
fn http_on_loopback_is_a_named_policy() {
    let issuer = "http://127.0.0.1:8080";
    let policy = UriPolicy::danger_http_on_loopback();
    let mut provider = Provider::new(issuer);
    let discover = Discover::with_uri_policy(issuer, policy).unwrap();
    let metadata = run(&mut provider, NOW, discover).unwrap();
    assert_eq!(
        endpoint(&metadata, Endpoint::Token),
        "http://127.0.0.1:8080/token"
    );

    // The policy is for loopback: an http endpoint on another host is refused under it as well.
    let away = json!("http://id.example/token");
    provider
        .settings
        .metadata
        .push(("token_endpoint".to_owned(), away));
    let discover = Discover::with_uri_policy(issuer, policy).unwrap();
    let error = run(&mut provider, NOW, discover).unwrap_err();
    assert_eq!(error.check().unwrap().id(), "METADATA-ENDPOINT");
    assert!(Discover::with_uri_policy("http://id.example", policy).is_err());
}

#[test]
fn what_a_server_says_beyond_its_endpoints_is_kept() {
    let mut provider = Provider::new(ROOT);
    let aliases = json!({"token_endpoint": "https://mtls.id.example/token", "x": 1});
    let unknown = json!({"deep": [1, null, "x"]});
    provider.settings.metadata = vec![
        ("mtls_endpoint_aliases".to_owned(), aliases),
        ("x_unknown".to_owned(), unknown.clone()),
    ];
    let metadata = run(&mut provider, NOW, Discover::new(ROOT).unwrap()).unwrap();
    let alias = metadata.mtls_endpoint_alias(Endpoint::Token).unwrap();
    assert_eq!(alias.as_str(), "https://mtls.id.example/token");
    assert_eq!(
        metadata.members().member("x_unknown").unwrap(),
        Some(unknown)
    );
    assert!(metadata.sends_iss());
    let s256 = metadata.supports("code_challenge_methods_supported", "S256");
    assert_eq!(s256, Some(true));
}

fn publishing(issuer: &str, documents: impl IntoIterator<Item = Document>) -> Provider {
    let mut provider = Provider::new(issuer);
    provider.settings.documents = documents.into_iter().collect();
    provider
}

fn asked_places(provider: &Provider) -> Vec<&str> {
    let exchanges = provider.log().exchanges().iter();
    exchanges
        .map(|exchange| exchange.request.uri().path())
        .collect()
}

fn in_order(issuer: &str) -> &'static [&'static str] {
    match issuer {
        ROOT => &ROOT_PLACES,
        _ => &TENANT_PLACES,
    }
}

fn endpoint(metadata: &Metadata, endpoint: Endpoint) -> String {
    let address = metadata.endpoint(endpoint);
    address.map(ToString::to_string).unwrap_or_default()
}

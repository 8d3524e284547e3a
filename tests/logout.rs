//! Logout through the browser: at the provider and back (OpenID Connect RP-Initiated Logout 1.0), and
//! the request that a provider's page makes (OpenID Connect Front-Channel Logout 1.0).

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::front_channel::FrontChannelLogout;
use oauth_proto::endpoint::logout::LogoutRequest;
use oauth_proto::endpoint::logout::LogoutReturn;
use oauth_proto::endpoint::logout::LogoutUrl;
use oauth_proto::endpoint::logout::PendingLogout;
use oauth_proto_world::Browser;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Edit;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;

#[cfg(test)]
mod common {
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
}

const BYE: &str = "https://app.example/bye";

fn metadata(end_session: &str) -> Metadata {
    Metadata::new("https://server.example.com", UriPolicy::default())
        .and_then(|metadata| metadata.with_endpoint(Endpoint::EndSession, end_session))
        .unwrap()
}

fn client_at(end_session: &str) -> Client {
    Client::new(metadata(end_session), "my app", Authentication::None).unwrap()
}

fn client() -> Client {
    client_at("https://server.example.com/logout")
}

fn logout(request: &LogoutRequest<'_>) -> Result<(LogoutUrl, PendingLogout), Error> {
    client().logout(request)
}

fn back() -> LogoutRequest<'static> {
    LogoutRequest::new()
        .post_logout_redirect_uri(BYE)
        .state("xyz")
}

fn id(error: &Error) -> Option<&'static str> {
    error.check().map(Check::id)
}

#[test]
fn each_request_sends_exactly_this() {
    let table = [
        (LogoutRequest::new(), "?client_id=my%20app"),
        (
            back(),
            "?client_id=my%20app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=xyz",
        ),
        (
            back()
                .logout_hint("eve")
                .id_token_hint("e30.e30.c2ln")
                .logout_hint("ada@example")
                .ui_locales("fr-CA en")
                .parameter("x", "1 2")
                .parameter("x", "&"),
            "?client_id=my%20app&id_token_hint=e30.e30.c2ln&logout_hint=ada%40example\
             &ui_locales=fr-CA%20en&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye\
             &state=xyz&x=1%202&x=%26",
        ),
    ];
    for (request, query) in table {
        let (url, _) = logout(&request).unwrap();
        assert_eq!(
            url.as_str(),
            format!("https://server.example.com/logout{query}")
        );
        assert_eq!(url.to_string(), String::from(url.clone()));
        for text in [format!("{url:?}"), format!("{request:?}")] {
            assert!(!text.contains("e30") && !text.contains("ada"), "{text}");
        }
    }
}

/// OpenID Connect RP-Initiated Logout 1.0 section 2: by POST, as a form.
#[test]
fn a_form_has_these_fields() {
    let client = client_at("https://server.example.com/logout?tenant=1");
    let request = back()
        .id_token_hint("e30.e30.c2ln")
        .logout_hint("ada@example")
        .parameter("x", "1 2")
        .parameter("x", "&");
    let (form, pending) = client.logout_form(&request).unwrap();
    let address = "https://server.example.com/logout?tenant=1";
    assert_eq!(form.address(), address);
    assert_eq!(
        form.fields().collect::<Vec<_>>(),
        [
            ("client_id", "my app"),
            ("id_token_hint", "e30.e30.c2ln"),
            ("logout_hint", "ada@example"),
            ("post_logout_redirect_uri", BYE),
            ("state", "xyz"),
            ("x", "1 2"),
            ("x", "&"),
        ]
    );
    assert_eq!(verdict(&pending, "/bye?state=xyz"), None);
    let printed = format!("{form:?}");
    for secret in ["e30", "ada", "xyz", "tenant"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    // The same, where the browser is sent to it.
    let (url, _) = client.logout(&request).unwrap();
    let pairs = url::Url::parse(url.as_str()).unwrap();
    let pairs: Vec<_> = pairs.query_pairs().skip(1).collect();
    assert!(
        form.fields()
            .eq(pairs.iter().map(|(name, value)| (&**name, &**value)))
    );

    let wrong = client.logout_form(&back().parameter("state", "x"));
    assert!(matches!(
        wrong,
        Err(Error::Misuse(Misuse::ProtocolParameter(_)))
    ));
}

#[test]
fn the_endpoint_keeps_its_own_query() {
    let client = client_at("https://server.example.com/logout?tenant=1");
    let (url, _) = client.logout(&LogoutRequest::new()).unwrap();
    let expected = "https://server.example.com/logout?tenant=1&client_id=my%20app";
    assert_eq!(url.as_str(), expected);
    for own in ["state=1", "tenant=1&client_id=x", "a=%ff"] {
        let client = client_at(&format!("https://server.example.com/logout?{own}"));
        let error = client.logout(&LogoutRequest::new()).unwrap_err();
        assert_eq!(id(&error), Some("LOGOUT-ENDPOINT-QUERY"), "{own}");
        assert_eq!(error.remedy(), Remedy::FixConfiguration);
    }
}

#[test]
fn a_state_is_drawn_for_the_way_back() {
    let request = LogoutRequest::new().post_logout_redirect_uri(BYE);
    let (one, other) = (logout(&request).unwrap(), logout(&request).unwrap());
    let state = one.1.state().unwrap();
    assert_eq!(state.len(), 32);
    assert_ne!(Some(state), other.1.state());
    assert!(one.0.as_str().ends_with(&format!("&state={state}")));
    assert_eq!(logout(&LogoutRequest::new()).unwrap().1.state(), None);
}

#[test]
fn a_request_that_breaks_a_rule_is_not_made() {
    let long = "a".repeat(1025);
    let table = [
        back().parameter("client_id", "other"),
        back().parameter("state", "other"),
        LogoutRequest::new().state("xyz"),
        back().state(""),
        back().state("é"),
        back().state(long),
        back().post_logout_redirect_uri("/bye"),
        back().post_logout_redirect_uri("https://app.example/bye#x"),
        back().post_logout_redirect_uri("http://app.example/bye"),
        back().post_logout_redirect_uri("javascript:alert(1)"),
    ];
    for request in table {
        let error = logout(&request).unwrap_err();
        assert!(matches!(error, Error::Misuse(_)), "{error}");
    }
    let metadata = Metadata::new("https://server.example.com", UriPolicy::default()).unwrap();
    let client = Client::new(metadata, "app", Authentication::None).unwrap();
    match client.logout(&back()).unwrap_err() {
        Error::Unsupported(Unsupported::Endpoint(missing)) => {
            assert_eq!(missing, Endpoint::EndSession);
        }
        other => panic!("{other}"),
    }
}

/// The id of the check that an unsolicited return trips; none for one that answers.
fn verdict(pending: &PendingLogout, received: &str) -> Option<&'static str> {
    match pending.returned(received) {
        LogoutReturn::Answered => None,
        LogoutReturn::Unsolicited(violation) => {
            assert!(!violation.to_string().contains("xyz"), "{violation}");
            Some(violation.check().id())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_return_is_told_from_a_visit() {
    let (_, pending) = logout(&back()).unwrap();
    let long = format!("state={}", "x".repeat(64 * 1024));
    let table = [
        ("https://app.example/bye?state=xyz", None),
        ("/bye?state=xyz&x=1", None),
        ("/bye?lang=fr&state=xyz#top", None),
        ("state=xyz", None),
        ("/bye?state=x%79z", None),
        ("/bye?state=XYZ", Some("LOGOUT-STATE")),
        ("/bye?state=xyz1", Some("LOGOUT-STATE")),
        ("/bye", Some("LOGOUT-STATE-MISSING")),
        ("/bye?", Some("LOGOUT-STATE-MISSING")),
        ("/bye?state=", Some("LOGOUT-STATE-MISSING")),
        ("", Some("LOGOUT-STATE-MISSING")),
        ("/bye?state=xyz&state=xyz", Some("CALLBACK-DUPLICATE")),
        ("/bye?state=%zz", Some("CALLBACK-FORM")),
        (&long, Some("CALLBACK-SIZE")),
    ];
    for (received, expected) in table {
        assert_eq!(verdict(&pending, received), expected, "{received:.60}");
    }
    // Nobody is expected back.
    let (_, pending) = logout(&LogoutRequest::new()).unwrap();
    assert_eq!(verdict(&pending, "/bye"), Some("LOGOUT-STATE-MISSING"));
    assert_eq!(verdict(&pending, "/bye?state=xyz"), Some("LOGOUT-STATE"));
}

#[test]
fn a_pending_logout_is_stored() {
    let (_, pending) = logout(&back()).unwrap();
    let stored = r#"{"v":1,"state":"xyz"}"#;
    assert_eq!(serde_json::to_string(&pending).unwrap(), stored);
    let back: PendingLogout = serde_json::from_str(stored).unwrap();
    assert_eq!(verdict(&back, "/bye?state=xyz"), None);
    assert!(!format!("{back:?}").contains("xyz"), "{back:?}");
    let (_, nobody) = logout(&LogoutRequest::new()).unwrap();
    assert_eq!(serde_json::to_string(&nobody).unwrap(), r#"{"v":1}"#);
    for bad in [
        r#"{"v":2,"state":"xyz"}"#,
        r#"{"state":"xyz"}"#,
        r#"{"v":1,"state":""}"#,
        r#"{"v":1,"state":"é"}"#,
        r#"{"v":1,"state":"xyz","x":1}"#,
    ] {
        assert!(serde_json::from_str::<PendingLogout>(bad).is_err(), "{bad}");
    }
}

fn world() -> (Provider, Client) {
    let record = ClientRecord::public("app").post_logout_redirect(BYE);
    parties(ISSUER, record, Authentication::None)
}

fn visit(provider: &mut Provider, url: &LogoutUrl) -> String {
    let landing = Browser::new().visit(provider, NOW.as_secs(), url.as_str());
    assert!(landing.is_home());
    landing.url
}

#[test]
fn a_user_logs_out_and_comes_back() {
    let (mut provider, client) = world();
    let request = LogoutRequest::new()
        .post_logout_redirect_uri(BYE)
        .logout_hint("ada@id.example");
    let (url, pending) = client.logout(&request).unwrap();
    let landed = visit(&mut provider, &url);
    assert_eq!(verdict(&pending, &landed), None);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn a_user_logs_out_by_a_form() {
    let (mut provider, client) = world();
    let request = LogoutRequest::new()
        .post_logout_redirect_uri(BYE)
        .id_token_hint("e30.e30.c2ln");
    let (form, pending) = client.logout_form(&request).unwrap();
    let fields = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.fields())
        .finish();
    let request = http::Request::post(form.address())
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(fields.into_bytes())
        .unwrap();
    let answer = provider.handle(NOW.as_secs(), &request);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(BYE), "{location}");
    assert_eq!(verdict(&pending, location), None);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn a_provider_that_loses_or_changes_the_state_is_noticed() {
    for (edit, expected) in [
        (Edit::Remove, "LOGOUT-STATE-MISSING"),
        (Edit::append("1"), "LOGOUT-STATE"),
        (Edit::set(""), "LOGOUT-STATE-MISSING"),
        (Edit::Twice, "CALLBACK-DUPLICATE"),
    ] {
        let (mut provider, client) = world();
        let change = Change::member("state", edit);
        provider.mutate(Mutation::new(
            oauth_proto_world::Endpoint::EndSession,
            change,
        ));
        let request = LogoutRequest::new().post_logout_redirect_uri(BYE);
        let (url, pending) = client.logout(&request).unwrap();
        let landed = visit(&mut provider, &url);
        assert_eq!(verdict(&pending, &landed), Some(expected));
    }
}

#[test]
fn the_front_channel_request_ends_the_session_it_names() {
    let sid = "08a5019c-17e1-4977-8f42-65a12843ea02";
    let session = FrontChannelLogout::OfSession(sid.to_owned());
    let full = format!(
        "https://rp.example.org/frontchannel_logout?iss=https://server.example.com&sid={sid}"
    );
    let escaped = full.replace("https://server", "https%3A%2F%2Fserver");
    let query = format!("sid={sid}&x=1&iss=https%3A%2F%2Fserver.example.com");
    for received in [full, escaped, query] {
        for known in [None, Some(sid)] {
            let logout = client().front_channel_logout(&received, known).unwrap();
            assert_eq!(logout, session, "{received}");
        }
    }
    for received in [
        "",
        "/frontchannel_logout",
        "/frontchannel_logout?",
        "x=1",
        "iss=&sid=",
    ] {
        let logout = client().front_channel_logout(received, Some(sid)).unwrap();
        assert_eq!(logout, FrontChannelLogout::OfBrowser, "{received}");
    }
}

#[test]
fn the_front_channel_request_of_another_is_refused() {
    let good = "/out?iss=https%3A%2F%2Fserver.example.com&sid=s1";
    let long = format!("{good}&x={}", "y".repeat(64 * 1024));
    let table = [
        (
            "/out?iss=https%3A%2F%2Fserver.example.com",
            "FRONT-CHANNEL-LOGOUT-PAIR",
        ),
        ("/out?sid=s1", "FRONT-CHANNEL-LOGOUT-PAIR"),
        ("/out?iss=&sid=s1", "FRONT-CHANNEL-LOGOUT-PAIR"),
        (
            "/out?iss=https%3A%2F%2Fevil.example&sid=s1",
            "FRONT-CHANNEL-LOGOUT-ISS",
        ),
        (
            "/out?iss=https%3A%2F%2Fserver.example.com%2F&sid=s1",
            "FRONT-CHANNEL-LOGOUT-ISS",
        ),
        (
            "/out?iss=https%3A%2F%2FSERVER.example.com&sid=s1",
            "FRONT-CHANNEL-LOGOUT-ISS",
        ),
        (
            "/out?iss=https%3A%2F%2Fserver.example.com&sid=s2",
            "FRONT-CHANNEL-LOGOUT-SID",
        ),
        (
            "/out?iss=https%3A%2F%2Fserver.example.com&sid=S1",
            "FRONT-CHANNEL-LOGOUT-SID",
        ),
        ("/out?iss=a&iss=b&sid=s1", "CALLBACK-DUPLICATE"),
        ("/out?iss=%ff&sid=s1", "CALLBACK-FORM"),
        (&long, "CALLBACK-SIZE"),
    ];
    for (received, expected) in table {
        let error = client()
            .front_channel_logout(received, Some("s1"))
            .unwrap_err();
        assert_eq!(id(&error), Some(expected), "{received:.60}");
        assert_eq!(error.remedy(), Remedy::Report, "{received:.60}");
    }
    // A client that knows no issuer can compare none.
    let metadata = Metadata::without_issuer(UriPolicy::default());
    let client = Client::new(metadata, "app", Authentication::None).unwrap();
    let error = client.front_channel_logout(good, None).unwrap_err();
    assert_eq!(id(&error), Some("FRONT-CHANNEL-LOGOUT-ISS"));
}

#[test]
fn misuse_names_the_parameter() {
    match logout(&LogoutRequest::new().state("xyz")).unwrap_err() {
        Error::Misuse(Misuse::Parameter { name, reason }) => {
            assert_eq!(name, "state");
            assert!(reason.contains("post_logout_redirect_uri"), "{reason}");
        }
        other => panic!("{other}"),
    }
}

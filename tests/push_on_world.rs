//! Signing in by a pushed authorization request (RFC 9126) on the provider in memory. The messages
//! alone are in `push.rs`.

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Unsupported;
use oauth_proto::domain::verdict::Check;
use oauth_proto_world::Browser;
use oauth_proto_world::Change;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Edit;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::parties::discovered;
use crate::common::parties::parties;
use crate::common::run::run;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
}

#[test]
fn a_user_signs_in_by_a_pushed_request() {
    let secret = "s%:+é /";
    let table = [
        (ClientRecord::public("app"), Authentication::None),
        (
            ClientRecord::basic("app 1:é", secret),
            Authentication::client_secret_basic(secret),
        ),
        (
            ClientRecord::post("app", secret),
            Authentication::client_secret_post(secret),
        ),
    ];
    for (record, authentication) in table {
        let (mut provider, client) = parties(ISSUER, record, authentication);
        let (url, pending) = run(&mut provider, NOW, client.push(NOW, "mail").unwrap()).unwrap();
        let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let signed_in = run(&mut provider, NOW, flow).unwrap();
        assert_eq!(signed_in.tokens().scope().as_str(), "mail");
        assert_eq!(signed_in.findings().count(), 0);
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
        let opened = provider.log().requests_to("/authorize")[0].query();
        assert_eq!(opened.names(), ["client_id", "request_uri"]);
    }
}

#[test]
fn a_slow_user_signs_in_and_a_late_url_does_not_open() {
    let (mut provider, client) = public(ISSUER);
    let push = |provider: &mut Provider| run(provider, NOW, client.push(NOW, "mail").unwrap());
    let (url, pending) = push(&mut provider).unwrap();
    let ends = url.expires_at().unwrap().as_secs();
    let landing = Browser::new().visit(&mut provider, ends - 1, url.as_str());
    assert!(landing.is_home());
    // The user looked for a second factor all the while.
    let back = UnixTime::from_secs(ends + 600);
    assert!(client.resume(back, pending, &landing.url).is_ok());

    let (url, _) = push(&mut provider).unwrap();
    assert!(
        !Browser::new()
            .visit(&mut provider, ends, url.as_str())
            .is_home()
    );
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn a_server_that_takes_pushed_requests_only_gets_no_other() {
    let mut provider = Provider::new(ISSUER).with(ClientRecord::public("app").redirect(CALLBACK));
    provider.settings.pushed_required = true;
    let client = discovered(&mut provider, "app", Authentication::None);
    let error = client.authorize(NOW, "mail").unwrap_err();
    assert!(
        matches!(error, Error::Unsupported(Unsupported::Unpushed)),
        "{error}"
    );
    assert!(error.to_string().contains("Client::push"), "{error}");
    let (url, _) = run(&mut provider, NOW, client.push(NOW, "mail").unwrap()).unwrap();
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    assert!(landing.is_home());
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn a_server_that_misbehaves_sends_nobody_anywhere() {
    let member = |name: &str, edit| Change::member(name, edit);
    let table = [
        (
            member("request_uri", Edit::Remove),
            Some("PUSHED-REQUEST-URI"),
        ),
        (
            member("request_uri", Edit::set("")),
            Some("PUSHED-REQUEST-URI"),
        ),
        (
            member("expires_in", Edit::Remove),
            Some("PUSHED-EXPIRES-IN"),
        ),
        (member("expires_in", Edit::raw("1e400")), None),
        (member("request_uri", Edit::Twice), None),
        (
            Change::redirect("https://evil.example/"),
            Some("RESPONSE-REDIRECT"),
        ),
        (Change::error("invalid_client"), None),
        (Change::CutTo(10), None),
        (Change::FillTo((1 << 20) + 1), Some("RESPONSE-SIZE")),
    ];
    for (change, id) in table {
        let (mut provider, client) = public(ISSUER);
        provider.mutate(Mutation::new(
            oauth_proto_world::Endpoint::Pushed,
            change.clone(),
        ));
        let sent = provider.log().len();
        let error = run(&mut provider, NOW, client.push(NOW, "mail").unwrap()).unwrap_err();
        assert_eq!(error.check().map(Check::id), id, "{change:?}: {error}");
        assert_eq!(provider.log().len(), sent + 1, "{change:?}");
        assert_eq!(provider.complaints(), [""; 0], "{change:?}");
    }
}

//! Many callers over one store and one provider that detects reuse, on real sockets and real threads.

use std::fmt::Debug;
use std::thread;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::flow::discover::Discover;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store;
use oauth_proto::transport::now;
use oauth_proto::transport::ureq;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

const CALLBACK: &str = "http://127.0.0.1:9/callback";

/// A hundred callers cause one refresh, and all get what came of it.
pub(crate) fn cause_one_refresh<S: Store<Error: Debug> + Clone + Send>(store: &S) {
    let server = Server::start(|issuer| {
        Provider::new(issuer).with(ClientRecord::public("app").redirect(CALLBACK))
    });
    let server = server.unwrap();
    let agent = ureq::agent();
    let policy = UriPolicy::danger_http_on_loopback();
    let discover = Discover::with_policy(server.issuer(), policy).unwrap();
    let metadata = ureq::run(&agent, discover).unwrap();
    let client = Client::new(metadata, "app", Authentication::None)
        .and_then(|client| client.with_redirect_uri(CALLBACK))
        .unwrap();
    let (url, pending) = client.authorize(now(), ["mail"]).unwrap();
    let visit = |provider: &mut Provider| {
        Browser::new()
            .visit(provider, now().as_secs(), url.as_str())
            .url
    };
    let sign_in = client.resume(now(), pending, &server.with(visit)).unwrap();
    let first = ureq::run(&agent, sign_in).unwrap().into_tokens();
    let key = Key::new(&client, "ada");
    store.clone().sign_in(now(), &key, first.clone()).unwrap();

    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let caller = |_| {
            let mut store = store.clone();
            // An API has refused the first access token.
            let refresh = Refresh::new(&client, &key, Renewal::refresh_token()).rejected(&first);
            let agent = &agent;
            scope.spawn(move || ureq::refresh(agent, refresh, &mut store).unwrap())
        };
        let callers: Vec<_> = (0..100).map(caller).collect();
        let outcomes = callers.into_iter().map(|caller| caller.join().unwrap());
        outcomes.collect()
    });

    for outcome in &outcomes {
        assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
        assert_eq!(outcome.tokens(), outcomes[0].tokens());
    }
    server.with(|provider| {
        // The code, and one refresh.
        assert_eq!(provider.log().requests_to("/token").len(), 2);
        assert!(provider.complaints().is_empty());
    });
}

//! An API on a socket, called by one line with each adapter: tokens are renewed on the way.

use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint as Named;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::api_request::ApiRequest;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::shared::Shared;
use oauth_proto::lease::store::Store;
use oauth_proto::transport::Failure;
use oauth_proto::transport::now;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

type Called = Result<Response<Vec<u8>>, DriveError<Failure>>;

/// A provider on a socket, and a client of its own at it.
fn stage() -> (Server, Client) {
    let record = ClientRecord::basic("app", "s3cret").scope("mail");
    let server = Server::start(|issuer| Provider::new(issuer).with(record)).unwrap();
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = Metadata::new(server.issuer(), policy)
        .and_then(|it| it.with_endpoint(Named::Token, &format!("{}/token", server.issuer())))
        .unwrap();
    let authentication = Authentication::client_secret_basic("s3cret");
    let client = Client::new(metadata, "app", authentication).unwrap();
    (server, client)
}

fn renewal(client: &Client) -> Renewal {
    Renewal::grant(oauth_proto::endpoint::grant::Grant::client_credentials(client).scope("mail"))
}

fn requests(server: &Server, endpoint: Endpoint) -> usize {
    server.with(|provider| provider.log().with(endpoint).len())
}

/// A call that gets its tokens, one that has them, one whose token is refused, and one of nothing.
fn renews(call: impl Fn(&Api, ApiRequest) -> Called) {
    let (server, client) = stage();
    let base = format!("{}/api", server.issuer());
    let api = Api::new(&client, &base, Lease::obtained_by(renewal(&client))).unwrap();
    for _ in 0..2 {
        assert_eq!(call(&api, api.get("mail")).unwrap().status(), 200);
    }
    assert_eq!(requests(&server, Endpoint::Token), 1);
    server.with(Provider::end_access_tokens);
    let answer = call(&api, api.post("mail").json(&["hi"])).unwrap();
    assert!(String::from_utf8_lossy(answer.body()).contains("hi"));
    assert_eq!(requests(&server, Endpoint::Token), 2);
    assert_eq!(requests(&server, Endpoint::Api), 4);
    let error = call(&api, api.delete("mail")).unwrap_err();
    assert!(
        matches!(error, DriveError::Protocol(Error::Refused(_))),
        "{error}"
    );
    let error = call(&api, api.get("../token")).unwrap_err();
    assert!(
        matches!(error, DriveError::Protocol(Error::Misuse(_))),
        "{error}"
    );
}

/// The same of a store.
fn shared() -> (Server, Api<Shared>, MemoryStore) {
    let (server, client) = stage();
    let base = format!("{}/api", server.issuer());
    let key = Key::new(&client, "the app itself").scope("mail");
    let grant = Shared::new(key, renewal(&client));
    let api = Api::shared(&client, &base, grant).unwrap();
    (server, api, MemoryStore::new())
}

#[cfg(feature = "ureq")]
mod blocking {
    use oauth_proto::transport::ureq;

    use super::*;

    #[test]
    fn one_call_renews_by_itself() {
        let agent = ureq::agent();
        renews(|api, request| ureq::call(&agent, api, request));
    }

    #[test]
    fn a_call_over_a_store_renews_by_itself() {
        let agent = ureq::agent();
        let (server, api, mut store) = shared();
        for _ in 0..2 {
            ureq::call_shared(&agent, &api, api.get("mail"), &mut store).unwrap();
        }
        server.with(Provider::end_access_tokens);
        ureq::call_shared(&agent, &api, api.get("mail"), &mut store).unwrap();
        assert_eq!(requests(&server, Endpoint::Token), 2);
        let Ok(record) = store.get(api.grant().key());
        assert!(!record.unwrap().tokens().unwrap().has_expired(now()));
    }
}

#[cfg(feature = "reqwest")]
mod asynchronous {

    use std::sync::Arc;
    use std::sync::Mutex;

    use oauth_proto::transport::reqwest;

    use super::*;

    /// Runs a future that any thread may run.
    fn run<T>(future: impl Future<Output = T> + Send) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn one_call_renews_by_itself() {
        renews(|api, request| {
            let http = reqwest::client().unwrap();
            run(reqwest::call(&http, api, request))
        });
    }

    #[test]
    fn a_call_over_a_store_renews_by_itself() {
        let (server, api, store) = shared();
        let store = Arc::new(Mutex::new(store));
        for is_last in [false, true] {
            let http = reqwest::client().unwrap();
            let answer = run(reqwest::call_shared(&http, &api, api.get("mail"), &store));
            assert_eq!(answer.unwrap().status(), 200);
            if !is_last {
                server.with(Provider::end_access_tokens);
            }
        }
        assert_eq!(requests(&server, Endpoint::Token), 2);
    }
}

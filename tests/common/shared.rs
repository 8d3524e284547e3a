//! A provider on a loopback socket that detects reuse, and a grant there that many share.

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::token::Tokens;
use oauth_proto::flow::discover::Discover;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::transport::now;
use oauth_proto::transport::ureq;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

pub(crate) struct Shared {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) key: Key,
    /// Those of the sign-in.
    pub(crate) tokens: Tokens,
}

const CALLBACK: &str = "http://127.0.0.1:9/callback";

impl Shared {
    pub(crate) fn start() -> Self {
        let server = Server::start(|issuer| {
            Provider::new(issuer).with(ClientRecord::public("app").redirect(CALLBACK))
        });
        let server = server.unwrap();
        let agent = ureq::agent();
        let policy = UriPolicy::danger_http_on_loopback();
        let discover = Discover::with_uri_policy(server.issuer(), policy).unwrap();
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
        let tokens = ureq::run(&agent, sign_in).unwrap().into_tokens();
        let key = Key::new(&client, "ada");
        Self {
            server,
            client,
            key,
            tokens,
        }
    }

    /// All have the same new tokens, and the provider saw the code and one refresh.
    pub(crate) fn assert_one_refresh(&self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
            assert_eq!(outcome.tokens(), outcomes[0].tokens());
        }
        self.server.with(|provider| {
            assert_eq!(provider.log().requests_to("/token").len(), 2);
            assert!(provider.complaints().is_empty());
        });
    }
}

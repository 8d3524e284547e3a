//! Tokens that are bound to a key elsewhere (a KMS): refreshed and used through each adapter, every proof signed by
//! the caller's signer.

use std::sync::Arc;
use std::sync::Mutex;

use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::SigningKey;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::metadata::Endpoint as Named;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::TokenType;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::shared::Shared;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::DpopSettings;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

use self::jose::JOSE;

#[path = "../common/jose.rs"]
mod jose;

/// The keeper of the key, which counts what it signs.
#[derive(Clone)]
struct Kms {
    key: Arc<dyn SigningKey>,
    signed: Arc<Mutex<u32>>,
}

impl Kms {
    fn sign(&self, input: &SigningInput) -> Vec<u8> {
        assert_eq!(input.key(), "kms");
        *self.signed.lock().unwrap() += 1;
        input.scheme().sign(&*self.key, input.bytes()).unwrap()
    }

    fn signed(&self) -> u32 {
        *self.signed.lock().unwrap()
    }
}

/// A provider that takes nothing without a proof.
struct Stage {
    server: Server,
    client: Client,
    kms: Kms,
}

impl Stage {
    fn start() -> Self {
        let record = ClientRecord::basic("app", "s3cret").scope("mail");
        let server = Server::start(|issuer| {
            let mut provider = Provider::new(issuer).with(record);
            provider.jose = Some(JOSE);
            provider.settings.dpop = DpopSettings {
                taken: true,
                required: true,
                ..DpopSettings::default()
            };
            provider
        });
        let server = server.unwrap();
        let policy = UriPolicy::danger_http_on_loopback();
        let metadata = Metadata::new(server.issuer(), policy)
            .and_then(|it| it.with_endpoint(Named::Token, &format!("{}/token", server.issuer())))
            .unwrap();
        let crypto = crypto::default_provider();
        let pair = crypto
            .generate(KeyKind::of(Algorithm::Es256).unwrap())
            .unwrap();
        let key = crypto.signing_key(&pair).unwrap();
        let public = PrivateJwk::new(pair).public().unwrap();
        let authentication = Authentication::client_secret_basic("s3cret");
        let client = Client::new(metadata, "app", authentication).unwrap();
        let remote = DpopKey::remote("kms", Algorithm::Es256, public).unwrap();
        Self {
            server,
            client: client.with_dpop(remote),
            kms: Kms {
                key,
                signed: Arc::default(),
            },
        }
    }

    fn renewal(&self) -> Renewal {
        Renewal::grant(Grant::client_credentials(&self.client).scope("mail"))
    }

    fn key(&self) -> Key {
        Key::new(&self.client, "the app itself").scope("mail")
    }

    fn refresh(&self) -> Refresh {
        Refresh::new(&self.client, &self.key(), self.renewal())
    }

    fn base(&self) -> String {
        format!("{}/api", self.server.issuer())
    }

    fn api(&self) -> Api {
        let lease = Lease::obtained_by(self.renewal());
        Api::new(&self.client, &self.base(), lease).unwrap()
    }

    fn shared(&self) -> Api<Shared> {
        let grant = Shared::new(self.key(), self.renewal());
        Api::shared(&self.client, &self.base(), grant).unwrap()
    }

    fn requests(&self, endpoint: Endpoint) -> usize {
        let count = |provider: &mut Provider| provider.log().with(endpoint).len();
        self.server.with(count)
    }

    /// One proof for the tokens, and one for each call; the provider has verified them.
    fn assert_proved(&self, answers: &[Response<Vec<u8>>]) {
        assert!(answers.iter().all(|answer| answer.status() == 200));
        assert_eq!(self.requests(Endpoint::Token), 1);
        assert_eq!(self.requests(Endpoint::Api), answers.len());
        assert_eq!(self.kms.signed() as usize, 1 + answers.len());
        self.server
            .with(|provider| assert!(provider.complaints().is_empty()));
    }
}

fn is_bound(outcome: &Outcome) -> bool {
    let tokens = outcome.tokens().unwrap();
    tokens.token_type() == TokenType::Dpop
}

#[cfg(feature = "ureq")]
mod blocking {
    use oauth_proto::domain::error::Error;
    use oauth_proto::domain::error::Misuse;
    use oauth_proto::flow::drive::DriveError;
    use oauth_proto::transport::ureq;

    use super::*;

    #[test]
    fn a_call_is_signed_on_the_way() {
        let (stage, agent) = (Stage::start(), ureq::agent());
        let api = stage.api();
        let answers = [(); 2].map(|()| {
            let sign = |input| Ok(stage.kms.sign(&input));
            ureq::call_with_signer(&agent, &api, api.get("mail"), sign).unwrap()
        });
        stage.assert_proved(&answers);
    }

    #[test]
    fn a_call_over_a_store_is_signed_on_the_way() {
        let (stage, agent) = (Stage::start(), ureq::agent());
        let (api, mut store) = (stage.shared(), MemoryStore::new());
        let sign = |input| Ok(stage.kms.sign(&input));
        let refresh = stage.refresh();
        let outcome = ureq::refresh_with_signer(&agent, refresh, &mut store, sign).unwrap();
        assert!(is_bound(&outcome));
        let answers = [(); 2].map(|()| {
            let get = api.get("mail");
            ureq::call_shared_with_signer(&agent, &api, get, &mut store, sign).unwrap()
        });
        stage.assert_proved(&answers);
    }

    #[test]
    fn without_a_signer_nothing_is_sent() {
        let stage = Stage::start();
        let api = stage.api();
        let error = ureq::call(&ureq::agent(), &api, api.get("mail")).unwrap_err();
        let is_misuse = matches!(error, DriveError::Protocol(Error::Misuse(Misuse::NoSigner)));
        assert!(is_misuse, "{error}");
        assert_eq!(stage.requests(Endpoint::Token), 0);
    }
}

#[cfg(feature = "reqwest")]
mod asynchronous {
    use std::future::Future;
    use std::future::ready;

    use oauth_proto::domain::error::Error;
    use oauth_proto::flow::drive::DriveError;
    use oauth_proto::transport::Failure;
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
    fn a_call_is_signed_on_the_way() {
        let stage = Stage::start();
        let (api, kms) = (stage.api(), stage.kms.clone());
        let sign = move |input| ready(Ok::<_, DriveError<Failure>>(kms.sign(&input)));
        let answers = [(); 2].map(|()| {
            let http = reqwest::client().unwrap();
            let get = api.get("mail");
            run(reqwest::call_with_signer(&http, &api, get, sign.clone())).unwrap()
        });
        stage.assert_proved(&answers);
    }

    #[test]
    fn a_call_over_a_store_is_signed_on_the_way() {
        let stage = Stage::start();
        let (api, kms) = (stage.shared(), stage.kms.clone());
        let store = Arc::new(Mutex::new(MemoryStore::new()));
        let sign = move |input| ready(Ok::<_, Error>(kms.sign(&input)));
        let answers = [(); 2].map(|()| {
            let http = reqwest::client().unwrap();
            let get = api.get("mail");
            let call = reqwest::call_shared_with_signer(&http, &api, get, &store, sign.clone());
            run(call).unwrap()
        });
        stage.assert_proved(&answers);
    }

    #[test]
    fn a_refresh_is_signed_on_the_way() {
        let stage = Stage::start();
        let kms = stage.kms.clone();
        let store = Arc::new(Mutex::new(MemoryStore::new()));
        let sign = move |input| ready(Ok::<_, Error>(kms.sign(&input)));
        run(async {
            let http = reqwest::client().unwrap();
            let first = stage.refresh();
            let first =
                reqwest::refresh_detached_with_signer(&http, first, store.clone(), sign.clone());
            let Ok(first) = first.await;
            let second = reqwest::refresh_with_signer(&http, stage.refresh(), &store, sign);
            let Ok(second) = second.await;
            assert!(is_bound(&first));
            assert_eq!(first.tokens(), second.tokens());
        });
        stage.assert_proved(&[]);
    }
}

//! What is signed: ID tokens verified, client assertions made, keys looked up. Beside each row stands the bare
//! operation of the cryptography, so that what is added to it shows.

use std::error::Error;

use ::huskarl::token::id_token::IdToken;
use ::huskarl::token::id_token::IdTokenValidator;
use ::openidconnect::AccessToken;
use ::openidconnect::AccessTokenHash;
use ::openidconnect::ClientId;
use ::openidconnect::IssuerUrl;
use ::openidconnect::JsonWebKeySet;
use ::openidconnect::Nonce;
use ::openidconnect::core::CoreIdToken;
use ::openidconnect::core::CoreIdTokenVerifier;
use ::openidconnect::core::CoreJsonWebKey;
use ::openidconnect::core::CoreJwsSigningAlgorithm;
use http::Response;
use huskarl_crypto_native::asymmetric::verifier::AsymmetricPublicKey;
use jiff::Timestamp;
use oauth_proto::base::base64url;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::hash::Hash;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::jwks::JwkSet;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::verifier::Verifier;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::keys::KeysRequest;
use oauth_proto::endpoint::received_id_token::ReceivedIdToken;
use serde_json::json;

use crate::contestant::huskarl;
use crate::contestant::ours;
use crate::contestant::ours::NOW;
use crate::inputs;
use crate::measure::Contest;
use crate::table::Row;

const NONCE: &str = "n-0S6_WzA2MjPq8Yt4Lk1Bv7Rx3Dh5Fg9C";
const ACCESS_TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA";

/// What one algorithm's rows are made with.
struct Verified {
    names: [&'static str; 2],
    algorithm: Algorithm,
    core: CoreJwsSigningAlgorithm,
    verifier: Verifier,
    message: String,
    signature: Vec<u8>,
    received: ReceivedIdToken,
    exchange: Grant,
    response: Response<Vec<u8>>,
    id_token: String,
    keys: JsonWebKeySet<CoreJsonWebKey>,
    key: CoreJsonWebKey,
    validator: IdTokenValidator,
    token: IdToken,
    now: Timestamp,
}

/// What the rows are made with.
pub(crate) struct Signatures {
    verified: Vec<Verified>,
    signer: Signer,
    assertion: Grant,
    proof: Grant,
    few: JwkSet,
    many: JwkSet,
}

impl Signatures {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let signer = signer(KeyKind::Ec(EcCurve::P256), Algorithm::Es256)?;
        let by_assertion = client(Authentication::private_key_jwt(signer.clone()), None)?;
        let by_secret = client(
            Authentication::client_secret_basic(inputs::CLIENT_SECRET),
            None,
        )?;
        let key = DpopKey::generate(&default_provider(), Algorithm::Es256)?;
        Ok(Self {
            verified: vec![
                Verified::new(
                    ["RS256: ID token verified", "RS256: token response with it"],
                    KeyKind::Rsa(2048),
                    Algorithm::Rs256,
                    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                )?,
                Verified::new(
                    ["ES256: ID token verified", "ES256: token response with it"],
                    KeyKind::Ec(EcCurve::P256),
                    Algorithm::Es256,
                    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                )?,
                Verified::new(
                    ["EdDSA: ID token verified", "EdDSA: token response with it"],
                    KeyKind::Okp(OkpCurve::Ed25519),
                    Algorithm::EdDsa,
                    CoreJwsSigningAlgorithm::EdDsa,
                )?,
            ],
            signer,
            assertion: Grant::client_credentials(&by_assertion),
            proof: Grant::client_credentials(&by_secret.with_dpop(key)),
            few: set(10)?,
            many: set(1_000)?,
        })
    }

    /// The rows, in the order of the table.
    pub(crate) fn rows(&self) -> Vec<Row<'_>> {
        let nothing = || ();
        let mut rows = Vec::new();
        for it in &self.verified {
            let [token, response] = it.names;
            let raw = || Some(Contest::new(nothing, |()| it.alone()));
            rows.push(Row::new(token).contests([
                Some(Contest::new(nothing, |()| it.ours())),
                raw(),
                Some(Contest::new(nothing, |()| it.openidconnect())),
                Some(Contest::new(nothing, |()| it.huskarl())),
            ]));
            let response = Row::new(response);
            let whole = Some(Contest::new(nothing, |()| it.response()));
            rows.push(response.contests([whole, raw(), None, None]));
        }
        let ours = |name, contest| Row::new(name).contests([Some(contest), None, None, None]);
        for (name, grant) in [
            ("ES256: request with a client assertion", &self.assertion),
            ("ES256: request with a DPoP proof", &self.proof),
        ] {
            let message = Unsigned::new("x".repeat(250));
            rows.push(Row::new(name).contests([
                Some(Contest::new(nothing, |()| grant.request(NOW))),
                Some(Contest::new(nothing, move |()| self.signer.sign(&message))),
                None,
                None,
            ]));
        }
        rows.push(ours(
            "a key among 10",
            Contest::new(nothing, |()| {
                self.few.select(Algorithm::EdDsa, Some("key-7")).count()
            }),
        ));
        rows.push(ours(
            "a key among 1,000",
            Contest::new(nothing, |()| {
                self.many.select(Algorithm::EdDsa, Some("key-777")).count()
            }),
        ));
        rows
    }
}

impl Verified {
    fn new(
        names: [&'static str; 2],
        kind: KeyKind,
        algorithm: Algorithm,
        core: CoreJwsSigningAlgorithm,
    ) -> Result<Self, Box<dyn Error>> {
        let signer = signer(kind, algorithm)?;
        let public = signer.public().ok_or("a key pair")?.clone();
        let id_token = id_token(&signer, algorithm)?;
        let client = client(
            Authentication::client_secret_basic("s3cret"),
            Some(algorithm),
        )?;
        let published = json!({ "keys": [public] }).to_string();
        KeysRequest::new(&client).response(NOW, &Response::new(published.clone().into_bytes()))?;
        let request = AuthorizationRequest::new("openid").nonce(NONCE);
        let (_, pending) = client.authorize(NOW, request)?;
        let callback = format!("code=c0de&state={}", pending.state());
        let authorized = client.authorization_response(NOW, pending, &callback)?;
        let body = json!({
            "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600,
            "id_token": id_token,
        });
        let (message, signature) = id_token.rsplit_once('.').ok_or("a token")?;
        let keys: JsonWebKeySet<CoreJsonWebKey> = serde_json::from_str(&published)?;
        let built = Self {
            names,
            algorithm,
            core,
            verifier: Verifier::new(&*default_provider(), public)?,
            message: message.to_owned(),
            signature: base64url::decode(signature)?,
            received: ReceivedIdToken::new(&client, id_token.as_str(), NONCE)
                .access_token(ACCESS_TOKEN),
            exchange: Grant::authorization_code(&client, authorized),
            response: ours::answer(&body.to_string()),
            key: keys.keys().first().ok_or("a key")?.clone(),
            validator: IdTokenValidator::builder()
                .verifier(AsymmetricPublicKey::from_jwk(serde_json::from_value(
                    json!(signer.public()),
                )?)?)
                .issuer(inputs::ISSUER)
                .audience(inputs::CLIENT_ID)
                .build(),
            token: IdToken::from(id_token.as_str()),
            now: Timestamp::from_second(i64::try_from(NOW.as_secs())?)?,
            id_token,
            keys,
        };
        built.response()?;
        let verified = built.ours() && built.alone() && built.openidconnect() && built.huskarl();
        assert!(verified, "{}", built.id_token);
        Ok(built)
    }

    fn alone(&self) -> bool {
        let message = self.message.as_bytes();
        let outcome = self
            .verifier
            .verify(self.algorithm, message, &self.signature);
        outcome.is_ok()
    }

    /// The ID token read, verified by every rule, and its `at_hash` compared.
    fn ours(&self) -> bool {
        self.received.verify(NOW).is_ok()
    }

    /// The whole token response, its ID token verified.
    fn response(&self) -> Result<Tokens, oauth_proto::domain::error::Error> {
        self.exchange.response(NOW, &self.response)
    }

    /// The ID token parsed and verified by a prepared key. It has no comparison of `at_hash`.
    fn huskarl(&self) -> bool {
        let verified = self
            .validator
            .validate_at(&self.token, Some(NONCE), self.now);
        huskarl::once(verified).is_some_and(|verified| verified.is_ok())
    }

    /// The ID token parsed, verified, and its `at_hash` compared. The verifier is made anew, as its
    /// client makes it.
    fn openidconnect(&self) -> bool {
        let Ok(issuer) = IssuerUrl::new(inputs::ISSUER.to_owned()) else {
            return false;
        };
        let client_id = ClientId::new(inputs::CLIENT_ID.to_owned());
        let verifier = CoreIdTokenVerifier::new_public_client(client_id, issuer, self.keys.clone())
            .set_allowed_algs([self.core.clone()]);
        let Ok(token) = self.id_token.parse::<CoreIdToken>() else {
            return false;
        };
        let nonce = Nonce::new(NONCE.to_owned());
        let Ok(claims) = token.claims(&verifier, &nonce) else {
            return false;
        };
        let access_token = AccessToken::new(ACCESS_TOKEN.to_owned());
        // It has no hash for EdDSA.
        let hash = AccessTokenHash::from_token(&access_token, &self.core, &self.key);
        hash.is_err() || hash.ok().as_ref() == claims.access_token_hash()
    }
}

fn signer(kind: KeyKind, algorithm: Algorithm) -> Result<Signer, Box<dyn Error>> {
    let crypto = default_provider();
    let key = PrivateJwk::new(crypto.generate(kind)?).with_kid("2027");
    Ok(Signer::new(&crypto, &key, algorithm)?)
}

fn client(
    authentication: Authentication,
    id_tokens: Option<Algorithm>,
) -> Result<Client, Box<dyn Error>> {
    let metadata = Metadata::new(inputs::ISSUER, UriPolicy::default())?
        .with_endpoint(Endpoint::Authorization, inputs::AUTHORIZATION_ENDPOINT)?
        .with_endpoint(Endpoint::Token, inputs::TOKEN_ENDPOINT)?
        .with_endpoint(Endpoint::Jwks, "https://id.example/realms/demo/jwks")?;
    let client = Client::new(metadata, inputs::CLIENT_ID, authentication)?
        .with_redirect_uri(inputs::REDIRECT_URI)?;
    Ok(match id_tokens {
        Some(algorithm) => client
            .with_response_algorithms(ResponseAlgorithms::new().signed(Answer::IdToken, algorithm)),
        None => client,
    })
}

fn id_token(signer: &Signer, algorithm: Algorithm) -> Result<String, Box<dyn Error>> {
    let hash = match algorithm {
        Algorithm::EdDsa => Hash::Sha512,
        _ => Hash::Sha256,
    };
    let digest = default_provider().digest(hash, ACCESS_TOKEN.as_bytes())?;
    let claims = json!({
        "iss": inputs::ISSUER, "sub": "248289761001", "aud": inputs::CLIENT_ID,
        "exp": NOW.as_secs() + 300, "iat": NOW.as_secs(), "nonce": NONCE,
        "at_hash": base64url::encode(&digest[..hash.len() / 2]),
        "name": "Jane Doe", "email": "janedoe@example.com", "email_verified": true,
    });
    match signer.sign(&Unsigned::new(claims.to_string()).with_type("JWT"))? {
        Signed::Compact(text) => Ok(text),
        _ => Err("the key is here".into()),
    }
}

/// A set of this many keys.
fn set(count: usize) -> Result<JwkSet, Box<dyn Error>> {
    let crypto = default_provider();
    let mut keys = Vec::new();
    for number in 0..count {
        let key = PrivateJwk::new(crypto.generate(KeyKind::Okp(OkpCurve::Ed25519))?);
        let public: Jwk = key.public().ok_or("a key pair")?;
        keys.push(public.with_kid(format!("key-{number}")));
    }
    Ok(JwkSet::new(&*crypto, keys)?)
}

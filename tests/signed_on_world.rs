//! Clients that sign, on the provider in memory, which verifies: every method of authentication at every
//! endpoint that wants to know the client, and authorization requests by value, by reference and pushed.
//! The messages alone are in `client_assertion.rs`, `request_object.rs` and `attestation.rs`.

#![cfg(test)]
#![cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]

use std::convert::Infallible;

use oauth_proto::base::base64url;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::default_provider;
use oauth_proto::crypto::encrypter::Encrypter;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_attestation::ClientAttestation;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::request_objects::RequestObjects;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::backchannel_request::BackchannelAuthenticationRequest;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::request::Request;
use oauth_proto::endpoint::revocation::Outcome;
use oauth_proto::flow::Flow;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;
use oauth_proto_world::AuthMethod;
use oauth_proto_world::Browser;
use oauth_proto_world::Certificate;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::DpopSettings;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;
use serde_json::Value;
use serde_json::json;

use crate::common::jose::JOSE;
use crate::common::moment::NOW;
use crate::common::other::Other;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::parties::parties;
use crate::keys::ED25519;
use crate::keys::P256;
use crate::keys::RSA;
use crate::keys::SECRET;
use crate::keys::secret;
use crate::keys::signer;

#[cfg(test)]
mod common {
    pub(crate) mod jose;
    pub(crate) mod moment;
    pub(crate) mod other;
    pub(crate) mod parties;
    pub(crate) mod run;
}
#[path = "kit/keys.rs"]
mod keys;

/// Runs a flow, over a connection that shows the client's certificate where one is to be shown.
fn run<F: Flow>(provider: &mut Provider, flow: F) -> Result<F::Output, Error> {
    let send = |request: Request| {
        let certified = request.needs_client_certificate();
        let mut request = request.into_http();
        if certified {
            let shown = Certificate("CN=app".to_owned());
            request.extensions_mut().insert(shown);
        }
        Ok::<_, Infallible>(provider.handle(NOW.as_secs(), &request))
    };
    let sleep = |pause| panic!("the flow waits {pause:?}");
    drive::blocking(flow, || NOW, send, sleep).map_err(|error| match error {
        DriveError::Protocol(error) => error,
        DriveError::Transport(never) => match never {},
    })
}

/// The public key of a signer, as a set.
fn jwks(signer: &Signer) -> Value {
    json!({"keys": [signer.public()]})
}

fn knowing(record: ClientRecord, authentication: Authentication) -> (Provider, Client) {
    let (mut provider, client) = parties(ISSUER, record, authentication);
    provider.jose = Some(JOSE);
    (provider, client)
}

fn by_key(key: &str, algorithm: Algorithm) -> (Provider, Client) {
    let signer = signer(key, algorithm);
    let record = ClientRecord::by("app", AuthMethod::PrivateKeyJwt).jwks(jwks(&signer));
    knowing(record, Authentication::private_key_jwt(signer))
}

fn by_secret() -> (Provider, Client) {
    let record = ClientRecord {
        secret: Some(SECRET.to_owned()),
        ..ClientRecord::by("app", AuthMethod::ClientSecretJwt)
    };
    let signer = secret(Algorithm::Hs256);
    knowing(record, Authentication::client_secret_jwt(signer))
}

fn by_certificate(method: AuthMethod, authentication: Authentication) -> (Provider, Client) {
    let record = ClientRecord::by("app", method).certificate("CN=app");
    knowing(record, authentication)
}

/// An instance of the client with the key of RFC 8037, for which an attester with another key vouches.
fn by_attestation() -> (Provider, Client) {
    let attester = signer(P256, Algorithm::Es256);
    let instance = signer(ED25519, Algorithm::EdDsa);
    let claims = json!({
        "iss": "https://attester.example",
        "sub": "app",
        "exp": NOW.as_secs() + 3600,
        "cnf": {"jwk": instance.public()},
    });
    let unsigned = Unsigned::new(claims.to_string()).with_type("oauth-client-attestation+jwt");
    let Ok(Signed::Compact(attestation)) = attester.sign(&unsigned) else {
        panic!("the attester's key is here");
    };
    let record = ClientRecord::by("app", AuthMethod::Attestation);
    let attestation = ClientAttestation::new(attestation, instance);
    let (mut provider, client) = knowing(record, Authentication::attestation(attestation));
    provider.settings.attesters = jwks(&attester);
    (provider, client)
}

fn everybody() -> Vec<(Provider, Client)> {
    vec![
        by_secret(),
        by_key(RSA, Algorithm::Rs256),
        by_key(RSA, Algorithm::Rs512),
        by_key(RSA, Algorithm::Ps256),
        by_key(P256, Algorithm::Es256),
        by_key(ED25519, Algorithm::EdDsa),
        by_key(ED25519, Algorithm::Ed25519),
        by_certificate(AuthMethod::TlsClientAuth, Authentication::TlsClientAuth),
        by_certificate(
            AuthMethod::SelfSignedTlsClientAuth,
            Authentication::SelfSignedTlsClientAuth,
        ),
        by_attestation(),
    ]
}

#[test]
fn every_endpoint_knows_the_client() {
    for (mut provider, client) in everybody() {
        let method = client.authentication().method();
        let (url, pending) = run(&mut provider, client.push(NOW, "mail").unwrap()).unwrap();
        let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let tokens = run(&mut provider, flow).unwrap().into_tokens();
        let tokens = run(&mut provider, client.refresh(&tokens).unwrap()).unwrap();
        run(&mut provider, Call::new(Grant::client_credentials(&client))).unwrap();
        run(&mut provider, client.device("mail").unwrap()).unwrap();
        let asked = BackchannelAuthenticationRequest::new("mail").login_hint("ada@id.example");
        run(&mut provider, client.backchannel(asked).unwrap()).unwrap();
        let token = tokens.access_token().clone();
        let seen = run(&mut provider, client.introspect(token)).unwrap();
        assert!(seen.is_active(), "{method}");
        let outcome = run(&mut provider, client.revoke(&tokens).unwrap()).unwrap();
        assert!(matches!(outcome, Outcome::Revoked), "{method}");
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

#[test]
fn a_stranger_is_refused_at_the_token_endpoint() {
    let (mut provider, _) = by_key(RSA, Algorithm::Rs256);
    let (_, stranger) = by_key(P256, Algorithm::Es256);
    let error = run(
        &mut provider,
        Call::new(Grant::client_credentials(&stranger)),
    )
    .unwrap_err();
    let Error::Refused(refusal) = error else {
        panic!("{error}");
    };
    assert_eq!(refusal.code(), Some(&ErrorCode::InvalidClient));

    let (mut provider, _) =
        by_certificate(AuthMethod::TlsClientAuth, Authentication::TlsClientAuth);
    let request = Grant::client_credentials(&stranger).request(NOW);
    let request = request.and_then(Draft::into_request).unwrap();
    assert_eq!(provider.handle(NOW.as_secs(), &request).status(), 401);
}

#[test]
fn an_assertion_is_good_once() {
    let (mut provider, client) = by_key(ED25519, Algorithm::EdDsa);
    let grant = Grant::client_credentials(&client);
    let request = grant.request(NOW).and_then(Draft::into_request).unwrap();
    assert_eq!(provider.handle(NOW.as_secs(), &request).status(), 200);
    assert_eq!(provider.handle(NOW.as_secs(), &request).status(), 401);
    // The next try has another.
    let request = grant.request(NOW).and_then(Draft::into_request).unwrap();
    assert_eq!(provider.handle(NOW.as_secs(), &request).status(), 200);
}

#[test]
fn an_attested_client_goes_on_with_the_challenge_that_it_was_given() {
    let (mut provider, client) = by_attestation();
    provider.settings.challenges = true;
    // Each is good once, and only a refusal brings one.
    for requests in [2, 4] {
        run(&mut provider, Call::new(Grant::client_credentials(&client))).unwrap();
        assert_eq!(provider.log().with(Endpoint::Token).len(), requests);
    }
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

fn asked() -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("mail").max_age(std::time::Duration::from_secs(300))
}

/// A provider that takes signed requests only, and a client that signs them.
fn signing() -> (Provider, Client) {
    let (mut provider, client) = by_key(P256, Algorithm::Es256);
    provider.settings.signed_required = true;
    let client = client
        .with_request_objects(signer(P256, Algorithm::Es256))
        .unwrap();
    (provider, client)
}

#[test]
fn a_signed_request_is_read_by_value_by_reference_and_pushed() {
    for way in ["value", "reference", "pushed"] {
        let (mut provider, client) = signing();
        let (url, pending) = match way {
            "value" => client.authorize(NOW, asked()).unwrap(),
            "reference" => {
                let flow = client.request_object(NOW, asked()).unwrap();
                let (object, pending) = run(&mut provider, flow).unwrap();
                let address = "https://app.example/requests/8fT0qK";
                let text = object.as_str().to_owned();
                provider.settings.hosted.insert(address.to_owned(), text);
                (object.by_reference(address).unwrap(), pending)
            }
            _ => run(&mut provider, client.push(NOW, asked()).unwrap()).unwrap(),
        };
        let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
        assert!(landing.url.starts_with(CALLBACK), "{way}: {}", landing.url);
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let signed_in = run(&mut provider, flow).unwrap();
        assert_eq!(signed_in.tokens().scope().as_str(), "mail");
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

/// Signed, and then encrypted to the provider.
fn encrypting(provider: &mut Provider, objects: RequestObjects) -> RequestObjects {
    // Its `kid` must not be one of the client's.
    let own = PrivateJwk::parse(P256).unwrap().with_kid("provider");
    let own = own.with_algorithm("ECDH-ES+A128KW");
    let private: Value = serde_json::from_str(own.to_private_json().expose()).unwrap();
    provider.settings.decryption_keys = json!({"keys": [private]});
    let encrypter = Encrypter::new(
        default_provider(),
        own.public().unwrap(),
        KeyManagement::EcdhEsA128Kw,
        ContentEncryption::A256Gcm,
    );
    objects.with_encryption(encrypter.unwrap())
}

#[test]
fn an_encrypted_request_is_read_by_value_and_pushed() {
    for pushed in [false, true] {
        let (mut provider, client) = signing();
        let objects = RequestObjects::new(signer(P256, Algorithm::Es256));
        let objects = encrypting(&mut provider, objects);
        let client = client.with_request_objects(objects).unwrap();
        let (url, pending) = if pushed {
            run(&mut provider, client.push(NOW, asked()).unwrap()).unwrap()
        } else {
            let (url, pending) = client.authorize(NOW, asked()).unwrap();
            // Five parts, and no claim in clear.
            assert_eq!(
                url.as_str()
                    .rsplit('=')
                    .next()
                    .unwrap()
                    .matches('.')
                    .count(),
                4
            );
            (url, pending)
        };
        let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        assert!(run(&mut provider, flow).is_ok());
        assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    }
}

/// The object is encrypted after the other process has signed it.
#[test]
fn what_another_process_signs_is_encrypted_here() {
    let mut other = Other::start();
    let object_key = other.signer("object-key", Algorithm::EdDsa);
    let keys = json!({"keys": [object_key.public()]});
    let record = ClientRecord::public("app").jwks(keys);
    let (mut provider, client) = knowing(record, Authentication::None);
    provider.settings.signed_required = true;
    let objects = encrypting(&mut provider, RequestObjects::new(object_key));
    let client = client.with_request_objects(objects).unwrap();
    let flow = client.push(NOW, "mail").unwrap();
    let (url, pending) = other.run(&mut provider, flow);
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    assert!(client.resume(NOW, pending, &landing.url).is_ok());

    let flow = client.request_object(NOW, "mail").unwrap();
    let (object, pending) = other.run(&mut provider, flow);
    let url = object.by_value().unwrap();
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    assert!(client.resume(NOW, pending, &landing.url).is_ok());
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

#[test]
fn no_backchannel_request_is_encrypted() {
    let (mut provider, client) = by_key(P256, Algorithm::Es256);
    let objects = RequestObjects::new(signer(P256, Algorithm::Es256));
    let objects = encrypting(&mut provider, objects);
    let error = client
        .with_signed_backchannel_requests(objects)
        .unwrap_err();
    let expected = matches!(error, Error::Misuse(Misuse::Parameter { .. }));
    assert!(expected, "{error}");
}

#[test]
fn a_signed_backchannel_request_is_read() {
    let (mut provider, client) = by_key(P256, Algorithm::Es256);
    provider.settings.backchannel.signed_required = true;
    let client = client
        .with_signed_backchannel_requests(signer(P256, Algorithm::Es256))
        .unwrap();
    let asked = BackchannelAuthenticationRequest::new("mail")
        .login_hint("ada@id.example")
        .binding_message("W4SCT")
        .requested_expiry(std::time::Duration::from_secs(60));
    let pending = run(&mut provider, client.backchannel(asked).unwrap()).unwrap();
    let end = NOW.saturating_add(std::time::Duration::from_secs(60));
    assert_eq!(pending.expires_at(), end);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

/// The request object and the assertions: the keys are in the other process alone.
#[test]
fn a_user_signs_in_and_this_process_has_no_key() {
    let mut other = Other::start();
    let client_key = other.signer("client-key", Algorithm::Es256);
    let object_key = other.signer("object-key", Algorithm::EdDsa);
    let keys = json!({"keys": [client_key.public(), object_key.public()]});
    let record = ClientRecord::by("app", AuthMethod::PrivateKeyJwt).jwks(keys);
    let (mut provider, client) =
        parties(ISSUER, record, Authentication::private_key_jwt(client_key));
    provider.jose = Some(JOSE);
    provider.settings.signed_required = true;
    let client = client.with_request_objects(object_key).unwrap();

    // Pushed: the object and the assertion beside it.
    let flow = client.push(NOW, "mail").unwrap();
    let (url, pending) = other.run(&mut provider, flow);
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let signed_in = other.run(&mut provider, flow);
    assert_eq!(signed_in.tokens().scope().as_str(), "mail");
    assert_eq!(other.asked, ["object-key", "client-key", "client-key"]);

    // By value: the object alone.
    other.asked.clear();
    let flow = client.request_object(NOW, "mail").unwrap();
    let (object, pending) = other.run(&mut provider, flow);
    let url = object.by_value().unwrap();
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = other.run(&mut provider, flow).into_tokens();
    let tokens = other.run(&mut provider, client.refresh(&tokens).unwrap());
    let outcome = other.run(&mut provider, client.revoke(&tokens).unwrap());
    assert!(matches!(outcome, Outcome::Revoked));
    let expected = ["object-key", "client-key", "client-key", "client-key"];
    assert_eq!(other.asked, expected);
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

/// The proofs too: each of them, and each again where the server wants another nonce.
#[test]
fn a_user_signs_in_with_proofs_and_this_process_has_no_key() {
    let mut other = Other::start();
    let client_key = other.signer("client-key", Algorithm::Es256);
    let object_key = other.signer("object-key", Algorithm::EdDsa);
    let proof_key = other.signer("proof-key", Algorithm::Es256);
    let keys = json!({"keys": [client_key.public(), object_key.public()]});
    let record = ClientRecord::by("app", AuthMethod::PrivateKeyJwt).jwks(keys);
    let (mut provider, client) =
        parties(ISSUER, record, Authentication::private_key_jwt(client_key));
    provider.jose = Some(JOSE);
    provider.settings.signed_required = true;
    provider.settings.dpop = DpopSettings {
        taken: true,
        required: true,
        server_nonces: true,
        api_nonces: true,
        odd_challenges: true,
    };
    let public = proof_key.public().unwrap().clone();
    let proof_key = DpopKey::remote("proof-key", Algorithm::Es256, public).unwrap();
    let client = client
        .with_request_objects(object_key)
        .unwrap()
        .with_dpop(proof_key);

    let flow = client.push(NOW, "mail").unwrap();
    let (url, pending) = other.run(&mut provider, flow);
    // The object names the key of the proofs: the code is bound.
    let object = provider.log().with(Endpoint::Pushed)[1].form();
    let claims = object.value("request").unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&base64url::decode(claims).unwrap()).unwrap();
    let thumbprint = client.dpop_key().unwrap().thumbprint();
    assert_eq!(claims["dpop_jkt"], thumbprint);
    assert_eq!(pending.dpop_jkt(), Some(thumbprint));
    let pushed = ["object-key", "client-key", "proof-key"];
    assert_eq!(other.asked, [pushed, pushed].concat());

    other.asked.clear();
    let landing = Browser::new().visit(&mut provider, NOW.as_secs(), url.as_str());
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = other.run(&mut provider, flow).into_tokens();
    let tokens = other.run(&mut provider, client.refresh(&tokens).unwrap());
    let request = http::Request::get(format!("{ISSUER}/api/mail")).body(Vec::new());
    let answer = other.run(&mut provider, client.call(&tokens, request.unwrap()));
    assert_eq!(answer.status(), 200);
    let (redeemed, called) = (["client-key", "proof-key"], ["proof-key", "proof-key"]);
    assert_eq!(other.asked, [redeemed, redeemed, called].concat());
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

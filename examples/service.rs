//! A service that speaks for itself (RFC 6749 §4.4): it authenticates by its private key (RFC 7523), and calls an
//! API with tokens that are obtained and renewed on the way.
//!
//! ```sh
//! cargo run --example service --features ureq
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::error::Error;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::pkcs8;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::flow::discover::Discover;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::transport::ureq;
use oauth_proto_world::AuthMethod;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

#[path = "../tests/common/jose.rs"]
mod jose;

fn main() -> Result<(), Box<dyn Error>> {
    let crypto = crypto::default_provider();
    // A real service reads what was generated once: `std::fs::read_to_string("service.pem")?`.
    let pem = pkcs8::to_pem(&crypto.generate(KeyKind::Ec(EcCurve::P256))?)?;

    let key = PrivateJwk::new(pkcs8::from_pem(&*crypto, pem.expose())?);
    let signer = Signer::new(&crypto, &key, Algorithm::Es256)?.with_kid("2026-11");
    let server = provider(&signer)?;

    // Plain http is for this example's provider on the loopback interface; leave the policy out.
    let policy = UriPolicy::danger_http_on_loopback();
    let agent = ureq::agent();
    let metadata = ureq::run(&agent, Discover::with_uri_policy(server.issuer(), policy)?)?;
    let client = Client::new(metadata, "service", Authentication::private_key_jwt(signer))?;

    let grant = Grant::client_credentials(&client).scope("mail");
    let lease = Lease::obtained_by(Renewal::grant(grant));
    let api = Api::new(&client, &format!("{}/api", server.issuer()), lease)?;
    for _ in 0..2 {
        let answer = ureq::call(&agent, &api, api.get("me"))?;
        println!("{}", String::from_utf8_lossy(answer.body()));
    }
    Ok(())
}

/// The provider knows the public half of the key, under the identifier that the client says.
fn provider(signer: &Signer) -> Result<Server, Box<dyn Error>> {
    let mut public = serde_json::to_value(signer.public())?;
    public["kid"] = signer.kid().into();
    let keys = serde_json::json!({"keys": [public]});
    let record = ClientRecord::by("service", AuthMethod::PrivateKeyJwt).jwks(keys);
    Ok(Server::start(|issuer| {
        let mut provider = Provider::new(issuer).with(record.scope("mail"));
        provider.jose = Some(jose::JOSE);
        provider
    })?)
}

//! Proof of possession (RFC 9449, attestation-based client authentication): what a client holds its servers to,
//! and what a resource server holds a proof to.

use http::HeaderMap;
use http::Method;
use http::Uri;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jws::Unsigned;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signed;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::client_attestation::ClientAttestation;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::dpop_proof::ExpectedProof;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Remedy::FixConfiguration;
use oauth_proto::domain::error::Remedy::Report;
use oauth_proto::domain::verdict::Compared::Absent;
use oauth_proto::domain::verdict::Compared::Redacted;
use oauth_proto::domain::verdict::Compared::Unsaid;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::replay_window::ReplayWindow;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use serde_json::Value;
use serde_json::json;

use crate::Row;
use crate::answer::json as answer;
use crate::cast::NOW;
use crate::cast::client;
use crate::cast::client_at;
use crate::cast::metadata;
use crate::row;
use crate::text;

/// RFC 9449 §4.3: the checks of a proof.
const CHECKING: &str = "RFC 9449 section 4.3";

/// The key of RFC 8037 appendix A.1, and its thumbprint (appendix A.3).
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = at_the_client();
    rows.extend(of_the_form());
    rows.extend(of_the_claims());
    rows
}

fn at_the_client() -> Vec<Row> {
    vec![
        row(
            "ATTESTATION-CHALLENGE",
            "draft-ietf-oauth-attestation-based-client-auth-10 section 7.4",
            FixConfiguration,
            text("a new challenge of 1 to 1024 bytes"),
            Absent,
            || {
                let demand = answer(400, r#"{"error":"use_attestation_challenge"}"#);
                let Ok(Step::Send(_, sent)) = Call::new(grant(&attested())).begin(NOW) else {
                    panic!("the key is here");
                };
                sent.answer(NOW, &demand).unwrap_err()
            },
        ),
        row(
            "DPOP-TOKEN-TYPE",
            "RFC 9449 section 5",
            Report,
            text("DPoP"),
            text("Bearer"),
            || {
                let body = r#"{"access_token":"a","token_type":"Bearer"}"#;
                grant(&bound())
                    .response(NOW, &answer(200, body))
                    .unwrap_err()
            },
        ),
        row(
            "DPOP-NONCE-MISSING",
            "RFC 9449 section 8",
            FixConfiguration,
            Unsaid,
            Absent,
            || demanded(&[None]),
        ),
        row(
            "DPOP-NONCE",
            "RFC 9449 section 8.1",
            FixConfiguration,
            text("one nonce of 1 to 1024 characters"),
            Unsaid,
            || demanded(&[Some("a b")]),
        ),
        row(
            "DPOP-NONCE-REPEATED",
            "RFC 9449 section 8",
            FixConfiguration,
            Unsaid,
            text("a"),
            || demanded(&[Some("a"), Some("a")]),
        ),
    ]
}

fn of_the_form() -> Vec<Row> {
    vec![
        row(
            "DPOP-PROOF-HEADER",
            CHECKING,
            Report,
            text("one proof"),
            Absent,
            || refused(&HeaderMap::new()),
        ),
        row(
            "DPOP-PROOF-FORM",
            CHECKING,
            Report,
            text("a JWT"),
            text("not three parts with a dot between them"),
            || refused(&headers("e30.e30")),
        ),
        row(
            "DPOP-PROOF-TYP",
            CHECKING,
            Report,
            text("dpop+jwt"),
            text("JWT"),
            || refused(&headers(&signed(&unsigned(&json!({})).with_type("JWT")))),
        ),
        row(
            "DPOP-PROOF-ALG",
            CHECKING,
            Report,
            Unsaid,
            text("EdDSA"),
            || {
                let proof = headers(&proof(&json!({})));
                read(&expected().algorithms(&[Algorithm::Es256]), &proof)
            },
        ),
        row("DPOP-PROOF-JWK", CHECKING, Report, Unsaid, Absent, || {
            refused(&headers(&signed(
                &Unsigned::new("{}").with_type("dpop+jwt"),
            )))
        }),
        row(
            "DPOP-PROOF-SIGNATURE",
            CHECKING,
            Report,
            text("a proof that its own key signed"),
            text("the signature is not of this key"),
            || {
                let proof = proof(&json!({}));
                let (input, _) = proof.rsplit_once('.').unwrap();
                refused(&headers(&format!("{input}.{}", "A".repeat(86))))
            },
        ),
    ]
}

fn of_the_claims() -> Vec<Row> {
    let claims = |id, expected, received, trip| row(id, CHECKING, Report, expected, received, trip);
    vec![
        claims("DPOP-PROOF-JTI", Unsaid, Absent, || {
            changed(&json!({"jti": null}))
        }),
        claims("DPOP-PROOF-HTM", text("GET"), text("POST"), || {
            changed(&json!({"htm": "POST"}))
        }),
        claims(
            "DPOP-PROOF-HTU",
            text("https://rs.example/a"),
            text("https://rs.example/b"),
            || changed(&json!({"htu": "https://rs.example/b"})),
        ),
        claims(
            "DPOP-PROOF-IAT",
            text("within 60 s of 1800000000"),
            text("1799999939"),
            || changed(&json!({"iat": 1_799_999_939})),
        ),
        claims("DPOP-PROOF-NONCE", Redacted, Redacted, || {
            changed(&json!({"nonce": "another"}))
        }),
        claims("DPOP-PROOF-ATH", Redacted, Redacted, || {
            changed(&json!({"ath": "another"}))
        }),
        claims("DPOP-PROOF-JKT", text("another"), text(THUMBPRINT), || {
            let proof = headers(&proof(&json!({})));
            read(&expected().access_token("t", "another"), &proof)
        }),
        row(
            "DPOP-PROOF-REPLAYED",
            "RFC 9449 section 11.1",
            Report,
            text("a token that was not seen before"),
            Unsaid,
            || {
                let crypto = crypto::default_provider();
                let headers = headers(&proof(&json!({})));
                let proof = expected().validate(&*crypto, NOW, &headers).unwrap();
                let mut window = ReplayWindow::new();
                window.take_proof(NOW, &proof).unwrap();
                window.take_proof(NOW, &proof).unwrap_err()
            },
        ),
    ]
}

fn key() -> PrivateJwk {
    PrivateJwk::parse(KEY).unwrap()
}

/// A client whose tokens are bound.
fn bound() -> Client {
    let crypto = crypto::default_provider();
    client().with_dpop(DpopKey::new(&crypto, &key(), Algorithm::EdDsa).unwrap())
}

/// A client whose instance is attested.
fn attested() -> Client {
    let signer = Signer::new(&crypto::default_provider(), &key(), Algorithm::EdDsa);
    let attestation = ClientAttestation::new("eyJ0eXAi.eyJzdWIi.c2ln", signer.unwrap());
    client_at(metadata(), Authentication::attestation(attestation))
}

fn grant(client: &Client) -> Grant {
    Grant::refresh_token(client, "R")
}

/// What a refresh ends with that is answered by demands for these nonces.
fn demanded(nonces: &[Option<&str>]) -> Error {
    let mut step = Call::new(grant(&bound())).begin(NOW);
    for nonce in nonces {
        let Ok(Step::Send(_, sent)) = step else {
            panic!("{step:?}");
        };
        let mut response = answer(400, r#"{"error":"use_dpop_nonce"}"#);
        if let Some(nonce) = nonce {
            let nonce = nonce.parse().unwrap();
            response.headers_mut().insert("dpop-nonce", nonce);
        }
        step = sent.answer(NOW, &response);
    }
    step.unwrap_err()
}

/// What the proof is held to.
fn expected() -> ExpectedProof<'static> {
    static ADDRESS: std::sync::LazyLock<Uri> =
        std::sync::LazyLock::new(|| Uri::from_static("https://rs.example/a?b=c"));
    ExpectedProof::new(&Method::GET, &ADDRESS)
        .access_token("t", THUMBPRINT)
        .nonce("n")
}

/// A proof with these claims changed, or left out where they are null.
fn unsigned(changes: &Value) -> Unsigned {
    let mut claims = json!({
        "jti": "e1j3V_bKic8-LAEB",
        "htm": "GET",
        "htu": "https://rs.example/a",
        "iat": NOW.as_secs(),
        "nonce": "n",
        // SHA-256 of `t`.
        "ath": "47mKTaMaEn1L3m5DAz9muidMqw636xxw7EFAK_YnPdg",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let public = key().public().unwrap();
    Unsigned::new(claims.to_string())
        .with_type("dpop+jwt")
        .with_jwk(&public)
}

fn signed(unsigned: &Unsigned) -> String {
    let signer = Signer::new(&crypto::default_provider(), &key(), Algorithm::EdDsa);
    let Ok(Signed::Compact(text)) = signer.unwrap().sign(unsigned) else {
        panic!("the key is here");
    };
    text
}

fn proof(changes: &Value) -> String {
    signed(&unsigned(changes))
}

fn headers(proof: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("dpop", proof.parse().unwrap());
    headers
}

fn read(expected: &ExpectedProof<'_>, headers: &HeaderMap) -> Error {
    let crypto = crypto::default_provider();
    expected
        .validate(&*crypto, NOW, headers)
        .unwrap_err()
        .into()
}

fn refused(headers: &HeaderMap) -> Error {
    read(&expected(), headers)
}

fn changed(changes: &Value) -> Error {
    refused(&headers(&proof(changes)))
}

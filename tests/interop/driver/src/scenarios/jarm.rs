//! Authorization responses as JWTs (JARM): every way back, signed by every algorithm, and encrypted.

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::refusal::ErrorCode;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::endpoint::authorization_request::ResponseMode;
use oauth_proto::flow::drive::DriveError;
use oauth_proto::transport::now;

use crate::adapter::Adapter;
use crate::adapter::Adapter::Ureq;
use crate::adapter::BOTH;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::same;
use crate::keyring;
use crate::keyring::P256;
use crate::keyring::RSA;
use crate::keyring::SYMMETRIC;
use crate::player::Player;
use crate::player::violated;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::scenarios::answers::Agreed;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("jarm_by_every_way", by_every_way),
    Scenario::new("jarm_by_every_algorithm", by_every_algorithm),
    Scenario::new("jarm_encrypted", encrypted),
    Scenario::new("jarm_of_a_denial", of_a_denial),
    Scenario::new("jarm_that_was_changed", that_was_changed),
    Scenario::new("jarm_for_a_plain_response", for_a_plain_response),
];

const MODES: [ResponseMode; 4] = [
    ResponseMode::Jwt,
    ResponseMode::QueryJwt,
    ResponseMode::FragmentJwt,
    ResponseMode::FormPostJwt,
];

fn signed(signed: Algorithm) -> Agreed {
    Agreed {
        answers: &[Answer::Authorization],
        signed,
        encrypted: None,
        key: None,
    }
}

fn request(mode: ResponseMode) -> AuthorizationRequest<'static> {
    AuthorizationRequest::new("openid").response_mode(mode)
}

fn signs_in(player: &Player<'_>, mode: ResponseMode) -> Result<(), Failure> {
    let signed_in = player.signed_in(request(mode))?;
    same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    same("findings", signed_in.findings().count(), 0)
}

/// With cold keys, and with the keys of the sign-in before.
fn by_every_way(stage: &Stage) -> Result<(), Failure> {
    for adapter in BOTH {
        let player = signed(Algorithm::Rs256).player(stage, adapter)?;
        for mode in MODES {
            about(mode.as_str(), signs_in(&player, mode))?;
        }
    }
    Ok(())
}

fn by_every_algorithm(stage: &Stage) -> Result<(), Failure> {
    for algorithm in keyring::asymmetric(stage, "")?.chain(SYMMETRIC) {
        let player = signed(algorithm).player(stage, Ureq)?;
        about(algorithm, signs_in(&player, ResponseMode::Jwt))?;
    }
    Ok(())
}

fn encrypted(stage: &Stage) -> Result<(), Failure> {
    for (management, encryption, key) in [
        (
            KeyManagement::RsaOaep256,
            ContentEncryption::A256Gcm,
            Some(RSA),
        ),
        (
            KeyManagement::EcdhEsA256Kw,
            ContentEncryption::A128CbcHs256,
            Some(P256),
        ),
        (
            KeyManagement::A256GcmKw,
            ContentEncryption::A192CbcHs384,
            None,
        ),
    ] {
        let agreed = Agreed {
            encrypted: Some((management, encryption)),
            key,
            ..signed(Algorithm::Ps256)
        };
        let player = agreed.player(stage, Ureq)?;
        for mode in MODES {
            let what = format!("{management} by {}", mode.as_str());
            about(what, signs_in(&player, mode))?;
        }
    }
    Ok(())
}

fn of_a_denial(stage: &Stage) -> Result<(), Failure> {
    let player = signed(Algorithm::Es256).player(stage, Ureq)?;
    let mut user = User::new("ada").denying();
    let (pending, callback) = player.visit(&mut user, request(ResponseMode::QueryJwt))?;
    let error = match player.client.resume(now(), pending, &callback) {
        Err(error) => error,
        // The keys are fetched first.
        Ok(flow) => match player.run(flow) {
            Err(DriveError::Protocol(error)) => error,
            other => return fail(format!("expected access_denied, found {other:?}")),
        },
    };
    match error {
        Error::Refused(refusal) => same("the code", refusal.code(), Some(&ErrorCode::AccessDenied)),
        other => fail(format!("expected access_denied, found {other:?}")),
    }
}

fn that_was_changed(stage: &Stage) -> Result<(), Failure> {
    let player = signed(Algorithm::Es256).player(stage, Adapter::Reqwest)?;
    let (pending, callback) =
        player.visit(&mut User::new("ada"), request(ResponseMode::QueryJwt))?;
    // Another last character but one of the signature: the last one has bits that mean nothing.
    let at = callback.len() - 2;
    let other = if callback[at..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    let changed = format!("{}{other}{}", &callback[..at], &callback[at + 1..]);
    let flow = player.client.resume(now(), pending, &changed)?;
    violated("the signature", player.run(flow), "JWT-SIGNATURE")
}

/// What was asked for as a JWT is taken as nothing else.
fn for_a_plain_response(stage: &Stage) -> Result<(), Failure> {
    let player = signed(Algorithm::Es256).player(stage, Ureq)?;
    let (pending, _) = player.visit(&mut User::new("ada"), request(ResponseMode::QueryJwt))?;
    let plain = AuthorizationRequest::new("openid");
    let (_, callback) = player.visit(&mut User::new("ada"), plain)?;
    let outcome = player.client.resume(now(), pending, &callback);
    let check = outcome.err().and_then(|error| error.check());
    same(
        "the verdict",
        check.map(|it| it.id()),
        Some("JARM-RESPONSE"),
    )
}

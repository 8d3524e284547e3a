//! What the server signs and encrypts for one client: ID tokens, userinfo (OpenID Connect Core 1.0, section 5.3.2) and
//! what a token is good for (RFC 9701).

use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key_management::ContentEncryption;
use oauth_proto::crypto::key_management::KeyManagement;
use oauth_proto::domain::response_algorithms::Answer;
use oauth_proto::domain::response_algorithms::ResponseAlgorithms;
use oauth_proto::endpoint::authorization_request::AuthorizationRequest;
use oauth_proto::transport::now;
use serde_json::json;

use crate::adapter::Adapter;
use crate::adapter::BOTH;
use crate::applicant::Applicant;
use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::keyring;
use crate::keyring::P256;
use crate::keyring::P384;
use crate::keyring::P521;
use crate::keyring::RSA;
use crate::keyring::SYMMETRIC;
use crate::keyring::X25519;
use crate::player::Player;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::stage::Stage;
use crate::user::User;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("answers_encrypted_by_rsa", encrypted_by_rsa),
    Scenario::new("answers_encrypted_by_agreement", encrypted_by_agreement),
    Scenario::new("answers_encrypted_by_the_secret", encrypted_by_the_secret),
    Scenario::new("answers_in_every_encryption", in_every_encryption),
    Scenario::new(
        "answers_signed_by_every_algorithm",
        signed_by_every_algorithm,
    ),
    Scenario::new("answers_encrypted_userinfo", encrypted_userinfo),
    Scenario::new("answers_encrypted_introspection", encrypted_introspection),
    Scenario::new("answers_in_clear_are_refused", in_clear_are_refused),
];

/// The words that the registered members of an answer begin with.
pub(super) fn prefix(answer: Answer) -> &'static str {
    match answer {
        Answer::IdToken => "id_token",
        Answer::Userinfo => "userinfo",
        Answer::Introspection => "introspection",
        _ => "authorization",
    }
}

/// How these answers are signed and encrypted for a client, and who it is.
pub(super) struct Agreed {
    pub(super) answers: &'static [Answer],
    pub(super) signed: Algorithm,
    pub(super) encrypted: Option<(KeyManagement, ContentEncryption)>,
    /// The key that is encrypted to; none where that is the secret.
    pub(super) key: Option<KeyKind>,
}

impl Agreed {
    /// A client that is registered so, and knows.
    pub(super) fn player<'a>(
        &self,
        stage: &'a Stage,
        adapter: Adapter,
    ) -> Result<Player<'a>, Failure> {
        let mut members = json!({});
        let mut algorithms = ResponseAlgorithms::new();
        for &answer in self.answers {
            let prefix = prefix(answer);
            members[format!("{prefix}_signed_response_alg")] = self.signed.as_str().into();
            algorithms = algorithms.signed(answer, self.signed);
            if let Some((alg, enc)) = self.encrypted {
                members[format!("{prefix}_encrypted_response_alg")] = alg.as_str().into();
                members[format!("{prefix}_encrypted_response_enc")] = enc.as_str().into();
                algorithms = algorithms.encrypted(answer, alg, enc);
            }
        }
        if let Some(key) = self.key {
            members["jwks"] = keyring::encryptable(key)?;
        }
        let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, adapter, members)?;
        let mut client = applicant.client()?.with_response_algorithms(algorithms);
        if let Some(key) = self.key {
            client = client.with_decryption_keys([keyring::decrypter(key)?]);
        }
        applicant.play(client)
    }
}

/// Everything that can be told in one sign-in.
const ALL: &[Answer] = &[Answer::IdToken, Answer::Userinfo, Answer::Introspection];

const A128GCM: ContentEncryption = ContentEncryption::A128Gcm;

fn plays(stage: &Stage, adapter: Adapter, agreed: &Agreed) -> Result<(), Failure> {
    let player = agreed.player(stage, adapter)?;
    let signed_in = player.signed_in(AuthorizationRequest::new(["openid", "email"]))?;
    same("sub", signed_in.id_token().map(|it| it.sub()), Some("ada"))?;
    if let Some(failure) = signed_in.userinfo_failure() {
        return fail(format!("userinfo: {failure}"));
    }
    let userinfo = present("userinfo", signed_in.userinfo())?;
    let email: Option<String> = userinfo.member("email")?;
    same("email", email.as_deref(), Some("ada@user.example"))?;

    let token = signed_in.tokens().access_token().clone();
    let introspection = player.run(player.client.introspect(token))?;
    let token = present("an active token", introspection.token())?;
    same("sub", token.sub(), Some("ada"))?;
    let introspection = player.run(player.client.introspect("never-issued"))?;
    same("an unknown token", introspection.is_active(), false)
}

fn with_management(
    stage: &Stage,
    managements: &[KeyManagement],
    key: Option<KeyKind>,
) -> Result<(), Failure> {
    for &management in managements {
        let agreed = Agreed {
            answers: ALL,
            signed: Algorithm::Es256,
            encrypted: Some((management, A128GCM)),
            key,
        };
        about(management, plays(stage, Adapter::Ureq, &agreed))?;
    }
    Ok(())
}

fn encrypted_by_rsa(stage: &Stage) -> Result<(), Failure> {
    let managements = [
        KeyManagement::RsaOaep,
        KeyManagement::RsaOaep256,
        KeyManagement::RsaOaep384,
        KeyManagement::RsaOaep512,
    ];
    with_management(stage, &managements, Some(RSA))
}

fn encrypted_by_agreement(stage: &Stage) -> Result<(), Failure> {
    let managements = [
        KeyManagement::EcdhEs,
        KeyManagement::EcdhEsA128Kw,
        KeyManagement::EcdhEsA192Kw,
        KeyManagement::EcdhEsA256Kw,
    ];
    with_management(stage, &managements, Some(P256))?;
    for key in [P384, P521, X25519] {
        with_management(stage, &managements[..1], Some(key))?;
    }
    Ok(())
}

fn encrypted_by_the_secret(stage: &Stage) -> Result<(), Failure> {
    let managements = [
        KeyManagement::A128Kw,
        KeyManagement::A192Kw,
        KeyManagement::A256Kw,
        KeyManagement::A128GcmKw,
        KeyManagement::A192GcmKw,
        KeyManagement::A256GcmKw,
        KeyManagement::Dir,
    ];
    with_management(stage, &managements, None)
}

/// By an agreed key and by the secret itself, whose length depends on it.
fn in_every_encryption(stage: &Stage) -> Result<(), Failure> {
    for encryption in ContentEncryption::ALL {
        for (management, key) in [
            (KeyManagement::EcdhEs, Some(P256)),
            (KeyManagement::Dir, None),
        ] {
            let agreed = Agreed {
                answers: ALL,
                signed: Algorithm::Rs256,
                encrypted: Some((management, encryption)),
                key,
            };
            let what = format!("{management} {encryption}");
            about(what, plays(stage, Adapter::Ureq, &agreed))?;
        }
    }
    Ok(())
}

fn signed_by_every_algorithm(stage: &Stage) -> Result<(), Failure> {
    for signed in keyring::asymmetric(stage, "")?.chain(SYMMETRIC) {
        let agreed = Agreed {
            answers: ALL,
            signed,
            encrypted: None,
            key: None,
        };
        about(signed, plays(stage, Adapter::Ureq, &agreed))?;
    }
    Ok(())
}

fn encrypted_userinfo(stage: &Stage) -> Result<(), Failure> {
    alone(stage, &[Answer::Userinfo])
}

fn encrypted_introspection(stage: &Stage) -> Result<(), Failure> {
    alone(stage, &[Answer::Introspection])
}

/// The others come as they come to everyone.
fn alone(stage: &Stage, answers: &'static [Answer]) -> Result<(), Failure> {
    let agreed = Agreed {
        answers,
        signed: Algorithm::EdDsa,
        encrypted: Some((KeyManagement::RsaOaep256, ContentEncryption::A256CbcHs512)),
        key: Some(RSA),
    };
    for adapter in BOTH {
        about(adapter, plays(stage, adapter, &agreed))?;
    }
    Ok(())
}

/// A client that was told of an encryption which it is not registered for.
fn in_clear_are_refused(stage: &Stage) -> Result<(), Failure> {
    let agreed = Agreed {
        answers: ALL,
        signed: Algorithm::Es256,
        encrypted: None,
        key: None,
    };
    for answer in ALL {
        let mut player = agreed.player(stage, Adapter::Ureq)?;
        let algorithms = (*player.client.response_algorithms()).encrypted(
            *answer,
            KeyManagement::RsaOaep256,
            A128GCM,
        );
        player.client = player.client.with_response_algorithms(algorithms);
        let request = AuthorizationRequest::new("openid");
        let (pending, callback) = player.visit(&mut User::new("ada"), request)?;
        let flow = player.client.resume(now(), pending, &callback)?;
        let outcome = player.run(flow.with_userinfo());
        let failed = match (answer, outcome) {
            (Answer::IdToken, outcome) => outcome.is_err(),
            (Answer::Userinfo, outcome) => outcome?.userinfo_failure().is_some(),
            (_, outcome) => {
                let token = outcome?.tokens().access_token().clone();
                player.run(player.client.introspect(token)).is_err()
            }
        };
        same(&format!("a refusal of the {answer} in clear"), failed, true)?;
    }
    Ok(())
}

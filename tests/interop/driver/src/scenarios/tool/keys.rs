//! The tool with keys: it makes them, signs with them, and shows certificates.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process;

use serde_json::Value;
use serde_json::json;

use crate::adapter::Adapter;
use crate::applicant::Applicant;
use crate::applicant::REDIRECT_URI;
use crate::failure::Failure;
use crate::failure::present;
use crate::failure::same;
use crate::hand::text;
use crate::keyring;
use crate::player::SIGNED_OIDC_PROVIDER;
use crate::scenarios::Scenario;
use crate::scenarios::about;
use crate::stage::Stage;
use crate::tool::Ended;
use crate::tool::REFUSED;
use crate::tool::Tool;
use crate::user::User;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::new("tool_signs_with_its_own_key", signs_with_its_own_key),
    Scenario::new("tool_signs_with_its_secret", signs_with_its_secret),
    Scenario::new("tool_shows_its_certificate", shows_its_certificate),
    Scenario::new("tool_binds_its_tokens", binds_its_tokens),
    Scenario::new("tool_reads_signed_and_encrypted_answers", reads_answers),
    Scenario::new("tool_is_known_by_another_key", is_known_by_another_key),
];

/// A file that is gone with its owner. Nobody else can name it.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Result<Self, Failure> {
        let name = format!("oauth-proto-interop-{}-{name}", process::id());
        let path = env::temp_dir().join(name);
        fs::write(&path, content)?;
        Ok(Self(path))
    }

    fn path(&self) -> Result<&str, Failure> {
        present("a path", self.0.to_str())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Signs in with `openid`, the way that these options say.
fn signs_in(tool: &Tool<'_>, more: &[&str]) -> Result<Ended, Failure> {
    let code = [
        "code",
        "--callback",
        "stdin",
        "--redirect-uri",
        REDIRECT_URI,
        "--scope",
        "openid",
    ];
    let mut running = tool.start(&[&code[..], more].concat())?;
    let url = running.line()?;
    let landing = User::new("ada").visit(text(&url, "authorization_url")?, REDIRECT_URI)?;
    running.finish(Some(&landing.url()?))
}

/// A client that is registered with this public key, and signs its requests.
fn registered(stage: &Stage, public: &Value) -> Result<String, Failure> {
    let members = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "require_signed_request_object": true,
        "jwks": { "keys": [public] },
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Adapter::Ureq, members)?;
    Ok(applicant.registration.client_id().to_owned())
}

fn signs_with_its_own_key(stage: &Stage) -> Result<(), Failure> {
    let issuer = &stage.server(SIGNED_OIDC_PROVIDER)?.issuer;
    let tool = Tool::at(issuer);
    for algorithm in ["ES256", "PS256", "EdDSA"] {
        let key = tool.result(&["jwk", "generate", "--alg", algorithm])?;
        let file = File::new(algorithm, &key.to_string())?;
        let key = ["--key", file.path()?];
        let public = tool.result(&[&["jwk", "public"][..], &key].concat())?;
        same("the private half", public.get("d"), None)?;
        let client_id = registered(stage, &public)?;
        let own = [
            "--client-id",
            &client_id,
            "--auth",
            "private_key_jwt",
            "--jar",
        ];
        for more in [&[][..], &["--par"], &["--jar-encrypt"]] {
            let options = [&own[..], &key, more].concat();
            let tokens = about(algorithm, signs_in(&tool, &options)?.result())?;
            same("sub", &tokens["id_token_claims"]["sub"], "ada")?;
            let token = text(&tokens, "access_token")?;
            let ask = ["introspect", "--token", token, "--client-id", &client_id];
            let asked = tool.result(&[&ask[..], &key].concat())?;
            same("active", asked["active"].as_bool(), Some(true))?;
        }
    }
    Ok(())
}

fn signs_with_its_secret(stage: &Stage) -> Result<(), Failure> {
    let members = json!({
        "token_endpoint_auth_method": "client_secret_jwt",
        "token_endpoint_auth_signing_alg": "HS512",
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Adapter::Ureq, members)?;
    let secret = applicant.secret()?;
    let tool = Tool::at(&stage.server(SIGNED_OIDC_PROVIDER)?.issuer).secret(Some(secret.expose()));
    let client_id = applicant.registration.client_id();
    let own = ["--client-id", client_id, "--auth", "client_secret_jwt"];
    let tokens = signs_in(&tool, &[&own[..], &["--alg", "HS512"]].concat())?.result()?;
    text(&tokens, "access_token")?;
    let ended = signs_in(&tool, &[&own[..], &["--alg", "HS256"]].concat())?;
    ended.failed(REFUSED, "error", "invalid_client")
}

fn shows_its_certificate(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(SIGNED_OIDC_PROVIDER)?;
    let members = json!({
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_san_dns": "client.example",
        "tls_client_certificate_bound_access_tokens": true,
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Adapter::Ureq, members)?;
    let own = server.certificate("client")?;
    let authority = &server.certificate("authority")?.certificate;
    let certificate = File::new("certificate", &own.certificate)?;
    let key = File::new("certificate-key", &own.key)?;
    let authority = File::new("authority", authority)?;
    let shown = [
        "--client-id",
        applicant.registration.client_id(),
        "--auth",
        "tls_client_auth",
        "--ca",
        authority.path()?,
        "--cert",
        certificate.path()?,
        "--cert-key",
        key.path()?,
    ];
    let tool = Tool::at(&server.issuer);
    let tokens = signs_in(&tool, &shown)?.result()?;
    let userinfo = ["userinfo", "--token", text(&tokens, "access_token")?];
    let told = tool.result(&[&userinfo[..], &shown].concat())?;
    same("sub", &told["sub"], "ada")
}

fn binds_its_tokens(stage: &Stage) -> Result<(), Failure> {
    let server = stage.server(SIGNED_OIDC_PROVIDER)?;
    let tool = Tool::at(&server.issuer);
    let members = json!({
        "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": true,
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Adapter::Ureq, members)?;
    let key = File::new("dpop-key", &tool.result(&["jwk", "generate"])?.to_string())?;
    let bound = ["--dpop", "--dpop-key", key.path()?];
    let own = ["--client-id", applicant.registration.client_id()];
    let tokens = signs_in(&tool, &[&own[..], &bound, &["--scope", "api"]].concat())?.result()?;
    same("the type", tokens["token_type"].as_str(), Some("DPoP"))?;
    let token = text(&tokens, "access_token")?;
    let userinfo = ["userinfo", "--token", token];
    let told = tool.result(&[&userinfo[..], &bound].concat())?;
    same("sub", &told["sub"], "ada")?;

    let refresh = [
        "refresh",
        "--refresh-token",
        text(&tokens, "refresh_token")?,
    ];
    let tokens = tool.result(&[&refresh[..], &own, &bound].concat())?;
    let userinfo = ["userinfo", "--token", text(&tokens, "access_token")?];
    let ended = tool.run(&userinfo)?;
    ended.failed(REFUSED, "error", "invalid_token")
}

fn reads_answers(stage: &Stage) -> Result<(), Failure> {
    let tool = Tool::at(&stage.server(SIGNED_OIDC_PROVIDER)?.issuer);
    let members = json!({
        "id_token_signed_response_alg": "PS384",
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
        "authorization_signed_response_alg": "ES512",
        "authorization_encrypted_response_alg": "ECDH-ES",
        "authorization_encrypted_response_enc": "A128GCM",
        "introspection_signed_response_alg": "EdDSA",
        "introspection_encrypted_response_alg": "ECDH-ES",
        "introspection_encrypted_response_enc": "A256GCM",
        "userinfo_signed_response_alg": "ES384",
        "userinfo_encrypted_response_alg": "ECDH-ES",
        "jwks": keyring::encryptable(keyring::P256)?,
    });
    let applicant = Applicant::new(stage, SIGNED_OIDC_PROVIDER, Adapter::Ureq, members)?;
    let secret = applicant.secret()?;
    let tool = tool.secret(Some(secret.expose()));
    let key = keyring::key(keyring::P256)?;
    let key = File::new("decrypt-key", key.to_private_json().expose())?;
    let own = ["--client-id", applicant.registration.client_id()];
    let answers = [
        "--id-token-alg",
        "PS384",
        "--id-token-enc",
        "ECDH-ES:A256GCM",
        "--decrypt-key",
        key.path()?,
        "--authorization-response-alg",
        "ES512",
        "--authorization-response-enc",
        "ECDH-ES:A128GCM",
        "--response-mode",
        "query.jwt",
    ];
    let tokens = signs_in(&tool, &[&own[..], &answers].concat())?.result()?;
    same("sub", &tokens["id_token_claims"]["sub"], "ada")?;
    let token = ["--token", text(&tokens, "access_token")?];
    let decrypt = ["--decrypt-key", key.path()?];
    let ask = |command, agreed: [&str; 4]| {
        tool.result(&[&[command][..], &token, &own, &decrypt, &agreed].concat())
    };
    let agreed = [
        "--introspection-alg",
        "EdDSA",
        "--introspection-enc",
        "ECDH-ES:A256GCM",
    ];
    let told = ask("introspect", agreed)?;
    same("active", told["active"].as_bool(), Some(true))?;
    let agreed = ["--userinfo-alg", "ES384", "--userinfo-enc", "ECDH-ES"];
    same("sub", &ask("userinfo", agreed)?["sub"], "ada")
}

fn is_known_by_another_key(stage: &Stage) -> Result<(), Failure> {
    let tool = Tool::at(&stage.server(SIGNED_OIDC_PROVIDER)?.issuer);
    let [known, other] = ["known", "other"].map(|_| tool.result(&["jwk", "generate"]));
    let known = File::new("known", &known?.to_string())?;
    let other = File::new("other", &other?.to_string())?;
    let public = tool.result(&["jwk", "public", "--key", known.path()?])?;
    let client_id = registered(stage, &public)?;
    let ask = [
        "introspect",
        "--token",
        "a-token",
        "--client-id",
        &client_id,
    ];
    let ended = tool.run(&[&ask[..], &["--key", other.path()?]].concat())?;
    ended.failed(REFUSED, "error", "invalid_client")
}

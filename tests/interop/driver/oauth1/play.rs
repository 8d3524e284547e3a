//! What is played with each server.

use http::Request;
use oauth_proto::domain::error::Error;
use oauth_proto::flow::call::Call;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
use oauth_proto::transport::now;

use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::same;
use crate::party::Server;
use crate::party::member;
use crate::party::refused;
use crate::party::run;
use crate::party::text;

/// Every scenario at a server, by name.
pub(crate) fn all(server: &Server) -> Vec<(String, Result<(), Failure>)> {
    let mut outcomes = Vec::new();
    for method in &server.methods {
        for placement in [Placement::Header, Placement::Body, Placement::Query] {
            let name = format!("three legs, {method}, {placement:?}");
            outcomes.push((name, three_legs(server, method, placement)));
        }
        let name = format!("another secret, {method}");
        outcomes.push((name, another_secret(server, method)));
    }
    outcomes.push(("the user's no".into(), denial(server)));
    outcomes.push(("a guessed verifier".into(), guessed_verifier(server)));
    outcomes.push(("a verifier twice".into(), verifier_twice(server)));
    outcomes.push(("a nonce twice".into(), nonce_twice(server)));
    outcomes.push(("realms".into(), realms(server)));
    outcomes
}

fn sign_in(server: &Server, client: &Client) -> Result<TokenCredentials, Failure> {
    let (url, pending) = run(client.authorize()?)?;
    let landing = server.visit(url.as_str(), "yes")?;
    Ok(run(client.resume(now(), pending, &landing)?)?)
}

fn three_legs(server: &Server, method: &str, placement: Placement) -> Result<(), Failure> {
    let client = server.client(method)?.with_placement(placement);
    // Every server here is on this machine.
    let client = client.danger_secrets_in_query();
    let credentials = sign_in(server, &client)?;
    let address = format!("{}/api/{}", server.origin, server.target);
    let get = Request::get(&address).body(Vec::new())?;
    let form = Request::post(&address)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(
            b"status=Hello%20Ladies%20%2b%20Gentlemen%2c+%E7%A7%81%21&empty=&b=%3D%253D".to_vec(),
        )?;
    let json = Request::put(&address)
        .header("content-type", "application/json")
        .body(br#"{"a":"b=c&d=%zz"}"#.to_vec())?;
    let calls = match placement {
        Placement::Body => vec![form],
        _ => vec![get, form, json],
    };
    for call in calls {
        let sent = String::from_utf8_lossy(call.body()).into_owned();
        let method = call.method().clone();
        let answer = run(client.call(&credentials, call)?)?;
        if answer.status() != 200 {
            return fail(format!("{method}: {}: {}", answer.status(), text(&answer)));
        }
        same("path", &member(&answer, "path")?, &server.path)?;
        same(
            "token",
            member(&answer, "token")?,
            credentials.token().expose(),
        )?;
        let seen = member(&answer, "body")?;
        same("the body begins as it was", seen.starts_with(&sent), true)?;
    }
    Ok(())
}

fn another_secret(server: &Server, method: &str) -> Result<(), Failure> {
    if method.starts_with("RSA") {
        // With RSA the secret of a token signs nothing; what is signed is changed instead.
        let client = server.client(method)?;
        let credentials = sign_in(server, &client)?;
        let get = Request::get(format!("{}/api/photos?a=1", server.origin)).body(Vec::new())?;
        let Ok(oauth_proto::flow::Step::Sign(input, signing)) =
            oauth_proto::flow::Flow::begin(client.call(&credentials, get)?, now())
        else {
            return fail("the key is remote");
        };
        let mut signature = crate::keys::sign(&input)?;
        signature[0] ^= 1;
        let oauth_proto::flow::Step::Send(request, _) = signing.signed(now(), &signature)? else {
            return fail("it is signed");
        };
        let answer = oauth_proto::transport::ureq::agent().send(request.into_http())?;
        return same("status", answer.status().as_u16(), 401);
    }
    let client = server.client_with(method, "another")?;
    let refusal = refused(run(client.authorize()?))?;
    let status = refusal.status().map(|status| status.as_u16());
    same("status", matches!(status, Some(400 | 401)), true)
}

fn denial(server: &Server) -> Result<(), Failure> {
    let client = server.client("HMAC-SHA1")?;
    let (url, pending) = run(client.authorize()?)?;
    let landing = server.visit(url.as_str(), "no")?;
    match client.resume(now(), pending, &landing) {
        Err(Error::Refused(refusal)) => {
            let code = refusal.code().map(|code| code.as_str());
            same("code", code, Some("access_denied"))
        }
        other => fail(format!("expected a refusal, found {other:?}")),
    }
}

fn guessed_verifier(server: &Server) -> Result<(), Failure> {
    let client = server.client("HMAC-SHA1")?;
    let (url, pending) = run(client.authorize()?)?;
    server.visit(url.as_str(), "yes")?;
    let guessed = "guessedguessedguessed";
    refused(run(client.resume_out_of_band(now(), pending, guessed)?)).map(|_| ())
}

fn verifier_twice(server: &Server) -> Result<(), Failure> {
    let client = server.client("HMAC-SHA1")?;
    let (url, pending) = run(client.authorize()?)?;
    let stored = serde_json::to_string(&pending)?;
    let landing = server.visit(url.as_str(), "yes")?;
    run(client.resume(now(), pending, &landing)?)?;
    // Whoever stores it and uses it twice is told by the server.
    let again = serde_json::from_str(&stored)?;
    refused(run(client.resume(now(), again, &landing)?)).map(|_| ())
}

fn nonce_twice(server: &Server) -> Result<(), Failure> {
    let client = server.client("HMAC-SHA1")?;
    let credentials = sign_in(server, &client)?;
    let get = Request::get(format!("{}/api/photos", server.origin)).body(Vec::new())?;
    let signed = SignedRequest::new(&client, get).token(&credentials)?;
    let signed = signed.danger_nonce("0123456789abcdefghij", now().as_secs());
    let first = run(Call::new(signed.clone()))?;
    same("first status", first.status().as_u16(), 200)?;
    let status = match run(Call::new(signed)) {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => refused::<()>(Err(error))?
            .status()
            .map_or(0, |own| own.as_u16()),
    };
    same("second status", matches!(status, 400 | 401), true)
}

fn realms(server: &Server) -> Result<(), Failure> {
    let client = server.client("HMAC-SHA1")?;
    let asked = TemporaryCredentialRequest::new(&client)?.realms(["photos", "albums"])?;
    let (url, pending) = run(Call::new(asked))?;
    let landing = server.visit(url.as_str(), "yes")?;
    run(client.resume(now(), pending, &landing)?)?;
    Ok(())
}

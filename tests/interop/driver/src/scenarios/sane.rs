//! The server and the user by themselves, spoken to without the crate: when one of these fails, the crate is not to
//! blame. The refusals pin down what this server says, word for word, for the scenarios that test how it is read.

use std::thread;
use std::time::Duration;

use url::Url;

use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::hand::Hand;
use crate::hand::STATE;
use crate::hand::VERIFIER;
use crate::hand::granted;
use crate::hand::landed_on_error;
use crate::hand::parameter;
use crate::hand::refused;
use crate::hand::text;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::user::Landing;
use crate::user::User;
use crate::wire;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::new("server_is_sane", server_is_sane),
    Scenario::new("server_takes_encoded_basic", takes_encoded_basic),
    Scenario::new("server_takes_encoded_post", takes_encoded_post),
    Scenario::new("server_keeps_redirect_query", keeps_redirect_query),
    Scenario::new("server_takes_any_loopback_port", takes_any_loopback_port),
    Scenario::new("server_remembers_the_user", remembers_the_user),
    Scenario::new(
        "server_lands_by_form_and_fragment",
        lands_by_form_and_fragment,
    ),
    Scenario::new("server_grants_less", grants_less),
    Scenario::new("server_refuses_consent", refuses_consent),
    Scenario::new("server_refuses_scope", refuses_scope),
    Scenario::new(
        "server_refuses_nonce_without_openid",
        refuses_nonce_without_openid,
    ),
    Scenario::new("server_refuses_missing_pkce", refuses_missing_pkce),
    Scenario::new("server_refuses_wrong_verifier", refuses_wrong_verifier),
    Scenario::new("server_refuses_code_twice", refuses_code_twice),
    Scenario::new("server_refuses_rotated_token", refuses_rotated_token),
    Scenario::new("server_refuses_wrong_secret", refuses_wrong_secret),
    Scenario::new("server_refuses_raw_basic", refuses_raw_basic),
    Scenario::new("server_refuses_redirect_uri", refuses_redirect_uri),
    Scenario::new("server_refuses_resource", refuses_resource),
    Scenario::new("server_gives_no_refresh_token", gives_no_refresh_token),
    Scenario::new("api_refuses", api_refuses),
];

const GRANT_IS_INVALID: &str = "grant request is invalid";

fn server_is_sane(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "public")?;
    for document in ["openid-configuration", "oauth-authorization-server"] {
        let uri = format!("{}/.well-known/{document}", hand.server.issuer);
        let metadata = wire::get(&hand.agent, &uri, &[])?.json()?;
        same("the issuer", &metadata["issuer"], &hand.server.issuer)?;
    }

    let landing = hand.visit(&mut User::new("ann"), &[])?;
    let state = parameter(&landing, "state");
    same("state", state.as_deref(), Some(STATE))?;
    let iss = parameter(&landing, "iss");
    same("iss", iss.as_ref(), Some(&hand.server.issuer))?;

    let tokens = granted(&hand.exchange(&landing, VERIFIER)?)?;
    same("token_type", &tokens["token_type"], "Bearer")?;
    same("scope", &tokens["scope"], "api")?;
    same("expires_in", &tokens["expires_in"], 600)?;
    same("an ID token", tokens.get("id_token").is_some(), false)?;
    let api = hand.server.api()?;
    let answer = hand.call(&api, text(&tokens, "access_token")?)?;
    same("the API's status", answer.status, 200)?;
    same("the API's user", &answer.json()?["sub"], "ann")?;

    let refreshed = granted(&hand.refresh(text(&tokens, "refresh_token")?)?)?;
    for name in ["access_token", "refresh_token"] {
        if text(&refreshed, name)? == text(&tokens, name)? {
            return fail(format!("the same {name} after a refresh"));
        }
    }
    let answer = hand.call(&api, text(&refreshed, "access_token")?)?;
    same("the API's status after a refresh", answer.status, 200)
}

fn takes_encoded_basic(stage: &Stage) -> Result<(), Failure> {
    for client in ["basic", "basic_utf8"] {
        let hand = Hand::new(stage, client)?;
        let tokens = hand.sign_in(&[])?;
        granted(&hand.refresh(text(&tokens, "refresh_token")?)?)?;
    }
    Ok(())
}

fn takes_encoded_post(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "post")?;
    let tokens = hand.sign_in(&[])?;
    granted(&hand.refresh(text(&tokens, "refresh_token")?)?)?;

    // Either way of sending a secret is taken from every client that has one, however it is registered: that a client
    // uses its own method is shown by its requests, not by this server.
    let id = wire::encode_one(&hand.client.client_id);
    let secret = present("the secret", hand.client.client_secret.as_deref())?;
    let basic = wire::basic(&id, &wire::encode_one(secret));
    let form = [("grant_type", "refresh_token"), ("refresh_token", "any")];
    let answer = hand.post_to_token_endpoint(&[basic], form)?;
    refused(&answer, 400, "invalid_grant", GRANT_IS_INVALID)
}

fn keeps_redirect_query(stage: &Stage) -> Result<(), Failure> {
    let mut hand = Hand::new(stage, "post")?;
    hand.redirect_uri = present("a second redirect URI", hand.client.redirect_uris.get(1))?;
    let url = hand.authorization_url(&[]);
    // The server writes the query anew: the registered `north%20sea` comes back as `north+sea`.
    let (path, _) = present("a query", hand.redirect_uri.split_once('?'))?;
    let landing = Url::parse(&User::new("ann").visit(&url, path)?.url()?)?;
    let query = landing.query().unwrap_or_default();
    let kept = query.starts_with("tenant=north+sea&");
    same("the query of the redirect URI", kept, true)?;
    granted(&hand.exchange(&landing, VERIFIER)?)?;
    Ok(())
}

fn takes_any_loopback_port(stage: &Stage) -> Result<(), Failure> {
    let mut hand = Hand::new(stage, "public")?;
    hand.redirect_uri = "http://127.0.0.1:49152/callback";
    hand.sign_in(&[])?;
    Ok(())
}

fn remembers_the_user(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let mut user = User::new("ann");
    hand.visit(&mut user, &[])?;
    // Neither login nor consent is asked for again, or `prompt=none` would be refused.
    let landing = hand.visit(&mut user, &[("prompt", "none")])?;
    granted(&hand.exchange(&landing, VERIFIER)?)?;

    let landing = hand.visit(&mut User::new("bob"), &[("prompt", "none")])?;
    let description = "End-User authentication is required";
    landed_on_error(&landing, hand.server, "login_required", Some(description))
}

fn lands_by_form_and_fragment(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let url = hand.authorization_url(&[("response_mode", "form_post")]);
    let body = match User::new("ann").visit(&url, hand.redirect_uri)? {
        Landing::FormPost(body) => body,
        Landing::Redirect(url) => return fail(format!("came back by a redirect: {url}")),
    };
    // The query of a URL is read as a form is.
    let mut landing = Url::parse(hand.redirect_uri)?;
    landing.set_query(Some(&body));
    granted(&hand.exchange(&landing, VERIFIER)?)?;

    let mut landing = hand.visit(&mut User::new("ann"), &[("response_mode", "fragment")])?;
    let fragment = present("a fragment", landing.fragment())?.to_owned();
    landing.set_query(Some(&fragment));
    granted(&hand.exchange(&landing, VERIFIER)?)?;
    Ok(())
}

fn grants_less(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let mut user = User::new("ann").withholding("api:write");
    let landing = hand.visit(&mut user, &[("scope", "api api:write")])?;
    let tokens = granted(&hand.exchange(&landing, VERIFIER)?)?;
    same("scope", &tokens["scope"], "api")?;

    // An unknown scope is passed over in silence. `offline_access` never shows: it is no scope of the API.
    let tokens = hand.sign_in(&[("scope", "api unheard-of")])?;
    same("scope", &tokens["scope"], "api")?;
    let more = [("scope", "api offline_access"), ("prompt", "consent")];
    let tokens = hand.sign_in(&more)?;
    same("scope", &tokens["scope"], "api")
}

fn refuses_consent(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "public")?;
    let landing = hand.visit(&mut User::new("ann").denying(), &[])?;
    let description = "The user said \"no\", 100 % sure";
    landed_on_error(&landing, hand.server, "access_denied", Some(description))?;

    // Nothing asked for that this server has: nothing can be granted, and the reason is kept from the client.
    let landing = hand.visit(&mut User::new("ann"), &[("scope", "unheard-of")])?;
    landed_on_error(&landing, hand.server, "access_denied", None)
}

fn refuses_scope(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "narrow")?;
    let landing = hand.visit(&mut User::new("ann"), &[("scope", "profile")])?;
    let description = "requested scope is not allowed";
    landed_on_error(&landing, hand.server, "invalid_scope", Some(description))?;
    // A parameter that no specification has.
    same(
        "scope",
        parameter(&landing, "scope").as_deref(),
        Some("profile"),
    )
}

fn refuses_nonce_without_openid(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "public")?;
    for (name, value) in [("nonce", "n"), ("max_age", "60"), ("acr_values", "a")] {
        let landing = hand.visit(&mut User::new("ann"), &[(name, value)])?;
        let description = format!("openid scope must be requested when using the {name} parameter");
        landed_on_error(&landing, hand.server, "invalid_request", Some(&description))?;
    }
    Ok(())
}

fn refuses_missing_pkce(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let landing = hand.visit(&mut User::new("ann"), &without)?;
    let description = "Authorization Server policy requires PKCE to be used for this request";
    landed_on_error(&landing, hand.server, "invalid_request", Some(description))
}

fn refuses_wrong_verifier(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "public")?;
    let landing = hand.visit(&mut User::new("ann"), &[])?;
    let wrong = VERIFIER.replace('d', "e");
    refused(
        &hand.exchange(&landing, &wrong)?,
        400,
        "invalid_grant",
        GRANT_IS_INVALID,
    )?;
    // The code survives: the server looks at the verifier before it uses the code up.
    granted(&hand.exchange(&landing, VERIFIER)?)?;
    Ok(())
}

fn refuses_code_twice(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "public")?;
    let landing = hand.visit(&mut User::new("ann"), &[])?;
    let tokens = granted(&hand.exchange(&landing, VERIFIER)?)?;
    refused(
        &hand.exchange(&landing, VERIFIER)?,
        400,
        "invalid_grant",
        GRANT_IS_INVALID,
    )?;
    // The tokens of the first use are revoked, as RFC 6749, section 4.1.2 advises.
    let answer = hand.call(&hand.server.api()?, text(&tokens, "access_token")?)?;
    same("the API's status", answer.status, 401)
}

fn refuses_rotated_token(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let first = hand.sign_in(&[])?;
    let second = granted(&hand.refresh(text(&first, "refresh_token")?)?)?;
    let again = hand.refresh(text(&first, "refresh_token")?)?;
    refused(&again, 400, "invalid_grant", GRANT_IS_INVALID)?;
    // Reuse ends the whole grant, the newest tokens too.
    let newest = hand.refresh(text(&second, "refresh_token")?)?;
    refused(&newest, 400, "invalid_grant", GRANT_IS_INVALID)?;
    let answer = hand.call(&hand.server.api()?, text(&second, "access_token")?)?;
    same("the API's status", answer.status, 401)
}

fn refuses_wrong_secret(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let id = wire::encode_one(&hand.client.client_id);
    let form = [("grant_type", "refresh_token"), ("refresh_token", "any")];
    let answer = hand.post_to_token_endpoint(&[wire::basic(&id, "wrong")], form)?;
    refused(
        &answer,
        401,
        "invalid_client",
        "client authentication failed",
    )?;
    let challenge = format!(
        "Basic realm=\"{}\", error=\"invalid_client\", error_description=\"client authentication failed\"",
        hand.server.issuer
    );
    same(
        "the challenge",
        answer.header("www-authenticate"),
        &*challenge,
    )?;

    let hand = Hand::new(stage, "post")?;
    let credential = [
        ("client_id", &*hand.client.client_id),
        ("client_secret", "wrong"),
    ];
    let answer = hand.post_to_token_endpoint(&[], form.into_iter().chain(credential))?;
    refused(
        &answer,
        401,
        "invalid_client",
        "client authentication failed",
    )?;
    same("the challenge", answer.header("www-authenticate"), "")
}

fn refuses_raw_basic(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let secret = present("the secret", hand.client.client_secret.as_deref())?;
    let form = [("grant_type", "refresh_token"), ("refresh_token", "any")];
    let raw = wire::basic(&hand.client.client_id, secret);
    let answer = hand.post_to_token_endpoint(&[raw], form)?;
    let description =
        "client_id and client_secret in the authorization header are not properly encoded";
    refused(&answer, 400, "invalid_request", description)
}

fn refuses_redirect_uri(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    // Nobody is sent to an address that is not registered: the refusal is a page.
    let elsewhere = hand.authorization_url(&[("redirect_uri", "https://app.example/elsewhere")]);
    let answer = wire::get(&hand.agent, &elsewhere, &[])?;
    same("the status", answer.status, 400)?;
    let named = answer.body.contains("invalid_redirect_uri");
    same("the error on the page", named, true)?;
    same("the location", answer.header("location"), "")
}

fn refuses_resource(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let resource = [("resource", "https://unheard-of.example/")];
    let landing = hand.visit(&mut User::new("ann"), &resource)?;
    let description = "resource indicator is missing, or unknown";
    landed_on_error(&landing, hand.server, "invalid_target", Some(description))
}

fn gives_no_refresh_token(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "no_refresh")?;
    let tokens = hand.sign_in(&[])?;
    same(
        "a refresh token",
        tokens.get("refresh_token").is_some(),
        false,
    )?;
    let description = "requested grant type is not allowed for this client";
    refused(&hand.refresh("any")?, 400, "invalid_request", description)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a token expires by a clock that is the server's own"
)]
fn api_refuses(stage: &Stage) -> Result<(), Failure> {
    let hand = Hand::new(stage, "basic")?;
    let api = hand.server.api()?;
    let answer = wire::get(&hand.agent, &api, &[])?;
    same("without a token", answer.status, 401)?;
    same(
        "its error",
        answer.header("www-authenticate").contains("error="),
        false,
    )?;

    let tokens = hand.sign_in(&[("scope", "api:write")])?;
    let answer = hand.call(&api, text(&tokens, "access_token")?)?;
    same("with another scope", answer.status, 403)?;
    let challenge = answer.header("www-authenticate");
    same(
        "its error",
        challenge.contains("error=\"insufficient_scope\""),
        true,
    )?;

    // The third API's tokens live for two seconds, and are for no other API.
    let brief = present("a third API", hand.server.resources.get(2))?;
    let tokens = hand.sign_in(&[("resource", brief)])?;
    same("expires_in", &tokens["expires_in"], 2)?;
    let token = text(&tokens, "access_token")?;
    same(
        "with another API's token",
        hand.call(&api, token)?.status,
        401,
    )?;
    let brief = format!("{brief}/me");
    same("in time", hand.call(&brief, token)?.status, 200)?;
    thread::sleep(Duration::from_millis(3100));
    let answer = hand.call(&brief, token)?;
    same("with an expired token", answer.status, 401)?;
    let challenge = answer.header("www-authenticate");
    same(
        "its error",
        challenge.contains("error=\"invalid_token\""),
        true,
    )
}

//! Conversations in which everybody does everything right.

use crate::AuthMethod;
use crate::Change;
use crate::Consent;
use crate::Delivery;
use crate::Endpoint;
use crate::ExpiresIn;
use crate::Mutation;

use super::*;

#[test]
fn a_sign_in_and_what_follows_leave_no_complaint() {
    let mut provider = provider();
    let tokens = sign_in(&mut provider);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "mail profile");

    let token = text(&tokens, "access_token");
    let answer = provider.handle(NOW + 1, &get("/api/mail/1", Some(token)));
    let answer = json(&answer);
    assert_eq!(answer["path"], "/api/mail/1");
    assert_eq!(answer["client_id"], "app");
    let user = json(&provider.handle(NOW + 1, &get("/userinfo", Some(token))));
    assert_eq!(user["name"], "Ada Lovelace");
    assert_eq!(user["sub"], answer["sub"]);
    assert!(user["email"].is_null());

    let refresh = Form::refreshment(text(&tokens, "refresh_token"));
    let renewed = json(&provider.handle(NOW + 2, &post("/token", &refresh)));
    assert_ne!(renewed["access_token"], tokens["access_token"]);
    assert_ne!(renewed["refresh_token"], tokens["refresh_token"]);
    assert_no_complaint(&provider);

    let paths = ["/authorize", "/token", "/api/mail/1", "/userinfo", "/token"];
    let exchanges = provider.log().exchanges().iter();
    assert!(exchanges.map(|one| one.request.uri().path()).eq(paths));
    assert_eq!(provider.log().requests_to("/token").len(), 2);
    let redemption = provider.log().with(Endpoint::Token)[0];
    assert_eq!(
        redemption.form().names()[..3],
        ["grant_type", "client_id", "code"]
    );
    assert_eq!(redemption.header("accept"), Some("application/json"));
    assert_eq!(redemption.answered("cache-control"), Some("no-store"));
    assert_eq!(redemption.json(), tokens);
    assert_eq!(redemption.at, NOW);
    assert_eq!(provider.log().last().map(|one| one.at), Some(NOW + 2));
}

#[test]
fn tokens_are_opaque_and_the_same_in_every_run() {
    let (one, same) = (sign_in(&mut provider()), sign_in(&mut provider()));
    assert_eq!(one, same);
    for name in ["access_token", "refresh_token"] {
        assert_eq!(text(&one, name).len(), 43);
    }
    assert_ne!(one["access_token"], one["refresh_token"]);
}

#[test]
fn the_response_comes_by_query_fragment_or_form() {
    for (mode, start) in [
        ("query", format!("{CALLBACK}?code=")),
        ("fragment", format!("{CALLBACK}#code=")),
        ("form_post", CALLBACK.to_owned()),
    ] {
        let mut provider = provider();
        let form = Form::authorization().and("response_mode", mode);
        let landing = visit(&mut provider, &form);
        assert!(landing.is_home());
        assert!(landing.url.starts_with(&start), "{}", landing.url);
        assert_eq!(landing.body.is_some(), mode == "form_post");
        assert_eq!(landing.query().names(), ["code", "state", "iss"]);
        assert_eq!(landing.value("state"), "xyz");
        assert_eq!(landing.value("iss"), ISSUER);
        let redemption = Form::redemption(&landing.value("code"));
        assert_eq!(
            provider.handle(NOW, &post("/token", &redemption)).status(),
            200
        );
        assert_no_complaint(&provider);
    }
}

#[test]
fn a_query_of_the_redirect_uri_is_kept() {
    let mut provider = Provider::new(ISSUER);
    provider.register(ClientRecord::public("app").redirect("https://app.example/?a=b"));
    let form = Form::authorization().set("redirect_uri", "https://app.example/?a=b");
    let landing = visit(&mut provider, &form);
    assert_eq!(landing.query().names(), ["a", "code", "state", "iss"]);
}

#[test]
fn confidential_clients_authenticate_by_their_method() {
    let mut provider = provider();
    let form = Form::authorization().set("client_id", "web app");
    let redemption = Form::redemption(&visit(&mut provider, &form).value("code"));
    let mut request = post("/token", &redemption.without("client_id"));
    // "web+app:s%25%3A%2B%C3%A9+%2F", both halves form-encoded
    let basic = "Basic d2ViK2FwcDpzJTI1JTNBJTJCJUMzJUE5KyUyRg==";
    request
        .headers_mut()
        .insert("authorization", basic.parse().unwrap());
    assert_eq!(provider.handle(NOW, &request).status(), 200);

    provider.settings.fresh_required = false;
    let form = Form::authorization().set("client_id", "poster");
    let redemption = Form::redemption(&visit(&mut provider, &form).value("code"));
    let redemption = redemption
        .set("client_id", "poster")
        .and("client_secret", "secret");
    assert_eq!(
        provider.handle(NOW, &post("/token", &redemption)).status(),
        200
    );
    assert_no_complaint(&provider);
    assert_eq!(AuthMethod::ClientSecretPost.name(), "client_secret_post");
}

#[test]
fn everything_lives_under_the_path_of_the_issuer() {
    let mut provider = Provider::new("https://id.example/tenant");
    provider.register(ClientRecord::public("app").redirect(CALLBACK));
    let url = format!(
        "https://id.example/tenant/authorize?{}",
        Form::authorization().text()
    );
    let landing = Browser::new().visit(&mut provider, NOW, &url);
    assert_eq!(landing.value("iss"), "https://id.example/tenant");
    let redemption = Form::redemption(&landing.value("code"));
    assert_eq!(
        provider.handle(NOW, &post("/token", &redemption)).status(),
        404
    );
    assert_eq!(
        provider
            .handle(NOW, &post("/tenant/token", &redemption))
            .status(),
        200
    );
    assert_complaint(&provider, "nothing at /token");
}

#[test]
fn a_native_app_may_listen_on_any_port_of_the_loopback_address() {
    let mut provider = Provider::new(ISSUER);
    provider.register(
        ClientRecord::public("app")
            .redirect("http://127.0.0.1/callback")
            .redirect("http://[::1]/"),
    );
    for uri in [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:49152/callback",
        "http://[::1]:1/",
    ] {
        provider.settings.fresh_required = false;
        let landing = visit(
            &mut provider,
            &Form::authorization().set("redirect_uri", uri),
        );
        assert!(landing.is_home(), "{uri}");
    }
    assert_no_complaint(&provider);
    for uri in [
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:1@evil.example/callback",
        "https://127.0.0.1:1/callback",
        "http://localhost:1/callback",
    ] {
        let landing = visit(
            &mut provider,
            &Form::authorization().set("redirect_uri", uri),
        );
        assert!(!landing.is_home(), "{uri}");
    }
}

#[test]
fn the_user_has_a_say() {
    let asked = Form::authorization();
    let mut provider = provider();
    provider.settings.consent = Consent::Only(vec!["mail".to_owned()]);
    provider.settings.scope_always = false;
    assert_eq!(sign_in(&mut provider)["scope"], "mail");

    provider.settings.fresh_required = false;
    provider.settings.consent = Consent::Denied;
    assert_eq!(visit(&mut provider, &asked).value("error"), "access_denied");

    provider.settings.consent = Consent::NeedsLogin;
    let unseen = asked.clone().and("prompt", "none");
    let landing = visit(&mut provider, &unseen);
    assert_eq!(landing.value("error"), "login_required");
    assert_eq!(
        landing.query().names(),
        ["error", "error_description", "state", "iss"]
    );
    assert!(!visit(&mut provider, &asked).value("code").is_empty());

    provider.settings.consent = Consent::All;
    assert!(!visit(&mut provider, &unseen).value("code").is_empty());
    assert_no_complaint(&provider);
}

#[test]
fn a_human_is_shown_a_page_and_presses_a_button() {
    let mut provider = provider();
    provider.settings.interactive = true;
    provider.settings.user.name = "Ada <Lovelace>".to_owned();
    let request = get(
        &format!("/authorize?{}", Form::authorization().text()),
        None,
    );
    let page = provider.handle(NOW, &request);
    let html = String::from_utf8(page.into_body()).unwrap();
    assert!(html.contains("Sign in as Ada &lt;Lovelace&gt;"));
    assert!(html.contains("<li>mail</li>"));
    assert!(!html.contains("<script"));

    let landing = visit(&mut provider, &Form::authorization());
    assert_eq!(landing.query().names(), ["code", "state", "iss"]);
    let denying = Browser { denies: true };
    let landing = denying.visit(&mut provider, NOW, &Form::authorization().url());
    assert_eq!(landing.value("error"), "access_denied");
    let unseen = Form::authorization()
        .set("state", "2")
        .and("prompt", "none");
    provider.settings.fresh_required = false;
    assert_eq!(
        visit(&mut provider, &unseen).value("error"),
        "login_required"
    );
    assert_no_complaint(&provider);

    // A page serves once.
    let consent = provider.log().with(Endpoint::Consent);
    let again = consent[0].request.clone();
    assert_eq!(provider.handle(NOW, &again).status(), 400);
}

#[test]
fn the_shape_of_token_responses_is_a_setting() {
    let mut provider = provider();
    provider.settings.expires_in = ExpiresIn::Text;
    provider.settings.scope_always = false;
    provider.settings.refresh.issued = false;
    provider.settings.token_lifetime = 60;
    let tokens = sign_in(&mut provider);
    assert_eq!(tokens["expires_in"], "60");
    assert!(tokens["scope"].is_null());
    assert!(tokens["refresh_token"].is_null());
    provider.settings.expires_in = ExpiresIn::Absent;
    provider.settings.fresh_required = false;
    assert!(sign_in(&mut provider)["expires_in"].is_null());
}

#[test]
fn the_whole_of_oidc_and_rich_requests_is_accepted_and_recorded() {
    let details = r#"[{"type":"payment","amount":"10"}]"#;
    let extras = [
        ("nonce", "n-0S6_WzA2Mj"),
        ("display", "page"),
        ("prompt", "login consent"),
        ("max_age", "0"),
        ("ui_locales", "fr-CA fr"),
        ("claims_locales", "fr"),
        ("id_token_hint", "e30.e30."),
        ("login_hint", "ada@id.example"),
        ("acr_values", "loa-2 loa-1"),
        ("claims", r#"{"userinfo":{"name":null}}"#),
        ("authorization_details", details),
        ("resource", "https://id.example/api/a"),
        ("resource", "https://id.example/api/b"),
        ("x_custom", "yes"),
    ];
    let mut provider = provider();
    let mut form = Form::authorization();
    for (name, value) in extras {
        form = form.and(name, value);
    }
    let code = visit(&mut provider, &form).value("code");
    let tokens = json(&provider.handle(NOW, &post("/token", &Form::redemption(&code))));
    assert_eq!(tokens["authorization_details"][0]["amount"], "10");
    assert_no_complaint(&provider);
    let query = provider.log().exchanges()[0].query();
    assert_eq!(query.value("acr_values"), Some("loa-2 loa-1"));
    assert_eq!(query.all("resource").len(), 2);
}

#[test]
fn the_transcript_tells_everything_but_the_secrets() {
    let mut provider = provider();
    provider.mutate(Mutation::new(
        Endpoint::Api,
        Change::Deliver(Delivery::Lost),
    ));
    let form = Form::authorization()
        .set("client_id", "poster")
        .and("response_mode", "form_post");
    let code = visit(&mut provider, &form).value("code");
    let redemption = Form::redemption(&code);
    let redemption = redemption
        .set("client_id", "poster")
        .and("client_secret", "hunter2-hunter2");
    provider.register(ClientRecord::post("poster", "hunter2-hunter2").redirect(CALLBACK));
    let tokens = json(&provider.handle(NOW, &post("/token", &redemption)));
    let token = text(&tokens, "access_token");
    let lost = provider.handle(NOW, &get("/api/mail", Some(token)));
    assert_eq!(Delivery::of(&lost), Delivery::Lost);

    let transcript = provider.log().to_string();
    for secret in [
        &code,
        "hunter2-hunter2",
        VERIFIER,
        token,
        text(&tokens, "refresh_token"),
    ] {
        assert!(!transcript.contains(secret), "{secret} in\n{transcript}");
        assert!(
            !transcript.contains(&secret[..5]),
            "start of {secret} in\n{transcript}"
        );
    }
    for shown in [
        "→ GET https://id.example/authorize\n",
        "      redirect_uri = https://app.example/callback\n",
        "→ POST https://id.example/token\n    accept: application/json\n",
        "      client_secret = hunt…\n",
        "← 200 OK\n    content-type: application/json\n",
        "        \"expires_in\": 3600,\n",
        "    authorization: Bearer ",
        "← 200 OK (never arrives)\n",
    ] {
        assert!(transcript.contains(shown), "no {shown} in\n{transcript}");
    }
}

//! Step-up (RFC 9470, RFC 6750 §3.1): which challenges become another authorization request, and
//! which.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::scope::Scope;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::step_up::StepUp;
use oauth_proto_world::Change;
use oauth_proto_world::Endpoint as WorldEndpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod user;
}

fn challenged(challenges: &[&str]) -> Response<()> {
    let mut response = Response::builder().status(401);
    for challenge in challenges {
        response = response.header("www-authenticate", *challenge);
    }
    response.body(()).unwrap()
}

fn read(challenge: &str) -> Option<StepUp> {
    StepUp::from_response(&challenged(&[challenge])).unwrap()
}

/// The query of the authorization request, without what is drawn.
fn query(step_up: &StepUp, previous: &str) -> String {
    let metadata = Metadata::new("https://as.example.net", UriPolicy::default())
        .and_then(|metadata| {
            metadata.with_endpoint(Endpoint::Authorization, "https://as.example.net/authorize")
        })
        .unwrap();
    let client = Client::new(metadata, "s6BhdRkqt3", Authentication::None)
        .and_then(|client| client.with_redirect_uri("https://client.example/cb"))
        .unwrap();
    let request = step_up
        .authorization_request(&Scope::from(previous))
        .danger_guessable_state("xyz")
        .danger_without_challenge();
    let (url, _) = client.authorize(NOW, request).unwrap();
    let head = "https://as.example.net/authorize?response_type=code&client_id=s6BhdRkqt3\
                &redirect_uri=https%3A%2F%2Fclient.example%2Fcb";
    let rest = url.as_str().strip_prefix(head).unwrap();
    rest.replace("&state=xyz", "")
}

#[test]
fn the_challenges_of_rfc_9470_section_3() {
    let step_up = read(
        r#"Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR""#,
    )
    .unwrap();
    assert_eq!(step_up.acr_values(), Some("myACR"));
    assert_eq!(step_up.max_age(), None);
    assert!(step_up.scope().is_empty());
    // RFC 9470 §4.
    assert_eq!(
        query(&step_up, "purchase"),
        "&scope=purchase&acr_values=myACR"
    );

    let step_up = read(
        r#"Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5""#,
    )
    .unwrap();
    assert_eq!(step_up.acr_values(), None);
    assert_eq!(step_up.max_age().unwrap().as_secs(), 5);
    assert_eq!(query(&step_up, "purchase"), "&scope=purchase&max_age=5");
}

#[test]
fn a_demand_becomes_a_request() {
    let table = [
        (
            r#"Bearer error="insufficient_scope", scope="mail calendar""#,
            "mail profile",
            "&scope=mail%20profile%20calendar",
        ),
        (
            r#"Bearer realm="x", error=insufficient_scope, scope=mail"#,
            "",
            "&scope=mail",
        ),
        (
            r#"Bearer error="insufficient_scope""#,
            "mail",
            "&scope=mail",
        ),
        (
            r#"Bearer error="insufficient_scope", scope="""#,
            "mail",
            "&scope=mail",
        ),
        (
            r#"Bearer error="insufficient_scope", scope="b  b a""#,
            "a",
            "&scope=a%20b",
        ),
        (
            r#"DPoP algs="ES256", error="insufficient_user_authentication", acr_values="urn:a urn:b", max_age=0, scope="pay""#,
            "mail",
            "&scope=mail%20pay&acr_values=urn%3Aa%20urn%3Ab&max_age=0",
        ),
        (
            r#"bEARER Error="insufficient_user_authentication", ACR_values=x, MAX_age=18446744073709551615"#,
            "",
            "&acr_values=x&max_age=18446744073709551615",
        ),
        (
            r#"Bearer error="insufficient_user_authentication""#,
            "mail",
            "&scope=mail",
        ),
    ];
    for (challenge, previous, expected) in table {
        let step_up = read(challenge).unwrap();
        assert_eq!(query(&step_up, previous), expected, "{challenge}");
    }
}

#[test]
fn what_is_added_is_data() {
    let step_up = read(r#"Bearer error="insufficient_scope", scope="mail admin""#).unwrap();
    let previous = Scope::from("mail");
    assert_eq!(
        step_up.added_scope(&previous).collect::<Vec<_>>(),
        ["admin"]
    );
}

#[test]
fn what_a_sign_in_cannot_meet_is_no_step_up() {
    let table: [&[&str]; 8] = [
        &[],
        &["Bearer"],
        &[r#"Bearer error="invalid_token", acr_values="x""#],
        &[r#"Bearer acr_values="x", max_age=5"#],
        &[r#"Basic realm="x", error="insufficient_scope", scope="a""#],
        &[r#"Bearer error="INSUFFICIENT_SCOPE", scope="a""#],
        &[r#"Bearer error="insufficient_scope", error="insufficient_scope""#],
        &["Bearer error=\"insufficient_scope"],
    ];
    for challenges in table {
        let response = challenged(challenges);
        assert_eq!(
            StepUp::from_response(&response).unwrap(),
            None,
            "{challenges:?}"
        );
    }
}

#[test]
fn the_first_demand_counts() {
    let response = challenged(&[
        r#"Basic realm="x", Bearer error="invalid_token""#,
        r#"DPoP error="insufficient_scope", scope="a""#,
        r#"Bearer error="insufficient_scope", scope="b""#,
    ]);
    let step_up = StepUp::from_response(&response).unwrap().unwrap();
    assert_eq!(step_up.scope().as_str(), "a");
}

#[test]
fn a_demand_that_cannot_be_passed_on_is_refused() {
    let demand = r#"Bearer error="insufficient_user_authentication", "#;
    let long = |name: &str| format!(r#"{demand}{name}="{}""#, "a".repeat(2049));
    let table = [
        (long("acr_values"), "STEP-UP-ACR-VALUES"),
        (
            format!("{demand}acr_values=\"a\u{9}b\""),
            "STEP-UP-ACR-VALUES",
        ),
        (format!(r#"{demand}max_age=-1"#), "STEP-UP-MAX-AGE"),
        (format!(r#"{demand}max_age="+1""#), "STEP-UP-MAX-AGE"),
        (format!(r#"{demand}max_age="5 s""#), "STEP-UP-MAX-AGE"),
        (
            format!(r#"{demand}max_age=18446744073709551616"#),
            "STEP-UP-MAX-AGE",
        ),
        (long("scope"), "STEP-UP-SCOPE"),
        (format!(r#"{demand}scope="a \"b\"""#), "STEP-UP-SCOPE"),
        (format!("{demand}scope=\"a\u{9}b\""), "STEP-UP-SCOPE"),
    ];
    for (challenge, expected) in table {
        let error = StepUp::from_response(&challenged(&[&challenge])).unwrap_err();
        assert_eq!(
            error.check().map(Check::id),
            Some(expected),
            "{challenge:.90}"
        );
    }
    for name in ["acr_values", "scope"] {
        let just = long(name).replace("aa\"", "a\"");
        assert!(read(&just).is_some(), "{name}");
    }
}

/// A resource on the world wants more scope; the refusal says which, and the next token has it.
#[test]
fn a_user_steps_up() {
    let (mut provider, client) = public(ISSUER);
    provider.settings.api_scopes = vec![("/api/pay".to_owned(), "pay".to_owned())];
    let pay = |provider: &mut Provider, previous: &Scope, step_up: Option<&StepUp>| {
        let request = match step_up {
            Some(step_up) => step_up.authorization_request(previous),
            None => previous.clone().into(),
        };
        let (pending, landing) = send_user(provider, &client, request);
        let flow = client.resume(NOW, pending, &landing.url).unwrap();
        let tokens = run(provider, NOW, flow).unwrap().into_tokens();
        let request = http::Request::get("https://id.example/api/pay")
            .body(Vec::new())
            .unwrap();
        run(provider, NOW, client.call(&tokens, request))
    };
    let previous = Scope::from("mail");
    let Error::Refused(refusal) = pay(&mut provider, &previous, None).unwrap_err() else {
        panic!("the scope does not suffice");
    };
    let step_up = StepUp::from_refusal(&refusal).unwrap().unwrap();
    let answer = pay(&mut provider, &previous, Some(&step_up)).unwrap();
    assert_eq!(answer.status(), 200);
    let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(answer["scope"], "mail pay");
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

/// A resource wants a fresher sign-in of a better kind (RFC 9470 §1.2): the second request asks for it.
#[test]
fn a_user_signs_in_again_for_a_resource() {
    let (mut provider, client) = public(ISSUER);
    let challenge =
        r#"Bearer error="insufficient_user_authentication", acr_values="urn:a", max_age=0"#;
    let mutation = Mutation::new(WorldEndpoint::Api, Change::Status(401));
    provider.mutate(mutation.and(Change::header("www-authenticate", challenge)));
    let (pending, landing) = send_user(&mut provider, &client, "mail");
    let flow = client.resume(NOW, pending, &landing.url).unwrap();
    let tokens = run(&mut provider, NOW, flow).unwrap().into_tokens();
    let request = http::Request::get("https://id.example/api/mail")
        .body(Vec::new())
        .unwrap();
    let call = client.call(&tokens, request);
    let Error::Refused(refusal) = run(&mut provider, NOW, call).unwrap_err() else {
        panic!("the sign-in does not suffice");
    };
    let step_up = StepUp::from_refusal(&refusal).unwrap().unwrap();
    let request = step_up.authorization_request(tokens.scope());
    let (_, landing) = send_user(&mut provider, &client, request);
    assert!(landing.is_home());
    let asked = provider.log().last().unwrap().query();
    assert_eq!(asked.value("acr_values"), Some("urn:a"));
    assert_eq!(asked.value("max_age"), Some("0"));
    assert_eq!(asked.value("scope"), Some("mail"));
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
}

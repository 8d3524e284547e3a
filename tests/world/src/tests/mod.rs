//! The provider itself is put to the test: a known good conversation, and each refusal.
//!
//! The client here is a handful of literals, so that each test can spoil one of them.

mod api;
mod authorization;
mod backchannel;
mod conversation;
mod device;
mod direct;
mod discovery;
mod exchange;
mod implicit;
mod introspection;
mod logout;
mod misbehaviour;
mod pushed;
mod refresh;
mod revocation;
mod server;
mod signed;
mod token;

use http::Request;
use http::Response;
use serde_json::Value;

use crate::Browser;
use crate::ClientRecord;
use crate::Landing;
use crate::Parameters;
use crate::Provider;

const ISSUER: &str = "https://id.example";
const CALLBACK: &str = "https://app.example/callback";
const NOW: u64 = 1_700_000_000;

/// RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A provider with one client of each kind.
fn provider() -> Provider {
    Provider::new(ISSUER)
        .with(ClientRecord::public("app").redirect(CALLBACK))
        .with(ClientRecord::basic("web app", "s%:+é /").redirect(CALLBACK))
        .with(ClientRecord::post("poster", "secret").redirect(CALLBACK))
}

/// The parameters of a request, which a test changes one by one.
#[derive(Clone)]
struct Form(Vec<(String, String)>);

impl Form {
    fn new(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter();
        Self(pairs.map(|(n, v)| ((*n).into(), (*v).into())).collect())
    }

    /// The authorization request of the client `app`.
    fn authorization() -> Self {
        Self::new(&[
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", CALLBACK),
            ("scope", "mail profile"),
            ("state", "xyz"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
    }

    /// The token request of the client `app`.
    fn redemption(code: &str) -> Self {
        Self::new(&[
            ("grant_type", "authorization_code"),
            ("client_id", "app"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
    }

    fn refreshment(token: &str) -> Self {
        Self::new(&[
            ("grant_type", "refresh_token"),
            ("client_id", "app"),
            ("refresh_token", token),
        ])
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self
    }

    fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    fn set(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    fn text(&self) -> String {
        self.0.iter().cloned().collect::<Parameters>().to_string()
    }

    fn url(&self) -> String {
        format!("{ISSUER}/authorize?{}", self.text())
    }
}

/// A request as a careful client makes it to a JSON endpoint.
fn post(path: &str, form: &Form) -> Request<Vec<u8>> {
    Request::post(format!("{ISSUER}{path}"))
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.text().into_bytes())
        .unwrap()
}

fn get(path: &str, token: Option<&str>) -> Request<Vec<u8>> {
    let mut request = Request::get(format!("{ISSUER}{path}")).header("accept", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Vec::new()).unwrap()
}

fn visit(provider: &mut Provider, form: &Form) -> Landing {
    Browser::new().visit(provider, NOW, &form.url())
}

/// A code for the client `app`.
fn code(provider: &mut Provider) -> String {
    visit(provider, &Form::authorization()).value("code")
}

fn json(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// The tokens of a complete sign-in of the client `app`.
fn sign_in(provider: &mut Provider) -> Value {
    let code = code(provider);
    let response = provider.handle(NOW, &post("/token", &Form::redemption(&code)));
    assert_eq!(response.status(), 200, "{response:?}");
    json(&response)
}

/// A member that is a string.
fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap()
}

/// Asserts that exactly one complaint was made, and what about.
fn assert_complaint(provider: &Provider, about: &str) {
    let [complaint] = provider.complaints() else {
        panic!("{about}: {:?}", provider.complaints());
    };
    assert!(complaint.contains(about), "{complaint} for {about}");
}

/// Asserts that nobody did anything wrong.
fn assert_no_complaint(provider: &Provider) {
    assert!(
        provider.complaints().is_empty(),
        "{:?}",
        provider.complaints()
    );
}

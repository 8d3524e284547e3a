//! The authorization code flow by hand: what a client sends, without the crate.

use serde_json::Value;
use ureq::Agent;
use url::Url;

use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::player::OIDC_PROVIDER;
use crate::stage::Registration;
use crate::stage::Server;
use crate::stage::Stage;
use crate::user::User;
use crate::wire;
use crate::wire::Answer;

/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The `state` of every request: worth encoding, and the same each time, as nothing is protected here.
pub(crate) const STATE: &str = "a state & +more";

/// One client at one server.
pub(crate) struct Hand<'a> {
    pub(crate) agent: Agent,
    pub(crate) server: &'a Server,
    pub(crate) client: &'a Registration,
    pub(crate) redirect_uri: &'a str,
}

impl<'a> Hand<'a> {
    /// A client of `oidc_provider`, with the first of its redirect URIs.
    pub(crate) fn new(stage: &'a Stage, client: &str) -> Result<Self, Failure> {
        let server = stage.server(OIDC_PROVIDER)?;
        let client = server.client(client)?;
        Ok(Self {
            agent: wire::agent(),
            server,
            client,
            redirect_uri: client.redirect_uri()?,
        })
    }

    /// The authorization request. Each change replaces a parameter, or leaves it out when the value is empty.
    pub(crate) fn authorization_url(&self, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", &self.client.client_id),
            ("redirect_uri", self.redirect_uri),
            ("scope", "api"),
            ("state", STATE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual
            .into_iter()
            .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let set = changes
            .iter()
            .copied()
            .filter(|(_, value)| !value.is_empty());
        format!(
            "{}/auth?{}",
            self.server.issuer,
            wire::encode(kept.chain(set))
        )
    }

    /// Sends the user and returns where the browser lands.
    pub(crate) fn visit(&self, user: &mut User, changes: &[(&str, &str)]) -> Result<Url, Failure> {
        let landing = user.visit(&self.authorization_url(changes), self.redirect_uri)?;
        Ok(Url::parse(&landing.url()?)?)
    }

    /// Asks the token endpoint for the code of a landing.
    pub(crate) fn exchange(&self, landing: &Url, verifier: &str) -> Result<Answer, Failure> {
        let code = present("the code", parameter(landing, "code"))?;
        self.token_request(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", verifier),
        ])
    }

    /// Asks the token endpoint for new tokens.
    pub(crate) fn refresh(&self, refresh_token: &str) -> Result<Answer, Failure> {
        self.token_request(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
    }

    /// Signs a user in: visit, landing, exchange.
    pub(crate) fn sign_in(&self, changes: &[(&str, &str)]) -> Result<Value, Failure> {
        let landing = self.visit(&mut User::new("ann"), changes)?;
        granted(&self.exchange(&landing, VERIFIER)?)
    }

    /// Calls an API with a bearer token.
    pub(crate) fn call(&self, api: &str, token: &str) -> Result<Answer, Failure> {
        wire::get(
            &self.agent,
            api,
            &[("authorization", format!("Bearer {token}"))],
        )
    }

    /// A token request in the name of this client, authenticated as it is registered.
    fn token_request(&self, parameters: &[(&str, &str)]) -> Result<Answer, Failure> {
        let client = self.client;
        let secret = client.client_secret.as_deref();
        let mut headers = Vec::new();
        let mut form = parameters.to_vec();
        match (client.token_endpoint_auth_method.as_str(), secret) {
            ("none", None) => form.push(("client_id", &client.client_id)),
            ("client_secret_basic", Some(secret)) => {
                let (id, secret) = (
                    wire::encode_one(&client.client_id),
                    wire::encode_one(secret),
                );
                headers.push(wire::basic(&id, &secret));
            }
            ("client_secret_post", Some(secret)) => {
                form.extend([
                    ("client_id", client.client_id.as_str()),
                    ("client_secret", secret),
                ]);
            }
            (method, _) => return fail(format!("no such authentication by hand: {method}")),
        }
        self.post_to_token_endpoint(&headers, form)
    }

    /// A token request exactly as given.
    pub(crate) fn post_to_token_endpoint<'b>(
        &self,
        headers: &[(&str, String)],
        form: impl IntoIterator<Item = (&'b str, &'b str)>,
    ) -> Result<Answer, Failure> {
        let endpoint = format!("{}/token", self.server.issuer);
        wire::post(&self.agent, &endpoint, headers, wire::encode(form))
    }
}

/// The tokens of an answer that has them.
pub(crate) fn granted(answer: &Answer) -> Result<Value, Failure> {
    if answer.status == 200 {
        return answer.json();
    }
    fail(format!(
        "tokens expected, found {}: {}",
        answer.status, answer.body
    ))
}

/// Holds an answer of the token endpoint to a refusal (RFC 6749, section 5.2).
pub(crate) fn refused(
    answer: &Answer,
    status: u16,
    error: &str,
    description: &str,
) -> Result<(), Failure> {
    same("the status", answer.status, status)?;
    let document = answer.json()?;
    same("error", &document["error"], error)?;
    same(
        "error_description",
        &document["error_description"],
        description,
    )
}

/// Holds a landing to a refusal (RFC 6749, section 4.1.2.1) which comes with `state` and `iss`, and brings no code.
pub(crate) fn landed_on_error(
    landing: &Url,
    server: &Server,
    error: &str,
    description: Option<&str>,
) -> Result<(), Failure> {
    let found = |name| parameter(landing, name);
    same("error", found("error").as_deref(), Some(error))?;
    same(
        "error_description",
        found("error_description").as_deref(),
        description,
    )?;
    same("state", found("state").as_deref(), Some(STATE))?;
    same("iss", found("iss").as_ref(), Some(&server.issuer))?;
    same("code", found("code"), None)
}

/// A query parameter; the first, when there are several.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(found, _)| found == name)?;
    Some(value.into_owned())
}

/// A member that must be text.
pub(crate) fn text<'a>(document: &'a Value, name: &str) -> Result<&'a str, Failure> {
    present(name, document[name].as_str())
}

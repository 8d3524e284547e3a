//! A complete sign-in, narrated: discovery, authorization, callback, tokens, who signed in,
//! an API call, and one more when the access token has expired.
//!
//! The provider runs in this process, on a loopback socket; everything in between is real HTTP.
//!
//! ```sh
//! cargo run --example demo --features ureq
//! cargo run --example demo --features ureq -- --interactive   # you, and your own browser
//! ```
#![expect(clippy::print_stdout, reason = "a demo talks")]

use std::error::Error;
use std::time::Duration;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::authorization::AuthorizationUrl;
use oauth_proto::flow::discover::Discover;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::lease::Lease;
use oauth_proto::lease::lease::Standing;
use oauth_proto::transport::now;
use oauth_proto::transport::ureq;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;
use serde_json::json;

#[path = "../tests/common/jose.rs"]
mod jose;
#[path = "support/loopback.rs"]
mod loopback;
#[path = "support/story.rs"]
mod story;

use loopback::Loopback;
use story::Story;

fn main() -> Result<(), Box<dyn Error>> {
    let is_interactive = std::env::args().any(|argument| argument == "--interactive");
    let loopback = Loopback::bind()?;
    let server = Server::start(|issuer| provider(issuer, &loopback, is_interactive))?;
    let mut story = Story::new(&server);
    let agent = ureq::agent();

    story.chapter("Discovery", "What does the server say of itself?");
    let policy = UriPolicy::danger_http_on_loopback();
    let metadata = ureq::run(&agent, Discover::with_uri_policy(server.issuer(), policy)?)?;
    story.wire();
    story.checked(&[
        Check::MetadataIssuerMissing,
        Check::MetadataIssuer,
        Check::MetadataEndpoint,
    ]);

    story.chapter(
        "Authorization",
        "Send the user to the server, and keep what the rest will need.",
    );
    let client = Client::new(
        metadata,
        "demo",
        Authentication::client_secret_basic(SECRET),
    )?
    .with_redirect_uri(loopback.redirect_uri())?;
    let (url, pending) = client.authorize(now(), ["openid", "mail", "calendar"])?;
    story.fact(
        "kept",
        &format!("{} bytes", serde_json::to_string(&pending)?.len()),
    );
    let callback = if is_interactive {
        println!("\n  Open this address in your browser:\n\n    {url}\n");
        loopback.wait()?
    } else {
        visit(&server, &url)
    };
    story.wire();

    story.chapter(
        "Callback",
        "The browser is back. Anyone could have sent it.",
    );
    let flow = client.resume(now(), pending, &callback)?;
    story.checked(
        &Check::all()
            .filter(|check| check.id().starts_with("CALLBACK"))
            // Those are of responses with a token, which was not asked for.
            .filter(|check| !check.section().ends_with("4.2.2"))
            .collect::<Vec<_>>(),
    );

    story.chapter(
        "Tokens",
        "Fetch the server's keys, and redeem the code: once, with the verifier that only this client knows.",
    );
    let signed_in = ureq::run(&agent, flow)?;
    story.wire();
    story.checked(
        &Check::all()
            .filter(|check| check.id().starts_with("TOKEN"))
            .collect::<Vec<_>>(),
    );
    let tokens = signed_in.tokens();
    story.fact("scope", tokens.scope().as_str());
    story.fact(
        "lives",
        &format!(
            "{} s",
            tokens.expires_in(now()).unwrap_or_default().as_secs()
        ),
    );

    story.chapter(
        "Identity",
        "Who is it? The ID token says, and nobody reads it before every check has passed.",
    );
    let id_token = signed_in.id_token().ok_or("nobody signed in")?;
    story.checked(&[
        Check::JwtAlg,
        Check::JwtKey,
        Check::JwtSignature,
        Check::IdTokenIss,
        Check::IdTokenSub,
        Check::IdTokenAud,
        Check::IdTokenExp,
        Check::IdTokenIat,
        Check::IdTokenNonce,
        Check::IdTokenAtHash,
    ]);
    story.fact("signed in", id_token.sub());

    story.chapter(
        "An API call",
        "The access token goes into one header, and to addresses below one base URL.",
    );
    let lease = Lease::new(tokens.clone());
    let api = Api::new(&client, &format!("{}/api", server.issuer()), lease)?;
    ureq::call(&agent, &api, api.get("me"))?;
    story.wire();

    story.chapter(
        "Some seconds later",
        "The access token has expired. The same call renews it first, and keeps what comes.",
    );
    let standing = Lease::new(tokens.clone());
    while standing.standing(now()) != Standing::Expired {
        pause();
    }
    let answer = ureq::call(&agent, &api, api.get("me"))?;
    story.wire();
    let renewed = api.lease().tokens().ok_or("nothing is kept")?;
    let is_new = renewed.access_token() != tokens.access_token();
    story.fact("renewed", if is_new { "yes" } else { "no" });

    story.end(
        answer.status().is_success() && server.with(|provider| provider.complaints().is_empty()),
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "a demo lets the time pass that its tokens live"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

/// How long an access token lives, in seconds: an hour would be usual.
const LIFETIME: u64 = 3;

const SECRET: &str = "a secret: 100 % + é";

fn provider(issuer: &str, loopback: &Loopback, is_interactive: bool) -> Provider {
    let client = ClientRecord::basic("demo", SECRET).redirect(loopback.redirect_uri());
    let mut provider = Provider::new(issuer).with(client.scope("openid mail calendar"));
    provider.settings.interactive = is_interactive;
    provider.settings.token_lifetime = LIFETIME;
    provider.settings.identity.keys = vec![signing_key()];
    provider.jose = Some(jose::JOSE);
    provider
}

/// What the provider signs ID tokens with: the key of RFC 8037 appendix A.1.
fn signing_key() -> serde_json::Value {
    json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "2027",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

/// The user's part, without a user: agrees to everything.
fn visit(server: &Server, url: &AuthorizationUrl) -> String {
    server.with(|provider| {
        Browser::new()
            .visit(provider, now().as_secs(), url.as_str())
            .url
    })
}

//! Flows that begin with known secrets, and the good answers to them: conversations without a provider,
//! whose every byte is known beforehand.

use http::Request;
use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::discover::Discover;
use oauth_proto::flow::sign_in::SignIn;

/// When the tokens below came, and the pending request was made.
pub(crate) const START: UnixTime = UnixTime::from_secs(1_800_000_000);

/// A complete metadata document of the issuer below.
pub(crate) const METADATA: &str = r#"{"issuer":"https://id.example/tenant","authorization_endpoint":"https://id.example/authorize","token_endpoint":"https://id.example/token"}"#;

/// A good answer of the token endpoint, for an hour.
pub(crate) const TOKENS: &str = r#"{"access_token":"acc355-2","token_type":"Bearer","expires_in":3600,"refresh_token":"refr35h-2"}"#;

const PENDING: &str = r#"{"v":1,"iss":"https://id.example/tenant","client":"app","uri":"https://app.example/callback","state":"5tate-1","verifier":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","scope":"mail","exp":1800000900}"#;

/// The good callback of the pending request, with the code `c0de-1`.
pub(crate) const CALLBACK: &str = "code=c0de-1&state=5tate-1&iss=https%3A%2F%2Fid.example%2Ftenant";

/// What [`TOKENS`] would have become an hour ago less a minute.
const STORED: &str = r#"{"v":1,"access_token":"acc355-1","token_type":"Bearer","received_at":1799996460,"expires_at":1800000060,"refresh_token":"refr35h-1","requested_scope":"mail","issuer":"https://id.example/tenant","client_id":"app"}"#;

pub(crate) fn discover() -> Result<Discover, Error> {
    Discover::new("https://id.example/tenant")
}

/// The second half of a sign-in, from the good callback.
pub(crate) fn sign_in() -> Result<SignIn, Error> {
    resume(CALLBACK)
}

/// The same from any callback.
pub(crate) fn resume(callback: &str) -> Result<SignIn, Error> {
    let pending = serde_json::from_str(PENDING).unwrap();
    client()?.resume(START, pending, callback)
}

/// A refresh with the refresh token `refr35h-1`.
pub(crate) fn refresh() -> Result<Call<Grant>, Error> {
    client()?.refresh(&tokens())
}

/// A call with the access token `acc355-1`, which ends a minute after [`START`].
pub(crate) fn call() -> Result<Call<ResourceRequest>, Error> {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = "https://api.example/mail".parse().unwrap();
    Ok(client()?.call(&tokens(), request))
}

pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn client() -> Result<Client, Error> {
    let metadata = Metadata::parse(METADATA.as_bytes(), UriPolicy::default())?;
    Client::new(
        metadata,
        "app",
        Authentication::client_secret_post("s3cret-1"),
    )
}

fn tokens() -> Tokens {
    serde_json::from_str(STORED).unwrap()
}

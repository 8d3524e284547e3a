//! `oauth1`: OAuth 1.0a, one leg at a time or all three.

use std::io::BufRead as _;
use std::io::Read as _;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use oauth_proto::crypto;
use oauth_proto::crypto::CryptoError;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::flow::call::Call;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::pending::Pending;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
use oauth_proto::transport::now;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::browser;
use super::call;
use super::call::Resource;
use super::failure::Failure;
use super::given;
use super::session::Session;
use super::show;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Asks for temporary credentials.
    ///
    /// The result is the `authorization_url` for the user's browser, and `pending`, which access-token
    /// needs: keep it in a file.
    RequestToken(Asked),
    /// Signs a user in with a browser: the three legs at once.
    ///
    /// Opens the system's browser, and reads from standard input the code that the user is shown or, with
    /// --callback, the URL that the browser was sent to. The result is the credentials.
    Authorize(Authorize),
    /// Redeems what the user brought: the third leg.
    ///
    /// The result is the credentials.
    AccessToken(Redeemed),
    /// Calls a resource with credentials, or without a user.
    ///
    /// The result is that of the command call.
    Call(Called),
}

/// How every request is signed.
#[derive(Args)]
pub(crate) struct Signing {
    /// The signature method.
    #[arg(long, value_name = "METHOD", default_value = "HMAC-SHA1")]
    signature_method: Method,
    /// Where the protocol parameters stand.
    #[arg(long, value_name = "PLACE", default_value = "header")]
    placement: Place,
    /// The realm of the header. May be given several times, for servers that have the scope in it.
    #[arg(long, value_name = "REALM")]
    realm: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    #[value(name = "HMAC-SHA1")]
    HmacSha1,
    #[value(name = "HMAC-SHA256")]
    HmacSha256,
    #[value(name = "HMAC-SHA512")]
    HmacSha512,
    #[value(name = "RSA-SHA1")]
    RsaSha1,
    #[value(name = "RSA-SHA256")]
    RsaSha256,
    #[value(name = "RSA-SHA512")]
    RsaSha512,
    #[value(name = "PLAINTEXT")]
    Plaintext,
}

#[derive(Clone, Copy, ValueEnum)]
enum Place {
    Header,
    Body,
    Query,
}

#[derive(Args)]
pub(crate) struct Asked {
    /// Where to get temporary credentials; needed without a --provider.
    #[arg(long, value_name = "URL")]
    request_token_endpoint: Option<String>,
    /// Where the server sends the user back to; without it, the user is shown a code.
    #[arg(long, value_name = "URI")]
    callback: Option<String>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Args)]
pub(crate) struct Authorize {
    #[command(flatten)]
    asked: Asked,
    /// Opens no browser: the first line is `{"authorization_url": …}`, for a browser of yours.
    #[arg(long)]
    no_browser: bool,
}

#[derive(Args)]
pub(crate) struct Redeemed {
    /// The result of request-token, as @FILE.
    #[arg(long, value_name = "@FILE")]
    pending: String,
    /// The URL that the browser was sent to.
    #[arg(long, value_name = "URL", conflicts_with = "verifier")]
    returned: Option<String>,
    /// The code that the user was shown.
    #[arg(long, value_name = "CODE", required_unless_present = "returned")]
    verifier: Option<String>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Args)]
pub(crate) struct Called {
    /// The credentials, as @FILE; without them, the client calls in its own name.
    #[arg(long, value_name = "@FILE")]
    credentials: Option<String>,
    #[command(flatten)]
    resource: Resource,
    #[command(flatten)]
    signing: Signing,
}

/// The longest line that is read from standard input, in bytes.
const LIMIT: u64 = 128 * 1024;

pub(crate) fn run(session: &mut Session<'_>, command: &Command) -> Result<(), Failure> {
    match command {
        Command::RequestToken(asked) => request_token(session, asked),
        Command::Authorize(options) => authorize(session, options),
        Command::AccessToken(options) => access_token(session, options),
        Command::Call(options) => call(session, options),
    }
}

fn request_token(session: &mut Session<'_>, asked: &Asked) -> Result<(), Failure> {
    let client = asked.client(session)?;
    let (url, pending) = session.run(Call::new(asked.request(session, &client)?))?;
    let mut line = Map::new();
    line.insert("authorization_url".to_owned(), json!(url.as_str()));
    line.insert("pending".to_owned(), stored(&pending)?);
    show::findings(&mut line, pending.findings());
    session.console.print(&Value::Object(line))
}

fn authorize(session: &mut Session<'_>, options: &Authorize) -> Result<(), Failure> {
    let client = options.asked.client(session)?;
    let (url, pending) = session.run(Call::new(options.asked.request(session, &client)?))?;
    if options.no_browser || !browser::open(url.as_str()) {
        let line = json!({ "authorization_url": url.as_str() });
        session.console.print(&line)?;
    }
    let mut brought = String::new();
    let input = &mut session.console.input;
    match input.take(LIMIT).read_line(&mut brought) {
        Ok(length) if length > 0 => {}
        _ => {
            let what = "neither a code nor a URL came on standard input";
            return Err(Failure::NoUser(what.to_owned()));
        }
    }
    let brought = brought.trim();
    let flow = match &options.asked.callback {
        Some(_) => client.resume(now(), pending, brought)?,
        None => client.resume_out_of_band(now(), pending, brought)?,
    };
    let credentials = session.run(flow)?;
    print(session, &credentials)
}

fn access_token(session: &mut Session<'_>, options: &Redeemed) -> Result<(), Failure> {
    let client = client(session, &options.signing, None)?;
    let pending: Pending = read(session, &options.pending, "pending")?;
    let flow = match (&options.returned, &options.verifier) {
        (Some(returned), _) => client.resume(now(), pending, returned)?,
        (None, verifier) => {
            let verifier = verifier.as_deref().unwrap_or_default();
            client.resume_out_of_band(now(), pending, verifier)?
        }
    };
    let credentials = session.run(flow)?;
    print(session, &credentials)
}

fn call(session: &mut Session<'_>, options: &Called) -> Result<(), Failure> {
    let client = client(session, &options.signing, None)?;
    let mut signed = SignedRequest::new(&client, options.resource.request()?);
    if let Some(text) = &options.credentials {
        let credentials: TokenCredentials = read(session, text, "credentials")?;
        signed = signed.token(&credentials)?;
    }
    let answer = session.run(Call::new(signed))?;
    call::print(session, &answer)
}

impl Asked {
    fn client(&self, session: &mut Session<'_>) -> Result<Client, Failure> {
        client(
            session,
            &self.signing,
            self.request_token_endpoint.as_deref(),
        )
    }

    fn request(
        &self,
        session: &Session<'_>,
        client: &Client,
    ) -> Result<TemporaryCredentialRequest, Failure> {
        let mut request = TemporaryCredentialRequest::new(client)?;
        if let Some(callback) = &self.callback {
            request = request.callback(callback)?;
        }
        for (name, value) in &session.request().parameters {
            request = request.parameter(name.clone(), value.as_str())?;
        }
        Ok(request)
    }
}

/// The client that the options describe.
fn client(
    session: &mut Session<'_>,
    signing: &Signing,
    request_token_endpoint: Option<&str>,
) -> Result<Client, Failure> {
    let mut metadata = session.metadata()?;
    if let Some(address) = request_token_endpoint {
        metadata = metadata.with_endpoint(Endpoint::TemporaryCredential, address)?;
    }
    let consumer_key = session.client_id()?.to_owned();
    let method = method(session, signing.signature_method)?;
    let client = Client::new(metadata, consumer_key, method)?;
    let mut client = client.with_quirks(session.known().quirks());
    client = client.with_placement(match signing.placement {
        Place::Header => Placement::Header,
        Place::Body => Placement::Body,
        Place::Query => Placement::Query,
    });
    if !signing.realm.is_empty() {
        client = client.with_realm(signing.realm.join(" "))?;
    }
    Ok(client)
}

fn method(session: &mut Session<'_>, method: Method) -> Result<SignatureMethod, Failure> {
    let by_secret: fn(_) -> SignatureMethod = match method {
        Method::HmacSha1 => SignatureMethod::hmac_sha1,
        Method::HmacSha256 => SignatureMethod::hmac_sha256,
        Method::HmacSha512 => SignatureMethod::hmac_sha512,
        Method::Plaintext => SignatureMethod::plaintext,
        Method::RsaSha1 => return Ok(SignatureMethod::rsa_sha1(key(session)?)),
        Method::RsaSha256 => return Ok(SignatureMethod::rsa_sha256(key(session)?)),
        Method::RsaSha512 => return Ok(SignatureMethod::rsa_sha512(key(session)?)),
    };
    let secret = session.client_secret()?;
    let secret = secret.ok_or_else(|| Failure::usage("the client secret is needed"))?;
    Ok(by_secret(secret))
}

fn key(session: &mut Session<'_>) -> Result<RsaKey, Failure> {
    let key = session.signing().private_key(&mut *session.console.input)?;
    let key = key.private_key().ok_or(CryptoError::Key("it is none"));
    let key = key.and_then(|key| crypto::default_provider().signing_key(key));
    key.map(RsaKey::local)
        .map_err(|error| Failure::usage(error.to_string()))
}

fn print(session: &mut Session<'_>, credentials: &TokenCredentials) -> Result<(), Failure> {
    let mut line = Map::new();
    line.insert("credentials".to_owned(), stored(credentials)?);
    show::findings(&mut line, credentials.findings());
    session.console.print(&Value::Object(line))
}

fn stored(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::usage(error.to_string()))
}

/// What an earlier command gave, by the name that it has in its result.
fn read<T: DeserializeOwned>(
    session: &mut Session<'_>,
    text: &str,
    member: &str,
) -> Result<T, Failure> {
    let mut line = given::object(text, &mut *session.console.input)?;
    let value = line.remove(member).unwrap_or(Value::Object(line));
    serde_json::from_value(value)
        .map_err(|error| Failure::usage(format!("no `{member}` of this tool: {error}")))
}

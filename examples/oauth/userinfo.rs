//! `userinfo`: who the user is.

use clap::Args;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::userinfo::UserinfoRequest;
use oauth_proto::flow::call::Call;
use serde_json::Value;
use serde_json::json;

use super::call::UNNAMED;
use super::call::presented;
use super::failure::Failure;
use super::given;
use super::session::Session;
use super::show;

#[derive(Args)]
pub(crate) struct Options {
    /// The access token, or @FILE, or @- for standard input.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    token: String,
    /// Asks by POST.
    #[arg(long)]
    post: bool,
    /// The subject that the answer must be about.
    #[arg(long, value_name = "SUB", allow_hyphen_values = true)]
    sub: Option<String>,
}

pub(crate) fn run(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let input = &mut *session.console.input;
    let token = given::token(&options.token, "access_token", input)?;
    let client = client(session)?;
    let tokens = presented(&client, token.expose())?;
    let mut request = UserinfoRequest::new(&client, &tokens)?;
    if options.post {
        request = request.post();
    }
    if let Some(sub) = &options.sub {
        request = request.known_sub(sub);
    }
    let userinfo = session.run(Call::new(request))?;
    let mut line = userinfo.members().to_value();
    line.insert("sub".to_owned(), json!(userinfo.sub()));
    show::findings(&mut line, userinfo.findings());
    session.console.print(&Value::Object(line))
}

/// A client that nothing is known of; or the one of the options, where its userinfo is a JWT: who signs
/// it, and for whom, is compared then.
fn client(session: &mut Session<'_>) -> Result<Client, Failure> {
    if session.answers().has_userinfo_in_jwt() {
        return session.client();
    }
    let named = session.metadata()?;
    // A bound token is good where the certificate is seen (RFC 8705 section 5).
    let alias = named.mtls_endpoint_alias(Endpoint::Userinfo);
    let address = match alias.filter(|_| session.shows_certificate()) {
        Some(alias) => alias.as_str(),
        None => named.endpoint(Endpoint::Userinfo)?.as_str(),
    };
    let metadata = Metadata::without_issuer(session.policy());
    let metadata = metadata.with_endpoint(Endpoint::Userinfo, address)?;
    let client = Client::new(metadata, UNNAMED, Authentication::None)?;
    (session.signing()).bind_again(client, &mut *session.console.input)
}

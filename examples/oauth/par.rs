//! `par`: a pushed authorization request.

use clap::Args;
use oauth_proto::flow::call::Call;
use oauth_proto::transport::now;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::asked::Asked;
use super::failure::Failure;
use super::session::Session;
use super::show;

#[derive(Args)]
pub(crate) struct Options {
    /// Where the server sends the user back to.
    #[arg(long, value_name = "URI")]
    redirect_uri: String,
    #[command(flatten)]
    asked: Asked,
}

pub(crate) fn run(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let client = session
        .client()?
        .with_redirect_uri(options.redirect_uri.as_str())?;
    let request = options.asked.request(session.request());
    let (pushed, pending) = client.pushed_authorization_request(now(), request)?;
    let request_uri = session.run(Call::new(pushed))?;
    let expires_at = request_uri.expires_at();
    let mut line = Map::from_iter([
        ("request_uri".to_owned(), json!(request_uri.as_str())),
        ("expires_at".to_owned(), json!(expires_at.as_secs())),
        (
            "expires_in".to_owned(),
            json!(expires_at.since(now()).as_secs()),
        ),
    ]);
    show::findings(&mut line, request_uri.findings());
    let (url, _pending) = request_uri.authorize(pending)?;
    line.insert("authorization_url".to_owned(), json!(url.as_str()));
    session.console.print(&Value::Object(line))
}

//! The token cache: `--store`, what keeps tokens there, and the command `token`.

use clap::Args;
use clap::Subcommand;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::dpop::DpopKey;
use oauth_proto::domain::token::Tokens;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::store::Store as _;
use oauth_proto::transport::now;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::place::Place;
use super::session::Session;
use super::show;

/// Where tokens are kept.
#[derive(Args)]
#[command(next_help_heading = "Token cache")]
pub(crate) struct Cache {
    /// What tokens are kept in: written by the commands that get some, read by call and token.
    ///
    /// A file, which on Unix is readable by its owner alone; or with the feature redis a Redis: rediss://,
    /// redis:// on this machine, redis+unix://. The tokens are there in clear.
    #[arg(long, global = true, value_name = "FILE|URL")]
    pub(crate) store: Option<String>,
    /// The name of the sign-in, for several with one client at one server [default: default].
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) grant: Option<String>,
}

impl Cache {
    /// The store, where one is named.
    pub(crate) fn open(&self) -> Result<Option<Place>, Failure> {
        self.store.as_deref().map(Place::named).transpose()
    }

    fn needed(&self) -> Result<Place, Failure> {
        self.open()?
            .ok_or_else(|| Failure::usage("--store is needed"))
    }

    /// The name of the client's tokens.
    pub(crate) fn key(&self, client: &Client) -> Key {
        let key = Key::new(client, self.grant.as_deref().unwrap_or("default"));
        match client.dpop_key().map(DpopKey::thumbprint) {
            Some(thumbprint) => key.sender_key(thumbprint),
            None => key,
        }
    }
}

/// The result of a command that got tokens: all of them, or with --store no secret, once they are kept.
pub(crate) fn keep(
    session: &mut Session<'_>,
    client: &Client,
    tokens: &Tokens,
) -> Result<Map<String, Value>, Failure> {
    let cache = session.cache();
    let Some(mut store) = cache.open()? else {
        return Ok(show::tokens(tokens));
    };
    let key = cache.key(client);
    if let Err(error) = store.sign_in(now(), &key, tokens.clone()) {
        // Nothing else has them.
        let line = Value::Object(show::tokens(tokens));
        session.console.print(&line)?;
        return Err(error);
    }
    let mut line = named(&key);
    line.append(&mut show::described(tokens));
    Ok(line)
}

#[derive(Subcommand)]
#[command(subcommand_value_name = "COMMAND")]
pub(crate) enum Command {
    /// Shows what is kept, in one line, without secrets.
    List,
    /// Shows one entry: the one that --issuer, --client-id and --grant leave.
    Show {
        /// Shows the tokens themselves.
        #[arg(long)]
        secrets: bool,
    },
    /// Forgets one entry: the one that --issuer, --client-id and --grant leave.
    ///
    /// The server keeps its grant: to end that, use the command revoke first.
    Forget,
}

pub(crate) fn run(session: &mut Session<'_>, command: &Command) -> Result<(), Failure> {
    let mut store = session.cache().needed()?;
    let line = match command {
        Command::List => {
            let mut entries = Vec::new();
            for key in store.keys()? {
                if let Some(record) = store.get(&key)? {
                    entries.push(Value::Object(listed(&key, &record)));
                }
            }
            json!({ "tokens": entries })
        }
        Command::Show { secrets } => {
            let key = chosen(session, &mut store)?;
            let record = store.get(&key)?;
            let record = record.ok_or_else(|| Failure::usage("the entry is gone"))?;
            let mut line = listed(&key, &record);
            if let Some(tokens) = record.tokens() {
                line.append(&mut match secrets {
                    true => show::tokens(tokens),
                    false => show::described(tokens),
                });
            }
            Value::Object(line)
        }
        Command::Forget => {
            let key = chosen(session, &mut store)?;
            store.forget(now(), &key)?;
            let mut line = named(&key);
            line.insert("forgotten".to_owned(), json!(true));
            Value::Object(line)
        }
    };
    session.console.print(&line)
}

/// The one entry that the options leave.
fn chosen(session: &Session<'_>, store: &mut Place) -> Result<Key, Failure> {
    let wanted = [
        ("issuer", session.issuer()),
        ("client_id", session.given_client_id()),
        ("grant", session.cache().grant.as_deref()),
    ];
    let is_wanted = |key: &Key| {
        let named = named(key);
        let is_it = |(name, wanted): &(&str, Option<&str>)| {
            wanted.is_none_or(|wanted| named.get(*name).is_some_and(|it| it == wanted))
        };
        wanted.iter().all(is_it)
    };
    let mut left: Vec<Key> = store.keys()?.into_iter().filter(is_wanted).collect();
    match (left.pop(), left.len()) {
        (Some(key), 0) => Ok(key),
        (None, _) => Err(Failure::usage("the store has no such entry")),
        (Some(_), others) => Err(Failure::usage(format!(
            "the store has {} such entries: say --issuer, --client-id or --grant",
            others + 1
        ))),
    }
}

fn listed(key: &Key, record: &Record) -> Map<String, Value> {
    let mut line = named(key);
    let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
    if let Some(tokens) = record.tokens() {
        put("scope", json!(tokens.scope().as_str()));
        put("renewable", json!(tokens.refresh_token().is_some()));
        put("expired", json!(tokens.has_expired(now())));
        if let Some(expires_at) = tokens.expires_at() {
            put("expires_at", json!(expires_at.as_secs()));
        }
    }
    if record.is_dead() {
        put("needs_sign_in", json!(true));
    }
    line
}

/// The parts of a key that have something in them.
fn named(key: &Key) -> Map<String, Value> {
    let parts: Vec<Value> = serde_json::from_str(key.as_str()).unwrap_or_default();
    let names = [
        "issuer",
        "client_id",
        "grant",
        "scope",
        "resource",
        "sender_key",
    ];
    let is_said = |value: &Value| *value != json!("") && *value != json!([]);
    let said = names.into_iter().zip(parts).filter(|(_, it)| is_said(it));
    said.map(|(name, value)| (name.to_owned(), value)).collect()
}

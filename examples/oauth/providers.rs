//! `providers`, --provider and --quirk: providers as they are, and what is tolerated of them.

use clap::Args;
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::provider::presets::Preset;
use oauth_proto::provider::presets::template::Addresses;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::arguments;
use super::arguments::Arguments;
use super::arguments::Method;
use super::arguments::pair;
use super::failure::Failure;
use super::session::Session;

/// What is known of the server.
#[derive(Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Known {
    /// A provider that this tool knows: its addresses, quirks, scope and way to authenticate.
    ///
    /// Each stands where its own option does not. The command providers tells of them.
    #[arg(long, global = true, value_name = "NAME", value_parser = preset)]
    provider: Option<&'static Preset>,
    /// What stands for a variable in the addresses of --provider, such as tenant=acme. May be given several
    /// times.
    #[arg(long = "set", global = true, value_name = "NAME=VALUE", value_parser = pair)]
    values: Vec<(String, String)>,
    /// A deviation of the server that is tolerated. May be given several times.
    #[arg(long = "quirk", global = true, value_name = "NAME",
        value_parser = PossibleValuesParser::new(Quirk::ALL.map(Quirk::name)))]
    quirks: Vec<String>,
}

fn preset(name: &str) -> Result<&'static Preset, &'static str> {
    Preset::named(name).ok_or("is none that this tool knows: see `oauth providers list`")
}

impl Known {
    /// What is tolerated.
    pub(crate) fn quirks(&self) -> Quirks {
        let own = self
            .provider
            .into_iter()
            .flat_map(|own| own.quirks().iter());
        let named = self.quirks.iter().filter_map(|name| Quirk::named(name));
        own.chain(named).collect()
    }

    fn fill(&self, preset: &Preset) -> Result<Addresses, Failure> {
        let values = self.values.iter();
        let values: Vec<_> = values
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let filled = preset.fill(&values);
        filled.map_err(|fault| Failure::usage(format!("--set: {fault}")))
    }
}

/// Puts what is known of --provider in the place of options that were left out.
pub(crate) fn adopt(arguments: &mut Arguments) -> Result<(), Failure> {
    let common = &mut arguments.common;
    if let arguments::Command::Providers { .. } = arguments.command {
        return Ok(());
    }
    let Some(preset) = common.known.provider else {
        return match common.known.values.first() {
            Some(_) => Err(Failure::usage("--set is for the addresses of a --provider")),
            None => Ok(()),
        };
    };
    let addresses = common.known.fill(preset)?;
    let server = &mut common.server;
    match addresses.issuer() {
        Some(issuer) => put(&mut server.issuer, issuer),
        None => {
            for (endpoint, address) in addresses.endpoints() {
                let option = match endpoint {
                    Endpoint::Authorization => &mut server.authorization_endpoint,
                    Endpoint::Token => &mut server.token_endpoint,
                    Endpoint::TemporaryCredential => &mut server.temporary_credential_endpoint,
                    Endpoint::DeviceAuthorization => &mut server.device_authorization_endpoint,
                    Endpoint::Revocation => &mut server.revocation_endpoint,
                    Endpoint::Introspection => &mut server.introspection_endpoint,
                    Endpoint::Userinfo => &mut server.userinfo_endpoint,
                    Endpoint::Registration => &mut server.registration_endpoint,
                    Endpoint::EndSession => &mut server.end_session_endpoint,
                    _ => continue,
                };
                put(option, address);
            }
        }
    }
    let request = &mut common.request;
    if request.scope.is_empty() {
        let scope = preset.scope();
        request.scope.extend(scope.iter().map(str::to_owned));
    }
    for (name, value) in addresses.parameters() {
        let parameters = &mut request.parameters;
        if !parameters.iter().any(|(own, _)| own == name) {
            parameters.push((name.to_owned(), value.to_owned()));
        }
    }
    let method = preset
        .methods()
        .first()
        .copied()
        .and_then(Method::of_secret);
    if common.client.auth.is_none() && common.client.secret.is_given() {
        common.client.auth = method;
    }
    Ok(())
}

fn put(option: &mut Option<String>, text: &str) {
    option.get_or_insert_with(|| text.to_owned());
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists the providers.
    List,
    /// Shows what is known of one.
    ///
    /// What stands in braces in its addresses is a variable, which --set fills in.
    Show {
        /// The provider's name.
        #[arg(value_parser = preset)]
        name: &'static Preset,
    },
}

pub(crate) fn run(session: &mut Session<'_>, command: &Command) -> Result<(), Failure> {
    let line = match command {
        Command::List => {
            let told = |own: &Preset| json!({ "name": own.name(), "title": own.title() });
            json!({ "providers": Preset::all().map(told).collect::<Vec<_>>() })
        }
        Command::Show { name } => Value::Object(show(session.known(), name)?),
    };
    session.console.print(&line)
}

fn show(known: &Known, preset: &Preset) -> Result<Map<String, Value>, Failure> {
    let addresses = if known.values.is_empty() {
        preset.unfilled()
    } else {
        known.fill(preset)?
    };
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| {
        let is_empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if !is_empty {
            line.insert(name.to_owned(), value);
        }
    };
    let version = if preset.is_oauth1() { "1.0a" } else { "2.0" };
    let endpoints = addresses.endpoints();
    let endpoints = endpoints.map(|(own, address)| (own.member().to_owned(), json!(address)));
    let parameters = addresses.parameters();
    let parameters = parameters.map(|(name, value)| (name.to_owned(), json!(value)));
    let variables = preset.variables().map(|(name, _)| name);
    let quirk =
        |own: Quirk| json!({ "name": own.name(), "link": own.link(), "weakens": own.weakens() });
    put("name", json!(preset.name()));
    put("title", json!(preset.title()));
    put("oauth", json!(version));
    put("issuer", json!(addresses.issuer()));
    put("variables", json!(variables.collect::<Vec<_>>()));
    put("endpoints", Value::Object(endpoints.collect()));
    put("profile", json!(addresses.profile()));
    put("user_id", json!(preset.user_id()));
    put("api", json!(addresses.api()));
    put("auth_methods", json!(preset.methods()));
    put("scope", json!(preset.scope().as_str()));
    put("parameters", Value::Object(parameters.collect()));
    put("quirks", preset.quirks().iter().map(quirk).collect());
    put("bound_tokens", json!(preset.is_bound().then_some(true)));
    put("remark", json!(preset.remark()));
    put("link", json!(preset.link()));
    put("checked", json!(preset.checked()));
    Ok(line)
}

//! `register`: the client introduces itself to a server, and manages what is registered of it.

use std::io::BufRead;

use clap::Args;
use oauth_proto::base::secret::Secret;
use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::client_metadata::ClientMetadata;
use oauth_proto::endpoint::client_metadata::Difference;
use oauth_proto::endpoint::management::RegistrationDeletion;
use oauth_proto::endpoint::management::RegistrationManagement;
use oauth_proto::endpoint::registration::ClientRegistration;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::flow::call::Call;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::failure::Failure;
use super::given;
use super::session::Session;
use super::show;

#[derive(Args)]
pub(crate) struct Options {
    /// Where the server may send users back to. May be given several times.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// What users are shown as the client's name.
    #[arg(long, value_name = "NAME")]
    client_name: Option<String>,
    /// A grant that the client will use, such as `refresh_token`. May be given several times.
    #[arg(long = "grant-type", value_name = "TYPE")]
    grant_types: Vec<String>,
    /// A response type that the client will use, such as `code`. May be given several times.
    #[arg(long = "response-type", value_name = "TYPE")]
    response_types: Vec<String>,
    /// The client metadata as a JSON object, or @FILE, or @- for standard input.
    ///
    /// What the other options say stands in place of its members.
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
    /// A signed statement about the software, ready made, or @FILE, or @- for standard input.
    #[arg(long, value_name = "JWT", conflicts_with = "managed")]
    software_statement: Option<String>,
    /// The token that the server wants before it registers a client, or @FILE, or @- for standard
    /// input.
    #[arg(
        long,
        value_name = "TOKEN",
        allow_hyphen_values = true,
        conflicts_with = "managed"
    )]
    initial_access_token: Option<String>,
    #[command(flatten)]
    managed: Managed,
}

/// What is done with a registration that there is already: one of these, or none.
#[derive(Args)]
#[group(id = "managed", multiple = false)]
struct Managed {
    /// Reads what is registered (RFC 7592 section 2.1).
    #[arg(long, value_name = "REGISTRATION")]
    read: Option<String>,
    /// Changes what is registered to what the options say (RFC 7592 section 2.2). The rest stays.
    #[arg(long, value_name = "REGISTRATION")]
    update: Option<String>,
    /// Ends the registration (RFC 7592 section 2.3).
    #[arg(long, value_name = "REGISTRATION")]
    delete: Option<String>,
}

pub(crate) fn run(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let managed = &options.managed;
    if managed.read.is_some() || managed.delete.is_some() {
        let metadata = options.metadata(ClientMetadata::default(), session)?;
        if !metadata.members().is_empty() {
            return Err(Failure::usage(
                "--read and --delete take no client metadata",
            ));
        }
    }
    if let Some(given) = &managed.read {
        let known = registration(given, session)?;
        read(session, &known)
    } else if let Some(given) = &managed.update {
        let known = registration(given, session)?;
        update(session, &known, options)
    } else if let Some(given) = &managed.delete {
        let known = registration(given, session)?;
        delete(session, &known)
    } else {
        register(session, options)
    }
}

fn register(session: &mut Session<'_>, options: &Options) -> Result<(), Failure> {
    let metadata = options.metadata(ClientMetadata::default(), session)?;
    let input = &mut *session.console.input;
    let statement = optional(&options.software_statement, "software_statement", input)?;
    let token = optional(&options.initial_access_token, "access_token", input)?;
    let mut request = ClientRegistration::new(&session.metadata()?, metadata)?;
    if let Some(statement) = statement {
        request = request.software_statement(statement);
    }
    if let Some(token) = token {
        request = request.initial_access_token(token);
    }
    let registration = session.run(Call::new(request))?;
    session.console.print(&told(&registration))
}

fn read(session: &mut Session<'_>, known: &Registration) -> Result<(), Failure> {
    let request = RegistrationManagement::read(&unnamed(session), known)?;
    let registration = session.run(Call::new(request))?;
    session.console.print(&told(&registration))
}

fn update(
    session: &mut Session<'_>,
    known: &Registration,
    options: &Options,
) -> Result<(), Failure> {
    let metadata = options.metadata(known.metadata().clone(), session)?;
    let request = RegistrationManagement::update(&unnamed(session), known, metadata)?;
    let registration = session.run(Call::new(request))?;
    session.console.print(&told(&registration))
}

fn delete(session: &mut Session<'_>, known: &Registration) -> Result<(), Failure> {
    let request = RegistrationDeletion::new(&unnamed(session), known)?;
    let findings = session.run(Call::new(request))?;
    let mut line = Map::from_iter([
        ("client_id".to_owned(), json!(known.client_id())),
        ("deleted".to_owned(), json!(true)),
    ]);
    show::findings(&mut line, &findings);
    session.console.print(&Value::Object(line))
}

/// Which server it is, and where its registrations are managed, says the registration.
fn unnamed(session: &Session<'_>) -> Metadata {
    Metadata::without_issuer(session.policy())
}

impl Options {
    /// `base`, with what the options say in place of its members.
    fn metadata(
        &self,
        mut base: ClientMetadata,
        session: &mut Session<'_>,
    ) -> Result<ClientMetadata, Failure> {
        if let Some(metadata) = &self.metadata {
            for (name, value) in given::object(metadata, &mut *session.console.input)? {
                base = base.with_member(name, value);
            }
        }
        let mut said = Map::new();
        for (name, list) in [
            ("redirect_uris", &self.redirect_uris),
            ("grant_types", &self.grant_types),
            ("response_types", &self.response_types),
        ] {
            if !list.is_empty() {
                said.insert(name.to_owned(), json!(list));
            }
        }
        let request = session.request();
        let scope = request.scope();
        for (name, text) in [
            ("client_name", self.client_name.as_deref()),
            ("scope", Some(scope.as_str()).filter(|it| !it.is_empty())),
            ("token_endpoint_auth_method", session.auth_method()),
        ] {
            if let Some(text) = text {
                said.insert(name.to_owned(), json!(text));
            }
        }
        let signing = session.signing();
        if signing.key.is_some() {
            let public = signing.private_key(&mut *session.console.input)?.public();
            said.insert("jwks".to_owned(), json!({ "keys": Vec::from_iter(public) }));
        }
        for (name, value) in &request.parameters {
            if said.insert(name.clone(), json!(value)).is_some() {
                return Err(Failure::usage(format!("`{name}` is given twice")));
            }
        }
        Ok(said.into_iter().fold(base, |metadata, (name, value)| {
            metadata.with_member(name, value)
        }))
    }
}

fn optional(
    text: &Option<String>,
    member: &str,
    input: &mut dyn BufRead,
) -> Result<Option<Secret>, Failure> {
    text.as_deref()
        .map(|text| given::token(text, member, input))
        .transpose()
}

/// Members of a registration response that are no client metadata (RFC 7591 §3.2.1, RFC 7592 §3).
const OF_THE_SERVER: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// What this tool adds to them.
const OF_THE_TOOL: [&str; 2] = ["differences", "findings"];

/// A registration from the result of this command, by way of its stored form.
fn registration(text: &str, session: &mut Session<'_>) -> Result<Registration, Failure> {
    let given = given::object(text, &mut *session.console.input)?;
    let mut metadata = Map::new();
    let mut stored = Map::from_iter([("v".to_owned(), json!(1))]);
    for (name, value) in given {
        if OF_THE_TOOL.contains(&name.as_str()) {
            continue;
        }
        // "or 0 if it will not expire" (RFC 7591 §3.2.1).
        if name == "client_secret_expires_at" && value == json!(0) {
            continue;
        }
        let is_metadata = !OF_THE_SERVER.contains(&name.as_str());
        let place = if is_metadata {
            &mut metadata
        } else {
            &mut stored
        };
        place.insert(name, value);
    }
    stored.insert("metadata".to_owned(), Value::Object(metadata));
    serde_json::from_value(Value::Object(stored))
        .map_err(|_| Failure::usage("the registration is no result of this command"))
}

/// A registration by the names of RFC 7591 §3.2.1 and RFC 7592 §3.
fn told(registration: &Registration) -> Value {
    let mut line = registration.metadata().members().clone();
    let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
    put("client_id", json!(registration.client_id()));
    if let Some(secret) = registration.client_secret() {
        put("client_secret", json!(secret.expose()));
        let expires_at = registration.client_secret_expires_at();
        let expires_at = expires_at.map_or(0, UnixTime::as_secs);
        put("client_secret_expires_at", json!(expires_at));
    }
    if let Some(issued_at) = registration.client_id_issued_at() {
        put("client_id_issued_at", json!(issued_at.as_secs()));
    }
    if let Some(token) = registration.registration_access_token() {
        put("registration_access_token", json!(token.expose()));
    }
    if let Some(address) = registration.registration_client_uri() {
        put("registration_client_uri", json!(address));
    }
    if !registration.differences().is_empty() {
        let differences = registration.differences().iter().map(differs);
        put("differences", differences.collect());
    }
    show::findings(&mut line, registration.findings());
    Value::Object(line)
}

fn differs(difference: &Difference) -> Value {
    json!({
        "member": difference.member,
        "asked": difference.asked,
        "registered": difference.registered,
    })
}

//! The command line: its commands, and the options that all of them share.

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use super::answers::Answers;
use super::cache;
use super::cache::Cache;
use super::call;
use super::code;
use super::exchange;
use super::given::ClientSecret;
use super::grants;
use super::jwk;
use super::logout_url;
use super::oauth1;
use super::par;
use super::polled;
use super::presented;
use super::providers;
use super::providers::Known;
use super::register;
use super::signing::Signing;
use super::userinfo;

#[derive(Parser)]
#[command(
    name = "oauth",
    version,
    about = "Gets, renews and uses OAuth 2.0 tokens.",
    long_about = ABOUT,
    after_long_help = AFTER,
    subcommand_required = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const ABOUT: &str = "\
Gets, renews and uses OAuth 2.0 tokens.

Each command speaks with one endpoint of an authorization server, or has the conversation that one \
grant consists of, and checks what the specifications say must be checked. The server is named by its \
issuer, whose metadata is then fetched, or endpoint by endpoint.";

const AFTER: &str = r#"Output:
  Standard output is JSON, one object a line, the result last. Everything else, such as the
  conversation that --verbose shows, is on standard error.

  A failure is a JSON line too. Its `failed` says which of the exit statuses it is, its `message`
  what happened, and its `remedy`, where there is one, what can be done:
    refused    error, error_description, error_uri, status, endpoint
    violation  check (the stable id of the rule), section, expected, received
    no_answer  tokens: where the server's keys are out of reach, what nobody is signed in by yet

Exit status:
  0  done
  1  refused by the server
  2  wrong usage
  3  the server broke a rule
  4  no answer: from the server, or from the user in time

Secrets:
  Everybody on the machine can read the arguments of a process. A client secret and a password can
  be given by --…-env or --…-file instead, and a token or an assertion as @FILE, or as @- to read it
  from standard input. Where the file is a result of this tool, the token is taken out of it.

Examples:
  Sign in with the system's browser, and call an API with what comes of it:
    oauth code --issuer https://id.example --client-id my-app --scope 'mail calendar' > tokens.json
    oauth call --token @tokens.json https://api.example/me

  Keep the tokens in a file, and have them renewed as they are used:
    oauth code --issuer https://id.example --client-id my-app --scope mail --store tokens.json
    oauth call --issuer https://id.example --client-id my-app --store tokens.json https://api.example/me
    oauth token list --store tokens.json

  Renew the tokens, with less scope:
    oauth refresh --issuer https://id.example --client-id my-app \
      --refresh-token @tokens.json --scope mail

  Sign in on a machine without a browser:
    oauth device --issuer https://id.example --client-id my-tv --scope mail

  Tokens for a service itself, its secret in the environment:
    oauth client-credentials --issuer https://id.example --client-id my-service \
      --client-secret-env SECRET --resource https://api.example/

  Make a key, tell the server its public half, and sign in with it and a signed request:
    oauth jwk generate --alg ES256 > key.json
    oauth jwk public --key key.json
    oauth code --issuer https://id.example --client-id my-app --scope mail \
      --auth private_key_jwt --key key.json --par --jar

  Register a client, and change its name later:
    oauth register --issuer https://id.example --redirect-uri https://app.example/callback \
      --client-name App > client.json
    oauth register --update @client.json --client-name 'The App' > changed.json

  A provider that this tool knows, and one that deviates:
    oauth code --provider github --client-id my-app --client-secret-env SECRET
    oauth code --issuer https://id.example --client-id my-app --quirk comma-scope

  A server that publishes no metadata:
    oauth refresh --token-endpoint https://id.example/token --client-id my-app --refresh-token @-"#;

#[derive(Subcommand)]
#[command(subcommand_value_name = "COMMAND")]
pub(crate) enum Command {
    /// Fetches what the server says of itself (RFC 8414, OpenID Connect Discovery 1.0).
    ///
    /// The result is the metadata document, after its issuer and its addresses have been checked.
    Discover,
    /// Signs a user in with a browser (RFC 6749 section 4.1, RFC 7636).
    ///
    /// Opens the system's browser and listens on a loopback address for its return. The result is the
    /// tokens.
    Code(code::Options),
    /// Gets tokens for the client itself (RFC 6749 section 4.4).
    ClientCredentials,
    /// Gets tokens for a user's name and password (RFC 6749 section 4.3). Legacy.
    ///
    /// "MUST NOT be used" (RFC 9700 section 2.4): whoever runs the client learns the password. It is for
    /// servers that offer nothing else.
    Password(grants::PasswordOptions),
    /// Renews tokens with a refresh token (RFC 6749 section 6).
    ///
    /// With --scope, for that part of the scope only. The result is the tokens, with the old refresh
    /// token where the server gave no other.
    Refresh(grants::RefreshOptions),
    /// Signs a user in on another device (RFC 8628).
    ///
    /// Prints a line with `user_code` and `verification_uri` for the user, and then waits. The result
    /// is the tokens.
    Device,
    /// Has the server ask a user who is elsewhere (CIBA Core 1.0, poll mode).
    ///
    /// Prints a line with `auth_req_id`, and then waits. The result is the tokens. One of the three
    /// hints is needed.
    Ciba(polled::CibaOptions),
    /// Exchanges a token for another one (RFC 8693).
    ///
    /// The result is the tokens, with `issued_token_type`. A kind of token is one of `access_token`,
    /// `refresh_token`, `id_token`, `saml1`, `saml2`, `jwt`, or a URI.
    Exchange(exchange::Options),
    /// Gets tokens for a JWT of another party (RFC 7523 section 2.1).
    JwtBearer(grants::JwtBearerOptions),
    /// Tells the server that a token is needed no more (RFC 7009).
    ///
    /// The result is `revoked`. A server that says no and not why leaves a token that must be assumed to
    /// work still: that is a refusal.
    Revoke(presented::Options),
    /// Asks the server what a token is good for (RFC 7662).
    ///
    /// The result is `active`, and of an active token what the server tells.
    Introspect(presented::Options),
    /// Asks who the user is (OpenID Connect Core 1.0 section 5.3).
    ///
    /// The result is the claims.
    Userinfo(userinfo::Options),
    /// Registers the client at the server, and manages the registration (RFC 7591, RFC 7592).
    ///
    /// The result is what is registered: `client_id`, `client_secret`, the client metadata, and in
    /// `differences` what the server registered otherwise than it was asked to. Each --param is a member
    /// that is text; --metadata has members of any kind. --auth is the method to register: left out, the
    /// server takes `client_secret_basic`.
    ///
    /// A registration that can be managed has `registration_client_uri` and `registration_access_token`.
    /// Keep such a result in a file, and give it to --read, --update or --delete as @FILE, or as @- on
    /// standard input; no server need be named then. Keep each result in place of the last: the server
    /// may have given another token and another secret, and the old ones end.
    Register(register::Options),
    /// Pushes an authorization request to the server (RFC 9126).
    ///
    /// The result is `request_uri`, how long it lives, and the `authorization_url` that refers to it. To
    /// sign in with a pushed request, use the command code with --par.
    Par(par::Options),
    /// Makes the address to send a user to who logs out (OpenID Connect RP-Initiated Logout 1.0).
    ///
    /// The result is `logout_url`, or with --form its `address` and `fields`, and the `state` that the
    /// user comes back with. The endpoint is asked for nothing.
    LogoutUrl(logout_url::Options),
    /// Makes and shows keys of the client (RFC 7517, RFC 7638).
    ///
    /// The result is a JWK, or `thumbprint`. No server is asked.
    Jwk {
        /// What to make or show.
        #[command(subcommand)]
        what: jwk::Command,
    },
    /// Speaks OAuth 1.0a (RFC 5849).
    ///
    /// --client-id is the consumer key, and the secret is given as everywhere. With --key the requests are
    /// signed by RSA. The results of authorize and access-token are credentials for call: keep them in a
    /// file.
    Oauth1 {
        /// What to do.
        #[command(subcommand)]
        what: oauth1::Command,
    },
    /// Tells of the providers that --provider knows. No server is asked.
    Providers {
        /// What to tell.
        #[command(subcommand)]
        what: providers::Command,
    },
    /// Shows and forgets what --store keeps.
    ///
    /// Keys are an issuer, a client and the name of a sign-in (--grant). No server is asked.
    Token {
        /// What to do.
        #[command(subcommand)]
        what: cache::Command,
    },
    /// Calls a protected resource with an access token (RFC 6750).
    ///
    /// With --store the token is taken from there, and renewed before it expires and where the resource
    /// refuses it; say --issuer and --client-id as at the sign-in.
    ///
    /// The result is the answer: `status`, `content_type` and `body`, or `body_base64` where it is not
    /// text. An answer of 400 or above is a refusal.
    Call(call::Options),
}

/// What every command takes.
#[derive(Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) client: Client,
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) answers: Answers,
    #[command(flatten)]
    pub(crate) request: Request,
    #[command(flatten)]
    pub(crate) cache: Cache,
    #[command(flatten)]
    pub(crate) wire: Wire,
}

/// Which server.
#[derive(Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Server {
    /// The issuer, whose metadata is fetched.
    ///
    /// An endpoint that is named by its own option is used in place of the one in the metadata.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// Where to send the user.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) authorization_endpoint: Option<String>,
    /// Where to get tokens.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) token_endpoint: Option<String>,
    /// Where to get temporary credentials (OAuth 1.0a), as the command oauth1 is told by an option of its own.
    #[arg(skip)]
    pub(crate) temporary_credential_endpoint: Option<String>,
    /// Where to start a sign-in on another device.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) device_authorization_endpoint: Option<String>,
    /// Where to have a user asked who is elsewhere.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) backchannel_authentication_endpoint: Option<String>,
    /// Where to push authorization requests.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) pushed_authorization_request_endpoint: Option<String>,
    /// Where to revoke tokens.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) revocation_endpoint: Option<String>,
    /// Where to ask what a token is good for.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) introspection_endpoint: Option<String>,
    /// Where to ask who the user is.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) userinfo_endpoint: Option<String>,
    /// Where to send a user who logs out.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) end_session_endpoint: Option<String>,
    /// Where to register clients.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) registration_endpoint: Option<String>,
}

/// As which client.
#[derive(Args)]
#[command(next_help_heading = "Client")]
pub(crate) struct Client {
    /// The client identifier.
    #[arg(long, global = true, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) client_id: Option<String>,
    #[command(flatten)]
    pub(crate) secret: ClientSecret,
    /// How the client authenticates [default: `client_secret_basic` with a secret, `private_key_jwt` with a key, else `none`].
    #[arg(long, global = true, value_name = "METHOD")]
    pub(crate) auth: Option<Method>,
}

/// A method of the registry of token endpoint authentication methods.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Method {
    /// A public client: no proof.
    None,
    /// The secret, by HTTP Basic.
    ClientSecretBasic,
    /// The secret, in the body.
    ClientSecretPost,
    /// An assertion under an HMAC of the secret.
    ClientSecretJwt,
    /// An assertion that --key signs.
    PrivateKeyJwt,
    /// --cert, of an authority that the server trusts.
    TlsClientAuth,
    /// --cert, which the server knows.
    SelfSignedTlsClientAuth,
}

impl Method {
    /// The method of this name, where it is one of a client secret.
    pub(crate) fn of_secret(name: &str) -> Option<Self> {
        let methods = [Self::ClientSecretBasic, Self::ClientSecretPost];
        methods.into_iter().find(|method| method.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }
}

/// What is asked for.
#[derive(Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct Request {
    /// The scope that is asked for: its tokens apart by spaces, or the option several times.
    #[arg(long, global = true, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// Where the token will be used, as an absolute URI (RFC 8707). May be given several times.
    #[arg(long, global = true, value_name = "URI")]
    pub(crate) resource: Vec<String>,
    /// A parameter that this tool has no option for. May be given several times.
    ///
    /// It goes along with the command's first request; it cannot replace a parameter of the protocol.
    #[arg(long = "param", global = true, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
}

/// How to speak with it.
#[derive(Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Wire {
    /// Trusts the certificate authorities in this PEM file too.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The client's certificate and what leads to its authority, in PEM (RFC 8705).
    #[arg(long, global = true, value_name = "FILE", requires = "cert_key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of --cert, in PEM, not encrypted.
    #[arg(long, global = true, value_name = "FILE", requires = "cert")]
    pub(crate) cert_key: Option<PathBuf>,
    /// Allows http, without TLS, for a server on a loopback address.
    ///
    /// No proxy is used then. Otherwise it is the one that `HTTPS_PROXY` and the like name.
    #[arg(long, global = true)]
    pub(crate) allow_http_loopback: bool,
    /// Shows the conversation on standard error, its secrets masked.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

pub(crate) fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("is not of the form NAME=VALUE"),
    }
}

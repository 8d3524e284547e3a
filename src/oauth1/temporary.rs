//! Temporary credentials (RFC 5849 §2.1), and the address that the user is sent to with them (§2.2).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::Response;

use crate::base::form::Form;
use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::base::version::Version;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Finding;
use crate::domain::quirks::Quirk;
use crate::domain::redirect_uri;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::Operation;
use crate::endpoint::authorization::AuthorizationUrl;
use crate::endpoint::draft::Draft;
use crate::endpoint::pending::LIFETIME;
use crate::endpoint::pending::LONGEST_LIFETIME;
use crate::flow::call::Call;
use crate::oauth1::answer;
use crate::oauth1::client::Client;
use crate::oauth1::pending::Pending;
use crate::oauth1::signed::SignedRequest;

const HERE: Endpoint = Endpoint::TemporaryCredential;

impl Client {
    /// Begins to ask a user for authorization: a flow that ends with the URL to send the user to, and what to
    /// keep until the user comes back.
    ///
    /// For more than this, build a [`TemporaryCredentialRequest`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where one of the two endpoints is missing.
    pub fn authorize(&self) -> Result<Call<TemporaryCredentialRequest>, Error> {
        TemporaryCredentialRequest::new(self).map(Call::new)
    }
}

/// A request for temporary credentials.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// # use oauth_proto::oauth1::client::Client;
/// # use oauth_proto::oauth1::method::SignatureMethod;
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
///
/// # let server = Metadata::without_issuer(UriPolicy::default())
/// #     .with_endpoint(Endpoint::TemporaryCredential, "https://photos.example.net/initiate")?
/// #     .with_endpoint(Endpoint::Authorization, "https://photos.example.net/authorize")?
/// #     .with_endpoint(Endpoint::Token, "https://photos.example.net/token")?;
/// # let client = Client::new(server, "dpf43f3p2l4k3l03", SignatureMethod::plaintext("kd94hf93k423kf44"))?
/// #     .with_callback("https://printer.example.com/ready")?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let asked = TemporaryCredentialRequest::new(&client)?.realms(["Photos"])?;
/// let request = asked.request(now)?.into_request()?;
/// assert_eq!(request.uri(), "https://photos.example.net/initiate");
///
/// let body = "oauth_token=hh5s93j4hdidpola&oauth_token_secret=hdhd0244k9j7ao03\
///             &oauth_callback_confirmed=true";
/// let (url, pending) = asked.response(now, &http::Response::new(body.into()))?;
/// assert_eq!(url.as_str(), "https://photos.example.net/authorize?oauth_token=hh5s93j4hdidpola");
/// assert_eq!(pending.token(), "hh5s93j4hdidpola");
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct TemporaryCredentialRequest {
    client: Client,
    callback: Option<Cow<'static, str>>,
    signed: SignedRequest,
    /// For the address that the user is sent to.
    shown: Vec<(String, String)>,
    lifetime: Duration,
}

/// "the parameter value MUST be set to "oob" (case sensitive)" (RFC 5849 §2.1).
const OUT_OF_BAND: &str = "oob";

impl TemporaryCredentialRequest {
    /// Asks with the client's callback; without one, the user brings the verification code.
    ///
    /// # Errors
    ///
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server has no
    /// endpoint for temporary credentials, or none to send the user to.
    pub fn new(client: &Client) -> Result<Self, Error> {
        client.metadata().endpoint(Endpoint::Authorization)?;
        Ok(Self {
            signed: SignedRequest::post(client, HERE)?,
            callback: None,
            shown: Vec::new(),
            lifetime: LIFETIME,
            client: client.clone(),
        })
    }

    /// Another callback than the client's.
    ///
    /// # Errors
    ///
    /// [`Misuse::RedirectUri`].
    pub fn callback(mut self, callback: impl Into<String>) -> Result<Self, Error> {
        let callback = callback.into();
        redirect_uri::check(&callback)?;
        self.callback = Some(Cow::Owned(callback));
        Ok(self)
    }

    /// No callback: the server shows the verification code to the user, who brings it, or it knows the
    /// address "via other means" (RFC 5849 §2.1).
    pub fn out_of_band(mut self) -> Self {
        self.callback = Some(Cow::Borrowed(OUT_OF_BAND));
        self
    }

    /// What access is asked for, at servers that have it in the `realm` of the `Authorization` header,
    /// separated by spaces.
    ///
    /// # Errors
    ///
    /// [`Misuse::Parameter`] where one holds a control character.
    pub fn realms<'r>(mut self, realms: impl IntoIterator<Item = &'r str>) -> Result<Self, Error> {
        let realms: Vec<&str> = realms.into_iter().collect();
        self.signed = self.signed.realm(realms.join(" "))?;
        Ok(self)
    }

    /// An additional parameter: "Servers MAY specify additional parameters" (RFC 5849 §2.1). One whose name
    /// begins with `oauth_` stands with the protocol parameters, any other in the form that is sent.
    ///
    /// # Errors
    ///
    /// [`Misuse::ProtocolParameter`] where it is one that is set here.
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Secret>,
    ) -> Result<Self, Error> {
        let name = name.into();
        if name == "oauth_callback" {
            return Err(Misuse::ProtocolParameter(name.into_owned()).into());
        }
        self.signed = self.signed.additional(name, value.into())?;
        Ok(self)
    }

    /// An additional parameter of the address that the user is sent to (RFC 5849 §2.2).
    ///
    /// # Errors
    ///
    /// [`Misuse::ProtocolParameter`] where it is `oauth_token`.
    pub fn authorization_parameter(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, Error> {
        let name = name.into();
        if name == "oauth_token" {
            return Err(Misuse::ProtocolParameter(name).into());
        }
        self.shown.push((name, value.into()));
        Ok(self)
    }

    /// How long the user may take, between a second and a day. The default is 15 minutes.
    ///
    /// # Errors
    ///
    /// [`Misuse::Lifetime`].
    pub fn lifetime(mut self, lifetime: Duration) -> Result<Self, Error> {
        if lifetime < Duration::from_secs(1) || lifetime > LONGEST_LIFETIME {
            return Err(Misuse::Lifetime(lifetime).into());
        }
        self.lifetime = lifetime;
        Ok(self)
    }

    fn url(&self, token: &Secret) -> Result<AuthorizationUrl, Error> {
        let address = self.client.metadata().endpoint(Endpoint::Authorization)?;
        let mut form = Form::onto_address(address.as_str(), 64 + 3 * token.len());
        form.push("oauth_token", token.expose());
        for (name, value) in &self.shown {
            form.push_any(name, value);
        }
        Ok(AuthorizationUrl::of(form))
    }

    /// "MUST be present and set to "true"" (RFC 5849 §2.1).
    fn check_confirmed(
        &self,
        confirmed: Option<&str>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Violation> {
        let quirk = match confirmed {
            Some("true") => return Ok(()),
            Some(odd) if odd.eq_ignore_ascii_case("true") => Quirk::CallbackConfirmedCase,
            _ => Quirk::CallbackUnconfirmed,
        };
        if self.client.quirks().has(quirk) {
            findings.push(Finding::Quirk(quirk));
            return Ok(());
        }
        let violation = Violation::new(Check::OAuth1CallbackConfirmed).expected("true");
        Err(match confirmed {
            Some(other) => violation.received(other),
            None => violation.received_nothing(),
        })
    }
}

impl Operation for TemporaryCredentialRequest {
    type Output = (AuthorizationUrl, Pending);

    fn request(&self, now: UnixTime) -> Result<Draft, Error> {
        let own = self.callback.as_deref().or_else(|| self.client.callback());
        let callback = Secret::from(own.unwrap_or(OUT_OF_BAND));
        let signed = self.signed.clone();
        signed
            .with_parameter(Cow::Borrowed("oauth_callback"), callback)
            .sign(now)
    }

    fn response(
        &self,
        now: UnixTime,
        response: &Response<Vec<u8>>,
    ) -> Result<(AuthorizationUrl, Pending), Error> {
        let mut read = answer::read(HERE, self.client.quirks(), response)
            .map_err(|error| error.hiding(self.signed.secrets()))?;
        self.check_confirmed(read.confirmed.as_deref(), &mut read.findings)?;
        let url = self.url(&read.token)?;
        let pending = Pending {
            v: Version,
            server: self.client.server().clone(),
            consumer_key: self.client.shared_consumer_key(),
            token: read.token,
            secret: read.secret,
            expires_at: now.saturating_add(self.lifetime),
            findings: read.findings,
        };
        Ok((url, pending))
    }
}

impl fmt::Debug for TemporaryCredentialRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryCredentialRequest")
            .field("callback", &self.callback)
            .field("signed", &self.signed)
            .finish_non_exhaustive()
    }
}

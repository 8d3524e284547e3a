//! Client authentication at the token endpoint and its like: RFC 6749 §2.3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::endpoint::asserted;
use crate::incoming::Incoming;
use crate::parameters::Parameters;
use crate::parameters::decode;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::AuthMethod;
use crate::settings::ClientRecord;

/// The name in the TLS certificate that was shown with a request, among the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate(pub String);

/// What a client says of itself.
struct Credentials {
    id: String,
    secret: Option<String>,
    method: AuthMethod,
}

/// The client of a request, authenticated by the one method it is registered with.
pub(crate) fn client(
    provider: &mut Provider,
    incoming: &Incoming<'_>,
    form: &Parameters,
) -> Result<ClientRecord, Refusal> {
    if let Some(assertion) = form.value("client_assertion")
        && incoming.header("authorization")?.is_none()
    {
        return asserted::by_assertion(provider, incoming.now, form, assertion);
    }
    if let Some(attestation) = incoming.header("oauth-client-attestation")? {
        return asserted::by_attestation(provider, incoming, form, attestation);
    }
    if let Some(client) = by_certificate(provider, incoming, form)? {
        return Ok(client);
    }
    let header = incoming.header("authorization")?;
    let challenged = |refusal: Refusal| {
        // RFC 6749 §5.2: "MUST respond with an HTTP 401 status code and include the
        // "WWW-Authenticate" response header field matching the authentication scheme"
        let realm = format!("Basic realm=\"{}\"", provider.issuer());
        match (refusal.error, header) {
            (Some("invalid_client"), Some(_)) => refusal.header("www-authenticate", realm),
            _ => refusal,
        }
    };
    credentials(header, form)
        .and_then(|credentials| verify(provider, &credentials))
        .map_err(challenged)
}

fn credentials(header: Option<&str>, form: &Parameters) -> Result<Credentials, Refusal> {
    let secret = form.value("client_secret").map(ToOwned::to_owned);
    if let Some(header) = header {
        // RFC 6749 §2.3: the client "MUST NOT use more than one authentication method"
        for name in ["client_id", "client_secret", "client_assertion"] {
            if form.value(name).is_some() {
                let fault = format!("{name} in the body beside the Authorization header");
                return Err(Refusal::request(fault));
            }
        }
        return basic(header);
    }
    let Some(id) = form.value("client_id").map(ToOwned::to_owned) else {
        let refusal = Refusal::careless("invalid_client", "no client authentication");
        return Err(refusal.status(401));
    };
    let method = match secret {
        Some(_) => AuthMethod::ClientSecretPost,
        None => AuthMethod::None,
    };
    Ok(Credentials { id, secret, method })
}

/// RFC 6749 §2.3.1: identifier and password each form-encoded, then HTTP Basic (RFC 7617 §2).
fn basic(header: &str) -> Result<Credentials, Refusal> {
    let fault = |what: &str| Refusal::careless("invalid_client", what).status(401);
    let (scheme, text) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(fault("the Authorization scheme is not Basic"));
    }
    let bytes = STANDARD.decode(text);
    let bytes = bytes.map_err(|_| fault("Basic credentials are not base64"))?;
    let pair = String::from_utf8(bytes);
    let pair = pair.map_err(|_| fault("Basic credentials are not UTF-8"))?;
    let halves = pair.split_once(':');
    let (id, secret) = halves.ok_or_else(|| fault("Basic credentials without a colon"))?;
    let half = |half: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~*+%".contains(&byte);
        match decode(half) {
            Ok(text) if half.bytes().all(plain) => Ok(text),
            _ => Err(fault("Basic credentials are not form-encoded")),
        }
    };
    Ok(Credentials {
        id: half(id)?,
        secret: Some(half(secret)?),
        method: AuthMethod::ClientSecretBasic,
    })
}

/// The client that is registered to show a certificate (RFC 8705 §2): "the client MUST include the
/// `client_id` parameter".
fn by_certificate(
    provider: &Provider,
    incoming: &Incoming<'_>,
    form: &Parameters,
) -> Result<Option<ClientRecord>, Refusal> {
    let client = form
        .value("client_id")
        .and_then(|id| provider.clients.get(id));
    let methods = [
        AuthMethod::TlsClientAuth,
        AuthMethod::SelfSignedTlsClientAuth,
    ];
    let Some(client) = client.filter(|client| methods.contains(&client.auth_method)) else {
        return Ok(None);
    };
    let shown = incoming.request.extensions().get::<Certificate>();
    if shown.map(|shown| &shown.0) != client.certificate.as_ref() {
        let fault = "another certificate than the client's, or none";
        return Err(Refusal::careless("invalid_client", fault).status(401));
    }
    Ok(Some(client.clone()))
}

fn verify(provider: &Provider, credentials: &Credentials) -> Result<ClientRecord, Refusal> {
    let client = asserted::known(provider, &credentials.id)?;
    if client.auth_method != credentials.method {
        return Err(asserted::unexpected(
            credentials.method.name(),
            client.auth_method,
        ));
    }
    if client.secret != credentials.secret {
        let fault = "the client secret is wrong";
        return Err(Refusal::no("invalid_client", fault).status(401));
    }
    Ok(client)
}

//! What every good conversation leaves in the wire log.

use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;

/// No complaint; no secret in any URL; credentials only where they belong; every form announced.
pub(crate) fn assert_clean(provider: &Provider) {
    assert_eq!(provider.complaints(), [""; 0], "{}", provider.log());
    let secrets = secrets(provider);
    for exchange in provider.log().exchanges() {
        let url = exchange.request.uri().to_string();
        let leak = secrets.iter().find(|secret| url.contains(secret.as_str()));
        assert_eq!(leak, None, "a secret in a URL:\n{exchange}");
        let scheme = exchange
            .header("authorization")
            .and_then(|value| value.split(' ').next());
        match exchange.endpoint {
            Endpoint::Token => {
                assert!(matches!(scheme, None | Some("Basic")), "{exchange}");
                assert_eq!(exchange.request.method(), "POST");
                assert_eq!(exchange.request.uri().query(), None);
                assert_eq!(exchange.header("accept"), Some("application/json"));
                let form = exchange.header("content-type");
                assert_eq!(form, Some("application/x-www-form-urlencoded"));
            }
            Endpoint::Api => assert_eq!(scheme, Some("Bearer"), "{exchange}"),
            _ => assert_eq!(scheme, None, "{exchange}"),
        }
    }
}

/// Everything in the log that may stand in a body or a header and never in a URL.
fn secrets(provider: &Provider) -> Vec<String> {
    let mut secrets = Vec::new();
    for exchange in provider.log().with(Endpoint::Token) {
        for name in ["access_token", "refresh_token"] {
            secrets.extend(exchange.json()[name].as_str().map(ToOwned::to_owned));
        }
        for name in ["code_verifier", "client_secret", "refresh_token"] {
            secrets.extend(exchange.form().value(name).map(ToOwned::to_owned));
        }
    }
    secrets
}

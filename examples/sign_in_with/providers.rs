//! Three providers on loopback sockets, and the records that the application has of them.

use std::error::Error;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::provider::record::Provider;
use oauth_proto_world as world;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Server;
use serde_json::json;

use crate::jose::JOSE;

/// The servers, whose users are asked on a page if `asks`, and the records, for an application at `origin`.
pub(crate) fn start(
    origin: &str,
    asks: bool,
) -> Result<(Vec<Server>, Vec<Provider>), Box<dyn Error>> {
    let policy = UriPolicy::danger_http_on_loopback();
    let photos = Server::start(|issuer| {
        let mut provider = world::Provider::new(issuer);
        provider.settings.interactive = asks;
        provider
    })?;
    let at = |path: &str| format!("{}{path}", photos.issuer());
    let of_photos = Provider::new("photos", "dpf43f3p2l4k3l03")?
        .with_secret("kd94hf93k423kf44")
        .with_request_token_url(at("/oauth1/initiate"))
        .with_authorization_url(at("/oauth1/authorize"))
        .with_token_url(at("/oauth1/token"))
        .with_profile_url(at("/oauth1/api/me"))
        .with_api_url(at("/oauth1/api/me"))
        .with_id("user_id")
        .with_uri_policy(policy);

    let mail = Server::start(|issuer| {
        let client = ClientRecord::basic("web", "s3cret")
            .redirect(&format!("{origin}/callback/mail"))
            .scope("mail");
        let mut provider = world::Provider::new(issuer).with(client);
        provider.settings.interactive = asks;
        provider.settings.user.sub = "ada-7".to_owned();
        provider
    })?;
    let at = |path: &str| format!("{}{path}", mail.issuer());
    let of_mail = Provider::new("mail", "web")?
        .with_secret("s3cret")
        .with_authorization_url(at("/authorize"))
        .with_token_url(at("/token"))
        .with_profile_url(at("/api/me"))
        .with_api_url(at("/api/me"))
        .with_scope("mail")
        .with_id("sub")
        .with_uri_policy(policy);

    let work = Server::start(|issuer| {
        let client = ClientRecord::public("web")
            .redirect(&format!("{origin}/callback/work"))
            .scope("openid mail");
        let mut provider = world::Provider::new(issuer).with(client);
        provider.settings.interactive = asks;
        provider.settings.user.sub = "83692".to_owned();
        provider.jose = Some(JOSE);
        // The key of RFC 8037 appendix A.1.
        provider.settings.identity.keys = vec![json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "2027",
            "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })];
        provider
    })?;
    let of_work = Provider::new("work", "web")?
        .with_issuer(work.issuer())
        .with_api_url(format!("{}/api/me", work.issuer()))
        .with_scope("openid mail")
        .with_uri_policy(policy);
    Ok((vec![photos, mail, work], vec![of_photos, of_mail, of_work]))
}

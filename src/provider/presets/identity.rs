//! Presets of identity providers: those that sign users in for others.

use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Quirk;
use crate::provider::presets::Preset;
use crate::provider::presets::template::Variable;

const AUTH0: (&str, Variable) = (
    "tenant",
    Variable::Tenant {
        suffix: ".auth0.com",
        regions: &[".eu", ".us", ".au", ".jp"],
    },
);

pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: "google",
        title: "Google",
        issuer: Some("https://accounts.google.com"),
        profile: Some("https://openidconnect.googleapis.com/v1/userinfo"),
        user_id: "sub",
        methods: &["client_secret_post", "client_secret_basic"],
        scope: &["openid", "email", "profile"],
        parameters: &[("access_type", "offline")],
        quirks: &[Quirk::VerificationUrl],
        remark: "A refresh token comes with access_type=offline, and only the first time unless \
                 prompt=consent is asked for.",
        link: "https://developers.google.com/identity/openid-connect/openid-connect",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "microsoft",
        title: "Microsoft Entra ID",
        issuer: Some("https://login.microsoftonline.com/{tenant}/v2.0"),
        tenant_issuer: Some("https://login.microsoftonline.com/{tenantid}/v2.0"),
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
            ),
            (
                Endpoint::Token,
                "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
            ),
            (
                Endpoint::DeviceAuthorization,
                "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
            ),
            (
                Endpoint::EndSession,
                "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/logout",
            ),
            (
                Endpoint::Jwks,
                "https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys",
            ),
            (
                Endpoint::Userinfo,
                "https://graph.microsoft.com/oidc/userinfo",
            ),
        ],
        profile: Some("https://graph.microsoft.com/oidc/userinfo"),
        user_id: "sub",
        variables: &[("tenant", Variable::Segment)],
        methods: &["client_secret_post", "private_key_jwt"],
        scope: &["openid", "profile", "email"],
        remark: "The tenant is a directory's identifier, or one of common, organizations and consumers: \
                 with these three the issuer differs from user to user, and the application says which \
                 tenants it lets in.",
        link: "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "apple",
        title: "Apple",
        issuer: Some("https://appleid.apple.com"),
        user_id: "sub",
        scope: &["openid", "name", "email"],
        parameters: &[("response_mode", "form_post")],
        remark: "The client secret is a JWT under ES256 that the application makes with its key, for six \
                 months at most. The user's name comes once, beside the code. There is no profile.",
        link: "https://developer.apple.com/documentation/signinwithapplerestapi",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "gitlab",
        title: "GitLab",
        issuer: Some("https://gitlab.com"),
        profile: Some("https://gitlab.com/oauth/userinfo"),
        user_id: "sub",
        methods: &["client_secret_basic", "client_secret_post", "none"],
        scope: &["openid", "profile", "email"],
        remark: "An instance of one's own is an issuer of its own.",
        link: "https://docs.gitlab.com/integration/openid_connect_provider/",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "okta",
        title: "Okta",
        issuer: Some("https://{domain}"),
        variables: &[("domain", Variable::Host)],
        user_id: "sub",
        methods: &[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        scope: &["openid", "profile", "email", "offline_access"],
        remark: "The authorization server of the organisation. Its access tokens are for Okta's own API.",
        link: "https://developer.okta.com/docs/concepts/auth-servers/",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "okta-custom",
        title: "Okta, a custom authorization server",
        issuer: Some("https://{domain}/oauth2/{server}"),
        variables: &[("domain", Variable::Host), ("server", Variable::Segment)],
        user_id: "sub",
        methods: &[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        scope: &["openid", "profile", "email", "offline_access"],
        remark: "The first custom server that Okta makes is called default.",
        link: "https://developer.okta.com/docs/concepts/auth-servers/",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "auth0",
        title: "Auth0",
        issuer: Some("https://{tenant}/"),
        endpoints: &[
            (Endpoint::Authorization, "https://{tenant}/authorize"),
            (Endpoint::Token, "https://{tenant}/oauth/token"),
            (
                Endpoint::DeviceAuthorization,
                "https://{tenant}/oauth/device/code",
            ),
            (Endpoint::Revocation, "https://{tenant}/oauth/revoke"),
            (Endpoint::Userinfo, "https://{tenant}/userinfo"),
            (Endpoint::Jwks, "https://{tenant}/.well-known/jwks.json"),
        ],
        profile: Some("https://{tenant}/userinfo"),
        user_id: "sub",
        variables: &[AUTH0],
        methods: &[
            "client_secret_post",
            "client_secret_basic",
            "private_key_jwt",
            "none",
        ],
        scope: &["openid", "profile", "email"],
        remark: "The issuer ends with a slash. A short tenant such as acme or acme.eu is at auth0.com.",
        link: "https://auth0.com/docs/api/authentication",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "auth0-management",
        title: "Auth0 Management API",
        issuer: Some("https://{tenant}/"),
        endpoints: &[(Endpoint::Token, "https://{tenant}/oauth/token")],
        api: Some("https://{tenant}/api/v2/"),
        variables: &[AUTH0],
        methods: &[
            "client_secret_post",
            "client_secret_basic",
            "private_key_jwt",
        ],
        parameters: &[("audience", "https://{tenant}/api/v2/")],
        remark: "For tokens of the client itself (client_credentials). The audience has the tenant's own \
                 host, no custom one.",
        link: "https://auth0.com/docs/api/management/v2",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "ping",
        title: "PingFederate",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://{domain}/as/authorization.oauth2",
            ),
            (Endpoint::Token, "https://{domain}/as/token.oauth2"),
            (
                Endpoint::DeviceAuthorization,
                "https://{domain}/as/device_authz.oauth2",
            ),
            (
                Endpoint::Revocation,
                "https://{domain}/as/revoke_token.oauth2",
            ),
            (
                Endpoint::Introspection,
                "https://{domain}/as/introspect.oauth2",
            ),
            (Endpoint::Registration, "https://{domain}/as/clients.oauth2"),
            (Endpoint::Jwks, "https://{domain}/pf/JWKS"),
            (Endpoint::Userinfo, "https://{domain}/idp/userinfo.openid"),
            (Endpoint::EndSession, "https://{domain}/idp/startSLO.ping"),
        ],
        profile: Some("https://{domain}/idp/userinfo.openid"),
        user_id: "sub",
        variables: &[("domain", Variable::Host)],
        methods: &[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        scope: &["profile", "email"],
        remark: "The issuer is what the server was configured with: name it, to sign in with openid.",
        link: "https://docs.pingidentity.com/pingfederate/latest/developers_reference_guide/",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "keycloak",
        title: "Keycloak",
        issuer: Some("https://{host}/realms/{realm}"),
        variables: &[("host", Variable::Host), ("realm", Variable::Segment)],
        user_id: "sub",
        methods: &[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        scope: &["openid", "profile", "email"],
        remark: "Before version 17 the path began with /auth.",
        link: "https://www.keycloak.org/securing-apps/oidc-layers",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "cognito",
        title: "Amazon Cognito",
        issuer: Some("https://cognito-idp.{region}.amazonaws.com/{pool}"),
        variables: &[("region", Variable::Label), ("pool", Variable::Segment)],
        user_id: "sub",
        methods: &["client_secret_basic", "none"],
        scope: &["openid", "profile", "email"],
        remark: "The pool is its identifier, such as eu-west-1_AbCdEf123. Its other endpoints are at the \
                 domain of the pool, which the metadata name.",
        link: "https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "yahoo",
        title: "Yahoo",
        issuer: Some("https://api.login.yahoo.com"),
        profile: Some("https://api.login.yahoo.com/openid/v1/userinfo"),
        user_id: "sub",
        methods: &["client_secret_basic", "client_secret_post"],
        scope: &["openid", "profile", "email"],
        link: "https://developer.yahoo.com/sign-in-with-yahoo/",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "bluesky",
        title: "Bluesky (AT Protocol)",
        issuer: Some("https://bsky.social"),
        user_id: "sub",
        methods: &["none", "private_key_jwt"],
        scope: &["atproto"],
        is_bound: true,
        remark: "The client identifier is the address of its metadata document; requests are pushed, and \
                 tokens bound. The user is the DID in the member sub of the tokens, which is to be \
                 resolved to this server. Users of other servers have other issuers.",
        link: "https://atproto.com/specs/oauth",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
];

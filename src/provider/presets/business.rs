//! Presets of shops, payments, customers and letters.

use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Quirk;
use crate::provider::presets::Preset;
use crate::provider::presets::template::Variable;

pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: "amazon",
        title: "Login with Amazon",
        endpoints: &[
            (Endpoint::Authorization, "https://www.amazon.com/ap/oa"),
            (Endpoint::Token, "https://api.amazon.com/auth/o2/token"),
        ],
        profile: Some("https://api.amazon.com/user/profile"),
        user_id: "user_id",
        methods: &["client_secret_post", "client_secret_basic"],
        scope: &["profile"],
        link: "https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "salesforce",
        title: "Salesforce",
        issuer: Some("https://{host}"),
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://{host}/services/oauth2/authorize",
            ),
            (Endpoint::Token, "https://{host}/services/oauth2/token"),
            (
                Endpoint::Revocation,
                "https://{host}/services/oauth2/revoke",
            ),
            (
                Endpoint::Introspection,
                "https://{host}/services/oauth2/introspect",
            ),
            (
                Endpoint::Userinfo,
                "https://{host}/services/oauth2/userinfo",
            ),
            (Endpoint::Jwks, "https://{host}/id/keys"),
        ],
        profile: Some("https://{host}/services/oauth2/userinfo"),
        user_id: "user_id",
        variables: &[("host", Variable::Host)],
        methods: &[
            "client_secret_post",
            "client_secret_basic",
            "private_key_jwt",
        ],
        scope: &["openid", "profile", "email"],
        remark: "The host is login.salesforce.com, or an organisation's own. The token response names the \
                 API in instance_url, and no lifetime.",
        link: "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "stripe",
        title: "Stripe Connect",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://connect.stripe.com/oauth/authorize",
            ),
            (Endpoint::Token, "https://connect.stripe.com/oauth/token"),
        ],
        profile: Some("https://api.stripe.com/v1/account"),
        scope: &["read_write"],
        remark: "The client secret is a secret key of the API. The connected account is stripe_user_id in \
                 the token response.",
        link: "https://docs.stripe.com/connect/oauth-reference",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "mailchimp",
        title: "Mailchimp",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://login.mailchimp.com/oauth2/authorize",
            ),
            (Endpoint::Token, "https://login.mailchimp.com/oauth2/token"),
        ],
        profile: Some("https://login.mailchimp.com/oauth2/metadata"),
        user_id: "user_id",
        quirks: &[Quirk::ZeroExpiresIn, Quirk::OauthScheme],
        remark: "There are no scopes. The profile names the API of the account in api_endpoint.",
        link: "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "ebay",
        title: "eBay",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://auth.ebay.com/oauth2/authorize",
            ),
            (
                Endpoint::Token,
                "https://api.ebay.com/identity/v1/oauth2/token",
            ),
        ],
        profile: Some("https://apiz.ebay.com/commerce/identity/v1/user/"),
        user_id: "userId",
        methods: &["client_secret_basic"],
        scope: &["https://api.ebay.com/oauth/api_scope"],
        quirks: &[Quirk::OwnTokenType],
        remark: "eBay wants the name of a redirect URI (RuName) in place of the redirect URI itself, which \
                 is refused here: it takes a hook. Without a user nothing is in the way.",
        link: "https://developer.ebay.com/api-docs/static/oauth-auth-code-grant-request.html",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "plentymarkets",
        title: "plentymarkets",
        endpoints: &[(Endpoint::Token, "https://{host}/rest/login")],
        profile: Some("https://{host}/rest/user"),
        variables: &[("host", Variable::Host)],
        methods: &["none"],
        quirks: &[Quirk::CamelCaseTokens, Quirk::JsonTokenRequest],
        remark: "By the password of a back end user. Tokens are renewed at /rest/login/refresh.",
        link: "https://developers-legacy.plentymarkets.com/rest-doc/authentication/details",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
];

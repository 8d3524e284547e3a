//! Presets of social networks and of places where people write code.

use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Quirk;
use crate::provider::presets::Preset;

pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: "github",
        title: "GitHub",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://github.com/login/oauth/authorize",
            ),
            (
                Endpoint::Token,
                "https://github.com/login/oauth/access_token",
            ),
            (
                Endpoint::DeviceAuthorization,
                "https://github.com/login/device/code",
            ),
        ],
        profile: Some("https://api.github.com/user"),
        scope: &["read:user", "user:email"],
        quirks: &[Quirk::FormTokenResponse, Quirk::CommaScope],
        remark: "The API wants a User-Agent. Refusals of the token endpoint have status 200.",
        link: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "bitbucket",
        title: "Bitbucket",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://bitbucket.org/site/oauth2/authorize",
            ),
            (
                Endpoint::Token,
                "https://bitbucket.org/site/oauth2/access_token",
            ),
        ],
        profile: Some("https://api.bitbucket.org/2.0/user"),
        user_id: "uuid",
        methods: &["client_secret_basic", "client_secret_post"],
        scope: &["account"],
        link: "https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "facebook",
        title: "Facebook",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://www.facebook.com/dialog/oauth",
            ),
            (
                Endpoint::Token,
                "https://graph.facebook.com/oauth/access_token",
            ),
        ],
        profile: Some("https://graph.facebook.com/me?fields=id,name,email"),
        scope: &["public_profile", "email"],
        quirks: &[
            Quirk::FormTokenResponse,
            Quirk::ExpiresMember,
            Quirk::MissingTokenType,
        ],
        remark: "Without a version in its path an address stands for the oldest that the application may use.",
        link: "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
        checked: "2026-02-11",
        ..Preset::BLANK
    },
    Preset {
        name: "linkedin",
        title: "LinkedIn",
        issuer: Some("https://www.linkedin.com/oauth"),
        profile: Some("https://api.linkedin.com/v2/userinfo"),
        user_id: "sub",
        scope: &["openid", "profile", "email"],
        quirks: &[Quirk::CommaScope],
        remark: "The client secret goes into the body.",
        link: "https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "slack",
        title: "Slack",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://slack.com/oauth/v2/authorize",
            ),
            (Endpoint::Token, "https://slack.com/api/oauth.v2.access"),
        ],
        api: Some("https://slack.com/api"),
        user_id: "team.id/authed_user.id",
        methods: &["client_secret_basic", "client_secret_post"],
        quirks: &[Quirk::AuthedUser, Quirk::OwnTokenType, Quirk::CommaScope],
        remark: "For an application in a workspace. The scopes of a user go into a parameter user_scope of \
                 their own; without others, the token is the user's, and with others a bot's: who signed in \
                 stands beside it, and nothing that the token can ask says it. A user's identifier is one \
                 within a workspace, and stands behind the workspace's. An installation for a whole \
                 organization names no workspace, and signs nobody in.",
        link: "https://docs.slack.dev/authentication/installing-with-oauth",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "slack-openid",
        title: "Sign in with Slack",
        issuer: Some("https://slack.com"),
        profile: Some("https://slack.com/api/openid.connect.userInfo"),
        user_id: "sub",
        methods: &["client_secret_post"],
        scope: &["openid", "profile", "email"],
        link: "https://docs.slack.dev/authentication/sign-in-with-slack/",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "twitter",
        title: "X (Twitter), OAuth 2.0",
        endpoints: &[
            (Endpoint::Authorization, "https://x.com/i/oauth2/authorize"),
            (Endpoint::Token, "https://api.x.com/2/oauth2/token"),
            (Endpoint::Revocation, "https://api.x.com/2/oauth2/revoke"),
        ],
        profile: Some("https://api.x.com/2/users/me"),
        user_id: "data.id",
        methods: &["client_secret_basic", "none"],
        scope: &["users.read", "tweet.read"],
        remark: "A refresh token comes with the scope offline.access.",
        link: "https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "twitter-1.0a",
        title: "X (Twitter), OAuth 1.0a",
        endpoints: &[
            (
                Endpoint::TemporaryCredential,
                "https://api.x.com/oauth/request_token",
            ),
            (
                Endpoint::Authorization,
                "https://api.x.com/oauth/authenticate",
            ),
            (Endpoint::Token, "https://api.x.com/oauth/access_token"),
        ],
        profile: Some("https://api.x.com/1.1/account/verify_credentials.json"),
        user_id: "id_str",
        methods: &[],
        remark: "By HMAC-SHA1. Where more than a sign-in is wanted, users go to oauth/authorize instead. \
                 The token credentials come with user_id and screen_name.",
        link: "https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "discord",
        title: "Discord",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://discord.com/oauth2/authorize",
            ),
            (Endpoint::Token, "https://discord.com/api/oauth2/token"),
            (
                Endpoint::Revocation,
                "https://discord.com/api/oauth2/token/revoke",
            ),
        ],
        profile: Some("https://discord.com/api/users/@me"),
        methods: &["client_secret_basic", "client_secret_post"],
        scope: &["identify", "email"],
        link: "https://docs.discord.com/developers/topics/oauth2",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "instagram",
        title: "Instagram, with business login",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://www.instagram.com/oauth/authorize",
            ),
            (
                Endpoint::Token,
                "https://api.instagram.com/oauth/access_token",
            ),
        ],
        profile: Some("https://graph.instagram.com/me?fields=user_id,username"),
        user_id: "user_id",
        scope: &["instagram_business_basic"],
        quirks: &[
            Quirk::DataMember,
            Quirk::MissingTokenType,
            Quirk::CommaScopeRequest,
            Quirk::TokenInQuery,
        ],
        remark: "The token lives for an hour, and is exchanged for a longer one by a request of \
                 Instagram's own.",
        link: "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "weibo",
        title: "Weibo",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://api.weibo.com/oauth2/authorize",
            ),
            (Endpoint::Token, "https://api.weibo.com/oauth2/access_token"),
        ],
        profile: Some("https://api.weibo.com/2/account/get_uid.json"),
        user_id: "uid",
        quirks: &[
            Quirk::MissingTokenType,
            Quirk::CommaScopeRequest,
            Quirk::TokenInQuery,
        ],
        link: "http://open.weibo.com/wiki/2/oauth2/access_token/en",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "douban",
        title: "Douban",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://www.douban.com/service/auth2/auth",
            ),
            (
                Endpoint::Token,
                "https://www.douban.com/service/auth2/token",
            ),
        ],
        profile: Some("https://api.douban.com/v2/user/~me"),
        quirks: &[Quirk::MissingTokenType],
        remark: "New applications are not accepted, as far as is known.",
        link: "https://github.com/requests/requests-oauthlib/blob/master/requests_oauthlib/compliance_fixes/douban.py",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
];

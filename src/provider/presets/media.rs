//! Presets of music, video, files and meetings.

use crate::domain::metadata::Endpoint;
use crate::domain::quirks::Quirk;
use crate::provider::presets::Preset;

pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: "spotify",
        title: "Spotify",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://accounts.spotify.com/authorize",
            ),
            (Endpoint::Token, "https://accounts.spotify.com/api/token"),
        ],
        profile: Some("https://api.spotify.com/v1/me"),
        methods: &["client_secret_basic", "none"],
        scope: &["user-read-email"],
        link: "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
        checked: "2026-04-17",
        ..Preset::BLANK
    },
    Preset {
        name: "twitch",
        title: "Twitch",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://id.twitch.tv/oauth2/authorize",
            ),
            (Endpoint::Token, "https://id.twitch.tv/oauth2/token"),
            (
                Endpoint::DeviceAuthorization,
                "https://id.twitch.tv/oauth2/device",
            ),
            (Endpoint::Revocation, "https://id.twitch.tv/oauth2/revoke"),
        ],
        profile: Some("https://api.twitch.tv/helix/users"),
        user_id: "data.0.id",
        scope: &["user:read:email"],
        quirks: &[Quirk::ScopeList, Quirk::ClientIdHeader],
        remark: "Its issuer, for openid, is https://id.twitch.tv/oauth2.",
        link: "https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "dropbox",
        title: "Dropbox",
        issuer: Some("https://www.dropbox.com"),
        user_id: "sub",
        methods: &["client_secret_basic", "client_secret_post", "none"],
        scope: &["openid", "profile", "email"],
        parameters: &[("token_access_type", "offline")],
        remark: "The profile is asked for by POST: take the user from the ID token.",
        link: "https://developers.dropbox.com/oidc-guide",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "box",
        title: "Box",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://account.box.com/api/oauth2/authorize",
            ),
            (Endpoint::Token, "https://api.box.com/oauth2/token"),
            (Endpoint::Revocation, "https://api.box.com/oauth2/revoke"),
        ],
        profile: Some("https://api.box.com/2.0/users/me"),
        link: "https://developer.box.com/guides/authentication/oauth2/",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "zoom",
        title: "Zoom",
        endpoints: &[
            (Endpoint::Authorization, "https://zoom.us/oauth/authorize"),
            (Endpoint::Token, "https://zoom.us/oauth/token"),
            (
                Endpoint::DeviceAuthorization,
                "https://zoom.us/oauth/devicecode",
            ),
            (Endpoint::Revocation, "https://zoom.us/oauth/revoke"),
        ],
        profile: Some("https://api.zoom.us/v2/users/me"),
        methods: &["client_secret_basic", "none"],
        remark: "Scopes are chosen where the application is registered.",
        link: "https://developers.zoom.us/docs/integrations/oauth/",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
    Preset {
        name: "fitbit",
        title: "Fitbit",
        endpoints: &[
            (
                Endpoint::Authorization,
                "https://www.fitbit.com/oauth2/authorize",
            ),
            (Endpoint::Token, "https://api.fitbit.com/oauth2/token"),
            (Endpoint::Revocation, "https://api.fitbit.com/oauth2/revoke"),
            (
                Endpoint::Introspection,
                "https://api.fitbit.com/1.1/oauth2/introspect",
            ),
        ],
        profile: Some("https://api.fitbit.com/1/user/-/profile.json"),
        user_id: "user.encodedId",
        methods: &["client_secret_basic", "none"],
        scope: &["profile"],
        quirks: &[Quirk::ErrorList],
        link: "https://dev.fitbit.com/build/reference/web-api/authorization/oauth2-token",
        checked: "2026-11-28",
        ..Preset::BLANK
    },
];

//! The moves of an exploration: what may come back, when, and what is due then.

use http::Response;

use crate::common::scripted::METADATA;
use crate::common::scripted::TOKENS;
use crate::common::scripted::answer;

/// One move: how far the clock goes, in seconds, and what comes then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub(crate) jump: i64,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// The flow begins.
    Begin,
    /// An answer to a request, or its loss.
    Reply(Reply),
    /// A signature of that many bytes.
    Signature(usize),
}

/// How far the clock goes between two moves, in seconds.
const JUMPS: [i64; 4] = [-86_400, 0, 1, 86_400];

const SIGNATURES: [usize; 3] = [0, 64, 600];

impl Move {
    pub(crate) fn beginnings() -> Vec<Self> {
        Self::each([What::Begin])
    }

    pub(crate) fn replies() -> Vec<Self> {
        Self::each(Reply::ALL.map(What::Reply))
    }

    pub(crate) fn signatures() -> Vec<Self> {
        Self::each(SIGNATURES.map(What::Signature))
    }

    fn each(whats: impl IntoIterator<Item = What>) -> Vec<Self> {
        let jumping = |what| JUMPS.map(|jump| Self { jump, what });
        whats.into_iter().flat_map(jumping).collect()
    }
}

/// What may come back to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A complete metadata document.
    Metadata,
    /// A metadata document without a token endpoint.
    Half,
    /// A metadata document of another issuer.
    WrongIssuer,
    /// A token response.
    Tokens,
    /// An OAuth error with status 400.
    Refused400,
    /// A challenge that refuses the token, with status 401.
    Refused401,
    /// A server's failure.
    Refused500,
    /// A page with status 200.
    Html,
    /// A redirect.
    Redirect,
    /// Nothing, with status 200.
    Empty,
    /// The beginning of a token response.
    Truncated,
    /// No answer.
    Lost,
}

impl Reply {
    const ALL: [Self; 12] = [
        Self::Metadata,
        Self::Half,
        Self::WrongIssuer,
        Self::Tokens,
        Self::Refused400,
        Self::Refused401,
        Self::Refused500,
        Self::Html,
        Self::Redirect,
        Self::Empty,
        Self::Truncated,
        Self::Lost,
    ];

    /// The response; none where it is lost. Each that can hold a secret holds one.
    pub(crate) fn response(self) -> Option<Response<Vec<u8>>> {
        let json = |status, body: &str| Some(answer(status, "application/json", body));
        let html = |status, body: &str| Some(answer(status, "text/html", body));
        let refused = r#"{"error":"invalid_grant","x":"s3cret-body"}"#;
        match self {
            Self::Metadata => json(200, METADATA),
            Self::Half => json(200, &METADATA.replace("token_endpoint", "other_endpoint")),
            Self::WrongIssuer => json(200, &METADATA.replace("/tenant", "/tenant2")),
            Self::Tokens => json(200, TOKENS),
            Self::Refused400 => json(400, refused),
            Self::Refused401 => json(401, refused).map(|response| {
                let challenge = "Bearer error=\"invalid_token\", x=\"s3cret-header\"";
                with(response, "www-authenticate", challenge)
            }),
            Self::Refused500 => html(500, "<html>s3cret-body</html>"),
            Self::Html => html(200, "<html>s3cret-body</html>"),
            Self::Redirect => html(302, "s3cret-body").map(|response| {
                let location = "https://evil.example/?code=s3cret-header";
                with(response, "location", location)
            }),
            Self::Empty => json(200, ""),
            Self::Truncated => json(200, &TOKENS[..60]),
            Self::Lost => None,
        }
    }
}

fn with(
    mut response: Response<Vec<u8>>,
    name: &'static str,
    value: &'static str,
) -> Response<Vec<u8>> {
    let value = http::HeaderValue::from_static(value);
    response.headers_mut().insert(name, value);
    response
}

/// What a flow must make of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// It is taken, and the flow is done.
    Done,
    /// There is nothing in it, or not enough: the flow asks elsewhere.
    Onward,
    /// It is rejected, or was the last hope: the flow is over.
    Over,
}

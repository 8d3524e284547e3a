//! Misbehaviour as data: which answer goes wrong, how, and how often.

use http::Response;

use crate::answer::Answer;
use crate::answer::Content;
use crate::endpoint::Endpoint;
use crate::members::Edit;

/// An order to the provider to spoil the answers of one endpoint.
///
/// The provider has done its work by then: a spoilt token response has spent the code all the same,
/// and a refresh whose answer is lost has rotated the token.
///
/// ```
/// use oauth_proto_world::Change;
/// use oauth_proto_world::Edit;
/// use oauth_proto_world::Endpoint;
/// use oauth_proto_world::Mutation;
///
/// // The authorization response with the issuer of another server.
/// Mutation::new(Endpoint::Authorization, Change::Member("iss".into(), Edit::append("1")));
/// // The second answer of the token endpoint as a proxy's error page, once.
/// Mutation::new(Endpoint::Token, Change::Status(502))
///     .and(Change::body("<html>Bad Gateway</html>"))
///     .and(Change::content_type("text/html"))
///     .after(1)
///     .times(1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mutation {
    /// Whose answers are spoilt.
    pub endpoint: Endpoint,
    /// What is done to them, in order.
    pub changes: Vec<Change>,
    /// How many answers are let through unspoilt first.
    pub after: usize,
    /// How many answers are spoilt then; `None` is all.
    pub times: Option<usize>,
}

impl Mutation {
    /// One change to every answer of an endpoint.
    #[must_use]
    pub fn new(endpoint: Endpoint, change: Change) -> Self {
        Self {
            endpoint,
            changes: vec![change],
            after: 0,
            times: None,
        }
    }

    /// One more change to the same answers.
    #[must_use]
    pub fn and(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// The first `count` answers stay as they are.
    #[must_use]
    pub fn after(mut self, count: usize) -> Self {
        self.after = count;
        self
    }

    /// At most `count` answers are spoilt.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.times = Some(count);
        self
    }

    /// Whether the answer with that number (from 0) is to be spoilt.
    pub(crate) fn strikes(&self, number: usize) -> bool {
        let since = number.checked_sub(self.after);
        since.is_some_and(|since| self.times.is_none_or(|times| since < times))
    }
}

/// What is done to an answer. Later changes see what earlier ones left: once the body is bytes, its
/// members can no longer be edited.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A member at the top of a JSON answer, or a parameter of an authorization response.
    Member(String, Edit),
    /// A header, its name in lower case.
    Header(String, Edit),
    /// The status.
    Status(u16),
    /// The whole answer replaced by the OAuth error of that code: status 400 and JSON, or an
    /// authorization response that keeps `state` and `iss` (RFC 6749 §4.1.2.1, §5.2).
    Error(String),
    /// The body replaced; status and content type stay.
    Body(Vec<u8>),
    /// The JSON members as `application/x-www-form-urlencoded`, as some servers send them.
    AsForm,
    /// Bytes before the body, such as a byte order mark.
    Before(Vec<u8>),
    /// Bytes after the body.
    After(Vec<u8>),
    /// The body cut to that many bytes.
    CutTo(usize),
    /// The body filled with trailing spaces up to that many bytes; JSON stays JSON.
    FillTo(usize),
    /// A redirect to that URL with status 302 and no body.
    Redirect(String),
    /// That many headers more, `x-many-0` and so on.
    ManyHeaders(usize),
    /// How the bytes travel.
    Deliver(Delivery),
}

/// How the bytes of an answer travel: an extension of every response the provider gives. The server
/// on a loopback socket obeys it; in memory the test decides what it means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// All of it, with its `Content-Length`.
    #[default]
    Whole,
    /// Nothing arrives: the connection closes after the request was read and acted upon.
    Lost,
    /// The `Content-Length` of the whole body, but only that many bytes of it.
    Cut(usize),
    /// All of it, after a pause in milliseconds.
    Late(u64),
    /// Pieces of that many bytes, with a pause in milliseconds before each.
    Slow {
        /// Bytes per piece.
        piece: usize,
        /// Milliseconds before each piece.
        pause: u64,
    },
    /// `Transfer-Encoding: chunked`, no `Content-Length`.
    Chunked,
    /// Neither length nor chunks: the body ends with the connection.
    Unsized,
}

impl Delivery {
    /// How this response of a provider is to travel.
    #[must_use]
    pub fn of<B>(response: &Response<B>) -> Self {
        response.extensions().get().copied().unwrap_or(Self::Whole)
    }
}

impl Change {
    /// [`Change::Member`].
    pub fn member(name: impl Into<String>, edit: Edit) -> Self {
        Self::Member(name.into(), edit)
    }

    /// [`Change::Header`]; the name in lower case.
    pub fn header(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Header(name.into(), Edit::Set(value.into().into()))
    }

    /// Another content type.
    pub fn content_type(value: impl Into<String>) -> Self {
        Self::header("content-type", value)
    }

    /// [`Change::Error`].
    pub fn error(code: impl Into<String>) -> Self {
        Self::Error(code.into())
    }

    /// [`Change::Body`].
    pub fn body(body: impl Into<Vec<u8>>) -> Self {
        Self::Body(body.into())
    }

    /// A body of arrays in arrays, `depth` of them.
    #[must_use]
    pub fn nested(depth: usize) -> Self {
        Self::Body(["[".repeat(depth), "]".repeat(depth)].concat().into())
    }

    /// [`Change::Redirect`].
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::Redirect(to.into())
    }

    pub(crate) fn apply(&self, answer: &mut Answer) {
        match self {
            Self::Member(name, edit) => match &mut answer.content {
                Content::Json(members) | Content::Form(members) => members.edit(name, edit),
                Content::Callback(callback) => callback.parameters.edit(name, edit),
                Content::Bytes(_) => {}
            },
            Self::Header(name, edit) => answer.headers.edit(name, edit),
            Self::Status(status) => answer.status = *status,
            Self::Error(code) => turn_into_error(answer, code),
            Self::Body(bytes) => answer.content = Content::Bytes(bytes.clone()),
            Self::AsForm => {
                if let Content::Json(members) = &answer.content {
                    answer.content = Content::Bytes(members.to_form().into_bytes());
                    let form = Edit::set("application/x-www-form-urlencoded");
                    answer.headers.edit("content-type", &form);
                }
            }
            Self::Before(bytes) => {
                answer.content = Content::Bytes([bytes.clone(), answer.body()].concat());
            }
            Self::After(bytes) => {
                answer.content = Content::Bytes([answer.body(), bytes.clone()].concat());
            }
            Self::CutTo(length) => {
                let mut body = answer.body();
                body.truncate(*length);
                answer.content = Content::Bytes(body);
            }
            Self::FillTo(length) => {
                let mut body = answer.body();
                body.resize(body.len().max(*length), b' ');
                answer.content = Content::Bytes(body);
            }
            Self::Redirect(to) => {
                *answer = Answer::empty(302).with("location", to.as_str());
            }
            Self::ManyHeaders(count) => {
                for number in 0..*count {
                    answer.headers.add(&format!("x-many-{number}"), "x");
                }
            }
            Self::Deliver(delivery) => answer.delivery = *delivery,
        }
    }
}

fn turn_into_error(answer: &mut Answer, code: &str) {
    let members = match &mut answer.content {
        Content::Callback(callback) => {
            for name in ["code", "access_token", "token_type", "expires_in", "scope"] {
                callback.parameters.remove(name);
            }
            &mut callback.parameters
        }
        Content::Json(_) | Content::Form(_) | Content::Bytes(_) => {
            let headers = std::mem::take(&mut answer.headers);
            *answer = Answer::json(400, crate::members::Members::default());
            answer.headers = headers;
            let json = Edit::set("application/json");
            answer.headers.edit("content-type", &json);
            let Content::Json(members) = &mut answer.content else {
                return;
            };
            members
        }
    };
    members.add("error", code);
    members.add("error_description", "as ordered by a mutation");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_and_times_choose_the_answers() {
        let mutation = Mutation::new(Endpoint::Token, Change::Status(500));
        assert!((0..9).all(|number| mutation.strikes(number)));
        let mutation = mutation.after(1).times(2);
        let struck: Vec<_> = (0..5).map(|number| mutation.strikes(number)).collect();
        assert_eq!(struck, [false, true, true, false, false]);
    }

    #[test]
    fn changes_are_applied_in_order() {
        let mut members = crate::members::Members::default();
        members.add("a", 1);
        let mut answer = Answer::json(200, members);
        for change in [
            Change::member("b", Edit::set(2)),
            Change::Before(b"\xef\xbb\xbf".to_vec()),
            Change::FillTo(20),
            Change::member("c", Edit::set(3)),
            Change::content_type("text/plain"),
            Change::Status(201),
        ] {
            change.apply(&mut answer);
        }
        let (response, faults) = answer.response();
        assert_eq!(
            response.body().as_slice(),
            b"\xef\xbb\xbf{\"a\":1,\"b\":2}    "
        );
        assert_eq!(response.headers()["content-type"], "text/plain");
        assert_eq!(response.status(), 201);
        assert!(faults.is_empty());
    }
}

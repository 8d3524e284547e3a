//! A token response as it should have been (RFC 6749 §5.1 and §5.2): the quirks of answers, one function
//! each, applied in one place before anything is read.

use std::borrow::Cow;

use http::Response;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::base::form;
use crate::base::json;
use crate::base::json::Object;
use crate::domain::quirks::Quirk;
use crate::domain::quirks::Quirks;
use crate::endpoint::response;

/// An answer of the token endpoint, and which quirks made a difference to it.
#[non_exhaustive]
pub struct Amended<'a> {
    /// The answer, as it came where no quirk acted.
    pub response: Cow<'a, Response<Vec<u8>>>,
    /// The quirks that acted, in the order in which they did.
    pub acted: Vec<Quirk>,
}

/// Makes of a token response with these deviations the one that RFC 6749 §5 has, whatever its status.
///
/// What does not deviate stays as it came, byte by byte; so does what cannot be read, to be refused by
/// whoever reads it. A client does this by itself, by the quirks that it is given.
///
/// ```
/// use http::Response;
/// use oauth_proto::domain::quirks::{Quirk, Quirks};
/// use oauth_proto::endpoint::amended;
///
/// let answer = Response::new(br#"{"accessToken":"a1","tokenType":"Bearer","id":7}"#.to_vec());
/// let amended = amended::token_response(Quirks::from([Quirk::CamelCaseTokens]), &answer);
/// assert_eq!(amended.acted, [Quirk::CamelCaseTokens]);
/// let body = amended.response.body();
/// assert_eq!(body, br#"{"access_token":"a1","token_type":"Bearer","id":7}"#);
/// ```
#[must_use]
pub fn token_response(quirks: Quirks, answer: &Response<Vec<u8>>) -> Amended<'_> {
    let mut acted = Vec::new();
    if quirks.is_empty() || response::check_size(answer.body()).is_err() {
        return Amended {
            response: Cow::Borrowed(answer),
            acted,
        };
    }
    let mut text = Cow::Borrowed(answer.body().as_slice());
    if quirks.has(Quirk::FormTokenResponse)
        && let Some(body) = json_of_form(&text)
    {
        acted.push(Quirk::FormTokenResponse);
        text = Cow::Owned(body);
    }
    if let Some(body) = members_of(quirks, &text, &mut acted) {
        text = Cow::Owned(body);
    }
    let response = match text {
        Cow::Borrowed(_) => Cow::Borrowed(answer),
        Cow::Owned(body) => Cow::Owned(answer.clone().map(|_| body)),
    };
    Amended { response, acted }
}

/// What a step makes of the members; false where it leaves them alone.
type Step = fn(&mut Members<'_>) -> bool;

/// In this order: names first, so that what follows finds the members under their right ones.
const STEPS: [(Quirk, Step); 11] = [
    (Quirk::CamelCaseTokens, rename_camel_case),
    (Quirk::AuthedUser, lift_authed_user),
    (Quirk::BodyMember, lift_body),
    (Quirk::DataMember, lift_data),
    (Quirk::ExpiresMember, rename_expires),
    (Quirk::ZeroExpiresIn, drop_zero_lifetime),
    (Quirk::OwnTokenType, replace_own_type),
    (Quirk::MissingTokenType, add_type),
    (Quirk::ScopeList, join_scope),
    (Quirk::CommaScope, separate_scope),
    (Quirk::ErrorList, take_first_error),
];

/// The body with every step taken that a quirk names; none where nothing changes.
fn members_of(quirks: Quirks, body: &[u8], acted: &mut Vec<Quirk>) -> Option<Vec<u8>> {
    let steps = STEPS.into_iter().filter(|(quirk, _)| quirks.has(*quirk));
    let mut steps = steps.peekable();
    steps.peek()?;
    let mut members = Members::of(&json::object(body).ok()?);
    let before = acted.len();
    for (quirk, step) in steps {
        if step(&mut members) {
            acted.push(quirk);
        }
    }
    (acted.len() > before).then(|| members.into_json())
}

/// The members of an object, each value as it is written.
struct Members<'a>(Vec<(String, Cow<'a, str>)>);

impl<'a> Members<'a> {
    fn of(object: &Object<'a>) -> Self {
        let pairs = object.iter();
        let pairs = pairs.map(|(name, value)| (name.to_owned(), Cow::Borrowed(value.raw())));
        Self(pairs.collect())
    }

    /// The value of a member that is there and not null.
    fn raw(&self, name: &str) -> Option<&Cow<'a, str>> {
        let mut pairs = self.0.iter();
        pairs.find_map(|(other, raw)| (other == name && raw != "null").then_some(raw))
    }

    fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The text of a member that is one.
    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| other != name);
    }

    /// Sets a member, in place of one of its name.
    fn set(&mut self, name: &str, raw: Cow<'a, str>) {
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = raw,
            None => self.0.push((name.to_owned(), raw)),
        }
    }

    fn set_text(&mut self, name: &str, text: &str) {
        self.set(name, Cow::Owned(Json::from(text).to_string()));
    }

    /// Gives a member its right name, unless there is one under that.
    fn rename(&mut self, wrong: &str, right: &str) -> bool {
        if self.has(right) || !self.has(wrong) {
            return false;
        }
        self.remove(right);
        for (name, _) in &mut self.0 {
            if name == wrong {
                right.clone_into(name);
            }
        }
        true
    }

    /// Takes the tokens out of the object that this text is, where there is none beside it.
    fn lift(&mut self, raw: Option<Cow<'a, str>>) -> bool {
        if self.has(TOKEN) {
            return false;
        }
        let Some(raw) = raw else { return false };
        let Ok(inner) = json::object(raw.as_bytes()) else {
            return false;
        };
        let inner = Members::of(&inner);
        if !inner.has(TOKEN) {
            return false;
        }
        for name in NAMES {
            if let Some(raw) = inner.raw(name) {
                self.set(name, Cow::Owned(raw.clone().into_owned()));
            }
        }
        true
    }

    fn into_json(self) -> Vec<u8> {
        let pairs = self.0.into_iter();
        let pairs = pairs.map(|(name, raw)| format!("{}:{raw}", Json::from(name)));
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(",")).into_bytes()
    }
}

const TOKEN: &str = "access_token";

/// What belongs to a token, wherever it stands.
const NAMES: [&str; 6] = [
    TOKEN,
    "token_type",
    "expires_in",
    "refresh_token",
    "id_token",
    "scope",
];

fn rename_camel_case(members: &mut Members<'_>) -> bool {
    let names = [
        ("accessToken", TOKEN),
        ("tokenType", "token_type"),
        ("expiresIn", "expires_in"),
        ("refreshToken", "refresh_token"),
        ("idToken", "id_token"),
    ];
    let renamed = names.map(|(wrong, right)| members.rename(wrong, right));
    renamed.contains(&true)
}

fn lift_authed_user(members: &mut Members<'_>) -> bool {
    members.lift(members.raw("authed_user").cloned())
}

fn lift_body(members: &mut Members<'_>) -> bool {
    members.lift(members.raw("body").cloned())
}

fn lift_data(members: &mut Members<'_>) -> bool {
    let list = members.raw("data");
    let list = list.and_then(|raw| serde_json::from_str::<[Box<RawValue>; 1]>(raw).ok());
    members.lift(list.map(|[only]| Cow::Owned(only.get().to_owned())))
}

fn rename_expires(members: &mut Members<'_>) -> bool {
    members.rename("expires", "expires_in")
}

fn drop_zero_lifetime(members: &mut Members<'_>) -> bool {
    let is_zero = |raw: &Cow<'_, str>| matches!(&**raw, "0" | "\"0\"");
    if members.raw("expires_in").is_some_and(is_zero) {
        members.remove("expires_in");
        return true;
    }
    false
}

fn add_type(members: &mut Members<'_>) -> bool {
    if members.has("token_type") || !members.has(TOKEN) {
        return false;
    }
    members.set_text("token_type", "Bearer");
    true
}

fn replace_own_type(members: &mut Members<'_>) -> bool {
    let own = [
        "Application Access Token",
        "User Access Token",
        "bot",
        "user",
    ];
    let is_own = |name: String| own.iter().any(|own| own.eq_ignore_ascii_case(&name));
    if !members.text("token_type").is_some_and(is_own) {
        return false;
    }
    members.set_text("token_type", "Bearer");
    true
}

fn join_scope(members: &mut Members<'_>) -> bool {
    let list = members.raw("scope");
    match list.and_then(|raw| serde_json::from_str::<Vec<String>>(raw).ok()) {
        Some(list) => {
            members.set_text("scope", &list.join(" "));
            true
        }
        None => false,
    }
}

fn separate_scope(members: &mut Members<'_>) -> bool {
    match members.text("scope").filter(|scope| scope.contains(',')) {
        Some(scope) => {
            members.set_text("scope", &scope.replace(',', " "));
            true
        }
        None => false,
    }
}

fn take_first_error(members: &mut Members<'_>) -> bool {
    if members.has("error") {
        return false;
    }
    let list = members.raw("errors");
    let list = list.and_then(|raw| serde_json::from_str::<Vec<Map<String, Json>>>(raw).ok());
    let Some(first) = list.and_then(|list| list.into_iter().next()) else {
        return false;
    };
    let text = |name: &str| first.get(name).and_then(Json::as_str);
    let Some(code) = text("errorType") else {
        return false;
    };
    members.set_text("error", code);
    if let Some(description) = text("message") {
        members.set_text("error_description", description);
    }
    true
}

/// Every pair as a member of a JSON object, in order; duplicates stay, to be refused.
fn json_of_form(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?.trim_ascii();
    if text.starts_with('{') {
        return None;
    }
    let pairs = form::parse(text).ok()?;
    let members: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}:{}", Json::from(name), Json::from(value)))
        .collect();
    Some(format!("{{{}}}", members.join(",")).into_bytes())
}

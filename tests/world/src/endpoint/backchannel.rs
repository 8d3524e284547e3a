//! The backchannel authentication endpoint, and what the provider sends to a client's notification
//! endpoint: CIBA Core 1.0 §7, §10 and §12.

use http::Method;
use http::Request;

use crate::answer::Answer;
use crate::answer::Content;
use crate::endpoint::authentication;
use crate::endpoint::identity;
use crate::endpoint::identity::Beside;
use crate::endpoint::polling;
use crate::endpoint::polling::PollAnswer;
use crate::endpoint::polling::Terms;
use crate::endpoint::request_object;
use crate::endpoint::token;
use crate::incoming::Incoming;
use crate::members::Edit;
use crate::members::Members;
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use crate::settings::AuthMethod;
use crate::settings::Consent;

/// How users who are elsewhere are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackchannelSettings {
    /// How clients learn what the user says.
    pub mode: DeliveryMode,
    /// Seconds until a request expires, unless the client asks for another time.
    pub lifetime: u64,
    /// `interval`; not sent where there is none, and then 5 s hold.
    pub interval: Option<u64>,
    /// The user's own code, where the provider wants one.
    pub user_code: Option<String>,
    /// Whether a request that is not signed is refused (CIBA Core 1.0 §7.1.1).
    pub signed_required: bool,
    /// What the first polls are answered; the next one gets what the user says.
    pub polls: Vec<PollAnswer>,
}

impl Default for BackchannelSettings {
    fn default() -> Self {
        Self {
            mode: DeliveryMode::Poll,
            lifetime: 120,
            interval: Some(5),
            user_code: None,
            signed_required: false,
            polls: Vec::new(),
        }
    }
}

/// `backchannel_token_delivery_mode` (CIBA Core 1.0 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryMode {
    /// The client asks.
    Poll,
    /// The provider says when to ask: [`Provider::ping`].
    Ping,
    /// The provider brings the tokens: [`Provider::push`].
    Push,
}

impl DeliveryMode {
    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Ping => "ping",
            Self::Push => "push",
        }
    }
}

pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    incoming.accepts_json()?;
    let form = incoming.form()?;
    let client = authentication::client(provider, incoming, &form)?;
    if client.auth_method == AuthMethod::None {
        let fault = "a public client asks for backchannel authentication";
        return Err(Refusal::careless("unauthorized_client", fault));
    }
    let form = request_object::backchannel(provider, incoming.now, &client, form)?;
    let settings = provider.settings.backchannel.clone();
    check_user(provider, &settings, &form)?;
    check_message(&form)?;
    let terms = Terms {
        lifetime: requested_expiry(&form)?.unwrap_or(settings.lifetime),
        interval: settings.interval,
        polls: &settings.polls,
    };
    let mut waiting = polling::ask(incoming.now, &client, &form, &terms)?;
    waiting.notification_token = notification_token(settings.mode, &form)?;
    waiting.is_polled = settings.mode != DeliveryMode::Push;
    let auth_req_id = provider.grants.mint.next();
    provider.waits.insert(auth_req_id.clone(), waiting);
    let mut members = Members::default();
    members.add("auth_req_id", auth_req_id);
    members.add("expires_in", terms.lifetime);
    // "This parameter will only be present if the Client is registered to use the Poll or Ping modes."
    let interval = settings.interval;
    members.add_some(
        "interval",
        interval.filter(|_| settings.mode != DeliveryMode::Push),
    );
    Ok(Answer::json(200, members).with("cache-control", "no-store"))
}

/// Who the user is, and that the client may ask. §7.1: "one (and only one) of the hints".
fn check_user(
    provider: &Provider,
    settings: &BackchannelSettings,
    form: &Parameters,
) -> Result<(), Refusal> {
    let user = &provider.settings.user;
    let hints = ["login_hint", "login_hint_token", "id_token_hint"];
    let hints: Vec<_> = hints
        .iter()
        .filter_map(|name| Some((*name, form.value(name)?)))
        .collect();
    match hints.as_slice() {
        [("login_hint", hint)] if *hint != user.email && *hint != user.sub => {
            return Err(Refusal::no("unknown_user_id", "nobody of that name"));
        }
        [("login_hint_token", "expired")] => {
            return Err(Refusal::no("expired_login_hint_token", "it is too old"));
        }
        [("id_token_hint", token)] if token.split('.').count() != 3 => {
            return Err(Refusal::request("id_token_hint is not an ID token"));
        }
        [_] => {}
        _ => {
            let fault = format!("{} hints, and not one", hints.len());
            return Err(Refusal::request(fault));
        }
    }
    match (&settings.user_code, form.value("user_code")) {
        (Some(_), None) => Err(Refusal::no("missing_user_code", "a user code is due")),
        (Some(due), Some(code)) if due != code => {
            Err(Refusal::no("invalid_user_code", "another user code is due"))
        }
        _ => Ok(()),
    }
}

/// "SHOULD be relatively short and use a limited set of plain text characters".
fn check_message(form: &Parameters) -> Result<(), Refusal> {
    let message = form.value("binding_message").unwrap_or_default();
    if message.chars().any(char::is_control) {
        return Err(Refusal::careless("invalid_binding_message", "controls"));
    }
    if message.chars().count() > 64 {
        return Err(Refusal::no("invalid_binding_message", "it is too long"));
    }
    Ok(())
}

/// "A positive integer".
fn requested_expiry(form: &Parameters) -> Result<Option<u64>, Refusal> {
    let Some(text) = form.value("requested_expiry") else {
        return Ok(None);
    };
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if plain && seconds > 0 => Ok(Some(seconds)),
        _ => Err(Refusal::request("requested_expiry is no positive integer")),
    }
}

/// §7.1: "REQUIRED if the Client is registered to use Ping or Push modes", at most 1024 characters of
/// RFC 6750 §2.1, at least 128 bits, for which it takes 22.
fn notification_token(mode: DeliveryMode, form: &Parameters) -> Result<Option<String>, Refusal> {
    let token = form.value("client_notification_token");
    let Some(token) = token else {
        if mode == DeliveryMode::Poll {
            return Ok(None);
        }
        return Err(Refusal::request("client_notification_token is missing"));
    };
    let stem = token.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if token.len() > 1024 || stem.len() < 22 || !stem.bytes().all(fits) {
        return Err(Refusal::request("client_notification_token is malformed"));
    }
    Ok(Some(token.to_owned()))
}

impl Provider {
    /// The ping for a request (CIBA Core 1.0 §10.2); none where nothing of that name waits. A poll is
    /// welcome from then on.
    pub fn ping(&mut self, auth_req_id: &str) -> Option<Request<Vec<u8>>> {
        let waiting = self.waits.get_mut(auth_req_id)?;
        waiting.invite();
        let token = waiting.notification_token.clone();
        let mut members = Members::default();
        members.add("auth_req_id", auth_req_id);
        notification(token, members.to_json())
    }

    /// The push for a request, with tokens or with the user's no (CIBA Core 1.0 §10.3.1 and §12); none
    /// where nothing of that name waits.
    pub fn push(&mut self, now: u64, auth_req_id: &str) -> Option<Request<Vec<u8>>> {
        let agreed = self.settings.consent != Consent::Denied;
        let waiting = self.waits.get_mut(auth_req_id)?;
        let decided = waiting.decide(agreed);
        let waiting = waiting.clone();
        let answer = match decided {
            Err(refusal) => refusal.answer(),
            Ok(()) => {
                let grant = waiting.grant(self, now);
                let issued = self.settings.refresh.issued;
                let refresh_token = issued.then(|| self.grants.add_refresh_token(grant.clone()));
                token::issue(self, now, &grant, &waiting.scope, refresh_token)
            }
        };
        let Content::Json(mut members) = answer.content else {
            return None;
        };
        if agreed {
            let grant = waiting.grant(self, now);
            let beside = Beside {
                access_token: members.text("access_token"),
                refresh_token: members.text("refresh_token"),
                auth_req_id: Some(auth_req_id),
                ..Beside::default()
            };
            if let Some(id_token) = identity::id_token(self, now, &grant, beside) {
                members.edit("id_token", &Edit::set(id_token));
            }
        }
        members.add("auth_req_id", auth_req_id);
        notification(waiting.notification_token, members.to_json())
    }
}

fn notification(token: Option<String>, body: String) -> Option<Request<Vec<u8>>> {
    let mut request =
        Request::post("https://app.example/ciba").header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(body.into_bytes()).ok()
}

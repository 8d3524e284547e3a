//! The device authorization endpoint: RFC 8628 §3.1 and §3.2.

use http::Method;

use crate::answer::Answer;
use crate::endpoint::authentication;
use crate::endpoint::polling;
use crate::endpoint::polling::PollAnswer;
use crate::endpoint::polling::Terms;
use crate::incoming::Incoming;
use crate::members::Members;
use crate::provider::Provider;
use crate::refusal::Refusal;

/// How devices are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSettings {
    /// Seconds until the codes expire.
    pub lifetime: u64,
    /// `interval`; not sent where there is none, and then 5 s hold.
    pub interval: Option<u64>,
    /// Whether there is a `verification_uri_complete`.
    pub complete: bool,
    /// What the first polls are answered; the next one gets what the user says.
    pub polls: Vec<PollAnswer>,
}

impl Default for DeviceSettings {
    fn default() -> Self {
        Self {
            lifetime: 1800,
            interval: Some(5),
            complete: true,
            polls: Vec::new(),
        }
    }
}

pub(crate) fn answer(provider: &mut Provider, incoming: &Incoming<'_>) -> Result<Answer, Refusal> {
    incoming.methods(&[Method::POST])?;
    incoming.no_query()?;
    incoming.accepts_json()?;
    let form = incoming.form()?;
    let client = authentication::client(provider, incoming, &form)?;
    let settings = provider.settings.device.clone();
    let terms = Terms {
        lifetime: settings.lifetime,
        interval: settings.interval,
        polls: &settings.polls,
    };
    let waiting = polling::ask(incoming.now, &client, &form, &terms)?;
    let device_code = provider.grants.mint.next();
    let user_code = user_code(&provider.grants.mint.next());
    provider.waits.insert(device_code.clone(), waiting);
    let address = provider.url("/device");
    let mut members = Members::default();
    members.add("device_code", device_code);
    members.add("user_code", user_code.as_str());
    members.add("verification_uri", address.as_str());
    let complete = format!("{address}?user_code={user_code}");
    let complete = settings.complete.then_some(complete);
    members.add_some("verification_uri_complete", complete);
    members.add("expires_in", settings.lifetime);
    members.add_some("interval", settings.interval);
    Ok(Answer::json(200, members).with("cache-control", "no-store"))
}

/// RFC 8628 §6.1: eight letters of base 20, such as `WDJB-MJHT`.
fn user_code(seed: &str) -> String {
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let letter = |byte: u8| LETTERS.get(usize::from(byte) % LETTERS.len());
    let letters: Vec<u8> = seed.bytes().take(8).filter_map(letter).copied().collect();
    let letters = String::from_utf8_lossy(&letters).into_owned();
    let (one, other) = letters.split_at(4);
    format!("{one}-{other}")
}

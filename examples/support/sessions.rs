//! Server-side sessions: a cookie with a random name for them, and pending sign-ins by their state.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Mutex;
use std::sync::PoisonError;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use oauth_proto::base::base64url;
use oauth_proto::crypto::Crypto as _;
use oauth_proto::crypto::provider_system::System;
use oauth_proto::endpoint::pending::Pending;

/// Pending sign-ins, serialised, by session and state. A real one drops what has expired.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<(String, String), String>>);

impl Sessions {
    /// Keeps a pending sign-in, and gives the cookie of the session it is in.
    pub(crate) fn keep(
        &self,
        headers: &HeaderMap,
        state: &str,
        pending: &Pending,
    ) -> Result<String, Box<dyn Error>> {
        let session = match session(headers) {
            Some(session) => session,
            None => draw()?,
        };
        let cookie = format!("session={session}; Path=/; HttpOnly; SameSite=Lax");
        let pending = serde_json::to_string(pending)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((session, state.to_owned()), pending);
        Ok(cookie)
    }

    /// Takes a pending sign-in out of the browser's own session, for good.
    pub(crate) fn take(
        &self,
        headers: &HeaderMap,
        state: Option<&str>,
    ) -> Result<Pending, Box<dyn Error>> {
        let key = session(headers).zip(state.map(str::to_owned));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = key.and_then(|key| all.remove(&key));
        Ok(serde_json::from_str(
            &pending.ok_or("no sign-in is under way")?,
        )?)
    }
}

fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    let session = cookies
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix("session="))?;
    Some(session.to_owned())
}

fn draw() -> Result<String, Box<dyn Error>> {
    let mut bytes = [0; 24];
    System::new().fill(&mut bytes)?;
    Ok(base64url::encode(&bytes))
}

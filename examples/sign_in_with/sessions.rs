//! Sessions on the server's side: a cookie with a random name for each, logins under way, and who is signed in.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use oauth_proto::base::base64url;
use oauth_proto::crypto::Crypto as _;
use oauth_proto::crypto::provider_system::System;
use oauth_proto::provider::session::Entry;

use crate::failed::Failed;
use crate::users::User;

/// Sessions by their cookies. A real application drops what has expired.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

#[derive(Default)]
struct Session {
    /// Each with who was signed in when the login began.
    entries: HashMap<String, (Option<User>, String)>,
    user: Option<User>,
}

impl Sessions {
    /// Keeps the entry of a login, and gives the cookie of the session it is in.
    pub(crate) fn keep(&self, headers: &HeaderMap, entry: &Entry) -> Result<String, Failed> {
        let mut all = self.all();
        let name = match cookie(headers).filter(|name| all.contains_key(name)) {
            Some(name) => name,
            None => draw()?,
        };
        let session = all.entry(name.clone()).or_default();
        let value = (session.user, entry.value().to_owned());
        session.entries.insert(entry.key().to_owned(), value);
        Ok(set(&name))
    }

    /// The logins that are under way in the browser's own session.
    pub(crate) fn keys(&self, headers: &HeaderMap) -> Vec<String> {
        let all = self.all();
        let session = cookie(headers).and_then(|name| all.get(&name));
        session.map_or_else(Vec::new, |session| {
            session.entries.keys().cloned().collect()
        })
    }

    /// Takes the entry of a login out of the browser's own session, for good, with who began it.
    pub(crate) fn take(&self, headers: &HeaderMap, key: &str) -> Option<(Option<User>, String)> {
        self.all().get_mut(&cookie(headers)?)?.entries.remove(key)
    }

    /// Who is signed in.
    pub(crate) fn user(&self, headers: &HeaderMap) -> Option<User> {
        self.all().get(&cookie(headers)?)?.user
    }

    /// Signs a user in. The session gets another name, so that nobody who knew the old one is signed in too.
    pub(crate) fn begin(&self, headers: &HeaderMap, user: User) -> Result<String, Failed> {
        let mut all = self.all();
        let session = cookie(headers).and_then(|name| all.remove(&name));
        let name = draw()?;
        let user = Some(user);
        let session = session.unwrap_or_default();
        all.insert(name.clone(), Session { user, ..session });
        Ok(set(&name))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `Secure` is to be added where the application is served over https, as it must be.
fn set(name: &str) -> String {
    format!("session={name}; Path=/; HttpOnly; SameSite=Lax")
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let mut cookies = headers.get(COOKIE)?.to_str().ok()?.split("; ");
    let name = cookies.find_map(|cookie| cookie.strip_prefix("session="))?;
    Some(name.to_owned())
}

fn draw() -> Result<String, Failed> {
    let mut bytes = [0; 24];
    let drawn = System::new().fill(&mut bytes);
    drawn.map_err(|fault| Failed::Otherwise(fault.into()))?;
    Ok(base64url::encode(&bytes))
}

//! A store that blocks, for tasks: in a file, in Redis, or one of your own.

use std::fmt;
use std::future::Future;
use std::panic;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::base::time::UnixTime;
use crate::lease::key::Key;
use crate::lease::record::Record;
use crate::lease::store::AsyncStore;
use crate::lease::store::Epoch;
use crate::lease::store::Hold;
use crate::lease::store::Store;

/// A [`Store`] whose effects run on the threads of a Tokio runtime that may block. Cloning is cheap, and
/// shares the store.
///
/// Each effect that is under way has a clone of the store for itself, so that none waits for another: as
/// many connections to Redis are made as there are effects at once, and up to 8 are kept for the next.
///
/// It needs a Tokio runtime, and panics without. An effect that has begun is not stopped by a caller that
/// goes away.
///
/// ```no_run
/// # #[cfg(feature = "file-store")]
/// # {
/// use oauth_proto::domain::client::Client;
/// use oauth_proto::domain::token::Tokens;
/// use oauth_proto::lease::api::Api;
/// use oauth_proto::lease::key::Key;
/// use oauth_proto::lease::renewal::Renewal;
/// use oauth_proto::lease::shared::Shared;
/// use oauth_proto::lease::store::AsyncStore;
/// use oauth_proto::transport::blocking::Blocking;
/// use oauth_proto::transport::file_store::FileStore;
/// use oauth_proto::transport::now;
/// use oauth_proto::transport::reqwest;
///
/// # async fn users(client: Client, tokens: Tokens) -> Result<(), Box<dyn std::error::Error>> {
/// let store = Blocking::new(FileStore::new("tokens.json"));
/// let key = Key::new(&client, "user 7");
/// store.sign_in(now(), &key, tokens).await?; // once
///
/// let http = reqwest::client()?;
/// let grant = Shared::new(key, Renewal::refresh_token());
/// let api = Api::shared(&client, "https://api.example/v1", grant)?;
/// let answer = reqwest::call_shared(&http, &api, api.get("users/7"), &store).await?;
/// # Ok(())
/// # }
/// # }
/// ```
pub struct Blocking<S> {
    stores: Arc<Mutex<Stores<S>>>,
}

struct Stores<S> {
    /// What the others are clones of.
    first: S,
    idle: Vec<S>,
}

/// How many clones are kept. A bound of this crate.
const MOST_IDLE: usize = 8;

impl<S> Blocking<S> {
    /// Wraps a store.
    #[must_use]
    pub fn new(store: S) -> Self {
        let stores = Stores {
            first: store,
            idle: Vec::new(),
        };
        Self {
            stores: Arc::new(Mutex::new(stores)),
        }
    }

    fn stores(&self) -> MutexGuard<'_, Stores<S>> {
        // What is behind it is whole between any two lines.
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Clone + Send + 'static> Blocking<S> {
    /// Does with the store what else it can do: list its keys, for one.
    ///
    /// # Panics
    ///
    /// If it is polled outside of a Tokio runtime, and where `act` panics.
    pub async fn with<T: Send + 'static>(
        &self,
        act: impl Fn(&mut S) -> T + Send + Sync + 'static,
    ) -> T {
        let act = Arc::new(act);
        let (stores, task) = (self.clone(), Arc::clone(&act));
        match tokio::task::spawn_blocking(move || stores.act(&*task)).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => panic::resume_unwind(panic),
                // The runtime was shut down before it began, and has no tasks to hold up.
                Err(_) => self.act(&*act),
            },
        }
    }

    /// Acts on a clone that nobody else has meanwhile. One that panics is not used again.
    fn act<T>(&self, act: impl Fn(&mut S) -> T) -> T {
        let mut stores = self.stores();
        let idle = stores.idle.pop();
        let mut store = idle.unwrap_or_else(|| stores.first.clone());
        drop(stores);
        let result = act(&mut store);
        let mut stores = self.stores();
        if stores.idle.len() < MOST_IDLE {
            stores.idle.push(store);
        }
        result
    }
}

impl<S> AsyncStore for Blocking<S>
where
    S: Store<Error: Send> + Clone + Send + 'static,
{
    type Error = S::Error;

    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Record>, S::Error>> + Send {
        let key = key.clone();
        self.with(move |store| store.get(&key))
    }

    fn lease(
        &self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> impl Future<Output = Result<Option<Epoch>, S::Error>> + Send {
        let key = key.clone();
        self.with(move |store| store.lease(now, &key, hold))
    }

    fn compare_and_set(
        &self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> impl Future<Output = Result<bool, S::Error>> + Send {
        let (key, record) = (key.clone(), record.cloned());
        self.with(move |store| store.compare_and_set(&key, epoch, record.as_ref()))
    }
}

impl<S> Clone for Blocking<S> {
    fn clone(&self) -> Self {
        let stores = Arc::clone(&self.stores);
        Self { stores }
    }
}

impl<S: fmt::Debug> fmt::Debug for Blocking<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Blocking")
            .field(&self.stores().first)
            .finish()
    }
}

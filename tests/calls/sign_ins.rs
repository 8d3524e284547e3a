//! A sign-in that is under way for a store: a store that fails, callers who go away, and those who wait.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::shared::CallError;
use oauth_proto::lease::shared::Shared;
use oauth_proto::lease::store::AsyncStore;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Provider;

use crate::Api;
use crate::Error;
use crate::Expired;
use crate::Mutex;
use crate::PollAnswer;
use crate::cast::BASE;
use crate::common::device::waiting;
use crate::common::patience::START;
use crate::requests;

/// A provider, and the API of a user who is about to sign in on a device.
fn signing_in(polls: &[PollAnswer]) -> (Provider, Api<Shared>) {
    let (provider, client, pending) = waiting(polls);
    let grant = Shared::new(Key::new(&client, "ada"), Renewal::device(pending));
    (provider, Api::shared(&client, BASE, grant).unwrap())
}

type Answer<S> = Result<Response<Vec<u8>>, CallError<Infallible, S>>;

/// Calls the API while time passes as it is slept.
fn call<S: Store>(provider: &mut Provider, api: &Api<Shared>, store: &mut S) -> Answer<S::Error> {
    let slept = Cell::new(Duration::ZERO);
    let now = || UnixTime::from_secs(START).saturating_add(slept.get());
    let sleep = |pause| slept.set(slept.get() + pause);
    let send = |request: Request| Ok(provider.handle(now().as_secs(), &request));
    drive::call(api, api.get("mail"), store, now, send, sleep)
}

/// A store whose next effects fail.
#[derive(Default)]
struct Flaky {
    inner: MemoryStore,
    failures: usize,
    /// No lease is extended.
    extends_none: bool,
}

impl Flaky {
    fn failing(failures: usize) -> Self {
        Self {
            failures,
            ..Self::default()
        }
    }

    fn reach(&mut self) -> Result<&mut MemoryStore, &'static str> {
        if self.failures > 0 {
            self.failures -= 1;
            return Err("out of reach");
        }
        Ok(&mut self.inner)
    }
}

impl Store for Flaky {
    type Error = &'static str;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, Self::Error> {
        let Ok(record) = self.reach()?.get(key);
        Ok(record)
    }

    fn lease(
        &mut self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> Result<Option<Epoch>, Self::Error> {
        if self.extends_none && matches!(hold, Hold::Extend(..)) {
            return Err("out of reach");
        }
        let Ok(epoch) = self.reach()?.lease(now, key, hold);
        Ok(epoch)
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, Self::Error> {
        let Ok(is_set) = self.reach()?.compare_and_set(key, epoch, record);
        Ok(is_set)
    }
}

#[test]
fn a_sign_in_waits_for_a_store_that_fails() {
    for failures in [1, 2, 5] {
        let (mut provider, api) = signing_in(&[]);
        let mut store = Flaky::failing(failures);
        call(&mut provider, &api, &mut store).unwrap();
        call(&mut provider, &api, &mut store).unwrap();
        assert_eq!(requests(&provider, Endpoint::Token), 1);
    }
}

/// Nothing was sent: the next call signs in.
#[test]
fn a_sign_in_is_kept_for_later_where_the_store_goes_on_failing() {
    let (mut provider, api) = signing_in(&[]);
    let mut store = Flaky::failing(1_000);
    let error = call(&mut provider, &api, &mut store).unwrap_err();
    assert!(matches!(error, CallError::Store("out of reach")), "{error}");
    assert_eq!(requests(&provider, Endpoint::Token), 0);
    assert!((900..999).contains(&store.failures), "{}", store.failures);
    store.failures = 0;
    call(&mut provider, &api, &mut store).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 1);
}

/// What is used once is nobody else's: it is not lost for want of a lease.
#[test]
fn a_user_is_waited_for_where_no_lease_is_extended() {
    let (mut provider, api) = signing_in(&[PollAnswer::Pending; 6]);
    let mut store = Flaky {
        extends_none: true,
        ..Flaky::default()
    };
    call(&mut provider, &api, &mut store).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 7);
}

/// A store whose every effect takes a turn of the executor.
#[derive(Default)]
struct Turns(Mutex<MemoryStore>);

impl AsyncStore for Turns {
    type Error = Infallible;

    async fn get(&self, key: &Key) -> Result<Option<Record>, Infallible> {
        turn().await;
        AsyncStore::get(&self.0, key).await
    }

    async fn lease(
        &self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> Result<Option<Epoch>, Infallible> {
        turn().await;
        AsyncStore::lease(&self.0, now, key, hold).await
    }

    async fn compare_and_set(
        &self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, Infallible> {
        turn().await;
        AsyncStore::compare_and_set(&self.0, key, epoch, record).await
    }
}

async fn turn() {
    let mut has_waited = false;
    poll_fn(|_| match mem::replace(&mut has_waited, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

type Calling<'a> = Pin<Box<dyn Future<Output = Answer<Infallible>> + 'a>>;

/// A provider, the API of a user who is about to sign in on a device, a store for it, and the time.
struct Scene {
    provider: Mutex<Provider>,
    api: Api<Shared>,
    store: Turns,
    slept: Cell<Duration>,
}

impl Scene {
    fn new() -> Self {
        let (provider, api) = signing_in(&[]);
        Self {
            provider: Mutex::new(provider),
            api,
            store: Turns::default(),
            slept: Cell::new(Duration::ZERO),
        }
    }

    /// A call whose answers and waits take a turn each.
    fn calling(&self) -> Calling<'_> {
        let now = || UnixTime::from_secs(START).saturating_add(self.slept.get());
        let send = move |request: Request| async move {
            turn().await;
            let mut provider = self.provider.lock().unwrap();
            Ok(provider.handle(now().as_secs(), &request))
        };
        let sleep = |pause| {
            self.slept.set(self.slept.get() + pause);
            turn()
        };
        let request = self.api.get("mail");
        let call = drive::call_asynchronous(&self.api, request, &self.store, now, send, sleep);
        Box::pin(call)
    }

    fn token_requests(&self) -> usize {
        requests(&self.provider.lock().unwrap(), Endpoint::Token)
    }
}

fn poll(calling: &mut Calling) -> Poll<Answer<Infallible>> {
    let mut context = Context::from_waker(Waker::noop());
    calling.as_mut().poll(&mut context)
}

fn finish(mut calling: Calling) -> Answer<Infallible> {
    loop {
        if let Poll::Ready(answer) = poll(&mut calling) {
            return answer;
        }
    }
}

/// Both come before anybody has signed in: one signs in, the other waits for that.
#[test]
fn one_caller_signs_in_for_all_over_a_store_too() {
    let scene = Scene::new();
    let (mut first, mut second) = (scene.calling(), scene.calling());
    let mut is_over = false;
    while !is_over {
        if let Poll::Ready(answer) = poll(&mut first) {
            assert_eq!(answer.unwrap().status(), 200);
            is_over = true;
        }
        assert!(poll(&mut second).is_pending(), "it waits");
    }
    assert_eq!(finish(second).unwrap().status(), 200);
    assert_eq!(scene.token_requests(), 1);
}

/// A caller who goes away before a request left takes no sign-in with it.
#[test]
fn who_waits_for_a_sign_in_takes_it_over() {
    let scene = Scene::new();
    let (mut first, mut second) = (scene.calling(), scene.calling());
    assert!(poll(&mut first).is_pending());
    for _ in 0..3 {
        assert!(poll(&mut second).is_pending());
    }
    drop(first);
    assert_eq!(finish(second).unwrap().status(), 200);
    assert_eq!(scene.token_requests(), 1);
}

/// It is not waited for without an end.
#[test]
fn a_sign_in_that_takes_long_holds_others_back() {
    let scene = Scene::new();
    let mut first = scene.calling();
    assert!(poll(&mut first).is_pending());
    let error = finish(scene.calling()).unwrap_err();
    let is_held_back = matches!(
        error,
        CallError::Protocol(Error::Expired(Expired::HeldBack { .. }))
    );
    assert!(is_held_back, "{error}");
    assert_eq!(finish(first).unwrap().status(), 200);
}

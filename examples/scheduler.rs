//! Many grants, each renewed when it is due: on a plain thread, and on tokio.
//!
//! The scheduler says who is due and how long to sleep; a refresh is run by its driver, over a store that
//! both loops could share with other processes. The provider is in memory, and its tokens live for ten
//! seconds of a clock that is forty times as fast as the one on the wall.
//!
//! ```sh
//! cargo run --example scheduler
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]
#![expect(clippy::disallowed_methods, reason = "a loop has a clock, and sleeps")]

use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use http::Response;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use tokio::task::JoinSet;

use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::scheduler::RefreshScheduler;
use oauth_proto::lease::terms::Terms;

/// A plain thread: sleep, and renew who is due.
fn on_a_thread(world: &World, mut scheduler: RefreshScheduler<Key>) -> usize {
    let mut store = MemoryStore::new();
    let mut renewed = 0;
    while renewed < ENOUGH {
        let nap = scheduler.next_wakeup(world.now()).unwrap_or_default();
        thread::sleep(world.real(nap));
        for turn in scheduler.due(world.now(), 10).turns {
            let send = |request| Ok::<_, Infallible>(world.send(request));
            let sleep = |wait| thread::sleep(world.real(wait));
            let refresh = world.refresh(turn.key());
            let result = drive::blocking(refresh, &mut store, || world.now(), send, sleep);
            renewed += is_fresh(&result);
            scheduler.settle(world.now(), turn, &result);
        }
    }
    renewed
}

/// Tokio: each refresh is a task, and the loop waits for whatever comes first.
async fn on_tokio(world: Arc<World>, mut scheduler: RefreshScheduler<Key>) -> usize {
    let store = Arc::new(Mutex::new(MemoryStore::new()));
    let mut tasks = JoinSet::new();
    let mut renewed = 0;
    while renewed < ENOUGH {
        let nap = scheduler.next_wakeup(world.now()).unwrap_or_default();
        tokio::select! {
            () = tokio::time::sleep(world.real(nap)) => {}
            Some(Ok((turn, result))) = tasks.join_next() => {
                renewed += is_fresh(&result);
                scheduler.settle(world.now(), turn, &result);
            }
        }
        for turn in scheduler.due(world.now(), 10).turns {
            let (world, store) = (world.clone(), store.clone());
            tasks.spawn(async move {
                let send = |request| ready(Ok::<_, Infallible>(world.send(request)));
                let sleep = |wait| tokio::time::sleep(world.real(wait));
                let refresh = world.refresh(turn.key());
                let result = drive::asynchronous(refresh, &*store, || world.now(), send, sleep);
                (turn, result.await)
            });
        }
    }
    renewed
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new()?;
    let renewed = on_a_thread(&world, world.scheduler());
    world.report("a thread", renewed)?;
    let world = Arc::new(World::new()?);
    let renewed = on_tokio(world.clone(), world.scheduler()).await;
    world.report("tokio", renewed)
}

fn is_fresh(result: &Result<Outcome, Infallible>) -> usize {
    usize::from(matches!(result, Ok(Outcome::Fresh(_))))
}

/// A provider, a client that has accounts with it, and a clock that is in a hurry.
struct World {
    provider: Mutex<Provider>,
    client: Client,
    started: Instant,
}

const ISSUER: &str = "https://id.example";

/// So many seconds of the world are one of ours.
const SPEED: u32 = 40;
const ACCOUNTS: usize = 25;
/// So many renewals, and the loops end.
const ENOUGH: usize = 3 * ACCOUNTS;

impl World {
    fn new() -> Result<Self, Box<dyn Error>> {
        let record = ClientRecord::basic("fleet", "s3cret").scope("mail");
        let mut provider = Provider::new(ISSUER).with(record);
        provider.settings.token_lifetime = 10;
        let metadata = Metadata::new(ISSUER, UriPolicy::default())?
            .with_endpoint(Endpoint::Token, &format!("{ISSUER}/token"))?;
        let authentication = Authentication::client_secret_basic("s3cret");
        Ok(Self {
            provider: Mutex::new(provider),
            client: Client::new(metadata, "fleet", authentication)?,
            started: Instant::now(),
        })
    }

    /// Every account is due two seconds from the start.
    fn scheduler(&self) -> RefreshScheduler<Key> {
        let mut scheduler = RefreshScheduler::new(Terms::new().with_seed(7));
        for account in 0..ACCOUNTS {
            let key = Key::new(&self.client, &format!("account {account}"));
            let due_at = START.saturating_add(Duration::from_secs(2));
            scheduler.insert(self.now(), key, ISSUER, due_at);
        }
        scheduler
    }

    fn refresh(&self, key: &Key) -> Refresh {
        let grant = Grant::client_credentials(&self.client);
        Refresh::new(&self.client, key, Renewal::grant(grant))
    }

    fn now(&self) -> UnixTime {
        START.saturating_add(self.started.elapsed() * SPEED)
    }

    fn real(&self, wait: Duration) -> Duration {
        wait / SPEED
    }

    fn send(&self, request: Request) -> Response<Vec<u8>> {
        let now = self.now().as_secs();
        lock(&self.provider).handle(now, &request.into_http())
    }

    /// The provider has nothing to complain of.
    fn report(&self, which: &str, renewed: usize) -> Result<(), Box<dyn Error>> {
        let seconds = self.now().since(START).as_secs();
        println!("{which}: {ACCOUNTS} grants renewed {renewed} times in {seconds} s");
        match lock(&self.provider).complaints() {
            [] => Ok(()),
            complaints => Err(format!("{complaints:?}").into()),
        }
    }
}

const START: UnixTime = UnixTime::from_secs(1_800_000_000);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A store that blocks, under tasks.
#![cfg(all(feature = "file-store", feature = "reqwest", feature = "ureq"))]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::lease;
use oauth_proto::lease::api::Api;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::AsyncStore as _;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;
use oauth_proto::transport::blocking::Blocking;
use oauth_proto::transport::file_store::FileStore;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;
use oauth_proto_world::Provider;
use tokio::task::JoinSet;

use crate::folder::Folder;
use crate::shared::Shared;
use crate::tasks::runtime;

#[path = "common/folder.rs"]
mod folder;
#[path = "common/shared.rs"]
mod shared;
#[path = "common/tasks.rs"]
mod tasks;

fn store_in(folder: &Folder) -> FileStore {
    FileStore::new(folder.path("tokens.json"))
}

#[test]
fn thirty_tasks_over_one_file_cause_one_refresh() {
    let folder = Folder::new("refresh");
    tasks::cause_one_refresh(store_in(&folder));
}

#[test]
fn tasks_call_an_api_with_the_tokens_of_a_file() {
    let folder = Folder::new("call");
    let (shared, store) = (Shared::start(), Blocking::new(store_in(&folder)));
    let client = reqwest::client().unwrap();
    let grant = lease::shared::Shared::new(shared.key.clone(), Renewal::refresh_token());
    let base = format!("{}/api", shared.server.issuer());
    let api = Api::shared(&shared.client, &base, grant).unwrap();
    runtime().block_on(async {
        let first = shared.tokens.clone();
        store.sign_in(now(), &shared.key, first).await.unwrap();
        shared.server.with(Provider::end_access_tokens);
        let mut tasks = JoinSet::new();
        for _ in 0..10 {
            let (client, api, store) = (client.clone(), api.clone(), store.clone());
            tasks.spawn(async move {
                let answer = reqwest::call_shared(&client, &api, api.get("mail"), &store).await;
                answer.unwrap().status()
            });
        }
        for status in tasks.join_all().await {
            assert_eq!(status, 200);
        }
        store.forget(now(), &shared.key).await.unwrap();
        assert_eq!(store.get(&shared.key).await.unwrap(), None);
        let keys = store.with(|store| store.keys()).await.unwrap();
        assert!(keys.is_empty());
    });
    shared.assert_one_refresh(&[]);
}

/// A store whose reads last until they are let go.
#[derive(Clone)]
struct Slow {
    let_go: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Store for Slow {
    type Error = Infallible;

    fn get(&mut self, _key: &Key) -> Result<Option<Record>, Infallible> {
        self.let_go.lock().unwrap().recv().unwrap();
        Ok(None)
    }

    fn lease(&mut self, _: UnixTime, _: &Key, _: Hold) -> Result<Option<Epoch>, Infallible> {
        Ok(None)
    }

    fn compare_and_set(
        &mut self,
        _: &Key,
        _: Epoch,
        _: Option<&Record>,
    ) -> Result<bool, Infallible> {
        Ok(false)
    }
}

/// The one thread of the runtime lets the read go that a task waits for, and another effect does not wait for it.
#[test]
fn the_executor_goes_on_while_a_store_blocks() {
    let shared = Shared::start();
    let (let_go, is_let_go) = mpsc::channel();
    let let_go_of = Arc::new(Mutex::new(is_let_go));
    let store = Blocking::new(Slow { let_go: let_go_of });
    let key = shared.key.clone();
    runtime().block_on(async {
        let (reading, read_key) = (store.clone(), key.clone());
        let reading = tokio::spawn(async move { reading.get(&read_key).await });
        tokio::task::yield_now().await;
        let Ok(epoch) = store.lease(now(), &key, Hold::Seize(Duration::ZERO)).await;
        assert_eq!(epoch, None);
        assert!(!reading.is_finished());
        let_go.send(()).unwrap();
        assert_eq!(reading.await.unwrap(), Ok(None));
    });
}

#[test]
#[should_panic = "the store is broken"]
fn a_panic_of_the_store_is_the_callers() {
    let store = Blocking::new(());
    runtime().block_on(store.with(|()| panic!("the store is broken")));
}

/// As many clones as acted at once would otherwise stay, each with its connection.
#[test]
fn few_clones_are_kept() {
    const AT_ONCE: usize = 20;
    let counted = Arc::new(());
    let store = Blocking::new(Arc::clone(&counted));
    let all = Arc::new(Barrier::new(AT_ONCE));
    runtime().block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (store, all) = (store.clone(), Arc::clone(&all));
            tasks.spawn(async move { store.with(move |_| all.wait().is_leader()).await });
        }
        tasks.join_all().await;
    });
    // This one, the first of the store, and eight that wait for the next.
    assert_eq!(Arc::strong_count(&counted), 2 + 8);
}

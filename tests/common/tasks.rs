//! Many tasks over one store that blocks and one provider that detects reuse, on a runtime of one thread.

use std::fmt::Debug;

use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::AsyncStore as _;
use oauth_proto::lease::store::Store;
use oauth_proto::transport::blocking::Blocking;
use oauth_proto::transport::now;
use oauth_proto::transport::reqwest;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::shared::Shared;

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Thirty tasks cause one refresh, all get what came of it, and the store has it.
pub(crate) fn cause_one_refresh<S>(store: S)
where
    S: Store<Error: Debug + Send> + Clone + Send + 'static,
{
    let (shared, store) = (Shared::start(), Blocking::new(store));
    let client = reqwest::client().unwrap();
    let (outcomes, kept) = runtime().block_on(async {
        let first = shared.tokens.clone();
        store.sign_in(now(), &shared.key, first).await.unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..30 {
            // An API has refused the first access token.
            let refresh = Refresh::new(&shared.client, &shared.key, Renewal::refresh_token());
            let refresh = refresh.rejected(&shared.tokens);
            let (client, store) = (client.clone(), store.clone());
            tasks.spawn(async move { reqwest::refresh_detached(&client, refresh, store).await });
        }
        let outcomes = tasks.join_all().await.into_iter().map(Result::unwrap);
        let outcomes: Vec<Outcome> = outcomes.collect();
        (outcomes, store.get(&shared.key).await.unwrap())
    });
    assert_eq!(outcomes.len(), 30);
    shared.assert_one_refresh(&outcomes);
    assert_eq!(kept.unwrap().tokens(), outcomes[0].tokens());
}

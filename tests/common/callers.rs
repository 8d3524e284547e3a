//! Many callers over one store and one provider that detects reuse, on real sockets and real threads.

use std::fmt::Debug;
use std::thread;

use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store;
use oauth_proto::transport::now;
use oauth_proto::transport::ureq;

use crate::shared::Shared;

/// A hundred callers cause one refresh, and all get what came of it.
pub(crate) fn cause_one_refresh<S: Store<Error: Debug> + Clone + Send>(store: &S) {
    let shared = Shared::start();
    let (client, key, first) = (&shared.client, &shared.key, &shared.tokens);
    store.clone().sign_in(now(), key, first.clone()).unwrap();
    let agent = ureq::agent();

    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let caller = |_| {
            let mut store = store.clone();
            // An API has refused the first access token.
            let refresh = Refresh::new(client, key, Renewal::refresh_token()).rejected(first);
            let agent = &agent;
            scope.spawn(move || ureq::refresh(agent, refresh, &mut store).unwrap())
        };
        let callers: Vec<_> = (0..100).map(caller).collect();
        let outcomes = callers.into_iter().map(|caller| caller.join().unwrap());
        outcomes.collect()
    });
    shared.assert_one_refresh(&outcomes);
}

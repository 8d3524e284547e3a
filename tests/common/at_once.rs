//! Many nodes at one store at once.

use std::fmt::Debug;
use std::thread;
use std::time::Duration;

use oauth_proto::lease::record::Record;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;

use crate::conformance;
use crate::conformance::NOW;

const HOLD: Duration = Duration::from_secs(60);

/// Holds a store that many use at once to its contract: one lease for all, and no write lost.
pub(crate) fn lose_nothing<S: Store<Error: Debug> + Clone + Send>(store: &S) {
    let grants: Vec<String> = (0..8).map(|grant| format!("shared {grant}")).collect();
    let given = thread::scope(|scope| {
        let node = |grant: &'_ String| {
            let (mut store, key) = (store.clone(), conformance::key(grant));
            scope.spawn(move || {
                store.sign_in(NOW, &key, conformance::tokens()).unwrap();
                let shared = conformance::key("shared");
                store.lease(NOW, &shared, Hold::Take(HOLD)).unwrap()
            })
        };
        let threads: Vec<_> = grants.iter().map(node).collect();
        let given = threads.into_iter().map(|it| it.join().unwrap());
        given.collect::<Vec<Option<Epoch>>>()
    });
    assert_eq!(given.iter().flatten().count(), 1, "one lease for all");
    for grant in grants {
        let kept = store.clone().get(&conformance::key(&grant)).unwrap();
        assert_eq!(kept, Some(Record::new(conformance::tokens())));
    }
}

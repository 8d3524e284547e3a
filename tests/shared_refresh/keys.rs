//! A refresh whose new tokens wait for the server's keys.

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;

use crate::REFRESHED;
use crate::node::LATE;
use crate::node::at;
use crate::node::client_with_keys;
use crate::node::granted;
use crate::node::key;
use crate::node::number;

/// A store that can write, and that loses a lease where it is to be extended a second time.
struct Shaky {
    inner: MemoryStore,
    extensions: usize,
}

impl Store for Shaky {
    type Error = ();

    fn get(&mut self, key: &Key) -> Result<Option<Record>, ()> {
        self.inner.get(key).map_err(|never| match never {})
    }

    fn lease(&mut self, now: UnixTime, key: &Key, hold: Hold) -> Result<Option<Epoch>, ()> {
        if matches!(hold, Hold::Extend(..)) {
            self.extensions += 1;
            if self.extensions > 1 {
                return Err(());
            }
        }
        self.inner
            .lease(now, key, hold)
            .map_err(|never| match never {})
    }

    fn compare_and_set(
        &mut self,
        key: &Key,
        epoch: Epoch,
        record: Option<&Record>,
    ) -> Result<bool, ()> {
        self.inner
            .compare_and_set(key, epoch, record)
            .map_err(|never| match never {})
    }
}

pub(crate) fn signed_in() -> Tokens {
    let stored = include_str!("../vectors/stored/tokens-v1-signed-in.json")
        .replace("https://server.example.com\"", "https://id.example\"")
        .replace("s6BhdRkqt3", "app")
        .replacen(
            "\"id_token\"",
            "\"expires_at\":1800003600,\"refresh_token\":\"refr35h-1\",\"id_token\"",
            1,
        );
    serde_json::from_str(&stored).unwrap()
}

/// To fetch keys spends nothing: no lease is asked for, and no trouble with one costs the tokens.
#[test]
fn tokens_in_hand_ask_for_no_lease() {
    let mut store = Shaky {
        inner: MemoryStore::new(),
        extensions: 0,
    };
    store.sign_in(at(0), &key(), signed_in()).unwrap();
    let mut answer = granted(2).unwrap();
    let body = String::from_utf8(answer.body().clone()).unwrap();
    let more = format!(r#","id_token":"{REFRESHED}"}}"#);
    *answer.body_mut() = body.replace('}', &more).into_bytes();
    // The first request is lost, and the lease extended for the second one.
    let mut answers = vec![answer];
    let mut targets = Vec::new();
    let send = |request: Request| {
        targets.push(request.uri().path().to_owned());
        match targets.len() {
            1 => Err(()),
            _ => answers.pop().ok_or(()),
        }
    };
    let client = client_with_keys();
    let refresh = Refresh::new(&client, &key(), Renewal::refresh_token());
    let outcome = drive::blocking(refresh, &mut store, || LATE, send, |_| {}).unwrap();
    assert!(matches!(outcome, Outcome::Fresh(_)), "{outcome:?}");
    assert_eq!(number(&outcome), Some(2));
    assert_eq!(targets[..3], ["/token", "/token", "/keys"]);
    let kept = store.get(&key()).unwrap().unwrap();
    let kept = kept.tokens().unwrap();
    assert!(kept.refresh_token().unwrap().eq_text("refr35h-2"));
}

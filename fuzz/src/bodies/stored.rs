//! Invariant: whatever is handed in for something that was stored, nothing panics, and the time is
//! near-linear in its length. What is read was written in version 1 of its form; written again it reads as
//! the same, and of another version it is refused.
//!
//! Input: a digit (or `:`, `;`, `<`, `=`) for the form, then its JSON.

use oauth_proto::domain::bound_tokens::BoundTokens;
use oauth_proto::domain::stored_dpop_key::StoredDpopKey;
use oauth_proto::domain::stored_keys::StoredKeys;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::logout::PendingLogout;
use oauth_proto::endpoint::pending::Pending;
use oauth_proto::endpoint::pending_backchannel::PendingBackchannel;
use oauth_proto::endpoint::pending_device::PendingDevice;
use oauth_proto::endpoint::registration::Registration;
use oauth_proto::lease::record::Record;
use oauth_proto::oauth1;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::provider::account::Account;
use oauth_proto::provider::record::Provider;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bodies::bytes::Bytes;

const LIMIT: usize = 1 << 20;

/// Every form. The last two stand there again, so that a digit is its own number.
const FORMS: [fn(&str) -> bool; 16] = [
    comes_back::<Pending>,
    comes_back::<PendingDevice>,
    comes_back::<PendingBackchannel>,
    comes_back::<PendingLogout>,
    comes_back::<Tokens>,
    comes_back::<Record>,
    comes_back::<oauth1::pending::Pending>,
    comes_back::<TokenCredentials>,
    comes_back::<StoredKeys>,
    comes_back::<BoundTokens>,
    comes_back::<Registration>,
    comes_back::<Account>,
    comes_back::<Provider>,
    comes_back::<StoredDpopKey>,
    comes_back::<Pending>,
    comes_back::<Tokens>,
];

/// Whether it was read.
pub fn run(data: &[u8]) -> bool {
    let mut input = Bytes::new(data);
    let form = input.choice(FORMS);
    let text = input.text(LIMIT);
    std::str::from_utf8(&text).is_ok_and(form)
}

fn comes_back<T: Serialize + DeserializeOwned>(text: &str) -> bool {
    let Ok(read) = serde_json::from_str::<T>(text) else {
        return false;
    };
    let written = serde_json::to_string(&read).expect("what was read is written");
    let again: T = serde_json::from_str(&written).expect("what was written is read");
    let same = serde_json::to_string(&again).expect("what was read is written");
    assert_eq!(written, same);

    let mut other: Value = serde_json::from_str(&written).expect("it is JSON");
    assert_eq!(other["v"], 1);
    other["v"] = 2.into();
    assert!(
        serde_json::from_value::<T>(other).is_err(),
        "a version to come"
    );
    true
}

//! What a logout token names, and until when.

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::verdict::Check;
use oauth_proto::endpoint::logout_token::LogoutToken;
use oauth_proto_world::Edit;

use crate::common::moment::NOW;
use crate::common::signing::parties;
use crate::log_out;

/// What is remembered of a token may be forgotten at the moment it names, and not before.
#[test]
fn a_logout_token_is_refused_for_its_age_from_its_end_on() {
    let (mut provider, client) = parties();
    let end = log_out(&mut provider, &client, &[]).unwrap().expires_at();
    let request = provider.log_out(NOW.as_secs(), "shop", "s", &[]).unwrap();
    let last = UnixTime::from_secs(end.as_secs() - 1);
    let token = LogoutToken::read(&client, last, &request).unwrap();
    assert_eq!(end, token.exp().saturating_add(client.leeway()));
    let error = LogoutToken::read(&client, end, &request).unwrap_err();
    assert_eq!(error.check(), Some(Check::LogoutTokenExp));
}

/// An empty name is nobody's: to end the sessions of nobody would lose the logout.
#[test]
fn an_empty_name_is_none() {
    let (mut provider, client) = parties();
    let token = log_out(&mut provider, &client, &[("sid", Edit::set(""))]).unwrap();
    assert_eq!(token.sid(), None);
    assert!(token.sub().is_some());
    let token = log_out(&mut provider, &client, &[("sub", Edit::set(""))]).unwrap();
    assert_eq!(token.sub(), None);
    assert_eq!(token.sid(), Some("08a5019c"));
}

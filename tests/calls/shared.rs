//! The same over a store: a refresh where it is due, the call, and both again where the API refuses the
//! token.

use std::convert::Infallible;
use std::future::ready;

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::request::Request;
use oauth_proto::lease::api_request::ApiRequest;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::memory::MemoryStore;
use oauth_proto::lease::record::Record;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::shared::CallError;
use oauth_proto::lease::shared::Shared;
use oauth_proto::lease::store::Epoch;
use oauth_proto::lease::store::Hold;
use oauth_proto::lease::store::Store;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;

use crate::Api;
use crate::Change;
use crate::DUE;
use crate::Error;
use crate::Expired;
use crate::Mutex;
use crate::cast::BASE;
use crate::cast::at;
use crate::cast::signed_in;
use crate::common::moment::NOW;
use crate::refusing;
use crate::requests;

/// A provider, the API of a store's tokens, and that store.
fn stored() -> (Provider, Api<Shared>, MemoryStore) {
    let (provider, client, api) = signed_in();
    let key = Key::new(&client, "ada");
    let mut store = MemoryStore::new();
    let Ok(()) = store.sign_in(NOW, &key, api.lease().tokens().unwrap());
    let grant = Shared::new(key, Renewal::refresh_token());
    (provider, Api::shared(&client, BASE, grant).unwrap(), store)
}

/// Calls the API at one moment.
fn call<S: Store>(
    provider: &mut Provider,
    now: UnixTime,
    api: &Api<Shared>,
    request: ApiRequest,
    store: &mut S,
) -> Result<Response<Vec<u8>>, CallError<Infallible, S::Error>> {
    let send = |request: Request| Ok(provider.handle(now.as_secs(), &request));
    drive::call(api, request, store, || now, send, |_| {})
}

#[test]
fn a_call_over_a_store_renews_what_has_expired_or_is_refused() {
    let (mut provider, api, mut store) = stored();
    call(&mut provider, NOW, &api, api.get("mail"), &mut store).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 1);
    call(&mut provider, at(4_000), &api, api.get("mail"), &mut store).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 2);
    provider.end_access_tokens();
    call(&mut provider, at(4_000), &api, api.get("mail"), &mut store).unwrap();
    assert_eq!(requests(&provider, Endpoint::Token), 3);
    assert_eq!(requests(&provider, Endpoint::Api), 4);
    provider.end_access_tokens();
    let request = api.get("mail").once();
    call(&mut provider, at(4_000), &api, request, &mut store).unwrap_err();
    assert_eq!(requests(&provider, Endpoint::Token), 4, "for the next call");
    assert_eq!(requests(&provider, Endpoint::Api), 5);
    assert_eq!(provider.complaints(), [""; 0]);
}

#[test]
fn a_second_refusal_is_final_over_a_store_too() {
    let (mut provider, api, mut store) = stored();
    provider.mutate(refusing());
    let error = call(&mut provider, NOW, &api, api.get("mail"), &mut store).unwrap_err();
    assert!(matches!(error, CallError::Protocol(Error::Refused(_))));
    assert_eq!(requests(&provider, Endpoint::Api), 2);
    assert_eq!(requests(&provider, Endpoint::Token), 2);
    let Ok(record) = store.get(api.grant().key());
    let tokens = record.unwrap().tokens().unwrap().clone();
    let refresh = tokens.refresh_token().unwrap();
    assert!(provider.honours(NOW.as_secs(), refresh.expose()));
}

#[test]
fn no_tokens_in_the_store_need_a_sign_in() {
    let (mut provider, api, mut store) = stored();
    let Ok(()) = store.forget(NOW, api.grant().key());
    let error = call(&mut provider, NOW, &api, api.get("mail"), &mut store).unwrap_err();
    let needs_sign_in = matches!(error, CallError::Protocol(Error::Expired(Expired::Grant)));
    assert!(needs_sign_in, "{error}");
}

#[test]
fn a_token_that_still_works_is_used_over_a_store_too() {
    let (mut provider, api, mut store) = stored();
    provider.mutate(Mutation::new(
        Endpoint::Token,
        Change::error("invalid_client"),
    ));
    for _ in 0..2 {
        call(&mut provider, DUE, &api, api.get("mail"), &mut store).unwrap();
    }
    assert_eq!(requests(&provider, Endpoint::Token), 2);
    let error = call(&mut provider, at(4_000), &api, api.get("mail"), &mut store).unwrap_err();
    assert!(
        matches!(error, CallError::Protocol(Error::Refused(_))),
        "{error}"
    );
}

/// A store that reads and does not write.
struct Full(MemoryStore);

impl Store for Full {
    type Error = &'static str;

    fn get(&mut self, key: &Key) -> Result<Option<Record>, Self::Error> {
        let Ok(record) = self.0.get(key);
        Ok(record)
    }

    fn lease(
        &mut self,
        now: UnixTime,
        key: &Key,
        hold: Hold,
    ) -> Result<Option<Epoch>, Self::Error> {
        let Ok(epoch) = self.0.lease(now, key, hold);
        Ok(epoch)
    }

    fn compare_and_set(
        &mut self,
        _: &Key,
        _: Epoch,
        _: Option<&Record>,
    ) -> Result<bool, Self::Error> {
        Err("no space")
    }
}

#[test]
fn tokens_that_the_store_does_not_take_are_handed_out() {
    let (mut provider, api, store) = stored();
    let mut store = Full(store);
    let now = at(4_000);
    let error = call(&mut provider, now, &api, api.get("mail"), &mut store).unwrap_err();
    let CallError::Unsaved(tokens) = error else {
        panic!("{error}");
    };
    let refresh = tokens.refresh_token().unwrap();
    assert!(provider.honours(now.as_secs(), refresh.expose()));
    assert_eq!(requests(&provider, Endpoint::Api), 0);
}

#[test]
fn the_async_driver_goes_the_same_way() {
    let (mut provider, api, store) = stored();
    let store = Mutex::new(store);
    for now in [NOW, at(4_000), at(4_000)] {
        let send = |request: Request| {
            ready(Ok::<_, Infallible>(
                provider.handle(now.as_secs(), &request),
            ))
        };
        let sleep = |_| ready(());
        let call = drive::call_asynchronous(&api, api.get("mail"), &store, || now, send, sleep);
        assert_eq!(pollster::block_on(call).unwrap().status(), 200);
        provider.end_access_tokens();
    }
    assert_eq!(requests(&provider, Endpoint::Token), 3);
    assert_eq!(requests(&provider, Endpoint::Api), 4);
}

//! The three-legged flow (RFC 5849 §2), by hand: temporary credentials, callback, token credentials.

use std::time::Duration;

use oauth_proto::base::time::UnixTime;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Expired;
use oauth_proto::domain::error::Misuse;
use oauth_proto::domain::error::Remedy;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::endpoint::Operation;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::oauth1::callback::Callback;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::oauth1::method::RsaKey;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::placement::Placement;
use oauth_proto::oauth1::temporary::TemporaryCredentialRequest;
use oauth_proto::oauth1::token::TokenCredentialRequest;
use oauth_proto::oauth1::verify::ReceivedRequest;
use url::form_urlencoded;

use crate::cast::CALLBACK;
use crate::cast::NONCE;
use crate::cast::NOW;
use crate::cast::RETURNED;
use crate::cast::TEMPORARY;
use crate::cast::client;
use crate::cast::client_by;
use crate::cast::form;
use crate::cast::made;
use crate::cast::metadata;
use crate::cast::pending;
use crate::keys;
use crate::vectors::vectors;

/// The protocol parameters of what is sent, but for the signature.
fn sent<O: Operation>(operation: &O) -> Vec<(String, String)> {
    let request = made(operation.request(NOW).unwrap());
    let header = request.headers()["authorization"].clone();
    let header = oauth_proto::oauth1::header::Authorization::parse(&header).unwrap();
    header
        .parameters()
        .filter(|(name, _)| *name != "oauth_signature")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn resume(received: &str) -> Result<(), Error> {
    let client = client();
    let pending = pending(&client);
    client.resume(NOW, pending, received).map(|_| ())
}

#[test]
fn three_legs_by_the_steps() {
    let client = client();
    let Step::Send(request, sent) = client.authorize().unwrap().begin(NOW).unwrap() else {
        panic!("it asks");
    };
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://photos.example.net/initiate");
    let Step::Done((url, pending)) = sent.answer(NOW, &form(TEMPORARY)).unwrap() else {
        panic!("it is done");
    };
    let expected = "https://photos.example.net/authorize?oauth_token=hh5s93j4hdidpola";
    assert_eq!(url.as_str(), expected);
    assert_eq!(
        Callback::parse(RETURNED).unwrap().token(),
        Some(pending.token())
    );

    let Step::Send(request, sent) = client
        .resume(NOW, pending, RETURNED)
        .unwrap()
        .begin(NOW)
        .unwrap()
    else {
        panic!("it asks");
    };
    assert_eq!(request.uri(), "https://photos.example.net/token");
    let received = ReceivedRequest::parse(&request).unwrap();
    assert_eq!(received.token(), Some("hh5s93j4hdidpola"));
    assert_eq!(
        received.parameter("oauth_verifier"),
        Some("hfdp7dh39dks9884")
    );
    let answer =
        form("oauth_token=nnch734d00sl2jdk&oauth_token_secret=pfkkdhi9sl3r4s00&user_id=7\n");
    let Step::Done(credentials) = sent.answer(NOW, &answer).unwrap() else {
        panic!("it is done");
    };
    assert_eq!(credentials.token().expose(), "nnch734d00sl2jdk");
    assert_eq!(credentials.secret().expose(), "pfkkdhi9sl3r4s00");
    assert_eq!(credentials.parameter("user_id").as_deref(), Some("7"));
    assert_eq!(credentials.received_at(), NOW);
    assert!(credentials.findings().is_empty());

    let get = http::Request::get("https://photos.example.net/photos?file=vacation.jpg");
    let call = client.call(&credentials, get.body(Vec::new()).unwrap());
    let Step::Send(request, _) = call.unwrap().begin(NOW).unwrap() else {
        panic!("it asks");
    };
    let received = ReceivedRequest::parse(&request).unwrap();
    assert_eq!(received.token(), Some("nnch734d00sl2jdk"));
}

#[test]
fn what_is_sent_for_temporary_credentials() {
    let own = [
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131200"),
        ("oauth_nonce", NONCE),
        ("oauth_version", "1.0"),
    ];
    let with = |more: &[(&str, &str)]| pairs(&[&own[..], more].concat());
    let asked = || TemporaryCredentialRequest::new(&client()).unwrap();
    assert_eq!(sent(&asked()), with(&[("oauth_callback", CALLBACK)]));
    assert_eq!(
        sent(&asked().out_of_band()),
        with(&[("oauth_callback", "oob")])
    );
    let other = asked()
        .callback("https://printer.example.com/b?x=1")
        .unwrap();
    let callback = ("oauth_callback", "https://printer.example.com/b?x=1");
    assert_eq!(sent(&other), with(&[callback]));

    let rich = asked()
        .realms(["photos", "albums"])
        .and_then(|asked| asked.parameter("oauth_hd", "default"))
        .and_then(|asked| asked.parameter("xoauth_displayname", "My & app"))
        .and_then(|asked| asked.parameter("scope", "https://x.example/"))
        .unwrap();
    let more = [("oauth_hd", "default"), ("oauth_callback", CALLBACK)];
    assert_eq!(sent(&rich), with(&more));
    let request = made(rich.request(NOW).unwrap());
    let body: Vec<_> = form_urlencoded::parse(request.body())
        .into_owned()
        .collect();
    let expected = [
        ("xoauth_displayname", "My & app"),
        ("scope", "https://x.example/"),
    ];
    assert_eq!(body, pairs(&expected));
    assert_eq!(
        request.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    let received = ReceivedRequest::parse(&request).unwrap();
    assert_eq!(received.realm(), Some("photos albums"));
    assert!(
        received
            .base_string()
            .unwrap()
            .contains("xoauth_displayname%3DMy%2520%2526%2520app")
    );
}

#[test]
fn parameters_that_are_set_here_are_not_given() {
    let asked = || TemporaryCredentialRequest::new(&client()).unwrap();
    for name in [
        "oauth_callback",
        "oauth_token",
        "oauth_nonce",
        "oauth_signature",
        "oauth_version",
    ] {
        let refused = asked().parameter(name, "x").map(|_| ());
        assert!(
            matches!(refused, Err(Error::Misuse(Misuse::ProtocolParameter(_)))),
            "{name}"
        );
    }
    assert!(asked().authorization_parameter("oauth_token", "x").is_err());
    assert!(asked().callback("http://printer.example.com/").is_err());
    assert!(asked().realms(["a\r\nb"]).is_err());
    assert!(asked().lifetime(Duration::ZERO).is_err());
}

#[test]
fn the_address_of_the_user_keeps_its_query() {
    let address = "https://photos.example.net/authorize?lang=de";
    let server = metadata()
        .with_endpoint(
            oauth_proto::domain::metadata::Endpoint::Authorization,
            address,
        )
        .unwrap();
    let client = Client::new(server, "k", SignatureMethod::plaintext("s")).unwrap();
    let asked = TemporaryCredentialRequest::new(&client).unwrap();
    let asked = asked
        .authorization_parameter("perms", "read write")
        .unwrap();
    let answer = form("oauth_token=a%26b&oauth_token_secret=&oauth_callback_confirmed=true");
    let (url, pending) = asked.response(NOW, &answer).unwrap();
    assert_eq!(
        url.as_str(),
        format!("{address}&oauth_token=a%26b&perms=read%20write")
    );
    assert_eq!(pending.token(), "a&b");
}

#[test]
fn a_callback_is_confirmed_or_tolerated_by_name() {
    let answer =
        |confirmed: &str| form(&TEMPORARY.replace("&oauth_callback_confirmed=true", confirmed));
    let case = Quirk::CallbackConfirmedCase;
    let none = Quirk::CallbackUnconfirmed;
    for (confirmed, quirk, tolerated) in [
        ("&oauth_callback_confirmed=True", case, true),
        ("&oauth_callback_confirmed=True", none, false),
        ("&oauth_callback_confirmed=false", none, true),
        ("&oauth_callback_confirmed=false", case, false),
        ("", none, true),
        ("", case, false),
    ] {
        let strict = TemporaryCredentialRequest::new(&client()).unwrap();
        let error = strict.response(NOW, &answer(confirmed)).unwrap_err();
        assert_eq!(error.check().unwrap().id(), "OAUTH1-CALLBACK-CONFIRMED");
        let lax = client().with_quirks([quirk]);
        let lax = TemporaryCredentialRequest::new(&lax).unwrap();
        match lax.response(NOW, &answer(confirmed)) {
            Ok((_, pending)) if tolerated => {
                assert_eq!(pending.findings(), [Finding::Quirk(quirk)]);
            }
            Err(_) if !tolerated => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn callbacks_that_are_taken() {
    for received in [
        RETURNED,
        "?oauth_token=hh5s93j4hdidpola&oauth_verifier=v",
        "oauth_verifier=v&oauth_token=hh5s93j4hdidpola",
        "/ready?tag=a&tag=b&oauth_token=hh5s93j4hdidpola&oauth_verifier=v&org=x#_=_",
        "/ready?oauth_token=hh5s93j4hd%69dpola&oauth_verifier=a+b",
    ] {
        resume(received).unwrap();
    }
}

#[test]
fn denials_in_their_usual_spellings() {
    for (received, code, description) in [
        ("denied=hh5s93j4hdidpola", "access_denied", Some("denied")),
        (
            "denied=true&oauth_token=hh5s93j4hdidpola",
            "access_denied",
            Some("denied"),
        ),
        (
            "oauth_problem=user_refused",
            "access_denied",
            Some("user_refused"),
        ),
        (
            "oauth_token=hh5s93j4hdidpola&oauth_problem=permission_denied&oauth_problem_advice=no",
            "access_denied",
            Some("permission_denied: no"),
        ),
        (
            "error=access_denied&error_description=no",
            "access_denied",
            Some("no"),
        ),
        (
            "oauth_token=hh5s93j4hdidpola&rejected=1",
            "access_denied",
            Some("rejected"),
        ),
        ("oauth_problem=other", "other", None),
        // Whatever stands beside a denial is not taken.
        (
            "oauth_token=hh5s93j4hdidpola&oauth_verifier=v&denied=",
            "access_denied",
            Some("denied"),
        ),
    ] {
        let Err(Error::Refused(refusal)) = resume(received) else {
            panic!("{received}");
        };
        assert_eq!(refusal.code().unwrap().as_str(), code, "{received}");
        assert_eq!(refusal.description(), description, "{received}");
        if code == "access_denied" {
            assert_eq!(Error::from(*refusal).remedy(), Remedy::SignInAgain);
        }
    }
    // A denial that names another token is none of this user's.
    let error = resume("oauth_token=other&oauth_problem=user_refused").unwrap_err();
    assert_eq!(error.check().unwrap().id(), "OAUTH1-CALLBACK-TOKEN");
}

#[test]
fn late_users_and_other_clients_are_refused() {
    let client = client();
    let late = NOW.saturating_add(Duration::from_secs(15 * 60));
    let error = client.resume(late, pending(&client), RETURNED).unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Pending { .. })));
    let other = Client::new(metadata(), "other", SignatureMethod::plaintext("s")).unwrap();
    let error = other.resume(NOW, pending(&client), RETURNED).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::OtherClient { .. })));
}

#[test]
fn the_user_brings_the_verifier_by_hand() {
    let client = client();
    let call = client
        .resume_out_of_band(NOW, pending(&client), " 473f82d3\n")
        .unwrap();
    let own = sent(&call.into_operation());
    assert!(own.contains(&("oauth_verifier".into(), "473f82d3".into())));
    for empty in ["", " "] {
        let error = client
            .resume_out_of_band(NOW, pending(&client), empty)
            .unwrap_err();
        assert_eq!(error.check().unwrap().id(), "OAUTH1-CALLBACK-VERIFIER");
    }
    let late = UnixTime::from_secs(u64::MAX);
    assert!(
        client
            .resume_out_of_band(late, pending(&client), "v")
            .is_err()
    );
}

/// The credentials of an answer with these further parameters.
fn credentials(client: &Client, more: &str) -> TokenCredentials {
    let call = client.resume(NOW, pending(client), RETURNED).unwrap();
    let body = format!("oauth_token=t1&oauth_token_secret=s1{more}");
    call.into_operation().response(NOW, &form(&body)).unwrap()
}

#[test]
fn sessions_are_renewed_and_what_is_not_said_anew_stays() {
    let client = client();
    let first = credentials(
        &client,
        "&oauth_session_handle=h%2F1&oauth_expires_in=3600&guid=G",
    );
    let renewed = TokenCredentialRequest::refresh(&client, &first).unwrap();
    let own = sent(&renewed);
    assert!(own.contains(&("oauth_session_handle".into(), "h/1".into())));
    assert!(own.contains(&("oauth_token".into(), "t1".into())));
    let answer = form("oauth_token=t2&oauth_token_secret=s2&oauth_expires_in=60");
    let second = renewed.response(NOW, &answer).unwrap();
    assert_eq!(second.token().expose(), "t2");
    let said = |name| second.parameter(name);
    assert_eq!(said("oauth_session_handle").as_deref(), Some("h/1"));
    assert_eq!(said("oauth_expires_in").as_deref(), Some("60"));
    assert_eq!(said("guid").as_deref(), Some("G"));

    let without = credentials(&client, "");
    let error = client.refresh(&without).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NoSessionHandle)));
}

#[test]
fn a_name_and_a_password_stand_in_the_form_and_are_signed() {
    let asked = TokenCredentialRequest::x_auth(&client(), "ada", "p&ss word").unwrap();
    let request = made(asked.request(NOW).unwrap());
    assert_eq!(
        request.body(),
        b"x_auth_username=ada&x_auth_password=p%26ss%20word&x_auth_mode=client_auth"
    );
    let received = ReceivedRequest::parse(&request).unwrap();
    assert_eq!(received.token(), None);
    assert!(
        received
            .base_string()
            .unwrap()
            .contains("x_auth_password%3Dp%2526ss%2520word")
    );
    let shown = format!("{asked:?}");
    assert!(!shown.contains("p&ss") && !shown.contains("ada"), "{shown}");
}

#[test]
fn answers_of_a_server_as_it_is() {
    let asked = || {
        let client = client();
        client
            .resume(NOW, pending(&client), RETURNED)
            .unwrap()
            .into_operation()
    };
    // Another type and another status are findings.
    let mut answer = http::Response::new(b"oauth_token=a&oauth_token_secret=b".to_vec());
    *answer.status_mut() = http::StatusCode::CREATED;
    let read = asked().response(NOW, &answer).unwrap();
    assert_eq!(read.findings(), [Finding::Status(201), Finding::MediaType]);

    // JSON is tolerated by name.
    let json =
        http::Response::new(br#"{"oauth_token":"a","oauth_token_secret":"b","id":7}"#.to_vec());
    assert!(asked().response(NOW, &json).is_err());
    let client = client().with_quirks([Quirk::JsonCredentials]);
    let lax = client
        .resume(NOW, pending(&client), RETURNED)
        .unwrap()
        .into_operation();
    let read = lax.response(NOW, &json).unwrap();
    assert_eq!(read.parameter("id").as_deref(), Some("7"));
    assert_eq!(read.findings(), [Finding::Quirk(Quirk::JsonCredentials)]);

    // A no keeps its status and its body.
    for status in [400, 401, 403, 500] {
        let mut answer = http::Response::new(b"Invalid s1gnature".to_vec());
        *answer.status_mut() = status.try_into().unwrap();
        let Err(Error::Refused(refusal)) = asked().response(NOW, &answer) else {
            panic!("{status}");
        };
        assert_eq!(refusal.status().unwrap().as_u16(), status);
        assert_eq!(refusal.body(), b"Invalid s1gnature");
        assert_eq!(refusal.is_transient(), status == 500);
        assert!(!format!("{refusal} {refusal:?}").contains("s1gnature"));
    }
    let mut moved = http::Response::new(Vec::new());
    *moved.status_mut() = http::StatusCode::FOUND;
    let error = asked().response(NOW, &moved).unwrap_err();
    assert_eq!(error.check().unwrap().id(), "RESPONSE-REDIRECT");
}

#[test]
fn a_remote_key_is_asked_and_its_signature_is_placed() {
    let vectors = vectors();
    let key = keys::key(&vectors.keys["rsa_2048"]);
    for placement in [Placement::Header, Placement::Body, Placement::Query] {
        for method in [
            SignatureMethod::rsa_sha1(RsaKey::remote("hsm/7")),
            SignatureMethod::rsa_sha256(RsaKey::remote("hsm/7")),
            SignatureMethod::rsa_sha512(RsaKey::remote("hsm/7")),
        ] {
            let client = client_by(method.clone()).with_placement(placement);
            let Step::Sign(input, signing) = client.authorize().unwrap().begin(NOW).unwrap() else {
                panic!("the key is remote");
            };
            assert_eq!(input.key(), "hsm/7");
            let signature = keys::sign(&key, &input);
            let Step::Send(request, _) = signing.signed(NOW, &signature).unwrap() else {
                panic!("it is signed");
            };
            let received = ReceivedRequest::parse(&request).unwrap();
            assert_eq!(received.placement(), placement);
            assert_eq!(received.base_string().unwrap().as_bytes(), input.bytes());
            let sent = received.parameter("oauth_signature").unwrap();
            let engine = base64::engine::general_purpose::STANDARD;
            assert_eq!(sent, base64::Engine::encode(&engine, signature));
        }
    }
}

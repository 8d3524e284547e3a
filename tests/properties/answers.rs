//! Answers of any bytes: no panic, and nothing accepted that an independent reader reads otherwise.

use http::HeaderValue;
use http::Response;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::metadata::Endpoint;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::domain::quirks::Quirk;
use oauth_proto::domain::quirks::Quirks;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::amended;
use oauth_proto::endpoint::grant::Grant;
use oauth_proto::endpoint::resource::ResourceRequest;
use proptest::prelude::*;
use serde_json::Value;

use super::config;
use crate::cast::NOW;
use crate::cast::client;

/// Text that looks like a token response, in part; one in some is good.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let name = "(refresh_token|scope|id_token|x|[a-z]{1,3}|error|expires_in)";
    let value = prop_oneof![
        6 => r#""[a-zA-Z0-9 ]{0,6}""#,
        4 => r#"([0-9]{1,3}|"[0-9]{1,3}"|null)"#,
        1 => r#"(-1|1e400|0.5|true|\[\]|\[\{\}\]|\{"a":1\})"#,
    ];
    let object = prop::collection::btree_map(name, value, 0..4).prop_map(|members| {
        let members = members
            .iter()
            .map(|(name, value)| format!(r#","{name}":{value}"#));
        let members: String = members.collect();
        format!(r#"{{"access_token":"a","token_type":"Bearer"{members}}}"#)
    });
    let form = "access_token=[a-z%]{0,3}&token_type=bearer(&[a-z_]{1,4}=[0-9a-z%]{0,3}){0,2}";
    prop_oneof![
        4 => object.prop_map(String::into_bytes),
        1 => form.prop_map(String::into_bytes),
        1 => "[{}\\[\\]\":,a-z0-9 \\\\]{0,64}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

/// Token responses that deviate in several ways at once.
fn deviating() -> impl Strategy<Value = Vec<u8>> {
    let member = prop_oneof![
        r#""(access_token|accessToken|refreshToken|token_type|tokenType)":("[a-z]{0,3}"|null|7)"#,
        r#""(token_type|tokenType)":"(bot|user|User Access Token|Bearer)""#,
        r#""(expires|expires_in|expiresIn)":(0|"0"|null|60)"#,
        r#""scope":("a,b"|"a b"|\["a","b,c"\]|\[1\]|null)"#,
        r#""(authed_user|body)":(null|\{"access_token":"n","scope":"x,y"\}|\{\})"#,
        r#""data":(\[\]|\[\{"access_token":"n"\}\]|\{\})"#,
        r#""errors":(\[\]|\[\{"errorType":"e","message":"m"\}\]|\[7\])"#,
        r#""error":("e"|null|\{\})"#,
    ];
    let object = prop::collection::vec(member, 0..6);
    let object = object.prop_map(|members| format!("{{{}}}", members.join(",")).into_bytes());
    prop_oneof![4 => object, 1 => bodies()]
}

fn answer(status: u16, body: Vec<u8>) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body).unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn tokens_are_what_stands_there(body in bodies(), status in prop_oneof![3 => Just(200), 1 => 100..600_u16], tolerant in any::<bool>()) {
        let quirks = tolerant.then_some(Quirk::FormTokenResponse);
        let client = client().with_quirks(quirks.into_iter().collect::<Quirks>()).unwrap();
        let result = Grant::refresh_token(&client, "R").response(NOW, &answer(status, body.clone()));
        let Ok(tokens) = result else {
            return Ok(());
        };
        prop_assert!((200..300).contains(&status));
        prop_assert!(!tokens.access_token().is_empty());
        if let Ok(read) = serde_json::from_slice::<Value>(&body) {
            prop_assert_eq!(read["access_token"].as_str(), Some(tokens.access_token().expose()));
            prop_assert!(read["error"].is_null() || read["error"] == "");
            prop_assert_eq!(read["expires_in"].is_null(), tokens.expires_at().is_none());
        } else {
            prop_assert!(tolerant, "only a form is read where there is no JSON");
        }
    }

    /// What is amended is right, and what is right is not touched.
    #[test]
    fn amending_once_is_enough(
        body in deviating(),
        bits in any::<u32>(),
    ) {
        let chosen = Quirk::ALL.into_iter().enumerate();
        let chosen = chosen.filter(|(at, _)| bits >> at & 1 == 1);
        let quirks: Quirks = chosen.map(|(_, quirk)| quirk).collect();
        let first = amended::token_response(quirks, &answer(200, body.clone())).response.into_owned();
        let again = amended::token_response(quirks, &first);
        prop_assert_eq!(again.acted, []);
        prop_assert_eq!(again.response.body(), first.body());
        let none = amended::token_response(Quirks::none(), &first);
        prop_assert_eq!(none.response.body(), first.body());
    }

    #[test]
    fn no_endpoint_of_a_document_escapes_the_policy(
        scheme in prop_oneof![3 => "https", 1 => "(http|HTTPS|ftp|javascript|)"],
        rest in prop_oneof![
            "(://|:/|:|)[a-z.@:0-9\\[\\]/#? \\\\]{0,16}",
            "://[a-zA-Z]{1,4}\\.[a-z]{1,3}(:[0-9]{1,6})?(/[a-z.%@#]{0,6}){0,3}(\\?[a-z@#]{0,3})?",
            "://(\\[[0-9a-f:.]{2,8}\\]|[0-9.]{1,15}|0x[0-9a-f]{1,8})(/a)?",
        ],
        body in bodies(),
    ) {
        let document = serde_json::json!({
            "issuer": "https://server.example.com",
            "token_endpoint": format!("{scheme}{rest}"),
        });
        if let Ok(metadata) = Metadata::parse(document.to_string().as_bytes(), UriPolicy::default()) {
            let address = metadata.endpoint(Endpoint::Token).unwrap();
            let parsed = url::Url::parse(address.as_str()).unwrap();
            prop_assert_eq!(parsed.scheme(), "https");
            prop_assert!(parsed.has_host() && parsed.username().is_empty() && parsed.password().is_none());
            prop_assert_eq!(parsed.fragment(), None);
            // What is called is what was checked.
            let called = url::Url::parse(&address.uri().to_string()).unwrap();
            prop_assert_eq!(called, parsed);
        }
        let any = Metadata::parse(&body, UriPolicy::default());
        let is_object = body.first() == Some(&b'{');
        prop_assert!(any.is_err() || is_object);
    }

    /// Every answer of an API is handed back as it came, or is a refusal that a Bearer challenge says.
    #[test]
    fn an_api_is_answered_or_refuses(
        lines in prop::collection::vec("(Bearer|Basic|bearer)?[ -~]{0,32}|Bearer error=\"?[a-z_]{0,8}\"?", 0..3),
        status in 100..600_u16,
    ) {
        let tokens = Grant::refresh_token(&client(), "R")
            .response(NOW, &answer(200, br#"{"access_token":"a","token_type":"Bearer"}"#.to_vec()))
            .unwrap();
        let mut response = answer(status, b"body".to_vec());
        for line in &lines {
            response.headers_mut().append("www-authenticate", HeaderValue::from_str(line).unwrap());
        }
        let request = http::Request::get("https://api.example.com/").body(Vec::new()).unwrap();
        let call = ResourceRequest::new(&client(), &tokens, request);
        match call.response(NOW, &response) {
            Ok(same) => prop_assert_eq!(same.headers(), response.headers()),
            Err(_) => {
                let all = lines.join(",").to_ascii_lowercase();
                prop_assert!(all.contains("bearer") && all.contains("error"));
            }
        }
    }
}

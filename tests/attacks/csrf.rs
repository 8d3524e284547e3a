//! Cross-site request forgery at the redirect URI (RFC 6749 §10.12, RFC 9700 §4.7): the attacker makes
//! the victim's browser open a callback with the attacker's own code, to log the victim in as the
//! attacker.

use std::collections::BTreeSet;

use oauth_proto::endpoint::callback::Callback;
use oauth_proto_world::Endpoint;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::CALLBACK;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::user::send_user;
use crate::common::wire::assert_clean;
use crate::requests;
use crate::stopped_by;

#[test]
fn a_callback_of_the_attackers_session_is_not_the_victims() {
    let (mut provider, client) = public(ISSUER);
    let (_, attackers) = send_user(&mut provider, &client, ["mail"]);
    let (victims, _) = send_user(&mut provider, &client, ["mail"]);
    // Under the state that comes, the victim's session holds nothing.
    let callback = Callback::parse(&attackers.url).unwrap();
    assert_ne!(callback.state(), Some(victims.state()));
    // An application that looks nothing up is told all the same.
    let error = client.resume(NOW, victims, &attackers.url).unwrap_err();
    assert_eq!(stopped_by(&error), "CALLBACK-STATE");
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}

#[test]
fn no_trick_with_the_state_helps() {
    let (mut provider, client) = public(ISSUER);
    let (_, attackers) = send_user(&mut provider, &client, ["mail"]);
    let code = attackers.value("code");
    for (name, state, expected) in [
        ("left out", String::new(), "CALLBACK-STATE-MISSING"),
        ("empty", "&state=".to_owned(), "CALLBACK-STATE-MISSING"),
        ("guessed", "&state=AAAA".to_owned(), "CALLBACK-STATE"),
        ("a wildcard", "&state=*".to_owned(), "CALLBACK-STATE"),
        ("null", "&state=null".to_owned(), "CALLBACK-STATE"),
        (
            "as an array",
            "&state[]=AAAA".to_owned(),
            "CALLBACK-STATE-MISSING",
        ),
        (
            "twice",
            "&state=AAAA&state=BBBB".to_owned(),
            "CALLBACK-DUPLICATE",
        ),
        (
            "in the fragment",
            "#state=AAAA".to_owned(),
            "CALLBACK-STATE",
        ),
    ] {
        let (_, pending) = client.authorize(NOW, ["mail"]).unwrap();
        let forged = format!("{CALLBACK}?iss={ISSUER}&code={code}{state}");
        let error = client.resume(NOW, pending, &forged).unwrap_err();
        let found = stopped_by(&error);
        let is_fragment = name == "in the fragment";
        assert!(
            found == expected || (is_fragment && found.starts_with("CALLBACK-")),
            "{name}: {found}"
        );
    }
    assert_eq!(requests(&provider, Endpoint::Token), 0);
}

/// 192 bits, drawn for each request: nothing to guess, nothing to use twice.
#[test]
fn states_are_long_and_never_the_same() {
    let (_, client) = public(ISSUER);
    let states: BTreeSet<String> = (0..500)
        .map(|_| {
            client
                .authorize(NOW, ["mail"])
                .unwrap()
                .1
                .state()
                .to_owned()
        })
        .collect();
    assert_eq!(states.len(), 500);
    assert!(states.iter().all(|state| state.len() == 32));
}

/// Two tabs, finished in the other order: each callback finds its own.
#[test]
fn two_logins_do_not_disturb_each_other() {
    let (mut provider, client) = public(ISSUER);
    let mut pending = Vec::new();
    let mut landings = Vec::new();
    for _ in 0..2 {
        let (half, landing) = send_user(&mut provider, &client, ["mail"]);
        pending.push(half);
        landings.push(landing);
    }
    for landing in landings.iter().rev() {
        let callback = Callback::parse(&landing.url).unwrap();
        let own = pending
            .iter()
            .position(|half| Some(half.state()) == callback.state())
            .unwrap();
        let flow = client
            .resume(NOW, pending.remove(own), &landing.url)
            .unwrap();
        assert!(run(&mut provider, NOW, flow).is_ok());
    }
    assert!(pending.is_empty());
    assert_clean(&provider);
}

//! Every short conversation there is: all sequences of answers, losses, signatures and clock jumps, on
//! every flow, each held against what a reader of the specifications expects.
//!
//! After any of them: no panic; no more requests than stated; a code, a refresh token and an access
//! token each in one request at most; nothing after a rejected artefact; no secret printed; an end.

use oauth_proto::flow::call::Call;

use crate::common::attested::Attested;
use crate::common::explore::Facts;
use crate::common::explore::explore;
use crate::common::moves::Due;
use crate::common::moves::Reply;
use crate::common::printed::assert_silent;
use crate::common::scripted;
use crate::common::scripted::START;

#[cfg(test)]
mod common {
    pub(crate) mod attested;
    pub(crate) mod explore;
    pub(crate) mod moves;
    pub(crate) mod printed;
    pub(crate) mod scripted;
}

#[test]
fn discover() {
    let facts = Facts {
        name: "Discover",
        requests: 3,
        secrets_sent: &[],
        begins: |_| true,
        due: |replies| {
            let is_last_place = replies.len() == 3;
            let has_found = replies.contains(&Reply::Half);
            match replies.last() {
                Some(Reply::Metadata) => Due::Done,
                Some(Reply::WrongIssuer | Reply::Lost) | None => Due::Over,
                Some(
                    Reply::Half
                    | Reply::Refused400
                    | Reply::Refused401
                    | Reply::Html
                    | Reply::Redirect,
                ) if !is_last_place => Due::Onward,
                Some(_) if has_found => Due::Done,
                Some(_) => Due::Over,
            }
        },
    };
    // 4 beginnings; 48 moves at each place, of which 20 lead to the next.
    let sequences = explore(&facts, scripted::discover, |metadata, _| {
        assert_eq!(
            metadata.issuer().unwrap().as_str(),
            "https://id.example/tenant"
        );
        assert_silent(&metadata);
    });
    assert_eq!(sequences, 4 * (1 + 48 * (1 + 20 + 20 * 20)));
}

#[test]
fn sign_in() {
    let facts = Facts {
        name: "SignIn",
        requests: 1,
        secrets_sent: &["c0de-1", "dBjftJeZ4CVP", "s3cret-1"],
        begins: |_| true,
        due: tokens_are_due,
    };
    let sequences = explore(&facts, scripted::sign_in, |signed_in, now| {
        assert_eq!(signed_in.tokens().received_at(), now);
        assert_silent(&signed_in);
    });
    assert_eq!(sequences, 4 * (1 + 48));
}

#[test]
fn refresh() {
    let facts = Facts {
        name: "Call<Grant>",
        requests: 1,
        secrets_sent: &["refr35h-1", "s3cret-1"],
        begins: |_| true,
        due: tokens_are_due,
    };
    let sequences = explore(&facts, scripted::refresh, |tokens, now| {
        assert_eq!(tokens.received_at(), now);
        assert_eq!(tokens.refresh_token().unwrap().expose(), "refr35h-2");
        assert_silent(&tokens);
    });
    assert_eq!(sequences, 4 * (1 + 48));
}

#[test]
fn call() {
    let facts = Facts {
        name: "Call<ResourceRequest>",
        requests: 1,
        secrets_sent: &["acc355-1"],
        // The token ends a minute after the start.
        begins: |now| now.as_secs() < START.as_secs() + 60,
        // Whatever the resource says is the caller's, unless it refuses the token.
        due: |replies| match replies.last() {
            Some(Reply::Refused401 | Reply::Lost) | None => Due::Over,
            Some(_) => Due::Done,
        },
    };
    let sequences = explore(&facts, scripted::call, |_, _| {});
    assert_eq!(sequences, 1 + 3 * (1 + 48));
}

#[test]
fn call_with_remote_keys() {
    let facts = Facts {
        name: "Call<Attested>",
        requests: 1,
        // The signatures: base64url of many times `s`.
        secrets_sent: &["c3Nzc3Nz"],
        begins: |_| true,
        due: |replies| match replies.last() {
            Some(Reply::Lost) | None => Due::Over,
            Some(_) => Due::Done,
        },
    };
    // Two signatures of 3 kinds, each with a jump of the clock.
    let sequences = explore(&facts, || Ok(Call::new(Attested)), |_, _| {});
    assert_eq!(sequences, 4 * (1 + 12 + 12 * 12 + 12 * 12 * 48));
}

fn tokens_are_due(replies: &[Reply]) -> Due {
    match replies.last() {
        Some(Reply::Tokens) => Due::Done,
        _ => Due::Over,
    }
}

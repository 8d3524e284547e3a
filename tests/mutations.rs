//! Every fault of the world's catalogue, played against the flow that meets it: one verdict for each,
//! and never a request after a rejected artefact.
//!
//! A verdict is `ok`, with what was tolerated; the id of a check; `malformed`; `refused` with the
//! server's code and status, and whether it is transient; or `unsupported`. Where this crate judges
//! otherwise than the catalogue, the row is among the exceptions, with the reason.

use oauth_proto::domain::error::Error;
use oauth_proto::domain::quirks::Finding;
use oauth_proto::flow::discover::Discover;
use oauth_proto_world::Change;
use oauth_proto_world::Endpoint;
use oauth_proto_world::Mutation;
use oauth_proto_world::Provider;
use oauth_proto_world::faults;
use oauth_proto_world::faults::Fault;
use oauth_proto_world::faults::Verdict;

use crate::common::app::public;
use crate::common::moment::NOW;
use crate::common::parties::ISSUER;
use crate::common::run::run;
use crate::common::session::tokens;
use crate::common::user::send_user;

#[cfg(test)]
mod common {
    pub(crate) mod app;
    pub(crate) mod moment;
    pub(crate) mod parties;
    pub(crate) mod run;
    pub(crate) mod session;
    pub(crate) mod user;
}

/// The longest answer that is read: 1 MiB.
const CAP: usize = 1 << 20;

/// An answer that reads as JSON is read as JSON, whatever its `Content-Type`.
const CONTENT_TYPES: [&str; 5] = [
    "content-type-missing",
    "content-type-text",
    "content-type-html",
    "content-type-jwt",
    "content-type-prefix",
];

#[test]
fn metadata_members() {
    let table = [
        ("issuer-of-another", "METADATA-ISSUER"),
        ("issuer-missing", "METADATA-ISSUER-MISSING"),
        ("issuer-empty", "METADATA-ENDPOINT"),
        ("issuer-number", "malformed"),
        ("issuer-array", "malformed"),
        ("issuer-null", "METADATA-ISSUER-MISSING"),
        ("issuer-twice", "malformed"),
        ("issuer-and-another", "malformed"),
        ("issuer-trailing-slash", "METADATA-ISSUER"),
        ("issuer-other-case", "METADATA-ISSUER"),
        ("issuer-scheme-case", "METADATA-ISSUER"),
        ("issuer-default-port", "METADATA-ISSUER"),
        ("issuer-percent", "METADATA-ENDPOINT"),
        ("issuer-userinfo", "METADATA-ENDPOINT"),
        ("issuer-query", "METADATA-ENDPOINT"),
        ("issuer-fragment", "METADATA-ENDPOINT"),
        ("issuer-http", "METADATA-ENDPOINT"),
        ("token-endpoint-http", "METADATA-ENDPOINT"),
        ("token-endpoint-script", "METADATA-ENDPOINT"),
        ("token-endpoint-file", "METADATA-ENDPOINT"),
        ("token-endpoint-relative", "METADATA-ENDPOINT"),
        ("token-endpoint-fragment", "METADATA-ENDPOINT"),
        ("token-endpoint-userinfo", "METADATA-ENDPOINT"),
        ("token-endpoint-number", "malformed"),
        ("token-endpoint-twice", "malformed"),
        ("token-endpoint-missing", "ok"),
        ("authorization-endpoint-http", "METADATA-ENDPOINT"),
        ("authorization-endpoint-script", "METADATA-ENDPOINT"),
        ("authorization-endpoint-fragment", "METADATA-ENDPOINT"),
        ("authorization-endpoint-missing", "ok"),
        ("response-types-not-an-array", "ok"),
        ("methods-not-strings", "ok"),
        ("iss-supported-not-bool", "malformed"),
        ("unknown-member", "ok"),
        ("jwks-uri-missing", "ok"),
        ("response-modes-missing", "ok"),
    ];
    // An endpoint that is missing is an error at the call that needs it; a member that nothing here
    // reads is kept as it is.
    let exceptions = [
        "token-endpoint-missing",
        "authorization-endpoint-missing",
        "response-types-not-an-array",
        "methods-not-strings",
    ];
    hold(faults::metadata, &table, &exceptions, discover);
}

#[test]
fn metadata_envelopes() {
    let table = [
        ("html-with-200", "unsupported"),
        ("html-with-403", "unsupported"),
        ("html-with-502", "refused 502 transient"),
        ("empty-with-200", "malformed"),
        ("empty-with-204", "malformed"),
        ("truncated", "malformed"),
        ("trailing-bytes", "malformed"),
        ("trailing-object", "malformed"),
        ("byte-order-mark", "malformed"),
        ("not-utf8", "malformed"),
        ("null", "malformed"),
        ("array", "malformed"),
        ("string", "malformed"),
        ("object-without-members", "METADATA-ISSUER-MISSING"),
        ("nested-deep", "malformed"),
        ("nested-member", "malformed"),
        ("number-beyond-f64", "malformed"),
        ("duplicate-unknown-member", "malformed"),
        ("at-the-cap", "ok"),
        ("over-the-cap", "RESPONSE-SIZE"),
        ("content-type-missing", "ok"),
        ("content-type-text", "ok"),
        ("content-type-html", "ok"),
        ("content-type-jwt", "ok"),
        ("content-type-prefix", "ok"),
        ("content-type-odd-case", "ok"),
        ("content-type-charset", "ok"),
        ("content-type-spaces", "ok"),
        ("redirect-301", "RESPONSE-REDIRECT"),
        ("redirect-302", "RESPONSE-REDIRECT"),
        ("redirect-307", "RESPONSE-REDIRECT"),
        ("redirect-308", "RESPONSE-REDIRECT"),
        ("status-500", "refused 500 transient"),
        ("status-503-retry-after", "refused 503 transient"),
        ("status-503-retry-date", "refused 503 transient"),
        ("status-503-retry-nonsense", "refused 503 transient"),
        ("status-429", "refused 429 transient"),
    ];
    // Servers answer an address that they do not know with any client error.
    let exceptions = [&["html-with-403"], CONTENT_TYPES.as_slice()].concat();
    let faults = || faults::any_json(Endpoint::Metadata, CAP);
    hold(faults, &table, &exceptions, discover);
}

#[test]
fn authorization_responses() {
    let table = [
        ("iss-of-another", "CALLBACK-ISS"),
        ("iss-missing", "CALLBACK-ISS-MISSING"),
        ("iss-empty", "CALLBACK-ISS-MISSING"),
        ("iss-trailing-slash", "CALLBACK-ISS"),
        ("iss-swapped-case", "CALLBACK-ISS"),
        ("iss-twice", "CALLBACK-DUPLICATE"),
        ("iss-and-another", "CALLBACK-DUPLICATE"),
        ("state-wrong", "CALLBACK-STATE"),
        ("state-missing", "CALLBACK-STATE-MISSING"),
        ("state-empty", "CALLBACK-STATE-MISSING"),
        ("state-swapped-case", "CALLBACK-STATE"),
        ("state-twice", "CALLBACK-DUPLICATE"),
        ("state-and-another", "CALLBACK-DUPLICATE"),
        ("state-bad-percent", "CALLBACK-FORM"),
        ("state-not-utf8", "CALLBACK-FORM"),
        ("code-missing", "CALLBACK-CODE"),
        ("code-empty", "CALLBACK-CODE"),
        ("code-twice", "CALLBACK-DUPLICATE"),
        ("code-and-another", "CALLBACK-DUPLICATE"),
        ("code-of-nobody", "refused invalid_grant 400"),
        ("code-and-error", "refused access_denied"),
        ("code-and-access-token", "CALLBACK-RESPONSE-TYPE"),
        ("code-and-response", "CALLBACK-RESPONSE-TYPE"),
        ("error-denied", "refused access_denied"),
        ("error-server", "refused server_error transient"),
        ("error-busy", "refused temporarily_unavailable transient"),
        ("error-unregistered", "refused x_custom"),
        ("error-twice", "CALLBACK-DUPLICATE"),
        ("error-empty", "CALLBACK-CODE"),
        ("error-wrong-state", "CALLBACK-STATE"),
        ("error-without-state", "CALLBACK-STATE-MISSING"),
        ("error-wrong-iss", "CALLBACK-ISS"),
        ("error-without-iss", "CALLBACK-ISS-MISSING"),
        ("error-with-control-characters", "refused access_denied"),
        ("unknown-parameter", "ok"),
        ("unknown-parameter-twice", "CALLBACK-DUPLICATE"),
        ("session-state", "ok"),
    ];
    // An error is an error, whatever stands beside it.
    hold(faults::authorization, &table, &["code-and-error"], sign_in);
}

#[test]
fn token_and_refresh_members() {
    let table = [
        ("access-token-missing", "TOKEN-ACCESS"),
        ("access-token-empty", "TOKEN-ACCESS"),
        ("access-token-number", "malformed"),
        ("access-token-null", "TOKEN-ACCESS"),
        ("access-token-twice", "malformed"),
        ("access-token-and-another", "malformed"),
        ("access-token-header-injection", "TOKEN-ACCESS"),
        ("access-token-renamed", "TOKEN-ACCESS"),
        ("token-type-missing", "TOKEN-TYPE-MISSING"),
        ("token-type-swapped-case", "ok"),
        ("token-type-lower-case", "ok"),
        ("token-type-unknown", "TOKEN-TYPE"),
        ("token-type-n-a", "TOKEN-TYPE"),
        ("token-type-unasked-dpop", "TOKEN-TYPE"),
        ("token-type-padded", "TOKEN-TYPE"),
        ("token-type-array", "malformed"),
        ("token-type-twice", "malformed"),
        ("expires-in-missing", "ok"),
        ("expires-in-text", "ok"),
        ("expires-in-zero", "ok"),
        ("expires-in-negative", "TOKEN-EXPIRES-IN"),
        ("expires-in-whole-fraction", "ok"),
        ("expires-in-fraction", "TOKEN-EXPIRES-IN"),
        ("expires-in-exponent", "TOKEN-EXPIRES-IN"),
        ("expires-in-enormous", "ok"),
        ("expires-in-beyond-u64", "TOKEN-EXPIRES-IN"),
        ("expires-in-beyond-f64", "malformed"),
        ("expires-in-null", "ok"),
        ("expires-in-words", "TOKEN-EXPIRES-IN"),
        ("expires-in-empty", "TOKEN-EXPIRES-IN"),
        ("expires-in-array", "TOKEN-EXPIRES-IN"),
        ("expires-in-twice", "malformed"),
        ("scope-narrower", "ok"),
        ("scope-wider", "ok"),
        ("scope-missing", "ok"),
        ("scope-array", "malformed"),
        ("scope-twice", "malformed"),
        ("refresh-token-missing", "ok"),
        ("refresh-token-number", "malformed"),
        ("refresh-token-empty", "ok"),
        ("unknown-members", "ok"),
        ("error-invalid-grant", "refused invalid_grant 400"),
        ("error-invalid-client", "refused invalid_client 401"),
        ("error-unregistered", "refused x_custom 400"),
        ("error-extra-members", "refused invalid_grant 400"),
        ("error-control-characters", "refused invalid_grant 400"),
        ("error-in-200", "refused invalid_grant 200"),
        ("error-beside-tokens", "refused invalid_grant 200"),
        ("error-twice", "refused 400 transient"),
        ("error-number", "refused 400 transient"),
        ("error-in-500", "refused server_error 500 transient"),
        ("form-encoded", "malformed"),
        ("form-as-json", "malformed"),
    ];
    // A client error is a refusal even where its document cannot be read; it has no code then.
    let exceptions = ["error-twice", "error-number"];
    hold(faults::token, &table, &exceptions, sign_in);
    hold(faults::token, &table, &exceptions, refresh);
}

#[test]
fn token_and_refresh_envelopes() {
    let table = [
        ("html-with-200", "malformed"),
        ("html-with-403", "refused 403 transient"),
        ("html-with-502", "refused 502 transient"),
        ("empty-with-200", "malformed"),
        ("empty-with-204", "malformed"),
        ("truncated", "malformed"),
        ("trailing-bytes", "malformed"),
        ("trailing-object", "malformed"),
        ("byte-order-mark", "malformed"),
        ("not-utf8", "malformed"),
        ("null", "malformed"),
        ("array", "malformed"),
        ("string", "malformed"),
        ("object-without-members", "TOKEN-ACCESS"),
        ("nested-deep", "malformed"),
        ("nested-member", "malformed"),
        ("number-beyond-f64", "malformed"),
        ("duplicate-unknown-member", "malformed"),
        ("at-the-cap", "ok"),
        ("over-the-cap", "RESPONSE-SIZE"),
        ("content-type-missing", "ok [MediaType]"),
        ("content-type-text", "ok [MediaType]"),
        ("content-type-html", "ok [MediaType]"),
        ("content-type-jwt", "ok [MediaType]"),
        ("content-type-prefix", "ok [MediaType]"),
        ("content-type-odd-case", "ok"),
        ("content-type-charset", "ok"),
        ("content-type-spaces", "ok"),
        ("redirect-301", "RESPONSE-REDIRECT"),
        ("redirect-302", "RESPONSE-REDIRECT"),
        ("redirect-307", "RESPONSE-REDIRECT"),
        ("redirect-308", "RESPONSE-REDIRECT"),
        ("status-500", "refused 500 transient"),
        ("status-503-retry-after", "refused 503 transient"),
        ("status-503-retry-date", "refused 503 transient"),
        ("status-503-retry-nonsense", "refused 503 transient"),
        ("status-429", "refused 429 transient"),
    ];
    // What was tolerated is told.
    let faults = || faults::any_json(Endpoint::Token, CAP);
    hold(faults, &table, &CONTENT_TYPES, sign_in);
    hold(faults, &table, &CONTENT_TYPES, refresh);
}

#[test]
fn headers_do_not_matter() {
    let header = |name: &str, value: &str| Change::header(name, value);
    let table = [
        ("many", Change::ManyHeaders(2_000)),
        ("long", header("x-long", &"x".repeat(1 << 20))),
        ("length that lies", header("content-length", "1")),
        ("encoding that lies", header("content-encoding", "gzip")),
        ("elsewhere", header("location", "https://evil.example/")),
        (
            "challenge",
            header("www-authenticate", "Bearer error=\"invalid_token\""),
        ),
        ("unreadable challenge", header("www-authenticate", ", ,=\"")),
    ];
    for (name, change) in table {
        let fault = |endpoint| Fault {
            name,
            mutation: Mutation::new(endpoint, change.clone()),
            verdict: Verdict::Accepted,
        };
        assert_eq!(discover(fault(Endpoint::Metadata)), "ok", "{name}");
        assert_eq!(sign_in(fault(Endpoint::Token)), "ok", "{name}");
        assert_eq!(refresh(fault(Endpoint::Token)), "ok", "{name}");
    }
}

/// Finds the metadata of a provider with this fault.
fn discover(fault: Fault) -> String {
    let mut provider = Provider::new(ISSUER);
    provider.mutate(fault.mutation);
    let found = Discover::new(ISSUER).and_then(|flow| run(&mut provider, NOW, flow));
    let verdict = verdict(found.map(|_| Vec::new()));
    // A document that is not there is looked for in the other place, and so is one that a redirect, which
    // is not followed, says to be elsewhere; a rejected one ends it.
    let asked = provider.log().len();
    match verdict.as_str() {
        "unsupported" | "RESPONSE-REDIRECT" => assert_eq!(asked, 2, "{}", fault.name),
        "ok" => assert!(asked <= 2, "{}", fault.name),
        _ => assert_eq!(asked, 1, "{}", fault.name),
    }
    verdict
}

/// Signs in at a provider with this fault.
fn sign_in(fault: Fault) -> String {
    let (mut provider, client) = public(ISSUER);
    let in_front = fault.mutation.endpoint == Endpoint::Authorization;
    provider.mutate(fault.mutation);
    let (pending, landing) = send_user(&mut provider, &client, ["mail"]);
    let before = provider.log().len();
    let flow = client.resume(NOW, pending, &landing.url);
    let is_validated = flow.is_ok();
    assert!(in_front || is_validated, "{}", fault.name);
    let result = flow.and_then(|flow| run(&mut provider, NOW, flow));
    let sent = provider.log().len() - before;
    assert_eq!(sent, usize::from(is_validated), "{}", fault.name);
    verdict(result.map(|signed_in| signed_in.findings().cloned().collect()))
}

/// Refreshes at a provider whose token endpoint has this fault from the second answer on.
fn refresh(fault: Fault) -> String {
    let (mut provider, client) = public(ISSUER);
    provider.mutate(fault.mutation.after(1));
    let old = tokens(&mut provider, &client, ["mail"]);
    let before = provider.log().len();
    let flow = client.refresh(&old);
    let result = flow.and_then(|flow| run(&mut provider, NOW, flow));
    assert_eq!(provider.log().len(), before + 1, "{}", fault.name);
    if let Ok(new) = &result {
        assert!(new.refresh_token().is_some(), "{}", fault.name);
    }
    verdict(result.map(|tokens| tokens.findings().to_vec()))
}

fn verdict(result: Result<Vec<Finding>, Error>) -> String {
    match result {
        Ok(findings) if findings.is_empty() => "ok".to_owned(),
        Ok(findings) => format!("ok {findings:?}"),
        Err(Error::Violation(violation)) => violation.check().id().to_owned(),
        Err(Error::Malformed(_)) => "malformed".to_owned(),
        Err(Error::Unsupported(_)) => "unsupported".to_owned(),
        Err(Error::Refused(refusal)) => {
            let mut words = vec!["refused".to_owned()];
            words.extend(refusal.code().map(ToString::to_string));
            words.extend(refusal.status().map(|status| status.as_u16().to_string()));
            words.extend(refusal.is_transient().then(|| "transient".to_owned()));
            words.join(" ")
        }
        Err(other) => format!("{other:?}"),
    }
}

/// Plays every fault, and holds each verdict against its row and against the catalogue.
fn hold(
    faults: impl Fn() -> Vec<Fault>,
    table: &[(&str, &str)],
    exceptions: &[&str],
    play: fn(Fault) -> String,
) {
    let names: Vec<_> = faults().iter().map(|fault| fault.name).collect();
    let rows: Vec<_> = table.iter().map(|(name, _)| *name).collect();
    assert_eq!(rows, names, "one row for each fault, in their order");
    for (fault, (name, expected)) in faults().into_iter().zip(table) {
        let owed = fault.verdict;
        let verdict = play(fault);
        assert_eq!(verdict, *expected, "{name}");
        let is_exception = exceptions.contains(name);
        let fits = agrees(&verdict, owed);
        assert_eq!(fits, !is_exception, "{name}: {verdict}, owed {owed:?}");
    }
}

/// Whether a verdict is what the catalogue says a client owes.
fn agrees(verdict: &str, owed: Verdict) -> bool {
    let mut words = verdict.split(' ');
    let (first, second) = (words.next(), words.next());
    match owed {
        Verdict::Accepted => verdict == "ok",
        Verdict::Refused => first != Some("ok") && first != Some("refused"),
        Verdict::Error(code) => first == Some("refused") && second == Some(code),
        Verdict::Transient => first == Some("refused") && words.next_back() == Some("transient"),
        Verdict::Either => true,
    }
}

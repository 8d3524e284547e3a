//! Remote keys: an operation of a user's own with two holes, run by hand and by every driver, each
//! signature made by another thread that stands for another process (KMS, HSM).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::domain::error::Error;
use oauth_proto::domain::error::Misuse;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::draft::Draft;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::Step;
use oauth_proto::flow::call::Call;
use oauth_proto::flow::drive;
use oauth_proto::flow::drive::DriveError;

use crate::common::attested::Attested;
use crate::common::attested::jws;
use crate::common::kms::Kms;
use crate::common::kms::signature;

#[cfg(test)]
mod common {
    pub(crate) mod attested;
    pub(crate) mod kms;
}

const START: UnixTime = UnixTime::from_secs(1_800_000_000);

#[test]
fn by_hand() {
    let kms = Kms::start();
    let mut now = START;
    let mut step = Call::new(Attested).begin(now).unwrap();
    let mut keys = Vec::new();
    let output = loop {
        now = now.saturating_add(Duration::from_secs(60));
        step = match step {
            Step::Sign(input, signing) => {
                keys.push((input.key().to_owned(), input.scheme()));
                signing
                    .signed(now, &kms.sign(input).blocking_recv().unwrap())
                    .unwrap()
            }
            Step::Send(request, sent) => sent.answer(now, &serve(&request)).unwrap(),
            Step::Done(output) => break output,
            Step::Wait(pause, _) => panic!("the flow waits {pause:?}"),
        };
    };
    assert_eq!(output, "both good");
    let expected = [
        ("proof-key", Algorithm::Es256),
        ("client-key", Algorithm::EdDsa),
    ];
    assert_eq!(
        keys,
        expected.map(|(key, algorithm)| (key.to_owned(), algorithm.into()))
    );
    assert_eq!(kms.asked(), ["proof-key", "client-key"]);
}

#[test]
fn by_the_blocking_driver() {
    let kms = Kms::start();
    let output = drive::blocking_with_signer(
        Call::new(Attested),
        || START,
        |request| Ok::<_, &str>(serve(&request)),
        |pause| panic!("the flow waits {pause:?}"),
        |input| Ok(kms.sign(input).blocking_recv().unwrap()),
    );
    assert_eq!(output.unwrap(), "both good");
    assert_eq!(kms.asked(), ["proof-key", "client-key"]);
}

#[test]
fn by_the_async_driver() {
    let kms = Kms::start();
    let output = drive::asynchronous_with_signer(
        Call::new(Attested),
        || START,
        async |request: Request| Ok::<_, &str>(serve(&request)),
        async |pause| panic!("the flow waits {pause:?}"),
        async |input| Ok(kms.sign(input).await.unwrap()),
    );
    assert_eq!(pollster::block_on(output).unwrap(), "both good");
    assert_eq!(kms.asked(), ["proof-key", "client-key"]);
}

/// The second question exists only once the first is answered, so a signature cannot come to the wrong
/// place; nothing is sent before both are there.
#[test]
fn one_question_at_a_time() {
    let Ok(Step::Sign(first, signing)) = Call::new(Attested).begin(START) else {
        panic!("no signature asked");
    };
    assert_eq!(first.bytes(), jws("proof", START).as_bytes());
    let later = UnixTime::from_secs(START.as_secs() + 500);
    let Ok(Step::Sign(second, signing)) = signing.signed(later, b"first") else {
        panic!("no second signature asked");
    };
    // What is signed was made once: the time in it is that of the beginning.
    assert_eq!(second.bytes(), jws("assertion", START).as_bytes());
    let Ok(Step::Send(request, _)) = signing.signed(later, b"second") else {
        panic!("nothing sent");
    };
    let proof = format!(
        "{}.{}",
        jws("proof", START),
        URL_SAFE_NO_PAD.encode("first")
    );
    assert_eq!(request.headers()["dpop"], proof.as_str());
    assert!(request.headers()["dpop"].is_sensitive());
    let assertion = URL_SAFE_NO_PAD.encode("second");
    let assertion = format!("{}.{assertion}", jws("assertion", START));
    let body = format!("client_assertion={assertion}&scope=mail");
    assert_eq!(request.body(), body.as_bytes());
}

#[test]
fn a_wrong_signature_is_the_servers_to_refuse() {
    let wrong = |input: SigningInput| {
        let other = SigningInput::new("other-key", input.scheme(), input.bytes());
        Ok::<_, DriveError<&str>>(signature(&other))
    };
    let sent = |request: Request| Ok(serve(&request));
    let flow = Call::new(Attested);
    let output = drive::blocking_with_signer(flow, || START, sent, |_| {}, wrong);
    assert_eq!(output.unwrap(), "bad dpop");
}

#[test]
fn a_signer_that_fails_ends_the_flow_before_anything_is_sent() {
    for failing in ["proof-key", "client-key"] {
        let mut asked = Vec::new();
        let sign = |input: SigningInput| {
            asked.push(input.key().to_owned());
            match input.key() == failing {
                true => Err(DriveError::Transport("the KMS is away")),
                false => Ok(signature(&input)),
            }
        };
        let send = |_| panic!("sent without a signature");
        let result = drive::blocking_with_signer(Call::new(Attested), || START, send, |_| {}, sign);
        assert!(matches!(
            result,
            Err(DriveError::Transport("the KMS is away"))
        ));
        assert_eq!(asked.last().unwrap(), failing);
    }
}

#[test]
fn a_signing_input_that_breaks_its_header_is_not_sent() {
    struct Broken;
    impl Operation for Broken {
        type Output = ();
        fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
            let name = http::HeaderName::from_static("dpop");
            let input = SigningInput::new("key", Algorithm::Es256, "a\r\nx: y");
            Ok(Draft::new(http::Request::default()).with_signed_header(name, input))
        }
        fn response(&self, _now: UnixTime, _response: &Response<Vec<u8>>) -> Result<(), Error> {
            Ok(())
        }
    }
    let Ok(Step::Sign(_, signing)) = Call::new(Broken).begin(START) else {
        panic!("no signature asked");
    };
    let error = signing.signed(START, b"signature").unwrap_err();
    let is_parameter = matches!(error, Error::Misuse(Misuse::Parameter { .. }));
    assert!(is_parameter, "{error}");
}

#[test]
fn a_question_prints_nothing_of_what_is_signed() {
    let step = Call::new(Attested).begin(START).unwrap();
    let expected = "Sign";
    assert_eq!(format!("{step:?}"), expected);
}

/// The endpoint: it holds each JWS against the key that belongs to its place.
fn serve(request: &http::Request<Vec<u8>>) -> Response<Vec<u8>> {
    let body = String::from_utf8_lossy(request.body());
    let assertion = body
        .strip_prefix("client_assertion=")
        .and_then(|rest| rest.strip_suffix("&scope=mail"));
    let proof = request.headers().get("dpop");
    let proof = proof.and_then(|value| value.to_str().ok());
    let verdict = if !is_signed(proof, "proof-key", Algorithm::Es256) {
        "bad dpop"
    } else if !is_signed(assertion, "client-key", Algorithm::EdDsa) {
        "bad assertion"
    } else {
        "both good"
    };
    Response::new(verdict.as_bytes().to_vec())
}

fn is_signed(jws: Option<&str>, key: &str, algorithm: Algorithm) -> bool {
    jws.and_then(|jws| jws.rsplit_once('.'))
        .is_some_and(|(input, own)| {
            let due = signature(&SigningInput::new(key, algorithm, input));
            own == URL_SAFE_NO_PAD.encode(due)
        })
}

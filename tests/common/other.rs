//! Another process, which has the keys and signs (KMS, HSM): this very program, run once more.

use std::convert::Infallible;
use std::env;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use oauth_proto::base::base64url;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::jwk::Jwk;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::Flow;
use oauth_proto::flow::drive;
use oauth_proto_world::Provider;

use crate::common::moment::NOW;
use crate::keys::ED25519;
use crate::keys::P256;

/// The keys of the other process, by the names that this one knows them by.
const KEYS: [(&str, &str, Algorithm); 3] = [
    ("client-key", P256, Algorithm::Es256),
    ("object-key", ED25519, Algorithm::EdDsa),
    ("proof-key", P256, Algorithm::Es256),
];

/// The name of [`the_other_process`] as a test.
const NAME: &str = "common::other::the_other_process";

/// What a line of an answer begins with: a test harness prints others.
const ANSWER: &str = "signature ";

/// Another process, asked over its standard streams.
pub(crate) struct Other {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// The keys that were asked for, in order.
    pub(crate) asked: Vec<String>,
}

impl Other {
    /// This very program, run for [`the_other_process`] alone.
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", NAME, "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            questions: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
            asked: Vec::new(),
        }
    }

    /// The public key behind a name: what one asks a KMS once.
    fn public(&mut self, name: &str) -> Jwk {
        Jwk::parse(&self.ask(&format!("public {name}"))).unwrap()
    }

    /// A signer here for a key there.
    pub(crate) fn signer(&mut self, name: &str, algorithm: Algorithm) -> Signer {
        let public = self.public(name);
        Signer::remote(name, algorithm).with_public(public).unwrap()
    }

    fn sign(&mut self, input: &SigningInput) -> Vec<u8> {
        let (key, scheme) = (input.key(), input.scheme());
        self.asked.push(key.to_owned());
        let input = base64url::encode(input.bytes());
        let answer = self.ask(&format!("sign {key} {scheme} {input}"));
        base64url::decode(&answer).unwrap()
    }

    fn ask(&mut self, question: &str) -> String {
        writeln!(self.questions, "{question}").unwrap();
        self.questions.flush().unwrap();
        loop {
            let mut line = String::new();
            let read = self.answers.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "the other process is gone");
            if let Some((_, answer)) = line.trim_end().split_once(ANSWER) {
                return answer.to_owned();
            }
        }
    }

    /// Runs a flow against the provider, every signature made over there.
    pub(crate) fn run<F: Flow>(&mut self, provider: &mut Provider, flow: F) -> F::Output {
        let send = |request: Request| Ok::<_, Infallible>(provider.handle(NOW.as_secs(), &request));
        let sleep = |pause| panic!("the flow waits {pause:?}");
        let sign = |input| Ok(self.sign(&input));
        drive::blocking_with_signer(flow, || NOW, send, sleep, sign).unwrap()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
#[ignore = "this is the other process, and not a test"]
fn the_other_process() {
    let crypto = crypto::default_provider();
    let key = |name: &str| {
        let found = KEYS.into_iter().find(|(own, ..)| *own == name);
        let (_, jwk, algorithm) = found.unwrap();
        (PrivateJwk::parse(jwk).unwrap(), algorithm)
    };
    for line in io::stdin().lines() {
        let line = line.unwrap();
        let words: Vec<_> = line.split(' ').collect();
        let answer = match words[..] {
            ["public", name] => key(name).0.public().unwrap().to_json(),
            ["sign", name, algorithm, input] => {
                let (key, own) = key(name);
                assert_eq!(algorithm, own.as_str());
                let prepared = crypto.signing_key(key.private_key().unwrap()).unwrap();
                let input = base64url::decode(input).unwrap();
                base64url::encode(&prepared.sign(own, &input).unwrap())
            }
            _ => panic!("what is {line}?"),
        };
        println!("{ANSWER}{answer}");
        io::stdout().flush().unwrap();
    }
}

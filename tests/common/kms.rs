//! A thread that stands for another process with the keys in it (KMS, HSM).

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;

use oauth_proto::crypto::signing::SigningInput;
use sha2::Digest;
use sha2::Sha256;
use tokio::sync::oneshot;

/// Another process that holds the keys, reached over channels.
pub(crate) struct Kms {
    questions: mpsc::Sender<(SigningInput, oneshot::Sender<Vec<u8>>)>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Kms {
    pub(crate) fn start() -> Self {
        let (questions, incoming) = mpsc::channel::<(SigningInput, oneshot::Sender<Vec<u8>>)>();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for (input, answer) in incoming {
                log.lock().unwrap().push(input.key().to_owned());
                answer.send(signature(&input)).unwrap();
            }
        });
        Self { questions, asked }
    }

    pub(crate) fn sign(&self, input: SigningInput) -> oneshot::Receiver<Vec<u8>> {
        let (answer, awaited) = oneshot::channel();
        self.questions.send((input, answer)).unwrap();
        awaited
    }

    /// The keys that were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Stands for a signature: a digest over key, algorithm and input.
pub(crate) fn signature(input: &SigningInput) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(input.key());
    digest.update(input.scheme().to_string());
    digest.update(input.bytes());
    digest.finalize().to_vec()
}

//! The tool in a thread of its own, with its streams in the test's hands.

use std::ffi::OsString;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::SystemTime;

use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Landing;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;
use serde_json::Value;

use crate::oauth;
use crate::oauth::console::Console;

pub(crate) const SECRET: &str = "a secret: 100 % + é";
const SCOPE: &str = "mail calendar";

/// A provider with a public client `app` and a confidential one, `service`.
pub(crate) fn serve(change: impl FnOnce(&mut Provider)) -> Server {
    Server::start(|issuer| {
        let loopback = "http://127.0.0.1:1/callback";
        let mut provider = Provider::new(issuer)
            .with(
                ClientRecord::public("app")
                    .redirect(loopback)
                    .redirect("https://app.example/callback")
                    .scope(SCOPE),
            )
            .with(
                ClientRecord::basic("service", SECRET)
                    .redirect(loopback)
                    .scope(SCOPE),
            )
            .with(
                ClientRecord::post("poster", SECRET)
                    .redirect(loopback)
                    .scope(SCOPE),
            );
        change(&mut provider);
        provider
    })
    .unwrap()
}

/// What a user with a browser does.
pub(crate) fn visit(server: &Server, url: &str) -> Landing {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.unwrap().as_secs();
    server.with(|provider| Browser::new().visit(provider, now, url))
}

/// The arguments for a server on the loopback interface.
pub(crate) fn at(server: &Server, rest: &[&str]) -> Vec<String> {
    let issuer = ["--allow-http-loopback", "--issuer", server.issuer()];
    let words = rest.iter().chain(&issuer);
    words.map(|&word| word.to_owned()).collect()
}

/// Runs to its end, without input.
pub(crate) fn run(arguments: &[String]) -> Ended {
    Running::start(arguments).end()
}

/// As [`run`], with these words.
pub(crate) fn run_words(arguments: &[&str]) -> Ended {
    let words: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
    run(&words)
}

/// The tool under way.
pub(crate) struct Running {
    input: Option<Sender<Vec<u8>>>,
    output: Receiver<Vec<u8>>,
    told: Vec<u8>,
    errors: Arc<Mutex<Vec<u8>>>,
    thread: JoinHandle<u8>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: u8,
    /// The lines that were not asked for before.
    pub(crate) lines: Vec<Value>,
    /// What standard output got, as it is.
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Running {
    pub(crate) fn start(arguments: &[String]) -> Self {
        Self::start_on(arguments, false)
    }

    pub(crate) fn start_on(arguments: &[String], shows_progress: bool) -> Self {
        let words = ["oauth".to_owned()].into_iter();
        let words: Vec<OsString> = words
            .chain(arguments.iter().cloned())
            .map(Into::into)
            .collect();
        let (input, given) = mpsc::channel();
        let (teller, output) = mpsc::channel();
        let errors = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&errors);
        let thread = thread::spawn(move || {
            let mut console = Console {
                input: Box::new(BufReader::new(Given(given, Vec::new()))),
                output: Box::new(Told(teller)),
                errors: Box::new(Heard(heard)),
                shows_progress,
            };
            oauth::run(words, &mut console)
        });
        Self {
            input: Some(input),
            output,
            told: Vec::new(),
            errors,
            thread,
        }
    }

    /// The next line of standard output.
    pub(crate) fn line(&mut self) -> Value {
        loop {
            if let Some(end) = self.told.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.told.drain(..=end).collect();
                return serde_json::from_slice(&line).unwrap();
            }
            let more = self.output.recv_timeout(Duration::from_secs(30));
            let errors = self.errors.lock().unwrap();
            self.told
                .extend(more.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&errors))));
        }
    }

    pub(crate) fn say(&mut self, text: &str) {
        let input = self.input.as_ref().unwrap();
        input.send(text.as_bytes().to_vec()).unwrap();
    }

    /// Closes its input, and waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        self.input = None;
        let status = self.thread.join().unwrap();
        self.told.extend(self.output.iter().flatten());
        let output = String::from_utf8(self.told).unwrap();
        let lines = output.lines().map(serde_json::from_str);
        Ended {
            status,
            lines: lines.map(Result::unwrap_or_default).collect(),
            errors: String::from_utf8(self.errors.lock().unwrap().clone()).unwrap(),
            output,
        }
    }
}

impl Ended {
    /// The one line there is, after this exit status.
    pub(crate) fn result(&self, status: u8) -> &Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.lines.len(), 1, "{self:?}");
        assert!(self.lines[0].is_object(), "{self:?}");
        &self.lines[0]
    }
}

/// A GET by hand, as a browser makes it; the status line of the answer.
pub(crate) fn get(url: &str) -> String {
    ask("GET", url, "\r\n")
}

/// A form by hand, as a browser posts it; the status line of the answer.
pub(crate) fn post(url: &str, form: &str) -> String {
    let length = form.len();
    ask(
        "POST",
        url,
        &format!("Content-Length: {length}\r\n\r\n{form}"),
    )
}

/// A notification by hand, as a server sends it; the status line of the answer.
pub(crate) fn notify(address: &str, authorization: &str, body: &str) -> String {
    let length = body.len();
    let rest = format!("Authorization: {authorization}\r\nContent-Length: {length}\r\n\r\n{body}");
    ask("POST", &format!("http://{address}/ciba"), &rest)
}

fn ask(method: &str, url: &str, rest: &str) -> String {
    let authority = url.strip_prefix("http://").unwrap();
    let (host, target) = authority.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!("{method} /{target} HTTP/1.1\r\nhost: {host}\r\n");
    write!(stream, "{head}{rest}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

struct Given(Receiver<Vec<u8>>, Vec<u8>);

impl Read for Given {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            self.1 = self.0.recv().unwrap_or_default();
        }
        let length = self.1.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.1[..length]);
        self.1.drain(..length);
        Ok(length)
    }
}

struct Told(Sender<Vec<u8>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send(bytes.to_vec());
        sent.map_or(Err(io::ErrorKind::BrokenPipe.into()), |()| Ok(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

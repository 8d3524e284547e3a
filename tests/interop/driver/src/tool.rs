//! The command-line tool of `examples/oauth`, as a user of it: a process with arguments, streams and an exit status.

use std::env;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::failure::Failure;
use crate::failure::fail;
use crate::failure::present;
use crate::failure::same;
use crate::stage::Registration;
use crate::stage::Server;

/// The environment variable that says where the tool is.
const PLACE: &str = "INTEROP_TOOL";

/// The environment variable in which the tool finds the client's secret.
const SECRET: &str = "INTEROP_CLIENT_SECRET";

/// A command that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Members of results that nobody else may see.
const SECRET_MEMBERS: [&str; 8] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "registration_access_token",
    "user_code",
    "auth_req_id",
    "request_uri",
];

/// The exit statuses of the tool.
pub(crate) const DONE: i32 = 0;
pub(crate) const REFUSED: i32 = 1;
pub(crate) const USAGE: i32 = 2;
pub(crate) const VIOLATION: i32 = 3;
pub(crate) const NO_ANSWER: i32 = 4;

/// The tool with the options of one client at one server.
pub(crate) struct Tool<'a> {
    options: Vec<String>,
    secret: Option<&'a str>,
}

impl<'a> Tool<'a> {
    /// At a server, as nobody yet. The conversation is always shown, so that every scenario looks for secrets in it.
    pub(crate) fn at(issuer: &str) -> Self {
        let options = ["--verbose", "--allow-http-loopback", "--issuer", issuer];
        Self {
            options: options.map(str::to_owned).to_vec(),
            secret: None,
        }
    }

    /// As a client that the server knows.
    pub(crate) fn of(server: &'a Server, client: &'a Registration) -> Self {
        let mut tool = Self::at(&server.issuer);
        let method = &client.token_endpoint_auth_method;
        let options = ["--client-id", &client.client_id, "--auth", method];
        tool.options.extend(options.map(str::to_owned));
        tool.secret(client.client_secret.as_deref())
    }

    /// With this secret, or with none.
    pub(crate) fn secret(mut self, secret: Option<&'a str>) -> Self {
        if self.secret.is_none() && secret.is_some() {
            let options = ["--client-secret-env", SECRET];
            self.options.extend(options.map(str::to_owned));
        }
        self.secret = secret;
        self
    }

    /// Runs a command to its end, with nothing on its standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Ended, Failure> {
        self.start(arguments)?.finish(None)
    }

    /// Runs a command to its end: what it prints last, where that is its result.
    pub(crate) fn result(&self, arguments: &[&str]) -> Result<Value, Failure> {
        self.run(arguments)?.result()
    }

    /// Starts a command.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Running, Failure> {
        let Some(place) = env::var_os(PLACE) else {
            return fail(format!("{PLACE} does not say where the tool is"));
        };
        let mut command = Command::new(place);
        command.args(arguments).args(&self.options);
        if let Some(secret) = self.secret {
            command.env(SECRET, secret);
        }
        let streams = [Stdio::piped(), Stdio::piped(), Stdio::piped()];
        let [input, output, errors] = streams;
        let mut child = command.stdin(input).stdout(output).stderr(errors).spawn()?;
        let output = present("standard output", child.stdout.take())?;
        Ok(Running {
            child,
            output: BufReader::new(output),
            lines: Vec::new(),
            secret: self.secret.map(str::to_owned),
        })
    }
}

/// A command that has not ended.
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    lines: Vec<Value>,
    secret: Option<String>,
}

impl Running {
    /// The next line of standard output. There must be one.
    pub(crate) fn line(&mut self) -> Result<Value, Failure> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let value: Value = serde_json::from_str(&line)?;
        self.lines.push(value.clone());
        Ok(value)
    }

    /// Writes a line to standard input where there is one, closes it, and waits for the end.
    pub(crate) fn finish(mut self, input: Option<&str>) -> Result<Ended, Failure> {
        let mut stream = present("standard input", self.child.stdin.take())?;
        if let Some(input) = input {
            writeln!(stream, "{input}")?;
        }
        drop(stream);
        let Some(mut errors) = self.child.stderr.take() else {
            return fail("no standard error");
        };
        let errors = thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).map(|_| text)
        });
        let status = self.wait()?;
        let mut output = String::new();
        self.output.read_to_string(&mut output)?;
        for line in output.lines() {
            self.lines.push(serde_json::from_str(line)?);
        }
        let Ok(errors) = errors.join() else {
            return fail("standard error cannot be read");
        };
        let ended = Ended {
            status,
            lines: std::mem::take(&mut self.lines),
            errors: errors?,
        };
        let told = self.secret.as_deref().into_iter().chain(input);
        ended.tells_no_secret(told)?;
        Ok(ended)
    }

    /// What a command prints fits into a pipe: it can end before it is read.
    #[expect(
        clippy::disallowed_methods,
        reason = "a process that hangs must be noticed by somebody"
    )]
    fn wait(&mut self) -> Result<i32, Failure> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return present("an exit status", status.code());
            }
            if start.elapsed() > PATIENCE {
                return fail(format!("the tool does not end within {PATIENCE:?}"));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    /// A scenario that failed leaves nothing behind.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) lines: Vec<Value>,
    pub(crate) errors: String,
}

impl Ended {
    /// The last line.
    fn last(&self) -> Result<&Value, Failure> {
        present("a line of output", self.lines.last())
    }

    /// The result of a command that was done, with nothing to tolerate.
    pub(crate) fn result(&self) -> Result<Value, Failure> {
        if self.status != DONE {
            return fail(format!("exit status {}: {}", self.status, self.last()?));
        }
        same("findings", self.last()?.get("findings"), None)?;
        Ok(self.last()?.clone())
    }

    /// Holds standard error to saying nothing of what was given in secret, or of what is one in the results.
    fn tells_no_secret<'s>(&'s self, given: impl Iterator<Item = &'s str>) -> Result<(), Failure> {
        let in_results = self.lines.iter().flat_map(|line| {
            let members = SECRET_MEMBERS.iter();
            members.filter_map(|&name| line[name].as_str())
        });
        match given.chain(in_results).find(|it| self.errors.contains(it)) {
            Some(secret) => fail(format!("{secret:?} stands in what --verbose shows")),
            None => Ok(()),
        }
    }

    /// Holds a failure to this status, and to this value of a member of its line.
    pub(crate) fn failed(&self, status: i32, member: &str, value: &str) -> Result<(), Failure> {
        let line = self.last()?;
        if self.status != status {
            return fail(format!("exit status {}, not {status}: {line}", self.status));
        }
        let names = ["", "refused", "usage", "violation", "no_answer"];
        let name = usize::try_from(status).ok().and_then(|at| names.get(at));
        same("failed", line["failed"].as_str(), name.copied())?;
        same(member, line[member].as_str(), Some(value))
    }
}

//! Two processes share a grant through one Redis, and one of them is killed again and again, wherever it
//! happens to be: the grant lives on.
//!
//! The provider, in this process, rotates refresh tokens and ends a grant whose old token comes back after
//! a grace period. What a killed process had been answered and had not written yet, nobody has; the
//! other one sends the same token once more when the lease of the dead one has lapsed, within the grace
//! period. `lease` in the crate's documentation says what to expect of other providers.
//!
//! ```sh
//! redis-server --port 0 --unixsocket /tmp/redis.sock --save '' &
//! cargo run --example shared_grant --features redis,ureq -- redis+unix:///tmp/redis.sock [KILLS [SEED]]
//! ```
#![expect(clippy::print_stdout, reason = "an example talks")]
#![expect(
    clippy::disallowed_methods,
    reason = "processes sleep, and are killed, by the wall clock"
)]

use std::collections::BTreeSet;
use std::error::Error;
use std::hash::DefaultHasher;
use std::hash::Hash as _;
use std::hash::Hasher as _;
use std::io;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::authentication::Authentication;
use oauth_proto::domain::client::Client;
use oauth_proto::domain::token::Tokens;
use oauth_proto::endpoint::request::Request;
use oauth_proto::flow::discover::Discover;
use oauth_proto::lease::drive;
use oauth_proto::lease::key::Key;
use oauth_proto::lease::outcome::Outcome;
use oauth_proto::lease::refresh::Refresh;
use oauth_proto::lease::renewal::Renewal;
use oauth_proto::lease::store::Store as _;
use oauth_proto::lease::terms::Terms;
use oauth_proto::transport::Options;
use oauth_proto::transport::now;
use oauth_proto::transport::redis_store::RedisStore;
use oauth_proto::transport::redis_store::RedisStoreError;
use oauth_proto::transport::ureq;
use oauth_proto::transport::ureq::Agent;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;
use oauth_proto_world::Server;

const CALLBACK: &str = "http://127.0.0.1:9/callback";

/// How long the lease of a dead node is in the way, and how long a request may take.
const HOLD: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_millis(500);

/// Longer than a lease and the longest wait for it.
const GRACE: u64 = 20;

/// How long the node that is left may take until it has renewed the grant.
const PATIENCE: Duration = Duration::from_secs(15);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["node", redis, issuer, seed] => {
            end_with_the_parent();
            Node::new(redis, issuer)?.live(Dice::new(seed.parse()?))
        }
        [redis] => kill_one_of_two(redis, 10, 1),
        [redis, kills] => kill_one_of_two(redis, kills.parse()?, 1),
        [redis, kills, seed] => kill_one_of_two(redis, kills.parse()?, seed.parse()?),
        _ => Err("which Redis? for example redis://127.0.0.1:6379".into()),
    }
}

/// The parent: provider, user, and killer.
fn kill_one_of_two(redis: &str, kills: u32, seed: u64) -> Result<(), Box<dyn Error>> {
    let server = Server::start(provider)?;
    let mut own = Node::new(redis, server.issuer())?;
    own.sign_in(&server)?;
    let mut dice = Dice::new(seed);
    let spawn = |number: u64| Process::spawn(redis, server.issuer(), seed ^ (number << 32));
    let mut nodes = [spawn(1)?, spawn(2)?];

    for kill in 1..=kills {
        thread::sleep(dice.up_to(Duration::from_millis(400)));
        let victim = usize::from(dice.roll(2) == 0);
        nodes[victim].kill()?;
        let waited = own.until_renewed(&mut nodes[1 - victim])?;
        println!("  {kill:2}: one of two killed; renewed by the other after {waited:.1?}");
        nodes[victim] = spawn(u64::from(kill) + 2)?;
    }
    for node in &mut nodes {
        node.kill()?;
    }

    let Outcome::Fresh(tokens) = own.renew(&mut dice)? else {
        return Err("the grant is lost".into());
    };
    server.with(|provider| {
        let log = provider.log().requests_to("/token");
        let forms: Vec<_> = log.iter().map(|exchange| exchange.form()).collect();
        let sent: Vec<_> = forms
            .iter()
            .filter_map(|it| it.value("refresh_token"))
            .collect();
        let repeated = sent.len() - sent.iter().collect::<BTreeSet<_>>().len();
        println!(
            "{kills} kills, {} renewals, {repeated} of a token that was spent",
            sent.len()
        );
        // A request that ends in the middle is what a kill looks like from here.
        let is_broken = |complaint: &&String| complaint.starts_with("HTTP: ");
        let (broken, complaints): (Vec<_>, Vec<_>) =
            provider.complaints().iter().partition(is_broken);
        println!(
            "requests cut off by a kill: {}; complaints: {complaints:?}",
            broken.len()
        );
        let is_honoured = provider.honours(now().as_secs(), tokens.access_token().expose());
        if !is_honoured || !complaints.is_empty() {
            return Err("the grant is lost".into());
        }
        println!("the grant is alive");
        Ok(())
    })
}

fn provider(issuer: &str) -> Provider {
    let client = ClientRecord::public("app").redirect(CALLBACK);
    let mut provider = Provider::new(issuer).with(client.scope("mail"));
    provider.settings.refresh.rotated = true;
    provider.settings.refresh.reuse_detected = true;
    provider.settings.refresh.grace = GRACE;
    provider
}

/// What each process has: a client, the store that all share, and the key of the grant in it.
struct Node {
    agent: Agent,
    client: Client,
    store: RedisStore,
    key: Key,
}

impl Node {
    fn new(redis: &str, issuer: &str) -> Result<Self, Box<dyn Error>> {
        let policy = UriPolicy::danger_http_on_loopback();
        let metadata = ureq::run(&ureq::agent(), Discover::with_uri_policy(issuer, policy)?)?;
        let client = Client::new(metadata, "app", Authentication::None)?;
        let client = client.with_redirect_uri(CALLBACK)?;
        Ok(Self {
            key: Key::new(&client, "ada"),
            store: RedisStore::new(redis)?.with_prefix("oauth-proto-example:"),
            // A request that takes longer is given up while the lease is still in force.
            agent: Agent::new(&Options::new().timeout(TIMEOUT))?,
            client,
        })
    }

    fn sign_in(&mut self, server: &Server) -> Result<(), Box<dyn Error>> {
        let (url, pending) = self.client.authorize(now(), ["mail"])?;
        let callback = server.with(|provider| {
            Browser::new()
                .visit(provider, now().as_secs(), url.as_str())
                .url
        });
        let flow = self.client.resume(now(), pending, &callback)?;
        let tokens = ureq::run(&self.agent, flow)?.into_tokens();
        Ok(self.store.sign_in(now(), &self.key, tokens)?)
    }

    /// Renews the grant without end.
    fn live(&mut self, mut dice: Dice) -> Result<(), Box<dyn Error>> {
        loop {
            match self.renew(&mut dice)? {
                Outcome::Permanent(reason) => return Err(reason.to_string().into()),
                Outcome::Unsaved(_) => return Err("Redis does not take the tokens".into()),
                _ => thread::sleep(dice.up_to(Duration::from_millis(20))),
            }
        }
    }

    /// Renews the grant, as if an API had refused the access token that is stored.
    fn renew(&mut self, dice: &mut Dice) -> Result<Outcome, Box<dyn Error>> {
        let terms = Terms::new().with_hold(HOLD, TIMEOUT);
        let mut refresh = Refresh::new(&self.client, &self.key, Renewal::refresh_token());
        if let Some(tokens) = self.kept()? {
            refresh = refresh.rejected(&tokens);
        }
        // The way there and the way back take their time: that is where most processes die.
        let mut send = |request: Request| {
            thread::sleep(dice.up_to(Duration::from_millis(40)));
            let answer = self.agent.send(request.into_http());
            thread::sleep(dice.up_to(Duration::from_millis(40)));
            answer
        };
        let refresh = refresh.with_terms(terms);
        Ok(drive::blocking(
            refresh,
            &mut self.store,
            now,
            &mut send,
            thread::sleep,
        )?)
    }

    fn kept(&mut self) -> Result<Option<Tokens>, RedisStoreError> {
        let record = self.store.get(&self.key)?;
        Ok(record.and_then(|record| record.tokens().cloned()))
    }

    /// Waits until the store has other tokens than now, and says how long that took.
    fn until_renewed(&mut self, node: &mut Process) -> Result<Duration, Box<dyn Error>> {
        let since = Instant::now();
        let before = self.kept()?;
        while self.kept()? == before {
            if let Some(status) = node.0.try_wait()? {
                return Err(format!("a node has given up: {status}").into());
            }
            if since.elapsed() > PATIENCE {
                return Err("the grant is not renewed any more".into());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(since.elapsed())
    }
}

/// Another process of this program.
struct Process(Child);

impl Process {
    fn spawn(redis: &str, issuer: &str, seed: u64) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["node", redis, issuer, &seed.to_string()]);
        command.stdin(Stdio::piped()).spawn().map(Self)
    }

    /// At once, wherever it is: SIGKILL on Unix.
    fn kill(&mut self) -> Result<(), Box<dyn Error>> {
        if let Some(status) = self.0.try_wait()? {
            return Err(format!("a node has given up: {status}").into());
        }
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The parent holds the other end of the standard input for as long as it lives.
fn end_with_the_parent() {
    thread::spawn(|| {
        drop(io::copy(&mut io::stdin(), &mut io::sink()));
        std::process::exit(0)
    });
}

/// Numbers from a seed.
struct Dice {
    seed: u64,
    rolls: u64,
}

impl Dice {
    fn new(seed: u64) -> Self {
        Self { seed, rolls: 0 }
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.rolls += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, self.rolls).hash(&mut hasher);
        hasher.finish() % below
    }

    fn up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.roll(1000) as f64 / 1000.0)
    }
}

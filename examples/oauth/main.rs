//! `oauth`: every grant and every endpoint, from the command line.
//!
//! ```sh
//! cargo run --features ureq --example oauth -- --help
//! cargo run --features ureq --example oauth -- discover --issuer https://id.example
//! cargo run --features ureq --example oauth -- code --issuer https://id.example --client-id my-app
//! ```
//!
//! Standard output is JSON lines, the result last. The tests in `tests/tool.rs` call [`run`].

mod answers;
mod arguments;
mod asked;
mod browser;
mod cache;
mod call;
mod code;
pub(crate) mod console;
mod discover;
mod encryption;
mod exchange;
mod failure;
mod given;
mod grants;
mod incoming;
mod jwk;
mod listener;
mod logout_url;
mod mask;
mod oauth1;
mod par;
mod pinged;
mod place;
mod polled;
mod presented;
mod providers;
mod register;
mod session;
mod show;
mod signing;
mod userinfo;

use std::ffi::OsString;
use std::io;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use self::arguments::Arguments;
use self::arguments::Command;
use self::console::Console;
use self::console::printable;
use self::failure::Failure;
use self::session::Session;

fn main() -> ExitCode {
    let mut console = Console {
        input: Box::new(io::BufReader::new(io::stdin())),
        output: Box::new(io::stdout()),
        errors: Box::new(io::stderr()),
        shows_progress: io::stderr().is_terminal(),
    };
    ExitCode::from(run(std::env::args_os(), &mut console))
}

/// Does what the arguments say, the first of which is the program's name, and gives the exit status.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>, console: &mut Console) -> u8 {
    let done = match Arguments::try_parse_from(arguments) {
        Ok(mut arguments) => {
            providers::adopt(&mut arguments).and_then(|()| execute(&arguments, console))
        }
        Err(error) if error.use_stderr() => {
            console.tell(&error.to_string());
            return console.fail(&Failure::of_arguments(&error));
        }
        // Someone asked for help or for the version: the one output that is no JSON.
        Err(error) => console.page(&error.to_string()),
    };
    match done {
        Ok(()) => 0,
        Err(failure) => {
            let text = printable(&failure.to_string());
            console.tell(&format!("oauth: {text}\n"));
            console.fail(&failure)
        }
    }
}

fn execute(arguments: &Arguments, console: &mut Console) -> Result<(), Failure> {
    let mut session = Session::new(&arguments.common, console)?;
    match &arguments.command {
        Command::Discover => discover::run(&mut session),
        Command::Code(options) => code::run(&mut session, options),
        Command::ClientCredentials => grants::client_credentials(&mut session),
        Command::Password(options) => grants::password(&mut session, options),
        Command::Refresh(options) => grants::refresh(&mut session, options),
        Command::Device => polled::device(&mut session),
        Command::Ciba(options) => polled::ciba(&mut session, options),
        Command::Exchange(options) => exchange::run(&mut session, options),
        Command::JwtBearer(options) => grants::jwt_bearer(&mut session, options),
        Command::Revoke(options) => presented::revoke(&mut session, options),
        Command::Introspect(options) => presented::introspect(&mut session, options),
        Command::Userinfo(options) => userinfo::run(&mut session, options),
        Command::Register(options) => register::run(&mut session, options),
        Command::Par(options) => par::run(&mut session, options),
        Command::LogoutUrl(options) => logout_url::run(&mut session, options),
        Command::Jwk { what } => jwk::run(&mut session, what),
        Command::Oauth1 { what } => oauth1::run(&mut session, what),
        Command::Providers { what } => providers::run(&mut session, what),
        Command::Token { what } => cache::run(&mut session, what),
        Command::Call(options) => call::run(&mut session, options),
    }
}

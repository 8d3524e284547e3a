//! Signs users in on real servers of OAuth 1.0a. Usage: `oauth1 FOLDER`
//!
//! FOLDER holds one JSON file for each running server: its origin, the client it knows, its signature methods.
//! Each server is played with every method in every place. Prints `ok NAME` or `FAILED NAME: why` for each, then
//! `N passed, N failed`; the exit status is 1 when one failed or none was played.

#[path = "../src/failure.rs"]
mod failure;
mod keys;
mod party;
mod play;

use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::failure::Failure;
use crate::party::Server;

fn main() -> ExitCode {
    let Some(folder) = env::args().nth(1) else {
        eprintln!("usage: oauth1 FOLDER");
        return ExitCode::from(2);
    };
    match servers(Path::new(&folder)) {
        Ok(servers) => play_all(&servers),
        Err(failure) => {
            eprintln!("{folder}: {failure}");
            ExitCode::from(2)
        }
    }
}

fn servers(folder: &Path) -> Result<Vec<(String, Server)>, Failure> {
    let mut servers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            servers.push((
                name.into_owned(),
                serde_json::from_slice(&fs::read(&path)?)?,
            ));
        }
    }
    servers.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(servers)
}

fn play_all(servers: &[(String, Server)]) -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    for (name, server) in servers {
        for (scenario, outcome) in play::all(server) {
            match outcome {
                Ok(()) => {
                    passed += 1;
                    println!("ok {name}: {scenario}");
                }
                Err(failure) => {
                    failed += 1;
                    println!("FAILED {name}: {scenario}: {failure}");
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0 || passed == 0))
}

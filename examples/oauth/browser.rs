//! The system's browser.

use std::process::Command;
use std::process::Stdio;

/// Opens `url`, which is https, or http on a loopback address, in the user's browser. Whether there was
/// a program to ask; what it does with the URL, it does not say.
pub(crate) fn open(url: &str) -> bool {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new("xdg-open")
    };
    let quiet = command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.spawn().is_ok()
}

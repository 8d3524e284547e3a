//! The tool's three streams.

use std::io;
use std::io::BufRead;
use std::io::Write;

use serde_json::Value;

use super::failure::Failure;

/// Standard input, output and error, or what stands for them in a test.
pub(crate) struct Console {
    pub(crate) input: Box<dyn BufRead>,
    pub(crate) output: Box<dyn Write>,
    pub(crate) errors: Box<dyn Write>,
    /// Whether `errors` is a terminal, on which a line can be written over.
    pub(crate) shows_progress: bool,
}

impl Console {
    /// One JSON line on standard output.
    pub(crate) fn print(&mut self, line: &Value) -> Result<(), Failure> {
        self.page(&format!("{}\n", escaped(&line.to_string())))
    }

    /// Text on standard output.
    pub(crate) fn page(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.output.write_all(text.as_bytes());
        written
            .and_then(|()| self.output.flush())
            .map_err(Failure::Output)
    }

    /// The failure as the last line, and the exit status that goes with it.
    pub(crate) fn fail(&mut self, failure: &Failure) -> u8 {
        match failure {
            // Nobody reads what is written there.
            Failure::Output(_) => {}
            told => drop(self.print(&told.to_value())),
        }
        failure.status()
    }

    /// Text on standard error. That nobody reads it stops nothing.
    pub(crate) fn tell(&mut self, text: &str) {
        drop(self.write_error(text));
    }

    /// A line that the next one replaces, on a terminal only. An empty one clears it.
    pub(crate) fn progress(&mut self, line: &str) {
        if self.shows_progress {
            // ECMA-48, EL: erases the line.
            self.tell(&format!("\r\u{1b}[2K{line}"));
        }
    }

    fn write_error(&mut self, text: &str) -> io::Result<()> {
        self.errors.write_all(text.as_bytes())?;
        self.errors.flush()
    }
}

/// The same JSON, with what could steer a terminal as `\u` escapes. Outside its strings JSON is ASCII,
/// and `serde_json` escapes the control characters below U+0020 itself.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if steers(character) {
            // All of them are in the basic plane.
            text.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            text.push(character);
        }
    }
    text
}

/// Text of a peer, for standard error: what could steer a terminal is replaced.
pub(crate) fn printable(text: &str) -> String {
    text.replace(steers, "\u{fffd}")
}

/// Control characters, and those that turn the direction of writing or cannot be seen.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_means_the_same() {
        let value = serde_json::json!({"a": "x\u{1b}[2J\u{9b}2J\u{202e}é\u{7f}"});
        let line = escaped(&value.to_string());
        assert_eq!(line, r#"{"a":"x\u001b[2J\u009b2J\u202eé\u007f"}"#);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        assert_eq!(printable("a\u{1b}[2J\n"), "a\u{fffd}[2J\u{fffd}");
    }
}

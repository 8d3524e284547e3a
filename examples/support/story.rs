//! The demo's voice: chapters, what went over the wire, and what was checked.

use std::error::Error;

use oauth_proto::domain::verdict::Check;
use oauth_proto_world::Server;

pub(crate) struct Story<'a> {
    server: &'a Server,
    /// How many exchanges have been told.
    told: usize,
    chapter: usize,
}

impl<'a> Story<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        println!("oauth-proto: a sign-in at {}", server.issuer());
        Self {
            server,
            told: 0,
            chapter: 0,
        }
    }

    pub(crate) fn chapter(&mut self, title: &str, what: &str) {
        self.chapter += 1;
        println!("\n{}. {title}", self.chapter);
        println!("   {what}");
    }

    /// Every exchange since the last one that was told, its secrets masked.
    pub(crate) fn wire(&mut self) {
        let exchanges: Vec<String> = self.server.with(|provider| {
            let log = provider.log().exchanges();
            log.iter()
                .skip(self.told)
                .map(ToString::to_string)
                .collect()
        });
        self.told += exchanges.len();
        for exchange in exchanges {
            println!();
            for line in exchange.lines() {
                println!("     {line}");
            }
        }
    }

    pub(crate) fn fact(&self, name: &str, value: &str) {
        println!("\n   {name}: {value}");
    }

    pub(crate) fn checked(&self, checks: &[Check]) {
        println!("\n   checked:");
        for check in checks {
            println!("     ✓ {:<24} {}", check.id(), check.section());
        }
    }

    pub(crate) fn end(&self, is_good: bool) -> Result<(), Box<dyn Error>> {
        let complaints = self.server.with(|provider| provider.complaints().to_vec());
        for complaint in &complaints {
            println!("   the provider complains: {complaint}");
        }
        if !is_good {
            return Err("the conversation did not end well".into());
        }
        println!(
            "\nDone: {} exchanges, and the provider has no complaint.",
            self.told
        );
        Ok(())
    }
}

//! The world `oauth-proto` is tested in: a provider in memory, its browser, its clock, its wire log.

//! Records, not code: what is known of providers, what an application keeps of those that its users sign in
//! with.
//!
//! | Room | What is in it |
//! | --- | --- |
//! | [`presets`] | providers as they are, with links and the date last checked |

pub mod presets;

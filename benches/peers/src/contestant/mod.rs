//! The same operations by each of the crates.

pub(crate) mod huskarl;
pub(crate) mod in_process;
pub(crate) mod oauth2;
pub(crate) mod openidconnect;
pub(crate) mod ours;

/// The code in the callback, for those who cannot read one.
pub(crate) const CODE: &str = "NHdpnWiVogI2CUEkG4iQvXMF8gcwRbHIx2lGvppgRU6";

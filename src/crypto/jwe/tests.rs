//! Encrypted texts as attackers write them. Known answers are in `tests/jose.rs`.

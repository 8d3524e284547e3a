//! Bytes, text, time and secrets: the ground floor, without one OAuth word.

//! What each operation of the main job allocates, exactly.
//!
//! The operations and their inputs are those of `benches/peers`. Counted are the calls of the allocator
//! by this thread, a reallocation as one. Whoever moves a number here moves it in `benches/README.md` as
//! well.

#[path = "../benches/peers/src/inputs.rs"]
mod inputs;
#[path = "../benches/peers/src/contestant/ours.rs"]
mod ours;

use std::hint::black_box;

use oauth_proto::domain::error::Error;

use ours::Ours;

/// The allocations of `operation` upon what `prepare` makes, the second time: the first makes what is
/// made once in the life of a process.
fn allocations<I, O>(
    prepare: impl Fn() -> Result<I, Error>,
    operation: impl Fn(I) -> Result<O, Error>,
) -> Result<u64, Error> {
    operation(prepare()?)?;
    let input = prepare()?;
    let mut output = None;
    let counted = allocation_counter::measure(|| output = Some(operation(black_box(input))));
    output.transpose()?;
    Ok(counted.count_total)
}

/// The scope, the secrets, the URL.
#[test]
fn authorization_url() -> Result<(), Error> {
    let ours = Ours::new()?;
    assert_eq!(allocations(|| Ok(()), |()| ours.url_with_values())?, 3);
    assert_eq!(allocations(|| Ok(()), |()| ours.url_with_entropy())?, 3);
    Ok(())
}

/// The list of parameters, the code, the decoded issuer.
#[test]
fn callback() -> Result<(), Error> {
    let ours = Ours::new()?;
    let count = allocations(|| ours.pending(), |pending| ours.callback(pending))?;
    assert_eq!(count, 3);
    Ok(())
}

/// The grant's own parameters, the scope to compare the answer with, the body, two for the headers.
#[test]
fn code_exchange() -> Result<(), Error> {
    let ours = Ours::new()?;
    let authorized = || ours.callback(ours.pending()?);
    let count = allocations(authorized, |authorized| ours.code_exchange(authorized))?;
    assert_eq!(count, 5);
    let whole = |pending| ours.callback_and_code_exchange(pending);
    assert_eq!(allocations(|| ours.pending(), whole)?, 3 + 5);
    Ok(())
}

/// The refresh token, the body, two for the headers.
#[test]
fn refresh() -> Result<(), Error> {
    let ours = Ours::new()?;
    assert_eq!(allocations(|| Ok(()), |()| ours.refresh())?, 4);
    assert_eq!(allocations(|| Ok(()), |()| ours.refresh_and_read())?, 4 + 2);
    Ok(())
}

/// The two tokens; the list of unknown members, and what is kept of them.
#[test]
fn token_response() -> Result<(), Error> {
    let ours = Ours::new()?;
    assert_eq!(allocations(|| Ok(()), |()| ours.token_response())?, 2);
    let count = allocations(|| Ok(()), |()| ours.token_response_unknown())?;
    assert_eq!(count, 2 + 2);
    Ok(())
}

/// Three for each of 11 addresses; one for the list of members; three for that of endpoints, which grows;
/// one for what is kept of unknown members.
#[test]
fn discovery() -> Result<(), Error> {
    let ours = Ours::new()?;
    let count = allocations(|| Ok(()), |()| ours.discovery())?;
    assert_eq!(count, 3 * 11 + 1 + 3 + 1);
    Ok(())
}

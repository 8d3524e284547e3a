//! oauth-proto beside its peers. Prints the tables of `benches/README.md`.

mod agreement;
mod answers;
mod contestant;
mod inputs;
mod least;
mod measure;
mod signed;
mod table;

use std::error::Error;

use contestant::huskarl;
use contestant::huskarl::Huskarl;
use contestant::in_process;
use contestant::oauth2;
use contestant::oauth2::OAuth2;
use contestant::openidconnect;
use contestant::openidconnect::OpenIdConnect;
use contestant::ours::Ours;
use measure::Contest;
use oauth_proto::crypto::default_provider;
use signed::Signatures;
use table::Row;

fn main() -> Result<(), Box<dyn Error>> {
    let ours = Ours::new()?;
    let in_process = in_process::Ours::new()?;
    let oauth2 = OAuth2::new()?;
    let oidc = OpenIdConnect::new()?;
    let huskarl = Huskarl::new()?;
    let answers = answers::Answers::new()?;
    agreement::check(&ours, &oauth2, &oidc, &huskarl)?;
    answers.check()?;

    let nothing = || ();
    // Everybody is given the same texts, and makes of them what it takes.
    let state_and_verifier = || (inputs::STATE.to_owned(), inputs::VERIFIER.to_owned());
    let state_nonce_verifier = || {
        let (state, verifier) = state_and_verifier();
        (state.clone(), state, verifier)
    };
    let code_and_verifier = || (contestant::CODE.to_owned(), inputs::VERIFIER.to_owned());

    let rows = [
        Row::new("authorization URL, with entropy")
            .aim(0.51, 5)
            .contests([
                Some(Contest::new(nothing, |()| ours.url_with_entropy())),
                Some(Contest::new(nothing, |()| oauth2.url_with_entropy())),
                Some(Contest::new(nothing, |()| oidc.url_with_entropy())),
                Some(Contest::new(nothing, |()| huskarl.url_with_entropy())),
            ]),
        Row::new("authorization URL, entropy drawn in the process").contests([
            Some(Contest::new(nothing, |()| in_process.url_with_entropy())),
            Some(Contest::new(nothing, |()| oauth2.url_with_entropy())),
            Some(Contest::new(nothing, |()| oidc.url_with_entropy())),
            Some(Contest::new(nothing, |()| huskarl.url_with_entropy())),
        ]),
        Row::new("authorization URL, values given")
            .aim(0.26, 3)
            .contests([
                Some(Contest::new(nothing, |()| ours.url_with_values())),
                Some(Contest::new(nothing, |()| {
                    oauth2.url_with_values(state_and_verifier())
                })),
                Some(Contest::new(nothing, |()| {
                    oidc.url_with_values(state_nonce_verifier())
                })),
                None,
            ]),
        Row::new("callback validated").contests([
            Some(Contest::new(|| ours.pending(), |p| ours.callback(p?))),
            None,
            None,
            Some(Contest::new(nothing, |()| huskarl::callback())),
        ]),
        Row::new("code-exchange request, Basic")
            .aim(0.35, 5)
            .contests([
                Some(Contest::new(
                    || ours.callback(ours.pending()?),
                    |authorized| ours.code_exchange(authorized?),
                )),
                Some(Contest::new(nothing, |()| {
                    oauth2.code_exchange(code_and_verifier())
                })),
                Some(Contest::new(nothing, |()| {
                    oidc.code_exchange(code_and_verifier())
                })),
                Some(Contest::new(nothing, |()| {
                    huskarl.code_exchange(code_and_verifier())
                })),
            ]),
        Row::new("callback validated and code-exchange request").contests([
            Some(Contest::new(
                || ours.pending(),
                |pending| ours.callback_and_code_exchange(pending?),
            )),
            None,
            None,
            Some(Contest::new(
                || huskarl.pending(),
                |pending| huskarl.callback_and_code_exchange(pending),
            )),
        ]),
        Row::new("refresh request, Basic").aim(0.34, 5).contests([
            Some(Contest::new(nothing, |()| ours.refresh())),
            Some(Contest::new(nothing, |()| oauth2.refresh())),
            Some(Contest::new(nothing, |()| oidc.refresh())),
            Some(Contest::new(nothing, |()| huskarl.refresh())),
        ]),
        Row::new("token response").aim(0.48, 5).contests([
            Some(Contest::new(nothing, |()| ours.token_response())),
            Some(Contest::new(nothing, |()| oauth2::token_response())),
            Some(Contest::new(nothing, |()| openidconnect::token_response())),
            Some(Contest::new(nothing, |()| {
                huskarl::token_response(inputs::TOKEN_RESPONSE)
            })),
        ]),
        Row::new("token response, unknown members kept").contests([
            Some(Contest::new(nothing, |()| ours.token_response_unknown())),
            Some(Contest::new(nothing, |()| oauth2::token_response_unknown())),
            Some(Contest::new(nothing, |()| {
                openidconnect::token_response_unknown()
            })),
            Some(Contest::new(nothing, |()| {
                huskarl::token_response(inputs::TOKEN_RESPONSE_UNKNOWN)
            })),
        ]),
        Row::new("refresh, request made and response read").contests([
            Some(Contest::new(nothing, |()| ours.refresh_and_read())),
            Some(Contest::new(oauth2::answer, |a| oauth2.refresh_and_read(a))),
            Some(Contest::new(oauth2::answer, |a| oidc.refresh_and_read(a))),
            Some(Contest::new(
                || huskarl.lay_answer(),
                |()| huskarl.refresh_and_read(),
            )),
        ]),
        Row::new("discovery document, 2.5 kB").contests([
            Some(Contest::new(nothing, |()| ours.discovery())),
            None,
            Some(Contest::new(nothing, |()| openidconnect::discovery())),
            Some(Contest::new(nothing, |()| huskarl::discovery())),
        ]),
    ];
    let signatures = Signatures::new()?;
    table::print(rows.into_iter().chain(answers.rows()));
    table::print_signed(signatures.rows());
    let (crypto, constant) = (default_provider(), least::constant());
    assert_eq!(
        ours.url_with_values()?.0.as_str(),
        least::url(&*crypto, &constant)
    );
    table::print_least([
        Row::new("authorization URL, values given").contests([
            Some(Contest::new(nothing, |()| ours.url_with_values())),
            Some(Contest::new(nothing, |()| least::url(&*crypto, &constant))),
            Some(Contest::new(nothing, |()| {
                oauth2.url_with_values(state_and_verifier())
            })),
            None,
        ]),
        Row::new("token response").contests([
            Some(Contest::new(nothing, |()| ours.token_response())),
            Some(Contest::new(nothing, |()| least::token_response())),
            Some(Contest::new(nothing, |()| oauth2::token_response())),
            None,
        ]),
    ]);
    Ok(())
}

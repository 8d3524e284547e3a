//! What a result means for the next turn.

use crate::base::time::UnixTime;
use crate::domain::error::Error;
use crate::lease::lease::Moments;
use crate::lease::outcome::Cause;
use crate::lease::outcome::Outcome;
use crate::lease::outcome::Reason;
use crate::lease::terms::Terms;

/// What came of a turn, as far as a scheduler cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a caller with a result of another kind chooses one"
)]
pub enum Settled {
    /// Renewed, and due again then.
    DueAt(UnixTime),
    /// Not renewed, for a reason that says nothing of the issuer. Not before then.
    RetryAt(UnixTime),
    /// The issuer gave no answer, or none that is a verdict: it may be down. Not before then.
    NoVerdict(UnixTime),
    /// Not renewed, and nobody said when to try again.
    Failed,
    /// The issuer refused, for a reason that someone can mend: it works, and the grant is still there.
    Refused,
    /// Nothing renews it: the grant is dropped.
    Over,
    /// The issuer said that it is over: it works, and the grant is dropped.
    Ended,
}

impl Settled {
    /// What the result of a [driver](crate::lease::drive) means.
    ///
    /// A store that failed is `Failed`, and a refusal that someone can mend (a client secret that has
    /// expired, say) is `Refused`, or `Failed` where it is remembered: the grant is still there. Only where
    /// the user has to sign in it is `Ended`, or `Over` where the issuer was not asked.
    pub fn of<E>(result: &Result<Outcome, E>, terms: &Terms) -> Self {
        match result {
            Ok(Outcome::Fresh(tokens) | Outcome::Unsaved(tokens)) => {
                Self::DueAt(Moments::of(tokens, terms).refresh_at)
            }
            Ok(Outcome::Permanent(reason)) => {
                let is_answer = matches!(reason, Reason::Refused(Error::Refused(_)));
                match (reason.needs_sign_in(), is_answer) {
                    (true, true) => Self::Ended,
                    (true, false) => Self::Over,
                    (false, true) => Self::Refused,
                    (false, false) => Self::Failed,
                }
            }
            Ok(
                Outcome::Stale(_, setback)
                | Outcome::Transient(setback)
                | Outcome::Ambiguous(setback),
            ) => match setback.cause {
                Cause::Busy | Cause::HeldBack => Self::RetryAt(setback.until),
                Cause::NoAnswer | Cause::Answer(_) => Self::NoVerdict(setback.until),
            },
            Err(_) => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::Misuse;
    use crate::domain::metadata::Endpoint;
    use crate::domain::refusal::ErrorCode;
    use crate::domain::refusal::Refusal;
    use crate::domain::token::Tokens;
    use crate::lease::outcome::Setback;

    #[test]
    fn each_outcome_has_its_next_turn() {
        let terms = Terms::new();
        let tokens: Tokens = serde_json::from_str(
            r#"{"v":1,"access_token":"acc355","token_type":"Bearer","received_at":1000,
            "expires_at":4600,"refresh_token":"refr35h","client_id":"app"}"#,
        )
        .unwrap();
        let until = UnixTime::from_secs(1_007);
        let because = |cause| Setback { until, cause };
        let setback = || because(Cause::NoAnswer);
        let down = Settled::NoVerdict(until);
        let retry = Settled::RetryAt(until);
        let due = Settled::DueAt(Moments::of(&tokens, &terms).refresh_at);
        let refused = |code| {
            let error = Refusal::new(Endpoint::Token).with_code(Some(code)).into();
            Outcome::Permanent(Reason::Refused(error))
        };
        let unsent = Misuse::NoSigner.into();
        let remembered = |code| Outcome::Permanent(Reason::Remembered(code));
        for (outcome, settled) in [
            (Outcome::Fresh(tokens.clone()), due),
            (Outcome::Unsaved(tokens.clone()), due),
            (Outcome::Stale(tokens.clone(), setback()), down),
            (Outcome::Transient(setback()), down),
            (Outcome::Ambiguous(setback()), down),
            (Outcome::Transient(because(Cause::Busy)), retry),
            (Outcome::Transient(because(Cause::HeldBack)), retry),
            (Outcome::Permanent(Reason::NeedsSignIn), Settled::Over),
            (refused("invalid_grant"), Settled::Ended),
            (refused("invalid_client"), Settled::Refused),
            (Outcome::Permanent(Reason::Refused(unsent)), Settled::Failed),
            (remembered(ErrorCode::InvalidGrant), Settled::Over),
            (remembered(ErrorCode::InvalidClient), Settled::Failed),
        ] {
            assert_eq!(Settled::of(&Ok::<_, ()>(outcome), &terms), settled);
        }
        assert_eq!(Settled::of(&Err(()), &terms), Settled::Failed);
    }
}

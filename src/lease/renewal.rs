//! What renews a lease, as a value: a refresh token, or a grant that is made again (RFC 6749 §1.3 and
//! §1.5, RFC 7523 §2.1, RFC 8628 §3.4, RFC 8693 §2.1).
//!
//! | Renewal | First | Then |
//! | --- | --- | --- |
//! | [`refresh_token`](Renewal::refresh_token) | tokens are there | the refresh token |
//! | [`grant`](Renewal::grant): client credentials, password, an extension | the grant | the grant |
//! | [`jwt_bearer`](Renewal::jwt_bearer) | an assertion | another assertion |
//! | [`exchange`](Renewal::exchange) | the exchange | the exchange |
//! | [`code`](Renewal::code) | the code, once | the refresh token |
//! | [`device`](Renewal::device) | the wait for the user, once | the refresh token |

use std::fmt;
use std::sync::Arc;

use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::error::Expired;
use crate::domain::refusal::ErrorCode;
use crate::domain::refusal::Refusal;
use crate::domain::token::Tokens;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::exchange::TokenExchange;
use crate::endpoint::grant::Grant;
use crate::endpoint::pending_device::PendingDevice;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;
use crate::flow::polling::Polling;

/// What renews a lease.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::endpoint::grant::Grant;
/// use oauth_proto::flow::{Flow, Step};
/// use oauth_proto::lease::lease::Lease;
/// use oauth_proto::lease::renewal::Renewal;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::Token, "https://id.example/token")?;
/// # let client = Client::new(metadata, "my-app", Authentication::client_secret_post("s3cret"))?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let grant = Grant::client_credentials(&client).scope("mail");
/// let mut lease = Lease::obtained_by(Renewal::grant(grant));
/// let Step::Send(request, _sent) = lease.renew(&client)?.begin(now)? else { unreachable!() };
/// assert!(request.body().starts_with(b"grant_type=client_credentials&scope=mail"));
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
pub struct Renewal {
    way: Way,
}

enum Way {
    RefreshToken,
    Grant(Arc<Grant>),
    Assertions(Arc<dyn Assertions>),
    Exchange(Arc<TokenExchange>),
    Code(Box<Grant>),
    Device(Box<PendingDevice>),
}

impl Renewal {
    /// The tokens' own refresh token (RFC 6749 §6). Where a refresh brings no other one, the old one is
    /// kept.
    #[must_use]
    pub const fn refresh_token() -> Self {
        let way = Way::RefreshToken;
        Self { way }
    }

    /// A grant that can be made again and again: client credentials, a user's password, an extension.
    /// A refresh token that comes with it is not used.
    #[must_use]
    pub fn grant(grant: Grant) -> Self {
        let way = Way::Grant(Arc::new(grant));
        Self { way }
    }

    /// JWT assertions (RFC 7523 §2.1), a new one each time.
    #[must_use]
    pub fn jwt_bearer(assertions: Arc<dyn Assertions>) -> Self {
        let way = Way::Assertions(assertions);
        Self { way }
    }

    /// The exchange of another token (RFC 8693 §2.1).
    #[must_use]
    pub fn exchange(exchange: TokenExchange) -> Self {
        let way = Way::Exchange(Arc::new(exchange));
        Self { way }
    }

    /// An authorization code, as [`Grant::authorization_code`] makes of a validated callback: used
    /// once, whatever comes of it ("The client MUST NOT use the authorization code more than once",
    /// RFC 6749 §4.1.2). Then the refresh token.
    #[must_use]
    pub fn code(grant: Grant) -> Self {
        let way = Way::Code(Box::new(grant));
        Self { way }
    }

    /// A user who signs in on another device: waited for once, then the refresh token.
    #[must_use]
    pub fn device(pending: PendingDevice) -> Self {
        let way = Way::Device(Box::new(pending));
        Self { way }
    }

    /// The same for one refresh. What is used once is taken out, and the refresh token takes its place.
    pub(crate) fn for_one_refresh(&mut self) -> Self {
        let way = match &self.way {
            Way::RefreshToken => Way::RefreshToken,
            Way::Grant(grant) => Way::Grant(Arc::clone(grant)),
            Way::Assertions(assertions) => Way::Assertions(Arc::clone(assertions)),
            Way::Exchange(exchange) => Way::Exchange(Arc::clone(exchange)),
            Way::Code(_) | Way::Device(_) => std::mem::replace(&mut self.way, Way::RefreshToken),
        };
        Self { way }
    }

    /// Whether it can renew these tokens, or get the first ones.
    #[must_use]
    pub fn can_renew(&self, tokens: Option<&Tokens>) -> bool {
        match self.way {
            Way::RefreshToken => tokens.is_some_and(|tokens| tokens.refresh_token().is_some()),
            _ => true,
        }
    }

    /// Whether the same request may be sent again where nobody knows what became of it.
    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self.way, Way::Code(_) | Way::Device(_))
    }

    /// Whether this refusal is the end of the grant that it renews by.
    pub(crate) fn is_ended_by(&self, refusal: &Refusal) -> bool {
        matches!(self.way, Way::RefreshToken) && refusal.code() == Some(&ErrorCode::InvalidGrant)
    }

    /// Takes out what is used once.
    pub(crate) fn begin(
        &mut self,
        client: &Client,
        tokens: Option<&Tokens>,
    ) -> Result<Renewing, Error> {
        let stage = match &self.way {
            Way::RefreshToken => {
                let grant = Grant::refresh(client, tokens.ok_or(Expired::Grant)?)?;
                Stage::Granting(Call::new(Arc::new(grant)))
            }
            Way::Grant(grant) => Stage::Granting(Call::new(Arc::clone(grant))),
            Way::Assertions(assertions) => Stage::Asserting(client.clone(), Arc::clone(assertions)),
            Way::Exchange(exchange) => Stage::Exchanging(Call::new(Arc::clone(exchange))),
            Way::Code(_) | Way::Device(_) => return self.begin_once(client),
        };
        Ok(Renewing { stage })
    }

    fn begin_once(&mut self, client: &Client) -> Result<Renewing, Error> {
        let stage = match std::mem::replace(&mut self.way, Way::RefreshToken) {
            Way::Code(grant) => Stage::Granting(Call::new(Arc::new(*grant))),
            Way::Device(pending) => Stage::Polling(Box::new(client.poll(*pending)?)),
            way => {
                self.way = way;
                return Err(Expired::Grant.into());
            }
        };
        Ok(Renewing { stage })
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::RefreshToken => "Renewal(refresh token)",
            Way::Grant(_) => "Renewal(grant)",
            Way::Assertions(_) => "Renewal(assertions)",
            Way::Exchange(_) => "Renewal(exchange)",
            Way::Code(_) => "Renewal(code)",
            Way::Device(_) => "Renewal(device)",
        })
    }
}

/// Where ready assertions come from. Each is used once, at the moment for which it is asked.
pub trait Assertions: Send + Sync {
    /// An assertion that is good at `now`, as it travels.
    ///
    /// # Errors
    ///
    /// Where there is none: the renewal ends with it.
    fn assertion(&self, now: UnixTime) -> Result<Secret, Error>;
}

/// One assertion, for as long as it lasts.
impl Assertions for Secret {
    fn assertion(&self, _now: UnixTime) -> Result<Secret, Error> {
        Ok(self.clone())
    }
}

/// A renewal under way, as a flow. It ends with the new tokens.
#[must_use = "a flow does nothing until it is run"]
pub struct Renewing {
    stage: Stage,
}

enum Stage {
    /// The assertion is not made yet.
    Asserting(Client, Arc<dyn Assertions>),
    Granting(Call<Arc<Grant>>),
    Exchanging(Call<Arc<TokenExchange>>),
    Polling(Box<Polling<PendingDevice>>),
}

impl Renewing {
    /// Whether the new tokens are here, and only the server's keys lack to read them with.
    pub(crate) const fn has_answer(&self) -> bool {
        match &self.stage {
            Stage::Asserting(..) => false,
            Stage::Granting(call) => call.has_answer(),
            Stage::Exchanging(call) => call.has_answer(),
            Stage::Polling(polling) => polling.has_answer(),
        }
    }

    fn granting(call: Call<Arc<Grant>>, (): ()) -> Self {
        let stage = Stage::Granting(call);
        Self { stage }
    }

    fn exchanging(call: Call<Arc<TokenExchange>>, (): ()) -> Self {
        let stage = Stage::Exchanging(call);
        Self { stage }
    }

    fn polling(polling: Polling<PendingDevice>, (): ()) -> Self {
        let stage = Stage::Polling(Box::new(polling));
        Self { stage }
    }

    fn granted(step: Step<Call<Arc<Grant>>>) -> Result<Step<Self>, Error> {
        step.stage((), Self::granting, |tokens, ()| Ok(Step::Done(tokens)))
    }

    fn polled(step: Step<Polling<PendingDevice>>) -> Result<Step<Self>, Error> {
        step.stage((), Self::polling, |tokens, ()| Ok(Step::Done(tokens)))
    }

    fn exchanged(step: Step<Call<Arc<TokenExchange>>>) -> Result<Step<Self>, Error> {
        step.stage((), Self::exchanging, |issued, ()| {
            let tokens = issued.into_tokens().ok_or_else(|| {
                // What is no access token cannot be served as one.
                Violation::new(Check::ExchangeIssuedType).expected("an access token")
            })?;
            Ok(Step::Done(tokens))
        })
    }
}

impl Flow for Renewing {
    type Output = Tokens;
}

impl Machine for Renewing {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Asserting(client, assertions) => {
                let grant = Grant::jwt_bearer(&client, assertions.assertion(now)?)?;
                Self::granted(Call::new(Arc::new(grant)).advance(now)?)
            }
            Stage::Granting(call) => Self::granted(call.advance(now)?),
            Stage::Exchanging(call) => Self::exchanged(call.advance(now)?),
            Stage::Polling(polling) => Self::polled(polling.advance(now)?),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Asserting(..) => self.advance(now),
            Stage::Granting(call) => Self::granted(call.answer(now, response)?),
            Stage::Exchanging(call) => Self::exchanged(call.answer(now, response)?),
            Stage::Polling(polling) => Self::polled(polling.answer(now, response)?),
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Asserting(..) => self.advance(now),
            Stage::Granting(call) => Self::granted(call.signed(now, signature)?),
            Stage::Exchanging(call) => Self::exchanged(call.signed(now, signature)?),
            Stage::Polling(polling) => Self::polled(polling.signed(now, signature)?),
        }
    }

    fn lost(self, now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        match self.stage {
            Stage::Asserting(..) => Ok(None),
            Stage::Granting(call) => call.lost(now)?.map(Self::granted).transpose(),
            Stage::Exchanging(call) => call.lost(now)?.map(Self::exchanged).transpose(),
            Stage::Polling(polling) => polling.lost(now)?.map(Self::polled).transpose(),
        }
    }
}

impl fmt::Debug for Renewing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Asserting(..) => "Renewing(asserting)",
            Stage::Granting(_) => "Renewing(granting)",
            Stage::Exchanging(_) => "Renewing(exchanging)",
            Stage::Polling(_) => "Renewing(polling)",
        })
    }
}

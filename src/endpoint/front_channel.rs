//! The receiver of front-channel logout (OpenID Connect Front-Channel Logout 1.0): a frame of the
//! provider's page opens an address of the application, which ends its session there.

use crate::base::secret;
use crate::base::uri::WebUri;
use crate::domain::client::Client;
use crate::domain::error::Error;
use crate::domain::verdict::Check;
use crate::domain::verdict::Violation;
use crate::endpoint::callback;
use crate::endpoint::callback::said;

/// Which session a front-channel logout request ends.
///
/// The request carries no proof: any page can make a browser open the address. What it can do by that
/// is log its user out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrontChannelLogout {
    /// The one of the browser that asks: the request names none. An application that registered
    /// `frontchannel_logout_session_required` does not act on it.
    OfBrowser,
    /// The one with this `sid` at the client's issuer.
    OfSession(String),
}

impl Client {
    /// Reads a front-channel logout request.
    ///
    /// `received` is the full URL, its path and query, or the query alone. `sid` is the session ID
    /// that the ID token of the browser's session named; none where no session is known, as browsers
    /// send few cookies into frames: the application then looks for the session by the `sid` that comes
    /// out.
    ///
    /// The response "SHOULD include Cache-Control directives keeping the response from being cached".
    ///
    /// ```
    /// # use oauth_proto::base::uri::UriPolicy;
    /// # use oauth_proto::domain::{authentication::Authentication, client::Client};
    /// # use oauth_proto::domain::metadata::Metadata;
    /// use oauth_proto::endpoint::front_channel::FrontChannelLogout;
    ///
    /// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?;
    /// # let client = Client::new(metadata, "my-app", Authentication::None)?;
    /// let received = "/logged-out?iss=https%3A%2F%2Fid.example&sid=08a5019c";
    /// let logout = client.front_channel_logout(received, Some("08a5019c"))?;
    /// assert_eq!(logout, FrontChannelLogout::OfSession("08a5019c".to_owned()));
    /// # Ok::<(), oauth_proto::domain::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Violation`]: `CALLBACK-SIZE`, `CALLBACK-FORM`, `CALLBACK-DUPLICATE`, or one of the
    /// `FRONT-CHANNEL-LOGOUT-…` checks. No session ends then.
    pub fn front_channel_logout(
        &self,
        received: &str,
        sid: Option<&str>,
    ) -> Result<FrontChannelLogout, Error> {
        let parameters = callback::parse(received)?;
        let named = (said(&parameters, "iss"), said(&parameters, "sid"));
        let (received_iss, received_sid) = match named {
            (None, None) => return Ok(FrontChannelLogout::OfBrowser),
            (Some(iss), Some(sid)) => (iss, sid),
            (iss, _) => return Err(half(iss.is_some()).into()),
        };
        self.check_logout_issuer(received_iss)?;
        if let Some(sid) = sid
            && !secret::constant_time_eq(received_sid.as_bytes(), sid.as_bytes())
        {
            let violation = Violation::new(Check::FrontChannelLogoutSid);
            return Err(violation.secrets_differ().into());
        }
        Ok(FrontChannelLogout::OfSession(received_sid.to_owned()))
    }

    fn check_logout_issuer(&self, received: &str) -> Result<(), Violation> {
        let expected = self.metadata().issuer().map(WebUri::as_str);
        if expected == Some(received) {
            return Ok(());
        }
        Err(Violation::new(Check::FrontChannelLogoutIss)
            .expected(expected.unwrap_or("nothing, as the client knows no issuer"))
            .received(received))
    }
}

/// OpenID Connect Front-Channel Logout 1.0 §2: "if either is included, both MUST be".
fn half(has_iss: bool) -> Violation {
    Violation::new(Check::FrontChannelLogoutPair)
        .expected("both `iss` and `sid`, or none")
        .received(if has_iss {
            "`iss` alone"
        } else {
            "`sid` alone"
        })
}

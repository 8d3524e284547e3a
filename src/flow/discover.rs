//! Finding a server's metadata (RFC 8414 §3, OpenID Connect Discovery 1.0 §4).
//!
//! ```text
//!   Asking(form 1) ──nothing there──▶ Asking(form 2) ──nothing there──▶ … ──▶ unsupported
//!        │ found, and complete             │ found
//!        ▼                                 ▼
//!       Done                              Done (merged with what form 1 gave)
//! ```
//!
//! At most three requests. The issuer of a document is compared before anything else is fetched; a
//! document of another issuer ends the flow wherever it lies, as any answer does that is no document.
//!
//! Two things are no error. A redirect is not followed, and says that the document is elsewhere: the
//! next form is asked, and where none has a document the redirect is the error after all. And once a
//! document was found, a further one is a gift: where it is not of another issuer and cannot be used,
//! the flow is done with what was found, and the reason is a finding. A lost answer is neither, and goes
//! back to the caller.

use std::fmt;

use http::Response;

use crate::base::time::UnixTime;
use crate::base::uri::UriPolicy;
use crate::base::uri::WebUri;
use crate::domain::error::Error;
use crate::domain::error::Misuse;
use crate::domain::error::Unsupported;
use crate::domain::metadata::Endpoint;
use crate::domain::metadata::Metadata;
use crate::domain::quirks::Finding;
use crate::domain::verdict::Check;
use crate::endpoint::discovery::MetadataRequest;
use crate::endpoint::discovery::WellKnown;
use crate::flow::Flow;
use crate::flow::Machine;
use crate::flow::Step;
use crate::flow::call::Call;

/// Finds the metadata of an issuer.
///
/// The well-known addresses are asked in the order `openid-configuration`,
/// `oauth-authorization-server`, and, for an issuer with a path, `openid-configuration` in front of
/// it. The first document is enough where it names an authorization and a token endpoint; otherwise
/// the next one is asked for what is missing. What could not be used is in
/// [`Metadata::findings`].
///
/// ```no_run
/// # #[cfg(feature = "ureq")] fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use oauth_proto::flow::discover::Discover;
/// use oauth_proto::transport::ureq;
///
/// let metadata = ureq::run(&ureq::agent(), Discover::new("https://id.example")?)?;
/// # Ok(()) }
/// # #[cfg(not(feature = "ureq"))] fn main() {}
/// ```
#[must_use = "a flow does nothing until it is run"]
pub struct Discover {
    stage: Stage,
}

enum Stage {
    /// Nothing is asked yet.
    Ready(Box<Search>),
    /// One well-known address is asked.
    Asking(Box<Call<MetadataRequest>>, Box<Search>),
}

/// What was found, and where is still to look.
struct Search {
    issuer: WebUri,
    policy: UriPolicy,
    /// Still to be asked, the next one last.
    forms: Vec<WellKnown>,
    found: Option<Metadata>,
    wants_all: bool,
    /// What is asked.
    asked: Option<WellKnown>,
    /// What gave no document, and why.
    failures: Vec<(WellKnown, Error)>,
}

impl Discover {
    /// Finds the metadata of this issuer, by https.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where the issuer is not an https URI without query and fragment.
    pub fn new(issuer: &str) -> Result<Self, Error> {
        Self::with_uri_policy(issuer, UriPolicy::default())
    }

    /// Finds the metadata of this issuer, its addresses held to `policy`.
    ///
    /// # Errors
    ///
    /// [`Misuse::Address`] where the issuer breaks the policy, or has a query or a fragment.
    pub fn with_uri_policy(issuer: &str, policy: UriPolicy) -> Result<Self, Error> {
        let issuer = WebUri::parse_issuer(issuer, policy)
            .map_err(|faults| Misuse::address(issuer, faults))?;
        let search = Search {
            issuer,
            policy,
            forms: vec![
                WellKnown::OpenIdInserted,
                WellKnown::OAuth,
                WellKnown::OpenId,
            ],
            found: None,
            wants_all: false,
            asked: None,
            failures: Vec::new(),
        };
        Ok(Self {
            stage: Stage::Ready(Box::new(search)),
        })
    }

    /// Asks only these well-known addresses, in this order, each once.
    pub fn only(self, forms: impl IntoIterator<Item = WellKnown>) -> Self {
        self.with(|search| {
            search.forms.clear();
            for form in forms {
                if !search.forms.contains(&form) {
                    search.forms.push(form);
                }
            }
            search.forms.reverse();
        })
    }

    /// Asks every well-known address and merges the documents, for a server that splits what it says
    /// of itself. What the first document says stands.
    pub fn merged(self) -> Self {
        self.with(|search| search.wants_all = true)
    }

    fn with(mut self, change: impl FnOnce(&mut Search)) -> Self {
        match &mut self.stage {
            Stage::Ready(search) | Stage::Asking(_, search) => change(search),
        }
        self
    }

    fn asking(call: Call<MetadataRequest>, search: Box<Search>) -> Self {
        Self {
            stage: Stage::Asking(Box::new(call), search),
        }
    }

    fn step(
        step: Step<Call<MetadataRequest>>,
        search: Box<Search>,
        now: UnixTime,
    ) -> Result<Step<Self>, Error> {
        step.stage(search, Self::asking, |found, mut search| {
            search.merge(found);
            search.go_on(now)
        })
    }
}

impl Search {
    fn merge(&mut self, found: Option<Metadata>) {
        match (&mut self.found, found) {
            (Some(own), Some(other)) => own.fill_from(other),
            (own @ None, found) => *own = found,
            (Some(_), None) => {}
        }
    }

    fn go_on(mut self: Box<Self>, now: UnixTime) -> Result<Step<Discover>, Error> {
        if !self.wants_all && self.found.as_ref().is_some_and(is_complete) {
            self.forms.clear();
        }
        while let Some(form) = self.forms.pop() {
            if let Some(address) = form.address(&self.issuer, self.policy) {
                self.asked = Some(form);
                let call = Call::new(MetadataRequest::new(
                    self.issuer.clone(),
                    address,
                    self.policy,
                ));
                return Discover::step(call.advance(now)?, self, now);
            }
        }
        let (issuer, policy) = (&self.issuer, self.policy);
        let mut failures = self.failures.into_iter();
        match self.found {
            Some(metadata) => {
                let finding = |(form, error): (WellKnown, Error)| {
                    let address = form.address(issuer, policy);
                    Finding::UnusedMetadata {
                        address: address.as_ref().map_or("", WebUri::as_str).to_owned(),
                        reason: error.to_string(),
                    }
                };
                Ok(Step::Done(metadata.with_findings(failures.map(finding))))
            }
            None => Err(failures
                .next()
                .map_or(Unsupported::Discovery.into(), |(_, error)| error)),
        }
    }

    /// What is asked gave no document, and not because there is none.
    fn failed(mut self: Box<Self>, error: Error, now: UnixTime) -> Result<Step<Discover>, Error> {
        match error.check() {
            Some(Check::ResponseRedirect) => {}
            Some(Check::MetadataIssuer) => return Err(error),
            _ if self.found.is_none() => return Err(error),
            // What is rejected is followed by no request.
            _ => self.forms.clear(),
        }
        let asked = self.asked.take();
        self.failures.extend(asked.map(|form| (form, error)));
        self.go_on(now)
    }
}

/// Whether a client can sign a user in with it.
fn is_complete(metadata: &Metadata) -> bool {
    [Endpoint::Authorization, Endpoint::Token]
        .into_iter()
        .all(|endpoint| metadata.endpoint(endpoint).is_ok())
}

impl Flow for Discover {
    type Output = Metadata;
}

impl Machine for Discover {
    fn advance(self, now: UnixTime) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Ready(search) => search.go_on(now),
            Stage::Asking(call, search) => Self::step(call.advance(now)?, search, now),
        }
    }

    fn answer(self, now: UnixTime, response: &Response<Vec<u8>>) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Ready(search) => search.go_on(now),
            Stage::Asking(call, search) => match call.answer(now, response) {
                Ok(step) => Self::step(step, search, now),
                Err(error) => search.failed(error, now),
            },
        }
    }

    fn signed(self, now: UnixTime, signature: &[u8]) -> Result<Step<Self>, Error> {
        match self.stage {
            Stage::Ready(search) => search.go_on(now),
            Stage::Asking(call, search) => Self::step(call.signed(now, signature)?, search, now),
        }
    }

    /// A lost answer says nothing about where the document is: the failure goes back to the caller.
    fn lost(self, _now: UnixTime) -> Result<Option<Step<Self>>, Error> {
        Ok(None)
    }
}

impl fmt::Debug for Discover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, search) = match &self.stage {
            Stage::Ready(search) => ("Discover(ready)", search),
            Stage::Asking(_, search) => ("Discover(asking)", search),
        };
        f.debug_struct(name)
            .field("issuer", &search.issuer)
            .finish_non_exhaustive()
    }
}

//! The challenge endpoint of attestation-based client authentication
//! ([draft-ietf-oauth-attestation-based-client-auth-10](https://datatracker.ietf.org/doc/draft-ietf-oauth-attestation-based-client-auth/10/)
//! §6.1): what the next proof must hold.

use std::fmt;

use http::Response;

use crate::base::secret::Secret;
use crate::base::time::UnixTime;
use crate::domain::authentication::Authentication;
use crate::domain::client::Client;
use crate::domain::client_attestation::ClientAttestation;
use crate::domain::error::Error;
use crate::domain::error::Malformed;
use crate::domain::error::Misuse;
use crate::domain::metadata::Endpoint;
use crate::endpoint::Operation;
use crate::endpoint::draft::Draft;
use crate::endpoint::request;
use crate::endpoint::response;

/// Fetches a challenge for an attested client, which keeps it for its next proof.
///
/// "If the Authorization Server offers a challenge endpoint, the Client MUST retrieve a challenge":
/// once, before the first request. Answers of the server then bring the next ones.
///
/// ```
/// # use oauth_proto::base::{time::UnixTime, uri::UriPolicy};
/// # use oauth_proto::domain::{authentication::Authentication, client::Client};
/// # use oauth_proto::domain::metadata::{Endpoint, Metadata};
/// use oauth_proto::crypto::algorithm::Algorithm;
/// use oauth_proto::crypto::signer::Signer;
/// use oauth_proto::domain::client_attestation::ClientAttestation;
/// use oauth_proto::endpoint::Operation;
/// use oauth_proto::endpoint::attestation_challenge::AttestationChallengeRequest;
///
/// # let metadata = Metadata::new("https://id.example", UriPolicy::default())?
/// #     .with_endpoint(Endpoint::AttestationChallenge, "https://id.example/challenge")?;
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let instance_key = Signer::remote("secure-enclave", Algorithm::Es256);
/// let attestation = ClientAttestation::new("eyJ0eXAi.eyJzdWIi.c2ln", instance_key);
/// let client = Client::new(metadata, "my-app", Authentication::attestation(attestation))?;
/// let operation = AttestationChallengeRequest::new(&client)?;
/// let request = operation.request(now)?.into_request()?;
/// assert_eq!(request.uri(), "https://id.example/challenge");
///
/// let answer = http::Response::new(br#"{"attestation_challenge":"AYjcyMzY3ZDhiNmJkNTZ"}"#.to_vec());
/// operation.response(now, &answer)?;
/// # Ok::<(), oauth_proto::domain::error::Error>(())
/// ```
#[must_use = "an operation does nothing until it is called"]
pub struct AttestationChallengeRequest {
    client: Client,
    attestation: ClientAttestation,
}

const ENDPOINT: Endpoint = Endpoint::AttestationChallenge;

impl AttestationChallengeRequest {
    /// Fetches a challenge for this client.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotAttested`] where the client authenticates by no attestation,
    /// [`Unsupported::Endpoint`](crate::domain::error::Unsupported::Endpoint) where the server has no
    /// challenge endpoint.
    pub fn new(client: &Client) -> Result<Self, Error> {
        let Authentication::Attestation(attestation) = client.authentication() else {
            return Err(Misuse::NotAttested.into());
        };
        client.address(ENDPOINT)?;
        Ok(Self {
            client: client.clone(),
            attestation: attestation.clone(),
        })
    }
}

impl Operation for AttestationChallengeRequest {
    type Output = ();

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let mut request = request::get_json(self.client.address(ENDPOINT)?);
        *request.method_mut() = http::Method::POST;
        Ok(Draft::new(request))
    }

    /// Without an `attestation_challenge`, which "is REQUIRED" of servers with challenges for
    /// attestations only, nothing is kept.
    fn response(&self, _now: UnixTime, response: &Response<Vec<u8>>) -> Result<(), Error> {
        response::accept(ENDPOINT, response)?;
        let members = response::read(ENDPOINT, response)?;
        let challenge = members.member("attestation_challenge");
        if let Some(challenge) = challenge.filter(|value| !value.is_null()) {
            let text = challenge.string().map_err(|fault| Malformed {
                endpoint: ENDPOINT,
                fault,
            })?;
            self.attestation.keep(Secret::from(text.into_owned()));
        }
        Ok(())
    }
}

impl fmt::Debug for AttestationChallengeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttestationChallengeRequest")
            .field("client_id", &self.client.client_id())
            .finish_non_exhaustive()
    }
}

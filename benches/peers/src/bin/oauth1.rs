//! A request signed by HMAC-SHA1 (RFC 5849 §3.4.2) beside `oauth1-request`. Prints the table of
//! `benches/README.md`.
//!
//! A `GET` with three parameters in its query. Ours takes any request and signs what is in it;
//! `oauth1-request` takes the parameters, and makes the header and the address out of them.

#[path = "../measure.rs"]
mod measure;

use std::error::Error;
use std::num::NonZeroU64;

use http::Request;
use http::header;
use measure::Contest;
use measure::Cost;
use oauth_proto::base::time::UnixTime;
use oauth_proto::base::uri::UriPolicy;
use oauth_proto::domain::metadata::Metadata;
use oauth_proto::endpoint::Operation;
use oauth_proto::oauth1::client::Client;
use oauth_proto::oauth1::credentials::TokenCredentials;
use oauth_proto::oauth1::method::SignatureMethod;
use oauth_proto::oauth1::signed::SignedRequest;
use oauth1_request::HMAC_SHA1;
use oauth1_request::ParameterList;
use oauth1_request::Token;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const NONCE: &str = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgm";
const ADDRESS: &str = "https://api.example/1.1/search/tweets.json";
const PARAMETERS: [(&str, &str); 3] = [
    ("count", "100"),
    ("lang", "en"),
    ("q", "a request that is signed & sent"),
];
const QUERY: &str = "count=100&lang=en&q=a%20request%20that%20is%20signed%20%26%20sent";

fn main() -> Result<(), Box<dyn Error>> {
    let ours = Ours::new()?;
    let theirs = Token::from_parts("xvz1evFS4wEEPTGEFPHBog", SECRET, TOKEN, TOKEN_SECRET);
    let own = ours.signed(request()?, true)?;
    let (line, address) = by_oauth1_request(&theirs, true);
    assert_eq!(signature(&own), signature(&line));
    assert_eq!(address, format!("{ADDRESS}?{QUERY}"));

    println!("| | oauth-proto | oauth1-request | ours / theirs |");
    println!("| --- | ---: | ---: | ---: |");
    for (name, is_given) in [("nonce and time given", true), ("nonce drawn", false)] {
        let [ours, theirs] = measure::run([
            Some(Contest::new(request, |request| {
                ours.signed(request.ok()?, is_given).ok()
            })),
            Some(Contest::new(
                || (),
                |()| by_oauth1_request(&theirs, is_given),
            )),
        ]);
        let (ours, theirs) = ours.zip(theirs).ok_or("two contestants")?;
        let ratio = ours.nanoseconds / theirs.nanoseconds;
        println!(
            "| {name} | {} | {} | {ratio:.2} |",
            cell(ours),
            cell(theirs)
        );
    }
    Ok(())
}

const SECRET: &str = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw";
const TOKEN: &str = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb";
const TOKEN_SECRET: &str = "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE";

struct Ours {
    client: Client,
    credentials: TokenCredentials,
}

impl Ours {
    fn new() -> Result<Self, Box<dyn Error>> {
        let server = Metadata::without_issuer(UriPolicy::default());
        let method = SignatureMethod::hmac_sha1(SECRET);
        let client = Client::new(server, "xvz1evFS4wEEPTGEFPHBog", method)?.without_version();
        let credentials = serde_json::from_value(serde_json::json!({
            "v": 1, "token": TOKEN, "secret": TOKEN_SECRET, "received_at": 1,
            "consumer_key": client.consumer_key(),
        }))?;
        Ok(Self {
            client,
            credentials,
        })
    }

    /// The value of `Authorization`, in a request that is ready to be sent.
    fn signed(&self, request: Request<Vec<u8>>, is_given: bool) -> Result<String, Box<dyn Error>> {
        let signed = SignedRequest::new(&self.client, request).token(&self.credentials)?;
        let signed = if is_given {
            signed.danger_nonce(NONCE, NOW.as_secs())
        } else {
            signed
        };
        let request = signed.request(NOW)?.into_request()?.into_http();
        let line = request.headers().get(header::AUTHORIZATION);
        Ok(line.ok_or("a header")?.to_str()?.to_owned())
    }
}

fn request() -> Result<Request<Vec<u8>>, Box<dyn Error>> {
    Ok(Request::get(format!("{ADDRESS}?{QUERY}")).body(Vec::new())?)
}

/// The value of `Authorization`, and the address.
fn by_oauth1_request(token: &Token<&str, &str>, is_given: bool) -> (String, String) {
    let parameters = ParameterList::new(PARAMETERS);
    let mut builder = oauth1_request::Builder::with_token(*token, HMAC_SHA1);
    if is_given {
        builder
            .nonce(NONCE)
            .timestamp(NonZeroU64::new(NOW.as_secs()));
    }
    let line = builder.get(ADDRESS, &parameters);
    (
        line,
        oauth1_request::to_query(ADDRESS.to_owned(), &parameters),
    )
}

fn signature(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("oauth_signature=\"")?;
    rest.split('"').next()
}

fn cell(cost: Cost) -> String {
    let (count, bytes) = (cost.allocated.count, cost.allocated.bytes);
    format!("{:.0} ns ({count}, {bytes} B)", cost.nanoseconds)
}

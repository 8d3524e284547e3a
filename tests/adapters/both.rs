//! The two adapters as one thing to test.

use std::error::Error;
#[cfg(feature = "reqwest")]
use std::pin::Pin;
use std::time::Duration;

use http::Method;
use http::Request;
use http::Response;
use oauth_proto::transport;
use oauth_proto::transport::Failure;
use oauth_proto::transport::Options;
use oauth_proto::transport::OptionsError;

/// An adapter to make clients of.
#[derive(Clone, Copy)]
pub(super) struct Adapter {
    pub(super) name: &'static str,
    client: fn(&Options) -> Result<Box<dyn Client>, OptionsError>,
}

/// A client of either kind, made ready.
pub(super) trait Client {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure>;

    /// Lets time pass. What the client does by itself goes on.
    fn rest(&self, time: Duration);
}

impl Adapter {
    pub(super) fn client(self, options: &Options) -> Result<Box<dyn Client>, OptionsError> {
        (self.client)(options)
    }

    pub(super) fn send(
        self,
        options: &Options,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Failure> {
        self.client(options).expect(self.name).send(request)
    }

    pub(super) fn answered(
        self,
        options: &Options,
        request: Request<Vec<u8>>,
    ) -> Response<Vec<u8>> {
        match self.send(options, request) {
            Ok(response) => response,
            Err(failure) => panic!("{}: {failure:?}", self.name),
        }
    }

    /// The failure, which shows nothing of a request by [`secretive`].
    pub(super) fn fails(self, options: &Options, request: Request<Vec<u8>>) -> Failure {
        let name = self.name;
        let failure = match self.send(options, request) {
            Ok(response) => panic!("{name}: {} with {:?}", response.status(), response.body()),
            Err(failure) => failure,
        };
        let mut shown = format!("{failure} {failure:?}");
        let mut source = failure.source();
        while let Some(cause) = source {
            shown.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!shown.contains("s3cret"), "{name}: {shown}");
        failure
    }
}

/// Those of the two that are compiled in.
pub(super) fn each(test: impl Fn(Adapter)) {
    #[cfg(feature = "ureq")]
    test(Adapter {
        name: "ureq",
        client: |options| Ok(Box::new(transport::ureq::Agent::new(options)?)),
    });
    #[cfg(feature = "reqwest")]
    test(Adapter {
        name: "reqwest",
        client: |options| Ok(Box::new(Async::new(options)?)),
    });
}

pub(super) fn get(url: &str) -> Request<Vec<u8>> {
    Request::get(url).body(Vec::new()).unwrap()
}

/// A token request whose query, header and body hold `s3cret`.
pub(super) fn secretive(url: &str) -> Request<Vec<u8>> {
    Request::builder()
        .method(Method::POST)
        .uri(format!("{url}?code=s3cret"))
        .header("authorization", "Basic s3cret")
        .body(b"refresh_token=s3cret".to_vec())
        .unwrap()
}

#[cfg(feature = "ureq")]
impl Client for transport::ureq::Agent {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
        self.send(request)
    }

    fn rest(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// The async client on a runtime of its own.
#[cfg(feature = "reqwest")]
struct Async {
    client: transport::reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

#[cfg(feature = "reqwest")]
impl Async {
    fn new(options: &Options) -> Result<Self, OptionsError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = transport::reqwest::Client::new(options)?;
        Ok(Self { client, runtime })
    }
}

#[cfg(feature = "reqwest")]
impl Client for Async {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
        // That this compiles shows that the future is `Send`.
        let future: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(self.client.send(request));
        self.runtime.block_on(future)
    }

    fn rest(&self, time: Duration) {
        self.runtime.block_on(async {
            tokio::time::sleep(time).await;
        });
    }
}

//! A wire that leads to a provider in memory, and a user with a browser.

use http::Response;
use oauth_proto::base::time::UnixTime;
use oauth_proto::endpoint::request::Request;
use oauth_proto_world::Browser;
use oauth_proto_world::ClientRecord;
use oauth_proto_world::Provider;

pub(crate) struct Memory(Provider);

impl Memory {
    /// `https://id.example`, which knows the public client `loop`.
    pub(crate) fn new() -> Self {
        let record = ClientRecord::public("loop").redirect("https://app.example/callback");
        Self(Provider::new("https://id.example").with(record.scope("mail")))
    }

    pub(crate) fn send(&mut self, now: UnixTime, request: &Request) -> Response<Vec<u8>> {
        self.0.handle(now.as_secs(), request)
    }

    /// The user leaves for `url` and agrees; gives the URL at which the browser is back.
    pub(crate) fn browse(&mut self, now: UnixTime, url: &str) -> String {
        Browser::new().visit(&mut self.0, now.as_secs(), url).url
    }
}

//! An operation of the caller's own, whose draft has holes for signatures.

use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use oauth_proto::base::base64url;
use oauth_proto::base::time::UnixTime;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::signing::SigningInput;
use oauth_proto::domain::error::Error;
use oauth_proto::endpoint::Operation;
use oauth_proto::endpoint::draft::Draft;

/// A body and the holes in it, with what was signed for them.
#[derive(Clone)]
pub(super) struct Holes {
    body: Vec<u8>,
    places: Vec<Place>,
    signed: Vec<Vec<u8>>,
}

#[derive(Clone, Copy)]
enum Place {
    Header(&'static str),
    Body(usize),
}

const URI: &str = "https://own.example/";

impl Holes {
    /// `HOLES|BODY`: `h` and `g` for a hole in a header, a digit for one at an offset of the body, `M`
    /// for the largest offset there is. At most 16.
    pub(super) fn read(line: &[u8]) -> Self {
        let mut parts = line.splitn(2, |&byte| byte == b'|');
        let holes = parts.next().unwrap_or_default();
        let body = parts.next().unwrap_or_default().to_vec();
        let places = holes.iter().take(16).map(|&hole| match hole {
            b'h' => Place::Header("dpop"),
            b'g' => Place::Header("x-signed"),
            b'M' => Place::Body(usize::MAX),
            digit => Place::Body(usize::from(digit.wrapping_sub(b'0'))),
        });
        Self {
            body,
            places: places.collect(),
            signed: Vec::new(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// A signature came; they are asked for in the order of the holes.
    pub(super) fn signed(&mut self, input: &[u8], signature: &[u8]) {
        assert_eq!(input, self.input(self.signed.len()).bytes());
        let compact = [input, b".", base64url::encode(signature).as_bytes()].concat();
        self.signed.push(compact);
    }

    /// The request holds every signature in its place, and nothing else is changed.
    pub(super) fn check(&self, request: &Request<Vec<u8>>) {
        assert_eq!(request.uri(), URI);
        let mut expected: Vec<u8> = Vec::new();
        for at in 0..=self.body.len() {
            for (place, compact) in self.places.iter().zip(&self.signed) {
                if matches!(place, Place::Body(own) if (*own).min(self.body.len()) == at) {
                    expected.extend(compact);
                }
            }
            expected.extend(self.body.get(at));
        }
        assert_eq!(request.body(), &expected);
        for name in ["dpop", "x-signed"] {
            let last = self
                .places
                .iter()
                .zip(&self.signed)
                .rfind(|(place, _)| matches!(place, Place::Header(own) if *own == name));
            let value = request.headers().get(name);
            assert_eq!(
                value.map(HeaderValue::as_bytes),
                last.map(|(_, compact)| compact.as_slice())
            );
            assert!(value.is_none_or(HeaderValue::is_sensitive));
        }
    }

    fn input(&self, at: usize) -> SigningInput {
        // The first body byte decides whether the inputs can stand in a header.
        let input = match self.body.first() {
            Some(b'!') => format!("header\n.payload{at}"),
            _ => format!("header.payload{at}"),
        };
        SigningInput::new("key", Algorithm::Es256, input)
    }
}

impl Operation for Holes {
    type Output = StatusCode;

    fn request(&self, _now: UnixTime) -> Result<Draft, Error> {
        let mut request = Request::new(self.body.clone());
        *request.uri_mut() = http::Uri::from_static(URI);
        let draft = Draft::new(request);
        let holes = self.places.iter().enumerate();
        Ok(holes.fold(draft, |draft, (at, place)| match place {
            Place::Header(name) => {
                draft.with_signed_header(HeaderName::from_static(name), self.input(at))
            }
            Place::Body(offset) => draft.with_signed_body(*offset, self.input(at)),
        }))
    }

    fn response(&self, _now: UnixTime, response: &Response<Vec<u8>>) -> Result<StatusCode, Error> {
        Ok(response.status())
    }
}

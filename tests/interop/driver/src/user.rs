//! The headless user: a browser without a screen and a person without doubts.

use ureq::Agent;
use url::Url;

use crate::failure::Failure;
use crate::failure::fail;
use crate::form::Form;
use crate::form::Kind;
use crate::form::forms;
use crate::jar::Jar;
use crate::wire;
use crate::wire::Answer;

/// More pages than any sign-in has: a server that sends its user in circles is noticed.
const HOPS: usize = 20;

/// Someone with an account, a decision and a cookie jar. A second visit with the same user finds the session of the
/// first; a user of its own is another person on another machine.
pub(crate) struct User {
    agent: Agent,
    jar: Jar,
    login: String,
    denies: bool,
    withheld: Vec<String>,
}

/// How the browser comes back to the client. Nobody has to listen there: the visit ends before it is fetched.
#[derive(Debug)]
pub(crate) enum Landing {
    /// By a redirect: the whole URL, with a query or a fragment.
    Redirect(String),
    /// By a form that the page posts (OAuth 2.0 Form Post Response Mode): the encoded body.
    FormPost(String),
}

/// Where a browser comes to rest.
#[derive(Debug)]
enum End {
    Landing(Landing),
    /// A page that asks nothing: its status and its text.
    Page(u16, String),
}

impl Landing {
    /// The URL of a redirect; a failure for anything else.
    pub(crate) fn url(self) -> Result<String, Failure> {
        match self {
            Self::Redirect(url) => Ok(url),
            Self::FormPost(body) => fail(format!("came back by a posted form: {body}")),
        }
    }
}

impl User {
    /// A user who signs in under this name and agrees to everything.
    pub(crate) fn new(login: &str) -> Self {
        Self {
            agent: wire::agent(),
            jar: Jar::default(),
            login: login.to_owned(),
            denies: false,
            withheld: Vec::new(),
        }
    }

    /// Signs in, but denies consent.
    pub(crate) fn denying(mut self) -> Self {
        self.denies = true;
        self
    }

    /// Consents, but not to this scope.
    pub(crate) fn withholding(mut self, scope: &str) -> Self {
        self.withheld.push(scope.to_owned());
        self
    }

    /// Opens the URL, fills in what is asked, and stops where the client's redirect URI is reached.
    pub(crate) fn visit(&mut self, url: &str, redirect_uri: &str) -> Result<Landing, Failure> {
        match self.browse(url, Some(redirect_uri))? {
            End::Landing(landing) => Ok(landing),
            End::Page(status, text) => {
                fail(format!("a page without a form, status {status}: {text}"))
            }
        }
    }

    /// Opens the URL, fills in what is asked, and stops where nothing more is: the text of the last page.
    pub(crate) fn settle(&mut self, url: &str) -> Result<String, Failure> {
        match self.browse(url, None)? {
            End::Page(200, text) => Ok(text),
            other => fail(format!("expected a last page, found {other:?}")),
        }
    }

    fn browse(&mut self, url: &str, redirect_uri: Option<&str>) -> Result<End, Failure> {
        let arrives = |address: &str| redirect_uri.is_some_and(|uri| leads_to(address, uri));
        let mut here = Url::parse(url)?;
        let mut answer = self.fetch(&here)?;
        for _ in 0..HOPS {
            let location = answer.header("location");
            if (300..400).contains(&answer.status) && !location.is_empty() {
                if arrives(location) {
                    return Ok(End::Landing(Landing::Redirect(location.to_owned())));
                }
                here = here.join(location)?;
                answer = self.fetch(&here)?;
                continue;
            }
            let Some(form) = forms(&answer.body).into_iter().next() else {
                return Ok(End::Page(answer.status, text_of(&answer.body)));
            };
            let body = self.filled(&form);
            if arrives(&form.action) {
                return Ok(End::Landing(Landing::FormPost(body)));
            }
            here = here.join(&form.action)?;
            answer = self.submit(&mut here, &form.method, body)?;
        }
        fail(format!("no end after {HOPS} pages"))
    }

    fn fetch(&mut self, url: &Url) -> Result<Answer, Failure> {
        let answer = wire::get(&self.agent, url.as_str(), &self.headers())?;
        self.remember(&answer);
        Ok(answer)
    }

    fn submit(&mut self, url: &mut Url, method: &str, body: String) -> Result<Answer, Failure> {
        if method != "post" {
            url.set_query(Some(&body));
            return self.fetch(url);
        }
        let answer = wire::post(&self.agent, url.as_str(), &self.headers(), body)?;
        self.remember(&answer);
        Ok(answer)
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let accept = ("accept", "text/html".to_owned());
        let cookie = self.jar.header().map(|cookies| ("cookie", cookies));
        [accept].into_iter().chain(cookie).collect()
    }

    fn remember(&mut self, answer: &Answer) {
        for header in answer.headers.get_all("set-cookie") {
            self.jar.take(header.to_str().unwrap_or_default());
        }
    }

    /// The form as this user sends it: the login name typed into every field, the boxes left as they are unless a
    /// scope is withheld, and one button pressed.
    fn filled(&self, form: &Form) -> String {
        let mut buttons = form
            .fields
            .iter()
            .filter(|field| field.kind == Kind::Submit);
        let first = buttons.clone().next();
        let meant = buttons.find(|field| (field.value == "deny") == self.denies);

        let sent = form.fields.iter().filter_map(|field| {
            let value = match &field.kind {
                Kind::Hidden => &field.value,
                Kind::Typed => &self.login,
                Kind::CheckBox { checked: true } if !self.withheld.contains(&field.value) => {
                    &field.value
                }
                Kind::CheckBox { .. } | Kind::Submit => return None,
            };
            Some((field.name.as_str(), value.as_str()))
        });
        let pressed = meant
            .or(first)
            .map(|field| (field.name.as_str(), field.value.as_str()));
        wire::encode(sent.chain(pressed))
    }
}

/// Whether a browser that goes to this address is at the client's redirect URI, with whatever was added to it.
fn leads_to(address: &str, redirect_uri: &str) -> bool {
    address
        .strip_prefix(redirect_uri)
        .is_some_and(|added| added.is_empty() || added.starts_with(['?', '&', '#']))
}

/// What a page says, for a report: its text without tags and styles, cut short.
fn text_of(page: &str) -> String {
    let body = page.rsplit("</style>").next().unwrap_or_default();
    let mut text = String::new();
    for piece in body.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
        text.push(' ');
    }
    let words: Vec<&str> = text.split_whitespace().take(60).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_redirect_uri_from_its_neighbours() {
        let uri = "https://app.example/callback";
        assert!(leads_to("https://app.example/callback", uri));
        assert!(leads_to("https://app.example/callback?code=1", uri));
        assert!(leads_to("https://app.example/callback#code=1", uri));
        assert!(leads_to(
            "https://app.example/callback?a=b&code=1",
            "https://app.example/callback?a=b"
        ));
        assert!(!leads_to("https://app.example/callback2?code=1", uri));
        assert!(!leads_to("https://app.example.net/callback?code=1", uri));
        assert!(!leads_to("/callback", uri));
    }

    #[test]
    fn presses_one_button_and_checks_the_boxes_it_means() {
        let page = r#"<form><input name="login"><input type="checkbox" name="scope" value="a" checked>
            <input type="checkbox" name="scope" value="b" checked><input type="checkbox" name="scope" value="c">
            <button name="decision" value="allow"><button name="decision" value="deny"></form>"#;
        let form = forms(page).remove(0);
        let user = User::new("ann é");
        assert_eq!(
            user.filled(&form),
            "login=ann+%C3%A9&scope=a&scope=b&decision=allow"
        );
        let user = user.withholding("a").denying();
        assert_eq!(user.filled(&form), "login=ann+%C3%A9&scope=b&decision=deny");
    }
}

//! The few pages a human may see, and the form that brings an authorization response home.

/// The page of OAuth 2.0 Form Post Response Mode §2: a form that submits itself.
pub(crate) fn form_post(action: &str, fields: &[(String, String)]) -> String {
    let fields: String = fields
        .iter()
        .map(|(name, value)| hidden(name, value))
        .collect();
    let action = escape(action);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Back to the application</title></head>\n\
         <body onload=\"javascript:document.forms[0].submit()\">\n\
         <form method=\"post\" action=\"{action}\">{fields}\
         <noscript><button type=\"submit\">Continue</button></noscript></form>\n</body></html>\n"
    )
}

/// The page that asks the user for consent.
pub(crate) fn consent(
    user: &str,
    client: &str,
    scope: &[String],
    action: &str,
    ticket: &str,
) -> String {
    let (user, client, action) = (escape(user), escape(client), escape(action));
    let items: String = scope
        .iter()
        .map(|value| format!("<li>{}</li>", escape(value)))
        .collect();
    let asks = if scope.is_empty() {
        String::new()
    } else {
        format!("<p>It asks for</p>\n<ul>{items}</ul>\n")
    };
    let ticket = hidden("ticket", ticket);
    page(
        "Sign in",
        &format!(
            "<h1>Sign in to {client}</h1>\n{asks}\
             <form method=\"post\" action=\"{action}\">{ticket}\
             <button class=\"main\" name=\"decision\" value=\"allow\">Sign in as {user}</button>\
             <button name=\"decision\" value=\"deny\">Deny</button></form>"
        ),
    )
}

/// The page for a request that cannot be answered by a redirect.
pub(crate) fn error(description: &str) -> String {
    let description = escape(description);
    page(
        "Request refused",
        &format!("<h1>Request refused</h1>\n<p>{description}.</p>"),
    )
}

/// The page of a user who logged out and has nowhere to go back to.
pub(crate) fn logged_out() -> String {
    page(
        "Logged out",
        "<h1>Logged out</h1>\n<p>You are logged out.</p>",
    )
}

fn page(title: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\"><title>{title}</title>\n<style>{STYLE}</style></head>\n\
         <body><main>\n{content}\n</main></body></html>\n"
    )
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --ground: #eef1f5;
  --line: #d5dbe3; --accent: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --paper: #1d232c;
  --ground: #12161c; --line: #36404d; --accent: #4d8df0; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 2rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 1rem; font-size: 1.25rem; overflow-wrap: anywhere; }
p { margin: 0 0 .25rem; overflow-wrap: anywhere; }
ul { margin: 0 0 1.5rem; padding-left: 1.25rem; }
button { display: block; width: 100%; margin-top: .75rem; padding: .7rem 1rem; font: inherit;
  color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .5rem;
  cursor: pointer; }
button.main { color: #fff; background: var(--accent); border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
";

fn hidden(name: &str, value: &str) -> String {
    let (name, value) = (escape(name), escape(value));
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The only form of a page of ours: where it goes, and its hidden fields.
pub(crate) fn read_form(html: &str) -> Option<(String, Vec<(String, String)>)> {
    let (_, rest) = html.split_once("<form method=\"post\" action=\"")?;
    let (action, rest) = rest.split_once('"')?;
    let (form, _) = rest.split_once("</form>")?;
    let mut fields = Vec::new();
    for input in form.split("<input type=\"hidden\" ").skip(1) {
        let (_, rest) = input.split_once("name=\"")?;
        let (name, rest) = rest.split_once("\" value=\"")?;
        let (value, _) = rest.split_once('"')?;
        fields.push((unescape(name), unescape(value)));
    }
    Some((unescape(action), fields))
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_written() {
        let fields = [("state", "a\"b<c>&amp;d"), ("code", "")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let page = form_post("https://app.example/cb?a=1&b=2", &fields);
        assert!(!page.contains("a\"b"));
        let (action, read) = read_form(&page).unwrap();
        assert_eq!(action, "https://app.example/cb?a=1&b=2");
        assert_eq!(read, fields);
        assert_eq!(read_form(&error("no form")), None);
    }
}

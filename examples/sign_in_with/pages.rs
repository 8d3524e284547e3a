//! The pages: what is shown of others is escaped.

use oauth_proto::provider::account::Account;
use oauth_proto::provider::record::Provider;

pub(crate) fn home(providers: &[Provider]) -> String {
    let buttons = providers.iter().map(|provider| {
        let name = escape(provider.name());
        format!(
            "<form method=\"post\" action=\"/login/{name}\">\
             <button id=\"{name}\">Sign in with {name}</button></form>"
        )
    });
    page(&buttons.collect::<String>())
}

pub(crate) fn account(account: &Account, answer: &[u8]) -> String {
    page(&format!(
        "<dl><dt>Provider</dt><dd id=\"provider\">{}</dd>\
         <dt>You are</dt><dd id=\"identifier\">{}</dd>\
         <dt>Its API says</dt><dd id=\"answer\">{}</dd></dl>",
        escape(account.provider()),
        escape(account.identifier()),
        escape(&String::from_utf8_lossy(answer)),
    ))
}

pub(crate) fn failed(told: &str) -> String {
    page(&format!("<p id=\"failed\">{}</p>", escape(told)))
}

fn page(content: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\"><title>Sign in with</title></head>\n\
         <body><main><h1><a href=\"/\">Sign in with</a></h1>\n{content}</main></body></html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

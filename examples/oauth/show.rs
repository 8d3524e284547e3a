//! Results as JSON.

use oauth_proto::domain::quirks::Finding;
use oauth_proto::domain::token::Tokens;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The tokens by the names of RFC 6749 §5.1, with what the client knows of them.
pub(crate) fn tokens(tokens: &Tokens) -> Map<String, Value> {
    let mut line = tokens.members().to_value();
    line.append(&mut described(tokens));
    let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
    put("access_token", json!(tokens.access_token().expose()));
    if let Some(refresh_token) = tokens.refresh_token() {
        put("refresh_token", json!(refresh_token.expose()));
    }
    if let Some(id_token) = tokens.id_token() {
        put("id_token", json!(id_token.text().expose()));
    }
    line
}

/// What the client knows of the tokens: none of them, nor what else came with them.
pub(crate) fn described(tokens: &Tokens) -> Map<String, Value> {
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
    put("token_type", json!(tokens.token_type().as_str()));
    if let Some(expires_at) = tokens.expires_at() {
        let expires_in = expires_at.since(tokens.received_at());
        put("expires_at", json!(expires_at.as_secs()));
        put("expires_in", json!(expires_in.as_secs()));
    }
    if let Some(id_token) = tokens.id_token() {
        put(
            "id_token_claims",
            Value::Object(id_token.claims().members().to_value()),
        );
    }
    put("scope", json!(tokens.scope().as_str()));
    for (name, list) in [
        ("missing_scope", tokens.missing_scope().collect::<Vec<_>>()),
        ("extra_scope", tokens.extra_scope().collect()),
    ] {
        if !list.is_empty() {
            put(name, json!(list));
        }
    }
    if !tokens.resource().is_empty() {
        put("resource", json!(tokens.resource()));
    }
    findings(&mut line, tokens.findings());
    line
}

/// What was tolerated, where something was.
pub(crate) fn findings<'f>(
    line: &mut Map<String, Value>,
    findings: impl IntoIterator<Item = &'f Finding>,
) {
    let texts: Vec<String> = findings.into_iter().map(ToString::to_string).collect();
    if !texts.is_empty() {
        line.insert("findings".to_owned(), json!(texts));
    }
}

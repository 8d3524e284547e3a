//! A cookie jar for one server: name and value, paths and hosts ignored.

use std::collections::BTreeMap;

/// What the server asked its user agent to remember (RFC 6265).
#[derive(Default)]
pub(crate) struct Jar {
    cookies: BTreeMap<String, String>,
}

impl Jar {
    /// Takes one `Set-Cookie` header, which may also delete.
    pub(crate) fn take(&mut self, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|cookie| cookie.split_once('=')) else {
            return;
        };
        if parts.any(deletes) {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The `Cookie` header for the next request, if there is anything to say.
    pub(crate) fn header(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// A cookie is deleted by an expiry in the past. Servers write the first second of 1970, or an age of zero.
fn deletes(attribute: &str) -> bool {
    let Some((name, value)) = attribute.split_once('=') else {
        return false;
    };
    match name.to_ascii_lowercase().as_str() {
        "max-age" => value.parse::<i64>().is_ok_and(|age| age <= 0),
        "expires" => value.contains("1970"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_replaces_and_deletes() {
        let mut jar = Jar::default();
        assert_eq!(jar.header(), None);
        jar.take("a=1; Path=/x; HttpOnly");
        jar.take("b=x=y; Expires=Wed, 01 Jan 2110 00:00:00 GMT");
        jar.take("a=2; max-age=60");
        assert_eq!(jar.header().as_deref(), Some("a=2; b=x=y"));
        jar.take("a=; path=/x; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly");
        assert_eq!(jar.header().as_deref(), Some("b=x=y"));
        jar.take("b=; Max-Age=0");
        assert_eq!(jar.header(), None);
    }
}

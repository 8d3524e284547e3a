//! Parameters of a specification: known by name, each at most once, in the order they were last said.

use std::borrow::Cow;

/// The parameters that a request has beside those with a field of their own.
#[derive(Clone)]
pub(crate) struct Named<V>(Vec<(&'static str, V)>);

impl<V> Named<V> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Says it, in place of what was said before.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<V>) {
        self.0.retain(|(own, _)| *own != name);
        self.0.push((name, value.into()));
    }

    pub(crate) fn value(&self, name: &str) -> Option<&V> {
        let found = self.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| *name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &V)> + Clone {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

impl Named<Cow<'_, str>> {
    /// How much room they take in a form, roughly.
    pub(crate) fn capacity(&self) -> usize {
        let room = |(name, value): (&str, &Cow<'_, str>)| name.len() + value.len() + 8;
        self.iter().map(room).sum()
    }
}

impl<V> Default for Named<V> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_again_is_said_once() {
        let mut named = Named::<Cow<'_, str>>::default();
        named.set("prompt", "login");
        named.set("display", "page");
        named.set("prompt", "none");
        assert_eq!(named.names().collect::<Vec<_>>(), ["display", "prompt"]);
        assert_eq!(named.value("prompt").map(|it| &**it), Some("none"));
        assert_eq!(named.value("max_age"), None);
        assert_eq!(
            named.capacity(),
            "display".len() + 4 + 8 + "prompt".len() + 4 + 8
        );
    }
}

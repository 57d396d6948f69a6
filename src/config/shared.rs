//! One copy of what many clients have in common. A million clients draw their scopes, audiences
//! and contacts from a few thousand texts; each is kept once and counted.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::Hash;

/// Values that are cheap to clone (`Arc`s inside), each kept once.
pub(super) struct Shared<T>(HashSet<T>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Clone + Eq + Hash> Shared<T> {
    /// The value that equals `key`, made by `make` when it is the first of its kind.
    pub(super) fn get<K>(&mut self, key: &K, make: impl FnOnce() -> Option<T>) -> Option<T>
    where
        T: Borrow<K>,
        K: Eq + Hash + ?Sized,
    {
        if let Some(known) = self.0.get(key) {
            return Some(known.clone());
        }
        let value = make()?;
        self.0.insert(value.clone());
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn equal_texts_are_one_allocation_and_refused_ones_are_not_kept() {
        let mut texts: Shared<Arc<str>> = Shared::default();
        let [a, b] = [(); 2].map(|()| texts.get("a", || Some("a".into())));
        assert!(a.zip(b).is_some_and(|(a, b)| Arc::ptr_eq(&a, &b)));
        assert_eq!(texts.get("b", || None), None);
        assert_eq!(texts.get("b", || Some("b".into())).as_deref(), Some("b"));
    }
}

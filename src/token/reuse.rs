//! Tokens that are given out again: `reuse` of a client. Whoever asks for the same within that time
//! gets the token that was made before, so that a thousand copies of a program which start together
//! cost one signature. Of one snapshot, in memory, bounded; nothing is shared with other replicas.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Authorization, SignedToken};
use crate::clock::UnixTime;

/// Most tokens that are kept, 2 KiB each.
const ENTRIES_MAX: usize = 10_000;

/// The tokens of one snapshot that may be given out again.
#[derive(Clone, Default)]
pub struct Reuse {
    tokens: Arc<Mutex<HashMap<String, Kept>>>,
}

struct Kept {
    token: SignedToken,
    /// For how long after it was issued.
    seconds: u32,
}

/// Where the token of an authorization is kept.
pub struct Place {
    reuse: Reuse,
    /// Client, audiences and scopes: all of a request that a token depends on.
    name: String,
    seconds: u32,
}

impl Reuse {
    /// `None` when the client has every token made anew.
    pub fn place(&self, authorization: &Authorization<'_>) -> Option<Place> {
        let (client, reach) = (authorization.client(), authorization.reach());
        let seconds = client.reuse_seconds?;
        let mut name = client.id.to_string();
        // Neither ids nor audiences nor scopes hold a space.
        for part in
            reach.resources().map(|resource| resource.audience.as_str()).chain([reach.scope().as_str()])
        {
            name.push(' ');
            name.push_str(part);
        }
        Some(Place { reuse: self.clone(), name, seconds })
    }
}

impl Place {
    /// The token that is kept here, with what is left of its lifetime.
    pub fn token(&self, now: UnixTime) -> Option<SignedToken> {
        let tokens = self.reuse.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(&self.name).filter(|kept| kept.is_fresh(now))?.token.again(now)
    }

    pub fn keep(&self, token: &SignedToken) {
        let mut tokens = self.reuse.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= ENTRIES_MAX {
            tokens.retain(|_, kept| kept.is_fresh(token.issued_at));
        }
        if tokens.len() < ENTRIES_MAX {
            tokens.insert(self.name.clone(), Kept { token: token.clone(), seconds: self.seconds });
        }
    }

    /// Would the same token do for both?
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.reuse.tokens, &other.reuse.tokens) && self.name == other.name
    }
}

impl Kept {
    /// Never for longer than half of the token's life, and not before it was issued: a clock can be
    /// set back.
    fn is_fresh(&self, now: UnixTime) -> bool {
        let most = self.seconds.min(self.token.lifetime_seconds / 2);
        (0..i64::from(most)).contains(&now.since(self.token.issued_at))
    }
}

/// Tokens are not printed.
impl fmt::Debug for Reuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reuse(..)")
    }
}

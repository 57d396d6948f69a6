//! What people see of decisions on the pages: how many were issued and refused, and for `dev` the last
//! ones. An entry is made of names, numbers and codes; the token itself is not looked at.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::UnixTime;
use crate::issuer::{Decision, Delivery, Outcome};
use crate::oauth::{ErrorCode, Refusal};

/// Decisions that `dev` shows; older ones are forgotten.
pub const RECENT_MAX: usize = 50;
/// Longest text of one field.
const FIELD_CHARACTERS_MAX: usize = 200;

/// Counts since the start, and the last decisions where somebody may see them.
#[derive(Debug, Default)]
pub struct Decisions {
    issued: AtomicU64,
    /// In the order of `ErrorCode::ALL`.
    refused: [AtomicU64; ErrorCode::ALL.len()],
    /// Newest first. `None`: none are kept.
    recent: Option<Mutex<VecDeque<Recent>>>,
}

/// One decision.
#[derive(Clone, Debug)]
pub struct Recent {
    pub at: UnixTime,
    pub request_id: String,
    /// As claimed.
    pub client_id: Option<String>,
    pub method: Option<&'static str>,
    pub answer: Answer,
    pub duration: Duration,
}

#[derive(Clone, Debug)]
pub enum Answer {
    Issued {
        scope: String,
        audience: String,
        lifetime_seconds: u32,
    },
    Refused {
        error: &'static str,
        code: &'static str,
        /// With the cause, which no answer of `serve` tells.
        description: String,
    },
}

impl Decisions {
    pub fn that_keep_the_last() -> Self {
        Self { recent: Some(Mutex::default()), ..Self::default() }
    }

    pub fn note(&self, decision: &Decision, delivery: &Delivery, now: UnixTime) {
        match &decision.outcome {
            Outcome::Issued(_) => {
                self.issued.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Refused(refusal) => self.count_refusal(refusal),
        }
        if let Some(recent) = &self.recent {
            let entry = Recent::of(decision, delivery, now);
            let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.truncate(RECENT_MAX.saturating_sub(1));
            recent.push_front(entry);
        }
    }

    /// All there is to note of a request that nobody read.
    pub fn count_refusal(&self, refusal: &Refusal) {
        let place = ErrorCode::ALL.iter().position(|error| *error == refusal.reason.error);
        if let Some(count) = place.and_then(|place| self.refused.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn issued(&self) -> u64 {
        self.issued.load(Ordering::Relaxed)
    }

    /// The errors that were answered at least once.
    pub fn refused(&self) -> Vec<(&'static str, u64)> {
        let counts = ErrorCode::ALL.iter().zip(&self.refused);
        let counts = counts.map(|(error, count)| (error.as_str(), count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Newest first; `None` when none are kept.
    pub fn recent(&self) -> Option<Vec<Recent>> {
        let recent = self.recent.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(recent.iter().cloned().collect())
    }
}

impl Recent {
    fn of(decision: &Decision, delivery: &Delivery, at: UnixTime) -> Self {
        let record = &decision.record;
        let answer = match &decision.outcome {
            Outcome::Issued(token) => Answer::Issued {
                scope: cut(&token.scope),
                audience: cut(&record.audience),
                lifetime_seconds: token.lifetime_seconds,
            },
            Outcome::Refused(refusal) => Answer::Refused {
                error: refusal.reason.error.as_str(),
                code: refusal.reason.code.id,
                description: cut(&refusal.private_description()),
            },
        };
        Self {
            at,
            request_id: delivery.request_id.clone(),
            client_id: record.client_id.as_ref().map(|id| cut(id.as_str())),
            method: record.method,
            answer,
            duration: delivery.duration,
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(FIELD_CHARACTERS_MAX).collect()
}

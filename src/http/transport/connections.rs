//! How many connections a server has, and the limit on them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Shared by all workers of a server. Each server has its own, so that a flood at the public
/// listener leaves the admin listener open.
#[derive(Debug)]
pub struct Connections {
    open: AtomicUsize,
    most: usize,
    refused: AtomicU64,
    rejections: AtomicU64,
}

/// One admitted connection; its place is free again when this is dropped.
#[derive(Debug)]
pub struct Admission(Arc<Connections>);

impl Connections {
    pub fn at_most(most: usize) -> Arc<Self> {
        Arc::new(Self {
            open: AtomicUsize::new(0),
            most,
            refused: AtomicU64::new(0),
            rejections: AtomicU64::new(0),
        })
    }

    /// `None` when the limit is reached, which is counted.
    pub fn admit(self: &Arc<Self>) -> Option<Admission> {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        let admission = Admission(Arc::clone(self));
        if before < self.most {
            return Some(admission);
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Closed at once because the limit was reached, since the start.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Requests that the guard refused before any handler saw them whole, since the start.
    pub fn rejections(&self) -> u64 {
        self.rejections.load(Ordering::Relaxed)
    }

    pub(super) fn count_rejection(&self) {
        self.rejections.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

//! Reading clients, keys and certificate again: on SIGHUP at once, else when a look at the files
//! shows a change. A whole new snapshot is built on a thread of its own, at low priority, and
//! swapped in as one pointer. Files that are not right, or that a guard holds back, change nothing
//! but metrics and the log; only a key that is withdrawn goes all the same.
//!
//! ```text
//! thread           waits for a signal or the next poll; reads, swaps, frees the old snapshot
//! look             names, sizes, times: anything new to read?
//! guard            a file that may be cut off waits for a second SIGHUP
//! keys_alone       keys that are taken although the client list is not
//! status, report   metrics, log
//! ```

mod guard;
mod keys_alone;
mod look;
mod report;
mod status;
mod thread;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::config::NamedFiles;
use crate::inputs::{Certificate, Contents, Inputs, Rule};
use crate::issuer::{Issuer, IssuerSettings};
use crate::priority;
use thread::Thread;

pub use guard::GuardSettings;
pub use report::report;
pub use status::ReloadStatus;

/// What the reloading thread is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Read the files now, changed or not.
    Now,
    Stop,
}

/// The parts of the server that a reload works on.
pub struct Reloader {
    pub inputs: Inputs,
    pub issuer: IssuerSettings,
    pub rules: Vec<Rule>,
    pub certificate: Option<Certificate>,
    pub current: Arc<ArcSwap<Issuer>>,
    pub clock: Arc<dyn Clock>,
    pub status: Arc<ReloadStatus>,
    pub guard: GuardSettings,
}

impl Reloader {
    /// Starts the thread; what follows the interval is of the snapshot in force. Dropping the sender
    /// stops it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        self,
        poll_interval: Duration,
        contents: Contents,
        end_markers: BTreeMap<String, bool>,
        named_files: NamedFiles,
    ) -> std::io::Result<Sender<Request>> {
        let (sender, receiver) = channel();
        let thread = Thread::new(self, contents, end_markers, named_files);
        std::thread::Builder::new().name("reload".to_owned()).spawn(move || {
            priority::lower();
            thread.run(&receiver, poll_interval);
        })?;
        Ok(sender)
    }
}

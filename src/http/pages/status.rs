//! `/`: who issues, from which list, with which keys; what the last reload did, whose credentials end
//! soon, and what was decided.

use std::sync::Arc;

use askama::Template;

use super::{Frame, Page};
use crate::client::{Expiring, expiring};
use crate::clock::UnixTime;
use crate::http::{Side, State};
use crate::keys::verifiers::duration;
use crate::keys::{KeyStatus, timeline};

/// Credentials that end within this time are shown,
const EXPIRING_SECONDS: i64 = 30 * 86_400;
/// and of them this many; `signet clients list` shows all.
const EXPIRING_MAX: usize = 20;

/// What the pages tell of reloads.
#[derive(Clone, Debug)]
pub struct LastReload {
    /// When the state in force was read.
    pub loaded_at: UnixTime,
    pub attempted_at: UnixTime,
    /// Since the start, which is none.
    pub attempts: u64,
    /// Is what the last attempt read in force?
    pub is_in_force: bool,
    /// The parts that kept it out.
    pub kept_out: Vec<&'static str>,
    /// Of the last attempt that failed: when, and what was found.
    pub failure: Option<Arc<(UnixTime, String)>>,
}

#[derive(Template)]
#[template(path = "status.html", config = "src/http/pages/askama.toml")]
pub struct StatusPage<'a> {
    frame: &'a Frame<'a>,
    clients: usize,
    resources: usize,
    reload: LastReload,
    keys: Vec<KeyStatus<'a>>,
    /// An SVG document that escapes what it holds.
    timeline: String,
    expiring: Vec<Expiring<'a>>,
    expiring_count: usize,
    issued: u64,
    refused: Vec<(&'static str, u64)>,
    now: UnixTime,
}

pub fn page<'a>(frame: &'a Frame<'a>, state: &State, now: UnixTime) -> StatusPage<'a> {
    let issuer = frame.issuer;
    let keyring = issuer.keyring();
    let lifetime = issuer.settings().mint.access_token_lifetime_seconds;
    let (expiring, expiring_count) = expiring(issuer.registry(), now, EXPIRING_SECONDS, EXPIRING_MAX);
    StatusPage {
        frame,
        clients: issuer.registry().client_count(),
        resources: issuer.registry().resources().len(),
        reload: state.status.last_reload(),
        keys: keyring.states(now),
        timeline: timeline::of_keyring(keyring, lifetime, now),
        expiring,
        expiring_count,
        issued: state.decisions.issued(),
        refused: state.decisions.refused(),
        now,
    }
}

impl StatusPage<'_> {
    fn is_admin(&self) -> bool {
        self.frame.side == Side::Admin
    }

    fn count(&self, count: usize, what: &str) -> String {
        format!("{count} {what}{}", if count == 1 { "" } else { "s" })
    }

    fn ago(&self, time: &UnixTime) -> String {
        format!("{} ago", duration(self.now.since(*time)))
    }

    fn ahead(&self, time: &UnixTime) -> String {
        format!("in {}", duration(time.since(self.now)))
    }
}

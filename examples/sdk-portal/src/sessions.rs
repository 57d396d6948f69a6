//! Who is logged in. A session ends after a time without use and after a day's work in any case. It
//! hands out form tokens that work once, which answers forged and replayed forms alike, and keeps the
//! archive of the last click for the minutes of its download. Knows no HTTP.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web::Bytes;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::Clock;

pub const IDLE_SECONDS_MAX: i64 = 30 * 60;
pub const SESSION_SECONDS_MAX: i64 = 8 * 60 * 60;
/// A download that broke off can be repeated for so long; then the secret is gone from here.
pub const PACKAGE_SECONDS_MAX: i64 = 10 * 60;
/// Pages open side by side, each with a form of its own.
const FORMS_MAX: usize = 16;
const SESSIONS_MAX: usize = 10_000;

/// An archive that waits for its download.
#[derive(Clone)]
pub struct Package {
    pub archive: Bytes,
    pub client_id: String,
    pub expires_at: Option<i64>,
    pub made_at: i64,
}

struct Session {
    developer: String,
    begun: i64,
    used: i64,
    forms: VecDeque<String>,
    package: Option<Package>,
}

impl Session {
    fn is_live(&self, now: i64) -> bool {
        now - self.used < IDLE_SECONDS_MAX && now - self.begun < SESSION_SECONDS_MAX
    }
}

pub struct Sessions {
    /// By the digest of the id: a copy of the memory is no set of keys.
    open: Mutex<HashMap<[u8; 32], Session>>,
    clock: Clock,
}

impl Sessions {
    pub fn new(clock: Clock) -> Self {
        Self { open: Mutex::default(), clock }
    }

    /// A new session, and the id that only its browser gets.
    pub fn begin(&self, developer: &str) -> anyhow::Result<String> {
        let (id, now) = (random_text()?, self.clock.now());
        let mut open = self.table();
        if open.len() >= SESSIONS_MAX {
            open.retain(|_, session| session.is_live(now));
        }
        if open.len() >= SESSIONS_MAX
            && let Some(oldest) = open.iter().min_by_key(|(_, session)| session.used).map(|(key, _)| *key)
        {
            open.remove(&oldest);
        }
        let developer = developer.to_owned();
        let session = Session { developer, begun: now, used: now, forms: VecDeque::new(), package: None };
        open.insert(key(&id), session);
        Ok(id)
    }

    pub fn end(&self, id: &str) {
        self.table().remove(&key(id));
    }

    /// Whose session this is, if it is one; that is a use of it.
    pub fn developer(&self, id: &str) -> Option<String> {
        self.with(id, |session| session.developer.clone())
    }

    /// A token for a form of this session.
    pub fn new_form(&self, id: &str) -> Option<String> {
        let form = random_text().ok()?;
        self.with(id, |session| {
            if session.forms.len() >= FORMS_MAX {
                session.forms.pop_front();
            }
            session.forms.push_back(form.clone());
            form
        })
    }

    /// Whether the form is one of this session and was not used before. Now it was.
    pub fn use_form(&self, id: &str, form: &str) -> bool {
        let used = self.with(id, |session| {
            let found = session.forms.iter().position(|known| equal(known, form));
            found.and_then(|position| session.forms.remove(position)).is_some()
        });
        used.unwrap_or(false)
    }

    pub fn keep_package(&self, id: &str, package: Package) {
        self.with(id, |session| session.package = Some(package));
    }

    pub fn package(&self, id: &str) -> Option<Package> {
        let now = self.clock.now();
        self.with(id, |session| {
            session.package.take_if(|package| now - package.made_at >= PACKAGE_SECONDS_MAX);
            session.package.clone()
        })?
    }

    fn with<T>(&self, id: &str, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let now = self.clock.now();
        let mut open = self.table();
        let session = open.get_mut(&key(id))?;
        if !session.is_live(now) {
            open.remove(&key(id));
            return None;
        }
        session.used = now;
        Some(act(session))
    }

    fn table(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 random bits as text.
pub fn random_text() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system has no random numbers"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Compares in constant time.
pub fn equal(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn key(id: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, id.as_bytes()).as_ref());
    key
}

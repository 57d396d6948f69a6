//! Which client went to which developer, one JSON object a line, appended and synced. The token service
//! keeps nothing of the clients that it registers; whoever wants to know writes it down. Never a secret.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub developer: String,
    pub client_id: String,
    pub issued_at: i64,
    /// `None`: it has no end of its own.
    pub expires_at: Option<i64>,
}

impl Record {
    pub fn has_ended(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// What `registration.denied` in `clients.yaml` calls it.
    pub fn client_id_sha256(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, self.client_id.as_bytes()))
    }
}

pub struct Records(Mutex<(File, Vec<Record>)>);

impl Records {
    /// Reads what there is and appends to it from now on.
    ///
    /// # Errors
    /// When the file cannot be read or written, or a line of it is not a record.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let file = OpenOptions::new().create(true).append(true).open(path).with_context(name)?;
        let text = std::fs::read_to_string(path).with_context(name)?;
        let parse = |(number, line): (usize, &str)| {
            serde_json::from_str(line).with_context(|| format!("{}: line {}", path.display(), number + 1))
        };
        let records = text.lines().enumerate().map(parse).collect::<anyhow::Result<Vec<Record>>>()?;
        Ok(Self(Mutex::new((file, records))))
    }

    /// # Errors
    /// When it does not reach the disk; then it is not taken into memory either.
    pub fn append(&self, record: Record) -> anyhow::Result<()> {
        let line = serde_json::to_string(&record)? + "\n";
        let mut inner = self.inner();
        inner
            .0
            .write_all(line.as_bytes())
            .and_then(|()| inner.0.sync_data())
            .context("cannot write the records")?;
        inner.1.push(record);
        Ok(())
    }

    /// Those of one developer, the newest first.
    pub fn of(&self, developer: &str) -> Vec<Record> {
        let inner = self.inner();
        inner.1.iter().rev().filter(|record| record.developer == developer).cloned().collect()
    }

    fn inner(&self) -> MutexGuard<'_, (File, Vec<Record>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

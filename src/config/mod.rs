//! Configuration files → validated values. `load` is the whole of it: files, YAML, raw
//! registrations, rules, and either a `Registry` or findings, all of them at once.

mod beside;
mod client_key_settings;
mod demo;
mod files;
mod fmt;
mod load;
mod locate;
mod pattern;
mod raw;
mod replay_store_settings;
mod revision;
mod schema;
mod settings;
mod settings_file;
mod shared;
mod validate;
mod yaml;

use crate::section::{members, nearest, shown};

pub use beside::{Give, NAMED_FILE_BYTES_MAX, NamedFiles, named_paths, nowhere};
pub use client_key_settings::ClientKeySettings;
pub use demo::{demo_secrets, published_secrets};
pub use files::{FILE_BYTES_MAX, FILES_MAX, is_client_file, read_regular};
pub use fmt::{
    NewClient, NewCredential, NewProof, NewResource, append_client, client_file, client_list, format,
};
pub use load::{
    Content, Loaded, LoadedFile, Options, Progress, client_files, load, load_changed, load_contents,
    load_text, read_source, revision, source,
};
pub use locate::{EntryLines, Line, Lines, locate};
pub use replay_store_settings::{ReplayStoreSettings, StoreUrl, WhenStoreDown};
pub use revision::Revision;
pub use schema::{Table, client_schema, client_tables};
pub use settings::{
    InputSettings, LIFETIME_SECONDS_GOOD, LIFETIME_SECONDS_MAX, LimitSettings, ListenAddress, ReloadSettings,
    TokenSettings, issuer, lifetime, seconds,
};
pub use settings_file::read as read_settings;
pub use yaml::{Receiver, read as read_yaml};

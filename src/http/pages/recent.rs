//! `/requests`: the last decisions of `dev`, newest first. Served to developers on loopback; `serve`
//! keeps no list.

use askama::Template;

use super::{Frame, Page};
use crate::clock::UnixTime;
use crate::http::State;
use crate::http::decisions::{Answer, RECENT_MAX, Recent};
use crate::keys::verifiers::duration;

#[derive(Template)]
#[template(path = "requests.html", config = "src/http/pages/askama.toml")]
pub struct RecentPage<'a> {
    frame: &'a Frame<'a>,
    recent: Vec<Recent>,
    now: UnixTime,
}

pub fn page<'a>(frame: &'a Frame<'a>, state: &State, now: UnixTime) -> RecentPage<'a> {
    RecentPage { frame, recent: state.decisions.recent().unwrap_or_default(), now }
}

impl RecentPage<'_> {
    /// `12:30:05`, of the day in UTC.
    fn clock(&self, entry: &Recent) -> String {
        let text = entry.at.to_string();
        text.get(11..19).unwrap_or(&text).to_owned()
    }

    fn ago(&self, entry: &Recent) -> String {
        duration(self.now.since(entry.at))
    }

    fn milliseconds(&self, entry: &Recent) -> String {
        format!("{:.1}", entry.duration.as_secs_f64() * 1000.0)
    }
}

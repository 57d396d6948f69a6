//! A bar on standard error while a large list is read; it shows itself when that takes long, and
//! never where standard error is no terminal.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::config::Progress;

/// Whoever waits longer wants to know for what.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct ReadingBar {
    bar: ProgressBar,
    started: Instant,
    shown_after: Duration,
    /// Where the bar goes once it is due.
    target: Mutex<Option<ProgressDrawTarget>>,
}

impl ReadingBar {
    pub fn new() -> Arc<Self> {
        Arc::new(Self::on(ProgressDrawTarget::stderr(), SHOWN_AFTER))
    }

    fn on(target: ProgressDrawTarget, shown_after: Duration) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let target = Mutex::new(Some(target));
        Self { bar: bar.with_message("reading clients"), started: Instant::now(), shown_after, target }
    }

    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for ReadingBar {
    fn begin(&self, bytes: u64) {
        self.bar.set_length(bytes);
        // A template that is wrong leaves the usual look.
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} %") {
            self.bar.set_style(style);
        }
    }

    fn reached(&self, bytes: u64) {
        self.bar.set_position(bytes);
        if self.started.elapsed() < self.shown_after {
            return;
        }
        if let Some(target) = self.target.lock().ok().and_then(|mut target| target.take()) {
            self.bar.set_draw_target(target);
            self.bar.tick();
        }
    }
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    /// What is on the screen when a quarter is read, and after the end.
    fn screens(shown_after: Duration) -> (String, String) {
        let terminal = InMemoryTerm::new(24, 60);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bar = ReadingBar::on(target, shown_after);
        bar.begin(4_000);
        bar.reached(1_000);
        let during = terminal.contents();
        bar.clear();
        (during, terminal.contents())
    }

    #[test]
    fn a_reading_that_takes_long_shows_how_far_it_has_come_and_then_wipes_the_bar() {
        let (during, after) = screens(Duration::ZERO);
        assert!(during.starts_with("reading clients ") && during.ends_with(" 25 %"), "{during:?}");
        assert_eq!(after, "");
    }

    #[test]
    fn a_short_reading_shows_nothing() {
        let (during, after) = screens(Duration::from_secs(3_600));
        assert_eq!((during, after), (String::new(), String::new()));
    }
}
